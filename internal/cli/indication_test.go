package cli

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/listener"
	"github.com/cimwatch/cimwatch/mof"
)

// alert has what indications have: numbers with a meaning and without, NULLs, arrays,
// embedded instances and texts that could command a terminal.
func alert() *listener.Indication {
	fan := cim.NewInstance("CIM_Fan",
		cim.Prop("DeviceID", cim.String("fan1")), cim.Prop("OperationalStatus", cim.Uint16s(2, 0x8001)))
	return &listener.Indication{
		Received: time.Date(2026, 7, 9, 16, 7, 47, 1500, time.FixedZone("", 2*60*60)),
		Remote:   netip.MustParseAddrPort("[2001:db8::7]:40000"),
		Host:     "2001:db8::7",
		Path:     "/test",
		Sequence: &listener.Sequence{Context: "c", Number: 7},
		Raw:      []byte("<CIM/>\r\n\n"),
		Instance: cim.NewInstance("OMC_IpmiAlertIndication",
			cim.Prop("AlertType", cim.Uint16(8)),
			cim.Prop("PerceivedSeverity", cim.Null(cim.TypeUint16)),
			cim.Prop("SequenceNumber", cim.Sint64(7)),
			cim.Prop("CorrelatedIndications", cim.NullArray(cim.TypeString)),
			cim.Prop("Description", cim.String("Assert\x1b[2J\nx = <y>")),
			cim.Prop("SourceInstance", cim.EmbeddedInstance(fan)),
			cim.Prop("Element", cim.Reference(cim.InstancePath("root/cimv2", "CIM_Fan", cim.Key{Name: "DeviceID", Value: cim.String("fan1")}))),
			cim.Prop("Unknown", cim.Uint16(1)),
		),
	}
}

func TestIndicationText(t *testing.T) {
	const want = `OMC_IpmiAlertIndication
              AlertType = 8 (Security Alert)
      PerceivedSeverity = NULL
         SequenceNumber = 7
  CorrelatedIndications = NULL
            Description = Assert\x1b[2J\nx = <y>
         SourceInstance = instance of CIM_Fan
                                     DeviceID = fan1
                            OperationalStatus = {2 (OK), 32769 (Vendor Reserved)}
                Element = root/cimv2:CIM_Fan.DeviceID="fan1"
                Unknown = 1
`
	var b strings.Builder
	if err := newIndicationView(alert(), mof.BuiltinValues()).WriteText(&b, false); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
}

func TestIndicationTextColor(t *testing.T) {
	var b strings.Builder
	if err := newIndicationView(alert(), nil).WriteText(&b, true); err != nil {
		t.Fatal(err)
	}
	if want := "\x1b[1mOMC_IpmiAlertIndication\x1b[0m\n              AlertType = 8\n"; !strings.HasPrefix(b.String(), want) {
		t.Errorf("text is %q, want %q first", b.String(), want)
	}
}

// TestIndicationJSON holds the form that docs/json.md promises.
func TestIndicationJSON(t *testing.T) {
	const want = `{"received":"2026-07-09T14:07:47.0000015Z","remote":"[2001:db8::7]:40000","path":"/test",` +
		`"host":"2001:db8::7","class":"OMC_IpmiAlertIndication","sequence":{"context":"c","number":7},` +
		`"properties":{"AlertType":8,"PerceivedSeverity":null,"SequenceNumber":7,"CorrelatedIndications":null,"Description":"Assert\u001b[2J\nx = <y>",` +
		`"SourceInstance":{"class":"CIM_Fan","properties":{"DeviceID":"fan1","OperationalStatus":[2,32769]}},` +
		`"Element":"root/cimv2:CIM_Fan.DeviceID=\"fan1\"","Unknown":1}}` + "\n"
	var b strings.Builder
	if err := (&Env{}).encode(&b, formatJSON, newIndicationView(alert(), nil)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
}

func TestIndicationXML(t *testing.T) {
	var b strings.Builder
	if err := newIndicationView(alert(), nil).WriteXML(&b); err != nil {
		t.Fatal(err)
	}
	if b.String() != "<CIM/>\n" {
		t.Errorf("XML is %q, want the message as it came and one line end", b.String())
	}
}

func TestAccessLine(t *testing.T) {
	received := time.Date(2010, 7, 9, 14, 7, 47, 0, time.Local)
	remote := netip.MustParseAddrPort("192.0.2.7:40000")
	tests := []struct {
		name   string
		answer listener.Answer
		reason string
		want   string
	}{
		{
			"kept",
			listener.Answer{
				Received: received, Remote: remote, Method: "POST", Path: "/test", Proto: "HTTP/1.1", Status: 200,
				Indication: &listener.Indication{Host: "esxbox"},
			},
			"", `esxbox - - [09/Jul/2010 14:07:47] "POST /test HTTP/1.1" 200 -`,
		},
		{
			"refused, with what could forge a line",
			listener.Answer{
				Received: received, Remote: remote, Method: "GET", Path: "/\" 200 -\n\x1bü", Proto: "HTTP/1.0", Status: 405,
			},
			"method-not-allowed",
			`192.0.2.7 - - [09/Jul/2010 14:07:47] "GET /%22%20200%20-%0A%1B%C3%BC HTTP/1.0" 405 - method-not-allowed`,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := accessLine(&test.answer, test.reason); got != test.want {
				t.Errorf("line is %s, want %s", got, test.want)
			}
		})
	}
}
