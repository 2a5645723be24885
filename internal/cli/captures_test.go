package cli

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// capturedServer answers each operation with the response of an exchange that was captured
// from sfcb, by the operation's name, and all others as not supported.
func capturedServer(t *testing.T, answers map[string]string) string {
	t.Helper()
	dir := os.Getenv("CIMWATCH_CAPTURES")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "captures")
	}
	if _, err := os.Stat(filepath.Join(dir, "sfcb", "ei-LAB_AllTypes.http")); err != nil {
		t.Skipf("no captures of sfcb: %v (set CIMWATCH_CAPTURES to the directory that holds sfcb/)", err)
	}
	messageID := regexp.MustCompile(`ID="[^"]*"`)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		request, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		operation := r.Header.Get("CIMMethod")
		var body []byte
		if name, ok := answers[operation]; ok {
			body = capturedBody(t, filepath.Join(dir, "sfcb", name+".http"))
		} else {
			body = capturedBody(t, filepath.Join(dir, "sfcb", "pull-PullInstancesWithPath.http"))
			body = bytes.ReplaceAll(body, []byte(`"PullInstancesWithPath"`), []byte(`"`+operation+`"`))
		}
		w.Header().Set("Content-Type", `application/xml; charset="utf-8"`)
		w.Header().Set("CIMOperation", "MethodResponse")
		at := messageID.FindIndex(body)
		_, _ = w.Write(bytes.Join([][]byte{body[:at[0]], messageID.Find(request), body[at[1]:]}, nil))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func capturedBody(t *testing.T, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	_, response, _ := bytes.Cut(text, []byte("######## RESPONSE ########"))
	reply, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(bytes.TrimLeft(response, "\r\n"))), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	body, err := io.ReadAll(reply.Body)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// TestCaptures runs commands on what a real server answered.
func TestCaptures(t *testing.T) {
	allTypes := map[string]string{"EnumerateInstances": "ei-LAB_AllTypes", "GetInstance": "gi-LAB_AllTypes", "GetClass": "gc-LAB_AllTypes-full"}
	tests := []struct {
		name    string
		answers map[string]string
		args    string // URL stands for the server's
		code    int
		stdout  []string // each is part of it
		stderr  string
	}{
		{"list", allTypes, "instance list URL LAB_AllTypes", ExitDone, []string{"  Defaulted = 42\n", "root/cimv2:LAB_AllTypes.Id="}, ""},
		{"list as JSON", allTypes, "instance list URL LAB_AllTypes -o json", ExitDone, []string{`"Defaulted":42,`}, ""},
		{"list as CSV", allTypes, "instance list URL LAB_AllTypes -o csv", ExitDone, []string{"path,", ",Defaulted\n", ",42\n"}, ""},
		{"list as XML", allTypes, "instance list URL LAB_AllTypes -o xml", ExitDone, []string{`<PROPERTY NAME="Defaulted" TYPE="uint32">`}, ""},
		{"list as MOF", allTypes, "instance list URL LAB_AllTypes -o mof", ExitDone, []string{"   Defaulted = 42;\n"}, ""},
		{"get", allTypes, "instance get URL LAB_AllTypes -k Id=k1", ExitDone, []string{"instance of LAB_AllTypes {\n"}, ""},
		{"class", allTypes, "class get URL LAB_AllTypes -o table", ExitDone, []string{"Defaulted "}, ""},
		{
			"pull in classic form", map[string]string{"OpenEnumerateInstances": "pull-OpenEnumerateInstances", "EnumerateInstances": "ei-LAB_AllTypes"},
			"instance list URL LAB_AllTypes -o mof", ExitDone, []string{"   S = \"no key\";\n"}, "",
		},
		{"associators", map[string]string{"Associators": "as-Associators-inst"}, "instance associators URL A.B=1 -o json", ExitDone, []string{`{"class":"`}, ""},
		{"query", map[string]string{"ExecQuery": "eqry-ExecQuery-WQL"}, "query URL q -o json", ExitDone, []string{`{"class":"`}, ""},
		{"qualifiers", map[string]string{"EnumerateQualifiers": "eq-EnumerateQualifiers"}, "qualifier list URL", ExitDone, []string{"Association "}, ""},
		{"qualifier", map[string]string{"GetQualifier": "gq-GetQualifier-Values"}, "qualifier get URL Values", ExitDone, []string{"Qualifier Values : string[]"}, ""},
		{"no such class", map[string]string{"GetClass": "err-gc-not-found"}, "class get URL Foo", ExitRefused, nil, "hint: check the spelling"},
		{"nothing supported", nil, "instance list URL Foo", ExitRefused, nil, "error: EnumerateInstances "},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			url := capturedServer(t, test.answers)
			var stdout, stderr strings.Builder
			args := strings.Fields(strings.Replace(test.args, "URL", url, 1))
			code := Run(t.Context(), args, Env{Stdout: &stdout, Stderr: &stderr})
			if code != test.code {
				t.Errorf("exit code is %d, want %d: %s", code, test.code, &stderr)
			}
			for _, part := range test.stdout {
				if !strings.Contains(stdout.String(), part) {
					t.Errorf("no %q on stdout:\n%s", part, &stdout)
				}
			}
			if !strings.Contains(stderr.String(), test.stderr) || test.stderr == "" && stderr.Len() > 0 {
				t.Errorf("stderr is %q, want %q in it", &stderr, test.stderr)
			}
		})
	}
}
