package dossiernode

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dean06/internal/dossier"
	"dean06/internal/dossier/dossiersql"
	"dean06/internal/dossier/dossiertest"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/config"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/health"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/ledger"
	"dean06/internal/platform/node"
	"dean06/internal/platform/sqldb"
)

// opened is a node with dossiers in a file, and the world that stands in for its needs.
func opened(t *testing.T) (*Node, *dossiertest.World, string) {
	t.Helper()
	url := "sqlite:" + filepath.Join(t.TempDir(), "agency.db")
	w := dossiertest.New()
	n, err := open(t.Context(), w, url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = n.Close() })
	self, _ := node.Find[*Node](n)
	return self, w, url
}

func open(ctx context.Context, w *dossiertest.World, url string) (*node.Node, error) {
	m := New(Needs{Register: w.Register, Posts: w.Posts, Packages: w.Packages, Province: func() string { return dossiertest.Province }})
	c := config.Default(Section)
	c.Node.Role, c.DB.URL = roleAgency, config.Secret(url)
	c.Blob.Dir, c.Mail.Dir = filepath.Dir(url[7:])+"/files", filepath.Dir(url[7:])+"/mail"
	return node.Open(ctx, []node.Module{m.Module()}, node.Settings{Config: c, Relaxed: true, Clock: w.Clock, Log: slog.New(slog.DiscardHandler)})
}

// program is what a command runs in, on the same database.
func program(t *testing.T, w *dossiertest.World, out, errw io.Writer) node.Program {
	t.Helper()
	texts, err := node.Catalogue([]node.Module{New(Needs{}).Module()})
	if err != nil {
		t.Fatal(err)
	}
	return node.Program{
		Out: out, Err: errw, Messages: texts, Shape: config.Shape{Roles: []string{roleAgency}, Sections: []config.Section{Section}},
		Open: func(ctx context.Context, _ string, s node.Settings, _ ...string) (*node.Node, error) {
			return open(ctx, w, s.Config.DB.URL.Reveal())
		},
	}
}

// put writes a dossier of a world in memory into the node's database.
func put(t *testing.T, n *Node, w *dossiertest.World, status dossier.Status) dossier.Dossier {
	t.Helper()
	d, err := w.To(t.Context(), status)
	if err != nil {
		t.Fatal(err)
	}
	acts, err := w.Store.Actions(t.Context(), d.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := n.store.Load(t.Context(), []dossiersql.Whole{{Dossier: d, Actions: acts}}); err != nil {
		t.Fatal(err)
	}
	return d
}

// TestCommands: what list and show print is whole numbers and moments of Vietnam; each look is
// kept with its purpose.
func TestCommands(t *testing.T) {
	t.Parallel()
	n, w, url := opened(t)
	done, open := put(t, n, w, dossier.HandedOver), put(t, n, w, dossier.Supplement)
	run := func(c interface {
		Run(ctx context.Context, p node.Program) error
	},
	) (out, errw string, err error) {
		var o, e bytes.Buffer
		err = c.Run(t.Context(), program(t, w, &o, &e))
		return o.String(), e.String(), err
	}
	flags := database{DB: url, Purpose: "Kiểm tra định kỳ", JSON: true, Lang: node.Lang{Lang: "vi"}}

	out, errw, err := run(listCommand{database: flags})
	var list struct {
		Dossiers []map[string]any `json:"dossiers"`
	}
	if err != nil || errw != "" || json.Unmarshal([]byte(out), &list) != nil || len(list.Dossiers) != 2 {
		t.Fatalf("list: %s%s%v", out, errw, err)
	}
	if first := list.Dossiers[0]; first["code"] != open.Code || first["status"] != 5.0 || first["due"] != nil || first["effect"] != nil ||
		!strings.HasSuffix(first["submitted"].(string), "+07:00") {
		t.Errorf("what waits for the citizen comes first: %v", first)
	}
	for name, c := range map[string]listCommand{
		"status": {database: flags, Status: 10}, "agency": {database: flags, Agency: done.Competent, Status: 10},
		"procedure": {database: flags, Procedure: done.Procedure, Status: 10},
	} {
		if out, _, err := run(c); err != nil || !strings.Contains(out, done.Code) || strings.Contains(out, open.Code) {
			t.Errorf("%s: %s, %v", name, out, err)
		}
	}
	if out, _, err := run(listCommand{database: flags, Agency: "H26"}); err != nil || strings.TrimSpace(out) != `{"dossiers":[]}` {
		t.Errorf("of another agency: %s, %v", out, err)
	}

	out, errw, err = run(showCommand{database: flags, Code: strings.ToLower(done.Code)})
	var shown map[string]any
	if err != nil || errw != "" || json.Unmarshal([]byte(out), &shown) != nil {
		t.Fatalf("show: %s%s%v", out, errw, err)
	}
	if shown["code"] != done.Code || shown["status"] != 10.0 || shown["filled"].(float64) < 16 || shown["available"].(float64) < shown["filled"].(float64) ||
		shown["asked"].(float64) < 1 || len(shown["papers"].([]any)) == 0 || len(shown["actions"].([]any)) != done.Version {
		t.Errorf("show: %s", out)
	}
	for _, secret := range []string{dossiertest.MotherNumber, done.Answers["child.name"].Value.Text} {
		if strings.Contains(out, secret) {
			t.Errorf("an answer of the form is printed: %s", secret)
		}
	}
	if out, _, err := run(showCommand{database: database{DB: url, Purpose: "x", Lang: node.Lang{Lang: "vi"}}, Code: done.Code}); err != nil ||
		!strings.Contains(out, done.Code) || strings.Contains(out, "dossier.") {
		t.Errorf("in words: %s, %v", out, err)
	}
	_, _, err = run(showCommand{database: flags, Code: "H55-20261121-9999999"})
	if f := fault.As(err); f == nil || f.Kind != fault.NotFound {
		t.Errorf("an unknown code: %v", err)
	}
	var usage node.UsageError
	blank := flags
	blank.Purpose = " "
	if _, _, err := run(showCommand{database: blank, Code: done.Code}); !errors.As(err, &usage) {
		t.Errorf("without a purpose: %v", err)
	}
	if _, _, err := run(listCommand{database: flags, Status: 11}); !errors.As(err, &usage) {
		t.Errorf("a status that is none: %v", err)
	}
	looks, err := n.store.Looks(t.Context(), done.ID, 100)
	if err != nil || len(looks) != 6 || looks[1].Purpose != flags.Purpose || !strings.HasPrefix(looks[1].By, "os:") {
		t.Errorf("looks: %+v, %v", looks, err)
	}
	for _, c := range dossiersql.Chains(n.base.DB) {
		if got, err := c.Check(t.Context(), ledger.Checks{}); err != nil || got.State != ledger.Whole {
			t.Errorf("%s: %+v, %v", c.Name(), got, err)
		}
	}
	// Somebody changes a dossier behind the program's back.
	if _, err := sqldb.Exec(t.Context(), n.base.DB, `UPDATE dossier SET status = 9 WHERE code = $1`, done.Code); err != nil {
		t.Fatal(err)
	}
	got, err := dossiersql.Chains(n.base.DB)[0].Check(t.Context(), ledger.Checks{})
	if err != nil || got.State != ledger.Changed || got.Args["code"] != done.Code {
		t.Errorf("a changed status: %+v, %v", got, err)
	}
}

// driven is a world on the node's own database, by its clock.
func driven(n *Node, w *dossiertest.World) *dossiertest.World {
	out := dossiertest.NewOn(n.store)
	out.Clock, out.Parts.Clock = w.Clock, w.Clock
	n.service = out.Service
	return out
}

// TestRegisterAway: a decision waits for the register, says so, and is told when it is back;
// meanwhile nothing is lost and the pauses grow.
func TestRegisterAway(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	n, w, _ := opened(t)
	other := driven(n, w)
	d, err := other.To(ctx, dossier.InProcess)
	if err != nil {
		t.Fatal(err)
	}
	other.Register.Away = true
	for _, step := range []func() error{
		func() error { return other.Act(ctx, dossiertest.Reviewer, &d, dossier.Propose, dossier.Said{}) },
		func() error { return other.Act(ctx, dossiertest.Leader, &d, dossier.Approve, dossier.Said{}) },
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	work(t, n)
	state := func() dossier.Dossier {
		t.Helper()
		got, err := n.store.Dossier(ctx, d.ID)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := state(); got.Status != dossier.InProcess || got.Effect.State != dossier.EffectWaiting || got.Effect.Error != "dossier.effect.away" {
		t.Fatalf("the register is away: %+v", got.Effect)
	}
	pause := reportFirst
	for range 3 {
		pause = n.reportOnce(ctx, pause)
	}
	if pause != 8*reportFirst {
		t.Errorf("after three tries in vain the pause is %s", pause)
	}
	if got := n.reportOnce(ctx, reportMost); got != reportMost {
		t.Errorf("the pause grows to %s", got)
	}
	if got := state(); got.Effect.Tries < 3 {
		t.Errorf("it was tried %d times", got.Effect.Tries)
	}
	w.Clock.Pass(2 * time.Hour)
	if got := n.doctor(ctx, health.Full); got[0].Level != health.Warning || got[0].Args["n"] != 1 {
		t.Errorf("the doctor says %+v", got)
	}
	other.Register.Away = false
	if got := n.reportOnce(ctx, pause); got != reportFirst {
		t.Errorf("after it is back the pause is %s", got)
	}
	if got := state(); got.Status != dossier.Done || got.Effect.State != dossier.EffectDone || got.Effect.Number == "" {
		t.Errorf("it is back: status %d, %+v", got.Status, got.Effect)
	}
	if len(other.Register.Events) != 1 {
		t.Errorf("it was told %d times", len(other.Register.Events))
	}
	if got := n.doctor(ctx, health.Full); got[0].Level != health.Fine {
		t.Errorf("the doctor says %+v", got)
	}
	work(t, n)
}

// work runs the queued jobs until none is left.
func work(t *testing.T, n *Node) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r := jobs.Runner{DB: n.base.DB, Log: slog.New(slog.DiscardHandler), Handlers: n.jobs(), Poll: 5 * time.Millisecond, Workers: 1}
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		left, err := sqldb.One[int](t.Context(), n.base.DB, `SELECT COUNT(*) FROM job WHERE state IN ('queued', 'running')`)
		if err != nil {
			t.Fatal(err)
		}
		if left == 0 {
			break
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	dead, err := sqldb.All[string](t.Context(), n.base.DB, `SELECT kind || ': ' || error FROM job WHERE state <> 'done'`)
	if err != nil || len(dead) > 0 {
		t.Errorf("jobs that are not done: %v, %v", dead, err)
	}
}

// TestJobs: old forms go, those of today stay; the calendar's change is a job; warnings are
// given once.
func TestJobs(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	n, w, _ := opened(t)
	other := driven(n, w)
	old, err := other.Start(ctx, dossiertest.Mother, dossier.Starting{Procedure: dossiertest.Birth, Channel: dossier.Online})
	if err != nil {
		t.Fatal(err)
	}
	d, err := other.To(ctx, dossier.Received)
	if err != nil {
		t.Fatal(err)
	}
	work(t, n)
	w.Clock.Pass(keepDrafts + time.Hour)
	fresh, err := other.Start(ctx, dossiertest.Mother, dossier.Starting{Procedure: dossiertest.Birth, Channel: dossier.Online})
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{sweepKind, warnKind, warnKind} {
		if _, err := jobs.Enqueue(ctx, n.base.DB, kind, struct{}{}, jobs.Options{}); err != nil {
			t.Fatal(err)
		}
	}
	if err := n.base.DB.InTx(ctx, func(tx *sqldb.Tx) error { return n.CalendarChanged(ctx, tx, 2) }); err != nil {
		t.Fatal(err)
	}
	work(t, n)
	if _, err := n.store.Draft(ctx, old.ID); fault.Of(err) != fault.NotFound {
		t.Errorf("an old form: %v", err)
	}
	if _, err := n.store.Draft(ctx, fresh.ID); err != nil {
		t.Errorf("a new form: %v", err)
	}
	acts, err := n.store.Actions(ctx, d.ID)
	if err != nil {
		t.Fatal(err)
	}
	warned := 0
	for _, a := range acts {
		if a.Verb == dossier.Warned {
			warned++
		}
	}
	if got, err := n.store.Dossier(ctx, d.ID); err != nil || got.Warned != 3 || warned != 1 {
		t.Errorf("long overdue: warned %d, by %d actions, %v", got.Warned, warned, err)
	}
}

// TestWaiting: what waits for whom.
func TestWaiting(t *testing.T) {
	t.Parallel()
	n, w, _ := opened(t)
	other := driven(n, w)
	for _, s := range []dossier.Status{dossier.New, dossier.Supplement} {
		if _, err := other.To(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	got, err := n.waiting(t.Context(), dossiertest.Desk)
	if err != nil || len(got) != 1 || got[0].Count != 1 || got[0].Key != "work.dossier.duty" {
		t.Errorf("at the desk: %+v, %v", got, err)
	}
	got, err = n.waiting(t.Context(), dossiertest.Mother)
	if err != nil || len(got) != 1 || got[0].Count != 1 || got[0].Key != "work.dossier.asked" {
		t.Errorf("the applicant: %+v, %v", got, err)
	}
	if got, err := n.waiting(t.Context(), dossiertest.Idle); err != nil || len(got) != 0 {
		t.Errorf("an officer without a position: %+v, %v", got, err)
	}
}

// TestSettings: what is set is read, and what cannot be is named.
func TestSettings(t *testing.T) {
	t.Parallel()
	c := Section.New().(*Config)
	c.Units = []string{"H55.C05443 = H55.12"}
	c.Outages = []string{"2026-12-05T22:00/2026-12-06T04:00 Nâng cấp hệ thống | System upgrade", "2026-12-08T01:00/2026-12-08T02:00 Bảo trì"}
	c.Online = false
	s := c.settings("H55")
	if s.Units["H55.C05443"] != "H55.12" || s.Online || s.Province != "H55" || s.Warn.String() != "1 working_day" || len(s.Outages) != 2 ||
		s.Outages[0].Text.En != "System upgrade" || s.Outages[1].Text.En != "Bảo trì" ||
		!s.Outages[0].From.Equal(time.Date(2026, 12, 5, 22, 0, 0, 0, clock.Zone)) {
		t.Errorf("%+v", s)
	}
	for _, bad := range []string{"", "H55", "=H55.12", "H55.C05443=", "H55.C05443=h55.12", "H55.C05443=H55-12"} {
		if _, _, ok := parseUnit(bad); ok {
			t.Errorf("unit %q is read", bad)
		}
	}
	for _, bad := range []string{
		"", "Bảo trì", "2026-12-05T22:00 Bảo trì", "2026-12-05T22:00/2026-12-05T22:00 Bảo trì", "2026-12-06T22:00/2026-12-05T22:00 Bảo trì",
		"2026-12-05T22:00/2026-12-06T04:00", "2026-02-30T22:00/2026-12-06T04:00 Bảo trì",
	} {
		if _, ok := parseOutage(bad); ok {
			t.Errorf("outage %q is read", bad)
		}
	}
	if _, err := node.Catalogue([]node.Module{New(Needs{}).Module()}); err != nil {
		t.Error(err)
	}
}
