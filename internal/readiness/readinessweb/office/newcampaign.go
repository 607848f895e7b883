package office

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/readiness"
)

// newView is the form of a new campaign. Values are as typed, by field.
type newView struct {
	ui.Page
	Values     map[string]string
	Kinds      []string
	AllKinds   []ui.Option
	Templates  []ui.Option
	Previous   []ui.Option
	Recipients []ui.Option // shown once the list was asked for
	Ticked     []string
	Draft      string // its id; "": nothing is kept yet
	Revision   int
	Rule       string // who gets it, in words
	Plan       ui.Table
}

// field gives a field of the form what was typed in it.
func (v newView) field(f ui.Field) ui.Field {
	f.Value, f.Errors = v.Values[f.Name], v.Errors
	f.Day, f.Month, f.Year = v.Values[f.Name+"-day"], v.Values[f.Name+"-month"], v.Values[f.Name+"-year"]
	return f
}

// copied are the parts of a letter that are typed as one text in each language.
var copied = []struct {
	name string
	get  func(*readiness.Campaign) *readiness.Text
}{
	{"issuer", func(c *readiness.Campaign) *readiness.Text { return &c.Issuer }},
	{"place", func(c *readiness.Campaign) *readiness.Text { return &c.Place }},
	{"subject", func(c *readiness.Campaign) *readiness.Text { return &c.Subject }},
	{"signatory", func(c *readiness.Campaign) *readiness.Text { return &c.Signatory.Position }},
}

// listed are the parts that are typed a line each.
var listed = []struct {
	name string
	get  func(*readiness.Campaign) *[]readiness.Text
}{
	{"addressees", func(c *readiness.Campaign) *[]readiness.Text { return &c.Addressees }},
	{"body", func(c *readiness.Campaign) *[]readiness.Text { return &c.Body }},
	{"copies_to", func(c *readiness.Campaign) *[]readiness.Text { return &c.CopiesTo }},
}

func (p *Pages) newCampaign(w http.ResponseWriter, r *http.Request) error {
	if err := p.may(r, readiness.ManageCampaign); err != nil {
		return err
	}
	v, campaigns, err := p.newView(r)
	if err != nil {
		return err
	}
	if len(campaigns) > 0 {
		v.begin(campaigns[0], p.today())
	}
	return web.Render(w, r, http.StatusOK, newPage(v))
}

func (p *Pages) newView(r *http.Request) (newView, []readiness.Campaign, error) {
	pr := i18n.From(r.Context())
	v := newView{Page: p.page(r, "office.new.title"), Values: map[string]string{}, Draft: r.PathValue("draft")}
	if v.Draft != "" {
		v.Page = p.page(r, "office.draft.title")
	}
	v.Crumbs = []ui.Link{{Label: pr.T("office.campaigns.title"), Href: "/office/campaigns"}}
	for _, k := range []string{readiness.Ministry, readiness.GovernmentAgency, readiness.Province} {
		v.AllKinds = append(v.AllKinds, ui.Option{Value: k, Label: pr.T("readiness.kind." + k)})
	}
	templates, err := p.Register.UsableForms(r.Context(), p.Actor(r))
	if err != nil {
		return v, nil, err
	}
	v.Templates = options(templates, (*readiness.Template).Ref, func(t *readiness.Template) string {
		return t.Ref() + " – " + t.Title.In(lang(r))
	})
	campaigns, err := p.Register.Campaigns(r.Context(), p.Actor(r))
	campaigns = readiness.Live(campaigns)
	v.Previous = []ui.Option{{Label: pr.T("office.new.no_previous")}}
	for _, c := range campaigns {
		v.Previous = append(v.Previous, ui.Option{Value: c.ID, Label: letter(pr, c)})
	}
	return v, campaigns, err
}

// begin fills the form from the last letter: most of the next one is the same.
func (v *newView) begin(last readiness.Campaign, today clock.Date) {
	v.Kinds = last.Recipients.Kinds
	set := v.Values
	set["template"], set["previous"] = last.Template, last.ID
	set["issued-day"], set["issued-month"] = strconv.Itoa(today.Day()), strconv.Itoa(int(today.Month()))
	set["issued-year"] = strconv.Itoa(today.Year())
	if last.Round > 0 {
		set["round"] = strconv.Itoa(last.Round + 1)
	}
	for _, c := range copied {
		t := c.get(&last)
		set[c.name], set[c.name+"_en"] = t.Vi, t.En
	}
	for _, l := range listed {
		var vi, en []string
		for _, t := range *l.get(&last) {
			vi, en = append(vi, t.Vi), append(en, t.En)
		}
		set[l.name], set[l.name+"_en"] = strings.Join(vi, "\n"), strings.Join(en, "\n")
	}
	var days []string
	for _, s := range last.Schedule {
		days = append(days, strconv.Itoa(s.Days))
	}
	set["schedule"] = strings.Join(days, ", ")
	set["excluded"] = strings.Join(last.Recipients.Exclude, ",")
}

func (p *Pages) newCampaignPost(w http.ResponseWriter, r *http.Request) error {
	if err := p.may(r, readiness.ManageCampaign); err != nil {
		return err
	}
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v, campaigns, err := p.newView(r)
	if err != nil {
		return err
	}
	for _, name := range form.Names() {
		v.Values[name] = form.Text(name)
	}
	v.Kinds = form.Values("kinds")
	v.Revision, _, _ = form.Int("revision")
	c, wrong := p.typed(r, form, campaigns)
	shown := p.recipients(p.Actor(r), &v, form, &c)
	if err := p.plan(r, &v, c); err != nil {
		return err
	}
	switch {
	case form.Text("do") == "save" && len(wrong) == 0:
		return p.keepDraft(w, r, v, c)
	case form.Text("do") != "open":
		v.Errors = wrong
		return web.Render(w, r, http.StatusOK, newPage(v))
	case len(wrong) > 0:
		err = wrong
	case !shown:
		err = fault.New(fault.Invalid, "office.new.look", nil).At("recipients")
	default:
		err = p.Work.Issue(r.Context(), p.Actor(r), c, v.Draft, v.Revision)
	}
	if err != nil {
		v.Errors = web.FormErrors(err)
		return web.Retry(w, r, err, newPage(v))
	}
	return web.RedirectWith(w, r, "/office/campaigns/"+c.ID, "office.new.done", fault.Args{"number": c.Number})
}

// typed makes a campaign of what was typed, with what could not be read.
func (p *Pages) typed(r *http.Request, form web.Form, campaigns []readiness.Campaign) (readiness.Campaign, fault.List) {
	var wrong fault.List
	note := func(err error) {
		if err != nil {
			wrong = append(wrong, fault.As(err))
		}
	}
	c := readiness.Campaign{
		ID: form.Text("id"), Number: form.Text("number"), Template: form.Text("template"), Previous: form.Text("previous"),
		Source: i18n.T(r.Context(), "office.new.source", map[string]any{"by": cmp.Or(p.Actor(r).Name, p.Actor(r).Account)}),
	}
	var err error
	c.Round, _, err = form.Int("round")
	note(err)
	c.Issued, err = form.Date("issued")
	note(err)
	c.Due, err = form.Date("due")
	note(err)
	for _, part := range copied {
		*part.get(&c) = readiness.Text{Vi: form.Text(part.name), En: form.Text(part.name + "_en")}
	}
	for _, part := range listed {
		vi, en := lines(form.Text(part.name)), lines(form.Text(part.name+"_en"))
		for i, t := range vi {
			text := readiness.Text{Vi: t}
			if i < len(en) {
				text.En = en[i]
			}
			*part.get(&c) = append(*part.get(&c), text)
		}
	}
	c.Schedule, err = schedule(i18n.From(r.Context()), form.Text("schedule"), campaigns)
	note(err)
	c.Recipients = readiness.RecipientSet{On: c.Issued, Kinds: form.Values("kinds")}
	return c, wrong
}

func lines(text string) []string {
	var out []string
	for l := range strings.SplitSeq(text, "\n") {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}

// schedule reads days such as "-7, -1, 7". A day that an earlier letter had is
// called as it was there.
func schedule(pr *i18n.Printer, text string, campaigns []readiness.Campaign) ([]readiness.ChaseStep, error) {
	known := map[int]readiness.Text{}
	for _, c := range slices.Backward(campaigns) {
		for _, s := range c.Schedule {
			known[s.Days] = s.Name
		}
	}
	var out []readiness.ChaseStep
	between := func(r rune) bool { return r == ',' || r == ';' || r == ' ' || r == '\n' }
	for word := range strings.FieldsFuncSeq(strings.ReplaceAll(text, "−", "-"), between) {
		days, err := strconv.Atoi(word)
		if err != nil {
			return nil, fault.New(fault.Invalid, "office.new.schedule.wrong", fault.Args{"text": word}).At("schedule")
		}
		name, ok := known[days]
		if !ok {
			name = stepName(pr, days)
		}
		out = append(out, readiness.ChaseStep{Days: days, Name: name})
	}
	return out, nil
}

// stepName names a step of the schedule in both languages, whoever writes it.
func stepName(pr *i18n.Printer, days int) readiness.Text {
	vi, en := *pr, *pr
	vi.Lang, en.Lang = i18n.Vi, i18n.En
	key, args := "office.step.after", map[string]any{"n": days}
	if days <= 0 {
		key, args = "office.step.before", map[string]any{"n": -days}
	}
	return readiness.Text{Vi: vi.T(key, args), En: en.T(key, args)}
}

// recipients lists the agencies of the chosen kinds on the letter's day, and
// takes from the campaign those that are not ticked. It says whether the list
// that was shown is still that of the kinds and the day.
func (p *Pages) recipients(who actor.Actor, v *newView, form web.Form, c *readiness.Campaign) bool {
	if c.Issued.IsZero() || len(c.Recipients.Kinds) == 0 {
		return false
	}
	rule := strings.Join(c.Recipients.Kinds, ",") + "@" + c.Issued.String()
	shown := form.Text("shown") == rule
	excluded := strings.Split(form.Text("excluded"), ",")
	ticked := form.Values("recipient")
	there, err := p.Register.Choosable(who, c.Recipients.Kinds, c.Issued)
	if err != nil {
		return false
	}
	var out []string
	for _, a := range there {
		if shown && !slices.Contains(ticked, a.Code) || !shown && slices.Contains(excluded, a.Code) {
			out = append(out, a.Code)
			continue
		}
		v.Ticked = append(v.Ticked, a.Code)
	}
	c.Recipients.Exclude = out
	c.Recipients = c.Recipients.Resolve(there)
	v.Recipients = agencyOptions(there)
	v.Values["shown"], v.Values["excluded"] = rule, strings.Join(out, ",")
	return shown
}
