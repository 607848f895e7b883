package exchangenode

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"dean06/internal/exchange"
	"dean06/internal/exchange/exchangeapi"
	"dean06/internal/exchange/journal"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/ledger"
)

// waiting is what a journal holds of the message log that is not in the table yet: a gateway
// that was killed leaves some there, and its next start moves them. It only reads.
type waiting struct {
	dir string
	// moved is how many records the table was known to have, before it was read.
	moved int64
	notes []ledger.Note // what could not be counted, and why
}

// waitingIn looks for the journal in a gateway's folder; nil when it is not here, or belongs
// to another gateway than the database.
func waitingIn(dir, gateway string) *waiting {
	if dir == "" {
		return nil
	}
	if saved, err := exchangeapi.Load(dir); err == nil && gateway != "" && saved.Gateway != gateway {
		return nil
	}
	dir = filepath.Join(dir, journal.Folder)
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return &waiting{dir: dir, moved: journal.Moved(dir)}
}

// rest gives the leaves behind a table that ends at f.
func (w *waiting) rest(_ context.Context, f ledger.Frontier, leaf func(ledger.Digest) error) error {
	if w.moved > f.Size {
		// An older copy, or a backup that was put back: what it has is looked at as it is.
		w.note("ledger.check.journal.older", fault.Args{"dir": w.dir, "was": w.moved, "size": f.Size})
		return nil
	}
	end := f.Size
	err := journal.Rest(w.dir, f, func(r exchange.Record) error {
		end++
		return leaf(r.LogLeaf())
	})
	if end > f.Size {
		w.note("ledger.check.journal.waiting", fault.Args{"n": end - f.Size})
	}
	said := fault.As(err)
	switch {
	case err == nil:
		return nil
	case said == nil: // it is another user's, or goes away meanwhile
		w.note("ledger.check.journal.unread", fault.Args{"dir": w.dir, "reason": err.Error()})
		return nil
	case said.Key == "exchange.journal.gap":
		return &ledger.Broken{State: ledger.Cut, At: f.Size, Key: said.Key, Args: said.Args}
	default:
		return &ledger.Broken{State: ledger.Changed, At: end, Key: said.Key, Args: said.Args}
	}
}

func (w *waiting) note(key string, args fault.Args) {
	w.notes = append(w.notes, ledger.Note{Key: key, Args: args})
}

// behind counts what follows a table of size records. It fails with Conflict where that does
// not go on from them.
func (w *waiting) behind(ctx context.Context, log ledger.Hashes, size int64) (n int64, err error) {
	if w.dir == "" {
		return 0, nil
	}
	f, err := ledger.FrontierAt(ctx, log, size)
	if err != nil {
		return 0, err
	}
	err = w.rest(ctx, f, func(ledger.Digest) error { n++; return nil })
	if b := (*ledger.Broken)(nil); errors.As(err, &b) {
		err = fault.New(fault.Conflict, b.Key, b.Args)
	}
	return n, err
}
