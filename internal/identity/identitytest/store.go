package identitytest

import (
	"cmp"
	"context"
	"maps"
	"reflect"
	"slices"
	"sync"
	"time"

	"dean06/internal/identity"
)

// Store keeps identities in memory.
type Store struct {
	reader
	mu    sync.Mutex
	state *state
	// Fail, where it is set, is asked before each write of a transaction: what it gives fails
	// the transaction, as a power cut would.
	Fail func(write string) error
}

type state struct {
	accounts    map[string]identity.Account
	holders     map[identity.Holder]string
	places      map[string]string // account → commune
	proofings   []identity.Proofing
	secrets     map[string]identity.Secrets
	devices     map[string]identity.Device
	sessions    map[string]identity.Session
	delegations map[string]identity.Delegation
	clients     map[string]identity.Client
	consents    map[string]identity.Consent
	requests    map[string]identity.Request
	grants      map[string]identity.Grant
	entries     []identity.Entry
	recoveries  map[string]identity.Recovery
	challenges  map[string]identity.Challenge
	used        map[string]time.Time
	ring        []byte
	ringVersion int64
	failures    map[string]window
}

type window struct {
	n           int
	last, until time.Time
}

func (s *state) clone() *state {
	return &state{
		accounts: maps.Clone(s.accounts), holders: maps.Clone(s.holders), proofings: slices.Clone(s.proofings), secrets: maps.Clone(s.secrets),
		devices: maps.Clone(s.devices), sessions: maps.Clone(s.sessions), delegations: maps.Clone(s.delegations), clients: maps.Clone(s.clients),
		consents: maps.Clone(s.consents), requests: maps.Clone(s.requests), grants: maps.Clone(s.grants), entries: slices.Clone(s.entries),
		recoveries: maps.Clone(s.recoveries), challenges: maps.Clone(s.challenges), used: maps.Clone(s.used), failures: maps.Clone(s.failures),
		ring: slices.Clone(s.ring), ringVersion: s.ringVersion, places: maps.Clone(s.places),
	}
}

// NewStore makes an empty store.
func NewStore() *Store {
	s := &Store{state: &state{
		accounts: map[string]identity.Account{}, holders: map[identity.Holder]string{}, secrets: map[string]identity.Secrets{},
		devices: map[string]identity.Device{}, sessions: map[string]identity.Session{}, delegations: map[string]identity.Delegation{},
		clients: map[string]identity.Client{}, consents: map[string]identity.Consent{}, requests: map[string]identity.Request{},
		grants: map[string]identity.Grant{}, recoveries: map[string]identity.Recovery{}, challenges: map[string]identity.Challenge{},
		used: map[string]time.Time{}, failures: map[string]window{}, places: map[string]string{},
	}}
	s.get = func() (*state, func()) {
		s.mu.Lock()
		return s.state, s.mu.Unlock
	}
	return s
}

var _ identity.Store = (*Store)(nil)

// InTx runs f on a copy, which is kept when f succeeds. What f reads, it reads through tx: the
// store itself waits for the end of the transaction.
func (s *Store) InTx(_ context.Context, f func(tx identity.Tx) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := newTx(s.state.clone(), s.Fail)
	if err := f(t); err != nil {
		return err
	}
	if err := t.end(); err != nil {
		return err
	}
	s.state = t.s
	for _, do := range t.after {
		do()
	}
	return nil
}

// copied is a value that shares nothing with what it was; moments are as both engines keep
// them.
func copied[T any](v T) T { return deep(reflect.ValueOf(v)).Interface().(T) }

func deep(v reflect.Value) reflect.Value {
	switch v.Kind() {
	case reflect.Slice:
		if v.IsNil() {
			return v
		}
		out := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		for i := range v.Len() {
			out.Index(i).Set(deep(v.Index(i)))
		}
		return out
	case reflect.Map:
		if v.IsNil() {
			return v
		}
		out := reflect.MakeMapWithSize(v.Type(), v.Len())
		for it := v.MapRange(); it.Next(); {
			out.SetMapIndex(it.Key(), deep(it.Value()))
		}
		return out
	case reflect.Struct:
		if t, ok := v.Interface().(time.Time); ok {
			return reflect.ValueOf(t.UTC().Truncate(time.Microsecond))
		}
		out := reflect.New(v.Type()).Elem()
		out.Set(v)
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				out.Field(i).Set(deep(v.Field(i)))
			}
		}
		return out
	}
	return v
}

// reader reads a state that nobody changes meanwhile.
type reader struct{ get func() (*state, func()) }

// one is a value by its key.
func one[T any](r reader, of func(s *state) map[string]T, key string) (T, error) {
	s, done := r.get()
	defer done()
	v, ok := of(s)[key]
	if !ok {
		return v, identity.ErrUnknown
	}
	return copied(v), nil
}

// first is the value that fits; want is "" for none.
func first[T any](r reader, of func(s *state) map[string]T, want string, fits func(T) bool) (T, error) {
	s, done := r.get()
	defer done()
	if want != "" {
		for _, v := range of(s) {
			if fits(v) {
				return copied(v), nil
			}
		}
	}
	var none T
	return none, identity.ErrUnknown
}

// many are the values that fit, the youngest first.
func many[T any](r reader, of func(s *state) map[string]T, fits func(T) bool, at func(T) time.Time, id func(T) string) []T {
	s, done := r.get()
	defer done()
	var out []T
	for _, v := range of(s) {
		if fits(v) {
			out = append(out, copied(v))
		}
	}
	slices.SortFunc(out, func(a, b T) int { return cmp.Or(at(b).Compare(at(a)), cmp.Compare(id(b), id(a))) })
	return out
}

// Account is an account by its id.
func (r reader) Account(_ context.Context, id string) (identity.Account, error) {
	return one(r, func(s *state) map[string]identity.Account { return s.accounts }, id)
}

// ByHolder is the account of a holder.
func (r reader) ByHolder(_ context.Context, h identity.Holder) (identity.Account, bool, error) {
	s, done := r.get()
	defer done()
	id, ok := s.holders[h]
	return copied(s.accounts[id]), ok, nil
}

// Proofings are those of an account, the oldest first.
func (r reader) Proofings(_ context.Context, account string) ([]identity.Proofing, error) {
	s, done := r.get()
	defer done()
	var out []identity.Proofing
	for _, p := range s.proofings {
		if p.Account == account {
			out = append(out, copied(p))
		}
	}
	return out, nil
}

// Secrets are those of an account.
func (r reader) Secrets(_ context.Context, account string) (identity.Secrets, error) {
	v, err := one(r, func(s *state) map[string]identity.Secrets { return s.secrets }, account)
	if err != nil {
		return identity.Secrets{Account: account}, nil //nolint:nilerr // it has none
	}
	return v, nil
}

func devices(s *state) map[string]identity.Device { return s.devices }

// Device is a device by its id.
func (r reader) Device(_ context.Context, id string) (identity.Device, error) {
	return one(r, devices, id)
}

// DeviceByKey is the device with a key.
func (r reader) DeviceByKey(_ context.Context, key []byte) (identity.Device, error) {
	return first(r, devices, string(key), func(d identity.Device) bool { return string(d.Key) == string(key) })
}

// Devices are all of an account.
func (r reader) Devices(_ context.Context, account string) ([]identity.Device, error) {
	return many(r, devices, func(d identity.Device) bool { return d.Account == account },
		func(d identity.Device) time.Time { return d.AddedAt }, func(d identity.Device) string { return d.ID }), nil
}

func sessions(s *state) map[string]identity.Session { return s.sessions }

// Session is a session by its id.
func (r reader) Session(_ context.Context, id string) (identity.Session, error) {
	return one(r, sessions, id)
}

// SessionByToken is the session of a cookie.
func (r reader) SessionByToken(_ context.Context, token string) (identity.Session, error) {
	return first(r, sessions, token, func(v identity.Session) bool { return v.Token == token })
}

// Sessions are those of an account that go on.
func (r reader) Sessions(_ context.Context, account string, at time.Time) ([]identity.Session, error) {
	return many(r, sessions, func(v identity.Session) bool {
		return v.Account == account && v.EndedAt.IsZero() && at.Before(v.ExpiresAt)
	}, func(v identity.Session) time.Time { return v.CreatedAt }, func(v identity.Session) string { return v.ID }), nil
}

func delegations(s *state) map[string]identity.Delegation { return s.delegations }

func (r reader) delegations(fits func(identity.Delegation) bool) []identity.Delegation {
	return many(r, delegations, fits, func(d identity.Delegation) time.Time { return d.CreatedAt },
		func(d identity.Delegation) string { return d.ID })
}

// Delegation is a delegation by its id.
func (r reader) Delegation(_ context.Context, id string) (identity.Delegation, error) {
	return one(r, delegations, id)
}

// ActingFor are those by which an account acts.
func (r reader) ActingFor(_ context.Context, by string) ([]identity.Delegation, error) {
	return r.delegations(func(d identity.Delegation) bool { return d.By == by }), nil
}

// ActedFor are those by which others act for an account.
func (r reader) ActedFor(_ context.Context, account string) ([]identity.Delegation, error) {
	return r.delegations(func(d identity.Delegation) bool { return d.For == account }), nil
}

// DelegationsOver are those whose term ended.
func (r reader) DelegationsOver(_ context.Context, at time.Time, limit int) ([]identity.Delegation, error) {
	list := r.delegations(func(d identity.Delegation) bool {
		return d.EndedAt.IsZero() && !d.Until.IsZero() && !d.Until.After(at)
	})
	slices.SortFunc(list, func(a, b identity.Delegation) int { return cmp.Or(a.Until.Compare(b.Until), cmp.Compare(a.ID, b.ID)) })
	return list[:min(limit, len(list))], nil
}

// Client is a client by its id.
func (r reader) Client(_ context.Context, id string) (identity.Client, error) {
	return one(r, func(s *state) map[string]identity.Client { return s.clients }, id)
}

// Clients are those of an owner.
func (r reader) Clients(_ context.Context, owner string) ([]identity.Client, error) {
	s, done := r.get()
	defer done()
	var out []identity.Client
	for _, c := range s.clients {
		if owner == "" || c.Owner == owner {
			out = append(out, copied(c))
		}
	}
	slices.SortFunc(out, func(a, b identity.Client) int {
		return cmp.Or(cmp.Compare(a.Name.Vi, b.Name.Vi), cmp.Compare(a.ID, b.ID))
	})
	return out, nil
}

// Consents are those of an account.
func (r reader) Consents(_ context.Context, account string) ([]identity.Consent, error) {
	return many(r, func(s *state) map[string]identity.Consent { return s.consents },
		func(c identity.Consent) bool { return c.Account == account },
		func(c identity.Consent) time.Time { return c.At }, func(c identity.Consent) string { return c.ID }), nil
}

func requests(s *state) map[string]identity.Request { return s.requests }

// Request is a request by its id.
func (r reader) Request(_ context.Context, id string) (identity.Request, error) {
	return one(r, requests, id)
}

// RequestByURI is the pushed request with an address.
func (r reader) RequestByURI(_ context.Context, hash string) (identity.Request, error) {
	return first(r, requests, hash, func(q identity.Request) bool { return q.URI == hash })
}

// RequestByCode is the request that was answered with a code.
func (r reader) RequestByCode(_ context.Context, hash string) (identity.Request, error) {
	return first(r, requests, hash, func(q identity.Request) bool { return q.Code == hash })
}

func grants(s *state) map[string]identity.Grant { return s.grants }

// Grant is a grant by its id.
func (r reader) Grant(_ context.Context, id string) (identity.Grant, error) {
	return one(r, grants, id)
}

// GrantByRefresh is the grant of a refresh token.
func (r reader) GrantByRefresh(_ context.Context, hash string) (identity.Grant, error) {
	return first(r, grants, hash, func(g identity.Grant) bool { return g.Refresh == hash || g.Before == hash })
}

// Grants are those that a filter means.
func (r reader) Grants(_ context.Context, f identity.GrantFilter) ([]identity.Grant, error) {
	return many(r, grants, func(g identity.Grant) bool {
		return (f.Account == "" || g.Account == f.Account) && (f.Client == "" || g.Client == f.Client) &&
			(f.Session == "" || g.Session == f.Session) && (f.For == "" || g.For == f.For) && (f.At.IsZero() || g.Open(f.At))
	}, func(g identity.Grant) time.Time { return g.CreatedAt }, func(g identity.Grant) string { return g.ID }), nil
}

// Entries are those of an account, the youngest first.
func (r reader) Entries(_ context.Context, account string, before int64, limit int) ([]identity.Entry, error) {
	s, done := r.get()
	defer done()
	var out []identity.Entry
	for _, e := range slices.Backward(s.entries) {
		if e.Account == account && (before == 0 || e.Seq < before) && len(out) < limit {
			out = append(out, copied(e))
		}
	}
	return out, nil
}

func recoveries(s *state) map[string]identity.Recovery { return s.recoveries }

// Recovery is a way back by its id.
func (r reader) Recovery(_ context.Context, id string) (identity.Recovery, error) {
	return one(r, recoveries, id)
}

// Recoveries are those of an account.
func (r reader) Recoveries(_ context.Context, account string) ([]identity.Recovery, error) {
	return many(r, recoveries, func(v identity.Recovery) bool { return v.Account == account },
		func(v identity.Recovery) time.Time { return v.AskedAt }, func(v identity.Recovery) string { return v.ID }), nil
}

// Challenge is a challenge by its id.
func (r reader) Challenge(_ context.Context, id string) (identity.Challenge, error) {
	return one(r, func(s *state) map[string]identity.Challenge { return s.challenges }, id)
}

// Ring is what the provider signs with.
func (r reader) Ring(context.Context) (sealed []byte, version int64, err error) {
	s, done := r.get()
	defer done()
	return copied(s.ring), s.ringVersion, nil
}

// Places counts accounts of citizens by commune.
func (r reader) Places(context.Context) ([]identity.PlaceCount, error) {
	s, done := r.get()
	defer done()
	by := map[identity.PlaceCount]int{}
	for _, a := range s.accounts {
		if a.Holder.Kind == identity.Citizen {
			by[identity.PlaceCount{Commune: s.places[a.ID], Level: a.Level, State: a.State}]++
		}
	}
	var out []identity.PlaceCount
	for c, n := range by {
		c.N = n
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b identity.PlaceCount) int {
		return cmp.Or(cmp.Compare(a.Commune, b.Commune), cmp.Compare(a.Level, b.Level), cmp.Compare(a.State, b.State))
	})
	return out, nil
}

// Counts counts accounts.
func (r reader) Counts(_ context.Context) ([]identity.Count, error) {
	s, done := r.get()
	defer done()
	by := map[identity.Count]int{}
	for _, a := range s.accounts {
		by[identity.Count{Kind: a.Holder.Kind, Level: a.Level, State: a.State}]++
	}
	var out []identity.Count
	for c, n := range by {
		c.N = n
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b identity.Count) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Level, b.Level), cmp.Compare(a.State, b.State))
	})
	return out, nil
}
