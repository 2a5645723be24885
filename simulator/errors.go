package simulator

import (
	"errors"

	"github.com/cimwatch/cimwatch/cim"
)

// The words are those of sfcb (observed), which some clients show to people.
const (
	notFound      = "The requested object could not be found"
	alreadyExists = "Operation cannot be carried out because an object already exists"
	notSupported  = "The requested operation is not supported"
)

// refusal returns what is told to a client of an error. Only a [cim.Error] or a bare
// status is meant for clients; of anything else they learn that it happened.
func refusal(err error) *cim.Error {
	if e, ok := errors.AsType[*cim.Error](err); ok {
		return e
	}
	if status, ok := errors.AsType[cim.Status](err); ok {
		return &cim.Error{Status: status}
	}
	return &cim.Error{Status: cim.StatusFailed, Description: "Internal error"}
}

// description returns the words of an error without its status.
func description(err error) string {
	if e, ok := errors.AsType[*cim.Error](err); ok {
		return e.Description
	}
	return err.Error()
}
