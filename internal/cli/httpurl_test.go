package cli

import (
	"strings"
	"testing"
)

func TestParseHTTPURL(t *testing.T) {
	for _, raw := range []string{
		"https://esx1", "http://esx1/", "https://esx1:443/cimom", "https://192.0.2.7",
		"https://[2001:db8::7]", "http://[fe80::1%25eth0]:80",
	} {
		u, err := parseHTTPURL(raw)
		if err != nil {
			t.Errorf("parseHTTPURL(%q): %v", raw, err)
			continue
		}
		if u.String() != raw {
			t.Errorf("parseHTTPURL(%q) = %s", raw, u)
		}
	}
}

func TestParseHTTPURLErrors(t *testing.T) {
	tests := []struct{ raw, want string }{
		{"", "the scheme is neither http nor https"},
		{"esx1", "the scheme is neither http nor https"},
		{"esx1:5989", "the scheme is neither http nor https"},
		{"192.0.2.7:5989", "first path segment in URL cannot contain colon"},
		{"ftp://esx1", "the scheme is neither http nor https"},
		{"https://", "no host"},
		{"https://:5989", "no host"},
		{"https://2001:db8::7", "invalid port"},
		{"https://esx1:0", "the port 0 is not from 1 to 65535"},
		{"https://esx1:65536", "the port 65536 is not from 1 to 65535"},
		{"https://esx1:https", "invalid port"},
		{"https://esx1/?ns=root", "neither a query nor a fragment belongs here"},
		{"https://esx1/#top", "neither a query nor a fragment belongs here"},
		{"https://esx%zz", "invalid URL escape"},
		{"https://root:s3cret@esx1", "must not carry a user or a password"},
		{"https://root:s3cret%zz@esx1", "not a URL"},
		{"https://root:s3cret/@esx1:x", "not a URL"},
		{"root:s3cret@esx1", "the scheme is neither http nor https"},
	}
	for _, test := range tests {
		t.Run(test.raw, func(t *testing.T) {
			_, err := parseHTTPURL(test.raw)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("error is %v, want %q in it", err, test.want)
			}
			d := diagnose(err)
			if d.code != ExitUsage || d.hint == "" {
				t.Errorf("diagnosis is %+v, want wrong usage and a hint", d)
			}
			if strings.Contains(err.Error()+d.hint, "s3cret") {
				t.Errorf("error %q or hint %q repeats the password", err, d.hint)
			}
		})
	}
}
