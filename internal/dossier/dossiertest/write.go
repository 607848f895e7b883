package dossiertest

import (
	"context"
	"slices"
	"time"

	"dean06/internal/dossier"
)

// Store reads what is in it at the moment.

// Draft is a draft by its id.
func (s *Store) Draft(ctx context.Context, id string) (dossier.Draft, error) {
	r, done := s.read()
	defer done()
	return r.Draft(ctx, id)
}

// Drafts are those of an account that were not sent.
func (s *Store) Drafts(ctx context.Context, account string, limit int) ([]dossier.Draft, error) {
	r, done := s.read()
	defer done()
	return r.Drafts(ctx, account, limit)
}

// SupplyDraft is the draft of a supplement that was not sent.
func (s *Store) SupplyDraft(ctx context.Context, id string) (dossier.Draft, bool, error) {
	r, done := s.read()
	defer done()
	return r.SupplyDraft(ctx, id)
}

// Dossier is a dossier by its id.
func (s *Store) Dossier(ctx context.Context, id string) (dossier.Dossier, error) {
	r, done := s.read()
	defer done()
	return r.Dossier(ctx, id)
}

// ByCode is a dossier by its code.
func (s *Store) ByCode(ctx context.Context, code string) (dossier.Dossier, error) {
	r, done := s.read()
	defer done()
	return r.ByCode(ctx, code)
}

// ByKey is the dossier of a filing.
func (s *Store) ByKey(ctx context.Context, account, key string) (dossier.Dossier, bool, error) {
	r, done := s.read()
	defer done()
	return r.ByKey(ctx, account, key)
}

// ByProof is the paper with a proof.
func (s *Store) ByProof(ctx context.Context, proof string) (dossier.Dossier, dossier.ResultPaper, error) {
	r, done := s.read()
	defer done()
	return r.ByProof(ctx, proof)
}

// Actions are those of a dossier.
func (s *Store) Actions(ctx context.Context, id string) ([]dossier.Action, error) {
	r, done := s.read()
	defer done()
	return r.Actions(ctx, id)
}

// Looks are those at a dossier.
func (s *Store) Looks(ctx context.Context, id string, limit int) ([]dossier.Look, error) {
	r, done := s.read()
	defer done()
	return r.Looks(ctx, id, limit)
}

// EarlierResults are dossiers of a person with a result that stands.
func (s *Store) EarlierResults(ctx context.Context, number, procedure string, limit int) ([]dossier.Dossier, error) {
	r, done := s.read()
	defer done()
	return r.EarlierResults(ctx, number, procedure, limit)
}

// Own are the dossiers of an account or number.
func (s *Store) Own(ctx context.Context, account, number string, limit int) ([]dossier.Head, error) {
	r, done := s.read()
	defer done()
	return r.Own(ctx, account, number, limit)
}

// List gives a page of heads.
func (s *Store) List(ctx context.Context, q dossier.ListQuery) ([]dossier.Head, error) {
	r, done := s.read()
	defer done()
	return r.List(ctx, q)
}

// Count counts.
func (s *Store) Count(ctx context.Context, q dossier.ListQuery) (int, error) {
	r, done := s.read()
	defer done()
	return r.Count(ctx, q)
}

// OnTime counts by procedure and unit.
func (s *Store) OnTime(ctx context.Context, q dossier.OnTimeQuery) ([]dossier.OnTimeCount, error) {
	r, done := s.read()
	defer done()
	return r.OnTime(ctx, q)
}

// OnTimeHeads are the dossiers behind a count.
func (s *Store) OnTimeHeads(ctx context.Context, q dossier.OnTimeQuery, limit int) ([]dossier.Head, error) {
	r, done := s.read()
	defer done()
	return r.OnTimeHeads(ctx, q, limit)
}

// EffectsWaiting are those that the register has not recorded.
func (s *Store) EffectsWaiting(ctx context.Context, limit int) ([]string, error) {
	r, done := s.read()
	defer done()
	return r.EffectsWaiting(ctx, limit)
}

// DueBefore are those due before a moment that were warned less than that.
func (s *Store) DueBefore(ctx context.Context, before time.Time, warned, limit int) ([]string, error) {
	r, done := s.read()
	defer done()
	return r.DueBefore(ctx, before, warned, limit)
}

// Running are those whose day was promised and that have not ended.
func (s *Store) Running(ctx context.Context, after string, limit int) ([]string, error) {
	r, done := s.read()
	defer done()
	return r.Running(ctx, after, limit)
}

// Moved are those that changes of the calendar moved, the latest first.
func (s *Store) Moved(ctx context.Context, limit int) ([]dossier.Moved, error) {
	r, done := s.read()
	defer done()
	return r.Moved(ctx, limit)
}

// InTx runs f on a copy, which is kept when f succeeds.
func (s *Store) InTx(_ context.Context, f func(tx dossier.Tx) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.state.clone()
	if err := f(&tx{reader: reader{&now}, fail: s.Fail}); err != nil {
		return err
	}
	if s.Fail != nil {
		if err := s.Fail("commit"); err != nil {
			return err
		}
	}
	s.state = now
	return nil
}

// SaveLook keeps looks.
func (s *Store) SaveLook(_ context.Context, looks ...dossier.Look) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.looks = append(s.state.looks, looks...)
	return nil
}

// NoteTry counts a try under each key.
func (s *Store) NoteTry(_ context.Context, keys []dossier.Guess, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range keys {
		n := 0
		for _, t := range s.state.tries[k.Key] {
			if t.After(at.Add(-k.Within)) {
				n++
			}
		}
		if n >= k.Most {
			return errTooMany
		}
	}
	for _, k := range keys {
		s.state.tries[k.Key] = append(s.state.tries[k.Key], at)
	}
	return nil
}

// TakeTry takes one back.
func (s *Store) TakeTry(_ context.Context, keys []dossier.Guess, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range keys {
		if i := slices.IndexFunc(s.state.tries[k.Key], at.Equal); i >= 0 {
			s.state.tries[k.Key] = slices.Delete(slices.Clone(s.state.tries[k.Key]), i, i+1)
		}
	}
	return nil
}

// LogRefusal keeps a refusal.
func (s *Store) LogRefusal(_ context.Context, r dossier.Refusal) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.refused = append(s.state.refused, r)
	return nil
}

// Refused are the refusals that were logged.
func (s *Store) Refused() []dossier.Refusal {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.state.refused)
}

// Queued takes the work that waits.
func (s *Store) Queued() []dossier.Work {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.state.queue
	s.state.queue = nil
	return out
}

// Tamper changes what is kept, behind the back of everybody.
func (s *Store) Tamper(id string, change func(d *dossier.Dossier, actions []dossier.Action) []dossier.Action) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := copied(s.state.dossiers[id])
	s.state.actions[id] = change(&d, slices.Clone(s.state.actions[id]))
	s.state.dossiers[id] = d
}

type tx struct {
	reader
	fail func(string) error
}

func (t *tx) may(write string) error {
	if t.fail == nil {
		return nil
	}
	return t.fail(write)
}

// Hold reads a dossier; nobody else writes meanwhile.
func (t *tx) Hold(ctx context.Context, id string) (dossier.Dossier, error) { return t.Dossier(ctx, id) }

// Next counts up.
func (t *tx) Next(_ context.Context, counter string) (int, error) {
	if err := t.may("next"); err != nil {
		return 0, err
	}
	t.s.counters[counter]++
	return t.s.counters[counter], nil
}

// SaveDraft writes a draft.
func (t *tx) SaveDraft(_ context.Context, d dossier.Draft, was int) error {
	if err := t.may("draft"); err != nil {
		return err
	}
	if t.s.drafts[d.ID].Version != was {
		return errStaleOne
	}
	t.s.drafts[d.ID] = copied(d)
	return nil
}

// RemoveDraft removes a draft.
func (t *tx) RemoveDraft(_ context.Context, id string) error {
	if err := t.may("remove"); err != nil {
		return err
	}
	if d, ok := t.s.drafts[id]; !ok || d.Sent != "" {
		return errDraft
	}
	delete(t.s.drafts, id)
	return nil
}

// Add writes a new dossier.
func (t *tx) Add(ctx context.Context, d dossier.Dossier, first dossier.Action, key string) error {
	if err := t.may("add"); err != nil {
		return err
	}
	account := first.By
	if _, ok := t.s.keys[account+" "+key]; key != "" && ok {
		return errSent
	}
	if _, err := t.ByCode(ctx, d.Code); err == nil {
		return errSent
	}
	if key != "" {
		t.s.keys[account+" "+key] = d.ID
	}
	t.s.dossiers[d.ID] = copied(d)
	t.s.actions[d.ID] = []dossier.Action{first}
	return nil
}

// Save writes a dossier with its actions.
func (t *tx) Save(_ context.Context, d dossier.Dossier, was int, actions []dossier.Action) error {
	if err := t.may("save"); err != nil {
		return err
	}
	if t.s.dossiers[d.ID].Version != was {
		return errStale
	}
	t.s.dossiers[d.ID] = copied(d)
	t.s.actions[d.ID] = append(slices.Clone(t.s.actions[d.ID]), actions...)
	return nil
}

// Tried notes a try of the register.
func (t *tx) Tried(_ context.Context, id string, at time.Time) error {
	if err := t.may("tried"); err != nil {
		return err
	}
	d := copied(t.s.dossiers[id])
	if d.Effect == nil {
		return nil
	}
	d.Effect.Tries++
	d.Effect.TriedAt = at
	t.s.dossiers[id] = d
	return nil
}

// Queue keeps work.
func (t *tx) Queue(_ context.Context, w dossier.Work) error {
	if err := t.may("queue"); err != nil {
		return err
	}
	t.s.queue = append(t.s.queue, w)
	return nil
}

// Mark gives what brings the store back to as it is now.
func (s *Store) Mark() (back func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	was := s.state.clone()
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.state = was.clone()
	}
}
