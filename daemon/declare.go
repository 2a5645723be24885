package daemon

import (
	"bufio"
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/cimwatch/cimwatch/subscriber"
)

// declare returns the subscriptions of a host and remembers the listener's path of each.
// Each filter has a path of its own, which nobody can guess: nothing else in an
// indication tells which filter let it through (observed: OpenPegasus), and who does not
// know the path cannot send any.
func (d *Daemon) declare(config *HostConfig) (subscriber.Declaration, error) {
	declaration := subscriber.Declaration{Name: d.config.Name, Duration: config.SubscriptionDuration}
	queries := slices.Clone(config.Queries) // several hosts may share the defaults
	for _, class := range config.Classes {
		queries = append(queries, QueryConfig{Query: "SELECT * FROM " + class})
	}
	for _, q := range queries {
		path := d.path(config.Name, q)
		d.hostOf[path] = config.Name
		declaration.Filters = append(declaration.Filters, subscriber.Filter{
			Query: q.Query, Language: q.Language, SourceNamespaces: []string{config.Namespace},
			Destination: d.publicURL + path,
		})
	}
	return declaration, declaration.Validate()
}

// path derives the path of a filter from the store's secret, so that it is the same
// after a restart.
func (d *Daemon) path(host string, q QueryConfig) string {
	mac := hmac.New(sha256.New, d.secret)
	language := strings.ToUpper(cmp.Or(q.Language, defaultLanguage))
	mac.Write(fmt.Appendf(nil, "%q %q %q", strings.ToLower(host), language, q.Query))
	return "/" + hex.EncodeToString(mac.Sum(nil)[:16])
}

// password returns the password of an account, "" where there is no account.
func (d *Daemon) password(config *HostDefaults) (string, error) {
	if config.User == "" {
		return "", nil
	}
	return d.readSecret(config.PasswordFile, config.PasswordEnv)
}

// readSecret returns a password out of a variable of the environment, or a file where none is named.
func (d *Daemon) readSecret(file, env string) (string, error) {
	if env == "" {
		return readPassword(file)
	}
	password := d.getenv(env)
	if password == "" {
		return "", fmt.Errorf("read the password: the environment variable %s is empty or not set", env)
	}
	return password, nil
}

// readPassword returns the first line of a file.
func readPassword(file string) (string, error) {
	const most = 4096
	f, err := os.Open(file)
	if err != nil {
		return "", fmt.Errorf("read the password: %w", err)
	}
	defer func() { _ = f.Close() }() // only read from
	line, err := bufio.NewReader(io.LimitReader(f, most)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the password: %w", err)
	}
	if line = strings.TrimRight(line, "\r\n"); line == "" {
		return "", fmt.Errorf("read the password: the first line of %s is empty", file)
	}
	return line, nil
}
