package mof

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/cimwatch/cimwatch/cim"
)

// qualifiers compares those of an element, but for their flavors. What is inherited in both
// is compared where it stands.
func (d *differ) qualifiers(a, b []cim.Qualifier) {
	valuesDone := false
	compare := func(name string) {
		old, now := findCIMQualifier(a, name), findCIMQualifier(b, name)
		inherited := (old == nil || old.Propagated) && (now == nil || now.Propagated)
		if inherited || old != nil && now != nil && old.Value.Equal(now.Value) {
			return
		}
		reason := ""
		if folded := cim.FoldName(name); folded == "valuemap" || folded == "values" {
			if !valuesDone { // the two are one map: it is said once why it does not fit
				reason = valuesReason(a, b)
			}
			valuesDone = valuesDone || reason != ""
		} else if rule := qualifierRules[folded]; rule != nil {
			reason = rule(old, now)
		}
		d.changed("qualifier "+name, valueText(old), valueText(now), reason)
	}
	for i := range a {
		compare(a[i].Name)
	}
	for i := range b {
		if findCIMQualifier(a, b[i].Name) == nil {
			compare(b[i].Name)
		}
	}
}

func findCIMQualifier(list []cim.Qualifier, name string) *cim.Qualifier {
	i := slices.IndexFunc(list, func(q cim.Qualifier) bool { return cim.EqualNames(q.Name, name) })
	if i < 0 {
		return nil
	}
	return &list[i]
}

// hasTrue reports whether a boolean qualifier stands and is true.
func hasTrue(list []cim.Qualifier, name string) bool {
	return isTrue(findCIMQualifier(list, name), false)
}

// isTrue returns the value of a boolean qualifier.
func isTrue(q *cim.Qualifier, otherwise bool) bool {
	if q == nil {
		return otherwise
	}
	on, _ := q.Value.Boolean()
	return on
}

func valueText(q *cim.Qualifier) string {
	if q == nil {
		return ""
	}
	return q.Value.String()
}

// rule says why programs may fail for a change of a qualifier, "" where they should not.
// Either may be nil: it does not stand.
type rule func(old, now *cim.Qualifier) string

// qualifierRules are those of qualifiers that programs depend on, by folded name. All
// others tell people something. It is never written.
var qualifierRules = map[string]rule{
	"abstract":         onceOn("it can no longer have instances"),
	"arraytype":        otherwiseThan("Bag", "the order of the elements means something else"),
	"association":      either("it is an association in one of the two only"),
	"embeddedinstance": otherwiseThan("", "it holds another class, or none"),
	"embeddedobject":   either("it holds objects in one of the two only"),
	"in":               direction(true),
	"indication":       either("it is an indication in one of the two only"),
	"key":              either("it changes all object paths"),
	"max":              lowered("fewer references are allowed"),
	"maxlen":           lowered("longer values no longer fit"),
	"maxvalue":         lowered("larger values no longer fit"),
	"min":              raised("more references are needed", true),
	"minlen":           raised("shorter values no longer fit", true),
	"minvalue":         raised("smaller values no longer fit", false),
	"out":              direction(false),
	"punit":            otherwiseThan("", "the numbers mean something else"),
	"read":             onceOff("it can no longer be read"),
	"required":         required,
	"static":           either("it belongs to the class in one of the two only"),
	"terminal":         onceOn("it can no longer have subclasses"),
	"units":            otherwiseThan("", "the numbers mean something else"),
	"write":            onceGone("it can no longer be written"),
}

func either(reason string) rule {
	return func(old, now *cim.Qualifier) string { return when(isTrue(old, false) != isTrue(now, false), reason) }
}

func onceOn(reason string) rule {
	return func(old, now *cim.Qualifier) string { return when(!isTrue(old, false) && isTrue(now, false), reason) }
}

func onceGone(reason string) rule {
	return func(old, now *cim.Qualifier) string { return when(isTrue(old, false) && !isTrue(now, false), reason) }
}

// onceOff is for a qualifier that is true where it does not stand.
func onceOff(reason string) rule {
	return func(old, now *cim.Qualifier) string { return when(isTrue(old, true) && !isTrue(now, true), reason) }
}

func direction(otherwise bool) rule {
	return func(old, now *cim.Qualifier) string {
		return when(isTrue(old, otherwise) != isTrue(now, otherwise), "callers give and get other parameters")
	}
}

func required(old, now *cim.Qualifier) string {
	switch {
	case isTrue(now, false) && !isTrue(old, false):
		return "it must have a value now"
	case isTrue(old, false) && !isTrue(now, false):
		return "it may be NULL now"
	default:
		return ""
	}
}

func otherwiseThan(standard, reason string) rule {
	text := func(q *cim.Qualifier) string {
		if q == nil || q.Value.IsNull() {
			return standard
		}
		s, _ := q.Value.Text()
		return s
	}
	return func(old, now *cim.Qualifier) string { return when(!strings.EqualFold(text(old), text(now)), reason) }
}

func lowered(reason string) rule {
	return func(old, now *cim.Qualifier) string {
		if now == nil || now.Value.IsNull() {
			return ""
		}
		return when(old == nil || old.Value.IsNull() || less(now.Value, old.Value), reason)
	}
}

// raised takes zero for no bound where it cannot be one.
func raised(reason string, natural bool) rule {
	return func(old, now *cim.Qualifier) string {
		if now == nil || now.Value.IsNull() {
			return ""
		}
		if old == nil || old.Value.IsNull() {
			return when(!natural || !isZero(now.Value), reason)
		}
		return when(less(old.Value, now.Value), reason)
	}
}

// less compares integers of one type.
func less(a, b cim.Value) bool {
	if x, ok := a.Uint64(); ok {
		if y, ok := b.Uint64(); ok {
			return x < y
		}
	}
	x, _ := a.Int64()
	y, _ := b.Int64()
	return x < y
}

func isZero(v cim.Value) bool {
	n, ok := v.Int64()
	return ok && n == 0
}

func when(condition bool, reason string) string {
	if condition {
		return reason
	}
	return ""
}

// valuesReason compares the meanings of single values; ranges are for what is to come, and
// what is in them has no meaning yet.
func valuesReason(a, b []cim.Qualifier) string {
	old, order := meanings(a)
	now, _ := meanings(b)
	for _, value := range order {
		meaning, ok := now[value]
		switch {
		case !ok && old[value] == "":
			return fmt.Sprintf("the value %s is gone", value)
		case !ok:
			return fmt.Sprintf("the value %s (%s) is gone", value, clip(old[value]))
		case !strings.EqualFold(meaning, old[value]):
			return fmt.Sprintf("the value %s means %q, and was %q", value, clip(meaning), clip(old[value]))
		}
	}
	return ""
}

// meanings returns what the single values of an element mean, and their order. Without
// ValueMap the values are 0, 1, 2 and so on.
func meanings(list []cim.Qualifier) (m map[string]string, order []string) {
	m = make(map[string]string)
	values, keys := qualifierTexts(list, "Values"), qualifierTexts(list, "ValueMap")
	if keys == nil {
		for i := range values {
			keys = append(keys, strconv.Itoa(i))
		}
	}
	for i, key := range keys {
		if key = strings.TrimSpace(key); strings.Contains(key, "..") {
			continue
		}
		m[key] = ""
		if i < len(values) {
			m[key] = values[i]
		}
		order = append(order, key)
	}
	return m, order
}
