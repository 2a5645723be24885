package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"time"
)

// ErrForbidden says that the daemon lets nobody have what was asked for, or not by this
// account.
var ErrForbidden = errors.New("not allowed")

// A Backup writes a store as it is at one moment to where begin says, which is told how many
// bytes come. The error of begin ends it.
type Backup func(ctx context.Context, begin func(size int64) (io.Writer, error)) error

// How long a backup may take: whoever reads it keeps room of the store from being used again.
const (
	backupTime = time.Minute
	backupRate = 1 << 20 // bytes a second that a reader must take beyond that
)

// NewBackupHandler returns the handler of /api/v1/backup, which answers one at a time.
// allowed is asked each time: a backup holds the secret that the listener's paths are derived from. Why
// there is none goes to the logger; nil: nothing is logged.
func NewBackupHandler(backup Backup, allowed func() bool, logger *slog.Logger) http.Handler {
	a := backupAPI{newAPI(logger), backup, allowed, make(slots, 1)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/v1/backup", a.only(a.serve))
	return mux
}

type backupAPI struct {
	api
	backup  Backup
	allowed func() bool
	running slots
}

func (a backupAPI) serve(w http.ResponseWriter, r *http.Request) {
	if !a.allowed() {
		a.reply(w, r, nil, fmt.Errorf("backup: %w", ErrForbidden))
		return
	}
	leave, ok := a.running.take()
	if !ok {
		a.reply(w, r, nil, fmt.Errorf("backup: %w: there is one already", ErrTooMany))
		return
	}
	defer leave()
	begun := false
	err := a.backup(r.Context(), func(size int64) (io.Writer, error) {
		begun = true
		most := backupTime + time.Duration(size/backupRate)*time.Second
		if err := http.NewResponseController(w).SetWriteDeadline(time.Now().Add(most)); err != nil {
			return nil, err
		}
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Header().Set("Content-Length", strconv.FormatInt(size, 10))
		return w, nil
	})
	switch {
	case err == nil:
	case !begun:
		a.reply(w, r, nil, err)
	case r.Context().Err() == nil: // else the peer is gone
		a.log.Error("backup broke off", "error", err) // the peer knows by the length
	}
}

// Backup writes a backup of the daemon's store. The error is ErrForbidden when the daemon
// gives none, or not to this account. A backup that is cut short is an error.
func (c *Client) Backup(ctx context.Context, w io.Writer) error {
	endless := http.Client{Transport: c.http.Transport} // without a time limit
	resp, err := c.send(ctx, &endless, question{method: http.MethodGet, name: "backup"})
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.ContentLength < 0 {
		return errors.New("ask the daemon: the backup has no length, so that nobody could tell whether it is whole")
	}
	if _, err := io.Copy(w, resp.Body); err != nil {
		return fmt.Errorf("read the daemon's backup: %w", err)
	}
	return nil
}
