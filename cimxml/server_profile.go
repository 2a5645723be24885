package cimxml

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/cimwatch/cimwatch/cim"
)

// Profile is a management profile that a server says it conforms to (DSP1033).
type Profile struct {
	Organization string // "DMTF", "SNIA"
	Name         string // "Indications"
	Version      string // "1.1.0"
	Path         cim.ObjectPath
}

// organizations are the values of CIM_RegisteredSpecification.RegisteredOrganization from
// 2 on, as the DMTF schema 2.49 has them. 1 is for others.
func organizations() []string {
	return []string{
		"DMTF", "CompTIA", "Consortium for Service Innovation", "FAST", "GGF", "INTAP", "itSMF", "NAC",
		"Northwest Energy Efficiency Alliance", "SNIA", "TM Forum", "The Open Group", "ANSI", "IEEE", "IETF", "INCITS",
		"ISO", "W3C", "OGF", "The Green Grid",
	}
}

// Profiles returns the registered profiles of the server, sorted by organization, name
// and version.
func (c *Client) Profiles(ctx context.Context) ([]Profile, error) {
	instances, err := c.inInterop(ctx, "CIM_RegisteredProfile")
	if err != nil {
		return nil, err
	}
	profiles := make([]Profile, 0, len(instances))
	for _, i := range instances {
		profiles = append(profiles, Profile{
			Organization: organization(i), Name: i.Text("RegisteredName"), Version: i.Text("RegisteredVersion"), Path: i.Path,
		})
	}
	slices.SortStableFunc(profiles, func(a, b Profile) int {
		return slices.Compare([]string{a.Organization, a.Name, a.Version}, []string{b.Organization, b.Name, b.Version})
	})
	return profiles, nil
}

func organization(profile *cim.Instance) string {
	n, ok := profile.Get("RegisteredOrganization").Uint64()
	names := organizations()
	switch other := profile.Text("OtherRegisteredOrganization"); {
	case ok && n >= 2 && n-2 < uint64(len(names)):
		return names[n-2]
	case other != "":
		return other
	case ok:
		return strconv.FormatUint(n, 10)
	default:
		return ""
	}
}

// Scope says how to find the central instances of a component profile on a server that
// does not tell them by CIM_ElementConformsToProfile (DSP1033 section 7.4).
type Scope struct {
	CentralClass string // "CIM_Fan"

	// Path leads from the central class to the scoping class: associations, with the
	// classes between them where there are several: "CIM_SystemDevice".
	Path []string

	// Antecedent is for profiles of the SNIA, whose CIM_ReferencedProfile points the
	// other way than the DMTF's: the scoping profile is the antecedent.
	Antecedent bool
}

// CentralInstances returns the paths of the central instances of a profile: those that
// CIM_ElementConformsToProfile tells, else, with a scope, those reached from the central
// instances of the profiles that refer to it. A nil scope asks for the first alone. None
// at all is no error.
func (c *Client) CentralInstances(ctx context.Context, profile cim.ObjectPath, scope *Scope) ([]cim.ObjectPath, error) {
	found, err := c.associated(ctx, profile, &cim.AssociationOptions{
		AssocClass: "CIM_ElementConformsToProfile", ResultRole: "ManagedElement",
	})
	if len(found) > 0 || err != nil || scope == nil || scope.CentralClass == "" {
		return found, err
	}
	role := "Dependent"
	if scope.Antecedent {
		role = "Antecedent"
	}
	scoping, err := c.associated(ctx, profile, &cim.AssociationOptions{
		AssocClass: "CIM_ReferencedProfile", ResultClass: "CIM_RegisteredProfile", ResultRole: role,
	})
	if err != nil {
		return nil, err
	}
	for _, p := range scoping {
		instances, err := c.CentralInstances(ctx, p, nil)
		if err != nil {
			return nil, err
		}
		if instances, err = c.walk(ctx, instances, scope); err != nil {
			return nil, err
		}
		found = append(found, instances...)
	}
	return unique(found), nil
}

// walk goes the way of a scope backwards, from scoping to central instances.
func (c *Client) walk(ctx context.Context, from []cim.ObjectPath, scope *Scope) ([]cim.ObjectPath, error) {
	for n := len(scope.Path) - 1; n >= 0; n -= 2 {
		o := &cim.AssociationOptions{AssocClass: scope.Path[n], ResultClass: scope.CentralClass}
		if n > 0 {
			o.ResultClass = scope.Path[n-1]
		}
		var next []cim.ObjectPath
		for _, p := range from {
			reached, err := c.associated(ctx, p, o)
			if err != nil {
				return nil, err
			}
			next = append(next, reached...)
		}
		from = unique(next)
	}
	return from, nil
}

// associated returns the paths associated with one, none where the server lacks the
// classes.
func (c *Client) associated(ctx context.Context, path cim.ObjectPath, o *cim.AssociationOptions) ([]cim.ObjectPath, error) {
	var paths []cim.ObjectPath
	for p, err := range c.AssociatorNames(ctx, path.Local(), o) {
		switch {
		case cim.IsMissingClass(err) || errors.Is(err, cim.StatusInvalidParameter): // the latter for an unknown AssocClass
			return nil, nil
		case err != nil:
			return nil, err
		}
		paths = append(paths, p.Local())
	}
	return unique(paths), nil
}

// unique returns paths without repetitions, in their order.
func unique(paths []cim.ObjectPath) []cim.ObjectPath {
	seen := make(map[string]bool, len(paths))
	return slices.DeleteFunc(paths, func(p cim.ObjectPath) bool {
		key := p.Canonical()
		again := seen[key]
		seen[key] = true
		return again
	})
}
