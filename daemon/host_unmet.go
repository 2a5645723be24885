package daemon

import (
	"context"
	"errors"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/discovery"
)

// mostAskedBelow bounds the classes with instances that are asked for properties that the declared class
// itself does not have.
const mostAskedBelow = 16

// lookForDeclared looks on the host for the classes and properties of its configuration that no host is
// known to have. Who could not be asked is not taken for one that lacks them.
func (h *host) lookForDeclared(ctx context.Context, surveys []*discovery.Survey) {
	found := map[declaredName]bool{}
	for i := range h.config.Components {
		open := h.d.unmet.open(&h.config.Components[i])
		if len(open) == 0 {
			continue
		}
		asked := true
		has := map[declaredName]bool{}
		for _, s := range surveys {
			asked = h.findDeclared(ctx, s, open, has) && asked
		}
		for _, name := range open {
			if has[name] || asked {
				found[name] = has[name]
			}
		}
	}
	h.noteDeclared(found)
}

// findDeclared notes which names of one class there are in a namespace; false: that could not be told.
func (h *host) findDeclared(ctx context.Context, s *discovery.Survey, names []declaredName, has map[declaredName]bool) bool {
	class := names[0].class
	asked := h.askClass(ctx, s.Namespace, class, names, has)
	for n, below := range s.Occupied(class) {
		if n == mostAskedBelow {
			return false
		}
		if countOf(has) == len(names) {
			break
		}
		if !cim.EqualNames(below, class) {
			asked = h.askClass(ctx, s.Namespace, below, names, has) && asked
		}
	}
	return asked
}

func countOf(has map[declaredName]bool) (count int) {
	for _, yes := range has {
		if yes {
			count++
		}
	}
	return count
}

// askClass notes the names that a class has, or one that derives from it; false: it could not be asked.
func (h *host) askClass(ctx context.Context, namespace, class string, names []declaredName, has map[declaredName]bool) bool {
	declared, err := h.client.GetClass(ctx, namespace, class, &cim.ReadOptions{})
	if err != nil {
		h.log.Debug("a declared class was not found", "namespace", namespace, "class", class, "error", err)
		return errors.Is(err, cim.StatusInvalidClass) || errors.Is(err, cim.StatusNotFound) || errors.Is(err, cim.StatusInvalidNamespace)
	}
	for _, name := range names {
		if name.property == "" {
			has[name] = true
		}
		for i := range declared.Properties {
			if cim.EqualNames(declared.Properties[i].Name, name.property) {
				has[name] = true
			}
		}
	}
	return true
}

// noteDeclared tells what nobody has of what the configuration declares, and what somebody has after
// all.
func (h *host) noteDeclared(found map[declaredName]bool) {
	none, again := h.d.unmet.note(h.config.Name, found)
	log := h.d.log.With("component", "configuration")
	for _, name := range none {
		log.Warn("a declared component is on no host", "class", name.class, "property", name.property)
	}
	for _, name := range again {
		log.Info("a declared component is on a host", "class", name.class, "property", name.property, "host", h.config.Name)
	}
}
