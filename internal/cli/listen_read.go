package cli

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/cimxml"
	"github.com/cimwatch/cimwatch/mof"
	"github.com/cimwatch/cimwatch/web"
)

// readOptions are the flags of listen that have it read a journal.
type readOptions struct {
	follow bool
	from   string
	*daemonFlags
	cursor string
	forget bool
}

func (o *readOptions) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.BoolVar(&o.follow, "follow", false, "print what comes into the journal of a daemon or a file, and receive nothing")
	flags.StringVar(&o.from, "from", "", "`place` in the journal to begin at: start, now, a number, a time, or how long ago, such as 90m (default now; of a new --cursor start)")
	o.daemonFlags = addDaemonFlags(cmd)
	flags.StringVar(&o.cursor, "cursor", "", "`name` under which the daemon keeps how far this has come; --from counts where it is new")
	flags.BoolVar(&o.forget, "forget", false, "take the --cursor away")
	cmd.MarkFlagsMutuallyExclusive("db", "address")
	cmd.MarkFlagsMutuallyExclusive("follow", "forget")
	cmd.MarkFlagsMutuallyExclusive("from", "forget")
}

// asked says whether a journal is to be read.
func (o *readOptions) asked() bool {
	return o.follow || o.forget || o.from != "" || o.address != "" || o.cursor != ""
}

// check returns what is wrong with the flags together.
func (o *readOptions) check(cmd *cobra.Command, db string) error {
	for _, flag := range []string{"addr", "cert", "key", "path"} {
		if cmd.Flags().Changed(flag) {
			return usage(fmt.Errorf("--%s is for receiving; with --from, --follow, --address or --cursor a journal is read", flag))
		}
	}
	if err := o.daemonFlags.check(); err != nil {
		return err
	}
	switch {
	case o.address == "" && db == "":
		return withHint(usage(errors.New("no journal to read")), "give --address URL of a running daemon, or --db FILE")
	case o.cursor != "" && o.address == "":
		return withHint(usage(errors.New("--cursor is kept by a daemon")), "give --address URL; of a file, --from says where to begin")
	case o.forget && o.cursor == "":
		return usage(errors.New("--forget needs --cursor NAME"))
	case o.cursor != "":
		if err := web.CheckCursorName(o.cursor); err != nil {
			return usage(fmt.Errorf("--cursor: %w", err))
		}
	}
	return nil
}

// begin returns where to begin.
func (o *readOptions) begin(now time.Time) (web.From, error) {
	if o.from == "" {
		return web.From{Now: o.cursor == ""}, nil
	}
	if from, err := web.ParseFrom(o.from); err == nil {
		return from, nil
	}
	if at, err := parseMoment(o.from, now); err == nil {
		return web.From{Time: at}, nil
	}
	return web.From{}, usage(fmt.Errorf("--from %s: choose start, now, the number of an entry, a time such as %q, or how long ago, such as 90m",
		strconv.Quote(printable(o.from)), time.DateTime))
}

// runRead prints what a journal has and what comes into it.
func runRead(cmd *cobra.Command, env *Env, o *listenOptions) error {
	if err := o.read.check(cmd, o.db); err != nil {
		return err
	}
	from, err := o.read.begin(time.Now())
	if err != nil {
		return err
	}
	r := &reader{env: env, o: o, values: mof.BuiltinValues(), decoder: cimxml.NewExportDecoder(cimxml.Limits{})}
	r.decoder.Mode = cimxml.ModeLenient // as the listener took what is in the journal
	ctx := cmd.Context()
	if o.db != "" {
		err = r.file(ctx, from)
	} else {
		err = r.daemon(ctx, from)
	}
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil // interrupted, which is how it ends
	}
	return explainDaemon(err)
}

// lookAgain is how long it waits before it looks again for what is not there.
const lookAgain = time.Second

// reader prints indications of a journal.
type reader struct {
	env     *Env
	o       *listenOptions
	values  *mof.ValueTable
	decoder *cimxml.ExportDecoder
	looked  bool   // into the file
	printed uint   // of indications
	last    uint64 // entry that was printed
}

// errRead ends reading when as many were printed as were asked for.
var errRead = errors.New("enough")

// print prints an entry. One that cannot be decoded is told of and passed over.
func (r *reader) print(i *web.Indication) error {
	if i.Entry <= r.last {
		return fmt.Errorf("the journal has entry %d after %d", i.Entry, r.last)
	}
	view := indicationView{
		Entry: i.Entry, Received: i.Received.UTC(), Remote: i.Remote, Host: i.Host, Class: i.Class, Late: i.Late,
		values: r.values, raw: i.Message,
	}
	if i.Sequence != nil {
		view.Sequence = &sequenceView{Context: i.Sequence.Context, Number: i.Sequence.Number}
	}
	x, err := r.decoder.Decode(i.Message)
	switch {
	case err != nil:
		note(r.env.Stderr, fmt.Sprintf("entry %d cannot be decoded: %v", i.Entry, err))
	case x.Indication == nil:
		note(r.env.Stderr, fmt.Sprintf("entry %d holds no indication", i.Entry))
	default:
		view.Properties = x.Indication.Properties
		if err := r.write(&view); err != nil {
			return err
		}
		r.printed++
	}
	r.last = i.Entry
	if r.o.count > 0 && r.printed >= r.o.count {
		return errRead
	}
	return nil
}

func (r *reader) write(view *indicationView) error {
	if r.o.output.format == formatText {
		return r.env.print(r.o.output, requestView{line: entryLine(view), indication: view})
	}
	return r.env.print(r.o.output, view)
}

// entryLine is what stands above an entry of a journal, where the line of a request would:
//
//	esx1 - - [09/Jul/2026 14:07:47] entry 17
func entryLine(v *indicationView) string {
	line := fmt.Sprintf("%s - - [%s] entry %d", v.Host, v.Received.Local().Format("02/Jan/2006 15:04:05"), v.Entry)
	if v.Late {
		line += " late"
	}
	return printable(line)
}
