package exchangesql

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/exchange/packed"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/ledger"
	"dean06/internal/platform/ledger/ledgersql"
	"dean06/internal/platform/sqldb"
)

// Chain is the log of messages as a chain that others can check. Its records are numbered
// from 0.
func Chain(db *sqldb.DB) ledger.Chain { return messageChain{New(db, clock.System{})} }

type messageChain struct{ *Store }

// Name is "messages".
func (messageChain) Name() string { return ledger.Messages }

// Exists says whether the log's table is there.
func (c messageChain) Exists(ctx context.Context) (bool, error) {
	return ledgersql.HasTable(ctx, c.db, "gateway_record")
}

// Size is how many records there are.
func (c messageChain) Size(ctx context.Context) (int64, error) {
	f, err := c.Frontier(ctx)
	return f.Size, err
}

// LastAt is when the newest record was written.
func (c messageChain) LastAt(ctx context.Context) (time.Time, error) {
	at, err := sqldb.One[int64](ctx, c.db, `SELECT at FROM gateway_record ORDER BY seq DESC LIMIT 1`)
	if errors.Is(err, sqldb.ErrNone) {
		return time.Time{}, nil
	}
	return packed.Moment(at), err
}

// filed is the log with what is in archive files: in the folder of the gateway that last
// ran on the database. Where that is not, nothing is said of the files.
func (c messageChain) filed(ctx context.Context) (exchange.WithFiles, error) {
	w := exchange.WithFiles{Archive: c.Store, Files: c.Index()}
	if there, err := ledgersql.HasTable(ctx, c.db, "ledger_node"); err != nil || !there {
		return w, err
	}
	n, ok, err := ledgersql.New(c.db).Node(ctx)
	if ok && n.Dir != "" {
		w.Dir = filepath.Join(n.Dir, exchange.ArchiveFolder)
	}
	return w, err
}

// Root is that of the first size records.
func (c messageChain) Root(ctx context.Context, size int64) (ledger.Digest, error) {
	w, err := c.filed(ctx)
	if err != nil {
		return ledger.Digest{}, err
	}
	return ledger.RootAt(ctx, w, size)
}

// Consistency shows that the log of size to begins with the log of size from.
func (c messageChain) Consistency(ctx context.Context, from, to int64) ([]ledger.Digest, error) {
	w, err := c.filed(ctx)
	if err != nil {
		return nil, err
	}
	return ledger.ConsistencyProof(ctx, w, from, to)
}

// LastHead is the newest signed head, with the name of the chain.
func (c messageChain) LastHead(ctx context.Context) (ledger.Head, bool, error) {
	h, ok, err := c.Store.LastHead(ctx)
	h.Chain = ledger.Messages
	return h, ok, err
}

// headsAtOnce is how many heads are read at once.
const headsAtOnce = 1000

// Check reads the whole log and computes it anew.
func (c messageChain) Check(ctx context.Context, checks ledger.Checks) (ledger.Result, error) {
	r := ledger.Result{Chain: ledger.Messages, State: ledger.Whole}
	signed, err := ledgersql.New(c.db).SignedUpTo(ctx, ledger.Messages)
	if err != nil {
		return r, err
	}
	var own []ledger.Head
	for after := int64(0); ; {
		list, err := c.Heads(ctx, after, headsAtOnce)
		if errors.Is(err, packed.ErrUnreadable) || ledgersql.Unreadable(err) {
			return r.With(&ledger.Broken{State: ledger.Changed, At: after, Key: "ledger.broken.head", Args: fault.Args{"seq": after}}, nil)
		}
		if err != nil {
			return r, err
		}
		own = append(own, list...)
		if len(list) < headsAtOnce {
			break
		}
		after = list[len(list)-1].Size
	}
	last := int64(0)
	if n := len(own); n > 0 {
		r.Signed, last = &own[n-1], own[n-1].Size
	}
	files, err := c.filed(ctx)
	if err != nil {
		return r, err
	}
	report, err := exchange.CheckLog(ctx, files, exchange.LogChecks{Key: checks.Key, Stamp: checks.Stamp})
	r.Rows, r.Heads, r.Stamped = report.Records, report.Heads, report.Stamped
	if err == nil {
		switch {
		case signed > max(last, report.Archived):
			err = &ledger.Broken{State: ledger.Cut, At: last, Key: "ledger.broken.heads", Args: fault.Args{"seq": last}}
		default:
			err = c.rest(ctx, files, &r, own, report.Archived, checks)
		}
	}
	if errors.Is(err, packed.ErrUnreadable) || ledgersql.Unreadable(err) {
		err = &ledger.Broken{State: ledger.Changed, At: r.Rows, Key: "ledger.broken.changed", Args: fault.Args{"seq": r.Rows}}
	}
	return r.With(err, said)
}

// rest goes on with what is not in the table, and holds the log against heads that are kept
// elsewhere.
func (c messageChain) rest(
	ctx context.Context, files exchange.WithFiles, r *ledger.Result, own []ledger.Head, archived int64, checks ledger.Checks,
) error {
	end := r.Rows
	roots := map[int64]ledger.Digest{} // behind the table's end
	if checks.Rest != nil {
		f, err := ledger.FrontierAt(ctx, files, end)
		if err != nil {
			return err
		}
		tree, err := ledger.NewTree(f)
		if err != nil {
			return err
		}
		err = checks.Rest(ctx, f, func(leaf ledger.Digest) error {
			tree.Append(leaf)
			for _, h := range checks.Seen {
				if h.Size == tree.Size() {
					roots[h.Size] = tree.Root()
				}
			}
			return nil
		})
		r.Rows, r.Waiting = tree.Size(), tree.Size()-end
		if err != nil {
			return err
		}
	}
	return c.against(ctx, archived, *r, roots, own, checks.Seen)
}

// against holds the log against heads that are kept elsewhere. roots are those behind the
// table's end.
func (c messageChain) against(
	ctx context.Context, archived int64, r ledger.Result, roots map[int64]ledger.Digest, own, seen []ledger.Head,
) error {
	var beyond []ledger.Head
	for _, h := range seen {
		if h.Size > r.Rows {
			beyond = append(beyond, h)
			continue
		}
		if root, ok := roots[h.Size]; ok {
			if root != h.Root {
				return ledger.Against(ledger.Messages, r.Rows, 0, own, &h, nil)
			}
			continue
		}
		if h.Size < archived || h.Size == 0 {
			continue
		}
		root, err := c.Root(ctx, h.Size)
		if err != nil {
			return err
		}
		if root != h.Root {
			return ledger.Against(ledger.Messages, r.Rows, 0, own, &h, nil)
		}
	}
	return ledger.Against(ledger.Messages, r.Rows, 0, own, nil, beyond)
}

// states are what the faults of a check say of the log.
var states = map[string]ledger.State{
	"removed": ledger.Cut, "cut": ledger.Cut, "changed": ledger.Changed, "added": ledger.Changed, "moved": ledger.Changed,
	"range": ledger.Changed, "head": ledger.Changed, "tile": ledger.Changed, "end": ledger.Changed, "stamp": ledger.Changed, "begin": ledger.Changed,
}

// said turns a fault of CheckLog into what it says of the chain; nil when it is another.
func said(f *fault.Error) *ledger.Broken {
	state, ok := states[strings.TrimPrefix(f.Key, "exchange.log.broken.")]
	switch f.Key {
	case "archive.file.missing", "archive.row.missing", "archive.file.not_dropped":
		state, ok = ledger.Cut, true
	case "archive.file.damaged", "archive.index.broken", "archive.index.begin":
		state, ok = ledger.Changed, true
	}
	if !ok {
		return nil
	}
	b := &ledger.Broken{State: state, Key: f.Key, Args: f.Args}
	for _, name := range []string{"seq", "from", "size"} {
		if n, ok := f.Args[name].(int64); ok {
			b.At = n
			break
		}
	}
	return b
}
