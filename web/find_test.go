package web_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/web"
)

// collect returns the elements of a sequence up to its error.
func collect[T any](all iter.Seq2[T, error]) (list []T, err error) {
	for v, err := range all {
		if err != nil {
			return list, err
		}
		list = append(list, v)
	}
	return list, nil
}

func parse(t *testing.T, text string) inventory.Query {
	t.Helper()
	values, err := url.ParseQuery(text)
	if err != nil {
		t.Fatal(err)
	}
	q, err := web.ParseQuery(values)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// many is a host with more components than an answer holds back.
func many() *source {
	s := example()
	s.hosts = append(s.hosts, web.Host{Name: "esx3"})
	for n := range 3000 {
		s.components = append(s.components, inventory.Component{
			Host: "esx3", ID: fmt.Sprintf("%04d", n), Kind: inventory.KindDisk, Name: strings.Repeat("disk ", 100), Health: inventory.Health(n % 5),
		})
	}
	return s
}

// TestFind finds over a socket what a Local finds, and what the query selects of all.
func TestFind(t *testing.T) {
	s := many()
	remote, local := client(t, serve(t, s, nil).URL), web.Local{Source: s}
	for query, count := range map[string]int{
		"": 3002, "host=esx1": 1, "host=ESX%3F": 3002, "kind=disk&health=critical": 600, "worse-than=ok&host=esx3": 1200,
		"where=Alpha[0]+%3D+2": 1, "sort=-health,name&limit=7": 7, "text=FAN": 1, "host=none*": 0, "limit=2": 2,
	} {
		q := parse(t, query)
		want, err := collect(local.Find(t.Context(), q))
		if err != nil || len(want) != count {
			t.Errorf("%s: %d components, %v, want %d", query, len(want), err, count)
		}
		got, err := collect(remote.Find(t.Context(), q))
		if err != nil {
			t.Errorf("%s: %v", query, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-local +remote):\n%s", query, diff)
		}
		then, err := local.Past(t.Context(), q, day(2))
		remoteThen, remoteErr := remote.Past(t.Context(), q, day(2))
		if err != nil || remoteErr != nil {
			t.Errorf("%s: %v, %v", query, err, remoteErr)
		}
		if diff := cmp.Diff(then, remoteThen); diff != "" {
			t.Errorf("%s in the past (-local +remote):\n%s", query, diff)
		}
	}
	past, err := remote.Past(t.Context(), parse(t, "host=esx*&text=fan"), day(2))
	if err != nil || len(past.Components) != 1 || past.Components[0].Host != "esx1" {
		t.Errorf("the fan of day 2: %v, %v", past, err)
	}
}

// get returns what the API answers.
func get(t *testing.T, handler http.Handler, path string) (status int, body string) {
	t.Helper()
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/api/v1/"+path, nil))
	return w.Code, w.Body.String()
}

// Pages, each after what the one before calls next, are all there is.
func TestPages(t *testing.T) {
	s := many()
	handler := web.NewHandler(s, nil)
	query := "components?sort=-health&host=esx3,esx2&limit=700"
	var got []string
	for after, pages := "", 0; ; pages++ {
		_, body := get(t, handler, query+"&after="+after)
		var page struct {
			Components []web.Component `json:"components"`
			Next       string          `json:"next"`
		}
		if err := json.Unmarshal([]byte(body), &page); err != nil {
			t.Fatal(err)
		}
		for _, c := range page.Components {
			got = append(got, c.Host+c.ID)
		}
		if after = page.Next; after == "" {
			if pages != 4 || len(page.Components) != 201 {
				t.Errorf("page %d is the last, of %d", pages, len(page.Components))
			}
			break
		}
	}
	q := parse(t, "sort=-health&host=esx3,esx2")
	all, err := collect(web.Local{Source: s}.Find(t.Context(), q))
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, c := range all {
		want = append(want, c.Host+c.ID)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-all +pages)\n%s", diff)
	}
}

func TestFindRefusals(t *testing.T) {
	handler := web.NewHandler(example(), nil)
	for query, want := range map[string]string{
		"kind=disk3":                            `kind: no kind \"disk3\": choose from battery, `,
		"health=bad":                            `health: no health \"bad\": choose from unknown, absent, ok, warning, critical`,
		"worse-than=critical":                   `worse-than: no health worse than \"critical\"`,
		"limit=0":                               `limit: \"0\" is no limit: give a number from 1 on`,
		"sort=size":                             `sort: no sort key \"size\": choose from host, `,
		"after=x":                               `after: this is no place to go on from`,
		"after=AWEBYg&sort=name":                `this is no place to go on from`,
		"where=Capacity":                        `where: offset 8: found the end, expected a comparison, LIKE, IS or ISA`,
		"where=" + strings.Repeat("x", 4097):    `where: the condition has 4097 bytes: at most 4096 are allowed`,
		"format=xml":                            `format: no format \"xml\": choose from json, ndjson`,
		"at=2026-11-01T09:00:00Z&format=ndjson": `format: with at there is json only`,
		"at=yesterday":                          `at: \"yesterday\" is not a time in RFC 3339`,
		"host=" + strings.Repeat("a,", 64) + "a%2A": `host: more than 64 values: at most 64 are allowed`,
	} {
		if status, body := get(t, handler, "components?"+query); status != http.StatusBadRequest || !strings.HasPrefix(body, `{"error":"`+want) {
			t.Errorf("%.60s: %d %s, want %s", query, status, body, want)
		}
	}
}

// A source that fails late breaks the answer off, so that nobody takes it for whole.
func TestFindBreaksOff(t *testing.T) {
	s := many()
	s.err = errors.New("page 17 is broken")
	server := serve(t, s, nil)
	if got, err := collect(client(t, server.URL).Find(t.Context(), inventory.Query{})); err == nil || len(got) == 0 {
		t.Errorf("%d components, %v", len(got), err)
	}
	if _, err := client(t, server.URL).Components(t.Context(), ""); err == nil {
		t.Error("an array that was broken off is whole")
	}
	if got, err := collect(client(t, server.URL).Find(t.Context(), parse(t, "host=esx1"))); err == nil || len(got) > 0 || !strings.Contains(err.Error(), "HTTP status 500") {
		t.Errorf("%d components, %v", len(got), err)
	}
}

// A daemon that knows no queries answers with everything, which is not taken for an answer.
func TestFindOfAnEarlierDaemon(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"components":[]}`)
	}))
	defer server.Close()
	if _, err := collect(client(t, server.URL).Find(t.Context(), inventory.Query{})); err == nil || !strings.Contains(err.Error(), "earlier version") {
		t.Error(err)
	}
}

// What QueryValues writes, ParseQuery reads to the same query.
func TestQueryValues(t *testing.T) {
	for _, text := range []string{
		"", "host=a&host=b%2A&kind=disk&kind=memory+module&health=ok&worse-than=absent&vendor=Dell%2C+Inc.&class=X&serial=1%2A&part=p&text=t" +
			"&sort=-health&sort=name&limit=3&after=ATMEbmFtZQFoAWk&where=A+%3E+1+AND+B+LIKE+%27x%25%27",
	} {
		q := parse(t, text)
		values, err := url.ParseQuery(text)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(values, web.QueryValues(&q)); diff != "" {
			t.Errorf("(-text +query)\n%s", diff)
		}
	}
}

// slowSource finds nothing before it is let go.
type slowSource struct {
	source

	asked, letGo chan struct{}
}

func (s *slowSource) Find(context.Context, inventory.Query) iter.Seq2[inventory.Component, error] {
	return func(func(inventory.Component, error) bool) {
		s.asked <- struct{}{}
		<-s.letGo
	}
}

// Beyond 64 answers at once there is room for no more, until one has ended.
func TestFindIsBounded(t *testing.T) {
	s := &slowSource{asked: make(chan struct{}), letGo: make(chan struct{})}
	handler := web.NewHandler(s, nil)
	var answers sync.WaitGroup
	for range 64 {
		answers.Go(func() {
			if status, body := get(t, handler, "components"); status != http.StatusOK || body != `{"components":[]}`+"\n" {
				t.Errorf("%d %s", status, body)
			}
		})
		<-s.asked
	}
	if status, body := get(t, handler, "components?format=ndjson"); status != http.StatusServiceUnavailable || body != `{"error":"too many"}`+"\n" {
		t.Errorf("the 65th: %d %s", status, body)
	}
	close(s.letGo)
	answers.Wait()
	go func() { <-s.asked }()
	if status, _ := get(t, handler, "components"); status != http.StatusOK {
		t.Errorf("after them: %d", status)
	}
}
