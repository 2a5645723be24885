package cimxml_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
	"github.com/cimwatch/cimwatch/simulator"
)

// simulate starts a simulated ESXi host that wants a password.
func simulate(t *testing.T) *httptest.Server {
	t.Helper()
	model, err := simulator.ESXi()
	if err != nil {
		t.Fatal(err)
	}
	server, err := simulator.New(model, &simulator.Options{User: "root", Password: secret})
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(server)
	t.Cleanup(s.Close)
	return s
}

// answers are what a client was answered to some operations, in one line each.
func answers(t *testing.T, c *cimxml.Client) []string {
	t.Helper()
	var got []string
	for i, err := range c.EnumerateInstances(t.Context(), "", "OMC_DiscreteSensor", nil) {
		if err != nil {
			t.Fatal(err)
		}
		one, err := c.GetInstance(t.Context(), i.Path, nil)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, i.Path.String()+" "+i.String(), one.String())
	}
	for p, err := range c.EnumerateInstanceNames(t.Context(), "", "CIM_Fan") {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, p.String())
	}
	_, err := c.GetInstance(t.Context(), cim.InstancePath("", "CIM_Fan", cim.Key{Name: "DeviceID", Value: cim.String("é<none>")}), nil)
	got = append(got, err.Error())
	result, _, err := c.InvokeMethod(t.Context(), cim.ClassPath("", "SFCB_Account"), "UpdateExpiredPassword",
		cim.Param("newpassword", cim.String(secret)))
	return append(got, result.String(), err.Error())
}

// TestRecordAndReplay records operations at the simulator and has a server of the
// recording asked the same.
func TestRecordAndReplay(t *testing.T) {
	file := filepath.Join(t.TempDir(), "recording.http")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	c, err := cimxml.NewClient(simulate(t).URL, &cimxml.Options{
		User: "root", Password: secret,
		Wrap: func(base http.RoundTripper) http.RoundTripper { return cimxml.NewRecorder(base, f) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	want := answers(t, c)
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	recording, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	noSecrets(t, recording)

	replayer, err := cimxml.NewReplayer(bytes.NewReader(recording))
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(replayer)
	t.Cleanup(s.Close)
	for range 2 { // what was given is given again
		if got := answers(t, newClient(t, s.URL)); !slices.Equal(got, want) {
			t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	_, err = newClient(t, s.URL).GetClass(t.Context(), "", "CIM_Fan", nil)
	if h, ok := errors.AsType[*cimxml.HTTPError](err); !ok || h.StatusCode != http.StatusNotFound {
		t.Errorf("what was not recorded: got %v", err)
	}
}

// noSecrets sees to it that a recording holds no credentials, in whatever spelling.
func noSecrets(t *testing.T, recording []byte) {
	t.Helper()
	plain := "root:" + secret
	for _, hidden := range []string{
		secret, base64.StdEncoding.EncodeToString([]byte(plain)), base64.StdEncoding.EncodeToString([]byte(secret)),
	} {
		if bytes.Contains(recording, []byte(hidden)) {
			t.Errorf("the recording holds %q", hidden)
		}
	}
	if !bytes.Contains(recording, []byte("Authorization: ***\r\n")) {
		t.Error("the recording does not say that there were credentials")
	}
}

// TestRecordFailures records exchanges that fail. They are in the recording and are not
// replayed.
func TestRecordFailures(t *testing.T) {
	cut := raw(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = io.WriteString(w, "<?xml") // and no more
	})
	var recording bytes.Buffer
	wrap := func(base http.RoundTripper) http.RoundTripper { return cimxml.NewRecorder(base, &recording) }
	for _, url := range []string{cut.URL, "http://127.0.0.1:1"} {
		c, err := cimxml.NewClient(url, &cimxml.Options{Wrap: wrap})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.EnumerateClassNames(t.Context(), "", "", false); err == nil {
			t.Error("no error")
		}
		c.Close()
	}
	if n := strings.Count(recording.String(), "\n## "); n != 2 {
		t.Errorf("%d failures are recorded, want 2:\n%s", n, recording.String())
	}
	replayer, err := cimxml.NewReplayer(&recording)
	if err != nil {
		t.Fatal(err)
	}
	s := raw(t, replayer.ServeHTTP)
	if _, err := listNames(t, s.URL); err == nil {
		t.Error("a failure was replayed")
	}
}

// TestRecorderFails has a recorder write to a full disk.
func TestRecorderFails(t *testing.T) {
	full := errors.New("no space left on device")
	s := raw(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/xml")
		_, _ = io.WriteString(w, body("<IRETURNVALUE/>"))
	})
	c, err := cimxml.NewClient(s.URL, &cimxml.Options{Wrap: func(base http.RoundTripper) http.RoundTripper {
		return cimxml.NewRecorder(base, writerFunc(func([]byte) (int, error) { return 0, full }))
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if _, err := c.EnumerateClassNames(t.Context(), "", "", false); !errors.Is(err, full) {
		t.Errorf("got %v, want %v", err, full)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestReplayerRefuses(t *testing.T) {
	const request = "######## REQUEST ########\r\nPOST /cimom HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx"
	const response = "\r\n######## RESPONSE ########\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\ny\r\n"
	if _, err := cimxml.NewReplayer(strings.NewReader(request + response)); err != nil {
		t.Fatal(err)
	}
	for n := 1; n < len(request+response); n++ {
		if _, err := cimxml.NewReplayer(strings.NewReader((request + response)[:n])); err == nil {
			t.Fatalf("the first %d bytes were taken for a recording", n)
		}
	}
	for _, text := range []string{"x", request + request, request + response + "x"} {
		if _, err := cimxml.NewReplayer(strings.NewReader(text)); err == nil || !strings.HasPrefix(err.Error(), "read recording: exchange ") {
			t.Errorf("%.40q: got %v, want an error", text, err)
		}
	}
}

// FuzzReplayer reads recordings, and answers from what it could read.
func FuzzReplayer(f *testing.F) {
	f.Add([]byte("######## REQUEST ########\r\nPOST /cimom HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx" +
		"\r\n######## RESPONSE ########\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\ny\r\n"))
	f.Add([]byte("######## REQUEST ########\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n\r\n######## RESPONSE ########\r\n## gone\r\n"))
	f.Fuzz(func(t *testing.T, recording []byte) {
		replayer, err := cimxml.NewReplayer(bytes.NewReader(recording))
		if err != nil {
			return
		}
		w := httptest.NewRecorder()
		replayer.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/cimom", strings.NewReader("x")))
		if w.Code < 100 || w.Code > 999 {
			t.Errorf("status %d", w.Code)
		}
	})
}
