package exchangenode

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"time"

	"dean06/internal/platform/alarm"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/health"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/ledger"
	"dean06/internal/platform/ledger/ledgersql"
)

// logAlarm is the kind of the alarm of a log that is not what it was; its subject is the
// chain.
const logAlarm = "log"

// keeping is the gateway's key at work for the logs of its node.
type keeping struct {
	now atomic.Pointer[ledgersql.Keeper]
}

// keepLogs grows the trees of the node's logs and signs where they stand, as long as the
// gateway takes part.
func (g *Gateway) keepLogs(ctx context.Context, j *joined) error {
	store := ledgersql.New(g.base.DB)
	var saved []byte
	k := &ledgersql.Keeper{
		Stamp: g.stamp(j), Clock: g.base.Clock, Log: g.log, Broken: g.raiseLog,
		Sign: func(h *ledger.Head) error {
			// Whoever checks the log later, and nowhere near, finds the certificate with it.
			if der := j.Saved().DER(); !bytes.Equal(der, saved) {
				if err := g.saveLogNode(context.WithoutCancel(ctx), store, j); err != nil {
					return err
				}
				saved = der
			}
			return j.SignHead(h)
		},
	}
	for _, c := range g.base.Chains {
		if c, ok := c.(*ledgersql.Chain); ok {
			k.Chains = append(k.Chains, c)
		}
	}
	if err := g.saveLogNode(ctx, store, j); err != nil {
		g.log.Warn("whose logs these are cannot be written", "error", err)
	}
	g.keeping.now.Store(k)
	k.Run(ctx)
	return nil
}

// saveLogNode writes whose logs these are beside them, and which authorities issued the
// certificates into the gateway's folder: whoever can change the one cannot always change
// the other.
func (g *Gateway) saveLogNode(ctx context.Context, store *ledgersql.Store, j *joined) error {
	s := j.Saved()
	dir, err := filepath.Abs(g.cfg.Dir)
	if err != nil {
		return fmt.Errorf("the gateway's folder: %w", err)
	}
	if err := keepAuthorities(dir, s.Authorities()); err != nil {
		return fmt.Errorf("the gateway's folder: %w", err)
	}
	return store.SaveNode(ctx, ledgersql.Node{Gateway: s.Gateway, Hub: s.Hub, Dir: dir}, s.DER())
}

// closeLogs signs what was written last, when nobody writes any more: after a clean stop
// nothing can be taken from the end of a log unseen.
func (g *Gateway) closeLogs() error {
	if k := g.keeping.now.Load(); k != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		k.Step(ctx)
		if j := g.joined.Load(); j != nil && g.headsUntold(ctx) {
			ctx, cancel := context.WithTimeout(ctx, lastReport)
			defer cancel()
			g.report(ctx, j)
		}
	}
	return nil
}

// lastReport is how long the hub may take for what a node says when it stops.
const lastReport = 3 * time.Second

// headsUntold says that there is a head which the hub has not acknowledged.
func (g *Gateway) headsUntold(ctx context.Context) bool {
	said, at := g.teller.Said()
	if at.IsZero() {
		return false // it does not answer, and the next report tells everything
	}
	for _, c := range g.base.Chains {
		h, ok, err := c.LastHead(ctx)
		if err != nil || !ok {
			continue
		}
		held := int64(0)
		for _, seen := range said.Heads {
			if seen.Of(c.Name()) {
				held = seen.Size
			}
		}
		if h.Size > held {
			return true
		}
	}
	return false
}

// verifyLogs checks all logs of the node, keeps what was found for the page, and raises
// an alarm for each that is not whole.
func (g *Gateway) verifyLogs(ctx context.Context, _ *jobs.Task) error {
	c := logChecker{db: g.base.DB, chains: g.base.Chains}
	if g.joined.Load() != nil {
		c.dir = g.cfg.Dir
	}
	found, err := c.run(ctx)
	if err != nil {
		return err
	}
	store := ledgersql.New(g.base.DB)
	for _, f := range found {
		if err := store.SaveCheck(ctx, ledgersql.Check{At: g.base.Clock.Now(), Found: f}); err != nil {
			return err
		}
		if f.Fine() {
			err = g.base.Alarms.Clear(ctx, logAlarm, f.Chain)
		} else {
			err = g.base.Alarms.Raise(ctx, alarm.Alarm{
				Kind: logAlarm, Subject: f.Chain, Level: health.Failing, Key: f.Why, Args: f.Args,
				// A restore that two people acknowledge before the hub ends by itself.
				Second: f.State != ledger.Back,
			})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// checkedWithin is how old the last check may be.
const checkedWithin = 48 * time.Hour

// logFindings are what the last check of the logs found, for the doctor.
func (g *Gateway) logFindings(ctx context.Context) []health.Finding {
	const check = "logs"
	list, err := ledgersql.New(g.base.DB).LastChecks(ctx)
	if err != nil {
		return nil // that the database does not answer, others say
	}
	if len(list) == 0 {
		return []health.Finding{{Check: check, Level: health.Warning, Key: "ledger.doctor.never"}}
	}
	var out []health.Finding
	oldest := list[0].At
	for _, c := range list {
		if c.At.Before(oldest) {
			oldest = c.At
		}
		if !c.Found.Fine() {
			out = append(out, health.Finding{Check: check, Level: health.Failing, Key: c.Found.Why, Args: c.Found.Args})
		}
	}
	args := fault.Args{"at": oldest}
	switch {
	case g.base.Clock.Now().Sub(oldest) > checkedWithin:
		out = append(out, health.Finding{Check: check, Level: health.Warning, Key: "ledger.doctor.old", Args: args})
	case len(out) == 0:
		out = append(out, health.Finding{Check: check, Level: health.Fine, Key: "ledger.doctor.whole", Args: args})
	}
	return out
}

// raiseLog says that a log does not go on from what it was.
func (g *Gateway) raiseLog(ctx context.Context, chain string, err error) {
	f := fault.As(err)
	a := alarm.Alarm{Kind: logAlarm, Subject: chain, Level: health.Failing, Key: f.Key, Args: f.Args, Second: true}
	if err := g.base.Alarms.Raise(ctx, a); err != nil {
		g.log.Error("an alarm cannot be raised", "error", err)
	}
}
