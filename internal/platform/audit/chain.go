package audit

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
)

// chain is the hash of an entry that follows prev: SHA-256 over a version mark
// and every stored field, each with its length before it, so that no two
// entries have the same encoding.
func (r row) chain(prev string) string {
	h := sha256.New()
	var n [8]byte
	for _, s := range []string{
		"dean06 audit 1", prev, strconv.FormatInt(r.Seq, 10), strconv.FormatInt(r.At.UnixMicro(), 10),
		r.Actor, r.ActorName, r.Role, r.Agency, r.Action, r.SubjectType, r.SubjectID, r.Purpose, r.Details, r.RequestID, r.Network,
	} {
		binary.BigEndian.PutUint64(n[:], uint64(len(s)))
		h.Write(n[:])
		h.Write([]byte(s))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Checkpoint is a place in the log: the number of an entry and its hash. Kept on
// paper, by e-mail or on another machine, it proves later that the log up to
// there is still the same.
type Checkpoint struct {
	Seq  int64  `db:"seq"`
	Hash string `db:"hash"`
}

// String is number:hash.
func (c Checkpoint) String() string { return fmt.Sprintf("%d:%s", c.Seq, c.Hash) }

// ParseCheckpoint reads what String wrote.
func ParseCheckpoint(s string) (Checkpoint, error) {
	num, hash, _ := strings.Cut(strings.TrimSpace(s), ":")
	seq, err := strconv.ParseInt(num, 10, 64)
	raw, hexErr := hex.DecodeString(hash)
	if err != nil || hexErr != nil || seq < 1 || len(raw) != sha256.Size {
		return Checkpoint{}, fault.New(fault.Invalid, "audit.checkpoint.unreadable", fault.Args{"text": s})
	}
	return Checkpoint{seq, strings.ToLower(hash)}, nil
}

// Head is the checkpoint of the last entry; zero while the log is empty.
func Head(ctx context.Context, q sqldb.Queryer) (Checkpoint, error) {
	c, err := sqldb.One[Checkpoint](ctx, q, `SELECT seq, hash FROM audit_head WHERE id = 1`)
	if err != nil {
		return c, fmt.Errorf("read head of audit log: %w", err)
	}
	return c, nil
}

// Verify reads the whole log and gives the number of entries that are in order.
// It fails with a Conflict that names the first entry at which the log is
// changed ("audit.broken.…", seq), and when it does not hold a saved checkpoint.
func Verify(ctx context.Context, db *sqldb.DB, saved ...Checkpoint) (int, error) {
	return verify(ctx, db, saved, func(row) error { return nil })
}

// verify gives each entry that is in order to each.
func verify(ctx context.Context, db *sqldb.DB, saved []Checkpoint, each func(row) error) (int, error) {
	// The head is read first: entries written meanwhile come after it.
	head, err := Head(ctx, db)
	if err != nil {
		return 0, err
	}
	want := map[int64]string{}
	for _, c := range saved {
		want[c.Seq] = c.Hash
	}
	n, prev := int64(0), ""
	for r, err := range sqldb.Each[row](ctx, db, `SELECT `+columns+` FROM audit_entry ORDER BY seq`) {
		if err != nil {
			return int(n), fmt.Errorf("verify audit log: %w", err)
		}
		switch {
		case r.Seq < n+1:
			return int(n), broken("extra", r.Seq)
		case r.Seq > n+1:
			return int(n), broken("missing", n+1)
		case r.Hash != r.chain(prev):
			return int(n), broken("changed", r.Seq)
		case r.Seq == head.Seq && r.Hash != head.Hash:
			return int(n), broken("changed", r.Seq)
		}
		if h, ok := want[r.Seq]; ok && h != r.Hash {
			return int(n), broken("checkpoint", r.Seq)
		}
		delete(want, r.Seq)
		n, prev = r.Seq, r.Hash
		if err := each(r); err != nil {
			return int(n), err
		}
	}
	if n < head.Seq {
		return int(n), broken("missing", n+1)
	}
	for seq := range want {
		return int(n), broken("checkpoint", seq)
	}
	if n == head.Seq {
		return int(n), nil
	}
	// More entries than the head knew: written meanwhile, or slipped in at the end.
	now, err := Head(ctx, db)
	if err != nil {
		return int(n), err
	}
	if now.Seq < n {
		return int(now.Seq), broken("extra", now.Seq+1)
	}
	return int(n), nil
}

func broken(how string, seq int64) error {
	return fault.New(fault.Conflict, "audit.broken."+how, fault.Args{"seq": seq})
}
