package simulator

import "io/fs"

// Files returns the MOF files of the built-in model, which files of a model of one's own
// may include: "esxi.mof" is the model, the others are named at [LoadModel].
func Files() (fs.FS, error) { return fs.Sub(esxi, "esxi") }
