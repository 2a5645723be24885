package cimxml

import (
	"bytes"
	"errors"
	"io"
)

// more reads on behind what is in the buffer and keeps everything from pos on. It
// reports false at the end of the document.
func (s *scanner) more() (bool, error) {
	if s.r == nil {
		return false, nil
	}
	if s.pos > 0 {
		s.base += int64(s.pos)
		s.buf = append(s.buf[:0], s.buf[s.pos:]...)
		s.pos = 0
	}
	if len(s.buf) > s.limits.Token {
		return false, s.fail(ErrTooLarge, "a tag or text is longer than %d bytes", s.limits.Token)
	}
	if cap(s.buf)-len(s.buf) < readSize/2 {
		s.buf = append(make([]byte, 0, 2*cap(s.buf)), s.buf...)
	}
	for {
		n, err := s.r.Read(s.buf[len(s.buf):cap(s.buf)])
		s.buf = s.buf[:len(s.buf)+n]
		if n > 0 {
			return true, nil
		}
		if errors.Is(err, io.EOF) {
			s.r = nil
			return false, nil
		}
		if err != nil {
			return false, s.fail(err, "reading: %v", err)
		}
	}
}

// need makes n bytes available from pos on, if the document has them.
func (s *scanner) need(n int) (bool, error) {
	for len(s.buf)-s.pos < n {
		if ok, err := s.more(); !ok {
			return false, err
		}
	}
	return true, nil
}

// find returns the length of what stands from pos on before mark, which is read into
// the buffer with it.
func (s *scanner) find(mark, what string) (int, error) {
	from := 0
	for {
		if i := bytes.Index(s.buf[s.pos+from:], []byte(mark)); i >= 0 {
			if from+i > s.limits.Token {
				return 0, s.fail(ErrTooLarge, "%s is longer than %d bytes", what, s.limits.Token)
			}
			return from + i, nil
		}
		from = max(0, len(s.buf)-s.pos-len(mark)+1)
		if ok, err := s.more(); err != nil {
			return 0, err
		} else if !ok {
			return 0, s.fail(ErrNotWellFormed, "%s is not closed", what)
		}
	}
}
