package check

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/cimwatch/cimwatch/inventory"
)

// Perfdata returns the readings of sensors that count as performance data of the plugin
// guidelines, by quantity and name, "" when there are none. Those of quantities that the
// options leave out are not there.
//
// The guidelines know one unit that sensors have, the percent sign, and not every system takes
// others. So the unit is part of the label.
func (r *Report) Perfdata(o *Options) string {
	var fields []string
	used := make(map[string]int)
	for _, c := range r.Sensors() {
		if o.NoGraph[c.Reading.Quantity] {
			continue
		}
		label := labelOf(c.Name, c.Reading.Unit)
		used[label]++
		if n := used[label]; n > 1 {
			label = labelOf(c.Name+" #"+strconv.Itoa(n), c.Reading.Unit)
		}
		fields = append(fields, c.Reading.perfdata(label))
	}
	return strings.Join(fields, " ")
}

// Sensors returns the components whose readings count, by quantity and name.
func (r *Report) Sensors() []*Component {
	var sensors []*Component
	for n := range r.Components {
		c := &r.Components[n]
		if c.Reading != nil && !c.Ignored && c.Health != inventory.Absent && math.Abs(c.Reading.Value) < 1e15 {
			sensors = append(sensors, c)
		}
	}
	slices.SortStableFunc(sensors, func(a, b *Component) int {
		return cmp.Or(
			cmp.Compare(a.Reading.Quantity, b.Reading.Quantity), cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID),
		)
	})
	return sensors
}

// labelOf returns a label without what ends one: quotes, the equals sign, what is not printable,
// and the bar, which would begin the data anew.
func labelOf(name, unit string) string {
	clean := strings.Map(func(c rune) rune {
		if c == '\'' || c == '=' || c == '|' || !unicode.IsPrint(c) {
			return '_'
		}
		return c
	}, strings.ToValidUTF8(name, "_"))
	if unit != "" && unit != "%" {
		clean += " (" + unit + ")"
	}
	return clean
}

// perfdata writes 'label'=value[UOM];[warn];[crit];[min];[max], without what is empty at the
// end.
func (r *Reading) perfdata(label string) string {
	unit := ""
	if r.Unit == "%" {
		unit = r.Unit
	}
	text := fmt.Sprintf("'%s'=%s%s;%s;%s;%s;%s", label, decimal(r.Value), unit,
		rangeText(r.Warning), rangeText(r.Critical), limitText(r.Min), limitText(r.Max))
	return strings.TrimRight(text, ";")
}

func rangeText(r *Range) string {
	if r == nil {
		return ""
	}
	return r.String()
}

func limitText(v *float64) string {
	if v == nil || math.Abs(*v) >= 1e15 {
		return ""
	}
	return decimal(*v)
}
