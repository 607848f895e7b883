package provider

import (
	"slices"
	"strconv"

	"dean06/internal/citizen"
	"dean06/internal/identity"
)

// portalFacts are the answer in the words of the national portal's contract. All members
// are there, as texts: "" is what is not known or not told.
//
// The VNeID variant carries the addresses of the holder's own pages. Unlike the model
// they hold no token: an address is written down in many places.
func (p *Provider) portalFacts(c *call, told identity.Told, subject string) map[string]any {
	a := told.Subject
	say := func(claim string) string {
		if !slices.Contains(told.Claims, claim) {
			return ""
		}
		return a.Value(fieldOf[claim])
	}
	number := ""
	if slices.Contains(told.Claims, identity.ClaimNumber) {
		number = a.Holder.Reveal()
	}
	facts := map[string]any{"sub": subject, "TechID": subject, "LoaiTaiKhoan": "1", "HoVaTen": say(identity.ClaimName), "SoDinhDanh": number}
	facts["NgayThangNamSinh"] = ""
	if day, err := citizen.ParseDay(say(identity.ClaimBirth)); err == nil {
		facts["NgayThangNamSinh"] = day.Compact()
	}
	company := a.Holder.Kind == identity.Organisation
	if company {
		facts["LoaiTaiKhoan"], facts["HoVaTen"], facts["SoDinhDanh"] = "2", "", ""
	}
	if c.Contract == identity.VNeID {
		facts["loginIdp"] = "BCA"
		facts["userProfileUri"] = p.issuer + "/identity"
		facts["logoutUri"] = p.issuer + portalPrefix + "/logout?client_id=" + c.ID
		facts["IAL"] = strconv.Itoa(int(told.Grant.ACR))
		return facts
	}
	facts["loAs"] = strconv.Itoa(int(told.Grant.ACR))
	facts["GioiTinh"] = say(identity.ClaimSex)
	facts["ThuDienTu"] = say(identity.ClaimEmail)
	facts["SoDienThoai"] = say(identity.ClaimPhone)
	for _, unknown := range []string{"SoCMND", "DiaChi", "HoChieu", "MaBHXH", "MaSoThue"} {
		facts[unknown] = ""
	}
	if company {
		facts["MaSoDoanhNghiep"], facts["TenDoanhNghiep"] = number, say(identity.ClaimName)
	}
	return facts
}
