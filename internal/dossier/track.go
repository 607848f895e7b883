package dossier

import (
	"cmp"
	"context"
	"strings"
	"time"

	"dean06/internal/platform/throttle"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/procedure"
)

// How often somebody may ask who is not signed in, and does not give the right proof. Four
// digits are guessed in so many tries that the bound is for years.
const (
	mostOfCode    = 10
	mostOfAddress = 30
	guessWithin   = 24 * time.Hour
)

var errNotTracked = fault.New(fault.NotFound, "dossier.track.unknown", nil)

// Track shows the way of a dossier to whoever knows its code and one more proof: the last
// four digits of the applicant's number or phone. address is where the asker comes from:
// wrong tries are bounded by code and by address. Whoever is signed in and owns it needs no
// proof, and no stranger's guesses shut them out.
func (s *Service) Track(ctx context.Context, a actor.Actor, code, proof, address string) (Tracked, error) {
	code = CleanCode(code)
	if !a.Nobody() {
		who, err := s.who(ctx, a)
		if err != nil {
			return Tracked{}, err
		}
		if d, err := s.Store.ByCode(ctx, code); err == nil && Owns(who, d) {
			return s.tracked(ctx, d)
		}
	}
	now := moment(s.Clock.Now())
	keys := []Guess{{Key: "address:" + cmp.Or(throttle.Net(address), address), Most: mostOfAddress, Within: guessWithin}}
	if s.isCode(code) { // nothing is kept of what can be none
		keys = append(keys, Guess{Key: "code:" + code, Most: mostOfCode, Within: guessWithin})
	}
	if err := s.Store.NoteTry(ctx, keys, now); err != nil {
		return Tracked{}, s.refuse(ctx, a, Read, code, err)
	}
	d, err := s.Store.ByCode(ctx, code)
	switch {
	case err != nil && fault.Of(err) != fault.NotFound:
		return Tracked{}, err
	case err != nil || !proves(&d, proof):
		return Tracked{}, s.refuse(ctx, a, Read, code, errNotTracked)
	}
	if err := s.Store.TakeTry(ctx, keys, now); err != nil {
		return Tracked{}, err
	}
	return s.tracked(ctx, d)
}

// isCode says that a text has the shape of a code.
func (s *Service) isCode(text string) bool {
	for _, pattern := range []string{PatternCircular, PatternPortal, s.Settings.Code} {
		if p, err := ParsePattern(pattern); err == nil && len(text) <= 60 {
			if _, _, _, ok := p.Parse(text); ok {
				return true
			}
		}
	}
	return false
}

// short is what is logged of a code that somebody typed.
func short(code string) string {
	if r := []rune(code); len(r) > 60 {
		return string(r[:60])
	}
	return code
}

// proves says that a proof is the last four digits of the applicant's number or phone.
func proves(d *Dossier, proof string) bool {
	proof = digits(proof)
	if len(proof) != 4 {
		return false
	}
	ends := func(s string) bool { s = digits(s); return len(s) >= 8 && strings.HasSuffix(s, proof) }
	if ends(d.Applicant.Number) || ends(d.Applicant.Phone) {
		return true
	}
	return d.For != nil && (ends(d.For.Said()) || ends(d.For.Phone))
}

func (s *Service) tracked(ctx context.Context, d Dossier) (Tracked, error) {
	p, err := s.Packages.Version(ctx, d.Procedure, d.Package)
	if err != nil {
		return Tracked{}, err
	}
	actions, err := s.Store.Actions(ctx, d.ID)
	if err != nil {
		return Tracked{}, err
	}
	t := Tracked{
		Code: d.Code, Procedure: d.Procedure, Name: p.Name, Status: d.Status, Promised: d.Promised, Provisional: d.Provisional,
		Asked: d.asked(), Package: p, Steps: Timeline(&d, p, actions, s.Posts.Name),
	}
	if d.Agency != "" {
		t.Agency = s.Posts.Name(d.Agency)
	}
	for i := range t.Asked {
		t.Asked[i].Note = "" // an officer's own words may name somebody
	}
	return t, nil
}

// Timeline is what happened as the citizen sees it: who had it, since when, until when.
func Timeline(d *Dossier, p *procedure.Package, actions []Action, agency func(string) string) []TrackStep {
	var out []TrackStep
	for _, a := range actions {
		if a.Verb.Inside() && !a.Verb.moves() {
			continue
		}
		if n := len(out); n > 0 && out[n-1].To.IsZero() {
			out[n-1].To = a.At
		}
		said := a.Say()
		t := TrackStep{Verb: a.Verb, Status: a.To, Step: a.Step, Person: a.Name, Title: said.Title, From: a.At, Until: a.Due}
		if step, ok := p.Step(a.Step); ok {
			t.StepName = step.Name
			if Status(step.Status) == a.To && !step.End {
				t.Has, t.Duty = agency(d.Competent), step.Holder.Duty
				if step.Holder.At == receivingAgency {
					t.Has = agency(d.Receiving)
				}
			}
		}
		if a.Agency != "" {
			t.Agency = agency(a.Agency)
		}
		if a.Verb == Submit || a.Verb == Supply || a.Verb == Withdraw {
			if a.Agency == "" { // the citizen: their name is personal data
				t.Person = ""
			}
		}
		if a.By == actor.OfSystem().Account {
			t.Person = ""
		}
		out = append(out, t)
	}
	if n := len(out); n > 0 && !d.DoneAt.IsZero() && d.Status != Done {
		out[n-1].To = out[n-1].From
	}
	return out
}

// Prove finds a paper by the unguessable part of its address.
func (s *Service) Prove(ctx context.Context, proof string) (Proof, error) {
	if len(proof) < 20 || len(proof) > 100 {
		return Proof{}, fault.New(fault.NotFound, "dossier.proof.unknown", nil)
	}
	d, r, err := s.Store.ByProof(ctx, proof)
	if err != nil {
		return Proof{}, err
	}
	p, err := s.Packages.Version(ctx, d.Procedure, d.Package)
	if err != nil {
		return Proof{}, err
	}
	out := Proof{
		Paper: r, Code: d.Code, Procedure: p.Name, Agency: s.Posts.Name(d.Competent), Current: r.Stands(), Applicant: initials(d.Applicant.Name),
	}
	if one, ok := p.Result(r.Result); ok && r.Kind == PaperResult {
		out.Result = one.Name
	}
	for i := range d.Results {
		if r.Replaced != "" && d.Results[i].ID == r.Replaced {
			out.By = &d.Results[i]
		}
	}
	return out, nil
}

// initials are the first letters of a name: enough to tell that a paper is of who shows it.
func initials(name string) string {
	var b strings.Builder
	for word := range strings.FieldsSeq(name) {
		r := []rune(word)
		b.WriteString(string(r[0]))
		b.WriteString(". ")
	}
	return strings.TrimSpace(b.String())
}
