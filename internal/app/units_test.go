package app

import (
	"context"
	"testing"

	"dean06/data"
	"dean06/internal/eform"
	"dean06/internal/org"
	"dean06/internal/platform/clock"
)

// someGround is the reference data alone.
type someGround struct{ t *org.Territory }

func (g someGround) Territory(context.Context) (func() *org.Territory, error) {
	return func() *org.Territory { return g.t }, nil
}

// Addresses as people type them lead to today's communes.
func TestUnitsOfForms(t *testing.T) {
	t.Parallel()
	h, err := org.ReadHistory(data.FS)
	if err != nil {
		t.Fatal(err)
	}
	units := &formUnits{org: someGround{org.NewTerritory(*h)}}
	today := clock.MustDate("2026-11-30")
	if p := units.Provinces(today); len(p) != 34 || p[0].Name != "Tỉnh An Giang" {
		t.Errorf("%d provinces, %v first", len(p), p[0])
	}
	for _, c := range []struct {
		text, province string
		exact, least   int
		first          string
	}{
		{"Phường Phan Đình Phùng, Thái Nguyên", "", 1, 1, "05443"},
		{"P. Phan Đình Phùng, TP Thái Nguyên, tỉnh Thái Nguyên", "", 0, 1, "05443"},
		{"phan dinh phung", "19", 1, 1, "05443"},
		{"05443", "", 1, 1, "05443"},
		{"Phường Phúc Xá, Ba Đình, Hà Nội", "", 0, 1, ""},
		{"P.5, Quận 3", "", 0, 1, ""},
		{"Phường 05, Quận 3, TP Hồ Chí Minh", "", 0, 1, ""},
		{"Xã Không Đâu Có", "", 0, 0, ""},
	} {
		got := eform.Propose(units, c.text, c.province, today)
		if got.Exact != c.exact || len(got.Now) < c.least || c.least == 0 && len(got.Now) > 0 {
			t.Errorf("%s: %d exact of %d: %+v", c.text, got.Exact, len(got.Now), got.Now)
			continue
		}
		for _, u := range got.Now {
			if !u.On(today) || u.District != "" || u.Province == "" || u.ProvinceName == "" {
				t.Errorf("%s: %+v is no commune of today", c.text, u)
			}
		}
		if c.first != "" && got.Now[0].Code != c.first {
			t.Errorf("%s: %+v first", c.text, got.Now[0])
		}
	}
	if u, ok := units.Commune("00001", today); !ok || u.On(today) || u.DistrictName != "Quận Ba Đình" || u.ProvinceName != "Thành phố Hà Nội" {
		t.Errorf("an old commune: %+v", u)
	}
}
