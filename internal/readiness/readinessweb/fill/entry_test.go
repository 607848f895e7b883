package fill_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"dean06/internal/readiness"
)

// The coordinator types an agency's scan on the agency's own pages, beside it. The draft
// that the agency is writing meanwhile is neither seen nor changed.
func TestEnteringFromAPaper(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ctx := t.Context()
	s.post("h55", own+"/start", url.Values{"from": {"blank"}}).want(t, 303, own)
	form := formOf(t, s.get("h55", own+"/part/contact").body)
	form.Set("contact.full_name", "Người Của Cơ Quan")
	s.post("h55", own+"/part/contact", form)

	var item readiness.BatchItem
	scan := readiness.File{Name: "thu/38-scan.png", Size: 4, Content: []byte("scan")}
	if _, err := s.register.Import(ctx, people["centre"], readiness.Batch{Campaign: "2"}, slices.Values([]readiness.File{scan}), func(i readiness.BatchItem) {
		item = i
	}); err != nil {
		t.Fatal(err)
	}
	at := "/office/items/" + item.ID
	s.get("centre", at+"/enter").want(t, 303, at) // nobody has said whose it is
	if _, err := s.register.AssignItem(ctx, people["centre"], item.ID, "H55"); err != nil {
		t.Fatal(err)
	}
	s.get("h55", own).want(t, 200, "", "38-scan.png", "đang chờ")
	s.get("h55", at+"/enter").want(t, 403, "")
	s.get("leader", at+"/enter").want(t, 403, "")
	s.get("centre", at+"/enter").want(t, 200, "", "Bạn đang nhập thay UBND tỉnh Thái Nguyên", at+"/shown", "Cán bộ đầu mối")
	s.get("centre", at+"/enter?lang=en").want(t, 200, "", "You are entering for")
	page := s.get("centre", at+"/enter/part/contact")
	page.want(t, 200, "", "<img", at+"/shown", `action="`+at+`/enter/part/contact"`)
	if strings.Contains(page.body, "Người Của Cơ Quan") {
		t.Error("the coordinator sees what the agency is writing")
	}
	form = formOf(t, page.body)
	form.Set("contact.full_name", "Người Trên Giấy")
	s.post("h55", at+"/enter/part/contact", form).want(t, 403, "")
	s.post("centre", at+"/enter/part/contact", form).want(t, 303, at+"/enter/part/contact?check=1")
	// Somebody else saved since: what was typed stays on the page.
	form.Set("contact.full_name", "Người Gõ Sau")
	s.post("centre", at+"/enter/part/contact", form).want(t, 422, "", "Có người khác vừa lưu", "Người Gõ Sau")
	// What the page saves by itself says so too.
	s.post("centre", at+"/enter/part/contact", form, "HX-Request", "true").want(t, 200, "", "Có người khác vừa lưu")
	s.get("centre", at+"/enter/part/contact").want(t, 200, "", "Người Trên Giấy")
	s.get("centre", at+"/enter/part/none").want(t, 404, "")
	if rec := s.record("2", "H55"); rec.Draft == nil || rec.Draft.Return.Contact.FullName != "Người Của Cơ Quan" || len(rec.Versions) > 0 {
		t.Errorf("the agency's own return changed: %+v", rec)
	}
}
