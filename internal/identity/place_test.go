package identity_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"dean06/data"
	"dean06/internal/identity"
	"dean06/internal/identity/identitytest"
	"dean06/internal/org"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// Accounts are counted where people live today: in communes without districts, whatever the
// commune was called when the register wrote it down. Of communes the counts are rounded.
func TestCountsByPlace(t *testing.T) {
	t.Parallel()
	h, err := org.ReadHistory(data.FS)
	if err != nil {
		t.Fatal(err)
	}
	ground := org.NewTerritory(*h)
	unit := func(code, on string) org.Version {
		v, ok := ground.ByCode(code, clock.MustDate(on))
		if !ok {
			t.Fatalf("no commune %s on %s", code, on)
		}
		return v
	}
	old := unit("00001", "2025-06-30") // Phúc Xá, of Ba Đình
	became := ground.Became(old, clock.MustDate("2026-11-24"))[0]
	other := unit("05488", "2026-11-24") // of Thái Nguyên
	l := newLife(t)
	l.Territory = func() *org.Territory { return ground }
	live := func(p identity.Facts, commune string) identity.Account {
		l.Register.Change(p.Number, func(f *identity.Facts) { f.Commune = commune })
		out, err := l.Identify(t.Context(), identitytest.Officer, seen(p))
		l.must(err)
		return out.Account
	}
	live(identitytest.Mother, old.ID)
	live(identitytest.Father, became.ID)
	moved := live(identitytest.Other, other.ID)
	l.Give(t, identitytest.Granny, identity.One) // of whom it is not known
	got, err := l.CountsByPlace(t.Context(), identitytest.Auditor, "")
	l.must(err)
	want := []identity.PlaceLine{
		{One: 1}, {Code: "01", Name: "Thành phố Hà Nội", Two: 2}, {Code: "19", Name: "Tỉnh Thái Nguyên", Two: 1},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	// Whoever moves counts where they live now.
	l.Register.Change(identitytest.Other.Number, func(f *identity.Facts) { f.Commune = old.ID })
	l.must(l.PersonChanged(t.Context(), identitytest.Program, identitytest.Other.Number))
	if l.last(moved.ID).What != "opened" {
		t.Errorf("the holder was told of a move as of a change: %+v", l.last(moved.ID))
	}
	got, err = l.CountsByPlace(t.Context(), identitytest.Operator, "01")
	l.must(err)
	if diff := cmp.Diff([]identity.PlaceLine{{Code: became.Code, Name: became.Name, Two: 3}}, got); diff != "" {
		t.Error(diff)
	}
	for n, want := range map[int]int{0: 0, 1: -1, 4: -1, 5: 5, 7: 5, 8: 10, 102: 100, 103: 105} {
		if got := identity.Rounded(n); got != want {
			t.Errorf("%d: got %d, want %d", n, got, want)
		}
	}
	_, err = l.CountsByPlace(t.Context(), identitytest.Keeper, "")
	l.wants("a keeper", err, fault.Denied, "identity.denied.count")
}
