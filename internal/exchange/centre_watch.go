package exchange

import (
	"context"
	"crypto/ecdsa"
	"crypto/x509"
	"slices"
	"time"

	"dean06/internal/platform/fault"
	"dean06/internal/xroad"
)

// Report takes what a gateway that was heard says of itself, and keeps the head
// of its log as a witness: a log that later shows less, or something else, at a
// size that was seen is an alarm that stays.
func (c *Centre) Report(ctx context.Context, gateway string, r Report) error {
	r.Gateway = gateway
	if len(r.Version) > 100 || len(r.LogFault) > 500 || r.LogSize < 0 || r.Unstamped < 0 {
		return fault.New(fault.Invalid, "exchange.report.bad", nil)
	}
	return c.Store.InTx(ctx, func(tx CentreTx) error {
		r.At = c.Clock.Now()
		if r.Head != nil {
			if err := c.witness(ctx, tx, gateway, *r.Head, r.At); err != nil {
				return err
			}
		}
		r.Head = nil
		return tx.SaveReport(ctx, r)
	})
}

// Report is what a gateway says of itself to the centre; head is the last of its
// log, nil when there is none.
func (s Status) Report(head *Head) Report {
	return Report{
		Version: s.Version, Serial: s.Serial, LogSize: s.LogSize, Unstamped: s.Unstamped, OldestDebt: s.OldestDebt, LogFault: clip(s.LogFault), Head: head,
	}
}

// The alarms of a witnessed head.
const (
	AlarmSigned  = "exchange.alarm.signature" // the head is not by the gateway
	AlarmShrunk  = "exchange.alarm.shrunk"    // the log is shorter than it was
	AlarmChanged = "exchange.alarm.changed"   // the same size has another root
)

func (c *Centre) witness(ctx context.Context, tx CentreTx, gateway string, h Head, now time.Time) error {
	if h.Size < 0 || len(h.Signature) > 200 || !hexDigest.MatchString(h.KeyID) {
		return fault.New(fault.Invalid, "exchange.report.bad", nil)
	}
	last, ok, err := tx.Longest(ctx, gateway)
	if err != nil {
		return err
	}
	w := Witness{ID: c.NewID(), Gateway: gateway, Head: h, SeenAt: now}
	w.Head.Token = nil
	switch {
	case ok && h.Size == last.Head.Size && h.Root == last.Head.Root:
		return nil
	case ok && h.Size == last.Head.Size:
		w.Alarm = AlarmChanged
	case ok && h.Size < last.Head.Size && h.At.After(last.Head.At):
		w.Alarm = AlarmShrunk
	case ok && h.Size < last.Head.Size:
		return nil // an older head that came late
	}
	cert, ok, err := tx.Certificate(ctx, h.KeyID)
	if err != nil {
		return err
	}
	if w.Alarm == "" && (!ok || cert.Gateway != gateway || !h.signedBy(cert.DER)) {
		w.Alarm = AlarmSigned
	}
	if w.Alarm != "" {
		recent, err := tx.Witnessed(ctx, gateway, true, 1)
		if err != nil || len(recent) > 0 && recent[0].Alarm == w.Alarm && recent[0].Head.Size == h.Size && recent[0].Head.Root == h.Root {
			return err // the same alarm is not rung each minute
		}
		if err := tx.Note(ctx, CentreAct{
			By: System, Action: "gateway.alarm", Subject: string(GatewayEntry), Key: gateway, At: now, Details: map[string]string{"alarm": w.Alarm},
		}); err != nil {
			return err
		}
	}
	return tx.SaveWitness(ctx, w)
}

// Register is the whole of what the centre keeps, for its pages.
type Register struct {
	At           time.Time
	Entries      []Entry
	Applications []Application // that wait
	Certificates []Certificate // that have not expired, newest first
	Reports      map[string]Report
	Alarms       []Witness
	Last         Published
}

// Register reads all that its operator looks at.
func (c *Centre) Register(ctx context.Context, by Actor) (r Register, err error) {
	if err := by.May(ReadExchange); err != nil {
		return r, err
	}
	r.At = c.Clock.Now()
	if r.Entries, err = c.Store.Entries(ctx, ""); err != nil {
		return r, err
	}
	if r.Applications, err = c.Store.Applications(ctx, Pending, maxPending); err != nil {
		return r, err
	}
	if r.Certificates, err = c.Store.Certificates(ctx, r.At); err != nil {
		return r, err
	}
	reports, err := c.Store.Reports(ctx)
	if err != nil {
		return r, err
	}
	r.Reports = make(map[string]Report, len(reports))
	for _, rep := range reports {
		r.Reports[rep.Gateway] = rep
	}
	if r.Alarms, err = c.Store.Witnessed(ctx, "", true, 100); err != nil {
		return r, err
	}
	r.Last, _, err = c.Store.Newest(ctx)
	return r, err
}

// Of lists the entries of a kind that belong to a member (any when zero).
func (r Register) Of(kind EntryKind, member xroad.ID) []Entry {
	return slices.DeleteFunc(slices.Clone(r.Entries), func(e Entry) bool {
		return e.Kind != kind || !member.IsZero() && e.Member != member
	})
}

// Find finds one entry.
func (r Register) Find(kind EntryKind, key string) (Entry, bool) {
	i := slices.IndexFunc(r.Entries, func(e Entry) bool { return e.Kind == kind && e.Key == key })
	if i < 0 {
		return Entry{}, false
	}
	return r.Entries[i], true
}

// CertificatesOf lists those of a gateway, newest first.
func (r Register) CertificatesOf(gateway string) []Certificate {
	return slices.DeleteFunc(slices.Clone(r.Certificates), func(c Certificate) bool { return c.Use != useGateway || c.Gateway != gateway })
}

// silence is after how long without a report a gateway counts as away.
const silence = 5 * time.Minute

// Condition says how a gateway stands, as its operator would put it.
type Condition string

// The conditions of a gateway.
const (
	GatewayFine      Condition = "fine"
	GatewayDebt      Condition = "debt"     // works, and waits for time stamps or an old configuration
	GatewayAway      Condition = "away"     // has not reported for a while
	GatewayExpiring  Condition = "expiring" // its certificate runs out and it has not renewed it
	GatewayExpired   Condition = "expired"
	GatewaySuspended Condition = "suspended"
	GatewayWithdrawn Condition = "withdrawn"
	GatewayAlarm     Condition = "alarm" // its log does not fit what was seen of it
)

// Condition is that of a gateway, the gravest first.
func (r Register) Condition(e Entry) Condition {
	switch e.State {
	case Withdrawn:
		return GatewayWithdrawn
	case Suspended:
		return GatewaySuspended
	}
	if slices.ContainsFunc(r.Alarms, func(w Witness) bool { return w.Gateway == e.Key }) {
		return GatewayAlarm
	}
	counting := slices.DeleteFunc(r.CertificatesOf(e.Key), func(c Certificate) bool { return !c.RevokedAt.IsZero() })
	if len(counting) == 0 {
		return GatewayExpired
	}
	rep, ok := r.Reports[e.Key]
	if !ok || r.At.Sub(rep.At) > silence {
		return GatewayAway
	}
	if left := counting[0].Until.Sub(r.At); left < counting[0].Until.Sub(counting[0].From)/4 {
		return GatewayExpiring
	}
	if rep.Unstamped > 0 && r.At.Sub(rep.OldestDebt) > time.Hour || rep.LogFault != "" {
		return GatewayDebt
	}
	return GatewayFine
}

// signedBy says whether the head is signed with the key of a certificate.
func (h Head) signedBy(der []byte) bool {
	cert, err := x509.ParseCertificate(der)
	if err != nil || h.KeyID != Fingerprint(der) {
		return false
	}
	key, ok := cert.PublicKey.(*ecdsa.PublicKey)
	return ok && h.Verify(key) == nil
}
