package exchangesql_test

import (
	"crypto/sha256"
	"encoding/binary"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/exchange"
	"dean06/internal/exchange/packed"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
)

// TestFirstForm: rows that version 0.4 wrote are read, found and proven as before, beside
// those of today.
func TestFirstForm(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		l := newLogbook(t, db, 10, 20)
		want, err := l.store.Range(ctx, 0, 20)
		if err != nil {
			t.Fatal(err)
		}
		key := func(s string) any {
			if s == "" {
				return nil
			}
			sum := sha256.Sum256([]byte(s))
			return int64(binary.BigEndian.Uint64(sum[:8]))
		}
		for i := range want[:10] {
			r := &want[i]
			if _, err := sqldb.Exec(ctx, db, `
				UPDATE gateway_record SET entry = $1, message_key = $2, request_key = $3, user_key = $4, issue_key = $5 WHERE seq = $6`,
				packed.Record(r), key(r.Commitment.MessageID), key(r.Commitment.RequestID), key(r.UserID), key(r.Issue), r.Seq); err != nil {
				t.Fatal(err)
			}
		}
		got, err := l.store.Range(ctx, 0, 20)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if _, err := exchange.CheckLog(ctx, l.store, exchange.LogChecks{}); err != nil {
			t.Error(err)
		}
		for _, r := range want {
			list, err := l.store.Message(ctx, r.Commitment.RequestID)
			if err != nil || len(list) != 2 {
				t.Errorf("call of record %d: %d records, %v", r.Seq, len(list), err)
			}
			for _, word := range []string{r.Commitment.MessageID, r.UserID, r.Issue} {
				found, err := l.store.Search(ctx, exchange.Filter{Text: word})
				if err != nil || word != "" && len(found) == 0 {
					t.Errorf("%q: %d found, %v", word, len(found), err)
				}
			}
		}
		all, err := l.store.Search(ctx, exchange.Filter{Text: want[0].UserID})
		if err != nil || want[0].UserID != "" && len(all) < 15 {
			t.Errorf("%d records of the officer, %v; want those of both forms", len(all), err)
		}
		if _, err := exchange.Export(ctx, l.store, l.dir, 3); err != nil {
			t.Error(err)
		}
	})
}
