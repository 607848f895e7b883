package fill_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"dean06/internal/platform/clock"

	"dean06/internal/readiness"
)

const own = "/returns/2/H55"

// TestAnotherAgencyFindsNothing walks every route with the code of an agency
// that the visitor does not work for.
func TestAnotherAgencyFindsNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	fillIn := strings.NewReplacer("{campaign}", "2", "{agency}", "H55", "{part}", "contact", "{file}", "file.docx")
	for _, route := range s.routes {
		method, pattern, _ := strings.Cut(route.Pattern, " ")
		if !strings.Contains(pattern, "{agency}") {
			continue
		}
		path := fillIn.Replace(pattern)
		if got := s.send("h04", method, path, url.Values{}).code; got != 404 {
			t.Errorf("%s: another agency gets %d, want 404", route.Pattern, got)
		}
		if got := s.send("nobody", method, path, url.Values{}); got.code != 401 && !strings.HasPrefix(got.location, "/sign-in") {
			t.Errorf("%s: nobody gets %d to %q", route.Pattern, got.code, got.location)
		}
		if method == "POST" {
			if got := s.send("centre", method, path, url.Values{}).code; got != 403 {
				t.Errorf("%s: the coordinator gets %d, want 403", route.Pattern, got)
			}
		}
	}
	if rec := s.record("2", "H55"); rec.Draft != nil || len(rec.Versions) > 0 {
		t.Error("a refused request left something behind")
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.get("h55", "/returns").want(t, 200, "", "UBND tỉnh Thái Nguyên", "còn 10 ngày", "Bắt đầu từ kỳ trước", "Đã chấp nhận")
	s.get("leader", "/returns").want(t, 303, "/board")
	en := s.get("h55", "/returns?lang=en")
	en.want(t, 200, "", "10 days left", "Start from the last round")
}

// TestNothingChanged hands in the answers of the last round again. The clicks,
// from the page of sign-in: 1 sign in (leads to /returns), 2 "Bắt đầu từ kỳ
// trước", 3 "Tất cả vẫn đúng", 4 the declaration, 5 "Gửi báo cáo".
func TestNothingChanged(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.post("h55", own+"/start", url.Values{"from": {"last"}}).want(t, 303, own+"/review")
	s.post("h55", own+"/start", url.Values{"from": {"last"}}).want(t, 303, own+"/review") // a second click
	s.get("h55", own+"/review").want(t, 200, "", "Tất cả vẫn đúng", "Hệ thống quản lý hộ nghèo")
	// An answer that is changed on the way leads back to the review.
	form := formOf(t, s.get("h55", own+"/part/network?from=review").body)
	s.post("h55", own+"/part/network", form).want(t, 303, own+"/review")
	s.post("h55", own+"/review", url.Values{"revision": {"1"}}).want(t, 303, own+"/check")
	rec := s.record("2", "H55")
	page := s.get("h55", own+"/check")
	page.want(t, 200, "", "Báo cáo đã đủ", "Gửi báo cáo")
	form = url.Values{"revision": {fmt.Sprint(rec.Draft.Revision)}}
	s.post("h55", own+"/submit", form).want(t, 422, "", "Hãy đánh dấu vào ô cam kết")
	form.Set("declare", "1")
	s.post("h55", own+"/submit", form).want(t, 303, own+"/done")
	s.post("h55", own+"/submit", form).want(t, 303, own+"/done") // a second click
	s.get("h55", own+"/done").want(t, 200, "", "Đã gửi báo cáo", "Số đến 3/2023", own+"/receipt/1")
	rec = s.record("2", "H55")
	if len(rec.Versions) != 1 || rec.State() != readiness.Submitted {
		t.Fatalf("%d versions, state %s", len(rec.Versions), rec.State())
	}
	last, _ := s.record("1", "H55").Latest()
	var changed []string
	for _, c := range readiness.Diff(s.tpl, last.Return, rec.Versions[0].Return) {
		if c.Field != "heading" {
			changed = append(changed, c.Field)
		}
	}
	if len(changed) > 0 {
		t.Errorf("changed on the way: %v", changed)
	}
	s.get("h55", own+"/part/network").want(t, 303, own)
}

// TestSavingAPageChangesNothing sends each page as it was shown.
func TestSavingAPageChangesNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.post("h55", own+"/start", url.Values{"from": {"last"}})
	s.post("h55", own+"/review", url.Values{"revision": {"1"}})
	before := s.record("2", "H55").Draft
	for _, task := range readiness.Tasks(s.tpl, before.Return, readiness.Province) {
		path := own + "/part/" + task.Key
		page := s.get("h55", path)
		page.want(t, 200, "")
		if got := s.post("h55", path, formOf(t, page.body)); got.code != 303 {
			t.Errorf("%s: got %d", task.Key, got.code)
		}
	}
	after := s.record("2", "H55").Draft
	if d := cmp.Diff(before.Return, after.Return, cmpopts.EquateComparable(clock.Date{})); d != "" {
		t.Error(d)
	}
	if before.Revision != after.Revision {
		t.Errorf("%d saves of nothing", after.Revision-before.Revision)
	}
}

// TestFromBlank fills in the form part by part.
func TestFromBlank(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.get("h55", own).want(t, 200, "", "Bắt đầu từ biểu mẫu trống")
	s.post("h55", own+"/start", url.Values{"from": {"blank"}}).want(t, 303, own)
	save := func(part string, change map[string]string) answer {
		t.Helper()
		form := formOf(t, s.get("h55", own+"/part/"+part).body)
		for k, v := range change {
			form.Set(k, v)
		}
		return s.post("h55", own+"/part/"+part, form)
	}
	save("contact", map[string]string{"contact.email": "sai"}).want(t, 303, own+"/part/contact?check=1")
	s.get("h55", own+"/part/contact?check=1").want(t, 200, "", "không phải địa chỉ email", `href="#contact.full_name"`, `value="sai"`)
	save("contact", map[string]string{
		"contact.full_name": "Nguyễn Văn Mẫu", "contact.email": "mau@tinh.example.vn",
	}).want(t, 303, own+"/part/systems")
	save("systems", map[string]string{
		"system.new.name": "Hệ thống TTHC", "system.new.unit": "Sở TTTT", "then": "here",
	}).want(t, 303, own+"/part/systems")
	save("systems", map[string]string{"system.new.name": "hệ thống tthc"}).want(t, 422, "", "Đã có hệ thống tên", `value="hệ thống tthc"`)
	save("network", nil).want(t, 303, own+"/part/network?check=1")
	s.get("h55", own+"/part/network?check=1").want(t, 200, "", "Hệ thống TTHC", "chưa chọn mức đáp ứng")
	save("network", map[string]string{"row.1.1.compliance": "met"}).want(t, 303, own+"/part/procedure_system")
	save("procedure_system", map[string]string{
		"row.2.compliance": "not_met", "row.2.stage": "tendering", "row.2.month": "quý II/2024",
		"row.2.causes": "- Thiếu kinh phí\n- Thiếu người", "row.2.unit": "Sở TTTT",
	}).want(t, 303, own+"/part/onestop_equipment")
	save("onestop_equipment", map[string]string{
		"row.3.compliance": "partially_met", "row.3.units_unmet": "nhiều", "row.3.units_total": "231",
	}).
		want(t, 422, "", "“nhiều” không phải", `value="nhiều"`, `value="231"`)
	save("onestop_equipment", map[string]string{
		"row.3.compliance": "partially_met", "row.3.units_unmet": "1.146", "row.3.units_total": "1.231", "row.3.month": "sớm",
	}).
		want(t, 303, own+"/part/onestop_equipment?check=1")
	s.get("h55", own+"/part/onestop_equipment?check=1").want(t, 200, "", "“sớm” không phải là tháng")
	save("onestop_equipment", map[string]string{"row.3.month": "6/2024"}).want(t, 303, own+"/part/connection")
	save("connection", map[string]string{"row.4.1.compliance": "met"}).want(t, 303, own+"/part/security")
	s.get("h55", own+"/check").want(t, 200, "", "Mục 5.1-a", own+"/part/security#row.5.1-a.compliance")
	save("security", map[string]string{
		"row.5.1-a.compliance": "approved", "row.5.1-a.decision": "632/QĐ-UBND", "row.5.1-a.decision_date": "31/2/2023",
	}).
		want(t, 422, "", `value="31/2/2023"`)
	save("security", map[string]string{
		"row.5.1-a.compliance": "approved", "row.5.1-a.decision": "632/QĐ-UBND", "row.5.1-a.decision_date": "15/6/2023",
		"row.5.1-b.compliance": "met",
	}).want(t, 303, own+"/part/proposals")
	save("proposals", map[string]string{"proposal.security": "Bổ sung IDS"}).want(t, 303, own+"/part/difficulties")
	save("difficulties", map[string]string{"difficulties.1": "Thiếu người", "difficulties.2": "Thiếu tiền"}).want(t, 303, own+"/check")

	ret := s.record("2", "H55").Draft.Return
	if open := readiness.Open(readiness.Check(s.tpl, ret, readiness.Province)); open > 0 {
		t.Fatalf("%d problems left", open)
	}
	want := []string{"1.1 met", "2 not_met", "3 partially_met", "4.1 met", "5.1-a approved", "5.1-b met"}
	var got []string
	for _, a := range ret.Answers {
		got = append(got, a.Row+" "+a.Compliance)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	two := ret.Answers[1]
	if two.ExpectedMonth != "2024-06" || two.Precision != readiness.ByQuarter || len(two.Causes) != 2 || two.Causes[0] != "Thiếu kinh phí" {
		t.Errorf("row 2: %+v", two)
	}
	if n := ret.Answers[2].Counts; n == nil || *n.UnitsUnmet != 1146 || *n.UnitsTotal != 1231 {
		t.Errorf("row 3: %+v", n)
	}
	if len(ret.Difficulties) != 2 || len(ret.Proposals) != 1 {
		t.Errorf("%v %v", ret.Difficulties, ret.Proposals)
	}
}

// TestTwoPeople: what both wrote is kept where it does not overlap, and shown
// to the second where it does.
func TestTwoPeople(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.post("h55", own+"/start", url.Values{"from": {"last"}})
	path := own + "/part/network"
	first, second := formOf(t, s.get("h55", path).body), formOf(t, s.get("h55b", path).body)
	first.Set("row.1.1.unit", "Trung tâm CNTT")
	s.post("h55", path, first).want(t, 303, own+"/part/procedure_system")

	second.Set("row.1.2.unit", "Sở Nội vụ")
	// By itself it is not saved: the page does not show what the other wrote.
	s.post("h55b", path, second, "HX-Request", "true").want(t, 200, "", "một người khác vừa lưu", `name="revision" value="1"`)
	got := s.post("h55b", path, second)
	got.want(t, 303, own+"/part/procedure_system")
	ret := s.record("2", "H55").Draft.Return
	if ret.Answers[0].Unit != "Trung tâm CNTT" || ret.Answers[1].Unit != "Sở Nội vụ" {
		t.Errorf("got units %q and %q", ret.Answers[0].Unit, ret.Answers[1].Unit)
	}

	second.Set("row.1.1.unit", "Phòng Máy tính")
	page := s.post("h55b", path, second)
	page.want(t, 409, "", "Hai người cùng sửa một chỗ", "Phòng Máy tính", "Trung tâm CNTT")
	choice := formOf(t, page.body)
	s.post("h55b", path, choice).want(t, 409, "", "Hãy chọn một trong hai")
	choice.Set("choice.row.1.1.unit", "mine")
	s.post("h55b", path, choice).want(t, 303, own+"/part/procedure_system")
	ret = s.record("2", "H55").Draft.Return
	if ret.Answers[0].Unit != "Phòng Máy tính" || ret.Answers[1].Unit != "Sở Nội vụ" {
		t.Errorf("got units %q and %q", ret.Answers[0].Unit, ret.Answers[1].Unit)
	}
}

// TestAutosave: what is saved by itself comes back as one line with the
// revision that the page goes on from.
func TestAutosave(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.post("h55", own+"/start", url.Values{"from": {"blank"}})
	path := own + "/part/contact"
	form := formOf(t, s.get("h55", path).body)
	form.Set("contact.full_name", "Nguyễn Văn Mẫu")
	got := s.post("h55", path, form, "HX-Request", "true")
	got.want(t, 200, "", "Đã lưu lúc", `name="revision" value="2"`, "còn thiếu")
	if strings.Contains(got.body, "<html") {
		t.Error("got a whole page")
	}
	form.Set("letter.date", "hôm qua")
	s.post("h55", path, form, "HX-Request", "true").want(t, 200, "", "Chưa lưu được", `name="revision" value="1"`)
	// Somebody else works on another page: this one is saved all the same.
	other := formOf(t, s.get("h55b", own+"/part/difficulties").body)
	other.Set("difficulties.1", "Thiếu người")
	s.post("h55b", own+"/part/difficulties", other)
	form.Set("letter.date", "")
	form.Set("revision", "2")
	form.Set("contact.phone", "0912 000 000")
	s.post("h55", path, form, "HX-Request", "true").want(t, 200, "", "Đã lưu lúc", `name="revision" value="4"`)
	ret := s.record("2", "H55").Draft.Return
	if ret.Contact.Phone != "0912 000 000" || len(ret.Difficulties) != 1 {
		t.Errorf("got %+v, %v", ret.Contact, ret.Difficulties)
	}
}

func TestIncompleteIsNotHandedIn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.post("h55", own+"/start", url.Values{"from": {"blank"}})
	s.get("h55", own+"/check").want(t, 200, "", "chỗ phải sửa trước khi gửi", own+"/part/contact#contact.full_name")
	s.post("h55", own+"/submit", url.Values{"revision": {"1"}, "declare": {"1"}}).want(t, 422, "", "chỗ phải sửa trước khi gửi")
	if rec := s.record("2", "H55"); len(rec.Versions) > 0 {
		t.Error("it was handed in")
	}
}

// TestSentBackAndWithdrawn: comments lead to their answers; what came back or
// was taken back can be changed and handed in again; versions are compared.
func TestSentBackAndWithdrawn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ctx := context.Background()
	submit := func() {
		t.Helper()
		rev := 0
		if d := s.record("2", "H55").Draft; d != nil {
			rev = d.Revision
		}
		s.post("h55", own+"/submit", url.Values{"revision": {fmt.Sprint(rev)}, "declare": {"1"}}).want(t, 303, own+"/done")
	}
	s.post("h55", own+"/start", url.Values{"from": {"last"}})
	submit()
	s.post("h55", own+"/withdraw", url.Values{}).want(t, 422, "", "Hãy ghi lý do")
	s.post("h55", own+"/withdraw", url.Values{"reason": {"Sai số liệu"}}).want(t, 303, own)
	s.get("h55", own).want(t, 200, "", "Đã rút lại", "Sai số liệu")
	submit() // untouched
	if _, err := s.register.SendBack(
		ctx, people["centre"], "2", "H55", 2, []readiness.Comment{{Field: "row.2", Text: "Ghi rõ gói thầu"}, {Text: "Xem lại cả báo cáo"}},
	); err != nil {
		t.Fatal(err)
	}
	s.get("h55", own).want(t, 200, "", "Ghi rõ gói thầu", own+"/part/procedure_system#row.2", "Xem lại cả báo cáo")
	path := own + "/part/procedure_system"
	page := s.get("h55", path)
	page.want(t, 200, "", "Ghi rõ gói thầu")
	form := formOf(t, page.body)
	form.Set("row.2.note", "Gói thầu số 3")
	s.post("h55", path, form).want(t, 303, own+"/part/onestop_equipment")
	submit()
	s.get("h55", own+"/compare?a=2&b=3").want(t, 200, "", "Gói thầu số 3", "1 chỗ khác nhau")
	s.get("h55", own+"/compare?a=2&b=9").want(t, 404, "")
	s.get("leader", own).want(t, 200, "", "bản 3")
}

func TestUpload(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	read := func(name string) []byte {
		t.Helper()
		raw, err := os.ReadFile("../../../../data/demo/appendix-488/round-2023/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	path := own + "/upload"
	s.get("h55", path).want(t, 200, "", ".docx")
	s.post("h55", path, url.Values{"revision": {"0"}}).want(t, 422, "", "Hãy chọn một tệp")
	s.upload("h55", path, "bao-cao.docx", []byte("không phải Word"), url.Values{"revision": {"0"}}).want(t, 422, "", "bao-cao.docx")
	s.upload("h55", path, "hn.docx", read("ubnd-thanh-pho-ha-noi.docx"), url.Values{"revision": {"0"}}).want(
		t, 422, "", "là báo cáo của UBND thành phố Hà Nội",
	)
	if rec := s.record("2", "H55"); rec.Draft != nil {
		t.Error("a refused file became the draft")
	}
	s.upload("h55", path, "tn.docx", read("ubnd-tinh-thai-nguyen.docx"), url.Values{"revision": {"0"}}).want(
		t, 200, "", "tn.docx", "Báo cáo chưa được gửi",
	)
	rec := s.record("2", "H55")
	if rec.Draft == nil || len(rec.Draft.Return.Answers) == 0 || len(rec.Versions) > 0 {
		t.Errorf("got %+v", rec)
	}
	s.upload(
		"h55", path, "tn.docx", read("ubnd-tinh-thai-nguyen.docx"), url.Values{"revision": {"0"}},
	).want(t, 409, "", "hãy chọn tệp lần nữa")
}

// TestUnsureReading: what the machine was not sure of stands beside the answer
// until the officer confirms it.
func TestUnsureReading(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ret := complete(s.tpl, "H55")
	ret.Answers[0].Readings = map[string]readiness.Reading{readiness.ColCompliance: {
		Raw: "Cơ bản đáp ứng", Confidence: 0.4, Reason: readiness.ReasonFree,
	}}
	if _, err := s.register.Save(context.Background(), people["h55"], "2", "H55", ret, 0); err != nil {
		t.Fatal(err)
	}
	path := own + "/part/network"
	page := s.get("h55", path)
	page.want(t, 200, "", "Cơ bản đáp ứng", "máy đọc chưa chắc")
	form := formOf(t, page.body)
	s.post("h55", path, form).want(t, 303, path+"?check=1")
	form.Set("row.1.1.confirm", "1")
	s.post("h55", path, form).want(t, 303, own+"/part/procedure_system")
	if got := s.record("2", "H55").Draft.Return.Answers[0].Readings[readiness.ColCompliance].ResolvedBy; got != "thainguyen" {
		t.Errorf("resolved by %q", got)
	}
}

func TestFiles(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.get("h55", own+"/file.docx?blank=1").want(t, 200, "", "H55 blank vi")
	s.get("h55", own+"/file.docx").want(t, 404, "")
	s.get("h55", own+"/file.exe?blank=1").want(t, 404, "")
	s.get("h55", own+"/anything").want(t, 404, "")
	s.get("h55", "/returns/1/H55/file.docx?version=1").want(t, 200, "", "H55 Nguyễn Văn Mẫu vi")
	s.post("h55", own+"/start", url.Values{"from": {"last"}})
	s.get("h55", own+"/file.docx?version=draft").want(t, 200, "")
	s.get("centre", own+"/file.docx?version=draft").want(t, 404, "")
}
