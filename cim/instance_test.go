package cim_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/cimwatch/cimwatch/cim"
)

func TestInstanceProperties(t *testing.T) {
	i := cim.NewInstance("CIM_Fan", cim.Prop("Name", cim.String("f")), cim.Prop("Speed", cim.Uint64(3000)))
	if i.Text("NAME") != "f" || i.Text("Speed") != "" || i.Text("Missing") != "" || !i.Get("Missing").IsNull() {
		t.Errorf("read wrongly: %s", i)
	}
	i.Set("name", cim.String("g"))
	i.Set("Part", cim.EmbeddedInstance(cim.NewInstance("CIM_Chip")))
	i.Set("Kind", cim.EmbeddedClass(&cim.Class{Name: "CIM_Chip"}))
	if got := i.String(); got != "instance of CIM_Fan {Name = g; Speed = 3000; Part = instance of CIM_Chip {}; Kind = class CIM_Chip}" {
		t.Errorf("after Set: %s", got)
	}
	if i.Property("Part").Embedded != cim.EmbeddedAsInstance || i.Property("Kind").Embedded != cim.EmbeddedAsObject {
		t.Error("what is embedded is not marked")
	}
	i.Set("Part", cim.String("none"))
	if i.Property("Part").Embedded != cim.NotEmbedded {
		t.Error("a text is marked as embedded")
	}
}

func TestInstanceClone(t *testing.T) {
	i := cim.NewInstance("C", cim.Prop("a", cim.Uint8(1)))
	i.Path = cim.InstancePath("n", "C", cim.Key{Name: "a", Value: cim.Uint8(1)})
	i.Qualifiers = []cim.Qualifier{{Name: "Version", Value: cim.String("1")}}
	c := i.Clone()
	if !c.Equal(i) {
		t.Fatalf("the clone differs: %s", c)
	}
	c.Set("a", cim.Uint8(2))
	c.Path.Keys[0].Value = cim.Uint8(2)
	c.Qualifiers[0].Value = cim.String("2")
	if n, _ := i.Get("a").Uint64(); n != 1 || i.Path.String() != "n:C.a=1" || i.Qualifiers[0].Value.String() != "1" {
		t.Errorf("changing the clone changed the original: %s %s", i.Path, i)
	}
}

func TestInstanceEqual(t *testing.T) {
	base := func() *cim.Instance {
		return cim.NewInstance("C", cim.Prop("a", cim.Uint8(1)), cim.Prop("b", cim.Strings("x", "y")))
	}
	tests := []struct {
		name   string
		change func(i *cim.Instance)
		want   bool
	}{
		{"nothing", func(*cim.Instance) {}, true},
		{"case of names", func(i *cim.Instance) { i.Class, i.Properties[0].Name = "c", "A" }, true},
		{"order of properties", func(i *cim.Instance) {
			i.Properties[0], i.Properties[1] = i.Properties[1], i.Properties[0]
		}, true},
		{"a value", func(i *cim.Instance) { i.Set("a", cim.Uint8(2)) }, false},
		{"a type", func(i *cim.Instance) { i.Set("a", cim.Uint16(1)) }, false},
		{"NULL", func(i *cim.Instance) { i.Set("a", cim.Null(cim.TypeUint8)) }, false},
		{"order of elements", func(i *cim.Instance) { i.Set("b", cim.Strings("y", "x")) }, false},
		{"number of elements", func(i *cim.Instance) { i.Set("b", cim.Strings("x")) }, false},
		{"one property more", func(i *cim.Instance) { i.Set("c", cim.Uint8(1)) }, false},
		{"another property", func(i *cim.Instance) { i.Properties[0].Name = "c" }, false},
		{"class", func(i *cim.Instance) { i.Class = "D" }, false},
		{"path", func(i *cim.Instance) { i.Path = cim.ClassPath("", "C") }, false},
		{"qualifier", func(i *cim.Instance) { i.Qualifiers = []cim.Qualifier{{Name: "Q"}} }, false},
		{"origin", func(i *cim.Instance) { i.Properties[0].ClassOrigin = "B" }, false},
		{"propagated", func(i *cim.Instance) { i.Properties[0].Propagated = true }, false},
	}
	for _, tt := range tests {
		i := base()
		tt.change(i)
		if i.Equal(base()) != tt.want || base().Equal(i) != tt.want {
			t.Errorf("%s changed: Equal = %t, want %t", tt.name, i.Equal(base()), tt.want)
		}
	}
	var none *cim.Instance
	if !none.Equal(nil) || none.Equal(base()) || base().Equal(nil) {
		t.Error("no instance does not equal just no instance")
	}
}

func TestInstanceJSON(t *testing.T) {
	i := cim.NewInstance("C", cim.Prop("z", cim.Uint64(1<<63)), cim.Prop("a\"", cim.Strings("x")))
	i.Path = cim.InstancePath("n", "C", cim.Key{Name: "k", Value: cim.String("v")})
	got, err := json.Marshal(i)
	want := `{"class":"C","path":"n:C.k=\"v\"","properties":{"z":9223372036854775808,"a\"":["x"]}}`
	if err != nil || string(got) != want {
		t.Errorf("JSON = %s, %v\nwant %s", got, err, want)
	}
}

func class() *cim.Class {
	return &cim.Class{
		Name: "CIM_Fan", SuperClass: "CIM_Device",
		Properties: []cim.Property{
			{Name: "ID", Value: cim.Null(cim.TypeString), Qualifiers: []cim.Qualifier{{Name: "key", Value: cim.Boolean(true)}}},
			{Name: "Kind", Value: cim.Uint8(1), Qualifiers: []cim.Qualifier{{Name: "Key", Value: cim.Boolean(false)}}},
		},
		Methods: []cim.Method{{
			Name: "SetSpeed", ReturnType: cim.TypeUint32,
			Parameters: []cim.Parameter{{Name: "Speed", Value: cim.Null(cim.TypeUint64)}},
		}},
		Qualifiers: []cim.Qualifier{
			{Name: "Abstract", Value: cim.Null(cim.TypeBoolean)}, {Name: "Version", Value: cim.String("2.49.0")},
		},
	}
}

func TestClass(t *testing.T) {
	c := class()
	if got := fmt.Sprint(c.KeyNames()); got != "[ID]" {
		t.Errorf("KeyNames() = %s", got)
	}
	if !c.HasQualifier("ABSTRACT") || c.HasQualifier("Association") {
		t.Error("HasQualifier is wrong")
	}
	if c.Qualifier("version").Value.String() != "2.49.0" || c.Property("id").Qualifier("KEY") == nil || c.Property("nope") != nil {
		t.Error("a lookup is wrong")
	}
	if c.Method("setspeed") == nil || c.Method("nope") != nil {
		t.Error("Method is wrong")
	}
}

func TestClassEqual(t *testing.T) {
	tests := []struct {
		name   string
		change func(c *cim.Class)
		want   bool
	}{
		{"nothing", func(*cim.Class) {}, true},
		{"order", func(c *cim.Class) {
			c.Properties[0], c.Properties[1] = c.Properties[1], c.Properties[0]
			c.Qualifiers[0], c.Qualifiers[1] = c.Qualifiers[1], c.Qualifiers[0]
		}, true},
		{"superclass", func(c *cim.Class) { c.SuperClass = "" }, false},
		{"default", func(c *cim.Class) { c.Properties[1].Value = cim.Uint8(2) }, false},
		{"qualifier", func(c *cim.Class) { c.Properties[0].Qualifiers[0].Flavor = cim.ToInstance }, false},
		{"method name", func(c *cim.Class) { c.Methods[0].Name = "x" }, false},
		{"method missing", func(c *cim.Class) { c.Methods = nil }, false},
		{"return type", func(c *cim.Class) { c.Methods[0].ReturnType = cim.TypeNone }, false},
		{"parameter type", func(c *cim.Class) { c.Methods[0].Parameters[0].Value = cim.Null(cim.TypeUint8) }, false},
		{"parameter missing", func(c *cim.Class) { c.Methods[0].Parameters = nil }, false},
	}
	for _, tt := range tests {
		c := class()
		tt.change(c)
		if c.Equal(class()) != tt.want || class().Equal(c) != tt.want {
			t.Errorf("%s changed: Equal = %t, want %t", tt.name, c.Equal(class()), tt.want)
		}
	}
	var none *cim.Class
	if !none.Equal(nil) || none.Equal(class()) {
		t.Error("no class does not equal just no class")
	}
}

func TestParam(t *testing.T) {
	p := cim.Param("Part", cim.EmbeddedInstance(cim.NewInstance("C")))
	if p.Embedded != cim.EmbeddedAsInstance || p.Name != "Part" {
		t.Errorf("Param = %+v", p)
	}
}

func TestError(t *testing.T) {
	err := fmt.Errorf("delete filter: %w", cim.Errorf(cim.StatusFailed, "%s in use", "Filter"))
	tests := []struct {
		target error
		want   bool
	}{
		{cim.StatusFailed, true},
		{cim.StatusNotFound, false},
		{&cim.Error{Status: cim.StatusFailed}, true},
		{&cim.Error{Status: cim.StatusNotFound}, false},
		{&cim.Error{Status: cim.StatusFailed, Description: "Filter in use"}, false},
		{errors.New("failed"), false},
	}
	for _, tt := range tests {
		if got := errors.Is(err, tt.target); got != tt.want {
			t.Errorf("errors.Is(err, %#v) = %t, want %t", tt.target, got, tt.want)
		}
	}
	var refusal *cim.Error
	if !errors.As(err, &refusal) || refusal.Description != "Filter in use" {
		t.Errorf("errors.As gives %+v", refusal)
	}
	if got := err.Error(); got != "delete filter: failed (CIM status 1): Filter in use" {
		t.Errorf("Error() = %s", got)
	}
	for status, want := range map[cim.Status]string{
		cim.StatusNotFound: "not found", cim.StatusServerIsShuttingDown: "server is shutting down", 0: "CIM status 0", 18: "CIM status 18", 200: "CIM status 200",
	} {
		if status.Error() != want {
			t.Errorf("status %d is %q, want %q", uint32(status), status, want)
		}
	}
}

func TestNames(t *testing.T) {
	tests := []struct {
		a, b string
		want bool
	}{
		{"CIM_Fan", "cim_FAN", true}, {"CIM_Fan", "CIM_Fans", false}, {"Größe", "GRÖSSE", false}, {"GRÖẞE", "größe", true},
		{"\u212aey", "key", true}, {"ς", "σ", true}, {"ı", "i", false}, {"İ", "i", false},
	}
	for _, tt := range tests {
		if got := cim.EqualNames(tt.a, tt.b); got != tt.want {
			t.Errorf("EqualNames(%s, %s) = %t", tt.a, tt.b, got)
		}
		if got := cim.FoldName(tt.a) == cim.FoldName(tt.b); got != tt.want {
			t.Errorf("FoldName gives %s and %s for %s and %s", cim.FoldName(tt.a), cim.FoldName(tt.b), tt.a, tt.b)
		}
	}
}
