package inventory

import (
	"regexp"
	"slices"
	"strings"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/event"
)

// Rules are what is declared of classes of components, by the class's name as
// [cim.FoldName] has it. Nil Rules declare nothing: what the tables of this package say holds.
type Rules map[string]*Rule

// Rule is what is declared of one class. Its zero fields leave things as they are.
type Rule struct {
	Kind Kind

	// Name is the name of a component, with properties in braces: "Blower {Bay}". Where the
	// component has none of the properties, it has its usual name.
	Name string

	// Identity are the properties that tell one part from another, in place of the serial
	// number: with other values it is another part in the same place.
	Identity []string

	Health *HealthRule

	// Tracked are the properties whose changes enter the history, nil for all; Ignored those
	// whose changes do not, as if they were readings. Either are kept up to date.
	Tracked, Ignored []string
}

// HealthRule says what the values of a property mean for the health of a component. It holds
// in place of what HealthState, OperationalStatus and ExtentStatus say, unless the value is
// none of those listed.
type HealthRule struct {
	Property string
	Levels   map[string]Health // by value as text, folded by [cim.FoldName]
}

// of returns what is declared of a class, a zero Rule for nothing.
func (r Rules) of(class string) *Rule {
	if rule := r[cim.FoldName(class)]; rule != nil {
		return rule
	}
	return &Rule{}
}

// kindOf returns the kind of the components of a class.
func (r Rules) kindOf(class string) Kind {
	if kind := r.of(class).Kind; kind != "" {
		return kind
	}
	return KindOf(class)
}

// knows reports whether components of a class are told by lifecycle indications: those of
// hardware, and those that something is declared of.
func (r Rules) knows(class string) bool {
	return r[cim.FoldName(class)] != nil || KindOf(class) != KindOther
}

// identify fills a component's fields from its properties.
func (r Rules) identify(c *Component) {
	identify(c)
	rule, i := r.of(c.Class), c.Instance()
	c.Kind = r.kindOf(c.Class)
	if name := rule.name(i); name != "" {
		c.Name = shorten(name)
	}
	if identity := rule.identity(i); identity != "" {
		c.Serial = identity
	}
}

// placeholder matches a property in a name.
var placeholder = regexp.MustCompile(`\{([^{}]*)\}`)

// Placeholders returns the properties that a [Rule] Name has in braces.
func Placeholders(name string) []string {
	var properties []string
	for _, m := range placeholder.FindAllStringSubmatch(name, -1) {
		properties = append(properties, m[1])
	}
	return properties
}

func (r *Rule) name(i *cim.Instance) string {
	some := false
	name := placeholder.ReplaceAllStringFunc(r.Name, func(m string) string {
		text := textOf(i, m[1:len(m)-1])
		some = some || text != ""
		return text
	})
	if !some {
		return ""
	}
	return strings.TrimSpace(name)
}

func (r *Rule) identity(i *cim.Instance) string {
	var texts []string
	for _, property := range r.Identity {
		if text := textOf(i, property); text != "" {
			texts = append(texts, text)
		}
	}
	return strings.Join(texts, " ")
}

// textOf returns a property as text, "" for NULL and for an array.
func textOf(i *cim.Instance, property string) string {
	v := i.Get(property)
	if v.IsNull() || v.IsArray() {
		return ""
	}
	return strings.TrimSpace(v.Lexical())
}

// isNoisy reports whether changes of a property do not enter the history.
func (r *Rule) isNoisy(property string) bool {
	has := func(list []string) bool {
		return slices.ContainsFunc(list, func(name string) bool { return cim.EqualNames(name, property) })
	}
	if r.Tracked != nil {
		return !has(r.Tracked)
	}
	return isNoisy(property) || has(r.Ignored)
}

// judge returns the worst of what the values of the rule's property mean; ok is false when
// it does not say.
func (r *Rule) judge(i *cim.Instance) (h Health, reason string, ok bool) {
	if r.Health == nil {
		return Unknown, "", false
	}
	for _, v := range scalars(i.Get(r.Health.Property)) {
		level, known := r.Health.Levels[cim.FoldName(v.Lexical())]
		if known && (!ok || level > h) {
			h, reason, ok = level, r.Health.Property+" "+v.Lexical(), true
		}
	}
	return h, reason, ok
}

// healthOf is HealthOf with what is declared of the class. A sensor that says that it is well, or
// nothing of that, is judged by its reading too.
func (r Rules) healthOf(c *Component) (Health, string) {
	i := c.Instance()
	if h, reason, ok := r.of(i.Class).judge(i); ok {
		return h, reason
	}
	own, reason := HealthOf(i)
	if own == Unknown || own == OK && saysWell(i) {
		if h, why := c.crossing(); h > own {
			return h, why
		}
	}
	return own, reason
}

// saysWell is saysWell with what is declared of the class, and not for a sensor whose reading says
// other things.
func (r Rules) saysWell(c *Component) bool {
	i := c.Instance()
	if h, _, ok := r.of(i.Class).judge(i); ok {
		return h == OK && event.ActionOf(i.Text("CurrentState")) != event.ActionRaise
	}
	h, _ := c.crossing()
	return h == Unknown && saysWell(i)
}
