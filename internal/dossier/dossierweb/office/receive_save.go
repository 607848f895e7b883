package office

import (
	"cmp"
	"context"
	"net/http"
	"strconv"
	"strings"

	"dean06/internal/citizen"
	"dean06/internal/dossier"
	"dean06/internal/dossier/dossierweb"
	"dean06/internal/eform"
	"dean06/internal/eform/eformweb"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/upload"
	"dean06/internal/platform/upload/uploadweb"
	"dean06/internal/platform/web"
)

// saving is one post of the form: all that was typed is saved whichever button was pressed.
type saving struct {
	*Pages
	ctx   context.Context
	who   actor.Actor
	form  web.Form
	was   dossier.Filling
	d     dossier.Draft
	wrong fault.List
	flash string // what the next page says
	ties  bool   // whom the register is asked about changed
}

func (p *Pages) fillingPost(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	f, err := p.load(r)
	if err != nil {
		return err
	}
	if f.Draft.Sent != "" {
		return web.Redirect(w, r, filled(f.Draft.ID, "/done"))
	}
	version, _, err := form.Int("version")
	if err != nil {
		return err
	}
	s := saving{Pages: p, ctx: r.Context(), who: p.Actor(r), form: form, was: f, d: f.Draft, flash: "desk.receive.saved"}
	s.d.Version = version
	err = s.all()
	if errs := web.FormErrors(err); len(errs) > 0 {
		fresh, err2 := p.load(r)
		if err2 != nil {
			return err2
		}
		v := p.fillView(r, fresh, &form, errs)
		return web.Render(w, r, web.Status(errs), fillPage(v))
	}
	if err != nil {
		return err
	}
	if form.Text("do") == "read" {
		return p.toRead(w, r)
	}
	return web.RedirectWith(w, r, filled(s.d.ID, ""), s.flash, nil)
}

// toRead leads to the page that the citizen reads, or says what is still missing.
func (p *Pages) toRead(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	missing, err := p.Service.CheckAll(r.Context(), p.Actor(r), id)
	if err != nil {
		return err
	}
	if missing = unconfirmed(missing); len(missing) == 0 {
		return web.Redirect(w, r, filled(id, "/read"))
	}
	f, err := p.load(r)
	if err != nil {
		return err
	}
	v := p.fillView(r, f, nil, missing)
	v.Errors = pointed(missing)
	return web.Render(w, r, http.StatusUnprocessableEntity, fillPage(v))
}

// unconfirmed leaves out that the citizen has not read it yet: that comes last.
func unconfirmed(errs fault.List) fault.List {
	var out fault.List
	for _, e := range errs {
		if e.Field != "confirm" {
			out = append(out, e)
		}
	}
	return out
}

// pointed leads from the summary of faults to where each is mended.
func pointed(errs fault.List) fault.List {
	out := make(fault.List, len(errs))
	for i, e := range errs {
		if id, ok := strings.CutPrefix(e.Field, "papers."); ok {
			e = e.At("paper-" + id)
		}
		if e.Field == "whom" {
			e = e.At("as")
		}
		out[i] = e
	}
	return out
}

func (s *saving) all() error {
	for _, step := range []func() error{s.whom, s.card, s.answers, s.rows, s.contact, s.papers, s.prefill} {
		if err := s.noted(step()); err != nil {
			return err
		}
	}
	return s.wrong.Err()
}

// noted keeps what is wrong with one part, so that the others are saved; a form that was
// changed in another window is not saved at all.
func (s *saving) noted(err error) error {
	errs := web.FormErrors(err)
	if len(errs) == 0 || len(errs) == 1 && errs[0].Key == "dossier.draft.stale" {
		return err
	}
	s.wrong = append(s.wrong, pointed(errs)...)
	return nil
}

// whom saves who applies and for whom, when that is another than before.
func (s *saving) whom() error {
	if !s.form.Has("as") || s.d.Supplies != "" {
		return nil
	}
	was, now := s.d, dossierweb.WhomPosted(s.form, s.was.Package)
	same := func(a *dossier.Party, b *dossier.Party) bool {
		x, y := cmp.Or(a.Organisation, &dossier.Organisation{}), cmp.Or(b.Organisation, &dossier.Organisation{})
		return a.Kind == b.Kind && a.Name == b.Name && a.Said() == b.Said() && *x == *y
	}
	switch other := now.For; {
	case other == nil && was.For == nil && same(&dossier.Party{Kind: now.Kind, Organisation: now.Organisation}, &dossier.Party{
		Kind: was.Applicant.Kind, Organisation: was.Applicant.Organisation,
	}), other != nil && was.For != nil && same(other, was.For):
		return nil
	}
	d, err := s.Service.Choose(s.ctx, s.who, s.d.ID, s.d.Version, dossier.Choice{Whom: &now})
	if err != nil {
		return dossierweb.AtNumber(err)
	}
	s.d, s.ties = d, true
	if d.For != nil && d.For.Unproved != "" {
		s.flash = "desk.receive.for.away"
	}
	return nil
}

// card reads the code of the card, or what was typed from one without.
func (s *saving) card() error {
	code := s.form.Text("card")
	number, name, birth := s.form.Text("card-number"), s.form.Text("card-name"), s.form.Text("card-birth")
	if code == "" && number+name+birth == "" {
		return nil
	}
	known := dossier.Known{Number: number, Values: map[string]eform.Value{"name": {Text: name}}}
	if code != "" {
		qr, err := citizen.ParseQR(code)
		if err != nil {
			return fault.As(err).At("card")
		}
		known = eform.CardKnown(qr)
	} else {
		day, err := citizen.ParseDay(birth)
		if err != nil {
			return fault.As(err).At("card-birth")
		}
		known.Values["birth"] = eform.Value{Text: day.String()}
	}
	seen, err := s.Service.SeeCard(s.ctx, s.who, s.d.ID, s.d.Version, known)
	if f := fault.As(err); f != nil && f.Kind == fault.Invalid {
		return f.At("card-" + f.Field)
	}
	if err != nil {
		return err
	}
	s.d = seen.Draft
	switch {
	case seen.Matched:
		s.flash, s.ties = "desk.receive.card.matched", true
	case seen.Away != "":
		s.flash = "desk.receive.card.away"
	default:
		s.flash = "desk.receive.card.unmatched"
	}
	return nil
}

// answers saves what was typed anew.
func (s *saving) answers() error {
	facts := s.Service.Facts(s.was.Draft)
	var asked []eform.Asked
	for _, q := range s.was.Package.Form.Fields(s.was.Draft.Answers, facts) {
		if !q.Answer.Locked && q.Question.FilledBy == "" && asks(s.was, q.Path, "") && q.Question.Kind != eform.KindFile {
			asked = append(asked, q)
		}
	}
	values, wrong := eformweb.ReadAll(s.form, asked, facts)
	s.wrong = append(s.wrong, wrong...)
	for _, q := range asked {
		v, posted := values[q.Path]
		if posted && (v.Same(q.Answer.Value) && q.Has || v.IsZero() && !q.Has) {
			delete(values, q.Path)
		}
	}
	if len(values) == 0 {
		return nil
	}
	d, err := s.Service.AnswerAll(s.ctx, s.who, s.d.ID, s.d.Version, values)
	if d.Version > s.d.Version {
		s.d = d
	}
	for path := range values {
		s.ties = s.ties || dossier.Ties(s.was.Package, path)
	}
	return err
}

// rows adds a row to a section, takes one away, or says that these are all.
func (s *saving) rows() error {
	var d dossier.Draft
	var err error
	switch {
	case s.form.Text("add") != "":
		d, _, err = s.Service.AddRow(s.ctx, s.who, s.d.ID, s.d.Version, s.form.Text("add"))
	case s.form.Text("enough") != "":
		d, err = s.Service.EnoughRows(s.ctx, s.who, s.d.ID, s.d.Version, s.form.Text("enough"))
	case s.form.Text("drop") != "":
		section, nth, _ := strings.Cut(s.form.Text("drop"), " ")
		row, bad := strconv.Atoi(nth)
		if bad != nil {
			return fault.New(fault.Invalid, "desk.receive.row", nil).At(section)
		}
		d, err = s.Service.RemoveRow(s.ctx, s.who, s.d.ID, s.d.Version, section, row)
	default:
		return nil
	}
	if err == nil {
		s.d = d
	}
	return err
}

// contact saves how the applicant is reached, the case, and who decides.
func (s *saving) contact() error {
	var c dossier.Choice
	phone, email := s.form.Text("phone"), s.form.Text("email")
	if s.form.Has("phone") && (phone != s.d.Applicant.Phone || email != s.d.Applicant.Email) {
		c.Applicant = &dossier.Party{Phone: phone, Email: email}
	}
	if cas := s.form.Text("case"); cas != "" && cas != s.d.Case {
		c.Case = &cas
	}
	if agency := s.form.Text("competent"); agency != "" && agency != s.d.Competent {
		c.Competent = &agency
	}
	if c == (dossier.Choice{}) {
		return nil
	}
	d, err := s.Service.Choose(s.ctx, s.who, s.d.ID, s.d.Version, c)
	if err == nil {
		s.d = d
	}
	return err
}

// papers takes the scans, notes what was shown, and takes away what was wrong.
func (s *saving) papers() error {
	take := func(d dossier.Draft, err error) error {
		if err == nil {
			s.d = d
		}
		return err
	}
	if paper, file, ok := strings.Cut(s.form.Text("remove"), " "); ok {
		return take(s.Service.RemovePaper(s.ctx, s.who, s.d.ID, s.d.Version, paper, file))
	}
	for _, n := range s.was.Needs {
		id := n.Paper.ID
		if !asks(s.was, "", id) {
			continue
		}
		if s.form.Text("show-"+id) == "yes" {
			in := dossier.Attached{Requirement: id, How: dossier.ByShowing}
			if err := s.noted(take(s.Service.AttachPaper(s.ctx, s.who, s.d.ID, s.d.Version, in))); err != nil {
				return err
			}
		}
		if s.Uploads == nil {
			continue
		}
		files, err := uploadweb.Files(s.ctx, s.Uploads, s.who.Account, s.form, "paper-"+id, upload.New{
			For: dossierweb.UploadFor(s.d.ID, id), Policy: upload.Papers,
		})
		if err := s.noted(err); err != nil {
			return err
		}
		for i := range files {
			file := &files[i]
			in := dossier.Attached{Requirement: id, How: dossier.ByScan, File: file.SHA256, Name: file.Name, Size: file.Size, Type: file.Type.Media()}
			for _, warning := range file.Warnings {
				in.Warnings = append(in.Warnings, string(warning))
			}
			if err := s.noted(take(s.Service.AttachPaper(s.ctx, s.who, s.d.ID, s.d.Version, in))); err != nil {
				return err
			}
		}
	}
	return nil
}

// prefill asks the register when whom it is asked about has changed, or somebody wishes it.
// That it is away stops nothing.
func (s *saving) prefill() error {
	wished := s.form.Text("do") == "prefill"
	if s.d.Applicant.Number == "" || s.d.Supplies != "" || !s.ties && !wished {
		return nil
	}
	d, _, err := s.Service.Prefill(s.ctx, s.who, s.d.ID)
	if away := fault.As(err); away != nil && (away.Kind == fault.Unavailable || away.Kind == fault.Denied) {
		s.flash = "desk.receive.away"
		return nil
	}
	if err == nil {
		s.d = d
		if wished {
			s.flash = "desk.receive.prefilled"
		}
	}
	return err
}
