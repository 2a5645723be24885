package cim

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// DateTime is a CIM date-time (DSP0004 section 5.2.4): a point in time with an offset
// from UTC, or an interval. Both count microseconds, and both may have lost precision
// from some field on, which the text shows as asterisks. The zero DateTime is the
// interval of no time.
type DateTime struct {
	micro     int64 // since 1970-01-01 UTC for a timestamp, the length of an interval
	offset    int16 // minutes east of UTC, timestamps only
	precision uint8 // index of the first asterisk in the text, 0 when there is none
	timestamp bool  // else an interval
}

const (
	dateTimeLength = 25 // yyyymmddhhmmss.mmmmmmsutc
	pointIndex     = 14
	signIndex      = 21
	microPerSecond = 1_000_000
	secondsPerDay  = 24 * 60 * 60
	maxOffset      = 999
)

// validPrecision reports whether asterisks may begin at index i of the text: where a field
// begins and, since microseconds lose single digits, anywhere within those.
func validPrecision(i int, interval bool) bool {
	switch i {
	case 0, 8, 10, 12: // year or days, hour, minute, second
		return true
	case 4, 6: // month and day; an interval has eight digits of days
		return !interval
	default:
		return i > pointIndex && i < signIndex
	}
}

// Timestamp returns the point in time t, to the microsecond, with the offset that t's
// location has then.
func Timestamp(t time.Time) DateTime {
	_, seconds := t.Zone()
	return DateTime{micro: t.UnixMicro(), offset: int16(seconds / 60), timestamp: true} // zones are within a day
}

// Interval returns an interval of length d, to the microsecond. A negative d counts as 0.
func Interval(d time.Duration) DateTime {
	return DateTime{micro: max(d.Microseconds(), 0)}
}

// IsInterval reports whether d is an interval.
func (d DateTime) IsInterval() bool { return !d.timestamp }

// Precision returns the index of the first asterisk in the text form, 0 when d is exact.
// A text that starts with an asterisk gives -1.
func (d DateTime) Precision() int {
	if d.precision == allAsterisks {
		return -1
	}
	return int(d.precision)
}

// allAsterisks stands for a precision of index 0, since 0 says there are no asterisks.
const allAsterisks = math.MaxUint8

// Offset returns the minutes east of UTC of a timestamp, 0 for an interval.
func (d DateTime) Offset() int { return int(d.offset) }

// Microseconds returns the length of an interval, or the microseconds of a timestamp
// since 1970-01-01 00:00 UTC. Fields under asterisks count as their least value.
func (d DateTime) Microseconds() int64 { return d.micro }

// Time returns a timestamp in its own offset; ok is false for an interval.
func (d DateTime) Time() (t time.Time, ok bool) {
	if !d.timestamp {
		return time.Time{}, false
	}
	zone := time.UTC
	if d.offset != 0 {
		zone = time.FixedZone("", int(d.offset)*60)
	}
	return time.UnixMicro(d.micro).In(zone), true
}

// Duration returns the length of an interval; ok is false for a timestamp and for an
// interval longer than a time.Duration holds, about 292 years.
func (d DateTime) Duration() (length time.Duration, ok bool) {
	if d.timestamp || d.micro > math.MaxInt64/int64(time.Microsecond) {
		return 0, false
	}
	return time.Duration(d.micro) * time.Microsecond, true
}

// Equal reports whether two date-times are the same point in time, whatever their
// offsets, or the same interval, with the same precision (DSP0004 section 5.2.4).
func (d DateTime) Equal(e DateTime) bool {
	return d.micro == e.micro && d.timestamp == e.timestamp && d.precision == e.precision
}

// Value returns d as a value of type datetime.
func (d DateTime) Value() Value {
	aux := uint32(uint16(d.offset))<<16 | uint32(d.precision)<<8 // packed, unpacked by dateTime
	if d.timestamp {
		aux |= 1
	}
	return Value{typ: TypeDateTime, valid: true, num: uint64(d.micro), aux: aux} // two's complement
}

// DateTime returns a date-time; ok is false for NULL and every other type.
func (v Value) DateTime() (d DateTime, ok bool) {
	if !v.scalar(TypeDateTime) {
		return DateTime{}, false
	}
	return v.dateTime(), true
}

func (v Value) dateTime() DateTime {
	return DateTime{
		micro:     int64(v.num),             // two's complement
		offset:    int16(v.aux >> 16),       // packed by Value
		precision: uint8(v.aux >> 8 & 0xff), // packed by Value
		timestamp: v.aux&1 == 1,
	}
}

// String returns the 25 characters of DSP0004 section 5.2.4, such as
// "20261120075823.073983+000" or, for an interval, "00000001010101.000001:000".
func (d DateTime) String() string {
	if d.precision == 0 {
		return d.digits()
	}
	return mask(d.digits(), max(d.Precision(), 0))
}

// digits returns the text without asterisks.
func (d DateTime) digits() string {
	if d.timestamp {
		return d.formatTimestamp()
	}
	return d.formatInterval()
}

// canonical returns a text that is equal for equal date-times.
func (d DateTime) canonical() string {
	d.offset = 0
	if d.precision == 0 {
		return d.digits()
	}
	return d.digits() + "*" + strconv.Itoa(d.Precision())
}

func (d DateTime) formatTimestamp() string {
	t, _ := d.Time()
	sign, offset := '+', int(d.offset)
	if offset < 0 {
		sign, offset = '-', -offset
	}
	return fmt.Sprintf("%04d%02d%02d%02d%02d%02d.%06d%c%03d", t.Year(), t.Month(), t.Day(),
		t.Hour(), t.Minute(), t.Second(), t.Nanosecond()/1000, sign, offset)
}

func (d DateTime) formatInterval() string {
	seconds := d.micro / microPerSecond
	return fmt.Sprintf("%08d%02d%02d%02d.%06d:000", seconds/secondsPerDay, seconds/3600%24,
		seconds/60%60, seconds%60, d.micro%microPerSecond)
}

func mask(text string, from int) string {
	b := []byte(text)
	for i := from; i < signIndex; i++ {
		if i != pointIndex {
			b[i] = '*'
		}
	}
	return string(b)
}
