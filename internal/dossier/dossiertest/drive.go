package dossiertest

import (
	"context"
	"fmt"
	"maps"
	"time"

	"dean06/internal/dossier"
	"dean06/internal/eform"
	"dean06/internal/platform/actor"
)

// Begin starts a birth registration of the mother, with all answers and papers, not sent.
func (w *World) Begin(ctx context.Context, who actor.Actor, given map[string]eform.Value) (dossier.Draft, error) {
	d, err := w.Start(ctx, who, dossier.Starting{Procedure: Birth, Channel: dossier.Online})
	if err != nil {
		return d, err
	}
	return w.Complete(ctx, who, d, given)
}

// CardOf is the identity card of somebody, as an officer at the desk sees it.
func CardOf(name, number, birth string) dossier.Known {
	return dossier.Known{Number: number, Values: map[string]eform.Value{
		"name": {Text: name}, "birth": {Text: birth}, "cards": {Card: &eform.CardPaper{Kind: "CC", Serial: number, Issued: "2024-08-01"}},
	}}
}

// Complete answers all of a draft and attaches the papers that are still asked for.
func (w *World) Complete(ctx context.Context, who actor.Actor, d dossier.Draft, given map[string]eform.Value) (dossier.Draft, error) {
	first := map[string]eform.Value{}
	for _, path := range []string{"applicant.relation", "request.situation"} {
		if v, ok := given[path]; ok {
			first[path] = v
		}
	}
	d, err := w.AnswerAll(ctx, who, d.ID, d.Version, first)
	if err != nil {
		return d, err
	}
	for range 2 { // what arrives can bring questions of which more arrives
		if w.Bindings[who.Account] != "" || d.Applicant.Number != "" {
			if d, _, err = w.Prefill(ctx, who, d.ID); err != nil {
				return d, err
			}
		}
		if _, err := w.Fill(ctx, who, d.ID, given); err != nil {
			return d, err
		}
	}
	needs, err := w.Requirements(ctx, who, d.ID)
	if err != nil {
		return d, err
	}
	f, err := w.Draft(ctx, who, d.ID)
	if err != nil {
		return d, err
	}
	d = f.Draft
	how := dossier.ByUpload
	if d.Assisted {
		how = dossier.ByScan
	}
	for _, n := range needs {
		if !n.Asked {
			continue
		}
		if d, err = w.AttachPaper(ctx, who, d.ID, d.Version, w.Upload(n.Paper.ID, how)); err != nil {
			return d, err
		}
	}
	if len(f.Deciders) > 1 && d.Competent == "" {
		if d, err = w.Choose(ctx, who, d.ID, d.Version, dossier.Choice{Competent: &f.Deciders[0].Agency}); err != nil {
			return d, err
		}
	}
	phone := dossier.Party{Phone: "0912 345 678", Email: "nhung@example.vn"}
	if d, err = w.Choose(ctx, who, d.ID, d.Version, dossier.Choice{Applicant: &phone}); err != nil {
		return d, err
	}
	if d.Assisted {
		d, err = w.Confirm(ctx, who, d.ID, d.Version, "read")
	}
	return d, err
}

// File sends a birth registration of the mother, with more answers than the usual ones.
func (w *World) File(ctx context.Context, more ...map[string]eform.Value) (dossier.Dossier, error) {
	given := BirthAnswers()
	for _, m := range more {
		maps.Copy(given, m)
	}
	return w.FileOf(ctx, Mother, Birth, given)
}

// FileOf sends a dossier of any procedure online.
func (w *World) FileOf(ctx context.Context, who actor.Actor, code string, given map[string]eform.Value) (dossier.Dossier, error) {
	d, err := w.Start(ctx, who, dossier.Starting{Procedure: code, Channel: dossier.Online})
	if err != nil {
		return dossier.Dossier{}, err
	}
	if d, err = w.Complete(ctx, who, d, given); err != nil {
		return dossier.Dossier{}, err
	}
	return w.Submit(ctx, who, d.ID, dossier.Filing{Version: d.Version, Key: d.ID, Notice: true})
}

// Act does something with the dossier as it is now.
func (w *World) Act(ctx context.Context, who actor.Actor, d *dossier.Dossier, verb dossier.Verb, said dossier.Said) error {
	act := dossier.Act{Verb: verb, Version: d.Version, Said: said}
	if verb == dossier.Approve {
		act.Answers = map[string]eform.Value{"request.entry": {Text: "125"}, "request.book": {Text: "01/2026"}}
	}
	after, err := w.Do(ctx, who, d.Code, act)
	if err == nil {
		*d = after
	}
	return err
}

// Work does what is queued, and says what failed.
func (w *World) Work(ctx context.Context) []error {
	var out []error
	for _, work := range w.Store.Queued() {
		if err := w.Run(ctx, work); err != nil {
			out = append(out, err)
		}
	}
	return out
}

// Checklist is a request for a better photograph of the birth notice.
func Checklist() []dossier.Asked {
	return []dossier.Asked{{Paper: "birth_notice", Reason: "notice_unreadable", Note: "Ảnh mờ góc phải"}}
}

// Refusal are reasons of a refusal.
func Refusal() []dossier.Asked {
	return []dossier.Asked{{Reason: "notice_missing", Paper: "birth_notice"}}
}

// To brings a new birth registration to a status; an hour passes between two acts.
func (w *World) To(ctx context.Context, status dossier.Status) (dossier.Dossier, error) {
	more := map[string]eform.Value{}
	if status == dossier.FeeDue {
		more = map[string]eform.Value{"copies.want": {Text: "yes"}, "copies.count": {Text: "2"}}
	}
	d, err := w.File(ctx, more)
	if err != nil {
		return d, err
	}
	do := func(who actor.Actor, verb dossier.Verb, said dossier.Said) {
		if err == nil {
			w.Clock.Pass(10 * time.Minute)
			if err = w.Act(ctx, who, &d, verb, said); err != nil {
				err = fmt.Errorf("%s by %s: %w", verb, who.Account, err)
			}
		}
	}
	switch status {
	case dossier.New:
		return d, err
	case dossier.RefusedIntake:
		do(Desk, dossier.RefuseIntake, dossier.Said{Asked: Refusal(), Note: "Không thuộc trường hợp tiếp nhận"})
		return d, err
	}
	do(Desk, dossier.Receive, dossier.Said{})
	if status == dossier.Received {
		return d, err
	}
	do(Reviewer, dossier.Take, dossier.Said{})
	switch status {
	case dossier.InProcess:
		return d, err
	case dossier.Supplement:
		do(Reviewer, dossier.AskMore, dossier.Said{Asked: Checklist()})
		return d, err
	case dossier.Withdrawing:
		do(Mother, dossier.Withdraw, dossier.Said{Note: "Tôi nộp nhầm nơi"})
		return d, err
	case dossier.Stopped:
		do(Reviewer, dossier.Propose, dossier.Said{Refuse: true, Asked: Refusal()})
		do(Leader, dossier.Refuse, dossier.Said{})
		return d, err
	case dossier.FeeDue:
		do(Reviewer, dossier.AskFee, dossier.Said{})
		return d, err
	}
	do(Reviewer, dossier.Propose, dossier.Said{Note: "Đủ điều kiện"})
	do(Leader, dossier.Approve, dossier.Said{})
	if err != nil {
		return d, err
	}
	if _, err = w.ReportWaiting(ctx, 10); err != nil {
		return d, err
	}
	if d, err = w.Parts.Store.ByCode(ctx, d.Code); err != nil || status == dossier.Done {
		return d, err
	}
	do(Desk, dossier.HandOver, dossier.Said{Receiver: "Nguyễn Thị Hồng Nhung", How: "desk"})
	return d, err
}
