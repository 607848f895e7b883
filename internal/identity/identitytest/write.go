package identitytest

import (
	"context"
	"time"

	"dean06/internal/identity"
)

// tx writes to a copy of the state.
type tx struct {
	reader
	s     *state
	fail  func(write string) error
	saved map[string]string // account → its digest, until an entry tells of it
	after []func()
}

var _ identity.Tx = (*tx)(nil)

func newTx(s *state, fail func(string) error) *tx {
	t := &tx{s: s, fail: fail, saved: map[string]string{}}
	t.get = func() (*state, func()) { return s, func() {} }
	return t
}

// Afterwards runs do once the transaction is kept.
func (t *tx) Afterwards(do func()) { t.after = append(t.after, do) }

func (t *tx) end() error {
	if len(t.saved) > 0 {
		return identity.ErrNoEntry
	}
	return t.may("commit")
}

func (t *tx) may(write string) error {
	if t.fail != nil {
		return t.fail(write)
	}
	return nil
}

// put writes a value whose version as it was read is was, as fits says of what is there.
func put[T any](t *tx, write string, m map[string]T, key string, v T, fits func(had T, ok bool) bool) error {
	if err := t.may(write); err != nil {
		return err
	}
	had, ok := m[key]
	if fits != nil && !fits(had, ok) {
		return identity.ErrChanged
	}
	m[key] = copied(v)
	return nil
}

// SaveAccount writes an account.
func (t *tx) SaveAccount(_ context.Context, a identity.Account) error {
	was := a.Version
	a.Version++
	if id, ok := t.s.holders[a.Holder]; ok && id != a.ID {
		return identity.ErrChanged
	}
	before, held := t.s.accounts[a.ID]
	err := put(t, "account", t.s.accounts, a.ID, a, func(had identity.Account, _ bool) bool { return had.Version == was })
	if err == nil {
		if held {
			delete(t.s.holders, before.Holder)
		}
		t.s.holders[a.Holder] = a.ID
		t.saved[a.ID] = t.s.accounts[a.ID].Sum()
	}
	return err
}

// SavePlace keeps in which commune a holder lives.
func (t *tx) SavePlace(_ context.Context, account, commune string) error {
	return put(t, "place", t.s.places, account, commune, nil)
}

// AddProofing adds how a holder was identified.
func (t *tx) AddProofing(_ context.Context, p identity.Proofing) error {
	t.s.proofings = append(t.s.proofings, copied(p))
	return t.may("proofing")
}

// SaveSecrets writes what a holder shows.
func (t *tx) SaveSecrets(_ context.Context, s identity.Secrets) error {
	was := s.Version
	s.Version++
	return put(t, "secrets", t.s.secrets, s.Account, s, func(had identity.Secrets, _ bool) bool { return had.Version == was })
}

// SaveDevice writes a device.
func (t *tx) SaveDevice(ctx context.Context, d identity.Device) error {
	if had, err := t.DeviceByKey(ctx, d.Key); err == nil && had.ID != d.ID {
		return identity.ErrChanged // one key is one device
	}
	return put(t, "device", t.s.devices, d.ID, d, func(had identity.Device, ok bool) bool {
		return !ok || had.Account == d.Account && string(had.Key) == string(d.Key) && (had.Open() || had.ClosedAt.Equal(d.ClosedAt))
	})
}

// SaveSession writes a session.
func (t *tx) SaveSession(_ context.Context, s identity.Session) error {
	return put(t, "session", t.s.sessions, s.ID, s, func(had identity.Session, ok bool) bool {
		return !ok || had.Account == s.Account && (had.EndedAt.IsZero() || had.EndedAt.Equal(s.EndedAt))
	})
}

// SaveDelegation writes a delegation.
func (t *tx) SaveDelegation(_ context.Context, d identity.Delegation) error {
	was := d.Version
	d.Version++
	return put(t, "delegation", t.s.delegations, d.ID, d, func(had identity.Delegation, _ bool) bool { return had.Version == was })
}

// SaveClient writes a client.
func (t *tx) SaveClient(_ context.Context, c identity.Client) error {
	was := c.Version
	c.Version++
	return put(t, "client", t.s.clients, c.ID, c, func(had identity.Client, _ bool) bool { return had.Version == was })
}

// SaveConsent writes a consent.
func (t *tx) SaveConsent(_ context.Context, c identity.Consent) error {
	return put(t, "consent", t.s.consents, c.ID, c, func(had identity.Consent, ok bool) bool {
		return !ok || had.Account == c.Account && (had.EndedAt.IsZero() || had.EndedAt.Equal(c.EndedAt))
	})
}

// AddRequest adds a request.
func (t *tx) AddRequest(_ context.Context, r identity.Request) error {
	return put(t, "request", t.s.requests, r.ID, r, func(_ identity.Request, ok bool) bool { return !ok })
}

// MoveRequest writes a request that was in a state.
func (t *tx) MoveRequest(_ context.Context, r identity.Request, from identity.RequestState) error {
	return put(t, "request", t.s.requests, r.ID, r, func(had identity.Request, ok bool) bool { return ok && had.State == from })
}

// AddGrant adds a grant.
func (t *tx) AddGrant(_ context.Context, g identity.Grant) error {
	return put(t, "grant", t.s.grants, g.ID, g, func(_ identity.Grant, ok bool) bool { return !ok })
}

// MoveGrant writes a grant whose valid refresh token was refresh.
func (t *tx) MoveGrant(_ context.Context, g identity.Grant, refresh string) error {
	return put(t, "grant", t.s.grants, g.ID, g, func(had identity.Grant, ok bool) bool {
		return ok && had.Refresh == refresh && had.EndedAt.IsZero()
	})
}

// AddEntry appends to the chain.
func (t *tx) AddEntry(_ context.Context, e identity.Entry) error {
	if err := t.may("entry"); err != nil {
		return err
	}
	e = copied(e)
	e.Seq = int64(len(t.s.entries)) + 1
	e.State, e.Before = t.saved[e.Account], ""
	delete(t.saved, e.Account)
	if n := len(t.s.entries); n > 0 {
		e.Before = t.s.entries[n-1].Hash
	}
	sum, err := e.Sum()
	e.Hash = sum
	t.s.entries = append(t.s.entries, e)
	return err
}

// SaveRing writes what the provider signs with.
func (t *tx) SaveRing(_ context.Context, sealed []byte, version int64) error {
	if err := t.may("ring"); err != nil {
		return err
	}
	if t.s.ringVersion != version {
		return identity.ErrChanged
	}
	t.s.ring, t.s.ringVersion = copied(sealed), version+1
	return nil
}

// SaveRecovery writes a way back.
func (t *tx) SaveRecovery(_ context.Context, r identity.Recovery) error {
	was := r.Version
	r.Version++
	return put(t, "recovery", t.s.recoveries, r.ID, r, func(had identity.Recovery, _ bool) bool { return had.Version == was })
}

// SaveChallenge writes a challenge.
func (t *tx) SaveChallenge(_ context.Context, c identity.Challenge) error {
	was := c.Version
	c.Version++
	return put(t, "challenge", t.s.challenges, c.ID, c, func(had identity.Challenge, _ bool) bool { return had.Version == was })
}

// Once notes that something was used.
func (t *tx) Once(_ context.Context, key string, until time.Time) error {
	if err := t.may("once"); err != nil {
		return err
	}
	if _, ok := t.s.used[key]; ok {
		return identity.ErrAgain
	}
	t.s.used[key] = until
	return nil
}

// Count counts a failure.
func (t *tx) Count(_ context.Context, key string, at time.Time, within time.Duration) (int, error) {
	w, ok := t.s.failures[key]
	if !ok || !at.Before(w.until) {
		w = window{until: at.Add(within)}
	}
	w.n++
	w.last = at
	t.s.failures[key] = w
	return w.n, t.may("count")
}

// Failures are how many were counted.
func (t *tx) Failures(_ context.Context, key string, since time.Time) (int, time.Time, error) {
	w, ok := t.s.failures[key]
	if !ok || w.last.Before(since) {
		return 0, time.Time{}, nil
	}
	return w.n, w.last, nil
}

// Forgive forgets failures.
func (t *tx) Forgive(_ context.Context, key string) error {
	delete(t.s.failures, key)
	return t.may("forgive")
}

// Sweep takes away what ended before a moment.
func (s *Store) Sweep(_ context.Context, before time.Time, limit int) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	now := s.state.clone()
	old := before.Add(-identity.KeepEnded)
	sweep(now.requests, &n, limit, func(r identity.Request) bool { return r.ExpiresAt.Before(before) })
	sweep(now.challenges, &n, limit, func(c identity.Challenge) bool { return c.ExpiresAt.Before(before) })
	sweep(now.used, &n, limit, func(until time.Time) bool { return until.Before(before) })
	sweep(now.failures, &n, limit, func(w window) bool { return w.until.Before(before) })
	sweep(now.sessions, &n, limit, func(v identity.Session) bool { return over(v.EndedAt, v.ExpiresAt).Before(old) })
	sweep(now.grants, &n, limit, func(g identity.Grant) bool { return over(g.EndedAt, g.ExpiresAt).Before(old) })
	sweep(now.recoveries, &n, limit, func(r identity.Recovery) bool {
		end := over(r.DoneAt, r.StopAt)
		return !end.IsZero() && end.Before(old)
	})
	s.state = now
	return n, nil
}

// over is when something ended: the first of two moments, zero being none.
func over(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func sweep[T any](m map[string]T, n *int, limit int, gone func(T) bool) {
	for key, v := range m {
		if *n < limit && gone(v) {
			delete(m, key)
			*n++
		}
	}
}
