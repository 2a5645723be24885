package inventory_test

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/query"
)

// fleet is some components of two hosts, by host and ID.
func fleet() []inventory.Component {
	module := func(host, id, serial string, capacity uint64, health inventory.Health) inventory.Component {
		return inventory.Component{
			Host: host, ID: id, Class: "CIM_PhysicalMemory", Kind: inventory.KindMemoryModule, Name: "DIMM " + id,
			Vendor: "Micron/Crucial", Part: "MTA36", Serial: serial, Health: health,
			Properties: cim.PropertyMap{cim.Prop("Capacity", cim.Uint64(capacity))},
		}
	}
	disk := inventory.Component{
		Host: "esx1", ID: "d", Class: "VMware_StorageExtent", Kind: inventory.KindDisk, Name: "Disk 3",
		Vendor: "SEAGATE", Model: "ST300MM0006", Serial: "S0K3TX9N", Firmware: "LS0A", Health: inventory.Critical,
		Since: time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC),
	}
	gone := disk
	gone.ID, gone.Removed = "e", disk.Since
	return []inventory.Component{
		module("esx1", "a", "11AA", 1<<34, inventory.OK), module("esx1", "b", "11BB", 1<<35, inventory.Warning), disk, gone,
		module("esx2", "a", "22AA", 1<<35, inventory.OK), module("esx2", "c", "", 1<<35, inventory.Unknown),
	}
}

// sequence yields components, and at the end an error when there is one.
func sequence(components []inventory.Component, err error) iter.Seq2[inventory.Component, error] {
	return func(yield func(inventory.Component, error) bool) {
		for _, c := range components {
			if !yield(c, nil) {
				return
			}
		}
		if err != nil {
			yield(inventory.Component{}, err)
		}
	}
}

// selected returns host and ID of what a query selects.
func selected(t interface{ Fatal(args ...any) }, q *inventory.Query) []string {
	var found []string
	for c, err := range q.Select(sequence(fleet(), nil)) {
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, c.Host+"/"+c.ID)
	}
	return found
}

// parameters makes a query of words such as kind=disk.
func parameters(t testing.TB, words ...string) inventory.Query {
	t.Helper()
	var q inventory.Query
	for _, word := range words {
		name, value, _ := strings.Cut(word, "=")
		if err := q.Set(name, value); err != nil {
			t.Fatalf("%s: %v", word, err)
		}
	}
	return q
}

func TestQuery(t *testing.T) {
	for words, want := range map[string]string{
		"":                                "esx1/a esx1/b esx1/d esx2/a esx2/c",
		"host=ESX2":                       "esx2/a esx2/c",
		"host=*2,nothing":                 "esx2/a esx2/c",
		"host=esx":                        "",
		"host=esx?":                       "esx1/a esx1/b esx1/d esx2/a esx2/c",
		"kind=disk":                       "esx1/d",
		"kind=disk,Memory-Module":         "esx1/a esx1/b esx1/d esx2/a esx2/c",
		"health=warning,unknown":          "esx1/b esx2/c",
		"health=CRITICAL|health=critical": "esx1/d",
		"worse-than=ok":                   "esx1/b esx1/d",
		"worse-than=ok|health=ok":         "",
		"worse-than=unknown":              "esx1/a esx1/b esx1/d esx2/a",
		"vendor=seagate":                  "esx1/d",
		"vendor=micron*|vendor=seagate":   "esx1/a esx1/b esx1/d esx2/a esx2/c",
		"class=vmware_*":                  "esx1/d",
		"class=CIM_Memory":                "",
		"serial=11*":                      "esx1/a esx1/b",
		"serial=??aa":                     "esx1/a esx2/a",
		"serial=22aa|part=mta*":           "esx2/a",
		"part=MTA":                        "",
		"text=mm0006":                     "esx1/d",
		"text=ls0a":                       "esx1/d",
		"text=dimm b":                     "esx1/b",
		"text=22a":                        "esx2/a",
		"text=mta|limit=2":                "esx1/a esx1/b",
		"sort=-health":                    "esx1/d esx1/b esx1/a esx2/a esx2/c",
		"sort=health,-host|limit=2":       "esx2/c esx2/a",
		"sort=serial":                     "esx2/c esx1/a esx1/b esx2/a esx1/d",
		"sort=-since|limit=1":             "esx1/d",
		"limit=1":                         "esx1/a",
	} {
		q := parameters(t, slices.DeleteFunc(strings.Split(words, "|"), func(w string) bool { return w == "" })...)
		if got := strings.Join(selected(t, &q), " "); got != want {
			t.Errorf("%s: %s, want %s", words, got, want)
		}
	}
}

func TestQueryWhere(t *testing.T) {
	where, err := query.ParseWhere("WQL", "Capacity >= 34359738368")
	if err != nil {
		t.Fatal(err)
	}
	q := inventory.Query{Where: where, Healths: []inventory.Health{inventory.OK, inventory.Warning}}
	if got := fmt.Sprint(selected(t, &q)); got != "[esx1/b esx2/a]" {
		t.Error(got)
	}
}

func TestQuerySetErrors(t *testing.T) {
	for word, want := range map[string]string{
		"colour=red":                         `no parameter "colour": choose from host, kind, health, worse-than, vendor, class, serial, part, text, sort, limit, after`,
		"kind=disk3":                         `no kind "disk3": choose from battery, board, chassis, `,
		"kind=" + strings.Repeat("x", 513):   `no kind "xxx`,
		"kind=":                              `no kind "": choose from `,
		"health=bad":                         `no health "bad": choose from unknown, absent, ok, warning, critical`,
		"worse-than=Critical":                `no health worse than "Critical": choose from unknown, absent, ok, warning`,
		"worse-than=fine":                    `no health "fine": choose from unknown, `,
		"sort=name,size":                     `no sort key "size": choose from host, kind, name, health, since, `,
		"sort=--name":                        `no sort key "--name": choose from host, `,
		"limit=0":                            `"0" is no limit: give a number from 1 on`,
		"limit=-1":                           `"-1" is no limit: `,
		"limit=many":                         `"many" is no limit: `,
		"host=a,,b":                          `a pattern is empty: `,
		"vendor=" + strings.Repeat("x", 513): `a pattern has 513 bytes: at most 512 are allowed`,
		"text=" + strings.Repeat("x", 513):   `the text has 513 bytes: at most 512 are allowed`,
		"host=" + strings.Repeat("a,", 65):   `more than 64 values: at most 64 are allowed`,
		"sort=" + strings.Repeat("id,", 65):  `more than 64 values: at most 64 are allowed`,
		"after=x":                            `this is no place to go on from: `,
		"after=AWE":                          `this is no place to go on from: `,
	} {
		var q inventory.Query
		name, value, _ := strings.Cut(word, "=")
		if err := q.Set(name, value); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%.80s: %v, want %s", word, err, want)
		}
	}
}

func TestQueryCheck(t *testing.T) {
	for want, q := range map[string]inventory.Query{
		"no health 9":               {Healths: []inventory.Health{9}},
		"no health 5":               {AtLeast: 5},
		`no sort key "size"`:        {Sort: []inventory.Order{{Key: "size"}}},
		"the limit is -1: ":         {Limit: -1},
		"this is no place to go on": {After: &inventory.Place{Keys: []string{"x"}}},
	} {
		for _, err := range q.Select(sequence(fleet(), nil)) {
			if err == nil || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("%v, want %s", err, want)
			}
		}
		if err := q.Check(); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// What is read before an error is yielded where the order allows it, and nothing after it.
func TestQueryPassesErrorsOn(t *testing.T) {
	broken := errors.New("broken")
	for sort, want := range map[string]int{"": 5, "name": 0} {
		var q inventory.Query
		if sort != "" {
			q = parameters(t, "sort="+sort)
		}
		count, last := 0, error(nil)
		for _, err := range q.Select(sequence(fleet(), broken)) {
			if last = err; err == nil {
				count++
			}
		}
		if count != want || !errors.Is(last, broken) {
			t.Errorf("sorted by %q: %d components, %v", sort, count, last)
		}
	}
}

// someQuery draws a query that Set can make.
func someQuery(t *rapid.T) inventory.Query {
	var q inventory.Query
	values := map[string][]string{
		"host": {"esx1", "*2", "*", "x"}, "kind": {"disk", "memory module", "fan"}, "health": {"ok", "warning", "critical", "unknown"},
		"worse-than": {"unknown", "absent", "ok", "warning"}, "vendor": {"seagate", "m*", "?*"}, "class": {"*memory", "VMware_StorageExtent"},
		"serial": {"11*", "*"}, "part": {"mta36"}, "text": {"disk", "a", "1"}, "sort": {"-health", "name", "serial,-id", "host"}, "limit": {"1", "2", "9"},
	}
	for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom(inventory.ParameterNames()[:11]), 0, 3, rapid.ID[string]).Draw(t, "names") {
		value := rapid.SampledFrom(values[name]).Draw(t, name)
		if err := q.Set(name, value); err != nil {
			t.Fatalf("%s=%s: %v", name, value, err)
		}
	}
	return q
}

// Pages, one after another, are what the query selects without a limit.
func TestQueryPages(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := someQuery(t)
		q.Limit = 0
		want := selected(t, &q)
		var got []string
		for q.Limit = rapid.IntRange(1, 3).Draw(t, "limit"); ; {
			var last *inventory.Component
			for c, err := range q.Select(sequence(fleet(), nil)) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, c.Host+"/"+c.ID)
				last = &c
			}
			if last == nil {
				break
			}
			place, err := inventory.ParsePlace(q.Place(last).String())
			if err != nil {
				t.Fatal(err)
			}
			q.After = &place
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("(-whole +pages)\n%s", diff)
		}
	})
}

// What Parameters writes, Set reads to the same query.
func TestQueryParameters(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := someQuery(t)
		if rapid.Bool().Draw(t, "paged") {
			place := q.Place(&fleet()[2])
			q.After = &place
		}
		var again inventory.Query
		for _, p := range q.Parameters() {
			if err := again.Set(p.Name, p.Value); err != nil {
				t.Fatalf("%s=%s: %v", p.Name, p.Value, err)
			}
		}
		if diff := cmp.Diff(q, again); diff != "" {
			t.Fatalf("(-written +read)\n%s", diff)
		}
	})
}

func FuzzPattern(f *testing.F) {
	for _, seed := range [][2]string{{"esx*", "esx1"}, {"*a*b", "xaab"}, {"?", "é"}, {"", ""}, {"**", "x"}, {"a*?", "a"}, {"K", "\u212a"}, {"xA", "aXa"}, {strings.Repeat("Z", 70), strings.Repeat("z", 140)}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		p := inventory.Pattern(pattern)
		matches := p.Match(text)
		if want := matchPlainly([]rune(strings.ToLower(pattern)), []rune(strings.ToLower(text))); len(pattern) < 12 && matches != want {
			t.Errorf("%q matches %q: %v, want %v", pattern, text, matches, want)
		}
		q := inventory.Query{Text: pattern}
		if got, want := q.Match(&inventory.Component{Part: text}), strings.Contains(strings.ToLower(text), strings.ToLower(pattern)); got != want {
			t.Errorf("%q is in %q: %v, want %v", pattern, text, got, want)
		}
		prefix, whole := p.Literal()
		if lower := strings.ToLower(text); matches && (!strings.HasPrefix(lower, prefix) || whole && lower != prefix) {
			t.Errorf("%q matches %q, which does not begin with %q", pattern, text, prefix)
		}
	})
}

// matchPlainly tries all that a * can stand for.
func matchPlainly(pattern, text []rune) bool {
	switch {
	case len(pattern) == 0:
		return len(text) == 0
	case pattern[0] == '*':
		return matchPlainly(pattern[1:], text) || len(text) > 0 && matchPlainly(pattern, text[1:])
	default:
		return len(text) > 0 && (pattern[0] == '?' || pattern[0] == text[0]) && matchPlainly(pattern[1:], text[1:])
	}
}

func FuzzPlace(f *testing.F) {
	f.Add("AWEBYg")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := inventory.ParsePlace(text)
		if err != nil {
			return
		}
		if again, err := inventory.ParsePlace(p.String()); err != nil || !cmp.Equal(p, again) {
			t.Errorf("%+v is written as %s and read as %+v, %v", p, p, again, err)
		}
	})
}
