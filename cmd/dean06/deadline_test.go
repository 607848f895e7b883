package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dean06/internal/app"
	"dean06/internal/platform/config"
	"dean06/internal/platform/node"
	"dean06/internal/platform/sqldb"
)

// With --db the command counts by the node's own calendar, as its administrator changed it.
func TestDeadlineByTheCalendarOfANode(t *testing.T) {
	t.Parallel()
	url := "sqlite:" + filepath.Join(t.TempDir(), "agency.db")
	c := config.Default(app.Shape().Sections...)
	c.DB.URL = config.Secret(url)
	n, _, err := app.Open(t.Context(), app.Agency, node.Settings{Config: c}, "calendar")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sqldb.Exec(t.Context(), n.DB, `INSERT INTO calendar_change (version, kind, details, recorded_at, recorded_by)
		VALUES (1, 'off', '{"kind":"off","date":"2026-02-25","basis":"CV 1 (dữ liệu mẫu)"}', $1, 'acc-1')`, time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		flags []string
		want  string
	}{
		{nil, `"due":"2026-02-26T17:00:00+07:00"`},
		{[]string{"--db", url}, `"due":"2026-02-27T17:00:00+07:00"`},
		{[]string{"--db", url}, `{"date":"2026-02-25","counts":false,"why":"day_off"}`},
	} {
		var out, errw bytes.Buffer
		args := append([]string{"deadline", "--received", "2026-02-13 15:30", "--limit", "3 working_day", "--json"}, tt.flags...)
		if code := run(args, &out, &errw); code != exitOK || !strings.Contains(out.String(), tt.want) {
			t.Errorf("%v: exit %d, %s%s, want %s", tt.flags, code, &out, &errw, tt.want)
		}
	}
}
