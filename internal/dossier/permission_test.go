package dossier_test

import (
	"slices"
	"strings"
	"testing"

	"dean06/internal/dossier"
	"dean06/internal/dossier/dossiertest"
	"dean06/internal/eform"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// possible says, for each status to which World.To brings a birth registration, which acts
// succeed and by whom. All else is refused, whoever tries it.
var possible = map[dossier.Status]map[dossier.Verb]string{
	dossier.New: {
		dossier.Receive: "desk", dossier.RefuseIntake: "desk", dossier.AskMore: "desk leader", dossier.Take: "desk", dossier.Assign: "leader",
		dossier.Withdraw: "mother desk", dossier.Check: "desk reviewer reviewer2", dossier.Note: "desk reviewer reviewer2 leader",
	},
	dossier.Received: {
		dossier.AskMore: "reviewer reviewer2 leader", dossier.Take: "reviewer reviewer2", dossier.Assign: "leader", dossier.Refuse: "leader",
		dossier.Stop: "leader", dossier.Withdraw: "mother desk", dossier.Correct: "desk", dossier.Check: "desk reviewer reviewer2",
		dossier.Note: "desk reviewer reviewer2 leader", dossier.Warned: "program", dossier.Recounted: "program",
	},
	dossier.RefusedIntake: {dossier.Note: "desk reviewer reviewer2 leader"},
	dossier.InProcess: {
		dossier.AskMore: "reviewer leader", dossier.Assign: "leader", dossier.Propose: "reviewer", dossier.Refuse: "leader",
		dossier.Stop: "leader", dossier.Withdraw: "mother desk", dossier.Correct: "desk", dossier.Check: "desk reviewer reviewer2",
		dossier.Note: "desk reviewer reviewer2 leader", dossier.Warned: "program", dossier.Recounted: "program",
	},
	dossier.Supplement: {
		dossier.Stop: "leader", dossier.Withdraw: "mother desk", dossier.Check: "desk reviewer reviewer2",
		dossier.Note: "desk reviewer reviewer2 leader", dossier.Recounted: "program",
	},
	dossier.FeeDue: {
		dossier.Pay: "desk", dossier.Stop: "leader", dossier.Withdraw: "mother desk", dossier.Check: "desk reviewer reviewer2",
		dossier.Note: "desk reviewer reviewer2 leader", dossier.Recounted: "program",
	},
	dossier.Withdrawing: {
		dossier.AgreeBack: "desk reviewer reviewer2 leader", dossier.Note: "desk reviewer reviewer2 leader", dossier.Recounted: "program",
	},
	dossier.Stopped: {dossier.Note: "desk reviewer reviewer2 leader"},
	dossier.Done: {
		dossier.HandOver: "desk", dossier.Replace: "leader", dossier.Revoke: "leader", dossier.Note: "desk reviewer reviewer2 leader",
	},
	dossier.HandedOver: {dossier.Replace: "leader", dossier.Revoke: "leader", dossier.Note: "desk reviewer reviewer2 leader"},
}

// situations are what a status does not tell: where in a process it stands, how far the
// register is, and what is owed.
var situations = []struct {
	name  string
	to    func(s *story)
	table map[dossier.Verb]string
}{
	{
		name: "an approval is proposed", to: func(s *story) { s.do(dossiertest.Reviewer, dossier.Propose, dossier.Said{}) },
		table: map[dossier.Verb]string{
			dossier.AskMore: "leader", dossier.Take: "leader", dossier.Assign: "leader", dossier.ReturnBack: "leader", dossier.Refuse: "leader",
			dossier.Stop: "leader", dossier.Approve: "leader", dossier.Withdraw: "mother desk", dossier.Correct: "desk", dossier.Check: "desk reviewer reviewer2",
			dossier.Note: "desk reviewer reviewer2 leader", dossier.Warned: "program", dossier.Recounted: "program",
		},
	},
	{
		name: "a refusal is proposed", to: func(s *story) {
			s.do(dossiertest.Reviewer, dossier.Propose, dossier.Said{Refuse: true, Asked: dossiertest.Refusal()})
		},
		table: map[dossier.Verb]string{
			dossier.AskMore: "leader", dossier.Take: "leader", dossier.Assign: "leader", dossier.ReturnBack: "leader", dossier.Refuse: "leader",
			dossier.Stop: "leader", dossier.Withdraw: "mother desk", dossier.Correct: "desk", dossier.Check: "desk reviewer reviewer2",
			dossier.Note: "desk reviewer reviewer2 leader", dossier.Warned: "program", dossier.Recounted: "program",
		},
	},
	{
		name: "the register has not heard", to: approved,
		table: map[dossier.Verb]string{
			dossier.Check: "desk reviewer reviewer2", dossier.Note: "desk reviewer reviewer2 leader", dossier.Registered: "program",
			dossier.EffectFailed: "program", dossier.Warned: "program", dossier.Recounted: "program",
		},
	},
	{
		name: "the register asks", to: func(s *story) {
			approved(s)
			s.Register.Asks = []dossier.EffectQuestion{{Code: "siblings", Text: "Cháu có anh chị sinh cùng năm?", Answer: "reason"}}
			s.report()
		},
		table: map[dossier.Verb]string{
			dossier.AnswerEffect: "reviewer reviewer2 leader", dossier.Assign: "leader",
			dossier.Check: "desk reviewer reviewer2", dossier.Note: "desk reviewer reviewer2 leader", dossier.Registered: "program",
			dossier.EffectFailed: "program", dossier.Warned: "program", dossier.Recounted: "program",
		},
	},
	{
		name: "the register refused", to: func(s *story) {
			approved(s)
			s.Register.Refuses = "Người mẹ đã qua đời trước ngày sinh."
			s.report()
		},
		table: map[dossier.Verb]string{
			dossier.AskMore: "leader", dossier.Take: "leader", dossier.Assign: "leader", dossier.ReturnBack: "leader", dossier.Refuse: "leader",
			dossier.Stop:         "leader",
			dossier.AnswerEffect: "reviewer reviewer2 leader", dossier.Registered: "program", dossier.EffectFailed: "program",
			dossier.Withdraw: "mother desk", dossier.Correct: "desk", dossier.Check: "desk reviewer reviewer2",
			dossier.Note: "desk reviewer reviewer2 leader", dossier.Warned: "program", dossier.Recounted: "program",
		},
	},
}

func approved(s *story) {
	s.do(dossiertest.Reviewer, dossier.Propose, dossier.Said{})
	s.do(dossiertest.Leader, dossier.Approve, dossier.Said{})
}

func (s *story) report() {
	s.t.Helper()
	if _, err := s.ReportWaiting(s.t.Context(), 10); err != nil {
		s.t.Fatal(err)
	}
	s.whole()
}

// TestPermissionWalkInside tries every act as everybody where a status alone does not say
// who has a dossier.
func TestPermissionWalkInside(t *testing.T) {
	t.Parallel()
	for _, tt := range situations {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := begin(t, dossier.InProcess)
			tt.to(s)
			walk(t, s.World, s.d, tt.table)
		})
	}
	t.Run("an original is there, a fee is owed, and it is due tomorrow", func(t *testing.T) {
		t.Parallel()
		s := &story{World: dossiertest.New(), t: t}
		var err error
		if s.d, err = s.File(t.Context(), map[string]eform.Value{"copies.want": {Text: "yes"}, "copies.count": {Text: "2"}}); err != nil {
			t.Fatal(err)
		}
		s.Clock.Set("2026-12-01 15:30")
		s.do(dossiertest.Desk, dossier.Receive, dossier.Said{Originals: []dossier.Original{{Name: "Giấy chứng sinh", Count: 1}}})
		walk(t, s.World, s.d, map[dossier.Verb]string{
			dossier.AskMore: "reviewer reviewer2 leader", dossier.AskFee: "reviewer reviewer2", dossier.Pay: "desk", dossier.GiveBack: "desk",
			dossier.Take: "reviewer reviewer2", dossier.Assign: "leader", dossier.Refuse: "leader", dossier.Stop: "leader", dossier.Extend: "leader",
			dossier.Withdraw: "mother desk", dossier.Correct: "desk", dossier.Check: "desk reviewer reviewer2",
			dossier.Note: "desk reviewer reviewer2 leader", dossier.Warned: "program", dossier.Recounted: "program",
		})
	})
}

// TestWhoSupplies: a supplement is begun by the applicant and the desk where it was handed
// in, by nobody else, and only while one is asked for.
func TestWhoSupplies(t *testing.T) {
	t.Parallel()
	for status := dossier.New; status <= dossier.HandedOver; status++ {
		s := begin(t, status)
		for _, who := range dossiertest.Everybody {
			_, err := s.StartSupply(t.Context(), who, s.d.Code)
			may := status == dossier.Supplement && slices.Contains([]string{"mother", "desk"}, nameOf(who))
			if (err == nil) != may {
				t.Errorf("in status %d by %s: %v", status, nameOf(who), err)
			}
		}
	}
}

// saying is what makes an act whole.
func saying(d dossier.Dossier, verb dossier.Verb) dossier.Act {
	act := dossier.Act{Verb: verb, Version: d.Version, Said: dossier.Said{Note: "Ghi chú", Basis: "Văn bản 12/UBND ngày 01/12/2026"}}
	switch verb {
	case dossier.AskMore:
		act.Said.Asked = dossiertest.Checklist()
	case dossier.RefuseIntake, dossier.Refuse:
		act.Said.Asked = dossiertest.Refusal()
	case dossier.Assign:
		act.Said.To = "reviewer2"
		if d.Duty == dossier.DutyDesk || d.Duty == dossier.DutyLeader {
			act.Said.To = d.Duty
		}
	case dossier.Pay:
		if len(d.Fees) > 0 {
			act.Said.Fee = &dossier.FeeItem{ID: d.Fees[0].ID, Amount: d.Fees[0].Amount, Receipt: "0001"}
		}
	case dossier.Approve:
		act.Answers = map[string]eform.Value{"request.entry": {Text: "125"}, "request.book": {Text: "01/2026"}}
	case dossier.Extend:
		act.Said.Until = clock.MustDate("2026-12-04")
	case dossier.HandOver, dossier.GiveBack:
		act.Said.Receiver = "Nguyễn Thị Hồng Nhung"
		if len(d.Originals) > 0 {
			act.Said.Original = d.Originals[0].Name
		}
	case dossier.Check:
		act.Said.Requires, act.Said.Check = "birth_notice", "ok"
		for _, p := range d.Papers {
			if p.Requirement == "birth_notice" && !p.Removed {
				act.Said.File = p.File
			}
		}
	case dossier.Replace, dossier.Revoke:
		for _, r := range d.Results {
			if r.Kind == dossier.PaperResult && r.Stands() {
				act.Said.Result = r.ID
			}
		}
	case dossier.Warned:
		act.Said.Level = 1
	case dossier.AnswerEffect:
		act.Said.Effect = map[string]string{}
		if d.Effect != nil {
			for _, q := range d.Effect.Questions {
				act.Said.Effect[q.Code] = "Không có"
			}
		}
	case dossier.Registered, dossier.EffectFailed:
		act.Said.Reported = &dossier.Reported{Event: "e"}
	}
	return act
}

func nameOf(a actor.Actor) string {
	if a.Has(dossier.Program) {
		return "program"
	}
	return a.Account
}

// TestPermissionWalk tries every act in every status as everybody.
func TestPermissionWalk(t *testing.T) {
	t.Parallel()
	for status, table := range possible {
		t.Run(status.Key(), func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			w := dossiertest.New()
			d, err := w.To(ctx, status)
			if err != nil {
				t.Fatal(err)
			}
			walk(t, w, d, table)
		})
	}
}

// walk tries every act as everybody, and holds what happens against a table of who may.
func walk(t *testing.T, w *dossiertest.World, d dossier.Dossier, table map[dossier.Verb]string) {
	t.Helper()
	ctx := t.Context()
	back := w.Store.Mark()
	for _, who := range dossiertest.Everybody {
		var allowed []dossier.Allowed
		if v, err := w.Look(ctx, who, d.Code, dossiertest.Purpose); err == nil {
			allowed = v.Allowed
		}
		for _, verb := range dossier.Verbs {
			want := slices.Contains(strings.Fields(table[verb]), nameOf(who))
			refused := len(w.Store.Refused())
			after, err := w.Do(ctx, who, d.Code, saying(d, verb))
			if ok := err == nil; ok != want {
				t.Errorf("%s by %s: %v, want possible %v", verb, nameOf(who), err, want)
			}
			if err == nil {
				if after.Version != d.Version+1 {
					t.Errorf("%s by %s: version %d after %d", verb, nameOf(who), after.Version, d.Version)
				}
				back()
				continue
			}
			if k := fault.Of(err); k == fault.Internal {
				t.Errorf("%s by %s: %v", verb, nameOf(who), err)
			} else if (k == fault.Denied || k == fault.NotFound) && len(w.Store.Refused()) != refused+1 {
				t.Errorf("%s by %s was refused and not logged: %v", verb, nameOf(who), err)
			}
			i := slices.IndexFunc(allowed, func(a dossier.Allowed) bool { return a.Verb == verb })
			if i >= 0 && allowed[i].Why == "" && verb != dossier.Supply {
				t.Errorf("%s is offered to %s and refused: %v", verb, nameOf(who), err)
			}
			if i >= 0 && allowed[i].Why != "" && allowed[i].Who == "" {
				t.Errorf("%s is not offered to %s, and nobody is named who can", verb, nameOf(who))
			}
		}
	}
	now, err := w.Store.Dossier(ctx, d.ID)
	if err != nil || now.Version != d.Version {
		t.Errorf("the dossier has version %d after all that was refused, want %d, %v", now.Version, d.Version, err)
	}
}

// TestReading: whose dossier it is, and who of the agency, reads it; nobody else.
func TestReading(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := dossiertest.New()
	d, err := w.To(ctx, dossier.Done)
	if err != nil {
		t.Fatal(err)
	}
	result := d.Results[len(d.Results)-1]
	readers := map[string]bool{"mother": true, "desk": true, "reviewer": true, "reviewer2": true, "leader": true}
	for _, who := range dossiertest.Everybody {
		before := len(w.Store.Refused())
		looks, _ := w.Store.Looks(ctx, d.ID, 0)
		_, err := w.Look(ctx, who, d.Code, dossiertest.Purpose)
		if (err == nil) != readers[nameOf(who)] {
			t.Errorf("%s looks: %v", nameOf(who), err)
		}
		if err != nil && !who.Nobody() && len(w.Store.Refused()) != before+1 {
			t.Errorf("that %s was refused is not logged", nameOf(who))
		}
		now, _ := w.Store.Looks(ctx, d.ID, 0)
		if officer := err == nil && who.Account != "mother"; (len(now) == len(looks)+1) != officer {
			t.Errorf("%s: %d looks after %d", nameOf(who), len(now), len(looks))
		}
		if who.Account == "stranger" && fault.Of(err) != fault.NotFound {
			t.Errorf("a stranger learns of the dossier: %v", err)
		}
		_, r, err := w.OpenResult(ctx, who, d.Code, result.ID, dossiertest.Purpose)
		if (err == nil) != readers[nameOf(who)] {
			t.Errorf("%s opens the result: %v", nameOf(who), err)
		}
		if r != nil {
			_ = r.Close()
		}
		if _, err := w.Export(ctx, who, d.Code); (err == nil) != (who.Account == "mother") {
			t.Errorf("%s exports: %v", nameOf(who), err)
		}
		if _, err := w.Chain(ctx, who, d.Code); (err == nil) != (who.Account == "auditor") {
			t.Errorf("%s reads the chain: %v", nameOf(who), err)
		}
		_, err = w.WorkList(ctx, who, dossier.Page{View: "agency"})
		if official := len(who.Roles) > 0 && who.Agency != "" && who.Account != "idle"; (err == nil) != official {
			t.Errorf("%s lists: %v", nameOf(who), err)
		}
		_, err = w.Recompute(ctx, who)
		if (err == nil) != who.Has(dossier.Program) {
			t.Errorf("%s recomputes: %v", nameOf(who), err)
		}
	}
	if _, err := w.Look(ctx, dossiertest.Reviewer, d.Code, "  "); fault.Of(err) != fault.Invalid {
		t.Errorf("a look without a purpose: %v", err)
	}
}

// TestOthersDrafts: nobody has anything to do with somebody else's draft.
func TestOthersDrafts(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := dossiertest.New()
	d, err := w.Begin(ctx, dossiertest.Mother, dossiertest.BirthAnswers())
	if err != nil {
		t.Fatal(err)
	}
	for _, who := range dossiertest.Everybody {
		if who.Account == "mother" {
			continue
		}
		tries := map[string]error{}
		_, tries["read"] = w.Draft(ctx, who, d.ID)
		_, tries["answer"] = w.Answer(ctx, who, d.ID, d.Version, "child.name", eform.Value{Text: "Trần Tráo"})
		_, _, tries["prefill"] = w.Prefill(ctx, who, d.ID)
		_, tries["attach"] = w.AttachPaper(ctx, who, d.ID, d.Version, w.Upload("birth_notice", dossier.ByUpload))
		_, tries["submit"] = w.Submit(ctx, who, d.ID, dossier.Filing{Version: d.Version, Notice: true})
		tries["discard"] = w.Discard(ctx, who, d.ID)
		_, tries["check"] = w.CheckAll(ctx, who, d.ID)
		for what, err := range tries {
			if k := fault.Of(err); err == nil || k != fault.NotFound && k != fault.Unsigned && k != fault.Denied {
				t.Errorf("%s by %s: %v", what, nameOf(who), err)
			}
		}
	}
}
