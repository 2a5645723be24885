package cimxml

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/beevik/etree"

	"github.com/cimwatch/cimwatch/cim"
)

// The benchmarks report, beside the usual, how many times as long etree takes to read
// the same document as a tree, measured in the same run: times are not comparable
// between machines, the ratio is.

// reportAgainstTree reports the ratio after the loop of a benchmark.
func reportAgainstTree(b *testing.B, document []byte) {
	b.Helper()
	own := b.Elapsed() / time.Duration(b.N)
	b.StopTimer()
	const least = 300 * time.Millisecond
	n, start := 0, time.Now()
	for ; time.Since(start) < least; n++ {
		if err := etree.NewDocument().ReadFromBytes(document); err != nil {
			b.Fatal(err)
		}
	}
	tree := time.Since(start) / time.Duration(n)
	b.ReportMetric(float64(tree)/float64(own), "x-etree")
}

// BenchmarkDecodeAlert decodes an alert as a listener does, keeping nothing but the last.
func BenchmarkDecodeAlert(b *testing.B) {
	for _, name := range []string{"export-ipmialert", "export-instmodification"} {
		b.Run(name, func(b *testing.B) {
			body := testMessage(b, name)
			x := NewExportDecoder(Limits{})
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				if _, err := x.Decode(body); err != nil {
					b.Fatal(err)
				}
			}
			reportAgainstTree(b, body)
		})
	}
}

// enumerateReply is a reply to EnumerateInstances with n instances of 25 properties.
func enumerateReply(b *testing.B, n int) []byte {
	b.Helper()
	values := make([]cim.Value, n)
	for i := range values {
		sensor := cim.NewInstance("OMC_NumericSensor",
			cim.Prop("DeviceID", cim.String(fmt.Sprintf("%d.0.32", i))), cim.Prop("ElementName", cim.String(fmt.Sprintf("Fan %d RPM", i))),
			cim.Prop("OperationalStatus", cim.Uint16s(2)), cim.Prop("CurrentReading", cim.Sint32(int32(100*i))),
			cim.Prop("Description", cim.Null(cim.TypeString)))
		for p := range 20 {
			sensor.Properties = append(sensor.Properties, cim.Prop(fmt.Sprintf("Property%02d", p), cim.String(fmt.Sprintf("value %d of %d", p, i))))
		}
		sensor.Path = cim.InstancePath("root/cimv2", sensor.Class, cim.Key{Name: "DeviceID", Value: sensor.Get("DeviceID")},
			cim.Key{Name: "SystemName", Value: cim.String("esx1")})
		values[i] = cim.EmbeddedInstance(sensor)
	}
	var text bytes.Buffer
	req := &Request{ID: "1", Method: "EnumerateInstances", Namespace: "root/cimv2"}
	if err := WriteResponse(&text, req, &Response{Form: FormNamedInstance, Result: slices.Values(values)}); err != nil {
		b.Fatal(err)
	}
	return text.Bytes()
}

// BenchmarkDecodeEnumerate decodes a large reply as the client does, instance by instance.
func BenchmarkDecodeEnumerate(b *testing.B) {
	const instances = 2600
	body := enumerateReply(b, instances)
	for name, keep := range map[string]bool{"streamed": false, "kept": true} {
		b.Run(name, func(b *testing.B) {
			req := &Request{Namespace: "root/cimv2"}
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				var all []*cim.Instance
				n := 0
				d := newStreamDecoder(bytes.NewReader(body), Limits{}, ModeDefault)
				d.intrinsicResponse("1", "EnumerateInstances", func() bool {
					i := d.resultInstance(req)
					if n++; keep {
						all = append(all, i)
					}
					return true
				})
				if d.err != nil || n != instances {
					b.Fatal(d.err, n)
				}
			}
			reportAgainstTree(b, body)
		})
	}
}

// TestDecodeAllocations holds the allocations of an alert, which are exact.
func TestDecodeAllocations(t *testing.T) {
	body := testMessage(t, "export-ipmialert")
	x := NewExportDecoder(Limits{})
	n := testing.AllocsPerRun(100, func() {
		if _, err := x.Decode(body); err != nil {
			t.Error(err)
		}
	})
	const most = 8
	if n > most {
		t.Errorf("an alert of %d bytes takes %v allocations, at most %d were expected", len(body), n, most)
	}
}
