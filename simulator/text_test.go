package simulator_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/simulator"
)

// TestTextsBeyondXML loads no model with a text that no answer could carry.
func TestTextsBeyondXML(t *testing.T) {
	const prelude = `#pragma include ("qualifiers.mof")
		class LAB_A { [Key] uint8 ID; string Text; string List[]; char16 Letter; [EmbeddedObject] string Inner; };
		class LAB_Named { [Key] string Name; };
		[Association] class LAB_Of { [Key] LAB_Named REF Of; [Key] LAB_Named REF To; };
		`
	for text, want := range map[string]string{
		`instance of LAB_A { ID = 7; Text = "red \x1B[31m"; };`: `instance root/cimv2:LAB_A.ID=7: property Text: "red \x1b[31m": ` +
			`XML cannot carry the character U+001B`,
		`instance of LAB_A { ID = 7; List = {"a", "\x0001"}; };`: "LAB_A.ID=7: property List: ",
		`instance of LAB_A { ID = 7; Letter = '\x0002'; };`:      "LAB_A.ID=7: property Letter: ",
		`instance of LAB_A { ID = 7; Inner = "instance of LAB_A { ID = 8; Text = \"\\x0003\"; };"; };`: "LAB_A.ID=7: property Inner: " +
			"instance of LAB_A: property Text: ",
		`instance of LAB_Named { Name = "\x0004"; };`:                                             "property Name: ",
		`instance of LAB_Of { Of = "LAB_Named.Name=\"a\x0005\""; To = "LAB_Named.Name=\"b\""; };`: "property Of: key Name: ",
		`class LAB_B { [Key] string Name = "\x0006"; };`:                                          "class LAB_B: property Name: ",
		`[Description("\x0007")] class LAB_C { [Key] string Name; };`:                             "class LAB_C: qualifier Description: ",
		`class LAB_D { uint8 Do([In, Description("\x0008\x000B")] string What); };`: "class LAB_D: method Do: parameter What: qualifier " +
			"Description: ",
	} {
		model, err := simulator.LoadModel(fstest.MapFS{"m.mof": {Data: []byte(prelude + text)}}, "m.mof")
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if _, err := simulator.New(model, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error is %v, want %q in it", text, err, want)
		}
	}
}

// TestAnswerNamesThePlace tells which of many instances cannot be written, and why.
func TestAnswerNamesThePlace(t *testing.T) {
	s, c := startLab(t, nil)
	if _, _, err := s.Update(thing("LAB_Box", "box"), cim.Prop("Caption", cim.String("\x01"))); err != nil {
		t.Fatal(err)
	}
	_, err := collect(c.EnumerateInstances(t.Context(), cimv2, "LAB_Root", nil))
	wantStatus(t, err, cim.StatusFailed)
	for _, want := range []string{"LAB_Box.", "property Caption", "U+0001"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want %q in it", err, want)
		}
	}
}
