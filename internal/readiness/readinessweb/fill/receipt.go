package fill

import (
	"net/http"
	"path"
	"strconv"
	"strings"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinessweb"
)

type receiptView struct {
	ui.Page
	*visit
	Receipt readiness.Receipt
	Facts   []ui.Fact
}

func receiptPath(version int) string { return "/receipt/" + strconv.Itoa(version) }

func (p *Pages) receiptOf(q *visit) (readiness.Receipt, error) {
	n, _ := strconv.Atoi(q.PathValue("version"))
	return p.shell.Register.Receipt(q.Context(), q.who, q.view.Campaign.ID, q.view.Agency.Code, n)
}

// receipt says that a version came in, when and as what.
func (p *Pages) receipt(q *visit) error {
	r, err := p.receiptOf(q)
	if err != nil {
		return err
	}
	v := receiptView{Page: p.page(q, q.p.T("fill.receipt.title")), visit: q, Receipt: r}
	for _, l := range r.Lines() {
		v.Facts = append(v.Facts, ui.Fact{Key: q.p.T(l.Label), Value: q.p.T(l.Text, l.Args)})
	}
	return web.Render(q.w, q.Request, http.StatusOK, receiptPage(v))
}

func (p *Pages) receiptFile(q *visit) error {
	r, err := p.receiptOf(q)
	if err != nil {
		return err
	}
	format, ok := strings.CutPrefix(q.PathValue("file"), "file.")
	if !ok {
		return fault.New(fault.NotFound, "web.not_found", nil)
	}
	f, err := p.shell.Exports.Receipt(q.Context(), r, format, string(q.p.Lang))
	if err != nil {
		return err
	}
	return f.Send(q.w)
}

// original gives a version as it came in.
func (p *Pages) original(q *visit) error {
	n, _ := strconv.Atoi(q.PathValue("version"))
	file, content, err := p.shell.Register.Paper(q.Context(), q.who, q.view.Campaign.ID, q.view.Agency.Code, n)
	if err != nil {
		return err
	}
	return readinessweb.File{Name: path.Base(file.Name), MediaType: "application/octet-stream", Content: content}.Send(q.w)
}
