package identitysql_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/identity"
	"dean06/internal/identity/identitysql"
	"dean06/internal/identity/identitytest"
	"dean06/internal/platform/ledger"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
)

var noon = time.Date(2026, 11, 24, 5, 0, 0, 0, time.UTC)

// opened opens the nth account with all that one has, once.
func opened(ctx context.Context, s *identitysql.Store, n int) error {
	return s.InTx(ctx, func(tx identity.Tx) error {
		a := identitytest.Sample(n)
		if _, ok, err := tx.ByHolder(ctx, a.Holder); ok || err != nil {
			return err
		}
		id := fmt.Sprint(n)
		_, err := tx.Count(ctx, "tries of "+id, noon, time.Hour)
		return errors.Join(
			err, tx.SaveAccount(ctx, a), tx.AddProofing(ctx, identity.Proofing{ID: "p-" + id, Account: a.ID, Level: identity.One, How: "match", At: noon}),
			tx.SaveSecrets(ctx, identity.Secrets{Account: a.ID, Password: "$argon2id$x"}),
			tx.SaveDevice(ctx, identity.Device{ID: "d-" + id, Account: a.ID, Key: []byte(id), AddedAt: noon}),
			tx.SaveDelegation(ctx, identity.Delegation{ID: "g-" + id, For: a.ID, By: "x", CreatedAt: noon}),
			tx.SaveConsent(ctx, identity.Consent{ID: "k-" + id, Account: a.ID, At: noon, Until: noon.Add(time.Hour)}),
			tx.SaveRecovery(ctx, identity.Recovery{ID: "v-" + id, Account: a.ID, AskedAt: noon}),
			tx.AddEntry(ctx, identitytest.SampleEntry(a.ID, "opened")),
		)
	})
}

// signedIn turns the nth code into a grant, once.
func signedIn(ctx context.Context, s *identitysql.Store, n int) error {
	id := fmt.Sprint(n)
	r := identity.Request{ID: "r-" + id, State: identity.RequestCoded, Code: "code of " + id, CreatedAt: noon, ExpiresAt: noon.Add(time.Hour)}
	return s.InTx(ctx, func(tx identity.Tx) error {
		a, ok, err := tx.ByHolder(ctx, identitytest.Sample(n).Holder)
		if err != nil || !ok {
			return err
		}
		if had, err := tx.Request(ctx, r.ID); err == nil && had.State == identity.RequestUsed {
			return nil
		}
		used := r
		used.State, used.Grant = identity.RequestUsed, "t-"+id
		return errors.Join(
			tx.AddRequest(ctx, r), tx.MoveRequest(ctx, used, identity.RequestCoded),
			tx.SaveSession(ctx, identity.Session{ID: "s-" + id, Token: "cookie of " + id, Account: a.ID, CreatedAt: noon, ExpiresAt: noon.Add(time.Hour)}),
			tx.AddGrant(ctx, identity.Grant{ID: used.Grant, Account: a.ID, Refresh: "token of " + id, CreatedAt: noon, ExpiresAt: noon.Add(time.Hour)}),
			tx.SaveChallenge(ctx, identity.Challenge{ID: "h-" + id, ExpiresAt: noon}), tx.Once(ctx, "proof of "+id, noon.Add(time.Minute)),
			tx.AddEntry(ctx, identitytest.SampleEntry(a.ID, "signed_in")),
		)
	})
}

// written are the tables that each act writes to.
var written = map[string][]string{
	"opened": {
		"identity_account", "identity_proofing", "identity_secrets", "identity_device", "identity_delegation", "identity_consent", "identity_recovery",
		"identity_failure", "identity_entry", "identity_log",
	},
	"signed in": {
		"identity_request", "identity_session", "identity_grant", "identity_challenge", "identity_once", "identity_entry", "identity_log",
	},
}

func whole(t *testing.T, db *sqldb.DB) {
	t.Helper()
	for _, c := range identitysql.Chains(db) {
		if got, err := c.Check(t.Context(), ledger.Checks{}); err != nil || got.State != ledger.Whole {
			t.Errorf("%s: %+v, %v", c.Name(), got, err)
		}
	}
}

// TestNothingHalfDone: whichever write fails, nothing of the act is left; done again, it is
// done once.
func TestNothingHalfDone(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		s := migrate(t, db)
		all := append(append([]string{}, written["opened"]...), written["signed in"][:5]...)
		n := 0
		for act, do := range map[string]func(context.Context, *identitysql.Store, int) error{"opened": opened, "signed in": signedIn} {
			for _, table := range written[act] {
				n++
				if act == "signed in" {
					if err := opened(ctx, s, n); err != nil {
						t.Fatal(err)
					}
				}
				before := sqldbtest.Contents(t, db, all...)
				mend := sqldbtest.Break(t, db, table)
				if err := do(ctx, s, n); err == nil {
					t.Errorf("%s: nothing was written to %s", act, table)
				}
				if d := cmp.Diff(before, sqldbtest.Contents(t, db, all...)); d != "" {
					t.Errorf("%s, %s is full: something is left (-before +after):\n%s", act, table, d)
				}
				mend()
				for range 2 {
					if err := do(ctx, s, n); err != nil {
						t.Errorf("%s, after %s was mended: %v", act, table, err)
					}
				}
			}
		}
		counts, err := s.Counts(ctx)
		if err != nil || len(counts) != 1 || counts[0].N != n {
			t.Errorf("%+v, want %d accounts, %v", counts, n, err)
		}
		whole(t, db)
	})
}

// killedHere names the database of the process that TestKilled kills.
const killedHere = "DEAN06_TEST_KILLED"

// TestKilled: a process is killed while it opens accounts and signs in, again and again; each
// account is there whole or not at all, each code became one grant, and the log is whole.
func TestKilled(t *testing.T) {
	if path := os.Getenv(killedHere); path != "" {
		goOnUntilKilled(t, path)
		return
	}
	t.Parallel()
	path := filepath.Join(t.TempDir(), "killed.db")
	db, err := sqldb.Open(t.Context(), "sqlite:"+path, sqldb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	migrate(t, db)
	dice := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same each time
	for range 5 {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKilled$")
		cmd.Env = append(os.Environ(), killedHere+"="+path)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := out.Read(make([]byte, 1)); err != nil { // it has begun
			t.Fatal(err)
		}
		time.Sleep(time.Duration(dice.IntN(150_000)) * time.Microsecond)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		whole(t, db)
	}
	odd, err := sqldb.One[int](t.Context(), db, `SELECT COUNT(*) FROM identity_account a
		LEFT JOIN identity_secrets s ON s.id = a.id LEFT JOIN identity_device d ON d.account = a.id WHERE s.id IS NULL OR d.id IS NULL`)
	if err != nil || odd != 0 {
		t.Errorf("%d accounts without what belongs to them, %v", odd, err)
	}
	odd, err = sqldb.One[int](t.Context(), db, `SELECT COUNT(*) FROM identity_request r
		FULL JOIN identity_grant g ON 'r-' || substr(g.id, 3) = r.id WHERE r.id IS NULL OR g.id IS NULL`)
	if err != nil || odd != 0 {
		t.Errorf("%d codes and grants that do not belong together, %v", odd, err)
	}
	n, err := sqldb.One[int](t.Context(), db, `SELECT COUNT(*) FROM identity_grant`)
	if err != nil || n < 5 {
		t.Errorf("%d grants, %v", n, err)
	}
}

// goOnUntilKilled goes on where the process before it was killed.
func goOnUntilKilled(t *testing.T, path string) {
	t.Helper()
	db, err := sqldb.Open(t.Context(), "sqlite:"+path, sqldb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	s := identitysql.New(db)
	for n := range 1_000_000 {
		for _, do := range []func(context.Context, *identitysql.Store, int) error{opened, signedIn} {
			if err := do(t.Context(), s, n); err != nil {
				t.Fatal(err)
			}
		}
		if n == 0 {
			fmt.Println("begun")
		}
	}
}
