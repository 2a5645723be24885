package web_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/web"
)

// logText is a log that may be read when those who write have ended.
func logText() (*strings.Builder, *slog.Logger) {
	var text strings.Builder
	return &text, slog.New(slog.NewTextHandler(&text, nil))
}

// TestBackup fetches backups: a whole one, and such that fail at any point. What is not whole is an
// error, and why the store cannot be read is for the log alone.
func TestBackup(t *testing.T) {
	content := bytes.Repeat([]byte("page"), 1<<18)
	broken := errors.New("page 7 is damaged")
	for name, tt := range map[string]struct {
		backup web.Backup
		want   []byte
		fails  string
		logged bool
	}{
		"whole": {func(_ context.Context, begin func(int64) (io.Writer, error)) error {
			w, err := begin(int64(len(content)))
			if err == nil {
				_, err = w.Write(content)
			}
			return err
		}, content, "", false},
		"fails before": {func(context.Context, func(int64) (io.Writer, error)) error { return broken }, nil, "HTTP status 500", true},
		"fails after a half": {func(_ context.Context, begin func(int64) (io.Writer, error)) error {
			w, err := begin(int64(len(content)))
			if err == nil {
				_, err = w.Write(content[:len(content)/2])
			}
			return errors.Join(err, broken)
		}, content[:len(content)/2], "read the daemon's backup: unexpected EOF", true},
		"is shorter than it says": {func(_ context.Context, begin func(int64) (io.Writer, error)) error {
			w, err := begin(int64(len(content)))
			if err == nil {
				_, err = w.Write(content[1:])
			}
			return err
		}, content[1:], "read the daemon's backup: unexpected EOF", false},
	} {
		t.Run(name, func(t *testing.T) {
			log, logger := logText()
			server := httptest.NewServer(web.NewBackupHandler(tt.backup, func() bool { return true }, logger))
			var got bytes.Buffer
			err := client(t, server.URL).Backup(t.Context(), &got)
			server.Close() // the handler has logged
			if tt.fails == "" && err != nil || tt.fails != "" && (err == nil || !strings.Contains(err.Error(), tt.fails)) {
				t.Errorf("error %v, want %q", err, tt.fails)
			}
			if err != nil && strings.Contains(err.Error(), "damaged") {
				t.Errorf("the reason came through: %v", err)
			}
			if !bytes.Equal(got.Bytes(), tt.want) {
				t.Errorf("%d bytes came, want %d", got.Len(), len(tt.want))
			}
			if strings.Contains(log.String(), broken.Error()) != tt.logged {
				t.Errorf("logged %q", log)
			}
		})
	}
}

// TestBackupOneAtATime refuses a backup while another one is written, and makes it afterwards; and
// none as long as none is allowed.
func TestBackupOneAtATime(t *testing.T) {
	begun, end := make(chan struct{}, 1), make(chan struct{})
	allowed := false
	backup := func(_ context.Context, begin func(int64) (io.Writer, error)) error {
		w, err := begin(4)
		if err != nil {
			return err
		}
		begun <- struct{}{}
		<-end
		_, err = io.WriteString(w, "page")
		return err
	}
	server := httptest.NewServer(web.NewBackupHandler(backup, func() bool { return allowed }, nil))
	t.Cleanup(server.Close)
	c := client(t, server.URL)
	if err := c.Backup(t.Context(), io.Discard); !errors.Is(err, web.ErrForbidden) {
		t.Errorf("got %v, want ErrForbidden", err)
	}
	allowed = true
	first := make(chan error)
	go func() { first <- c.Backup(t.Context(), io.Discard) }()
	<-begun
	refused := func(err error) bool { return err != nil && strings.Contains(err.Error(), "there is one already") }
	if err := c.Backup(t.Context(), io.Discard); !refused(err) {
		t.Errorf("a second one at the same time: %v", err)
	}
	close(end)
	if err := <-first; err != nil {
		t.Error(err)
	}
	err := c.Backup(t.Context(), io.Discard)
	for refused(err) { // the handler of the first one is about to return
		err = c.Backup(t.Context(), io.Discard)
	}
	if err != nil {
		t.Errorf("one after the other: %v", err)
	}
}

// TestBackupWithoutLength refuses an answer of which nobody could tell whether it is whole, as a
// proxy between may make one.
func TestBackupWithoutLength(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "page")
		_ = http.NewResponseController(w).Flush() // so that it is chunked
	}))
	t.Cleanup(server.Close)
	var got bytes.Buffer
	if err := client(t, server.URL).Backup(t.Context(), &got); err == nil || !strings.Contains(err.Error(), "no length") || got.Len() > 0 {
		t.Errorf("%d bytes, error %v", got.Len(), err)
	}
}
