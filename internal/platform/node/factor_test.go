package node

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"dean06/internal/platform/config"
	"dean06/internal/platform/health"
	"dean06/internal/platform/pki"
	"dean06/internal/platform/session"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
)

// TestWhoIsAsked: the modules say which roles need a second factor, a node's settings can say
// otherwise, and the demo asks nobody unless it is told to.
func TestWhoIsAsked(t *testing.T) {
	t.Parallel()
	roles := Roles([]Module{{Roles: []Role{{Code: "operator", Second: true}, {Code: "leader"}}}})
	for _, c := range []struct {
		named []string
		demo  bool
		want  string
	}{
		{[]string{config.UsualRoles}, false, "administrator auditor operator"},
		{[]string{config.UsualRoles, "leader"}, false, "administrator auditor operator leader"},
		{[]string{"leader"}, false, "leader"},
		{nil, false, ""},
		{[]string{config.UsualRoles}, true, ""},
		{[]string{config.UsualRoles, "leader"}, true, "leader"},
	} {
		n := &Node{Base: &Base{Demo: c.demo}}
		n.Config.Session.SecondFactor = c.named
		var got []string
		for _, r := range roles {
			if n.asksSecond(r) {
				got = append(got, r.Code)
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%v, demo %v: %v, want %s", c.named, c.demo, got, c.want)
		}
	}
	if n := config.Default().Session.SecondFactor; !slices.Equal(n, []string{config.UsualRoles}) {
		t.Errorf("by default: %v", n)
	}
}

// TestTheKeyOfSecondFactors: it is made when something is to be sealed, what lies open is sealed
// when the node begins to serve, and doctor says when the key is gone or another one.
func TestTheKeyOfSecondFactors(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		s := newSmall(t, db)
		path := factorPath(s.Config)
		s.wants(t, "a node without second factors", health.Full)
		if _, err := s.factorKey()(false); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("a key that nobody needs: %v", err)
		}
		if err := s.beginFactors(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("made for nothing: %v", err)
		}
		err := s.Sessions.Seed(t.Context(), session.SeedAccount{
			Password: "con meo treo cay cau", Draft: session.Draft{Login: "quantri", Name: "Trần Thị Mẫu", Roles: []string{"administrator"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		const seed = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
		if _, err := sqldb.Exec(t.Context(), db, `UPDATE account SET totp_on = $1, totp_secret = $2`, true, seed); err != nil {
			t.Fatal(err)
		}
		if err := s.beginFactors(t.Context()); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Fatalf("%v, %v", info, err)
		}
		kept, err := sqldb.One[string](t.Context(), db, `SELECT totp_secret FROM account`)
		if err != nil || strings.Contains(kept, seed) {
			t.Errorf("%s, %v", kept, err)
		}
		s.wants(t, "its key is there", health.Regular)

		aside := filepath.Join(t.TempDir(), "seal.key")
		if err := os.Rename(path, aside); err != nil {
			t.Fatal(err)
		}
		s.wants(t, "its key is gone", health.Regular, "node.doctor.factor.missing")
		if err := os.WriteFile(path, []byte("no key"), 0o600); err != nil {
			t.Fatal(err)
		}
		s.wants(t, "no key", health.Regular, "node.doctor.factor.unreadable")
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if _, err := pki.FileSealer(path); err != nil {
			t.Fatal(err)
		}
		s.wants(t, "another key", health.Regular, "node.doctor.factor.other")
		var log bytes.Buffer
		s.Log = slog.New(slog.NewTextHandler(&log, nil))
		if err := s.beginFactors(t.Context()); err != nil || !strings.Contains(log.String(), "does not open the second factors of 1 of 1") {
			t.Errorf("%v, %s", err, &log)
		}
		if err := os.Rename(aside, path); err != nil {
			t.Fatal(err)
		}
		s.wants(t, "restored", health.Regular)

		// The database and this key together hold it, the database alone does not.
		sealed, err := base64.RawStdEncoding.DecodeString(strings.TrimPrefix(kept, "sealed:"))
		if err != nil || bytes.Contains(sealed, []byte(seed)) {
			t.Errorf("%q, %v", sealed, err)
		}
		s.ReadOnly = true
		if _, err := s.factorKey()(true); err != nil {
			t.Errorf("who looks reads it: %v", err)
		}
	})
}
