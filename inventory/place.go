package inventory

// predecessor finds what component c comes after: itself, as it was removed before (self,
// zero when it never was); the same part, by its serial number, under another path; or
// another part in the same slot. It returns Appeared when there is none, or when more than
// one would do: some servers give two modules one bank label.
func predecessor(self *Component, removed []Component, c *Component) (ChangeKind, *Component) {
	if self.ID != "" && !self.isTombstone() {
		if differs(self, c) {
			return Replaced, self
		}
		return Appeared, nil
	}
	if former := only(removed, func(r *Component) bool { return samePart(r, c) }); former != nil {
		return Moved, former
	}
	former := only(removed, func(r *Component) bool {
		return r.Kind == c.Kind && r.Slot != "" && r.Slot == c.Slot && differs(r, c)
	})
	if former != nil {
		return Replaced, former
	}
	return Appeared, nil
}

func samePart(a, b *Component) bool {
	return a.Kind == b.Kind && serialOf(a) != "" && serialOf(a) == serialOf(b) && a.Part == b.Part
}

func differs(a, b *Component) bool {
	before, after := serialOf(a), serialOf(b)
	return before != "" && after != "" && before != after
}

// only returns the one component that fits, nil when none or several do.
func only(components []Component, fits func(*Component) bool) *Component {
	var found *Component
	for n := range components {
		if !fits(&components[n]) {
			continue
		}
		if found != nil {
			return nil
		}
		found = &components[n]
	}
	return found
}
