package query_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/query"
)

// isA knows the classes of modification.
func isA(class, ancestor string) bool {
	parents := map[string]string{
		"test_modification": "cim_instmodification", "cim_instmodification": "cim_indication",
		"oem_fan": "cim_fan", "cim_fan": "cim_logicaldevice",
	}
	for c := cim.FoldName(class); c != ""; c = parents[c] {
		if c == cim.FoldName(ancestor) {
			return true
		}
	}
	return false
}

func modification() *cim.Instance {
	moment := cim.Timestamp(time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC))
	fan := cim.NewInstance("OEM_Fan", cim.Prop("HealthState", cim.Uint16(25)),
		cim.Prop("OperationalStatus", cim.Uint16s(6, 3)), cim.Prop("ElementName", cim.String("Fan 1")))
	before := cim.NewInstance("OEM_Fan", cim.Prop("HealthState", cim.Uint16(5)),
		cim.Prop("OperationalStatus", cim.Uint16s(2)))
	return cim.NewInstance("Test_Modification",
		cim.Prop("SourceInstance", cim.EmbeddedInstance(fan)),
		cim.Prop("PreviousInstance", cim.EmbeddedInstance(before)),
		cim.Prop("FanClass", cim.EmbeddedClass(&cim.Class{Name: "OEM_Fan"})),
		cim.Prop("Element", cim.Reference(cim.InstancePath("root/cimv2", "CIM_Fan", cim.Key{Name: "ID", Value: cim.String("f1")}))),
		cim.Prop("Description", cim.String("Assert + Chassis intrusion 100%")),
		cim.Prop("Severity", cim.Uint16(6)),
		cim.Prop("Temperature", cim.Sint32(-5)),
		cim.Prop("Big", cim.Uint64(math.MaxUint64)),
		cim.Prop("Small", cim.Sint64(math.MinInt64)),
		cim.Prop("Reading", cim.Real32(1.5)),
		cim.Prop("NotANumber", cim.Real64(math.NaN())),
		cim.Prop("Letter", cim.Char16('é')),
		cim.Prop("Open", cim.Boolean(true)),
		cim.Prop("EventTime", moment.Value()),
		cim.Prop("Length", cim.Interval(time.Minute).Value()),
		cim.Prop("Unset", cim.Null(cim.TypeString)),
		cim.Prop("WithNull", cim.ArrayOf(cim.TypeString, cim.String("a"), cim.Null(cim.TypeString))),
		cim.Prop("Instmodification", cim.String("shadow")),
	)
}

// Every condition and its negation: true and false swap, unknown matches neither.
func TestMatch(t *testing.T) {
	tests := []struct {
		where string
		want  string // "true", "false" or "unknown"
	}{
		{`Severity = 6`, "true"}, {`6 = severity`, "true"}, {`Severity = 6.0`, "true"}, {`Severity <> 6`, "false"},
		{`Severity < 7`, "true"}, {`Severity < 6`, "false"}, {`Severity <= 6`, "true"}, {`Severity > 5`, "true"},
		{`Severity > 6`, "false"}, {`Severity >= 7`, "false"}, {`Severity >= 6`, "true"}, {`Severity <= 5`, "false"},
		{`Temperature < 0`, "true"}, {`Temperature = -5`, "true"}, {`Temperature < Severity`, "true"},
		{`Big = 18446744073709551615`, "true"}, {`Big = 18446744073709551614`, "false"}, {`Big > Small`, "true"},
		{`Small < Big`, "true"}, {`Small = -9223372036854775808`, "true"},
		{`Reading = 1.5`, "true"}, {`Reading > 1`, "true"}, {`Reading >= 2`, "false"},
		{`NotANumber = NotANumber`, "unknown"}, {`NotANumber < 1`, "unknown"},
		{`Description = 'Assert + Chassis intrusion 100%'`, "true"}, {`Description = 'assert + chassis intrusion 100%'`, "false"},
		{`Description > 'A'`, "true"}, {`Letter = 'é'`, "true"}, {`Letter LIKE '_'`, "true"},
		{`Open = TRUE`, "true"}, {`Open <> true`, "false"}, {`Open > FALSE`, "unknown"}, {`Open = 1`, "unknown"},
		{`Severity = '6'`, "unknown"}, {`Description = 6`, "unknown"},
		{`EventTime = '20261120090000.000000+060'`, "true"}, {`EventTime > '20261120075959.999999+000'`, "true"},
		{`EventTime > 'yesterday'`, "unknown"}, {`'20261120090000.000000+060' > EventTime`, "false"},
		{`Length < '00000000000200.000000:000'`, "true"}, {`Length < EventTime`, "unknown"}, {`Length = EventTime`, "false"},
		{`Unset = 'x'`, "unknown"}, {`Unset <> 'x'`, "unknown"}, {`Missing = 'x'`, "unknown"}, {`Severity = NULL`, "unknown"},
		{`Unset LIKE '%'`, "unknown"}, {`Severity LIKE '%'`, "unknown"}, {`Unset ISA CIM_Fan`, "unknown"},
		{`Unset IS NULL`, "true"}, {`Missing IS NULL`, "true"}, {`Severity IS NULL`, "false"},
		{`Severity IS NOT NULL`, "true"}, {`Unset IS NOT NULL`, "false"},
		{`Severity = 6 AND Unset = 'x'`, "unknown"}, {`Severity = 5 AND Unset = 'x'`, "false"},
		{`Severity = 6 OR Unset = 'x'`, "true"}, {`Severity = 5 OR Unset = 'x'`, "unknown"},
		{`Unset = 'x' AND Severity = 5`, "false"}, {`Unset = 'x' OR Severity = 6`, "true"},
		{`Severity = 5 OR Severity = 6 AND Open = TRUE`, "true"}, {`(Severity = 5 OR Severity = 6) AND Open = FALSE`, "false"},
		{`Severity = 6 OR Severity = 5 AND Open = FALSE`, "true"}, {`(Severity = 6 OR Severity = 5) AND Open = FALSE`, "false"},
		{`SourceInstance.HealthState = 25`, "true"}, {`SourceInstance.HealthState <> PreviousInstance.HealthState`, "true"},
		{`SourceInstance.Missing.Deeper = 1`, "unknown"}, {`Severity.Deeper = 1`, "unknown"},
		{`CIM_InstModification.SourceInstance.HealthState = 25`, "true"},
		{`SourceInstance ISA CIM_LogicalDevice`, "true"}, {`SourceInstance ISA CIM_Memory`, "false"},
		{`FanClass ISA CIM_Fan`, "true"}, {`Element ISA CIM_LogicalDevice`, "true"},
		{`CIM_InstModification ISA Test_Modification`, "true"}, {`CIM_InstModification ISA CIM_AlertIndication`, "false"},
		{`SourceInstance.CIM_Fan::HealthState = 25`, "true"}, {`SourceInstance.CIM_Memory::HealthState = 25`, "unknown"},
		{`SourceInstance.OperationalStatus[*] = PreviousInstance.OperationalStatus[*]`, "false"},
		{`SourceInstance.OperationalStatus = SourceInstance.OperationalStatus[*]`, "true"},
		{`SourceInstance.OperationalStatus[1] = 3`, "true"}, {`SourceInstance.OperationalStatus[2] = 3`, "unknown"},
		{`SourceInstance.OperationalStatus = 6`, "unknown"}, {`SourceInstance.OperationalStatus < 6`, "unknown"},
		{`WithNull = WithNull`, "true"}, {`WithNull = SourceInstance.OperationalStatus`, "false"},
		{`SourceInstance = SourceInstance`, "true"}, {`SourceInstance = PreviousInstance`, "false"}, {`SourceInstance = 'x'`, "unknown"},
		{`Element = 'root/cimv2:CIM_FAN.id="f1"'`, "true"}, {`'root/cimv2:CIM_Fan.ID="f2"' = Element`, "false"},
		{`Element = Element`, "true"}, {`Element = 'no path'`, "unknown"}, {`Element = 1`, "unknown"},
		{`Description LIKE 'Assert%intrusion%'`, "true"}, {`Description LIKE 'assert%'`, "false"},
		{`Description LIKE '%100\%'`, "true"}, {`Description LIKE '%10\%'`, "false"}, {`Description LIKE '%'`, "true"},
		{`Description LIKE '%Chassis%0_'`, "true"}, {`Description LIKE '%n'`, "false"}, {`Description LIKE ''`, "false"},
		{`Description LIKE 'Assert _ Chassis%%'`, "true"}, {`Description NOT LIKE 'Deassert%'`, "true"},
	}
	inst := modification()
	for _, tt := range tests {
		t.Run(tt.where, func(t *testing.T) {
			holds := mustParse(t, "CIM:CQL", `SELECT * FROM CIM_InstModification WHERE `+tt.where)
			fails := mustParse(t, "CIM:CQL", `SELECT * FROM CIM_InstModification WHERE NOT (`+tt.where+`)`)
			got := "unknown"
			switch yes, no := holds.Match(inst, isA), fails.Match(inst, isA); {
			case yes && no:
				got = "both"
			case yes:
				got = "true"
			case no:
				got = "false"
			}
			if got != tt.want {
				t.Errorf("is %s, want %s", got, tt.want)
			}
		})
	}
}

func TestMatchClass(t *testing.T) {
	inst := cim.NewInstance("Test_Modification")
	tests := []struct {
		from string
		isA  func(class, ancestor string) bool
		want bool
	}{
		{"CIM_Indication", isA, true},
		{"TEST_MODIFICATION", isA, true},
		{"CIM_Fan", isA, false},
		{"test_modification", nil, true},
		{"CIM_Indication", nil, false},
	}
	for _, tt := range tests {
		if got := mustParse(t, "WQL", "SELECT * FROM "+tt.from).Match(inst, tt.isA); got != tt.want {
			t.Errorf("FROM %s: Match = %t, want %t", tt.from, got, tt.want)
		}
	}
	if mustParse(t, "WQL", "SELECT * FROM A").Match(nil, isA) {
		t.Error("no instance matches, want no match")
	}
}

// A pattern with many wildcards must not take exponential time.
func TestLikeIsBounded(t *testing.T) {
	inst := cim.NewInstance("A", cim.Prop("x", cim.String(strings.Repeat("a", 5000))))
	for language, pattern := range map[string]string{
		"WQL": strings.Repeat("%a", 200) + "%b", "DMTF:CQL": strings.Repeat(".*a", 200) + "%b",
	} {
		if mustParse(t, language, `SELECT * FROM A WHERE x LIKE "`+pattern+`"`).Match(inst, nil) {
			t.Errorf("%s matches, want no match", language)
		}
	}
}

// TestLikeOfLanguages has patterns that the two languages read differently.
func TestLikeOfLanguages(t *testing.T) {
	tests := []struct {
		pattern, text string
		wql, cql      bool
	}{
		{`29.1`, "29.1", true, true},
		{`29.1`, "2991", false, true},
		{`29\\.1`, "2991", false, false},
		{`29\\.1`, "29.1", false, true},
		{`Fan.*`, "Fan 1", false, true},
		{`Fan.*`, "Fan.*", true, true},
		{`Fan 1*`, "Fan 111", false, true},
		{`Fan 1*`, "Fan ", false, true},
		{`*`, "*", true, true},
		{`a**`, "aa*", false, true},
		{`Assert + %.`, "Assert + Fan", false, true},
		{`a\\b.*`, `a\b.txt`, false, true},
		{`a\\b%`, `a\bx`, true, true},
		{`.%x_`, "ab\nxy", false, true},
		{`%\\%.`, "5%a", false, true},
		{`%\\%.`, "5a", false, false},
		{`(a|b).`, "ax", false, false},
		{`(a|b).`, "(a|b)x", false, true},
	}
	for _, tt := range tests {
		inst := cim.NewInstance("A", cim.Prop("x", cim.String(tt.text)))
		for language, want := range map[string]bool{"WQL": tt.wql, "DMTF:CQL": tt.cql} {
			q := mustParse(t, language, `SELECT * FROM A WHERE x LIKE "`+tt.pattern+`"`)
			if got := q.Match(inst, nil); got != want {
				t.Errorf("%s: %q LIKE %q is %t, want %t", language, tt.text, tt.pattern, got, want)
			}
			if again := mustParse(t, language, q.String()); again.Match(inst, nil) != want {
				t.Errorf("%s: %s is not what %s was", language, again, q)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{
		`SELECT * FROM CIM_AlertIndication`,
		`SELECT a, CIM_Foo.b FROM CIM_Foo WHERE NOT (x = 'a''b' OR y <= -1.5e3) AND z IS NOT NULL`,
		`SELECT * FROM CIM_InstModification WHERE SourceInstance ISA CIM_Fan AND SourceInstance.CIM_Fan::OperationalStatus[*] <> PreviousInstance.X[1]`,
		`SELECT * FROM A WHERE A.A.b LIKE "\%x_%" AND TRUE <> c AND d >= NULL OR e = 0xFF`,
		`SELECT * FROM A WHERE ((((`, "SELECT * FROM \xff", `SELECT * FROM A WHERE a = 'x`,
	} {
		f.Add(text, true)
		f.Add(text, false)
	}
	inst := modification()
	f.Fuzz(func(t *testing.T, text string, wql bool) {
		language := "DMTF:CQL"
		if wql {
			language = "WQL"
		}
		q, err := query.Parse(language, text)
		if err != nil {
			return
		}
		printed := q.String()
		again, err := query.Parse(language, printed)
		if err != nil {
			t.Fatalf("%q was printed as %q: %v", text, printed, err)
		}
		if again.String() != printed {
			t.Fatalf("%q was printed as %q, then as %q", text, printed, again)
		}
		if q.Match(inst, isA) != again.Match(inst, isA) {
			t.Fatalf("%q and %q match differently", text, printed)
		}
	})
}
