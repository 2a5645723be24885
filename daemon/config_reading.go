package daemon

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"
)

const (
	defaultRereadAgain    = time.Minute
	defaultSurveyInterval = 24 * time.Hour
	defaultReadsAtOnce    = 2
	mostReadsAtOnce       = 16
)

// completeReading fills in the defaults of what is read of a host.
func (h *HostConfig) completeReading(d *HostDefaults) {
	if len(h.Components) == 0 {
		h.Components = d.Components
	}
	if len(h.SkipClasses) == 0 {
		h.SkipClasses = d.SkipClasses
	}
	h.SurveyInterval = cmp.Or(h.SurveyInterval, d.SurveyInterval, defaultSurveyInterval)
	h.ReadsAtOnce = cmp.Or(h.ReadsAtOnce, d.ReadsAtOnce, defaultReadsAtOnce)
	h.Reread = cmp.Or(h.Reread, d.Reread, RereadNeighbours)
	h.RereadAgain = cmp.Or(h.RereadAgain, d.RereadAgain, defaultRereadAgain)
}

// checkReading returns what is wrong with what is to be read of a host.
func (h *HostConfig) checkReading() (problems []problem) {
	report := func(path string, err error) { problems = append(problems, problem{path, err}) }
	if !slices.Contains([]string{RereadNeighbours, RereadElement, RereadNo}, h.Reread) {
		report(".reread", fmt.Errorf("%q is not one of neighbours, element, no", h.Reread))
	}
	if h.SurveyInterval < time.Minute {
		report(".survey_interval", errors.New("the interval must be a minute or longer"))
	}
	if h.ReadsAtOnce < 1 || h.ReadsAtOnce > mostReadsAtOnce {
		report(".reads_at_once", fmt.Errorf("the number of classes must be from 1 to %d", mostReadsAtOnce))
	}
	for i, class := range h.SkipClasses {
		if !classPattern().MatchString(class) {
			report(fmt.Sprintf(".skip_classes[%d]", i), fmt.Errorf("%q is not a class name", class))
		}
	}
	if h.RereadAgain < time.Second {
		report(".reread_again", errors.New("the time must be a second or longer"))
	}
	return append(problems, h.checkComponents()...)
}
