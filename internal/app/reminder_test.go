package app

import (
	"encoding/json"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/clock/clocktest"
	"dean06/internal/platform/config"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/mail"
	"dean06/internal/platform/node"
	"dean06/internal/platform/session"
	"dean06/internal/programme"
)

// TestRemindersOfTheProgramme runs the job of the programme on a board: on a Monday each focal
// point whose agency owes something late gets one letter, however often the job is tried and
// the node is started; on other days, and who owes nothing, none.
func TestRemindersOfTheProgramme(t *testing.T) {
	t.Parallel()
	watch := &clocktest.Clock{}
	watch.Set("2026-11-29 23:00") // a Sunday
	c := config.Default(Shape().Sections...)
	c.DB.URL, c.HTTP.PublicURL = config.Secret("sqlite:"+filepath.Join(t.TempDir(), "board.db")), "https://dieuphoi.example.vn"
	open := func() (*node.Node, *Modules) {
		s := node.Settings{Config: c, Clock: watch, Relaxed: true, Log: slog.New(slog.DiscardHandler)}
		n, m, err := Open(t.Context(), Board, s, "org", "readiness", "programme")
		if err != nil {
			t.Fatal(err)
		}
		return n, m
	}
	n, m := open()
	for _, who := range []struct{ login, agency, mail string }{
		{"late", "H55", "late@a.example.vn"}, {"soon", "H26", "soon@a.example.vn"}, {"nothing", "H29", "nothing@a.example.vn"}, {"silent", "H55", ""},
	} {
		if err := n.Sessions.Seed(t.Context(), session.SeedAccount{Password: "mat-khau-dai-2026", Draft: session.Draft{
			Login: who.login, Name: "Người " + who.login, Email: who.mail, Agency: who.agency, Roles: []string{programme.FocalPoint},
		}}); err != nil {
			t.Fatal(err)
		}
	}
	store := m.Programme.Store()
	var past programme.Past
	task := programme.Task{ID: "t", Code: "T.1", Title: "Nhiệm vụ", Scope: programme.General, Level: programme.Province, From: clock.MustDate("2026-01-01")}
	past.Add(clock.MustDate("2026-01-01"), programme.Doc{Kind: programme.TaskDoc, ID: "t", Task: &task})
	for agency, due := range map[string]string{"H55": "2026-11-01", "H26": "2026-12-05", "H29": "2027-12-31"} {
		u := programme.UnitTask{
			ID: "u-" + agency, Task: "t", Agency: agency, Level: programme.Province, Origin: agency, State: programme.Doing, From: task.From,
			Due: clock.MustDate(due), Version: 1,
		}
		past.Give(&u, task.From)
		past.Units = append(past.Units, u)
	}
	if err := store.Load(t.Context(), past, watch.Now()); err != nil {
		t.Fatal(err)
	}
	run := func() {
		t.Helper()
		for _, p := range n.Parts() {
			if h := p.Jobs["programme.remind"]; h != nil {
				if err := h(t.Context(), nil); err != nil {
					t.Fatal(err)
				}
				return
			}
		}
		t.Fatal("no such job")
	}
	letters := func(want int) []mail.Message {
		t.Helper()
		list, err := jobs.List(t.Context(), n.DB, jobs.Filter{Kind: "outbox.mail", Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		var out []mail.Message
		for _, j := range list {
			var e struct {
				Payload mail.Message `json:"payload"`
			}
			if err := json.Unmarshal([]byte(j.Payload), &e); err != nil {
				t.Fatal(err)
			}
			out = append(out, e.Payload)
		}
		if len(out) != want {
			t.Fatalf("on %s %d letters, want %d: %+v", m.Programme.Service().Today(), len(out), want, out)
		}
		return out
	}
	run()
	letters(0) // it is Sunday
	watch.Set("2026-11-30 06:00")
	run() // the job of Sunday, late
	got := letters(2)
	watch.Set("2026-11-30 07:40")
	run() // the job of Monday
	letters(2)
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	n, m = open()
	defer n.Close()
	run() // tried again after a restart
	letters(2)
	watch.Set("2026-12-01 07:40")
	run()
	letters(2)
	watch.Set("2026-12-07 07:40")
	run()
	letters(4)
	for _, l := range got {
		if len(l.To) != 1 || !strings.Contains(l.Text, "https://dieuphoi.example.vn/programme") || !strings.Contains(l.Text, "Kính gửi Người ") {
			t.Errorf("%+v", l)
		}
		late := strings.HasPrefix(l.To[0].Addr, "late@")
		if late && !strings.Contains(l.Subject, "1 quá hạn, 0 có nguy cơ") || !late && !strings.Contains(l.Subject, "0 quá hạn, 1 có nguy cơ") {
			t.Errorf("%s is told %q", l.To[0].Addr, l.Subject)
		}
	}
}
