package inventory

import "time"

// Host is a managed system as a whole. Its parts are components.
type Host struct {
	Name           string    `json:"name"` // by configuration
	URL            string    `json:"url"`  // of its CIM server, without credentials
	Interop        string    `json:"interop,omitempty"`
	Subscription   string    `json:"subscription,omitempty"` // state in a word, such as "active"
	Error          string    `json:"error,omitempty"`        // what the last attempt to reach it failed of
	FirstSeen      time.Time `json:"first_seen,omitzero"`
	LastSync       time.Time `json:"last_sync,omitzero"` // start of the last complete sync
	LastIndication time.Time `json:"last_indication,omitzero"`
}
