package dossier

import (
	"maps"
	"slices"
	"strings"

	"dean06/internal/eform"
	"dean06/internal/platform/fault"
)

// registered: the register has recorded what was decided.
func (a *applying) registered() error {
	r := a.said.Reported
	if r == nil || r.Event == "" {
		return fault.New(fault.Invalid, "dossier.act.not_recorded", nil)
	}
	e := a.d.Effect
	e.State, e.Recorded, e.Number, e.DoneAt = EffectDone, r.Event, r.Number, a.now
	e.Questions, e.Error = nil, ""
	a.said.Reported = &Reported{Event: r.Event, Again: r.Again} // the number is personal data
	if path := a.p.Effect.Gives; path != "" && r.Number != "" {
		a.d.Answers[path] = eform.Answer{
			Value: eform.Value{Text: r.Number}, Source: eform.Register, At: a.now, AsOf: a.now, Fact: "number", Locked: true,
		}
		a.said.Changed = append(a.said.Changed, path)
	}
	w, ok := a.way(Registered)
	if !ok {
		return fault.New(fault.Internal, "dossier.act.no_step", fault.Args{"step": a.d.Step})
	}
	if err := a.enter(w.To); err != nil {
		return err
	}
	a.results()
	return nil
}

// effectFailed: the register asks, will never record it, or is away.
func (a *applying) effectFailed() error {
	e, r := a.d.Effect, a.said.Reported
	switch {
	case r != nil && len(r.Questions) > 0:
		e.State, e.Questions, e.Error = EffectAsked, r.Questions, ""
	case r != nil && r.Refused != "":
		e.State, e.Error = EffectRefused, r.Refused
	default:
		e.State, e.Error = EffectWaiting, a.said.Error
	}
	e.Tries, e.TriedAt = e.Tries+1, a.now
	a.d.Duty, a.d.Holder, a.d.HolderName, a.d.Post = "", "", "", ""
	if e.State == EffectWaiting {
		return nil
	}
	// The officer who proposed it, or decided without one, answers; what the register will
	// never record is for the leader.
	a.d.Duty = DutyLeader
	if p := a.d.Proposed; p != nil && e.State == EffectAsked {
		if step, ok := a.p.Step(p.Step); ok {
			a.d.Duty = step.Holder.Duty
		}
		a.hold(p.By, p.Name, "")
	}
	if r != nil { // what the register says of persons stays out of the log
		a.said.Reported = &Reported{Questions: codesOf(r.Questions)}
		a.said.Error = "dossier.effect." + e.State
	}
	return nil
}

// answered notes what the register says to what the citizen said is wrong in it. Its words
// stand in the dossier, not in the log.
func (a *applying) answered() error {
	i := slices.IndexFunc(a.d.Wrongs, func(w Wrong) bool { return w.Path == a.act.claim.Path && w.State == "" })
	if i < 0 || !slices.Contains([]string{ClaimCorrected, ClaimRefused, ClaimUnsent}, a.act.claim.State) {
		return fault.New(fault.Invalid, "dossier.why.no_claim", nil)
	}
	w := &a.d.Wrongs[i]
	w.State, w.Answer, w.AnsweredAt = a.act.claim.State, a.act.claim.Answer, a.now
	a.said.Claim, a.said.Error = w.Path, "dossier.claim."+w.State
	return nil
}

func codesOf(questions []EffectQuestion) []EffectQuestion {
	out := make([]EffectQuestion, len(questions))
	for i, q := range questions {
		out[i] = EffectQuestion{Code: q.Code}
	}
	return out
}

// answerEffect takes the officer's answers; then the register is told again.
func (a *applying) answerEffect() error {
	e := a.d.Effect
	for code, text := range a.said.Effect {
		text = strings.TrimSpace(text)
		i := slices.IndexFunc(e.Questions, func(q EffectQuestion) bool { return q.Code == code })
		if i < 0 || len(e.Questions[i].Choice) > 0 && text != "" && !slices.Contains(e.Questions[i].Choice, text) {
			return fault.New(fault.Invalid, "dossier.act.effect_answer", nil).At("effect." + code)
		}
	}
	for _, q := range e.Questions {
		if strings.TrimSpace(a.said.Effect[q.Code]) == "" {
			return fault.New(fault.Invalid, "dossier.act.effect_missing", fault.Args{"question": q.Text}).At("effect." + q.Code)
		}
	}
	if e.Answers == nil {
		e.Answers = map[string]string{}
	}
	maps.Copy(e.Answers, a.said.Effect)
	e.State, e.Questions, e.Error = EffectWaiting, nil, ""
	a.d.Duty, a.d.Holder, a.d.HolderName, a.d.Post = "", "", "", ""
	a.work = append(a.work, Work{Kind: TellEvent, Dossier: a.d.ID})
	return nil
}
