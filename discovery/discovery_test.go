package discovery_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/discovery"
	"github.com/cimwatch/cimwatch/inventory"
)

// lab is the survey of a server with classes of its own.
func lab() *discovery.Survey {
	s := discovery.NewSurvey("root/lab")
	s.AddTree("CIM_LogicalDevice", []string{"CIM_Fan", "LAB_Blower", "LAB_TurboBlower", "CIM_Sensor", "LAB_Thing", "LAB_Bad"})
	s.AddTree("CIM_System", []string{"CIM_ComputerSystem", "CIM_ApplicationSystem", "LAB_Database"})
	s.AddTree("CIM_ApplicationSystem", []string{"LAB_Database"})
	s.AddTree("LAB_Blower", []string{"LAB_TurboBlower"})
	s.AddTree("LAB_Thing", nil)
	s.AddInstances("LAB_TurboBlower", 2)
	s.AddInstances("LAB_Blower", 3)
	s.AddInstances("lab_thing", 1)
	s.AddInstances("LAB_Database", 7)
	s.AddInstances("LAB_Bad", 0)
	return s
}

func names(plan []discovery.Reading) []string {
	var all []string
	for _, r := range plan {
		all = append(all, fmt.Sprintf("%s:%s %d %v", r.Namespace, r.Class, r.Expected, r.Covers))
	}
	return all
}

// TestPlan reads what has instances and is hardware, nothing twice, and by the upper class.
func TestPlan(t *testing.T) {
	want := []string{
		"root/lab:LAB_Bad 0 [lab_bad]",
		"root/lab:LAB_Blower 5 [lab_blower lab_turboblower]",
		"root/lab:lab_thing 1 [lab_thing]",
	}
	if diff := cmp.Diff(want, names(discovery.Plan(discovery.Wishes{}, lab()))); diff != "" {
		t.Errorf("plan (-want +got):\n%s", diff)
	}
	if got := discovery.Plan(discovery.Wishes{Skip: []string{"LAB_THING", "LAB_Bad", "LAB_Blower"}}, lab()); len(got) != 0 {
		t.Errorf("plan without what is skipped: %v", names(got))
	}
}

// TestPlanApart reads a class on its own that another reading has as well.
func TestPlanApart(t *testing.T) {
	s := lab()
	s.AddTree("CIM_Sensor", nil)
	apart := []string{"LAB_TurboBlower", "LAB_Thing", "CIM_Sensor", "LAB_Database", "LAB_Elsewhere"}
	want := []string{
		"root/lab:LAB_Bad 0 [lab_bad]",
		"root/lab:LAB_Blower 5 [lab_blower lab_turboblower]",
		"root/lab:lab_thing 1 [lab_thing]",
		"root/lab:LAB_TurboBlower 2 [lab_turboblower]",
	}
	if diff := cmp.Diff(want, names(discovery.Plan(discovery.Wishes{Apart: apart}, s))); diff != "" {
		t.Errorf("plan (-want +got):\n%s", diff)
	}
	for class, want := range map[string]string{
		"LAB_TurboBlower": "LAB_Blower", "LAB_Thing": "CIM_LogicalDevice", "LAB_Elsewhere": "",
	} {
		if got := s.Nearest(class, []string{"CIM_LogicalDevice", "LAB_Blower"}); got != want {
			t.Errorf("nearest to %s: %q, want %q", class, got, want)
		}
	}
	if got := discovery.Skipped([]string{"LAB_Blower"}, s); !slices.Equal(got,
		[]string{"cim_admindomain", "cim_applicationsystem", "lab_blower", "lab_database", "lab_turboblower"}) {
		t.Errorf("skipped: %v", got)
	}
}

func TestSurvey(t *testing.T) {
	s := lab()
	for class, want := range map[string]bool{"cim_fan": true, "CIM_System": true, "CIM_Setting": false} {
		if s.Knows(class) != want {
			t.Errorf("knows %s: %t", class, !want)
		}
	}
	if diff := cmp.Diff([]string{"LAB_Bad", "LAB_Database", "LAB_TurboBlower"}, s.Open()); diff != "" {
		t.Errorf("open (-want +got):\n%s", diff)
	}
	s.AddInstances("OMC_Fan", 1)
	missing := s.Missing()
	if slices.Contains(missing, "CIM_Fan") || !slices.Contains(missing, "CIM_Battery") {
		t.Errorf("classes to ask for on their own: %v", missing)
	}
	if s.Empty() || !discovery.NewSurvey("root").Empty() {
		t.Error("empty is what is not, or the other way round")
	}
	s.Fill()
	if len(s.Missing()) != 0 {
		t.Errorf("after what could not be found out was filled in: %v", s.Missing())
	}
	if plan := discovery.Plan(discovery.Wishes{}, s); len(plan) < len(inventory.Classes()) {
		t.Errorf("%d classes are read, less than the table has", len(plan))
	}
}

// TestPlanReadsEachInstanceOnce draws trees: each class with instances that is not skipped is
// covered by one reading.
func TestPlanReadsEachInstanceOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parents := rapid.SliceOfN(rapid.IntRange(0, 9), 10, 10).Draw(t, "parents")
		class := func(n int) string { return fmt.Sprintf("C_%d", n) }
		isBelow := func(n, m int) bool {
			for n > 0 && n != m {
				n = min(parents[n], n-1)
			}
			return n == m
		}
		s := discovery.NewSurvey("root")
		var with []int
		for n := range parents {
			var below []string
			for m := range parents {
				if m != n && isBelow(m, n) {
					below = append(below, class(m))
				}
			}
			s.AddTree(class(n), below)
			if rapid.Bool().Draw(t, "instances") {
				s.AddInstances(class(n), n+1)
				with = append(with, n)
			}
		}
		expected := 0
		plan := discovery.Plan(discovery.Wishes{}, s)
		for _, n := range with {
			expected += n + 1
			times := 0
			for _, r := range plan {
				if slices.Contains(r.Covers, cim.FoldName(class(n))) {
					times++
				}
			}
			if times != 1 {
				t.Errorf("%s is read %d times: %v", class(n), times, names(plan))
			}
		}
		for _, r := range plan {
			expected -= r.Expected
		}
		if expected != 0 {
			t.Errorf("%d instances more or less are expected than there are", expected)
		}
	})
}
