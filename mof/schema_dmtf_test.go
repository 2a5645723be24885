package mof_test

import (
	"archive/zip"
	"errors"
	"os"
	"testing"

	"github.com/cimwatch/cimwatch/mof"
)

func TestTry(t *testing.T) {
	r, err := zip.OpenReader("../../shared/schema/cim_schema_2.49.0Final-MOFs.zip")
	if err != nil {
		t.Skip(err)
	}
	defer r.Close()
	_ = os.Args
	s, err := mof.CompileFS(r, []string{"cim_schema_2.49.0.mof"}, &mof.Options{Warn: func(e *mof.Error) { t.Log(e) }})
	var l mof.ErrorList
	if errors.As(err, &l) {
		for _, e := range l {
			t.Error(e)
		}
		return
	}
	t.Log(len(s.ClassNames()), len(s.QualifierTypes()))
}
