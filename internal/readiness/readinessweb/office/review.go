package office

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinessweb"
)

// reviewView is one version of a return before a reviewer.
type reviewView struct {
	ui.Page
	View     readiness.View
	Shown    readiness.Version
	State    readiness.State
	Latest   bool
	Blocks   []block // what a person must decide
	Notes    []readiness.Problem
	Appendix templ.Component
	Timeline []ui.Event
	Previous string
	Next     string
	Place    string // "3 of 12 that wait"
	Reason   string // typed for a reopening
	may      func(readiness.Action) bool
}

// Open says that the return waits for a reviewer.
func (v reviewView) Open() bool {
	return v.Latest && v.State == readiness.Submitted && v.View.Campaign.Cancelled == nil
}

func (v reviewView) path() string { return returnPath(v.View.Campaign.ID, v.View.Agency.Code) }

func (v reviewView) version() string { return strconv.Itoa(v.Shown.Number) }

func (p *Pages) review(w http.ResponseWriter, r *http.Request) error {
	v, err := p.reviewView(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, reviewPage(v))
}

// reviewView gathers the page of a version: the newest, or the one asked for.
func (p *Pages) reviewView(r *http.Request) (reviewView, error) {
	if err := p.reads(r); err != nil {
		return reviewView{}, err
	}
	pr, campaign, agency := i18n.From(r.Context()), r.PathValue("campaign"), r.PathValue("agency")
	view, err := p.Register.Look(r.Context(), p.Actor(r), campaign, agency)
	if err != nil {
		return reviewView{}, err
	}
	v := reviewView{
		Page: p.page(r, "office.review.title", map[string]any{"agency": view.Agency.Name, "campaign": view.Campaign.Number}), View: view,
		may: func(a readiness.Action) bool { return p.can(r, a) },
	}
	v.Crumbs = []ui.Link{
		{Label: pr.T("office.campaigns.title"), Href: "/office/campaigns"},
		{Label: view.Campaign.Number, Href: "/office/campaigns/" + campaign},
	}
	v.Timeline = p.timeline(r, view)
	if err := p.queue(r, &v); err != nil {
		return v, err
	}
	var ok bool
	if v.Shown, ok = pick(view.Record, r.URL.Query().Get("version")); !ok {
		v.State = view.Record.State()
		return v, nil
	}
	v.Latest = v.Shown.Number == len(view.Record.Versions)
	v.State = view.Record.VersionState(v.Shown.Number, time.Time{})
	if v.Open() && p.can(r, readiness.ResolveReading) {
		v.Blocks = blocks(pr, view.Template, v.Shown, view.Agency.Kind)
	}
	for _, problem := range v.Shown.Problems {
		if problem.Severity == readiness.Notes {
			v.Notes = append(v.Notes, problem)
		}
	}
	opts := readinessweb.AppendixOptions{
		Problems: v.Shown.Problems, Comments: view.Record.CommentsAt(v.Shown.Number), Status: true, Readings: true,
		Masked: !p.can(r, readiness.ReadContact), Beside: readinessweb.AttachedBeside(view, view.Record.Attached(v.Shown.Number)),
	}
	if view.Previous != nil {
		opts.Marks = readiness.Marks(view.Template, *view.Previous, v.Shown.Return)
	}
	v.Appendix = readinessweb.Appendix(view, v.Shown.Return, opts)
	return v, nil
}

// reads checks that the reader may see the return, and where it came from.
func (p *Pages) reads(r *http.Request) error {
	if err := p.may(r, readiness.ReadReturn); err != nil {
		return err
	}
	return p.may(r, readiness.ReadIntake)
}

// pick finds a version by number; the newest when none is named.
func pick(rec readiness.Record, number string) (readiness.Version, bool) {
	n := len(rec.Versions)
	if number != "" {
		n, _ = strconv.Atoi(number)
	}
	if n < 1 || n > len(rec.Versions) {
		return readiness.Version{}, false
	}
	return rec.Versions[n-1], true
}

// queue finds the returns before and after this one among those that wait.
func (p *Pages) queue(r *http.Request, v *reviewView) error {
	heads, err := p.waiting(r, v.View.Campaign.ID)
	if err != nil || len(heads) == 0 {
		return err
	}
	at := func(i int) string { return returnPath(heads[i].Campaign, heads[i].Agency.Code) }
	here := slices.IndexFunc(heads, func(h readiness.Head) bool { return h.Agency.Code == v.View.Agency.Code })
	if here < 0 {
		v.Next = at(0)
		return nil
	}
	v.Place = i18n.T(r.Context(), "office.review.place", map[string]any{"n": here + 1, "of": len(heads)})
	if here > 0 {
		v.Previous = at(here - 1)
	}
	if here+1 < len(heads) {
		v.Next = at(here + 1)
	}
	return nil
}

// waiting lists the returns of a campaign that wait for a reviewer, the one
// that waits longest first.
func (p *Pages) waiting(r *http.Request, campaign string) ([]readiness.Head, error) {
	heads, err := p.Register.Heads(r.Context(), p.Actor(r), campaign)
	if err != nil {
		return nil, err
	}
	heads = slices.DeleteFunc(heads, func(h readiness.Head) bool { return h.State != readiness.Submitted })
	slices.SortFunc(heads, func(a, b readiness.Head) int {
		return cmp.Or(a.Updated.Compare(b.Updated), cmp.Compare(a.Agency.Code, b.Agency.Code))
	})
	return heads, nil
}

// timeline tells what happened to a return, the newest first.
func (p *Pages) timeline(r *http.Request, v readiness.View) []ui.Event {
	pr := i18n.From(r.Context())
	var out []ui.Event
	for _, s := range slices.Backward(v.Record.Steps) {
		e := ui.Event{
			Title: pr.T("office.event", map[string]any{"event": pr.T("readiness.event." + string(s.Event)), "version": s.Version}),
			By:    p.By(r.Context(), s.By, s.At), At: s.At,
		}
		var text []string
		switch s.Reason {
		case "":
		case "resolve", "import":
			text = append(text, pr.T("office.reason."+s.Reason))
		default:
			text = append(text, s.Reason)
		}
		for _, c := range s.Comments {
			text = append(text, strings.TrimPrefix(fieldLabel(pr, v.Template, c.Field)+": ", ": ")+c.Text)
		}
		e.Text = strings.Join(text, "\n")
		if s.Version > 1 && (s.Event == readiness.EventSubmit || s.Event == readiness.EventReplace) {
			e.Link = ui.Link{
				Label: pr.T("office.compare.link", map[string]any{"from": s.Version - 1, "to": s.Version}),
				Href:  returnPath(v.Campaign.ID, v.Agency.Code) + "/compare?from=" + strconv.Itoa(s.Version-1) + "&to=" + strconv.Itoa(s.Version),
			}
		}
		out = append(out, e)
	}
	return out
}

// fieldLabel names a field of the form for people.
func fieldLabel(pr *i18n.Printer, t *readiness.Template, field string) string {
	group, key, _ := strings.Cut(field, ".")
	name := func(list []readiness.Labelled) string {
		for _, l := range list {
			if l.Key == key {
				return l.Label.In(string(pr.Lang))
			}
		}
		return key
	}
	switch group {
	case "contact":
		return name(t.Contact)
	case "proposal":
		return name(t.Proposals)
	case "row":
		for _, column := range t.Columns {
			key = strings.TrimSuffix(key, "."+column.Key)
		}
		key, _, _ = strings.Cut(key, "@")
		if row, ok := readiness.RowOf(t, key); ok {
			return key + ". " + row.Label.In(string(pr.Lang))
		}
		return key
	case "difficulties":
		return t.Difficulty.In(string(pr.Lang))
	case "recommendations":
		return t.Recommend.In(string(pr.Lang))
	}
	return ""
}

// decided leads on after a decision: to the next return that waits, or to the
// work list when it was the last.
func (p *Pages) decided(w http.ResponseWriter, r *http.Request, v reviewView, key string) error {
	to := "/office"
	heads, err := p.waiting(r, v.View.Campaign.ID)
	if err != nil {
		return err
	}
	if len(heads) > 0 {
		to = returnPath(heads[0].Campaign, heads[0].Agency.Code)
	}
	if v.Next != "" {
		to = v.Next
	}
	return web.RedirectWith(w, r, to, key, fault.Args{"agency": v.View.Agency.Name})
}

// version reads which version a decision is about.
func version(form web.Form) int {
	n, _ := strconv.Atoi(form.Text("version"))
	return n
}

func (p *Pages) acceptPost(w http.ResponseWriter, r *http.Request) error {
	v, form, err := p.deciding(r)
	if err != nil {
		return err
	}
	if _, err := p.Register.Accept(r.Context(), p.Actor(r), v.View.Campaign.ID, v.View.Agency.Code, version(form)); err != nil {
		v.Errors = web.FormErrors(err)
		return web.Retry(w, r, err, reviewPage(v))
	}
	return p.decided(w, r, v, "office.review.accepted")
}

func (p *Pages) reopenPost(w http.ResponseWriter, r *http.Request) error {
	v, form, err := p.deciding(r)
	if err != nil {
		return err
	}
	v.Reason = form.Text("reason")
	if _, err := p.Register.Reopen(r.Context(), p.Actor(r), v.View.Campaign.ID, v.View.Agency.Code, v.Reason); err != nil {
		v.Errors = web.FormErrors(err)
		return web.Retry(w, r, err, reviewPage(v))
	}
	return web.RedirectWith(w, r, v.path(), "office.review.reopened", fault.Args{"agency": v.View.Agency.Name})
}

// deciding reads the form of a decision beside the page that it came from.
func (p *Pages) deciding(r *http.Request) (reviewView, web.Form, error) {
	form, err := web.ReadForm(r)
	if err != nil {
		return reviewView{}, form, err
	}
	v, err := p.reviewView(r)
	return v, form, err
}

func (p *Pages) paperFile(w http.ResponseWriter, r *http.Request) error {
	for _, action := range []readiness.Action{readiness.ReadReturn, readiness.ReadIntake} { // an agency's own way to it is among its pages
		if err := p.may(r, action); err != nil {
			return err
		}
	}
	n, _ := strconv.Atoi(r.PathValue("version"))
	file, content, err := p.Register.Paper(r.Context(), p.Actor(r), r.PathValue("campaign"), r.PathValue("agency"), n)
	if err != nil {
		return err
	}
	return sendPaper(w, file, content)
}

// compareView is two versions of one return beside each other.
type compareView struct {
	ui.Page
	From, To int
	Changes  []ui.Change
	Versions []ui.Option
}

func (p *Pages) compare(w http.ResponseWriter, r *http.Request) error {
	if err := p.reads(r); err != nil {
		return err
	}
	pr, q := i18n.From(r.Context()), r.URL.Query()
	view, err := p.Register.Look(r.Context(), p.Actor(r), r.PathValue("campaign"), r.PathValue("agency"))
	if err != nil {
		return err
	}
	from, okFrom := pick(view.Record, cmp.Or(q.Get("from"), strconv.Itoa(len(view.Record.Versions)-1)))
	to, okTo := pick(view.Record, q.Get("to"))
	if !okFrom || !okTo {
		return fault.New(fault.NotFound, "office.compare.none", nil)
	}
	v := compareView{Page: p.page(r, "office.compare.title", map[string]any{"agency": view.Agency.Name}), From: from.Number, To: to.Number}
	v.Crumbs = []ui.Link{
		{Label: view.Campaign.Number, Href: "/office/campaigns/" + view.Campaign.ID},
		{Label: view.Agency.Name, Href: returnPath(view.Campaign.ID, view.Agency.Code)},
	}
	v.Changes = changes(pr, view.Template, readiness.Diff(view.Template, from.Return, to.Return))
	for _, one := range view.Record.Versions {
		label := pr.T("office.compare.version", map[string]any{
			"version": one.Number, "time": one.At, "channel": pr.T("readiness.channel." + string(one.Channel)),
		})
		v.Versions = append(v.Versions, ui.Option{Value: strconv.Itoa(one.Number), Label: label})
	}
	return web.Render(w, r, http.StatusOK, comparePage(v))
}
