package cim_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/cim"
)

func TestURI(t *testing.T) {
	path := cim.InstancePath("Root/CIMv2", "CIM_Fan", cim.Key{Name: "SystemName", Value: cim.String("esx")},
		cim.Key{Name: "deviceID", Value: cim.String(`f"1\`)})
	hosted := path
	hosted.Host = "ESX1:5989"
	reference := cim.InstancePath("n", "A", cim.Key{Name: "R", Value: cim.Reference(
		cim.InstancePath("n", "B", cim.Key{Name: "K", Value: cim.Uint8(1)}))})
	tests := []struct {
		name string
		path cim.ObjectPath
		form cim.URIForm
		want string
	}{
		{"standard", path, cim.URIStandard, `/Root/CIMv2:CIM_Fan.deviceID="f\"1\\",SystemName="esx"`},
		{"canonical", path, cim.URICanonical, `/root/cimv2:cim_fan.deviceid="f\"1\\",systemname="esx"`},
		{"cimobject", path, cim.URICIMObject, `Root/CIMv2:CIM_Fan.deviceID="f\"1\\",SystemName="esx"`},
		{"historical", path, cim.URIHistorical, `Root/CIMv2:CIM_Fan.deviceID="f\"1\\",SystemName="esx"`},
		{"standard with a host", hosted, cim.URIStandard, `//ESX1:5989/Root/CIMv2:CIM_Fan.deviceID="f\"1\\",SystemName="esx"`},
		{"cimobject with a host", hosted, cim.URICIMObject, `/Root/CIMv2:CIM_Fan.deviceID="f\"1\\",SystemName="esx"`},
		{"standard relative", path.Relative(), cim.URIStandard, `/:CIM_Fan.deviceID="f\"1\\",SystemName="esx"`},
		{"historical relative", path.Relative(), cim.URIHistorical, `CIM_Fan.deviceID="f\"1\\",SystemName="esx"`},
		{"reference", reference, cim.URICanonical, `/n:a.r="/n:b.k=1"`},
		{"class", cim.ClassPath("n", "A"), cim.URIStandard, "/n:A"},
		{"no keys", cim.InstancePath("n", "A"), cim.URIStandard, "/n:A=@"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := test.path.URI(test.form)
			if got != test.want {
				t.Fatalf("URI is %s, want %s", got, test.want)
			}
			back, err := cim.ParseObjectPath(got)
			want := test.path
			if test.form == cim.URICIMObject {
				want = want.Local()
			}
			if err != nil || !back.Equal(want) {
				t.Errorf("reads back as %v, %v", back, err)
			}
		})
	}
}

type pathObject struct {
	Class     string `json:"classname"`
	Namespace string
	Host      string
	Keys      *[]struct {
		Name, Type string
		Value      json.RawMessage
	} `json:"keybindings"`
}

func TestConformancePathToURI(t *testing.T) {
	forms := map[string]cim.URIForm{
		"standard": cim.URIStandard, "canonical": cim.URICanonical,
		"cimobject": cim.URICIMObject, "historical": cim.URIHistorical,
	}
	var n tally
	for _, c := range readCases[struct {
		Desc, Format string
		Object       pathObject
		Expect       struct{ Result string }
	}](t, "wbem_uri_to") {
		form, ok := forms[c.Format]
		if !ok {
			continue // a form that Go's types cannot name
		}
		got, problem := c.Object.path(t).URI(form), ""
		if got != c.Expect.Result {
			problem = "is " + got + ", want " + c.Expect.Result
		}
		n.count(t, c.Desc, problem, uriDifference(got, c.Expect.Result))
	}
	n.report(t, "wbem_uri_to")
}

// uriDifference tells where cimwatch is right to differ.
func uriDifference(got, want string) string {
	switch {
	case strings.ReplaceAll(got, "=@", "") == want:
		return "an instance without keys is told from a class by =@ (DSP0207)"
	case strings.EqualFold(got, want) && strings.Contains(strings.ToLower(got), "=inf"):
		return "an infinity is spelt as in DSP0201"
	default:
		return ""
	}
}

func (o pathObject) path(t *testing.T) cim.ObjectPath {
	t.Helper()
	p := cim.ObjectPath{Class: o.Class, Namespace: o.Namespace, Host: o.Host}
	if o.Keys == nil {
		return p
	}
	p.Keys = []cim.Key{}
	for _, k := range *o.Keys {
		p.Keys = append(p.Keys, cim.Key{Name: k.Name, Value: keyFromJSON(t, k.Type, k.Value)})
	}
	return p
}

func keyFromJSON(t *testing.T, kind string, raw json.RawMessage) cim.Value {
	t.Helper()
	if kind == "reference" {
		var o pathObject
		if err := json.Unmarshal(raw, &o); err != nil {
			t.Fatal(err)
		}
		return cim.Reference(o.path(t))
	}
	text := strings.Trim(string(raw), `"`)
	if err := json.Unmarshal(raw, &text); err != nil && kind != "boolean" {
		t.Fatal(err)
	}
	switch kind {
	case "integer":
		v, err := cim.ParseValue(cim.TypeInteger, text)
		if err != nil {
			t.Fatal(err)
		}
		return v
	case "real":
		if strings.EqualFold(text, "inf") {
			return cim.Real64(math.Inf(1))
		}
		kind = "real64"
	}
	typ, err := cim.ParseType(kind)
	if err != nil {
		t.Fatal(err)
	}
	v, err := cim.ParseValue(typ, text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
