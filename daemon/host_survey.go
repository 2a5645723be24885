package daemon

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/discovery"
	"github.com/cimwatch/cimwatch/inventory"
)

// Outcomes of a survey, the values of the label "outcome".
const (
	surveyComplete = "complete"
	surveyPartial  = "partial" // some classes had to be assumed
	surveyFailed   = "failed"
)

func surveyOutcomes() []string { return []string{surveyComplete, surveyPartial, surveyFailed} }

const (
	// partialSurveyPause is when a survey is made again that had to assume something.
	partialSurveyPause = time.Hour

	mostNamespaces     = 4    // of a host are surveyed
	mostProfiles       = 64   // are asked for what conforms to them
	mostSurveyFailures = 2    // that are no answers; after them the table is read
	mostSurveyRequests = 1000 // for the instances of a namespace
)

// survey finds out which classes of the host hold hardware, when that is due. When the
// server does not answer properly, the classes of the table are read.
func (h *host) survey(ctx context.Context) error {
	again := h.resurvey.Swap(false)
	if h.agenda.known && !again && h.d.now().Before(h.agenda.next) {
		return nil
	}
	h.agenda.known = false
	started, before := h.d.now(), len(h.agenda.plan)
	surveys, outcome, err := h.surveys(ctx)
	h.d.metrics.surveys.WithLabelValues(outcome).Inc()
	if err != nil {
		return err
	}
	h.agenda.set(&h.config, surveys)
	rules := rulesFor(&h.config, h.agenda.plan, surveys)
	h.rules.Store(&rules)
	h.lookForDeclared(ctx, surveys)
	h.agenda.next = started.Add(h.config.SurveyInterval)
	if outcome == surveyPartial {
		h.agenda.next = started.Add(min(h.config.SurveyInterval, partialSurveyPause))
	}
	h.log.Debug("classes were looked for", "outcome", outcome, "namespaces", len(surveys),
		"classes", len(h.agenda.plan), "before", before)
	return nil
}

// surveys surveys all namespaces of the host.
func (h *host) surveys(ctx context.Context) (surveys []*discovery.Survey, outcome string, err error) {
	namespaces, err := h.namespaces(ctx)
	if err != nil {
		return nil, surveyFailed, fmt.Errorf("find the namespaces: %w", err)
	}
	outcome = surveyComplete
	empty := true
	for _, namespace := range namespaces {
		s := &surveyor{host: h, survey: discovery.NewSurvey(namespace)}
		if err := s.run(ctx); err != nil {
			return nil, surveyFailed, fmt.Errorf("find the classes of %s: %w", namespace, err)
		}
		if s.assumed {
			outcome = surveyPartial
		}
		empty = empty && s.survey.Empty()
		surveys = append(surveys, s.survey)
	}
	if empty { // no host has no hardware
		outcome = surveyPartial
		surveys[0].Fill()
	}
	return surveys, outcome, nil
}

// namespaces returns where the host has hardware: the configured namespace, and those that
// hold the central instances of its management profiles (DSP1033), as those of arrays do.
// A server without profiles, or that does not tell, has none more; one that does not take
// the account is an error.
func (h *host) namespaces(ctx context.Context) ([]string, error) {
	found := []string{h.config.Namespace}
	profiles, err := h.client.Profiles(ctx)
	for n, profile := range profiles {
		if n == mostProfiles || err != nil && !isRefusal(err) {
			break
		}
		var paths []cim.ObjectPath
		paths, err = h.client.CentralInstances(ctx, profile.Path, nil)
		for _, path := range paths {
			isNew := !slices.ContainsFunc(found, func(name string) bool { return cim.EqualNames(name, path.Namespace) })
			if isNew && path.Namespace != "" && !isInterop(path.Namespace) && len(found) < mostNamespaces {
				found = append(found, path.Namespace)
			}
		}
	}
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case failureOf(err) == failedCredentials:
		return nil, err
	case err != nil:
		h.log.Debug("profiles were not read", "error", err)
	}
	return found, nil
}

func isInterop(namespace string) bool {
	return slices.ContainsFunc(cim.InteropNamespaces(), func(name string) bool { return cim.EqualNames(name, namespace) })
}

// A surveyor surveys a namespace. It asks for names alone, class by class, since servers
// break when asked for all (observed: sfcb).
type surveyor struct {
	*host
	survey   *discovery.Survey
	requests int // for instances
	failures int // that were no answers
	assumed  bool
}

func (s *surveyor) run(ctx context.Context) error {
	for _, class := range slices.Concat(discovery.Roots(), discovery.Excluded(), s.config.SkipClasses, s.config.declared()) {
		if err := s.tree(ctx, class); err != nil {
			return err
		}
	}
	for _, root := range discovery.Roots() {
		if err := s.instances(ctx, root); err != nil {
			return err
		}
	}
	for _, class := range slices.Concat(s.survey.Missing(), s.config.declared()) {
		if err := s.instances(ctx, class); err != nil {
			return err
		}
	}
	for _, class := range s.survey.Open() {
		if err := s.tree(ctx, class); err != nil {
			return err
		}
	}
	if s.survey.HasUnknown() { // which may derive from what is known
		for _, class := range inventory.Classes() {
			if err := s.tree(ctx, class); err != nil {
				return err
			}
		}
	}
	if s.assumed {
		s.survey.Fill()
	}
	return nil
}

// tree asks for all classes that derive from one.
func (s *surveyor) tree(ctx context.Context, class string) error {
	below, err := s.client.EnumerateClassNames(ctx, s.survey.Namespace, class, true)
	if err == nil {
		s.survey.AddTree(class, below)
		return nil
	}
	return s.bear(ctx, err)
}

// bear returns an error that ends the survey: the server does not take the account, or
// time is over. Others are borne: a refusal is an answer, and of what is none there may be
// a few.
func (s *surveyor) bear(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case isRefusal(err):
		return nil
	case failureOf(err) == failedCredentials:
		return err
	}
	s.assumed = true
	s.failures++
	s.log.Debug("a class was not looked at", "namespace", s.survey.Namespace, "error", err)
	return nil
}

// instances asks which classes, from class down, have instances. Where that cannot be told
// at once, as one of the providers fails, it goes down the tree.
func (s *surveyor) instances(ctx context.Context, class string) error {
	if s.failures >= mostSurveyFailures || s.requests >= mostSurveyRequests {
		s.assumed = true
		return nil
	}
	s.requests++
	counts, err := s.count(ctx, class)
	if err == nil {
		for name, count := range counts {
			s.survey.AddInstances(name, count)
		}
		return nil
	}
	if errors.Is(err, cim.StatusInvalidClass) || errors.Is(err, cim.StatusInvalidNamespace) {
		return nil
	}
	missing := cim.IsMissingClass(err)
	if err := s.bear(ctx, err); err != nil {
		return err
	}
	below, err := s.client.EnumerateClassNames(ctx, s.survey.Namespace, class, false)
	if err != nil {
		return s.bear(ctx, err)
	}
	if len(below) == 0 && !missing {
		s.survey.AddInstances(class, 0) // reading it tells what is wrong
	}
	for _, name := range below {
		if err := s.instances(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// count returns how many instances there are of a class and those below it, by their class.
func (s *surveyor) count(ctx context.Context, class string) (map[string]int, error) {
	counts := map[string]int{}
	for path, err := range s.client.EnumerateInstanceNames(ctx, s.survey.Namespace, class) {
		if err != nil {
			return nil, err
		}
		counts[path.Class]++
	}
	return counts, nil
}
