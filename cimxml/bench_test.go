package cimxml

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/beevik/etree"

	"github.com/cimwatch/cimwatch/cim"
)

// The benchmarks report, beside the usual, how many times as long others take to read the
// same document: etree as a tree, and libxml2 by SAX2, once keeping the names, types and
// texts of properties as strings, once keeping nothing and so doing less. Times are not
// comparable between machines, nor between moments on a shared one, so each ratio is the
// median of rounds in which both take turns. Meanwhile a heap of some size is held, as in
// a program that does more than to decode: garbage is collected as often as there.

const (
	rounds    = 15
	roundTime = 20 * time.Millisecond // of each
	heldHeap  = 16 << 20              // bytes
)

// compare reports the ratios of a benchmark's work to what others need for document.
func compare(b *testing.B, document []byte, own func()) {
	b.Helper()
	b.StopTimer()
	held := make([]byte, heldHeap)
	defer runtime.KeepAlive(held)
	tree := func() {
		if err := etree.NewDocument().ReadFromBytes(document); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(ratio(timed(tree), timed(own)), "x-etree")
	if run := libxml2(b, document); run != nil {
		b.ReportMetric(ratio(run("keep"), timed(own)), "x-libxml2")
		b.ReportMetric(ratio(run(), timed(own)), "x-libxml2-bare")
	}
}

// timed returns what measures the mean time of f.
func timed(f func()) func() time.Duration {
	return func() time.Duration {
		runtime.GC() // what the other left is not ours to sweep
		n, start := 0, time.Now()
		for n == 0 || time.Since(start) < roundTime {
			f()
			n++
		}
		return time.Since(start) / time.Duration(n)
	}
}

// ratio returns the median of the ratios of rounds.
func ratio(other, own func() time.Duration) float64 {
	ratios := make([]float64, rounds)
	for i := range ratios {
		ratios[i] = float64(other()) / float64(own())
	}
	slices.Sort(ratios)
	return ratios[rounds/2]
}

// libxml2 returns what measures the mean time of a program in C that parses document by
// libxml2's SAX2, with arguments that say how, nil where none can be built.
func libxml2(b *testing.B, document []byte) func(...string) func() time.Duration {
	b.Helper()
	dir := b.TempDir()
	program, file := filepath.Join(dir, "sax"), filepath.Join(dir, "document.xml")
	build := exec.Command("cc", "-O2", "-o", program, "testdata/sax.c", "-I/usr/include/libxml2", "-lxml2")
	if out, err := build.CombinedOutput(); err != nil {
		b.Logf("no comparison with libxml2: %v: %.200s", err, out)
		return nil
	}
	if err := os.WriteFile(file, document, 0o600); err != nil {
		b.Fatal(err)
	}
	return func(how ...string) func() time.Duration {
		args := append([]string{file, strconv.Itoa(int(roundTime.Milliseconds()))}, how...)
		return func() time.Duration {
			out, err := exec.Command(program, args...).Output()
			if err != nil {
				b.Fatal(err)
			}
			nanoseconds, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
			if err != nil {
				b.Fatal(err)
			}
			return time.Duration(nanoseconds)
		}
	}
}

// BenchmarkDecodeAlert decodes an alert as a listener does, keeping nothing but the last.
func BenchmarkDecodeAlert(b *testing.B) {
	for _, name := range []string{"export-ipmialert", "export-instmodification"} {
		b.Run(name, func(b *testing.B) {
			body := testMessage(b, name)
			x := NewExportDecoder(Limits{})
			decode := func() {
				if _, err := x.Decode(body); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				decode()
			}
			compare(b, body, decode)
		})
	}
}

// BenchmarkDecodeFirstAlert decodes an alert with a decoder that knows none yet.
func BenchmarkDecodeFirstAlert(b *testing.B) {
	body := testMessage(b, "export-ipmialert")
	decode := func() {
		if _, err := DecodeExport(body); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		decode()
	}
	compare(b, body, decode)
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
	const instances = 2100
	body := enumerateReply(b, instances)
	for _, c := range []struct {
		name string
		keep bool
	}{{"streamed", false}, {"kept", true}} {
		b.Run(c.name, func(b *testing.B) {
			decode := func() {
				if n := len(decodeEnumerate(b, body, c.keep)); c.keep && n != instances {
					b.Fatalf("%d instances", n)
				}
			}
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				decode()
			}
			compare(b, body, decode)
		})
	}
}

func decodeEnumerate(b *testing.B, body []byte, keep bool) (all []*cim.Instance) {
	req := &Request{Namespace: "root/cimv2"}
	d := newStreamDecoder(bytes.NewReader(body), Limits{}, ModeDefault)
	d.intrinsicResponse("1", "EnumerateInstances", func() bool {
		if i := d.resultInstance(req); keep {
			all = append(all, i)
		}
		return true
	})
	if d.err != nil {
		b.Fatal(d.err)
	}
	return all
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
