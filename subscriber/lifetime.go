package subscriber

import (
	"time"

	"github.com/cimwatch/cimwatch/cim"
)

// lifetime is how long a subscription lives in all, and how long it has left. Both are 0
// for one that does not end.
type lifetime struct{ whole, left time.Duration }

// longestLife is what counts as for ever: servers write large numbers for that.
const longestLife = 10 * 365 * 24 * time.Hour

// lifetimeOf reads the lifetime of a subscription. Where the server does not say what is
// left, or says 0, the time of its creation tells: this Subscriber's own note before the
// server's, whose clock may be off.
func (r *run) lifetimeOf(inst *cim.Instance, p pair) lifetime {
	whole := seconds(inst, "SubscriptionDuration")
	if whole == 0 {
		return lifetime{}
	}
	if left := seconds(inst, "SubscriptionTimeRemaining"); left > 0 {
		return lifetime{whole: max(whole, left), left: left}
	}
	now := r.now()
	if age, known := r.memory.age(p, now); known {
		return lifetime{whole: whole, left: whole - age}
	}
	if started, ok := inst.Get("SubscriptionStartTime").DateTime(); ok {
		if t, ok := started.Time(); ok {
			return lifetime{whole: whole, left: whole - now.Sub(t)}
		}
	}
	return lifetime{whole: whole}
}

// seconds reads a property that counts seconds; 0 stands for NULL and for ever.
func seconds(inst *cim.Instance, property string) time.Duration {
	n, ok := inst.Get(property).Uint64()
	if !ok || n >= uint64(longestLife/time.Second) {
		return 0
	}
	return time.Duration(n) * time.Second // bounded above
}

// ending reports whether a subscription has to be renewed: when half of its life is over,
// or nearly so. That leaves time for a server that does not answer at the moment.
func (l lifetime) ending() bool {
	return l.whole > 0 && l.left <= l.whole*5/8
}

// expect notes that a subscription lives so long from now.
func (r *run) expect(l lifetime) {
	if l.whole == 0 {
		return
	}
	renew := max(l.left-l.whole/2, time.Second)
	if r.report.Renew == 0 || renew < r.report.Renew {
		r.report.Renew = renew
	}
}
