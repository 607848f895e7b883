package dossier

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"dean06/internal/eform"
)

// Sum is the hash of an action: SHA-256 of its JSON with Before and without Hash.
func (a Action) Sum() string {
	a.Hash = ""
	a.At, a.Due = moment(a.At), moment(a.Due)
	return sum(a)
}

// Say reads what was said with an action.
func (a Action) Say() Said {
	var s Said
	if len(a.Data) > 0 {
		_ = json.Unmarshal(a.Data, &s) // what cannot be read says nothing; VerifyChain tells
	}
	return s
}

// link puts an action behind the one before it.
func (a *Action) link(before string) {
	a.Before = before
	a.Hash = a.Sum()
}

func sum(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("dossier: %T cannot be written: %v", v, err)) // plain values only
	}
	h := sha256.Sum256(raw)
	return hex.EncodeToString(h[:])
}

// moment is a time as every engine gives it back.
func moment(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Microsecond)
}

// DigestAnswers is the digest of answers and papers, which an action holds in their place.
func DigestAnswers(answers eform.Answers, papers []Paper) string {
	as := make(eform.Answers, len(answers))
	for path, a := range answers {
		a.At, a.AsOf = moment(a.At), moment(a.AsOf)
		as[path] = a
	}
	ps := make([]Paper, len(papers))
	for i, p := range papers {
		p.At = moment(p.At)
		if len(p.Warnings) == 0 {
			p.Warnings = nil
		}
		ps[i] = p
	}
	return sum(struct {
		Answers eform.Answers `json:"answers"`
		Papers  []Paper       `json:"papers"`
	}{as, ps})
}

// state is what is held against the last action of a dossier. A member that comes later is
// left out where it is empty, so that old digests stay what they are.
type state struct {
	ID          string        `json:"id"`
	Code        string        `json:"code"`
	Procedure   string        `json:"procedure"`
	Package     string        `json:"package"`
	Case        string        `json:"case"`
	Channel     Channel       `json:"channel"`
	Applicant   Party         `json:"applicant"`
	For         *Party        `json:"for,omitempty"`
	Originals   []Original    `json:"originals,omitempty"`
	Status      Status        `json:"status"`
	Step        string        `json:"step"`
	Receiving   string        `json:"receiving"`
	Competent   string        `json:"competent"`
	Holder      string        `json:"holder"`
	Post        string        `json:"post"`
	Agency      string        `json:"agency"`
	Duty        string        `json:"duty"`
	Area        string        `json:"area"`
	Times       []string      `json:"times"`
	Pauses      []Pause       `json:"pauses,omitempty"`
	Extended    *Extension    `json:"extended,omitempty"`
	Provisional bool          `json:"provisional"`
	Warned      int           `json:"warned"`
	Supplements []Supplying   `json:"supplements,omitempty"`
	Fees        []FeeItem     `json:"fees,omitempty"`
	Results     []ResultPaper `json:"results,omitempty"`
	Effect      *EffectState  `json:"effect,omitempty"`
	Proposed    *Proposal     `json:"proposed,omitempty"`
	Decided     *Decision     `json:"decided,omitempty"`
	Wrongs      []Wrong       `json:"wrongs,omitempty"`
	Retention   string        `json:"retention"`
	Digest      string        `json:"digest"`
}

// DigestState is the digest of all of a dossier but its answers and papers, for which
// Digest stands, and of how often the register was tried.
func DigestState(d Dossier) string {
	s := state{
		ID: d.ID, Code: d.Code, Procedure: d.Procedure, Package: d.Package, Case: d.Case, Channel: d.Channel, Applicant: d.Applicant,
		For: d.For, Originals: cloned(d.Originals), Status: d.Status, Step: d.Step, Receiving: d.Receiving, Competent: d.Competent,
		Holder: d.Holder, Post: d.Post, Agency: d.Agency, Duty: d.Duty, Area: d.Area, Pauses: cloned(d.Pauses),
		Provisional: d.Provisional, Warned: d.Warned, Supplements: cloned(d.Supplements), Fees: cloned(d.Fees),
		Results: cloned(d.Results), Wrongs: cloned(d.Wrongs), Retention: d.Retention, Digest: d.Digest,
	}
	for _, t := range []time.Time{
		d.StepSince, d.StepDue, d.SubmittedAt, d.ReceivedAt, d.RestartedAt, d.Due, d.Promised, d.DoneAt, d.HandedAt,
	} {
		text := ""
		if !t.IsZero() {
			text = moment(t).Format(time.RFC3339Nano)
		}
		s.Times = append(s.Times, text)
	}
	for i := range s.Originals {
		o := &s.Originals[i]
		o.TakenAt, o.BackAt = moment(o.TakenAt), moment(o.BackAt)
	}
	for i := range s.Pauses {
		p := &s.Pauses[i]
		p.From, p.To = moment(p.From), moment(p.To)
	}
	for i := range s.Supplements {
		p := &s.Supplements[i]
		p.At, p.CameAt, p.DueBefore, p.DueAfter = moment(p.At), moment(p.CameAt), moment(p.DueBefore), moment(p.DueAfter)
	}
	for i := range s.Fees {
		s.Fees[i].PaidAt = moment(s.Fees[i].PaidAt)
	}
	for i := range s.Results {
		r := &s.Results[i]
		r.At, r.Revoked = moment(r.At), moment(r.Revoked)
	}
	for i := range s.Wrongs {
		s.Wrongs[i].At, s.Wrongs[i].AnsweredAt = moment(s.Wrongs[i].At), moment(s.Wrongs[i].AnsweredAt)
	}
	if d.Extended != nil {
		e := *d.Extended
		e.At, e.To = moment(e.At), moment(e.To)
		s.Extended = &e
	}
	if d.Effect != nil {
		e := *d.Effect
		e.Tries, e.TriedAt, e.DoneAt = 0, time.Time{}, moment(e.DoneAt)
		s.Effect = &e
	}
	if d.Proposed != nil {
		p := *d.Proposed
		p.At = moment(p.At)
		s.Proposed = &p
	}
	if d.Decided != nil {
		x := *d.Decided
		x.At = moment(x.At)
		s.Decided = &x
	}
	return sum(s)
}

func cloned[T any](list []T) []T { return append([]T(nil), list...) }

// Broken says where a dossier and its log do not fit.
type Broken struct {
	Dossier string
	Seq     int    // of the action; 0: of the dossier itself
	What    string // message key: "dossier.chain.…"
}

// Error is the text for the log.
func (b *Broken) Error() string {
	return fmt.Sprintf("dossier %s, action %d: %s", b.Dossier, b.Seq, b.What)
}

// VerifyChain says whether the actions of a dossier are all there and unchanged, and
// whether the dossier is as the last of them left it. It fails with a *Broken.
func VerifyChain(actions []Action, d Dossier) error {
	broken := func(seq int, what string) error { return &Broken{Dossier: d.ID, Seq: seq, What: what} }
	if len(actions) == 0 {
		return broken(0, "dossier.chain.empty")
	}
	before, status := "", Status(0)
	for i, a := range actions {
		switch {
		case a.Dossier != d.ID:
			return broken(a.Seq, "dossier.chain.foreign")
		case a.Seq != i+1:
			return broken(i+1, "dossier.chain.missing")
		case a.Before != before:
			return broken(a.Seq, "dossier.chain.link")
		case a.Hash != a.Sum():
			return broken(a.Seq, "dossier.chain.changed")
		case a.From != status:
			return broken(a.Seq, "dossier.chain.status")
		}
		before, status = a.Hash, a.To
	}
	last := actions[len(actions)-1]
	said := last.Say()
	switch {
	case d.Version != len(actions):
		return broken(0, "dossier.chain.version")
	case d.Status != last.To || d.Step != last.Step:
		return broken(0, "dossier.chain.status")
	case DigestAnswers(d.Answers, d.Papers) != said.Digest || d.Digest != said.Digest:
		return broken(0, "dossier.chain.answers")
	case DigestState(d) != said.State:
		return broken(0, "dossier.chain.state")
	}
	return nil
}
