package cleaningweb

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"dean06/internal/citizen"
	"dean06/internal/cleaning"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

type rowsView struct {
	ui.Page
	Lead    string
	Filters []ui.Link
	Table   ui.Table
	Pages   ui.Pages
}

func (p *Pages) rows(w http.ResponseWriter, r *http.Request) error {
	const limit = 30
	ctx, q := r.Context(), r.URL.Query()
	s, err := p.Desk.Batch(ctx, who(ctx), r.PathValue("batch"))
	if err != nil {
		return err
	}
	b, say, of := s.Batch, i18n.From(ctx), cleaning.Which{Outcome: cleaning.Outcome(q.Get("outcome")), Commune: q.Get("commune")}
	after, _ := strconv.Atoi(q.Get("after"))
	list, err := p.Desk.Rows(ctx, who(ctx), b.ID, of, after, limit+1)
	if err != nil {
		return err
	}
	path := Path + "/" + b.ID + "/rows"
	where := func(outcome cleaning.Outcome, after int) string {
		q := url.Values{}
		for key, value := range map[string]string{"outcome": string(outcome), "commune": of.Commune} {
			if value != "" {
				q.Set(key, value)
			}
		}
		if after > 0 {
			q.Set("after", strconv.Itoa(after))
		}
		return strings.TrimSuffix(path+"?"+q.Encode(), "?")
	}
	v := rowsView{Page: p.page(r, t(ctx, "rows.title"), home(ctx), to(b)), Lead: t(ctx, "rows.all")}
	v.Filters = append(v.Filters, ui.Link{Label: t(ctx, "rows.all"), Href: where("", 0)})
	for _, o := range cleaning.Outcomes {
		if s.Outcomes[o] == 0 {
			continue
		}
		label := say.T("cleaning.outcome." + string(o))
		if of.Commune == "" {
			label += " (" + say.Int(int64(s.Outcomes[o])) + ")"
		}
		v.Filters = append(v.Filters, ui.Link{Label: label, Href: where(o, 0)})
		if o == of.Outcome {
			v.Lead = label
		}
	}
	if of.Commune != "" {
		v.Lead = p.Desk.Register.Commune(of.Commune) + ": " + v.Lead
		v.Filters = append(v.Filters, ui.Link{Label: t(ctx, "rows.everywhere"), Href: path})
	}
	if len(list) > limit {
		list = list[:limit]
		v.Pages.Next = where(of.Outcome, list[limit-1].At)
	}
	v.Table = ui.Table{
		ID: "rows", Caption: v.Lead, Quiet: true, Dense: true, Stack: true,
		Empty: ui.Empty(t(ctx, "rows.none"), ui.Link{Label: t(ctx, "rows.all"), Href: where("", 0)}),
	}
	for _, key := range []string{"row", "name", "outcome", "number", "reason"} {
		v.Table.Columns = append(v.Table.Columns, ui.Column{Label: t(ctx, "rows."+key)})
	}
	for _, row := range list {
		number := ""
		if !row.Person.IsZero() {
			number = row.Person.String()
		}
		name := b.Layout.Understood(row.Cells, cleaning.Surname, cleaning.Middle, cleaning.Name, cleaning.Given)
		v.Table.Rows = append(v.Table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: t(ctx, "rows.nth", map[string]any{"n": row.At}), Href: path + "/" + strconv.Itoa(row.At)},
			{Text: name},
			{Text: say.T("cleaning.outcome." + string(row.Outcome))},
			{Text: number},
			{Text: namedOf(say, &row)},
		}})
	}
	return web.Render(w, r, http.StatusOK, rowsPage(v))
}

// reasonOf says in the reader's language why a row is what it is.
func reasonOf(say *i18n.Printer, r *cleaning.Row) string {
	if r.Decided != cleaning.Undecided {
		return say.T("cleaning.clean.decided." + string(r.Decided))
	}
	if say.Lang == i18n.En {
		return r.Reasons[1]
	}
	return r.Reasons[0]
}

// namedOf is reasonOf without values.
func namedOf(say *i18n.Printer, r *cleaning.Row) string {
	if r.Decided != cleaning.Undecided {
		return reasonOf(say, r)
	}
	return r.Named(say.Lang == i18n.En)
}

// pairView is a row beside a person.
type pairView struct {
	ui.Page
	Batch   cleaning.Batch
	Row     int
	Table   ui.Table
	Rest    []ui.Fact // of the file's other columns
	Since   ui.Table  // what happened to the person since the file was linked
	Nobody  string
	Outcome string
	Reason  string
	Read    ui.Table        // what the row was understood as
	Steps   templ.Component // what weighs for and against; only once one has decided, or need not
	Queue   ui.Link         // where to decide first
	Others  []ui.Link
	Claim   []ui.Field // what is wrong in the register, and how one knows
	// Of the queue.
	Lead      string
	Progress  ui.Progress
	Candidate int
	Action    string
	Said      string // of the pair before
	Last      string // address of the row that was decided last
	Dead      bool
}

func (p *Pages) pair(r *http.Request, v cleaning.Beside, title string) pairView {
	ctx := r.Context()
	b := v.Batch
	out := pairView{Page: p.page(r, title, home(ctx), to(b)), Batch: b, Row: v.Row.At, Candidate: v.Candidate, Dead: v.Person.Dead}
	if v.Nobody {
		out.Nobody = t(ctx, "pair.nobody")
	}
	out.Table = ui.Table{ID: "pair", Caption: t(ctx, "pair.caption"), Quiet: true, Stack: true, Columns: []ui.Column{
		{Label: t(ctx, "pair.what")}, {Label: t(ctx, "pair.file")}, {Label: t(ctx, "pair.register")}, {Label: t(ctx, "pair.like")},
	}}
	for _, one := range cleaning.Compare(&b.Layout, v.Row.Cells, &v.Person, v.Steps(), p.today()) {
		if v.Nobody {
			one.Held, one.Like, one.Level = "", cleaning.Open, ""
		}
		out.Table.Rows = append(out.Table.Rows, ui.Row{Cells: p.pairCells(r, one)})
	}
	out.Since = p.since(r, &v)
	for i, h := range b.Layout.Headings {
		if b.Layout.Kinds[i] == cleaning.Ignore && i < len(v.Row.Cells) && strings.TrimSpace(v.Row.Cells[i]) != "" {
			out.Rest = append(out.Rest, ui.Fact{Key: h, Value: v.Row.Cells[i]})
		}
	}
	return out
}

// held is a value as it is said to people.
func held(say *i18n.Printer, what, value string) string {
	switch what {
	case "sex":
		return map[string]string{"1": say.T("cleaning.male"), "2": say.T("cleaning.female")}[value]
	case "birth":
		if d, err := citizen.ParseDay(value); err == nil {
			return d.Say(say)
		}
	}
	return value
}

func (p *Pages) pairCells(r *http.Request, one cleaning.Pair) []ui.Cell {
	ctx := r.Context()
	say := i18n.From(ctx)
	held := held(say, one.What, one.Held)
	file, register, mark := ui.Cell{Text: one.File}, ui.Cell{Text: held}, ui.Cell{}
	words := t(ctx, "like."+string(one.Like))
	if one.Level != "" {
		words = say.T(one.Level)
	}
	switch one.Like {
	case cleaning.Alike:
		mark.Body = ui.StatusText(ui.Met, words)
	case cleaning.Unlike:
		mark.Body = ui.StatusText(ui.Partial, words)
		file.Body, register.Body = differs(one.File), differs(held)
	default:
		mark.Text = words
	}
	return []ui.Cell{{Text: i18n.T(ctx, "cleaning.what."+one.What)}, file, register, mark}
}

func (p *Pages) row(w http.ResponseWriter, r *http.Request) error {
	return p.showRow(w, r, web.Form{}, nil)
}

// claim leaves for the register's clerks that the register is wrong.
func (p *Pages) claim(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	at, err := strconv.Atoi(r.PathValue("row"))
	if err != nil {
		return fault.New(fault.NotFound, "cleaning.batch.no_row", nil)
	}
	err = p.Desk.Claim(ctx, who(ctx), r.PathValue("batch"), at, form.Text("what"), oneLine(form.Text("why")))
	if fault.Of(err) == fault.Invalid {
		return p.showRow(w, r, form, err)
	}
	if err != nil {
		return err
	}
	return web.RedirectWith(w, r, fmt.Sprintf("%s/%s/rows/%d", Path, r.PathValue("batch"), at), "clean.claim.done", nil)
}

func (p *Pages) showRow(w http.ResponseWriter, r *http.Request, form web.Form, why error) error {
	ctx := r.Context()
	at, err := strconv.Atoi(r.PathValue("row"))
	if err != nil {
		return fault.New(fault.NotFound, "cleaning.batch.no_row", nil)
	}
	candidate, _ := strconv.Atoi(r.URL.Query().Get("candidate"))
	found, err := p.Desk.Row(ctx, who(ctx), r.PathValue("batch"), at, candidate)
	if err != nil {
		return err
	}
	say := i18n.From(ctx)
	v := p.pair(r, found, t(ctx, "row.title", map[string]any{"n": at}))
	v.Crumbs = append(v.Crumbs, ui.Link{Label: t(ctx, "rows.title"), Href: Path + "/" + found.Batch.ID + "/rows"})
	v.Outcome, v.Reason = say.T("cleaning.outcome."+string(found.Row.Outcome)), reasonOf(say, &found.Row)
	v.Read = read(r, found.Meanings)
	if found.Blind {
		v.Outcome, v.Reason = t(ctx, "row.blind"), t(ctx, "row.blind.why")
		if found.Batch.State == cleaning.Reviewed {
			v.Queue = ui.Link{Label: t(ctx, "batch.review"), Href: Path + "/" + found.Batch.ID + "/review"}
		}
	}
	list := found.Row.Candidates
	for i := range list {
		if i != found.Candidate {
			label := t(ctx, "row.candidate", map[string]any{"n": i + 1, "score": say.Float(list[i].Score, 1)})
			if found.Blind {
				label = t(ctx, "row.candidate.blind", map[string]any{"n": i + 1})
			}
			v.Others = append(v.Others, ui.Link{
				Label: label,
				Href:  fmt.Sprintf("%s/%s/rows/%d?candidate=%d", Path, found.Batch.ID, at, i),
			})
		}
	}
	if found.Candidate < len(list) && !found.Blind {
		v.Steps = picture(say, list[found.Candidate])
	}
	if !found.Row.Person.IsZero() && !found.Nobody && !found.Blind && cleaning.Permissions.Can(who(ctx), cleaning.Review) == nil {
		v.Claim = p.claimFields(ctx, form, web.FormErrors(why))
		v.Action = fmt.Sprintf("%s/%s/rows/%d", Path, found.Batch.ID, at)
	}
	if v.Errors = web.FormErrors(why); why != nil {
		return web.Retry(w, r, why, rowPage(v))
	}
	return web.Render(w, r, http.StatusOK, rowPage(v))
}

// claimFields ask what of the register is wrong, and how one knows.
func (p *Pages) claimFields(ctx context.Context, form web.Form, errs fault.List) []ui.Field {
	options := []ui.Option{{}}
	for _, what := range cleaning.Claimable {
		options = append(options, ui.Option{Value: what, Label: i18n.T(ctx, "cleaning.what."+what)})
	}
	return []ui.Field{
		{Name: "what", Label: t(ctx, "claim.what"), Options: options, Value: form.Text("what"), Errors: errs},
		{Name: "why", Label: t(ctx, "claim.why"), Hint: t(ctx, "claim.why.hint"), Rows: 2, MaxLength: 200, Value: form.Text("why"), Errors: errs},
	}
}

// read is what stood in a row, what it was understood as, and by which rule.
func read(r *http.Request, list []cleaning.Meaning) ui.Table {
	ctx := r.Context()
	out := ui.Table{ID: "read", Caption: t(ctx, "read.caption"), Quiet: true, Dense: true, Stack: true}
	for _, key := range []string{"what", "stood", "means", "rule"} {
		out.Columns = append(out.Columns, ui.Column{Label: t(ctx, "read."+key)})
	}
	for _, m := range list {
		means := held(i18n.From(ctx), m.What, m.Means)
		if means == "" {
			means = t(ctx, "read.nothing")
		}
		out.Rows = append(out.Rows, ui.Row{Cells: []ui.Cell{
			{Text: i18n.T(ctx, "cleaning.what."+m.What)}, {Text: m.Stood}, {Text: means}, {Text: m.Words(i18n.From(ctx))},
		}})
	}
	return out
}

// picture is what weighs for and against a candidate, with the same as a table below.
func picture(say *i18n.Printer, c cleaning.Explained) templ.Component {
	drawn := c.Picture(say)
	table := ui.Table{ID: "steps", Caption: drawn.Table.Caption, Quiet: true, Dense: true}
	for i, h := range drawn.Table.Headers {
		table.Columns = append(table.Columns, ui.Column{Label: h, Numeric: drawn.Table.Numeric[i]})
	}
	for _, line := range drawn.Table.Rows {
		row := ui.Row{}
		for _, cell := range line {
			row.Cells = append(row.Cells, ui.Cell{Text: cell.Text})
		}
		table.Rows = append(table.Rows, row)
	}
	return ui.Chart(drawn.Title, "", templ.Raw(drawn.HTML()), ui.DataTable(table), "")
}

func says(s string) bool {
	return s == string(cleaning.Same) || s == string(cleaning.Other) || s == string(cleaning.Unsure)
}

// answers are what one may say of a pair, each with its key.
func answers(ctx context.Context) []ui.Action {
	out := []ui.Action{
		{Label: t(ctx, "review.same"), Value: string(cleaning.Same)},
		{Label: t(ctx, "review.other"), Value: string(cleaning.Other), Look: ui.Secondary},
		{Label: t(ctx, "review.unsure"), Value: string(cleaning.Unsure), Look: ui.Secondary},
		{Label: t(ctx, "review.later"), Value: "later", Look: ui.Plain},
	}
	for i, key := range []string{"1", "2", "0", "j"} {
		out[i].Name, out[i].Attrs = "says", templ.Attributes{"data-key": key, "aria-keyshortcuts": key}
	}
	return out
}

func (p *Pages) review(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	q := r.URL.Query()
	commune := q.Get("commune")
	found, err := p.Desk.Next(ctx, who(ctx), r.PathValue("batch"), commune)
	if fault.Of(err) == fault.NotFound && found.Batch.ID != "" {
		return web.RedirectWith(w, r, Path+"/"+found.Batch.ID, "clean.review.done", nil)
	}
	if err != nil {
		return err
	}
	s, err := p.Desk.Batch(ctx, who(ctx), found.Batch.ID)
	if err != nil {
		return err
	}
	v := p.pair(r, found, t(ctx, "review.title"))
	v.Lead = t(ctx, "review.lead", map[string]any{"n": found.Row.At})
	if n := len(found.Row.Candidates); n > 1 {
		v.Lead = t(ctx, "review.lead.several", map[string]any{"n": found.Row.At, "k": found.Candidate + 1, "of": n})
	}
	left, of := s.Left, s.Of
	if commune != "" && s.Commune == "" {
		left, of = cleaning.LeftOf(s.Communes, commune)
	}
	if at := cmp.Or(s.Commune, commune); at != "" {
		v.Lead = p.Desk.Register.Commune(at) + ": " + v.Lead
	}
	v.Progress = ui.Progress{Label: t(ctx, "review.progress"), Done: of - left, Total: of, Text: t(ctx, "review.left", map[string]any{"left": left})}
	v.Action = reviewing(found.Batch.ID, commune, nil)
	if last, err := strconv.Atoi(q.Get("last")); err == nil && says(q.Get("says")) {
		bits, _ := strconv.ParseFloat(q.Get("bits"), 64)
		v.Last = fmt.Sprintf("%s/%s/rows/%d", Path, found.Batch.ID, last)
		v.Said = t(ctx, "review.said", map[string]any{"row": last, "says": t(ctx, "says."+q.Get("says")), "score": i18n.From(ctx).Float(bits, 1)})
	}
	return web.Render(w, r, http.StatusOK, reviewPage(v))
}

func (p *Pages) reviewPost(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	ctx, id := r.Context(), r.PathValue("batch")
	at, _, err := form.Int("row")
	if err != nil {
		return err
	}
	of, _, err := form.Int("candidate")
	if err != nil {
		return err
	}
	last, commune := url.Values{}, r.URL.Query().Get("commune")
	if form.Text("says") == "later" {
		err = p.Desk.Leave(ctx, who(ctx), id, at)
	} else {
		var row cleaning.Row
		row, err = p.Desk.Decide(ctx, who(ctx), id, at, of, cleaning.Decided(form.Text("says")))
		if err == nil && of < len(row.Candidates) {
			// Only now may the score be seen.
			last = url.Values{
				"last": {strconv.Itoa(at)}, "says": {form.Text("says")}, "bits": {strconv.FormatFloat(row.Candidates[of].Score, 'f', 1, 64)},
			}
		}
	}
	next := reviewing(id, commune, last)
	if fault.Of(err) == fault.Conflict { // the pair went to somebody else meanwhile
		return web.RedirectWith(w, r, next, fault.As(err).Key, nil)
	}
	if err != nil {
		return err
	}
	return web.Redirect(w, r, next)
}

// reviewing is the address of the queue, of a commune or of all.
func reviewing(batch, commune string, q url.Values) string {
	if commune != "" {
		if q == nil {
			q = url.Values{}
		}
		q.Set("commune", commune)
	}
	return strings.TrimSuffix(Path+"/"+batch+"/review?"+q.Encode(), "?")
}
