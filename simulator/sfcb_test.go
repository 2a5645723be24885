package simulator_test

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/simulator"
)

// exchange is a request that was sent to a real sfcb, and what it answered.
type exchange struct {
	name, request, answer string
}

// captures reads the exchanges with sfcb whose file names match a pattern, in order.
func captures(t *testing.T, pattern string) []exchange {
	t.Helper()
	dir := os.Getenv("CIMWATCH_CAPTURES")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "captures")
	}
	files, err := filepath.Glob(filepath.Join(dir, "sfcb", pattern))
	if err != nil || len(files) == 0 {
		t.Skipf("no captures %s in %s; set CIMWATCH_CAPTURES", pattern, dir)
	}
	var list []exchange
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		request, answer, _ := strings.Cut(string(text), "######## RESPONSE ########")
		if _, body, _ := strings.Cut(request, "\r\n\r\n"); strings.Contains(body, "<SIMPLEREQ>") {
			list = append(list, exchange{strings.TrimSuffix(filepath.Base(file), ".http"), strings.TrimSpace(body), answer})
		}
	}
	return list
}

// Every request that was sent to a real sfcb gets a CIM-XML answer here too.
func TestRequestsOfTheCaptures(t *testing.T) {
	list := captures(t, "*.http")
	s := start(t, esxi(t), nil)
	for _, x := range list {
		got := post(t, s, request("POST /cimom HTTP/1.1", "", x.request))
		if got.status != http.StatusOK || !strings.Contains(got.body, "RESPONSE NAME=") {
			t.Errorf("%s: HTTP %d\n%s", x.name, got.status, got.body)
		}
	}
	t.Logf("%d requests", len(list))
}

var errorCode = regexp.MustCompile(`<ERROR CODE="([0-9]+)"`)

func code(answer string) string {
	if m := errorCode.FindStringSubmatch(answer); m != nil {
		return m[1]
	}
	return "success"
}

// The subscriptions of the captures, created and deleted in the same order, are answered
// as sfcb answered them.
func TestSubscriptionsLikeSfcb(t *testing.T) {
	model, err := load(t, `
		[Indication] class LAB_Alert : CIM_AlertIndication {};
		[Indication] class LAB_AllTypesIndication : CIM_Indication {};
		[Indication] class Test_Indication : CIM_Indication {};`)
	if err != nil {
		t.Fatal(err)
	}
	s := start(t, model, &simulator.Options{HostName: "vm"})
	// sfcb has no provider for all indications at once; the simulator is one for every class.
	different := map[string]bool{"sub-59-ci-sub-F15-instindication": true, "sub-60-ci-sub-F16-cimindication": true}
	compared := 0
	c := connect(t, s, nil)
	for _, x := range append(captures(t, "sub-*.http"), captures(t, "del-*.http")...) {
		if x.name == "del-01-filter-in-use" || x.name == "del-19-sub-with-pending-retry" {
			// What these find was made by requests that were not captured.
			create(t, c, newSubscription(
				create(t, c, newFilter("BF", "SELECT * FROM LAB_Alert")), create(t, c, newHandler("BH", "http://127.0.0.1:1/"))))
		}
		answered := post(t, s, request("POST /cimom HTTP/1.1", "", x.request))
		if got, want := code(answered.body), code(x.answer); got != want && !different[x.name] {
			t.Errorf("%s: %s, sfcb answered %s\n%s", x.name, got, want, answered.body)
		}
		compared++
	}
	t.Logf("%d answers compared", compared)
}
