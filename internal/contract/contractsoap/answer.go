package contractsoap

import (
	"encoding/json"
	"fmt"
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
	facts struct {
		Fields []string `json:"fields"`
		Person answered `json:"person"`
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

// answered are the members of a person as the register's services name them.
type answered map[string]json.RawMessage

// line is an element of the contract, the field that a right grants for it, the member of
// the answer in which it comes, and its type in the description.
type line struct {
	element, field, member string
	kind                   string
	write                  func(p answered, name, member string) (element, error)
}

// lines are a CongDan in the order of the contract. The register's services name what
// they answer by its table of fields; what the contract has no name for stays out of it.
var lines = []line{
	{"SoDinhDanh", "number", "number", kindText, written(leaf)},
	{"SoCMND", "old_number", "old_numbers", kindText, written(func(name string, list []string) element { return leaf(name, first(list)) })},
	{"HoVaTen", "name", "name", "HoVaTen", written(func(_, s string) element { return nameElement(s) })},
	{"GioiTinh", "sex", "sex", kindText, written(leaf)},
	{"DanToc", "ethnicity", "ethnicity", kindText, written(leaf)},
	{"TonGiao", "religion", "religion", kindText, written(leaf)},
	{"TinhTrangHonNhan", "marital", "marital", kindText, written(leaf)},
	{"NhomMau", "blood", "blood", kindText, written(leaf)},
	{"NgayThangNamSinh", "birth", "birth", kindAnswerDay, written(dayElement)},
	{"NoiDangKyKhaiSinh", "birthplace", "birthplace", "DiaChi", written(placeElement)},
	{"QueQuan", "origin", "origin", "DiaChi", written(placeElement)},
	{"QuocTich", "nationality", "nationality", kindText, written(leaf)},
	{"ThuongTru", "permanent", "permanent", "DiaChi", written(placeElement)},
	{"NoiOHienTai", "present", "present", "DiaChi", written(placeElement)},
	{"Cha", "father", "father", "NguoiLienQuan", written(relativeElement)},
	{"Me", "mother", "mother", "NguoiLienQuan", written(relativeElement)},
	{"VoChong", "spouse", "spouse", "NguoiLienQuan", written(relativeElement)},
	{"NguoiDaiDien", "guardian", "guardian", "NguoiLienQuan", written(relativeElement)},
	{"ChuHo", "household", "head", "ChuHo", func(p answered, _, member string) (element, error) {
		relation, err := memberOf[string](p, "relation")
		if err != nil {
			return element{}, err
		}
		head, err := memberOf[relative](p, member)
		return headElement(relation, head), err
	}},
	{"SoSoHoKhau", "household", "household", kindText, written(leaf)},
	{"TinhTrangChetMatTich", "life", "life", kindText, written(func(name, life string) element { return leaf(name, lifeCodes[life]) })},
	{"NgayChetMatTich", "life", "ended", kindAnswerDay, written(dayElement)},
}

// written writes a member of one type.
func written[T any](write func(name string, v T) element) func(answered, string, string) (element, error) {
	return func(p answered, name, member string) (element, error) {
		v, err := memberOf[T](p, member)
		return write(name, v), err
	}
}

// memberOf reads a member; one that is not there is zero.
func memberOf[T any](p answered, member string) (v T, err error) {
	raw, ok := p[member]
	if !ok {
		return v, nil
	}
	if json.Unmarshal(raw, &v) != nil { // its own words may hold what was answered
		return v, fmt.Errorf("%s of the register's answer cannot be read", member)
	}
	return v, nil
}

// citizenElement is a CongDan with the fields that were answered, in the order of the
// contract. What was not granted is left out; what is granted and not known is empty.
func citizenElement(f facts) (element, error) {
	n := group("CongDan")
	for _, l := range lines {
		if !slices.Contains(f.Fields, l.field) {
			continue
		}
		kid, err := l.write(f.Person, l.element, l.member)
		if err != nil {
			return element{}, err
		}
		n.kids = append(n.kids, kid)
	}
	return n, nil
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
		return group("HoVaTen")
	}
	return group("HoVaTen", leaf("Ten", strings.ToUpper(citizen.Spell(name))))
}

// dayElement has NgayThangNam for a whole day. Of a day that is not whole only the year is
// told: the contract has no form for a month.
func dayElement(name string, d citizen.Day) element {
	switch {
	case d == 0:
		return group(name)
	case d.Whole():
		return group(name, leaf("NgayThangNam", d.Compact()))
	}
	return group(name, leaf("Nam", strconv.Itoa(d.Year())))
}

// placeElement leaves the district out where there is none: since 1 July 2025 readers of
// the field take only the province and the commune.
func placeElement(name string, p place) element {
	if p == (place{}) {
		return group(name)
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
		return group(name)
	}
	return group(name, nameElement(r.Name), leaf("QuocTich", r.Nationality), leaf("SoDinhDanh", r.Number), leaf("SoCMND", r.OldNumber))
}

func headElement(relation string, r relative) element {
	if relation == "" && r == (relative{}) {
		return group("ChuHo")
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
