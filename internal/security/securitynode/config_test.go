package securitynode_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dean06/data"
	"dean06/internal/platform/config"
	"dean06/internal/platform/i18n"
	"dean06/internal/security"
	"dean06/internal/security/securitynode"
)

// A file of rules or standards that somebody sets is looked at before the node starts, and
// what is wrong is said in both languages with its place.
func TestRulesThatAreSet(t *testing.T) {
	t.Parallel()
	texts, err := i18n.Load(config.Messages, security.Messages)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, file, key string
		from, to        string // what is changed in the file that the program brings
		says            [2]string
	}{
		{"as it is brought", "rules", "rules", "", "", [2]string{}},
		{"standards as they are brought", "standards", "standards", "", "", [2]string{}},
		{"a value that is known now", "rules", "rules", `"people": 100000`, `"people": 50000`, [2]string{}},
		{"no JSON", "rules", "rules", `"until": "2026-12-31"`, `"until": 2026-12-31`, [2]string{"dòng 5", "line 5"}},
		{"a member that nobody reads", "rules", "rules", `"review_by":`, `"review":`, [2]string{"no such member", "no such member"}},
		{"a gap", "rules", "rules", `"from": "2027-01-01"`, `"from": "2027-02-01"`, [2]string{"ngay sau khi", "the day after"}},
		{"no term", "rules", "rules", `"5": 183`, `"4": 183`, [2]string{"", ""}},
		{"no such fact", "rules", "rules", `{"people": 1}`, `{"peple": 1}`, [2]string{"peple", "peple"}},
		{"no such office", "rules", "rules", `"approves": "head"`, `"approves": "chief"`, [2]string{"unit, head hoặc ministry", "unit, head or ministry"}},
		{"a control twice", "standards", "standards", `"policy.unit"`, `"policy.regulation"`, [2]string{"ghi hai lần", "stands twice"}},
		{"the wrong file", "standards", "rules", "", "", [2]string{"no such member", "no such member"}},
	} {
		raw, err := data.Security.ReadFile("security/" + c.file + ".json")
		if err != nil {
			t.Fatal(err)
		}
		changed := string(raw)
		if c.from != "" {
			if changed = strings.Replace(changed, c.from, c.to, 1); changed == string(raw) {
				t.Fatalf("%s: %q is not in the file", c.name, c.from)
			}
		}
		dir := t.TempDir()
		path, settings := filepath.Join(dir, "set.json"), filepath.Join(dir, "dean06.toml")
		for name, text := range map[string]string{path: changed, settings: "[security]\n" + c.key + " = \"" + path + "\"\n"} {
			if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		_, problems := config.Load(config.Shape{Roles: []string{"board"}, Sections: []config.Section{securitynode.Section}}, settings, nil, nil)
		var said [2]string
		for _, p := range problems {
			if p.Key == "security."+c.key {
				said = [2]string{p.Text(texts.In(i18n.Vi)), p.Text(texts.In(i18n.En))}
			}
		}
		good := c.says == [2]string{} && c.name != "no term"
		for i, text := range said {
			if good != (text == "") || !strings.Contains(text, c.says[i]) || !good && !strings.Contains(text, path) {
				t.Errorf("%s: %q", c.name, text)
			}
		}
	}
}
