package fill_test

import (
	"strings"
	"testing"
)

// What an agency handed in has a receipt, on a page and as a file, and its original.
func TestReceipt(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const first = "/returns/1/H55"
	s.get("h55", first).want(t, 200, "", first+"/receipt/1", "Đến muộn 102 ngày")
	page := s.get("h55", first+"/receipt/1")
	page.want(t, 200, "", "Số đến", "1/2023", "Muộn 102 ngày so với hạn", "sha", first+"/original/1", "chưa phải là đã chấp nhận")
	s.get("h55", first+"/receipt/1?lang=en").want(t, 200, "", "Arrival number", "Late by 102 days")
	s.get("h55", first+"/receipt/1/file.pdf").want(t, 200, "", "receipt 1/2023")
	for _, path := range []string{"/receipt/2", "/receipt/x", "/receipt/0/file.pdf", "/receipt/1/file.exe", "/receipt/1/x", "/original/7"} {
		s.get("h55", first+path).want(t, 404, "")
	}
	s.get("h04", first+"/receipt/1").want(t, 404, "")
	s.get("h55", first+"/original/1").want(t, 200, "")
	// A leader reads the receipt, and gets no original: it names the focal point.
	leader := s.get("leader", first+"/receipt/1")
	leader.want(t, 200, "", "Số đến")
	if strings.Contains(leader.body, "/original/") {
		t.Error("a leader is offered the original")
	}
	s.get("leader", first+"/original/1").want(t, 403, "")
}
