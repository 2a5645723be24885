package cimxml

import "github.com/cimwatch/cimwatch/cim"

// callBehind reads the CORRELATORs of a simple request (DSP0201 2.4 section 5.4.3.28),
// of which none is kept: they tie calls together for those who trace them. It moves into
// the element behind them and returns false where there is none.
func (d *decoder) callBehind() bool {
	for d.child() {
		if d.name != "CORRELATOR" {
			return true
		}
		d.correlator()
	}
	return false
}

func (d *decoder) correlator() cim.Parameter {
	p := cim.Parameter{Name: d.named()}
	t := d.declaration("TYPE")
	t.typ = d.requiredType(t.typ)
	if d.open("VALUE") {
		p.Value = d.scalar(t)
	}
	d.last("CORRELATOR")
	return p
}
