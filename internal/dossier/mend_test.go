package dossier_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"dean06/internal/dossier"
	"dean06/internal/dossier/dossiertest"
	"dean06/internal/eform"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
)

// faultAt is the key of the fault at a path; "" when there is none.
func faultAt(err error, path string) string {
	var list fault.List
	if errors.As(err, &list) {
		for _, f := range list {
			if f.Field == path {
				return f.Key
			}
		}
		return ""
	}
	if f := fault.As(err); f != nil && f.Field == path {
		return f.Key
	}
	return ""
}

func (s *story) mend(who actor.Actor, verb dossier.Verb, answers map[string]eform.Value) error {
	said := dossier.Said{Note: "Gõ nhầm", Basis: "QĐ 15/QĐ-UBND"}
	if r := paper(s.d, dossier.PaperResult); len(r) > 0 {
		said.Result = r[0].ID
	}
	after, err := s.Do(s.t.Context(), who, s.d.Code, dossier.Act{Verb: verb, Version: s.d.Version, Said: said, Answers: answers})
	if err == nil {
		s.d = after
		s.whole()
	}
	return err
}

// TestOfficersAnswersAreChecked: what an officer enters is read and checked as what a citizen
// answers, whichever page or program sends it.
func TestOfficersAnswersAreChecked(t *testing.T) {
	t.Parallel()
	tests := []struct {
		what, path string
		v          eform.Value
		key        string
	}{
		{"no day of the calendar", "child.birth", eform.Value{Text: "31/02/2026"}, "eform.wrong.day"},
		{"a day that has not come", "child.birth", eform.Value{Text: "2026-12-24"}, "eform.wrong.future"},
		{"no option", "child.sex", eform.Value{Text: "9"}, "eform.wrong.option"},
		{"nothing where something is needed", "child.name", eform.Value{}, "eform.missing.text"},
		{"a name too long", "child.name", eform.Value{Text: strings.Repeat("Trần ", 200)}, ""},
		{"what the register says, locked", "mother.name", eform.Value{Text: "Nguyễn Thị Khác"}, "eform.wrong.locked"},
		{"what the program fills in", "child.birth_words", eform.Value{Text: "Ngày một"}, "dossier.act.field_unknown"},
		{"what the form does not have", "child.nickname", eform.Value{Text: "Bống"}, "dossier.act.field_unknown"},
		{"what is not asked now", "copies.count", eform.Value{Text: "2"}, "eform.path.unknown"},
		{"an answer that leaves another one missing", "copies.want", eform.Value{Text: "yes"}, "eform.missing.text"},
	}
	for _, tt := range tests {
		t.Run(tt.what, func(t *testing.T) {
			t.Parallel()
			for verb, by := range map[dossier.Verb]actor.Actor{dossier.Correct: dossiertest.Desk, dossier.Replace: dossiertest.Leader} {
				s := begin(t, map[dossier.Verb]dossier.Status{dossier.Correct: dossier.Received, dossier.Replace: dossier.Done}[verb])
				err := s.mend(by, verb, map[string]eform.Value{tt.path: tt.v})
				at := tt.path
				if tt.path == "copies.want" {
					at = "copies.count"
				}
				if got := faultAt(err, at); err == nil || tt.key != "" && got != tt.key {
					t.Errorf("%s: got %q (%v), want %s", verb, got, err, tt.key)
				}
				if v := s.d.Version; err != nil {
					s.whole()
					if s.d.Version != v {
						t.Errorf("%s was refused and written", verb)
					}
				}
			}
		})
	}
}

// TestCorrectionIsFollowed: what hangs on a mistake of intake is mended with it.
func TestCorrectionIsFollowed(t *testing.T) {
	t.Parallel()
	s := begin(t, dossier.Received)
	err := s.mend(dossiertest.Desk, dossier.Correct, map[string]eform.Value{
		"child.birth": {Text: "21/11/2026"}, "copies.want": {Text: "yes"}, "copies.count": {Text: "3"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := s.d.Answers["child.birth_words"].Value.Text; !strings.Contains(got, "hai mươi mốt") {
		t.Errorf("the day in words is %q", got)
	}
	if len(s.d.Fees) != 1 || s.d.Fees[0].Amount != 24000 {
		t.Fatalf("fees: %+v", s.d.Fees)
	}
	s.do(dossiertest.Desk, dossier.Pay, dossier.Said{Fee: &dossier.FeeItem{ID: "copies", Amount: 24000, Receipt: "7"}})
	if err := s.mend(dossiertest.Desk, dossier.Correct, map[string]eform.Value{"copies.count": {Text: "4"}}); err != nil {
		t.Fatal(err)
	}
	if left := dossier.Unpaid(s.d); len(s.d.Fees) != 2 || len(left) != 1 || left[0].Amount != 8000 {
		t.Fatalf("one more copy after three were paid: %+v", s.d.Fees)
	}
	s.do(dossiertest.Desk, dossier.Pay, dossier.Said{Fee: &dossier.FeeItem{ID: "copies", Amount: 8000, Receipt: "8"}})
	if err := s.mend(dossiertest.Desk, dossier.Correct, map[string]eform.Value{"copies.want": {Text: "no"}}); err != nil {
		t.Fatal(err)
	}
	if _, still := s.d.Answers["copies.count"]; still || len(s.d.Fees) != 2 || len(dossier.Unpaid(s.d)) != 0 {
		t.Errorf("no copies any more: %+v, %+v", s.d.Answers["copies.count"], s.d.Fees)
	}
}

// TestCorrectionDoesNotMoveTheDossier: an address of which another agency decides is told.
func TestCorrectionDoesNotMoveTheDossier(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := &story{World: dossiertest.New(), t: t}
	given := dossiertest.BirthAnswers()
	given["request.situation"] = eform.Value{Text: "mother_alone"}
	var err error
	if s.d, err = s.FileOf(ctx, dossiertest.Unbound, dossiertest.Birth, given); err != nil {
		t.Fatal(err)
	}
	s.do(dossiertest.Desk, dossier.Receive, dossier.Said{})
	there := map[string]eform.Value{"mother.residence": {Place: &eform.Place{Country: "VN", Province: "19", Commune: "05455", Detail: "Tổ 1"}}}
	if key := faultAt(s.mend(dossiertest.Desk, dossier.Correct, there), "mother.residence"); key != "dossier.competence.moved" {
		t.Errorf("moved to another commune: %q", key)
	}
	here := map[string]eform.Value{"mother.residence": {Place: &eform.Place{Country: "VN", Province: "19", Commune: "05443", Detail: "Tổ 1"}}}
	if err := s.mend(dossiertest.Desk, dossier.Correct, here); err != nil {
		t.Errorf("another house of the commune: %v", err)
	}
}

// TestSupplementIsFollowed: what hangs on an answer of a supplement is mended with it, and
// what the answer brings up is asked there, too.
func TestSupplementIsFollowed(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := begin(t, dossier.InProcess)
	s.do(dossiertest.Reviewer, dossier.AskMore, dossier.Said{Asked: []dossier.Asked{
		{Field: "child.birth", Reason: "notice_differs"}, {Field: "copies.want", Reason: "notice_differs"},
	}})
	draft, err := s.StartSupply(ctx, dossiertest.Mother, s.d.Code)
	if err != nil {
		t.Fatal(err)
	}
	if draft, err = s.AnswerAll(ctx, dossiertest.Mother, draft.ID, draft.Version, map[string]eform.Value{
		"child.birth": {Text: "2026-11-21"}, "copies.want": {Text: "yes"},
	}); err != nil {
		t.Fatal(err)
	}
	f, err := s.Draft(ctx, dossiertest.Mother, draft.ID)
	if err != nil || !slices.ContainsFunc(f.Asked, func(a dossier.Asked) bool { return a.Field == "copies.count" }) {
		t.Fatalf("how many copies is not asked: %+v, %v", f.Asked, err)
	}
	_, err = s.Submit(ctx, dossiertest.Mother, draft.ID, dossier.Filing{Version: draft.Version})
	if faultAt(err, "copies.count") == "" {
		t.Fatalf("sent without the number of copies: %v", err)
	}
	if draft, err = s.Answer(ctx, dossiertest.Mother, draft.ID, draft.Version, "copies.count", eform.Value{Text: "2"}); err != nil {
		t.Fatal(err)
	}
	if s.d, err = s.Submit(ctx, dossiertest.Mother, draft.ID, dossier.Filing{Version: draft.Version}); err != nil {
		t.Fatal(err)
	}
	s.whole()
	if words := s.d.Answers["child.birth_words"].Value.Text; !strings.Contains(words, "hai mươi mốt") {
		t.Errorf("the day in words is %q", words)
	}
	if len(s.d.Fees) != 1 || s.d.Fees[0].Amount != 16000 || s.d.Answers["copies.count"].Value.Text != "2" {
		t.Errorf("fees: %+v, copies %+v", s.d.Fees, s.d.Answers["copies.count"])
	}
}

// TestClaimsOfOthers: a claim that a fact is wrong goes when another person stands there.
func TestClaimsOfOthers(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := dossiertest.New()
	d, err := w.Begin(ctx, dossiertest.Mother, dossiertest.BirthAnswers())
	if err != nil {
		t.Fatal(err)
	}
	for path, says := range map[string]string{"father.ethnicity": "Tày", "mother.ethnicity": "Nùng"} {
		if d, err = w.MarkWrong(ctx, dossiertest.Mother, d.ID, d.Version, path, says, "Giấy khai sinh của tôi"); err != nil {
			t.Fatal(path, err)
		}
	}
	// Now the father of the child is somebody else, who is not her husband.
	if d, err = w.Answer(ctx, dossiertest.Mother, d.ID, d.Version, "request.situation", eform.Value{Text: "mother_alone"}); err != nil {
		t.Fatal(err)
	}
	if d, err = w.Complete(ctx, dossiertest.Mother, d, map[string]eform.Value{"request.situation": {Text: "mother_alone"}}); err != nil {
		t.Fatal(err)
	}
	sent, err := w.Submit(ctx, dossiertest.Mother, d.ID, dossier.Filing{Version: d.Version, Notice: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(sent.Wrongs) != 1 || sent.Wrongs[0].Path != "mother.ethnicity" {
		t.Errorf("claims: %+v", sent.Wrongs)
	}
}

// TestNothingInPlaceOfAPaper: saying so is no paper.
func TestNothingInPlaceOfAPaper(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := dossiertest.New()
	d, err := w.Start(ctx, dossiertest.Mother, dossier.Starting{Procedure: dossiertest.Birth, Channel: dossier.Online})
	if err != nil {
		t.Fatal(err)
	}
	for _, how := range []dossier.How{"affirmation", dossier.ByShowing, dossier.ByScan, dossier.ByRegister, dossier.ByAgency, dossier.ByDossier, ""} {
		in := w.Upload("birth_notice", how)
		if _, err := w.AttachPaper(ctx, dossiertest.Mother, d.ID, d.Version, in); fault.Of(err) != fault.Invalid {
			t.Errorf("%q by a citizen: %v", how, err)
		}
	}
}

// TestWhatIsSaidIsBounded: what is kept for good has an end.
func TestWhatIsSaidIsBounded(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("dài ", 1000)
	s := begin(t, dossier.InProcess)
	s.fails(s.try(dossiertest.Mother, dossier.Withdraw, dossier.Said{Note: long}), "dossier.act.long")
	s.fails(s.try(dossiertest.Leader, dossier.Stop, dossier.Said{Basis: long}), "dossier.act.long")
	s.fails(s.try(dossiertest.Reviewer, dossier.AskMore, dossier.Said{Asked: []dossier.Asked{{Paper: "birth_notice", Reason: "notice_unreadable", Note: long}}}),
		"dossier.act.long")
	s.fails(s.try(dossiertest.Reviewer, dossier.AskMore, dossier.Said{Asked: slices.Repeat(dossiertest.Checklist(), 101)}), "dossier.act.many")
	done := begin(t, dossier.Done)
	done.fails(done.try(dossiertest.Desk, dossier.HandOver, dossier.Said{Receiver: long}), "dossier.act.long")
}

// TestRegisterAnswersAClaim: what a citizen says is wrong goes to the register, is asked after
// until somebody has decided there, and the answer stands in the dossier.
func TestRegisterAnswersAClaim(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	for _, tt := range []struct {
		what   string
		claim  dossier.Claim
		refuse error
		state  string
	}{
		{what: "corrected", claim: dossier.Claim{State: dossier.ClaimCorrected}, state: dossier.ClaimCorrected},
		{what: "refused", claim: dossier.Claim{State: dossier.ClaimRefused, Answer: "Giấy khai sinh ghi dân tộc Kinh"}, state: dossier.ClaimRefused},
		{what: "not taken", refuse: fault.New(fault.Denied, "populationclient.denied", nil), state: dossier.ClaimUnsent},
	} {
		t.Run(tt.what, func(t *testing.T) {
			t.Parallel()
			s := &story{World: dossiertest.New(), t: t}
			draft, err := s.Begin(ctx, dossiertest.Mother, dossiertest.BirthAnswers())
			if err != nil {
				t.Fatal(err)
			}
			if draft, err = s.MarkWrong(ctx, dossiertest.Mother, draft.ID, draft.Version, "mother.ethnicity", "Tày", "Bố mẹ tôi là người Tày"); err != nil {
				t.Fatal(err)
			}
			if s.d, err = s.Submit(ctx, dossiertest.Mother, draft.ID, dossier.Filing{Version: draft.Version, Notice: true}); err != nil {
				t.Fatal(err)
			}
			work := func() {
				t.Helper()
				for _, w := range s.Store.Queued() {
					if w.Kind != dossier.TellMistake {
						continue
					}
					if w.After.After(s.Clock.Now()) {
						s.Clock.Pass(w.After.Sub(s.Clock.Now()))
					}
					if err := s.Run(ctx, w); err != nil {
						t.Fatal(err)
					}
				}
				s.whole()
			}
			s.Register.NoClaims = tt.refuse
			if tt.refuse == nil {
				for range 3 { // nobody has decided there yet
					work()
				}
				if s.d.Version != 1 || s.d.Wrongs[0].State != "" || len(s.Register.Corrections) != 1 {
					t.Fatalf("while it is open: version %d, %+v, %+v", s.d.Version, s.d.Wrongs, s.Register.Corrections)
				}
				s.Register.Claims = map[string]dossier.Claim{"ethnicity": tt.claim}
			}
			work()
			if w := s.d.Wrongs[0]; w.State != tt.state || w.Answer != tt.claim.Answer || w.AnsweredAt.IsZero() {
				t.Fatalf("answered: %+v", w)
			}
			v, err := s.Look(ctx, dossiertest.Mother, s.d.Code, "")
			if last := v.Actions[len(v.Actions)-1]; err != nil || last.Verb != dossier.Answered || strings.Contains(string(last.Data), "Kinh") ||
				last.Say().Error != "dossier.claim."+tt.state {
				t.Errorf("the applicant reads %+v, %v", last, err)
			}
			if left := s.Store.Queued(); slices.ContainsFunc(left, func(w dossier.Work) bool { return w.Kind == dossier.TellMistake }) {
				t.Errorf("asked after once more: %+v", left)
			}
		})
	}
}

// TestGuessesOfAnyPattern: wrong tries for a code are bounded by code whatever its pattern is,
// from however many addresses they come.
func TestGuessesOfAnyPattern(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	for _, pattern := range []string{dossier.PatternCircular, dossier.PatternPortal, "{unit}-{yyyymmdd}-{n:4}", "{unit}-{yymmdd}-{n:2}"} {
		w := dossiertest.New()
		w.Settings.Code = pattern
		d, err := w.File(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 10 {
			if _, err := w.Track(ctx, dossiertest.Nobody, d.Code, "0000", fmt.Sprintf("198.51.100.%d", i)); fault.Of(err) != fault.NotFound {
				t.Fatalf("%s: guess %d: %v", pattern, i, err)
			}
		}
		if _, err := w.Track(ctx, dossiertest.Nobody, d.Code, dossiertest.MotherNumber[8:], "192.0.2.1"); fault.Of(err) != fault.TooMany {
			t.Errorf("%s, %s: after ten wrong guesses: %v", pattern, d.Code, err)
		}
	}
}
