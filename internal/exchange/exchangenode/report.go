package exchangenode

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"dean06/internal/exchange"
	"dean06/internal/platform/alarm"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/health"
	"dean06/internal/platform/ledger"
)

// Status says how the gateway is, and what the hub holds of this node's logs.
func (j *joined) Status(ctx context.Context) (exchange.Status, error) {
	s, err := j.Gateway.Status(ctx)
	said, at := j.teller.Said()
	s.Witnessed, s.WitnessedAt = said.Heads, at
	return s, err
}

// Doctor examines the whole node, not the gateway alone.
func (j *joined) Doctor(ctx context.Context) []health.Finding { return j.examine(ctx, health.Full) }

// look examines the gateway, and asks the hub for what it holds of this node's logs.
func (j *joined) look(ctx context.Context, depth health.Depth) []health.Finding {
	return health.Gather(
		ctx, depth, doctorFor,
		health.Check{Name: "gateway", Ask: j.Examine},
		health.Check{Name: "witness", From: health.Full, Ask: func(ctx context.Context, _ health.Depth) []health.Finding {
			return j.askWitness(ctx)
		}},
	)
}

// askWitness says which logs of this node do not fit what the hub has seen of them.
func (j *joined) askWitness(ctx context.Context) (list []health.Finding) {
	const check = "witness"
	w, err := j.Witness(ctx)
	if err != nil {
		f := fault.As(err)
		if f == nil || f.Kind == fault.Unavailable || f.Kind == fault.Internal {
			return []health.Finding{{Check: check, Level: health.Warning, Key: "exchange.witness.away"}}
		}
		if f.Kind == fault.NotFound {
			return []health.Finding{{Check: check, Level: health.Warning, Key: "exchange.witness.unknown"}}
		}
		return []health.Finding{{Check: check, Level: health.Failing, Key: f.Key, Args: f.Args}}
	}
	for _, h := range w.Heads {
		if h.Alarm != nil {
			list = append(list, health.Finding{Check: check, Level: health.Failing, Key: witnessKey(h), Args: witnessArgs(h)})
		}
	}
	if len(list) == 0 {
		list = append(list, health.Finding{Check: check, Level: health.Fine, Key: "exchange.witness.fine", Args: map[string]any{"n": len(w.Heads)}})
	}
	return list
}

// knownChains have names in words.
var knownChains = []string{ledger.Audit, ledger.Lookups, ledger.Messages}

// witnessKey is the message of a log that does not fit, or that is not shown.
func witnessKey(h exchange.SeenHead) string {
	chain := h.Chain
	if !slices.Contains(knownChains, chain) {
		chain = "other"
	}
	if h.Alarm.Code == "unproved" || h.Alarm.Code == "missing" {
		return "exchange.witness.silent." + chain
	}
	return "exchange.witness.back." + chain
}

func witnessArgs(h exchange.SeenHead) map[string]any {
	return map[string]any{"chain": h.Chain, "size": h.Size, "seen": h.SeenAt, "shown": h.Alarm.Size, "at": h.Alarm.At}
}

// settle waits until the log of messages is open and the journal has given it what it has,
// for a while: a log that is about to be whole again is not shown before.
func (g *Gateway) settle(ctx context.Context, j *joined) {
	tick := time.NewTicker(settleTick)
	defer tick.Stop()
	for range int(settleFor / settleTick) {
		if st, err := j.Gateway.Status(ctx); err == nil && st.LogOpened && st.LogWaiting == 0 {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

const (
	settleFor  = 15 * time.Second
	settleTick = 100 * time.Millisecond
)

// report tells the hub how the gateway is and where this node's logs stand, and raises
// an alarm for what does not fit what the hub has seen of them.
func (g *Gateway) report(ctx context.Context, j *joined) {
	st, err := j.Status(ctx)
	if err != nil {
		g.log.Warn("the gateway's state", "error", err)
		return
	}
	r := exchange.Report{
		Version: Version, Serial: st.Serial, LogSize: st.LogSize, Unstamped: st.Unstamped, OldestDebt: st.OldestDebt, LogFault: st.LogFault,
	}
	tell := func() (exchange.ReportAnswer, bool) {
		a, ok, err := g.teller.Tell(ctx, j, r, g.logs, g.base.Clock.Now)
		if err != nil && ctx.Err() == nil && !errors.Is(err, context.Canceled) {
			g.log.Debug("report to the hub", "error", err)
		}
		return a, ok && err == nil
	}
	a, ok := tell()
	if ok && g.sendRestores(ctx, j, a) {
		a, ok = tell()
	}
	if ok {
		g.raise(ctx, a)
	}
}

// Show signs where the node's logs stand and shows it to the hub now, not within the next
// minute. Before a join it does nothing.
func (g *Gateway) Show(ctx context.Context) {
	if k := g.keeping.now.Load(); k != nil {
		k.Step(ctx)
	}
	if j := g.joined.Load(); j != nil {
		g.report(ctx, j)
	}
}

// kindWitness is the kind of the alarm that a log does not fit what the hub has seen.
const kindWitness = "log.witness"

func (g *Gateway) raise(ctx context.Context, a exchange.ReportAnswer) {
	open, err := g.base.Alarms.Open(ctx)
	if err != nil {
		g.log.Error("alarms of the logs", "error", err)
		return
	}
	was := map[string]bool{}
	for _, x := range open {
		if x.Kind == kindWitness {
			was[x.Subject] = true
		}
	}
	for _, h := range a.Heads {
		var err error
		switch {
		case h.Alarm != nil:
			if !was[h.Chain] {
				g.log.Error("a log of this node does not fit what the hub has seen of it",
					"chain", h.Chain, "alarm", h.Alarm.Code, "seen", h.Size, "shown", h.Alarm.Size)
			}
			err = g.base.Alarms.Raise(ctx, alarm.Alarm{
				Kind: kindWitness, Subject: h.Chain, Level: health.Failing, Owner: exchange.Administrator,
				Key: witnessKey(h), Args: witnessArgs(h),
			})
		case was[h.Chain]:
			err = g.base.Alarms.Clear(ctx, kindWitness, h.Chain)
		}
		if err != nil && ctx.Err() == nil {
			g.log.Error("alarms of the logs", "error", err)
		}
	}
}

// The figures of what the hub holds of this node's logs.
var (
	witnessSize = prometheus.NewDesc("dean06_log_witnessed_records", "Records of a log that the hub has witnessed.", []string{"chain"}, nil)
	witnessBad  = prometheus.NewDesc("dean06_log_alarm", "1 while a log does not fit what the hub has seen of it.", []string{"chain"}, nil)
	witnessAge  = prometheus.NewDesc("dean06_log_witness_age_seconds", "Time since the hub said last what it holds of this node's logs.", nil, nil)
)

// witnessed gives them, once the hub has answered.
func (g *Gateway) witnessed(out chan<- prometheus.Metric) {
	said, at := g.teller.Said()
	if at.IsZero() {
		return
	}
	out <- prometheus.MustNewConstMetric(witnessAge, prometheus.GaugeValue, g.base.Clock.Now().Sub(at).Seconds())
	for _, h := range said.Heads {
		bad := 0.0
		if h.Alarm != nil {
			bad = 1
		}
		out <- prometheus.MustNewConstMetric(witnessBad, prometheus.GaugeValue, bad, h.Chain)
		out <- prometheus.MustNewConstMetric(witnessSize, prometheus.GaugeValue, float64(h.Size), h.Chain)
	}
}
