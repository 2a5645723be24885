package daemon

import (
	"cmp"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/cimwatch/cimwatch/cimxml"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/subscriber"
	"github.com/cimwatch/cimwatch/web"
)

// A host looks after one managed system, on a goroutine of its own, so that a host that
// does not answer delays no other.
type host struct {
	d           *Daemon
	config      HostConfig
	client      *cimxml.Client
	subscriber  *subscriber.Subscriber
	declaration subscriber.Declaration
	log         *slog.Logger
	slot        atomic.Pointer[slot] // which it holds at the moment; nil: none

	standing standing // what it shows of itself
	rereads  *rereads

	rules    atomic.Pointer[inventory.Rules] // of its components; replaced, never changed
	resurvey atomic.Bool                     // the next turn looks at which classes there are

	demanded, stirred chan struct{} // hold one value while a turn is asked for, see wake

	// Of the goroutine in run.
	status   HostStatus
	interop  string        // namespace of its subscriptions; "": not known yet
	failure  failure       // of the last turn
	failures int           // in a row for that reason
	news     bool          // that reason was not told yet
	renew    time.Duration // when the subscriptions have to be renewed; 0: they do not end
	agenda   *agenda
	lacking  lacking

	first      firstLook
	everything bool      // the turn looks at subscriptions and at all classes, not only at those that are due
	forced     bool      // and reads also those that are not due yet
	looks      time.Time // when the next such turn is due
	early      time.Time // when it is to be before that; zero: nothing calls for it
	whole      time.Time // end of the last such turn
	called     bool      // somebody demands the next one
	served     time.Time // end of the last one that was demanded
	silent     bool      // did not answer when single elements were read since the last turn
	lone       bool      // nor when it was asked what they are associated with
	alarm      alarm     // of the elements that are due next
}

// newHost returns a host without its declaration, which needs the store and the listener.
func newHost(d *Daemon, config HostConfig) (*host, error) {
	password, err := d.password(&config.HostDefaults)
	if err != nil {
		return nil, fmt.Errorf("host %s: %w", config.Name, err)
	}
	trust := cimxml.Trust{Authorities: config.CA, Fingerprint: config.Fingerprint, Insecure: config.Insecure}
	tlsConfig, err := trust.TLSConfig()
	if err != nil {
		return nil, fmt.Errorf("host %s: %w", config.Name, err)
	}
	config.Reread = cmp.Or(config.Reread, RereadNeighbours)
	config.ReadsAtOnce = cmp.Or(config.ReadsAtOnce, defaultReadsAtOnce)
	config.SurveyInterval = cmp.Or(config.SurveyInterval, defaultSurveyInterval)
	config.RereadAgain = cmp.Or(config.RereadAgain, defaultRereadAgain)
	h := &host{
		d: d, config: config,
		log:      d.log.With("component", "host", "host", config.Name),
		demanded: make(chan struct{}, 1), stirred: make(chan struct{}, 1),
		rereads: newRereads(), agenda: newAgenda(), lacking: lacking{}, everything: true, forced: true,
		status: HostStatus{Host: config.Name, State: StatePending},
	}
	rules := declaredRules(&h.config)
	h.rules.Store(&rules)
	h.client, err = cimxml.NewClient(config.URL, &cimxml.Options{
		Namespace: config.Namespace, User: config.User, Password: password,
		Timeout: config.Timeout, TLS: tlsConfig,
		Wrap: h.wrap,
	})
	if err != nil {
		return nil, fmt.Errorf("host %s: %w", config.Name, err)
	}
	h.standing.view = web.HostSubscriptions{Host: config.Name, URL: h.client.URL(), State: string(StatePending)}
	h.subscriber = subscriber.New(h.client, &subscriber.Options{Progress: h.step, Now: d.now})
	return h, nil
}
