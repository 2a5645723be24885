package store

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/query"
)

func TestSkippedIsWhatIsDecoded(t *testing.T) {
	for _, v := range allValues(t) {
		property := cim.Property{
			Name: "P", Value: v, ClassOrigin: "O", ReferenceClass: "R", ArraySize: 300, Propagated: true,
			Qualifiers: []cim.Qualifier{{Name: "Q", Value: v}},
		}
		c := someComponent(t)
		c.Properties = []cim.Property{property, {Name: "Sought", Value: v}, property, {Name: "sought"}}
		c.Path = cim.InstancePath("root", "CIM_Fan", cim.Key{Name: "K", Value: v}, cim.Key{Name: "L", Value: v})
		record := encodeComponent(&c)
		whole, skipping := decoder{b: record}, decoder{b: record, lends: true}
		var want, got inventory.Component
		whole.head(&want, whole.path)
		skipping.head(&got, skipping.skipPath)
		want.Path = cim.ObjectPath{}
		if diff := cmp.Diff(want, got); diff != "" || len(whole.b) != len(skipping.b) {
			t.Errorf("%v %v: %d bytes are left, want %d (-whole +skipping)\n%s", v.Type(), v, len(skipping.b), len(whole.b), diff)
		}
		whole.mark()
		skipping.mark()
		all, found := whole.properties(0), skipping.propertiesNamed([]string{"SOUGHT", "none"}, nil)
		if len(found) != 2 || !found[0].Equal(all[1]) || !found[1].Equal(all[3]) || len(whole.b) != len(skipping.b) {
			t.Errorf("%v %v: found %v, %d bytes are left, want %d", v.Type(), v, found, len(skipping.b), len(whole.b))
		}
	}
}

// A cut record is an error wherever it is cut, or what is wanted of it stands before.
func TestSearchOfCutRecords(t *testing.T) {
	c := someComponent(t)
	c.Removed = time.Time{}
	c.Properties = append(c.Properties, cim.Prop("Late", cim.Uint16s(7, 8)))
	record := encodeComponent(&c)
	for length := range record {
		for _, l := range lookers(t) {
			fits, err := l.look(record[:length])
			if _, wrong := decodeHead(record[:length]); wrong != nil && err == nil {
				t.Fatalf("of %d bytes there is a head", length)
			}
			if err != nil && (fits || !errors.Is(err, errShort)) {
				t.Fatalf("%d bytes: %v, %v", length, fits, err)
			}
		}
	}
}

// plainly is a condition that does not say which properties it looks at.
type plainly struct{ *query.Where }

func (plainly) Properties() {}

// lookers return those of some queries.
func lookers(t testing.TB) []*looker {
	t.Helper()
	all := []inventory.Query{{}, {Text: "n"}, {Classes: []inventory.Pattern{"cim_*"}}, {AtLeast: inventory.Warning}}
	for _, text := range []string{
		"P > 5", "Late[1] = 8 OR p IS NULL", "NOT (Q LIKE '%a%')", "CIM_Fan.P = 3", "CIM_Fan ISA CIM_Fan",
		"CIM_Fan = CIM_Fan AND P = P", "Inner.P = 1 OR Inner ISA CIM_Fan", "CIM_Fan::P < 'x'", "1 = 1", "missing = Q",
	} {
		where, err := query.ParseWhere("DMTF:CQL", text)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, inventory.Query{Where: where}, inventory.Query{Where: plainly{where}})
	}
	list := make([]*looker, len(all))
	for n := range all {
		list[n] = &looker{finder: newFinder(nil, &all[n])}
	}
	return list
}

// What a search says of a record is what the query says of the component in it.
func FuzzLook(f *testing.F) {
	at := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
	for _, c := range []inventory.Component{
		{},
		{
			ID: "i", Host: "h", Path: cim.InstancePath("root/cimv2", "CIM_Fan", cim.Key{Name: "ID", Value: cim.Uint16(3)}),
			Class: "CIM_Fan", Name: "Fan 1", Health: inventory.Critical, Since: at, Conditions: []inventory.Condition{{Key: "k"}},
			Properties: []cim.Property{
				cim.Prop("P", cim.Uint64(6)), cim.Prop("Late", cim.Uint16s(7, 8)), cim.Prop("p", cim.Uint64(1)),
				cim.Prop("Inner", cim.EmbeddedInstance(cim.NewInstance("CIM_Fan", cim.Prop("P", cim.Sint8(1))))),
			},
		},
		{Class: "OMC_Fan", Removed: at, Properties: []cim.Property{cim.Prop("Q", cim.Strings("a")), cim.Prop("CIM_Fan", cim.Null(cim.TypeReal32))}},
	} {
		f.Add(encodeComponent(&c))
	}
	f.Fuzz(func(t *testing.T, record []byte) {
		c, err := decodeComponent(record)
		for _, l := range lookers(t) {
			fits, wrong := l.look(record)
			if err != nil {
				continue // it may be in what is not looked at
			}
			if want := l.finder.query.Match(&c); wrong != nil || fits != want {
				t.Fatalf("%v: %v, %v, want %v", l.finder.query.Where, fits, wrong, want)
			}
			if !fits {
				continue
			}
			if taken, err := l.component(record); err != nil || !cmp.Equal(c, taken, equal) {
				t.Fatalf("took %v, %v, want %v", taken, err, c)
			}
		}
	})
}
