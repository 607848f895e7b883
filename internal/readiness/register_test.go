package readiness_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dean06/internal/platform/actor"
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
	clock  *ticking
}

var (
	coordinator = actor.Actor{Account: "dieuphoi", Roles: []string{readiness.Coordinator}}
	reviewer    = actor.Actor{Account: "soat", Roles: []string{readiness.Reviewer}}
	leader      = actor.Actor{Account: "lanhdao", Roles: []string{readiness.Leader}}
	focal       = actor.Actor{Account: "daumoi", Agency: "H55", Roles: []string{readiness.FocalPoint}}
	elsewhere   = actor.Actor{Account: "noikhac", Agency: "H04", Roles: []string{readiness.FocalPoint}}

	system = actor.OfSystem(readiness.Coordinator)
	shell  = actor.Actor{Account: "os:lan", Via: actor.Command}

	country = []readiness.Agency{
		{Code: "G15", Name: "Bộ Tư pháp", Kind: readiness.Ministry},
		{Code: "H04", Name: "UBND tỉnh Bạc Liêu", Kind: readiness.Province},
		{Code: "H55", Name: "UBND tỉnh Thái Nguyên", Kind: readiness.Province},
	}
)

// agencies are the country; every letter of a name finds it, one match is sure.
type agencies struct{}

func (agencies) Find(text string, _ clock.Date) (f readiness.Finding) {
	for _, a := range country {
		if text != "" && strings.Contains(a.Name, text) {
			f.Matches = append(f.Matches, readiness.Match{Agency: a})
		}
	}
	f.Sure = len(f.Matches) == 1
	return f
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

func (agencies) Geography(_, _ clock.Date) readiness.Geography { return stays{} }

// stays is a time in which nothing merges.
type stays struct{}

func (stays) Successors(code string) []readiness.Share {
	a, _ := agencies{}.Agency(code, clock.Date{})
	return []readiness.Share{{Agency: a.Code, Name: a.Name, Kind: a.Kind}}
}

// jsonForms reads a return that is JSON.
type jsonForms struct{}

func (jsonForms) Read(
	_ *readiness.Template, name string, r io.ReaderAt, size int64,
) (ret readiness.Return, problems []readiness.Problem, err error) {
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
	mu       sync.Mutex
	kept     map[string][]byte
	onDelete func() // what happens at that very moment
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
	s.mu.Lock()
	defer s.mu.Unlock()
	content, ok := s.kept[f.SHA256]
	if !ok {
		return nil, errAway
	}
	return content, nil
}

func (s *shelf) Delete(_ context.Context, f readiness.FileRef) error {
	if s.onDelete != nil {
		s.onDelete()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.kept, f.SHA256)
	return nil
}

var errAway = errors.New("the paper is away")

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
	o := office{T: t, store: readinesssql.New(db), papers: &shelf{kept: map[string][]byte{}}, clock: &ticking{}}
	o.Register = readiness.New(readiness.Parts{
		Store: o.store, Agencies: agencies{}, Papers: o.papers, Word: jsonForms{}, Excel: jsonForms{},
		Clock: o.clock, NewID: sqldb.NewID,
	})
	raw, err := os.ReadFile("../../data/readiness/template-488.v1.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := o.Install(ctx, system, raw); err != nil {
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
	batch, err := o.Import(
		context.Background(), coordinator, readiness.Batch{Campaign: "488"}, slices.Values(files),
		func(i readiness.BatchItem) { items = append(items, i) },
	)
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
	rec, err := o.store.Record(context.Background(), "488", agency)
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
	nobody := actor.Actor{}
	keep := func(r readiness.Return) readiness.Return { return r }
	none := slices.Values([]readiness.File(nil))
	all := readiness.Question{Campaign: "488"}
	const everybody = "daumoi dieuphoi lanhdao soat noikhac os:lan"
	cases := map[string]struct {
		do    func(a actor.Actor) error
		names string // those who may, by account
	}{
		"look": {func(a actor.Actor) error { _, err := o.Look(ctx, a, "488", "H55"); return err }, "daumoi dieuphoi lanhdao soat os:lan"},
		"save": {func(a actor.Actor) error {
			_, err := o.Save(ctx, a, "488", "H55", readiness.Return{}, 9)
			return err
		}, "daumoi"},
		"start": {func(a actor.Actor) error {
			_, err := o.Start(ctx, a, "488", "H55", readiness.FromLast)
			return err
		}, "daumoi"},
		"edit": {func(a actor.Actor) error {
			_, err := o.Edit(ctx, a, "488", "H55", readiness.Edit{Revision: 9, Apply: keep})
			return err
		}, "daumoi"},
		"read file": {func(a actor.Actor) error {
			_, _, err := o.ReadFile(ctx, a, "488", "H55", readiness.File{Content: []byte("x")})
			return err
		}, "daumoi"},
		"submit": {func(a actor.Actor) error { _, err := o.Submit(ctx, a, "488", "H55", 9); return err }, "daumoi"},
		"submit whole": {func(a actor.Actor) error {
			_, err := o.SubmitReturn(ctx, a, "488", "H55", readiness.Return{}, readiness.ByAPI)
			return err
		}, "daumoi"},
		"withdraw":  {func(a actor.Actor) error { _, err := o.Withdraw(ctx, a, "488", "H55", "x"); return err }, "daumoi"},
		"send back": {func(a actor.Actor) error { _, err := o.SendBack(ctx, a, "488", "H55", 1, nil); return err }, "dieuphoi soat"},
		"accept":    {func(a actor.Actor) error { _, err := o.Accept(ctx, a, "488", "H55", 1); return err }, "dieuphoi soat"},
		"resolve":   {func(a actor.Actor) error { _, err := o.Resolve(ctx, a, "488", "H55", 1, keep, nil); return err }, "dieuphoi soat"},
		"reopen":    {func(a actor.Actor) error { _, err := o.Reopen(ctx, a, "488", "H55", "x"); return err }, "dieuphoi"},
		"import": {func(a actor.Actor) error {
			_, err := o.Import(ctx, a, readiness.Batch{Campaign: "488"}, none, nil)
			return err
		}, "dieuphoi os:lan"},
		"decide item": {func(a actor.Actor) error {
			_, err := o.DecideItem(ctx, a, "none", readiness.TakeIn, "H55")
			return err
		}, "dieuphoi os:lan"},
		"open campaign": {func(a actor.Actor) error { return o.OpenCampaign(ctx, a, readiness.Campaign{}) }, "dieuphoi"},
		"add template":  {func(a actor.Actor) error { _, err := o.AddTemplate(ctx, a, []byte("{}")); return err }, "dieuphoi"},
		"form drafts":   {func(a actor.Actor) error { _, err := o.FormDrafts(ctx, a); return err }, "dieuphoi"},
		"form draft":    {func(a actor.Actor) error { _, err := o.FormDraft(ctx, a, "x"); return err }, "dieuphoi"},
		"begin form":    {func(a actor.Actor) error { _, err := o.BeginForm(ctx, a, &readiness.Template{}); return err }, "dieuphoi"},
		"edit form":     {func(a actor.Actor) error { _, err := o.EditForm(ctx, a, "x", 1, nil); return err }, "dieuphoi"},
		"undo form":     {func(a actor.Actor) error { _, err := o.UndoForm(ctx, a, "x", 1); return err }, "dieuphoi"},
		"discard form":  {func(a actor.Actor) error { return o.DiscardForm(ctx, a, "x", 1) }, "dieuphoi"},
		"publish form":  {func(a actor.Actor) error { _, err := o.PublishForm(ctx, a, "x", 1); return err }, "dieuphoi"},
		"withdrawals":   {func(a actor.Actor) error { _, err := o.Withdrawals(ctx, a); return err }, everybody},
		"usable forms":  {func(a actor.Actor) error { _, err := o.UsableForms(ctx, a); return err }, everybody},
		"withdraw form": {func(a actor.Actor) error { return o.WithdrawForm(ctx, a, "x", "x") }, "dieuphoi"},
		"restore form":  {func(a actor.Actor) error { return o.RestoreForm(ctx, a, "x") }, "dieuphoi"},
		"try form": {func(a actor.Actor) error {
			_, err := o.TryForm(a, &readiness.Template{}, readiness.Return{}, "")
			return err
		}, "dieuphoi"},
		"try file": {func(a actor.Actor) error {
			_, err := o.TryFile(ctx, a, &readiness.Template{}, "", readiness.File{})
			return err
		}, "dieuphoi"},
		"contacts": {func(a actor.Actor) error { _, err := o.RevealContacts(ctx, a, "488"); return err }, "dieuphoi soat os:lan"},
		"remind": {func(a actor.Actor) error {
			_, err := o.Remind(ctx, a, "488", "H55", "x", "email", func(readiness.Tx) error { return nil })
			return err
		}, "dieuphoi"},
		"chased": {func(a actor.Actor) error { _, err := o.Chased(ctx, a, "488", clock.Date{}); return err }, "dieuphoi lanhdao soat os:lan"},
		"board": {func(a actor.Actor) error {
			_, err := o.Board(ctx, a, all)
			return err
		}, "dieuphoi lanhdao soat os:lan"},
		"rounds": {func(a actor.Actor) error {
			_, _, err := o.Rounds(ctx, a, all)
			return err
		}, "dieuphoi lanhdao soat os:lan"},
		"history": {func(a actor.Actor) error {
			_, err := o.History(ctx, a, all)
			return err
		}, "dieuphoi lanhdao soat os:lan"},
		"profile": {func(a actor.Actor) error {
			_, _, err := o.Profile(ctx, a, all, "H55")
			return err
		}, "dieuphoi lanhdao soat os:lan"},
		"figures":    {func(a actor.Actor) error { _, err := o.Figures(ctx, a, all); return err }, "dieuphoi lanhdao soat os:lan"},
		"statements": {func(a actor.Actor) error { _, err := o.Statements(ctx, a, all); return err }, "dieuphoi lanhdao soat os:lan"},
		"aggregate":  {func(a actor.Actor) error { _, err := o.Aggregate(ctx, a, all); return err }, "dieuphoi lanhdao soat os:lan"},
		"compared":   {func(a actor.Actor) error { _, err := o.Compared(ctx, a); return err }, "dieuphoi lanhdao soat os:lan"},
		"claims":     {func(a actor.Actor) error { _, err := o.Claims(a); return err }, "dieuphoi lanhdao soat os:lan"},
		"stored": {
			func(a actor.Actor) error { _, _, err := o.Stored(ctx, a, "488", "H55", 0); return err }, "daumoi dieuphoi lanhdao soat os:lan",
		},
		"heads":      {func(a actor.Actor) error { _, err := o.Heads(ctx, a, "488"); return err }, "daumoi dieuphoi lanhdao soat noikhac os:lan"},
		"reminders":  {func(a actor.Actor) error { _, err := o.Reminders(ctx, a, "488"); return err }, "dieuphoi lanhdao soat os:lan"},
		"due":        {func(a actor.Actor) error { _, err := o.DueReminders(ctx, a, clock.Date{}); return err }, "dieuphoi"},
		"reminding":  {func(a actor.Actor) error { _, err := o.Reminding(ctx, a, "488", "H55"); return err }, "dieuphoi"},
		"batches":    {func(a actor.Actor) error { _, err := o.Batches(ctx, a, "488"); return err }, "dieuphoi soat"},
		"batch":      {func(a actor.Actor) error { _, _, err := o.Batch(ctx, a, "x"); return err }, "dieuphoi soat"},
		"item":       {func(a actor.Actor) error { _, err := o.BatchItem(ctx, a, "x"); return err }, "dieuphoi soat"},
		"open items": {func(a actor.Actor) error { _, err := o.OpenItems(ctx, a, "488"); return err }, "dieuphoi soat"},
		"item paper": {func(a actor.Actor) error { _, _, err := o.ItemPaper(ctx, a, "x"); return err }, "dieuphoi soat"},
		"paper":      {func(a actor.Actor) error { _, _, err := o.Paper(ctx, a, "488", "H55", 1); return err }, "daumoi dieuphoi soat os:lan"},
		"papers of":  {func(a actor.Actor) error { _, err := o.PapersOf(ctx, a, "488", "H55"); return err }, "daumoi dieuphoi lanhdao soat os:lan"},
		"assign":     {func(a actor.Actor) error { _, err := o.AssignItem(ctx, a, "x", "H55"); return err }, "dieuphoi os:lan"},
		"entry":      {func(a actor.Actor) error { _, err := o.Entry(ctx, a, "x"); return err }, "dieuphoi"},
		"enter":      {func(a actor.Actor) error { _, err := o.Enter(ctx, a, "x", 0, keep); return err }, "dieuphoi"},
		"refusal":    {func(a actor.Actor) error { _, err := o.Refusal(ctx, a, "x", "x"); return err }, "dieuphoi soat"},
		"refuse":     {func(a actor.Actor) error { _, err := o.RefuseItem(ctx, a, "x", "x", nil); return err }, "dieuphoi os:lan"},
		"receipt": {
			func(a actor.Actor) error { _, err := o.Receipt(ctx, a, "488", "H55", 1); return err }, "daumoi dieuphoi lanhdao soat os:lan",
		},
		"attach": {func(a actor.Actor) error {
			_, err := o.Attach(ctx, a, "488", "H55", readiness.Attachment{})
			return err
		}, "daumoi"},
		"detach": {func(a actor.Actor) error { _, err := o.Detach(ctx, a, "488", "H55", "x"); return err }, "daumoi"},
		"attachment": {func(a actor.Actor) error {
			_, _, err := o.Attachment(ctx, a, "488", "H55", "x")
			return err
		}, "daumoi dieuphoi lanhdao soat os:lan"},
		"draft round": {func(a actor.Actor) error {
			_, err := o.DraftCampaign(ctx, a, readiness.CampaignDraft{ID: "none", Revision: 3})
			return err
		}, "dieuphoi"},
		"draft rounds": {func(a actor.Actor) error { _, err := o.CampaignDrafts(ctx, a); return err }, "dieuphoi"},
		"a draft":      {func(a actor.Actor) error { _, err := o.CampaignDraft(ctx, a, "x"); return err }, "dieuphoi"},
		"drop draft":   {func(a actor.Actor) error { return o.DropCampaignDraft(ctx, a, "x", 1) }, "dieuphoi"},
		"issue": {func(a actor.Actor) error {
			return o.IssueCampaign(ctx, a, readiness.Campaign{}, "", 0, nil)
		}, "dieuphoi"},
		"cancel": {func(a actor.Actor) error {
			return o.CancelCampaign(ctx, a, "488", readiness.Cancellation{}, nil)
		}, "dieuphoi"},
		"plan": {func(a actor.Actor) error { _, err := o.Plan(ctx, a, readiness.Campaign{}); return err }, "dieuphoi"},
		"told": {func(a actor.Actor) error {
			_, err := o.Told(ctx, a, "488", readiness.NoticeIssued)
			return err
		}, "dieuphoi"},
		"tell": {func(a actor.Actor) error {
			_, err := o.Tell(ctx, a, "none", "H55", readiness.NoticeIssued, nil)
			return err
		}, "dieuphoi"},
		"colleagues": {func(a actor.Actor) error { _, err := o.Colleagues(ctx, a, "H55"); return err }, "daumoi"},
		"share":      {func(a actor.Actor) error { _, err := o.ShareParts(ctx, a, "488", "H55", nil); return err }, "daumoi"},
		"setting":    {func(a actor.Actor) error { _, err := o.Setting(ctx, a, "H55"); return err }, "daumoi"},
		"set approval": {
			func(a actor.Actor) error { return o.SetApproval(ctx, a, "H55", true) }, "",
		},
		"ask approval": {func(a actor.Actor) error { _, err := o.AskApproval(ctx, a, "488", "H55"); return err }, "daumoi"},
		"judge": {func(a actor.Actor) error {
			_, err := o.Judge(ctx, a, "488", "H55", "", true, "")
			return err
		}, ""},
		"answer": {func(a actor.Actor) error { _, err := o.Answer(ctx, a, "488", "H55", "row.2", "x"); return err }, "daumoi"},
		"receive": {func(a actor.Actor) error {
			_, err := o.Receive(ctx, a, "488", nil, func(readiness.Tx, readiness.Upload) error { return nil })
			return err
		}, "dieuphoi os:lan"},
		"take in": {func(a actor.Actor) error { return o.TakeIn(ctx, readiness.Upload{Actor: a}, nil) }, "dieuphoi os:lan"},
		"sweep": {func(a actor.Actor) error {
			_, err := o.Sweep(ctx, a, func(string) (bool, error) { return true, nil })
			return err
		}, "dieuphoi os:lan"},
		"install":   {func(a actor.Actor) error { return o.Install(ctx, a, []byte("{}")) }, "dieuphoi"},
		"campaigns": {func(a actor.Actor) error { _, err := o.Campaigns(ctx, a); return err }, everybody},
		"campaign":  {func(a actor.Actor) error { _, err := o.Campaign(ctx, a, "488"); return err }, everybody},
		"templates": {func(a actor.Actor) error { _, err := o.Templates(ctx, a); return err }, everybody},
		"template":  {func(a actor.Actor) error { _, err := o.Template(ctx, a, "488/1"); return err }, everybody},
		"letter":    {func(a actor.Actor) error { _, _, err := o.Letter(ctx, a, "488"); return err }, everybody},
		"names":     {func(a actor.Actor) error { _, err := o.AgencyNames(ctx, a, "488"); return err }, everybody},
		"doubts": {func(a actor.Actor) error {
			_, err := o.Doubts(a, readiness.View{Agency: readiness.Agency{Code: "H55"}}, readiness.Return{})
			return err
		}, "daumoi"},
		"suggest":   {func(a actor.Actor) error { _, err := o.Suggest(a, "UBND", clock.Date{}); return err }, everybody},
		"choosable": {func(a actor.Actor) error { _, err := o.Choosable(a, nil, clock.Date{}); return err }, everybody},
		"waiting":   {func(a actor.Actor) error { _, err := o.Waiting(ctx, a); return err }, everybody},
		"declared":  {func(a actor.Actor) error { _, err := o.Declared(ctx, a, "H55"); return err }, "daumoi dieuphoi lanhdao soat os:lan"},
		"answer security": {func(a actor.Actor) error {
			_, err := o.AnswerSecurity(ctx, a, "H55", nil)
			return err
		}, "daumoi"},
		"masked contacts": {func(a actor.Actor) error {
			_, err := o.FocalContacts(ctx, a, "488")
			return err
		}, "dieuphoi lanhdao soat os:lan"},
	}
	if want := reflect.TypeFor[*readiness.Register]().NumMethod(); len(cases) != want {
		t.Errorf("%d cases for %d methods", len(cases), want)
	}
	for name, c := range cases {
		var may []string
		for _, a := range []actor.Actor{focal, coordinator, leader, reviewer, elsewhere, shell, nobody} {
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
	o.want(
		must(o.SendBack(ctx, reviewer, "488", "H55", 1, []readiness.Comment{{Field: "row.3", Text: "Ghi rõ số thiết bị"}})),
		readiness.SentBack, 1,
	)
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

	before, err := o.Figures(ctx, leader, readiness.Question{Campaign: "488"})
	if err != nil {
		t.Fatal(err)
	}
	o.want(must(o.Reopen(ctx, coordinator, "488", "H55", "nhầm")), readiness.Submitted, 2)
	after, err := o.Figures(ctx, leader, readiness.Question{Campaign: "488"})
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
	if _, err := o.Resolve(
		ctx, reviewer, "488", "H55", 1, func(r readiness.Return) readiness.Return { return r }, nil,
	); fault.Of(err) != fault.Conflict {
		t.Errorf("resolved a version that was replaced: %v", err)
	}
	if _, err := o.Accept(ctx, reviewer, "488", "H55", 2); err != nil {
		t.Error(err)
	}
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
