package dossier

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strconv"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/procedure"
)

// Do does something with a dossier. It fails with Denied, Invalid, and with Conflict when
// the dossier is not any more as they saw it ("dossier.stale.VERB": what happened meanwhile,
// when and by whom).
func (s *Service) Do(ctx context.Context, a actor.Actor, code string, act Act) (Dossier, error) {
	who, err := s.who(ctx, a)
	if err != nil {
		return Dossier{}, err
	}
	if row, ok := Permissions.Row(Deed(act.Verb)); ok && !who.Has(slices.Concat(row.Roles, row.Own)...) {
		return Dossier{}, s.refuse(ctx, a, Deed(act.Verb), code, denied(Deed(act.Verb))) // whatever there is, it is not for them
	}
	d, err := s.Store.ByCode(ctx, CleanCode(code))
	if err != nil {
		return Dossier{}, s.refuse(ctx, a, Deed(act.Verb), code, err)
	}
	if onlyCitizen(who) && !Owns(who, d) {
		return Dossier{}, s.refuse(ctx, a, Deed(act.Verb), code, errUnknown)
	}
	if act.Verb == Supply {
		return Dossier{}, fault.New(fault.Invalid, "dossier.supply.nothing", nil)
	}
	act.draft = nil
	if !who.Has(Program) { // what only the program says
		act.Said.Reported, act.Said.Error, act.Said.Level, act.Said.Changed = nil, "", 0, nil
		act.Said.Issued, act.Said.ToName, act.Said.Claim = nil, "", ""
	}
	return s.do(ctx, who, d, act)
}

func (s *Service) do(ctx context.Context, who Who, d Dossier, act Act) (Dossier, error) {
	p, err := s.Packages.Version(ctx, d.Procedure, d.Package)
	if err != nil {
		return Dossier{}, err
	}
	if act.Version != d.Version {
		if err := s.mayAtAll(who, d, p, act); err != nil {
			return Dossier{}, s.refuse(ctx, who.Actor, Deed(act.Verb), d.Code, err)
		}
		return Dossier{}, s.stale(ctx, d, act.Version)
	}
	if act.Verb == Assign {
		if err := s.assignee(ctx, d, &act.Said); err != nil {
			return Dossier{}, err
		}
	}
	out, err := s.scene(d, p, who).apply(act)
	if err != nil {
		return Dossier{}, s.refuse(ctx, who.Actor, Deed(act.Verb), d.Code, err)
	}
	if err := s.stays(ctx, &d, &out.d, p); err != nil {
		return Dossier{}, err
	}
	if err := s.make(ctx, &out.d, p, out.issued); err != nil {
		return Dossier{}, err
	}
	var after Dossier
	err = s.Store.InTx(ctx, func(tx Tx) error {
		now, err := tx.Hold(ctx, d.ID)
		if err != nil {
			return err
		}
		if now.Version != d.Version {
			return errMoved
		}
		actions, err := tx.Actions(ctx, d.ID)
		if err != nil {
			return err
		}
		one := out
		if one.d.Effect != nil && now.Effect != nil && act.Verb != EffectFailed {
			one.d.Effect = new(*one.d.Effect)
			one.d.Effect.Tries, one.d.Effect.TriedAt = now.Effect.Tries, now.Effect.TriedAt
		}
		if err := one.seal(actions[len(actions)-1].Hash); err != nil {
			return err
		}
		if err := tx.Save(ctx, one.d, d.Version, []Action{one.action}); err != nil {
			return err
		}
		if draft := act.draft; draft != nil {
			sent := *draft
			sent.Sent, sent.Version, sent.ChangedAt = d.Code, draft.Version+1, one.d.ChangedAt
			if err := tx.SaveDraft(ctx, sent, draft.Version); err != nil {
				return err
			}
		}
		if !act.Verb.Inside() || act.Verb == Warned {
			one.work = append(slices.Clone(one.work), Work{Kind: TellPeople, Dossier: d.ID, Seq: one.d.Version})
		}
		for _, w := range one.work {
			if err := tx.Queue(ctx, w); err != nil {
				return err
			}
		}
		after = one.d
		return nil
	})
	if err == errMoved { //nolint:errorlint // our own, given bare
		now, err := s.Store.Dossier(ctx, d.ID)
		if err != nil {
			return Dossier{}, err
		}
		return Dossier{}, s.stale(ctx, now, d.Version)
	}
	return after, err
}

var errMoved = fault.New(fault.Conflict, "dossier.stale", nil)

// mayAtAll says whether an act would be theirs if it came in time, so that nobody learns
// from a stale act what they may not see.
func (s *Service) mayAtAll(who Who, d Dossier, p *procedure.Package, act Act) error {
	sc := s.scene(d, p, who)
	if Owns(who, d) || sc.officer() || sc.program() {
		return nil
	}
	return denied(Deed(act.Verb))
}

// stale says what happened since somebody saw a version.
func (s *Service) stale(ctx context.Context, d Dossier, seen int) error {
	actions, err := s.Store.Actions(ctx, d.ID)
	if err != nil {
		return err
	}
	if seen <= 0 || seen >= len(actions) {
		return errMoved
	}
	next := actions[seen:]
	a := next[len(next)-1]
	return fault.New(fault.Conflict, "dossier.stale."+string(a.Verb), fault.Args{"name": a.Name, "at": a.At, "count": len(next)})
}

// assignee finds the position to which a dossier is given: one with the duty of its step.
func (s *Service) assignee(ctx context.Context, d Dossier, said *Said) error {
	posts, err := s.Posts.For(ctx, d.Agency, d.Duty, d.Area, s.today())
	if err != nil {
		return err
	}
	i := slices.IndexFunc(posts, func(p Post) bool {
		return p.Account != "" && (said.Post == "" || p.ID == said.Post) && (said.To == "" || p.Account == said.To)
	})
	if i < 0 || said.To == "" && said.Post == "" {
		return fault.New(fault.Invalid, "dossier.act.whom_missing", nil).At("to")
	}
	said.To, said.ToName, said.Post = posts[i].Account, posts[i].Name, posts[i].ID
	if said.ToName == "" {
		said.ToName = posts[i].Title
	}
	return nil
}

// Assignees are the positions to which a dossier can be given now.
func (s *Service) Assignees(ctx context.Context, a actor.Actor, code string) ([]Post, error) {
	d, _, mine, err := s.reads(ctx, a, code)
	if err != nil {
		return nil, err
	}
	if mine || d.Duty == "" {
		return nil, nil
	}
	return s.Posts.For(ctx, d.Agency, d.Duty, d.Area, s.today())
}

// make makes the papers that an act issues and keeps them, before it is written: a paper of
// which there is a line is there.
func (s *Service) make(ctx context.Context, d *Dossier, p *procedure.Package, issued []ResultPaper) error {
	for _, r := range issued {
		i := slices.IndexFunc(d.Results, func(x ResultPaper) bool { return x.ID == r.ID })
		if r.Number == "" {
			n, err := s.next(ctx, d.Competent, r.Result)
			if err != nil {
				return err
			}
			r.Number = strconv.Itoa(n)
			d.Results[i].Number = r.Number
		}
		raw, err := s.Papers.Make(ctx, r.Kind, *d, p, r)
		if err != nil {
			return err
		}
		hash, _, err := s.Files.Put(ctx, bytes.NewReader(raw))
		if err != nil {
			return err
		}
		d.Results[i].File = hash
	}
	return nil
}

// next is the number of a result of an agency, in the order of the year. One may be left
// out, where what followed failed; none is given twice.
func (s *Service) next(ctx context.Context, agency, result string) (n int, err error) {
	err = s.Store.InTx(ctx, func(tx Tx) error {
		n, err = tx.Next(ctx, fmt.Sprintf("result %s %s %d", agency, result, s.today().Year()))
		return err
	})
	return n, err
}
