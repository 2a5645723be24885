package daemon

import (
	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/discovery"
	"github.com/cimwatch/cimwatch/inventory"
)

// declaredRules returns what the configuration says of classes. Which derive from them is not
// known before the host was surveyed.
func declaredRules(config *HostConfig) inventory.Rules {
	rules := inventory.Rules{}
	for i := range config.Components {
		c := &config.Components[i]
		rules[cim.FoldName(c.Class)] = c.rule()
	}
	return rules
}

// rulesFor extends what the configuration says to the classes that derive from those it
// names, and gives a kind to those whose names tell none: that of the class of the tables
// that they derive from.
func rulesFor(config *HostConfig, plan []reading, surveys []*discovery.Survey) inventory.Rules {
	rules := declaredRules(config)
	declared := config.declared()
	for i := range plan {
		for _, s := range surveys {
			if s.Namespace != plan[i].Namespace {
				continue
			}
			for _, class := range plan[i].Covers {
				if rule := ruleFor(s, class, declared, rules); rule != nil {
					rules[class] = rule
				}
			}
		}
	}
	return rules
}

func ruleFor(s *discovery.Survey, class string, declared []string, rules inventory.Rules) *inventory.Rule {
	rule := rules[cim.FoldName(s.Nearest(class, declared))]
	if rule != nil && rule.Kind != "" || inventory.KindOf(class) != inventory.KindOther {
		return rule
	}
	kind := inventory.KindOf(s.Nearest(class, inventory.Classes()))
	if kind == inventory.KindOther {
		return rule
	}
	if rule == nil {
		return &inventory.Rule{Kind: kind}
	}
	own := *rule
	own.Kind = kind
	return &own
}

// isConfigured reports whether the configuration has a host.
func (d *Daemon) isConfigured(host string) bool { return d.hostNamed[host] != nil }

// rulesOf returns what holds for the components of a host, for who follows the journal.
func (d *Daemon) rulesOf(host string) inventory.Rules {
	if h := d.hostNamed[host]; h != nil {
		return *h.rules.Load()
	}
	return nil
}
