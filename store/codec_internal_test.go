package store

import (
	"bytes"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/event"
	"github.com/cimwatch/cimwatch/inventory"
)

func reparse(t *testing.T, typ cim.Type, text string) cim.Value {
	t.Helper()
	v, err := cim.ParseValue(typ, text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// allValues are values of all types at their limits.
func allValues(t *testing.T) []cim.Value {
	t.Helper()
	qualifier := cim.Qualifier{Name: "Key", Value: cim.Boolean(true), Flavor: cim.DefaultFlavor, Propagated: true}
	property := cim.Property{
		Name: "P", Value: cim.Uint16s(1, 2), ClassOrigin: "O", ReferenceClass: "R", ArraySize: 2, Propagated: true,
		Qualifiers: []cim.Qualifier{qualifier},
	}
	path := cim.InstancePath("root/cimv2", "CIM_Fan",
		cim.Key{Name: "ID", Value: cim.String("1")}, cim.Key{Name: "N", Value: cim.Integer(-5)})
	path.Host = "esx1:5989"
	instance := cim.NewInstance("CIM_Fan", property, cim.Prop("Inner", cim.EmbeddedInstance(cim.NewInstance("X"))))
	instance.Path, instance.Qualifiers = path, []cim.Qualifier{qualifier}
	class := &cim.Class{
		Name: "C", SuperClass: "S", Path: cim.ClassPath("root", "C"), Properties: []cim.Property{property},
		Methods: []cim.Method{{
			Name: "M", ReturnType: cim.TypeUint32, ClassOrigin: "C", Propagated: true, Qualifiers: []cim.Qualifier{qualifier},
			Parameters: []cim.Parameter{{
				Name: "A", Value: cim.Null(cim.TypeString), ReferenceClass: "R", ArraySize: 1,
				Embedded: cim.EmbeddedAsObject, Qualifiers: []cim.Qualifier{qualifier},
			}},
		}},
		Qualifiers: []cim.Qualifier{qualifier},
	}
	values := []cim.Value{
		{}, cim.Boolean(true), cim.Boolean(false), cim.String(""), cim.String("é\x00\xff"), cim.Char16(0xffff),
		cim.Uint8(math.MaxUint8), cim.Uint16(math.MaxUint16), cim.Uint32(math.MaxUint32), cim.Uint64(math.MaxUint64),
		cim.Sint8(math.MinInt8), cim.Sint16(math.MinInt16), cim.Sint32(math.MinInt32), cim.Sint64(math.MinInt64),
		cim.Sint8(math.MaxInt8), cim.Sint16(math.MaxInt16), cim.Sint32(math.MaxInt32), cim.Sint64(math.MaxInt64),
		cim.Real32(math.MaxFloat32), cim.Real32(float32(math.Inf(-1))), cim.Real64(math.NaN()),
		cim.Real64(math.Copysign(0, -1)), cim.Real64(math.SmallestNonzeroFloat64),
		reparse(t, cim.TypeDateTime, "20261120075823.073983+060"), reparse(t, cim.TypeDateTime, "2026112007****.******-300"),
		reparse(t, cim.TypeDateTime, "99999999235959.999999:000"),
		cim.Integer(math.MinInt64), reparse(t, cim.TypeInteger, "18446744073709551615"),
		cim.Reference(path), cim.Reference(cim.ClassPath("", "C")), cim.Reference(cim.InstancePath("root", "Singleton")),
		cim.EmbeddedInstance(instance), cim.EmbeddedClass(class),
		cim.Strings(), cim.Strings("a", ""), cim.ArrayOf(cim.TypeUint8, cim.Uint8(1), cim.Null(cim.TypeUint8)),
		cim.ArrayOf(cim.TypeInstance, cim.EmbeddedInstance(instance)),
	}
	for _, typ := range typeCodes {
		values = append(values, cim.Null(typ), cim.NullArray(typ))
	}
	return values
}

func TestValuesComeBack(t *testing.T) {
	for _, v := range allValues(t) {
		var e encoder
		e.value(v)
		d := decoder{b: e.b}
		got := d.value(0)
		if err := d.end(); err != nil || !got.Equal(v) {
			t.Errorf("%v %v: got %v %v, %v", v.Type(), v, got.Type(), got, err)
		}
	}
}

func TestLargeArray(t *testing.T) {
	v := cim.Uint16s(make([]uint16, 5000)...)
	var e encoder
	e.value(v)
	d := decoder{b: e.b}
	if got := d.value(0); !got.Equal(v) || d.end() != nil {
		t.Errorf("got %d elements, %v", got.Len(), d.err)
	}
}

// The bytes are what files hold: a change that this test notices needs a new version.
func TestEncodingIsStable(t *testing.T) {
	c := inventory.Change{
		Host: "h", ID: "i", Component: inventory.KindFan, Name: "n", Time: time.Unix(1, 2).UTC(),
		Kind: inventory.PropertyChanged, Property: "p", Old: cim.Uint16(300), New: cim.String("x"),
		Instance: cim.NewInstance("C", cim.Prop("B", cim.Boolean(true))), Known: time.Unix(3, 0).UTC(),
		Relations: []inventory.Relation{{Kind: inventory.Cools, ID: "o"}},
		Severity:  event.SeverityMajor, Health: inventory.OK, Cause: inventory.Cause{Reason: "r", Class: "c", Entry: 9},
	}
	want := "\x02" + "\x01h" + "\x01i" + "\x03fan" + "\x01n" + "\x02\x02" + "\x05" + "\x01p" + "\x05\xac\x02" + "\x02\x01x" +
		"\x01" + "\x01C" + "\x00\x00\x00\x00" + "\x01" + "\x01B\x01\x01\x00" + "\x00" + "\x05\x02" + "\x01r\x01c\x09" +
		"\x06\x00" + "\x01" + "\x05cools\x01o"
	if got := string(encodeChange(&c)); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func someComponent(t *testing.T) inventory.Component {
	t.Helper()
	at := time.Date(2026, 11, 20, 8, 0, 0, 5, time.UTC)
	condition := inventory.Condition{
		Key: "k", Text: "T", Severity: event.SeverityMajor, Since: at, Last: at, Count: 3, Ended: at,
		Cause: inventory.Cause{Reason: inventory.Indication, Class: "X", Entry: 5},
		Heard: inventory.Mark{Received: at, Time: at, Sequence: &event.Sequence{Context: "c", Number: -1}},
	}
	c := inventory.Component{
		ID: "id", Host: "h", Path: cim.InstancePath("root", "CIM_Fan"), Class: "CIM_Fan", Kind: inventory.KindFan,
		Name: "n", Slot: "s", Vendor: "v", Model: "m", Part: "p", Serial: "se", Firmware: "f",
		Health: inventory.Critical, Reason: "r", Since: at, FirstSeen: at, LastSeen: at, Removed: at, Read: at,
		Told:       inventory.Mark{Received: at, Time: at},
		Conditions: []inventory.Condition{condition}, Cleared: []inventory.Condition{condition, condition},
		Relations: []inventory.Relation{{Kind: inventory.Contains, ID: "a"}, {Kind: inventory.Powers, ID: "b"}},
	}
	for _, v := range allValues(t) {
		c.Properties = append(c.Properties, cim.Prop("P", v))
	}
	return c
}

// equal compares records, CIM objects by their own notion of it.
var equal = cmp.Options{
	cmpopts.EquateEmpty(),
	cmp.Comparer(func(a, b cim.Value) bool { return a.Equal(b) }),
	cmp.Comparer(func(a, b cim.ObjectPath) bool { return a.Equal(b) }),
	cmp.Comparer(func(a, b *cim.Instance) bool { return a.Equal(b) }),
}

func TestComponentsComeBack(t *testing.T) {
	for _, want := range []inventory.Component{{}, someComponent(t)} {
		got, err := decodeComponent(encodeComponent(&want))
		if diff := cmp.Diff(want, got, equal); err != nil || diff != "" {
			t.Errorf("%v\n%s", err, diff)
		}
	}
}

func TestHostsComeBack(t *testing.T) {
	at := time.Date(9999, 11, 20, 8, 0, 0, 5, time.UTC)
	want := inventory.Host{
		Name: "n", URL: "u", Interop: "i", Subscription: "s", Error: "e", FirstSeen: at, LastSync: at, LastIndication: at,
	}
	got, err := decodeHost(encodeHost(&want))
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}

func TestBrokenRecords(t *testing.T) {
	component := someComponent(t)
	e := Entry{Received: time.Unix(0, 0), Remote: "r", Sequence: &event.Sequence{Context: "c"}}
	c := newCompressor()
	records := map[string]struct {
		b      []byte
		decode func([]byte) error
	}{
		"component": {encodeComponent(&component), func(b []byte) error { _, err := decodeComponent(b); return err }},
		"change":    {encodeChange(&inventory.Change{Host: "h"}), func(b []byte) error { _, err := decodeChange(b); return err }},
		"host":      {encodeHost(&inventory.Host{Name: "h"}), func(b []byte) error { _, err := decodeHost(b); return err }},
		"entry":     {e.encode(c, 1), func(b []byte) error { _, err := decodeEntry(1, b, c); return err }},
	}
	for name, r := range records {
		t.Run(name, func(t *testing.T) {
			if err := r.decode(r.b); err != nil {
				t.Fatal(err)
			}
			for n := range r.b {
				if r.decode(r.b[:n]) == nil {
					t.Fatalf("the first %d of %d bytes decode", n, len(r.b))
				}
			}
			r.b[0] = 9
			if err := r.decode(r.b); err == nil || !strings.Contains(err.Error(), "version 9") {
				t.Errorf("a later version: %v", err)
			}
			if name != "entry" && r.decode(append([]byte{1}, append(r.b[1:], 0)...)) == nil {
				t.Error("a byte too many decodes")
			}
		})
	}
}

// However deep a host nests values, the record can be read; so deep a file is refused.
func TestDeepNesting(t *testing.T) {
	nests := map[string]func(cim.Value) cim.Value{
		"instances": func(v cim.Value) cim.Value { return cim.EmbeddedInstance(cim.NewInstance("X", cim.Prop("P", v))) },
		"references": func(v cim.Value) cim.Value {
			return cim.Reference(cim.InstancePath("", "X", cim.Key{Name: "K", Value: v}))
		},
		"qualifiers": func(v cim.Value) cim.Value {
			return cim.EmbeddedClass(&cim.Class{Properties: []cim.Property{{Qualifiers: []cim.Qualifier{{Value: v}}}}})
		},
	}
	for name, nest := range nests {
		t.Run(name, func(t *testing.T) {
			v := cim.String("x")
			for range 100 * maxDepth {
				v = nest(v)
			}
			var e encoder
			e.value(v)
			d := decoder{b: e.b}
			if d.value(0); d.end() != nil {
				t.Error(d.err)
			}
		})
	}
	endless := decoder{b: bytes.Repeat([]byte{typeCode(cim.TypeInstance) | formArray, 1}, 10000)}
	if endless.value(0); endless.err == nil || !strings.Contains(endless.err.Error(), "too deep") {
		t.Errorf("a file without end: %v", endless.err)
	}
}

func TestCutMessageID(t *testing.T) {
	tests := []struct{ raw, want string }{
		{`<CIM><MESSAGE ID="17" PROTOCOLVERSION="1.0">x`, `<CIM><MESSAGE ID="|" PROTOCOLVERSION="1.0">x`},
		{`<MESSAGE PROTOCOLVERSION='1.0' ID = '17'>x`, `<MESSAGE PROTOCOLVERSION='1.0' ID = '|'>x`},
		{`<MESSAGE VOID="1" ID="2">`, `<MESSAGE VOID="1" ID="|">`},
		{`<MESSAGE ID="">`, `<MESSAGE ID="|">`},
		{`<MESSAGE ID="2`, `<MESSAGE ID="2|`},
		{`<MESSAGE ID=2>`, `<MESSAGE ID=2>|`},
		{`<MESSAGE ID>`, `<MESSAGE ID>|`},
		{`<MESSAGE ID="2>`, `<MESSAGE ID="2>|`},
		{`<CIM ID="3"/>`, `<CIM ID="3"/>|`},
		{``, `|`},
	}
	for _, tt := range tests {
		before, after := cutMessageID([]byte(tt.raw))
		if got := string(before) + "|" + string(after); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.raw, got, tt.want)
		}
	}
}

func FuzzDecodeComponent(f *testing.F) {
	f.Add(encodeComponent(&inventory.Component{ID: "i", Properties: cim.PropertyMap{cim.Prop("P", cim.Uint16s(1))}}))
	f.Add([]byte{1})
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := decodeComponent(b)
		if err != nil {
			return
		}
		again, err := decodeComponent(encodeComponent(&c))
		if diff := cmp.Diff(c, again, equal); err != nil || diff != "" {
			t.Errorf("%v\n%s", err, diff)
		}
	})
}

func FuzzDecodeChange(f *testing.F) {
	f.Add(encodeChange(&inventory.Change{Old: cim.Real32(1), New: cim.Strings("x"), Instance: cim.NewInstance("C")}))
	f.Add([]byte{1})
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := decodeChange(b)
		if err != nil {
			return
		}
		again, err := decodeChange(encodeChange(&c))
		if diff := cmp.Diff(c, again, equal); err != nil || diff != "" {
			t.Errorf("%v\n%s", err, diff)
		}
	})
}

func FuzzDecodeEntry(f *testing.F) {
	e := Entry{Remote: "r", Sequence: &event.Sequence{Context: "c", Number: 3}, Raw: []byte("<CIM/>")}
	c := newCompressor()
	f.Add(e.encode(c, 7))
	e.Raw, e.Late = bytes.Repeat(e.Raw, 20), true
	f.Add(e.encode(c, 7))
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := decodeEntry(1, b, c)
		if err != nil {
			return
		}
		again, err := decodeEntry(1, e.encode(c, e.hash()), c)
		if diff := cmp.Diff(e, again, cmpopts.EquateEmpty()); err != nil || diff != "" {
			t.Errorf("%v\n%s", err, diff)
		}
	})
}

func FuzzCutMessageID(f *testing.F) {
	f.Add([]byte(`<MESSAGE ID="1">`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		before, after := cutMessageID(raw)
		if len(before)+len(after) > len(raw) || !strings.HasSuffix(string(raw), string(after)) {
			t.Errorf("%q: %q and %q", raw, before, after)
		}
	})
}
