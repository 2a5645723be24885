package cli

import (
	"testing"
	"time"
)

func TestParseMoment(t *testing.T) {
	zone := time.FixedZone("lab", 3600)
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, zone)
	for text, want := range map[string]time.Time{
		"2026-11-20T10:00:00Z":      now.Add(-time.Hour),
		"2026-11-20T10:00:00+01:00": now.Add(-2 * time.Hour),
		"2026-11-20 11:30:01":       now.Add(-30*time.Minute + time.Second),
		"2026-11-20 11:30":          now.Add(-30 * time.Minute),
		"2026-11-20T11:30":          now.Add(-30 * time.Minute),
		"2026-11-20T11:30:00":       now.Add(-30 * time.Minute),
		"2026-11-20":                now.Add(-12 * time.Hour),
		"now":                       now,
		"2h":                        now.Add(-2 * time.Hour),
		"2h ago":                    now.Add(-2 * time.Hour),
		"1h30m":                     now.Add(-90 * time.Minute),
		"7d":                        now.Add(-7 * 24 * time.Hour),
		"1d ago":                    now.Add(-24 * time.Hour),
	} {
		if got, err := parseMoment(text, now); err != nil || !got.Equal(want) {
			t.Errorf("%q: %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "yesterday", "-2h", "-1d", "1.5d", "99999999999d", "36501d", "2026-13-01", "ago", "10:00"} {
		if got, err := parseMoment(text, now); err == nil {
			t.Errorf("%q is taken for %v", text, got)
		}
	}
}

func TestMomentsEnd(t *testing.T) {
	for text, want := range map[string]string{
		"2026-11-20T10:00:00Z":     "2026-11-20T10:00:00.999999999Z",
		"2026-11-20T10:00:00.000Z": "2026-11-20T10:00:00.999999999Z",
		"2026-11-20T10:00:00.1Z":   "2026-11-20T10:00:00.1Z",
	} {
		var f momentFlag
		if err := f.Set(text); err != nil || f.end().Format(time.RFC3339Nano) != want {
			t.Errorf("%s ends at %v, %v", text, f.end(), err)
		}
	}
	if end := (&momentFlag{}).end(); !end.IsZero() {
		t.Errorf("no time ends at %v", end)
	}
}
