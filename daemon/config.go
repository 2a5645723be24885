package daemon

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Config is what a daemon is told, in YAML; docs/configuration.md describes every key.
// Durations are written as "90s" or "10m".
type Config struct {
	Name        string         `yaml:"name"`        // identity on the CIM servers, so that two installations never fight
	OnShutdown  string         `yaml:"on_shutdown"` // OnShutdownKeep or OnShutdownUnsubscribe
	Concurrency int            `yaml:"concurrency"` // how many hosts are worked on at once; 0 is 64
	Store       StoreConfig    `yaml:"store"`
	Listener    ListenerConfig `yaml:"listener"`
	Metrics     MetricsConfig  `yaml:"metrics"`
	Defaults    HostDefaults   `yaml:"defaults"` // for what a host does not say
	Hosts       []HostConfig   `yaml:"hosts"`
}

// What becomes of the subscriptions when the daemon stops.
const (
	OnShutdownKeep        = "keep"
	OnShutdownUnsubscribe = "unsubscribe"
)

// StoreConfig says where the journal and the inventory are kept.
type StoreConfig struct {
	File        string        `yaml:"file"`
	GapLifetime time.Duration `yaml:"gap_lifetime"` // how long a missing indication may still come; 0 is 15 minutes
	OrderWindow time.Duration `yaml:"order_window"` // how long the inventory waits for a missing indication; 0: it takes in what comes
	MaxAge      time.Duration `yaml:"max_age"`      // older indications are dropped from the journal; 0 keeps them
	MaxMB       int64         `yaml:"max_mb"`       // megabytes of indications in the journal, the oldest are dropped; 0 is no limit

	HistoryChanges int           `yaml:"history_changes"` // of each component, the latest are kept; 0 keeps all
	HistoryAge     time.Duration `yaml:"history_age"`     // older changes are dropped; 0 keeps them

	Postgres PostgresConfig `yaml:"postgres"` // where the inventory is, when it is not in the file
}

// MetricsConfig says where /metrics, /healthz, /readyz and the inventory API are served.
type MetricsConfig struct {
	Address   string `yaml:"address"`    // "" is not to serve them
	WebConfig string `yaml:"web_config"` // TLS and authentication, in the form of Prometheus exporters
	Backup    bool   `yaml:"backup"`     // serve backups of the store, which hold its secret; needs authentication

	Components bool `yaml:"components"` // serve the health and the reading of each component
	MaxSeries  int  `yaml:"max_series"` // of those at most; 0 is 100,000
}

// HostDefaults are settings of a host that can be given once for all hosts.
type HostDefaults struct {
	User         string        `yaml:"user"`
	PasswordFile string        `yaml:"password_file"`
	PasswordEnv  string        `yaml:"password_env"`
	CA           string        `yaml:"ca"`
	Fingerprint  string        `yaml:"fingerprint"`
	Insecure     bool          `yaml:"insecure"`
	Namespace    string        `yaml:"namespace"`
	Classes      []string      `yaml:"classes"`
	Queries      []QueryConfig `yaml:"queries"`
	Timeout      time.Duration `yaml:"timeout"`      // of one request
	Interval     time.Duration `yaml:"interval"`     // between two looks at the subscriptions and the inventory
	Reread       string        `yaml:"reread"`       // what an alert has read again: RereadNeighbours, RereadElement or RereadNo
	RereadAgain  time.Duration `yaml:"reread_again"` // pause before an element in trouble is read again; 0 is a minute

	Components     []ComponentConfig `yaml:"components"`      // what is said of classes of components
	SkipClasses    []string          `yaml:"skip_classes"`    // that are not read, with all that derive from them
	SurveyInterval time.Duration     `yaml:"survey_interval"` // between two looks at which classes there are
	ReadsAtOnce    int               `yaml:"reads_at_once"`   // classes of the host

	SubscriptionDuration time.Duration `yaml:"subscription_duration"` // after which servers forget subscriptions; 0: never
}

// HostConfig is a managed system and its CIM server.
type HostConfig struct {
	Name         string `yaml:"name"`
	URL          string `yaml:"url"`
	HostDefaults `yaml:",inline"`
}

// QueryConfig is a filter query.
type QueryConfig struct {
	Query    string `yaml:"query"`
	Language string `yaml:"language"` // "" is WQL
}

const (
	defaultName     = "cimwatch"
	defaultTimeout  = 30 * time.Second
	defaultInterval = 10 * time.Minute

	defaultConcurrency = 64
	defaultMaxSeries   = 100_000

	defaultGapLifetime = 15 * time.Minute // of the store

	defaultSource   = "root/cimv2"
	defaultLanguage = "WQL"
	defaultClass    = "CIM_AlertIndication"
)

// A problem is what is wrong at a place of the configuration, which is given as a path
// such as "$.hosts[1].url".
type problem struct {
	path string
	err  error
}

// complete fills in the defaults.
func (c *Config) complete() {
	if c.Name == "" {
		c.Name = defaultName
	}
	if c.OnShutdown == "" {
		c.OnShutdown = OnShutdownKeep
	}
	if c.Concurrency == 0 {
		c.Concurrency = defaultConcurrency
	}
	for i := range c.Hosts {
		c.Hosts[i].complete(&c.Defaults)
	}
}

func (h *HostConfig) complete(d *HostDefaults) {
	if h.User == "" {
		h.User = d.User
	}
	if h.PasswordFile == "" && h.PasswordEnv == "" {
		h.PasswordFile, h.PasswordEnv = d.PasswordFile, d.PasswordEnv
	}
	if h.CA == "" && h.Fingerprint == "" && !h.Insecure {
		h.CA, h.Fingerprint, h.Insecure = d.CA, d.Fingerprint, d.Insecure
	}
	if h.Namespace == "" {
		h.Namespace = cmp.Or(d.Namespace, defaultSource)
	}
	if len(h.Classes) == 0 && len(h.Queries) == 0 {
		h.Classes, h.Queries = d.Classes, d.Queries
	}
	if len(h.Classes) == 0 && len(h.Queries) == 0 {
		h.Classes = []string{defaultClass}
	}
	if h.Timeout == 0 {
		h.Timeout = cmp.Or(d.Timeout, defaultTimeout)
	}
	if h.Interval == 0 {
		h.Interval = cmp.Or(d.Interval, defaultInterval)
	}
	h.completeReading(d)
	if h.SubscriptionDuration == 0 {
		h.SubscriptionDuration = d.SubscriptionDuration
	}
}

// check returns everything that is wrong with a complete configuration.
func (c *Config) check() (problems []problem) {
	report := func(path string, err error) {
		if err != nil {
			problems = append(problems, problem{path, err})
		}
	}
	report("$.name", checkName(c.Name))
	if c.OnShutdown != OnShutdownKeep && c.OnShutdown != OnShutdownUnsubscribe {
		report("$.on_shutdown", fmt.Errorf("%q is not one of keep, unsubscribe", c.OnShutdown))
	}
	if c.Concurrency < 1 {
		report("$.concurrency", errors.New("the number of hosts must be 1 or more"))
	}
	if c.Store.File == "" {
		report("$.store.file", errors.New("the file is missing"))
	}
	if c.Store.GapLifetime < 0 {
		report("$.store.gap_lifetime", errors.New("a time must be longer than zero"))
	}
	if c.Store.OrderWindow < 0 {
		report("$.store.order_window", errors.New("a time must be longer than zero"))
	}
	if lifetime := cmp.Or(c.Store.GapLifetime, defaultGapLifetime); c.Store.OrderWindow > max(lifetime, 0) {
		report("$.store.order_window", fmt.Errorf("the time is longer than gap_lifetime, %s", lifetime))
	}
	if c.Store.MaxAge < 0 {
		report("$.store.max_age", errors.New("a time must be longer than zero"))
	}
	if c.Store.HistoryAge < 0 {
		report("$.store.history_age", errors.New("a time must be longer than zero"))
	}
	if c.Store.HistoryChanges < 0 {
		report("$.store.history_changes", errors.New("the number of changes must be 1 or more"))
	}
	if c.Store.MaxMB < 0 {
		report("$.store.max_mb", errors.New("the size must be 1 or more"))
	}
	for _, p := range c.Store.Postgres.check() {
		report("$.store.postgres"+p.path, p.err)
	}
	for _, p := range c.Listener.check() {
		report("$.listener"+p.path, p.err)
	}
	if c.Metrics.Address != "" {
		report("$.metrics.address", checkAddress(c.Metrics.Address))
	}
	if c.Metrics.MaxSeries < 0 {
		report("$.metrics.max_series", errors.New("the number must be 1 or more"))
	}
	if c.Metrics.Backup && (c.Metrics.Address == "" || c.Metrics.WebConfig == "") {
		report("$.metrics.backup", errors.New("backups are served with address and web_config only, which must ask for authentication"))
	}
	if len(c.Hosts) == 0 {
		report("$.hosts", errors.New("no host is given"))
	}
	names, servers := map[string]int{}, map[string]int{}
	for i := range c.Hosts {
		path := fmt.Sprintf("$.hosts[%d]", i)
		for _, p := range c.Hosts[i].check() {
			report(path+p.path, p.err)
		}
		if first, ok := note(names, strings.ToLower(c.Hosts[i].Name), i); !ok {
			report(path+".name", fmt.Errorf("host %q already stands at hosts[%d]", c.Hosts[i].Name, first))
		}
		if first, ok := note(servers, serverOf(c.Hosts[i].URL), i); !ok {
			report(path+".url", fmt.Errorf("hosts[%d] has this CIM server already; they would take each other's subscriptions", first))
		}
	}
	return problems
}

// note remembers where a key was seen first; ok is false when that was before. The empty
// key is not remembered.
func note(seen map[string]int, key string, at int) (first int, ok bool) {
	if first, found := seen[key]; found {
		return first, false
	}
	if key != "" {
		seen[key] = at
	}
	return at, true
}

// serverOf returns host and port of a server's URL, "" when it has none.
func serverOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" {
		return ""
	}
	port := map[string]string{"http": "5988", "https": "5989"}[u.Scheme]
	return net.JoinHostPort(strings.ToLower(u.Hostname()), cmp.Or(u.Port(), port))
}

func classPattern() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`) }

// checkName holds names to what stands well in URLs, labels and object names.
func checkName(name string) error {
	const most = 64
	if name == "" {
		return errors.New("the name is missing")
	}
	if len(name) > most || strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") != "" {
		return fmt.Errorf("%.80q is not a name of up to %d letters, digits, points, dashes and underscores", name, most)
	}
	return nil
}

func checkAddress(address string) error {
	if address == "" {
		return errors.New("the address is missing, expected HOST:PORT or :PORT")
	}
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("%q is not HOST:PORT", address)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return fmt.Errorf("%q: the port is not a number from 0 to 65535", address)
	}
	return nil
}

func checkServerURL(raw string) error {
	u, err := url.Parse(raw)
	switch {
	case raw == "":
		return errors.New("the URL is missing, expected https://HOST:5989")
	case err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https":
		return errors.New("the URL is not http://HOST or https://HOST")
	case u.User != nil:
		return errors.New("user and password do not belong into the URL; use user and password_file")
	default:
		return nil
	}
}
