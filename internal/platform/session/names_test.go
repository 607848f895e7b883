package session

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
)

func TestNamesOfTheDay(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		h := open(t, db)
		made := h.clock.Now()
		a := h.byLogin("daumoi.h55")
		if got := h.NameOf(h.ctx, a.ID, made); got != "Nguyễn Văn Mẫu" {
			t.Errorf("at first: %q", got)
		}
		h.clock.move(48 * time.Hour)
		renamed := h.clock.Now()
		d := Draft{Login: a.Login, Name: "Nguyễn Văn Mới", Agency: a.Agency, Roles: a.Roles.V, Active: true}
		if _, err := h.Update(h.admin, a.ID, a.Version, d); err != nil {
			t.Fatal(err)
		}
		issued, err := h.CreateToken(h.admin, TokenDraft{
			Agency: "H55", Name: "Máy một cửa", Scopes: []string{"returns:read"}, ExpiresAt: renamed.Add(time.Hour),
		})
		if err != nil {
			t.Fatal(err)
		}
		other := "VN/GOV/G06/TRUC#0197"
		away := actor.With(h.ctx, actor.Actor{Account: other, Name: "Phạm Văn Xa"})
		if err := audit.Record(away, db, audit.Entry{Action: "x.y"}); err != nil {
			t.Fatal(err)
		}
		tests := []struct {
			name, stored string
			at           time.Time
			want         string
		}{
			{"before the account was there", a.ID, made.Add(-time.Hour), "Nguyễn Văn Mẫu"},
			{"the day before", a.ID, renamed.Add(-time.Microsecond), "Nguyễn Văn Mẫu"},
			{"that moment", a.ID, renamed, "Nguyễn Văn Mới"},
			{"by the login that was stored once", a.Login, renamed.Add(time.Hour), "Nguyễn Văn Mới"},
			{"by the login, before", a.Login, made, "Nguyễn Văn Mẫu"},
			{"a programme", "token:" + issued.Token.ID, made, "Máy một cửa"},
			{"the program itself", "system:dean06", made, "dean06"},
			{"the command line", "os:lan", made, "lan"},
			{"an account of another node", other, made, "Phạm Văn Xa"},
			{"one of which nothing is known", "VN/GOV/G06/TRUC#9", made, "VN/GOV/G06/TRUC#9"},
			{"a login that is gone", "aido", made, "aido"},
			{"nobody", "", made, ""},
		}
		for _, tt := range tests {
			for range 2 { // the second time from what is kept
				if got := h.NameOf(h.ctx, tt.stored, tt.at); got != tt.want {
					t.Errorf("%s: NameOf(%q) = %q, want %q", tt.name, tt.stored, got, tt.want)
				}
			}
		}
		both := []string{a.ID, a.Login}
		for _, tt := range []struct {
			account string
			want    []string
		}{{a.ID, both}, {a.Login, both}, {"os:lan", []string{"os:lan"}}} {
			if diff := cmp.Diff(tt.want, h.FoundBy(h.ctx, tt.account)); diff != "" {
				t.Errorf("FoundBy(%q): -want +got\n%s", tt.account, diff)
			}
		}
	})
}

func TestFilterFindsIDAndLogin(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		h := open(t, db)
		a := h.byLogin("daumoi.h55")
		for _, stored := range []string{a.ID, a.Login, "another"} {
			if err := audit.Record(actor.With(h.ctx, actor.Actor{Account: stored}), db, audit.Entry{Action: "return.submit"}); err != nil {
				t.Fatal(err)
			}
		}
		found, err := audit.Find(h.ctx, db, audit.Filter{Actors: h.FoundBy(h.ctx, a.Login), Action: "return.submit"})
		if err != nil || len(found) != 2 {
			t.Errorf("%d entries, %v; want both", len(found), err)
		}
	})
}

// A database of before names were kept has the names at hand from the start.
func TestNamesOfAccountsFromBefore(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		h := open(t, db)
		for _, back := range []string{
			`DROP TABLE account_name`, `DROP TABLE account_binding`, `DROP TABLE account_half`, `DROP TABLE account_known`, `DROP TABLE account_key`,
			`DROP TABLE account_subject`, `DROP INDEX account_session_issuer`, `ALTER TABLE account_session DROP COLUMN level`,
			`ALTER TABLE account_session DROP COLUMN issuer`, `ALTER TABLE account_session DROP COLUMN issuer_session`,
			`ALTER TABLE account_session DROP COLUMN id_token`, `ALTER TABLE account_session DROP COLUMN acts_subject`,
			`ALTER TABLE account_session DROP COLUMN acts`, `DROP INDEX account_totp`,
			`DELETE FROM migration_session WHERE version_id >= 2`,
		} {
			if _, err := sqldb.Exec(h.ctx, db, back); err != nil {
				t.Fatal(err)
			}
		}
		if err := Migrate(context.Background(), db); err != nil {
			t.Fatal(err)
		}
		if got := h.NameOf(h.ctx, h.byLogin("quantri").ID, time.Time{}); got != "Trần Thị Mẫu" {
			t.Errorf("NameOf = %q", got)
		}
	})
}
