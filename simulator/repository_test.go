package simulator_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/simulator"
)

// world is what a server should hold: things in the order of their creation, and which of
// them likes which.
type world struct {
	things []string
	sizes  map[string]uint16
	likes  [][2]string
}

func like(from, to string) cim.ObjectPath {
	return cim.InstancePath(cimv2, "LAB_Likes",
		cim.Key{Name: "Subject", Value: cim.Reference(thing("LAB_Thing", from))},
		cim.Key{Name: "Target", Value: cim.Reference(thing("LAB_Thing", to))})
}

// change makes a random change on both sides.
func (w *world) change(t *testing.T, s *simulator.Server, random *rand.Rand) {
	t.Helper()
	a, b := strconv.Itoa(random.IntN(60)), strconv.Itoa(random.IntN(60))
	var err error
	switch kind := random.IntN(6); {
	case kind == 0 && !slices.Contains(w.things, a), len(w.things) < 5 && !slices.Contains(w.things, a):
		_, err = s.Create(cim.NewInstance("LAB_Thing", cim.Prop("Name", cim.String(a))))
		w.things, w.sizes[a] = append(w.things, a), 1
	case kind == 1 && slices.Contains(w.things, a):
		_, err = s.Delete(thing("LAB_Thing", a))
		w.things = slices.DeleteFunc(w.things, func(name string) bool { return name == a })
	case kind == 2 && slices.Contains(w.things, a):
		w.sizes[a] = uint16(random.IntN(1000))
		_, _, err = s.Update(thing("LAB_Thing", a), cim.Prop("Size", cim.Uint16(w.sizes[a])))
	case kind == 3 && !slices.Contains(w.likes, [2]string{a, b}):
		_, err = s.Create(cim.NewInstance("LAB_Likes",
			cim.Prop("Subject", cim.Reference(thing("LAB_Thing", a))), cim.Prop("Target", cim.Reference(thing("LAB_Thing", b)))))
		w.likes = append(w.likes, [2]string{a, b})
	case kind == 4 && len(w.likes) > 0:
		n := random.IntN(len(w.likes))
		_, err = s.Delete(like(w.likes[n][0], w.likes[n][1]))
		w.likes = slices.Delete(w.likes, n, n+1)
	case kind == 5 && len(w.likes) > 0: // which may not lose the association
		l := w.likes[random.IntN(len(w.likes))]
		_, _, err = s.Update(like(l[0], l[1]), cim.Prop("Why", cim.String(a)))
	}
	if err != nil {
		t.Fatal(err)
	}
}

// liked returns the things at the other end of the associations of a thing, each once.
func (w *world) liked(name string) []string {
	var found []string
	for _, l := range w.likes {
		other := l[1]
		if l[1] == name {
			other = l[0]
		}
		if (l[0] == name || l[1] == name) && slices.Contains(w.things, other) && !slices.Contains(found, other) {
			found = append(found, other)
		}
	}
	slices.SortFunc(found, cmp.Compare)
	return found
}

// A server holds what a plain list holds after any changes.
func TestRandomChanges(t *testing.T) {
	m, err := load(t, `
		#pragma include ("qualifiers.mof")
		class LAB_Thing { [Key] string Name; uint16 Size = 1; };
		[Association] class LAB_Likes { [Key] LAB_Thing REF Subject; [Key] LAB_Thing REF Target; string Why; };`)
	if err != nil {
		t.Fatal(err)
	}
	const seed = 20
	random := rand.New(rand.NewPCG(seed, seed))
	s := start(t, m, nil)
	c := connect(t, s, nil)
	w := &world{sizes: make(map[string]uint16)}
	for round := range 3000 {
		w.change(t, s, random)
		if round%100 != 0 {
			continue
		}
		list, err := s.Instances(cimv2, "LAB_Thing")
		if err != nil {
			t.Fatal(err)
		}
		var got, want []string
		for _, i := range list {
			got = append(got, i.Text("Name")+" "+i.Get("Size").Lexical())
		}
		for _, name := range w.things {
			want = append(want, fmt.Sprint(name, " ", w.sizes[name]))
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Fatalf("round %d of seed %d:\n%s", round, seed, diff)
		}
		for _, name := range w.things {
			paths, err := collect(c.AssociatorNames(t.Context(), thing("LAB_Thing", name), nil))
			if diff := gocmp.Diff(append([]string{}, w.liked(name)...), ends(paths)); diff != "" || err != nil {
				t.Fatalf("round %d of seed %d, associated with %s: %v\n%s", round, seed, name, err, diff)
			}
		}
	}
	links, err := s.Instances(cimv2, "LAB_Likes")
	if err != nil || len(links) != len(w.likes) {
		t.Errorf("%d associations, %v, want %d", len(links), err, len(w.likes))
	}
}

// Deleting nearly everything does not lose the rest, nor the place of who reads it.
func TestDeleteMany(t *testing.T) {
	s, c := startLab(t, nil)
	const many = 1000
	for n := range many {
		if _, err := s.Create(cim.NewInstance("LAB_Crate", cim.Prop("Name", cim.String(strconv.Itoa(n))))); err != nil {
			t.Fatal(err)
		}
	}
	seen := 0
	for i, err := range c.IterateInstances(t.Context(), cimv2, "LAB_Crate", nil) {
		if err != nil {
			t.Fatal(err)
		}
		if n, err := strconv.Atoi(i.Text("Name")); err == nil && n < many-10 {
			if _, err := s.Delete(i.Path); err != nil {
				t.Fatal(err)
			}
		}
		seen++
	}
	list, err := s.Instances(cimv2, "LAB_Crate")
	if seen != many+1 || err != nil || len(list) != 11 || list[1].Text("Name") != strconv.Itoa(many-10) {
		t.Errorf("read %d, %d are left, %v", seen, len(list), err)
	}
}
