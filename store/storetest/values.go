package storetest

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/event"
	"github.com/cimwatch/cimwatch/inventory"
)

// testValues keeps a value of every CIM type, at its limits.
func testValues(s *subject) {
	values := cimValues(s)
	c := component("h", "id", "")
	for n, v := range values {
		c.Properties = append(c.Properties, cim.Prop(fmt.Sprintf("P%d", n), v), cim.Prop("Twice", v))
	}
	c.Path = somePath()
	c.Relations = []inventory.Relation{{Kind: inventory.Cools, ID: "other"}, {Kind: inventory.Powers, ID: "\x00"}}
	changes := make([]inventory.Change, len(values))
	for n, v := range values {
		changes[n] = change("h", "id", n)
		changes[n].Old, changes[n].New = v, values[len(values)-1-n]
	}
	s.put("h", inventory.Delta{Upserts: []inventory.Component{c}, Changes: changes})
	s.twice(func() {
		same(s, "component", c, s.component("h", "id"))
		same(s, "changes", changes, Collect(s, s.History(s.Context(), "h", "id")))
	})
}

func somePath() cim.ObjectPath {
	path := cim.InstancePath("root/cimv2", "CIM_Fan",
		cim.Key{Name: "ID", Value: cim.String("1\x00")}, cim.Key{Name: "N", Value: cim.Integer(-5)})
	path.Host = "esx1:5989"
	return path
}

// cimValues are values of all types, at their limits.
func cimValues(t testing.TB) []cim.Value {
	t.Helper()
	instance := cim.NewInstance("CIM_Fan", cim.Prop("Inner", cim.EmbeddedInstance(cim.NewInstance("X"))),
		cim.Prop("Text", cim.String("\x00 \\u0000 \xff")))
	instance.Path = somePath()
	class := &cim.Class{Name: "C", SuperClass: "S", Properties: []cim.Property{cim.Prop("P", cim.Null(cim.TypeUint8))}}
	values := []cim.Value{
		{}, cim.Boolean(true), cim.Boolean(false), cim.String(""), cim.Char16(0), cim.Char16(0xd800), cim.Char16(0xffff),
		cim.Uint8(math.MaxUint8), cim.Uint16(math.MaxUint16), cim.Uint32(math.MaxUint32), cim.Uint64(math.MaxUint64),
		cim.Sint8(math.MinInt8), cim.Sint16(math.MinInt16), cim.Sint32(math.MinInt32), cim.Sint64(math.MinInt64),
		cim.Sint64(math.MaxInt64), cim.Integer(math.MinInt64),
		cim.Real32(math.MaxFloat32), cim.Real32(float32(math.Inf(-1))), cim.Real64(math.NaN()), cim.Real64(math.MaxFloat64),
		cim.Real64(math.Copysign(0, -1)), cim.Real64(math.SmallestNonzeroFloat64),
		cim.Reference(somePath()), cim.Reference(cim.ClassPath("", "C")), cim.Reference(cim.InstancePath("root", "Singleton")),
		cim.EmbeddedInstance(instance), cim.EmbeddedClass(class),
		cim.Strings(), cim.Strings("a", "", "\x00"), cim.ArrayOf(cim.TypeUint8, cim.Uint8(1), cim.Null(cim.TypeUint8)),
		cim.ArrayOf(cim.TypeInstance, cim.EmbeddedInstance(instance)),
	}
	for _, text := range []string{
		"20261120075823.073983+060", "2026112007****.******-300", "99999999235959.999999:000", "00000000000000.000000:000",
		"00010101000000.000000+000", "99991231235959.999999+000",
	} {
		d, err := cim.ParseDateTime(text)
		if err != nil {
			t.Fatal(err)
		}
		values = append(values, d.Value())
	}
	for _, of := range []cim.Type{
		cim.TypeBoolean, cim.TypeString, cim.TypeChar16, cim.TypeUint8, cim.TypeUint16, cim.TypeUint32, cim.TypeUint64,
		cim.TypeSint8, cim.TypeSint16, cim.TypeSint32, cim.TypeSint64, cim.TypeReal32, cim.TypeReal64, cim.TypeDateTime,
		cim.TypeReference, cim.TypeInstance, cim.TypeClass,
	} {
		values = append(values, cim.Null(of), cim.NullArray(of))
	}
	return values
}

// testTexts keeps every text byte for byte: NUL, what is not UTF-8, and what stands for
// either in other notations.
func testTexts(s *subject) {
	texts := []string{
		"\x00", "a\x00b", "\xff\xfe", "\xed\xa0\x80", "�", "␀", `\u0000`, `\\u0000`, `\`, `'"$1%s`, "\r\n\t\x7f\x1b[31m", "e\u0301é", "\u202e", "\U0010ffff",
	}
	var want []inventory.Component
	var changes []inventory.Change
	for n, text := range texts {
		c := component("h", fmt.Sprintf("%02d", n), text)
		for _, field := range []*string{&c.Class, &c.Name, &c.Slot, &c.Vendor, &c.Model, &c.Part, &c.Serial, &c.Firmware, &c.Reason} {
			*field = text
		}
		c.Kind = inventory.Kind(text)
		c.Properties = append(c.Properties, cim.Prop(text, cim.Strings(text, text)))
		c.Conditions = []inventory.Condition{{Key: text, Text: text, Count: 1, Cause: inventory.Cause{Reason: text, Class: text}}}
		c.Cleared = []inventory.Condition{{Key: text, Text: text}, {Key: text, Text: "again"}}
		want = append(want, c)
		x := change("h", c.ID, n)
		x.Name, x.Property, x.Old, x.New, x.Component = text, text, cim.String(text), cim.Strings(text), inventory.Kind(text)
		x.Cause.Reason, x.Cause.Class = text, text
		changes = append(changes, x)
	}
	s.put("h", inventory.Delta{Upserts: want, Changes: changes})
	s.twice(func() {
		same(s, "components", want, Collect(s, s.Components(s.Context(), "h")))
		same(s, "changes", changes, Collect(s, s.History(s.Context(), "h", "")))
	})
}

// testTimes keeps times to the nanosecond, in every year a time has; they come back in UTC.
func testTimes(s *subject) {
	times := []time.Time{
		{}, time.Unix(0, 0), time.Unix(-1, 999_999_999), time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC),
		time.Date(-5000, 1, 1, 0, 0, 0, 1, time.UTC), time.Date(300_000, 1, 1, 0, 0, 0, 1, time.UTC), time.Unix(1<<40, 1),
		time.Date(2026, 11, 20, 8, 0, 0, 1, time.FixedZone("odd", 5*3600+1800)),
	}
	var want []inventory.Component
	var changes []inventory.Change
	for n, at := range times {
		at = at.UTC()
		c := component("h", fmt.Sprintf("%02d", n), "")
		c.Since, c.FirstSeen, c.LastSeen, c.Read = at, at, at, at
		c.Told = inventory.Mark{Received: at, Time: at, Sequence: &event.Sequence{Context: "c", Number: -1}}
		c.Conditions = []inventory.Condition{{
			Key: "k", Severity: event.SeverityMajor, Since: at, Last: at, Count: math.MaxInt32,
			Cause: inventory.Cause{Entry: math.MaxUint64}, Heard: inventory.Mark{Time: at},
		}}
		x := change("h", c.ID, n)
		x.Time = at
		want, changes = append(want, c), append(changes, x)
	}
	given := inventory.Delta{Upserts: append([]inventory.Component{}, want...), Changes: changes}
	for n, at := range times {
		given.Upserts[n].LastSeen = at // in its own zone
	}
	s.put("h", given)
	s.twice(func() {
		same(s, "components", want, Collect(s, s.Components(s.Context(), "h")))
		same(s, "changes", changes, Collect(s, s.History(s.Context(), "h", "")))
	})
}

// testLarge keeps values that are large, and many.
func testLarge(s *subject) {
	c := component("h", "id", strings.Repeat("large \x00 ", 1<<17))
	c.Properties = append(c.Properties, cim.Prop("Array", cim.Uint16s(make([]uint16, 50_000)...)))
	for n := range 2000 {
		c.Properties = append(c.Properties, cim.Prop(fmt.Sprintf("Property%d", n), cim.Uint64(uint64(n))))
	}
	for n := range 64 {
		c.Conditions = append(c.Conditions, inventory.Condition{Key: fmt.Sprint(n), Text: strings.Repeat("x", 4096), Count: n})
	}
	x := change("h", "id", 1)
	x.Instance = c.Instance()
	s.put("h", inventory.Delta{Upserts: []inventory.Component{c}, Changes: []inventory.Change{x}})
	s.twice(func() {
		same(s, "component", c, s.component("h", "id"))
		same(s, "change", []inventory.Change{x}, Collect(s, s.History(s.Context(), "h", "id")))
	})
}

// testChanges keeps changes of all kinds.
func testChanges(s *subject) {
	var want []inventory.Change
	for _, kind := range inventory.ChangeKinds() {
		x := change("h", "id", int(kind))
		x.Kind, x.Severity, x.Health = kind, event.SeverityCritical, inventory.Critical
		if kind == inventory.Appeared {
			c := component("h", "id", "")
			x.Instance = c.Instance()
			x.Instance.Path = somePath()
			x.Relations = []inventory.Relation{{Kind: inventory.Contains, ID: "a"}, {Kind: inventory.Measures, ID: "b"}}
		}
		want = append(want, x)
	}
	want = append(want, inventory.Change{Host: "h", ID: "id"})
	s.put("h", inventory.Delta{Changes: want})
	s.twice(func() { same(s, "changes", want, Collect(s, s.History(s.Context(), "h", "id"))) })
}
