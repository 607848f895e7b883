package dossier

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"dean06/internal/eform"
	"dean06/internal/org"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/procedure"
)

// deciders are the agencies that may decide, by the places of the form on the day. It fails
// with Invalid when none is found, and when it is not one of this province.
func (s *Service) deciders(ctx context.Context, p *procedure.Package, answers eform.Answers, facts eform.Facts) ([]DecidingAgency, error) {
	effective := p.Form.Effective(answers, facts)
	var out []DecidingAgency
	elsewhere := ""
	for _, path := range p.Competent.By {
		place := effective[path].Value.Place
		if place == nil || place.Commune == "" && place.Province == "" || place.Country != "" && place.Country != "VN" {
			continue
		}
		code, name, err := s.Posts.Competent(ctx, p.Competent.Kind, p.Competent.Level, place.Province, place.Commune, s.today())
		if fault.Of(err) == fault.NotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		if home := s.home(); home != "" && code != home && !s.Posts.Within(code, home) {
			elsewhere = name
			continue
		}
		if !slices.ContainsFunc(out, func(d DecidingAgency) bool { return d.Agency == code }) {
			out = append(out, DecidingAgency{Agency: code, Name: name, By: path, Area: areaOf(code, place.Commune)})
		}
	}
	switch at := strings.Join(p.Competent.By[:min(1, len(p.Competent.By))], ""); {
	case len(out) > 0:
		return out, nil
	case elsewhere != "":
		return nil, fault.New(fault.Invalid, "dossier.competence.elsewhere", fault.Args{"agency": elsewhere}).At(at)
	default:
		return nil, fault.New(fault.Invalid, "dossier.competence.unknown", nil).At(at)
	}
}

// home is the code of the province whose dossiers these are; "" while that is not known.
func (s *Service) home() string {
	if s.Province != nil {
		return s.Province()
	}
	return s.Settings.Province
}

// areaOf is the commune for which an agency decides: its own, where that of the address has
// ended and became another.
func areaOf(agency, commune string) string {
	if _, unit, ok := org.ParseLocalCode(agency); ok {
		return unit
	}
	if _, unit, ok := org.ParsePoliceCode(agency); ok {
		return unit
	}
	return commune
}

// stays fails where a place that says who decides was changed, and the agency that has the
// dossier would not decide any more: it is handed in there.
func (s *Service) stays(ctx context.Context, was, now *Dossier, p *procedure.Package) error {
	i := slices.IndexFunc(p.Competent.By, func(path string) bool { return !was.Answers[path].Value.Same(now.Answers[path].Value) })
	if i < 0 || now.Status == Done || now.Status == HandedOver {
		return nil
	}
	facts := FactsOf(*now)
	facts.Today, facts.Units = s.today(), s.Units
	all, err := s.deciders(ctx, p, now.Answers, facts)
	if err != nil || slices.ContainsFunc(all, func(x DecidingAgency) bool { return x.Agency == now.Competent }) {
		return err
	}
	return fault.New(fault.Invalid, "dossier.competence.moved", fault.Args{"agency": all[0].Name}).At(p.Competent.By[i])
}

// decider is the agency that decides: the only one, or the one that was chosen.
func (d *Draft) decider(all []DecidingAgency) (DecidingAgency, error) {
	if len(all) == 1 {
		return all[0], nil
	}
	i := slices.IndexFunc(all, func(x DecidingAgency) bool { return x.Agency == d.Competent })
	if i < 0 {
		return DecidingAgency{}, fault.New(fault.Invalid, "dossier.competence.choose", nil).At("competent")
	}
	return all[i], nil
}

// CheckAll says everything that is still wrong or missing, each at its path ("papers.ID" for
// a paper); nil when it can be sent.
func (s *Service) CheckAll(ctx context.Context, a actor.Actor, id string) (fault.List, error) {
	d, p, _, err := s.draft(ctx, a, id)
	if err != nil {
		return nil, err
	}
	return s.check(ctx, &d, p)
}

func (s *Service) check(ctx context.Context, d *Draft, p *procedure.Package) (fault.List, error) {
	if d.Supplies != "" {
		return s.checkSupply(ctx, d)
	}
	facts := s.Facts(*d)
	view := p.Form.View(d.Answers, facts)
	out := d.unsaid(p)
	if d.Case == "" && slices.ContainsFunc(p.Cases, func(c procedure.Case) bool { return !c.Adds }) {
		out = append(out, fault.New(fault.Invalid, "dossier.draft.case", nil).At("case"))
	}
	out = append(out, p.Form.Check(p.Form.Effective(d.Answers, facts), facts)...)
	for _, n := range needs(p, view, d.Papers, d.Channel) {
		if n.Asked {
			out = append(out, fault.New(fault.Invalid, "dossier.paper.missing", fault.Args{"paper": n.Paper.Name}).At("papers."+n.Paper.ID))
		}
	}
	all, err := s.deciders(ctx, p, d.Answers, facts)
	if err == nil {
		_, err = d.decider(all)
	}
	if err != nil {
		f := fault.As(err)
		if f == nil || f.Kind != fault.Invalid {
			return nil, err
		}
		out = append(out, f)
	}
	if d.Assisted && (d.Confirmed == nil || d.Confirmed.Digest != d.seal(p.Form.Effective(d.Answers, facts))) {
		out = append(out, fault.New(fault.Invalid, "dossier.draft.unconfirmed", nil).At("confirm"))
	}
	return out, nil
}

// checkSupply says which lines of the checklist are not answered.
func (s *Service) checkSupply(ctx context.Context, d *Draft) (fault.List, error) {
	parent, err := s.Store.Dossier(ctx, d.Supplies)
	if err != nil {
		return nil, err
	}
	p, err := s.Packages.Version(ctx, parent.Procedure, parent.Package)
	if err != nil {
		return nil, err
	}
	var out fault.List
	if parent.Status != Supplement {
		return nil, fault.New(fault.Conflict, "dossier.supply.closed", nil)
	}
	since := parent.Supplements[len(parent.Supplements)-1].At
	lines := parent.answerable(p, d.Answers, d.Papers)
	for _, line := range lines {
		if line.Paper != "" {
			fresh := func(x Paper) bool { return x.Requirement == line.Paper && !x.Removed && !x.At.Before(since) }
			if !slices.ContainsFunc(d.Papers, fresh) {
				out = append(out, fault.New(fault.Invalid, "dossier.supply.paper", nil).At("papers."+line.Paper))
			}
		}
		if line.Field != "" {
			if x, ok := d.Answers[line.Field]; !ok || x.At.Before(since) {
				out = append(out, fault.New(fault.Invalid, "dossier.supply.field", nil).At(line.Field))
			}
		}
	}
	for _, f := range p.Form.Check(p.Form.Effective(d.Answers, s.Facts(*d)), s.Facts(*d)) {
		if slices.ContainsFunc(lines, func(l Asked) bool { return l.Field == f.Field }) {
			out = append(out, f)
		}
	}
	return out, nil
}

// Submit sends a draft. A second time it gives the dossier that it became. It fails with a
// fault.List of what CheckAll says.
func (s *Service) Submit(ctx context.Context, a actor.Actor, id string, f Filing) (Dossier, error) {
	d, p, who, err := s.draft(ctx, a, id)
	if err != nil {
		return Dossier{}, err
	}
	if d.Sent != "" {
		return s.Store.ByCode(ctx, d.Sent)
	}
	if f.Key != "" {
		f.Key = d.ID + " " + f.Key // of this draft: another one's is another filing
		if had, ok, err := s.Store.ByKey(ctx, who.Account, f.Key); err != nil || ok {
			return had, err
		}
	}
	if d.Version != f.Version {
		return Dossier{}, errStale
	}
	if d.Supplies != "" {
		return s.supply(ctx, who, d)
	}
	if !f.Notice {
		return Dossier{}, fault.New(fault.Invalid, "dossier.submit.notice", nil).At("notice")
	}
	if err := s.online(d.Channel, s.Clock.Now()); err != nil {
		return Dossier{}, err
	}
	if d.For != nil { // the register may be back
		if err := s.match(ctx, who, d.ID, d.Procedure, d.For); err != nil {
			if f := fault.As(err); f != nil && f.Kind == fault.Invalid {
				return Dossier{}, fault.List{f.At("whom")}
			}
			return Dossier{}, err
		}
	}
	wrong, err := s.check(ctx, &d, p)
	if err != nil {
		return Dossier{}, err
	}
	if err := wrong.Err(); err != nil {
		return Dossier{}, err
	}
	done, err := s.file(ctx, who, d, p, f)
	if err != nil {
		return Dossier{}, err
	}
	return s.add(ctx, who, d, p, done, f.Key)
}

// file makes the dossier of a draft, without its code.
func (s *Service) file(ctx context.Context, who Who, d Draft, p *procedure.Package, f Filing) (*applying, error) {
	all, err := s.deciders(ctx, p, d.Answers, s.Facts(d))
	if err != nil {
		return nil, err
	}
	by, err := d.decider(all)
	if err != nil {
		return nil, err
	}
	facts := s.Facts(d)
	receiving, err := s.receiving(ctx, &d, p, by)
	if err != nil {
		return nil, err
	}
	dossier := Dossier{
		ID: s.NewID(), Procedure: p.Code, Package: p.Version, Case: d.Case, Channel: d.Channel, Applicant: d.Applicant, For: d.For,
		Answers: p.Form.Effective(d.Answers, facts), Papers: slices.Clone(d.Papers), Receiving: receiving,
		Competent: by.Agency, Area: by.Area, Retention: p.Retention, Wrongs: claims(d.Wrongs, p.Form.Effective(d.Answers, facts)),
		Fees: fees(p, p.Form.View(d.Answers, facts), d.Answers),
	}
	for _, n := range needs(p, p.Form.View(d.Answers, facts), d.Papers, d.Channel) {
		if len(n.Met) == 1 && n.Met[0].How == ByAgency && n.Met[0].At.IsZero() {
			own := n.Met[0]
			own.At = moment(s.Clock.Now())
			dossier.Papers = append(dossier.Papers, own)
		}
	}
	introduce(&dossier, p, facts)
	s.writeIn(&dossier, p, facts)
	sc := s.scene(dossier, p, who)
	dossier.SubmittedAt = sc.now
	sc.d = Dossier{ID: dossier.ID}
	ap := &applying{scene: sc, act: Act{Verb: Submit}, d: dossier, said: Said{Receipt: f.Receipt, Originals: f.Originals, Notice: f.Notice}}
	if err := ap.takeOriginals(); err != nil {
		return nil, err
	}
	if d.Confirmed != nil {
		ap.said.How = d.Confirmed.How
	}
	return ap, nil
}

// claims are what the citizen said is wrong in the register, of the facts that still stand in
// the form: another person's fact that came in place of one is not claimed to be wrong.
func claims(all []Wrong, answers eform.Answers) []Wrong {
	var out []Wrong
	for _, w := range all {
		if answers[w.Path].Wrong == w.Says {
			out = append(out, w)
		}
	}
	return out
}

// receiving is where a dossier is handed in: the desk that took it, else that of the
// deciding agency; for one without a desk, such as a commune's police, its committee's.
func (s *Service) receiving(ctx context.Context, d *Draft, p *procedure.Package, by DecidingAgency) (string, error) {
	if d.Desk != "" {
		return d.Desk, nil
	}
	if p.Competent.Kind == committee {
		return by.Agency, nil
	}
	posts, err := s.Posts.For(ctx, by.Agency, DutyDesk, by.Area, s.today())
	if err != nil || len(posts) > 0 {
		return by.Agency, err
	}
	place := d.Answers[by.By].Value.Place
	code, _, err := s.Posts.Competent(ctx, committee, p.Competent.Level, place.Province, place.Commune, s.today())
	if err != nil && fault.Of(err) != fault.NotFound {
		return "", err
	}
	return cmp.Or(code, by.Agency), nil
}

// committee is the kind of agency that has a desk.
const committee = "committee"

// introduce takes name and number of the applicant from the form, where the account does not
// prove them.
func introduce(d *Dossier, p *procedure.Package, facts eform.Facts) {
	for _, q := range p.Form.Fields(d.Answers, facts) {
		m, ok := MeaningOf(q.Question.Meaning)
		if !ok || m.Owner != eform.Applicant || !q.Given() {
			continue
		}
		switch {
		case slices.Contains(m.Fields, "name"):
			if d.Applicant.Name == "" || d.Applicant.Account == "" || q.Answer.Source == eform.Register {
				d.Applicant.Name = q.Answer.Value.Text
			}
		case slices.Contains(m.Fields, "number") && d.Applicant.Number == "" && d.Applicant.Account == "":
			d.Applicant.Number = q.Answer.Value.Text
		}
		switch q.Question.Kind {
		case eform.KindPhone:
			d.Applicant.Phone = cmp.Or(d.Applicant.Phone, q.Answer.Value.Text)
		case eform.KindEmail:
			d.Applicant.Email = cmp.Or(d.Applicant.Email, q.Answer.Value.Text)
		}
	}
}

// writeIn writes what of a form follows from filing it: to whom it is addressed, where it was
// handed in, and who sent it and said that it is true.
func (s *Service) writeIn(d *Dossier, p *procedure.Package, facts eform.Facts) {
	for _, q := range p.Form.Fields(d.Answers, facts) {
		text := ""
		switch q.Question.Compute {
		case "agency":
			text = s.Posts.Name(d.Competent)
		case "place":
			text = s.Posts.Name(d.Receiving)
		case "signature":
			text = d.Applicant.Name
		}
		if text != "" {
			d.Answers[q.Path] = eform.Answer{Value: eform.Value{Text: text}, Source: eform.System, At: moment(s.Clock.Now())}
		}
	}
}

// add gives the dossier its code and writes it, with the draft that it was.
func (s *Service) add(ctx context.Context, who Who, d Draft, p *procedure.Package, ap *applying, key string) (Dossier, error) {
	pattern, err := ParsePattern(cmp.Or(s.Settings.Code, PatternPortal))
	if err != nil {
		return Dossier{}, err
	}
	unit := cmp.Or(s.Settings.Units[ap.d.Receiving], pattern.UnitOf(ap.d.Receiving))
	code := func(tx Tx) (string, error) {
		n, err := tx.Next(ctx, pattern.Counter(unit, s.today()))
		return pattern.Format(unit, s.today(), n), err
	}
	start, ok := p.Step(p.Process.Start)
	if !ok {
		return Dossier{}, fault.New(fault.Internal, "dossier.act.no_step", fault.Args{"step": p.Process.Start})
	}
	if Status(start.Status) != New {
		// The result is immediate: sending it is reception, and a receipt is made only when
		// it is asked for. It bears the code, which is taken before.
		if err := s.Store.InTx(ctx, func(tx Tx) error { ap.d.Code, err = code(tx); return err }); err != nil {
			return Dossier{}, err
		}
		if err := ap.begin(); err != nil {
			return Dossier{}, err
		}
	}
	if err := ap.enter(p.Process.Start); err != nil {
		return Dossier{}, err
	}
	if err := s.make(ctx, &ap.d, p, ap.issued); err != nil {
		return Dossier{}, err
	}
	out := ap.finish()
	out.action.From = 0
	var sent Dossier
	err = s.Store.InTx(ctx, func(tx Tx) error {
		one := out
		if one.d.Code == "" {
			if one.d.Code, err = code(tx); err != nil {
				return err
			}
		}
		if err := one.seal(""); err != nil {
			return err
		}
		draft := d
		draft.Sent, draft.Version, draft.ChangedAt = one.d.Code, d.Version+1, one.d.ChangedAt
		if err := tx.SaveDraft(ctx, draft, d.Version); err != nil {
			return err
		}
		if err := tx.Add(ctx, one.d, one.action, key); err != nil {
			return err
		}
		if err := tx.Queue(ctx, Work{Kind: TellPeople, Dossier: one.d.ID, Seq: 1}); err != nil {
			return err
		}
		for _, w := range one.d.Wrongs {
			if err := tx.Queue(ctx, Work{Kind: TellMistake, Dossier: one.d.ID, Wrong: w.Path}); err != nil {
				return err
			}
		}
		sent = one.d
		return nil
	})
	if fault.Of(err) == fault.Conflict && err != nil { // the second click was quicker
		if again, found := s.sentAlready(ctx, who, d.ID, key); found {
			return again, nil
		}
	}
	return sent, err
}

// sentAlready is the dossier that a draft became meanwhile.
func (s *Service) sentAlready(ctx context.Context, who Who, draft, key string) (Dossier, bool) {
	if d, err := s.Store.Draft(ctx, draft); err == nil && d.Sent != "" {
		if sent, err := s.Store.ByCode(ctx, d.Sent); err == nil {
			return sent, true
		}
	}
	if key == "" {
		return Dossier{}, false
	}
	d, ok, err := s.Store.ByKey(ctx, who.Account, key)
	return d, ok && err == nil
}

// StartSupply begins the supplement of a dossier, or goes on with it: a draft in which only
// what was asked can be changed, which Submit sends.
func (s *Service) StartSupply(ctx context.Context, a actor.Actor, code string) (Draft, error) {
	if err := Permissions.CanOwn(a, Deed(Supply), true); err != nil {
		return Draft{}, s.refuse(ctx, a, Deed(Supply), code, err)
	}
	d, who, mine, err := s.reads(ctx, a, code)
	if err != nil {
		return Draft{}, err
	}
	desk := !mine && deskOf(who, d.Receiving)
	if err := Permissions.CanOwn(a, Deed(Supply), mine || desk); err != nil {
		return Draft{}, s.refuse(ctx, a, Deed(Supply), code, err)
	}
	if d.Status != Supplement {
		return Draft{}, fault.New(fault.Conflict, "dossier.supply.closed", nil)
	}
	had, ok, err := s.Store.SupplyDraft(ctx, d.ID)
	if err != nil {
		return Draft{}, err
	}
	if ok && had.Account == who.Account {
		return had, nil
	}
	now := moment(s.Clock.Now())
	draft := Draft{
		ID: s.NewID(), Account: who.Account, Procedure: d.Procedure, Package: d.Package, Case: d.Case, Channel: d.Channel,
		Applicant: d.Applicant, For: d.For, Answers: d.Answers, Supplies: d.ID, CreatedAt: now, ChangedAt: now, Version: 1,
	}
	if desk {
		if err := s.look(ctx, who, &d, d.Procedure, "supply"); err != nil {
			return Draft{}, err
		}
		draft.Assisted, draft.Officer, draft.Desk = true, who.Account, d.Receiving
	}
	return draft, s.Store.InTx(ctx, func(tx Tx) error { return tx.SaveDraft(ctx, draft, 0) })
}

// supply sends a supplement.
func (s *Service) supply(ctx context.Context, who Who, draft Draft) (Dossier, error) {
	wrong, err := s.checkSupply(ctx, &draft)
	if err != nil {
		return Dossier{}, err
	}
	if err := wrong.Err(); err != nil {
		return Dossier{}, err
	}
	d, err := s.Store.Dossier(ctx, draft.Supplies)
	if err != nil {
		return Dossier{}, err
	}
	return s.do(ctx, who, d, Act{Verb: Supply, Version: d.Version, draft: &draft})
}

// supplied takes over what came, and lets the clock run again.
func (a *applying) supplied() error {
	draft := a.act.draft
	if draft == nil {
		return fault.New(fault.Invalid, "dossier.supply.nothing", nil)
	}
	last := &a.d.Supplements[len(a.d.Supplements)-1]
	for _, line := range a.d.answerable(a.p, draft.Answers, draft.Papers) {
		if line.Field != "" {
			a.d.Answers[line.Field] = draft.Answers[line.Field]
			a.said.Changed = append(a.said.Changed, line.Field)
		}
		if line.Paper == "" {
			continue
		}
		for i := range a.d.Papers {
			if a.d.Papers[i].Requirement == line.Paper {
				a.d.Papers[i].Removed = true
			}
		}
		a.said.Changed = append(a.said.Changed, "papers."+line.Paper)
	}
	a.d.Papers = append(a.d.Papers, draft.Papers...)
	a.follow()
	slices.Sort(a.said.Changed)
	a.said.Changed = slices.Compact(a.said.Changed)
	last.CameAt = a.now
	if !a.d.ReceivedAt.IsZero() && a.d.Rule.Restart {
		a.d.RestartedAt = a.now
	}
	if err := a.resume(); err != nil {
		return err
	}
	last.DueAfter = a.d.Due
	return nil
}
