package inventory

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Size returns how much a memory module, a disk or a volume holds, in bytes; ok is false when
// it does not say. Capacity of CIM_PhysicalMemory is in bytes, NumberOfBlocks of
// CIM_StorageExtent and CIM_Memory counts blocks of BlockSize bytes, MaxMediaSize of
// CIM_MediaAccessDevice is in kilobytes of 1000 bytes (units in the DMTF schema 2.49).
func (c *Component) Size() (bytes uint64, ok bool) {
	i := c.Instance()
	if n, ok := i.Get("Capacity").Uint64(); ok && n > 0 {
		return n, true
	}
	blocks, known := i.Get("NumberOfBlocks").Uint64()
	size, also := i.Get("BlockSize").Uint64()
	if known && also && blocks > 0 && size > 0 && blocks <= math.MaxUint64/size {
		return blocks * size, true
	}
	if n, ok := i.Get("MaxMediaSize").Uint64(); ok && n > 0 && n <= math.MaxUint64/1000 {
		return n * 1000, true
	}
	return 0, false
}

// sizePrefixes are from the largest on.
const sizePrefixes = "PTGMk"

// sizeBase is 1024 for memory, as it is sold, and 1000 for disks.
func sizeBase(k Kind) float64 {
	if k == KindMemory || k == KindMemoryModule {
		return 1024
	}
	return 1000
}

// sizeText writes a size for people, with up to three digits: "32 GB", "1.2 TB".
func sizeText(k Kind, bytes uint64) string {
	base := sizeBase(k)
	for n, prefix := range sizePrefixes {
		if unit := math.Pow(base, float64(len(sizePrefixes)-n)); float64(bytes) >= unit {
			return fmt.Sprintf("%s %cB", strconv.FormatFloat(round3(float64(bytes)/unit), 'f', -1, 64), prefix)
		}
	}
	return fmt.Sprintf("%d B", bytes)
}

// round3 keeps three digits, and all of those before the point.
func round3(f float64) float64 {
	scale := math.Pow10(max(0, 2-int(math.Floor(math.Log10(f)))))
	return math.Round(f*scale) / scale
}

// parseSize reads what sizeText writes, in any case and with or without the space.
func parseSize(k Kind, text string) (bytes float64, err error) {
	number, ok := strings.CutSuffix(strings.ToUpper(strings.TrimSpace(text)), "B")
	if !ok {
		return 0, fmt.Errorf("size %.40q: expected a number and a unit, such as 32 GB", text)
	}
	number = strings.TrimSuffix(number, "I") // GiB
	unit := 1.0
	if n := len(number) - 1; n >= 0 {
		if at := strings.IndexByte(strings.ToUpper(sizePrefixes), number[n]); at >= 0 {
			number, unit = number[:n], math.Pow(sizeBase(k), float64(len(sizePrefixes)-at))
		}
	}
	f, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if err != nil || math.IsNaN(f) || f < 0 || math.IsInf(f, 0) {
		return 0, fmt.Errorf("size %.40q: expected a number and a unit, such as 32 GB", text)
	}
	return f * unit, nil
}
