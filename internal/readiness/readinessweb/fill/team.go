package fill

import (
	"net/http"
	"strings"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinessweb"
)

// teamView is who of the agency has which part of the form.
type teamView struct {
	ui.Page
	*visit
	Parts []teamPart
}

type teamPart struct {
	Label, Href string
	Holder      ui.Field
	Done        string // name of its tick
	IsDone      bool
}

func (p *Pages) teamView(q *visit, errs fault.List) (teamView, error) {
	v := teamView{Page: p.page(q, q.p.T("fill.team.title")), visit: q}
	v.Errors = errs
	people, err := p.shell.Register.Colleagues(q.Context(), q.who, q.view.Agency.Code)
	if err != nil {
		return v, err
	}
	options := []ui.Option{{Label: q.p.T("fill.team.nobody")}}
	known := map[string]bool{}
	for _, one := range people {
		known[one.Account] = true
		options = append(options, ui.Option{Value: one.Account, Label: one.Name})
	}
	for _, t := range q.tasks() {
		h, held := q.view.Record.Holder(t.Key)
		of := options
		if held && !known[h.Holder] { // who has left since
			of = append(of[:len(of):len(of)], ui.Option{Value: h.Holder, Label: q.shell.By(q.Context(), h.Holder, h.At)})
		}
		part := teamPart{Label: taskLabel(q, t), Href: q.at("/part/" + t.Key)}
		part.Holder = ui.Field{Name: "part." + t.Key, Label: q.p.T("fill.team.holder"), Value: h.Holder, Options: of, Errors: errs}
		part.Done, part.IsDone = "done."+t.Key, h.Done
		v.Parts = append(v.Parts, part)
	}
	return v, nil
}

func (p *Pages) team(q *visit) error {
	if q.view.Record.Draft == nil && len(q.view.Record.Versions) == 0 {
		return web.RedirectWith(q.w, q.Request, q.at(""), "fill.attach.not_begun", nil)
	}
	v, err := p.teamView(q, nil)
	if err != nil {
		return err
	}
	return web.Render(q.w, q.Request, http.StatusOK, teamPage(v))
}

func (p *Pages) share(q *visit) error {
	form, err := web.ReadForm(q.Request)
	if err != nil {
		return err
	}
	var changes []readiness.PartChange
	for _, t := range q.tasks() {
		if !form.Has("part." + t.Key) {
			continue
		}
		holder, done := form.Text("part."+t.Key), form.Text("done."+t.Key) != ""
		changes = append(changes, readiness.PartChange{Part: t.Key, Holder: &holder, Done: &done})
	}
	_, err = p.shell.Register.ShareParts(q.Context(), q.who, q.view.Campaign.ID, q.view.Agency.Code, changes)
	if err != nil {
		errs := web.FormErrors(err)
		v, viewErr := p.teamView(q, errs)
		if len(errs) == 0 || viewErr != nil {
			return err
		}
		return web.Retry(q.w, q.Request, err, teamPage(v))
	}
	return web.RedirectWith(q.w, q.Request, q.at("/team"), "fill.team.saved", nil)
}

// holderLine says who has a part; "" when nobody does.
func (q *visit) holderLine(part string, held, done string) string {
	h, ok := q.view.Record.Holder(part)
	if !ok || q.paper != nil {
		return ""
	}
	key := held
	if h.Done {
		key = done
	}
	return q.p.T(key, fault.Args{"who": q.shell.By(q.Context(), h.Holder, h.At)})
}

// given counts the parts that somebody has.
func (q *visit) given() int {
	n := 0
	for _, h := range q.view.Record.Parts {
		if h.Holder != "" {
			n++
		}
	}
	return n
}

// reply answers a comment with which the return came back.
func (p *Pages) reply(q *visit) error {
	form, err := web.ReadForm(q.Request)
	if err != nil {
		return err
	}
	_, err = p.shell.Register.Answer(q.Context(), q.who, q.view.Campaign.ID, q.view.Agency.Code, form.Text("field"), form.Text("text"))
	if f := fault.As(err); f != nil && f.Kind == fault.Invalid {
		return web.RedirectWith(q.w, q.Request, q.at(""), f.Key, f.Args)
	}
	if err != nil {
		return err
	}
	return web.RedirectWith(q.w, q.Request, q.at(""), "fill.reply.saved", nil)
}

// approvalNeeded says that the agency's leader approves before it hands in.
func (p *Pages) approvalNeeded(q *visit) (bool, error) {
	if q.paper != nil || !q.may(readiness.ReadDraft) {
		return false, nil
	}
	s, err := p.shell.Register.Setting(q.Context(), q.who, q.view.Agency.Code)
	return s.Approval, err
}

// approvalWords say where the approval of the draft stands.
func (q *visit) approvalWords() string {
	a := q.view.Record.Approval()
	if a.Kind == "" {
		return q.p.T("fill.approval.none")
	}
	return q.p.T("fill.approval."+a.Kind, fault.Args{"time": a.At, "who": q.shell.By(q.Context(), a.By, a.At), "text": a.Text})
}

// ask lays the draft before the leader; one that came back and was not touched is begun
// anew first.
func (p *Pages) ask(q *visit) error {
	campaign, agency := q.view.Campaign.ID, q.view.Agency.Code
	if q.view.Record.Draft == nil {
		if _, err := p.shell.Register.Start(q.Context(), q.who, campaign, agency, readiness.FromBlank); err != nil {
			return err
		}
	}
	_, err := p.shell.Register.AskApproval(q.Context(), q.who, campaign, agency)
	if fault.Of(err) == fault.Invalid { // the page of the check lists what is missing
		return web.Redirect(q.w, q.Request, q.at("/check"))
	}
	if f := fault.As(err); f != nil && f.Kind == fault.Conflict {
		return web.RedirectWith(q.w, q.Request, q.at(""), f.Key, f.Args)
	}
	if err != nil {
		return err
	}
	return web.Redirect(q.w, q.Request, q.at(""))
}

// approvalView is the draft before the agency's leader.
type approvalView struct {
	ui.Page
	*visit
	Words   string
	Waits   bool
	Text    string
	Options readinessweb.AppendixOptions
}

func (p *Pages) approvalView(q *visit, text string, errs fault.List) approvalView {
	v := approvalView{
		Page: p.page(q, q.p.T("fill.approval.title")), visit: q, Words: q.approvalWords(), Text: text,
		Waits: q.view.Record.Approval().Kind == readiness.ApprovalAsked,
	}
	v.Wide, v.Errors = true, errs
	v.Options = readinessweb.AppendixOptions{
		Status: true, Comments: q.view.Record.ToAnswer(), Beside: readinessweb.AttachedBeside(q.view, q.attached()),
	}
	return v
}

func (p *Pages) approval(q *visit) error {
	return web.Render(q.w, q.Request, http.StatusOK, approvalPage(p.approvalView(q, "", nil)))
}

func (p *Pages) judge(q *visit) error {
	form, err := web.ReadForm(q.Request)
	if err != nil {
		return err
	}
	text := form.Text("text")
	_, err = p.shell.Register.Judge(
		q.Context(), q.who, q.view.Campaign.ID, q.view.Agency.Code, form.Text("mark"), form.Text("do") == "yes", text,
	)
	if err != nil {
		errs := web.FormErrors(err)
		if len(errs) == 0 {
			return err
		}
		return web.Retry(q.w, q.Request, err, approvalPage(p.approvalView(q, text, errs)))
	}
	return web.RedirectWith(q.w, q.Request, q.at(""), "fill.approval.done", nil)
}

// settle keeps whether the leader approves before the agency hands in.
func (p *Pages) settle(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	who := p.shell.Actor(r)
	if err := p.shell.Register.SetApproval(r.Context(), who, who.Agency, form.Text("approval") != ""); err != nil {
		return err
	}
	return web.RedirectWith(w, r, "/returns", "fill.approval.setting.saved", nil)
}

// settingField is the leader's choice on the list of returns.
func settingField(p *i18n.Printer, s readiness.AgencySetting) ui.Field {
	f := ui.Field{
		Name: "approval", Label: p.T("fill.approval.setting"), Hint: p.T("fill.approval.setting.text"),
		Options: []ui.Option{{Value: "1", Label: p.T("fill.approval.setting.on")}},
	}
	if s.Approval {
		f.Values = []string{"1"}
	}
	return f
}

// commentID is the anchor of a comment on the page of the return.
func commentID(field string) string {
	return "comment-" + strings.NewReplacer("@", "-", ".", "-").Replace(field)
}
