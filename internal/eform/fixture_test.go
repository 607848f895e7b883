package eform

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

func readForm(t testing.TB, name string) *Form {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + name + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	var f Form
	d := yaml.NewDecoder(strings.NewReader(string(raw)))
	d.KnownFields(true)
	if err := d.Decode(&f); err != nil {
		t.Fatal(err)
	}
	return &f
}

var (
	today = clock.MustDate("2026-11-30")
	noon  = today.Start().Add(12 * time.Hour)
	here  = Facts{Channel: "online", Today: today, Units: someUnits{}}
)

func typed(text string) Answer { return Answer{Value: Value{Text: text}, Source: Typed, At: noon} }

func typedPlace(p Place) Answer { return Answer{Value: Value{Place: &p}, Source: Typed, At: noon} }

func paths(list []Asked) []string {
	out := make([]string, len(list))
	for i, q := range list {
		out[i] = q.Path
	}
	return out
}

func pagePaths(list []Page) []string {
	out := make([]string, len(list))
	for i, p := range list {
		out[i] = p.Path
	}
	return out
}

// said are faults as "path key".
func said(list fault.List) []string {
	out := make([]string, len(list))
	for i, w := range list {
		out[i] = w.Field + " " + strings.TrimPrefix(w.Key, "eform.")
	}
	return out
}

func same(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// someUnits are a few communes of two provinces, before and since 1 July 2025.
type someUnits struct{}

var (
	reform = clock.MustDate("2025-07-01")
	first  = clock.MustDate("2022-10-01")
	units  = []Unit{
		{Code: "05443", Name: "Phường Phan Đình Phùng", Province: "19", ProvinceName: "Tỉnh Thái Nguyên", From: reform},
		{Code: "05455", Name: "Phường Quyết Thắng", Province: "19", ProvinceName: "Tỉnh Thái Nguyên", From: reform},
		old("05440", "Phường Hoàng Văn Thụ", "19", "Tỉnh Thái Nguyên", "164", "Thành phố Thái Nguyên"),
		old("05500", "Xã Tân Hòa", "19", "Tỉnh Thái Nguyên", "165", "Huyện Phú Bình"),
		{Code: "00097", Name: "Phường Hồng Hà", Province: "01", ProvinceName: "Thành phố Hà Nội", From: reform},
		{Code: "00098", Name: "Phường Tân Hòa", Province: "01", ProvinceName: "Thành phố Hà Nội", From: reform},
		old("00001", "Phường Phúc Xá", "01", "Thành phố Hà Nội", "001", "Quận Ba Đình"),
	}
	became = map[string][]string{"05440": {"05443"}, "05500": {"05443", "05455"}, "00001": {"00097"}}
)

func old(code, name, province, provinceName, district, districtName string) Unit {
	return Unit{
		Code: code, Name: name, Province: province, ProvinceName: provinceName, District: district, DistrictName: districtName,
		From: first, To: reform,
	}
}

func (someUnits) Called(folded string) []Unit {
	return slices.DeleteFunc(slices.Clone(units), func(u Unit) bool {
		full := FoldUnit(u.Name)
		return full != folded && BareUnit(full) != folded
	})
}

func (someUnits) Commune(code string, _ clock.Date) (Unit, bool) {
	i := slices.IndexFunc(units, func(u Unit) bool { return u.Code == code })
	if i < 0 {
		return Unit{}, false
	}
	return units[i], true
}

func (someUnits) Province(code string, _ clock.Date) (Unit, bool) {
	names := map[string]string{"01": "Thành phố Hà Nội", "19": "Tỉnh Thái Nguyên"}
	return Unit{Code: code, Name: names[code], Province: code, ProvinceName: names[code], From: first}, names[code] != ""
}

func (s someUnits) Provinces(on clock.Date) []Unit {
	var out []Unit
	for _, code := range []string{"01", "19"} {
		u, _ := s.Province(code, on)
		out = append(out, u)
	}
	return out
}

func (s someUnits) Became(u Unit, on clock.Date) []Unit {
	if u.On(on) {
		return []Unit{u}
	}
	var out []Unit
	for _, code := range became[u.Code] {
		n, _ := s.Commune(code, on)
		out = append(out, n)
	}
	return out
}
