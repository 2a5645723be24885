package cimxml

import (
	"bytes"
	"net/http"
	"regexp"
	"strings"
)

// A redactor takes the values of properties, parameters and keys out of messages whose
// names say that they are secret. It goes by the text, not by the tree: what is recorded
// may be no XML at all, and objects are embedded escaped any number of times.
type redactor struct {
	start *regexp.Regexp
}

// secretElement finds a start tag that names a secret: how "<" is written, the element, and
// the rest of the tag up to the name.
const secretElement = `(?is)(<|&(?:amp;)*(?:lt|#60|#x3c);)(PROPERTY(?:\.ARRAY)?|I?PARAMVALUE|EXPPARAMVALUE|KEYBINDING)\s` +
	`[^<>]{0,512}?\bNAME\s*=\s*(?:"|'|&(?:amp;)*(?:quot|apos|#34|#39);)` +
	`[^"'&<>]{0,256}?(?:passw|passphrase|secret|credential|privatekey)`

func newRedactor() redactor { return redactor{regexp.MustCompile(secretElement)} }

// removeSecrets returns the body of a request without secrets, and nothing of one that sets a password.
func (r redactor) removeSecrets(req *http.Request, body []byte) []byte {
	if req.Header.Get("Pragma") == updateExpiredPassword {
		return []byte("***")
	}
	return r.redact(body)
}

// redact returns text without the values of secrets; text itself when it has none.
func (r redactor) redact(text []byte) []byte {
	var out []byte
	rest := text
	for {
		m := r.start.FindSubmatchIndex(rest)
		if m == nil {
			break
		}
		lt, element := rest[m[2]:m[3]], rest[m[4]:m[5]]
		from, to := contentOf(rest, m[1], lt, element)
		out = append(append(out, rest[:from]...), secretValue(rest[from:to], lt, element)...)
		rest = rest[to:]
	}
	if out == nil {
		return text
	}
	return append(out, rest...)
}

// contentOf finds what stands between the start tag, within which at is, and the end tag of
// an element. It is empty where the element is, and goes to the end where no end tag is.
func contentOf(text []byte, at int, lt, element []byte) (from, to int) {
	n, length := endOfTag(text[at:], greater(lt))
	if n < 0 {
		return len(text), len(text)
	}
	from = at + n + length
	if text[at+n-1] == '/' {
		return from, from
	}
	end := append(append(bytes.Clone(lt), '/'), element...)
	if n = bytes.Index(text[from:], end); n < 0 {
		return from, len(text)
	}
	return from, from + n
}

// endOfTag finds the ">" that is written as gt, or as itself, which XML allows where "<" is
// escaped.
func endOfTag(text, gt []byte) (at, length int) {
	at, length = bytes.Index(text, gt), len(gt)
	if plain := bytes.IndexByte(text, '>'); plain >= 0 && (at < 0 || plain < at) {
		return plain, 1
	}
	return at, length
}

// greater returns how ">" is written where "<" is written as lt.
func greater(lt []byte) []byte {
	return []byte(strings.NewReplacer("<", ">", "lt", "gt", "LT", "GT", "#60", "#62", "#x3c", "#x3e", "#x3C", "#x3E").Replace(string(lt)))
}

// secretValue returns what stands in place of a content.
func secretValue(content, lt, element []byte) string {
	if len(bytes.TrimSpace(content)) == 0 {
		return string(content) // NULL
	}
	name := "VALUE"
	if strings.EqualFold(string(element), "KEYBINDING") {
		name = "KEYVALUE"
	}
	open, end := string(lt), string(greater(lt))
	return open + name + end + "***" + open + "/" + name + end
}
