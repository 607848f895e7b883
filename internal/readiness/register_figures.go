package readiness

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Basis is what figures are made from: the question as completed, the form, and
// one statement for each recipient and respondent.
type Basis struct {
	Campaign   Campaign
	Template   *Template
	Question   Question
	Statements []Statement
}

// Statements answers a question agency by agency. A day left out is filled in:
// known now, true on the letter's day, shown in the units of the day on which
// it is true.
//
// Known on: a version counts from the moment it was accepted (recorded time).
// True on: an agency is there when it existed on that day; one that did not
// exist any more is shown in the units that followed it.
func (r *Register) Statements(ctx context.Context, q Question) (Basis, error) {
	c, err := r.store.Campaign(ctx, q.Campaign)
	if err != nil {
		return Basis{}, err
	}
	t, err := r.store.Template(ctx, c.Template)
	if err != nil {
		return Basis{}, err
	}
	if q.TrueOn.IsZero() {
		q.TrueOn = c.Recipients.On
	}
	if q.Geography.IsZero() {
		q.Geography = q.TrueOn
	}
	if q.Combine == "" {
		q.Combine = CombineAll
	}
	revision, err := r.store.Revision(ctx, q.Campaign)
	if err != nil {
		return Basis{}, err
	}
	key := fmt.Sprintf("%+v|%s", q, revision)
	if b, ok := r.figures.get(key); ok {
		return b, nil
	}
	statements, err := r.statements(ctx, c, q)
	if err != nil {
		return Basis{}, err
	}
	b := Basis{Campaign: c, Template: t, Question: q, Statements: statements}
	r.figures.put(key, b)
	return b, nil
}

func (r *Register) statements(ctx context.Context, c Campaign, q Question) ([]Statement, error) {
	recipients, err := r.store.Recipients(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	before := q.KnownBefore
	if before.IsZero() {
		before = cutOff(q.KnownOn)
	}
	counted, err := r.store.Counted(ctx, c.ID, before, false)
	if err != nil {
		return nil, err
	}
	byAgency := make(map[string]Counted, len(counted))
	for _, v := range counted {
		byAgency[v.Agency.Code] = v
	}
	out := make([]Statement, 0, len(recipients)+len(counted))
	add := func(a Agency, recipient bool) {
		s := Statement{Agency: a.Code, Name: a.Name, Kind: a.Kind, Recipient: recipient, TrueOn: q.TrueOn}
		if v, ok := byAgency[a.Code]; ok {
			s.Version, s.KnownAt, s.Verdict = v.Version, v.Since, v.Verdict
		}
		out = append(out, s)
	}
	asked := make(map[string]bool, len(recipients))
	for _, a := range recipients {
		asked[a.Code] = true
		add(a, true)
	}
	for _, v := range counted {
		if !asked[v.Agency.Code] {
			add(v.Agency, false)
		}
	}
	if q.Geography != c.Recipients.On {
		out = Combine(q.Combine, out, r.agencies.Geography(c.Recipients.On, q.Geography))
	}
	return out, nil
}

// Figures counts the answers to a question.
func (r *Register) Figures(ctx context.Context, q Question) (Figures, error) {
	b, err := r.Statements(ctx, q)
	if err != nil {
		return Figures{}, err
	}
	return Tally(b.Question, ComponentMet1, b.Template, b.Statements), nil
}

// Answers lists the returns that count at the moment of a question, with all
// that they say, for aggregates and reports.
func (r *Register) Answers(ctx context.Context, q Question) ([]Counted, error) {
	before := q.KnownBefore
	if before.IsZero() {
		before = cutOff(q.KnownOn)
	}
	return r.store.Counted(ctx, q.Campaign, before, true)
}

// figureCache keeps the bases of the last questions. A key holds the revision of
// the campaign, so that what changed is asked anew.
type figureCache struct {
	mu    sync.Mutex
	bases map[string]Basis
	since map[string]time.Time
}

const maxBases = 64

func (c *figureCache) get(key string) (Basis, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	b, ok := c.bases[key]
	if ok {
		c.since[key] = time.Now()
	}
	return b, ok
}

func (c *figureCache) put(key string, b Basis) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.bases == nil {
		c.bases, c.since = map[string]Basis{}, map[string]time.Time{}
	}
	if len(c.bases) >= maxBases {
		oldest := ""
		for k, t := range c.since {
			if oldest == "" || t.Before(c.since[oldest]) {
				oldest = k
			}
		}
		delete(c.bases, oldest)
		delete(c.since, oldest)
	}
	c.bases[key], c.since[key] = b, time.Now()
}
