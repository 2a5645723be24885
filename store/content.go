package store

import "bytes"

// idLimit is how far into a message its MESSAGE element is looked for.
const idLimit = 2048

// cutMessageID splits a CIM-XML message around the value of its MESSAGE element's ID
// attribute. A message without one, or none at all, comes back whole.
func cutMessageID(raw []byte) (before, after []byte) {
	head := raw[:min(len(raw), idLimit)]
	start := bytes.Index(head, []byte("<MESSAGE"))
	if start < 0 {
		return raw, nil
	}
	end := bytes.IndexByte(head[start:], '>')
	if end < 0 {
		return raw, nil
	}
	tag := head[start : start+end]
	for at := 0; at < len(tag); {
		n := bytes.Index(tag[at:], []byte("ID"))
		if n < 0 {
			break
		}
		at += n + len("ID")
		if !isSpace(tag[at-len("ID")-1]) {
			continue // the end of another name; the tag's own name stands before any ID
		}
		if from, to, ok := quoted(tag, at); ok {
			return raw[:start+from], raw[start+to:]
		}
	}
	return raw, nil
}

// quoted finds the value of an attribute whose name ends at position at.
func quoted(tag []byte, at int) (from, to int, ok bool) {
	rest := bytes.TrimLeft(tag[at:], " \t\r\n")
	if len(rest) == 0 || rest[0] != '=' {
		return 0, 0, false
	}
	rest = bytes.TrimLeft(rest[1:], " \t\r\n")
	if len(rest) == 0 || rest[0] != '"' && rest[0] != '\'' {
		return 0, 0, false
	}
	length := bytes.IndexByte(rest[1:], rest[0])
	if length < 0 {
		return 0, 0, false
	}
	from = len(tag) - len(rest) + 1
	return from, from + length, true
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }
