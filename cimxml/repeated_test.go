package cimxml

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/cim"
)

// TestRepeated has more and more names, the first or the last of which comes again in
// another case.
func TestRepeated(t *testing.T) {
	for _, count := range []int{1, 2, 30, fewNames - 1, fewNames, fewNames + 1, 5000} {
		for _, again := range []int{-1, 0, count - 1} {
			var b strings.Builder
			for n := range count {
				fmt.Fprintf(&b, `<PROPERTY NAME="Property%d" TYPE="uint8"/>`, n)
			}
			if again >= 0 {
				fmt.Fprintf(&b, `<PROPERTY NAME="PROPERTY%d" TYPE="uint8"/>`, again)
			}
			document := `<INSTANCE CLASSNAME="X">` + b.String() + `</INSTANCE>`
			i, err := decodeElement(document, (*decoder).instance)
			if refused := err != nil; refused != (again >= 0) || !refused && len(i.Properties) != count {
				t.Errorf("%d properties, number %d again: %v", count, again, err)
			}
			lenient, err := decodeElementMode(document, ModeLenient, (*decoder).instance)
			if want := count + min(1, again+1); err != nil || len(lenient.Properties) != want {
				t.Errorf("%d properties, number %d again, leniently: %v", count, again, err)
			}
		}
	}
}

// TestRepeatedInOtherScripts has names that are equal and share no byte.
func TestRepeatedInOtherScripts(t *testing.T) {
	for _, names := range [][2]string{{"Рр", "рР"}, {"Kelvin", "\u212aelvin"}, {"ΟΔΟΣ", "οδος"}} {
		document := `<INSTANCE CLASSNAME="X"><PROPERTY NAME="` + names[0] + `" TYPE="uint8"/><PROPERTY NAME="` + names[1] + `" TYPE="uint8"/></INSTANCE>`
		if _, err := decodeElement(document, (*decoder).instance); err == nil {
			t.Errorf("%q were taken for two names", names)
		}
	}
}

// TestManyNames takes no longer for a property than for the one before.
func TestManyNames(t *testing.T) {
	var s nameSet
	var list []cim.Property
	for n := range 200_000 {
		list = append(list, cim.Property{Name: fmt.Sprint("P", n)})
		if s.add(list, 7) { // all have one hash, as a sender can choose
			t.Fatalf("%d was there", n)
		}
	}
}
