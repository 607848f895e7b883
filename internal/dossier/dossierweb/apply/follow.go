package apply

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"dean06/internal/dossier"
	"dean06/internal/dossier/dossierweb"
	"dean06/internal/eform/eformweb"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/procedure"
)

// mineView is what somebody has begun and sent.
type mineView struct {
	ui.Page
	Drafts  []draftLine
	Table   ui.Table
	Nothing bool
}

type draftLine struct{ ID, Name, When, Href string }

func (p *Pages) mine(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), p.Actor(r)
	drafts, err := p.Service.Drafts(ctx, who)
	if err != nil {
		return err
	}
	heads, err := p.Service.Own(ctx, who)
	if err != nil {
		return err
	}
	v := mineView{Page: p.page(r, t(ctx, "mine.title")), Nothing: len(drafts)+len(heads) == 0}
	for _, d := range drafts {
		if d.Assisted {
			continue
		}
		one := draftLine{ID: d.ID, Name: p.plain(ctx, d.Procedure, d.Package), When: dossierweb.Moment(ctx, d.ChangedAt), Href: at(d.ID, "")}
		if d.Supplies != "" {
			one.Name = t(ctx, "mine.supplement", map[string]any{"name": one.Name})
		}
		v.Drafts = append(v.Drafts, one)
	}
	v.Table = ui.Table{ID: "mine", Caption: t(ctx, "mine.sent"), Stack: true, Columns: []ui.Column{
		{Label: t(ctx, "mine.what")}, {Label: t(ctx, "mine.code")}, {Label: t(ctx, "mine.state")}, {Label: t(ctx, "mine.due")},
	}}
	now := p.Clock.Now()
	for _, h := range heads {
		due, _ := dossierweb.Due(ctx, h, now)
		switch {
		case dossierweb.Ended(h.Status) || h.Status == dossier.Withdrawing:
			due = ""
		case h.Status == dossier.Supplement || h.Status == dossier.FeeDue:
			due = t(ctx, "mine.yours")
		}
		v.Table.Rows = append(v.Table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: dossierweb.Joined(p.plain(ctx, h.Procedure, h.Package), forWhom(ctx, h)), Href: of(h.Code, "")},
			{Text: h.Code},
			{Body: ui.Tag(dossierweb.Tone(h.Status), dossierweb.StatusName(ctx, h.Status))},
			{Text: due},
		}})
	}
	return web.Render(w, r, http.StatusOK, minePage(v))
}

// forWhom says of a dossier that was filed by authorisation by whom and for whom.
func forWhom(ctx context.Context, h dossier.Head) string {
	if h.For == "" {
		return ""
	}
	return dossierweb.ApplicantOf(ctx, h)
}

func (p *Pages) plain(ctx context.Context, procedure, version string) string {
	pkg, err := p.Service.Packages.Version(ctx, procedure, version)
	if err != nil {
		return procedure
	}
	return pkg.Plain.In(dossierweb.Lang(ctx))
}

// followedView is one's own dossier.
type followedView struct {
	ui.Page
	View      dossier.View
	Sentence  string // what matters most now
	Asked     []ui.Fact
	Issued    []issuedLine
	Facts     []ui.Fact
	Timeline  []ui.Event
	Looks     []ui.Event
	Groups    []eformweb.Group
	Papers    []ui.Fact
	Originals []string
	Wrongs    []string
	Fees      []string
	Withdraw  bool
	Supply    bool
	Retention string
}

type issuedLine struct{ Name, Href, When, Gone string }

func (p *Pages) followed(w http.ResponseWriter, r *http.Request) error {
	v, err := p.follow(r)
	if err != nil {
		return officers(w, r, err)
	}
	return web.Render(w, r, http.StatusOK, followedPage(v))
}

// nobodyElse is the purpose with which these pages read: applicants need none, and of an
// officer, who looks at somebody's dossier, one is asked for on their own pages.
const nobodyElse = ""

// officers leads an officer who is not the applicant to their own page of the dossier, where
// it is said for which purpose they look.
func officers(w http.ResponseWriter, r *http.Request, err error) error {
	if f := fault.As(err); f == nil || f.Key != "dossier.look.purpose" {
		return err
	}
	return web.Redirect(w, r, dossierweb.AtDesk(r.PathValue("code"), ""))
}

// follow reads one's own dossier.
func (p *Pages) follow(r *http.Request) (followedView, error) {
	ctx := r.Context()
	got, err := p.Service.Look(ctx, p.Actor(r), r.PathValue("code"), nobodyElse)
	if err != nil {
		return followedView{}, err
	}
	d := got.Dossier
	v := followedView{Page: p.page(r, got.Package.Plain.In(dossierweb.Lang(ctx))), View: got}
	v.Crumbs = []ui.Link{{Label: t(ctx, "mine.title"), Href: Mine}}
	v.Sentence = p.sentence(ctx, got)
	v.Supply, v.Withdraw = got.May(dossier.Supply), got.May(dossier.Withdraw)
	if n := len(d.Supplements); n > 0 && d.Status == dossier.Supplement {
		v.Asked = askedFacts(ctx, got.Package, d.Supplements[n-1].Asked)
	}
	v.Asked = append(v.Asked, askedFacts(ctx, got.Package, d.Refused)...)
	for _, i := range slices.Backward(d.Results) {
		line := issuedLine{Name: dossierweb.IssuedName(ctx, got.Package, i, d.Code), Href: of(d.Code, "/issued/"+i.ID), When: dossierweb.Moment(ctx, i.At)}
		switch {
		case !i.Revoked.IsZero():
			line.Gone = t(ctx, "issued.revoked", map[string]any{"why": i.Reason})
		case i.Replaced != "":
			line.Gone = t(ctx, "issued.replaced")
		}
		v.Issued = append(v.Issued, line)
	}
	v.Facts = p.ownFacts(ctx, got)
	v.Timeline = p.Timeline(ctx, got)
	for _, l := range got.Looks {
		v.Looks = append(v.Looks, ui.Event{Title: dossierweb.PurposeShown(ctx, l.Purpose), By: dossierweb.Joined(l.Name, p.Agency(l.Agency)), At: l.At})
	}
	v.Groups = eformweb.Summary(ctx, &got.Package.Form, d.Answers, p.Shell.Facts(d), nil, eformweb.Links{})
	for _, n := range got.Needs {
		v.Papers = append(v.Papers, p.paperFact(ctx, dossier.Draft{}, n, true))
	}
	for _, o := range d.Originals {
		key := "own.original"
		if !o.BackAt.IsZero() {
			key = "own.original_back"
		}
		v.Originals = append(v.Originals, t(ctx, key, map[string]any{"name": o.Name, "count": o.Count}))
	}
	for _, x := range d.Wrongs {
		state := "open"
		if x.State != "" {
			state = x.State
		}
		v.Wrongs = append(v.Wrongs, dossierweb.Joined(dossierweb.FieldName(ctx, got.Package, x.Path), x.Says, t(ctx, "own.wrong."+state), x.Answer))
	}
	for _, item := range d.Fees {
		state := t(ctx, "own.fee_open")
		switch {
		case item.Exempt != "":
			state = t(ctx, "own.fee_exempt")
		case !item.PaidAt.IsZero():
			state = t(ctx, "own.fee_paid")
		}
		v.Fees = append(v.Fees, dossierweb.Joined(p.feeLine(ctx, dossier.Filling{Package: got.Package}, item), state))
	}
	v.Retention = t(ctx, "retention."+retention(d.Retention))
	return v, nil
}

// askedFacts says line by line of a checklist, or of a refusal, what is asked and why.
func askedFacts(ctx context.Context, pkg *procedure.Package, lines []dossier.Asked) []ui.Fact {
	out := make([]ui.Fact, len(lines))
	for i, l := range lines {
		out[i] = ui.Fact{Key: dossierweb.About(ctx, pkg, l), Value: dossierweb.Joined(dossierweb.ReasonText(ctx, pkg, l.Reason), l.Note)}
	}
	return out
}

// retention is a class as a key of a text.
func retention(class string) string {
	if slices.Contains([]string{"permanent", "70y", "50y", "20y", "10y", "5y"}, class) {
		return class
	}
	return "other"
}

// sentence says what matters most about a dossier now, as a person would.
func (p *Pages) sentence(ctx context.Context, v dossier.View) string {
	d := v.Dossier
	agency := p.Agency(d.Agency)
	if agency == "" {
		agency = p.Agency(d.Competent)
	}
	args := map[string]any{"agency": agency, "due": dossierweb.Long(ctx, d.Due), "at": dossierweb.Long(ctx, d.DoneAt), "desk": p.Agency(d.Receiving)}
	if d.Effect != nil && d.Status == dossier.InProcess && d.Effect.State != dossier.EffectDone {
		return t(ctx, "now.register", args)
	}
	key := "now." + strconv.Itoa(int(d.Status))
	if (d.Status == dossier.Received || d.Status == dossier.InProcess) && !d.Due.IsZero() && d.Due.Before(p.Clock.Now()) {
		key = "now.late"
	}
	return t(ctx, key, args)
}

func (p *Pages) ownFacts(ctx context.Context, v dossier.View) []ui.Fact {
	d := v.Dossier
	fact := func(key, value string) ui.Fact { return ui.Fact{Key: t(ctx, "own."+key), Value: value} }
	out := []ui.Fact{fact("code", d.Code), fact("sent", dossierweb.Moment(ctx, d.SubmittedAt))}
	if d.For != nil || d.Applicant.Organisation != nil {
		out = append(out, dossierweb.Parties(ctx, d.Applicant, d.For, false)...)
		if !dossierweb.Ended(d.Status) || d.Status == dossier.Done {
			out = append(out, fact("receivers", dossierweb.Receivers(ctx, d)))
		}
	}
	if waits := d.Status == dossier.Supplement || d.Status == dossier.FeeDue; waits {
		out = append(out, fact("step", t(ctx, "own.with_you")))
	} else if step := dossierweb.StepName(ctx, v.Package, d.Step); step != "" && !dossierweb.Ended(d.Status) {
		out = append(out, fact("step", dossierweb.Joined(step, p.Agency(d.Agency), d.HolderName)))
		out = append(out, fact("since", dossierweb.Moment(ctx, d.StepSince)))
		if !d.StepDue.IsZero() {
			out = append(out, fact("until", dossierweb.Moment(ctx, d.StepDue)))
		}
	}
	if !d.Promised.IsZero() {
		out = append(out, fact("promised", dossierweb.Long(ctx, d.Promised)))
	}
	return out
}

// sentView is the page after sending.
type sentView struct {
	ui.Page
	Code, When, Agency, Tell string
	Next                     []ui.Step
}

func (p *Pages) sent(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	got, err := p.Service.Look(ctx, p.Actor(r), r.PathValue("code"), nobodyElse)
	if err != nil {
		return officers(w, r, err)
	}
	d := got.Dossier
	v := sentView{Page: p.page(r, t(ctx, "sent.title")), Code: d.Code, When: dossierweb.Long(ctx, d.SubmittedAt), Agency: p.Agency(d.Competent)}
	v.Tell = t(ctx, "sent.tell_none")
	if d.Applicant.Email != "" {
		v.Tell = t(ctx, "sent.tell", map[string]any{"email": d.Applicant.Email})
	}
	for _, k := range []string{"check", "decide", "fetch"} {
		args := map[string]any{"agency": v.Agency}
		v.Next = append(v.Next, ui.Step{Title: t(ctx, "sent.next."+k, args), Text: t(ctx, "sent.next."+k+".text", args)})
	}
	return web.Render(w, r, http.StatusOK, sentPage(v))
}

// withdrawView asks whether a dossier is withdrawn, and says what it does.
type withdrawView struct {
	ui.Page
	Code    string
	Version int
	Note    ui.Field
}

func (p *Pages) withdraw(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := dossier.Permissions.CanOwn(p.Actor(r), dossier.Deed(dossier.Withdraw), true); err != nil {
		return err
	}
	got, err := p.Service.Look(ctx, p.Actor(r), r.PathValue("code"), nobodyElse)
	if err != nil {
		return officers(w, r, err)
	}
	v := withdrawView{Page: p.page(r, t(ctx, "withdraw.title")), Code: got.Dossier.Code, Version: got.Dossier.Version}
	v.Back = of(v.Code, "")
	v.Note = ui.Field{Name: "note", Label: t(ctx, "withdraw.note"), Rows: 3, Optional: true}
	return web.Render(w, r, http.StatusOK, withdrawPage(v))
}

func (p *Pages) withdrawPost(w http.ResponseWriter, r *http.Request) error {
	form, version, err := dossierweb.Posted(r)
	if err != nil {
		return err
	}
	code := r.PathValue("code")
	act := dossier.Act{Verb: dossier.Withdraw, Version: version, Said: dossier.Said{Note: form.Text("note")}}
	if _, err := p.Service.Do(r.Context(), p.Actor(r), code, act); err != nil {
		return err
	}
	return web.RedirectWith(w, r, of(code, ""), "apply.withdraw.done", nil)
}

func (p *Pages) supply(w http.ResponseWriter, r *http.Request) error {
	d, err := p.Service.StartSupply(r.Context(), p.Actor(r), r.PathValue("code"))
	if err != nil {
		return err
	}
	return web.Redirect(w, r, at(d.ID, ""))
}

// export sends all of one's own dossier as one archive: what is known of it, and each file
// that was handed in or issued.
func (p *Pages) export(w http.ResponseWriter, r *http.Request) error {
	ctx, code := r.Context(), r.PathValue("code")
	out, err := p.Service.Export(ctx, p.Actor(r), code)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/zip")
	h.Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", code+".zip"))
	h.Set("Cache-Control", "private, no-store")
	archive := zip.NewWriter(w)
	add := func(name string, from io.Reader) error {
		one, err := archive.Create(name)
		if err == nil {
			_, err = io.Copy(one, from)
		}
		return err
	}
	text, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		return err
	}
	if err := add(code+".json", bytes.NewReader(text)); err != nil {
		return fmt.Errorf("send a dossier: %w", err)
	}
	for i, one := range out.Files {
		_, f, err := p.Service.OpenPaper(ctx, p.Actor(r), code, one.File, nobodyElse)
		if err == nil {
			err = errors.Join(add(fmt.Sprintf("giay-to/%02d-%s", i+1, strings.ReplaceAll(path.Base(one.Name), `\`, "_")), f), f.Close())
		}
		if err != nil {
			return fmt.Errorf("send a dossier: %w", err) // the answer has begun, and is cut
		}
	}
	for i, one := range out.Results {
		_, f, err := p.Service.OpenResult(ctx, p.Actor(r), code, one.ID, nobodyElse)
		if err == nil {
			err = errors.Join(add(fmt.Sprintf("ket-qua/%02d-%s.pdf", i+1, one.Kind), f), f.Close())
		}
		if err != nil {
			return fmt.Errorf("send a dossier: %w", err) // the answer has begun, and is cut
		}
	}
	return archive.Close()
}

func (p *Pages) paper(w http.ResponseWriter, r *http.Request) error {
	m, f, err := p.Service.OpenPaper(r.Context(), p.Actor(r), r.PathValue("code"), r.PathValue("file"), nobodyElse)
	if err != nil {
		return officers(w, r, err)
	}
	defer f.Close()
	return web.SendPaper(w, f, m.Type, m.Name)
}

func (p *Pages) issued(w http.ResponseWriter, r *http.Request) error {
	m, f, err := p.Service.OpenResult(r.Context(), p.Actor(r), r.PathValue("code"), r.PathValue("id"), nobodyElse)
	if err != nil {
		return officers(w, r, err)
	}
	defer f.Close()
	return web.SendPaper(w, f, "application/pdf", fmt.Sprintf("%s-%s.pdf", r.PathValue("code"), m.Kind))
}

// trackView asks for a code and one more proof, and shows the way of the dossier.
type trackView struct {
	ui.Page
	Code, Proof ui.Field
	Found       *dossier.Tracked
	Sentence    string
	Steps       []trackLine
	Asked       []string
}

type trackLine struct{ What, Who, From, Step, Until string }

func (p *Pages) track(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, http.StatusOK, trackPage(p.trackForm(r, r.URL.Query().Get("code"))))
}

func (p *Pages) trackForm(r *http.Request, code string) trackView {
	ctx := r.Context()
	v := trackView{Page: p.page(r, t(ctx, "track.title"))}
	v.Code = ui.Field{Name: "code", Label: t(ctx, "track.code"), Hint: t(ctx, "track.code.hint"), Value: code, Autocomplete: "off"}
	v.Proof = ui.Field{Name: "proof", Label: t(ctx, "track.proof"), Hint: t(ctx, "track.proof.hint"), InputMode: "numeric", Width: 5, Autocomplete: "off"}
	return v
}

func (p *Pages) trackPost(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v := p.trackForm(r, form.Text("code"))
	found, err := p.Service.Track(ctx, p.Actor(r), form.Text("code"), form.Text("proof"), p.Address(r))
	if f := faultOf(err); f != nil {
		v.Errors = f
		v.Code.Errors = f
		return web.Render(w, r, web.Status(err), trackPage(v))
	}
	if err != nil {
		return err
	}
	v.Found = &found
	v.Title = found.Name.In(dossierweb.Lang(ctx))
	key := "now." + strconv.Itoa(int(found.Status))
	if found.Status == dossier.InProcess && !found.Promised.IsZero() && found.Promised.Before(p.Clock.Now()) {
		key = "now.late"
	}
	v.Sentence = t(ctx, key, map[string]any{
		"agency": found.Agency, "due": dossierweb.Long(ctx, found.Promised), "at": lastMoment(ctx, found), "desk": found.Agency,
	})
	for _, s := range slices.Backward(found.Steps) {
		line := trackLine{What: dossierweb.Did(ctx, s.Verb), Who: dossierweb.Joined(s.Agency, s.Person), From: dossierweb.Moment(ctx, s.From)}
		if name := s.StepName.In(dossierweb.Lang(ctx)); name != "" && s.To.IsZero() {
			line.Step = t(ctx, "track.step", map[string]any{"step": name})
			line.Until = dossierweb.Moment(ctx, s.Until)
		}
		v.Steps = append(v.Steps, line)
	}
	for _, l := range found.Asked {
		v.Asked = append(v.Asked, dossierweb.Joined(dossierweb.About(ctx, found.Package, l), dossierweb.ReasonText(ctx, found.Package, l.Reason)))
	}
	return web.Render(w, r, http.StatusOK, trackPage(v))
}

func lastMoment(ctx context.Context, found dossier.Tracked) string {
	var last time.Time
	for _, s := range found.Steps {
		if s.From.After(last) {
			last = s.From
		}
	}
	return dossierweb.Long(ctx, last)
}
