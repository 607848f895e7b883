package app

import (
	"context"
	"log/slog"
	"path/filepath"
	"slices"
	"testing"

	"dean06/internal/dossier"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/config"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/node"
)

// thaiNguyen is a node of an agency with the demo's offices.
func thaiNguyen(t *testing.T) *Modules {
	t.Helper()
	c := config.Default(Shape().Sections...)
	c.DB.URL = config.Secret("sqlite:" + filepath.Join(t.TempDir(), "node.db"))
	n, m, err := Open(t.Context(), Agency, node.Settings{Config: c, Relaxed: true, Log: slog.New(slog.DiscardHandler)}, "org")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, p := range n.Parts() {
		if p.Demo != nil {
			if err := p.Demo(t.Context(), node.Demo{Subsystem: "VN/GOV/H55/TTHC"}); err != nil {
				t.Fatal(err)
			}
		}
	}
	return m
}

func TestPosts(t *testing.T) {
	t.Parallel()
	m := thaiNguyen(t)
	p := posts{m.Org, func(_ context.Context, account string) string { return "tên " + account }}
	ctx, day := t.Context(), clock.MustDate("2026-11-20")
	one := func(agency, duty, commune string, on clock.Date) dossier.Post {
		t.Helper()
		found, err := p.For(ctx, agency, duty, commune, on)
		if err != nil || len(found) == 0 {
			t.Fatalf("%s at %s for %s: %v, %v", duty, agency, commune, found, err)
		}
		return found[0]
	}
	police := one("H55.P05443", "police", "05443", day)
	if police.Area != "05443" || police.Agency != "H55.P05443" || police.Account == "" || police.Holder != police.Account || police.Name != "tên "+police.Account {
		t.Errorf("police = %+v", police)
	}
	if got, err := p.For(ctx, "H55.P05443", "police", "00000", day); err != nil || len(got) != 0 {
		t.Errorf("for a commune that there is not: %+v, %v", got, err)
	}
	// The reviewer of the province is away: the desk stands in, and the holder does not act.
	review := one("H55", "reviewer", "", day)
	if review.Account == review.Holder || review.Holder == "" {
		t.Errorf("review = %+v", review)
	}
	for account, want := range map[string]int{review.Account: 2, review.Holder: 0} {
		if of, err := p.Of(ctx, account, day); err != nil || len(of) != want {
			t.Errorf("posts of %s = %+v, %v, want %d", account, of, err, want)
		}
	}
	earlier := clock.MustDate("2026-11-02")
	if of, err := p.Of(ctx, review.Holder, earlier); err != nil || len(of) != 1 {
		t.Errorf("before they went away: %+v, %v", of, err)
	}
	if of, err := p.Of(ctx, "nobody", day); err != nil || len(of) != 0 {
		t.Errorf("posts of nobody = %+v, %v", of, err)
	}

	for _, tt := range []struct {
		kind, level, province, commune string
		want, name                     string
		kinds                          fault.Kind
	}{
		{"committee", "commune", "19", "05443", "H55.C05443", "UBND phường Phan Đình Phùng, tỉnh Thái Nguyên", ""},
		{"police", "commune", "19", "05443", "H55.P05443", "Công an phường Phan Đình Phùng, tỉnh Thái Nguyên", ""},
		{"committee", "commune", "19", "05440", "H55.C05443", "UBND phường Phan Đình Phùng, tỉnh Thái Nguyên", ""}, // Hoàng Văn Thụ, until June 2025
		{"committee", "province", "19", "", "H55", "UBND tỉnh Thái Nguyên", ""},
		{"committee", "commune", "", "01", "", "", fault.NotFound},
		{"committee", "commune", "19", "99999", "", "", fault.NotFound},
		{"court", "commune", "19", "05443", "", "", fault.NotFound},
		{"committee", "commune", "19", "05461", "", "", fault.Invalid}, // Gia Sàng of before went to two
	} {
		code, name, err := p.Competent(ctx, tt.kind, tt.level, tt.province, tt.commune, day)
		if tt.kinds != "" {
			if err == nil || fault.Of(err) != tt.kinds {
				t.Errorf("%+v: %s, %v", tt, code, err)
			}
			continue
		}
		if err != nil || code != tt.want || name != tt.name {
			t.Errorf("%+v: %s %s, %v", tt, code, name, err)
		}
	}
	for _, tt := range []struct {
		a, b string
		want bool
	}{{"H55", "H55.C05443", true}, {"H55.P05443", "H55.C05830", true}, {"H55", "H04", false}, {"", "", false}} {
		if got := p.Within(tt.a, tt.b); got != tt.want {
			t.Errorf("%s within %s: %t", tt.a, tt.b, got)
		}
	}
	all, err := p.For(ctx, "H55.C05443", "reviewer", "05443", day)
	if err != nil || len(all) != 1 || slices.ContainsFunc(all, func(q dossier.Post) bool { return q.Agency != "H55.C05443" }) {
		t.Errorf("reviewers of the commune = %+v, %v", all, err)
	}
}
