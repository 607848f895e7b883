package centre

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/ledger"
)

// The alarms of a witnessed head: message keys. They stay until two people of the
// gateway's node acknowledge a restore; the last two end when what is missing comes.
const (
	AlarmSigned       = "exchange.alarm.signature"    // the head is not by the gateway
	AlarmShrunk       = "exchange.alarm.shrunk"       // the log is shorter than it was
	AlarmChanged      = "exchange.alarm.changed"      // the same size has another root
	AlarmInconsistent = "exchange.alarm.inconsistent" // what was seen is not the beginning of what is there now
	AlarmUnproved     = "exchange.alarm.unproved"     // newer heads come without a proof
	AlarmMissing      = "exchange.alarm.missing"      // no head of the log comes any more
)

const (
	// patience is how long a gateway may leave a proof, or the head of a log, to come: it
	// learns from an answer what it has to prove.
	patience = 10 * time.Minute
	// keepEvery is how often a head that was proved is kept among the witnesses. Each
	// proves those before it, so that one an hour is enough to look back.
	keepEvery = time.Hour
	// maxSaid is how far what a gateway says of the time may be off.
	maxSaid = 10 * time.Minute
)

var errReport = fault.New(fault.Invalid, "exchange.report.bad", nil)

// Report takes what a gateway that was heard says of itself, and keeps the heads of its
// logs as a witness: a log that later shows less, or something else, than was seen is an
// alarm. What was said before the report that was heard last comes late and counts for
// nothing. The answer is what the centre holds of the gateway.
func (c *Centre) Report(ctx context.Context, by actor.Actor, r exchange.Report) (a exchange.ReportAnswer, err error) {
	gateway, err := gatewayOf(by)
	if err != nil {
		return a, err
	}
	r.Gateway = gateway
	if len(r.Version) > 100 || len(r.LogFault) > 500 || r.LogSize < 0 || r.Unstamped < 0 || len(r.Heads) > exchange.MaxChains {
		return a, errReport
	}
	heads, err := headsOf(r)
	if err != nil {
		return a, err
	}
	rang := false
	err = c.at.Store.InTx(ctx, func(tx Tx) error {
		now := c.at.Clock.Now()
		last, heard, err := tx.LastReport(ctx, gateway)
		if err != nil {
			return err
		}
		if r.Said = r.At; r.Said.IsZero() || r.Said.Sub(now).Abs() > maxSaid {
			r.Said = now
		}
		if heard && r.Said.Before(last.Said) && now.Sub(last.At) < maxSaid {
			return nil // it was overtaken
		}
		saved := r
		saved.At, saved.Head, saved.Heads = now, nil, nil
		if err := tx.SaveReport(ctx, saved); err != nil {
			return err
		}
		s := sight{Tx: tx, centre: c, gateway: gateway, now: now}
		err = s.all(ctx, heads, r)
		rang = s.rang
		return err
	})
	if err != nil {
		return a, err
	}
	if rang && c.at.Rang != nil {
		c.at.Rang()
	}
	if a.Heads, err = c.holds(ctx, gateway); err != nil {
		return a, err
	}
	last, err := c.at.Store.History(ctx, 0, 1)
	if err == nil && len(last) > 0 {
		a.Serial = last[0].Serial
	}
	return a, err
}

// headsOf are the heads of a report, each with the name of its chain, once.
func headsOf(r exchange.Report) ([]exchange.ReportedHead, error) {
	heads := slices.Clone(r.Heads)
	if r.Heads == nil && r.Head != nil {
		heads = []exchange.ReportedHead{{Head: *r.Head}}
	}
	seen := map[string]bool{}
	for i := range heads {
		h := &heads[i]
		if h.Head.Chain == "" {
			h.Head.Chain = ledger.Messages
		}
		if err := h.Check(); err != nil {
			return nil, err
		}
		if seen[h.Head.Chain] {
			return nil, errReport
		}
		seen[h.Head.Chain] = true
	}
	return heads, nil
}

// sight is the look at the heads of one report.
type sight struct {
	Tx
	centre  *Centre
	gateway string
	now     time.Time
	rang    bool // an alarm was opened or closed
}

func (s *sight) all(ctx context.Context, heads []exchange.ReportedHead, r exchange.Report) error {
	list, err := s.Held(ctx, s.gateway)
	if err != nil {
		return err
	}
	held := map[string]Held{}
	for _, h := range list {
		held[h.Head.Chain] = h
	}
	for _, h := range heads {
		before, known := held[h.Head.Chain]
		if !known && len(held) >= exchange.MaxChains {
			return errReport
		}
		delete(held, h.Head.Chain)
		if err := s.one(ctx, before, known, h, r.Heads != nil); err != nil {
			return err
		}
	}
	// What was seen once and is not shown any more is missing, and not as it was.
	for _, h := range list {
		if _, missing := held[h.Head.Chain]; !missing {
			continue
		}
		switch {
		case h.Head.Chain == ledger.Messages && r.LogSize < h.Head.Size:
			err = s.ring(ctx, h.Line, exchange.Head{Chain: h.Head.Chain, Size: r.LogSize, At: s.now}, AlarmShrunk)
		case r.Heads == nil && h.Head.Chain != ledger.Messages && !h.Proved: // an earlier program shows one head
		default:
			err = s.wait(ctx, h, exchange.Head{Chain: h.Head.Chain, At: s.now}, AlarmMissing)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// one looks at one head. shows says that the gateway's program sends proofs.
func (s *sight) one(ctx context.Context, before Held, known bool, r exchange.ReportedHead, shows bool) error {
	h := r.Head
	cert, ok, err := s.Certificate(ctx, h.KeyID)
	if err != nil {
		return err
	}
	signed := ok && cert.Use == useGateway && cert.Gateway == s.gateway && h.SignedBy(cert.DER)
	held := before.Head
	switch {
	case known && h.Size == held.Size && h.Root != held.Root:
		return s.ring(ctx, before.Line, h, AlarmChanged)
	case known && h.Size < held.Size:
		return s.ring(ctx, before.Line, h, AlarmShrunk)
	case !signed:
		return s.ring(ctx, before.Line, h, AlarmSigned)
	case !known:
		return s.take(ctx, Held{Gateway: s.gateway, SeenAt: s.now}, h, false)
	case h.Size == held.Size:
		before.Pending = time.Time{}
		if len(held.Token) == 0 && len(h.Token) > 0 && h.At.Equal(held.At) {
			before.Head.Token, before.Head.StampedAt = h.Token, h.StampedAt
		}
		if err := s.came(ctx, h.Chain); err != nil {
			return err
		}
		return s.SaveHeld(ctx, before)
	case !shows && !before.Proved:
		return s.take(ctx, before, h, false)
	case held.Size > 0 && (!shows || r.From != held.Size):
		return s.wait(ctx, before, h, AlarmUnproved)
	}
	if held.Size > 0 && ledger.VerifyConsistency(held.Size, h.Size, held.Root, h.Root, r.Proof) != nil {
		return s.ring(ctx, before.Line, h, AlarmInconsistent)
	}
	return s.take(ctx, before, h, true)
}

// take lets a head be the one that counts.
func (s *sight) take(ctx context.Context, before Held, h exchange.Head, proved bool) error {
	now := before
	now.Head, now.Proved, now.SeenAt, now.Pending = h, proved, s.now, time.Time{}
	if !proved || s.now.Sub(before.Kept) >= keepEvery || s.now.Before(before.Kept) {
		now.Kept = s.now
		w := Witness{ID: s.centre.at.NewID(), Gateway: s.gateway, Line: now.Line, Head: h, Proved: proved, SeenAt: s.now}
		w.Head.Token = nil
		if err := s.SaveWitness(ctx, w); err != nil {
			return err
		}
	}
	if err := s.came(ctx, h.Chain); err != nil {
		return err
	}
	return s.SaveHeld(ctx, now)
}

// came closes the alarms of what was missing and is there now.
func (s *sight) came(ctx context.Context, chain string) error {
	for _, alarm := range []string{AlarmUnproved, AlarmMissing} {
		n, err := s.CloseAlarms(ctx, s.gateway, chain, alarm, "", s.now)
		if err != nil {
			return err
		}
		s.rang = s.rang || n > 0
	}
	return nil
}

// wait rings when what is missing does not come for a while.
func (s *sight) wait(ctx context.Context, h Held, shown exchange.Head, alarm string) error {
	if !h.Pending.IsZero() {
		if s.now.Sub(h.Pending) < patience {
			return nil
		}
		return s.ring(ctx, h.Line, shown, alarm)
	}
	h.Pending = s.now
	return s.SaveHeld(ctx, h)
}

// ring opens an alarm, unless the same is open.
func (s *sight) ring(ctx context.Context, line int64, h exchange.Head, alarm string) error {
	open, err := s.Witnessed(ctx, s.gateway, true, maxOpen)
	if err != nil {
		return err
	}
	if len(open) >= maxOpen || slices.ContainsFunc(open, func(w Witness) bool { return w.Head.Chain == h.Chain && w.Alarm == alarm }) {
		return nil
	}
	h.Token = nil
	if err := s.SaveWitness(ctx, Witness{
		ID: s.centre.at.NewID(), Gateway: s.gateway, Line: line, Head: h, SeenAt: s.now, Alarm: alarm,
	}); err != nil {
		return err
	}
	s.rang = true
	return s.Note(ctx, Act{
		By: system, Action: "gateway.alarm", Subject: string(exchange.GatewayEntry), Key: s.gateway, At: s.now,
		Details: map[string]string{"alarm": alarm, "chain": h.Chain},
	})
}

// maxOpen bounds the open alarms of a gateway: six kinds of each chain, and those of
// earlier programs.
const maxOpen = 500

// gravest orders alarms.
var gravest = []string{AlarmInconsistent, AlarmChanged, AlarmShrunk, AlarmSigned, AlarmMissing, AlarmUnproved}

// holds is what the centre holds of a gateway's logs, with what does not fit it.
func (c *Centre) holds(ctx context.Context, gateway string) ([]exchange.SeenHead, error) {
	held, err := c.at.Store.Held(ctx, gateway)
	if err != nil {
		return nil, err
	}
	open, err := c.at.Store.Witnessed(ctx, gateway, true, maxOpen)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(open, func(a, b Witness) int {
		return cmp.Compare(slices.Index(gravest, a.Alarm), slices.Index(gravest, b.Alarm))
	})
	out := []exchange.SeenHead{}
	seen := map[string]bool{}
	for _, h := range held {
		s := exchange.SeenHead{Head: h.Head, SeenAt: h.SeenAt, Proved: h.Proved, Line: h.Line}
		if i := slices.IndexFunc(open, func(w Witness) bool { return w.Head.Chain == h.Head.Chain }); i >= 0 {
			s.Alarm = seenAlarm(open[i])
		}
		seen[h.Head.Chain] = true
		out = append(out, s)
	}
	for _, w := range open { // of a chain of which nothing that is signed was ever shown
		if !seen[w.Head.Chain] {
			seen[w.Head.Chain] = true
			out = append(out, exchange.SeenHead{Head: exchange.Head{Chain: w.Head.Chain}, SeenAt: w.SeenAt, Alarm: seenAlarm(w)})
		}
	}
	return out, nil
}

func seenAlarm(w Witness) *exchange.SeenAlarm {
	return &exchange.SeenAlarm{Code: strings.TrimPrefix(w.Alarm, "exchange.alarm."), Size: w.Head.Size, Root: w.Head.Root, At: w.SeenAt}
}

// maxRestores bounds the restores that are told.
const maxRestores = 100

// Witness is what the centre tells anybody of the logs of a gateway: sizes, roots and
// times. It fails with NotFound.
func (c *Centre) Witness(ctx context.Context, gateway string) (w exchange.Witness, err error) {
	if len(gateway) > maxGateway {
		return w, notThere(gateway)
	}
	if _, ok, err := c.at.Store.Entry(ctx, exchange.GatewayEntry, gateway); err != nil || !ok {
		if err == nil {
			err = notThere(gateway)
		}
		return w, err
	}
	w = exchange.Witness{Gateway: gateway, Certificates: [][]byte{}, Restores: []exchange.SeenRestore{}}
	last, err := c.at.Store.History(ctx, 0, 1)
	if err != nil {
		return w, err
	}
	if len(last) > 0 {
		w.Serial = last[0].Serial
	}
	all, err := c.holds(ctx, gateway)
	if err != nil {
		return w, err
	}
	w.Heads = all
	certificates, err := c.at.Store.Certificates(ctx, c.at.Clock.Now())
	if err != nil {
		return w, err
	}
	have := map[string]bool{}
	add := func(cert Certificate) {
		if !have[cert.Fingerprint] {
			have[cert.Fingerprint] = true
			w.Certificates = append(w.Certificates, cert.DER)
		}
	}
	for _, cert := range certificates {
		if cert.Use == useGateway && cert.Gateway == gateway && cert.RevokedAt.IsZero() {
			add(cert)
		}
	}
	for _, h := range all {
		if have[h.KeyID] || h.KeyID == "" {
			continue
		}
		cert, ok, err := c.at.Store.Certificate(ctx, h.KeyID)
		if err != nil {
			return w, err
		}
		if ok {
			add(cert)
		}
	}
	restores, err := c.at.Store.Restores(ctx, gateway, maxRestores)
	for _, r := range restores {
		w.Restores = append(w.Restores, seenRestore(r))
	}
	return w, err
}

// maxGateway is how long the name of a gateway can be.
const maxGateway = 100

func seenRestore(r Restored) exchange.SeenRestore {
	c := r.Chains[0]
	return exchange.SeenRestore{
		ID: r.ID, At: r.At, Backup: r.Backup, Chain: c.Chain, Line: r.Line, Size: c.Size, Root: c.Root, ToSize: c.To.Size, ToRoot: c.To.Root,
	}
}

var (
	errNoAlarm = fault.New(fault.Conflict, "exchange.restore.no_alarm", nil)
	errMoved   = fault.New(fault.Conflict, "exchange.restore.moved", nil)
)

// Restore takes from a gateway that was heard that two people of its node acknowledge a
// restore from a backup: the alarms of those logs are closed, and what counts from now on
// is the restored log. The head that is given up is kept, with who asked and who decided,
// for ever. The same again changes nothing. It fails with Denied when one person did both,
// with Conflict when there is no alarm, or when the centre holds another head than the one
// that is given up, and with Invalid.
func (c *Centre) Restore(ctx context.Context, by actor.Actor, r exchange.Restore) error {
	gateway, err := gatewayOf(by)
	if err != nil {
		return err
	}
	r.Gateway = gateway
	if err := r.Check(); err != nil {
		return err
	}
	rang := false
	err = c.at.Store.InTx(ctx, func(tx Tx) error {
		rang = false
		if _, _, err := tx.LastReport(ctx, gateway); err != nil {
			return err
		}
		held, err := tx.Held(ctx, gateway)
		if err != nil {
			return err
		}
		known, err := tx.Restores(ctx, gateway, maxRestores)
		if err != nil {
			return err
		}
		for _, chain := range r.Chains {
			if slices.ContainsFunc(known, func(k Restored) bool { return k.ID == r.ID && k.Chains[0].Chain == chain.Chain }) {
				continue
			}
			i := slices.IndexFunc(held, func(h Held) bool { return h.Head.Chain == chain.Chain })
			if i < 0 || held[i].Head.Size != chain.Size || held[i].Head.Root != chain.Root {
				return errMoved
			}
			if err := c.restart(ctx, tx, by, held[i], r, chain); err != nil {
				return err
			}
			rang = true
		}
		return nil
	})
	if err != nil || !rang {
		return err
	}
	if c.at.Rang != nil {
		c.at.Rang()
	}
	if c.at.Restored != nil {
		c.at.Restored(ctx, r)
	}
	return nil
}

// restart lets one log go on from its restored head.
func (c *Centre) restart(ctx context.Context, tx Tx, by actor.Actor, held Held, r exchange.Restore, chain exchange.Restart) error {
	now, to := c.at.Clock.Now(), chain.To
	to.Chain = chain.Chain
	cert, ok, err := tx.Certificate(ctx, to.KeyID)
	if err != nil {
		return err
	}
	if !ok || cert.Use != useGateway || cert.Gateway != held.Gateway || !to.SignedBy(cert.DER) {
		return fault.New(fault.Denied, "exchange.centre.signature", nil)
	}
	closed, err := tx.CloseAlarms(ctx, held.Gateway, chain.Chain, "", r.ID, now)
	if err != nil {
		return err
	}
	if closed == 0 {
		return errNoAlarm
	}
	was := held
	held.Line, held.Head, held.Proved, held.SeenAt, held.Pending, held.Kept = held.Line+1, to, false, now, time.Time{}, now
	if err := tx.SaveHeld(ctx, held); err != nil {
		return err
	}
	w := Witness{ID: c.at.NewID(), Gateway: held.Gateway, Line: held.Line, Head: to, SeenAt: now}
	w.Head.Token = nil
	if err := tx.SaveWitness(ctx, w); err != nil {
		return err
	}
	one := r
	one.Chains = []exchange.Restart{chain}
	if err := tx.SaveRestore(ctx, Restored{Restore: one, Line: held.Line, At: now}); err != nil {
		return err
	}
	return tx.Note(ctx, Act{
		By: by, Action: "gateway.restore", Subject: string(exchange.GatewayEntry), Key: held.Gateway, At: now, Details: map[string]string{
			"request": r.ID, "chain": chain.Chain, "backup": r.Backup, "size": strconv.FormatInt(was.Head.Size, 10),
			"to": strconv.FormatInt(to.Size, 10), "asked": r.Asked.Account, "decided": r.Decided.Account,
		},
	})
}

// Restores lists those of a gateway, newest first, for the centre's pages.
func (c *Centre) Restores(ctx context.Context, by actor.Actor, gateway string) ([]Restored, error) {
	if err := Permissions.Can(by, ActRead); err != nil {
		return nil, err
	}
	return c.at.Store.Restores(ctx, gateway, maxRestores)
}
