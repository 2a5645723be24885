package mof_test

import (
	"os"
	"testing"

	"github.com/cimwatch/cimwatch/mof"
)

// TestESXiModel compiles the model that the simulator serves.
func TestESXiModel(t *testing.T) {
	s, err := mof.CompileFS(os.DirFS("../simulator/esxi"), []string{"*.mof"}, &mof.Options{
		Warn: func(w *mof.Error) { t.Error("warning:", w) },
	})
	fatalErrors(t, err)
	byClass := map[string]int{}
	for _, i := range s.Instances() {
		byClass[i.Class]++
	}
	t.Log(len(s.ClassNames()), "classes,", len(s.Instances()), "instances", byClass)
}
