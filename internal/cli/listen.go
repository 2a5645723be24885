package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/listener"
	"github.com/cimwatch/cimwatch/store"
)

// listenOptions are the flags of listen.
type listenOptions struct {
	port   *portFlags
	paths  []string
	db     string
	count  uint
	read   readOptions
	output *outputFlag
}

func newListenCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "listen",
		Short: "Print the indications that arrive",
		Long: `Listen for indications and print them until interrupted. No connection to the senders is needed:
what the numbers of the standard classes mean is part of the program.

With --db the sender is told 200 only when the indication is on disk, and one that is sent again
is kept and printed once. The file is the journal that serve keeps too. Without --db nothing is
kept: what has been answered waits in memory for its turn to be printed, up to 1024 of them, and
when the output is that slow, senders are told 503 and to come back.

Text shows every request, refused ones with the reason. JSON is one object a line, described in
docs/json.md; XML is the message as it came. With both, refused requests go to standard error.

With --from or --follow it receives nothing and prints what others have: the journal of a running
daemon (--address), or of a file (--db). --from prints what is there from a place on; --follow goes
on with what comes, and when the daemon goes away waits for it. --cursor keeps in the daemon how far
the output has come: the next run goes on there, and sees again at most what was printed in the
last second. What is behind a cursor is not dropped from the journal, so take one that is no
longer needed away with --forget.`,
		Example: `  cimwatch listen --addr :5990
  cimwatch listen --addr :5990 --db indications.db -o json
  cimwatch listen --count 1 -o xml
  cimwatch listen --db indications.db --from start
  cimwatch listen --follow --address http://127.0.0.1:9720
  cimwatch listen --follow --address http://127.0.0.1:9720 --cursor archive -o json`,
		Args: arguments(),
	}
	o := listenOptions{port: addPortFlags(cmd, ":0")}
	flags := cmd.Flags()
	flags.StringArrayVar(&o.paths, "path", nil, "`path` of the URL that is served, others are answered 404; can be repeated (default any)")
	flags.StringVar(&o.db, "db", "", "`file` to keep what arrives in, made when it is not there")
	flags.UintVar(&o.count, "count", 0, "`number` of indications to stop after (default never)")
	o.output = addOutputFlag(cmd, formatText, formatJSON, formatXML)
	o.read.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if o.read.asked() {
			return runRead(cmd, env, &o)
		}
		return runListen(cmd.Context(), env, &o)
	}
	return cmd
}

func runListen(ctx context.Context, env *Env, o *listenOptions) (err error) {
	for _, path := range o.paths {
		if !strings.HasPrefix(path, "/") {
			return usage(fmt.Errorf("--path %q: a path begins with a slash", path))
		}
	}
	config, err := o.port.tlsConfig()
	if err != nil {
		return err
	}
	p := newPrinter(env, o.output)
	r := &receiver{printer: p, limit: o.count, enough: make(chan struct{})}
	if o.db != "" {
		if r.store, err = store.Open(o.db, nil); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, r.store.Close()) }()
	}
	port, err := o.port.listen(ctx)
	if err != nil {
		return err
	}
	server := listener.New(r, &listener.Options{
		Paths: o.paths, TLS: config, OnAnswer: r.answered,
		Logger: slog.New(slog.NewTextHandler(env.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	note(env.Stderr, listening("Listener", port.Addr()))
	go p.run()
	err = serveUntil(ctx, server, port, r.enough, p.failed)
	return errors.Join(err, p.close())
}

// serveUntil serves until ctx ends or one of the channels is closed, and lets requests that
// are being served end.
func serveUntil(ctx context.Context, server *listener.Server, port net.Listener, enough, failed <-chan struct{}) error {
	served := make(chan error, 1)
	go func() { served <- server.Serve(port) }()
	select {
	case err := <-served:
		return err
	case <-enough:
	case <-failed:
	case <-ctx.Done():
	}
	const patience = 10 * time.Second
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	return errors.Join(server.Shutdown(end), <-served)
}
