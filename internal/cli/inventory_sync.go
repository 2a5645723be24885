package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/web"
)

func newInventorySyncCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sync [HOST...]",
		Short: "Have a running daemon look at hosts without delay",
		Long: `sync has a running daemon look at hosts at once, at all when none is named: at their subscriptions, at which
classes of hardware they have, and at the instances of these. It does not wait for that;
"cimwatch subscriptions --address URL" tells when each was last looked at.`,
		Example: `  cimwatch inventory sync --address http://127.0.0.1:9720
  cimwatch inventory sync esx1 esx2 --address http://127.0.0.1:9720`,
		Args: cobra.ArbitraryArgs,
	}
	from := addDaemonFlags(cmd)
	from.require()
	cmd.RunE = func(cmd *cobra.Command, hosts []string) error {
		if from.address == "" {
			return withHint(usage(errors.New("no daemon to ask")), "give --address URL of a running daemon")
		}
		client, err := from.client(cmd.Context(), env)
		if err != nil {
			return err
		}
		err = client.Sync(cmd.Context(), hosts...)
		if errors.Is(err, web.ErrNotFound) {
			return withHint(fmt.Errorf("look at %s: %w", nameHosts(hosts), err), `"cimwatch inventory hosts" lists those that there are`)
		}
		return explainDaemon(err)
	}
	return cmd
}

func nameHosts(hosts []string) string {
	if len(hosts) == 1 {
		return "host " + hosts[0]
	}
	return fmt.Sprintf("%d hosts", len(hosts))
}
