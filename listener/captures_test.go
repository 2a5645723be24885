package listener_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/beevik/etree"

	"github.com/cimwatch/cimwatch/listener"
)

// TestCaptures sends what real servers sent, byte for byte, keeps it in a journal, and
// compares what arrives, and what the journal's file holds once it is opened again, with
// the XML, property by property: first the captures kept here, then those in the
// directory that CIMWATCH_CAPTURES names, by default shared/captures beside the checkout.
// All of them over TLS, too.
func TestCaptures(t *testing.T) {
	for _, w := range wires(t) {
		t.Run(w.name, func(t *testing.T) { testCaptures(t, w) })
	}
}

func testCaptures(t *testing.T, w wire) {
	t.Run("kept", func(t *testing.T) { replayAll(t, w, filepath.Join("testdata", "captures")) })
	t.Run("all", func(t *testing.T) {
		dir := os.Getenv("CIMWATCH_CAPTURES")
		if dir == "" {
			dir = filepath.Join("..", "..", "shared", "captures")
		}
		if _, err := os.Stat(dir); err != nil {
			t.Skipf("no captures: %v (set CIMWATCH_CAPTURES to a directory of them)", err)
		}
		replayAll(t, w, dir)
	})
}

// A tally is a line of the table.
type tally struct {
	exports int
	census
}

func replayAll(t *testing.T, w wire, dir string) {
	k := &journalKeeper{file: filepath.Join(t.TempDir(), "captures.db")}
	k.open(t)
	_, addr := start(t, k, &listener.Options{TLS: w.tls})
	sent := []*etree.Element{}
	groups := map[string]*tally{}
	total := &tally{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || filepath.Ext(path) != ".http" {
			return err
		}
		request, err := capturedExport(path)
		if err != nil || request == nil {
			return err
		}
		name := strings.TrimSuffix(filepath.Base(path), ".http")
		t.Run(name, func(t *testing.T) {
			c, instance := replay(t, k, w.dial(t, addr), request)
			sent = append(sent, instance)
			group := strings.TrimRight(name, "-0123456789")
			if groups[group] == nil {
				groups[group] = &tally{}
			}
			for _, line := range []*tally{groups[group], total} {
				line.exports++
				line.add(c)
			}
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if total.exports == 0 && os.Getenv("CIMWATCH_CAPTURES") != dir {
		t.Errorf("%s holds no export", dir)
	}
	k.compare(t, sent)
	t.Log("\n" + table(groups, total))
}

func table(groups map[string]*tally, total *tally) string {
	var b strings.Builder
	line := func(name string, t *tally) {
		fmt.Fprintf(&b, "%-32s %7d %10d %6d %6d %10d %8d\n",
			name, t.exports, t.properties, t.nulls, t.arrays, t.references, t.embedded)
	}
	fmt.Fprintf(&b, "%-32s %7s %10s %6s %6s %10s %8s\n",
		"captures", "exports", "properties", "NULL", "arrays", "references", "embedded")
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		line(name, groups[name])
	}
	line("total", total)
	return b.String()
}

var (
	exportMethodHeader = regexp.MustCompile(`(?im)^CIMExportMethod:`)
	lengthHeader       = regexp.MustCompile(`(?im)^Content-Length:\s*(\d+)\r$`)
)

// capturedExport returns the request of a capture as it was sent, nil when it is no
// export.
func capturedExport(path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	request, _, _ := bytes.Cut(text, []byte("######## RESPONSE ########"))
	head, body, ok := bytes.Cut(request, []byte("\r\n\r\n"))
	if !ok || !bytes.HasPrefix(head, []byte("POST ")) || !exportMethodHeader.Match(head) {
		return nil, nil
	}
	request = bytes.TrimSuffix(request, []byte("\r\n")) // stands before the marker
	if m := lengthHeader.FindSubmatch(append(head, '\r')); m != nil {
		n, err := strconv.Atoi(string(m[1]))
		if err != nil || n > len(body) {
			return nil, fmt.Errorf("%s: the body has %d bytes, Content-Length is %s", path, len(body), m[1])
		}
		request = request[:len(head)+len("\r\n\r\n")+n]
	}
	return request, nil
}

// replay sends a captured export and checks the answer and what the handler was given.
func replay(t *testing.T, k *journalKeeper, c *client, request []byte) (census, *etree.Element) {
	c.send(t, string(request))
	got := c.receive(t, "POST")
	if got.StatusCode != 200 || !strings.Contains(got.raw, "\r\nCIMExport: MethodResponse\r\n") {
		t.Fatalf("answered\n%s", got.raw)
	}
	kept := k.take()
	if len(kept) != 1 {
		t.Fatalf("%d indications were kept", len(kept))
	}
	i := kept[0]
	if !bytes.HasSuffix(request, i.Raw) && !bytes.Contains(bytes.ToLower(request), []byte("chunked")) {
		t.Error("Raw is not the body sent")
	}
	document := etree.NewDocument()
	if err := document.ReadFromBytes(i.Raw); err != nil {
		t.Fatal(err)
	}
	id := document.FindElement("CIM/MESSAGE").SelectAttrValue("ID", "")
	if i.MessageID != id || answeredID(t, got.body) != id {
		t.Errorf("MESSAGE ID %q was read and %q answered, want %q", i.MessageID, answeredID(t, got.body), id)
	}
	if want := strings.Fields(string(request))[1]; i.Path != want {
		t.Errorf("path %q, want %q", i.Path, want)
	}
	want := document.FindElement("//EXPPARAMVALUE/INSTANCE")
	checkSequence(t, i, want)
	return compareInstance(t, i.Instance, want), want
}

func answeredID(t *testing.T, body string) string {
	t.Helper()
	document := etree.NewDocument()
	if err := document.ReadFromString(body); err != nil {
		t.Fatal(err)
	}
	return document.FindElement("CIM/MESSAGE").SelectAttrValue("ID", "")
}

// checkSequence compares the sequence values with the properties that hold them.
func checkSequence(t *testing.T, i *listener.Indication, want *etree.Element) {
	t.Helper()
	text := func(name string) string {
		e := want.FindElement("PROPERTY[@NAME='" + name + "']/VALUE")
		if e == nil {
			return "NULL"
		}
		return e.Text()
	}
	context, number := text("SequenceContext"), text("SequenceNumber")
	if context == "NULL" || number == "NULL" {
		if i.Sequence != nil {
			t.Errorf("sequence %v, want none", *i.Sequence)
		}
		return
	}
	if i.Sequence == nil || i.Sequence.Context != context || strconv.FormatInt(i.Sequence.Number, 10) != number {
		t.Errorf("sequence %v, want %s in %s", i.Sequence, number, context)
	}
}
