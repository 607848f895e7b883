package dossier_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"dean06/internal/dossier"
	"dean06/internal/dossier/dossiertest"
	"dean06/internal/eform"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// story is one dossier on its way.
type story struct {
	*dossiertest.World
	t *testing.T
	d dossier.Dossier
}

func begin(t *testing.T, status dossier.Status) *story {
	t.Helper()
	s := &story{World: dossiertest.New(), t: t}
	var err error
	if s.d, err = s.To(t.Context(), status); err != nil {
		t.Fatal(err)
	}
	return s
}

// do acts, and holds the log against the dossier after it.
func (s *story) do(who actor.Actor, verb dossier.Verb, said dossier.Said) {
	s.t.Helper()
	if err := s.Act(s.t.Context(), who, &s.d, verb, said); err != nil {
		s.t.Fatalf("%s by %s: %v", verb, who.Account, err)
	}
	s.whole()
}

func (s *story) whole() {
	s.t.Helper()
	d, err := s.Store.Dossier(s.t.Context(), s.d.ID)
	if err != nil {
		s.t.Fatal(err)
	}
	s.d = d
	actions, err := s.Store.Actions(s.t.Context(), d.ID)
	if err == nil {
		err = dossier.VerifyChain(actions, d)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// fails wants a fault with a key.
func (s *story) fails(err error, key string) {
	s.t.Helper()
	f := fault.As(err)
	if f == nil || f.Key != key {
		s.t.Fatalf("got %v, want %s", err, key)
	}
}

func (s *story) try(who actor.Actor, verb dossier.Verb, said dossier.Said) error {
	d := s.d
	return s.Act(s.t.Context(), who, &d, verb, said)
}

func (s *story) is(status dossier.Status, step string) {
	s.t.Helper()
	if s.d.Status != status || s.d.Step != step {
		s.t.Fatalf("status %d at %s, want %d at %s", s.d.Status, s.d.Step, status, step)
	}
}

func at(text string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", text, clock.Zone)
	if err != nil {
		panic(err)
	}
	return t
}

func paper(d dossier.Dossier, kind string) []dossier.ResultPaper {
	return slices.DeleteFunc(slices.Clone(d.Results), func(r dossier.ResultPaper) bool { return r.Kind != kind })
}

func TestWholeLifeOnline(t *testing.T) {
	t.Parallel()
	s := begin(t, dossier.HandedOver)
	s.is(dossier.HandedOver, "closed")
	s.whole()
	if s.d.Effect == nil || s.d.Effect.State != dossier.EffectDone || s.d.Answers["child.number"].Value.Text != s.d.Effect.Number {
		t.Errorf("the register's number: %+v, %q", s.d.Effect, s.d.Answers["child.number"].Value.Text)
	}
	if len(paper(s.d, dossier.PaperReceipt)) != 1 || len(paper(s.d, dossier.PaperResult)) != 1 {
		t.Errorf("papers: %+v", s.d.Results)
	}
	if r := paper(s.d, dossier.PaperResult)[0]; r.Number != "125" || r.File == "" || len(r.Proof) < 22 || !r.Unsigned {
		t.Errorf("the result: %+v", r)
	}
	if want := at("2026-12-01 17:00"); !s.d.Promised.Equal(want) {
		t.Errorf("promised %v, want %v", s.d.Promised, want)
	}
	// The officer who decided, and the dossier, stand in what the register was asked.
	last := s.Register.Asked[len(s.Register.Asked)-1]
	if last.Officer != "leader" || last.Dossier != s.d.Code || last.Procedure != dossiertest.Birth {
		t.Errorf("asked by %+v", last)
	}
	if e := s.Register.Events[0]; e.Kind != "birth" || e.On != "2026-11-20" || e.Members["child.name"].Text != "Trần Minh An" {
		t.Errorf("told: %+v", e)
	}
	for _, err := range s.Work(t.Context()) {
		t.Error(err)
	}
	var told []dossier.Verb
	for _, a := range s.Teller.Told {
		told = append(told, a.Verb)
	}
	if want := []dossier.Verb{dossier.Submit, dossier.Receive, dossier.Approve, dossier.Registered, dossier.HandOver}; !slices.Equal(told, want) {
		t.Errorf("told of %v, want %v", told, want)
	}
}

// TestNothingAskedTwice: of a married mother's birth registration, what the register has is
// not typed.
func TestNothingAskedTwice(t *testing.T) {
	t.Parallel()
	s := begin(t, dossier.New)
	p, err := s.Packages.Version(t.Context(), s.d.Procedure, s.d.Package)
	if err != nil {
		t.Fatal(err)
	}
	available, filled, asked := dossier.Filled(p, s.d.Answers, dossier.FactsOf(s.d))
	if available < 16 || filled != available {
		t.Errorf("%d of %d arrived", filled, available)
	}
	for _, q := range p.Form.Fields(s.d.Answers, dossier.FactsOf(s.d)) {
		if m, ok := dossier.MeaningOf(q.Question.Meaning); ok && len(m.Fields) > 0 && q.Given() && q.Answer.Source != eform.Register {
			t.Errorf("%s was %s", q.Path, q.Answer.Source)
		}
	}
	if asked != len(dossiertest.BirthAnswers()) {
		t.Errorf("%d questions were typed", asked)
	}
	for _, paper := range s.d.Papers {
		if paper.Requirement == "residence" && (paper.How != dossier.ByRegister || !paper.Reused || paper.Source != dossier.RegisterSource) {
			t.Errorf("residence: %+v", paper)
		}
	}
	in := dossier.Indicate(&s.d)
	if !in.Digitised || !in.Reused || in.Channel != 2 || len(in.Databases) != 1 || in.PaidOnline != 0 {
		t.Errorf("indicators: %+v", in)
	}
}

func TestAtTheDesk(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := dossiertest.New()
	d, err := w.Start(ctx, dossiertest.ProvinceDesk, dossier.Starting{
		Procedure: dossiertest.Birth, Channel: dossier.AtDesk,
		Applicant: dossier.Party{Name: dossiertest.Mother.Name, Number: dossiertest.MotherNumber},
	})
	if err != nil {
		t.Fatal(err)
	}
	// A number that is only typed opens nothing: the card is seen, and matched.
	if _, _, err := w.Prefill(ctx, dossiertest.ProvinceDesk, d.ID); fault.Of(err) != fault.Denied {
		t.Fatalf("asked of a number that was typed: %v", err)
	}
	seen, err := w.SeeCard(ctx, dossiertest.ProvinceDesk, d.ID, d.Version, dossiertest.CardOf(dossiertest.Mother.Name, dossiertest.MotherNumber, "1996-04-12"))
	if err != nil || !seen.Matched {
		t.Fatalf("the card: %+v, %v", seen, err)
	}
	d = seen.Draft
	if d, err = w.Complete(ctx, dossiertest.ProvinceDesk, d, dossiertest.BirthAnswers()); err != nil {
		t.Fatal(err)
	}
	// What changes after the citizen confirmed is confirmed again.
	changed, err := w.Answer(ctx, dossiertest.ProvinceDesk, d.ID, d.Version, "child.name", eform.Value{Text: "Trần Minh Ánh"})
	if err != nil {
		t.Fatal(err)
	}
	filing := dossier.Filing{Version: changed.Version, Notice: true, Originals: []dossier.Original{{Name: "Giấy chứng sinh", Count: 1}}}
	_, err = w.Submit(ctx, dossiertest.ProvinceDesk, d.ID, filing)
	var list fault.List
	if !errors.As(err, &list) || len(list) != 1 || list[0].Key != "dossier.draft.unconfirmed" {
		t.Fatalf("sent unconfirmed: %v", err)
	}
	if d, err = w.Confirm(ctx, dossiertest.ProvinceDesk, d.ID, changed.Version, "read"); err != nil {
		t.Fatal(err)
	}
	filing.Version = d.Version
	s := &story{World: w, t: t}
	if s.d, err = w.Submit(ctx, dossiertest.ProvinceDesk, d.ID, filing); err != nil {
		t.Fatal(err)
	}
	s.whole()
	// It is received where it was handed in, and routed to who decides.
	if s.d.Receiving != dossiertest.Province || s.d.Competent != dossiertest.Commune || s.d.Agency != dossiertest.Province {
		t.Fatalf("at %s for %s, now %s", s.d.Receiving, s.d.Competent, s.d.Agency)
	}
	for _, in := range w.Register.Asked {
		if in.Officer != "provincedesk" {
			t.Errorf("the register was asked by %q", in.Officer)
		}
	}
	s.fails(s.try(dossiertest.Desk, dossier.Receive, dossier.Said{}), "dossier.denied.receive")
	s.do(dossiertest.ProvinceDesk, dossier.Receive, dossier.Said{})
	if s.d.Agency != dossiertest.Commune {
		t.Fatalf("after reception at %s", s.d.Agency)
	}
	s.do(dossiertest.Reviewer, dossier.Take, dossier.Said{})
	s.do(dossiertest.Reviewer, dossier.Propose, dossier.Said{})
	s.do(dossiertest.Leader, dossier.Approve, dossier.Said{})
	if _, err := w.ReportWaiting(ctx, 10); err != nil {
		t.Fatal(err)
	}
	s.whole()
	s.fails(s.try(dossiertest.ProvinceDesk, dossier.HandOver, dossier.Said{}), "dossier.act.receiver_missing")
	s.do(dossiertest.ProvinceDesk, dossier.HandOver, dossier.Said{Receiver: "Nguyễn Thị Hồng Nhung"})
	s.fails(s.try(dossiertest.ProvinceDesk, dossier.GiveBack, dossier.Said{Original: "Sổ hộ khẩu", Receiver: "Nhung"}), "dossier.act.original_unknown")
	s.do(dossiertest.ProvinceDesk, dossier.GiveBack, dossier.Said{Original: "Giấy chứng sinh", Receiver: "Nguyễn Thị Hồng Nhung"})
	s.fails(s.try(dossiertest.ProvinceDesk, dossier.GiveBack, dossier.Said{Original: "Giấy chứng sinh", Receiver: "Nhung"}), "dossier.why.no_originals")
	// The mother, whose number it is, reads it with her account.
	if v, err := w.Look(ctx, dossiertest.Mother, s.d.Code, ""); err != nil || !v.Mine {
		t.Errorf("the mother looks: %v", err)
	}
}

func TestSupplement(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := begin(t, dossier.InProcess)
	s.fails(s.try(dossiertest.Reviewer, dossier.AskMore, dossier.Said{}), "dossier.act.reasons_missing")
	asking := func(line dossier.Asked) dossier.Said { return dossier.Said{Asked: []dossier.Asked{line}} }
	s.fails(s.try(dossiertest.Reviewer, dossier.AskMore, asking(dossier.Asked{Reason: "muốn", Paper: "birth_notice"})), "dossier.act.reason_unknown")
	s.fails(s.try(dossiertest.Reviewer, dossier.AskMore, asking(dossier.Asked{Reason: "notice_unreadable"})), "dossier.act.line_of_nothing")
	list := append(dossiertest.Checklist(), dossier.Asked{Field: "child.birthplace", Reason: "notice_differs"})
	s.do(dossiertest.Reviewer, dossier.AskMore, dossier.Said{Asked: list})
	s.is(dossier.Supplement, "review")
	if !s.d.Due.IsZero() || s.d.Promised.IsZero() || len(paper(s.d, dossier.PaperSupplement)) != 1 {
		t.Fatalf("while it is asked: due %v, promised %v", s.d.Due, s.d.Promised)
	}
	draft, err := s.StartSupply(ctx, dossiertest.Mother, s.d.Code)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := s.StartSupply(ctx, dossiertest.Mother, s.d.Code); err != nil || again.ID != draft.ID {
		t.Fatalf("begun twice: %v, %v", again.ID, err)
	}
	if _, err := s.StartSupply(ctx, dossiertest.Stranger, s.d.Code); fault.Of(err) != fault.NotFound {
		t.Fatalf("a stranger's supplement: %v", err)
	}
	// What was not asked cannot be changed.
	_, err = s.Answer(ctx, dossiertest.Mother, draft.ID, draft.Version, "child.name", eform.Value{Text: "Trần Khác"})
	s.fails(firstOf(err), "dossier.draft.not_asked")
	_, err = s.AttachPaper(ctx, dossiertest.Mother, draft.ID, draft.Version, s.Upload("surrogacy", dossier.ByUpload))
	s.fails(err, "dossier.draft.not_asked")
	// Nothing is sent before all of the checklist is answered.
	s.Clock.Set("2026-12-03 09:00")
	if draft, err = s.AttachPaper(ctx, dossiertest.Mother, draft.ID, draft.Version, s.Upload("birth_notice", dossier.ByUpload)); err != nil {
		t.Fatal(err)
	}
	_, err = s.Submit(ctx, dossiertest.Mother, draft.ID, dossier.Filing{Version: draft.Version})
	s.fails(firstOf(err), "dossier.supply.field")
	place := eform.Value{Place: &eform.Place{Country: "VN", Province: "19", Commune: "05455", Detail: "Trạm y tế"}}
	if draft, err = s.Answer(ctx, dossiertest.Mother, draft.ID, draft.Version, "child.birthplace", place); err != nil {
		t.Fatal(err)
	}
	if s.d, err = s.Submit(ctx, dossiertest.Mother, draft.ID, dossier.Filing{Version: draft.Version}); err != nil {
		t.Fatal(err)
	}
	if again, err := s.Submit(ctx, dossiertest.Mother, draft.ID, dossier.Filing{Version: draft.Version}); err != nil || again.Code != s.d.Code {
		t.Fatalf("a second click: %v", err)
	}
	s.whole()
	s.is(dossier.InProcess, "review")
	// The limit begins anew: the supplement came at nine on Thursday, so it is due that day.
	if want := at("2026-12-03 17:00"); !s.d.Due.Equal(want) || !s.d.Promised.Equal(want) {
		t.Errorf("due %v, want %v", s.d.Due, want)
	}
	if x := s.d.Supplements[0]; x.CameAt.IsZero() || !x.DueAfter.Equal(s.d.Due) || x.DueBefore.IsZero() {
		t.Errorf("the supplement: %+v", x)
	}
	var old, fresh int
	for _, p := range s.d.Papers {
		if p.Requirement == "birth_notice" && p.Removed {
			old++
		} else if p.Requirement == "birth_notice" {
			fresh++
		}
	}
	if old != 1 || fresh != 1 || s.d.Answers["child.birthplace"].Value.Place.Commune != "05455" {
		t.Errorf("%d old and %d new notices; born at %+v", old, fresh, s.d.Answers["child.birthplace"].Value.Place)
	}
	// A second one needs the leader, and why.
	s.fails(s.try(dossiertest.Reviewer, dossier.AskMore, dossier.Said{Asked: dossiertest.Checklist()}), "dossier.why.second_supplement")
	s.fails(s.try(dossiertest.Leader, dossier.AskMore, dossier.Said{Asked: dossiertest.Checklist()}), "dossier.act.letting_missing")
	s.do(dossiertest.Leader, dossier.AskMore, dossier.Said{Asked: dossiertest.Checklist(), Letting: "Giấy chứng sinh mới lại mờ"})
	if s.d.Supplements[1].Supervisor != "leader" {
		t.Errorf("let pass by %q", s.d.Supplements[1].Supervisor)
	}
	if j := dossier.Judge(s.d.Head(), s.d.Asked(), s.Clock.Now()); !j.Late || j.Why != "dossier.judge.twice" {
		t.Errorf("judged %+v", j)
	}
}

func firstOf(err error) error {
	var list fault.List
	if errors.As(err, &list) && len(list) > 0 {
		return list[0]
	}
	return err
}

// TestLateSupplement: within three working days of reception.
func TestLateSupplement(t *testing.T) {
	t.Parallel()
	s := begin(t, dossier.InProcess) // received on Tuesday, 1 December
	s.Clock.Set("2026-12-04 16:00")
	if err := s.try(dossiertest.Reviewer, dossier.AskMore, dossier.Said{Asked: dossiertest.Checklist()}); err != nil {
		t.Errorf("on the third working day: %v", err)
	}
	back := begin(t, dossier.InProcess)
	back.Clock.Set("2026-12-07 08:00")
	back.fails(back.try(dossiertest.Reviewer, dossier.AskMore, dossier.Said{Asked: dossiertest.Checklist()}), "dossier.why.late_supplement")
	back.do(dossiertest.Leader, dossier.AskMore, dossier.Said{Asked: dossiertest.Checklist(), Letting: "Phát hiện muộn"})
}

func TestFees(t *testing.T) {
	t.Parallel()
	s := begin(t, dossier.FeeDue)
	if len(s.d.Fees) != 1 || s.d.Fees[0].Amount != 16000 || !s.d.Due.IsZero() {
		t.Fatalf("fees: %+v, due %v", s.d.Fees, s.d.Due)
	}
	s.fails(s.try(dossiertest.Desk, dossier.Pay, dossier.Said{Fee: &dossier.FeeItem{ID: "copies", Amount: 1}}), "dossier.act.amount")
	s.fails(s.try(dossiertest.Desk, dossier.Pay, dossier.Said{Fee: &dossier.FeeItem{ID: "late", Amount: 1}}), "dossier.act.fee_unknown")
	s.fails(s.try(dossiertest.Desk, dossier.Pay, dossier.Said{Fee: &dossier.FeeItem{ID: "copies", Exempt: "rich"}}), "dossier.act.exemption_unknown")
	s.do(dossiertest.Desk, dossier.Pay, dossier.Said{Fee: &dossier.FeeItem{ID: "copies", Amount: 16000, Receipt: "0012"}})
	s.is(dossier.InProcess, "review")
	if s.d.Due.IsZero() || s.d.Fees[0].PaidAt.IsZero() {
		t.Errorf("after it was paid: due %v, %+v", s.d.Due, s.d.Fees[0])
	}
	exempt := begin(t, dossier.FeeDue)
	exempt.do(dossiertest.Desk, dossier.Pay, dossier.Said{Fee: &dossier.FeeItem{ID: "copies", Exempt: "level2"}})
	exempt.is(dossier.InProcess, "review")
}

func TestExtension(t *testing.T) {
	t.Parallel()
	s := begin(t, dossier.New)
	s.Clock.Set("2026-12-01 15:30") // after three o'clock: due the next working day
	s.do(dossiertest.Desk, dossier.Receive, dossier.Said{})
	if want := at("2026-12-02 17:00"); !s.d.Due.Equal(want) {
		t.Fatalf("due %v, want %v", s.d.Due, want)
	}
	s.fails(s.try(dossiertest.Leader, dossier.Extend, dossier.Said{Note: "Xin lỗi", Until: clock.MustDate("2026-12-02")}), "dossier.act.until")
	s.fails(s.try(dossiertest.Leader, dossier.Extend, dossier.Said{Until: clock.MustDate("2026-12-04")}), "dossier.act.apology_missing")
	s.do(dossiertest.Leader, dossier.Extend, dossier.Said{Note: "Xin lỗi, phải xác minh", Until: clock.MustDate("2026-12-04")})
	if want := at("2026-12-04 17:00"); !s.d.Due.Equal(want) || !s.d.Extended.To.Equal(want) {
		t.Errorf("due %v, want %v", s.d.Due, want)
	}
	s.fails(s.try(dossiertest.Leader, dossier.Extend, dossier.Said{Note: "Lại xin lỗi", Until: clock.MustDate("2026-12-08")}), "dossier.why.extended")
	late := begin(t, dossier.InProcess)
	late.fails(late.try(dossiertest.Leader, dossier.Extend, dossier.Said{Note: "Xin lỗi", Until: clock.MustDate("2026-12-04")}), "dossier.why.too_late")
}

func TestCorrectReplaceRevoke(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := begin(t, dossier.Received)
	after, err := s.Do(ctx, dossiertest.Desk, s.d.Code, dossier.Act{
		Verb: dossier.Correct, Version: s.d.Version, Said: dossier.Said{Note: "Gõ nhầm tên cháu"},
		Answers: map[string]eform.Value{"child.name": {Text: "Trần Minh Ân"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.d = after
	s.whole()
	receipts := paper(s.d, dossier.PaperReceipt)
	if len(receipts) != 2 || receipts[0].Replaced != receipts[1].ID || !receipts[1].Stands() || receipts[1].File == receipts[0].File {
		t.Fatalf("receipts: %+v", receipts)
	}
	if a := s.d.Answers["child.name"]; a.Value.Text != "Trần Minh Ân" || a.Source != eform.Officer {
		t.Errorf("the name: %+v", a)
	}

	wrong := begin(t, dossier.HandedOver)
	result := paper(wrong.d, dossier.PaperResult)[0]
	wrong.fails(wrong.try(dossiertest.Leader, dossier.Revoke, dossier.Said{Result: result.ID, Note: "Sai"}), "dossier.act.basis_missing")
	wrong.do(dossiertest.Leader, dossier.Replace, dossier.Said{Result: result.ID, Note: "In sai dân tộc", Basis: "QĐ 15/QĐ-UBND"})
	results := paper(wrong.d, dossier.PaperResult)
	if len(results) != 2 || results[0].Replaced != results[1].ID || results[1].Number != "125" {
		t.Fatalf("results: %+v", results)
	}
	old, err := wrong.Prove(ctx, results[0].Proof)
	if err != nil || old.Current || old.By == nil || old.By.ID != results[1].ID || old.Applicant != "N. T. H. N." {
		t.Errorf("the old one proves %+v, %v", old, err)
	}
	wrong.fails(wrong.try(dossiertest.Leader, dossier.Revoke, dossier.Said{Result: result.ID, Note: "Sai", Basis: "QĐ"}), "dossier.act.result_unknown")
	wrong.do(dossiertest.Leader, dossier.Revoke, dossier.Said{Result: results[1].ID, Note: "Khai gian", Basis: "QĐ 16/QĐ-UBND"})
	if now, err := wrong.Prove(ctx, results[1].Proof); err != nil || now.Current || now.Paper.Revoked.IsZero() {
		t.Errorf("the revoked one proves %+v, %v", now, err)
	}
	if _, err := wrong.Prove(ctx, strings.Repeat("x", 27)); fault.Of(err) != fault.NotFound {
		t.Errorf("a made-up proof: %v", err)
	}
}

func TestRegisterAwayAsksRefuses(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := begin(t, dossier.InProcess)
	s.do(dossiertest.Reviewer, dossier.Propose, dossier.Said{})
	s.fails(s.try(dossiertest.Reviewer, dossier.Approve, dossier.Said{}), "dossier.denied.approve")
	_, err := s.Do(ctx, dossiertest.Leader, s.d.Code, dossier.Act{Verb: dossier.Approve, Version: s.d.Version})
	s.fails(err, "dossier.act.entry_missing")
	s.do(dossiertest.Leader, dossier.Approve, dossier.Said{})
	s.is(dossier.InProcess, "register")
	s.fails(s.try(dossiertest.Mother, dossier.Withdraw, dossier.Said{}), "dossier.why.decided")

	s.Register.Away = true
	version := s.d.Version
	for range 3 {
		if n, err := s.ReportWaiting(ctx, 10); n != 0 || fault.Of(err) != fault.Unavailable {
			t.Fatalf("while it is away: %d, %v", n, err)
		}
	}
	s.whole()
	if e := s.d.Effect; s.d.Version != version+1 || e.State != dossier.EffectWaiting || e.Error != "dossier.effect.away" || e.Tries != 3 || e.TriedAt.IsZero() {
		t.Fatalf("after three tries: version %d, %+v", s.d.Version, s.d.Effect)
	}
	s.Register.Away = false
	s.Register.Asks = []dossier.EffectQuestion{{Code: "siblings", Text: "Cháu có anh chị sinh cùng năm?", Answer: "reason"}}
	if _, err := s.ReportWaiting(ctx, 10); err != nil {
		t.Fatal(err)
	}
	s.whole()
	if s.d.Effect.State != dossier.EffectAsked || s.d.Duty != dossier.DutyReviewer || s.d.Holder != "reviewer" {
		t.Fatalf("asked: %+v, at %s of %s", s.d.Effect, s.d.Duty, s.d.Holder)
	}
	if v, err := s.Look(ctx, dossiertest.Mother, s.d.Code, ""); err != nil || len(v.Dossier.Effect.Questions) != 0 {
		t.Errorf("the mother reads what the register asks the officer: %+v, %v", v.Dossier.Effect, err)
	}
	s.fails(s.try(dossiertest.Reviewer, dossier.AnswerEffect, dossier.Said{}), "dossier.act.effect_missing")
	s.do(dossiertest.Reviewer, dossier.AnswerEffect, dossier.Said{Effect: map[string]string{"siblings": "Không có"}})
	for _, err := range s.Work(ctx) {
		t.Error(err)
	}
	s.whole()
	s.is(dossier.Done, "done")

	never := begin(t, dossier.InProcess)
	never.Register.Refuses = "Người mẹ đã qua đời trước ngày sinh."
	never.do(dossiertest.Reviewer, dossier.Propose, dossier.Said{})
	never.do(dossiertest.Leader, dossier.Approve, dossier.Said{})
	if _, err := never.ReportWaiting(ctx, 10); err != nil {
		t.Fatal(err)
	}
	never.whole()
	if never.d.Effect.State != dossier.EffectRefused {
		t.Fatalf("refused: %+v", never.d.Effect)
	}
	never.do(dossiertest.Leader, dossier.ReturnBack, dossier.Said{Note: "Xem lại ngày mất của người mẹ"})
	never.is(dossier.InProcess, "review")
	if never.d.Effect != nil || never.d.Holder != "reviewer" {
		t.Errorf("given back: %+v, %s", never.d.Effect, never.d.Holder)
	}
}

// TestPowerCut: whatever write fails, all is there or nothing, and to try again gives one.
func TestPowerCut(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := dossiertest.New()
	d, err := w.Begin(ctx, dossiertest.Mother, dossiertest.BirthAnswers())
	if err != nil {
		t.Fatal(err)
	}
	filing := dossier.Filing{Version: d.Version, Key: "k", Notice: true}
	cut := errors.New("power cut")
	back := w.Store.Mark()
	for n := range 50 {
		back()
		writes := 0
		w.Store.Fail = func(string) error {
			if writes++; writes > n {
				return cut
			}
			return nil
		}
		_, err := w.Submit(ctx, dossiertest.Mother, d.ID, filing)
		w.Store.Fail = nil
		if err == nil {
			if n < 4 {
				t.Fatalf("only %d writes", n)
			}
			break
		}
		if !errors.Is(err, cut) {
			t.Fatal(err)
		}
		if left, _ := w.Store.List(ctx, dossier.ListQuery{}); len(left) != 0 {
			t.Fatalf("cut at write %d: %+v is left", n, left)
		}
		sent, err := w.Submit(ctx, dossiertest.Mother, d.ID, filing)
		if err != nil {
			t.Fatal(err)
		}
		again, err := w.Submit(ctx, dossiertest.Mother, d.ID, filing)
		if left, _ := w.Store.List(ctx, dossier.ListQuery{}); err != nil || len(left) != 1 || again.Code != sent.Code {
			t.Fatalf("tried again after a cut at write %d: %+v, %v", n, left, err)
		}
	}
}

// TestTwoAtOnce: of two officers on one dossier, one is told what the other did.
func TestTwoAtOnce(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := begin(t, dossier.Received)
	errs := make([]error, 8)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			who := []actor.Actor{dossiertest.Reviewer, dossiertest.Reviewer2}[i%2]
			_, errs[i] = s.Do(ctx, who, s.d.Code, dossier.Act{Verb: dossier.Take, Version: s.d.Version})
		})
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		f := fault.As(err)
		if f == nil || f.Kind != fault.Conflict || f.Key != "dossier.stale.take" || f.Args["name"] == "" {
			t.Errorf("told: %v", err)
		}
	}
	if won != 1 {
		t.Errorf("%d took it", won)
	}
	s.whole()
}

// TestSecondClicks: whoever sends twice, at once, has sent once.
func TestSecondClicks(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := dossiertest.New()
	d, err := w.Begin(ctx, dossiertest.Mother, dossiertest.BirthAnswers())
	if err != nil {
		t.Fatal(err)
	}
	codes := make([]string, 8)
	var wg sync.WaitGroup
	for i := range codes {
		wg.Go(func() {
			sent, err := w.Submit(ctx, dossiertest.Mother, d.ID, dossier.Filing{Version: d.Version, Key: "k", Notice: true})
			if codes[i] = sent.Code; err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	slices.Sort(codes)
	if len(slices.Compact(codes)) != 1 {
		t.Errorf("codes: %v", codes)
	}
	if all, err := w.Store.List(ctx, dossier.ListQuery{}); err != nil || len(all) != 1 {
		t.Errorf("%d dossiers, %v", len(all), err)
	}
}

// TestOtherProcedures goes the whole way with the other packages, whose police have no desk.
func TestOtherProcedures(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	tests := []struct {
		code    string
		given   map[string]eform.Value
		answers map[string]eform.Value
		effect  bool
	}{
		{code: "1.010041", given: map[string]eform.Value{"request.content": {Text: "present"}}},
		{
			code: "1.004222", effect: true,
			given:   map[string]eform.Value{"request.whom": {Text: "self"}, "dwelling.kind": {Text: "own"}, "request.household": {Text: "new"}},
			answers: map[string]eform.Value{"request.registered": {Text: "2026-12-01"}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.code, func(t *testing.T) {
			t.Parallel()
			s := &story{World: dossiertest.New(), t: t}
			var err error
			if s.d, err = s.FileOf(ctx, dossiertest.Mother, tt.code, tt.given); err != nil {
				t.Fatal(err)
			}
			if s.d.Receiving != dossiertest.Commune || s.d.Competent != dossiertest.PoliceAgency {
				t.Fatalf("handed in at %s for %s", s.d.Receiving, s.d.Competent)
			}
			s.do(dossiertest.Desk, dossier.Receive, dossier.Said{})
			s.fails(s.try(dossiertest.Reviewer, dossier.Take, dossier.Said{}), "dossier.denied.take")
			s.do(dossiertest.Police, dossier.Take, dossier.Said{})
			s.do(dossiertest.Police, dossier.Propose, dossier.Said{})
			s.fails(s.try(dossiertest.Leader, dossier.Approve, dossier.Said{}), "dossier.denied.approve")
			act := dossier.Act{Verb: dossier.Approve, Version: s.d.Version, Answers: tt.answers}
			if s.d, err = s.Do(ctx, dossiertest.PoliceLeader, s.d.Code, act); err != nil {
				t.Fatal(err)
			}
			if _, err := s.ReportWaiting(ctx, 10); err != nil {
				t.Fatal(err)
			}
			s.whole()
			s.is(dossier.Done, "done")
			if len(s.Register.Events) > 0 != tt.effect {
				t.Errorf("the register heard %+v", s.Register.Events)
			}
			if r := paper(s.d, dossier.PaperResult); len(r) != 1 || r[0].Number != "1" || r[0].By != "policeleader" {
				t.Errorf("the result: %+v", r)
			}
			for _, fee := range dossier.Unpaid(s.d) {
				s.do(dossiertest.Desk, dossier.Pay, dossier.Said{Fee: &dossier.FeeItem{ID: fee.ID, Amount: fee.Amount}})
			}
			s.do(dossiertest.Desk, dossier.HandOver, dossier.Said{Receiver: "Nguyễn Thị Hồng Nhung"})
		})
	}
}
