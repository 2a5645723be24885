package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
	"github.com/cimwatch/cimwatch/internal/check"
	"github.com/cimwatch/cimwatch/inventory"
)

// mostConcurrent is more than any CIM server answers at once.
const mostConcurrent = 32

// readHost reads the components of a host from its CIM server, and returns them with the host's
// name and the classes that could not be read. It fails where nothing could.
func (o *checkOptions) readHost(ctx context.Context, env *Env, server string,
) (host string, components []inventory.Component, unread []check.Unread, err error) {
	rawURL, err := o.connection.resolve(env, server)
	if err != nil {
		return strings.TrimPrefix(server, "@"), nil, nil, err
	}
	u, err := parseHTTPURL(rawURL)
	if err != nil {
		return withoutUserinfo(rawURL), nil, nil, err
	}
	host = u.Hostname()
	s, err := o.connection.client(ctx, env, rawURL)
	if err != nil {
		return host, nil, nil, err
	}
	defer s.Close()
	started := time.Now()
	instances, unread, err := o.readClasses(ctx, s)
	if err != nil {
		return host, nil, nil, err
	}
	snapshot := inventory.Snapshot{Host: host, Instances: instances, Started: started, Reason: inventory.FirstSync}
	return host, inventory.Sync(nothing{}, snapshot).Upserts, unread, nil
}

// nothing is the inventory of a host before its first reading.
type nothing struct{}

// Component finds none.
func (nothing) Component(string) (c inventory.Component, ok bool) { return c, false }

// Components yields none.
func (nothing) Components() iter.Seq[inventory.Component] {
	return func(func(inventory.Component) bool) {}
}

// classes returns those to read: what counts, and what says which product the host is.
func (o *checkOptions) classes() []string {
	storage := check.WithStorage
	switch {
	case o.onlyStorage:
		storage = check.OnlyStorage
	case o.noStorage:
		storage = check.WithoutStorage
	}
	return slices.DeleteFunc(inventory.Classes(), func(class string) bool {
		kind := inventory.KindOf(class)
		return !storage.Counts(class) && kind != inventory.KindChassis && kind != inventory.KindFirmware
	})
}

// classReading is what came of reading a class.
type classReading struct {
	class     string
	instances []*cim.Instance
	err       error
}

// readClasses reads some classes at once, each for its own time at most. When nothing has been
// answered and as many have failed as are read at once, the others would too.
func (o *checkOptions) readClasses(ctx context.Context, s *session) ([]*cim.Instance, []check.Unread, error) {
	reading, stop := context.WithCancel(ctx)
	defer stop()
	classes := o.classes()
	readings := o.start(reading, stop, s, classes)
	done := make(map[string]classReading, len(classes))
	answered := 0
	var first error
	for range classes {
		r := <-readings
		done[r.class] = r
		switch {
		case !isHopeless(r.err) && (r.err == nil || isRefusal(r.err)):
			answered++
		case first == nil && !errors.Is(r.err, context.Canceled):
			first = r.err
		}
		if answered == 0 && len(done) >= o.concurrency {
			stop() // the rest ends at once
		}
	}
	if answered == 0 {
		return nil, nil, cmp.Or(first, ctx.Err())
	}
	instances, unread := o.collect(classes, done, ctx.Err() != nil)
	return instances, unread, nil
}

// headStart is how long the first class is read alone.
const headStart = 2 * time.Second

// start reads the classes and returns the channel of what comes of it, one value for each. The
// first is read alone for a while, so that a wrong password is tried once: servers lock
// accounts. What is hopeless stops all.
func (o *checkOptions) start(ctx context.Context, stop func(), s *session, classes []string) <-chan classReading {
	todo := make(chan string, len(classes))
	for _, class := range classes {
		todo <- class
	}
	close(todo)
	readings := make(chan classReading)
	answered := make(chan struct{})
	work := func(told func()) {
		for class := range todo {
			r := o.readClass(ctx, s, class)
			if isHopeless(r.err) {
				stop()
			}
			told()
			readings <- r
		}
	}
	go work(sync.OnceFunc(func() { close(answered) }))
	go func() {
		select {
		case <-answered:
		case <-ctx.Done():
		case <-time.After(headStart):
		}
		for range min(o.concurrency, len(classes)) - 1 {
			go work(func() {})
		}
	}()
	return readings
}

func (o *checkOptions) readClass(ctx context.Context, s *session, class string) classReading {
	r := classReading{class: class, err: ctx.Err()}
	if r.err != nil {
		return r
	}
	limited, cancel := context.WithTimeout(ctx, o.connection.timeout)
	defer cancel()
	for i, err := range s.EnumerateInstances(limited, "", class, nil) {
		if err != nil {
			return classReading{class: class, err: err}
		}
		r.instances = append(r.instances, i)
	}
	return r
}

// collect returns the instances in the order of the classes, and what could not be read, also
// because the time of the whole check was over. A class that the server does not have is as
// good as one without instances.
func (o *checkOptions) collect(classes []string, done map[string]classReading, over bool,
) (instances []*cim.Instance, unread []check.Unread) {
	for _, class := range classes {
		r := done[class]
		switch {
		case r.err == nil:
			instances = append(instances, r.instances...)
		case cim.IsMissingClass(r.err):
		default:
			unread = append(unread, check.Unread{Class: class, Error: o.reasonOf(r.err, over)})
		}
	}
	return instances, unread
}

// reasonOf says why a class was not read, without what its line says anyway.
func (o *checkOptions) reasonOf(err error, over bool) string {
	op, _ := errors.AsType[*cimxml.OpError](err)
	switch {
	case over && (op == nil || isTimeout(err)):
		return fmt.Sprintf("no answer before the %s of the whole check were over", o.timeout.Duration)
	case op == nil || errors.Is(err, context.Canceled):
		return "not read, since the host could not be reached any more"
	case isTimeout(err):
		return fmt.Sprintf("no answer within %s", o.patience())
	default:
		return op.Err.Error()
	}
}

// isRefusal reports whether the CIM server itself answered that it will not.
func isRefusal(err error) bool {
	_, ok := errors.AsType[*cim.Error](err)
	return ok
}

// isHopeless reports whether an error befalls every request: a host that cannot be reached or
// trusted, an account that is refused, a namespace that is not there.
func isHopeless(err error) bool {
	if err == nil {
		return false
	}
	if reply, ok := errors.AsType[*cimxml.HTTPError](err); ok {
		return reply.StatusCode >= http.StatusBadRequest && reply.StatusCode < http.StatusInternalServerError ||
			reply.StatusCode == http.StatusNotImplemented
	}
	if _, ok := diagnoseCertificate(err); ok {
		return true
	}
	op, ok := errors.AsType[*net.OpError](err)
	return ok && (op.Op == "dial" || strings.HasPrefix(op.Op, "remote")) ||
		errors.Is(err, http.ErrSchemeMismatch) || errors.Is(err, cim.StatusInvalidNamespace)
}
