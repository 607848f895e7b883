package contractsoap

import (
	"slices"
	"strconv"
	"strings"

	"dean06/internal/citizen"
)

// What the register's services answer, as far as the contract tells it on.
type (
	relative struct {
		Number      string `json:"number"`
		OldNumber   string `json:"old_number"`
		Name        string `json:"name"`
		Nationality string `json:"nationality"`
	}
	place struct {
		Province string `json:"province"`
		District string `json:"district"`
		Commune  string `json:"commune"`
		Detail   string `json:"detail"`
		Country  string `json:"country"`
	}
	person struct {
		Number      string      `json:"number"`
		OldNumbers  []string    `json:"old_numbers"`
		Name        string      `json:"name"`
		Birth       citizen.Day `json:"birth"`
		Sex         string      `json:"sex"`
		Ethnicity   string      `json:"ethnicity"`
		Religion    string      `json:"religion"`
		Nationality string      `json:"nationality"`
		Blood       string      `json:"blood"`
		Marital     string      `json:"marital"`
		Birthplace  place       `json:"birthplace"`
		Origin      place       `json:"origin"`
		Permanent   place       `json:"permanent"`
		Present     place       `json:"present"`
		Household   string      `json:"household"`
		Relation    string      `json:"relation"`
		Head        relative    `json:"head"`
		Father      relative    `json:"father"`
		Mother      relative    `json:"mother"`
		Spouse      relative    `json:"spouse"`
		Guardian    relative    `json:"guardian"`
		Life        string      `json:"life"`
		Ended       citizen.Day `json:"ended"`
	}
	facts struct {
		Fields []string `json:"fields"`
		Person person   `json:"person"`
	}
	member struct {
		Relation string      `json:"relation"`
		Number   string      `json:"number"`
		Name     string      `json:"name"`
		Birth    citizen.Day `json:"birth"`
		Sex      string      `json:"sex"`
	}
	household struct {
		Number  string   `json:"number"`
		Head    member   `json:"head"`
		Members []member `json:"members"`
	}
)

// citizenElement is a CongDan with the fields that were answered, in the order of the
// contract. What was not granted is left out; what is granted and not known is empty.
func citizenElement(f facts) element {
	p := f.Person
	n := element{name: "CongDan"}
	for _, e := range []struct {
		field string
		make  func() element
	}{
		{"number", func() element { return leaf("SoDinhDanh", p.Number) }},
		{"old_number", func() element { return leaf("SoCMND", first(p.OldNumbers)) }},
		{"name", func() element { return nameElement(p.Name) }},
		{"sex", func() element { return leaf("GioiTinh", p.Sex) }},
		{"ethnicity", func() element { return leaf("DanToc", p.Ethnicity) }},
		{"religion", func() element { return leaf("TonGiao", p.Religion) }},
		{"marital", func() element { return leaf("TinhTrangHonNhan", p.Marital) }},
		{"blood", func() element { return leaf("NhomMau", p.Blood) }},
		{"birth", func() element { return dayElement("NgayThangNamSinh", p.Birth) }},
		{"birthplace", func() element { return placeElement("NoiDangKyKhaiSinh", p.Birthplace) }},
		{"origin", func() element { return placeElement("QueQuan", p.Origin) }},
		{"nationality", func() element { return leaf("QuocTich", p.Nationality) }},
		{"permanent", func() element { return placeElement("ThuongTru", p.Permanent) }},
		{"present", func() element { return placeElement("NoiOHienTai", p.Present) }},
		{"father", func() element { return relativeElement("Cha", p.Father) }},
		{"mother", func() element { return relativeElement("Me", p.Mother) }},
		{"spouse", func() element { return relativeElement("VoChong", p.Spouse) }},
		{"guardian", func() element { return relativeElement("NguoiDaiDien", p.Guardian) }},
		{"household", func() element { return headElement(p.Relation, p.Head) }},
		{"household", func() element { return leaf("SoSoHoKhau", p.Household) }},
		{"life", func() element { return leaf("TinhTrangChetMatTich", lifeCodes[p.Life]) }},
		{"life", func() element { return dayElement("NgayChetMatTich", p.Ended) }},
	} {
		if slices.Contains(f.Fields, e.field) {
			n.kids = append(n.kids, e.make())
		}
	}
	return n
}

// lifeCodes are ours: no published list was found for this operation.
var lifeCodes = map[string]string{"alive": "0", "dead": "1", "missing": "2"}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// nameElement has the whole name in Ten, as the answers of the field do, in upper case.
func nameElement(name string) element {
	if name == "" {
		return leaf("HoVaTen", "")
	}
	return group("HoVaTen", leaf("Ten", strings.ToUpper(citizen.Spell(name))))
}

// dayElement has NgayThangNam for a whole day. Of a day that is not whole only the year is
// told: the contract has no form for a month.
func dayElement(name string, d citizen.Day) element {
	switch {
	case d == 0:
		return leaf(name, "")
	case d.Whole():
		return group(name, leaf("NgayThangNam", d.Compact()))
	}
	return group(name, leaf("Nam", strconv.Itoa(d.Year())))
}

// placeElement leaves the district out where there is none: since 1 July 2025 readers of
// the field take only the province and the commune.
func placeElement(name string, p place) element {
	if p == (place{}) {
		return leaf(name, "")
	}
	n := group(name, leaf("MaTinhThanh", p.Province))
	if p.District != "" {
		n.kids = append(n.kids, leaf("MaQuanHuyen", p.District))
	}
	n.kids = append(n.kids, leaf("MaPhuongXa", p.Commune), leaf("ChiTiet", p.Detail), leaf("QuocGia", p.Country))
	return n
}

func relativeElement(name string, r relative) element {
	if r == (relative{}) {
		return leaf(name, "")
	}
	return group(name, nameElement(r.Name), leaf("QuocTich", r.Nationality), leaf("SoDinhDanh", r.Number), leaf("SoCMND", r.OldNumber))
}

func headElement(relation string, r relative) element {
	if relation == "" && r == (relative{}) {
		return leaf("ChuHo", "")
	}
	return group("ChuHo", leaf("QuanHe", relation), leaf("SoDinhDanh", r.Number), leaf("SoCMND", r.OldNumber), nameElement(r.Name))
}

// collection is the answer about people.
func collection(people ...element) element { return group("CongdanCollection", people...) }

// householdElements are the members of a household, the head first.
func householdElements(h household) []element {
	head := relative{Number: h.Head.Number, Name: h.Head.Name}
	members := h.Members
	if !slices.ContainsFunc(members, func(m member) bool { return m.Number == h.Head.Number }) && h.Head.Number != "" {
		members = append([]member{h.Head}, members...)
	}
	var list []element
	for _, m := range members {
		list = append(list, group("CongDan",
			leaf("SoDinhDanh", m.Number), nameElement(m.Name), leaf("GioiTinh", m.Sex), dayElement("NgayThangNamSinh", m.Birth),
			headElement(m.Relation, head), leaf("SoSoHoKhau", h.Number),
		))
	}
	return list
}
