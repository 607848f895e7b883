// Package centretest is for tests of the centre: a store in memory, and the suite that
// every store has to pass. No program uses it.
package centretest

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/exchange/centre"
	"dean06/internal/platform/fault"
)

// Memory is a register in memory. A transaction works on a copy that takes its place
// when all went well.
type Memory struct {
	mu sync.Mutex
	register
}

// register is a centre.Tx.
type register struct {
	serial       int64
	entries      map[string]exchange.Entry
	applications map[string]exchange.Application
	tokens       map[string]centre.Token
	certificates map[string]centre.Certificate
	cas          [][]byte // newest first
	published    []centre.Published
	reports      map[string]exchange.Report
	witnesses    []centre.Witness // oldest first
	held         map[string]centre.Held
	restores     []centre.Restored
	security     *exchange.Security
	acts         []centre.Act
}

var _ centre.Store = (*Memory)(nil)

// NewMemory makes an empty register.
func NewMemory() *Memory {
	return &Memory{register: register{
		entries: map[string]exchange.Entry{}, applications: map[string]exchange.Application{}, tokens: map[string]centre.Token{},
		certificates: map[string]centre.Certificate{}, reports: map[string]exchange.Report{},
		held: map[string]centre.Held{},
	}}
}

// InTx runs f on a copy, and keeps what it left.
func (m *Memory) InTx(_ context.Context, f func(tx centre.Tx) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	tx := m.register
	tx.entries, tx.applications, tx.tokens = maps.Clone(tx.entries), maps.Clone(tx.applications), maps.Clone(tx.tokens)
	tx.certificates, tx.reports, tx.held = maps.Clone(tx.certificates), maps.Clone(tx.reports), maps.Clone(tx.held)
	tx.restores = slices.Clone(tx.restores)
	tx.cas, tx.published = slices.Clone(tx.cas), slices.Clone(tx.published)
	tx.witnesses, tx.acts = slices.Clone(tx.witnesses), slices.Clone(tx.acts)
	if err := f(&tx); err != nil {
		return err
	}
	m.register = tx
	return nil
}

// Actions are the codes of what was noted, as the audit log would have them.
func (m *Memory) Actions() []string {
	var out []string
	for _, a := range m.acts {
		out = append(out, "exchange."+a.Action)
	}
	return out
}

func entryKey(kind exchange.EntryKind, key string) string { return string(kind) + " " + key }

// sorted gives the values in the order of their keys.
func sorted[V any](m map[string]V) []V {
	var out []V
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out = append(out, m[k])
	}
	return out
}

func first[V any](list []V, limit int) []V { return list[:min(limit, len(list))] }

// Entries lists the entries of a kind.
func (r *register) Entries(_ context.Context, kind exchange.EntryKind) ([]exchange.Entry, error) {
	return slices.DeleteFunc(sorted(r.entries), func(e exchange.Entry) bool { return kind != "" && e.Kind != kind }), nil
}

// Entry reads one.
func (r *register) Entry(_ context.Context, kind exchange.EntryKind, key string) (exchange.Entry, bool, error) {
	e, ok := r.entries[entryKey(kind, key)]
	return e, ok, nil
}

// SaveEntry writes one whose version is the stored one's.
func (r *register) SaveEntry(_ context.Context, e exchange.Entry) error {
	if r.entries[entryKey(e.Kind, e.Key)].Version != e.Version {
		return fault.New(fault.Conflict, "exchange.entry.changed", fault.Args{"key": e.Key})
	}
	e.Version++
	r.entries[entryKey(e.Kind, e.Key)] = e
	return nil
}

// Applications lists those in a state, oldest first.
func (r *register) Applications(_ context.Context, state exchange.ApplicationState, limit int) ([]exchange.Application, error) {
	list := slices.DeleteFunc(sorted(r.applications), func(a exchange.Application) bool { return a.State != state })
	slices.SortStableFunc(list, func(a, b exchange.Application) int { return a.At.Compare(b.At) })
	return first(list, limit), nil
}

// Application reads one.
func (r *register) Application(_ context.Context, id string) (exchange.Application, bool, error) {
	a, ok := r.applications[id]
	return a, ok, nil
}

// SaveApplication writes one.
func (r *register) SaveApplication(_ context.Context, a exchange.Application) error {
	r.applications[a.ID] = a
	return nil
}

// Tokens lists the newest.
func (r *register) Tokens(_ context.Context, limit int) ([]centre.Token, error) {
	list := sorted(r.tokens)
	slices.SortStableFunc(list, func(a, b centre.Token) int { return b.CreatedAt.Compare(a.CreatedAt) })
	return first(list, limit), nil
}

// Token reads one.
func (r *register) Token(_ context.Context, id string) (centre.Token, bool, error) {
	t, ok := r.tokens[id]
	return t, ok, nil
}

// SaveToken writes one.
func (r *register) SaveToken(_ context.Context, t centre.Token) error {
	r.tokens[t.ID] = t
	return nil
}

// Certificates lists those that have not expired, newest first.
func (r *register) Certificates(_ context.Context, at time.Time) ([]centre.Certificate, error) {
	list := slices.DeleteFunc(sorted(r.certificates), func(c centre.Certificate) bool { return !c.Until.After(at) })
	slices.SortStableFunc(list, func(a, b centre.Certificate) int { return b.CreatedAt.Compare(a.CreatedAt) })
	return list, nil
}

// Certificate reads one.
func (r *register) Certificate(_ context.Context, fingerprint string) (centre.Certificate, bool, error) {
	c, ok := r.certificates[fingerprint]
	return c, ok, nil
}

// SaveCertificate writes one.
func (r *register) SaveCertificate(_ context.Context, c centre.Certificate) error {
	r.certificates[c.Fingerprint] = c
	return nil
}

// CAs lists the centre's own, newest first.
func (r *register) CAs(context.Context) ([][]byte, error) { return r.cas, nil }

// SaveCA adds one.
func (r *register) SaveCA(_ context.Context, der []byte, _ time.Time) error {
	r.cas = append([][]byte{der}, r.cas...)
	return nil
}

// Newest gives the configuration that was published last.
func (r *register) Newest(context.Context) (centre.Published, bool, error) {
	if len(r.published) == 0 {
		return centre.Published{}, false, nil
	}
	return r.published[len(r.published)-1], true, nil
}

// History lists what was published, newest first.
func (r *register) History(_ context.Context, below int64, limit int) ([]centre.Published, error) {
	var list []centre.Published
	for _, p := range slices.Backward(r.published) {
		if below == 0 || p.Serial < below {
			p.Signed = exchange.Signed{}
			list = append(list, p)
		}
	}
	return first(list, limit), nil
}

// SavePublished adds a configuration, and forgets what only renewed an earlier one.
func (r *register) SavePublished(_ context.Context, p centre.Published) error {
	r.published = slices.DeleteFunc(
		r.published, func(o centre.Published) bool { return o.Cause == "renewed" && o.ValidUntil.Before(p.IssuedAt) },
	)
	r.published = append(r.published, p)
	return nil
}

// Turn gives the next serial.
func (r *register) Turn(context.Context) (int64, error) {
	r.serial++
	return r.serial, nil
}

// PassSerial lets the next turns begin after a serial.
func (r *register) PassSerial(_ context.Context, serial int64) error {
	r.serial = max(r.serial, serial)
	return nil
}

// Reports lists the last report of each gateway.
func (r *register) Reports(context.Context) ([]exchange.Report, error) { return sorted(r.reports), nil }

// Security gives what was said last of the security of systems.
func (r *register) Security(context.Context) (s exchange.Security, ok bool, err error) {
	if r.security == nil {
		return s, false, nil
	}
	s = *r.security
	s.Clearances = slices.Clone(s.Clearances)
	return s, true, nil
}

// SaveSecurity keeps what was said.
func (r *register) SaveSecurity(_ context.Context, s exchange.Security) error {
	r.security = &s
	return nil
}

// SaveReport keeps the last report of a gateway.
func (r *register) SaveReport(_ context.Context, x exchange.Report) error {
	r.reports[x.Gateway] = x
	return nil
}

// LastReport gives the last report of a gateway.
func (r *register) LastReport(_ context.Context, gateway string) (exchange.Report, bool, error) {
	x, ok := r.reports[gateway]
	return x, ok, nil
}

// Witnessed lists heads, newest first.
func (r *register) Witnessed(_ context.Context, gateway string, alarms bool, limit int) ([]centre.Witness, error) {
	var list []centre.Witness
	for _, w := range slices.Backward(r.witnesses) {
		if (gateway == "" || w.Gateway == gateway) && (!alarms || w.Alarm != "" && w.ClosedAt.IsZero()) {
			list = append(list, w)
		}
	}
	return first(list, limit), nil
}

// CloseAlarms closes those of a chain that are open.
func (r *register) CloseAlarms(_ context.Context, gateway, chain, alarm, by string, at time.Time) (n int64, err error) {
	for i, w := range r.witnesses {
		if w.Gateway == gateway && w.Head.Chain == chain && w.Alarm != "" && w.ClosedAt.IsZero() && (alarm == "" || w.Alarm == alarm) {
			r.witnesses[i].ClosedAt, r.witnesses[i].ClosedBy = at, by
			n++
		}
	}
	return n, nil
}

// Held lists the heads that logs may not fall short of.
func (r *register) Held(_ context.Context, gateway string) ([]centre.Held, error) {
	return slices.DeleteFunc(sorted(r.held), func(h centre.Held) bool { return gateway != "" && h.Gateway != gateway }), nil
}

// SaveHeld puts one in the place of the one before.
func (r *register) SaveHeld(_ context.Context, h centre.Held) error {
	r.held[h.Gateway+" "+h.Head.Chain] = h
	return nil
}

// Restores lists those of a gateway, newest first.
func (r *register) Restores(_ context.Context, gateway string, limit int) ([]centre.Restored, error) {
	list := slices.DeleteFunc(slices.Clone(r.restores), func(x centre.Restored) bool { return x.Gateway != gateway })
	slices.Reverse(list)
	return first(list, limit), nil
}

// SaveRestore adds one.
func (r *register) SaveRestore(_ context.Context, x centre.Restored) error {
	r.restores = append(r.restores, x)
	return nil
}

// SaveWitness adds a head.
func (r *register) SaveWitness(_ context.Context, w centre.Witness) error {
	r.witnesses = append(r.witnesses, w)
	return nil
}

// Note keeps a line of the audit log.
func (r *register) Note(_ context.Context, a centre.Act) error {
	r.acts = append(r.acts, a)
	return nil
}
