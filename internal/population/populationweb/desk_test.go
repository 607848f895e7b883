package populationweb

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/session"
	"dean06/internal/population"
)

// TestMatterIsSealed: what an officer works on is what they chose on the page, in their
// own session, on that day.
func TestMatterIsSealed(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)
	mine := session.Identity{SessionID: "s-1", Actor: actor.Actor{Account: "a-1"}}
	s, m := newMatters([]byte("key")), matter{Matter: population.Matter{Purpose: "card", Dossier: "HS-1"}, Until: now.Add(time.Hour)}
	text, err := s.seal(m, mine)
	if err != nil {
		t.Fatal(err)
	}
	if got, ok := s.open(text, mine, now); !ok || got.Matter != m.Matter {
		t.Fatalf("got %+v, %v", got, ok)
	}
	bad, err := s.seal(matter{Matter: population.Matter{Purpose: "tò mò"}, Until: m.Until}, mine)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	raw[len(raw)-1] ^= 1
	for name, c := range map[string]struct {
		text string
		who  session.Identity
		at   time.Time
		by   *matters
	}{
		"as it was typed before": {
			text: base64.RawURLEncoding.EncodeToString([]byte(`{"s":"s-1a-1","p":"vì tò mò","d":"x"}`)), who: mine, at: now, by: s,
		},
		"changed":                {text: base64.RawURLEncoding.EncodeToString(raw), who: mine, at: now, by: s},
		"empty":                  {text: "", who: mine, at: now, by: s},
		"endless":                {text: strings.Repeat("A", 1<<20), who: mine, at: now, by: s},
		"over":                   {text: text, who: mine, at: m.Until, by: s},
		"of another node":        {text: text, who: mine, at: now, by: newMatters([]byte("other"))},
		"of a session before":    {text: text, who: session.Identity{SessionID: "s-2", Actor: mine.Actor}, at: now, by: s},
		"of another account":     {text: text, who: session.Identity{SessionID: "s-1", Actor: actor.Actor{Account: "a-2"}}, at: now, by: s},
		"of a purpose not there": {text: bad, who: mine, at: now, by: s},
	} {
		if got, ok := c.by.open(c.text, c.who, c.at); ok {
			t.Errorf("%s: %+v is believed", name, got)
		}
	}
}

// FuzzMatter: whatever a browser sends, nothing is believed that was not sealed here.
func FuzzMatter(f *testing.F) {
	s := newMatters([]byte("key"))
	f.Add("")
	f.Add(base64.RawURLEncoding.EncodeToString([]byte(`{"Purpose":"card"}`)))
	f.Fuzz(func(t *testing.T, text string) {
		if m, ok := s.open(text, session.Identity{SessionID: "s"}, time.Time{}); ok {
			t.Errorf("%+v is believed", m)
		}
	})
}
