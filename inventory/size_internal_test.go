package inventory

import (
	"testing"

	"pgregory.net/rapid"
)

func TestSizeText(t *testing.T) {
	for _, test := range []struct {
		kind  Kind
		bytes uint64
		want  string
	}{
		{KindMemoryModule, 32 << 30, "32 GB"},
		{KindMemory, 1536 << 30, "1.5 TB"},
		{KindMemoryModule, 512 << 20, "512 MB"},
		{KindDisk, 1200243695616, "1.2 TB"},
		{KindDisk, 480103981056, "480 GB"},
		{KindVolume, 2399276105728, "2.4 TB"},
		{KindDisk, 999, "999 B"},
		{KindDisk, 1000, "1 kB"},
		{KindDisk, 0, "0 B"},
		{KindDisk, 1<<64 - 1, "18447 PB"},
	} {
		if got := sizeText(test.kind, test.bytes); got != test.want {
			t.Errorf("%d bytes of a %s: %s, want %s", test.bytes, test.kind, got, test.want)
		}
	}
}

func TestParseSize(t *testing.T) {
	for text, want := range map[string]float64{
		"32 GB": 32 << 30, "32GB": 32 << 30, "32 GiB": 32 << 30, " 0.5 tb ": 1 << 39, "512 B": 512, "8 kB": 8192,
	} {
		if got, err := parseSize(KindMemoryModule, text); err != nil || got != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "32", "GB", "B", "x GB", "-1 GB", "NaN GB", "Inf B", "32 XB"} {
		if got, err := parseSize(KindDisk, text); err == nil {
			t.Errorf("%q is taken for %v", text, got)
		}
	}
}

// What is written reads as what was meant, but for the digits that were left out.
func TestSizesComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom([]Kind{KindDisk, KindMemory}).Draw(t, "kind")
		bytes := rapid.Uint64().Draw(t, "bytes")
		got, err := parseSize(kind, sizeText(kind, bytes))
		if off := got - float64(bytes); err != nil || max(off, -off) > sizeTolerance*float64(bytes) {
			t.Fatalf("%d becomes %q, %v, %v", bytes, sizeText(kind, bytes), got, err)
		}
	})
}
