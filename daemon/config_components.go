package daemon

import (
	"errors"
	"fmt"
	"time"

	"github.com/cimwatch/cimwatch/cim"
)

// ComponentConfig is what is said of a class of components and of those that derive from it.
type ComponentConfig struct {
	Class    string        `yaml:"class"`
	Interval time.Duration `yaml:"interval"` // between two readings; 0: whenever the host is looked at
}

// declared returns the classes of which something is said.
func (h *HostConfig) declared() []string {
	classes := make([]string, len(h.Components))
	for i := range h.Components {
		classes[i] = h.Components[i].Class
	}
	return classes
}

// component returns what is said of a class.
func (h *HostConfig) component(class string) *ComponentConfig {
	for i := range h.Components {
		if cim.EqualNames(h.Components[i].Class, class) {
			return &h.Components[i]
		}
	}
	return &ComponentConfig{}
}

// checkComponents returns what is wrong with the components of a host.
func (h *HostConfig) checkComponents() (problems []problem) {
	seen := map[string]int{}
	for i := range h.Components {
		c, path := &h.Components[i], fmt.Sprintf(".components[%d]", i)
		if !classPattern().MatchString(c.Class) {
			problems = append(problems, problem{path + ".class", fmt.Errorf("%q is not a class name", c.Class)})
		}
		if first, ok := note(seen, cim.FoldName(c.Class), i); !ok {
			problems = append(problems, problem{path + ".class", fmt.Errorf("class %s already stands at components[%d]", c.Class, first)})
		}
		if c.Interval != 0 && c.Interval < time.Second {
			problems = append(problems, problem{path + ".interval", errors.New("the interval must be a second or longer")})
		}
	}
	return problems
}
