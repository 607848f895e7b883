package session

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/opaque"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
)

// strict is an office whose administrators and registrars need a second factor.
func strict(t *testing.T, db *sqldb.DB) *office {
	t.Helper()
	o := openOffice(t, db)
	for i, r := range o.opts.Roles {
		o.opts.Roles[i].Second = r.Code == Administrator || r.Code == "registrar"
	}
	return o
}

// stepOf is what a session lacks at its next request.
func (h *house) stepOf(token string) Step {
	h.t.Helper()
	_, step, ok := Unfinished(h.as(token))
	if !ok {
		h.t.Fatal("the session is over")
	}
	return step
}

// factor sets a second factor up in a session, and gives its new token, the seed, and the
// recovery codes.
func (h *house) factor(token string) (next, seed string, recovery []string) {
	h.t.Helper()
	ctx := h.as(token)
	if err := h.BeginTOTP(ctx, goodPassword, home); err != nil {
		h.t.Fatal(err)
	}
	text, _, err := h.PendingTOTP(ctx)
	if err != nil {
		h.t.Fatal(err)
	}
	seed = strings.ReplaceAll(text, " ", "")
	next, recovery, err = h.ConfirmTOTP(ctx, h.codeOf(seed))
	if err != nil {
		h.t.Fatal(err)
	}
	return next, seed, recovery
}

func (h *house) codeOf(seed string) string {
	h.t.Helper()
	code, err := totp.GenerateCode(seed, h.clock.Now())
	if err != nil {
		h.t.Fatal(err)
	}
	return code
}

// TestRolesAskForASecondFactor: whoever holds one of the roles can do nothing after the
// password but set a second factor up.
func TestRolesAskForASecondFactor(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		o := strict(t, db)
		token, step := o.signIn("quantri", goodPassword)
		if step != NeedFactor || o.stepOf(token) != NeedFactor {
			t.Fatalf("step = %q, %q", step, o.stepOf(token))
		}
		ctx := o.as(token)
		if _, ok := From(ctx); ok || !actor.From(ctx).Nobody() {
			t.Error("somebody acts before the second factor is there")
		}
		_, err := o.Accounts(ctx, AccountFilter{})
		wantKind(t, "accounts", err, fault.Unsigned)
		_, err = o.CreateToken(ctx, TokenDraft{})
		wantKind(t, "a token for a programme", err, fault.Unsigned)
		_, err = o.ChangePassword(ctx, goodPassword, "mật khẩu khác hẳn", home)
		wantKind(t, "another password", err, fault.Unsigned)
		_, err = o.NewRecoveryCodes(ctx, goodPassword, home)
		wantKind(t, "recovery codes", err, fault.Unsigned)
		wantKind(t, "with a wrong password", o.BeginTOTP(ctx, "sai", home), fault.Invalid)

		// Another who knows the password sees nothing of what is begun here, and cannot end it.
		other, _ := o.signIn("quantri", goodPassword)
		if err := o.BeginTOTP(ctx, goodPassword, home); err != nil {
			t.Fatal(err)
		}
		_, _, err = o.PendingTOTP(o.as(other))
		wantKind(t, "the seed in another session", err, fault.NotFound)
		text, _, err := o.PendingTOTP(ctx)
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = o.ConfirmTOTP(o.as(other), o.codeOf(strings.ReplaceAll(text, " ", "")))
		wantKind(t, "confirmed in another session", err, fault.NotFound)

		next, _, _ := o.factor(token)
		if o.stepOf(next) != Complete {
			t.Errorf("step = %q", o.stepOf(next))
		}
		if _, err := o.Accounts(o.as(next), AccountFilter{}); err != nil {
			t.Error(err)
		}
		for name, old := range map[string]string{"the token from before": token, "the other session": other} {
			if _, _, ok := Unfinished(o.as(old)); ok {
				t.Errorf("%s still counts", name)
			}
		}
		if _, step := o.signIn("quantri", goodPassword); step != NeedCode {
			t.Errorf("the next time: %q", step)
		}
		// Taken away, it is asked for at once.
		if err := o.DropTOTP(o.as(next), goodPassword, home); err != nil {
			t.Fatal(err)
		}
		if o.stepOf(next) != NeedFactor {
			t.Errorf("without it: %q", o.stepOf(next))
		}
		// Who holds no such role is not asked.
		if _, step := o.signIn("kiemtoan", goodPassword); step != Complete {
			t.Errorf("an auditor: %q", step)
		}
	})
}

// TestRolesThatComeLater: a role that is lent, or comes with a position, while a session runs
// is not used before the second factor is there; nor is one that a cookie and a token together
// might give.
func TestRolesThatComeLater(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		o := strict(t, db)
		token, step := o.signIn("daumoi.h55", goodPassword)
		if step != Complete {
			t.Fatalf("step = %q", step)
		}
		id := o.byLogin("daumoi.h55").ID
		o.lent[id] = []string{"registrar"}
		o.Forget(id)
		ctx := o.as(token)
		if id, ok := From(ctx); ok {
			t.Errorf("acts with %v", id.Roles)
		}
		if o.stepOf(token) != NeedFactor {
			t.Errorf("step = %q", o.stepOf(token))
		}
		if _, step := o.signIn("daumoi.h55", goodPassword); step != NeedFactor {
			t.Errorf("a new sign-in: %q", step)
		}
		delete(o.lent, id)
		o.Forget(id)
		if o.stepOf(token) != Complete {
			t.Errorf("after the role ended: %q", o.stepOf(token))
		}

		// A programme's token has no roles, whoever made it, and a session beside it lends none.
		full, _, _ := o.factor(first(o.signIn("quantri", goodPassword)))
		made, err := o.CreateToken(o.as(full), TokenDraft{
			Agency: "H55", Name: "Cổng", Scopes: []string{"returns.read"}, ExpiresAt: o.clock.Now().Add(time.Hour),
		})
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequestWithContext(o.ctx, http.MethodGet, "/", nil)
		r.AddCookie(&http.Cookie{Name: o.cookie(), Value: full})
		r.Header.Set("Authorization", "Bearer "+made.Text)
		var got Identity
		o.Load(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got, _ = From(r.Context()) })).ServeHTTP(httptest.NewRecorder(), r)
		if len(got.Roles) != 0 || got.Via != actor.Token {
			t.Errorf("a token acts with %v by %s", got.Roles, got.Via)
		}
	})
}

func first[A, B any](a A, _ B) A { return a }

// TestIdentityStandsForASecondFactor: a sign-in of level 2 is one; after one of level 1, roles
// ask for more, whatever second factor the local account has.
func TestIdentityStandsForASecondFactor(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		o := strict(t, db)
		by := o.by("hotich")
		if err := o.Seed(o.ctx, SeedAccount{Bound: "001090000077", Password: goodPassword, Draft: Draft{
			Login: "hotich3", Name: "Đỗ Thị Mẫu", Agency: "G01", Roles: []string{"registrar"},
		}}); err != nil {
			t.Fatal(err)
		}
		_ = by
		enter := func(level int) string {
			t.Helper()
			token, err := o.SignInPerson(o.ctx, Person{
				Issuer: "https://a.example.vn", Subject: "s", Session: "x", Number: "001090000077", Name: "Đỗ Thị Mẫu", Level: level,
			}, home, "")
			if err != nil {
				t.Fatal(err)
			}
			return token
		}
		sure, unsure := enter(2), enter(1)
		if o.stepOf(sure) != Complete || o.stepOf(unsure) != NeedLevel {
			t.Errorf("level 2: %q, level 1: %q", o.stepOf(sure), o.stepOf(unsure))
		}
		if _, ok := From(o.as(unsure)); ok {
			t.Error("a registrar acts at level 1")
		}
		wantKind(t, "a second factor from there", o.BeginTOTP(o.as(unsure), goodPassword, home), fault.Unsigned)
		local, _ := o.signIn("hotich3", goodPassword)
		o.factor(local)
		if again := enter(1); o.stepOf(again) != NeedLevel {
			t.Errorf("level 1 beside a local second factor: %q", o.stepOf(again))
		}
	})
}

// TestSeedsAreSealed: the database alone opens no second factor.
func TestSeedsAreSealed(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		o := strict(t, db)
		token, _ := o.signIn("quantri", goodPassword)
		ctx := o.as(token)
		if err := o.BeginTOTP(ctx, goodPassword, home); err != nil {
			t.Fatal(err)
		}
		kept := func(login string) string {
			t.Helper()
			text, err := sqldb.One[string](o.ctx, db, `SELECT totp_secret FROM account WHERE login = $1`, login)
			if err != nil {
				t.Fatal(err)
			}
			return text
		}
		text, _, err := o.PendingTOTP(ctx)
		if err != nil || strings.Contains(kept("quantri"), strings.ReplaceAll(text, " ", "")) || !strings.HasPrefix(kept("quantri"), sealMark) {
			t.Errorf("begun: %s, %v", kept("quantri"), err)
		}
		_, seed, recovery := o.factor(token)
		if strings.Contains(kept("quantri"), seed) || !strings.HasPrefix(kept("quantri"), sealMark) {
			t.Errorf("on: %s", kept("quantri"))
		}
		hashes, err := recoveryOf(o.ctx, db, o.byLogin("quantri").ID)
		if err != nil || len(hashes) != 10 {
			t.Fatal(hashes, err)
		}
		for _, h := range hashes {
			if !strings.Contains(h, " $argon2id$") {
				t.Errorf("a recovery code is kept as %s", h)
			}
		}
		half := func(login string) context.Context {
			t.Helper()
			token, step := o.signIn(login, goodPassword)
			if step != NeedCode {
				t.Fatalf("%s: %q", login, step)
			}
			return o.as(token)
		}
		// A sealed seed that was copied into another's row, or a plain one put there, opens nothing.
		o.clock.move(time.Minute)
		for _, put := range []string{kept("quantri"), seed} {
			if _, err := sqldb.Exec(o.ctx, db, `UPDATE account SET totp_on = $1, totp_secret = $2 WHERE login = 'hotich'`, true, put); err != nil {
				t.Fatal(err)
			}
			_, _, err = o.CheckCode(half("hotich"), o.codeOf(seed), home)
			wantKind(t, "a seed from elsewhere", err, fault.Unavailable)
		}
		// Without the key, a code says so, and a recovery code gets in.
		with := o.opts.Sealer
		o.opts.Sealer = func(bool) (Sealer, error) { return nil, fs.ErrNotExist }
		_, _, err = o.CheckCode(half("quantri"), o.codeOf(seed), home)
		wantKind(t, "without the key", err, fault.Unavailable)
		if _, step, err := o.CheckCode(half("quantri"), recovery[0], home); err != nil || step != Complete {
			t.Errorf("a recovery code without the key: %q, %v", step, err)
		}
		key, err := with(false)
		if err != nil {
			t.Fatal(err)
		}
		other, err := sealer(t)(true)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := sqldb.Exec(o.ctx, db, `UPDATE account SET totp_on = $1, totp_secret = '' WHERE login = 'hotich'`, false); err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]struct {
			with   Sealer
			closed int
		}{"the key": {key, 0}, "another": {other, 1}, "none": {nil, 1}} {
			if all, closed, err := o.Seals(o.ctx, c.with); all != 1 || closed != c.closed || err != nil {
				t.Errorf("%s: %d of %d, %v", name, closed, all, err)
			}
		}
	})
}

// TestFactorsFromBefore: seeds that lie open are sealed at the start and go on; recovery codes
// with quick hashes end, and their holders are told.
func TestFactorsFromBefore(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		o := strict(t, db)
		const seed, begun = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU"
		id := o.byLogin("quantri").ID
		for _, s := range []struct {
			text string
			args []any
		}{
			{`UPDATE account SET totp_on = $1, totp_secret = $2 WHERE id = $3`, []any{true, seed, id}},
			{`UPDATE account SET totp_secret = $1 WHERE login = 'hotich'`, []any{begun}},
			{`INSERT INTO account_recovery_code (account_id, hash) VALUES ($1, $2)`, []any{id, opaque.Hash("abcdefghjkmn")}},
		} {
			if _, err := sqldb.Exec(o.ctx, db, s.text, s.args...); err != nil {
				t.Fatal(err)
			}
		}
		with := o.opts.Sealer
		o.opts.Sealer = func(bool) (Sealer, error) { return nil, fs.ErrPermission }
		if err := o.SealFactors(o.ctx); !errors.Is(err, fs.ErrPermission) {
			t.Errorf("without a key: %v", err)
		}
		o.opts.Sealer = with
		for range 2 { // the second start finds nothing to do
			if err := o.SealFactors(o.ctx); err != nil {
				t.Fatal(err)
			}
		}
		list, err := sqldb.All[string](o.ctx, db, `SELECT totp_secret FROM account WHERE totp_secret <> ''`)
		if err != nil || len(list) != 1 || !strings.HasPrefix(list[0], sealMark) {
			t.Errorf("%v, %v", list, err)
		}
		token, step := o.signIn("quantri", goodPassword)
		if step != NeedCode {
			t.Fatalf("step = %q", step)
		}
		_, _, err = o.CheckCode(o.as(token), "abcdefghjkmn", home)
		wantKind(t, "a recovery code from before", err, fault.Invalid)
		if _, step, err := o.CheckCode(o.as(token), o.codeOf(seed), home); err != nil || step != Complete {
			t.Errorf("%q, %v", step, err)
		}
		if told := o.told("quantri"); strings.Count(told, "session.told.recovery_void") != 1 {
			t.Errorf("told %s", told)
		}
	})
}

// TestACodeIsTakenOnce, by two who come with it at the same moment as well.
func TestACodeIsTakenOnce(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		o := strict(t, db)
		token, _ := o.signIn("quantri", goodPassword)
		_, seed, recovery := o.factor(token)
		o.clock.move(time.Minute)
		for name, code := range map[string]string{"of the app": o.codeOf(seed), "for recovery": recovery[4]} {
			var halves []context.Context
			for range 3 {
				half, _ := o.signIn("quantri", goodPassword)
				halves = append(halves, o.as(half))
			}
			var wg sync.WaitGroup
			got := make([]error, len(halves))
			for i, ctx := range halves {
				wg.Go(func() { _, _, got[i] = o.CheckCode(ctx, code, home) })
			}
			wg.Wait()
			in := slices.DeleteFunc(slices.Clone(got), func(err error) bool { return err != nil })
			if len(in) != 1 {
				t.Errorf("a code %s let %d in: %v", name, len(in), got)
			}
		}
	})
}

// TestChangesOfCredentialsAreTold, at the address from before too.
func TestChangesOfCredentialsAreTold(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		o := openOffice(t, db)
		want := func(login string, keys ...string) {
			t.Helper()
			told := o.told(login)
			for _, key := range keys {
				if !strings.Contains(told, "session.told."+key) {
					t.Errorf("%s was not told of %s: %s", login, key, told)
				}
			}
		}
		token, _ := o.signIn("quantri2", goodPassword)
		token, seed, recovery := o.factor(token)
		if _, err := o.NewRecoveryCodes(o.as(token), "sai", home); fault.Of(err) != fault.Invalid {
			t.Errorf("new codes with a wrong password: %v", err)
		}
		again, err := o.NewRecoveryCodes(o.as(token), goodPassword, home)
		if err != nil {
			t.Fatal(err)
		}
		half, _ := o.signIn("quantri2", goodPassword)
		_, _, err = o.CheckCode(o.as(half), recovery[0], home)
		wantKind(t, "a code from before", err, fault.Invalid)
		if _, _, err := o.CheckCode(o.as(half), again[0], home); err != nil {
			t.Error(err)
		}
		if n, err := o.RecoveryLeft(o.as(token)); n != 9 || err != nil {
			t.Errorf("%d left, %v", n, err)
		}
		if err := o.DropTOTP(o.as(token), goodPassword, home); err != nil {
			t.Error(err)
		}
		if _, err := o.ChangePassword(o.as(token), goodPassword, "trời mưa ở thành phố Huế", home); err != nil {
			t.Error(err)
		}
		want("quantri2", "factor_on", "recovery_made", "recovery_used", "factor_off", "password")
		if _, err := sqldb.Exec(o.ctx, db, `UPDATE account SET totp_on = $1 WHERE login = 'daumoi.h55'`, true); err != nil {
			t.Fatal(err)
		}
		plain := o.byLogin("daumoi.h55")
		if _, err := o.ResetPassword(o.admin, plain.ID, true, ""); err != nil {
			t.Fatal(err)
		}
		plain = o.byLogin("daumoi.h55")
		d := draftOf(plain)
		d.Email = "moi@example.vn"
		if _, err := o.Update(o.admin, plain.ID, plain.Version, d); err != nil {
			t.Fatal(err)
		}
		want("daumoi.h55", "reset_factor", "email")
		made, err := o.CreateToken(o.admin, TokenDraft{Agency: "H55", Name: "Cổng", Scopes: []string{"returns.read"}, ExpiresAt: o.clock.Now().Add(time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		want("quantri", "token")
		want("kiemtoan", "token")
		list, err := o.second.Notices(o.ctx, o.byLogin("quantri2").ID, "", 20)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range list {
			for _, v := range n.Args {
				if s, ok := v.(string); ok && (strings.Contains(s, seed) || strings.Contains(s, made.Text) || strings.Contains(s, recovery[0])) {
					t.Errorf("%s tells a secret: %v", n.Key, n.Args)
				}
			}
		}
	})
}

// TestPasswordsOfNames: agencies, offices and places around an account make no password.
func TestPasswordsOfNames(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		o := openOffice(t, db)
		o.needs.NamesOf = func(_ context.Context, _, agency string, _ time.Time) ([]string, error) {
			return []string{"Ủy ban nhân dân xã Đại Phúc, tỉnh " + map[string]string{"H55": "Thái Nguyên"}[agency], "Bộ phận Một cửa"}, nil
		}
		token, _ := o.signIn("daumoi.h55", goodPassword)
		for _, text := range []string{
			"daumoi.h55daumoi", "Nguyễn Văn Mẫu 99", "NguyenVanMau2026!", "mau@example.vn", "Xã Đại Phúc 2026", "DAIPHUC.thainguyen",
			"ThaiNguyen@2026", "bộ phận một cửa", "B0ph4nM0tcu4", "thainguyenthainguyen", "123456789012345", "qwertyuiopasdf", "matkhaumatkhau1",
		} {
			_, err := o.ChangePassword(o.as(token), goodPassword, text, home)
			wantKind(t, text, err, fault.Invalid)
			if f := fault.As(err); f == nil || f.Field != "new_password" || !strings.HasPrefix(f.Key, "password.") {
				t.Errorf("%s: %v", text, err)
			}
		}
		if _, err := o.ChangePassword(o.as(token), goodPassword, "qua cau gio bay chieu hom", home); err != nil {
			t.Error(err)
		}
	})
}
