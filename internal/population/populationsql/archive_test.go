package populationsql_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"dean06/internal/platform/archive"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/ledger"
	"dean06/internal/platform/ledger/ledgersql"
	"dean06/internal/platform/pki"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/population"
	"dean06/internal/population/populationsql"
)

// signing is a gateway that signs the heads of the log of look-ups.
type signing struct {
	key       *ecdsa.PrivateKey
	cert      []byte
	authority []byte
}

func newSigning(t *testing.T) signing {
	t.Helper()
	var keys [2]*ecdsa.PrivateKey
	for i := range keys {
		var err error
		if keys[i], err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
			t.Fatal(err)
		}
	}
	der, err := pki.NewAuthority(keys[0], "VN", now.AddDate(-1, 0, 0), 50)
	if err != nil {
		t.Fatal(err)
	}
	ca, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := pki.Authority{Certificate: ca, Key: keys[0]}.Issue(pki.Leaf{
		Public: keys[1].Public(), Name: "G01-DANCU", From: now.AddDate(0, -1, 0), Until: now.AddDate(1, 0, 0), Use: pki.Gateway,
	})
	if err != nil {
		t.Fatal(err)
	}
	return signing{keys[1], cert, der}
}

func (s signing) trust(context.Context) (archive.Trust, error) {
	return archive.Trust{Authorities: [][]byte{s.authority}, Timestamps: [][]byte{}, Stamp: func(token, data []byte, _ [][]byte) (time.Time, error) {
		if sum := sha256.Sum256(data); !bytes.Equal(token, sum[:]) {
			return time.Time{}, errors.New("another stamp")
		}
		return now, nil
	}}, nil
}

// head signs and stamps where the log stands.
func (s signing) head(t *testing.T, db *sqldb.DB, at time.Time) {
	t.Helper()
	store := ledgersql.New(db)
	if err := store.SaveNode(t.Context(), ledgersql.Node{Gateway: "G01-DANCU"}, s.cert); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(s.cert)
	k := ledgersql.Keeper{
		Chains: []*ledgersql.Chain{populationsql.Chain(db)}, Clock: clock.Fixed(at), Log: slog.New(slog.DiscardHandler),
		Sign: func(h *ledger.Head) error {
			h.KeyID = hex.EncodeToString(sum[:])
			return h.Sign(rand.Reader, s.key)
		},
		Stamp: func(_ context.Context, data []byte) ([]byte, time.Time, error) {
			sum := sha256.Sum256(data)
			return sum[:], at, nil
		},
	}
	k.Step(t.Context())
	list, err := store.Unstamped(t.Context(), 10)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range list {
		sum := sha256.Sum256(h.Stamped())
		h.Token, h.StampedAt = sum[:], at
		if err := store.SaveToken(t.Context(), h); err != nil {
			t.Fatal(err)
		}
	}
}

// TestLookupArchive: old look-ups go to a sealed file and leave the database; the log
// goes on, people see the later ones, and what is done to either is found.
func TestLookupArchive(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		_, store := register(t, db)
		if err := ledgersql.Migrate(ctx, db); err != nil {
			t.Fatal(err)
		}
		s := newSigning(t)
		lookUps(t, store, 0, 300)
		s.head(t, db, now.Add(time.Hour))
		seal, err := pki.FileSealer(filepath.Join(t.TempDir(), "archive.key"))
		if err != nil {
			t.Fatal(err)
		}
		later := now.AddDate(0, 3, 0)
		k := &archive.Keeper{
			Log:   populationsql.Lookups{DB: db, Trust: s.trust, Now: func() time.Time { return later }},
			Index: populationsql.LookupIndex(db), Dir: filepath.Join(t.TempDir(), "archive"), Owner: func() string { return "G01-DANCU" },
			Clock: clock.Fixed(later), Seal: seal,
		}
		d, err := k.Archive(ctx, later)
		if err != nil || len(d.Made) != 1 || d.Made[0].Until != 300 || d.Removed != 256 {
			t.Fatalf("%+v, %v", d, err)
		}
		path := filepath.Join(k.Dir, d.Made[0].File)
		raw, err := os.ReadFile(path)
		if err != nil || bytes.Contains(raw, []byte(baba.Reveal())) || bytes.Contains(raw, []byte("canbo")) {
			t.Errorf("the file can be read by whoever has it: %v", err)
		}
		if n, err := store.VerifyLog(ctx); err != nil || n != 300 {
			t.Errorf("the log has %d look-ups, %v", n, err)
		}
		left, err := sqldb.One[int64](ctx, db, `SELECT COUNT(*) FROM population_lookup_subject WHERE lookup <= 256`)
		if err != nil || left != 0 {
			t.Errorf("%d narrow rows are left, %v", left, err)
		}
		if list, err := store.Lookups(ctx, baba, population.Period{}, "", 1000); err != nil || len(list) != 33 {
			t.Errorf("people see %d look-ups, %v", len(list), err)
		}
		if last, err := populationsql.LookupsArchived(ctx, db); err != nil || !last.Equal(now) {
			t.Errorf("archived until %v, %v", last, err)
		}
		lookUps(t, store, 300, 20)
		s.head(t, db, later)
		result, err := populationsql.Chain(db).Check(ctx, ledger.Checks{})
		if err != nil || result.State != ledger.Whole || result.Rows != 320 {
			t.Errorf("check %+v, %v", result, err)
		}
		reading := func(seal *pki.Sealer) archive.Reading {
			return func(chain string) (func(context.Context, *archive.Reader) (archive.Content, error), *pki.Sealer, bool) {
				return k.Log.Read, seal, chain == ledger.Lookups
			}
		}
		if c, err := archive.CheckFile(ctx, path, reading(seal)); err != nil || c.Error != nil || c.Content.Stamped != 1 {
			t.Errorf("file %+v, %v", c, err)
		}
		if c, err := archive.CheckFile(ctx, path, reading(nil)); err != nil || c.Error == nil || c.Error.Kind != fault.Denied {
			t.Errorf("without the key: %+v, %v", c.Error, err)
		}
		if _, err := archive.CheckIndex(ctx, k.Index, 256, k.Dir); err != nil {
			t.Errorf("index: %v", err)
		}
		for _, tamper := range []string{
			`UPDATE population_lookup_begin SET hash = (SELECT hash FROM population_lookup WHERE seq = 257)`,
			`UPDATE archive_begin SET hashes = (SELECT hash FROM population_lookup WHERE seq = 257)`,
			`DELETE FROM population_lookup WHERE seq = 257`,
		} {
			if _, err := sqldb.Exec(ctx, db, tamper); err != nil {
				t.Fatal(err)
			}
			if result, err := populationsql.Chain(db).Check(ctx, ledger.Checks{}); err == nil && result.State == ledger.Whole {
				t.Errorf("not found: %s", tamper)
			}
		}
	})
}

// TestLookupArchiveSparesTheNew: what was looked up in the last thirty days stays where
// the auditor counts.
func TestLookupArchiveSparesTheNew(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	db := sqldbtest.OpenSQLite(t)
	_, store := register(t, db)
	lookUps(t, store, 0, 10)
	a := populationsql.Lookups{DB: db, Now: func() time.Time { return now.AddDate(0, 0, 20) }}
	if n, err := a.Spared(ctx); err != nil || n != 0 {
		t.Errorf("twenty days later look-ups before %d may go, %v", n, err)
	}
	a.Now = func() time.Time { return now.AddDate(0, 0, 40) }
	if n, err := a.Spared(ctx); err != nil || n != 10 {
		t.Errorf("forty days later look-ups before %d may go, %v", n, err)
	}
}
