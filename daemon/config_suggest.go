package daemon

import (
	"maps"
	"reflect"
	"slices"
	"strings"
)

// suggest returns ", expected perhaps KEY" for a key that nothing knows at a path such as
// "$.hosts[1].nam", "" when no other is like it.
func suggest(path string) string {
	steps := strings.Split(shapeOf(path), ".")[1:]
	last := len(steps) - 1
	t := reflect.TypeFor[Config]()
	for _, step := range steps[:last] {
		if t = keysOf(t)[strings.TrimRight(step, "[]")]; t == nil {
			return ""
		}
		for t.Kind() == reflect.Slice || t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
	}
	var like []string
	for key := range keysOf(t) {
		if isLike(steps[last], key) {
			like = append(like, key)
		}
	}
	if len(like) == 0 {
		return ""
	}
	slices.Sort(like)
	return ", expected perhaps " + like[0]
}

// keysOf returns the keys that a part of Config has, with what they hold.
func keysOf(t reflect.Type) map[string]reflect.Type {
	keys := map[string]reflect.Type{}
	if t.Kind() != reflect.Struct {
		return keys
	}
	for field := range t.Fields() {
		key, options, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		if options != "inline" {
			keys[key] = field.Type
			continue
		}
		maps.Copy(keys, keysOf(field.Type))
	}
	return keys
}

// isLike says whether a text is another one with letters left out, added or exchanged, two at most.
func isLike(text, other string) bool {
	letters := func(s string) string {
		b := []byte(s)
		slices.Sort(b)
		return string(b)
	}
	switch far := len(text) - len(other); {
	case far == 0:
		return letters(text) == letters(other)
	case far > 0:
		return far <= 2 && isWithin(other, text)
	default:
		return far >= -2 && isWithin(text, other)
	}
}

// isWithin says whether a text is left when letters of another are taken away.
func isWithin(text, other string) bool {
	for i := range len(other) {
		if text != "" && text[0] == other[i] {
			text = text[1:]
		}
	}
	return text == ""
}
