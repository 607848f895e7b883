package office_test

import (
	"slices"

	"dean06/internal/eform"
	"dean06/internal/platform/clock"
)

// places are the communes of the world of invented people.
type places struct{}

var communes = []eform.Unit{
	{Code: "05443", Name: "Phường Phan Đình Phùng", Province: "19", ProvinceName: "Tỉnh Thái Nguyên", From: clock.NewDate(2025, 7, 1)},
	{Code: "05455", Name: "Phường Quyết Thắng", Province: "19", ProvinceName: "Tỉnh Thái Nguyên", From: clock.NewDate(2025, 7, 1)},
}

// Called finds a commune by its name.
func (places) Called(folded string) []eform.Unit {
	return slices.DeleteFunc(slices.Clone(communes), func(u eform.Unit) bool {
		name := eform.FoldUnit(u.Name)
		return name != folded && eform.BareUnit(name) != folded
	})
}

// Commune finds one by its code.
func (places) Commune(code string, _ clock.Date) (eform.Unit, bool) {
	i := slices.IndexFunc(communes, func(u eform.Unit) bool { return u.Code == code })
	if i < 0 {
		return eform.Unit{}, false
	}
	return communes[i], true
}

// Province is the one that there is.
func (places) Province(code string, _ clock.Date) (eform.Unit, bool) {
	return eform.Unit{Code: code, Name: "Tỉnh Thái Nguyên", Province: code}, code == "19"
}

// Provinces are the one that there is.
func (p places) Provinces(on clock.Date) []eform.Unit {
	u, _ := p.Province("19", on)
	return []eform.Unit{u}
}

// Became says that none was joined with another.
func (places) Became(u eform.Unit, _ clock.Date) []eform.Unit { return []eform.Unit{u} }
