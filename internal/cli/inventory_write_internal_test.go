package cli

import "testing"

// A spreadsheet takes for a formula what begins with one of these characters.
func TestHarmless(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "Fan 1": "Fan 1", "a=b": "a=b", "=1+1": "'=1+1", "@SUM(A1)": "'@SUM(A1)", "+49 30": "'+49 30", "-1": "-1", "-12 C": "-12 C", "+5": "+5",
		"-0.5 V": "-0.5 V", "-1+cmd|' /C calc'!A0": "'-1+cmd|' /C calc'!A0", "-1 +A1": "'-1 +A1", "-": "'-", "--": "'--", "\t=1": "'\t=1", "\r=1": "'\r=1",
		"＝1": "'＝1", "-5 %": "-5 %",
	} {
		if got := harmless(text); got != want {
			t.Errorf("harmless(%q) is %q, want %q", text, got, want)
		}
	}
}
