package store

// keyLost is which entries a damaged file had that [Salvage] could not read.
var keyLost = []byte("lost")

const lostVersion = 1

// lost are ranges of entries, in order, that follow each other with a distance.
type lost [][2]uint64

// explain says whether an entry may follow another: nothing between them is missing but
// what is lost.
func (l lost) explain(last, next uint64) bool {
	if next == last+1 {
		return true
	}
	for _, r := range l {
		if r[0] <= last+1 && next <= r[1]+1 && next > last {
			return true
		}
	}
	return false
}

// add notes that the entries between two are lost.
func (l *lost) add(last, next uint64) {
	if next <= last+1 {
		return
	}
	*l = append(*l, [2]uint64{last + 1, next - 1})
}

// count returns how many entries are lost.
func (l lost) count() (n uint64) {
	for _, r := range l {
		n += r[1] - r[0] + 1
	}
	return n
}

func (l lost) encode() []byte {
	var e encoder
	e.byte(lostVersion)
	e.uint(uint64(len(l)))
	for _, r := range l {
		e.uint(r[0])
		e.uint(r[1])
	}
	return e.b
}

// decodeLost reads the record: a version, and counted pairs of numbers. Of none nothing is
// lost.
func decodeLost(b []byte) (lost, error) {
	if b == nil {
		return nil, nil
	}
	d := decoder{b: b}
	d.version(lostVersion)
	all := list(&d, func() [2]uint64 { return [2]uint64{d.uint(), d.uint()} })
	return all, d.end()
}
