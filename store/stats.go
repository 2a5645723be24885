package store

import "time"

// CommitInfo tells of one commit of journal entries.
type CommitInfo struct {
	Entries    int           // kept
	Duplicates int           // not kept again
	Bytes      int           // of the records kept
	Duration   time.Duration // with the sync
	Err        error         // why nothing was kept
}

// Stats are what the journal has done since Open.
type Stats struct {
	Last         uint64 // number of the last entry in the journal
	Queued       int    // entries appended or kept and not yet committed
	QueuedBytes  int
	Left         int // with ReadOnly: entries that the next Open to write will take in; none can be read
	Commits      uint64
	Entries      uint64
	Duplicates   uint64
	Failures     uint64 // commits that failed
	Gaps         uint64 // called
	Dropped      uint64 // entries too old or too many
	Unmaintained error  // why the last maintenance failed, nil when it did not
	CommitTime   time.Duration
	LastCommit   time.Duration
}

// Stats returns the present figures.
func (s *Store) Stats() Stats {
	s.mu.Lock()
	stats := s.stats
	stats.Last = s.last
	s.mu.Unlock()
	stats.Queued, stats.QueuedBytes = s.queue.depth()
	return stats
}

// noteDropped adds what was dropped to the figures.
func (s *Store) noteDropped(c cut) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stats.Dropped += c.entries
}

// noteMaintained remembers how the last maintenance ended.
func (s *Store) noteMaintained(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stats.Unmaintained = err
}

// account adds a commit to the figures and wakes those who wait for entries.
func (s *Store) account(info CommitInfo, gaps int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if info.Err != nil {
		s.stats.Failures++
		return
	}
	s.stats.Commits++
	s.stats.Gaps += uint64(gaps)
	s.stats.Entries += uint64(info.Entries)
	s.stats.Duplicates += uint64(info.Duplicates)
	s.stats.CommitTime += info.Duration
	s.stats.LastCommit = info.Duration
	if info.Entries > 0 {
		s.last += uint64(info.Entries)
		close(s.moved)
		s.moved = make(chan struct{})
	}
}
