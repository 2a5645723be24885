package main

import (
	"errors"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

const events = `{"Action":"start","Package":"m/a"}
{"Action":"run","Package":"m/a","Test":"TestGood"}
{"Action":"output","Package":"m/a","Test":"TestGood","Output":"=== RUN   TestGood\n"}
{"Action":"output","Package":"m/a","Test":"TestGood","Output":"    a_test.go:5: nobody needs to see this\n"}
{"Action":"pass","Package":"m/a","Test":"TestGood/sub","Elapsed":0.1}
{"Action":"pass","Package":"m/a","Test":"TestGood","Elapsed":0.25}
{"Action":"output","Package":"m/a","Test":"TestBad","Output":"    a_test.go:9: got 1, want 2\n"}
{"Action":"output","Package":"m/a","Test":"TestBad","Output":"--- FAIL: TestBad (0.00s)\n"}
{"Action":"fail","Package":"m/a","Test":"TestBad","Elapsed":0}
{"Action":"output","Package":"m/a","Test":"TestAway","Output":"=== RUN   TestAway\n"}
{"Action":"output","Package":"m/a","Test":"TestAway","Output":"    a_test.go:12: wbemcli is missing: install sblim-wbemcli\n"}
{"Action":"output","Package":"m/a","Test":"TestAway","Output":"--- SKIP: TestAway (0.00s)\n"}
{"Action":"skip","Package":"m/a","Test":"TestAway","Elapsed":0}
{"Action":"skip","Package":"m/a","Test":"TestMute","Elapsed":0}
{"Action":"output","Package":"m/a","Output":"FAIL\tm/a\t0.3s\n"}
{"Action":"fail","Package":"m/a","Elapsed":0.3}
{"ImportPath":"m/b","Action":"build-output","Output":"b.go:3:1: syntax error\n"}
not JSON at all
{"Action":"output","Package":"m/c","Output":"PASS\n"}
{"Action":"output","Package":"m/c","Output":"ok  \tm/c\t0.1s\n"}
{"Action":"pass","Package":"m/c","Elapsed":0.1}
`

const quiet = `    a_test.go:9: got 1, want 2
--- FAIL: TestBad (0.00s)
FAIL	m/a	0.3s
b.go:3:1: syntax error
not JSON at all
ok  	m/c	0.1s
skipped: m/a TestAway: wbemcli is missing: install sblim-wbemcli
skipped: m/a TestMute: no reason given
2 tests passed, 1 failed, 2 skipped
`

func TestReport(t *testing.T) {
	tests := []struct {
		name    string
		verbose bool
		want    string
	}{
		{name: "quiet", want: quiet},
		{name: "verbose", verbose: true, want: "--- PASS: TestGood (0.25s)\n" + quiet},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var out strings.Builder
			if err := report(strings.NewReader(events), &out, test.verbose); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, out.String()); diff != "" {
				t.Errorf("report (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReportReadError(t *testing.T) {
	broken := errors.New("pipe broke")
	if err := report(iotest.ErrReader(broken), &strings.Builder{}, false); !errors.Is(err, broken) {
		t.Errorf("error is %v, want %v", err, broken)
	}
}
