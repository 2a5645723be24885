package mof_test

import (
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/mof"
)

// FuzzCompile compiles anything, and prints and compiles again what is right.
func FuzzCompile(f *testing.F) {
	for _, w := range wrongSources(f) {
		f.Add([]byte(w.source))
	}
	f.Add([]byte(associated + `instance of Owns { Whole = $W; Piece = "SubPart.Name=\"p\",Number=1"; }; instance of Part as $W { Name = "w"; };`))
	f.Add([]byte(`class A { [Key] real64 R; datetime D = "2026****************.******+000"; [EmbeddedObject] string E[]; char16 C[2] = {'\'', '\x41'}; };
		instance of A { R = -1.5e3; E = {"instance of A { R = .5; };", "class B : A { void M([In] A REF P[]); };", NULL}; };`))
	f.Add([]byte(`[Abstract : Restricted, Description("a" /* b */ "\n") : DisableOverride] class A as $A { };` + "\r\n#pragma namespace(\"a/b\")\r\nclass B : A { };"))
	f.Fuzz(func(t *testing.T, source []byte) {
		s, err := mof.Compile([]mof.Source{
			{Name: "types.mof", Text: []byte(qualifierTypes)}, {Name: "fuzz.mof", Text: source},
		}, &mof.Options{MaxSize: 1 << 20, Warn: func(*mof.Error) {}})
		if err != nil {
			if err.Error() == "" || s != nil {
				t.Errorf("error %q, schema %v", err, s)
			}
			return
		}
		roundTrip(t, s)
	})
}

// FuzzValueMap reads any value map and asks it for numbers.
func FuzzValueMap(f *testing.F) {
	f.Add("1,2..3,..,0x8000..", "a,b,c,d", int64(2))
	f.Add("..-5,-3..4,101b,017", "a,b,c,d", int64(-4))
	f.Add("9..,..6", "a,b", int64(7))
	f.Fuzz(func(t *testing.T, keys, values string, n int64) {
		for _, typ := range integerTypes {
			m, err := mof.NewValueMap(typ, strings.Split(keys, ","), strings.Split(values, ","))
			if err != nil {
				continue
			}
			meaning, ok := m.Meaning(cimInteger(n))
			if !ok && meaning != "" {
				t.Errorf("%s %q has meaning %q and has not", typ, keys, meaning)
			}
			if number, ok := m.Number(meaning); ok {
				if again, _ := m.Meaning(number); !strings.EqualFold(again, meaning) && strings.Count(keys, ",") == 0 {
					t.Errorf("%s %q: %q is %v, which is %q", typ, keys, meaning, number, again)
				}
			}
		}
	})
}

// FuzzParseUnit reads any unit in both forms.
func FuzzParseUnit(f *testing.F) {
	for _, seed := range []string{
		"byte / second * 10^3", "decibel( A )", "kilogram / 1000", "meter*meter*2^-10", "acme:blip", "10^3", "byte * 1.5 / 2 ^ 10", "*", "a:b:c",
		"Tenths of Degrees C", "250 NanoSeconds", "per Thousand Packets", "Amps at 120 Volts", "Cubic KiloMeters per Square Feet", "per per", "-dBm",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, parse := range []func(string) (mof.Unit, error){mof.ParseUnit, mof.ParseUnitName} {
			u, err := parse(text)
			ascii := u.ASCII()
			if err != nil && (ascii != "" || err.Error() == "") {
				t.Errorf("%q: unit %q with error %v", text, ascii, err)
			}
			for _, r := range ascii {
				if r >= 0x80 {
					t.Errorf("%q: %q is not ASCII", text, ascii)
				}
			}
			if strings.TrimSpace(u.String()) != u.String() {
				t.Errorf("%q: spaces around %q", text, u)
			}
		}
	})
}

// FuzzBitMap reads any bit map, and sets the bits that it names.
func FuzzBitMap(f *testing.F) {
	f.Add("0,1,0x7", "a,b,c", uint64(5))
	f.Add("63,5,5", "a,b,c", uint64(1)<<63)
	f.Fuzz(func(t *testing.T, bits, values string, n uint64) {
		m, err := mof.NewBitMap(cim.TypeUint64, strings.Split(bits, ","), strings.Split(values, ","))
		if err != nil {
			return
		}
		meanings, unknown := m.Meanings(cim.Uint64(n))
		if unknown&^n != 0 {
			t.Errorf("%q: bits %#x of %#x are not set", bits, unknown, n)
		}
		if again, ok := m.Number(meanings...); !ok {
			t.Errorf("%q: %q are no bits", bits, meanings)
		} else if v, _ := again.Uint64(); len(meanings) > 0 && v == 0 {
			t.Errorf("%q: %q are %#x", bits, meanings, v)
		}
	})
}
