package readinessnode_test

import (
	"bytes"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"dean06/data"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/node"
	"dean06/internal/platform/permit"
	"dean06/internal/platform/session"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/platform/web"
	"dean06/internal/readiness"
)

// Whatever the module brings has its name, and says who may have it.
func TestEverythingHasItsName(t *testing.T) {
	t.Parallel()
	o := openOn(t, sqldbtest.OpenSQLite(t), clock.System{})
	var keys []string
	for _, r := range o.module.Roles {
		keys = append(keys, "role."+r.Code)
	}
	for _, a := range o.module.Actions {
		keys = append(keys, "act."+a)
	}
	for kind := range o.part.Jobs {
		keys = append(keys, "job."+kind)
	}
	for _, s := range o.module.Scopes {
		keys = append(keys, "api.scope."+s)
	}
	for _, f := range o.part.Footer {
		keys = append(keys, f.Key)
	}
	for _, k := range readiness.WaitKinds {
		keys = append(keys, "readiness.waiting."+string(k))
	}
	var may []string
	for _, line := range o.module.Permissions {
		keys = append(keys, "readiness.may."+line.Action)
		may = append(may, line.Name())
	}
	for _, key := range append(keys, "nav.returns", "nav.office", "nav.board") {
		if !o.base.Messages.Has(key) {
			t.Errorf("there is no text %s", key)
		}
	}
	for _, r := range o.part.Routes {
		if r.May != "anyone" && !slices.Contains(may, r.May) {
			t.Errorf("%s: %q may have it, which no table names", r.Pattern, r.May)
		}
	}
	for _, h := range o.part.Handlers {
		if h.May != "anyone" && !slices.Contains(may, h.May) {
			t.Errorf("%s: %q may have it, which no table names", h.Pattern, h.May)
		}
	}
	for _, c := range o.module.Commands {
		for name, action := range c.May {
			i := slices.IndexFunc(o.module.Permissions, func(l permit.Line) bool { return l.Name() == action })
			if i < 0 || !o.module.Permissions[i].Command {
				t.Errorf("%s %s asks %s, which the command line may not", c.Name, name, action)
			}
		}
	}
}

// site answers requests as somebody.
func (o *opened) site() func(who actor.Actor, method, path string) *httptest.ResponseRecorder {
	rt := web.NewRouter(web.Config{Log: o.base.Log, Messages: o.base.Messages, Frame: o.base.Frame})
	rt.Mount(o.part.Routes...)
	h := rt.Handler()
	return func(who actor.Actor, method, path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(method, path, nil)
		h.ServeHTTP(w, r.WithContext(actor.With(r.Context(), who)))
		return w
	}
}

// Each has a home that they may enter, and what stands in their navigation opens.
func TestHomeAndNavigationOpen(t *testing.T) {
	t.Parallel()
	o := openOn(t, sqldbtest.OpenSQLite(t), clock.System{})
	do := o.site()
	p := o.base.Messages.In(i18n.Vi)
	for name, c := range map[string]struct {
		who  actor.Actor
		home string
		nav  string
	}{
		"coordinator":   {coordinator, "/office", "/office /board"},
		"leader":        {leader, "/board", "/board"},
		"focal point":   {focal, "/returns", "/returns"},
		"administrator": {actor.Actor{Account: "x", Roles: []string{readiness.Administrator}}, "", ""},
		"nobody":        {actor.Actor{}, "", ""},
	} {
		if got := o.part.Home(c.who); got != c.home {
			t.Errorf("%s is at home in %q, want %q", name, got, c.home)
		}
		var hrefs []string
		for _, i := range o.part.Nav(p, c.who) {
			hrefs = append(hrefs, i.Href)
			if code := do(c.who, "GET", i.Href).Code; code != http.StatusOK && code != http.StatusSeeOther {
				t.Errorf("%s gets %d at %s", name, code, i.Href)
			}
		}
		if got := strings.Join(hrefs, " "); got != c.nav {
			t.Errorf("%s is led to %q, want %q", name, got, c.nav)
		}
	}
}

// samplePaper is a return of Thái Nguyên to letter 488.
func samplePaper(t *testing.T) readiness.File {
	t.Helper()
	names, err := fs.Glob(data.Demo, "demo/appendix-488/round-2022/*.docx")
	if err != nil || len(names) == 0 {
		t.Fatal("no sample", err)
	}
	content, err := data.Demo.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	return readiness.File{Name: "phu-luc.docx", Size: int64(len(content)), Content: content}
}

// An upload is a batch and a job at once; a node that goes down before the job runs
// goes on when it is opened again. Who did it is shown by name.
func TestAnUploadGoesOnAfterARestart(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		o := openOn(t, db, clock.System{})
		who := o.person(t, "dieuphoi", "Nguyễn Thị Điều Phối", readiness.Coordinator)
		batch, err := o.Work().Import(ctx, who, "488", []readiness.File{samplePaper(t)})
		if err != nil {
			t.Fatal(err)
		}
		j, err := jobs.Get(ctx, db, batch)
		if err != nil || j.Kind != "readiness.import" || j.State != jobs.Queued {
			t.Fatalf("job %+v, %v", j, err)
		}
		again := openWith(t, db, clock.System{}, o.base.Files)
		if err := again.run(t, "readiness.import"); err != nil {
			t.Fatal(err)
		}
		b, items, err := again.Register().Batch(ctx, who, batch)
		if err != nil || b.Finished.IsZero() || len(items) != 1 || items[0].Status != readiness.ItemAccepted {
			t.Fatalf("batch %+v with %+v, %v", b, items, err)
		}
		page := again.site()(who, "GET", "/office/imports").Body.String()
		if !strings.Contains(page, who.Name) || strings.Contains(page, who.Account) {
			t.Error("the list of batches shows an id instead of a name")
		}
		review := again.site()(who, "GET", "/office/returns/488/"+items[0].Agency).Body.String()
		if !strings.Contains(review, who.Name) || strings.Contains(review, who.Account) {
			t.Error("the timeline shows an id instead of a name")
		}
		// What was stored before ids were is found by the login.
		if _, err := sqldb.Exec(ctx, db, `UPDATE readiness_batch SET account = $1`, who.Login); err != nil {
			t.Fatal(err)
		}
		if page := again.site()(who, "GET", "/office/imports").Body.String(); !strings.Contains(page, who.Name) {
			t.Error("who is stored by login is not found")
		}
	})
}

// person makes an account and gives who acts with it.
func (o *opened) person(t *testing.T, login, name, role string) actor.Actor {
	t.Helper()
	err := o.base.Sessions.Seed(t.Context(), session.SeedAccount{Password: "mat-khau-mau-2026", Draft: session.Draft{
		Login: login, Name: name, Email: login + "@dean06.example.vn", Roles: []string{role},
	}})
	if err != nil {
		t.Fatal(err)
	}
	id, err := sqldb.One[string](t.Context(), o.base.DB, `SELECT id FROM account WHERE login = $1`, login)
	if err != nil {
		t.Fatal(err)
	}
	return actor.Actor{Account: id, Login: login, Name: name, Roles: []string{role}, Via: actor.Password}
}

// The demo is loaded once for all that only looks at it.
func TestTheDemo(t *testing.T) {
	t.Parallel()
	o := demoOn(t, sqldbtest.OpenSQLite(t))
	t.Run("stands at its time", o.standsAtItsTime)
	t.Run("in the geography of 34 provinces", o.geographyOf34Provinces)
	t.Run("exported and taken in again", o.exportedAndTakenInAgain)
	t.Run("exports ask who acts", o.exportsAskWhoActs)
	t.Run("a reminder is queued once", o.aReminderIsQueuedOnce)
}

// A reminder goes to the agency's focal points and stands in the outbox in one
// transaction with its record; a second click sends none.
func (o *opened) aReminderIsQueuedOnce(t *testing.T) {
	ctx := t.Context()
	heads, err := o.Register().Heads(ctx, leader, "1877")
	if err != nil {
		t.Fatal(err)
	}
	reached := 0
	for _, h := range heads {
		if !readiness.Outstanding(h.State) {
			continue
		}
		fresh, err := o.Work().Remind(ctx, coordinator, "1877", h.Agency.Code, "+7")
		if fault.As(err) != nil && fault.As(err).Key == "readiness.chase.no_address" {
			continue
		}
		if err != nil || !fresh {
			t.Fatalf("remind %s: %v, %v", h.Agency.Code, fresh, err)
		}
		if again, err := o.Work().Remind(ctx, coordinator, "1877", h.Agency.Code, "+7"); err != nil || again {
			t.Errorf("remind %s again: %v, %v", h.Agency.Code, again, err)
		}
		reached++
	}
	queued, err := jobs.List(ctx, o.base.DB, jobs.Filter{Limit: 200})
	if err != nil || len(queued) != reached {
		t.Errorf("%d letters queued for %d reminders, %v", len(queued), reached, err)
	}
}

// The report and the forms are written for whoever may have them, as they were.
func (o *opened) exportsAskWhoActs(t *testing.T) {
	ctx := t.Context()
	q := readiness.Question{Campaign: "1877"}
	for _, who := range []actor.Actor{leader, shell} {
		f, err := o.Exports().Report(ctx, who, q, "docx", "vi")
		if err != nil || f.Name != "bao-cao-1877.docx" || !bytes.HasPrefix(f.Content, []byte("PK")) ||
			!strings.HasSuffix(f.MediaType, "wordprocessingml.document") {
			t.Errorf("report for %s: %s, %s, %v", who.Account, f.Name, f.MediaType, err)
		}
	}
	if _, err := o.Exports().Report(ctx, focal, q, "docx", "vi"); fault.Of(err) != fault.Denied {
		t.Errorf("report for a focal point: %v", err)
	}
	if _, err := o.Exports().Reminder(ctx, leader, "1877", "H55", "docx"); fault.Of(err) != fault.Denied {
		t.Errorf("reminder by a leader: %v", err)
	}
	if _, err := o.Exports().Letter(ctx, leader, "1877", "odt"); fault.Of(err) != fault.NotFound {
		t.Errorf("letter in a format that there is not: %v", err)
	}
	if _, err := o.ExportReturn(ctx, shell, "488", "H55", "pdf", "vi", true); err != nil {
		t.Errorf("blank form: %v", err)
	}
}

// Demo data stand at their time, whatever the node's clock says, and once.
func (o *opened) standsAtItsTime(t *testing.T) {
	ctx := t.Context()
	before, err := o.store.Counted(ctx, "488", time.Time{}, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range before {
		if c.Since.Year() != 2023 {
			t.Fatalf("%s counts since %s", c.Agency.Code, c.Since)
		}
	}
	revision, err := o.store.Revision(ctx, "488")
	if err != nil {
		t.Fatal(err)
	}
	if err := o.part.Demo(ctx, node.Demo{Rounds: true}); err != nil {
		t.Fatal(err)
	}
	if again, err := o.store.Revision(ctx, "488"); err != nil || again != revision {
		t.Errorf("a later start changed the round: %s, %s, %v", revision, again, err)
	}
}
