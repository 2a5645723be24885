package cimxml

import (
	"html"
	"strings"
	"testing"
)

func TestRedact(t *testing.T) {
	const hidden = "hunter2"
	instance := `<INSTANCE CLASSNAME="A"><PROPERTY NAME="UserPassword" TYPE="string"><VALUE>` + hidden + `</VALUE></PROPERTY>` +
		`<PROPERTY NAME="Name" TYPE="string"><VALUE>shown</VALUE></PROPERTY></INSTANCE>`
	tests := []struct{ name, text, want string }{
		{"property", instance, strings.Replace(instance, hidden, "***", 1)},
		{"escaped", `<VALUE>` + html.EscapeString(instance) + `</VALUE>`, `<VALUE>` + strings.Replace(html.EscapeString(instance), hidden, "***", 1) + `</VALUE>`},
		{"escaped twice", html.EscapeString(html.EscapeString(instance)), strings.Replace(html.EscapeString(html.EscapeString(instance)), hidden, "***", 1)},
		{"escaped, with > as it is", `<VALUE>&lt;PROPERTY NAME="Password" TYPE="string">&lt;VALUE>hunter2&lt;/VALUE>&lt;/PROPERTY></VALUE>`,
			`<VALUE>&lt;PROPERTY NAME="Password" TYPE="string">&lt;VALUE&gt;***&lt;/VALUE&gt;&lt;/PROPERTY></VALUE>`},
		{"parameter", `<PARAMVALUE PARAMTYPE="string" NAME='newpassword'><VALUE>hunter2</VALUE></PARAMVALUE>`,
			`<PARAMVALUE PARAMTYPE="string" NAME='newpassword'><VALUE>***</VALUE></PARAMVALUE>`},
		{"array", `<PROPERTY.ARRAY NAME="Secrets" TYPE="string"><VALUE.ARRAY><VALUE>hunter2</VALUE><VALUE>hunter2</VALUE></VALUE.ARRAY></PROPERTY.ARRAY>`,
			`<PROPERTY.ARRAY NAME="Secrets" TYPE="string"><VALUE>***</VALUE></PROPERTY.ARRAY>`},
		{"key", `<KEYBINDING NAME="SharedSecret"><KEYVALUE VALUETYPE="string">hunter2</KEYVALUE></KEYBINDING>`,
			`<KEYBINDING NAME="SharedSecret"><KEYVALUE>***</KEYVALUE></KEYBINDING>`},
		{"NULL", `<PROPERTY NAME="Password" TYPE="string"/><PROPERTY NAME="X" TYPE="string"><VALUE>a</VALUE></PROPERTY>`,
			`<PROPERTY NAME="Password" TYPE="string"/><PROPERTY NAME="X" TYPE="string"><VALUE>a</VALUE></PROPERTY>`},
		{"cut", `<PROPERTY NAME="Password" TYPE="string"><VALUE>hunter2`, `<PROPERTY NAME="Password" TYPE="string"><VALUE>***</VALUE>`},
		{"cut in the tag", `<PROPERTY NAME="Password"`, `<PROPERTY NAME="Password"`},
		{"a value that speaks of it", `<PROPERTY NAME="Text"><VALUE>the password is old</VALUE></PROPERTY>`, `<PROPERTY NAME="Text"><VALUE>the password is old</VALUE></PROPERTY>`},
		{"nothing", "no XML", "no XML"},
	}
	r := newRedactor()
	for _, tt := range tests {
		if got := string(r.redact([]byte(tt.text))); got != tt.want {
			t.Errorf("%s:\ngot  %s\nwant %s", tt.name, got, tt.want)
		}
		if again := string(r.redact([]byte(tt.want))); again != tt.want {
			t.Errorf("%s: again %s", tt.name, again)
		}
	}
}
