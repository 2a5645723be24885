package cimxml

import (
	"fmt"
	"strconv"

	"github.com/cimwatch/cimwatch/cim"
)

// Export is an export message: an indication on its way to a listener (DSP0200 section
// 5.3.3, ExportIndication).
type Export struct {
	ID              string // of the MESSAGE; the answer must carry the same
	Method          string // "ExportIndication", or whatever the sender calls
	ProtocolVersion string
	Indication      *cim.Instance // nil when the sender gave none
}

// exportMethod is the only export method there is.
const exportMethod = "ExportIndication"

// An ExportDecoder decodes export messages, one at a time, and keeps its buffers for
// the next. It is not safe for concurrent use; a server holds a pool of them.
type ExportDecoder struct {
	Mode Mode // how loose a message may be

	limits Limits
	d      decoder
}

// NewExportDecoder returns an ExportDecoder that enforces limits.
func NewExportDecoder(limits Limits) *ExportDecoder {
	return &ExportDecoder{limits: limits}
}

// Decode reads an export message. What it returns shares nothing with body. The error
// is a [DecodeError].
func (x *ExportDecoder) Decode(body []byte) (*Export, error) {
	e := new(Export)
	if err := x.decode(e, body); err != nil {
		return nil, err
	}
	return e, nil
}

// DecodeInto reads an export message as Decode does, into e, of whose indication the instance
// and the list of properties are used again; what else it refers to is not. After an error
// what e holds means nothing, and may be given to DecodeInto all the same.
func (x *ExportDecoder) DecodeInto(e *Export, body []byte) error {
	again := e.Indication
	if again == nil {
		again = new(cim.Instance)
	}
	list := again.Properties
	if cap(list) > maxCount {
		list = nil
	}
	clear(list)
	*e, *again = Export{}, cim.Instance{Properties: list[:0]}
	x.d.lent = again
	return x.decode(e, body)
}

func (x *ExportDecoder) decode(e *Export, body []byte) error {
	d := x.begin(body)
	d.export(e)
	d.lent = nil
	d.release()
	if d.err != nil {
		return fmt.Errorf("decode export: %w", d.err)
	}
	return nil
}

func (x *ExportDecoder) begin(body []byte) *decoder {
	d := &x.d
	d.err = nil
	d.tolerate(x.Mode.tolerances())
	d.reset(body, x.limits)
	return d
}

// DecodeExport reads a single export message with the default limits.
func DecodeExport(body []byte) (*Export, error) {
	return NewExportDecoder(Limits{}).Decode(body)
}

// export reads MESSAGE with SIMPLEEXPREQ.
func (d *decoder) export(x *Export) {
	m := d.message()
	x.ID, x.ProtocolVersion = m.id, m.protocolVersion
	if !d.child() {
		d.invalid("SIMPLEEXPREQ is missing")
		return
	}
	if d.name == "MULTIEXPREQ" {
		d.err = d.fail(ErrBatch, "MULTIEXPREQ holds a batch, expected SIMPLEEXPREQ")
		return
	}
	if d.exportRequest(x); d.err == nil {
		d.shut(2)
	}
}

// exportRequest reads SIMPLEEXPREQ.
func (d *decoder) exportRequest(x *Export) {
	if d.name != "SIMPLEEXPREQ" {
		d.unexpected("SIMPLEEXPREQ")
		return
	}
	if !d.callBehind() {
		d.invalid("EXPMETHODCALL is missing")
		return
	}
	if d.name != "EXPMETHODCALL" {
		d.unexpected("EXPMETHODCALL")
		return
	}
	x.Method = d.named()
	for d.child() {
		if d.name != "EXPPARAMVALUE" {
			d.unexpected("EXPPARAMVALUE")
			return
		}
		p := d.paramValue()
		i, ok := p.Value.Instance()
		switch {
		case !ok || !cim.EqualNames(p.Name, "NewIndication"):
		case x.Indication != nil: // to take one of them would lose the other
			d.invalid("NewIndication stands twice")
		default:
			x.Indication = i
		}
	}
	if d.child() {
		d.unexpected("the end of the message")
	}
}

// AppendExportResponse appends to dst the answer to an export message: success when
// failure is nil, else an ERROR. id is that of the message answered.
func AppendExportResponse(dst []byte, id, method string, failure *cim.Error) []byte {
	dst = append(dst, messageHead...)
	dst = appendAttribute(dst, id)
	dst = append(dst, messageMiddle...)
	dst = appendExportResult(dst, method, failure)
	return append(dst, messageTail...)
}

// appendExportResult appends SIMPLEEXPRSP.
func appendExportResult(dst []byte, method string, failure *cim.Error) []byte {
	dst = append(dst, `<SIMPLEEXPRSP><EXPMETHODRESPONSE NAME="`...)
	dst = appendAttribute(dst, method)
	dst = append(dst, `">`...)
	if failure == nil {
		dst = append(dst, `<IRETURNVALUE></IRETURNVALUE>`...)
	} else {
		dst = append(dst, `<ERROR CODE="`...)
		dst = strconv.AppendUint(dst, uint64(failure.Status), 10)
		dst = append(dst, `" DESCRIPTION="`...)
		dst = appendAttribute(dst, failure.Description)
		dst = append(dst, `"/>`...)
	}
	return append(dst, `</EXPMETHODRESPONSE></SIMPLEEXPRSP>`...)
}

// appendAttribute appends text as it may stand in a quoted attribute value. What XML
// cannot carry becomes U+FFFD: an answer is due, whatever was asked.
func appendAttribute(dst []byte, text string) []byte {
	x := &encoder{out: dst}
	x.escape(legalText(text), true)
	return x.out
}
