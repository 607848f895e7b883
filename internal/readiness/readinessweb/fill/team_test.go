package fill_test

import (
	"context"
	"net/url"
	"strconv"
	"testing"

	"dean06/internal/platform/clock"
	"dean06/internal/readiness"
)

// The parts of a form are shared, its comments answered, and its leader approves.
func TestTeam(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const one = "/returns/2/H55"
	s.get("h55", one+"/team").want(t, 303, one)
	s.post("h55", one+"/start", url.Values{"from": {"last"}})
	s.get("h55", one+"/team").want(t, 200, "", "Chia phần", "Chưa giao")
	s.get("h55", one+"/team?lang=en").want(t, 200, "", "Who fills in what")
	s.get("h04", one+"/team").want(t, 404, "")
	s.get("leader", one+"/team").want(t, 403, "")
	s.post("h55", one+"/team", url.Values{"part.contact": {"khong-ai"}}).want(t, 422, "", "Người này không điền báo cáo")
	s.post("h55", one+"/team", url.Values{"part.contact": {"thainguyen"}}).want(t, 303, one+"/team")
	s.get("h55", one).want(t, 200, "", "Thainguyen phụ trách", "Chia phần (1 phần đã giao)")
	s.get("h55b", one+"/part/contact").want(t, 200, "", "Phần này do thainguyen phụ trách")
	rev := strconv.Itoa(s.record("2", "H55").Draft.Revision)
	hand := url.Values{"declare": {"1"}, "revision": {rev}}
	s.post("h55", one+"/submit", hand).want(t, 409, "", "chưa đánh dấu xong")
	s.post("h55", one+"/team", url.Values{"part.contact": {"thainguyen"}, "done.contact": {"1"}}).want(t, 303, one+"/team")
	s.get("h55", one).want(t, 200, "", "đã xong")

	// The leader settles that they approve.
	s.get("chief", "/returns").want(t, 200, "", "Lãnh đạo duyệt trước khi gửi", "Xem báo cáo")
	s.post("h55", "/returns/approval", url.Values{"approval": {"1"}}).want(t, 403, "")
	s.post("chief", "/returns/approval", url.Values{"approval": {"1"}}).want(t, 303, "/returns")
	s.post("h55", one+"/submit", hand).want(t, 409, "", "Lãnh đạo cơ quan phải duyệt trước khi gửi")
	s.get("h55", one+"/check").want(t, 200, "", "Trình lãnh đạo duyệt")
	s.post("h55", one+"/ask", nil).want(t, 303, one)
	s.get("h55", one).want(t, 200, "", "Chờ duyệt")
	s.get("h55", one+"/approval").want(t, 403, "")
	s.get("chief", one).want(t, 200, "", "Xem và duyệt")
	mark := s.record("2", "H55").Mark()
	s.get("chief", one+"/approval").want(t, 200, "", mark, "Chưa duyệt, trả lại", "Hệ thống giải quyết TTHC")
	s.post("chief", one+"/approval", url.Values{"mark": {mark}, "do": {"no"}}).want(t, 422, "", "Thiếu lý do chưa duyệt")
	s.post("chief", one+"/approval", url.Values{"mark": {"0.9.0.0"}, "do": {"yes"}}).want(t, 409, "", "Bản nháp đã thay đổi")
	s.post("chief", one+"/approval", url.Values{"mark": {mark}, "do": {"yes"}}).want(t, 303, one)
	s.get("h55", one).want(t, 200, "", "Lãnh đạo đã duyệt")
	s.get("chief", one+"/part/contact").want(t, 403, "")
	s.post("h55", one+"/submit", hand).want(t, 303, one+"/done")

	// It comes back, and the comment is answered at the answer.
	comments := []readiness.Comment{{Field: "row.2", Text: "Ghi rõ số liệu"}}
	if _, err := s.register.SendBack(context.Background(), people["centre"], "2", "H55", 1, comments); err != nil {
		t.Fatal(err)
	}
	s.get("h55", one).want(t, 200, "", "Ghi rõ số liệu", "Trả lời của cơ quan", `id="comment-row-2"`)
	s.post("h55", one+"/reply", url.Values{"field": {"row.2"}, "text": {" "}}).want(t, 303, one)
	s.post("h55", one+"/reply", url.Values{"field": {"row.9"}, "text": {"x"}}).want(t, 409, "")
	s.post("h55", one+"/reply", url.Values{"field": {"row.2"}, "text": {"Đã ghi ở cột ghi chú"}}).want(t, 303, one)
	s.get("h55", one).want(t, 200, "", "Đã ghi ở cột ghi chú", "Sửa câu trả lời")
	s.get("h55", one+"/check").want(t, 200, "", "Đã ghi ở cột ghi chú")
}

// A cancelled round is told on the agency's pages, and nothing is written in it any more.
func TestCancelledRound(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	x := readiness.Cancellation{Number: "900/BTTTT", Day: clock.MustDate("2023-06-10"), Reason: "Trùng với đợt khác"}
	if err := s.register.CancelCampaign(context.Background(), people["centre"], "2", x, func(readiness.Tx) error { return nil }); err != nil {
		t.Fatal(err)
	}
	s.get("h55", "/returns").want(t, 200, "", "Đã hủy")
	s.get("h55", "/returns/2/H55").want(t, 200, "", "đã bị hủy theo văn bản số 900/BTTTT", "Trùng với đợt khác")
	s.get("h55", "/returns/2/H55?lang=en").want(t, 200, "", "was cancelled by letter 900/BTTTT")
	s.post("h55", "/returns/2/H55/start", url.Values{"from": {"last"}}).want(t, 409, "", "đã bị hủy")
	s.get("h55", "/returns/2/H55/part/contact").want(t, 409, "")
	s.get("h55", "/returns/1/H55/receipt/1").want(t, 200, "")
}
