package session

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pquerna/otp/totp"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/password"
	"dean06/internal/platform/pki"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
)

// hand is a clock that is moved by hand.
type hand struct {
	mu sync.Mutex
	at time.Time
}

func (h *hand) Now() time.Time { h.mu.Lock(); defer h.mu.Unlock(); return h.at }
func (h *hand) move(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.at = h.at.Add(d)
}

const goodPassword = "con meo treo cay cau"

// sealer is one with a key of its own.
func sealer(t *testing.T) func(bool) (Sealer, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "seal.key")
	return func(bool) (Sealer, error) { return pki.FileSealer(path) }
}

type house struct {
	*Service
	t     *testing.T
	clock *hand
	admin context.Context
	ctx   context.Context
}

func open(t *testing.T, db *sqldb.DB) *house {
	t.Helper()
	ctx := context.Background()
	for _, migrate := range []func(context.Context, *sqldb.DB) error{audit.Migrate, Migrate} {
		if err := migrate(ctx, db); err != nil {
			t.Fatal(err)
		}
	}
	clk := &hand{at: time.Date(2025, 7, 1, 2, 0, 0, 0, time.UTC)}
	s := New(db, clk, Options{Node: "board", Sealer: sealer(t)})
	s.gate = password.NewGate(password.Cheap)
	seeds := []SeedAccount{
		{Draft: Draft{Login: "quantri", Name: "Trần Thị Mẫu", Roles: []string{"administrator"}}, Password: goodPassword},
		{Password: goodPassword, Draft: Draft{
			Login: "dauMoi.H55 ", Name: "Nguyễn Văn Mẫu", Email: "mau@example.vn", Agency: "H55", Roles: []string{"focal_point"},
		}},
	}
	for range 2 { // the second time finds them there
		if err := s.Seed(ctx, seeds...); err != nil {
			t.Fatal(err)
		}
	}
	h := &house{Service: s, t: t, clock: clk, ctx: ctx}
	h.admin = h.by("quantri")
	return h
}

// by is the context of a request of somebody who is signed in.
func (h *house) by(login string) context.Context {
	h.t.Helper()
	a := h.byLogin(login)
	return With(h.ctx, identityOf(a, actor.Password))
}

func (h *house) byLogin(login string) Account {
	h.t.Helper()
	list, err := h.Accounts(actor.With(h.ctx, actor.OfSystem(Administrator)), AccountFilter{Text: login})
	if err != nil || len(list) != 1 {
		h.t.Fatalf("accounts %q: %v, %v", login, list, err)
	}
	return list[0]
}

var home = Client{Address: "192.0.2.1", Agent: "test"}

// signIn goes the whole way to a token.
func (h *house) signIn(login, password string) (string, Step) {
	h.t.Helper()
	p, err := h.CheckPassword(h.ctx, login, password, home)
	if err != nil {
		h.t.Fatalf("sign in %s: %v", login, err)
	}
	token, step, err := h.Start(h.ctx, p, home, "")
	if err != nil {
		h.t.Fatal(err)
	}
	return token, step
}

// as is the context of a request with the token.
func (h *house) as(token string) context.Context {
	h.t.Helper()
	id, step, ok, err := h.identify(h.ctx, token)
	if err != nil {
		h.t.Fatal(err)
	}
	if !ok {
		return h.ctx
	}
	return put(h.ctx, state{id: id, step: step})
}

func wantKind(t *testing.T, what string, err error, want fault.Kind) {
	t.Helper()
	if err == nil || fault.Of(err) != want {
		t.Errorf("%s: got %v, want %s", what, err, want)
	}
}

func TestSignInAndLimits(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		h := open(t, db)
		token, step := h.signIn("DAUMOI.h55", goodPassword)
		if step != Complete {
			t.Fatalf("step = %q", step)
		}
		id, ok := From(h.as(token))
		want := Identity{SessionID: id.SessionID, Actor: actor.Actor{
			Account: h.byLogin("daumoi.h55").ID, Login: "daumoi.h55", Name: "Nguyễn Văn Mẫu", Agency: "H55",
			Roles: []string{"focal_point"}, Via: actor.Password,
		}}
		if diff := cmp.Diff(want, id); !ok || diff != "" {
			t.Errorf("identity: -want +got\n%s", diff)
		}
		if n, _ := sqldb.One[int](h.ctx, db, `SELECT COUNT(*) FROM account_session WHERE token_hash = $1`, token); n != 0 {
			t.Error("the token itself is in the database")
		}
		// Used every 20 minutes it lives until the absolute limit.
		for at := time.Duration(0); at < 12*time.Hour; at += 20 * time.Minute {
			if _, ok := From(h.as(token)); !ok {
				t.Fatalf("over after %v of use", at)
			}
			h.clock.move(20 * time.Minute)
		}
		if _, ok := From(h.as(token)); ok {
			t.Error("alive after 12 hours")
		}
		token, _ = h.signIn("daumoi.h55", goodPassword)
		h.clock.move(31 * time.Minute)
		if _, ok := From(h.as(token)); ok {
			t.Error("alive after 31 idle minutes")
		}
		if err := h.Prune(h.ctx); err != nil {
			t.Fatal(err)
		}
		if n, _ := sqldb.One[int](h.ctx, db, `SELECT COUNT(*) FROM account_session`); n != 0 {
			t.Errorf("%d sessions after pruning", n)
		}
		if _, err := audit.Verify(h.ctx, db); err != nil {
			t.Error(err)
		}
	})
}

func TestWrongPasswordPausesKnownAndUnknownAlike(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		h := open(t, db)
		var texts [2][]string
		for i, login := range []string{"daumoi.h55", "khongco"} {
			for range 7 {
				_, err := h.CheckPassword(h.ctx, login, "sai mật khẩu", Client{Address: "192.0.2." + login[:1]})
				texts[i] = append(texts[i], err.Error())
			}
		}
		if diff := cmp.Diff(texts[0], texts[1]); diff != "" {
			t.Errorf("known and unknown differ:\n%s", diff)
		}
		_, err := h.CheckPassword(h.ctx, "daumoi.h55", goodPassword, Client{Address: "192.0.2.d"})
		wantKind(t, "right password while paused", err, fault.TooMany)
		if _, err := h.CheckPassword(h.ctx, "daumoi.h55", goodPassword, home); err != nil {
			t.Errorf("from elsewhere: %v", err)
		}
		h.clock.move(time.Minute)
		for range 10 {
			_, err = h.CheckPassword(h.ctx, "daumoi.h55", "sai", home)
			h.clock.move(time.Hour)
		}
		wantKind(t, "wrong after the pause", err, fault.Invalid)
		h.signIn("daumoi.h55", goodPassword)
		hist, err := h.History(h.admin, h.byLogin("daumoi").ID, 50)
		if err != nil || len(hist) != 16 || hist[0].Outcome != "ok" || hist[1].Outcome != "wrong_password" {
			t.Errorf("history: %d lines, %v", len(hist), err)
		}
		failed, _ := audit.Find(h.ctx, db, audit.Filter{Action: "session.sign_in_failed"})
		if len(failed) != 20 {
			t.Errorf("%d failures audited, want 20", len(failed))
		}
		for range 4 { // they begin anew after a success
			_, err = h.CheckPassword(h.ctx, "daumoi.h55", "sai", home)
			wantKind(t, "a first wrong one again", err, fault.Invalid)
		}
	})
}

// TestGuessesOfOthers: who signed in on a browser before gets in there whatever others guess,
// and an office is not shut by the typing errors of its people.
func TestGuessesOfOthers(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		h := open(t, db)
		office := Client{Address: "198.51.100.9"}
		first := httptest.NewRecorder()
		req := httptest.NewRequest(http.MethodPost, "/sign-in", nil)
		proof, err := h.CheckPassword(h.ctx, "quantri", goodPassword, office)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.SignIn(first, req, proof); err != nil {
			t.Fatal(err)
		}
		known := office
		for _, c := range first.Result().Cookies() {
			if c.Name == "dean06-board-known" {
				known.Known = c.Value
			}
		}
		for range 40 { // somebody in the same office guesses
			_, _ = h.CheckPassword(h.ctx, "quantri", "sai mật khẩu", office)
			h.clock.move(time.Minute)
		}
		_, err = h.CheckPassword(h.ctx, "quantri", goodPassword, office)
		wantKind(t, "the right password at another browser of the office", err, fault.TooMany)
		if _, err := h.CheckPassword(h.ctx, "quantri", goodPassword, known); err != nil {
			t.Errorf("at the browser that is known: %v", err)
		}
		made := known
		made.Known = "made up"
		_, err = h.CheckPassword(h.ctx, "quantri", goodPassword, made)
		wantKind(t, "a mark that was made up", err, fault.TooMany)
		for i := range 30 { // thirty typing errors of thirty people
			_, err := h.CheckPassword(h.ctx, fmt.Sprint("dongnghiep", i), "sai", office)
			wantKind(t, "a typing error", err, fault.Invalid)
		}
		if _, err := h.CheckPassword(h.ctx, "daumoi.h55", goodPassword, office); err != nil {
			t.Errorf("a colleague: %v", err)
		}
		if err := h.Prune(h.ctx); err != nil {
			t.Fatal(err)
		}
		if _, err := h.CheckPassword(h.ctx, "quantri", goodPassword, known); err != nil {
			t.Errorf("after pruning: %v", err)
		}
	})
}

func TestAdministration(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		h := open(t, db)
		d := Draft{
			Login: "CanBo.G14", Name: " Lê  Thị Mẫu ", Email: "canbo@example.vn", Agency: "G14", Active: true,
			Roles: []string{"reviewer", "coordinator", "reviewer"},
		}
		made, err := h.Create(h.admin, d)
		if err != nil {
			t.Fatal(err)
		}
		a, once := made.Account, made.Password
		if a.Login != "canbo.g14" || a.Name != "Lê Thị Mẫu" || cmp.Diff([]string{"coordinator", "reviewer"}, a.Roles.V) != "" || !a.MustChange {
			t.Errorf("account = %+v", a)
		}
		_, err = h.Create(h.admin, d)
		wantKind(t, "same login", err, fault.Conflict)

		// The one-time password opens nothing but the page for a new one.
		token, step := h.signIn("canbo.g14", once)
		if step != NeedPassword {
			t.Fatalf("step = %q", step)
		}
		ctx := h.as(token)
		if _, ok := From(ctx); ok {
			t.Error("a session that lacks a password is an identity")
		}
		_, err = Check(ctx)
		wantKind(t, "check", err, fault.Unsigned)
		_, err = h.ChangePassword(ctx, once, "canbo.g14canbo", home)
		wantKind(t, "own login as password", err, fault.Invalid)
		_, err = h.ChangePassword(ctx, "sai", goodPassword, home)
		wantKind(t, "wrong current password", err, fault.Invalid)
		next, err := h.ChangePassword(ctx, once, goodPassword, home)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := From(h.as(token)); ok {
			t.Error("the old token still works")
		}
		id, ok := From(h.as(next))
		if !ok || !id.Has("reviewer") {
			t.Fatalf("identity after the change: %+v", id)
		}

		// Rights that change end the sessions that carry the old ones.
		a, _ = h.Account(h.admin, a.ID)
		d.Roles = []string{"reviewer"}
		if _, err := h.Update(h.admin, a.ID, a.Version, d); err != nil {
			t.Fatal(err)
		}
		if _, ok := From(h.as(next)); ok {
			t.Error("session outlived its roles")
		}
		_, err = h.Update(h.admin, a.ID, a.Version, d)
		wantKind(t, "stale version", err, fault.Conflict)
		d.Active = false
		if _, err := h.Update(h.admin, a.ID, a.Version+1, d); err != nil {
			t.Fatal(err)
		}
		_, err = h.CheckPassword(h.ctx, d.Login, goodPassword, home)
		wantKind(t, "disabled", err, fault.Invalid)

		boss := h.byLogin("quantri")
		_, err = h.Update(h.admin, boss.ID, boss.Version, Draft{Name: boss.Name, Roles: boss.Roles.V})
		wantKind(t, "last administrator", err, fault.Conflict)

		// Nobody else may administer.
		other := With(h.ctx, Identity{Actor: actor.Actor{Account: "x", Roles: []string{"focal_point", "coordinator"}}})
		for name, do := range map[string]func(context.Context) error{
			"create": func(c context.Context) error { _, err := h.Create(c, d); return err },
			"update": func(c context.Context) error { _, err := h.Update(c, a.ID, 1, d); return err },
			"reset":  func(c context.Context) error { _, err := h.ResetPassword(c, a.ID, true, ""); return err },
			"token":  func(c context.Context) error { _, err := h.CreateToken(c, TokenDraft{}); return err },
			"tokens": func(c context.Context) error { _, err := h.Tokens(c, ""); return err },
			"revoke": func(c context.Context) error { return h.RevokeToken(c, "x") },
		} {
			wantKind(t, name, do(other), fault.Denied)
			wantKind(t, name, do(h.ctx), fault.Unsigned)
		}
		if _, err := h.Account(h.admin, "none"); fault.Of(err) != fault.NotFound {
			t.Errorf("unknown account: %v", err)
		}
	})
}

func TestAccountsAreFoundHoweverTyped(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		h := open(t, db)
		if err := h.Seed(h.ctx, SeedAccount{
			Password: goodPassword, Draft: Draft{Login: "dang", Name: "Đặng Thị Ánh 100%", Agency: "H01", Roles: []string{"leader"}},
		}); err != nil {
			t.Fatal(err)
		}
		for _, tt := range []struct {
			f    AccountFilter
			want []string
		}{
			{AccountFilter{}, []string{"dang", "daumoi.h55", "quantri"}},
			{AccountFilter{Limit: 1, After: h.byLogin("dang").ID}, []string{"daumoi.h55"}},
			{AccountFilter{Text: "dang thi anh"}, []string{"dang"}},
			{AccountFilter{Text: "ĐẶNG"}, []string{"dang"}},
			{AccountFilter{Text: "0%"}, []string{"dang"}},
			{AccountFilter{Text: "_"}, nil},
			{AccountFilter{Agency: "H55"}, []string{"daumoi.h55"}},
			{AccountFilter{Role: "leader"}, []string{"dang"}},
			{AccountFilter{Role: "lead"}, nil},
		} {
			list, err := h.Accounts(h.admin, tt.f)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, a := range list {
				got = append(got, a.Login)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%+v: %s", tt.f, diff)
			}
		}
	})
}

func TestSecondFactor(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		h := open(t, db)
		token, _ := h.signIn("quantri", goodPassword)
		ctx := h.as(token)
		wantKind(t, "begin with a wrong password", h.BeginTOTP(ctx, "sai", home), fault.Invalid)
		if err := h.BeginTOTP(ctx, goodPassword, home); err != nil {
			t.Fatal(err)
		}
		secret, png, err := h.PendingTOTP(ctx)
		if err != nil || !strings.HasPrefix(string(png), "\x89PNG") {
			t.Fatalf("pending: %v", err)
		}
		secret = strings.ReplaceAll(secret, " ", "")
		code := func() string {
			c, err := totp.GenerateCode(secret, h.clock.Now())
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		_, _, err = h.ConfirmTOTP(ctx, "000000x")
		wantKind(t, "confirm with nonsense", err, fault.Invalid)
		token, recovery, err := h.ConfirmTOTP(ctx, code())
		if err != nil || len(recovery) != 10 {
			t.Fatalf("confirm: %v, %v", recovery, err)
		}
		wantKind(t, "begin again", h.BeginTOTP(h.as(token), goodPassword, home), fault.Conflict)

		half := func() context.Context {
			token, step := h.signIn("quantri", goodPassword)
			if step != NeedCode {
				t.Fatalf("step = %q", step)
			}
			ctx := h.as(token)
			if _, ok := From(ctx); ok {
				t.Fatal("half a sign-in is an identity")
			}
			return ctx
		}
		_, err = h.ChangePassword(half(), goodPassword, "Trời mưa ở Huế", home)
		wantKind(t, "change the password instead of giving the code", err, fault.Unsigned)
		_, _, err = h.CheckCode(half(), code(), home)
		wantKind(t, "code of the confirmation again", err, fault.Invalid)
		h.clock.move(time.Minute)
		used := code()
		next, step, err := h.CheckCode(half(), used, home)
		if err != nil || step != Complete {
			t.Fatalf("code: %q, %v", step, err)
		}
		if _, ok := From(h.as(next)); !ok {
			t.Error("no identity after the code")
		}
		_, _, err = h.CheckCode(half(), used, home)
		wantKind(t, "replay", err, fault.Invalid)
		_, _, err = h.CheckCode(h.as(next), used, home)
		wantKind(t, "code without its step", err, fault.Unsigned)
		if _, _, err := h.CheckCode(half(), " "+strings.ToUpper(recovery[3])+" ", home); err != nil {
			t.Errorf("recovery code: %v", err)
		}
		_, _, err = h.CheckCode(half(), recovery[3], home)
		wantKind(t, "recovery code again", err, fault.Invalid)

		h.clock.move(time.Minute)
		ctx = half()
		for range 5 {
			_, _, _ = h.CheckCode(ctx, "000000", home)
		}
		_, _, err = h.CheckCode(ctx, code(), home)
		wantKind(t, "right code while paused", err, fault.TooMany)

		if err := h.DropTOTP(h.as(next), goodPassword, home); err != nil {
			t.Fatal(err)
		}
		if h.byLogin("quantri").TOTP {
			t.Error("second factor is still on")
		}
	})
}

func TestSessionsAreListedAndEnded(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		h := open(t, db)
		one, _ := h.signIn("quantri", goodPassword)
		two, _ := h.signIn("quantri", goodPassword)
		other, _ := h.signIn("daumoi.h55", goodPassword)
		first, _ := From(h.as(one))
		list, err := h.Sessions(h.admin, first.Account)
		if err != nil || len(list) != 2 {
			t.Fatalf("sessions: %v, %v", list, err)
		}
		wantKind(t, "end another's session", h.End(h.as(other), first.SessionID), fault.NotFound)
		if err := h.EndOthers(h.as(two)); err != nil {
			t.Fatal(err)
		}
		for token, want := range map[string]bool{one: false, two: true, other: true} {
			if _, ok := From(h.as(token)); ok != want {
				t.Errorf("session alive = %v, want %v", ok, want)
			}
		}
		if err := h.End(h.as(two), mustFrom(h.as(two)).SessionID); err != nil {
			t.Fatal(err)
		}
		if _, ok := From(h.as(two)); ok {
			t.Error("alive after its end")
		}
	})
}

func mustFrom(ctx context.Context) Identity { id, _ := From(ctx); return id }

func TestTokens(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		h := open(t, db)
		now := h.clock.Now()
		_, err := h.CreateToken(h.admin, TokenDraft{ExpiresAt: now.Add(2 * MaxTokenLife)})
		var list fault.List
		if errors.As(err, &list); len(list) != 4 {
			t.Errorf("empty draft: %v, want four faults", err)
		}
		made, err := h.CreateToken(h.admin, TokenDraft{
			Agency: "H55", Name: "Cổng dữ liệu", Scopes: []string{"returns.read"}, ExpiresAt: now.Add(24 * time.Hour),
		})
		if err != nil {
			t.Fatal(err)
		}
		tok, text := made.Token, made.Text
		id, ok, err := h.identifyToken(h.ctx, text)
		want := Identity{
			Actor:  actor.Actor{Account: "token:" + tok.ID, Name: "Cổng dữ liệu", Agency: "H55", Via: actor.Token},
			Scopes: []string{"returns.read"},
		}
		if diff := cmp.Diff(want, id); !ok || err != nil || diff != "" {
			t.Errorf("token: %v %v %s", ok, err, diff)
		}
		if !id.May("returns.read") || id.May("returns.write") || id.Has("returns.read") {
			t.Error("scopes are wrong")
		}
		all, err := h.Tokens(h.admin, "H55")
		if err != nil || len(all) != 1 || all[0].UsedAt == nil {
			t.Errorf("tokens: %+v, %v", all, err)
		}
		if err := h.RevokeToken(h.admin, tok.ID); err != nil {
			t.Fatal(err)
		}
		wantKind(t, "revoke again", h.RevokeToken(h.admin, tok.ID), fault.NotFound)
		late, _ := h.CreateToken(h.admin, TokenDraft{Agency: "H55", Name: "Khác", Scopes: []string{"x"}, ExpiresAt: now.Add(time.Hour)})
		h.clock.move(time.Hour)
		for what, text := range map[string]string{"revoked": text, "expired": late.Text, "unknown": "dean06_x", "other": "x"} {
			if _, ok, err := h.identifyToken(h.ctx, text); ok || err != nil {
				t.Errorf("%s token: %v, %v", what, ok, err)
			}
		}
	})
}

func TestLoadAndRequire(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		h := open(t, db)
		h.opts.Secure = true
		w := httptest.NewRecorder()
		r := httptest.NewRequest("POST", "/sign-in", strings.NewReader("login=quantri&password="+strings.ReplaceAll(goodPassword, " ", "+")))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		p, err := Password{h.Service}.Authenticate(r)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.SignIn(w, r, p); err != nil {
			t.Fatal(err)
		}
		c := w.Result().Cookies()[0]
		if c.Name != "__Host-dean06-board" || !c.Secure || !c.HttpOnly || c.Path != "/" || c.SameSite != http.SameSiteLaxMode {
			t.Errorf("cookie = %v", c)
		}
		var got error
		var who audit.Who
		handler := h.Load(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			got = Require(func(http.ResponseWriter, *http.Request) error { return nil }, "administrator", "auditor")(w, r)
			who = audit.From(r.Context())
		}))
		ask := func(set func(*http.Request)) error {
			r := httptest.NewRequest("GET", "/x", nil)
			set(r)
			handler.ServeHTTP(httptest.NewRecorder(), r)
			return got
		}
		err = ask(func(r *http.Request) { r.AddCookie(c) })
		if err != nil || who.Account != p.AccountID || !who.Has("administrator") || who.Address != "192.0.2.1" {
			t.Errorf("with the cookie: %v, %+v", err, who)
		}
		wantKind(t, "without", ask(func(*http.Request) {}), fault.Unsigned)
		wantKind(t, "another cookie", ask(func(r *http.Request) { r.AddCookie(&http.Cookie{Name: c.Name, Value: "x"}) }), fault.Unsigned)
		wantKind(t, "bad bearer beside a good cookie", ask(func(r *http.Request) {
			r.AddCookie(c)
			r.Header.Set("Authorization", "Bearer dean06_x")
		}), fault.Unsigned)
		made, _ := h.CreateToken(h.admin, TokenDraft{
			Agency: "H55", Name: "Máy", Scopes: []string{"administrator"}, ExpiresAt: h.clock.Now().Add(time.Hour),
		})
		wantKind(t, "a scope is no role", ask(func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+made.Text) }), fault.Denied)

		w = httptest.NewRecorder()
		h.Load(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { got = h.SignOut(w, r) })).ServeHTTP(w, r)
		r.AddCookie(c)
		h.Load(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { got = h.SignOut(w, r) })).ServeHTTP(w, r)
		if got != nil || w.Result().Cookies()[0].MaxAge >= 0 {
			t.Errorf("sign out: %v", got)
		}
		wantKind(t, "after signing out", ask(func(r *http.Request) { r.AddCookie(c) }), fault.Unsigned)
		db.Close()
		if err := ask(func(r *http.Request) { r.AddCookie(c) }); err == nil || fault.Of(err) != fault.Internal {
			t.Errorf("without a database: %v, want an internal error", err)
		}
	})
}

func TestClientBelievesNamedProxiesOnly(t *testing.T) {
	t.Parallel()
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	for _, tt := range []struct{ remote, forwarded, want string }{
		{"203.0.113.5:1", "", "203.0.113.5"},
		{"203.0.113.5:1", "198.51.100.1", "203.0.113.5"},
		{"10.0.0.1:1", "198.51.100.1", "198.51.100.1"},
		{"10.0.0.1:1", "192.0.2.66, 198.51.100.1, 10.2.2.2", "198.51.100.1"},
		{"10.0.0.1:1", "x, nonsense", "10.0.0.1"},
		{"[::ffff:203.0.113.5]:1", "", "203.0.113.5"},
		{"nonsense", "", ""},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = tt.remote
		if tt.forwarded != "" {
			r.Header.Set("X-Forwarded-For", tt.forwarded)
		}
		if got := New(nil, nil, Options{Proxies: proxies}).Client(r).Address; got != tt.want {
			t.Errorf("%s via %q: got %s, want %s", tt.remote, tt.forwarded, got, tt.want)
		}
	}
}
