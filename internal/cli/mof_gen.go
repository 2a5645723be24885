package cli

import (
	"fmt"
	"go/token"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/mof/gogen"
)

func newMOFGenCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "gen FILE...",
		Short: "Write Go types for classes of MOF files",
		Long: `Write a Go file with a struct for each class, which has all its properties, also those it inherits, as
typed fields; NULL is nil. Methods FromInstance and Instance convert from and to instances. The
numbers of properties that have Values become types with constants.

  var alert OMCIpmiAlertIndication
  err := alert.FromInstance(instance)
  if alert.GetAlertType() == CIMAlertIndicationAlertTypeSecurityAlert { ... }

Without --class all classes of the files are written, but none of --schema.

` + mofHelp,
		Example: `  cimwatch mof gen --package alerts --class OMC_IpmiAlertIndication --out alerts.go vendor/
  cimwatch mof gen --package model models/array.mof --schema cim_schema_2.49.0Final-MOFs.zip
  echo '#pragma include ("alerts.mof")' | cimwatch mof gen --package esxi -`,
		Args:              mofFiles(),
		ValidArgsFunction: completeMOF,
	}
	flags := addMOFFlags(cmd)
	name := cmd.Flags().String("package", "", "`name` of the Go package")
	classes := cmd.Flags().StringSlice("class", nil, "write this `class` only, also one of --schema; can be repeated")
	out := cmd.Flags().String("out", "", "write to this `file` instead of standard output")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if !token.IsIdentifier(*name) || *name == "_" {
			return withHint(usage(fmt.Errorf("--package: %q is not the name of a Go package", printable(*name))), "such as --package alerts")
		}
		compiled, err := flags.compile(cmd.Context(), env, args)
		if err != nil {
			return err
		}
		wanted := *classes
		for _, class := range wanted {
			if compiled.Class(class) == nil {
				return noMOFClass(class)
			}
		}
		if len(wanted) == 0 {
			wanted = compiled.ClassNames()[compiled.usedClasses:]
		}
		source, err := gogen.Generate(compiled.Schema, &gogen.Options{
			Package: *name, Classes: wanted, Command: genCommand(*name, *classes, args),
		})
		if err != nil {
			return err
		}
		if *out != "" {
			return os.WriteFile(*out, source, 0o666)
		}
		if _, err := env.Stdout.Write(source); err != nil {
			return fmt.Errorf("write the output: %w", err)
		}
		return nil
	}
	return cmd
}

// genCommand returns what the generated file says of its origin: nothing of where the files were.
func genCommand(name string, classes, files []string) string {
	words := []string{"cimwatch mof gen --package", name}
	for _, class := range classes {
		words = append(words, "--class", class)
	}
	for _, file := range files {
		words = append(words, filepath.Base(file))
	}
	return strings.Join(words, " ")
}
