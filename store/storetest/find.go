package storetest

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/inventory"
)

// testFind compares what queries find, and summaries, with what picking it out of all
// components gives, after random updates. It prints where it started from.
func testFind(s *subject) {
	seed := rand.Uint64()
	s.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 2))
	for range 12 {
		for range 4 {
			host := pick(r, "a", "ab", "B")
			d := inventory.Delta{Removes: []string{pick(r, "1", "2")}}
			for range r.IntN(6) {
				d.Upserts = append(d.Upserts, thing(r, host))
			}
			s.put(host, d)
		}
		for range 20 {
			q := someQuery(s, r)
			want := Collect(s, q.Select(s.Components(s.Context(), "")))
			same(s, fmt.Sprintf("what %v finds", q.Parameters()), want, Collect(s, s.Find(s.Context(), q)))
		}
		for _, host := range []string{"a", "ab", "B", "none"} {
			testSummary(s, host)
		}
		if r.IntN(4) == 0 {
			s.reopen()
		}
	}
	for _, err := range s.Find(s.Context(), inventory.Query{Limit: -1}) {
		if err == nil {
			s.Error("a query with a limit below 0 finds something")
		}
	}
}

// testSummary compares the summary of a host with its components.
func testSummary(s *subject, host string) {
	var want inventory.Summary
	for _, c := range Collect(s, s.Components(s.Context(), host)) {
		want.Add(c.Kind, c.Health, 1)
	}
	got, err := s.Summary(s.Context(), host)
	if err != nil {
		s.Error(err)
	}
	same(s, "summary of "+host, want, got)
}

// thing returns a component at random, a fourth of them removed.
func thing(r *rand.Rand, host string) inventory.Component {
	c := component(host, fmt.Sprint(r.IntN(9)), "")
	c.Kind = inventory.Kind(pick(r, "fan", "disk", "memory module"))
	c.Health = inventory.Health(r.IntN(int(inventory.Critical) + 1))
	c.Vendor = pick(r, "", "Dell Inc.", "DELL", "Ärzte\x00x", strings.Repeat("V", 100))
	c.Serial, c.Part = pick(r, "", "S1", "s12", "T"), pick(r, "", "P1", "p1")
	c.Since = moment(r.IntN(5))
	c.Properties = cim.PropertyMap{cim.Prop("Capacity", cim.Uint64(r.Uint64N(3)))}
	if r.IntN(4) == 0 {
		c.Removed = moment(9)
	}
	return c
}

// large is met by components whose Capacity is more than 1.
type large struct{}

// Match looks at one property.
func (large) Match(i *cim.Instance) bool {
	n, _ := i.Get("Capacity").Uint64()
	return n > 1
}

// String is how a condition would be written.
func (large) String() string { return "Capacity > 1" }

func someQuery(s *subject, r *rand.Rand) inventory.Query {
	var q inventory.Query
	for _, p := range []struct {
		name   string
		values []string
	}{
		{"host", []string{"a", "?", "a*", "b", "none"}}, {"kind", []string{"fan", "fan,disk", "battery"}},
		{"health", []string{"ok", "critical,unknown", "warning"}}, {"worse-than", []string{"ok", "unknown", "absent"}},
		{"vendor", []string{"dell*", "dell", "*", "ä*", strings.Repeat("v", 100), strings.Repeat("v", 64)}},
		{"class", []string{"cim_*", "OMC_Fan"}}, {"serial", []string{"s1", "s1*", "?1"}}, {"part", []string{"p*"}},
		{"text", []string{"1", "name of 3"}}, {"sort", []string{"-health", "since,-vendor", "-host", "serial"}}, {"limit", []string{"1", "4"}},
	} {
		if r.IntN(4) > 0 {
			continue
		}
		if err := q.Set(p.name, pick(r, p.values...)); err != nil {
			s.Fatal(err)
		}
	}
	if r.IntN(4) == 0 {
		q.Where = large{}
	}
	if r.IntN(4) == 0 {
		last := thing(r, "ab")
		place := q.Place(&last)
		q.After = &place
	}
	return q
}
