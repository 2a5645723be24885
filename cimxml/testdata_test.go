package cimxml

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// messages returns the messages of testdata by name: what real servers and clients sent.
func messages(t testing.TB) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("testdata/messages/*.xml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no messages in testdata: %v", err)
	}
	all := make(map[string][]byte, len(files))
	for _, file := range files {
		all[strings.TrimSuffix(filepath.Base(file), ".xml")] = readFile(t, file)
	}
	return all
}

// testMessage returns a message of testdata.
func testMessage(t testing.TB, name string) []byte {
	t.Helper()
	return readFile(t, "testdata/messages/"+name+".xml")
}

func readFile(t testing.TB, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
