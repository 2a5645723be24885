package cli

import (
	"context"
	"errors"
	"fmt"

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

Without --class all classes of the files are written that the inventory has components of by their
names, such as CIM_Fan and OMC_DiscreteSensor, but none of --schema.

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
		return putSQL(cmd.Context(), env, *db, source)
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
		if inventory.KindOf(class) != inventory.KindOther {
			wanted = append(wanted, class)
		}
	}
	if len(wanted) == 0 {
		return nil, withHint(errors.New("the files have no class of components"), "name classes with --class")
	}
	return wanted, nil
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
