package exchangenode

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/ledger"
	"dean06/internal/platform/ledger/ledgersql"
	"dean06/internal/platform/sqldb"
)

const (
	// restoreAction is what an acknowledged restore is in the audit log.
	restoreAction = "exchange.log.restore"
	// replicaWait is how long a standby may take to replay what its primary told the witness.
	replicaWait = 20 * time.Second
	replicaPoll = 250 * time.Millisecond
)

// restored gives the restores of the node's logs that two people acknowledged, by chain, the
// oldest first: those that its audit log names and those that the witness does.
func (c *logChecker) restored(ctx context.Context, seen exchange.Witness) map[string][]ledger.Restored {
	out := map[string][]ledger.Restored{}
	for _, s := range seen.Restores {
		out[s.Chain] = append(out[s.Chain], ledger.Restored{
			ID: s.ID, At: s.At, Backup: s.Backup, Size: s.Size, To: s.ToSize, Hub: true,
		})
	}
	for _, e := range c.acknowledged(ctx) {
		d := e.Details
		size, err := strconv.ParseInt(d["size"], 10, 64)
		to, err2 := strconv.ParseInt(d["to"], 10, 64)
		if err != nil || err2 != nil {
			continue
		}
		r := ledger.Restored{
			ID: d["request"], At: e.At, Backup: d["backup"], Size: size, To: to, Node: true,
			Asked: c.nameOf(ctx, d["asked"]), Decided: cmp.Or(e.Who.Name, e.Who.Account),
		}
		list := out[d["chain"]]
		i := slices.IndexFunc(list, func(o ledger.Restored) bool { return o.ID == r.ID })
		if i < 0 {
			out[d["chain"]] = append(list, r)
			continue
		}
		r.Hub = true
		list[i] = r
	}
	for _, list := range out {
		slices.SortStableFunc(list, func(a, b ledger.Restored) int { return a.At.Compare(b.At) })
	}
	return out
}

// acknowledged are the entries of the audit log. Where it cannot be read, its own check says so.
func (c *logChecker) acknowledged(ctx context.Context) []audit.Entry {
	if there, err := ledgersql.HasTable(ctx, c.db, "audit_entry"); err != nil || !there {
		return nil
	}
	f := audit.Filter{Action: restoreAction, Limit: mostRestores}
	if c.node.Gateway != "" {
		f.Subject = audit.Subject{Type: "gateway", ID: c.node.Gateway}
	}
	list, err := audit.Find(ctx, c.db, f)
	if err != nil {
		return nil
	}
	return list
}

func (c *logChecker) nameOf(ctx context.Context, account string) string {
	name, err := audit.NameOf(ctx, c.db, account)
	if err != nil {
		return account
	}
	return name
}

// await lets a standby replay what its primary has told the witness already: what is late
// there has not gone back. It gives what to say of a standby that stays behind.
func (c *logChecker) await(ctx context.Context, seen exchange.Witness) (*ledger.Note, error) {
	standby, err := c.standby(ctx)
	if err != nil || !standby {
		return nil, err
	}
	limit := time.NewTimer(cmp.Or(c.wait, replicaWait))
	defer limit.Stop()
waiting:
	for {
		late := false
		for _, chain := range c.chains {
			held, ok := seen.Head(chain.Name())
			if !ok {
				continue
			}
			if there, err := chain.Exists(ctx); err != nil || !there {
				continue // the check says what that means
			}
			size, err := chain.Size(ctx)
			late = late || err == nil && size < held.Size
		}
		if !late {
			return nil, nil
		}
		select {
		case <-limit.C:
			break waiting
		case <-time.After(replicaPoll):
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	at, err := c.replayed(ctx)
	if err != nil || at.IsZero() { // it cannot say: that it stays behind is all there is to tell
		return &ledger.Note{Key: "ledger.check.standby"}, nil
	}
	return &ledger.Note{Key: "ledger.check.standby_at", Args: fault.Args{"at": at}}, nil
}

// standby says whether the database follows another.
func (c *logChecker) standby(ctx context.Context) (bool, error) {
	if c.follows != nil {
		return c.follows()
	}
	if c.db.Engine() != sqldb.Postgres {
		return false, nil
	}
	return sqldb.One[bool](ctx, c.db, `SELECT pg_is_in_recovery()`)
}

// replayed is of when the newest transaction is that a standby has; zero when it does not say.
func (c *logChecker) replayed(ctx context.Context) (time.Time, error) {
	if c.db.Engine() != sqldb.Postgres {
		return time.Time{}, nil
	}
	us, err := sqldb.One[int64](ctx, c.db, `SELECT COALESCE(CAST(EXTRACT(EPOCH FROM pg_last_xact_replay_timestamp()) * 1000000 AS BIGINT), 0)`)
	if err != nil || us == 0 {
		return time.Time{}, err
	}
	return time.UnixMicro(us), nil
}
