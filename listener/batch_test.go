package listener_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/beevik/etree"

	"github.com/cimwatch/cimwatch/cimxml"
	"github.com/cimwatch/cimwatch/listener"
)

// batchRequest returns a request with a batch of what export returns for each class.
func batchRequest(edits ...string) string {
	var parts strings.Builder
	for _, class := range []string{"A", "B", "C"} {
		_, part, _ := strings.Cut(export(class, `<PROPERTY NAME="SequenceContext" TYPE="string"><VALUE>ctx</VALUE></PROPERTY>`+
			`<PROPERTY NAME="SequenceNumber" TYPE="sint64"><VALUE>7</VALUE></PROPERTY>`), "<SIMPLEEXPREQ>")
		part, _, _ = strings.Cut(part, "</MESSAGE>")
		parts.WriteString("<SIMPLEEXPREQ>" + part)
	}
	return batchWith(parts.String(), edits...)
}

func batchWith(content string, edits ...string) string {
	body := message("<MULTIEXPREQ>" + content + "</MULTIEXPREQ>")
	return request("POST /alerts HTTP/1.1", body, append([]string{"-CIMExportMethod", "CIMExportBatch:"}, edits...)...)
}

func TestBatch(t *testing.T) {
	k := &keeper{}
	var told []string
	done := make(chan struct{}, 3)
	server, addr := start(t, k, &listener.Options{OnAnswer: func(a listener.Answer) {
		told = append(told, a.Class())
		done <- struct{}{}
	}})
	got := ask(t, addr, batchRequest())
	if got.StatusCode != 200 || got.Header.Get("CIMExport") != "MethodResponse" {
		t.Fatalf("answered\n%s", got.raw)
	}
	answer := etree.NewDocument()
	if err := answer.ReadFromString(got.body); err != nil {
		t.Fatal(err)
	}
	if n := len(answer.FindElements("CIM/MESSAGE[@ID='a&b']/MULTIEXPRSP/SIMPLEEXPRSP/EXPMETHODRESPONSE/IRETURNVALUE")); n != 3 {
		t.Errorf("%d results in\n%s", n, got.body)
	}
	var classes []string
	for _, i := range k.take() {
		classes = append(classes, i.Instance.Class)
		alone, err := cimxml.DecodeExport(i.Raw)
		if err != nil || !alone.Indication.Equal(i.Instance) || i.MessageID != "a&b" ||
			i.Sequence == nil || i.Sequence.Context != "ctx" || i.Sequence.Number != 7 {
			t.Errorf("kept %+v, whose Raw is %v, %v", i, alone, err)
		}
	}
	for range 3 {
		<-done
	}
	if want := []string{"A", "B", "C"}; !slices.Equal(classes, want) || !slices.Equal(told, want) {
		t.Errorf("kept %v, told %v", classes, told)
	}
	if stats := server.Stats(); stats.Answers["kept"] != 1 || stats.Indications != 3 {
		t.Errorf("%+v", stats)
	}
}

// TestBatchIsKeptWhole has the second of three fail: nothing may be answered 200.
func TestBatchIsKeptWhole(t *testing.T) {
	server, addr := start(t, listener.HandlerFunc(func(_ context.Context, i *listener.Indication) error {
		if i.Instance.Class == "B" {
			return errors.New("disk full")
		}
		return nil
	}), nil)
	got := ask(t, addr, batchRequest())
	if got.StatusCode != 503 || server.Stats().Answers["not-kept"] != 1 || server.Stats().Indications != 1 {
		t.Errorf("answered\n%s\n%+v", got.raw, server.Stats())
	}
}

func TestBatchWithStrangers(t *testing.T) {
	k := &keeper{}
	server, addr := start(t, k, nil)
	_, good, _ := strings.Cut(alert, "<SIMPLEEXPREQ>")
	good, _, _ = strings.Cut(good, "</MESSAGE>")
	got := ask(t, addr, batchWith("<SIMPLEEXPREQ>"+good+`<SIMPLEEXPREQ><EXPMETHODCALL NAME="Other"/></SIMPLEEXPREQ>`))
	if got.StatusCode != 200 || strings.Count(got.body, "<IRETURNVALUE>") != 1 || strings.Count(got.body, `<ERROR CODE="7"`) != 1 {
		t.Errorf("answered\n%s", got.raw)
	}
	if len(k.take()) != 1 || server.Stats().Answers["unknown-export-method"] != 1 {
		t.Errorf("%+v", server.Stats())
	}
	if got := ask(t, addr, batchRequest("CIMProtocolVersion: 1.9")); got.StatusCode != 400 || got.Header.Get("CIMError") != "header-mismatch" {
		t.Errorf("answered\n%s", got.raw)
	}
}
