package readiness

import (
	"context"
	"slices"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
)

// The items of row 5 of the Appendix, by the ends of their keys: the dossier of level, and the
// measures.
const (
	itemDossier  = "-a"
	itemMeasures = "-b"
)

// SecurityAnswer is what is known of one system for row 5.
type SecurityAnswer struct {
	System     System // declared with the answer when the return does not have it
	Dossier    string // not_submitted, submitted, approved
	Decision   *LetterRef
	Compliance string // met, partially_met, not_met
	Unmet      []string
}

// AnswerSecurity answers row 5 of a return for some systems; all else stays as it is.
func AnswerSecurity(tpl *Template, ret Return, kind string, answers []SecurityAnswer) Return {
	systems := slices.Clone(ret.Systems)
	for _, a := range answers {
		if !slices.ContainsFunc(systems, func(s System) bool { return s.ID == a.System.ID }) {
			if a.System.Kind == "" {
				a.System.Kind = SystemOther
			}
			systems = append(systems, a.System)
		}
	}
	if len(systems) > len(ret.Systems) {
		ret = SetSystems(tpl, ret, kind, systems)
	}
	for _, slot := range Slots(tpl, ret, kind, "security") {
		i := slices.IndexFunc(answers, func(a SecurityAnswer) bool { return a.System.ID == slot.System.ID })
		if i < 0 || slot.Row.Kind != Item {
			continue
		}
		now := slot.Answer
		switch _, end := splitItem(slot.Row.Key); end {
		case itemDossier:
			now.Compliance, now.Decision = answers[i].Dossier, answers[i].Decision
		case itemMeasures:
			now.Compliance, now.Unmet = answers[i].Compliance, nil
			if now.Compliance == string(PartiallyMet) {
				now.Unmet = answers[i].Unmet
			}
		default:
			continue
		}
		at := slices.IndexFunc(ret.Answers, func(o Answer) bool { return o.Key == now.Key && o.Row == now.Row })
		if at < 0 {
			ret.Answers = append(ret.Answers, now)
			continue
		}
		ret.Answers[at] = now
	}
	Arrange(tpl, &ret)
	return ret
}

func splitItem(key string) (group, end string) {
	if n := len(key) - len(itemDossier); n > 0 {
		return key[:n], key[n:]
	}
	return key, ""
}

// AnswerSecurity answers row 5 of the agency's return that is being written, of the newest
// letter that has one, and says of which letter. It fails with Conflict when none is.
func (r *Register) AnswerSecurity(ctx context.Context, who actor.Actor, agency string, answers []SecurityAnswer) (campaign string, err error) {
	if err := Can(who, EditDraft, agency); err != nil {
		return "", err
	}
	campaigns, err := r.store.Campaigns(ctx)
	if err != nil {
		return "", err
	}
	for _, c := range campaigns {
		if c.Live() != nil {
			continue
		}
		v, err := r.view(ctx, c.ID, agency)
		if fault.Of(err) == fault.NotFound && err != nil {
			continue
		}
		if err != nil {
			return "", err
		}
		if v.Record.Draft == nil || !Editable(v.Record.State()) {
			continue
		}
		out, err := r.Edit(ctx, who, c.ID, agency, Edit{Revision: v.Record.Draft.Revision, Apply: func(ret Return) Return {
			return AnswerSecurity(v.Template, ret, v.Agency.Kind, answers)
		}})
		if err == nil && len(out.Conflicts) > 0 {
			err = fault.New(fault.Conflict, "readiness.state.saved_meanwhile", nil)
		}
		return c.ID, err
	}
	return "", fault.New(fault.Conflict, "readiness.draft.none_open", nil)
}
