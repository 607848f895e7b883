package office_test

import (
	"net/http"
	"strings"
	"testing"

	"dean06/internal/readiness"
)

// A scan is somebody's: said whose it is, entered beside the original, taken in.
func TestAPaperIsEntered(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	batch := s.take("38-scan.pdf", "broken")
	s.want(s.get("centre", batch), http.StatusOK, "1 trong 1 tệp chờ bạn")
	s.want(s.get("centre", "/office"), http.StatusOK, "Cho biết tệp này của ai")
	item := s.unread()
	path := "/office/items/" + item.ID
	s.want(s.get("centre", path), http.StatusOK, "Tệp này của cơ quan nào?", "UBND thành phố Đà Nẵng (H17)")
	s.want(s.get("reviewer", path), http.StatusOK, "Điều phối viên là người quyết định")
	s.want(s.get("centre", path+"/shown"), http.StatusOK, "broken")
	s.want(s.post("centre", path, "decision", "assign"), http.StatusUnprocessableEntity, `href="#agency"`)
	if got := s.post("centre", path, "decision", "assign", "agency", "H55"); got.location != path {
		t.Fatalf("assign: got %d to %q", got.code, got.location)
	}
	s.want(s.get("centre", path), http.StatusOK, "Nhập thay", "/enter", "Từ chối bằng văn bản")
	s.want(s.get("centre", "/office"), http.StatusOK, "Nhập thay hoặc từ chối")
	s.want(s.get("centre", "/office/chase/1"), http.StatusOK, "Có tệp chờ xử lý")
	s.want(s.post("centre", path, "decision", "take_in", "agency", "H55", "replaces", "0"), http.StatusConflict)

	typed := s.get("centre", path+"/enter")
	if typed.code != http.StatusNotFound { // the form's pages are another package's
		t.Fatalf("got %d", typed.code)
	}
	form, err := s.register.Template(t.Context(), people["centre"], "488/1")
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.register.Enter(t.Context(), people["centre"], item.ID, 0, func(readiness.Return) readiness.Return { return complete(form, "H55") })
	if err != nil {
		t.Fatal(err)
	}
	s.want(s.get("centre", path), http.StatusOK, "Phần đã nhập đủ mọi mục", "Nhập tiếp")
	s.want(s.get("reviewer", path), http.StatusOK, "Điều phối viên là người quyết định")
	if got := s.post("centre", path, "decision", "take_in", "agency", "H55", "replaces", "0"); got.location != "/office/returns/1/H55" {
		t.Fatalf("take in: got %d to %q: %s", got.code, got.location, got.body)
	}
	s.want(
		s.get("reviewer", "/office/returns/1/H55"), http.StatusOK, "Nơi nhận nhập thay từ bản gốc", "Tải bản gốc", "Số đến 1/2023", "/returns/1/H55/receipt/1",
	)
	if got := s.record("H55").State(); got != readiness.Submitted {
		t.Errorf("what one person typed is %s", got)
	}
}

func TestAPaperIsRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.take("scan.pdf", "broken")
	path := "/office/items/" + s.unread().ID
	s.want(s.post("centre", path, "decision", "refuse", "reason", "Mờ", "by", "letter"), http.StatusConflict)
	s.post("centre", path, "decision", "assign", "agency", "H55")
	s.want(s.post("centre", path, "decision", "refuse"), http.StatusUnprocessableEntity, `href="#reason"`, `href="#by"`)
	s.want(
		s.post("centre", path, "decision", "refuse", "reason", "unreached", "by", "email"), http.StatusUnprocessableEntity,
		"Hãy chọn tự in và gửi", "unreached",
	)
	s.want(s.post("reviewer", path, "decision", "refuse", "reason", "Mờ", "by", "letter"), http.StatusForbidden)
	if got := s.post("centre", path, "decision", "refuse", "reason", "Mờ quá", "by", "letter"); got.location != path {
		t.Fatalf("refuse: got %d to %q", got.code, got.location)
	}
	page := s.get("centre", path)
	s.want(page, http.StatusOK, "Mờ quá", path+"/letter.docx", "Đã từ chối bằng văn bản")
	if strings.Contains(page.body, `name="decision"`) {
		t.Error("a refused file is decided again")
	}
	s.want(s.get("centre", path+"/letter.pdf"), http.StatusOK, "refused")
	s.want(s.get("centre", "/office/chase/1"), http.StatusOK, "UBND tỉnh Thái Nguyên")
}
