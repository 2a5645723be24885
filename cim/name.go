package cim

import "strings"

// EqualNames reports whether two CIM names are the same name: DSP0004 compares
// class, property, key, method, qualifier and namespace names without regard to case.
func EqualNames(a, b string) bool {
	return len(a) == len(b) && a == b || strings.EqualFold(a, b)
}

// FoldName returns the form of name that is equal for equal names, for map keys.
func FoldName(name string) string {
	return strings.ToLower(name)
}

// CleanNamespace returns a namespace name without leading and trailing slashes.
// "/root/cimv2/" and "root/cimv2" name the same namespace.
func CleanNamespace(name string) string {
	return strings.Trim(name, "/")
}
