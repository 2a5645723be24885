package store

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// messages are what senders sent, from the corpus of the decoder's package.
func messages(t testing.TB) map[string][]byte {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("..", "cimxml", "testdata", "messages", "*.xml"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("%d messages, %v", len(paths), err)
	}
	all := map[string][]byte{}
	for _, path := range paths {
		if all[filepath.Base(path)], err = os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// Files depend on the dictionary.
func TestDictionaryStays(t *testing.T) {
	sum := sha256.Sum256([]byte(dictionary1))
	if got := hex.EncodeToString(sum[:8]); got != "8b8bf2a06a7a137f" {
		t.Errorf("the dictionary has changed, its sum is %s: give the new one another encoding", got)
	}
}

func TestCompressedComesBack(t *testing.T) {
	c := newCompressor()
	all := messages(t)
	all["empty"], all["short"], all["binary"] = nil, []byte("abc"), bytes.Repeat([]byte{0xff, 0, 0x90}, 999)
	all["run"] = bytes.Repeat([]byte("a"), 70_000)
	all["far"] = []byte(strings.Repeat("<x>", 3) + strings.Repeat("0123456789", 4000) + "<x><x><x>")
	for distance := maxDistance - 2; distance <= maxDistance+2; distance++ {
		all["far"] = append(all["far"], append(bytes.Repeat([]byte("z"), distance), "0123"...)...)
	}
	for n := range 600 {
		all["lengths"] = append(append(all["lengths"], dictionary1[:n]...), byte(n), byte(n>>4))
	}
	for name, raw := range all {
		for _, head := range [][]byte{nil, []byte("OMC_IpmiAlertIndication"), bytes.Repeat([]byte("head "), 9999)} {
			out := c.compress(bytes.Clone(head), head, raw)
			got, err := c.expand(out[len(head):], head, uint64(len(raw)))
			if err != nil || !bytes.Equal(got, raw) {
				t.Errorf("%s, head of %d: %v", name, len(head), err)
			}
			if got, err := expandStandard(c, out[len(head):], head); err != nil || !bytes.Equal(got, raw) {
				t.Errorf("%s, head of %d, by the standard library: %v", name, len(head), err)
			}
		}
	}
}

// expandStandard reads with the standard library.
func expandStandard(c *compressor, data, head []byte) ([]byte, error) {
	window := append(bytes.Clone(c.dictionary), head[:min(len(head), maxHead)]...)
	return io.ReadAll(flate.NewReaderDict(bytes.NewReader(data), window))
}

// FuzzExpand reads what may be anything as the standard library does, but for what it has and
// this store never writes.
func FuzzExpand(f *testing.F) {
	c := newCompressor()
	for _, raw := range messages(f) {
		f.Add(c.compress(nil, nil, raw), uint16(len(raw)))
	}
	f.Fuzz(func(t *testing.T, data []byte, size uint16) {
		got, err := c.expand(data, nil, uint64(size))
		if err != nil {
			return
		}
		want, err := expandStandard(c, data, nil)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("got %q, the standard library %q, %v", got, want, err)
		}
	})
}

func TestExpandRefusesWhatIsBroken(t *testing.T) {
	c := newCompressor()
	raw := messages(t)["export-ipmialert.xml"]
	data, size := c.compress(nil, nil, raw), uint64(len(raw))
	for n := range data {
		if _, err := c.expand(data[:n], nil, size); err == nil {
			t.Errorf("the first %d of %d bytes expand", n, len(data))
		}
	}
	for name, wrong := range map[string]struct {
		data []byte
		size uint64
	}{
		"too short": {data, size - 1}, "too long": {data, size + 1}, "far too long": {data, 1 << 50},
		"a byte more": {append(bytes.Clone(data), 0), size},
	} {
		if _, err := c.expand(wrong.data, nil, wrong.size); err == nil {
			t.Errorf("%s: it expands", name)
		}
	}
}

func FuzzCompress(f *testing.F) {
	c := newCompressor()
	for _, raw := range messages(f) {
		f.Add([]byte("head"), raw)
	}
	f.Fuzz(func(t *testing.T, head, raw []byte) {
		out := c.compress(bytes.Clone(head), head, raw)
		got, err := c.expand(out[len(head):], head, uint64(len(raw)))
		if err != nil || !bytes.Equal(got, raw) {
			t.Errorf("%v: got %q", err, got)
		}
	})
}

func BenchmarkCompress(b *testing.B) {
	c, raw := newCompressor(), messages(b)["export-ipmialert.xml"]
	var out []byte
	b.ReportAllocs()
	for b.Loop() {
		out = c.compress(out[:0], nil, raw)
	}
	b.ReportMetric(float64(len(out)), "bytes")
}

func BenchmarkExpand(b *testing.B) {
	c, raw := newCompressor(), messages(b)["export-ipmialert.xml"]
	data := c.compress(nil, nil, raw)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.expand(data, nil, uint64(len(raw))); err != nil {
			b.Fatal(err)
		}
	}
}
