package exchangeweb

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/a-h/templ"

	"dean06/internal/exchange"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/xroad"
)

func (p *Gateway) rights(w http.ResponseWriter, r *http.Request) error {
	pr := in(r)
	v, err := p.page(r, pr.t("gw.rights.title"))
	if err != nil {
		return err
	}
	q := r.URL.Query()
	ended := q.Get("ended") != ""
	list, err := p.Desk.Rights(r.Context(), p.Actor(r), ended)
	if err != nil {
		return err
	}
	wishes, err := p.Desk.Wishes(r.Context(), p.Actor(r))
	if err != nil {
		return err
	}
	services, err := p.serviceOptions(r, ui.Option{Label: pr.t("gw.rights.all")})
	if err != nil {
		return err
	}
	today := clock.DayOf(p.Clock.Now())
	t := ui.Table{
		ID: "rights", Stack: true, Caption: pr.t("gw.rights.title"), Quiet: true, Columns: []ui.Column{
			{Label: pr.t("gw.right.subject")},
			{Label: pr.t("service")},
			{Label: pr.t("gw.right.what")},
			{Label: pr.t("gw.right.purposes")},
			{Label: pr.t("gw.right.until")},
			{Label: pr.t("entry.state")},
		},
		Empty: nothing(p.may(r, exchange.ActGive), pr.t("gw.rights.empty"), ui.Link{Label: pr.t("gw.right.new"), Href: "/gateway/rights/new"}),
	}
	holding := 0
	for _, x := range list {
		if x.EndedAt.IsZero() {
			holding++
		}
		if s := q.Get("service"); s != "" && x.Service.String() != s {
			continue
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Body: coded(p.subjectName(x), subjectCode(x), "/gateway/rights/"+x.ID)},
			{Body: coded(p.serviceName(pr, x.Service), x.Service.Subsystem+"/"+x.Service.Service, "")},
			{Text: what(pr, x)},
			{Text: purposesAnd(pr, x)},
			{Text: until(pr, x)},
			{Body: rightMark(pr, x, today)},
		}})
	}
	v.Stat = pr.t("gw.rights.stat", args{"n": holding})
	if p.may(r, exchange.ActGive) {
		v.Add(ui.Buttons(ui.Action{Label: pr.t("gw.right.new"), Href: "/gateway/rights/new?service=" + url.QueryEscape(q.Get("service"))}))
	} else {
		v.Add(ui.Para(pr.t("gw.who")))
	}
	if len(wishes) > 0 {
		v.Add(p.wishTable(r, pr, wishes))
	}
	f := begin("service", q.Get("service"))
	f.lists["ended"] = q["ended"]
	v.Add(ui.Choice("/gateway/rights", pr.t("show"), components(
		f.pick(ui.Field{Name: "service", Label: pr.t("service"), Options: services}),
		f.ticks(ui.Field{
			Name: "ended", Label: pr.t("gw.rights.more"), Small: true, Options: []ui.Option{{Value: "1", Label: pr.t("gw.rights.ended")}},
		}),
	)), ui.DataTable(t))
	return render(w, r, v)
}

// wishTable is the rights that wait for a second person.
func (p *Gateway) wishTable(r *http.Request, pr words, wishes []exchange.Wish) templ.Component {
	t := ui.Table{ID: "wishes", Stack: true, Caption: pr.t("gw.wishes"), Quiet: true, Columns: []ui.Column{
		{Label: pr.t("gw.right.subject")},
		{Label: pr.t("service")},
		{Label: pr.t("gw.wish.by")},
		{Label: pr.t("gw.wish.until")},
		{Label: pr.t("entry.state")},
	}}
	for _, x := range wishes {
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Body: coded(p.subjectName(x.Right), subjectCode(x.Right), "/gateway/rights/"+x.Right.ID)},
			{Body: coded(p.serviceName(pr, x.Right.Service), x.Right.Service.Subsystem+"/"+x.Right.Service.Service, "")},
			{Text: p.who(r, x.By.Account, x.At) + ", " + pr.when(x.At)},
			{Text: pr.day(x.Until)},
			{Body: waits(pr)},
		}})
	}
	return ui.DataTable(t)
}

func waits(pr words) templ.Component { return ui.StatusText(ui.Partial, pr.t("gw.right.waits")) }

func (p *Gateway) subjectName(x exchange.Right) string {
	if x.Group != "" {
		return x.Group
	}
	return p.name(x.Subject)
}

func subjectCode(x exchange.Right) string {
	if x.Group != "" {
		return ""
	}
	return x.Subject.String()
}

// what says method and path of a right.
func what(pr words, x exchange.Right) string {
	if x.Method == "" && x.Path == "" {
		return pr.t("gw.right.any")
	}
	return strings.TrimSpace(x.Method + " " + x.Path)
}

func purposes(pr words, x exchange.Right) string {
	if len(x.Purposes) == 0 {
		return pr.t("gw.right.any_purpose")
	}
	return strings.Join(x.Purposes, ", ")
}

// must says what each call of a right must name, and whether its system must be secure.
func must(pr words, x exchange.Right) string {
	text := pr.t("gw.right.must.nothing")
	switch {
	case x.Officer && x.Dossier:
		text = pr.t("gw.right.must.both")
	case x.Officer:
		text = pr.t("gw.right.must.officer")
	case x.Dossier:
		text = pr.t("gw.right.must.dossier")
	case x.Security:
		return pr.t("gw.right.must.security")
	}
	if x.Security {
		text += "; " + pr.t("gw.right.must.security")
	}
	return text
}

// purposesAnd are the purposes of a right, and what else it demands.
func purposesAnd(pr words, x exchange.Right) string {
	text := purposes(pr, x)
	switch {
	case x.Officer && x.Dossier:
		text += "; " + pr.t("gw.right.named.both")
	case x.Officer:
		text += "; " + pr.t("gw.right.named.officer")
	case x.Dossier:
		text += "; " + pr.t("gw.right.named.dossier")
	}
	if x.Security {
		text += "; " + pr.t("gw.right.named.security")
	}
	return text
}

// purposes names the procedures of a right.
func (p *Gateway) purposes(ctx context.Context, pr words, x exchange.Right) []ui.Link {
	if len(x.Purposes) == 0 {
		return []ui.Link{{Label: purposes(pr, x)}}
	}
	out := make([]ui.Link, len(x.Purposes))
	for i, code := range x.Purposes {
		out[i].Label = p.purpose(ctx, code)
	}
	return out
}

// purpose is a procedure's name with its code.
func (p *Gateway) purpose(ctx context.Context, code string) string {
	if p.Procedure != nil {
		if name := p.Procedure(ctx, code); name != "" {
			return name + " (" + code + ")"
		}
	}
	return code
}

func until(pr words, x exchange.Right) string {
	if x.Until.IsZero() {
		return pr.t("gw.right.endless")
	}
	return pr.Date(x.Until)
}

func rightMark(pr words, x exchange.Right, today clock.Date) templ.Component {
	switch {
	case !x.EndedAt.IsZero():
		return ui.StatusText(ui.NotMet, pr.t("gw.right.ended"))
	case !x.Until.IsZero() && x.Until.Before(today):
		return ui.StatusText(ui.NotMet, pr.t("gw.right.over"))
	case today.Before(x.From):
		return ui.StatusText(ui.Partial, pr.t("gw.right.later"))
	}
	return ui.StatusText(ui.Met, pr.t("gw.right.holds"))
}

// serviceOptions lists the services here, after some of its own.
func (p *Gateway) serviceOptions(r *http.Request, before ...ui.Option) ([]ui.Option, error) {
	list, err := p.Desk.Services(r.Context(), p.Actor(r))
	for _, s := range list {
		before = append(before, ui.Option{Value: s.ID.String(), Label: p.serviceName(in(r), s.ID) + " (" + s.ID.Subsystem + "/" + s.ID.Service + ")"})
	}
	return before, err
}

// subjectOptions lists who may be given a right: systems by name, then groups.
func (p *Gateway) subjectOptions(r *http.Request, pr words) ([]ui.Option, error) {
	out := []ui.Option{{Label: pr.t("choose")}}
	if d := p.Desk.Directory(); d != nil {
		c := d.Configuration()
		members := slices.Clone(c.Members)
		i18n.SortBy(members, func(m exchange.Member) string { return m.Name })
		for _, m := range members {
			for _, s := range m.Subsystems {
				out = append(out, ui.Option{Value: s.ID.String(), Label: m.Name + " – " + s.Name + " (" + s.ID.String() + ")"})
			}
		}
		for _, g := range c.Groups {
			out = append(out, ui.Option{Value: "group:" + g.Code, Label: pr.t("gw.right.group", args{"name": g.Name})})
		}
	}
	own, err := p.Desk.Groups(r.Context(), p.Actor(r))
	for _, g := range own {
		out = append(out, ui.Option{Value: "group:" + g.Code, Label: pr.t("gw.right.group", args{"name": g.Name})})
	}
	return out, err
}

func (p *Gateway) newRight(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	t := begin("service", q.Get("service"), "replace", q.Get("replace"), "id", p.NewID())
	day := clock.DayOf(p.Clock.Now())
	if id := q.Get("replace"); id != "" {
		x, err := p.Desk.Right(r.Context(), p.Actor(r), id)
		if err != nil {
			return err
		}
		t = typedRight(x)
		t.values["replace"], t.values["id"] = id, p.NewID()
		day = later(x.From, day)
	}
	t.setDate("from", day)
	v, err := p.rightView(r, t)
	if err != nil {
		return err
	}
	return render(w, r, v)
}

func later(a, b clock.Date) clock.Date {
	if a.After(b) {
		return a
	}
	return b
}

func (t typed) setDate(name string, d clock.Date) {
	if !d.IsZero() {
		t.values[name+"-day"], t.values[name+"-month"], t.values[name+"-year"] = itoa(d.Day()), itoa(int(d.Month())), itoa(d.Year())
	}
}

// typedRight is the form with a right in it.
func typedRight(x exchange.Right) typed {
	subject := x.Subject.String()
	if x.Group != "" {
		subject = "group:" + x.Group
	}
	t := begin("subject", subject, "service", x.Service.String(), "method", x.Method, "path", x.Path,
		"purposes", strings.Join(x.Purposes, "\n"), "legal_basis", x.LegalBasis, "fields", strings.Join(x.Fields, "\n"))
	if x.Quota.Bounded() {
		t.values["quota"], t.values["per"], t.values["of"] = itoa(int(x.Quota.Calls)), string(x.Quota.Per), string(x.Quota.Of)
	}
	for name, yes := range map[string]bool{"officer": x.Officer, "dossier": x.Dossier, "security": x.Security} {
		if yes {
			t.lists["must"] = append(t.lists["must"], name)
		}
	}
	t.lists["fields"] = x.Fields
	t.setDate("until", x.Until)
	return t
}

func (p *Gateway) rightView(r *http.Request, t typed) (view, error) {
	pr := in(r)
	v, err := p.page(r, pr.t("gw.right.new"))
	if err != nil {
		return v, err
	}
	if err := exchange.Permissions.Can(p.Actor(r), exchange.ActGive); err != nil {
		return v, err
	}
	v.Crumbs = []ui.Link{{Label: pr.t("gw.rights.title"), Href: "/gateway/rights"}}
	services, err := p.serviceOptions(r)
	if err != nil {
		return v, err
	}
	service, err := xroad.ParseID(t.values["service"], 5, 5)
	if err != nil {
		// One question first: the service decides on the rest.
		if len(services) == 0 {
			v.Add(ui.Empty(pr.t("gw.services.empty"), ui.Link{Label: pr.t("gw.service.new"), Href: "/gateway/services/new"}))
			return v, nil
		}
		v.Add(ui.Choice("/gateway/rights/new", pr.t("show"), components(t.pick(ui.Field{Name: "service", Label: pr.t("gw.right.service"), Options: services}))))
		return v, nil
	}
	v.Lead = p.serviceName(pr, service)
	v.Add(ui.Para(pr.t("gw.right.second")))
	if t.values["replace"] != "" {
		v.Title = pr.t("gw.right.replace")
		v.Add(ui.Para(pr.t("gw.right.replace.text")))
	}
	subjects, err := p.subjectOptions(r, pr)
	if err != nil {
		return v, err
	}
	methods := []ui.Option{{Label: pr.t("gw.right.any_method")}}
	for _, m := range exchange.Methods {
		methods = append(methods, ui.Option{Value: m, Label: m})
	}
	periods := []ui.Option{}
	for _, x := range exchange.Periods {
		periods = append(periods, ui.Option{Value: string(x), Label: pr.t("period." + string(x))})
	}
	units := []ui.Option{
		{Value: string(exchange.OfCalls), Label: pr.t("gw.right.of_what.calls")},
		{Value: string(exchange.OfPersons), Label: pr.t("gw.right.of_what.persons")},
	}
	fields := components(
		t.pick(ui.Field{Name: "subject", Label: pr.t("gw.right.subject"), Hint: pr.t("gw.right.subject.hint"), Options: subjects}),
		t.text(ui.Field{Name: "legal_basis", Label: pr.t("gw.right.basis"), Hint: pr.t("gw.right.basis.hint")}),
		t.area(ui.Field{Name: "purposes", Label: pr.t("gw.right.purposes"), Hint: pr.t("gw.right.purposes.hint"), Rows: 3, Optional: true}),
		t.ticks(ui.Field{Name: "must", Label: pr.t("gw.right.must"), Hint: pr.t("gw.right.must.hint"), Small: true, Options: []ui.Option{
			{Value: "officer", Label: pr.t("gw.right.must.officer")},
			{Value: "dossier", Label: pr.t("gw.right.must.dossier")},
			{Value: "security", Label: pr.t("gw.right.must.security")},
		}}),
		t.date(ui.Field{Name: "from", Label: pr.t("gw.right.from")}),
		t.date(ui.Field{Name: "until", Label: pr.t("gw.right.until"), Hint: pr.t("gw.right.until.hint"), Optional: true}),
		p.fieldChoice(pr, service, t),
		t.pick(ui.Field{Name: "method", Label: pr.t("endpoint.method"), Options: methods}),
		t.text(ui.Field{Name: "path", Label: pr.t("endpoint.path"), Hint: pr.t("gw.right.path.hint"), Width: 20, Optional: true}),
		t.text(ui.Field{
			Name: "quota", Label: pr.t("gw.right.quota"), Hint: pr.t("gw.right.quota.hint"), Width: 10, InputMode: "numeric", Optional: true,
		}),
		t.pick(ui.Field{Name: "of", Label: pr.t("gw.right.of_what"), Hint: pr.t("gw.right.of_what.hint"), Options: units}),
		t.pick(ui.Field{Name: "per", Label: pr.t("gw.right.per"), Options: periods}))
	v.Add(form(
		"/gateway/rights/new", map[string]string{"service": service.String(), "replace": t.values["replace"], "id": t.values["id"]}, fields,
		ui.Action{Label: pr.t("gw.right.give")},
	))
	return v, nil
}

// fieldChoice lets fields be ticked, or typed when the service names none.
func (p *Gateway) fieldChoice(pr words, service xroad.ID, t typed) templ.Component {
	f := ui.Field{Name: "fields", Label: pr.t("gw.right.fields"), Hint: pr.t("gw.right.fields.hint")}
	known := p.fieldsOf(service)
	if len(known) == 0 {
		f.Rows, f.Hint = 3, pr.t("gw.right.fields.typed")
		if t.values["fields"] == "" && t.errs == nil {
			t.values["fields"] = "*"
		}
		return t.area(f)
	}
	f.Small = true
	f.Options = []ui.Option{{Value: "*", Label: pr.t("gw.right.fields.all")}}
	for _, k := range known {
		f.Options = append(f.Options, ui.Option{Value: k.Code, Label: fieldName(pr, k)})
	}
	return t.ticks(f)
}

func fieldName(pr words, f Field) string {
	if f.Key == "" {
		return f.Code
	}
	name := []rune(pr.T(f.Key)) // written for the middle of a sentence
	if len(name) > 0 {
		name[0] = unicode.ToUpper(name[0])
	}
	return string(name)
}

func (p *Gateway) fieldsOf(service xroad.ID) []Field {
	if p.Fields == nil {
		return nil
	}
	return p.Fields(service)
}

// readRight reads the form. It fails with a fault.List.
func (p *Gateway) readRight(f web.Form) (exchange.Right, error) {
	x := exchange.Right{
		ID: f.Text("id"), Method: f.Text("method"), Path: f.Text("path"), Purposes: lines(f.Text("purposes")), LegalBasis: f.Text("legal_basis"),
	}
	var wrong fault.List
	note := func(err error) {
		if e := fault.As(err); e != nil {
			wrong = append(wrong, e)
		}
	}
	x.Service, _ = xroad.ParseID(f.Text("service"), 5, 5)
	if group, ok := strings.CutPrefix(f.Text("subject"), "group:"); ok {
		x.Group = group
	} else if s := f.Text("subject"); s != "" {
		x.Subject, _ = xroad.ParseID(s, 4, 4)
	}
	var err error
	if x.From, err = f.Date("from"); err != nil {
		note(err)
	} else if x.From.IsZero() {
		x.From = clock.DayOf(p.Clock.Now())
	}
	if x.Until, err = f.Date("until"); err != nil {
		note(err)
	}
	if n, given, err := f.Int("quota"); err != nil {
		note(err)
	} else if given {
		x.Quota = exchange.Quota{Calls: int64(n), Per: exchange.Period(f.Text("per")), Of: exchange.Unit(f.Text("of"))}
	}
	named := f.Values("must")
	x.Officer, x.Dossier = slices.Contains(named, "officer"), slices.Contains(named, "dossier")
	x.Security = slices.Contains(named, "security")
	var codes []string
	for _, k := range p.fieldsOf(x.Service) {
		codes = append(codes, k.Code)
	}
	if x.Fields = f.Values("fields"); len(codes) == 0 {
		x.Fields = lines(f.Text("fields"))
	}
	if slices.Contains(x.Fields, "*") {
		x.Fields = []string{"*"}
	}
	if err := exchange.CheckRight(x, codes...); err != nil {
		wrong = append(wrong, web.FormErrors(err)...)
	}
	return x, wrong.Err()
}

func (p *Gateway) newRightPost(w http.ResponseWriter, r *http.Request) error {
	if err := exchange.Permissions.Can(p.Actor(r), exchange.ActGive); err != nil {
		return err
	}
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	x, err := p.readRight(f)
	var wish exchange.Wish
	if err == nil {
		x, wish, err = p.Desk.Give(r.Context(), p.Actor(r), x, f.Text("replace"))
	}
	if err != nil {
		return retry(w, r, err, func() (view, error) { return p.rightView(r, again(f, err)) })
	}
	done := "exchangeweb.gw.right.given"
	if wish.ID != "" {
		done = "exchangeweb.gw.right.asked"
	}
	return web.RedirectWith(w, r, "/gateway/rights/"+x.ID, done, nil)
}

// rightOf finds the right of the page: one that was given, or one that waits.
func (p *Gateway) rightOf(r *http.Request) (exchange.Right, exchange.Wish, error) {
	id := r.PathValue("id")
	x, err := p.Desk.Right(r.Context(), p.Actor(r), id)
	if fault.Of(err) != fault.NotFound {
		return x, exchange.Wish{}, err
	}
	wishes, failed := p.Desk.Wishes(r.Context(), p.Actor(r))
	if failed != nil {
		return x, exchange.Wish{}, failed
	}
	i := slices.IndexFunc(wishes, func(w exchange.Wish) bool { return w.Right.ID == id })
	if i < 0 {
		return x, exchange.Wish{}, err
	}
	return wishes[i].Right, wishes[i], nil
}

func (p *Gateway) right(w http.ResponseWriter, r *http.Request) error {
	pr := in(r)
	x, wish, err := p.rightOf(r)
	if err != nil {
		return err
	}
	v, err := p.page(r, p.subjectName(x))
	if err != nil {
		return err
	}
	v.Lead = pr.t("gw.right.of", args{"service": p.serviceName(pr, x.Service)})
	v.Crumbs = []ui.Link{{Label: pr.t("gw.rights.title"), Href: "/gateway/rights"}}
	quota := pr.t("gw.right.no_quota")
	if x.Quota.Bounded() {
		used, err := p.Desk.Used(r.Context(), p.Actor(r), x)
		if err != nil {
			return err
		}
		key := "gw.right.quota.of"
		if x.Quota.Of == exchange.OfPersons {
			key = "gw.right.quota.of_persons"
		}
		quota = pr.t(key, args{"used": used, "of": x.Quota.Calls, "per": pr.t("period." + string(x.Quota.Per))})
	}
	state := rightMark(pr, x, clock.DayOf(p.Clock.Now()))
	if wish.ID != "" {
		state = waits(pr)
	}
	names := []ui.Link{}
	known := p.fieldsOf(x.Service)
	for _, code := range x.Fields {
		name := code
		if code == "*" {
			name = pr.t("gw.right.fields.all")
		} else if i := slices.IndexFunc(known, func(f Field) bool { return f.Code == code }); i >= 0 {
			name = fieldName(pr, known[i])
		}
		names = append(names, ui.Link{Label: name})
	}
	v.Add(ui.SummaryList([]ui.Fact{
		{Key: pr.t("gw.right.subject"), Body: coded(p.subjectName(x), subjectCode(x), "")},
		{Key: pr.t("service"), Body: coded(p.serviceName(pr, x.Service), x.Service.String(), servicePath(x.Service))},
		{Key: pr.t("gw.right.what"), Value: what(pr, x)},
		{Key: pr.t("gw.right.purposes"), Body: links(p.purposes(r.Context(), pr, x))},
		{Key: pr.t("gw.right.must"), Value: must(pr, x)},
		{Key: pr.t("gw.right.basis"), Value: x.LegalBasis},
		{Key: pr.t("gw.right.from"), Value: pr.Date(x.From)},
		{Key: pr.t("gw.right.until"), Value: until(pr, x)},
		{Key: pr.t("gw.right.quota"), Value: quota},
		{Key: pr.t("gw.right.fields"), Body: links(names)},
		{Key: pr.t("entry.state"), Body: state},
	}))
	v.Add(section("history", pr.t("gw.right.history"), ui.Timeline(p.rightEvents(r, pr, x, wish))))
	switch {
	case wish.ID != "":
		v.Add(
			ui.Para(pr.t("gw.right.waits.text", args{"until": pr.day(wish.Until)})),
			ui.Buttons(ui.Action{Label: pr.t("gw.wish.see"), Look: ui.Secondary, Href: wish.Href}),
		)
	case !x.EndedAt.IsZero():
	case !p.may(r, exchange.ActEnd):
		v.Add(ui.Para(pr.t("gw.who")))
	default:
		v.Add(ui.Buttons(ui.Action{Label: pr.t("gw.right.replace"), Look: ui.Secondary, Href: "/gateway/rights/new?replace=" + x.ID}),
			ui.Fold(pr.t("gw.right.end"), ui.Para(pr.t("gw.right.end.text")), form("/gateway/rights/"+x.ID+"/end", nil, nil,
				ui.Action{Label: pr.t("gw.right.end"), Look: ui.Warning})))
	}
	return render(w, r, v)
}

// rightEvents is what happened to a right, with the names of those days.
func (p *Gateway) rightEvents(r *http.Request, pr words, x exchange.Right, wish exchange.Wish) []ui.Event {
	if wish.ID != "" {
		return []ui.Event{{Title: pr.t("gw.right.event.asked"), By: p.who(r, wish.By.Account, wish.At), At: wish.At}}
	}
	events := []ui.Event{{Title: pr.t("gw.right.event.given"), By: p.who(r, x.GivenBy, x.GivenAt), At: x.GivenAt}}
	if x.ApprovedBy != "" {
		events = append(events, ui.Event{Title: pr.t("gw.right.event.approved"), By: p.who(r, x.ApprovedBy, x.GivenAt), At: x.GivenAt})
	}
	if !x.EndedAt.IsZero() {
		events = append(events, ui.Event{Title: pr.t("gw.right.event.ended"), By: p.who(r, x.EndedBy, x.EndedAt), At: x.EndedAt})
	}
	return events
}

func (p *Gateway) endRight(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if err := p.Desk.End(r.Context(), p.Actor(r), id); err != nil {
		return err
	}
	return web.RedirectWith(w, r, "/gateway/rights/"+id, "exchangeweb.gw.right.done", nil)
}
