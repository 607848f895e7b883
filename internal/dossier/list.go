package dossier

import (
	"context"
	"slices"
	"strings"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/procedure"
)

// lists fails unless somebody may list dossiers, and gives their agencies.
func (s *Service) lists(ctx context.Context, a actor.Actor, deed Deed) (Who, []string, error) {
	who, err := s.who(ctx, a)
	if err != nil {
		return who, nil, err
	}
	if err := Permissions.CanOwn(a, deed, len(who.Posts) > 0); err != nil {
		return who, nil, s.refuse(ctx, a, deed, "", err)
	}
	var agencies []string
	for _, p := range who.Posts {
		if slices.Contains([]string{DutyDesk, DutyReviewer, DutyPolice, DutyLeader}, p.Duty) && !slices.Contains(agencies, p.Agency) {
			agencies = append(agencies, p.Agency)
		}
	}
	if len(agencies) == 0 && Permissions.Can(a, deed) != nil {
		return who, nil, s.refuse(ctx, a, deed, "", denied(deed))
	}
	return who, agencies, nil
}

// defaultPage is how many lines a page has.
const defaultPage = 50

// WorkList is what an officer has to do, what is due first on top.
func (s *Service) WorkList(ctx context.Context, a actor.Actor, p Page) (Worked, error) {
	who, agencies, err := s.lists(ctx, a, List)
	if err != nil {
		return Worked{}, err
	}
	q := s.query(who, agencies, p)
	q.Limit++
	heads, err := s.Store.List(ctx, q)
	if err != nil {
		return Worked{}, err
	}
	out := Worked{Heads: heads}
	if len(heads) == q.Limit {
		out.Heads = heads[:q.Limit-1]
		out.Next = out.Heads[len(out.Heads)-1].Cursor()
	}
	return out, nil
}

// Counts counts what WorkList would give.
func (s *Service) Counts(ctx context.Context, a actor.Actor, p Page) (int, error) {
	who, agencies, err := s.lists(ctx, a, List)
	if err != nil {
		return 0, err
	}
	q := s.query(who, agencies, p)
	q.After, q.Limit = "", 0
	return s.Store.Count(ctx, q)
}

func (s *Service) query(who Who, agencies []string, p Page) ListQuery {
	q := ListQuery{Statuses: p.Statuses, Procedure: p.Procedure, Late: p.Late, Now: moment(s.Clock.Now()), After: p.After, Limit: p.Limit}
	if q.Limit <= 0 || q.Limit > 500 {
		q.Limit = defaultPage
	}
	switch p.View {
	case "mine":
		q.Holders = who.standsFor()
	case "agency":
		q.Agencies = agencies
	default:
		for _, post := range who.Posts {
			if slices.Contains(agencies, post.Agency) {
				q.Duties = append(q.Duties, Duty{Agency: post.Agency, Duty: post.Duty, Area: post.Area})
			}
		}
	}
	if p.View != "agency" {
		// Nothing is anybody's by having no position.
		if len(q.Duties) == 0 && len(q.Holders) == 0 {
			q.Holders = []string{who.Account}
		}
	}
	return q
}

// standsFor are somebody's account and those of whom they stand in for.
func (w Who) standsFor() []string {
	out := []string{w.Account}
	for _, p := range w.Posts {
		if p.Holder != "" && !slices.Contains(out, p.Holder) {
			out = append(out, p.Holder)
		}
	}
	return out
}

// Search finds dossiers of the officer's agencies by code, name or number; the purpose is
// logged with each that is found.
func (s *Service) Search(ctx context.Context, a actor.Actor, text, purpose string) ([]Head, error) {
	who, agencies, err := s.lists(ctx, a, List)
	if err != nil {
		return nil, err
	}
	text = strings.TrimSpace(text)
	q := ListQuery{Agencies: agencies, Now: moment(s.Clock.Now()), Limit: defaultPage}
	number := digits(text)
	switch {
	case text == "":
		return nil, fault.New(fault.Invalid, "dossier.search.empty", nil).At("q")
	case len(number) == 12 && strings.Trim(text, "0123456789 .") == "":
		q.Number = number
	case strings.ContainsAny(text, "0123456789"):
		q.Code = CleanCode(text)
		if len(q.Code) < 3 {
			return nil, fault.New(fault.Invalid, "dossier.search.short", nil).At("q")
		}
	default:
		q.Name = citizen.Fold(text)
		if len(q.Name) < 2 {
			return nil, fault.New(fault.Invalid, "dossier.search.short", nil).At("q")
		}
	}
	if strings.TrimSpace(purpose) == "" {
		return nil, fault.New(fault.Invalid, "dossier.look.purpose", nil).At("purpose")
	}
	heads, err := s.Store.List(ctx, q)
	if err != nil {
		return nil, err
	}
	return heads, s.looks(ctx, who, heads, purpose, "search")
}

// allPage is how many dossiers All gives at once.
const allPage = 500

// All lists dossiers of the node, page by page, for the command line, and logs each as a look.
func (s *Service) All(ctx context.Context, a actor.Actor, q ListQuery, purpose string) (Worked, error) {
	if err := Permissions.Can(a, List); err != nil {
		return Worked{}, s.refuse(ctx, a, List, "", err)
	}
	who, err := s.who(ctx, a)
	if err != nil {
		return Worked{}, err
	}
	if strings.TrimSpace(purpose) == "" {
		return Worked{}, fault.New(fault.Invalid, "dossier.look.purpose", nil).At("purpose")
	}
	q.Now, q.Limit = moment(s.Clock.Now()), allPage
	heads, err := s.Store.List(ctx, q)
	if err != nil {
		return Worked{}, err
	}
	out := Worked{Heads: heads}
	if len(heads) == allPage {
		out.Next = heads[allPage-1].Cursor()
	}
	return out, s.looks(ctx, who, heads, purpose, "list")
}

// rates are the agencies whose rate somebody may read; nil: all.
func (s *Service) rates(ctx context.Context, a actor.Actor, q *OnTimeQuery) error {
	_, agencies, err := s.lists(ctx, a, Rates)
	if err != nil {
		return err
	}
	if Permissions.Can(a, Rates) != nil {
		switch {
		case len(q.Agencies) == 0:
			q.Agencies = agencies
		case slices.ContainsFunc(q.Agencies, func(code string) bool { return !slices.Contains(agencies, code) }):
			return s.refuse(ctx, a, Rates, "", denied(Rates))
		}
	}
	if !q.From.Before(q.To) {
		return fault.New(fault.Invalid, "dossier.rate.period", nil).At("to")
	}
	q.Now = moment(s.Clock.Now())
	return nil
}

// OnTime gives the rates by procedure and unit: of the dossiers that were received before
// the end of the period and had not ended before its beginning.
func (s *Service) OnTime(ctx context.Context, a actor.Actor, q OnTimeQuery) ([]Rate, error) {
	if err := s.rates(ctx, a, &q); err != nil {
		return nil, err
	}
	counts, err := s.Store.OnTime(ctx, q)
	if err != nil {
		return nil, err
	}
	out := make([]Rate, 0, len(counts))
	for _, c := range counts {
		r := Rate{OnTimeCount: c, Unit: s.Posts.Name(c.Agency)}
		r.Name.Vi = procedure.Name(ctx, c.Procedure)
		if p, err := s.Packages.Current(ctx, c.Procedure, s.today()); err == nil {
			r.Name = p.Plain
		}
		out = append(out, r)
	}
	return out, nil
}

// Behind gives the dossiers behind a rate, without names: who wants to know more opens one,
// and says for which purpose.
func (s *Service) Behind(ctx context.Context, a actor.Actor, q OnTimeQuery) ([]Head, error) {
	if err := s.rates(ctx, a, &q); err != nil {
		return nil, err
	}
	heads, err := s.Store.OnTimeHeads(ctx, q, 1000)
	if err != nil {
		return nil, err
	}
	for i := range heads {
		heads[i].Applicant, heads[i].For = initials(heads[i].Applicant), initials(heads[i].For)
	}
	return heads, nil
}

// InPeriod says that a dossier counts in a period, and at which moment it is judged.
func (q OnTimeQuery) InPeriod(h Head) (at time.Time, ok bool) {
	at = q.Now
	if !q.To.IsZero() && q.To.Start().Before(at) {
		at = q.To.Start()
	}
	switch {
	case h.ReceivedAt.IsZero() || !q.To.IsZero() && !h.ReceivedAt.Before(q.To.Start()), h.Promised.IsZero():
		return at, false
	case !q.From.IsZero() && !h.DoneAt.IsZero() && h.DoneAt.Before(q.From.Start()):
		return at, false
	case len(q.Agencies) > 0 && !slices.Contains(q.Agencies, h.Competent), q.Unit != "" && q.Unit != h.Competent:
		return at, false
	case q.Procedure != "" && q.Procedure != h.Procedure:
		return at, false
	}
	return at, true
}
