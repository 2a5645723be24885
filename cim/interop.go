package cim

// InteropNamespaces returns the usual names of the interop namespace, in which a server
// describes itself and keeps its subscriptions, the likeliest first: that of sfcb and
// most, that of DSP1033, OpenPegasus's in two spellings, and that of old servers.
func InteropNamespaces() []string {
	return []string{"root/interop", "interop", "root/PG_InterOp", "root/PG_Interop", "root"}
}
