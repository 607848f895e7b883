package dossier

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/spelling"
)

// look notes that somebody who is not the applicant looked.
func (s *Service) look(ctx context.Context, who Who, d *Dossier, purpose, what string) error {
	return s.looks(ctx, who, []Head{d.Head()}, purpose, what)
}

// looks notes it of several dossiers at once.
func (s *Service) looks(ctx context.Context, who Who, heads []Head, purpose, what string) error {
	purpose = spelling.Clean(purpose)
	if purpose == "" || utf8.RuneCountInString(purpose) > 500 {
		return fault.New(fault.Invalid, "dossier.look.purpose", nil).At("purpose")
	}
	looks := make([]Look, len(heads))
	for i, h := range heads {
		looks[i] = Look{Dossier: h.ID, By: who.Account, Name: who.Name, Agency: who.Agency, Purpose: purpose, At: moment(s.Clock.Now()), What: what}
		for _, p := range who.Posts {
			if p.Agency == h.Competent || p.Agency == h.Receiving {
				looks[i].Agency = p.Agency
				break
			}
		}
	}
	return s.Store.SaveLook(ctx, looks...)
}

// Look reads a dossier. An officer says for which purpose; it is logged, and stands on the
// dossier's page.
func (s *Service) Look(ctx context.Context, a actor.Actor, code, purpose string) (View, error) {
	d, who, mine, err := s.reads(ctx, a, code)
	if err != nil {
		return View{}, err
	}
	if !mine {
		if err := s.look(ctx, who, &d, purpose, "dossier"); err != nil {
			return View{}, err
		}
	}
	p, err := s.Packages.Version(ctx, d.Procedure, d.Package)
	if err != nil {
		return View{}, err
	}
	v := View{Dossier: d, Package: p, Mine: mine, Names: map[string]string{}}
	if v.Actions, err = s.Store.Actions(ctx, d.ID); err != nil {
		return View{}, err
	}
	if v.Looks, err = s.Store.Looks(ctx, d.ID, 200); err != nil {
		return View{}, err
	}
	v.Allowed = Allow(d, p, who, moment(s.Clock.Now()), s.Deadline)
	v.Needs = needs(p, ViewOf(p, d), d.Papers, d.Channel)
	for _, code := range []string{d.Receiving, d.Competent, d.Agency} {
		if code != "" {
			v.Names[code] = s.Posts.Name(code)
		}
	}
	for _, x := range v.Actions {
		if x.Agency != "" {
			v.Names[x.Agency] = s.Posts.Name(x.Agency)
		}
	}
	if mine {
		v.hideInside()
	}
	return v, nil
}

// hideInside takes away what is said among officers, and what the register says of others.
func (v *View) hideInside() {
	v.Actions = slices.DeleteFunc(slices.Clone(v.Actions), func(a Action) bool { return a.Verb.Inside() && !a.Verb.moves() })
	for i, a := range v.Actions {
		if a.Verb.moves() { // that it went on is for the applicant, what was said is not
			v.Actions[i].Data = nil
		}
	}
	v.Dossier = v.Dossier.clone()
	v.Dossier.hideInside()
}

func (d *Dossier) hideInside() {
	d.Proposed = nil
	if d.Effect != nil {
		d.Effect.Questions, d.Effect.Answers = nil, nil
		if d.Effect.State == EffectRefused { // the register's words are for the officer
			d.Effect.Error = ""
		}
	}
}

// OpenPaper reads a file that was handed in, logged as a look.
func (s *Service) OpenPaper(ctx context.Context, a actor.Actor, code, file, purpose string) (Paper, io.ReadCloser, error) {
	d, who, mine, err := s.reads(ctx, a, code)
	if err != nil {
		return Paper{}, nil, err
	}
	i := slices.IndexFunc(d.Papers, func(p Paper) bool { return p.File != "" && p.File == file })
	if i < 0 {
		return Paper{}, nil, s.refuse(ctx, a, Read, code, fault.New(fault.NotFound, "dossier.paper.not_there", nil))
	}
	if !mine {
		if err := s.look(ctx, who, &d, purpose, "paper:"+file); err != nil {
			return Paper{}, nil, err
		}
	}
	r, err := s.Files.Open(ctx, file)
	return d.Papers[i], r, err
}

// OpenDraftPaper reads a file of one's own draft.
func (s *Service) OpenDraftPaper(ctx context.Context, a actor.Actor, id, file string) (Paper, io.ReadCloser, error) {
	d, _, _, err := s.draft(ctx, a, id)
	if err != nil {
		return Paper{}, nil, err
	}
	i := slices.IndexFunc(d.Papers, func(p Paper) bool { return p.File != "" && p.File == file })
	if i < 0 {
		return Paper{}, nil, fault.New(fault.NotFound, "dossier.paper.not_there", nil)
	}
	r, err := s.Files.Open(ctx, file)
	return d.Papers[i], r, err
}

// OpenResult reads a standard paper or a result by its id.
func (s *Service) OpenResult(ctx context.Context, a actor.Actor, code, id, purpose string) (ResultPaper, io.ReadCloser, error) {
	d, who, mine, err := s.reads(ctx, a, code)
	if err != nil {
		return ResultPaper{}, nil, err
	}
	i := slices.IndexFunc(d.Results, func(r ResultPaper) bool { return r.ID == id })
	if i < 0 {
		return ResultPaper{}, nil, s.refuse(ctx, a, Read, code, fault.New(fault.NotFound, "dossier.paper.not_there", nil))
	}
	if !mine {
		if err := s.look(ctx, who, &d, purpose, "result:"+id); err != nil {
			return ResultPaper{}, nil, err
		}
	}
	r, err := s.Files.Open(ctx, d.Results[i].File)
	return d.Results[i], r, err
}

// Chained is what happened to a dossier, without what was said, and where it is broken.
type Chained struct {
	Actions []Action
	Broken  *Broken // nil: it is whole
}

// Chain reads what happened to a dossier, and verifies it.
func (s *Service) Chain(ctx context.Context, a actor.Actor, code string) (Chained, error) {
	if err := Permissions.Can(a, ReadChain); err != nil {
		return Chained{}, s.refuse(ctx, a, ReadChain, code, err)
	}
	d, err := s.Store.ByCode(ctx, CleanCode(code))
	if err != nil {
		return Chained{}, err
	}
	c := Chained{}
	if c.Actions, err = s.Store.Actions(ctx, d.ID); err != nil {
		return c, err
	}
	if err := VerifyChain(c.Actions, d); err != nil && !errors.As(err, &c.Broken) {
		return c, err
	}
	for i := range c.Actions {
		x := &c.Actions[i]
		x.Data = nil
		if x.Agency == "" && x.By != program().Account { // a citizen's name is none of the auditor's business
			x.Name = initials(x.Name)
		}
	}
	return c, nil
}

// Own are one's own dossiers, the newest first.
func (s *Service) Own(ctx context.Context, a actor.Actor) ([]Head, error) {
	who, err := s.who(ctx, a)
	if err != nil {
		return nil, err
	}
	if err := Permissions.CanOwn(a, Read, true); err != nil {
		return nil, s.refuse(ctx, a, Read, "", err)
	}
	number := who.Number
	if who.For != nil && who.For.Kind != OfOrganisation {
		number = who.For.Number
	}
	list, err := s.Store.Own(ctx, who.Account, number, 200)
	if err != nil {
		return nil, err
	}
	var out []Head
	for _, h := range list {
		if who.For == nil && h.For == "" {
			out = append(out, h)
			continue
		}
		d, err := s.Store.Dossier(ctx, h.ID) // whether it was filed by a right that is at hand
		if err != nil {
			return nil, err
		}
		if Owns(who, d) {
			out = append(out, h)
		}
	}
	return out, nil
}

// Export gives one's own dossier, to take along.
func (s *Service) Export(ctx context.Context, a actor.Actor, code string) (Export, error) {
	if err := Permissions.CanOwn(a, TakeOut, true); err != nil {
		return Export{}, s.refuse(ctx, a, TakeOut, code, err)
	}
	d, _, mine, err := s.reads(ctx, a, code)
	if err != nil {
		return Export{}, err
	}
	if err := Permissions.CanOwn(a, TakeOut, mine); err != nil {
		return Export{}, s.refuse(ctx, a, TakeOut, code, err)
	}
	e := Export{At: moment(s.Clock.Now())}
	if e.Actions, err = s.Store.Actions(ctx, d.ID); err != nil {
		return Export{}, err
	}
	if e.Looks, err = s.Store.Looks(ctx, d.ID, 10_000); err != nil {
		return Export{}, err
	}
	v := View{Dossier: d, Actions: e.Actions}
	v.hideInside()
	e.Dossier, e.Actions, e.Results = v.Dossier, v.Actions, v.Dossier.Results
	for _, p := range d.Papers {
		if p.File != "" {
			e.Files = append(e.Files, p)
		}
	}
	return e, nil
}

// digits are those in a text.
func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}
