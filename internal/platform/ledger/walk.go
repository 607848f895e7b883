package ledger

import (
	"cmp"
	"context"
	"crypto/ecdsa"
	"errors"
	"fmt"
	"slices"

	"dean06/internal/platform/fault"
)

// Broken is the first thing in a chain that does not fit. It is an error so that whoever
// reads a chain can stop with it.
type Broken struct {
	State State
	At    int64  // number of the row, as the chain counts
	Key   string // message that says what was found
	Args  fault.Args
}

// Error is for logs.
func (b *Broken) Error() string { return fmt.Sprintf("%s at %d: %s", b.State, b.At, b.Key) }

// Walk holds a chain whose rows are numbered from 1, as it is read and computed anew,
// against the heads that are known of it: those beside it and those kept elsewhere.
type Walk struct {
	chain  string
	tree   *Tree
	heads  []Head // still to come, by size
	own    []Head // all of the chain's own
	seen   []Head // still to come, by size
	signed int64
	begin  int64 // rows that are archived
	good   int64 // rows that a verified head has confirmed
	checks Checks
	keys   map[string]*ecdsa.PublicKey
	odd    *Head // the first that is kept elsewhere and has another root
	result Result
}

// NewWalk begins. heads are those beside the chain, signed is how far the newest that was
// ever made there went.
func NewWalk(chain string, heads []Head, signed int64, c Checks) *Walk {
	bySize := func(a, b Head) int { return cmp.Compare(a.Size, b.Size) }
	w := &Walk{
		chain: chain, heads: slices.SortedStableFunc(slices.Values(heads), bySize), seen: slices.SortedStableFunc(slices.Values(c.Seen), bySize),
		signed: signed, checks: c, keys: map[string]*ecdsa.PublicKey{}, result: Result{Chain: chain, State: Whole},
	}
	w.own = w.heads
	w.tree, _ = NewTree(Frontier{}) // the empty one always is
	if n := len(w.own); n > 0 {
		w.result.Signed = &w.own[n-1]
	}
	return w
}

// Size is how many rows were read.
func (w *Walk) Size() int64 { return w.tree.Size() }

// Frontier is that of the rows that were read.
func (w *Walk) Frontier() Frontier { return w.tree.Frontier() }

// Broken names what does not fit at a row: "changed", "cut" and so on, the end of the
// message's key.
func (w *Walk) Broken(state State, why string, at int64) *Broken {
	return &Broken{State: state, At: at, Key: "ledger.broken." + why, Args: fault.Args{"seq": at}}
}

// Begin leaves out rows that are archived: the tree goes on from their frontier, which
// the next head confirms. It is called before the first row.
func (w *Walk) Begin(f Frontier) error {
	tree, err := NewTree(f)
	if err != nil || w.tree.Size() > f.Size {
		return w.Broken(Changed, "begin", f.Size+1)
	}
	before := func(h Head) bool { return h.Size <= f.Size }
	w.tree, w.good, w.begin = tree, f.Size, f.Size
	w.heads, w.seen = slices.DeleteFunc(slices.Clone(w.heads), before), slices.DeleteFunc(w.seen, before)
	w.result.Rows = f.Size
	return nil
}

// Add takes the next row's leaf, computed anew. tile is given the subtrees that it
// completes.
func (w *Walk) Add(ctx context.Context, leaf Digest, tile func(Tile) error) error {
	for _, t := range w.tree.Append(leaf) {
		if err := tile(t); err != nil {
			return err
		}
	}
	size := w.tree.Size()
	for len(w.heads) > 0 && w.heads[0].Size <= size {
		if err := w.head(ctx, w.heads[0]); err != nil {
			return err
		}
		w.heads = w.heads[1:]
	}
	for len(w.seen) > 0 && w.seen[0].Size <= size {
		if h := w.seen[0]; h.Size == size && h.Root != w.tree.Root() && w.odd == nil {
			w.odd = &h
		}
		w.seen = w.seen[1:]
	}
	w.result.Rows = size
	return nil
}

// head holds the rows so far against one of the chain's own heads.
func (w *Walk) head(ctx context.Context, h Head) error {
	bad := w.Broken(Changed, "head", max(h.Size, 1))
	if h.Size != w.tree.Size() || !h.Of(w.chain) {
		return bad
	}
	key, err := w.key(ctx, h)
	if err != nil {
		return err
	}
	if w.checks.Key != nil && (key == nil || h.Verify(key) != nil) {
		return bad
	}
	if h.Root != w.tree.Root() {
		return w.Broken(Changed, "range", w.good+1)
	}
	w.good = h.Size
	w.result.Heads++
	if len(h.Token) == 0 || w.checks.Stamp == nil {
		return nil
	}
	if _, err := w.checks.Stamp(h.Token, h.Stamped()); err != nil {
		return w.Broken(Changed, "stamp", h.Size)
	}
	w.result.Stamped = h.Size
	return nil
}

func (w *Walk) key(ctx context.Context, h Head) (*ecdsa.PublicKey, error) {
	if w.checks.Key == nil {
		return nil, nil
	}
	if key, ok := w.keys[h.KeyID]; ok {
		return key, nil
	}
	key, err := w.checks.Key(ctx, h)
	if err == nil {
		w.keys[h.KeyID] = key
	}
	return key, err
}

// End says whether all is there that was known: the rows that heads and the tree, of
// grown rows, cover; the heads themselves; and what is kept elsewhere.
func (w *Walk) End(grown int64) error {
	size := w.tree.Size()
	if len(w.heads) > 0 || grown > size {
		return w.Broken(Cut, "cut", size+1)
	}
	last := int64(0)
	if n := len(w.own); n > 0 {
		last = w.own[n-1].Size
	}
	if w.signed > max(last, w.begin) {
		return w.Broken(Cut, "heads", last+1)
	}
	return Against(w.chain, size, 1, w.own, w.odd, w.seen)
}

// Against says whether a chain of size rows, the first of them with number first, is what
// heads that are kept elsewhere say: odd is one whose root is not that of the rows, beyond
// are some over more rows than there are. It fails with *Broken.
func Against(chain string, size, first int64, own []Head, odd *Head, beyond []Head) error {
	w := &Walk{chain: chain}
	if odd != nil {
		// A head that we made and have no longer: an older copy was put in the log's place,
		// and written on. With the head here, the rows under it are others.
		if !slices.ContainsFunc(own, func(h Head) bool { return h.Size == odd.Size && h.Root == odd.Root }) {
			from := int64(0)
			for _, h := range own {
				if h.At.Before(odd.At) && h.Size < odd.Size {
					from = max(from, h.Size)
				}
			}
			return w.Broken(Back, "back_on", from+first)
		}
		return w.Broken(Changed, "witness", odd.Size-1+first)
	}
	if len(beyond) > 0 {
		b := w.Broken(Back, "back", size+first)
		b.Args["size"], b.Args["was"] = size, beyond[len(beyond)-1].Size
		return b
	}
	return nil
}

// Result is what was found, up to the error that ended the reading.
func (w *Walk) Result(err error) (Result, error) { return w.result.With(err, nil) }

// With is the result with what does not fit. said tells which faults are that; nil takes
// *Broken alone. Any other error stays one: the chain could not be read.
func (r Result) With(err error, said func(*fault.Error) *Broken) (Result, error) {
	var b *Broken
	if f := fault.As(err); f != nil && said != nil {
		b = said(f)
	}
	if b == nil && !errors.As(err, &b) {
		return r, err
	}
	r.State, r.At, r.Why, r.Args = b.State, b.At, b.Key, b.Args
	return r, nil
}
