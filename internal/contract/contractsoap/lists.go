package contractsoap

import (
	"context"
	"encoding/base64"
	"net/url"
	"strconv"
	"time"

	"dean06/internal/contract"
	"dean06/internal/platform/fault"
)

// The asynchronous operations. Their names are the contract's; the words inside their
// answers are ours (YeuCau, TrangThai …), as none were published.

// list is how the register tells of a list.
type list struct {
	ID          string    `json:"id"`
	State       string    `json:"state"`
	Officer     string    `json:"officer"`
	Purpose     string    `json:"purpose"`
	Done        int       `json:"done"`
	Total       int       `json:"total"`
	Percent     int       `json:"percent"`
	RequestedAt time.Time `json:"requested_at"`
	FinishedAt  time.Time `json:"finished_at"`
	Query       struct {
		Kind    string `json:"kind"`
		Place   string `json:"place"`
		Code    string `json:"code"`
		AgeFrom *int   `json:"age_from"`
		AgeTo   *int   `json:"age_to"`
	} `json:"query"`
}

// states are the states of a list in the contract's manner.
var states = map[string]string{
	"waiting": "CHO_XU_LY", "running": "DANG_XU_LY", "done": "HOAN_THANH", "failed": "LOI", "deleted": "DA_XOA",
}

func (c *Contract) askList(ctx context.Context, who contract.Caller, k *call) (element, *refusal) {
	q := k.question
	id := q.all["IdYeuCau"]
	path := "lists/" + url.PathEscape(id)
	switch q.op.Kind {
	case contract.KindList:
		return c.requestList(ctx, who, k)
	case contract.KindLists:
		return c.allLists(ctx, who, k)
	case contract.KindListDelete:
		no := c.call(ctx, who, k, "DELETE", path, nil, nil)
		return group("DeleteRequestResponse", leaf("IdYeuCau", id), leaf("TrangThai", states["deleted"])), no
	case contract.KindListHistory:
		return c.listHistory(ctx, who, k, path)
	case contract.KindListRecords:
		return c.listRecords(ctx, who, k, path)
	case contract.KindListFile:
		b, no := c.send(ctx, who, k, "GET", path+"/file", nil)
		return group("GetResultDetailAsFileResponse",
			leaf("IdYeuCau", id), leaf("TenTep", "danh-sach.csv"), leaf("NoiDung", base64.StdEncoding.EncodeToString(b)),
		), no
	}
	var l list
	no := c.call(ctx, who, k, "GET", path, nil, &l)
	return group(q.op.Name+"Response", l.element().kids...), no
}

func (l list) element() element {
	return group("YeuCau",
		leaf("IdYeuCau", l.ID), leaf("TrangThai", states[l.State]),
		leaf("TienDo", strconv.Itoa(l.Percent)), leaf("SoCongDan", strconv.Itoa(l.Done)),
		leaf("Loai", l.Query.Kind), leaf("MaDiaPhuong", l.Query.Place), leaf("GiaTri", l.Query.Code),
		leaf("TuTuoi", age(l.Query.AgeFrom)), leaf("DenTuoi", age(l.Query.AgeTo)),
		leaf("MaCanBo", l.Officer), leaf("MaDVC", l.Purpose),
		leaf("ThoiDiemYeuCau", millis(l.RequestedAt)), leaf("ThoiDiemHoanThanh", millis(l.FinishedAt)),
	)
}

// age is empty when a list has no such bound: zero is an age.
func age(n *int) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n)
}

// millis is a moment as the contract writes it.
func millis(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return strconv.FormatInt(t.UnixMilli(), 10)
}

func (c *Contract) requestList(ctx context.Context, who contract.Caller, k *call) (element, *refusal) {
	q := k.question
	ask := struct {
		Kind     string   `json:"kind"`
		Place    string   `json:"place,omitempty"`
		Province string   `json:"province,omitempty"`
		District string   `json:"district,omitempty"`
		Code     string   `json:"code,omitempty"`
		AgeFrom  *int     `json:"age_from,omitempty"`
		AgeTo    *int     `json:"age_to,omitempty"`
		Fields   []string `json:"fields,omitempty"`
	}{Kind: q.op.By, Place: firstOf(q.all, "MaPhuongXa", "MaTinhThanh", "MaDiaPhuong")}
	if q.op.By == "place" && ask.Place == "" {
		return element{}, missing("MaDiaPhuong")
	}
	if q.op.Value != "" {
		if ask.Code = q.all[q.op.Value]; ask.Code == "" {
			return element{}, missing(q.op.Value)
		}
	}
	// A district narrows nothing here: there are none since July 2025. Beside a commune it and
	// the province only say where that is, and the register refuses them when it is not there.
	if q.all["MaQuanHuyen"] != "" && q.all["MaPhuongXa"] == "" {
		return element{}, badField("MaQuanHuyen")
	}
	if q.all["MaPhuongXa"] != "" {
		ask.Province, ask.District = q.all["MaTinhThanh"], q.all["MaQuanHuyen"]
	}
	if other := q.all["MaDiaPhuong"]; other != "" && other != ask.Place {
		return element{}, badField("MaDiaPhuong")
	}
	// What another operation lists by would be left without a word.
	for _, other := range []string{"NhomMau", "GioiTinh", "DanToc", "TonGiao"} {
		if other != q.op.Value && q.all[other] != "" {
			return element{}, badField(other)
		}
	}
	var no *refusal
	if ask.AgeFrom, no = wholeField(q.all, "TuTuoi"); no != nil {
		return element{}, no
	}
	if ask.AgeTo, no = wholeField(q.all, "DenTuoi"); no != nil {
		return element{}, no
	}
	switch { // the contract has both
	case q.op.By == "age" && ask.AgeFrom == nil:
		return element{}, missing("TuTuoi")
	case q.op.By == "age" && ask.AgeTo == nil:
		return element{}, missing("DenTuoi")
	}
	var l list
	no = c.call(ctx, who, k, "POST", "lists", ask, &l)
	return group(q.op.Name+"Response", l.element().kids...), no
}

func firstOf(f fields, names ...string) string {
	for _, n := range names {
		if f[n] != "" {
			return f[n]
		}
	}
	return ""
}

// wholeField reads a whole number; nil is none.
func wholeField(f fields, name string) (*int, *refusal) {
	if f[name] == "" {
		return nil, nil
	}
	n, err := strconv.Atoi(f[name])
	if err != nil || n < 0 || n > 200 {
		return nil, badField(name)
	}
	return &n, nil
}

// maxPages bounds how far GetRequests reads to find a page by its number, maxListed and
// maxRecords how much one page holds.
const (
	maxPages   = 20
	maxListed  = 100
	maxRecords = 1000
)

// allLists answers GetRequests: TuNgay and DenNgay in milliseconds, Trang from 1, SoBanGhi.
func (c *Contract) allLists(ctx context.Context, who contract.Caller, k *call) (element, *refusal) {
	f := k.question.all
	var from, to time.Time
	page, size := 1, 20
	for _, no := range []*refusal{
		moment(f, "TuNgay", &from), moment(f, "DenNgay", &to), number(f, "Trang", maxPages, &page), number(f, "SoBanGhi", maxListed, &size),
	} {
		if no != nil {
			return element{}, no
		}
	}
	all := group("GetRequestsResponse")
	skip, before := (page-1)*size, ""
	for range maxPages * 2 {
		var answer struct {
			Lists []list `json:"lists"`
			Next  string `json:"next"`
		}
		if no := c.call(ctx, who, k, "GET", "lists?limit=100"+cursor("before", before), nil, &answer); no != nil {
			return element{}, no
		}
		for _, l := range answer.Lists {
			switch {
			case !from.IsZero() && l.RequestedAt.Before(from), !to.IsZero() && l.RequestedAt.After(to):
			case skip > 0:
				skip--
			case len(all.kids) < size:
				all.kids = append(all.kids, l.element())
			}
		}
		if before = answer.Next; before == "" || len(all.kids) == size {
			return all, nil
		}
	}
	return element{}, badField("TuNgay") // there are more lists than are looked through: a shorter period is wanted
}

func cursor(name, value string) string {
	if value == "" {
		return ""
	}
	return "&" + name + "=" + url.QueryEscape(value)
}

// number reads a count of at least one; what is not there stays as it is.
func number(f fields, name string, most int, to *int) *refusal {
	if f[name] == "" {
		return nil
	}
	n, err := strconv.Atoi(f[name])
	if err != nil || n < 1 || n > most {
		no := badField(name)
		no.why = fault.New(fault.Invalid, "contractsoap.at_most", fault.Args{"most": most})
		return no
	}
	*to = n
	return nil
}

// moment reads a moment; what is not there stays as it is.
func moment(f fields, name string, to *time.Time) *refusal {
	if f[name] == "" {
		return nil
	}
	t, ok := contract.Moment(f[name])
	if !ok {
		return badField(name)
	}
	*to = t
	return nil
}

func (c *Contract) listHistory(ctx context.Context, who contract.Caller, k *call, path string) (element, *refusal) {
	var answer struct {
		ID    string `json:"id"`
		Steps []struct {
			State   string    `json:"state"`
			At      time.Time `json:"at"`
			Officer string    `json:"officer"`
		} `json:"steps"`
	}
	if no := c.call(ctx, who, k, "GET", path+"/history", nil, &answer); no != nil {
		return element{}, no
	}
	n := group("GetRequestHistoryResponse", leaf("IdYeuCau", answer.ID))
	for _, s := range answer.Steps {
		n.kids = append(n.kids, group("LichSu", leaf("TrangThai", states[s.State]), leaf("ThoiDiem", millis(s.At)), leaf("MaCanBo", s.Officer)))
	}
	return n, nil
}

// listRecords answers with people of the list as a CongdanCollection. Where the next
// page goes on is in TrangSau, after the last of them.
func (c *Contract) listRecords(ctx context.Context, who contract.Caller, k *call, path string) (element, *refusal) {
	f := k.question.all
	var answer struct {
		Records []facts `json:"records"`
		Next    string  `json:"next"`
	}
	size := 100
	if no := number(f, "SoBanGhi", maxRecords, &size); no != nil {
		return element{}, no
	}
	if no := c.call(ctx, who, k, "GET", path+"/records?limit="+strconv.Itoa(size)+cursor("after", f["TrangSau"]), nil, &answer); no != nil {
		return element{}, no
	}
	n := collection()
	for _, r := range answer.Records {
		one, err := citizenElement(r)
		if err != nil {
			return element{}, server("answer", err)
		}
		n.kids = append(n.kids, one)
	}
	if answer.Next != "" {
		n.kids = append(n.kids, leaf("TrangSau", answer.Next))
	}
	return n, nil
}
