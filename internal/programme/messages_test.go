package programme_test

import (
	"testing"

	"dean06/internal/platform/i18n"
	"dean06/internal/programme"
)

// TestEveryTextIsThere: what is put together from a value has its text in both languages.
func TestEveryTextIsThere(t *testing.T) {
	t.Parallel()
	texts, err := i18n.Load(programme.Messages)
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, s := range programme.States {
		keys = append(keys, "programme.state."+string(s))
		for n := -40; n < 400; n++ {
			for _, late := range []bool{false, true} {
				keys = append(keys, programme.Judge(s, late, day("2026-01-01"), day("2026-06-01"), day("2026-06-01").AddDays(-n)).Key)
			}
		}
	}
	for _, a := range acts {
		if a != "burn" {
			keys = append(keys, "programme.act.name."+string(a))
		}
	}
	for _, row := range programme.Permissions.Rows {
		keys = append(keys, "programme.may."+string(row.Action), "programme.denied."+string(row.Action))
	}
	for _, key := range keys {
		if !texts.Has(key) {
			t.Errorf("no text for %s", key)
		}
	}
}
