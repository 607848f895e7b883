package contractsoap

import (
	"bytes"
	"slices"
	"strconv"

	"dean06/internal/contract"
)

// shape is a type of the contract's XML, as its description (?xsd) tells it: parts in any
// order, or one simple value.
type shape struct {
	name  string
	parts []part
	// rows says that parts come in their order: a list has the same one often, which parts in
	// any order may not (XML Schema 1.0, 3.8.6).
	rows bool
	// one says that only one of the parts is there.
	one bool
}

// part is an element inside a shape.
type part struct {
	name  string
	kind  string // "xs:string" or the like, or the name of a shape of the same namespace
	limit int    // characters; 0 is no limit
	must  bool
	many  bool
	about string
}

const (
	kindText  = "xs:string"
	kindWhole = "xs:int"
	kindTruth = "xs:boolean"
	kindBytes = "xs:base64Binary"

	// Days of calls and of answers have two names: tools that put all namespaces into one
	// package would otherwise have a class twice.
	kindCallDay   = "Ngay"
	kindAnswerDay = "NgayCongDan"
)

// limitOf is the longest value of a field, from the table by which calls are read.
func limitOf(name string) int {
	for _, l := range lengths {
		if l.name == name {
			return l.limit
		}
	}
	return 0
}

func field(name string, must bool, about string) part {
	return part{name: name, kind: kindText, limit: limitOf(name), must: must, about: about}
}

// takes are the fields of a call of an operation. More than these is read, too, and not
// looked at; a name or a day may also be written in other ways, see value.
func takes(op contract.Operation) shape {
	s := shape{name: op.Name, parts: []part{
		field("MaYeuCau", true, "Mã của lần gọi, mỗi lần một mã mới"),
		field(purposeName(op), true, "Mã thủ tục hành chính, ví dụ 1.001193"),
		field("MaTichHop", false, "Mã tích hợp; nếu có phải trùng với mã trên địa chỉ"),
		field("MaDonVi", false, "Đơn vị của cán bộ"),
		field("MaCanBo", true, "Cán bộ tra cứu; người được tra cứu nhìn thấy mã này"),
		field("MaHoSo", false, "Mã hồ sơ"), field("SoHoSo", false, "Số hồ sơ"),
	}}
	if op.AboutPerson() {
		s.parts = append(
			s.parts, field("SoDinhDanh", false, "Số định danh 12 số; cần có số này hoặc SoCMND"), field("SoCMND", false, "Số CMND 9 số"),
			field("HoVaTen", false, "Họ và tên, có dấu hoặc không"), part{name: "NgayThangNamSinh", kind: kindCallDay},
		)
	}
	if op.AboutList() {
		s.parts = append(s.parts, field("IdYeuCau", true, "Mã yêu cầu do dịch vụ cấp"))
	}
	switch op.Kind {
	case contract.KindList:
		s.parts = append(
			s.parts, field("MaPhuongXa", false, ""), field("MaTinhThanh", false, ""), field("MaDiaPhuong", false, "Mã tỉnh hoặc mã xã"),
		)
		if op.Value != "" {
			s.parts = append(s.parts, field(op.Value, true, ""))
		}
		must := op.By == "age"
		s.parts = append(s.parts, part{name: "TuTuoi", kind: kindWhole, must: must}, part{name: "DenTuoi", kind: kindWhole, must: must})
	case contract.KindLists:
		s.parts = append(
			s.parts, field("TuNgay", false, "Mili giây từ 1970"), field("DenNgay", false, ""),
			part{name: "Trang", kind: kindWhole}, part{name: "SoBanGhi", kind: kindWhole},
		)
	case contract.KindListRecords:
		s.parts = append(s.parts, part{name: "SoBanGhi", kind: kindWhole}, field("TrangSau", false, "Giá trị TrangSau của câu trả lời trước"))
	}
	return s
}

// day is how calls and answers write a day.
func day(name string) shape {
	return shape{name: name, one: true, parts: []part{
		{name: "NgayThangNam", kind: kindText, about: "yyyyMMdd"}, {name: "Nam", kind: kindText, about: "yyyy, khi chỉ biết năm"},
	}}
}

// gives is the element of an operation's answer. people says that it is CongdanCollection,
// which has a namespace of its own.
func gives(op contract.Operation) (s shape, people bool) {
	s.name = op.Name + "Response"
	switch op.Kind {
	case contract.KindFacts, contract.KindHousehold, contract.KindListRecords:
		return shape{name: "CongdanCollection"}, true
	case contract.KindMatch:
		s.name = "KetQuaXacThucResponse"
		s.parts = []part{{name: "TonTai", kind: kindTruth, must: true}}
	case contract.KindLists:
		s.rows = true
		s.parts = []part{{name: "YeuCau", kind: "YeuCau", many: true}}
	case contract.KindListHistory:
		s.rows = true
		s.parts = []part{{name: "IdYeuCau", kind: kindText, must: true}, {name: "LichSu", kind: "LichSu", many: true}}
	case contract.KindListFile:
		s.parts = []part{{name: "IdYeuCau", kind: kindText, must: true}, {name: "TenTep", kind: kindText, must: true}, {name: "NoiDung", kind: kindBytes, must: true}}
	case contract.KindListDelete:
		s.parts = []part{{name: "IdYeuCau", kind: kindText, must: true}, {name: "TrangThai", kind: kindText, must: true}}
	default: // about one list
		s.parts = request().parts
	}
	return s, false
}

// request is a list that was asked for.
func request() shape {
	s := shape{name: "YeuCau"}
	for _, k := range (list{}).element().kids {
		kind := kindText
		if k.text != "" { // counts, which a list always has
			kind = kindWhole
		}
		s.parts = append(s.parts, part{name: k.name, kind: kind, must: true})
	}
	return s
}

// answerShapes are CongDan and what it consists of, the outermost last. What a right does not
// grant is left out, and what is not known is empty: nothing must be there.
func answerShapes() []shape {
	texts := func(names ...string) (list []part) {
		for _, n := range names {
			list = append(list, part{name: n, kind: kindText})
		}
		return list
	}
	shapes := []shape{
		day(kindAnswerDay),
		{name: "HoVaTen", parts: texts("Ten")},
		{name: "DiaChi", parts: texts("MaTinhThanh", "MaQuanHuyen", "MaPhuongXa", "ChiTiet", "QuocGia")},
		{name: "NguoiLienQuan", parts: append([]part{{name: "HoVaTen", kind: "HoVaTen"}}, texts("QuocTich", "SoDinhDanh", "SoCMND")...)},
		{name: "ChuHo", parts: append(texts("QuanHe", "SoDinhDanh", "SoCMND"), part{name: "HoVaTen", kind: "HoVaTen"})},
	}
	citizen := shape{name: "CongDan"}
	for _, l := range lines {
		citizen.parts = append(citizen.parts, part{name: l.element, kind: l.kind})
	}
	return append(shapes, citizen, shape{name: "CongdanCollection", rows: true, parts: []part{
		{name: "CongDan", kind: "CongDan", many: true}, {name: "TrangSau", kind: kindText},
	}})
}

// refusalShape is the detail of a fault.
func refusalShape() shape {
	return shape{name: "Loi", parts: []part{
		{name: "MaLoi", kind: kindText, must: true}, {name: "MoTa", kind: kindText, must: true}, {name: "Description", kind: kindText, must: true},
	}}
}

// xsd is a schema: named types, and elements each with a type of its own.
type xsd struct {
	namespace string
	types     []shape
	elements  []shape
}

// schemas are those of the description, by the name under which ?xsd gives them: calls and
// their answers in a namespace of calls, people in that of answers, refusals.
func schemas(namespace string, ops []contract.Operation) map[string]xsd {
	call := xsd{namespace: namespace, types: []shape{day(kindCallDay), request(), {name: "LichSu", parts: []part{
		{name: "TrangThai", kind: kindText, must: true}, {name: "ThoiDiem", kind: kindText, must: true}, {name: "MaCanBo", kind: kindText, must: true},
	}}}}
	for _, op := range ops {
		call.elements = append(call.elements, takes(op))
		if s, people := gives(op); !people && !slices.ContainsFunc(call.elements, func(e shape) bool { return e.name == s.name }) {
			call.elements = append(call.elements, s)
		}
	}
	shapes := answerShapes()
	last := len(shapes) - 1
	out := map[string]xsd{"call": call, "answer": {namespace: nsAnswers, types: shapes[:last], elements: shapes[last:]}}
	if namespace == nsDanCu { // one namespace has one schema
		call.elements = append(call.elements, refusalShape())
		out["call"] = call
	} else {
		out["fault"] = xsd{namespace: nsDanCu, elements: []shape{refusalShape()}}
	}
	return out
}

func (x xsd) append(b *bytes.Buffer) {
	b.WriteString(`<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="` + x.namespace + `" targetNamespace="` + x.namespace +
		"\" elementFormDefault=\"qualified\">\n")
	for _, s := range x.types {
		b.WriteString(`  <xs:complexType name="` + s.name + "\">\n")
		s.append(b, "    ")
		b.WriteString("  </xs:complexType>\n")
	}
	for _, s := range x.elements {
		b.WriteString(`  <xs:element name="` + s.name + "\">\n    <xs:complexType>\n")
		s.append(b, "      ")
		b.WriteString("    </xs:complexType>\n  </xs:element>\n")
	}
	b.WriteString("</xs:schema>\n")
}

func (s shape) append(b *bytes.Buffer, indent string) {
	group, seldom := "all", ""
	switch {
	case s.rows:
		group = "sequence"
	case s.one:
		group, seldom = "choice", ` minOccurs="0"`
	}
	b.WriteString(indent + "<xs:" + group + seldom + ">\n")
	for _, p := range s.parts {
		p.append(b, indent+"  ", s.one)
	}
	b.WriteString(indent + "</xs:" + group + ">\n")
}

func (p part) append(b *bytes.Buffer, indent string, chosen bool) {
	b.WriteString(indent + `<xs:element name="` + p.name + `"`)
	simple := len(p.kind) > 3 && p.kind[:3] == "xs:"
	switch {
	case !simple:
		b.WriteString(` type="t:` + p.kind + `"`)
	case p.limit == 0:
		b.WriteString(` type="` + p.kind + `"`)
	}
	if !p.must && !chosen {
		b.WriteString(` minOccurs="0"`)
	}
	if p.many {
		b.WriteString(` maxOccurs="unbounded"`)
	}
	if p.about == "" && p.limit == 0 {
		b.WriteString("/>\n")
		return
	}
	b.WriteByte('>')
	if p.about != "" {
		b.WriteString("<xs:annotation><xs:documentation>")
		escape(b, p.about)
		b.WriteString("</xs:documentation></xs:annotation>")
	}
	if p.limit > 0 {
		b.WriteString(`<xs:simpleType><xs:restriction base="` + p.kind + `"><xs:maxLength value="` + strconv.Itoa(p.limit) +
			`"/></xs:restriction></xs:simpleType>`)
	}
	b.WriteString("</xs:element>\n")
}
