package cim_test

import (
	"math"
	"strconv"
	"testing"

	"github.com/cimwatch/cimwatch/cim"
)

// describe tells what a path holds, with the types of its keys.
func describe(p cim.ObjectPath) string {
	text := p.Host + "|" + p.Namespace + "|" + p.Class
	for _, k := range p.Keys {
		text += "|" + k.Name + " " + k.Value.Type().String() + " " + k.Value.Lexical()
	}
	if p.Keys != nil && len(p.Keys) == 0 {
		text += "|no keys"
	}
	return text
}

func TestParseObjectPath(t *testing.T) {
	tests := []struct {
		text, want, printed string // printed is "" where it is text
	}{
		{`CIM_Fan`, `||CIM_Fan`, ``},
		{`root/cimv2:CIM_Fan`, `|root/cimv2|CIM_Fan`, ``},
		{`:CIM_Fan`, `||CIM_Fan`, `CIM_Fan`},
		{`/root/cimv2:CIM_Fan`, `|root/cimv2|CIM_Fan`, `root/cimv2:CIM_Fan`},
		{`//esx:5989/root/cimv2:CIM_Fan`, `esx:5989|root/cimv2|CIM_Fan`, ``},
		{`https://esx/root/cimv2:CIM_Fan`, `esx|root/cimv2|CIM_Fan`, `//esx/root/cimv2:CIM_Fan`},
		{`cimxml-wbems:/root/cimv2:CIM_Fan`, `|root/cimv2|CIM_Fan`, `root/cimv2:CIM_Fan`},
		{`//[fe80::1%25eth0]:5989/root/hp-q/3par:CIM_Fan`, `[fe80::1%25eth0]:5989|root/hp-q/3par|CIM_Fan`, ``},
		{`//esx/:CIM_Fan`, `esx||CIM_Fan`, ``},
		{`CIM_Fan=@`, `||CIM_Fan|no keys`, ``},
		{`root/cimv2:CIM_Fan=@`, `|root/cimv2|CIM_Fan|no keys`, ``},
		{`CIM_Fan.ID="a"`, `||CIM_Fan|ID string a`, ``},
		{`CIM_Fan.ID="a,b=c.d\"\\é"`, `||CIM_Fan|ID string a,b=c.d"\é`, ``},
		{`CIM_Fan.ID=""`, `||CIM_Fan|ID string `, ``},
		{`CIM_Fan.b=1,A=-2,c=+3`, `||CIM_Fan|b integer 1|A integer -2|c integer 3`, `CIM_Fan.b=1,A=-2,c=3`},
		{`C.k=0x1F,l=017,m=-101b,n=0`, `||C|k integer 31|l integer 15|m integer -5|n integer 0`, `C.k=31,l=15,m=-5,n=0`},
		{`C.k=18446744073709551615,l=-9223372036854775808`, `||C|k integer 18446744073709551615|l integer -9223372036854775808`, ``},
		{`C.k='\x41',l='\x20AC'`, `||C|k char16 A|l char16 €`, `C.k='A',l='€'`},
		{`C.k=1.5,l=-2e3,m=INF`, `||C|k real64 1.5E+00|l real64 -2.0E+03|m real64 INF`, `C.k=1.5E+00,l=-2.0E+03,m=INF`},
		{`C.k=true,l=FALSE`, `||C|k boolean TRUE|l boolean FALSE`, `C.k=TRUE,l=FALSE`},
		{`C.k='a',l='\'',m='é'`, `||C|k char16 a|l char16 '|m char16 é`, ``},
		{`C.k="20261120075823.073983+000"`, `||C|k datetime 20261120075823.073983+000`, ``},
		{`C.k=00000001010101.000001:000`, `||C|k datetime 00000001010101.000001:000`, `C.k="00000001010101.000001:000"`},
		{`C.k="20261320075823.073983+000"`, `||C|k string 20261320075823.073983+000`, ``},
		{`A.r="root/cimv2:B.k=\"v\"",s=1`, `||A|r reference root/cimv2:B.k="v"|s integer 1`, ``},
		{`A.r="/root/cimv2:B.k=1"`, `||A|r reference root/cimv2:B.k=1`, `A.r="root/cimv2:B.k=1"`},
		{`A.r="root/cimv2:B"`, `||A|r string root/cimv2:B`, ``},
		{`A.r="a=b.c"`, `||A|r string a=b.c`, ``},
		{`root/cimv2:OMC_DiscreteSensor.DeviceID="115.0.32.0",CreationClassName="OMC_DiscreteSensor",SystemName="4445"`,
			`|root/cimv2|OMC_DiscreteSensor|DeviceID string 115.0.32.0|CreationClassName string OMC_DiscreteSensor|SystemName string 4445`, ``},
	}
	for _, tt := range tests {
		p, err := cim.ParseObjectPath(tt.text)
		if err != nil {
			t.Errorf("ParseObjectPath(%s): %v", tt.text, err)
			continue
		}
		if got := describe(p); got != tt.want {
			t.Errorf("ParseObjectPath(%s)\n got %s\nwant %s", tt.text, got, tt.want)
		}
		printed := tt.printed
		if printed == "" {
			printed = tt.text
		}
		if p.String() != printed {
			t.Errorf("%s is printed as %s, want %s", tt.text, p, printed)
		}
	}
}

func TestParseObjectPathErrors(t *testing.T) {
	tests := []struct{ text, want string }{
		{``, `object path "": "" is not a class name`},
		{`root/cimv2`, `object path "root/cimv2": "root/cimv2" is not a class name`},
		{`root/cimv2:`, `object path "root/cimv2:": "" is not a class name`},
		{`7C`, `object path "7C": "7C" is not a class name`},
		{"C\xff", `object path "C\xff": "C\xff" is not a class name`},
		{`//h;1/n:C`, `object path "//h;1/n:C": "h;1" is not a host`},
		{`//esx`, `object path "//esx": "" is not a class name`},
		{`ro ot:C`, `object path "ro ot:C": "ro ot" is not a namespace`},
		{`a//b:C`, `object path "a//b:C": "a//b" is not a namespace`},
		{`10.0.0.1/n:C`, `object path "10.0.0.1/n:C": "10.0.0.1/n" is not a namespace`},
		{`C.k`, `object path "C.k": "C.k" is not a class name`},
		{`C.k=`, `object path "C.k=": key k: the value is missing`},
		{`C.="v"`, `object path "C.=\"v\"": expected KEY=VALUE at "=\"v\""`},
		{`C.k="v`, `object path "C.k=\"v": key k: the closing " is missing`},
		{`C.k="v\"`, `object path "C.k=\"v\\\"": key k: the closing " is missing`},
		{`C.k="v"x`, `object path "C.k=\"v\"x": expected a comma at "x"`},
		{`C.k="v",`, `object path "C.k=\"v\",": expected KEY=VALUE at ""`},
		{`C.k=v`, `object path "C.k=v": key k: "v" is no number, boolean or quoted text`},
		{`C.k=018`, `object path "C.k=018": key k: "018" is no integer of base 8`},
		{`C.k=1,K=2`, `object path "C.k=1,K=2": key K stands twice`},
		{`C.k='ab'`, `object path "C.k='ab'": key k: "ab" is not a char16`},
		{`C.k=''`, `object path "C.k=''": key k: "" is not a char16`},
		{"C.k='\xff'", `object path "C.k='\xff'": key k: "\xff" is not a char16`},
		{`C.k=18446744073709551616`, `object path "C.k=18446744073709551616": key k: 18446744073709551616 is out of range for integer`},
		{`C.k=1e400`, `object path "C.k=1e400": key k: "1e400" is no number, boolean or quoted text`},
		{`C.k=-999999999999999999999b`, `object path "C.k=-999999999999999999999b": key k: "-999999999999999999999b" is no number, boolean or quoted text`},
	}
	many := "C.k=1"
	for i := range 256 {
		many += ",k" + strconv.Itoa(i) + "=1"
	}
	tests = append(tests, struct{ text, want string }{many, `object path "` + many[:64] + `...": there are more than 256 keys`})
	for _, tt := range tests {
		p, err := cim.ParseObjectPath(tt.text)
		if err == nil || err.Error() != tt.want {
			t.Errorf("ParseObjectPath(%q) = %s, %v\nwant %s", tt.text, describe(p), err, tt.want)
		}
	}
}

// References deeper than the bound stay strings; nothing is refused or lost.
func TestParseObjectPathNesting(t *testing.T) {
	p := cim.InstancePath("", "C", cim.Key{Name: "k", Value: cim.Integer(1)})
	for range 12 {
		p = cim.InstancePath("", "C", cim.Key{Name: "k", Value: cim.Reference(p)})
	}
	q, err := cim.ParseObjectPath(p.String())
	if err != nil || !q.Equal(p) || q.String() != p.String() {
		t.Errorf("%.80s reads as %.80s, %v", p, q, err)
	}
	depth := 0
	for inner := q; inner.IsInstance(); depth++ {
		inner, _ = inner.Key("k").Reference()
	}
	if depth != 9 {
		t.Errorf("%d paths are inside each other, want 9", depth)
	}
}

func TestObjectPathEqual(t *testing.T) {
	path := func(host, namespace, class string, keys ...cim.Key) cim.ObjectPath {
		p := cim.InstancePath(namespace, class, keys...)
		p.Host = host
		return p
	}
	key := func(name string, v cim.Value) cim.Key { return cim.Key{Name: name, Value: v} }
	inner := cim.InstancePath("root/cimv2", "CIM_Fan", key("ID", cim.String("1")))
	folded := cim.InstancePath("ROOT/cimv2", "cim_fan", key("id", cim.String("1")))
	tests := []struct {
		name string
		a, b cim.ObjectPath
		want bool
	}{
		{"names in any case", path("ESX", "root/CIMV2", "CIM_FAN", key("ID", cim.String("a"))),
			path("esx", "Root/cimv2", "cim_fan", key("id", cim.String("a"))), true},
		{"names beyond ASCII in any case", cim.ClassPath("", "ΟΔΟΣ"), cim.ClassPath("", "οδος"), true},
		{"dotless i is another letter", cim.ClassPath("", "ı"), cim.ClassPath("", "i"), false},
		{"dotted capital i is another letter", cim.ClassPath("", "İ"), cim.ClassPath("", "i"), false},
		{"slashes around a namespace", cim.ClassPath("/root/cimv2/", "C"), cim.ClassPath("root/cimv2", "C"), true},
		{"order of keys", path("", "", "C", key("a", cim.String("1")), key("b", cim.String("2"))),
			path("", "", "C", key("B", cim.String("2")), key("A", cim.String("1"))), true},
		{"letters of a string", path("", "", "C", key("a", cim.String("x"))), path("", "", "C", key("a", cim.String("X"))), false},
		{"integer types", path("", "", "C", key("a", cim.Uint8(7))), path("", "", "C", key("a", cim.Integer(7))), true},
		{"zeros of either sign", path("", "", "C", key("a", cim.Real64(0))), path("", "", "C", key("a", cim.Real64(math.Copysign(0, -1)))), true},
		{"signed and unsigned", path("", "", "C", key("a", cim.Sint64(-1))), path("", "", "C", key("a", cim.Uint64(1<<64-1))), false},
		{"number and string", path("", "", "C", key("a", cim.Uint8(7))), path("", "", "C", key("a", cim.String("7"))), false},
		{"boolean and string", path("", "", "C", key("a", cim.Boolean(true))), path("", "", "C", key("a", cim.String("TRUE"))), false},
		{"char16 and string", path("", "", "C", key("a", cim.Char16('x'))), path("", "", "C", key("a", cim.String("x"))), true},
		{"references in any case", path("", "", "C", key("a", cim.Reference(inner))), path("", "", "C", key("a", cim.Reference(folded))), true},
		{"reference and its text", path("", "", "C", key("a", cim.Reference(inner))), path("", "", "C", key("a", cim.String(folded.String()))), true},
		{"date-time and its text", path("", "", "C", key("a", mustDateTime("20261120085823.073983+060").Value())),
			path("", "", "C", key("a", cim.String("20261120075823.073983+000"))), true},
		{"date-times that hide the hour in two offsets", path("", "", "C", key("a", mustDateTime("20180912******.******+120").Value())),
			path("", "", "C", key("a", mustDateTime("20180911******.******+000").Value())), false},
		{"class and instance without keys", cim.ClassPath("", "C"), path("", "", "C"), false},
		{"one key less", path("", "", "C", key("a", cim.String("1"))), path("", "", "C"), false},
		{"another namespace", cim.ClassPath("a", "C"), cim.ClassPath("b", "C"), false},
		{"another host", path("a", "", "C"), path("b", "", "C"), false},
		{"another class", cim.ClassPath("a", "C"), cim.ClassPath("a", "D"), false},
		{"a quote in a key", path("", "", "C", key("a", cim.String(`1",b="2`))),
			path("", "", "C", key("a", cim.String("1")), key("b", cim.String("2"))), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.a.Equal(tt.b) != tt.want || tt.b.Equal(tt.a) != tt.want {
				t.Errorf("%s equals %s: %t, want %t", tt.a, tt.b, tt.a.Equal(tt.b), tt.want)
			}
			if got := tt.a.Canonical() == tt.b.Canonical(); got != tt.want {
				t.Errorf("%s and %s: canonical forms are the same: %t, want %t", tt.a.Canonical(), tt.b.Canonical(), got, tt.want)
			}
		})
	}
}

func TestCanonicalText(t *testing.T) {
	const long = "a value that is longer than most, so that all of the keys together need more room than there is at first"
	tests := []struct{ path, want string }{
		{`//ESX:5989/Root/CIMV2:CIM_Fan.SystemName="Esx",DeviceID="F\"1\\"`, `//esx:5989/root/cimv2:cim_fan.deviceid="F\"1\\",systemname="Esx"`},
		{`CIM_Fan`, "cim_fan"},
		{`root:CIM_Fan=@`, "root:cim_fan=@"},
		{`C.x="b",X2=TRUE`, `c.x2=TRUE,x="b"`}, // "x2=" is before "x=" by its bytes
		{`C.R="root:D.b=2,A=1",c='x'`, `c.c="x",r="root:d.a=1,b=2"`},
		{`C.ÄΣ="Σ"`, "c.ÄΣ=\"Σ\""}, // some form that all that fold alike share,
		{`C.b="` + long + `",a="` + long + `",c="` + long + `"`, `c.a="` + long + `",b="` + long + `",c="` + long + `"`},
		{`C.i=9,h=8,g=7,f=6,e=5,d=4,c=3,b=2,a=1`, "c.a=1,b=2,c=3,d=4,e=5,f=6,g=7,h=8,i=9"},
	}
	for _, tt := range tests {
		p, err := cim.ParseObjectPath(tt.path)
		if err != nil {
			t.Fatalf("%s: %v", tt.path, err)
		}
		if got := p.Canonical(); got != tt.want {
			t.Errorf("%s\ngot  %s\nwant %s", tt.path, got, tt.want)
		}
	}
}

func mustDateTime(text string) cim.DateTime {
	d, err := cim.ParseDateTime(text)
	if err != nil {
		panic(err)
	}
	return d
}

func TestObjectPathParts(t *testing.T) {
	p, err := cim.ParseObjectPath(`//esx/root/cimv2:CIM_Fan.DeviceID="f1",Number=2`)
	if err != nil {
		t.Fatal(err)
	}
	checks := []struct{ what, got, want string }{
		{"Local", p.Local().String(), `root/cimv2:CIM_Fan.DeviceID="f1",Number=2`},
		{"Relative", p.Relative().String(), `CIM_Fan.DeviceID="f1",Number=2`},
		{"In, with a namespace", p.Local().In("root/other").String(), `root/cimv2:CIM_Fan.DeviceID="f1",Number=2`},
		{"In, without", p.Relative().In("/root/other").String(), `root/other:CIM_Fan.DeviceID="f1",Number=2`},
		{"KeyText", p.KeyText("deviceid"), "f1"},
		{"KeyText of a number", p.KeyText("Number"), ""},
		{"Key", p.Key("number").String(), "2"},
		{"Key that is missing", p.Key("Name").String(), "NULL"},
	}
	for _, c := range checks {
		if c.got != c.want {
			t.Errorf("%s = %s, want %s", c.what, c.got, c.want)
		}
	}
	if !p.IsInstance() || p.IsZero() || cim.ClassPath("", "C").IsInstance() || !(cim.ObjectPath{}).IsZero() {
		t.Error("IsInstance or IsZero is wrong")
	}
	if !cim.InstancePath("", "C").IsInstance() {
		t.Error("an instance without keys is no instance")
	}
}

func FuzzObjectPath(f *testing.F) {
	for _, text := range []string{
		`//esx:5989/root/cimv2:CIM_Fan.DeviceID="f\"1\\",Number=-2,On=TRUE,C='\'',R=1.5e3`,
		`https://[fe80::1]/root/cimv2:C`, `:C`, `C=@`, `/n:C.k=017,l=101b,m=0x1f`,
		`A.r="/n2:B.s=\"/n3:C.k=\\\"v\\\"\""`, `C.k="20261120075823.073983+060"`, `C.k=00000001010101.000001:000`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := cim.ParseObjectPath(text)
		if err != nil {
			return
		}
		again, err := cim.ParseObjectPath(p.String())
		if err != nil {
			t.Fatalf("%q was printed as %s: %v", text, p, err)
		}
		if !again.Equal(p) || again.String() != p.String() {
			t.Fatalf("%q was printed as %s, then as %s", text, p, again)
		}
	})
}
