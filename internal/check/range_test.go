package check_test

import (
	"math"
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/internal/check"
)

func TestRange(t *testing.T) {
	tests := []struct {
		text   string
		want   string // "" where it is as text
		good   []float64
		alerts []float64
	}{
		{"10", "", []float64{0, 5, 10}, []float64{-0.1, 10.1}},
		{"10:", "", []float64{10, 1e9}, []float64{9.9, -1}},
		{"~:10", "", []float64{-1e9, 10}, []float64{10.1}},
		{"10:20", "", []float64{10, 20}, []float64{9.9, 20.1}},
		{"@10:20", "", []float64{9.9, 20.1}, []float64{10, 15, 20}},
		{"-7:42.5", "", []float64{-7, 0, 42.5}, []float64{-7.1, 42.6}},
		{"0:10", "10", []float64{0, 10}, []float64{-1}},
		{":10", "10", []float64{0}, []float64{-1}},
		{"~:", "", []float64{-1e300, 1e300}, nil},
		{"0:", "", []float64{0, 1}, []float64{-1}},
		{"1e2", "100", []float64{100}, []float64{101}},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			r, err := check.ParseRange(tt.text)
			if err != nil {
				t.Fatal(err)
			}
			want := tt.want
			if want == "" {
				want = tt.text
			}
			if r.String() != want {
				t.Errorf("written as %s, want %s", r, want)
			}
			for _, v := range tt.good {
				if r.Alerts(v) {
					t.Errorf("%v alerts", v)
				}
			}
			for _, v := range tt.alerts {
				if !r.Alerts(v) {
					t.Errorf("%v does not alert", v)
				}
			}
		})
	}
}

func TestParseRangeErrors(t *testing.T) {
	for _, text := range []string{"", "@", "x", "1:x", "x:1", "20:10", "1:2:3", "NaN", "Inf", "-inf:1", "1,5", " 1", "10:~", "-1"} {
		if r, err := check.ParseRange(text); err == nil {
			t.Errorf("%q is taken for %s", text, r)
		} else if !strings.HasPrefix(err.Error(), "range ") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func FuzzParseRange(f *testing.F) {
	for _, text := range []string{"10", "10:", "~:10", "@10:20", "-1.5:1e3", "~:", "0x1p-2", "1_0"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := check.ParseRange(text)
		if err != nil {
			return
		}
		if math.IsNaN(r.Low) || math.IsNaN(r.High) || r.Low > r.High {
			t.Fatalf("%q is %+v", text, r)
		}
		again, err := check.ParseRange(r.String())
		if err != nil || again != r {
			t.Fatalf("%q is %+v, written as %s, which is %+v, %v", text, r, r, again, err)
		}
	})
}
