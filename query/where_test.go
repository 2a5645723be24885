package query_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/query"
)

func TestWhere(t *testing.T) {
	module := cim.NewInstance("CIM_PhysicalMemory", cim.Prop("Capacity", cim.Uint64(34359738368)),
		cim.Prop("BankLabel", cim.String("DIMM_A1")), cim.Prop("Speed", cim.Null(cim.TypeUint32)))
	for text, want := range map[string]bool{
		`Capacity >= 34359738368 and BankLabel like "DIMM_A%"`: true,
		`Capacity > 34359738368 or BankLabel like 'DIMM\_B%'`:  false,
		`not (capacity < 1)`:                                         true,
		`Speed is null`:                                              true,
		`Speed > 0 or not Speed > 0`:                                 false,
		`CIM_PhysicalMemory isa CIM_PhysicalMemory`:                  true,
		`CIM_PhysicalMemory isa CIM_Chip`:                            false,
		`CIM_PhysicalMemory::BankLabel = "DIMM_A1"`:                  true,
		`Missing = 1`:                                                false,
		`BankLabel = "dimm_a1" or BankLabel <> "DIMM_A1" or (1 = 2)`: false,
	} {
		w, err := query.ParseWhere("WQL", text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := w.Match(module); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
		if w.String() != text {
			t.Errorf("String() is %s, want %s", w, text)
		}
		if w.Match(nil) {
			t.Errorf("%s matches nothing at all", text)
		}
	}
}

func TestWhereErrors(t *testing.T) {
	for text, description := range map[string]string{
		``:                           `offset 0: found the end, expected a property or a value`,
		`Capacity`:                   `offset 8: found the end, expected a comparison, LIKE, IS or ISA`,
		`Capacity = 1 2`:             `offset 13: found "2", expected AND, OR or the end`,
		`WHERE Capacity = 1`:         `offset 0: found "WHERE", expected a property or a value`,
		`a = "x`:                     `offset 4: `,
		strings.Repeat("(", 70):      `offset 64: found more than 64 levels, expected fewer`,
		strings.Repeat(" ", 1<<16+1): `offset 65536: found 65537 bytes, expected at most 65536`,
	} {
		_, err := query.ParseWhere("WQL", text)
		var invalid *cim.Error
		if !errors.As(err, &invalid) || invalid.Status != cim.StatusInvalidQuery || !strings.Contains(err.Error(), description) {
			t.Errorf("%.40s: %v, want %s", text, err, description)
		}
	}
	if _, err := query.ParseWhere("SQL", "a = 1"); err == nil || !strings.Contains(err.Error(), `"SQL", expected WQL`) {
		t.Errorf("SQL: %v", err)
	}
}
