package main

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"dean06/internal/app"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/config"
	"dean06/internal/platform/node"
	"dean06/internal/readiness"
)

// Provinces whose names the messy returns bear, one each.
var provinces = strings.Split(
	"AN GIANG,BẮC GIANG,BẮC KẠN,BẠC LIÊU,BẮC NINH,BẾN TRE,BÌNH ĐỊNH,BÌNH DƯƠNG,BÌNH PHƯỚC,BÌNH THUẬN,CÀ MAU,CAO BẰNG,ĐẮK LẮK,ĐẮK NÔNG,ĐIỆN BIÊN,ĐỒNG NAI,ĐỒNG THÁP,GIA LAI,HÀ GIANG,HÀ NAM,HÀ TĨNH,HẢI DƯƠNG,HẬU GIANG,HÒA BÌNH,HƯNG YÊN,KHÁNH HÒA,KIÊN GIANG,KON TUM,LAI CHÂU,LÂM ĐỒNG,LẠNG SƠN,LÀO CAI,LONG AN,NAM ĐỊNH,NGHỆ AN,NINH BÌNH,NINH THUẬN,PHÚ THỌ,PHÚ YÊN,QUẢNG BÌNH,QUẢNG NAM,QUẢNG NGÃI,QUẢNG NINH,QUẢNG TRỊ,SÓC TRĂNG,SƠN LA,TÂY NINH,THÁI BÌNH,THANH HÓA,TIỀN GIANG",
	",",
)

// rowOf finds the table row that has a cell with just this text.
func rowOf(xml, cell string) string {
	at := strings.Index(xml, ">"+cell+"</w:t>")
	if at < 0 {
		panic("no cell " + cell)
	}
	from := strings.LastIndex(xml[:at], "<w:tr>")
	return xml[from : at+strings.Index(xml[at:], "</w:tr>")+len("</w:tr>")]
}

// with replaces texts, each of which must be there.
func with(oldnew ...string) func(string) string {
	return func(xml string) string {
		for i := 0; i < len(oldnew); i += 2 {
			if !strings.Contains(xml, oldnew[i]) {
				panic("nothing says " + oldnew[i])
			}
			xml = strings.ReplaceAll(xml, oldnew[i], oldnew[i+1])
		}
		return xml
	}
}

var cells = regexp.MustCompile(`(?s)<w:tc>.*?</w:tc>`)

// reorder puts the cells of each full row of the big table in another order.
func reorder(xml string, order ...int) string {
	rows := regexp.MustCompile(`(?s)<w:tr>.*?</w:tr>`)
	return rows.ReplaceAllStringFunc(xml, func(row string) string {
		was := cells.FindAllString(row, -1)
		if len(was) != len(order) {
			return row
		}
		i := -1
		return cells.ReplaceAllStringFunc(row, func(string) string { i++; return was[order[i]] })
	})
}

// Returns as agencies write them, from the file to what is shown. The return of
// tỉnh Thái Nguyên is changed in one way each; "?" after a wanted answer allows
// that a person is asked instead, "??" demands it, "!" demands it of an answer that is read rightly all the same. Nothing may be read wrongly.
func TestMessyReturns(t *testing.T) {
	t.Parallel()
	const (
		not  = "Chưa đáp ứng</w:t>"
		run  = `<w:r><w:rPr></w:rPr><w:t>Chưa đáp ứng</w:t></w:r>`
		date = "tháng 8/2023"
	)
	line := func(s string) string { return s + "</w:t><w:br/><w:t>" }
	struck := func(s string) string {
		return `<w:r><w:rPr><w:strike/></w:rPr><w:t>` + s + `</w:t></w:r><w:r><w:br/></w:r>`
	}
	box := func(on, s string) string {
		return `<w:sdt><w:sdtPr><w14:checkbox><w14:checked w14:val="` + on + `"/></w14:checkbox></w:sdtPr><w:sdtContent><w:r><w:t>` +
			map[string]string{
				"0": "☐", "1": "☒",
			}[on] + `</w:t></w:r></w:sdtContent></w:sdt><w:r><w:t xml:space="preserve"> ` + s + `</w:t><w:br/></w:r>`
	}
	type variant struct {
		name   string
		change func(string) string
		want   string
	}
	var variants []variant
	add := func(name string, change func(string) string, want string) {
		variants = append(variants, variant{name, change, want})
	}
	// One choice, in row 4.3, as it may be written.
	for text, want := range map[string]string{
		"chưa đáp ứng.": "not_met", "CHƯA ĐÁP ỨNG": "not_met", " Chưa  đáp ứng ;": "not_met", "- Chưa đáp ứng": "not_met",
		"x Chưa đáp ứng": "not_met?",
		"Đáp ứng 1 phần": "partially_met", "đáp ứng một  phần": "partially_met", "Đáp ứng môt phần": "partially_met?",
		"ĐÃ ĐÁP ỨNG": "met!", "Đã  đáp ứng ;": "met!", // the stage beside it says otherwise
		"“Đã đáp ứng”":  "met?",
		"Không đáp ứng": "not_met?", "Đã đáp ứng một phần": "partially_met?", "Đã đáp ứng 90%": "??",
		"Chưa đáp ứng đầy đủ": "partially_met?", "Cơ bản đáp ứng": "??",
		"Đang xem xét": "??", "Đã đáp ứng/Chưa đáp ứng": "??", "Không": "??", "Đã đáp ứng nhưng chưa kiểm thử": "met??",
		"Sẽ đáp ứng": "??", "Chưa": "??",
	} {
		add(text, with(not, text+"</w:t>"), "4.3="+want)
	}
	add("decomposed letters", norm.NFD.String, "4.3=not_met; 2=partially_met@2023-08/month; 3#46/129,736/1288")
	add("boxes typed", with(not, line("☐ Đã đáp ứng")+line("☐ Đáp ứng một phần")+"☒ Chưa đáp ứng</w:t>"), "4.3=not_met")
	add("boxes in controls", with(run, box("0", "Đã đáp ứng")+box("1", "Đáp ứng một phần")+box("0", "Chưa đáp ứng")), "4.3=partially_met")
	add(
		"a choice in a control",
		with(run, `<w:sdt><w:sdtPr><w:dropDownList/></w:sdtPr><w:sdtContent>`+run+`</w:sdtContent></w:sdt>`), "4.3=not_met",
	)
	add("struck out", with(run, struck("- Đã đáp ứng")+struck("- Đáp ứng một phần")+run), "4.3=not_met!")
	add("list untouched", with(not, line("Đã đáp ứng")+line("Đáp ứng một phần")+"Chưa đáp ứng</w:t>"), "4.3=??")
	for text, want := range map[string]string{
		"quý III/2023": "2023-09/quarter", "Quý 4 năm 2023": "2023-12/quarter", "6 tháng cuối năm 2023": "2023-12/half",
		"T12/2023":        "2023-12/month",
		"ngày 31/12/2023": "2023-12/day", "năm 2024": "2024-12/year", "tháng 08 năm 2023": "2023-08/month", "T8-2023": "2023-08/month",
	} {
		add(text, with(date, text), "2=partially_met@"+want)
	}
	add("thousands", with("46/129", "64 / 187", "736/1288", "1.240/1.875"), "3#64/187,1240/1875!")
	add(
		"numbers with a dot", with(">4.1<", ">4.1.<", ">4.3<", ">4.3.<", ">1.1<", ">1.1.<", ">5.1<", ">5.1.<"),
		"4.3=not_met; 4.1=met; 1.1=met; 5.1-a=approved",
	)
	add("groups without numbers", with(">5.1<", "><", ">5.2<", "><", ">1.1<", "><", ">1.2<", "><"), "1.2=met; 5.2-a=approved; 4.3=not_met")
	add("a row left out", func(x string) string { return strings.Replace(x, rowOf(x, "4.3"), "", 1) }, "4.1=met; 4.3=none")
	add("a row more", func(x string) string {
		row := rowOf(x, "4.3")
		return strings.Replace(
			x, row,
			row+with(">4.3<", ">4.4<", "Hệ thống thông tin đất đai", "Hệ thống quản lý tài sản", not, "Đã đáp ứng</w:t>")(row), 1,
		)
	}, "4.3[Hệ thống thông tin đất đai]=not_met!; 4.3[Hệ thống quản lý tài sản]=met?")
	add("two systems under one number", func(x string) string {
		row := rowOf(x, "1.2")
		return strings.Replace(
			x, row,
			row+with(">1.2<", "><", "Hệ thống thông tin đất đai", "Hệ thống quản lý tài sản", "Đã đáp ứng", "Chưa đáp ứng")(row), 1,
		)
	}, "1.2[Hệ thống thông tin đất đai]=met; 1.3[Hệ thống quản lý tài sản]=not_met")
	add("a table in two", func(x string) string {
		start, row := strings.Index(x, "<w:tbl>"), rowOf(x, "4.1")
		head := x[start : start+strings.Index(x[start:], "</w:tr>")+len("</w:tr>")]
		return strings.Replace(x, row, "</w:tbl><w:p/>"+head+row, 1)
	}, "4.1=met; 4.3=not_met; 2=partially_met; 5.2-b=met")
	add(
		"columns in another order", func(x string) string { return reorder(x, 0, 1, 3, 5, 4, 2) },
		"4.3=not_met@2023-11/month; 3#46/129,736/1288",
	)

	dir := t.TempDir()
	sample := readSample(t, samples2022+"/ubnd-tinh-thai-nguyen.docx")
	files := map[string]string{}
	for i, v := range variants {
		entries := entriesOf(t, sample)
		for j, e := range entries {
			if e.name == "word/document.xml" {
				// Heading and address of a return agree.
				e.content = strings.ReplaceAll(e.content, "uy-ban-nhan-dan-tinh-thai-nguyen.", "")
				entries[j].content = v.change(strings.ReplaceAll(e.content, "TỈNH THÁI NGUYÊN", "TỈNH "+provinces[i]))
			}
		}
		name := fmt.Sprintf("%02d.docx", i)
		files[name] = v.name
		if err := os.WriteFile(filepath.Join(dir, name), []byte(zipOf(t, entries...)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b := newBoard(t)
	_, results := b.importing(dir, "--campaign", "488", dir)
	c := config.Default(app.Shape().Sections...)
	c.DB.URL = config.Secret("sqlite:" + filepath.Join(b.dir, "board.db"))
	n, house, err := app.Open(t.Context(), app.Board, node.Settings{Config: c, Log: slog.New(slog.DiscardHandler)}, "org", "readiness")
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	for i, v := range variants {
		r := results[fmt.Sprintf("%02d.docx", i)]
		if r.Agency == nil {
			t.Errorf("%s: whose return is it? %+v", v.name, r)
			continue
		}
		_, stored, err := house.Readiness.Register().Stored(t.Context(), actor.OfSystem(readiness.Coordinator), "488", *r.Agency, 0)
		if err != nil {
			t.Fatal(err)
		}
		for want := range strings.SplitSeq(v.want, "; ") {
			holds(t, v.name, want, stored.Return, r)
		}
	}
}

var wanted = regexp.MustCompile(`^([0-9.a-b-]+)(?:\[(.*)\])?(?:=(\w*)(\?{0,2}|!))?(?:@(\S+))?(?:#([^!\s]+)(!)?)?$`)

// holds checks one wanted answer, written as row[system]=choice@month/precision#counts.
func holds(t *testing.T, name, want string, ret readiness.Return, r fileResult) {
	t.Helper()
	m := wanted.FindStringSubmatch(want)
	if m == nil {
		t.Fatalf("%s: what is %q?", name, want)
	}
	row, system, choice, doubt, month, counts := m[1], m[2], m[3], m[4]+m[7], m[5], m[6]
	asked := false
	for _, p := range r.Problems {
		asked = asked || p.Row == row
	}
	if (r.Status == "accepted") != (len(r.Problems) == 0) || doubt == "" && choice != "none" && r.Status != "accepted" ||
		(doubt == "??" || doubt == "!") && !asked {
		t.Errorf("%s: %s is %s: %+v", name, want, r.Status, r.Problems)
	}
	for _, a := range ret.Answers {
		if a.Row != row || system != "" && a.System != system {
			continue
		}
		if choice == "none" {
			t.Errorf("%s: an answer in row %s: %+v", name, row, a)
		}
		if choice != "" && a.Compliance != choice && !(doubt != "" && doubt != "!" && asked) {
			t.Errorf("%s: row %s is %q, want %s", name, row, a.Compliance, want)
		}
		if got := fmt.Sprintf("%s/%s", a.ExpectedMonth, a.Precision); month != "" && got != month {
			t.Errorf("%s: row %s is expected %s, want %s", name, row, got, month)
		}
		if counts != "" {
			c := a.Counts
			if c == nil || c.UnitsUnmet == nil || c.UnitsTotal == nil || c.DevicesHave == nil || c.DevicesNeed == nil {
				t.Errorf("%s: row %s has counts %+v, want %s", name, row, c, counts)
			} else if got := fmt.Sprintf("%d/%d,%d/%d", *c.UnitsUnmet, *c.UnitsTotal, *c.DevicesHave, *c.DevicesNeed); got != counts {
				t.Errorf("%s: row %s counts %s, want %s", name, row, got, counts)
			}
		}
		return
	}
	if choice != "none" {
		t.Errorf("%s: no answer for %s: %+v", name, want, r.Problems)
	}
}
