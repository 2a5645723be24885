package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/daemon"
	"github.com/cimwatch/cimwatch/mof"
)

// What an error shows of the instances that came with it.
const (
	maxDetails    = 8   // instances
	maxDetailText = 300 // bytes of a value
)

const errorClass = "CIM_Error"

// detailProperties are those of CIM_Error that say something to people, in the order in which
// they are shown. Others stay out: MessageArguments are in Message, and what a vendor adds may
// be anything.
func detailProperties() []string {
	return []string{
		"MessageID", "Message", "OwningEntity", "ErrorType", "OtherErrorType", "PerceivedSeverity", "ProbableCause",
		"ProbableCauseDescription", "RecommendedActions", "ErrorSource", "CIMStatusCode", "CIMStatusCodeDescription",
	}
}

// details returns a line for each CIM_Error that a server sent with its refusal (DSP0200
// section 5.3.2), and for each further thing that is wrong with a configuration.
func details(err error) []string {
	if config, ok := errors.AsType[*daemon.ConfigError](err); ok {
		return config.Lines()[1:]
	}
	refusal, ok := errors.AsType[*cim.Error](err)
	if !ok {
		return nil
	}
	values := mof.BuiltinValues()
	var lines []string
	for n, i := range refusal.Instances {
		if n == maxDetails {
			return append(lines, fmt.Sprintf("and %d more", len(refusal.Instances)-n))
		}
		lines = append(lines, detail(values, i))
	}
	return lines
}

func detail(values *mof.ValueTable, i *cim.Instance) string {
	parts := make([]string, 0, len(i.Properties))
	for _, name := range detailProperties() {
		v := i.Get(name)
		if v.IsNull() {
			continue
		}
		text := meaningOf(values, errorClass, name, v) // a class below it has the same numbers
		if len(text) > maxDetailText {
			text = strings.ToValidUTF8(text[:maxDetailText], "") + "..."
		}
		parts = append(parts, name+" = "+text)
	}
	if len(parts) == 0 {
		return i.Class
	}
	return i.Class + ": " + strings.Join(parts, "; ")
}
