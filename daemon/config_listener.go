package daemon

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"

	"github.com/cimwatch/cimwatch/listener"
)

// ListenerConfig says where indications arrive, and from whom.
type ListenerConfig struct {
	Address     string `yaml:"address"`     // HOST:PORT to listen on
	URL         string `yaml:"url"`         // how hosts reach it
	Certificate string `yaml:"certificate"` // PEM files; both or none
	Key         string `yaml:"key"`

	Allow              []string     `yaml:"allow"`               // addresses, networks and AllowHosts; none: any address
	Users              []UserConfig `yaml:"users"`               // one of which a sender must be; none: no account is asked for
	ClientCA           string       `yaml:"client_ca"`           // PEM file of those who sign the senders' certificates
	ClientFingerprints []string     `yaml:"client_fingerprints"` // SHA-256 of the certificates of which a sender must show one
}

// AllowHosts stands for the addresses of the configured hosts in ListenerConfig.Allow.
const AllowHosts = "hosts"

// UserConfig is an account that senders use.
type UserConfig struct {
	User         string `yaml:"user"`
	PasswordFile string `yaml:"password_file"`
	PasswordEnv  string `yaml:"password_env"`
}

// check returns what is wrong, with paths below that of the listener.
func (l *ListenerConfig) check() (problems []problem) {
	report := func(path string, err error) {
		if err != nil {
			problems = append(problems, problem{path, err})
		}
	}
	report(".address", checkAddress(l.Address))
	report(".url", l.checkURL())
	if (l.Certificate == "") != (l.Key == "") {
		report(".certificate", errors.New("certificate and key belong together, one is missing"))
	}
	for i, text := range l.Allow {
		if text != AllowHosts {
			_, err := parseNetwork(text)
			report(fmt.Sprintf(".allow[%d]", i), err)
		}
	}
	users := map[string]int{}
	for i := range l.Users {
		path := fmt.Sprintf(".users[%d]", i)
		problem := l.Users[i].check()
		report(path+problem.path, problem.err)
		if first, ok := note(users, l.Users[i].User, i); !ok {
			report(path+".user", fmt.Errorf("the user already stands at users[%d]", first))
		}
	}
	for i, text := range l.ClientFingerprints {
		if _, err := listener.ParsePin(text); err != nil {
			report(fmt.Sprintf(".client_fingerprints[%d]", i), errors.New("expected a SHA-256 in hexadecimal digits"))
		}
	}
	const plain = "only a listener with a certificate sees those of senders"
	if l.ClientCA != "" && l.Certificate == "" {
		report(".client_ca", errors.New(plain))
	}
	if len(l.ClientFingerprints) > 0 && l.Certificate == "" {
		report(".client_fingerprints", errors.New(plain))
	}
	return problems
}

// check returns the first thing that is wrong, with a path below that of the user.
func (u *UserConfig) check() problem {
	switch {
	case u.User == "":
		return problem{".user", errors.New("the user is missing")}
	case strings.Contains(u.User, ":"):
		return problem{".user", errors.New("a user with a colon cannot be sent")}
	case u.PasswordFile != "" && u.PasswordEnv != "":
		return problem{".password_file", errors.New("password_file and password_env exclude each other")}
	case u.PasswordFile == "" && u.PasswordEnv == "":
		return problem{".user", errors.New("a user is given without password_file or password_env")}
	default:
		return problem{}
	}
}

// parseNetwork reads an address, or a network such as 192.0.2.0/24.
func parseNetwork(text string) (netip.Prefix, error) {
	network, err := netip.ParsePrefix(text)
	if err != nil {
		addr, err := netip.ParseAddr(text)
		if err != nil || addr.Zone() != "" {
			return netip.Prefix{}, fmt.Errorf("%.80q is no address, no network such as 192.0.2.0/24, and not hosts", text)
		}
		addr = addr.Unmap()
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	if network != network.Masked() {
		return netip.Prefix{}, fmt.Errorf("%.80q is an address within a network; the network is %s", text, network.Masked())
	}
	if network.Addr().Is4In6() {
		return netip.Prefix{}, fmt.Errorf("%.80q: write IPv4 networks as such, 192.0.2.0/24", text)
	}
	return network, nil
}

func (l *ListenerConfig) checkURL() error {
	if l.URL == "" {
		return errors.New("the URL is missing under which hosts reach the listener")
	}
	if err := checkServerURL(l.URL); err != nil {
		return err
	}
	u, err := url.Parse(l.URL)
	switch {
	case err != nil:
		return errors.New("the URL is not http://HOST:PORT or https://HOST:PORT")
	case u.Path != "" || u.RawQuery != "" || u.Fragment != "":
		return errors.New("the URL has a path or more; each subscription gets one of its own")
	case u.Scheme == "http" && l.Certificate != "":
		return errors.New("the URL is http, but the listener has a certificate")
	}
	return nil
}
