package subscriber

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/cimwatch/cimwatch/cim"
)

// Client is what a Subscriber needs of a CIM client. An error that the server answered
// with has a [*cim.Error] in its chain; any other ends what the Subscriber is doing.
type Client interface {
	GetClass(ctx context.Context, namespace, class string, o *cim.ReadOptions) (*cim.Class, error)
	EnumerateInstances(ctx context.Context, namespace, class string, o *cim.ReadOptions) iter.Seq2[*cim.Instance, error]
	CreateInstance(ctx context.Context, namespace string, inst *cim.Instance) (cim.ObjectPath, error)
	DeleteInstance(ctx context.Context, path cim.ObjectPath) error
}

// Options are the settings of a Subscriber.
type Options struct {
	Interop  string     // interop namespace; "" is to find it
	Progress func(Step) // called before each step, by the goroutine that does it; nil: off

	Now func() time.Time // nil: time.Now
}

// Step is something a Subscriber is about to do.
type Step struct {
	Action string // in words, such as "Creating filter"
	Object string // the query, the destination without its path, or the name; may be empty
}

// Report is what a Subscriber did. It stands for what was done also beside an error.
type Report struct {
	Interop string           // the interop namespace
	Kept    []cim.ObjectPath // subscriptions that were there as declared
	Created []cim.ObjectPath // subscriptions that were not
	Removed []cim.ObjectPath // subscriptions, filters and handlers deleted

	// Renew is how soon to reconcile again at the latest, so that no subscription expires;
	// 0 when none does.
	Renew time.Duration
}

// Subscriber keeps subscriptions on one CIM server. It remembers how the server writes
// what it was told, so use one for as long as you look after that server.
type Subscriber struct {
	client Client
	opts   Options
	now    func() time.Time
	memory *memory
}

// New returns a Subscriber for the server behind client. It does no I/O. A nil opts is
// the same as a zero Options.
func New(client Client, opts *Options) *Subscriber {
	s := &Subscriber{client: client, now: time.Now, memory: newMemory()}
	if opts != nil {
		s.opts = *opts
	}
	if s.opts.Now != nil {
		s.now = s.opts.Now
	}
	return s
}

func (s *Subscriber) step(action, object string) {
	if s.opts.Progress != nil {
		s.opts.Progress(Step{Action: action, Object: object})
	}
}

// ErrNoInterop says that a server has no interop namespace under any name known.
var ErrNoInterop = errors.New("no interop namespace")

// FindInterop returns the namespace that filters, handlers and subscriptions belong into:
// the first of the usual names in which the server has the class CIM_IndicationFilter.
// Elsewhere they may be created but stay inert (observed: sfcb). The error is
// [ErrNoInterop] when there is none.
func (s *Subscriber) FindInterop(ctx context.Context) (string, error) {
	if s.opts.Interop != "" {
		return cim.CleanNamespace(s.opts.Interop), nil
	}
	s.step("Finding interop namespace", "")
	names := cim.InteropNamespaces()
	for _, name := range names {
		_, err := s.client.GetClass(ctx, name, filterClass, &cim.ReadOptions{LocalOnly: true, Properties: []string{}})
		switch {
		case err == nil:
			return name, nil
		case errors.Is(err, cim.StatusInvalidNamespace), cim.IsMissingClass(err):
		default:
			return "", fmt.Errorf("find interop namespace: %w", err)
		}
	}
	return "", fmt.Errorf("%w: none of %s has the class %s", ErrNoInterop, strings.Join(names, ", "), filterClass)
}

// Reconcile makes the subscriptions of d.Name on the server those of d. What is there as
// declared is kept, so that no indication is lost; what was changed by others or disabled
// by the server, and what has lived for half of its duration, is deleted and made anew;
// what is missing is created; then whatever else an earlier run of that name left is
// deleted, unless the server refused all that is declared: what works is not given up for
// nothing. Where the server refuses one thing, Reconcile goes on with the rest, and the
// error joins all refusals.
func (s *Subscriber) Reconcile(ctx context.Context, d Declaration) (Report, error) {
	plan, err := d.plan()
	if err != nil {
		return Report{}, err
	}
	r, err := s.begin(ctx)
	if err != nil {
		return Report{}, err
	}
	there, err := r.read(ctx)
	if err != nil {
		return r.report, err
	}
	s.step("Cleaning up old registrations", d.Name)
	rest := r.clearWay(ctx, there.of(d.Name), plan)
	for _, w := range plan {
		if r.broken {
			break
		}
		r.subscribe(ctx, w)
	}
	r.takeBack(ctx, plan)
	if len(plan) == 0 || len(r.joined) > 0 {
		r.clear(ctx, rest) // else nothing has come to take its place
	}
	r.readBack(ctx)
	return r.report, errors.Join(r.errs...)
}

// Remove deletes all that Reconcile ever made under a name: subscriptions, then filters
// and handlers. What is already gone is no error. Where the server refuses to delete one
// thing, Remove goes on with the rest, and the error joins all refusals.
func (s *Subscriber) Remove(ctx context.Context, name string) (Report, error) {
	if err := validateName(name); err != nil {
		return Report{}, err
	}
	r, err := s.begin(ctx)
	if err != nil {
		return Report{}, err
	}
	there, err := r.read(ctx)
	if err != nil {
		return r.report, err
	}
	r.clear(ctx, r.clearWay(ctx, there.of(name), nil))
	return r.report, errors.Join(r.errs...)
}

// List returns all subscriptions of the server, whoever made them, in the server's order.
func (s *Subscriber) List(ctx context.Context) ([]Subscription, error) {
	r, err := s.begin(ctx)
	if err != nil {
		return nil, err
	}
	there, err := r.read(ctx)
	if err != nil {
		return nil, err
	}
	var list []Subscription
	for _, inst := range there.subscriptions {
		list = append(list, there.describe(inst))
	}
	return list, nil
}
