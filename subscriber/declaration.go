package subscriber

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/cimwatch/cimwatch/cim"
)

// Declaration is what should be on a CIM server under a name.
type Declaration struct {
	// Name is the identity of who declares: letters, digits, ".", "-" and "_", at most 64.
	Name string

	// Filters are what to subscribe to; of equal ones one counts. None means that
	// nothing of this name should be there.
	Filters []Filter

	// Duration is how long a subscription lives after it was made, in whole seconds, so
	// that a server forgets a listener that nobody looks after any more; 0 is for ever.
	// It holds for subscriptions that are made from now on. Reconcile renews one when half
	// of its life is over, by deleting and creating it: what happens in between is not told.
	Duration time.Duration
}

// Filter is a query and where the indications go that it lets through.
type Filter struct {
	Query            string   // such as "SELECT * FROM CIM_AlertIndication"
	Language         string   // "" is WQL
	SourceNamespaces []string // where the indications originate; none is root/cimv2
	Destination      string   // http or https URL of the listener, without user and password
}

// What stands for an empty field of Filter.
const (
	defaultLanguage  = "WQL"
	defaultNamespace = "root/cimv2"
)

const (
	namePrefix    = "cimwatch:"
	maxNameLength = 64
)

// Validate reports what is wrong with a declaration without asking a server. Whether a
// query is one, only the server knows. Errors never hold the path of a destination, which
// may serve as a secret.
func (d Declaration) Validate() error {
	if err := validateName(d.Name); err != nil {
		return err
	}
	var errs []error
	if d.Duration < 0 || d.Duration%time.Second != 0 {
		errs = append(errs, fmt.Errorf("subscriptions %s: the duration %s is not in whole seconds", d.Name, d.Duration))
	}
	for i, f := range d.Filters {
		if err := f.validate(); err != nil {
			errs = append(errs, fmt.Errorf("subscriptions %s: filter %d: %w", d.Name, i+1, err))
		}
	}
	return errors.Join(errs...)
}

func validateName(name string) error {
	switch {
	case name == "":
		return errors.New("the name of the subscriptions is empty")
	case len(name) > maxNameLength:
		return fmt.Errorf("the name of the subscriptions has %d characters, more than %d", len(name), maxNameLength)
	}
	for _, r := range name {
		if !isNameRune(r) {
			return fmt.Errorf("name of the subscriptions %q: %q is no letter, digit, \".\", \"-\" or \"_\"", name, r)
		}
	}
	return nil
}

func isNameRune(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-", r)
}

func (f Filter) validate() error {
	if strings.TrimSpace(f.Query) == "" {
		return errors.New("the query is empty")
	}
	if slices.ContainsFunc(f.SourceNamespaces, func(n string) bool { return cim.CleanNamespace(n) == "" }) {
		return errors.New("a source namespace is empty")
	}
	u, err := url.Parse(f.Destination)
	var broken *url.Error
	switch {
	case errors.As(err, &broken):
		return fmt.Errorf("the destination is no URL: %w", broken.Err)
	case err != nil:
		return errors.New("the destination is no URL")
	case u.Scheme != "http" && u.Scheme != "https":
		return errors.New("the destination is no http or https URL")
	case u.Hostname() == "":
		return errors.New("the destination has no host")
	case u.User != nil:
		return errors.New("the destination holds a user name")
	}
	return nil
}

// wanted is a filter of a declaration with its defaults filled in and the names of what
// it needs.
type wanted struct {
	Filter

	filterName, handlerName string
	duration                time.Duration // 0: for ever
}

func (d Declaration) plan() ([]wanted, error) {
	if err := d.Validate(); err != nil {
		return nil, err
	}
	var plan []wanted
	for _, f := range d.Filters {
		w := f.want(d.Name)
		w.duration = d.Duration
		if !slices.ContainsFunc(plan, func(v wanted) bool { return v.pair() == w.pair() }) {
			plan = append(plan, w)
		}
	}
	return plan, nil
}

func (f Filter) want(name string) wanted {
	f.Query = strings.TrimSpace(f.Query)
	if f.Language == "" {
		f.Language = defaultLanguage
	}
	namespaces := []string{defaultNamespace}
	if len(f.SourceNamespaces) > 0 {
		namespaces = make([]string, len(f.SourceNamespaces))
		for i, n := range f.SourceNamespaces {
			namespaces[i] = cim.CleanNamespace(n)
		}
	}
	f.SourceNamespaces = namespaces
	parts := append([]string{f.Query, strings.ToUpper(f.Language)}, foldedSet(namespaces)...)
	return wanted{
		Filter:      f,
		filterName:  objectName(name, parts...),
		handlerName: objectName(name, f.Destination),
	}
}

func (w wanted) pair() pair { return pair{filter: w.filterName, handler: w.handlerName} }

// objectName returns the Name key of a filter or handler.
func objectName(name string, parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return namePrefix + name + ":" + hex.EncodeToString(sum[:8])
}

// ownerOf returns the name of the declaration that made the object of that Name, "" for
// what others made.
func ownerOf(object string) string {
	rest, ours := strings.CutPrefix(object, namePrefix)
	name, _, ok := strings.Cut(rest, ":")
	if !ours || !ok {
		return ""
	}
	return name
}

// foldedSet returns namespaces so that equal sets give equal slices.
func foldedSet(namespaces []string) []string {
	set := make([]string, len(namespaces))
	for i, n := range namespaces {
		set[i] = cim.FoldName(cim.CleanNamespace(n))
	}
	slices.Sort(set)
	return slices.Compact(set)
}

// withoutPath shortens a destination to what may be shown.
func withoutPath(destination string) string {
	u, err := url.Parse(destination)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}
