package daemon_test

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/daemon"
)

// valid is a configuration with nothing but what must be there.
const valid = `store: {file: c.db}
listener: {address: ":5990", url: "http://watch:5990"}
hosts:
- name: esx1
  url: https://esx1
`

func TestParseConfig(t *testing.T) {
	got, err := daemon.ParseConfig("c.yaml", []byte(valid))
	if err != nil {
		t.Fatal(err)
	}
	want := &daemon.Config{
		Name: "cimwatch", OnShutdown: "keep", Concurrency: 64, Store: daemon.StoreConfig{File: "c.db"},
		Listener: daemon.ListenerConfig{Address: ":5990", URL: "http://watch:5990"},
		Hosts: []daemon.HostConfig{{Name: "esx1", URL: "https://esx1", HostDefaults: daemon.HostDefaults{
			Namespace: "root/cimv2", Classes: []string{"CIM_AlertIndication"},
			Timeout: 30 * time.Second, Interval: 10 * time.Minute,
			Reread: daemon.RereadNeighbours, RereadAgain: time.Minute, SurveyInterval: 24 * time.Hour, ReadsAtOnce: 2,
		}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("configuration (-want +got):\n%s", diff)
	}
}

// TestHostDefaults gives settings once for all hosts, and other ones to some.
func TestHostDefaults(t *testing.T) {
	c, err := daemon.ParseConfig("c.yaml", []byte(`store: {file: c.db}
listener: {address: ":5990", url: "http://watch:5990"}
defaults:
  user: all
  password_file: all.txt
  ca: ca.pem
  namespace: root/all
  classes: [A_B]
  timeout: 1s
  interval: 1m
  subscription_duration: 24h
  reread: element
  reread_again: 2m
  components: [{class: A_B}]
  skip_classes: [A_C]
  survey_interval: 2h
  reads_at_once: 3
hosts:
- {name: h1, url: "http://h1"}
- {name: h2, url: "http://h2", user: other, password_env: OTHER, insecure: true, namespace: root/x,
   queries: [{query: "SELECT * FROM C_D", language: "DMTF:CQL"}], timeout: 2s, interval: 2m, subscription_duration: 1h, reread: 'no', reread_again: 3m,
   components: [{class: A_Fan, interval: 1m}], skip_classes: [A_X], survey_interval: 1h, reads_at_once: 4}
`))
	if err != nil {
		t.Fatal(err)
	}
	want := []daemon.HostDefaults{
		{User: "all", PasswordFile: "all.txt", CA: "ca.pem", Namespace: "root/all", Classes: []string{"A_B"}, Timeout: time.Second, Interval: time.Minute, SubscriptionDuration: 24 * time.Hour, Reread: daemon.RereadElement, RereadAgain: 2 * time.Minute,
			Components: []daemon.ComponentConfig{{Class: "A_B"}}, SkipClasses: []string{"A_C"}, SurveyInterval: 2 * time.Hour, ReadsAtOnce: 3},
		{
			User: "other", PasswordEnv: "OTHER", Insecure: true, Namespace: "root/x",
			Queries: []daemon.QueryConfig{{Query: "SELECT * FROM C_D", Language: "DMTF:CQL"}}, Timeout: 2 * time.Second, Interval: 2 * time.Minute,
			SubscriptionDuration: time.Hour, Reread: daemon.RereadNo, RereadAgain: 3 * time.Minute,
			Components: []daemon.ComponentConfig{{Class: "A_Fan", Interval: time.Minute}}, SkipClasses: []string{"A_X"},
			SurveyInterval: time.Hour, ReadsAtOnce: 4,
		},
	}
	for i, h := range c.Hosts {
		if diff := cmp.Diff(want[i], h.HostDefaults); diff != "" {
			t.Errorf("%s (-want +got):\n%s", h.Name, diff)
		}
	}
}

// secret stands where a password is by mistake; no message repeats it.
const secret = "hunter2"

func TestParseConfigErrors(t *testing.T) {
	with := func(more string) string { return valid + more }
	instead := func(old, text string) string {
		if !strings.Contains(valid, old) {
			t.Fatalf("%q is not in the configuration", old)
		}
		return strings.Replace(valid, old, text, 1)
	}
	for _, test := range []struct {
		name, text, want string
	}{
		{"nothing", "", "c.yaml: store.file: the file is missing (and 3 more problems)"},
		{"a text", "serve", "c.yaml:1:1: expected keys and values"},
		{"a list", "[]", "c.yaml:1:1: expected keys and values"},
		{"no YAML", "name: \"x", "c.yaml:1:7: could not find end character of double-quoted text"},
		{"two values", "name: a: b", "c.yaml:1:7: mapping value is not allowed in this context"},
		{"second document", with("---\nname: x\n"), "c.yaml: a second document follows; only one is read"},
		{"unknown key", with("hots: []\n"), `c.yaml:6:1: unknown field "hots", expected perhaps hosts`},
		{"unknown key of a host", with("  user_name: " + secret + "\n"), `c.yaml:6:3: hosts[0]: unknown field "user_name"`},
		{"password in the file", with("  password: " + secret + "\n"), `c.yaml:6:3: hosts[0]: unknown field "password"`},
		{"key twice", with("store: {file: d.db}\n"), `c.yaml:6:1: mapping key "store" already defined at [1:1]`},
		{"list for a text", with("name: [" + secret + "]\n"), "c.yaml:6:7: name: expected a text"},
		{"text for a list", with("defaults: {classes: " + secret + "}\n"), "c.yaml:6:21: defaults.classes: expected a list"},
		{"text for keys", with("metrics: " + secret + "\n"), "c.yaml:6:10: metrics: expected keys and values"},
		{"text for a host", instead("- name: esx1\n  url: https://esx1", "- https://esx1"), "c.yaml:4:3: hosts[0]: expected keys and values"},
		{"text for a flag", with("  insecure: " + secret + "\n"), "c.yaml:6:13: hosts[0].insecure: expected true or false"},
		{"time without a unit", with("  timeout: 30\n"), "c.yaml:6:12: hosts[0].timeout: expected a time with its unit, such as 30s or 10m"},
		{"no time", with("  interval: " + secret + "\n"), "c.yaml:6:13: hosts[0].interval: expected a time with its unit, such as 30s or 10m"},
		{"time in defaults", with("defaults:\n  interval: 10 minutes\n"), "c.yaml:7:13: defaults.interval: expected a time with its unit, such as 30s or 10m"},
		{"time out of range", with("  timeout: 99999999h\n"), "c.yaml:6:12: hosts[0].timeout: expected a time with its unit, such as 30s or 10m"},
		{"negative timeout", with("  timeout: -1s\n"), "c.yaml:6:12: hosts[0].timeout: a time must be longer than zero"},
		{"no reread", with("  reread: always\n"), `c.yaml:6:11: hosts[0].reread: "always" is not one of neighbours, element, no`},
		{"hasty reread", with("  reread_again: 10ms\n"), "c.yaml:6:17: hosts[0].reread_again: the time must be a second or longer"},
		{"hasty survey", with("  survey_interval: 10s\n"), "c.yaml:6:20: hosts[0].survey_interval: the interval must be a minute or longer"},
		{"too many at once", with("  reads_at_once: 17\n"), "c.yaml:6:18: hosts[0].reads_at_once: the number of classes must be from 1 to 16"},
		{"nothing at once", with("  reads_at_once: -1\n"), "c.yaml:6:18: hosts[0].reads_at_once: the number of classes must be from 1 to 16"},
		{"no class to skip", with("  skip_classes: [CIM_Fan, 'a b']\n"), `c.yaml:6:27: hosts[0].skip_classes[1]: "a b" is not a class name`},
		{"component without a class", with("  components: [{interval: 1m}]\n"), `c.yaml:6:16: hosts[0].components[0].class: "" is not a class name`},
		{"component twice", with("  components: [{class: A_B}, {class: a_b}]\n"), "c.yaml:6:38: hosts[0].components[1].class: class a_b already stands at components[0]"},
		{"hasty component", with("  components: [{class: A_B, interval: 1ms}]\n"), "c.yaml:6:39: hosts[0].components[0].interval: the interval must be a second or longer"},
		{"short duration", with("  subscription_duration: 30s\n"), "c.yaml:6:26: hosts[0].subscription_duration: the duration must be whole seconds, a minute or longer"},
		{"broken duration", with("  subscription_duration: 90500ms\n"), "c.yaml:6:26: hosts[0].subscription_duration: the duration must be whole seconds, a minute or longer"},
		{"negative lifetime", instead("{file: c.db}", "{file: c.db, gap_lifetime: -1s}"), "c.yaml:1:35: store.gap_lifetime: a time must be longer than zero"},
		{"negative window", instead("{file: c.db}", "{file: c.db, order_window: -1s}"), "c.yaml:1:35: store.order_window: a time must be longer than zero"},
		{"long window", instead("{file: c.db}", "{file: c.db, order_window: 16m}"), "c.yaml:1:35: store.order_window: the time is longer than gap_lifetime, 15m0s"},
		{"negative history age", instead("{file: c.db}", "{file: c.db, history_age: -1s}"), "c.yaml:1:34: store.history_age: a time must be longer than zero"},
		{"negative history", instead("{file: c.db}", "{file: c.db, history_changes: -1}"), "c.yaml:1:38: store.history_changes: the number of changes must be 1 or more"},
		{"no history age", instead("{file: c.db}", "{file: c.db, history_age: 90d}"), "c.yaml:1:34: store.history_age: expected a time with its unit, such as 30s or 10m"},
		{"negative age", instead("{file: c.db}", "{file: c.db, max_age: -1s}"), "c.yaml:1:30: store.max_age: a time must be longer than zero"},
		{"negative size", instead("{file: c.db}", "{file: c.db, max_mb: -1}"), "c.yaml:1:29: store.max_mb: the size must be 1 or more"},
		{"database without a URL", instead("{file: c.db}", "{file: c.db, postgres: {cache_mb: 1}}"), "c.yaml:1:31: store.postgres: the url is missing"},
		{"database of another sort", instead("{file: c.db}", "{file: c.db, postgres: {url: 'mysql://"+secret+"'}}"), "c.yaml:1:37: store.postgres.url: it is not a URL that PostgreSQL's clients take, such as postgres://USER@HOST:5432/DATABASE?sslmode=verify-full"},
		{"database with a password", instead("{file: c.db}", "{file: c.db, postgres: {url: 'postgres://u:"+secret+"@h/d'}}"), "c.yaml:1:37: store.postgres.url: a password does not belong into the URL"},
		{"database with two passwords", instead("{file: c.db}", "{file: c.db, postgres: {url: 'postgres:///d', password_file: p, password_env: P}}"), "c.yaml:1:69: store.postgres.password_file: password_file and password_env exclude each other"},
		{"negative cache", instead("{file: c.db}", "{file: c.db, postgres: {url: 'postgres:///d', cache_mb: -1}}"), "c.yaml:1:64: store.postgres.cache_mb: the size must be 1 or more"},
		{"no hosts at once", with("concurrency: -1\n"), "c.yaml:6:14: concurrency: the number of hosts must be 1 or more"},
		{"short interval", with("  interval: 10ms\n"), "c.yaml:6:13: hosts[0].interval: the interval must be a second or longer"},
		{"bad name", with("name: a b\n"), `c.yaml:6:7: name: "a b" is not a name of up to 64 letters, digits, points, dashes and underscores`},
		{"bad choice", with("on_shutdown: leave\n"), `c.yaml:6:14: on_shutdown: "leave" is not one of keep, unsubscribe`},
		{"no store", instead("file: c.db", ""), "c.yaml:1:8: store.file: the file is missing"},
		{"no listener", "store: {file: c.db}\nhosts: [{name: a, url: 'http://a'}]", "c.yaml: listener.address: the address is missing, expected HOST:PORT or :PORT (and one more problem)"},
		{"no address", instead(`address: ":5990"`, `address: ""`), "c.yaml:2:21: listener.address: the address is missing, expected HOST:PORT or :PORT"},
		{"address without a port", instead(`":5990"`, "watch"), `c.yaml:2:21: listener.address: "watch" is not HOST:PORT`},
		{"port that is none", instead(`":5990"`, `":cim"`), `c.yaml:2:21: listener.address: ":cim": the port is not a number from 0 to 65535`},
		{"port out of range", instead(`":5990"`, `":65536"`), `c.yaml:2:21: listener.address: ":65536": the port is not a number from 0 to 65535`},
		{"no listener URL", instead(`, url: "http://watch:5990"`, ""), "c.yaml:2:11: listener.url: the URL is missing under which hosts reach the listener"},
		{"listener URL with a path", instead("watch:5990", "watch:5990/in"), "c.yaml:2:35: listener.url: the URL has a path or more; each subscription gets one of its own"},
		{"certificate without a key", instead(`{address: ":5990", url: "http`, `{certificate: c.pem, address: ":5990", url: "https`), "c.yaml:2:25: listener.certificate: certificate and key belong together, one is missing"},
		{"certificate without https", instead(`{address`, `{certificate: c.pem, key: k.pem, address`), "c.yaml:2:67: listener.url: the URL is http, but the listener has a certificate"},
		{"no network", instead("{address", "{allow: [hosts, host], address"), `c.yaml:2:27: listener.allow[1]: "host" is no address, no network such as 192.0.2.0/24, and not hosts`},
		{"address of a network", instead("{address", "{allow: [192.0.2.7/24], address"), `c.yaml:2:20: listener.allow[0]: "192.0.2.7/24" is an address within a network; the network is 192.0.2.0/24`},
		{"network in another form", instead("{address", "{allow: ['::ffff:192.0.2.0/120'], address"), `c.yaml:2:20: listener.allow[0]: "::ffff:192.0.2.0/120": write IPv4 networks as such, 192.0.2.0/24`},
		{"sender without a name", instead("{address", "{users: [{password_file: p}], address"), "c.yaml:2:20: listener.users[0].user: the user is missing"},
		{"sender with a colon", instead("{address", "{users: [{user: 'a:b', password_file: p}], address"), "c.yaml:2:27: listener.users[0].user: a user with a colon cannot be sent"},
		{"sender without a password", instead("{address", "{users: [{user: a}], address"), "c.yaml:2:27: listener.users[0].user: a user is given without password_file or password_env"},
		{"sender with two passwords", instead("{address", "{users: [{user: a, password_file: p, password_env: P}], address"), "c.yaml:2:45: listener.users[0].password_file: password_file and password_env exclude each other"},
		{"sender twice", instead("{address", "{users: [{user: a, password_env: P}, {user: a, password_env: Q}], address"), "c.yaml:2:55: listener.users[1].user: the user already stands at users[0]"},
		{"password of a sender", instead("{address", "{users: [{user: a, password: "+secret+"}], address"), `c.yaml:2:27: listener.users[0].user: a user is given without password_file or password_env (and one more problem)`},
		{"authorities without a certificate", instead("{address", "{client_ca: c.pem, address"), "c.yaml:2:23: listener.client_ca: only a listener with a certificate sees those of senders"},
		{"fingerprints without a certificate", instead("{address", "{client_fingerprints: ['"+strings.Repeat("0", 64)+"'], address"), "c.yaml:2:33: listener.client_fingerprints: only a listener with a certificate sees those of senders"},
		{"no fingerprint", instead(`{address: ":5990", url: "http`, `{certificate: c.pem, key: k.pem, client_fingerprints: [x], address: ":5990", url: "https`), "c.yaml:2:66: listener.client_fingerprints[0]: expected a SHA-256 in hexadecimal digits"},
		{"no lifetime", instead("{file: c.db}", "{file: c.db, gap_lifetime: soon}"), "c.yaml:1:35: store.gap_lifetime: expected a time with its unit, such as 30s or 10m"},
		{"no age", instead("{file: c.db}", "{file: c.db, max_age: 90d}"), "c.yaml:1:30: store.max_age: expected a time with its unit, such as 30s or 10m"},
		{"metrics address", with("metrics: {address: 9720}\n"), `c.yaml:6:20: metrics.address: "9720" is not HOST:PORT`},
		{"no hosts", instead("hosts:\n- name: esx1\n  url: https://esx1\n", "hosts: []\n"), "c.yaml:3:8: hosts: no host is given"},
		{"host without a name", instead("name: esx1", "user: ''"), "c.yaml:4:3: hosts[0].name: the name is missing"},
		{"host without a URL", instead("  url: https://esx1\n", ""), "c.yaml:4:3: hosts[0].url: the URL is missing, expected https://HOST:5989"},
		{"URL of another kind", instead("https://esx1", "ftp://esx1"), "c.yaml:5:8: hosts[0].url: the URL is not http://HOST or https://HOST"},
		{"URL with a password", instead("https://esx1", "https://root:"+secret+"@esx1"), "c.yaml:5:8: hosts[0].url: user and password do not belong into the URL; use user and password_file"},
		{"broken URL with a password", instead("https://esx1", `"https://root:`+secret+`%@esx1"`), "c.yaml:5:8: hosts[0].url: the URL is not http://HOST or https://HOST"},
		{"host twice", with("- {name: ESX1, url: 'http://b'}\n"), `c.yaml:6:10: hosts[1].name: host "ESX1" already stands at hosts[0]`},
		{"server twice", with("- {name: esx2, url: 'https://ESX1:5989/cimom'}\n"), "c.yaml:6:21: hosts[1].url: hosts[0] has this CIM server already; they would take each other's subscriptions"},
		{"password twice", with("  user: u\n  password_file: p\n  password_env: P\n"), "c.yaml:7:18: hosts[0].password_file: password_file and password_env exclude each other"},
		{"user without a password", with("  user: u\n"), "c.yaml:6:9: hosts[0].user: a user is given without password_file or password_env"},
		{"password without a user", with("  password_env: P\n"), "c.yaml:4:3: hosts[0]: a password is given without a user"},
		{"empty query", with("  queries:\n  - query: ' '\n"), "c.yaml:7:12: hosts[0].queries[0].query: the query is missing"},
		{"no class", with("  classes: [A_B, 'C D']\n"), `c.yaml:6:18: hosts[0].classes[1]: "C D" is not a class name`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := daemon.ParseConfig("c.yaml", []byte(test.text))
			if err == nil {
				t.Fatal("no error")
			}
			if _, ok := errors.AsType[*daemon.ConfigError](err); !ok {
				t.Errorf("the error is a %T", err)
			}
			if err.Error() != test.want {
				t.Errorf("error\n     %s\nwant %s", err, test.want)
			}
			if strings.Contains(err.Error(), secret) {
				t.Error("the message repeats what may be a secret")
			}
		})
	}
}

// Everything that is wrong is told at once, by its place, and not what follows from it.
func TestParseConfigTellsAll(t *testing.T) {
	for _, test := range []struct {
		name, text, want string
	}{
		{"of every sort", `store: {file: c.db, max_age: 90d}
listener: {address: 5990, url: "ftp://watch"}
concurency: 3
concurrency: many
qwerty: {a: b}
defaults: {interval: soon, user: u}
hosts:
- {name: esx1, url: "https://esx1", nmespace: x, insecure: maybe}
- https://esx2
- {name: esx1, url: "https://esx3", nmespace: x, timeout: -1s}
`, `c.yaml:1:30: store.max_age: expected a time with its unit, such as 30s or 10m
c.yaml:2:21: listener.address: "5990" is not HOST:PORT
c.yaml:2:32: listener.url: the URL is not http://HOST or https://HOST
c.yaml:3:1: unknown field "concurency", expected perhaps concurrency
c.yaml:4:14: concurrency: expected a number
c.yaml:5:1: unknown field "qwerty"
c.yaml:6:22: defaults.interval: expected a time with its unit, such as 30s or 10m
c.yaml:6:34: defaults.user: a user is given without password_file or password_env
c.yaml:8:37: hosts[0]: unknown field "nmespace", expected perhaps namespace
c.yaml:8:60: hosts[0].insecure: expected true or false
c.yaml:9:3: hosts[1]: expected keys and values
c.yaml:10:10: hosts[2].name: host "esx1" already stands at hosts[0]
c.yaml:10:37: hosts[2]: unknown field "nmespace", expected perhaps namespace
c.yaml:10:59: hosts[2].timeout: a time must be longer than zero`},
		{"defaults of three hosts", `store: {file: c.db}
listener: {address: ":5990", url: "http://watch:5990"}
defaults:
  components: [{class: A_B, identity: ['a b'], interval: 1ms}]
hosts: [{name: a, url: "http://a"}, {name: b, url: "http://b"}, {name: c, url: "http://c", components: [{class: 7}]}]
`, `c.yaml:4:40: defaults.components[0].identity[0]: "a b" is not a property name
c.yaml:4:58: defaults.components[0].interval: the interval must be a second or longer
c.yaml:5:113: hosts[2].components[0].class: "7" is not a class name`},
		{"an anchor", `store: {file: c.db}
listener: {address: ":5990", url: "http://watch:5990"}
defaults: &d {timeout: often, nterval: 1m}
hosts: [{<<: *d, name: a, url: "http://a"}, {<<: *d, name: b, url: b}]
`, `c.yaml:3:24: defaults.timeout: expected a time with its unit, such as 30s or 10m
c.yaml:3:31: defaults: unknown field "nterval", expected perhaps interval
c.yaml:4:68: hosts[1].url: the URL is not http://HOST or https://HOST`},
		{"more than anybody reads", valid + "  classes: [" + strings.Repeat("'a b',", 41) + "]\n", "21 lines; c.yaml: and 21 more"},
		{"many that cannot be decoded", valid + "  classes: [" + strings.Repeat("[],", 41) + "]\n", "21 lines; c.yaml: and 1 more at least"},
		{"keys that nothing knows, in all hosts", strings.Repeat("- {name: a, url: x, nam: b}\n", 30), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.want == "" {
				test.text, test.want = "store: {file: c.db}\nlistener: {address: ':1', url: 'http://a'}\nhosts:\n"+test.text, "21 lines; c.yaml: and 69 more"
			}
			_, err := daemon.ParseConfig("c.yaml", []byte(test.text))
			problem, ok := errors.AsType[*daemon.ConfigError](err)
			if !ok {
				t.Fatalf("error %v", err)
			}
			lines := problem.Lines()
			got := strings.Join(lines, "\n")
			if len(lines) > daemon.MaxConfigProblems {
				got = fmt.Sprintf("%d lines; %s", len(lines), lines[len(lines)-1])
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("lines (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLoadConfig(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "c.yaml")
	write(t, file, valid+`  user: u
  password_file: secrets/p
  ca: /etc/ca.pem
metrics: {web_config: web.yaml}
`)
	secured := strings.NewReplacer("http://watch", "https://watch",
		"{address", "{certificate: c.pem, key: /etc/k.pem, client_ca: senders.pem, users: [{user: a, password_file: a.txt}], address")
	write(t, file, secured.Replace(fileText(t, file)))
	c, err := daemon.LoadConfig(file)
	if err != nil {
		t.Fatal(err)
	}
	for what, got := range map[string]string{
		"c.db": c.Store.File, "secrets/p": c.Hosts[0].PasswordFile, "web.yaml": c.Metrics.WebConfig,
		"c.pem": c.Listener.Certificate, "senders.pem": c.Listener.ClientCA, "a.txt": c.Listener.Users[0].PasswordFile,
	} {
		if want := filepath.Join(dir, what); got != want {
			t.Errorf("file %s, want %s", got, want)
		}
	}
	if c.Hosts[0].CA != "/etc/ca.pem" || c.Listener.Key != "/etc/k.pem" {
		t.Errorf("CA %q, key %q; want what was given", c.Hosts[0].CA, c.Listener.Key)
	}
}

func TestLoadConfigErrors(t *testing.T) {
	dir := t.TempDir()
	if _, err := daemon.LoadConfig(filepath.Join(dir, "missing.yaml")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	if _, err := daemon.LoadConfig(dir); err == nil {
		t.Error("a folder loads")
	}
	large := filepath.Join(dir, "large.yaml")
	write(t, large, valid+"#"+strings.Repeat("x", 17<<20))
	if _, err := daemon.LoadConfig(large); err == nil || !strings.HasSuffix(err.Error(), "the file is larger than 16777216 bytes") {
		t.Errorf("a file of 17 MiB: %v", err)
	}
	bad := filepath.Join(dir, "bad.yaml")
	write(t, bad, "nam: x")
	if _, err := daemon.LoadConfig(bad); err == nil || err.Error() != bad+`:1:1: unknown field "nam", expected perhaps name (and 4 more problems)` {
		t.Errorf("an unknown key: %v", err)
	}
}

// TestExample loads the example, which shows every key, also with what is commented out.
func TestExample(t *testing.T) {
	const file = "../examples/cimwatch.yaml"
	c, err := daemon.LoadConfig(file)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Hosts) != 3 || c.Hosts[0].PasswordFile != filepath.Join("..", "examples", "secrets", "esxi") {
		t.Errorf("hosts: %+v", c.Hosts)
	}
	text := fileText(t, file)
	keys(reflect.TypeFor[daemon.Config](), func(key string) {
		if !strings.Contains(text, key+":") {
			t.Errorf("the example does not show the key %s", key)
		}
	})
}

// TestConfigDocument holds docs/configuration.md and the keys equal.
func TestConfigDocument(t *testing.T) {
	documented := map[string]bool{}
	row := regexp.MustCompile("(?m)^\\| `([a-z_.]+)` \\|")
	for _, m := range row.FindAllStringSubmatch(fileText(t, "../docs/configuration.md"), -1) {
		documented[m[1][strings.LastIndex(m[1], ".")+1:]] = true
	}
	known := map[string]bool{}
	keys(reflect.TypeFor[daemon.Config](), func(key string) { known[key] = true })
	delete(known, "store") // only with what is in them
	delete(known, "listener")
	delete(known, "metrics")
	if diff := cmp.Diff(known, documented); diff != "" {
		t.Errorf("keys (-known +documented):\n%s", diff)
	}
}

// TestDocumentedExample loads the configuration that the document shows.
func TestDocumentedExample(t *testing.T) {
	_, text, _ := strings.Cut(fileText(t, "../docs/configuration.md"), "```yaml\n")
	text, _, _ = strings.Cut(text, "```")
	if _, err := daemon.ParseConfig("c.yaml", []byte(text)); err != nil {
		t.Error(err)
	}
}

// keys calls do with each key of a part of the configuration and those below it.
func keys(t reflect.Type, do func(key string)) {
	for t.Kind() == reflect.Slice || t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return
	}
	for field := range t.Fields() {
		if key, options, _ := strings.Cut(field.Tag.Get("yaml"), ","); options != "inline" {
			do(key)
		}
		keys(field.Type, do)
	}
}

// FuzzParseConfig looks for texts that panic, and checks that what is accepted is complete.
func FuzzParseConfig(f *testing.F) {
	f.Add(valid)
	f.Add(valid + "  timeout: 5x\n")
	f.Add("defaults: &d {timeout: 1s}\nhosts: [{<<: *d, name: a}]\n")
	f.Add("a: &a [*a]\n")
	f.Add("? [a]\n: b\n---\n")
	f.Add("name: !!binary aGk=\n\t")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := daemon.ParseConfig("c.yaml", []byte(text))
		if err != nil {
			if problem, ok := errors.AsType[*daemon.ConfigError](err); !ok || len(problem.Problems) == 0 {
				t.Errorf("error %#v", err)
			}
			return
		}
		for _, h := range c.Hosts {
			if h.Name == "" || h.Timeout <= 0 || h.Interval <= 0 || len(h.Classes)+len(h.Queries) == 0 {
				t.Errorf("host %+v", h)
			}
		}
	})
}
