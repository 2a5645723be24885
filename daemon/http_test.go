package daemon_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// get returns status and body of a page of the metrics address.
func (r *running) get(path string) (int, string) {
	r.t.Helper()
	return get(r.t, "http://"+r.MetricsAddr().String()+path)
}

func get(t testing.TB, url string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(within(t), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	return do(t, req)
}

func do(t testing.TB, req *http.Request) (int, string) {
	t.Helper()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

// metric returns the value of a series, as in the text of /metrics; "" when there is none.
func (r *running) metric(series string) string {
	r.t.Helper()
	_, text := r.get("/metrics")
	for line := range strings.Lines(text) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), series+" "); ok {
			return value
		}
	}
	return ""
}

// awaitMetric waits until a series has a value.
func (r *running) awaitMetric(series, want string) {
	r.t.Helper()
	deadline := time.Now().Add(patience)
	for got := r.metric(series); got != want; got = r.metric(series) {
		if time.Now().After(deadline) {
			r.t.Fatalf("%s is %s, want %s", series, got, want)
		}
	}
}

// post sends an export message as a CIM server does and returns the HTTP status.
func post(t testing.TB, url string, body []byte) int {
	t.Helper()
	req, err := http.NewRequestWithContext(within(t), http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	setExportHeader(req)
	status, _ := do(t, req)
	return status
}

func setExportHeader(req *http.Request) {
	req.Header.Set("Content-Type", `application/xml; charset="utf-8"`)
	req.Header["CIMExport"] = []string{"MethodRequest"}
	req.Header["CIMExportMethod"] = []string{"ExportIndication"}
	req.Header["CIMProtocolVersion"] = []string{"1.0"}
}
