package cli

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/web"
)

func TestURLOf(t *testing.T) {
	tests := []struct {
		host string
		port uint16
		want string
	}{
		{"esx1", 0, "https://esx1"},
		{"esx1", 15989, "https://esx1:15989"},
		{"192.0.2.1", 443, "https://192.0.2.1:443"},
		{"2001:db8::7", 0, "https://[2001:db8::7]"},
		{"2001:db8::7", 5989, "https://[2001:db8::7]:5989"},
		{"https://esx1", 5989, "https://esx1:5989"},
		{"http://esx1:5988", 5989, "http://esx1:5988"},
		{"esx1:5990", 5989, "https://esx1:5990"},
		{"@lab", 5989, "@lab"},
	}
	for _, tt := range tests {
		got := urlOf(tt.host)
		if tt.port != 0 {
			got = withPort(got, tt.port)
		}
		if got != tt.want {
			t.Errorf("%s, port %d: got %s, want %s", tt.host, tt.port, got, tt.want)
		}
	}
}

func TestSecondsFlag(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"30": 30 * time.Second, "1m30s": 90 * time.Second, "0.5s": 500 * time.Millisecond, "1": time.Second,
		"": 0, "0": 0, "0s": 0, "-1": 0, "-1s": 0, "1.5": 0, "x": 0, "99999999999": 0,
	} {
		var f secondsFlag
		err := f.Set(text)
		if f.Duration != want || (err == nil) != (want != 0) {
			t.Errorf("%q: got %s, %v, want %s", text, f.Duration, err, want)
		}
	}
}

func TestDoubts(t *testing.T) {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	tests := []struct {
		name   string
		host   web.Host
		maxAge time.Duration
		want   string
	}{
		{"fine", web.Host{State: "subscribed", LastSync: now.Add(-time.Minute)}, time.Hour, ""},
		{"failing", web.Host{State: "failing", Detail: "no route", LastSync: now}, time.Hour, "the daemon cannot look after the host: no route"},
		{"never read", web.Host{State: "pending"}, time.Hour, "the daemon has not read the host yet"},
		{"old", web.Host{LastSync: now.Add(-2 * time.Hour)}, time.Hour, "the host was last read 2h0m0s ago"},
		{"of any age", web.Host{LastSync: now.Add(-2 * time.Hour)}, 0, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := checkOptions{maxAge: tt.maxAge}
			got := ""
			for _, u := range o.doubts(&tt.host, now) {
				got += u.Error
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestComponentOf has what comes from a daemon be judged as what comes from a host.
func TestComponentOf(t *testing.T) {
	v := web.Component{
		ID: "s", Class: "OMC_NumericSensor", Kind: "sensor", Name: "Inlet", Health: "warning", Reason: "open",
		Properties: web.Properties{
			{Name: "CurrentReading", Value: json.RawMessage("2150")}, {Name: "UnitModifier", Value: json.RawMessage("-2")},
			{Name: "UpperThresholdCritical", Value: json.RawMessage("4200.5")}, {Name: "MaxReadable", Value: json.RawMessage("18446744073709551615")},
			{Name: "BaseUnits", Value: json.RawMessage("2")}, {Name: "SensorType", Value: json.RawMessage("2")},
			{Name: "OperationalStatus", Value: json.RawMessage("[2]")}, {Name: "LowerThresholdCritical", Value: json.RawMessage("null")},
			{Name: "Enabled", Value: json.RawMessage("true")}, {Name: "Broken", Value: json.RawMessage("{")},
			{Name: "ReleaseDate", Value: json.RawMessage(`"20210723000000.000000+000"`)},
		},
	}
	c := componentOf(&v)
	r, ok := c.Reading()
	if want := (inventory.Reading{Value: 21.5, Unit: "C", Quantity: "temperature"}); !ok || r != want {
		t.Errorf("reading is %+v, %v", r, ok)
	}
	limits := c.Thresholds()
	if limits.HighCritical == nil || *limits.HighCritical != 42.005 || limits.LowCritical != nil || limits.Max == nil {
		t.Errorf("thresholds are %+v", limits)
	}
	if c.Health != inventory.Warning || c.Kind != inventory.KindSensor || len(c.Properties) != 7 {
		t.Errorf("component is %+v", c)
	}
}
