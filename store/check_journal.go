package store

// journal checks that the segments follow each other, and their entries. Numbers are
// missing only where the file says that they are lost.
func (c *checker) journal() error {
	journal, compressor := c.tx.Bucket(bucketJournal), newCompressor()
	lost, err := decodeLost(c.tx.Bucket(bucketMeta).Get(keyLost))
	if err != nil {
		c.found(bucketMeta, "lost entries: %v", err)
	}
	last := uint64(0)
	for name := range within(journal, nil) {
		seg, records := segmentOf(name), journal.Bucket(name)
		if records == nil {
			c.found(bucketJournal, "journal segment %q is none", name)
			continue
		}
		if seg.first <= last {
			c.found(bucketJournal, "journal segment %d is out of order", seg.first)
		}
		if first, _ := records.Cursor().First(); number64(first) != seg.first {
			c.found(bucketJournal, "journal segment %d begins with entry %d", seg.first, number64(first))
		}
		if last > 0 && !lost.explain(last, seg.first) {
			c.found(bucketJournal, "journal segment %d follows entry %d", seg.first, last)
		}
		last = seg.first - 1
		size := uint64(0)
		for k, v := range within(records, nil) {
			if !lost.explain(last, number64(k)) {
				c.found(bucketJournal, "journal entry %d follows %d", number64(k), last)
			}
			last = number64(k)
			if err := checkedEntry(last, v, compressor); err != nil {
				c.found(bucketJournal, "%v", err)
			}
			size += uint64(len(v))
			c.report.Entries++
			if err := c.next(); err != nil {
				return err
			}
		}
		if size != records.Sequence() {
			c.found(bucketJournal, "journal segment %d has %d bytes, not %d", seg.first, size, records.Sequence())
		}
	}
	if !lost.explain(last, journal.Sequence()+1) {
		c.found(bucketJournal, "journal entry %d is the last, not %d", last, journal.Sequence())
	}
	return nil
}
