package query_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/query"
)

func TestWhere(t *testing.T) {
	module := cim.NewInstance("CIM_PhysicalMemory", cim.Prop("Capacity", cim.Uint64(34359738368)),
		cim.Prop("BankLabel", cim.String("DIMM_A1")), cim.Prop("Speed", cim.Null(cim.TypeUint32)))
	for text, want := range map[string]bool{
		`Capacity >= 34359738368 and BankLabel like "DIMM_A%"`: true,
		`Capacity > 34359738368 or BankLabel like 'DIMM\_B%'`:  false,
		`not (capacity < 1)`:                                         true,
		`Speed is null`:                                              true,
		`Speed > 0 or not Speed > 0`:                                 false,
		`CIM_PhysicalMemory isa CIM_PhysicalMemory`:                  true,
		`CIM_PhysicalMemory isa CIM_Chip`:                            false,
		`CIM_PhysicalMemory::BankLabel = "DIMM_A1"`:                  true,
		`Missing = 1`:                                                false,
		`BankLabel like "DIMM\_A\?" or BankLabel like '\[\*'`:        false,
		`"a[b*c?\\" like "a\[_\*c\?\\\\"`:                            true,
		`BankLabel = "dimm_a1" or BankLabel <> "DIMM_A1" or (1 = 2)`: false,
	} {
		w, err := query.ParseWhere("WQL", text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := w.Match(module); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
		if w.String() != text {
			t.Errorf("String() is %s, want %s", w, text)
		}
		if w.Match(nil) {
			t.Errorf("%s matches nothing at all", text)
		}
	}
}

// TestWhereNamed names what a condition needs, and no classes.
func TestWhereNamed(t *testing.T) {
	w, err := query.ParseWhere("WQL", `Speed > 1 and (SPEED < 9 or not Inner.Deep[2] = Other) and CIM_Chip isa CIM_Chip and CIM_Chip::Tag is null and 1 = 1`)
	if err != nil {
		t.Fatal(err)
	}
	if got := w.Named(); !slices.Equal(got, []string{"Speed", "Inner", "Other", "Tag"}) {
		t.Errorf("properties %q", got)
	}
}

func TestWhereErrors(t *testing.T) {
	for text, description := range map[string]string{
		``:                           `offset 0: found the end, expected a property or a value`,
		`Capacity`:                   `offset 8: found the end, expected a comparison, LIKE, IS or ISA`,
		`Capacity = 1 2`:             `offset 13: found "2", expected AND, OR or the end`,
		`WHERE Capacity = 1`:         `offset 0: found "WHERE", expected a property or a value`,
		`a = "x`:                     `offset 4: `,
		`b = 1 and a like "D[AB]_%"`: `offset 17: found "[" in the pattern "D[AB]_%", expected % for any text and _ for any character, or \[ for the character itself`,
		`a not like 'DIMM*'`:         `offset 11: found "*" in the pattern "DIMM*", expected % for`,
		`a like 'x\\\\?'`:            `offset 7: found "?" in the pattern`,
		strings.Repeat("(", 70):      `offset 64: found more than 64 levels, expected fewer`,
		strings.Repeat(" ", 1<<16+1): `offset 65536: found 65537 bytes, expected at most 65536`,
	} {
		_, err := query.ParseWhere("WQL", text)
		var invalid *cim.Error
		if !errors.As(err, &invalid) || invalid.Status != cim.StatusInvalidQuery || !strings.Contains(err.Error(), description) {
			t.Errorf("%.40s: %v, want %s", text, err, description)
		}
	}
	if _, err := query.ParseWhere("SQL", "a = 1"); err == nil || !strings.Contains(err.Error(), `"SQL", expected WQL`) {
		t.Errorf("SQL: %v", err)
	}
}

// A condition says the same of an instance that has no other properties than those it names.
func TestWhereLooksAtItsProperties(t *testing.T) {
	whole := modification()
	for text, names := range map[string]string{
		"Severity = 6 AND NOT (reading > 2 OR Severity IS NULL)":          "[Severity reading Severity]",
		"SourceInstance.HealthState <> PreviousInstance.HealthState":      "[SourceInstance PreviousInstance]",
		"SourceInstance.OEM_Fan::OperationalStatus[1] = 3":                "[SourceInstance]",
		"Description LIKE 'Assert%' AND Test_Modification::Unset IS NULL": "[Description Unset]",
		"FanClass ISA OEM_Fan OR Missing = Letter":                        "[FanClass Missing Letter]",
		"1 = 1": "[]",
		"Element = 'root/cimv2:CIM_Fan.ID=\"f1\"' AND WithNull[*] = WithNull": "[Element WithNull WithNull]",
	} {
		w, err := query.ParseWhere("DMTF:CQL", text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := fmt.Sprint(w.Properties()); got != names {
			t.Errorf("%s looks at %s, want %s", text, got, names)
		}
		part := cim.NewInstance(whole.Class)
		for _, p := range whole.Properties {
			if slices.ContainsFunc(w.Properties(), func(name string) bool { return cim.EqualNames(name, p.Name) }) {
				part.Properties = append(part.Properties, p)
			}
		}
		if got := w.Match(part); got != w.Match(whole) || !got {
			t.Errorf("%s: %v of what it looks at, %v of the whole", text, got, w.Match(whole))
		}
	}
}
