package store

import "github.com/cimwatch/cimwatch/inventory"

// The encodings of a file's records, for those who keep an inventory elsewhere and lose nothing
// of it. Each record has its version in it, and this and later versions of the package read it.

// EncodeHost returns the record of a host.
func EncodeHost(h *inventory.Host) []byte { return encodeHost(h) }

// DecodeHost reads the record of a host.
func DecodeHost(record []byte) (inventory.Host, error) { return decodeHost(record) }

// EncodeComponent returns the record of a component.
func EncodeComponent(c *inventory.Component) []byte { return encodeComponent(c) }

// DecodeComponent reads the record of a component.
func DecodeComponent(record []byte) (inventory.Component, error) { return decodeComponent(record) }

// EncodeChange returns the record of a change.
func EncodeChange(c *inventory.Change) []byte { return encodeChange(c) }

// DecodeChange reads the record of a change.
func DecodeChange(record []byte) (inventory.Change, error) { return decodeChange(record) }

// CheckHostName returns an error for what cannot be the name of a host; see InventoryTx.PutHost.
func CheckHostName(name string) error { return checkHostName(name) }
