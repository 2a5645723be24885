package mof_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"os"
	"testing/fstest"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/mof"
)

const fanModel = `
Qualifier Key : boolean = false, Scope(property, reference), Flavor(DisableOverride, ToSubclass);
Qualifier Values : string[], Scope(property, method, parameter);

class ACME_Device { [Key] string DeviceID; };
class ACME_Fan : ACME_Device {
    uint32 Speed = 3000;
    [Values{"OK", "Failed"}] uint8 State;
};
instance of ACME_Fan { DeviceID = "fan1"; State = 1; };
`

func Example() {
	files := fstest.MapFS{"fan.mof": {Data: []byte(fanModel)}} // os.DirFS("models") for a folder
	schema, err := mof.CompileFS(files, []string{"*.mof"}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range schema.Class("ACME_Fan").Properties {
		fmt.Println(p.Name, p.Value.Type(), p.ClassOrigin)
	}
	for _, i := range schema.Instances() {
		state, _ := schema.ValueMap(i.Class, "State").Meaning(i.Get("State"))
		fmt.Println(i.Path, i.Get("Speed"), state)
	}
	// Output:
	// DeviceID string ACME_Device
	// Speed uint32 ACME_Fan
	// State uint8 ACME_Fan
	// root/cimv2:ACME_Fan.DeviceID="fan1" 3000 Failed
}

func ExampleErrorList() {
	_, err := mof.Compile([]mof.Source{{Name: "fan.mof", Text: []byte("class Fan : Device {\n  uint23 Speed;\n};")}}, nil)
	if list, ok := errors.AsType[mof.ErrorList](err); ok {
		for _, e := range list {
			fmt.Println(e)
		}
	}
	// Output:
	// fan.mof:1:13: superclass Device of class Fan is not defined
	// fan.mof:2:3: "uint23", expected a data type, or the name of a class and REF, perhaps uint8
}

func ExampleBuiltinValues() {
	meaning, ok := mof.BuiltinValues().Meaning("OMC_IpmiAlertIndication", "AlertType", 8)
	fmt.Println(meaning, ok)
	// Output: Security Alert true
}

func ExampleNewSchema() {
	key := cim.Qualifier{Name: "Key", Value: cim.Boolean(true), Flavor: cim.DefaultFlavor}
	device := &cim.Class{Name: "ACME_Device", Properties: []cim.Property{
		{Name: "DeviceID", Value: cim.Null(cim.TypeString), Qualifiers: []cim.Qualifier{key}},
	}}
	fan := &cim.Class{Name: "ACME_Fan", SuperClass: "ACME_Device"} // what a client gets from a CIM server
	schema, err := mof.NewSchema(mof.Contents{Classes: []*cim.Class{fan, device}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(schema.Subclasses("ACME_Device"), schema.Class("ACME_Fan").KeyNames())
	// Output: [ACME_Fan] [DeviceID]
}

func ExampleCompileZip() {
	var archive bytes.Buffer // os.Open gives an io.ReaderAt too
	w := zip.NewWriter(&archive)
	f, err := w.Create("fan.mof")
	if err == nil {
		_, err = f.Write([]byte(fanModel))
	}
	if err := errors.Join(err, w.Close()); err != nil {
		fmt.Println(err)
		return
	}
	schema, err := mof.CompileZip(bytes.NewReader(archive.Bytes()), int64(archive.Len()), nil, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(schema.ClassNames())
	// Output: [ACME_Device ACME_Fan]
}

func ExampleSchema_Associations() {
	schema, err := mof.Compile([]mof.Source{{Name: "box.mof", Text: []byte(`
Qualifier Association : boolean = false, Scope(association), Flavor(DisableOverride);
class ACME_Part { };
class ACME_Fan : ACME_Part { };
class ACME_Box { };
[Association] class ACME_Contains { ACME_Box REF Whole; ACME_Part REF Part; };`)}}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(schema.Associations("ACME_Fan"))
	// Output: [ACME_Contains]
}

func ExampleParseUnit() {
	u, err := mof.ParseUnit("byte / second * 10^3")
	fmt.Println(u, err)
	u, err = mof.ParseUnitName("Tenths of Degrees C")
	fmt.Println(u, err)
	// Output:
	// kB/s <nil>
	// 1/10 °C <nil>
}

func ExampleBitMap() {
	m, err := mof.NewBitMap(cim.TypeUint8, []string{"0", "2"}, []string{"Ready", "Failed"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Meanings(cim.Uint8(0b1101)))
	// Output: [Ready Failed] 8
}

func ExampleWriteInstance() {
	alert := cim.NewInstance("CIM_AlertIndication",
		cim.Prop("Description", cim.String(`the "front" fan failed`)),
		cim.Prop("AlertType", cim.Uint16(5)))
	if err := mof.WriteInstance(os.Stdout, alert); err != nil {
		fmt.Println(err)
	}
	// Output:
	// instance of CIM_AlertIndication {
	//    Description = "the \"front\" fan failed";
	//    AlertType = 5;
	// };
}
