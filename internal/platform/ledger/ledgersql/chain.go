package ledgersql

import (
	"context"
	"slices"
	"time"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/ledger"
	"dean06/internal/platform/sqldb"
)

// Log is a hash-chained log in a table. Its rows are numbered from 1; the leaf of a row
// is ledger.LeafOf its chain hash, which covers the row and all before it.
type Log interface {
	Name() string
	// Exists says whether its table is there.
	Exists(ctx context.Context) (bool, error)
	// Size is how many rows the log says that it has.
	Size(ctx context.Context) (int64, error)
	// LastAt is when the newest row was written by the running node; zero when there is none.
	LastAt(ctx context.Context) (time.Time, error)
	// Leaves are those of the rows from (inclusive, counted from 0) to until (exclusive), as
	// they are stored; those that are not there are left out.
	Leaves(ctx context.Context, from, until int64) ([]ledger.Digest, error)
	// Scan reads the whole log in order, computes each row anew and gives its leaf. begin is
	// what is archived and no longer read. It fails with *ledger.Broken at the first row that
	// does not fit, and with what row fails with.
	Scan(ctx context.Context, begin func(ledger.Frontier) error, row func(leaf ledger.Digest) error) error
}

// Beside is a Log from which other tables follow.
type Beside interface {
	// Beside holds them against its rows, once those are in order. It fails with
	// *ledger.Broken.
	Beside(ctx context.Context) error
}

// Chain makes a Log checkable by others: it grows a tree beside it.
type Chain struct {
	store *Store
	log   Log
}

var (
	_ ledger.Chain  = (*Chain)(nil)
	_ ledger.Hashes = (*Chain)(nil)
)

// NewChain makes it.
func NewChain(db *sqldb.DB, log Log) *Chain { return &Chain{New(db), log} }

// Name is that of the log.
func (c *Chain) Name() string { return c.log.Name() }

// Exists says whether the log's table is there.
func (c *Chain) Exists(ctx context.Context) (bool, error) { return c.log.Exists(ctx) }

// Leaves are those of the log.
func (c *Chain) Leaves(ctx context.Context, from, until int64) ([]ledger.Digest, error) {
	return c.log.Leaves(ctx, from, until)
}

// Tiles are the subtrees that were stored.
func (c *Chain) Tiles(ctx context.Context, level int, from, until int64) ([]ledger.Digest, error) {
	return c.store.tiles(ctx, c.Name(), level, from, until)
}

// LastAt is that of the log.
func (c *Chain) LastAt(ctx context.Context) (time.Time, error) { return c.log.LastAt(ctx) }

// Size is how far the tree has grown.
func (c *Chain) Size(ctx context.Context) (int64, error) {
	row, _, err := c.store.grown(ctx, c.Name())
	return row.Size, err
}

// Root is that of the first size rows.
func (c *Chain) Root(ctx context.Context, size int64) (ledger.Digest, error) {
	return ledger.RootAt(ctx, c, size)
}

// Consistency shows that the log of size to begins with the log of size from.
func (c *Chain) Consistency(ctx context.Context, from, to int64) ([]ledger.Digest, error) {
	return ledger.ConsistencyProof(ctx, c, from, to)
}

// LastHead is the newest signed head.
func (c *Chain) LastHead(ctx context.Context) (ledger.Head, bool, error) {
	return c.store.LastHead(ctx, c.Name())
}

// growBatch is how many rows the tree takes in in one transaction.
const growBatch = 4096

// Grow takes into the tree what the log has been given since, and says how many rows it
// covers then. It fails with Conflict ("ledger.back") when the log has fewer rows than
// the tree.
func (c *Chain) Grow(ctx context.Context) (int64, error) {
	end, err := c.log.Size(ctx)
	if err != nil {
		return 0, err
	}
	row, _, err := c.store.grown(ctx, c.Name())
	if err != nil {
		return 0, err
	}
	if end < row.Size {
		return row.Size, fault.New(fault.Conflict, "ledger.back", fault.Args{"size": end, "was": row.Size})
	}
	f, err := row.frontier()
	if err != nil {
		return 0, err
	}
	tree, err := ledger.NewTree(f)
	if err != nil {
		return 0, err
	}
	for tree.Size() < end {
		from := tree.Size()
		leaves, err := c.log.Leaves(ctx, from, min(from+growBatch, end))
		if err != nil {
			return from, err
		}
		if int64(len(leaves)) != min(growBatch, end-from) {
			return from, fault.New(fault.Conflict, "ledger.incomplete", fault.Args{"seq": from + int64(len(leaves)) + 1})
		}
		var tiles []ledger.Tile
		for _, leaf := range leaves {
			tiles = append(tiles, tree.Append(leaf)...)
		}
		if err := c.store.grow(ctx, c.Name(), from, tree.Frontier(), tiles); err != nil {
			return from, err
		}
	}
	return end, nil
}

// headsAtOnce is how many heads a check reads at once.
const headsAtOnce = 1000

// Check reads the whole chain and computes it anew.
func (c *Chain) Check(ctx context.Context, checks ledger.Checks) (ledger.Result, error) {
	// What was said of the log is read before the log: what is written meanwhile comes after it.
	row, begun, err := c.store.grown(ctx, c.Name())
	if err != nil {
		return ledger.Result{}, err
	}
	stored, err := row.frontier()
	if err != nil {
		stored.Hashes = nil // does not fit, and is said to
	}
	var heads []ledger.Head
	for after := int64(0); begun; {
		list, err := c.store.Heads(ctx, c.Name(), after, headsAtOnce)
		if err != nil {
			return ledger.Result{}, err
		}
		heads = append(heads, list...)
		if len(list) < headsAtOnce {
			break
		}
		after = list[len(list)-1].Size
	}
	w := ledger.NewWalk(c.Name(), heads, row.Signed, checks)
	atTree := func() error {
		if w.Size() == row.Size && begun && !slices.Equal(w.Frontier().Hashes, stored.Hashes) {
			return w.Broken(ledger.Changed, "tree", w.Size())
		}
		return nil
	}
	tile := func(t ledger.Tile) error {
		_, until := t.Span()
		if until > row.Size {
			return nil // not stored yet
		}
		list, err := c.Tiles(ctx, t.Level, t.Index, t.Index+1)
		if err == nil && (len(list) != 1 || list[0] != t.Hash) {
			err = w.Broken(ledger.Changed, "tree", until)
		}
		return err
	}
	err = c.log.Scan(ctx, w.Begin, func(leaf ledger.Digest) error {
		if err := w.Add(ctx, leaf, tile); err != nil {
			return err
		}
		return atTree()
	})
	if err == nil {
		err = w.End(row.Size)
	}
	if b, ok := c.log.(Beside); ok && err == nil {
		err = b.Beside(ctx)
	}
	if Unreadable(err) {
		err = w.Broken(ledger.Changed, "changed", w.Size()+1)
	}
	return w.Result(err)
}
