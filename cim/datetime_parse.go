package cim

import (
	"fmt"
	"strings"
	"time"
)

// ParseDateTime reads the 25 characters of a date-time. Fields are checked, the 31st of
// February is refused, and asterisks must cover whole fields up to the offset.
func ParseDateTime(text string) (DateTime, error) {
	d, problem := parseDateTime(text)
	if problem != "" {
		return DateTime{}, fmt.Errorf("%q is not a datetime: %s", clip(text), problem)
	}
	return d, nil
}

func parseDateTime(text string) (d DateTime, problem string) {
	if len(text) != dateTimeLength {
		return d, fmt.Sprintf("it has %d characters instead of %d", len(text), dateTimeLength)
	}
	if text[pointIndex] != '.' {
		return d, "character 15 is not a point"
	}
	d.timestamp = text[signIndex] != ':'
	first := strings.IndexByte(text, '*')
	if problem = checkAsterisks(text, first, !d.timestamp); problem != "" {
		return d, problem
	}
	switch {
	case first == 0:
		d.precision = allAsterisks
	case first > 0:
		d.precision = uint8(first) // an index into 25 characters
	}
	if d.timestamp {
		return parseTimestamp(d, text)
	}
	return parseInterval(d, text)
}

func checkAsterisks(text string, first int, interval bool) string {
	if first < 0 {
		return ""
	}
	if !validPrecision(first, interval) {
		return "the asterisks do not start at a field"
	}
	for i := first; i < signIndex; i++ {
		if i != pointIndex && text[i] != '*' {
			return "digits stand behind an asterisk"
		}
	}
	return ""
}

// field reads the digits text[from:to], with asterisks as the given least value.
func field(text string, from, to, least int) (n int, ok bool) {
	if text[from] == '*' && to <= pointIndex {
		return least, true
	}
	for _, c := range []byte(text[from:to]) {
		switch {
		case c == '*':
			c = '0'
		case c < '0' || c > '9':
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}

func parseTimestamp(d DateTime, text string) (DateTime, string) {
	year, okYear := field(text, 0, 4, 0)
	month, okMonth := field(text, 4, 6, 1)
	day, okDay := field(text, 6, 8, 1)
	clock, problem := parseClock(text)
	if !okYear || !okMonth || !okDay {
		return d, "the date has other characters than digits"
	}
	if problem != "" {
		return d, problem
	}
	offset, problem := parseOffset(text[signIndex:])
	if problem != "" {
		return d, problem
	}
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if t.Month() != time.Month(month) || t.Day() != day {
		return d, "there is no such day"
	}
	d.offset = int16(offset) // three digits
	d.micro = t.UnixMicro() + clock - int64(offset)*60*microPerSecond
	return d, ""
}

func parseInterval(d DateTime, text string) (DateTime, string) {
	days, ok := field(text, 0, 8, 0)
	if !ok {
		return d, "the days have other characters than digits"
	}
	clock, problem := parseClock(text)
	if problem != "" {
		return d, problem
	}
	if text[signIndex:] != ":000" {
		return d, "an interval ends with :000"
	}
	d.micro = int64(days)*secondsPerDay*microPerSecond + clock
	return d, ""
}

// parseClock returns the microseconds of hhmmss.mmmmmm.
func parseClock(text string) (micro int64, problem string) {
	hour, okHour := field(text, 8, 10, 0)
	minute, okMinute := field(text, 10, 12, 0)
	second, okSecond := field(text, 12, pointIndex, 0)
	fraction, okFraction := field(text, pointIndex+1, signIndex, 0)
	if !okHour || !okMinute || !okSecond || !okFraction {
		return 0, "the time has other characters than digits"
	}
	if hour > 23 || minute > 59 || second > 59 {
		return 0, "there is no such time of day"
	}
	return int64(hour*3600+minute*60+second)*microPerSecond + int64(fraction), ""
}

func parseOffset(text string) (minutes int, problem string) {
	n, ok := field(text, 1, 4, 0)
	if !ok || strings.Contains(text, "*") || n > maxOffset {
		return 0, "the offset from UTC has other characters than digits"
	}
	switch text[0] {
	case '+':
		return n, ""
	case '-':
		return -n, ""
	default:
		return 0, "character 22 is not +, - or :"
	}
}
