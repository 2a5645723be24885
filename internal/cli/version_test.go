package cli

import (
	"runtime"
	"runtime/debug"
	"testing"
)

func TestNewBuild(t *testing.T) {
	platform := " " + runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH
	tests := []struct {
		name string
		info debug.BuildInfo
		want string
	}{
		{"nothing known", debug.BuildInfo{}, "cimwatch devel"},
		{"built without a repository", debug.BuildInfo{Main: debug.Module{Version: "(devel)"}}, "cimwatch devel"},
		{"installed release", debug.BuildInfo{Main: debug.Module{Version: "v1.2.3"}}, "cimwatch v1.2.3"},
		{
			"changed checkout",
			debug.BuildInfo{Main: debug.Module{Version: "(devel)"}, Settings: []debug.BuildSetting{
				{Key: "vcs.revision", Value: "0123456789abcdef0123456789abcdef01234567"},
				{Key: "vcs.time", Value: "2026-01-02T03:04:05Z"},
				{Key: "vcs.modified", Value: "true"},
			}},
			"cimwatch devel (commit 0123456789ab, 2026-01-02T03:04:05Z, modified)",
		},
		{
			"short hash", debug.BuildInfo{Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: "0123"}}},
			"cimwatch devel (commit 0123)",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := newBuild(&test.info).String(); got != test.want+platform {
				t.Errorf("build is %q, want %q", got, test.want+platform)
			}
		})
	}
}
