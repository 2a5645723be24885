package cli

import (
	"time"

	"github.com/schollz/progressbar/v3"
)

// progressAfter is how long something takes before its progress is shown.
const progressAfter = time.Second

// progress counts on a terminal what arrives, once that takes long.
type progress struct {
	env   *Env
	what  string
	begin time.Time
	bar   *progressbar.ProgressBar // nil: not shown yet
	shown bool                     // may be shown at all
	count int
}

// newProgress returns a progress that shows itself on standard error when that is a terminal
// and the output does not move there by itself: it goes elsewhere, or is held to the end.
func (e *Env) newProgress(what string, held bool) *progress {
	return &progress{env: e, what: what, begin: time.Now(), shown: e.StderrIsTerminal && (held || !e.StdoutIsTerminal)}
}

func (p *progress) add() {
	p.count++
	switch {
	case !p.shown || time.Since(p.begin) < progressAfter:
		return
	case p.bar == nil:
		p.bar = progressbar.NewOptions(-1,
			progressbar.OptionSetWriter(p.env.Stderr),
			progressbar.OptionSetDescription(p.what),
			progressbar.OptionShowCount(),
			progressbar.OptionShowIts(),
			progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionSetSpinnerChangeInterval(0), // it moves as objects arrive
			progressbar.OptionClearOnFinish(),
		)
	}
	_ = p.bar.Set(p.count) // nothing depends on it
}

// end removes what is shown. It may be called twice.
func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Finish()
		p.bar = nil
	}
}
