package readinessdocx_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"html"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/docx"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/measure"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinessdocx"

	"github.com/google/go-cmp/cmp"
)

// repack gives a document with each part changed; an empty part is left out.
func repack(t testing.TB, raw []byte, change func(name, text string) string) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		changed := change(f.Name, string(text))
		if changed == "" {
			continue
		}
		part, err := w.Create(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write([]byte(changed)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// withoutHidden takes away what the document carries out of sight.
func withoutHidden(t testing.TB, raw []byte) []byte {
	return repack(t, raw, func(name, text string) string {
		if strings.HasPrefix(name, "customXml/") {
			return ""
		}
		return text
	})
}

// document makes a .docx of a body.
func document(t testing.TB, body string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, text := range map[string]string{
		"[Content_Types].xml": "<Types/>",
		"word/document.xml": `<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:w14="w14"><w:body>` +
			body + `</w:body></w:document>`,
	} {
		part, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// para is paragraphs, one for each line. "~" is around struck-out text.
func para(text string) string {
	var b strings.Builder
	for line := range strings.SplitSeq(text, "\n") {
		b.WriteString("<w:p>")
		for i, piece := range strings.Split(line, "~") {
			look := ""
			if i%2 == 1 {
				look = "<w:rPr><w:strike/></w:rPr>"
			}
			b.WriteString("<w:r>" + look + `<w:t xml:space="preserve">` + html.EscapeString(piece) + "</w:t></w:r>")
		}
		b.WriteString("</w:p>")
	}
	return b.String()
}

// tc is a cell; "^" is one merged with that above, "v" at the start begins a
// merge, ">3 " spans three columns, "<" is markup as it is.
func tc(text string) string {
	pr := ""
	switch {
	case text == "^":
		pr, text = "<w:vMerge/>", ""
	case strings.HasPrefix(text, "v "):
		pr, text = `<w:vMerge w:val="restart"/>`, text[2:]
	case strings.HasPrefix(text, ">"):
		span, rest, _ := strings.Cut(text[1:], " ")
		pr, text = `<w:gridSpan w:val="`+span+`"/>`, rest
	}
	inner := para(text)
	if strings.HasPrefix(text, "<") {
		inner = text
	}
	return "<w:tc><w:tcPr>" + pr + "</w:tcPr>" + inner + "</w:tc>"
}

func tbl(rows ...[]string) string {
	var b strings.Builder
	b.WriteString("<w:tbl>")
	for _, row := range rows {
		b.WriteString("<w:tr>")
		for _, c := range row {
			b.WriteString(tc(c))
		}
		b.WriteString("</w:tr>")
	}
	return b.String() + "</w:tbl>"
}

const (
	part1 = "1. Thông tin về cán bộ đầu mối của bộ, ngành, địa phương"
	part2 = "2. Hiện trạng của bộ, ngành, địa phương trong triển khai áp dụng Văn bản số 1552/BTTTT-THH ngày 26/4/2022"
	row1  = "Hạ tầng mạng, đường truyền kết nối hệ thống thông tin, CSDL của bộ/ngành/địa phương với CSDL quốc gia về dân cư, Hệ thống " +
		"định danh và xác thực điện tử trên Mạng Truyền số liệu chuyên dùng của các cơ quan Đảng, Nhà nước"
	row2 = "Hệ thống thông tin giải quyết thủ tục hành chính cấp bộ/cấp tỉnh trên cơ sở hợp nhất cổng dịch vụ công và hệ thống thông tin " +
		"một cửa điện tử cấp bộ/tỉnh"
	row3 = "Trang thiết bị phục vụ hoạt động của Bộ phận một cửa các cấp (máy scan, máy tính, máy in, màn hình tra cứu, hướng dẫn thông " +
		"tin, thiết bị chứng thư số...)"
	row4 = "Kết nối với CSDL quốc gia về dân cư, Hệ thống định danh và xác thực điện tử phục vụ 5 nhóm tiện ích của Đề án 06"
	row5 = "An toàn, an ninh mạng cho các hệ thống thông tin, CSDL kết nối với CSDL quốc gia về dân cư, " +
		"Hệ thống định danh và xác thực điện tử"
	tthc  = "Hệ thống thông tin giải quyết thủ tục hành chính"
	itemA = "Phê duyệt hồ sơ cấp độ ATTT"
	itemB = "Triển khai giải pháp, trang thiết bị để bảo đảm an toàn, an ninh mạng"
	met   = "Đã đáp ứng"
)

var headings = []string{
	"STT", "Thành phần CNTT thiết yếu cần thiết phục vụ triển khai Đề án 06", "Cơ quan chủ trì, quản lý",
	"Đáp ứng yêu cầu theo Văn bản số 1552/BTTTT-THH", "Hiện trạng đầu tư/mua sắm/thuê dịch vụ (trong trường hợp chưa đáp ứng)",
	"Ghi chú",
}

// said writes answers as "row[system]=choice", with "?" when it is not sure.
func said(ret readiness.Return) []string {
	var out []string
	for _, a := range ret.Answers {
		s := a.Row
		if a.System != "" {
			s += "[" + a.System + "]"
		}
		s += "=" + a.Compliance
		if !a.Readings[readiness.ColCompliance].IsSure() {
			s += "?"
		}
		if a.Stage != "" {
			s += "/" + a.Stage
		}
		out = append(out, s)
	}
	return out
}

func TestTablesAsAgenciesWriteThem(t *testing.T) {
	t.Parallel()
	tpl := appendix488(t)
	a := func(number, component, choice string) []string {
		return []string{number, component, "Sở TTTT", choice, "", ""}
	}
	for name, c := range map[string]struct {
		body string
		want []string
	}{
		"as printed": {
			tbl(headings, []string{"1", ">5 " + row1}, a(
				"1.1", "HTTT một", met,
			), a("2", row2, met), a("3", row3, met), []string{"4", ">5 " + row4}, a("4.1", tthc, met),
				[]string{"5", ">5 " + row5}, []string{"5.1", ">5 HTTT một"}, a("", itemA, "Đã được cấp có thẩm quyền phê duyệt"), a("", itemB, met)),
			[]string{"1.1[HTTT một]=met", "2=met", "3=met", "4.1=met", "5.1-a[HTTT một]=approved", "5.1-b[HTTT một]=met"},
		},
		"no numbers at all": {
			tbl(headings, []string{"", ">5 " + row1}, a(
				"", "HTTT một", met,
			), a("", "HTTT hai", met), a("", row2, met), a("", row3, met), []string{"", ">5 " + row4}, a("", tthc, met), a(
				"", "HTTT ba", "Chưa đáp ứng",
			),
				[]string{"", ">5 " + row5}, []string{"", ">5 HTTT một"}, a(
					"", itemA, "Đã phê duyệt",
				), a("", itemB, met), []string{"", ">5 HTTT hai"}, a("", itemB, met)),
			[]string{
				"1.1[HTTT một]=met", "1.2[HTTT hai]=met", "2=met", "3=met", "4.1=met", "4.3[HTTT ba]=not_met",
				"5.1-a[HTTT một]=approved", "5.1-b[HTTT một]=met", "5.2-b[HTTT hai]=met",
			},
		},
		"other numbering": {
			tbl(headings, []string{"I.", ">5 " + row1}, a(
				"1.1.", "HTTT một", met,
			), a("II", row2, met), a("3.", row3, met), []string{"IV", ">5 " + row4}, a("4.1)", tthc, met),
				[]string{"V", ">5 " + row5}, []string{"5.1)", ">5 HTTT một"}, a("5.1.1", itemA, "Đã phê duyệt"), a("b)", itemB, met)),
			[]string{"1.1[HTTT một]=met", "2=met", "3=met", "4.1=met", "5.1-a[HTTT một]=approved", "5.1-b[HTTT một]=met"},
		},
		"number in the component cell": {
			tbl(
				headings, []string{"", ">5 1. " + row1}, a("", "1.1 HTTT một", met), a("", "2. "+row2, met),
				[]string{"", ">5 5. " + row5}, []string{"", ">5 5.1. HTTT một"}, a("", "a) "+itemA, "Đã phê duyệt"),
				a("", "- "+itemB, met),
			),
			[]string{"1.1[HTTT một]=met", "2=met", "5.1-a[HTTT một]=approved", "5.1-b[HTTT một]=met"},
		},
		"wrong numbers, right labels": {
			tbl(headings, a("3", row2, met), a("2", row3, "Chưa đáp ứng"), []string{"7", ">5 " + row4}, a("4.1", tthc, met)),
			[]string{"2=met", "3=not_met", "4.1=met"},
		},
		"shortened labels": {
			tbl(
				headings, a("2", "Hệ thống thông tin giải quyết thủ tục hành chính cấp bộ/cấp tỉnh", met),
				a("3", "Trang thiết bị phục vụ hoạt động của Bộ phận một cửa", met),
			),
			[]string{"2=met", "3=met"},
		},
		"other rows under 4": {
			tbl(
				headings, []string{"4", ">5 " + row4}, a("4.1", tthc, met), a("4.2", "CSDL hộ tịch", met), a("4.3.1", "HTTT ba", met),
				a("4.3.2", "HTTT bốn", met), a("4.4", "HTTT năm", "Chưa đáp ứng"), a("", "HTTT sáu", met),
			),
			[]string{"4.1=met", "4.2[CSDL hộ tịch]=met", "4.3[HTTT ba]=met", "4.3[HTTT bốn]=met", "4.3[HTTT năm]=not_met", "4.3[HTTT sáu]=met"},
		},
		"two parts with headings again": {
			tbl(
				headings, []string{"1", ">5 " + row1}, a("1.1", "HTTT một", met),
			) + para("") + tbl(headings, a("1.2", "HTTT hai", met), a("2", row2, met)),
			[]string{"1.1[HTTT một]=met", "1.2[HTTT hai]=met", "2=met"},
		},
		"two parts without": {
			tbl(
				headings, []string{"1", ">5 " + row1}, a("1.1", "HTTT một", met),
			) + para("") + tbl(a("1.2", "HTTT hai", met), headings, a("2", row2, met)),
			[]string{"1.1[HTTT một]=met", "1.2[HTTT hai]=met", "2=met"},
		},
		"a row over two pages": {
			tbl(
				headings, []string{"2", row2, "Sở TTTT", "Đáp ứng một phần", "Tổ chức đấu thầu; dự kiến hoàn thành,", "Chưa có"},
				[]string{"", "", "", "", "đưa vào khai thác chính thức tháng 6/2023", "kinh phí"},
			),
			[]string{"2=partially_met/tendering"},
		},
		"columns in another order": {
			tbl([]string{headings[0], headings[1], headings[3], headings[5], headings[2], headings[4]}, []string{
				"2", row2, "Đáp ứng 1 phần", "Chưa có kinh phí", "Sở TTTT", "Tổ chức đấu thầu",
			}),
			[]string{"2=partially_met/tendering"},
		},
		"a column less": {
			tbl(
				[]string{"TT", "Thành phần CNTT thiết yếu", "Đáp ứng yêu cầu theo Văn bản số 1552", "Ghi chú"},
				[]string{"2", row2, met, ""}, []string{"3", row3, "Chưa đáp ứng", "Chưa có kinh phí"},
			),
			[]string{"2=met", "3=not_met"},
		},
		"columns numbered": {tbl(headings, []string{"(1)", "(2)", "(3)", "(4)", "(5)", "(6)"}, a("2", row2, met)), []string{"2=met"}},
		"headings lost": {
			tbl([]string{"1", ">5 " + row1}, a("1.1", "HTTT một", met), a("2", row2, met)), []string{"1.1[HTTT một]=met", "2=met"},
		},
		"merged downwards": {
			tbl(
				headings, []string{"1", ">5 " + row1}, []string{"1.1", "HTTT một", "v Sở TTTT", "v " + met, "", ""},
				[]string{"1.2", "HTTT hai", "^", "^", "", ""},
			),
			[]string{"1.1[HTTT một]=met", "1.2[HTTT hai]=met"},
		},
		"one number, rows": {
			tbl(headings, []string{"1", ">5 " + row1}, []string{"v 1.1", "HTTT một", "", met, "", ""}, []string{
				"^", "HTTT hai", "", "Chưa đáp ứng", "", "",
			}),
			[]string{"1.1[HTTT một]=met", "1.2[HTTT hai]=not_met"},
		},
		"one cell, lines": {
			tbl(headings, []string{"1", ">5 " + row1}, a("1.1", "- HTTT một\n- HTTT hai", "- Đã đáp ứng\n- Chưa đáp ứng")),
			[]string{"1.1[HTTT một]=met", "1.2[HTTT hai]=not_met"},
		},
		"one cell, one word": {
			tbl(headings, []string{"1", ">5 " + row1}, a("1.1", "- HTTT một\n- HTTT hai", met)),
			[]string{"1.1[HTTT một]=met?", "1.2[HTTT hai]=met?"},
		},
		"a name on two lines": {
			tbl(headings, []string{"1", ">5 " + row1}, a("1.1", "HTTT một của\ntỉnh", met)), []string{"1.1[HTTT một của tỉnh]=met"},
		},
		"label and systems": {
			tbl(
				headings, []string{"4", ">5 " + row4},
				a("4.2", "CSDL quốc gia, CSDL chuyên ngành (chỉ dành cho bộ, ngành)\n- CSDL A\n- CSDL B", "Đã đáp ứng\nChưa đáp ứng"),
			),
			[]string{"4.2[CSDL A]=met", "4.2[CSDL B]=not_met"},
		},
		"examples left": {tbl(headings, []string{"1", ">5 " + row1}, []string{
			"1.1", "Ví dụ: Hệ thống thông tin giải quyết thủ tục hành chính của bộ/tỉnh", "Ví dụ: Sở TTTT",
			"Chọn một trong các phương án:\n- Đã đáp ứng\n- Đáp ứng một phần\n- Chưa đáp ứng\nVí dụ: Chưa đáp ứng", "", "",
		},
			[]string{
				"1.2", "Ví dụ: CSDL quốc gia về bảo hiểm", "Ví dụ: Trung tâm CNTT-Bảo hiểm xã hội Việt Nam", "Ví dụ: Đã đáp ứng",
				"Ví dụ: Hoàn thành mua sắm", "",
			}, a("2", row2, met)), []string{"2=met"}},
		"in a frame":     {tbl([]string{"<" + tbl(headings, a("2", row2, met))[1:] + "<w:p/>"}), []string{"2=met"}},
		"unknown row":    {tbl(headings, a("2", row2, met), a("6", "Thành phần khác của chúng tôi", met)), []string{"2=met"}},
		"struck options": {tbl(headings, a("2", row2, "~- Đã đáp ứng~\n- Đáp ứng một phần\n~- Chưa đáp ứng~")), []string{"2=partially_met"}},
		"untouched list": {
			tbl(headings, a("2", row2, "Đã đáp ứng\nĐáp ứng một phần\nChưa đáp ứng"), a("3", row3, met)), []string{"2=?", "3=met"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ret, problems := read(t, tpl, document(t, para("ỦY BAN NHÂN DÂN TỈNH MẪU")+para(part1)+para(part2)+c.body))
			if diff := cmp.Diff(c.want, said(ret)); diff != "" {
				t.Errorf("(-want +got):\n%s%+v", diff, problems)
			}
			reviews := 0
			for _, p := range problems {
				if p.Severity == readiness.Reviews {
					reviews++
				}
			}
			unsure := strings.Contains(strings.Join(c.want, ""), "?") || name == "unknown row" || name == "struck options"
			if (reviews > 0) != unsure {
				t.Errorf("%d problems to review: %+v", reviews, problems)
			}
		})
	}
}

func TestNothingIsDropped(t *testing.T) {
	t.Parallel()
	ret, problems := read(t, appendix488(t), document(t, para(part2)+tbl(headings,
		[]string{"2", row2, "Sở TTTT", met, "", ""}, []string{
			"6", "Thành phần khác của chúng tôi", "Sở X", met, "", "vì vậy",
		})+para("Ghi thêm dưới bảng")))
	if got := fmt.Sprint(ret.Extra); !strings.Contains(got, "Thành phần khác của chúng tôi") || !strings.Contains(got, "vì vậy") ||
		!strings.Contains(got, "Ghi thêm dưới bảng") {
		t.Errorf("extra %v", ret.Extra)
	}
	if len(problems) != 1 || problems[0].Reason != "readiness.problem.row_extra" || problems[0].Severity != readiness.Reviews {
		t.Errorf("problems %+v", problems)
	}
}

func TestHeads(t *testing.T) {
	t.Parallel()
	tpl := appendix488(t)
	table := para(part2) + tbl(headings, []string{"2", row2, "", met, "", ""})
	letter := readiness.LetterRef{Number: "812/UBND-CNN&XD", Date: clock.NewDate(2023, 2, 24)}
	for name, c := range map[string]struct {
		body, heading string
		letter        readiness.LetterRef
	}{
		"sample": {
			para("ỦY BAN NHÂN DÂN TỈNH THÁI NGUYÊN\nPHỤ LỤC:\n(Kèm theo Văn bản số 812/UBND-CNN&XD ngày 24/02/2023)"),
			"ỦY BAN NHÂN DÂN TỈNH THÁI NGUYÊN", letter,
		},
		"official head": {
			tbl([]string{
				"ỦY BAN NHÂN DÂN\nTỈNH THÁI NGUYÊN\nSố: 812/UBND-CNN&XD",
				"CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\nThái Nguyên, ngày 24 tháng 02 năm 2023",
			}),
			"ỦY BAN NHÂN DÂN TỈNH THÁI NGUYÊN", letter,
		},
		"ministry":     {para("BỘ TƯ PHÁP\nSố: 812/UBND-CNN&XD, ngày 24 tháng 02 năm 2023"), "BỘ TƯ PHÁP", letter},
		"blank letter": {para("Bộ Tư pháp\n(Ban hành kèm theo Văn bản số     /BTP ngày    /   /2023)"), "Bộ Tư pháp", readiness.LetterRef{}},
		"nothing":      {"", "", readiness.LetterRef{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ret, _ := read(t, tpl, document(t, c.body+table))
			if ret.Heading != c.heading || ret.Letter != c.letter {
				t.Errorf("got %q, %v; want %q, %v", ret.Heading, ret.Letter, c.heading, c.letter)
			}
		})
	}
}

func TestContacts(t *testing.T) {
	t.Parallel()
	tpl := appendix488(t)
	table := para(part2) + tbl(headings, []string{"2", row2, "", met, "", ""})
	want := readiness.Contact{
		FullName: "Nguyễn Văn Mẫu", Organisation: "Sở TTTT", Position: "Phó Giám đốc", Phone: "0208 000 0001",
		Email: "mau@example.vn",
	}
	for name, body := range map[string]string{
		"sample": para(
			"- Họ và tên: Nguyễn Văn Mẫu\n- Cơ quan công tác: Sở TTTT\n- Chức vụ: Phó Giám đốc\n- Số điện thoại: 0208 000 0001 " +
				"Email: mau@example.vn",
		),
		"one line": para(
			"Họ và tên: Nguyễn Văn Mẫu; Cơ quan công tác: Sở TTTT; Chức vụ: Phó Giám đốc; Số điện thoại: 0208 000 0001; Email: mau@example.vn",
		),
		"lines apart": para(
			"Họ và tên:\nNguyễn Văn Mẫu\nĐơn vị công tác:\nSở TTTT\nChức vụ: Phó Giám đốc\nSố điện thoại:\n0208 000 0001\nE-mail:\nmau@example.vn",
		),
		"other labels": para(
			"+ Họ tên: Nguyễn Văn Mẫu\n+ Cơ quan: Sở TTTT\n+ Chức danh: Phó Giám đốc\n+ ĐT: 0208 000 0001\n+ Thư điện tử: mau@example.vn",
		),
		"dotted": para(
			"- Họ và tên: Nguyễn Văn Mẫu……\n- Cơ quan công tác: Sở TTTT\n- Chức vụ: Phó Giám đốc\n- Số điện thoại: 0208 000 0001\n" +
				"- Email: mau@example.vn\n………",
		),
		"table": tbl(
			[]string{"Họ và tên", "Nguyễn Văn Mẫu"}, []string{"Cơ quan công tác:", "Sở TTTT"}, []string{"Chức vụ", "Phó Giám đốc"},
			[]string{"Số điện thoại", "0208 000 0001"}, []string{"Email", "mau@example.vn"},
		),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ret, _ := read(t, tpl, document(t, para(part1)+body+table))
			if diff := cmp.Diff(want, ret.Contact); diff != "" || len(ret.Extra) != 0 {
				t.Errorf("(-want +got):\n%sextra %v", diff, ret.Extra)
			}
		})
	}
}

func TestDifficulties(t *testing.T) {
	t.Parallel()
	tpl := appendix488(t)
	table := para(part2) + tbl(headings, []string{"2", row2, "", met, "", ""})
	const four = "4. Khó khăn, vướng mắc, đề xuất, kiến nghị\n"
	for name, c := range map[string]struct {
		body        string
		diffs, recs []string
		extra       int
	}{
		"bullets": {
			para(four + "a) Khó khăn vướng mắc của bộ, ngành, địa phương:\n- Một.\n- Hai.\nb) Đề xuất, kiến nghị:\n- Ba."),
			[]string{"Một.", "Hai."},
			[]string{"Ba."},
			0,
		},
		"same line": {para(four + "a) Khó khăn, vướng mắc của tỉnh: Một.\nb) Đề xuất, kiến nghị: Ba."), []string{"Một."}, []string{"Ba."}, 0},
		"nothing": {
			para(four + "a) Khó khăn vướng mắc của bộ, ngành, địa phương: Không có.\nb) Đề xuất, kiến nghị:\n- Không có.\n........"),
			nil, nil, 0,
		},
		"table": {
			para(four) + tbl([]string{"a) Khó khăn vướng mắc của bộ, ngành, địa phương:\n- Một.", "b) Đề xuất, kiến nghị:\n- Ba."}),
			[]string{"Một."},
			[]string{"Ba."},
			0,
		},
		"signature": {para(four + "b) Đề xuất, kiến nghị:\n- Ba.\nNơi nhận:\n- Như trên;\nKT. CHỦ TỊCH"), nil, []string{"Ba."}, 3},
		"dots":      {para(four + "a) Khó khăn vướng mắc của bộ, ngành, địa phương:\n......\n……\nb) Đề xuất, kiến nghị:\n....."), nil, nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ret, _ := read(t, tpl, document(t, table+c.body))
			if diff := cmp.Diff(c.diffs, ret.Difficulties); diff != "" {
				t.Errorf("difficulties (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.recs, ret.Recommendations); diff != "" {
				t.Errorf("recommendations (-want +got):\n%s", diff)
			}
			if len(ret.Extra) != c.extra {
				t.Errorf("extra %v", ret.Extra)
			}
		})
	}
}

func TestProposals(t *testing.T) {
	t.Parallel()
	ret, problems := read(t, appendix488(t), document(t, para(part2)+tbl(headings, []string{"2", row2, "", met, "", ""})+
		para("3. Đề xuất sửa đổi, bổ sung các thành phần công nghệ thông tin thiết yếu")+
		tbl([]string{
			"STT", "Thành phần công nghệ thông tin thiết yếu, cần thiết",
			"Sửa đổi, bổ sung; mô tả về yêu cầu nghiệp vụ, chức năng, tính năng kỹ thuật",
		},
			[]string{"1", "Hạ tầng mạng, đường truyền kết nối", "Không"}, []string{
				"6", "An toàn, an ninh mạng", "Bổ sung mô hình\nvà hướng dẫn",
			}, []string{"7", "Khác", "Ví dụ: gì đó"})))
	want := []readiness.Proposal{{Group: "network"}, {Group: "security", Text: "Bổ sung mô hình\nvà hướng dẫn"}, {Group: "other"}}
	if diff := cmp.Diff(want, ret.Proposals); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(problems) != 1 || problems[0].Reason != readiness.ReasonExample {
		t.Errorf("problems %+v", problems)
	}
}

// A person who changes the paper is followed, whatever the document hides.
func TestVisibleTextWins(t *testing.T) {
	t.Parallel()
	tpl := appendix488(t)
	before, _ := readFile(t, tpl, "testdata/tinh-thai-nguyen.docx")
	raw := write(t, tpl, &before, readinessdocx.Options{})
	changed := repack(t, raw, func(name, text string) string {
		if name != "word/document.xml" {
			return text
		}
		text = strings.Replace(text, "Tổ chức đấu thầu</w:t>", "Hoàn thành mua sắm</w:t>", 1)
		text = strings.Replace(text, "Chưa có kinh phí.", "Đã có kinh phí.", 1)
		return strings.Replace(text, "Nguyễn Văn Mẫu", "Trần Thị Mẫu", 1)
	})
	after, problems := read(t, tpl, changed)
	want := before
	want.Contact.FullName = "Trần Thị Mẫu"
	want.Answers = append([]readiness.Answer(nil), before.Answers...)
	for i := range want.Answers {
		switch a := &want.Answers[i]; {
		case a.Row == "3":
			a.Stage = "procured"
		case a.Row == "4.3":
			a.Note, a.Causes = "Đã có kinh phí.", []string{"Đã có kinh phí"}
		}
	}
	if diff := cmp.Diff(want, after, sameAnswers); diff != "" || len(problems) != 0 {
		t.Errorf("(-want +got):\n%s%+v", diff, problems)
	}
}

// Printing a reading that nobody decided must not make it sure.
func TestUndecidedStaysUndecided(t *testing.T) {
	t.Parallel()
	tpl := appendix488(t)
	before, _ := read(
		t, tpl,
		document(
			t,
			para(part2)+tbl(headings, []string{"2", row2, "", "Đã đáp ứng (đang nâng cấp)", "", ""}, []string{"3", row3, "", met, "", ""}),
		),
	)
	raw := write(t, tpl, &before, readinessdocx.Options{})
	for _, paper := range [][]byte{raw, withoutHidden(t, raw)} {
		after, problems := read(t, tpl, paper)
		if r := after.Answers[0].Readings[readiness.ColCompliance]; r.IsSure() || r.Raw != "Đã đáp ứng (đang nâng cấp)" {
			t.Errorf("reading %+v, problems %+v", r, problems)
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	tpl := appendix488(t)
	for name, c := range map[string]struct {
		raw []byte
		key string
	}{
		"empty": {nil, "readiness.file.empty"},
		"pdf":   {[]byte("%PDF-1.4"), "readiness.file.pdf"},
		"another form": {
			document(
				t,
				para("PHỤ LỤC II\nDanh mục thủ tục hành chính")+tbl([]string{"STT", "Tên thủ tục", "Lĩnh vực"}, []string{"1", "Khai sinh", "Hộ tịch"}),
			),
			"readiness.file.other_form",
		},
		"no text":  {document(t, "<w:p/>"), "readiness.file.no_text"},
		"no table": {document(t, para(part1+"\n"+part2)), "readiness.file.no_table"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := readinessdocx.Read(tpl, "a.docx", bytes.NewReader(c.raw), int64(len(c.raw)))
			if f := fault.As(err); f == nil || f.Key != c.key || f.Args["file"] != "a.docx" {
				t.Errorf("got %v, want %s", err, c.key)
			}
		})
	}
}

// What a stranger writes into a cell may be long, but never costs long.
func TestLongTextStaysQuick(t *testing.T) {
	t.Parallel()
	tpl := appendix488(t)
	for _, piece := range []string{"Đáp ứng ", "64/187, ", "tháng 6/2023 ", "1/QĐ-X ", "a; ", "☒ ", "Ví dụ: ", "Khác: ", "Chưa. Có. ", ", "} {
		long := strings.Repeat(piece, 100_000/len(piece))
		before := measure.ProcessOf(os.Getpid()).CPU // of the other tests too: on a busy machine the clock says less
		ret, _ := read(
			t, tpl,
			document(
				t,
				para(part1)+para(long)+para(part2)+tbl(
					headings, []string{"1.1", long, long, long, long, long}, []string{"2", row2, "", met, "", ""},
					[]string{"5", ">5 " + row5}, []string{"5.1", ">5 x"}, []string{"", itemA, "", met, "", long},
				),
			),
		)
		if took := measure.ProcessOf(os.Getpid()).CPU - before; took > 20*time.Second {
			t.Errorf("%q: %v of processor", piece, took)
		}
		if len(ret.Answers) == 0 {
			t.Errorf("%q: nothing was read", piece)
		}
	}
}

// Each refusal and each problem of this package has its message.
func TestMessages(t *testing.T) {
	t.Parallel()
	messages, err := i18n.Load(readiness.Messages, readinessdocx.Messages)
	if err != nil {
		t.Fatal(err)
	}
	for _, why := range []docx.Refusal{
		docx.Empty, docx.TooLarge, docx.Bomb, docx.TooComplex, docx.Damaged, docx.Encrypted, docx.OldWord, docx.Macros,
		docx.Spreadsheet, docx.Slides, docx.PDF, docx.RTF, docx.OpenText, docx.NotWord, "other_form", "no_text", "no_table",
	} {
		if key := "readiness.file." + string(why); !messages.Has(key) {
			t.Errorf("no message for %s", key)
		}
	}
	for _, reason := range []string{"row_extra", "row_unclear", "several_systems", "no_headings", "nothing_answered"} {
		if key := "readiness.problem." + reason; !messages.Has(key) {
			t.Errorf("no message for %s", key)
		}
	}
}

func FuzzRead(f *testing.F) {
	tpl := appendix488(f)
	f.Add(document(f, para(part2)+tbl(headings, []string{"2", row2, "", met, "", ""})))
	f.Add(write(f, tpl, nil, readinessdocx.Options{}))
	f.Fuzz(func(t *testing.T, raw []byte) {
		ret, _, err := readinessdocx.Read(tpl, "a.docx", bytes.NewReader(raw), int64(len(raw)))
		if err == nil {
			write(t, tpl, &ret, readinessdocx.Options{})
		}
	})
}

// FuzzBody spends no time on archives: it makes documents of their markup and of
// the text of one row.
func FuzzBody(f *testing.F) {
	tpl := appendix488(f)
	seedBodies(f)
	f.Fuzz(func(t *testing.T, body, row string) {
		raw := fuzzed(t, body, row)
		ret, _, err := readinessdocx.Read(tpl, "a.docx", bytes.NewReader(raw), int64(len(raw)))
		if err != nil {
			if fault.As(err) == nil {
				t.Fatalf("an error that is no fault: %v", err)
			}
			return
		}
		for _, a := range ret.Answers {
			r := a.Readings[readiness.ColCompliance]
			row, _ := tpl.Row(a.Key)
			if _, ok := tpl.Option(row.Options, a.Compliance); !ok && a.Compliance != "" || r.IsSure() && r.Reason != "" {
				t.Errorf("answer %+v", a)
			}
		}
	})
}

// FuzzRoundTrip prints what was read and reads it again.
func FuzzRoundTrip(f *testing.F) {
	tpl := appendix488(f)
	seedBodies(f)
	f.Fuzz(func(t *testing.T, body, row string) {
		raw := fuzzed(t, body, row)
		ret, _, err := readinessdocx.Read(tpl, "a.docx", bytes.NewReader(raw), int64(len(raw)))
		if err != nil {
			return
		}
		again, _ := read(t, tpl, write(t, tpl, &ret, readinessdocx.Options{}))
		if diff := cmp.Diff(ret.Answers, again.Answers, sameAnswers); diff != "" {
			t.Fatalf("printed and read again (-before +after):\n%s", diff)
		}
	})
}

func seedBodies(f *testing.F) {
	f.Add(para(part1)+para(part2)+tbl(headings, []string{"2", row2, "", met, "", ""}), "1.1|HTTT một||Đã đáp ứng|Tổ chức đấu thầu|64/187")
	f.Add("", "5.1|x|y|☒ Đã đáp ứng ☐ Chưa đáp ứng|Khác: a; dự kiến T6/2023|Quyết định số 1/QĐ-X")
}

func fuzzed(t *testing.T, body, row string) []byte {
	cells := strings.SplitN(row, "|", 6)
	return document(t, para(part2)+tbl(headings, cells, []string{"5", ">5 " + row5}, cells, cells)+body)
}
