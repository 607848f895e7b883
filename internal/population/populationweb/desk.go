package populationweb

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/session"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/population"
)

// purposes are the desk's own words for why somebody is looked up; "procedure" stands
// for the code of a procedure.
var purposes = []string{"residence", "civil_status", "card", "citizen_asks", "correction", "authority_asks"}

const otherPurpose = "procedure"

// matter is what is being worked on at the desk: why, and for which dossier. Each
// look-up is logged with it.
type matter struct {
	Session string `json:"s"` // the next one at the machine begins anew
	Purpose string `json:"p"`
	Dossier string `json:"d"`
}

const deskCookie = "people-desk"

// matter reads what is being worked on; false when it was not said yet.
func (p *Pages) matter(r *http.Request) (matter, bool) {
	c, err := r.Cookie(deskCookie)
	if err != nil {
		return matter{}, false
	}
	raw, err := base64.RawURLEncoding.DecodeString(c.Value)
	var m matter
	if err != nil || json.Unmarshal(raw, &m) != nil {
		return matter{}, false
	}
	id, _ := session.From(r.Context())
	return m, m.Purpose != "" && m.Session == shortSession(id)
}

// shortSession ties the matter to the session without telling it.
func shortSession(id session.Identity) string {
	s := id.SessionID + id.Account
	if len(s) > 8 {
		return s[:8]
	}
	return s
}

func (p *Pages) setMatter(w http.ResponseWriter, r *http.Request, m matter) {
	id, _ := session.From(r.Context())
	m.Session = shortSession(id)
	raw, err := json.Marshal(m)
	if err != nil {
		return // three texts always marshal
	}
	http.SetCookie(w, &http.Cookie{
		Name: deskCookie, Value: base64.RawURLEncoding.EncodeToString(raw), Path: peoplePath,
		HttpOnly: true, Secure: p.Secure, SameSite: http.SameSiteStrictMode,
	})
}

// inquiry says who asks at the desk and why.
func (p *Pages) inquiry(r *http.Request, m matter) population.Inquiry {
	return population.Inquiry{
		By: who(r.Context()), Purpose: m.Purpose, Dossier: m.Dossier, RequestID: web.RequestID(r.Context()),
		Service: population.ServiceDesk, Granted: []population.Field{population.AllFields}, At: p.Clock.Now(),
	}
}

// ask gives the matter, or leads to where it is asked for and back.
func (p *Pages) ask(w http.ResponseWriter, r *http.Request) (m matter, ok bool, err error) {
	if m, ok = p.matter(r); ok {
		return m, true, nil
	}
	to := r.URL.Path
	if r.Method == http.MethodGet {
		to = r.URL.RequestURI()
	}
	return m, false, web.Redirect(w, r, deskPath+"?then="+url.QueryEscape(to))
}

// deskView asks why.
type deskView struct {
	ui.Page
	Purpose, Procedure, Dossier, Then string
	Options                           []ui.Option
}

func (p *Pages) blankDesk(r *http.Request, form web.Form) deskView {
	pr := i18n.From(r.Context())
	v := deskView{
		Page: p.page(r, pr.T("people.desk.title")), Purpose: form.Text("purpose"), Procedure: form.Text("procedure"),
		Dossier: form.Text("dossier"), Then: form.Text("then"),
	}
	v.Wide = false
	if !strings.HasPrefix(v.Then, peoplePath) {
		v.Then = peoplePath
	}
	for _, code := range purposes {
		v.Options = append(v.Options, ui.Option{Value: code, Label: pr.T("people.purpose." + code)})
	}
	return v
}

func (p *Pages) desk(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v := p.blankDesk(r, form)
	if m, ok := p.matter(r); ok {
		v.Purpose, v.Dossier = m.Purpose, m.Dossier
		if !slices.Contains(purposes, m.Purpose) {
			v.Purpose, v.Procedure = otherPurpose, m.Purpose
		}
	}
	return web.Render(w, r, http.StatusOK, deskPage(v))
}

func (p *Pages) deskPost(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v := p.blankDesk(r, form)
	m := matter{Purpose: v.Purpose, Dossier: v.Dossier}
	invalid := func(key, field string) { v.Errors = append(v.Errors, fault.New(fault.Invalid, key, nil).At(field)) }
	switch {
	case v.Purpose == otherPurpose:
		m.Purpose = v.Procedure
		if v.Procedure == "" || len(v.Procedure) > 40 || strings.Trim(v.Procedure, "0123456789.ABCDEFGHIJKLMNOPQRSTUVWXYZ-") != "" {
			invalid("people.desk.procedure.bad", "procedure")
		}
	case !slices.Contains(purposes, v.Purpose):
		invalid("people.desk.purpose.none", "purpose")
	}
	if utf8.RuneCountInString(v.Dossier) > 60 {
		invalid("people.desk.dossier.long", "dossier")
	}
	if len(v.Errors) > 0 {
		return web.Retry(w, r, v.Errors, deskPage(v))
	}
	p.setMatter(w, r, m)
	return web.Redirect(w, r, v.Then)
}
