package fill_test

import (
	"context"
	"io"
	"net/url"
	"regexp"
	"strconv"
	"testing"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/upload"
)

// uploads takes PDFs, told by how they begin.
type uploads struct{ upload.Service }

func (uploads) Most() int64 { return 1 << 20 }

func (uploads) Take(_ context.Context, _ string, n upload.New, r io.Reader) (upload.File, error) {
	raw, err := io.ReadAll(r)
	if err != nil || len(raw) < 4 || string(raw[:4]) != "%PDF" {
		return upload.File{}, fault.New(fault.Invalid, "upload.refused.unknown", fault.Args{"name": n.Name})
	}
	return upload.File{SHA256: "sum", Size: int64(len(raw)), Name: n.Name, For: n.For, Type: upload.PDF}, nil
}

// A scan is attached to an answer, goes with the return, and is named in its receipt.
func TestAttachments(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const one = "/returns/2/H55"
	s.get("h55", one+"/attachments").want(t, 303, one)
	s.post("h55", one+"/start", url.Values{"from": {"last"}})
	s.get("h55", one+"/attachments?field=row.2").want(t, 200, "", "Tệp đính kèm", "Chưa có tệp đính kèm nào", `value="row.2" selected`)
	s.upload("h55", one+"/attachments", "x.pdf", []byte("MZ"), url.Values{"field": {"row.2"}}).want(t, 422, "")
	s.upload("h55", one+"/attachments", "x.pdf", []byte("%PDF"), url.Values{"field": {"row.77"}}).want(t, 422, "", "Biểu không có câu trả lời này")
	s.post("h55", one+"/attachments", url.Values{"field": {"row.2"}}).want(t, 422, "", "Chưa chọn tệp nào")
	s.upload("h55", one+"/attachments", "quyet-dinh.pdf", []byte("%PDF"), url.Values{"field": {"row.2"}}).want(t, 303, one+"/attachments")
	page := s.get("h55", one+"/attachments")
	page.want(t, 200, "", "quyet-dinh.pdf", "Bỏ tệp quyet-dinh.pdf")
	path := regexp.MustCompile(one + `/attachment/[^"]+`).FindString(page.body)
	s.get("h55", path).want(t, 200, "")
	s.get("leader", path).want(t, 404, "")
	s.get("h04", path).want(t, 404, "")
	s.upload("h04", one+"/attachments", "x.pdf", []byte("%PDF"), nil).want(t, 404, "")
	s.get("h55", one).want(t, 200, "", "Tệp đính kèm (1)")
	s.get("h55", one+"/check").want(t, 200, "", "quyet-dinh.pdf")
	rev := s.record("2", "H55").Draft.Revision
	s.post("h55", one+"/submit", url.Values{"declare": {"1"}, "revision": {strconv.Itoa(rev)}}).want(t, 303, one+"/done")
	s.get("h55", one+"/receipt/1").want(t, 200, "", "Tệp đính kèm", "quyet-dinh.pdf")
	s.get("leader", path).want(t, 200, "")
	s.get("leader", one).want(t, 200, "", "quyet-dinh.pdf")
	s.upload("h55", one+"/attachments", "y.pdf", []byte("%PDF"), nil).want(t, 409, "")
}
