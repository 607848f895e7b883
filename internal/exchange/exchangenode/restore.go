package exchangenode

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/approval"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/sqldb"
)

const (
	// kindRestore is the code of requests to acknowledge a restore.
	kindRestore = "exchange.restore"
	// reportJob is queued with each that is approved, so that the hub hears of it at once.
	reportJob = "exchange.report"
	// mostRestores bounds how many are read.
	mostRestores = 100
)

// restores are the restores of this node's database that people acknowledge: requests of
// the node, which another person approves. What was approved is told to the hub as long as
// it holds the head that was given up, so that it may be away meanwhile, or forget.
type restores struct{ g *Gateway }

var _ exchange.Restores = restores{}

// restored is what a request carries.
type restored struct {
	Gateway string             `json:"gateway"`
	Backup  string             `json:"backup"`
	Chains  []exchange.Restart `json:"chains"`
	// Rang is when the hub rang, by chain: what people acknowledge is that alarm.
	Rang map[string]time.Time `json:"rang"`
}

// Ask asks for the logs that do not fit what the hub has seen of them.
func (r restores) Ask(ctx context.Context, by actor.Actor, backup, reason string) (exchange.RestoreWish, error) {
	g := r.g
	j := g.joined.Load()
	if j == nil {
		return exchange.RestoreWish{}, fault.New(fault.Unavailable, "exchange.gateway.not_joined", nil)
	}
	open, err := g.base.Approvals.Find(ctx, approval.Filter{Kind: kindRestore, State: approval.Open, Limit: mostRestores})
	if err != nil {
		return exchange.RestoreWish{}, fmt.Errorf("restores that wait: %w", err)
	}
	if slices.ContainsFunc(open, func(x approval.Request) bool { return x.Origin == "" }) {
		return exchange.RestoreWish{}, fault.New(fault.Conflict, "exchange.restore.asked", nil)
	}
	said, _ := g.teller.Said()
	p := restored{Gateway: j.Saved().Gateway, Backup: backup, Rang: map[string]time.Time{}}
	var names, sizes []string
	for _, h := range said.Heads {
		if h.Alarm == nil {
			continue
		}
		to, ok, err := g.lastHead(ctx, h.Chain)
		if err != nil {
			return exchange.RestoreWish{}, err
		}
		if !ok {
			return exchange.RestoreWish{}, fault.New(fault.Conflict, "exchange.restore.no_head", fault.Args{"chain": h.Chain})
		}
		to.Chain, to.Token = h.Chain, nil
		p.Chains = append(p.Chains, exchange.Restart{Chain: h.Chain, Size: h.Size, Root: h.Root, To: to})
		p.Rang[h.Chain] = h.Alarm.At
		names = append(names, approval.Word(chainKey(h.Chain)))
		sizes = append(sizes, strconv.FormatInt(h.Size, 10)+" → "+strconv.FormatInt(to.Size, 10))
	}
	if len(p.Chains) == 0 {
		return exchange.RestoreWish{}, fault.New(fault.Conflict, "exchange.restore.no_alarm", nil)
	}
	payload, err := json.Marshal(p)
	if err != nil {
		return exchange.RestoreWish{}, fmt.Errorf("write down a restore: %w", err)
	}
	var made approval.Request
	err = g.base.DB.InTx(ctx, func(tx *sqldb.Tx) error {
		made, err = g.base.Approvals.Ask(ctx, tx, by, approval.Request{
			Kind: kindRestore, Subject: p.Gateway, Reason: reason, Payload: payload, SaysKey: "exchange.restore.says",
			SaysArgs: fault.Args{"day": backup, "chains": names, "sizes": sizes},
		})
		return err
	})
	if err != nil {
		return exchange.RestoreWish{}, err
	}
	return restoreWish(made)
}

// chainKey is the message with the name of a log.
func chainKey(chain string) string {
	if !slices.Contains(knownChains, chain) {
		chain = "other"
	}
	return "exchange.chain." + chain
}

func (g *Gateway) lastHead(ctx context.Context, chain string) (h exchange.Head, ok bool, err error) {
	for _, log := range g.logs {
		if log.Name() == chain {
			return log.LastHead(ctx)
		}
	}
	return h, false, nil
}

// List gives those of this node, the youngest first.
func (r restores) List(ctx context.Context) ([]exchange.RestoreWish, error) {
	list, err := r.g.base.Approvals.Find(ctx, approval.Filter{Kind: kindRestore, Limit: mostRestores})
	if err != nil {
		return nil, fmt.Errorf("restores: %w", err)
	}
	var out []exchange.RestoreWish
	for _, x := range list {
		if x.Origin != "" { // another node's, which only is decided here
			continue
		}
		w, err := restoreWish(x)
		if err != nil {
			return nil, err
		}
		out = append(out, w)
	}
	return out, nil
}

func restoreWish(r approval.Request) (exchange.RestoreWish, error) {
	var p restored
	if err := json.Unmarshal(r.Payload, &p); err != nil {
		return exchange.RestoreWish{}, fmt.Errorf("read the restore of request %s: %w", r.ID, err)
	}
	return exchange.RestoreWish{
		ID: r.ID, Backup: p.Backup, Reason: r.Reason, By: r.By, At: r.At, State: string(r.State), Decider: r.Decider, Chains: p.Chains, Href: r.Href(),
	}, nil
}

// kind is the kind of these requests: another administrator of the node decides.
func (r restores) kind() approval.Kind {
	return approval.Kind{
		Code: kindRestore, Deciders: []string{exchange.Administrator}, Apply: r.apply,
		Href: func(approval.Request) string { return "/gateway/restore" },
	}
}

// apply leaves in the audit log what was given up, and lets the hub be told.
func (r restores) apply(ctx context.Context, tx *sqldb.Tx, x approval.Request) error {
	var p restored
	if err := json.Unmarshal(x.Payload, &p); err != nil {
		return fmt.Errorf("read the restore of request %s: %w", x.ID, err)
	}
	for _, c := range p.Chains {
		if err := audit.Record(ctx, tx, audit.Entry{
			At: r.g.base.Clock.Now(), Action: restoreAction, Subject: audit.Subject{Type: "gateway", ID: p.Gateway},
			Who: audit.Who{Actor: x.Decider}, Details: map[string]string{
				"request": x.ID, "asked": x.By.Account, "backup": p.Backup, "chain": c.Chain,
				"size": strconv.FormatInt(c.Size, 10), "root": rootText(c.Root), "to": strconv.FormatInt(c.To.Size, 10), "to_root": rootText(c.To.Root),
			},
		}); err != nil {
			return err
		}
	}
	if err := r.end(ctx, tx, x, p); err != nil {
		return err
	}
	_, err := jobs.Enqueue(ctx, tx, reportJob, struct{}{}, jobs.Options{})
	return err
}

// end ends what this node itself found of those logs: people know why now.
func (r restores) end(ctx context.Context, tx *sqldb.Tx, x approval.Request, p restored) error {
	open, err := r.g.base.Alarms.Open(ctx)
	if err != nil {
		return err
	}
	for _, a := range open {
		if a.Kind != logAlarm || !slices.ContainsFunc(p.Chains, func(c exchange.Restart) bool { return c.Chain == a.Subject }) {
			continue
		}
		if err := r.g.base.Alarms.EndIn(ctx, tx, x.Decider, a, x.Reason); err != nil && fault.Of(err) != fault.Conflict {
			return err
		}
	}
	return nil
}

func rootText(d exchange.Digest) string {
	text, err := d.MarshalText()
	if err != nil {
		return ""
	}
	return string(text)
}

// sendRestores tells the hub of restores that were approved here and that it does not know:
// it still holds the head that was given up, and rings. It says whether one was taken.
func (g *Gateway) sendRestores(ctx context.Context, j *joined, a exchange.ReportAnswer) (sent bool) {
	if !slices.ContainsFunc(a.Heads, func(h exchange.SeenHead) bool { return h.Alarm != nil }) {
		return false
	}
	list, err := g.base.Approvals.Find(ctx, approval.Filter{Kind: kindRestore, State: approval.Approved, Limit: mostRestores})
	if err != nil {
		g.log.Error("restores that were acknowledged", "error", err)
		return false
	}
	for _, x := range list {
		var p restored
		if x.Origin != "" || json.Unmarshal(x.Payload, &p) != nil || p.Gateway != j.Saved().Gateway {
			continue
		}
		var chains []exchange.Restart
		for _, c := range p.Chains {
			for _, h := range a.Heads {
				if h.Alarm == nil || !h.Of(c.Chain) {
					continue
				}
				if now, ok := g.restarts(ctx, c, h, p.Rang[c.Chain]); ok {
					chains = append(chains, now)
				}
			}
		}
		p.Chains = chains
		if len(p.Chains) == 0 {
			continue
		}
		err := j.Restore(ctx, exchange.Restore{
			ID: x.ID, Gateway: p.Gateway, Backup: p.Backup, Reason: x.Reason, Chains: p.Chains,
			Asked:   exchange.Person{Account: x.By.Account, Name: x.By.Name, At: x.At},
			Decided: exchange.Person{Account: x.Decider.Account, Name: x.Decider.Name, At: x.Decided},
		})
		if err != nil {
			g.log.Warn("the hub does not take a restore that was acknowledged", "request", x.ID, "error", err)
			continue
		}
		g.log.Info("the hub knows of a restore that was acknowledged", "request", x.ID)
		sent = true
	}
	return sent
}

// restarts says where a log goes on that people acknowledged. The hub may hold the head that
// was given up. Or the log has turned out to fit after all, and the hub has followed it since:
// then nothing is given up, and the alarm that they acknowledged ends.
func (g *Gateway) restarts(ctx context.Context, c exchange.Restart, h exchange.SeenHead, rang time.Time) (exchange.Restart, bool) {
	if h.Size == c.Size && h.Root == c.Root {
		return c, true
	}
	if !h.Alarm.At.Equal(rang) {
		return c, false
	}
	for _, chain := range g.base.Chains {
		if chain.Name() != c.Chain {
			continue
		}
		last, ok, err := chain.LastHead(ctx)
		if err != nil || !ok || last.Size < h.Size {
			return c, false
		}
		root, err := chain.Root(ctx, h.Size)
		if err != nil || root != h.Root {
			return c, false
		}
		last.Chain, last.Token = c.Chain, nil
		return exchange.Restart{Chain: c.Chain, Size: h.Size, Root: h.Root, To: last}, true
	}
	return c, false
}
