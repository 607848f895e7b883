package journeys

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui/uitest"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinessdocx"
	"dean06/internal/readiness/readinessxlsx"
)

// The second form goes the whole way: made on pages, sent out, answered on the page, by Word
// and by Excel, held where it is not certain, and summed up on the board and in the report.
func TestSurveyGoesTheWholeWay(t *testing.T) {
	t.Parallel()
	h := open(t)
	p := h.person(t, i18n.Vi, uitest.Desktop).signIn("dieuphoi")
	p.publishesSurvey(p.makesSurvey())
	p.sendsSurvey("KSPK", "77/BYT-KCB")

	focal := h.person(t, i18n.Vi, uitest.Phone).signIn("thainguyen")
	focal.answersSurvey("KSPK")

	// Two papers that are certain, and one that is not.
	p.open("/office/imports")
	p.choose("campaign", "KSPK")
	p.upload("files", h.surveyPapers("KSPK")...)
	p.click("office.import.send")
	p.waits("office.batch.done", map[string]any{"total": 3})
	p.check()
	p.picture("survey-batch")
	p.open("/office/returns/KSPK/H24")
	p.sees("khoảng 12")
	p.fill(p.named("so_luong"), "13")
	p.picture("survey-doubt")
	p.click("office.review.save")
	p.click("office.review.accept")
	p.open("/office/returns/KSPK/H55")
	p.click("office.review.accept")

	// The board, its figures and where they come from.
	for _, c := range []struct {
		lang  i18n.Lang
		width int64
	}{{i18n.Vi, uitest.Desktop}, {i18n.En, uitest.Phone}, {i18n.Vi, uitest.Phone}, {i18n.En, uitest.Desktop}} {
		q := h.person(t, c.lang, c.width).signIn("lanhdao")
		for _, page := range []string{"", "/matrix", "/map", "/values", "/change", "/causes", "/report", "/agency/H55", "/entries/value?key=1%2Fso_luong"} {
			q.open("/board/KSPK" + page)
		}
		q.open("/board/KSPK/values")
		if c.lang == i18n.Vi {
			q.sees("Tổng 49; trung bình 12,25; thấp nhất 12, cao nhất 13")
			q.sees("Có: 3; Không: 1")
			q.picture("survey-values")
		}
		// What letter 488 asks for is nowhere.
		q.open("/board/KSPK")
		for _, word := range []string{"488", "1552", "Tiến độ đầu tư"} {
			if strings.Contains(q.text(), word) {
				q.fail("the board says %q", word)
			}
		}
		for _, format := range []string{"docx", "pdf", "xlsx"} {
			if f := q.download("/board/KSPK/report/file?language=vi&format=" + format); len(f) < 2000 {
				t.Errorf("the report as %s has %d bytes", format, len(f))
			}
		}
	}
	// What came in by one way goes out by the others.
	for format, start := range map[string]string{"docx": "PK", "xlsx": "PK", "pdf": "%PDF"} {
		if f := focal.download("/returns/KSPK/H55/file." + format); !bytes.HasPrefix(f, []byte(start)) {
			t.Errorf("the return as %s begins with %.8q", format, f)
		}
	}
}

// sendsSurvey begins a round on the survey for the provinces.
func (p *person) sendsSurvey(id, number string) {
	p.t.Helper()
	p.open("/office/campaigns/new")
	p.fill("id", id)
	p.fill("number", number)
	due := time.Now().AddDate(0, 0, 20)
	p.fill("due-day", due.Format("2"))
	p.fill("due-month", due.Format("1"))
	p.fill("due-year", due.Format("2006"))
	p.choose("template", surveyCode+"/1")
	p.choose("previous", "")
	p.fill("round", "")
	eval[bool](p, `(() => { for (const d of document.querySelectorAll("details")) d.open = true; return true })()`)
	p.fill("subject", "V/v khảo sát phòng khám")
	p.fill("subject_en", "Survey of clinics")
	p.fill("body", "Bộ Y tế đề nghị các địa phương báo cáo.")
	p.fill("body_en", "Please report.")
	p.fill("issuer", "Bộ Y tế")
	p.fill("issuer_en", "Ministry of Health")
	eval[bool](p, `(() => { for (const e of document.getElementsByName("kinds")) e.checked = e.value === "province"; return true })()`)
	p.click("office.new.preview")
	p.sees("UBND tỉnh Thái Nguyên")
	p.seesNot("Bộ Nội vụ")
	p.click("Phát hành tới")
	p.isAt("/office/campaigns/" + id)
}

// answersSurvey fills the survey in on the page and hands it in.
func (p *person) answersSurvey(id string) {
	p.t.Helper()
	p.isAt("/returns")
	p.open("/returns/" + id + "/H55")
	p.click("fill.start.blank")
	p.click("readiness.task.contact")
	p.fill("contact.full_name", "Nguyễn Văn Mẫu")
	p.fill("contact.phone", "000 000 0123")
	p.click("fill.save.next")
	for i := range surveyNumbers {
		p.fill(fmt.Sprintf("row.%d.so_luong", i+1), "12")
	}
	// A number that two countries read differently is asked about.
	p.fill("row.2.so_luong", "1.234")
	p.click("fill.save.next")
	p.sees("có thể là hàng nghìn")
	p.fill("row.2.so_luong", "12,5")
	p.picture("survey-part")
	p.click("fill.save.next")
	for i := range surveyDays {
		p.fill(fmt.Sprintf("row.%d.ngay", len(surveyNumbers)+i+1), "05/09/2025")
	}
	p.click("fill.save.next")
	for i := range surveyYesNo {
		p.choose(fmt.Sprintf("row.%d.co_hay_khong", len(surveyNumbers)+len(surveyDays)+i+1), readiness.Yes)
	}
	p.click("fill.save.list")
	p.open("/returns/" + id + "/H55/check")
	p.picture("survey-check")
	p.choose("declare", "1")
	p.click("fill.check.submit")
	p.sees("fill.done.title")
}

// surveyPapers are the returns of three provinces: by Word and by Excel, and by Word with a
// number that is not certain.
func (h *house) surveyPapers(id string) []string {
	h.t.Helper()
	tpl, err := h.modules.Readiness.Register().Template(h.t.Context(), actor.OfSystem(readiness.Coordinator), surveyCode+"/1")
	if err != nil {
		h.t.Fatal(err)
	}
	fill := func(agency, name, amount, has string) readiness.Return {
		ret := readiness.Return{
			Campaign: id, Agency: agency, Template: tpl.Ref(), Heading: strings.ToUpper(name),
			Contact: readiness.Contact{FullName: "Trần Thị Mẫu", Organisation: name, Phone: "000 000 0456"},
		}
		for _, row := range tpl.Rows {
			if !row.Answered() {
				continue
			}
			a := readiness.Answer{Row: row.Key, Key: row.Key, Values: map[string]string{}}
			for _, c := range tpl.AskedOwn(row) {
				a.Values[c.Key] = map[readiness.ColumnKind]string{
					readiness.NumberColumn: amount, readiness.DateColumn: "2025-09-05", readiness.YesNoColumn: has,
				}[c.Kind]
			}
			ret.Answers = append(ret.Answers, a)
		}
		return ret
	}
	dir := h.t.TempDir()
	var out []string
	save := func(name string, raw []byte, err error) {
		h.t.Helper()
		path := filepath.Join(dir, name)
		if err == nil {
			err = os.WriteFile(path, raw, 0o600)
		}
		if err != nil {
			h.t.Fatal(err)
		}
		out = append(out, path)
	}
	for _, w := range []struct{ file, agency, name, amount, doubt string }{
		{"cao-bang.docx", "H14", "UBND tỉnh Cao Bằng", "12", ""},
		{"hai-phong.docx", "H24", "UBND thành phố Hải Phòng", "12", "khoảng 12"},
	} {
		ret := fill(w.agency, w.name, w.amount, readiness.Yes)
		raw, err := readinessdocx.Write(tpl, &ret, readinessdocx.Options{Heading: ret.Heading, Kind: readiness.Province})
		if w.doubt != "" && err == nil {
			raw = edited(h.t, raw, ">"+w.amount+"<", ">"+w.doubt+"<")
		}
		save(w.file, raw, err)
	}
	ret := fill("H26", "UBND thành phố Hà Nội", "12", readiness.No)
	raw, err := readinessxlsx.Write(tpl, &ret, readinessxlsx.Options{
		AgencyCode: "H26", AgencyName: "UBND thành phố Hà Nội", CampaignCode: id, Kind: readiness.Province, Lang: "vi",
	})
	save("ha-noi.xlsx", raw, err)
	return out
}
