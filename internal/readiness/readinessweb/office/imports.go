package office

import (
	"cmp"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/readiness"
)

type importsView struct {
	ui.Page
	May       bool
	Campaign  string
	Campaigns []ui.Option
	Batches   ui.Table
}

func (p *Pages) imports(w http.ResponseWriter, r *http.Request) error {
	if err := p.may(r, readiness.ReadIntake); err != nil {
		return err
	}
	v, err := p.importsView(r, r.URL.Query().Get("campaign"))
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, importsPage(v))
}

func (p *Pages) importsView(r *http.Request, campaign string) (importsView, error) {
	pr := i18n.From(r.Context())
	v := importsView{Page: p.page(r, "office.import.title"), May: p.can(r, readiness.ImportReturn), Campaign: campaign}
	campaigns, err := p.Register.Campaigns(r.Context(), p.Actor(r))
	if err != nil {
		return v, err
	}
	for _, c := range readiness.Live(campaigns) {
		v.Campaigns = append(v.Campaigns, ui.Option{Value: c.ID, Label: letter(pr, c)})
	}
	var batches []readiness.Batch
	for _, c := range campaigns {
		of, err := p.Register.Batches(r.Context(), p.Actor(r), c.ID)
		if err != nil {
			return v, err
		}
		batches = append(batches, of...)
	}
	slices.SortStableFunc(batches, func(a, b readiness.Batch) int { return b.At.Compare(a.At) })
	v.Batches = p.batchesTable(r, batches[:min(50, len(batches))])
	return v, nil
}

func (p *Pages) batchesTable(r *http.Request, batches []readiness.Batch) ui.Table {
	pr := i18n.From(r.Context())
	t := ui.Table{
		ID: "batches", Stack: true, Caption: pr.T("office.import.batches"), Columns: []ui.Column{
			{Label: pr.T("office.import.at")},
			{Label: pr.T("office.campaign")},
			{Label: pr.T("office.import.by")},
			{Label: pr.T("office.import.files"), Numeric: true},
			{Label: pr.T("office.state")},
		},
		Empty: ui.Empty(pr.T("office.import.batches.empty"), ui.Link{}),
	}
	for _, b := range batches {
		state := ui.Tag(ui.Good, pr.T("office.import.finished"))
		if b.Finished.IsZero() {
			state = ui.Tag(ui.Info, pr.T("office.import.running", map[string]any{"done": b.Done, "total": b.Total}))
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: pr.Time(b.At), Href: "/office/imports/" + b.ID},
			{Text: b.Campaign},
			{Text: p.By(r.Context(), b.By, b.At)},
			{Text: pr.Int(int64(b.Total))},
			{Body: state},
		}})
	}
	return t
}

func (p *Pages) importsPost(w http.ResponseWriter, r *http.Request) error {
	if err := p.may(r, readiness.ImportReturn); err != nil {
		return err
	}
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	if r.MultipartForm != nil { // a form without files has none
		defer func() { _ = r.MultipartForm.RemoveAll() }()
	}
	batch, err := p.takeUploads(r, form)
	if err != nil {
		v, viewErr := p.importsView(r, form.Text("campaign"))
		if viewErr != nil {
			return viewErr
		}
		v.Errors = web.FormErrors(err)
		return web.Retry(w, r, err, importsPage(v))
	}
	return web.Redirect(w, r, "/office/imports/"+batch)
}

func (p *Pages) takeUploads(r *http.Request, form web.Form) (string, error) {
	campaign := form.Text("campaign")
	if _, err := p.Register.Campaign(r.Context(), p.Actor(r), campaign); err != nil {
		return "", fault.New(fault.Invalid, "office.import.no_campaign", nil).At("campaign")
	}
	headers := form.Files("files")
	if len(headers) == 0 {
		return "", fault.New(fault.Invalid, "office.import.no_files", nil).At("files")
	}
	files := make([]readiness.File, len(headers))
	for i, h := range headers {
		var err error
		if files[i], err = readUpload(h); err != nil {
			return "", err
		}
	}
	return p.Work.Import(r.Context(), p.Actor(r), campaign, files)
}

func readUpload(h *multipart.FileHeader) (readiness.File, error) {
	name, err := web.Clean(h.Filename)
	if err != nil {
		return readiness.File{}, fault.As(err).At("files")
	}
	f, err := h.Open()
	if err != nil {
		return readiness.File{}, fmt.Errorf("open upload: %w", err)
	}
	defer f.Close()
	content, err := io.ReadAll(f)
	if err != nil {
		return readiness.File{}, fmt.Errorf("read upload: %w", err)
	}
	return readiness.File{Name: name, Size: h.Size, Content: content}, nil
}

// outcome is what became of a file, as people ask for it.
type outcome string

const (
	waits     outcome = "waits"     // a person must say whose it is, or which of two counts, or read it
	review    outcome = "review"    // it went in and has something to be looked at
	rejected  outcome = "rejected"  // nothing of it came, so that it cannot become a return
	refused   outcome = "refused"   // with a letter to its agency
	accepted  outcome = "accepted"  // it counts
	discarded outcome = "discarded" // a person put it aside
)

// outcomes lists them, those that need a person first.
var outcomes = []outcome{waits, review, rejected, refused, accepted, discarded}

func (o outcome) tone() ui.Tone {
	return map[outcome]ui.Tone{waits: ui.Caution, review: ui.Caution, rejected: ui.Bad, accepted: ui.Good}[o]
}

// outcomeOf says what became of a file by now: what had to be looked at may
// have been accepted since.
func outcomeOf(i readiness.BatchItem, now readiness.State) outcome {
	switch {
	case i.Open():
		return waits
	case i.Resolution == "discarded":
		return discarded
	case i.Resolution == readiness.Refused:
		return refused
	case i.Status == readiness.ItemRejected:
		return rejected
	case i.Status == readiness.ItemAccepted || now == readiness.Accepted:
		return accepted
	}
	return review
}

const itemsAPage = 100

type batchView struct {
	ui.Page
	Batch    readiness.Batch
	Campaign readiness.Campaign
	Counts   []ui.Figure
	Items    ui.Table
	Pages    ui.Pages
	Here     string
	Shown    outcome
	Waiting  int
}

// Running says that files are still being read.
func (v batchView) Running() bool { return v.Batch.Finished.IsZero() }

func (p *Pages) batch(w http.ResponseWriter, r *http.Request) error {
	if err := p.may(r, readiness.ReadIntake); err != nil {
		return err
	}
	ctx, pr := r.Context(), i18n.From(r.Context())
	b, items, err := p.Register.Batch(ctx, p.Actor(r), r.PathValue("batch"))
	if err != nil {
		return err
	}
	c, err := p.Register.Campaign(ctx, p.Actor(r), b.Campaign)
	if err != nil {
		return err
	}
	v := batchView{
		Page: p.page(r, "office.batch.title", map[string]any{"time": b.At}), Batch: b, Campaign: c,
		Here: r.URL.RequestURI(), Shown: outcome(r.URL.Query().Get("status")),
	}
	v.Crumbs = []ui.Link{{Label: pr.T("office.import.title"), Href: "/office/imports"}}
	if err := p.fillBatch(r, &v, items); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, batchPage(v))
}

func (p *Pages) fillBatch(r *http.Request, v *batchView, items []readiness.BatchItem) error {
	pr, path := i18n.From(r.Context()), "/office/imports/"+v.Batch.ID
	heads, err := p.Register.Heads(r.Context(), p.Actor(r), v.Batch.Campaign)
	if err != nil {
		return err
	}
	states := map[string]readiness.State{}
	for _, h := range heads {
		states[h.Agency.Code] = h.State
	}
	by := map[outcome]int{}
	var shown []readiness.BatchItem
	for _, i := range items {
		o := outcomeOf(i, states[i.Agency])
		by[o]++
		if v.Shown == "" || v.Shown == o {
			shown = append(shown, i)
		}
	}
	v.Waiting = by[waits]
	for _, o := range outcomes {
		v.Counts = append(v.Counts, ui.Figure{
			Label: pr.T("office.outcome." + string(o)), Value: pr.Int(int64(by[o])), Href: path + "?status=" + string(o),
		})
	}
	rank := func(i readiness.BatchItem) int { return slices.Index(outcomes, outcomeOf(i, states[i.Agency])) }
	slices.SortStableFunc(shown, func(a, b readiness.BatchItem) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.File.Name, b.File.Name))
	})
	from, _ := strconv.Atoi(r.URL.Query().Get("from"))
	from = max(0, min(from, len(shown)))
	to := min(from+itemsAPage, len(shown))
	link := func(n int) string {
		return path + "?" + url.Values{"status": {string(v.Shown)}, "from": {strconv.Itoa(n)}}.Encode()
	}
	v.Pages.Count = len(shown)
	if from > 0 {
		v.Pages.Previous = link(max(0, from-itemsAPage))
	}
	if to < len(shown) {
		v.Pages.Next = link(to)
	}
	name, err := p.names(r, v.Batch.Campaign)
	v.Items = itemsTable(pr, shown[from:to], states, name)
	return err
}

func itemsTable(pr *i18n.Printer, items []readiness.BatchItem, states map[string]readiness.State, name func(string) string) ui.Table {
	t := ui.Table{
		ID: "items", Stack: true, Caption: pr.T("office.batch.files"), Quiet: true, Columns: []ui.Column{
			{Label: pr.T("office.batch.file")},
			{Label: pr.T("office.agency")},
			{Label: pr.T("office.batch.result")},
			{Label: pr.T("office.batch.why")},
		},
		Empty: ui.Empty(pr.T("office.batch.empty"), ui.Link{}),
	}
	for _, i := range items {
		o := outcomeOf(i, states[i.Agency])
		file := ui.Cell{Text: i.File.Name, Href: "/office/items/" + i.ID}
		agency := ui.Cell{Text: pr.T("office.batch.no_agency")}
		if i.Agency != "" {
			agency.Text = name(i.Agency)
			if i.Version > 0 {
				agency.Href = returnPath(i.Campaign, i.Agency)
			}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			file, agency,
			{Body: ui.Tag(cmp.Or(o.tone(), ui.Neutral), pr.T("office.outcome."+string(o)))},
			{Body: problemList(i.Problems, 3, "/office/items/"+i.ID)},
		}})
	}
	return t
}
