package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/mof/sqlgen"
	"github.com/cimwatch/cimwatch/store/postgres"
)

func newMOFSQLCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sql FILE...",
		Short: "Write PostgreSQL views for classes of MOF files",
		Long: `Write statements that make a view for each class, over the tables in which a daemon keeps its inventory
(store.postgres in its configuration): cimwatch_class."CIM_Fan" has a row for each fan, of this class and of
all that the files derive from it, and a typed column for each property. docs/postgresql.md has the
types. With --db the statements are run instead, all or none; the password comes from $PGPASSWORD or
the file ~/.pgpass, as for psql.

Without --class all classes that the files declare are written, but for associations and indications, of which there
are no components, and none of --schema. Of the DMTF's own classes, those whose names begin with CIM_, only those
that the inventory has components of by their names are, such as CIM_Fan.

` + mofHelp,
		Example: `  cimwatch mof sql cim_schema_2.49.0Final-MOFs.zip --class CIM_Fan --class CIM_Sensor
  cimwatch mof sql vendor/ --schema cim_schema_2.49.0Final-MOFs.zip --db postgres://cimwatch@db.example.com/cimwatch`,
		Args:              mofFiles(),
		ValidArgsFunction: completeMOF,
	}
	flags := addMOFFlags(cmd)
	classes := cmd.Flags().StringSlice("class", nil, "write this `class` only, also one of --schema; can be repeated")
	db := cmd.Flags().String("db", "", "run the statements in the database at this `URL`, postgres://USER@HOST/DATABASE")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if *db != "" {
			if err := postgres.CheckURL(*db); err != nil {
				return withHint(usage(fmt.Errorf("--db: %w", err)), "give postgres://USER@HOST/DATABASE; "+passwordFrom)
			}
		}
		compiled, err := flags.compile(cmd.Context(), env, args)
		if err != nil {
			return err
		}
		wanted, err := sqlClasses(compiled, *classes)
		if err != nil {
			return err
		}
		source, err := sqlgen.Generate(compiled.Schema, wanted)
		if err != nil {
			return err
		}
		if err := putSQL(cmd.Context(), env, *db, source); err != nil {
			return err
		}
		done := " written"
		if *db != "" {
			done = " made"
		}
		note(env.Stderr, counted(len(wanted), "view")+done)
		return nil
	}
	return cmd
}

// sqlClasses returns the classes to write views for.
func sqlClasses(c *compiledMOF, wanted []string) ([]string, error) {
	for _, class := range wanted {
		if c.Class(class) == nil {
			return nil, noMOFClass(class)
		}
	}
	if len(wanted) > 0 {
		return wanted, nil
	}
	for _, class := range c.ClassNames()[c.usedClasses:] {
		if c.isViewed(class) {
			wanted = append(wanted, class)
		}
	}
	if len(wanted) == 0 {
		return nil, withHint(errors.New("no view was made: the files declare no class that there can be components of"),
			"name classes with --class, also such as are in --schema")
	}
	return wanted, nil
}

// isViewed reports whether a class that a file declares gets a view without being named.
func (c *compiledMOF) isViewed(class string) bool {
	if strings.HasPrefix(strings.ToUpper(class), "CIM_") {
		return inventory.KindOf(class) != inventory.KindOther
	}
	declared := c.Class(class)
	return !declared.HasQualifier("Association") && !declared.HasQualifier("Indication")
}

func putSQL(ctx context.Context, env *Env, db, source string) error {
	if db != "" {
		return databaseError(postgres.Define(ctx, db, "", source))
	}
	if _, err := fmt.Fprint(env.Stdout, source); err != nil {
		return fmt.Errorf("write the output: %w", err)
	}
	return nil
}
