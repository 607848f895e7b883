package provider_test

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"dean06/internal/identity"
	"dean06/internal/identity/identitysql"
	"dean06/internal/identity/identitytest"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/ledger/ledgersql"
	"dean06/internal/platform/oauth"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
)

func storeOn(t testing.TB, db *sqldb.DB) *identitysql.Store {
	t.Helper()
	for _, migrate := range []func(context.Context, *sqldb.DB) error{audit.Migrate, ledgersql.Migrate, identitysql.Migrate} {
		if err := migrate(t.Context(), db); err != nil {
			t.Fatal(err)
		}
	}
	return identitysql.New(db)
}

// What must hold when many come at once and when tokens are copied, on both engines.
func TestOnBothEngines(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		h := houseOn(t, storeOn(t, db))
		mother := h.Give(t, identitytest.Mother, identity.Two)
		h.door.set(func(d *door) { d.who = mother })
		c := h.keyed()
		b := h.browser()
		r := c.signIn(b, map[string]string{"scope": "openid profile email", "login_hint": mother.Holder.Reveal()})
		if u := c.userinfo(r.text("access_token")); u.body["birthdate"] != "1990-03-08" {
			t.Errorf("%d %s", u.status, u.raw)
		}
		again := c.refresh(r.text("refresh_token"))
		if again.status != http.StatusOK {
			t.Fatalf("%d %s", again.status, again.raw)
		}
		if copied := c.refresh(r.text("refresh_token")); copied.text("error") != oauth.InvalidGrant {
			t.Errorf("%d %s", copied.status, copied.raw)
		}
		if u := c.userinfo(again.text("access_token")); u.status != http.StatusUnauthorized {
			t.Errorf("a grant of which somebody has a copy still opens: %d", u.status)
		}
		code := c.code(b, nil)
		var wg sync.WaitGroup
		got := make([]reply, 4)
		for i := range got {
			one := *c // each with a nonce of its own
			wg.Go(func() { got[i] = one.redeem(code) })
		}
		wg.Wait()
		slices.SortFunc(got, func(a, b reply) int { return a.status - b.status })
		if got[0].status != http.StatusOK || got[1].text("error") != oauth.InvalidGrant || got[3].text("error") != oauth.InvalidGrant {
			t.Fatalf("of four with one code: %d %d %d %d %s", got[0].status, got[1].status, got[2].status, got[3].status, got[1].raw)
		}
		if u := c.userinfo(got[0].text("access_token")); u.status != http.StatusUnauthorized {
			t.Errorf("its tokens still open: %d", u.status)
		}
		log := h.sees(mother)
		for _, want := range []string{"client.signed_in", "client.told", "client.copied", "consent.given"} {
			if !slices.Contains(log, want) {
				t.Errorf("the holder does not see %s: %v", want, log)
			}
		}
		// Keys turn while people sign in: nobody notices.
		stop := make(chan struct{})
		defer func() {
			close(stop)
			wg.Wait()
		}()
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if err := h.TurnKeys(t.Context(), true); err != nil {
					t.Error(err)
				}
			}
		})
		for range 6 {
			h.claims(c.signIn(h.browser(), nil).text("id_token"), oauth.TypeToken)
			h.Clock.Pass(61 * time.Minute) // the keys of an hour ago sign now
		}
		if r := c.call("/oauth/token", url.Values{"grant_type": {"client_credentials"}}); r.status != http.StatusOK {
			t.Errorf("%d %s", r.status, r.raw)
		}
	})
}
