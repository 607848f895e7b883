package handoverweb

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"dean06/internal/cleaning"
	"dean06/internal/cleaning/cleaningweb"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

// settleView is a row beside somebody whom the agency does not see.
type settleView struct {
	ui.Page
	Lead      string
	Progress  string
	Said      string // of the row before
	Table     ui.Table
	Cells     []ui.Fact
	Wrong     ui.Field
	Answers   []ui.Action
	Action    string
	Row       int
	Candidate int
}

// next is the next row behind the one in the address.
func (p *Pages) next(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	after, _ := strconv.Atoi(r.URL.Query().Get("after"))
	h, q, err := p.Desk.Next(ctx, who(ctx), r.PathValue("file"), after, lang(ctx))
	if fault.Of(err) == fault.NotFound && h.ID != "" && after > 0 { // those that were put off come again
		h, q, err = p.Desk.Next(ctx, who(ctx), r.PathValue("file"), 0, lang(ctx))
	}
	if (fault.Of(err) == fault.NotFound || fault.Of(err) == fault.Conflict) && h.ID != "" {
		return web.RedirectWith(w, r, at(&h), "handover.settle.done", nil)
	}
	if err != nil {
		return err
	}
	v := settleView{
		Page: p.page(r, t(ctx, "settle.title"), home(ctx), to(&h)), Lead: shared(ctx, "review.lead", map[string]any{"n": q.Row}),
		Progress: t(ctx, "settle.left", map[string]any{"n": q.Open}), Action: at(&h) + "/review", Row: q.Row, Candidate: q.Candidate,
		Answers: cleaningweb.Answers(ctx),
	}
	if q.Of > 1 {
		v.Lead = shared(ctx, "review.lead.several", map[string]any{"n": q.Row, "k": q.Candidate + 1, "of": q.Of})
	}
	if says := r.URL.Query().Get("says"); after > 0 && cleaningweb.Says(says) {
		v.Said = t(ctx, "settle.said", map[string]any{"row": after, "says": shared(ctx, "says."+says)})
	}
	p.compared(ctx, &v, &q)
	for i, cell := range q.Cells {
		if h.Told != nil && i < len(h.Told.Columns) && cell != "" {
			v.Cells = append(v.Cells, ui.Fact{Key: h.Told.Columns[i].Heading, Value: cell})
		}
	}
	return web.Render(w, r, http.StatusOK, settlePage(v))
}

// compared is which values agree and which differ, and what may be said to be wrong.
func (p *Pages) compared(ctx context.Context, v *settleView, q *cleaning.Question) {
	v.Table = ui.Table{ID: "compared", Caption: t(ctx, "settle.caption"), Quiet: true, Stack: true, Columns: []ui.Column{
		{Label: shared(ctx, "pair.what")}, {Label: shared(ctx, "pair.like")},
	}}
	v.Wrong = ui.Field{Name: "wrong", Label: t(ctx, "settle.wrong"), Hint: t(ctx, "settle.wrong.hint"), Small: true}
	for _, c := range q.Values {
		what := i18n.T(ctx, "cleaning.what."+c.What)
		mark := ui.StatusText(ui.Met, c.Words)
		if c.Like == cleaning.Unlike {
			mark = ui.StatusText(ui.Partial, c.Words)
			if c.What != "old" {
				v.Wrong.Options = append(v.Wrong.Options, ui.Option{Value: c.What, Label: what})
			}
		}
		v.Table.Rows = append(v.Table.Rows, ui.Row{Cells: []ui.Cell{{Text: what}, {Body: mark}}})
	}
}

func (p *Pages) settle(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	ctx, id := r.Context(), r.PathValue("file")
	row, _, err := form.Int("row")
	if err != nil {
		return err
	}
	candidate, _, err := form.Int("candidate")
	if err != nil {
		return err
	}
	says, page := form.Text("says"), fmt.Sprintf("%s/%s/review", Path, id)
	after := url.Values{"after": {strconv.Itoa(row)}}
	if says != "later" {
		v := cleaning.Verdict{Candidate: candidate, Says: cleaning.Decided(says)}
		if v.Says == cleaning.Same {
			v.Wrong = form.Values("wrong")
		}
		decided, err := p.Desk.Settle(ctx, who(ctx), id, row, v, lang(ctx))
		if fault.Of(err) == fault.Conflict { // it went to somebody else meanwhile
			return web.RedirectWith(w, r, page, "cleaning.batch.moved", nil)
		}
		if err != nil {
			return err
		}
		after.Set("says", says)
		if decided == cleaning.Undecided && v.Says == cleaning.Other { // the next of its candidates
			after.Set("after", strconv.Itoa(row-1))
			after.Del("says")
		}
	}
	return web.Redirect(w, r, page+"?"+after.Encode())
}
