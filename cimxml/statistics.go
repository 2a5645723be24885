package cimxml

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// OperationStatistics are what a client has seen of one operation since it was made.
type OperationStatistics struct {
	Operation     string // the method's name; "InvokeMethod" for all extrinsic ones
	Count         uint64 // ended, failures included
	Failures      uint64
	Time          time.Duration // of all, from the call to the end of the reply
	MaxTime       time.Duration
	ServerCount   uint64        // replies that carried WBEMServerResponseTime
	ServerTime    time.Duration // the sum of those times
	RequestBytes  uint64        // of the bodies
	ResponseBytes uint64        // of the bodies, as read
}

// statistics gathers by operation.
type statistics struct {
	mu          sync.Mutex // operations end on any goroutine
	byOperation map[string]*OperationStatistics
}

// sample is one call.
type sample struct {
	operation  string
	failed     bool
	took       time.Duration
	server     time.Duration // negative when the server did not tell
	sent, read int
}

func (s *statistics) add(x sample) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byOperation == nil {
		s.byOperation = make(map[string]*OperationStatistics)
	}
	o := s.byOperation[x.operation]
	if o == nil {
		o = &OperationStatistics{Operation: x.operation}
		s.byOperation[x.operation] = o
	}
	o.Count++
	if x.failed {
		o.Failures++
	}
	o.Time += x.took
	o.MaxTime = max(o.MaxTime, x.took)
	if x.server >= 0 {
		o.ServerCount++
		o.ServerTime += x.server
	}
	o.RequestBytes += uint64(x.sent)
	o.ResponseBytes += uint64(x.read)
}

func (s *statistics) all() []OperationStatistics {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]OperationStatistics, 0, len(s.byOperation))
	for _, o := range s.byOperation {
		list = append(list, *o)
	}
	slices.SortFunc(list, func(a, b OperationStatistics) int { return strings.Compare(a.Operation, b.Operation) })
	return list
}

// Statistics returns what the client has seen of each operation, by name.
func (c *Client) Statistics() []OperationStatistics { return c.statistics.all() }

// serverTime reads WBEMServerResponseTime, in microseconds (DSP0200 section 6.3.13);
// negative when it is missing or no number.
func serverTime(header string) time.Duration {
	n, err := strconv.ParseUint(strings.TrimSpace(header), 10, 40)
	if err != nil {
		return -1
	}
	return time.Duration(n) * time.Microsecond
}
