package identitysql_test

import (
	"errors"
	"strconv"
	"sync"
	"testing"

	"dean06/internal/identity"
	"dean06/internal/identity/identitytest"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
)

// TestSignIn walks what signing in keeps, on both engines: a password, a device, a QR, recovery
// codes, people of trust; and of two that use the same thing at once, one does.
func TestSignIn(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := identitytest.NewWorld(migrate(t, db))
		ctx := t.Context()
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		a, father := w.Give(t, identitytest.Mother, identity.Two), w.Give(t, identitytest.Father, identity.Two)
		b := identity.Browser{ID: "phone", Address: "203.0.113.9", Agent: "Firefox"}
		desk := identity.Browser{ID: "desk", Address: "198.51.100.7", Agent: "Chrome"}
		var in identity.Entered
		must(w.Store.InTx(ctx, func(tx identity.Tx) (err error) {
			in, err = w.FirstSignIn(ctx, tx, a, b)
			return err
		}))
		in, err := w.SetPassword(ctx, in.SignedIn, "con mèo trèo cây cau", b)
		must(err)
		b.Session, b.Known = in.Token, in.Known
		key := &identitytest.Key{ID: "key", Account: a.ID}
		options, state, err := w.AskDevice(ctx, in.SignedIn, b)
		must(err)
		d, err := w.AddDevice(ctx, in.SignedIn, "Điện thoại", state, key.Answer(options), b)
		must(err)
		must(w.NameTrustee(ctx, in.SignedIn, father.Holder, b))
		codes, err := w.NewRecoveryCodes(ctx, in.SignedIn, b)
		must(err)
		means, err := w.MeansOf(ctx, in.SignedIn)
		must(err)
		if !means.Password || means.Recovery != 10 || len(means.Devices) != 1 || len(means.Trustees) != 1 || means.Trustees[0].Account != father.ID {
			t.Errorf("kept %+v", means)
		}

		q, err := w.ShowQR(ctx, identity.QRAsk{Origin: "dichvucong.example.vn"}, desk)
		must(err)
		options, state, err = w.PickQR(ctx, in.SignedIn, q.ID, strconv.Itoa(q.Number), b)
		must(err)
		must(w.ConfirmQR(ctx, in.SignedIn, state, key.Answer(options), b))

		// Each of these can be had once; four try.
		for name, try := range map[string]func() error{
			"a QR":            func() error { _, err := w.TakeQR(ctx, q.ID, desk); return err },
			"a recovery code": func() error { _, err := w.RecoverByCode(ctx, a.Holder, codes[0], desk); return err },
		} {
			var wg sync.WaitGroup
			errs := make([]error, 4)
			for i := range errs {
				wg.Go(func() { errs[i] = try() })
			}
			wg.Wait()
			got := 0
			for _, err := range errs {
				switch {
				case err == nil:
					got++
				case fault.As(err) == nil && !errors.Is(err, identity.ErrChanged):
					t.Errorf("%s: %v", name, err)
				}
			}
			if got != 1 {
				t.Errorf("%s was had %d times: %v", name, got, errs)
			}
		}
		for range 12 {
			_, _ = w.CheckPassword(ctx, a.Holder, "sai mật khẩu rồi", identity.One, desk)
		}
		_, err = w.CheckPassword(ctx, a.Holder, "con mèo trèo cây cau", identity.One, desk)
		if fault.Of(err) != fault.TooMany {
			t.Errorf("after twelve wrong tries: %v", err)
		}
		out, err := w.CheckPassword(ctx, a.Holder, "con mèo trèo cây cau", identity.One, b)
		must(err)
		must(w.RemoveDevice(ctx, out.SignedIn, d.ID, b))
		if _, ok, err := w.Find(ctx, out.Token); !ok || err != nil {
			t.Errorf("the session at hand: %v, %v", ok, err)
		}
	})
}
