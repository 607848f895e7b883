package dossier

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"dean06/internal/eform"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/spelling"
	"dean06/internal/procedure"
)

// mostDrafts bounds how many drafts an account has at a time.
const mostDrafts = 20

// Start begins a draft. It fails with NotFound when no package is in force, with Invalid
// when the channel or the applicant does not fit, with Unavailable when filing online is
// off, and with TooMany when an account has too many that were not sent.
func (s *Service) Start(ctx context.Context, a actor.Actor, in Starting) (Draft, error) {
	who, err := s.who(ctx, a)
	if err != nil {
		return Draft{}, err
	}
	desk := len(who.Posts) > 0 && who.Has(Receiver) && in.Channel != Online
	if desk && in.Desk == "" {
		i := slices.IndexFunc(who.Posts, func(p Post) bool { return p.Duty == DutyDesk })
		if i >= 0 {
			in.Desk = who.Posts[i].Agency
		}
	}
	if err := Permissions.CanOwn(a, Fill, who.Has(Citizen) && !desk || desk && deskOf(who, in.Desk)); err != nil {
		return Draft{}, s.refuse(ctx, a, Fill, in.Procedure, err)
	}
	p, err := s.Packages.Current(ctx, in.Procedure, s.today())
	if err != nil {
		return Draft{}, err
	}
	if !slices.Contains(p.Channels, string(in.Channel)) {
		return Draft{}, fault.New(fault.Invalid, "dossier.draft.channel", nil).At("channel")
	}
	if err := sure(who, p, in.Channel); err != nil && !desk {
		return Draft{}, err
	}
	if who.For != nil {
		if !who.For.Covers(p.Code) {
			return Draft{}, s.refuse(ctx, a, Fill, p.Code, errScope)
		}
		if !mayApply(p, party(who.For).Kind) {
			return Draft{}, errNotWho
		}
	}
	now := moment(s.Clock.Now())
	d := Draft{
		ID: s.NewID(), Account: who.Account, Procedure: p.Code, Package: p.Version, Channel: in.Channel, Answers: eform.Answers{},
		CreatedAt: now, ChangedAt: now, Version: 1,
	}
	if desk {
		d.Assisted, d.Officer, d.Desk, d.Applicant = true, who.Account, in.Desk, in.Applicant
		d.Applicant.Account = ""
		d.Applicant.Number = "" // it comes with the card that the officer sees
	} else {
		if err := s.online(in.Channel, now); err != nil {
			return Draft{}, err
		}
		d.Applicant = Party{
			Number: who.Number, Name: who.Name, Account: who.Account, Phone: in.Applicant.Phone, Email: in.Applicant.Email,
		}
	}
	whom := Whom{Kind: in.Applicant.Kind, Organisation: in.Applicant.Organisation, For: in.For}
	if whom.Kind == "" && whom.For == nil {
		whom.Kind = OfCitizen
	}
	open, err := s.Store.Drafts(ctx, who.Account, mostDrafts+1)
	if err != nil {
		return Draft{}, err
	}
	if len(open) >= mostDrafts && !desk {
		return Draft{}, fault.New(fault.TooMany, "dossier.draft.too_many", fault.Args{"most": mostDrafts})
	}
	if who.For != nil {
		d.Applicant.Kind, d.For = "", party(who.For)
	} else if err := s.begin(ctx, who, &d, p, whom); err != nil {
		return Draft{}, err
	}
	if in.Case != "" {
		if err := chooseCase(&d, p, in.Case); err != nil {
			return Draft{}, err
		}
	}
	s.settle(&d, p)
	return d, s.Store.InTx(ctx, func(tx Tx) error { return tx.SaveDraft(ctx, d, 0) })
}

func mayApply(p *procedure.Package, kind string) bool {
	return len(p.Who) == 0 || slices.ContainsFunc(p.Who, func(a procedure.Applicant) bool { return a.Kind == kind })
}

// online fails with Unavailable while nothing can be filed online.
func (s *Service) online(c Channel, now time.Time) error {
	if c != Online {
		return nil
	}
	if !s.Settings.Online {
		return fault.New(fault.Unavailable, "dossier.online.off", nil)
	}
	for _, o := range s.Settings.Outages {
		if !now.Before(o.From) && now.Before(o.To) {
			return fault.New(fault.Unavailable, "dossier.online.outage", fault.Args{"until": o.To})
		}
	}
	return nil
}

// settle brings up to date what follows from the answers and from who applies: the case, who
// is the one for whom is applied, and what is computed.
func (s *Service) settle(d *Draft, p *procedure.Package) {
	s.standIn(d, p)
	d.Case = caseOf(p, p.Form.View(d.Answers, s.Facts(*d)), d.Case)
	d.Answers = p.Form.Computed(d.Answers, s.Facts(*d), moment(s.Clock.Now()))
}

// Drafts are one's own that were not sent.
func (s *Service) Drafts(ctx context.Context, a actor.Actor) ([]Draft, error) {
	if err := Permissions.CanOwn(a, Fill, true); err != nil {
		return nil, err
	}
	list, err := s.Store.Drafts(ctx, a.Account, 100)
	return slices.DeleteFunc(list, func(d Draft) bool { return !fits(Who{Actor: a}, &d) }), err
}

// Draft is one's own draft with the package in force, or, of a supplement, the dossier's.
func (s *Service) Draft(ctx context.Context, a actor.Actor, id string) (Filling, error) {
	d, p, who, err := s.draft(ctx, a, id)
	if err != nil {
		return Filling{}, err
	}
	f := Filling{
		Draft: d, Package: p, Sure: who.Level >= prefillLevel || d.Assisted, Outages: s.Outages(),
		Bound: who.Number != "" && !d.Assisted || d.Assisted && d.Applicant.Number != "",
	}
	f.Needs = needs(p, p.Form.View(d.Answers, s.Facts(d)), d.Papers, d.Channel)
	f.Fees = fees(p, p.Form.View(d.Answers, s.Facts(d)), d.Answers)
	if f.Deciders, err = s.deciders(ctx, p, d.Answers, s.Facts(d)); err != nil && fault.Of(err) != fault.Invalid {
		return f, err
	}
	if d.Supplies != "" {
		parent, err := s.Store.Dossier(ctx, d.Supplies)
		if err != nil {
			return f, err
		}
		f.Asked = parent.answerable(p, d.Answers, d.Papers)
	}
	return f, nil
}

// asked are the lines of the checklist that is open.
func (d *Dossier) asked() []Asked {
	if n := len(d.Supplements); n > 0 && d.Supplements[n-1].CameAt.IsZero() {
		return d.Supplements[n-1].Asked
	}
	return nil
}

// Answer saves one answer; version is that of the draft that the page showed. It fails with
// Conflict when the draft was changed elsewhere meanwhile, and with Invalid at the path.
func (s *Service) Answer(ctx context.Context, a actor.Actor, id string, version int, path string, v eform.Value) (Draft, error) {
	return s.AnswerAll(ctx, a, id, version, map[string]eform.Value{path: v})
}

// AnswerAll saves several answers, as a section of the officer's page has them. Those that
// are right are saved; the others come back as a fault.List.
func (s *Service) AnswerAll(ctx context.Context, a actor.Actor, id string, version int, values map[string]eform.Value) (Draft, error) {
	d, p, _, err := s.changes(ctx, a, id, version)
	if err != nil {
		return d, err
	}
	may, err := s.mayChange(ctx, &d, p)
	if err != nil {
		return d, err
	}
	var wrong fault.List
	was := d.Answers
	at := moment(s.Clock.Now())
	// An answer can bring the question of another, which stands behind it in the form.
	left := maps.Clone(values)
	for _, path := range inOrder(&p.Form, d.Answers, slices.Sorted(maps.Keys(values))) {
		if !may(path, "") {
			wrong = append(wrong, fault.New(fault.Denied, "dossier.draft.not_asked", nil).At(path))
			continue
		}
		answers, err := p.Form.Put(d.Answers, s.Facts(d), path, left[path], eform.Typed, at)
		if err != nil {
			wrong = append(wrong, faultsAt(err, path)...)
			continue
		}
		d.Answers = answers
		d.At = path
		s.settle(&d, p)
	}
	if len(wrong) == len(values) && len(wrong) > 0 && maps.EqualFunc(was, d.Answers, sameAnswer) {
		return d, wrong.Err()
	}
	d, err = s.saveDraft(ctx, d)
	if err != nil {
		return d, err
	}
	return d, wrong.Err()
}

func sameAnswer(a, b eform.Answer) bool { return a.Value.Same(b.Value) && a.Source == b.Source }

// inOrder sorts paths as the form has them; what it does not have comes last.
func inOrder(f *eform.Form, _ eform.Answers, paths []string) []string {
	place := func(path string) int {
		sec, q, row, ok := f.Find(path)
		if !ok {
			return 1 << 30
		}
		n := 0
		for i := range f.Sections {
			if &f.Sections[i] == sec {
				n = i * 1_000_000
				for j := range sec.Questions {
					if &sec.Questions[j] == q {
						n += j
					}
				}
			}
		}
		return n + row*1000
	}
	slices.SortStableFunc(paths, func(a, b string) int { return place(a) - place(b) })
	return paths
}

// faultsAt are the faults in an error, each at a path.
func faultsAt(err error, path string) fault.List {
	if list, ok := err.(fault.List); ok { //nolint:errorlint // a list is given bare
		return list
	}
	f := fault.As(err)
	if f == nil {
		return fault.List{fault.New(fault.Internal, "error.internal", nil).At(path).Because(err)}
	}
	if f.Field == "" {
		f = f.At(path)
	}
	return fault.List{f}
}

// mayChange says what may be changed in a draft: of a supplement, what was asked, and what
// the answers to that bring up.
func (s *Service) mayChange(ctx context.Context, d *Draft, p *procedure.Package) (func(field, paper string) bool, error) {
	if d.Supplies == "" {
		return func(string, string) bool { return true }, nil
	}
	parent, err := s.Store.Dossier(ctx, d.Supplies)
	if err != nil {
		return nil, err
	}
	return func(field, paper string) bool {
		asked := parent.answerable(p, d.Answers, d.Papers)
		return slices.ContainsFunc(asked, func(a Asked) bool { return field != "" && a.Field == field || paper != "" && a.Paper == paper })
	}, nil
}

// Choose sets what is no question: who applies and for whom, the case, the deciding agency,
// where it stands, how the applicant is reached.
func (s *Service) Choose(ctx context.Context, a actor.Actor, id string, version int, c Choice) (Draft, error) {
	d, p, who, err := s.changes(ctx, a, id, version)
	if err != nil {
		return d, err
	}
	if c.Whom != nil {
		if d.Supplies != "" {
			return d, fault.New(fault.Denied, "dossier.draft.not_asked", nil)
		}
		if who.For != nil {
			return d, errFixed
		}
		if err := s.stand(ctx, who, &d, p, *c.Whom); err != nil {
			return d, err
		}
	}
	if c.Case != nil {
		if err := chooseCase(&d, p, *c.Case); err != nil {
			return d, err
		}
	}
	if c.At != nil {
		if len(*c.At) > 200 {
			return d, fault.New(fault.Invalid, "dossier.draft.at", nil).At("at")
		}
		d.At = *c.At
	}
	if c.Applicant != nil {
		if d.Applicant.Phone, err = contact(eform.KindPhone, c.Applicant.Phone); err != nil {
			return d, fault.As(err).At("phone")
		}
		if d.Applicant.Email, err = contact(eform.KindEmail, c.Applicant.Email); err != nil {
			return d, fault.As(err).At("email")
		}
	}
	if c.Competent != nil {
		all, err := s.deciders(ctx, p, d.Answers, s.Facts(d))
		if err != nil {
			return d, err
		}
		if !slices.ContainsFunc(all, func(x DecidingAgency) bool { return x.Agency == *c.Competent }) {
			return d, fault.New(fault.Invalid, "dossier.competence.choice", nil).At("competent")
		}
		d.Competent = *c.Competent
	}
	s.settle(&d, p)
	return s.saveDraft(ctx, d)
}

// contact reads a phone number or an e-mail address as a form does; none is one, too.
func contact(kind eform.Kind, text string) (string, error) {
	if strings.TrimSpace(text) == "" {
		return "", nil
	}
	return plain(kind, text)
}

func chooseCase(d *Draft, p *procedure.Package, id string) error {
	i := slices.IndexFunc(p.Cases, func(c procedure.Case) bool { return c.ID == id && !c.Adds })
	if i < 0 {
		return fault.New(fault.Invalid, "dossier.draft.case", nil).At("case")
	}
	d.Case = id
	return nil
}

// AddRow adds a row to a repeated section, RemoveRow takes one away, EnoughRows says that
// all are there.
func (s *Service) AddRow(ctx context.Context, a actor.Actor, id string, version int, section string) (Draft, int, error) {
	row := 0
	d, err := s.edit(ctx, a, id, version, func(d *Draft, p *procedure.Package, at time.Time) (err error) {
		d.Answers, row, err = p.Form.AddRow(d.Answers, section, at)
		return err
	})
	return d, row, err
}

// RemoveRow takes a row of a repeated section away.
func (s *Service) RemoveRow(ctx context.Context, a actor.Actor, id string, version int, section string, row int) (Draft, error) {
	return s.edit(ctx, a, id, version, func(d *Draft, p *procedure.Package, at time.Time) (err error) {
		d.Answers, err = p.Form.RemoveRow(d.Answers, section, row, at)
		return err
	})
}

// EnoughRows says that a repeated section has all its rows, none too.
func (s *Service) EnoughRows(ctx context.Context, a actor.Actor, id string, version int, section string) (Draft, error) {
	return s.edit(ctx, a, id, version, func(d *Draft, p *procedure.Package, at time.Time) (err error) {
		d.Answers, err = p.Form.EnoughRows(d.Answers, section, at)
		return err
	})
}

// LookedOver says that the citizen has looked over what arrived filled.
func (s *Service) LookedOver(ctx context.Context, a actor.Actor, id string, version int) (Draft, error) {
	return s.edit(ctx, a, id, version, func(d *Draft, p *procedure.Package, _ time.Time) error {
		d.Answers = p.Form.Look(d.Answers, s.Facts(*d))
		return nil
	})
}

// edit changes the answers of a draft that is no supplement.
func (s *Service) edit(
	ctx context.Context, a actor.Actor, id string, version int, change func(d *Draft, p *procedure.Package, at time.Time) error,
) (Draft, error) {
	d, p, _, err := s.changes(ctx, a, id, version)
	if err != nil {
		return d, err
	}
	if d.Supplies != "" {
		return d, fault.New(fault.Denied, "dossier.draft.not_asked", nil)
	}
	if err := change(&d, p, moment(s.Clock.Now())); err != nil {
		return d, err
	}
	s.settle(&d, p)
	return s.saveDraft(ctx, d)
}

// MarkWrong notes that a fact of the register is wrong; says "" takes the note back. The
// register hears of it when the dossier is sent.
func (s *Service) MarkWrong(ctx context.Context, a actor.Actor, id string, version int, path, says, why string) (Draft, error) {
	return s.edit(ctx, a, id, version, func(d *Draft, p *procedure.Package, at time.Time) error {
		answers, err := p.Form.MarkWrong(d.Answers, path, says)
		if err != nil {
			return faultsAt(err, path)[0]
		}
		d.Answers = answers
		d.Wrongs = slices.DeleteFunc(slices.Clone(d.Wrongs), func(w Wrong) bool { return w.Path == path })
		if answers[path].Wrong != "" {
			why = spelling.Clean(why)
			if len(why) > 2000 {
				return fault.New(fault.Invalid, "dossier.draft.why_long", nil).At("why")
			}
			d.Wrongs = append(d.Wrongs, Wrong{Path: path, Says: answers[path].Wrong, Why: why, At: at})
		}
		return nil
	})
}

// Confirm notes that the citizen at the desk read and confirmed what an officer filled in.
func (s *Service) Confirm(ctx context.Context, a actor.Actor, id string, version int, how string) (Draft, error) {
	d, p, _, err := s.changes(ctx, a, id, version)
	if err != nil {
		return d, err
	}
	if !d.Assisted || !slices.Contains([]string{"read", "heard", "paper"}, how) {
		return d, fault.New(fault.Invalid, "dossier.draft.confirm_how", nil).At("how")
	}
	d.Confirmed = &Confirmation{
		How: how, At: moment(s.Clock.Now()), By: a.Account, Digest: d.seal(p.Form.Effective(d.Answers, s.Facts(d))),
	}
	return s.saveDraft(ctx, d)
}

// Discard removes a draft.
func (s *Service) Discard(ctx context.Context, a actor.Actor, id string) error {
	d, _, _, err := s.draft(ctx, a, id)
	if err != nil {
		return err
	}
	if d.Sent != "" {
		return fault.New(fault.Conflict, "dossier.draft.sent", fault.Args{"code": d.Sent})
	}
	return s.Store.InTx(ctx, func(tx Tx) error { return tx.RemoveDraft(ctx, id) })
}
