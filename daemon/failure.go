package daemon

import (
	"errors"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
)

// failure is why a turn failed, the values of the label "reason".
type failure string

const (
	failedCredentials failure = "credentials" // the server does not take the account
	failedRefused     failure = "refused"     // the server answers, and refuses something
	failedReply       failure = "reply"       // what answers says nothing that can be read
	failedUnreachable failure = "unreachable"
	failedOther       failure = "other" // the daemon's own, such as a full disk
)

func failures() []failure {
	return []failure{failedCredentials, failedRefused, failedReply, failedUnreachable, failedOther}
}

// failureOf tells why a turn failed, "" for one that did not. Of several reasons it is the
// one that most calls for care.
func failureOf(err error) failure {
	if err == nil {
		return ""
	}
	if status, ok := errors.AsType[*cimxml.HTTPError](err); ok {
		if status.StatusCode == http.StatusUnauthorized || status.StatusCode == http.StatusForbidden {
			return failedCredentials
		}
		return failedReply
	}
	if _, ok := errors.AsType[*cimxml.DecodeError](err); ok {
		return failedReply
	}
	if _, ok := errors.AsType[*cim.Error](err); ok {
		return failedRefused
	}
	if _, ok := errors.AsType[*cimxml.OpError](err); ok {
		return failedUnreachable
	}
	return failedOther
}

// Pauses after failures. Servers lock an account after a few wrong passwords in a row, so
// one that is refused is hardly tried. And what a server refuses while it answers all else
// it may refuse for ever, which is no reason to read its inventory all the time.
const (
	shortestPause        = time.Second
	longestPause         = 5 * time.Minute
	shortestLockPause    = 5 * time.Minute
	longestLockPause     = time.Hour
	shortestRefusalPause = 30 * time.Second
	longestRefusalPause  = time.Hour
)

// backoff returns the pause after so many failures for the same reason: it doubles.
func (f failure) backoff(times int) time.Duration {
	shortest, longest := shortestPause, longestPause
	switch f {
	case failedCredentials:
		shortest, longest = shortestLockPause, longestLockPause
	case failedRefused:
		shortest, longest = shortestRefusalPause, longestRefusalPause
	}
	return min(shortest<<min(times-1, 10), longest)
}

// jitter spreads the hosts' turns, by up to a tenth.
func jitter(d time.Duration) time.Duration {
	return d - time.Duration(rand.Int64N(int64(d)/10+1))
}
