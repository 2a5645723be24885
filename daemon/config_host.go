package daemon

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// check returns everything that is wrong with a complete host.
func (h *HostConfig) check() (problems []problem) {
	if err := checkName(h.Name); err != nil {
		problems = append(problems, problem{".name", err})
	}
	if err := checkServerURL(h.URL); err != nil {
		problems = append(problems, problem{".url", err})
	}
	return slices.Concat(problems, h.checkAccount(), h.checkTimes(), h.checkReading(), h.checkFilters())
}

func (h *HostConfig) checkAccount() (problems []problem) {
	report := func(path, text string) { problems = append(problems, problem{path, errors.New(text)}) }
	hasPassword := h.PasswordFile != "" || h.PasswordEnv != ""
	if h.PasswordFile != "" && h.PasswordEnv != "" {
		report(".password_file", "password_file and password_env exclude each other")
	}
	if h.User == "" && hasPassword {
		report("", "a password is given without a user")
	}
	if h.User != "" && !hasPassword {
		report(".user", "a user is given without password_file or password_env")
	}
	return problems
}

func (h *HostConfig) checkTimes() (problems []problem) {
	report := func(path, text string) { problems = append(problems, problem{path, errors.New(text)}) }
	if h.Timeout < 0 {
		report(".timeout", "a time must be longer than zero")
	}
	if h.Interval < time.Second {
		report(".interval", "the interval must be a second or longer")
	}
	if d := h.SubscriptionDuration; d != 0 && (d < time.Minute || d%time.Second != 0) {
		report(".subscription_duration", "the duration must be whole seconds, a minute or longer")
	}
	return problems
}

// checkFilters returns what is wrong with the indications that are asked for.
func (h *HostConfig) checkFilters() (problems []problem) {
	for i, q := range h.Queries {
		if strings.TrimSpace(q.Query) == "" {
			problems = append(problems, problem{fmt.Sprintf(".queries[%d].query", i), errors.New("the query is missing")})
		}
	}
	for i, class := range h.Classes {
		if !classPattern().MatchString(class) {
			problems = append(problems, problem{fmt.Sprintf(".classes[%d]", i), fmt.Errorf("%q is not a class name", class)})
		}
	}
	return problems
}
