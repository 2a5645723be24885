package daemon

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/inventory"
)

// ComponentConfig is what is said of a class of components and of those that derive from it.
type ComponentConfig struct {
	Class    string        `yaml:"class"`
	Kind     string        `yaml:"kind"`     // "" is what the class tree says
	Name     string        `yaml:"name"`     // with properties in braces, see inventory.Rule
	Identity []string      `yaml:"identity"` // properties, in place of the serial number
	Health   *HealthConfig `yaml:"health"`
	Tracked  []string      `yaml:"tracked"`  // properties, see inventory.Rule
	Ignored  []string      `yaml:"ignored"`  // the same
	Interval time.Duration `yaml:"interval"` // between two readings; 0: whenever the host is looked at
	Groups   []GroupConfig `yaml:"groups"`   // of properties that are read more often
}

// GroupConfig are properties that are read at an interval of their own.
type GroupConfig struct {
	Properties []string      `yaml:"properties"`
	Interval   time.Duration `yaml:"interval"`
}

// HealthConfig says what the values of a property mean for the health of a component.
type HealthConfig struct {
	Property string   `yaml:"property"`
	OK       []string `yaml:"ok"`
	Warning  []string `yaml:"warning"`
	Critical []string `yaml:"critical"`
	Absent   []string `yaml:"absent"`
}

// levels yields the lists of values by their key and what they mean.
func (c *HealthConfig) levels(yield func(key string, level inventory.Health, values []string)) {
	yield("ok", inventory.OK, c.OK)
	yield("warning", inventory.Warning, c.Warning)
	yield("critical", inventory.Critical, c.Critical)
	yield("absent", inventory.Absent, c.Absent)
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

// rule returns what is said as the inventory wants it.
func (c *ComponentConfig) rule() *inventory.Rule {
	r := &inventory.Rule{
		Kind: inventory.Kind(c.Kind), Name: c.Name, Identity: c.Identity, Tracked: c.Tracked, Ignored: c.Ignored,
	}
	if c.Health != nil {
		r.Health = &inventory.HealthRule{Property: c.Health.Property, Levels: map[string]inventory.Health{}}
		c.Health.levels(func(_ string, level inventory.Health, values []string) {
			for _, v := range values {
				r.Health.Levels[cim.FoldName(v)] = level
			}
		})
	}
	return r
}

// checkComponents returns what is wrong with the components of a host.
func (h *HostConfig) checkComponents() (problems []problem) {
	seen := map[string]int{}
	for i := range h.Components {
		c, path := &h.Components[i], fmt.Sprintf(".components[%d]", i)
		if first, ok := note(seen, cim.FoldName(c.Class), i); !ok {
			problems = append(problems, problem{path + ".class", fmt.Errorf("class %s already stands at components[%d]", c.Class, first)})
		}
		for _, p := range slices.Concat(c.check(), c.Health.check()) {
			problems = append(problems, problem{path + p.path, p.err})
		}
	}
	return problems
}

func (c *ComponentConfig) check() (problems []problem) {
	report := func(path string, err error) {
		if err != nil {
			problems = append(problems, problem{path, err})
		}
	}
	if !classPattern().MatchString(c.Class) {
		report(".class", fmt.Errorf("%q is not a class name", c.Class))
	}
	if c.Kind != "" && !kindPattern().MatchString(c.Kind) {
		report(".kind", fmt.Errorf("%q is not a kind in lower-case words, such as fan or tape drive", c.Kind))
	}
	report(".name", checkTemplate(c.Name))
	if len(c.Tracked) > 0 && len(c.Ignored) > 0 {
		report(".ignored", errors.New("tracked and ignored exclude each other"))
	}
	if c.Interval != 0 && c.Interval < time.Second {
		report(".interval", errors.New("the interval must be a second or longer"))
	}
	type list struct {
		key   string
		names []string
	}
	lists := []list{{"identity", c.Identity}, {"tracked", c.Tracked}, {"ignored", c.Ignored}}
	for i, g := range c.Groups {
		key := fmt.Sprintf("groups[%d]", i)
		lists = append(lists, list{key + ".properties", g.Properties})
		if len(g.Properties) == 0 {
			report("."+key, errors.New("no property is given"))
		}
		if g.Interval < time.Second || c.Interval > 0 && g.Interval >= c.Interval {
			report("."+key+".interval", errors.New("the interval must be a second or longer, and shorter than that of the class"))
		}
	}
	for _, list := range lists {
		for i, name := range list.names {
			if !classPattern().MatchString(name) {
				report(fmt.Sprintf(".%s[%d]", list.key, i), fmt.Errorf("%q is not a property name", name))
			}
		}
	}
	return problems
}

func kindPattern() *regexp.Regexp { return regexp.MustCompile(`^[a-z]+( [a-z]+){0,3}$`) }

// checkTemplate checks a name with properties in braces.
func checkTemplate(name string) error {
	if name == "" {
		return nil
	}
	properties := inventory.Placeholders(name)
	if len(properties) == 0 || strings.Count(name, "{") != len(properties) || strings.Count(name, "}") != len(properties) {
		return fmt.Errorf("%q is not a name with properties in braces, such as {ElementName} in bay {Bay}", name)
	}
	for _, property := range properties {
		if !classPattern().MatchString(property) {
			return fmt.Errorf("%q is not a property name", property)
		}
	}
	return nil
}

func (c *HealthConfig) check() (problems []problem) {
	if c == nil {
		return nil
	}
	if !classPattern().MatchString(c.Property) {
		problems = append(problems, problem{".health.property", fmt.Errorf("%q is not a property name", c.Property)})
	}
	meaning := map[string]string{}
	c.levels(func(key string, _ inventory.Health, values []string) {
		for i, v := range values {
			if before, ok := meaning[cim.FoldName(v)]; ok {
				problems = append(problems, problem{
					fmt.Sprintf(".health.%s[%d]", key, i), fmt.Errorf("value %q stands at %s already", v, before),
				})
			}
			meaning[cim.FoldName(v)] = cmp.Or(meaning[cim.FoldName(v)], key)
		}
	})
	if len(meaning) == 0 {
		problems = append(problems, problem{".health", errors.New("no value is given: ok, warning, critical or absent")})
	}
	return problems
}
