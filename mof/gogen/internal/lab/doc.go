// Package lab holds the code that is generated for lab.mof, for the tests of gogen.
package lab

//go:generate go run ../../../../cmd/cimwatch mof gen --package lab --out lab.go lab.mof
