package cimxml_test

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
)

// firstFan returns a fan of the simulated host.
func firstFan(t *testing.T, c *cimxml.Client) *cim.Instance {
	t.Helper()
	for fan, err := range c.EnumerateInstances(t.Context(), "", "OMC_Fan", nil) {
		if err != nil {
			t.Fatal(err)
		}
		return fan
	}
	t.Fatal("there is no fan")
	return nil
}

func TestPropertyOperations(t *testing.T) {
	c := newClient(t, simulate(t).URL)
	fan := firstFan(t, c)
	for name, want := range map[string]string{
		"ElementName": fan.Text("ElementName"), "HealthState": fan.Get("HealthState").String(),
		"OperationalStatus": fan.Get("OperationalStatus").String(), "InstallDate": "NULL",
	} {
		if got, err := c.GetProperty(t.Context(), fan.Path, name); err != nil || got.String() != want {
			t.Errorf("%s: got %v, %v, want %s", name, got, err, want)
		}
	}
	if _, err := c.GetProperty(t.Context(), fan.Path, "Colour"); !errors.Is(err, cim.StatusNoSuchProperty) {
		t.Errorf("no such property: got %v", err)
	}
	for name, v := range map[string]cim.Value{
		"ElementName": cim.String("a <new> name"), "HealthState": cim.Uint16(25), "OperationalStatus": cim.Uint16s(6, 2),
	} {
		if err := c.SetProperty(t.Context(), fan.Path, name, v); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		i, err := c.GetInstance(t.Context(), fan.Path, nil)
		if err != nil || !i.Get(name).Equal(v) {
			t.Errorf("%s: got %v, %v, want %v", name, i.Get(name), err, v)
		}
	}
}

func TestEnumerationCount(t *testing.T) {
	c := newClient(t, simulate(t).URL)
	all, err := collect(t, c.EnumerateInstanceNames(t.Context(), "", "OMC_Fan"))
	if err != nil {
		t.Fatal(err)
	}
	some, e, err := c.OpenEnumerateInstancePaths(t.Context(), "", "OMC_Fan", &cimxml.OpenOptions{MaxObjects: 2})
	if err != nil || len(some) != 2 || e.End {
		t.Fatalf("got %v, %+v, %v", some, e, err)
	}
	if n, ok, err := c.EnumerationCount(t.Context(), e); err != nil || !ok || n != uint64(len(all)-2) {
		t.Errorf("got %d, %v, %v, want %d", n, ok, err, len(all)-2)
	}
	rest, end, err := c.PullInstancePaths(t.Context(), e, 100)
	if err != nil || !end.End || !slices.EqualFunc(append(some, rest...), all, sameLocal) {
		t.Errorf("got %v, %+v, %v", rest, end, err)
	}
	if _, _, err := c.EnumerationCount(t.Context(), e); !errors.Is(err, cim.StatusInvalidEnumerationContext) {
		t.Errorf("at the end: got %v", err)
	}
	if err := c.CloseEnumeration(t.Context(), e); !errors.Is(err, cim.StatusInvalidEnumerationContext) {
		t.Errorf("at the end: got %v", err)
	}
}

// sameLocal compares paths without their hosts, which not every operation gives.
func sameLocal(a, b cim.ObjectPath) bool { return a.Local().Equal(b.Local()) }

// texts gathers what an iteration yields, sorted.
func texts[T interface{ String() string }](seq iter.Seq2[T, error]) ([]string, error) {
	var all []string
	for v, err := range seq {
		if err != nil {
			return nil, err
		}
		all = append(all, v.String())
	}
	slices.Sort(all)
	return all, nil
}

// TestIterations compares every iteration, in pieces of two, with the classic operation.
func TestIterations(t *testing.T) {
	c := newClient(t, simulate(t).URL)
	fan := firstFan(t, c)
	o := &cimxml.OpenOptions{MaxObjects: 2}
	const query = "SELECT * FROM OMC_Fan"
	for name, pair := range map[string][2]func(context.Context) ([]string, error){
		"IterateInstances": {
			func(ctx context.Context) ([]string, error) { return texts(c.IterateInstances(ctx, "", "OMC_Fan", o)) },
			func(ctx context.Context) ([]string, error) {
				return texts(c.EnumerateInstances(ctx, "", "OMC_Fan", nil))
			},
		},
		"IterateInstancePaths": {
			func(ctx context.Context) ([]string, error) {
				return texts(local(c.IterateInstancePaths(ctx, "", "OMC_Fan", o)))
			},
			func(ctx context.Context) ([]string, error) {
				return texts(c.EnumerateInstanceNames(ctx, "", "OMC_Fan"))
			},
		},
		"IterateAssociators": {
			func(ctx context.Context) ([]string, error) { return texts(c.IterateAssociators(ctx, fan.Path, o)) },
			func(ctx context.Context) ([]string, error) { return texts(c.Associators(ctx, fan.Path, nil)) },
		},
		"IterateAssociatorPaths": {
			func(ctx context.Context) ([]string, error) {
				return texts(local(c.IterateAssociatorPaths(ctx, fan.Path, o)))
			},
			func(ctx context.Context) ([]string, error) {
				return texts(local(c.AssociatorNames(ctx, fan.Path, nil)))
			},
		},
		"IterateReferences": {
			func(ctx context.Context) ([]string, error) { return texts(c.IterateReferences(ctx, fan.Path, o)) },
			func(ctx context.Context) ([]string, error) { return texts(c.References(ctx, fan.Path, nil)) },
		},
		"IterateReferencePaths": {
			func(ctx context.Context) ([]string, error) {
				return texts(local(c.IterateReferencePaths(ctx, fan.Path, o)))
			},
			func(ctx context.Context) ([]string, error) { return texts(local(c.ReferenceNames(ctx, fan.Path, nil))) },
		},
		"IterateQuery": {
			func(ctx context.Context) ([]string, error) {
				return texts(c.IterateQuery(ctx, "", "DMTF:CQL", query, o))
			},
			func(ctx context.Context) ([]string, error) { return texts(c.ExecQuery(ctx, "", "DMTF:CQL", query)) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := pair[0](t.Context())
			want, classicErr := pair[1](t.Context())
			if err != nil || classicErr != nil || len(want) == 0 || !slices.Equal(got, want) {
				t.Errorf("got\n%s, %v\nwant\n%s, %v", strings.Join(got, "\n"), err, strings.Join(want, "\n"), classicErr)
			}
		})
	}
}

// local yields paths without their hosts.
func local(seq iter.Seq2[cim.ObjectPath, error]) iter.Seq2[cim.ObjectPath, error] {
	return func(yield func(cim.ObjectPath, error) bool) {
		for p, err := range seq {
			if !yield(p.Local(), err) {
				return
			}
		}
	}
}
