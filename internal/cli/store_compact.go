package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/store"
)

type compactedStore struct {
	File   string `json:"file"`
	Before int64  `json:"before"`
	After  int64  `json:"after"`
}

func newStoreCompactCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "compact",
		Short: "Give back the room that a file does not use any more",
		Long: `compact writes what a store's FILE holds into a new one, compares the two, and puts the new one in place of
the old, or into another file with --to. Whatever happens meanwhile, there is the old file or the new one, whole.
It needs room for both.`,
		Example: `  cimwatch store compact --db cimwatch.db
  cimwatch store compact --db cimwatch.db --to small.db`,
		Args: arguments(),
	}
	from := addStoreFlags(cmd)
	to := cmd.Flags().String("to", "", "leave the file as it is and write to this `FILE`, which must not be there")
	output := addOutputFlag(cmd, formatText, formatJSON)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		file, err := from.file(env)
		if err != nil {
			return err
		}
		sizes, err := store.Compact(cmd.Context(), file, *to)
		if errors.Is(err, store.ErrExists) {
			return withHint(err, "give a file with --to that is not there")
		}
		if err != nil {
			return storeHint(err, file, "stop the daemon that has it open first")
		}
		return env.print(output, compactedStore{cmp.Or(*to, file), sizes.Before, sizes.After})
	}
	return cmd
}

// WriteText writes both sizes.
func (c compactedStore) WriteText(w io.Writer, _ bool) error {
	_, err := fmt.Fprintf(w, "%s: %d bytes, %d before\n", oneLine(c.File), c.After, c.Before)
	return err
}
