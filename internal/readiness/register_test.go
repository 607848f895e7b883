package readiness_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinesssql"
)

// office is a register with a small country, whose forms are JSON.
type office struct {
	*testing.T
	*readiness.Register
	store  *readinesssql.Store
	papers *shelf
}

var (
	coordinator = readiness.Actor{Account: "dieuphoi", Roles: []readiness.Role{readiness.Coordinator}}
	reviewer    = readiness.Actor{Account: "soat", Roles: []readiness.Role{readiness.Reviewer}}
	leader      = readiness.Actor{Account: "lanhdao", Roles: []readiness.Role{readiness.Leader}}
	focal       = readiness.Actor{Account: "daumoi", Agency: "H55", Roles: []readiness.Role{readiness.FocalPoint}}
	elsewhere   = readiness.Actor{Account: "noikhac", Agency: "H04", Roles: []readiness.Role{readiness.FocalPoint}}

	country = []readiness.Agency{
		{Code: "G15", Name: "Bộ Tư pháp", Kind: readiness.Ministry},
		{Code: "H04", Name: "UBND tỉnh Bạc Liêu", Kind: readiness.Province},
		{Code: "H55", Name: "UBND tỉnh Thái Nguyên", Kind: readiness.Province},
	}
)

// agencies are the country; every letter of a name finds it, one match is sure.
type agencies struct{}

func (agencies) Find(text string, _ clock.Date) (found []readiness.Agency, sure bool) {
	for _, a := range country {
		if text != "" && strings.Contains(a.Name, text) {
			found = append(found, a)
		}
	}
	return found, len(found) == 1
}

func (agencies) Agency(code string, _ clock.Date) (readiness.Agency, bool) {
	i := slices.IndexFunc(country, func(a readiness.Agency) bool { return strings.EqualFold(a.Code, code) })
	if i < 0 {
		return readiness.Agency{}, false
	}
	return country[i], true
}

func (agencies) Of(kinds []string, _ clock.Date) (out []readiness.Agency) {
	for _, a := range country {
		if slices.Contains(kinds, a.Kind) {
			out = append(out, a)
		}
	}
	return out
}

func (agencies) Geography(_, _ clock.Date) readiness.Geography { return nil }

// jsonForms reads a return that is JSON.
type jsonForms struct{}

func (jsonForms) Read(_ *readiness.Template, name string, r io.ReaderAt, size int64) (ret readiness.Return, problems []readiness.Problem, err error) {
	raw := make([]byte, size)
	if _, err := r.ReadAt(raw, 0); err != nil && err != io.EOF {
		return ret, nil, err
	}
	if string(raw) == "panic" {
		panic("a reader's own mistake")
	}
	if json.Unmarshal(raw, &ret) != nil {
		return ret, nil, fault.New(fault.Invalid, "readiness.file.damaged", fault.Args{"file": name})
	}
	return ret, nil, nil
}

// shelf keeps papers in memory.
type shelf struct {
	mu   sync.Mutex
	kept map[string][]byte
}

func (s *shelf) Put(_ context.Context, content []byte) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := sha256.Sum256(content)
	key := hex.EncodeToString(h[:])
	s.kept[key] = content
	return key, nil
}

func (s *shelf) Get(_ context.Context, f readiness.FileRef) ([]byte, error) {
	return s.kept[f.SHA256], nil
}

// ticking is a clock that goes on by a minute each time it is read.
type ticking struct{ n atomic.Int64 }

func (c *ticking) Now() time.Time {
	return time.Date(2023, 2, 20, 1, 0, 0, 0, time.UTC).Add(time.Duration(c.n.Add(1)) * time.Minute)
}

func newOffice(t *testing.T, db *sqldb.DB) office {
	t.Helper()
	ctx := context.Background()
	for _, migrate := range []func(context.Context, *sqldb.DB) error{audit.Migrate, readinesssql.Migrate} {
		if err := migrate(ctx, db); err != nil {
			t.Fatal(err)
		}
	}
	o := office{T: t, store: readinesssql.New(db), papers: &shelf{kept: map[string][]byte{}}}
	o.Register = readiness.New(readiness.Parts{
		Store: o.store, Agencies: agencies{}, Papers: o.papers, Word: jsonForms{}, Excel: jsonForms{},
		Clock: &ticking{}, NewID: sqldb.NewID,
	})
	raw, err := os.ReadFile("../../data/readiness/template-488.v1.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := o.Install(ctx, raw); err != nil {
		t.Fatal(err)
	}
	raw, err = os.ReadFile("../../data/readiness/campaigns.json")
	if err != nil {
		t.Fatal(err)
	}
	campaigns, err := readiness.LoadCampaigns(raw)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range campaigns {
		c.Recipients = readiness.RecipientSet{On: c.Recipients.On, Agencies: []string{"G15", "H04", "H55"}}
		if err := o.OpenCampaign(ctx, coordinator, c); err != nil {
			t.Fatal(err)
		}
	}
	return o
}

// whole is a return without a problem, told apart by its note.
func whole(t *testing.T, note string) readiness.Return {
	t.Helper()
	ret := sample(t, "2022")["ubnd-tinh-thai-nguyen.docx"].Clone()
	ret.Heading, ret.Difficulties = "UBND tỉnh Thái Nguyên", []string{note}
	return ret
}

func file(name string, ret readiness.Return) readiness.File {
	raw, err := json.Marshal(ret)
	if err != nil {
		panic(err)
	}
	return readiness.File{Name: name, Size: int64(len(raw)), Content: raw}
}

func (o office) takeIn(files ...readiness.File) []readiness.BatchItem {
	o.Helper()
	var items []readiness.BatchItem
	batch, err := o.Import(context.Background(), coordinator, readiness.Batch{Campaign: "488"}, slices.Values(files), func(i readiness.BatchItem) { items = append(items, i) })
	if err != nil {
		o.Fatal(err)
	}
	if batch.Finished.IsZero() || batch.Done != len(files) || batch.Total != len(files) {
		o.Errorf("batch of %d files: %+v", len(files), batch)
	}
	return items
}

func (o office) now(agency string) readiness.Record {
	o.Helper()
	rec, err := o.Record(context.Background(), "488", agency)
	if err != nil {
		o.Fatal(err)
	}
	return rec
}

func (o office) want(rec readiness.Record, state readiness.State, versions int) {
	o.Helper()
	if rec.State() != state || len(rec.Versions) != versions {
		o.Errorf("%s with %d versions, want %s with %d", rec.State(), len(rec.Versions), state, versions)
	}
}

// reasons gives those of an item's problems, without their common part.
func reasons(i readiness.BatchItem) string {
	var out []string
	for _, p := range i.Problems {
		if p.Severity != readiness.Notes || p.Reason == "readiness.problem.same_again" {
			out = append(out, p.Reason[strings.LastIndex(p.Reason, ".")+1:])
		}
	}
	return strings.Join(out, " ")
}

func onSQLite(t *testing.T) office {
	t.Helper()
	return newOffice(t, sqldbtest.OpenSQLite(t))
}

// Each use case is refused to those who may not, before it does anything.
func TestEachUseCaseAsksWhoActs(t *testing.T) {
	t.Parallel()
	o := onSQLite(t)
	ctx := context.Background()
	nobody := readiness.Actor{}
	keep := func(r readiness.Return) readiness.Return { return r }
	none := slices.Values([]readiness.File(nil))
	cases := map[string]struct {
		do    func(a readiness.Actor) error
		names string // those who may, by account
	}{
		"look": {func(a readiness.Actor) error { _, err := o.Look(ctx, a, "488", "H55"); return err }, "daumoi dieuphoi lanhdao soat"},
		"save": {func(a readiness.Actor) error {
			_, err := o.Save(ctx, a, "488", "H55", readiness.Return{}, 9)
			return err
		}, "daumoi"},
		"start": {func(a readiness.Actor) error {
			_, err := o.Start(ctx, a, "488", "H55", readiness.FromLast)
			return err
		}, "daumoi"},
		"edit": {func(a readiness.Actor) error {
			_, err := o.Edit(ctx, a, "488", "H55", readiness.Edit{Revision: 9, Apply: keep})
			return err
		}, "daumoi"},
		"read file": {func(a readiness.Actor) error {
			_, _, err := o.ReadFile(ctx, a, "488", "H55", readiness.File{Content: []byte("x")})
			return err
		}, "daumoi"},
		"submit": {func(a readiness.Actor) error { _, err := o.Submit(ctx, a, "488", "H55", 9); return err }, "daumoi"},
		"submit whole": {func(a readiness.Actor) error {
			_, err := o.SubmitReturn(ctx, a, "488", "H55", readiness.Return{}, readiness.ByAPI)
			return err
		}, "daumoi"},
		"withdraw":  {func(a readiness.Actor) error { _, err := o.Withdraw(ctx, a, "488", "H55", "x"); return err }, "daumoi"},
		"send back": {func(a readiness.Actor) error { _, err := o.SendBack(ctx, a, "488", "H55", 1, nil); return err }, "dieuphoi soat"},
		"accept":    {func(a readiness.Actor) error { _, err := o.Accept(ctx, a, "488", "H55", 1); return err }, "dieuphoi soat"},
		"resolve":   {func(a readiness.Actor) error { _, err := o.Resolve(ctx, a, "488", "H55", 1, keep, nil); return err }, "dieuphoi soat"},
		"reopen":    {func(a readiness.Actor) error { _, err := o.Reopen(ctx, a, "488", "H55", "x"); return err }, "dieuphoi"},
		"import": {func(a readiness.Actor) error {
			_, err := o.Import(ctx, a, readiness.Batch{Campaign: "488"}, none, nil)
			return err
		}, "dieuphoi"},
		"decide item": {func(a readiness.Actor) error {
			_, err := o.DecideItem(ctx, a, "none", readiness.TakeIn, "H55")
			return err
		}, "dieuphoi"},
		"open campaign": {func(a readiness.Actor) error { return o.OpenCampaign(ctx, a, readiness.Campaign{}) }, "dieuphoi"},
		"add template":  {func(a readiness.Actor) error { _, err := o.AddTemplate(ctx, a, []byte("{}")); return err }, "dieuphoi"},
		"contacts":      {func(a readiness.Actor) error { _, err := o.RevealContacts(ctx, a, "488"); return err }, "dieuphoi soat"},
		"remind": {func(a readiness.Actor) error {
			_, err := o.Remind(ctx, a, "488", "H55", "x", "email", func(readiness.Tx) error { return nil })
			return err
		}, "dieuphoi"},
		"chased": {func(a readiness.Actor) error { _, err := o.Chased(ctx, a, "488", clock.Date{}); return err }, "dieuphoi lanhdao soat"},
		"board": {func(a readiness.Actor) error {
			_, err := o.Board(ctx, a, readiness.Question{Campaign: "488"})
			return err
		}, "dieuphoi lanhdao soat"},
		"history": {func(a readiness.Actor) error {
			_, err := o.History(ctx, a, readiness.Question{Campaign: "488"})
			return err
		}, "dieuphoi lanhdao soat"},
	}
	for name, c := range cases {
		var may []string
		for _, a := range []readiness.Actor{focal, coordinator, leader, reviewer, elsewhere, nobody} {
			err := c.do(a)
			f := fault.As(err)
			if refused := f != nil && strings.HasPrefix(f.Key, "readiness.denied."); !refused {
				may = append(may, a.Account)
			}
			if a.Account == "" && fault.Of(err) != fault.Unsigned {
				t.Errorf("%s by nobody: %v", name, err)
			}
		}
		if got := strings.Join(may, " "); got != c.names {
			t.Errorf("%s: done by %q, want %q", name, got, c.names)
		}
	}
	if got := o.now("H55"); got.State() != readiness.NotStarted {
		t.Errorf("the return is %s after refusals", got.State())
	}
}

func TestAReturnFromDraftToAcceptance(t *testing.T) {
	t.Parallel()
	o := onSQLite(t)
	ctx := context.Background()
	conflict := func(what string, err error) {
		t.Helper()
		if fault.Of(err) != fault.Conflict {
			t.Errorf("%s: %v, want conflict", what, err)
		}
	}
	must := func(rec readiness.Record, err error) readiness.Record {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return rec
	}
	rec := must(o.Save(ctx, focal, "488", "H55", whole(t, "một"), 0))
	_, err := o.Save(ctx, focal, "488", "H55", whole(t, "khác"), 0)
	conflict("a save of a revision that is gone", err)
	v, err := o.Look(ctx, coordinator, "488", "H55")
	if err != nil || v.Record.Draft != nil {
		t.Errorf("the coordinator sees the draft: %v, %v", v.Record.Draft, err)
	}
	o.want(must(o.Submit(ctx, focal, "488", "H55", rec.Draft.Revision)), readiness.Submitted, 1)
	_, err = o.Submit(ctx, focal, "488", "H55", rec.Draft.Revision)
	conflict("a second click on submit", err)
	_, err = o.Save(ctx, focal, "488", "H55", whole(t, "hai"), 0)
	conflict("a draft of what is with the coordinator", err)

	_, err = o.SendBack(ctx, reviewer, "488", "H55", 1, []readiness.Comment{{Text: ""}})
	if fault.Of(err) != fault.Invalid {
		t.Errorf("sent back without a comment: %v", err)
	}
	o.want(must(o.SendBack(ctx, reviewer, "488", "H55", 1, []readiness.Comment{{Field: "row.3", Text: "Ghi rõ số thiết bị"}})), readiness.SentBack, 1)
	_, err = o.Accept(ctx, reviewer, "488", "H55", 1)
	conflict("accepting what was sent back", err)
	rec = must(o.Start(ctx, focal, "488", "H55", readiness.FromBlank))
	if rec.Draft == nil || rec.Draft.Base != 1 || rec.Draft.Return.Difficulties[0] != "một" {
		t.Errorf("the draft does not go on from what came back: %+v", rec.Draft)
	}
	rec = must(o.Save(ctx, focal, "488", "H55", whole(t, "hai"), rec.Draft.Revision))
	o.want(must(o.Submit(ctx, focal, "488", "H55", rec.Draft.Revision)), readiness.Submitted, 2)
	_, err = o.Accept(ctx, reviewer, "488", "H55", 1)
	conflict("accepting an earlier version", err)
	o.want(must(o.Accept(ctx, reviewer, "488", "H55", 2)), readiness.Accepted, 2)
	_, err = o.Accept(ctx, reviewer, "488", "H55", 2)
	conflict("a second click on accept", err)
	_, err = o.Withdraw(ctx, focal, "488", "H55", "")
	conflict("withdrawing what was accepted", err)

	before, err := o.Figures(ctx, readiness.Question{Campaign: "488"})
	if err != nil {
		t.Fatal(err)
	}
	o.want(must(o.Reopen(ctx, coordinator, "488", "H55", "nhầm")), readiness.Submitted, 2)
	after, err := o.Figures(ctx, readiness.Question{Campaign: "488"})
	if err != nil {
		t.Fatal(err)
	}
	if len(before.Provinces.Answered) != 1 || len(after.Provinces.Answered) != 0 {
		t.Errorf("answered %d while accepted, %d after: the figures do not follow", len(before.Provinces.Answered), len(after.Provinces.Answered))
	}
	o.want(must(o.Withdraw(ctx, focal, "488", "H55", "")), readiness.Withdrawn, 2)
	o.want(must(o.SubmitReturn(ctx, focal, "488", "H55", whole(t, "ba"), readiness.ByAPI)), readiness.Submitted, 3)

	bad := whole(t, "bốn")
	bad.Contact.Email = "không phải"
	_, err = o.SubmitReturn(ctx, elsewhere, "488", "H04", bad, readiness.ByAPI)
	var list fault.List
	if fault.Of(err) != fault.Invalid || !asList(err, &list) || list[0].Field != "contact.email" {
		t.Errorf("a bad address: %v", err)
	}
	o.want(o.now("H04"), readiness.NotStarted, 0)
}

func asList(err error, to *fault.List) bool {
	return errors.As(err, to)
}

func TestResolving(t *testing.T) {
	t.Parallel()
	o := onSQLite(t)
	ctx := context.Background()
	ret := whole(t, "một")
	i := slices.IndexFunc(ret.Answers, func(a readiness.Answer) bool { return a.Row == "2" })
	ret.Answers[i].Compliance = ""
	ret.Answers[i].Readings = map[string]readiness.Reading{readiness.ColCompliance: {Raw: "đang xem", Reason: "readiness.problem.no_option"}}
	items := o.takeIn(file("a.docx", ret))
	if items[0].Status != readiness.ItemNeedsReview || items[0].Version != 1 || reasons(items[0]) != "no_option" {
		t.Fatalf("item %+v", items[0])
	}
	if _, err := o.Accept(ctx, reviewer, "488", "H55", 1); fault.Of(err) != fault.Conflict {
		t.Errorf("accepted with an open problem: %v", err)
	}
	rec, err := o.Resolve(ctx, reviewer, "488", "H55", 1, func(r readiness.Return) readiness.Return {
		reading := r.Answers[i].Readings[readiness.ColCompliance]
		reading.ResolvedBy = reviewer.Account
		r.Answers[i].Compliance, r.Answers[i].Readings[readiness.ColCompliance] = "not_met", reading
		return r
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	o.want(rec, readiness.Submitted, 2)
	if first := o.now("H55").Versions[0]; first.Return.Answers[i].Compliance != "" || len(first.Problems) == 0 {
		t.Error("the first version was rewritten")
	}
	if got := rec.Versions[1]; got.File.SHA256 != rec.Versions[0].File.SHA256 || readiness.Open(got.Problems) != 0 {
		t.Errorf("the second version: file %v, %d open problems", got.File, readiness.Open(got.Problems))
	}
	if _, err := o.Resolve(ctx, reviewer, "488", "H55", 1, func(r readiness.Return) readiness.Return { return r }, nil); fault.Of(err) != fault.Conflict {
		t.Errorf("resolved a version that was replaced: %v", err)
	}
	if _, err := o.Accept(ctx, reviewer, "488", "H55", 2); err != nil {
		t.Error(err)
	}
}

// What becomes of a file, by where its agency's return stands.
func TestImportWhereSomethingIsThere(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	one, two := "một", "hai"
	for name, c := range map[string]struct {
		before  func(o office) error
		note    string
		status  readiness.ItemStatus
		reasons string
		state   readiness.State
		n       int // versions afterwards
	}{
		"nothing there":             {nil, one, readiness.ItemAccepted, "", readiness.Accepted, 1},
		"the same, accepted":        {func(o office) error { o.takeIn(file("a.docx", whole(o.T, one))); return nil }, one, readiness.ItemAccepted, "same_again", readiness.Accepted, 1},
		"another, accepted":         {func(o office) error { o.takeIn(file("a.docx", whole(o.T, one))); return nil }, two, readiness.ItemNeedsReview, "second_return", readiness.Accepted, 1},
		"another, submitted on web": {func(o office) error { return webbed(o) }, two, readiness.ItemNeedsReview, "second_return", readiness.Submitted, 1},
		"another, withdrawn": {func(o office) error {
			if err := webbed(o); err != nil {
				return err
			}
			_, err := o.Withdraw(ctx, focal, "488", "H55", "")
			return err
		}, two, readiness.ItemAccepted, "", readiness.Accepted, 2},
		"the same, sent back":   {func(o office) error { return sentBack(o, one) }, one, readiness.ItemNeedsReview, "came_back", readiness.SentBack, 1},
		"another, sent back":    {func(o office) error { return sentBack(o, one) }, two, readiness.ItemAccepted, "", readiness.Accepted, 2},
		"the agency is writing": {func(o office) error { _, err := o.Save(ctx, focal, "488", "H55", whole(o.T, "nháp"), 0); return err }, one, readiness.ItemNeedsReview, "draft_open", readiness.Drafted, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := onSQLite(t)
			if c.before != nil {
				if err := c.before(o); err != nil {
					t.Fatal(err)
				}
			}
			item := o.takeIn(file("a.docx", whole(t, c.note)))[0]
			if item.Status != c.status || reasons(item) != c.reasons {
				t.Errorf("%s for %q, want %s for %q", item.Status, reasons(item), c.status, c.reasons)
			}
			o.want(o.now("H55"), c.state, c.n)
			if !item.Open() {
				return
			}
			// A person takes it in; the second who decides is told so.
			if _, err := o.DecideItem(ctx, coordinator, item.ID, readiness.TakeIn, "H55"); err != nil {
				t.Fatal(err)
			}
			o.want(o.now("H55"), readiness.Accepted, c.n+1)
			for _, d := range []readiness.Decision{readiness.TakeIn, readiness.Discard} {
				if _, err := o.DecideItem(ctx, coordinator, item.ID, d, "H55"); fault.Of(err) != fault.Conflict {
					t.Errorf("%s again: %v", d, err)
				}
			}
			if open, err := o.OpenItems(ctx, "488"); err != nil || len(open) > 0 {
				t.Errorf("%d items still open, %v", len(open), err)
			}
		})
	}
}

func webbed(o office) error {
	_, err := o.SubmitReturn(context.Background(), focal, "488", "H55", whole(o.T, "web"), readiness.ByWeb)
	return err
}

func sentBack(o office, note string) error {
	ctx := context.Background()
	o.takeIn(file("a.docx", whole(o.T, note)))
	if _, err := o.Reopen(ctx, coordinator, "488", "H55", "xem lại"); err != nil {
		return err
	}
	_, err := o.SendBack(ctx, reviewer, "488", "H55", 1, []readiness.Comment{{Text: "Sửa"}})
	return err
}

func TestImportWhoseFile(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	o := onSQLite(t)
	from := func(heading, code, campaign string) readiness.File {
		ret := whole(t, heading+code+campaign)
		ret.Heading, ret.Agency, ret.Campaign = heading, code, campaign
		return file(heading+code+".xlsx", ret)
	}
	items := o.takeIn(
		from("Bộ Không Có", "", ""), from("UBND", "", ""), from("", "", ""),
		from("Bộ Tư pháp", "H55", ""), from("UBND tỉnh Thái Nguyên", "H55", "1877"), from("Bộ Tư pháp", "ZZ", ""),
		readiness.File{Name: "x.docx", Content: []byte("{")}, readiness.File{Name: "p.docx", Content: []byte("panic")},
	)
	want := []string{"agency_unknown", "agency_ambiguous", "agency_missing", "agency_differs", "other_campaign", "", "damaged", "unreadable"}
	for i, item := range items {
		if got := reasons(item); got != want[i] {
			t.Errorf("%s: %q, want %q", item.File.Name, got, want[i])
		}
		if len(o.papers.kept[item.File.SHA256]) == 0 {
			t.Errorf("%s is not kept", item.File.Name)
		}
		if held := i < 5; item.Open() != held {
			t.Errorf("%s waits for a person: %v, want %v", item.File.Name, item.Open(), held)
		}
	}
	if got := items[1].Problems[0].Args["names"]; got != "UBND tỉnh Bạc Liêu, UBND tỉnh Thái Nguyên" {
		t.Errorf("the choice is %q", got)
	}
	for name, c := range map[string]struct {
		d      readiness.Decision
		agency string
		want   fault.Kind
	}{
		"no such decision": {"burn", "H55", fault.Invalid},
		"no such agency":   {readiness.TakeIn, "Z9", fault.NotFound},
		"no agency":        {readiness.TakeIn, "", fault.NotFound},
	} {
		if _, err := o.DecideItem(ctx, coordinator, items[0].ID, c.d, c.agency); fault.Of(err) != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	if item, err := o.DecideItem(ctx, coordinator, items[0].ID, readiness.TakeIn, "H55"); err != nil || item.Status != readiness.ItemAccepted || item.Agency != "H55" || item.Version != 1 {
		t.Errorf("taken in: %+v, %v", item, err)
	}
	if item, err := o.DecideItem(ctx, coordinator, items[1].ID, readiness.Discard, ""); err != nil || item.Resolution != "discarded" || item.Held == nil {
		t.Errorf("set aside: %+v, %v", item, err)
	}
	o.want(o.now("H55"), readiness.Accepted, 1)
}

// Many who import the same files at once, and two who decide at once: one wins,
// the others find what was done; nothing is lost and nothing twice.
func TestAtOnce(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := context.Background()
		o := newOffice(t, db)
		var files []readiness.File
		for _, a := range country {
			ret := whole(t, a.Code)
			ret.Heading = a.Name
			if a.Kind == readiness.Ministry {
				ret.Answers = slices.DeleteFunc(ret.Answers, func(a readiness.Answer) bool { return a.Key == "4.3" })
			}
			files = append(files, file(a.Code+".docx", ret))
		}
		results := make([]map[string]int, 8)
		var wg sync.WaitGroup
		for i := range results {
			results[i] = map[string]int{}
			wg.Go(func() {
				if _, err := o.Import(ctx, coordinator, readiness.Batch{Campaign: "488"}, slices.Values(files), func(item readiness.BatchItem) {
					results[i][string(item.Status)+" "+reasons(item)]++
				}); err != nil {
					t.Errorf("import %d: %v", i, err)
				}
			})
		}
		wg.Wait()
		sum := map[string]int{}
		for _, r := range results {
			for k, n := range r {
				sum[k] += n
			}
		}
		if want := map[string]int{"accepted ": 3, "accepted same_again": 21}; !maps.Equal(sum, want) {
			t.Errorf("results %v, want %v", sum, want)
		}
		for _, a := range country {
			o.want(o.now(a.Code), readiness.Accepted, 1)
		}

		if err := sentBackAgain(o); err != nil {
			t.Fatal(err)
		}
		var won, refused atomic.Int64
		for i := range 4 {
			wg.Go(func() {
				var err error
				if i%2 == 0 {
					_, err = o.Accept(ctx, reviewer, "488", "H55", 2)
				} else {
					_, err = o.SendBack(ctx, coordinator, "488", "H55", 2, []readiness.Comment{{Text: "Sửa"}})
				}
				switch {
				case err == nil:
					won.Add(1)
				case fault.Of(err) == fault.Conflict:
					refused.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 || refused.Load() != 3 {
			t.Errorf("%d decided and %d were refused, want 1 and 3", won.Load(), refused.Load())
		}
		if _, err := audit.Verify(ctx, db); err != nil {
			t.Errorf("the audit log: %v", err)
		}
	})
}

func sentBackAgain(o office) error {
	ctx := context.Background()
	if _, err := o.Reopen(ctx, coordinator, "488", "H55", "x"); err != nil {
		return err
	}
	if _, err := o.SendBack(ctx, reviewer, "488", "H55", 1, []readiness.Comment{{Text: "x"}}); err != nil {
		return err
	}
	return webbed(o)
}

// An import that is killed leaves whole returns only; again, it goes on.
func TestKilledInTheMiddle(t *testing.T) {
	t.Parallel()
	o := onSQLite(t)
	ctx, kill := context.WithCancel(context.Background())
	defer kill()
	var files []readiness.File
	for i := range 100 {
		ret := whole(t, fmt.Sprint(i))
		if i != 70 {
			ret.Heading = fmt.Sprint("Cơ quan ", i)
		}
		files = append(files, file(fmt.Sprintf("%03d.docx", i), ret))
	}
	stored := 0
	_, err := o.Import(ctx, coordinator, readiness.Batch{Campaign: "488"}, slices.Values(files), func(readiness.BatchItem) {
		if stored++; stored == 10 {
			kill()
		}
	})
	if err == nil {
		t.Fatal("the import went on")
	}
	bg := context.Background()
	batches, err := o.Batches(bg, "488")
	if err != nil || len(batches) != 1 {
		t.Fatalf("%d batches, %v", len(batches), err)
	}
	items, err := o.BatchItems(bg, batches[0].ID)
	if err != nil || len(items) != batches[0].Done || len(items) == len(files) || len(items) < stored {
		t.Fatalf("%d items stored, %d told, batch %+v, %v", len(items), stored, batches[0], err)
	}
	again := o.takeIn(files...)
	if len(again) != len(files) {
		t.Errorf("%d results of %d files", len(again), len(files))
	}
	o.want(o.now("H55"), readiness.Accepted, 1)
}

// A leader reads returns, but nowhere the focal point's telephone or address.
func TestALeaderSeesNoContact(t *testing.T) {
	t.Parallel()
	o := onSQLite(t)
	ctx := context.Background()
	ret := whole(t, "một")
	ret.Contact.Phone, ret.Contact.Email = "0912 345 678", "bi-mat@so-mau"
	o.takeIn(file("a.docx", ret))
	for _, c := range []string{"488", "1877"} {
		v, err := o.Look(ctx, leader, c, "H55")
		if err != nil {
			t.Fatal(err)
		}
		seen, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{"345 678", "0912", "bi-mat"} {
			if strings.Contains(string(seen), secret) {
				t.Errorf("letter %s shows %q", c, secret)
			}
		}
	}
}
