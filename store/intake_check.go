package store

import (
	"bytes"
	"fmt"
)

const goOn = "to go on without what it held, move it away"

// examineIntake returns an error for an intake that lacks what was in it, where parseIntake finds
// nothing to take in: a crash leaves the first page whole but at the moment the file is made, and the
// last frame that the journal has taken in stays until later ones are on disk. torn says that a frame
// is not whole, as the one is that was being written at a crash.
func examineIntake(content []byte, takenOf func(intakeID) uint64) (torn bool, err error) {
	switch {
	case len(content) == 0:
		return false, fmt.Errorf("it is empty: something emptied it, or a crash came while it was made; %s", goOn)
	case len(content) < intakePage:
		return false, fmt.Errorf("it has %d bytes, and its first page alone %d: it was cut; %s", len(content), intakePage, goOn)
	}
	id, err := parseIntakeHead(content)
	if err != nil {
		return false, err
	}
	last := uint64(0)
	for _, f := range framesAfter(content, id, 0) {
		last = max(last, f.first+uint64(f.count)-1)
	}
	if taken := takenOf(id); last < taken {
		return false, fmt.Errorf("it ends with entry %d, and the journal has taken in %d of them: it was cut or overwritten; %s", last, taken, goOn)
	}
	return hasTorn(content, id), nil
}

// hasTorn says whether there is a page that begins a frame of this file that is not whole.
func hasTorn(content []byte, id intakeID) bool {
	for at := intakePage; at+frameHeader <= len(content); {
		b := content[at:]
		f, whole := parseFrame(b, id)
		if !whole {
			if bytes.HasPrefix(b, []byte(frameMagic)) && bytes.Equal(b[frameHeader-intakeIDSize:frameHeader], id[:]) {
				return true
			}
			at += intakePage
			continue
		}
		at += (frameHeader + len(f.payload) + intakePage - 1) / intakePage * intakePage
	}
	return false
}
