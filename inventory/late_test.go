package inventory_test

import (
	"math"
	"testing"

	"github.com/cimwatch/cimwatch/event"
)

// heard is an alert about an open case: its place in the sequence (-1 for none), when it
// happened by the sender's clock, and when it came.
type heard struct {
	text           string
	number         int64
	time, received int
}

var caseSensor = device("OMC_DiscreteSensor", "115")

func (h heard) event() event.Event {
	e := alert(h.time, caseSensor, h.text)
	e.Time, e.Received = at(h.time), at(h.received)
	e.Sequence = nil
	if h.number >= 0 {
		e.Sequence = &event.Sequence{Context: "c1", Number: h.number}
	}
	return e
}

// Whether the case is open after alerts that came in an order that may not be the true one.
func TestLateOrNew(t *testing.T) {
	const hour = 3600
	tests := []struct {
		name   string
		alerts []heard
		open   bool
	}{
		{"late raise", []heard{{intrusionOver, 7, 10, 11}, {intrusion, 6, 5, 20}}, false},
		{"late raise in the same second", []heard{{intrusionOver, 7, 10, 11}, {intrusion, 6, 10, 20}}, false},
		{"late raise, repeated", []heard{{intrusion, 5, 4, 4}, {intrusionOver, 7, 10, 11}, {intrusion, 6, 5, 20}}, false},
		{"too late for a retry", []heard{{intrusionOver, 7, 10, 11}, {intrusion, 6, 5, 11 + 121}}, true},
		{"counter reset", []heard{{intrusion, 500, 1, 2}, {intrusionOver, 501, 10, 11}, {intrusion, 3, 20, 21}}, true},
		{"counter reset, then over", []heard{{intrusion, 500, 1, 2}, {intrusionOver, 501, 10, 11}, {intrusion, 3, 20, 21}, {intrusionOver, 4, 30, 31}}, false},
		{"counter reset while open", []heard{{intrusion, 500, 1, 2}, {intrusionOver, 3, 20, 21}}, false},
		{"counter and clock reset", []heard{{intrusionOver, 501, 1000, 1001}, {intrusion, 3, 400, 1010}}, true},
		{"counter reset, no dates", []heard{{intrusionOver, 501, 11, 11}, {intrusion, 3, 21, 21}}, true},
		{"wrapped around", []heard{{intrusion, math.MaxInt64 - 1, 1, 1}, {intrusionOver, math.MaxInt64, 2, 2}, {intrusion, 0, 2, 3}}, true},
		{"late from before it wrapped", []heard{{intrusionOver, 0, 10, 11}, {intrusion, math.MaxInt64, 9, 12}}, false},
		{"over after it wrapped", []heard{{intrusion, math.MaxInt64, 1, 1}, {intrusionOver, 0, 1, 2}}, false},
		{"late clear", []heard{{intrusion, 5, 1, 1}, {intrusion, 7, 10, 11}, {intrusionOver, 6, 5, 20}}, true},
		{"late clear without dates", []heard{{intrusion, 7, 11, 11}, {intrusionOver, 6, 20, 20}}, true},
		{"very late clear", []heard{{intrusion, 7, 10, 11}, {intrusionOver, 6, 5, 600}}, true},
		{"late repeat, then a late clear, no dates", []heard{{intrusion, 16, 16, 16}, {intrusion, 13, 20, 20}, {intrusionOver, 14, 21, 21}}, true},
		{"no numbers: late raise", []heard{{intrusionOver, -1, 100, 101}, {intrusion, -1, 90, 110}}, false},
		{"no numbers: the same raise again", []heard{{intrusion, -1, 90, 91}, {intrusionOver, -1, 100, 101}, {intrusion, -1, 90, 110}}, false},
		{"no numbers: clock set back by ten minutes", []heard{{intrusion, -1, 900, 901}, {intrusionOver, -1, 1000, 1001}, {intrusion, -1, 400, 1005}}, true},
		{"no numbers: clock set back, nothing open before", []heard{{intrusionOver, -1, 1000, 1001}, {intrusion, -1, 400, 1005}}, true},
		{"no numbers: clock set back by a minute", []heard{{intrusion, -1, 900, 901}, {intrusionOver, -1, 1000, 1001}, {intrusion, -1, 945, 1005}}, true},
		{"no numbers: clock set back, later", []heard{{intrusionOver, -1, 1000, 1001}, {intrusion, -1, 990, 1200}}, true},
		{"no numbers: late clear", []heard{{intrusion, -1, 100, 101}, {intrusionOver, -1, 90, 110}}, true},
		{"no numbers: clock set back by an hour, clear", []heard{{intrusion, -1, 2 * hour, 2 * hour}, {intrusionOver, -1, hour, 2*hour + 60}}, false},
		{"no dates, no numbers", []heard{{intrusionOver, -1, 10, 10}, {intrusion, -1, 11, 11}}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := newMemory()
			m.sync(0, caseSensor)
			for _, h := range tt.alerts {
				m.apply(h.event())
			}
			if open := len(m.present(t, caseSensor).Conditions) == 1; open != tt.open {
				t.Errorf("open: %v, want %v; %v", open, tt.open, lines(m.history))
			}
		})
	}
}
