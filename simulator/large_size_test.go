//go:build !race

package simulator_test

// largeModel is how many instances the tests of long results have.
const largeModel = 100_000
