package cim_test

import (
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/cim"
)

func TestParseDateTime(t *testing.T) {
	tests := []struct {
		text      string
		interval  bool
		micro     int64
		offset    int
		precision int
	}{
		{"20261120075823.073983+000", false, 1795161503073983, 0, 0},
		{"20261120085823.073983+060", false, 1795161503073983, 60, 0},
		{"20261119222823.073983-570", false, 1795161503073983, -570, 0},
		{"19700101000000.000000+000", false, 0, 0, 0},
		{"19691231235959.999999+000", false, -1, 0, 0},
		{"20240229000000.000000+000", false, 1709164800000000, 0, 0},
		{"00010101000000.000000+999", false, -62135596800000000 - 999*60*1000000, 999, 0},
		{"99991231235959.999999-999", false, 253402300799999999 + 999*60*1000000, -999, 0},
		{"20261120075823.0739**+000", false, 1795161503073900, 0, 19},
		{"20261120075823.******+000", false, 1795161503000000, 0, 15},
		{"202611200758**.******+000", false, 1795161480000000, 0, 12},
		{"2026112007****.******+000", false, 1795158000000000, 0, 10},
		{"20261120******.******+120", false, 1795132800000000 - 120*60*1000000, 120, 8},
		{"202611********.******+000", false, 1793491200000000, 0, 6},
		{"2026**********.******+000", false, 1767225600000000, 0, 4},
		{"**************.******+000", false, -62167219200000000, 0, -1},
		{"00000001010101.000001:000", true, 90061000001, 0, 0},
		{"00000000000000.000000:000", true, 0, 0, 0},
		{"99999999235959.999999:000", true, 8639999999999999999, 0, 0},
		{"0000000101****.******:000", true, 90000000000, 0, 10},
		{"00000001******.******:000", true, 86400000000, 0, 8},
		{"**************.******:000", true, 0, 0, -1},
	}
	for _, tt := range tests {
		d, err := cim.ParseDateTime(tt.text)
		if err != nil {
			t.Errorf("ParseDateTime(%s): %v", tt.text, err)
			continue
		}
		if d.IsInterval() != tt.interval || d.Microseconds() != tt.micro || d.Offset() != tt.offset || d.Precision() != tt.precision {
			t.Errorf("%s: interval %t, %d us, offset %d, precision %d, want %t, %d, %d, %d", tt.text,
				d.IsInterval(), d.Microseconds(), d.Offset(), d.Precision(), tt.interval, tt.micro, tt.offset, tt.precision)
		}
		if d.String() != tt.text {
			t.Errorf("%s is printed as %s", tt.text, d)
		}
		if back, ok := d.Value().DateTime(); !ok || back != d {
			t.Errorf("%s: the value gives back %s, %t", tt.text, back, ok)
		}
	}
}

func TestParseDateTimeErrors(t *testing.T) {
	tests := []struct{ text, want string }{
		{"", `"" is not a datetime: it has 0 characters instead of 25`},
		{"20261120075823.073983+0000", `"20261120075823.073983+0000" is not a datetime: it has 26 characters instead of 25`},
		{"20261120075823,073983+000", `"20261120075823,073983+000" is not a datetime: character 15 is not a point`},
		{"2026112007582*.******+000", `"2026112007582*.******+000" is not a datetime: the asterisks do not start at a field`},
		{"202611200758*3.073983+000", `"202611200758*3.073983+000" is not a datetime: digits stand behind an asterisk`},
		{"20261120******.073983+000", `"20261120******.073983+000" is not a datetime: digits stand behind an asterisk`},
		{"20261120075823.07*983+000", `"20261120075823.07*983+000" is not a datetime: digits stand behind an asterisk`},
		{"20261120075823*073983+000", `"20261120075823*073983+000" is not a datetime: character 15 is not a point`},
		{"20261120075823.073983*000", `"20261120075823.073983*000" is not a datetime: the asterisks do not start at a field`},
		{"20261120075823.073983+***", `"20261120075823.073983+***" is not a datetime: the asterisks do not start at a field`},
		{"2026************.****+000", `"2026************.****+000" is not a datetime: character 15 is not a point`},
		{"0000**********.******:000", `"0000**********.******:000" is not a datetime: the asterisks do not start at a field`},
		{"000000********.******:000", `"000000********.******:000" is not a datetime: the asterisks do not start at a field`},
		{"20261301000000.000000+000", `"20261301000000.000000+000" is not a datetime: there is no such day`},
		{"20260229000000.000000+000", `"20260229000000.000000+000" is not a datetime: there is no such day`},
		{"20260200000000.000000+000", `"20260200000000.000000+000" is not a datetime: there is no such day`},
		{"20261120240000.000000+000", `"20261120240000.000000+000" is not a datetime: there is no such time of day`},
		{"20261120236000.000000+000", `"20261120236000.000000+000" is not a datetime: there is no such time of day`},
		{"00000001235960.000000:000", `"00000001235960.000000:000" is not a datetime: there is no such time of day`},
		{"2026112007582x.073983+000", `"2026112007582x.073983+000" is not a datetime: the time has other characters than digits`},
		{"2026x120075823.073983+000", `"2026x120075823.073983+000" is not a datetime: the date has other characters than digits`},
		{"0000000x010101.000001:000", `"0000000x010101.000001:000" is not a datetime: the days have other characters than digits`},
		{"00000001010101.000001:001", `"00000001010101.000001:001" is not a datetime: an interval ends with :000`},
		{"20261120075823.073983+0x0", `"20261120075823.073983+0x0" is not a datetime: the offset from UTC has other characters than digits`},
		{"20261120075823.073983 000", `"20261120075823.073983 000" is not a datetime: character 22 is not +, - or :`},
		{"+0261120075823.073983+000", `"+0261120075823.073983+000" is not a datetime: the date has other characters than digits`},
	}
	for _, tt := range tests {
		d, err := cim.ParseDateTime(tt.text)
		if err == nil || err.Error() != tt.want {
			t.Errorf("ParseDateTime(%q) = %s, %v\nwant %s", tt.text, d, err, tt.want)
		}
	}
}

func TestTimestamp(t *testing.T) {
	zone := time.FixedZone("", -(5*3600 + 30*60))
	moment := time.Date(2026, 11, 20, 2, 28, 23, 73983999, zone)
	d := cim.Timestamp(moment)
	if got := d.String(); got != "20261120022823.073983-330" {
		t.Errorf("String() = %s", got)
	}
	back, ok := d.Time()
	if !ok || !back.Equal(moment.Truncate(time.Microsecond)) || back.Format("-07:00") != "-05:30" {
		t.Errorf("Time() = %s, %t, want %s", back, ok, moment)
	}
	if _, ok := d.Duration(); ok {
		t.Error("a timestamp has a duration")
	}
}

func TestInterval(t *testing.T) {
	d := cim.Interval(26*time.Hour + 3*time.Minute + 4*time.Second + 5*time.Microsecond + 999)
	if got := d.String(); got != "00000001020304.000005:000" {
		t.Errorf("String() = %s", got)
	}
	if got, ok := d.Duration(); !ok || got != 26*time.Hour+3*time.Minute+4*time.Second+5*time.Microsecond {
		t.Errorf("Duration() = %s, %t", got, ok)
	}
	if _, ok := d.Time(); ok {
		t.Error("an interval has a point in time")
	}
	if got := cim.Interval(-time.Second); got != (cim.DateTime{}) {
		t.Errorf("a negative interval is %s, want none", got)
	}
	long, err := cim.ParseDateTime("99999999000000.000000:000")
	if _, ok := long.Duration(); ok || err != nil {
		t.Errorf("an interval of 273,000 years fits a time.Duration (%v)", err)
	}
}

func TestDateTimeEqual(t *testing.T) {
	tests := []struct {
		a, b string
		want bool
	}{
		{"20261120075823.073983+000", "20261120085823.073983+060", true},
		{"20261120075823.073983+000", "20261120075823.073983+060", false},
		{"20261120075823.073983+000", "20261120075823.073984+000", false},
		{"20261120075823.00000*+000", "20261120075823.000000+000", false},
		{"202611200758**.******+000", "202611200858**.******+060", true},
		{"00000000000000.000000:000", "19700101000000.000000+000", false},
		{"**************.******:000", "**************.******:000", true},
	}
	for _, tt := range tests {
		a, errA := cim.ParseDateTime(tt.a)
		b, errB := cim.ParseDateTime(tt.b)
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		if a.Equal(b) != tt.want || b.Equal(a) != tt.want || a.Value().Equal(b.Value()) != tt.want {
			t.Errorf("%s equals %s: %t, want %t", a, b, a.Equal(b), tt.want)
		}
		p := cim.InstancePath("", "C", cim.Key{Name: "k", Value: a.Value()})
		q := cim.InstancePath("", "C", cim.Key{Name: "k", Value: b.Value()})
		if p.Equal(q) != tt.want {
			t.Errorf("%s equals %s: %t, want %t", p, q, p.Equal(q), tt.want)
		}
	}
}

func FuzzDateTime(f *testing.F) {
	for _, text := range []string{
		"20261120075823.073983+000", "00000001010101.000001:000", "**************.******+000", "**************.******:000",
		"00000101000000.000000+999", "99991231235959.999999-999", "2026**********.******-120", "20261120075823.07****+060",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := cim.ParseDateTime(text)
		if err != nil {
			return
		}
		again, err := cim.ParseDateTime(d.String())
		if err != nil {
			t.Fatalf("%q was printed as %s: %v", text, d, err)
		}
		if again != d || again.String() != d.String() {
			t.Fatalf("%q is %#v, printed as %s and read again %#v", text, d, d, again)
		}
		if moment, ok := d.Time(); ok && d.Precision() == 0 && cim.Timestamp(moment) != d {
			t.Fatalf("%s is %s, which is %s", d, moment, cim.Timestamp(moment))
		}
	})
}
