//go:build race

package simulator_test

// largeModel is smaller with the race detector, which makes everything ten times slower
// and all sizes its own.
const largeModel = 5_000
