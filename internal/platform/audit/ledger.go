package audit

import (
	"context"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/ledger"
	"dean06/internal/platform/ledger/ledgersql"
	"dean06/internal/platform/sqldb"
)

// Chain is the log as a chain that others can check: its tree and its signed heads.
func Chain(db *sqldb.DB) *ledgersql.Chain { return ledgersql.NewChain(db, chainLog{db}) }

// chainLog gives the log row by row.
type chainLog struct{ db *sqldb.DB }

// Name is "audit".
func (chainLog) Name() string { return ledger.Audit }

// Exists says whether the log's table is there.
func (l chainLog) Exists(ctx context.Context) (bool, error) {
	return ledgersql.HasTable(ctx, l.db, "audit_entry")
}

// Size is how many entries the head counts.
func (l chainLog) Size(ctx context.Context) (int64, error) {
	head, err := Head(ctx, l.db)
	return head.Seq, err
}

// LastAt is when the newest entry was written that is not of a command, which may run
// while the node does not.
func (l chainLog) LastAt(ctx context.Context) (time.Time, error) {
	at, err := sqldb.One[time.Time](ctx, l.db, `SELECT at FROM audit_entry WHERE actor NOT LIKE 'os:%' ORDER BY seq DESC LIMIT 1`)
	if errors.Is(err, sqldb.ErrNone) {
		return time.Time{}, nil
	}
	return at, err
}

// Leaves are those of the stored hashes.
func (l chainLog) Leaves(ctx context.Context, from, until int64) ([]ledger.Digest, error) {
	var out []ledger.Digest
	for hash, err := range sqldb.Each[string](ctx, l.db,
		`SELECT hash FROM audit_entry WHERE seq > $1 AND seq <= $2 ORDER BY seq`, from, until) {
		if err != nil {
			return nil, err
		}
		out = append(out, leafOf(hash))
	}
	return out, nil
}

func leafOf(hash string) ledger.Digest {
	raw, err := hex.DecodeString(hash)
	if err != nil {
		raw = []byte(hash) // no hash of ours: a leaf that fits nowhere
	}
	return ledger.LeafOf(raw)
}

// states are what a fault of verify says of the log.
var states = map[string]ledger.State{"changed": ledger.Changed, "extra": ledger.Changed, "missing": ledger.Cut}

// Scan reads the log and computes it anew.
func (l chainLog) Scan(ctx context.Context, _ func(ledger.Frontier) error, each func(leaf ledger.Digest) error) error {
	_, err := verify(ctx, l.db, nil, func(r row) error { return each(leafOf(r.Hash)) })
	if f := fault.As(err); f != nil {
		how := strings.TrimPrefix(f.Key, "audit.broken.")
		if seq, ok := f.Args["seq"].(int64); ok && states[how] != "" {
			return &ledger.Broken{State: states[how], At: seq, Key: "ledger.broken." + how, Args: fault.Args{"seq": seq}}
		}
	}
	return err
}
