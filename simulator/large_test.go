package simulator_test

import (
	"iter"
	"runtime"
	"testing"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
	"github.com/cimwatch/cimwatch/simulator"
)

// startLarge returns a client of a server with very many instances.
func startLarge(t testing.TB, s *simulator.Server) *cimxml.Client {
	t.Helper()
	for n := range uint32(largeModel) {
		i := cim.NewInstance("LAB_Numbered",
			cim.Prop("Number", cim.Uint32(n+100)), cim.Prop("Even", cim.Boolean(n%2 == 0)), cim.Prop("Text", cim.String("some text")))
		if _, err := s.Create(i); err != nil {
			t.Fatal(err)
		}
	}
	c, err := cimxml.NewClient(s.URL(), &cimxml.Options{Timeout: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// flat is by how much the heap may grow while an answer of tens of megabytes is read.
const flat = 4 << 20

// heap returns the bytes that are in use once garbage is collected.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// grown returns by how much the heap grew. What the server makes during a collection
// counts as in use until the next; it goes on until nothing more fits between it and the
// client, which reads nothing meanwhile.
func grown(before int64) int64 {
	const most = 50
	least := heap() - before
	for n := 1; n < most && least > flat; n++ {
		least = min(least, heap()-before)
	}
	return least
}

// growth reads a result to its end and returns how many objects there were, and by how
// much the heap grew at most beyond what it was before, with server and client in it.
func growth[T any](t *testing.T, seq iter.Seq2[T, error]) (count int, most int64) {
	t.Helper()
	before := heap()
	for _, err := range seq {
		if err != nil {
			t.Fatal(err)
		}
		if count++; count%(largeModel/5) == 1 {
			most = max(most, grown(before))
		}
	}
	return count, most
}

// Long results are written as they are read: neither the server nor the client holds them.
func TestLargeModelInFlatMemory(t *testing.T) {
	s := start(t, lab(t), nil)
	c := startLarge(t, s)
	check := func(name string, count int, most int64) {
		t.Logf("%s: %d objects, heap grew by %d kB", name, count, most>>10)
		if count != largeModel+1 || most > flat {
			t.Errorf("%s: %d objects, heap grew by %d bytes", name, count, most)
		}
	}
	count, most := growth(t, c.EnumerateInstances(t.Context(), cimv2, "LAB_Numbered", nil))
	check("EnumerateInstances", count, most)
	count, most = growth(t, c.EnumerateInstanceNames(t.Context(), cimv2, "LAB_Numbered"))
	check("EnumerateInstanceNames", count, most)
	count, most = growth(t, c.IterateInstances(t.Context(), cimv2, "LAB_Numbered", nil))
	check("pull operations", count, most)
	count, most = growth(t, c.ExecQuery(t.Context(), cimv2, "WQL", "SELECT Number FROM LAB_Numbered WHERE Number >= 0"))
	check("ExecQuery", count, most)
}

func BenchmarkLargeModel(b *testing.B) {
	m, err := simulator.LoadModel(labFiles(), "lab.mof")
	if err != nil {
		b.Fatal(err)
	}
	s, err := simulator.New(m, nil)
	if err != nil {
		b.Fatal(err)
	}
	if err := s.Listen("127.0.0.1:0"); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close(b.Context()) })
	c := startLarge(b, s)
	b.ReportAllocs()
	for b.Loop() {
		for _, err := range c.EnumerateInstances(b.Context(), cimv2, "LAB_Numbered", nil) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}
