package cimxml

import (
	"fmt"

	"github.com/cimwatch/cimwatch/cim"
)

// ExportBatch is several export messages sent as one (DSP0200 section 5.3.2, MULTIEXPREQ).
type ExportBatch struct {
	ID              string // of the MESSAGE; the answer must carry the same
	ProtocolVersion string
	Exports         []BatchedExport // in the order sent; at least one
}

// BatchedExport is one of a batch. Its ID and ProtocolVersion are those of the batch.
type BatchedExport struct {
	Export

	Document []byte // a message with this export alone, which Decode reads
}

// DecodeBatch reads a message that holds a batch of at most 4096 exports. DSP0203
// wants two or more; a sender whose queue held only one is not refused. What it returns
// shares nothing with body. The error is a [DecodeError].
func (x *ExportDecoder) DecodeBatch(body []byte) (*ExportBatch, error) {
	d := x.begin(body)
	b := d.exportBatch(body)
	d.release()
	if d.err != nil {
		return nil, fmt.Errorf("decode batch of exports: %w", d.err)
	}
	return b, nil
}

// maxBatch is how many exports a batch may hold: the whole queue of an OpenPegasus, 2400,
// and some.
const maxBatch = 4096

// exportBatch reads MESSAGE with MULTIEXPREQ from a decoder that holds body whole.
func (d *decoder) exportBatch(body []byte) *ExportBatch {
	m := d.message()
	b := &ExportBatch{ID: m.id, ProtocolVersion: m.protocolVersion}
	if !d.open("MULTIEXPREQ") {
		return b
	}
	from := d.offset()
	for d.child() {
		if len(b.Exports) == maxBatch {
			d.err = d.fail(ErrTooLarge, "a batch holds more than %d messages", maxBatch)
			return b
		}
		e := BatchedExport{Export: Export{ID: m.id, ProtocolVersion: m.protocolVersion}}
		d.exportRequest(&e.Export)
		if d.err != nil {
			return b
		}
		e.Document = standAlone(m, body[from:d.offset()])
		from = d.offset()
		b.Exports = append(b.Exports, e)
	}
	if d.err == nil && len(b.Exports) == 0 {
		d.invalid("MULTIEXPREQ is empty")
	}
	d.shut(2)
	return b
}

// standAlone returns a message of the given envelope around content.
func standAlone(m envelope, content []byte) []byte {
	const head = `<?xml version="1.0" encoding="utf-8" ?>` + "\n" + `<CIM CIMVERSION="`
	dst := make([]byte, 0, len(head)+128+len(m.id)+len(content))
	dst = append(dst, head...)
	dst = appendAttribute(dst, m.cimVersion)
	dst = append(dst, `" DTDVERSION="`...)
	dst = appendAttribute(dst, m.dtdVersion)
	dst = append(dst, `"><MESSAGE ID="`...)
	dst = appendAttribute(dst, m.id)
	dst = append(dst, `" PROTOCOLVERSION="`...)
	dst = appendAttribute(dst, m.protocolVersion)
	dst = append(dst, `">`...)
	dst = append(dst, content...)
	return append(dst, messageTail...)
}

// ExportResult is the answer to one export of a batch.
type ExportResult struct {
	Method  string
	Failure *cim.Error // nil is success
}

// AppendBatchResponse appends to dst the answer to a batch, MULTIEXPRSP, with one result
// for each of its exports in their order. id is that of the message answered.
func AppendBatchResponse(dst []byte, id string, results []ExportResult) []byte {
	dst = append(dst, messageHead...)
	dst = appendAttribute(dst, id)
	dst = append(dst, messageMiddle...)
	dst = append(dst, `<MULTIEXPRSP>`...)
	for _, r := range results {
		dst = appendExportResult(dst, r.Method, r.Failure)
	}
	dst = append(dst, `</MULTIEXPRSP>`...)
	return append(dst, messageTail...)
}
