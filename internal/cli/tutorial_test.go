package cli

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/simulator"
)

// tutorialAddress is where the tutorial's simulated host is.
const tutorialAddress = "http://127.0.0.1:5988"

// TestTutorial runs the commands of docs/tutorial.md that need nothing but its simulated host,
// which are those in console blocks, and compares what they print, both outputs together.
func TestTutorial(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "tutorial.md"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```console\n\\$ (.*?)\n(.*?)```").FindAllStringSubmatch(string(page), -1)
	if len(blocks) < 10 {
		t.Fatalf("the tutorial has %d commands only", len(blocks))
	}
	t.Chdir(t.TempDir())
	for _, file := range regexp.MustCompile("(?s)```mof\n(// (\\S+)\n.*?)```").FindAllStringSubmatch(string(page), -1) {
		if err := os.WriteFile(file[2], []byte(file[1]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	url := startTutorialHost(t)
	config := t.TempDir()
	for _, block := range blocks {
		command, want := block[1], block[2]
		args := shellWords(strings.ReplaceAll(command, tutorialAddress, url))
		if args[0] != "cimwatch" {
			t.Fatalf("%s: not a command of cimwatch", command)
		}
		var output strings.Builder
		Run(t.Context(), args[1:], Env{Stdout: &output, Stderr: &output, Getenv: func(name string) string {
			return map[string]string{"XDG_CONFIG_HOME": config}[name]
		}})
		got := strings.ReplaceAll(output.String(), url, tutorialAddress)
		got = regexp.MustCompile(`; \d+\.\d\d s\n`).ReplaceAllString(got, "; 0.00 s\n") // differs from run to run
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-tutorial +output):\n%s", command, diff)
		}
	}
}

func startTutorialHost(t *testing.T) string {
	t.Helper()
	model, err := simulator.ESXi()
	if err != nil {
		t.Fatal(err)
	}
	server, err := simulator.New(model, &simulator.Options{Lifecycle: true, RetryAttempts: -1})
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Second)
		defer cancel()
		_ = server.Close(ctx) // what was not delivered does not count
	})
	return strings.TrimSuffix(server.URL(), "/cimom")
}

// shellWords splits a command line that has single quotes at most.
func shellWords(line string) []string {
	var words []string
	for _, m := range regexp.MustCompile(`'([^']*)'|(\S+)`).FindAllStringSubmatch(line, -1) {
		words = append(words, m[1]+m[2])
	}
	return words
}
