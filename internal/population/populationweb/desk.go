package populationweb

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/session"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/population"
)

// matter is what is being worked on at the desk, as the browser keeps it: sealed, for one
// session of one account, and until it ends.
type matter struct {
	population.Matter
	Until time.Time
}

const (
	deskCookie = "people-desk"
	// mattersLast is how long a matter is taken for granted; the end of the day ends it too.
	mattersLast = 8 * time.Hour
	// maxCookie bounds what is looked at.
	maxCookie = 4096
)

// matters seals what officers work on, so that only what was chosen on the page counts:
// AES-256-GCM, over the session and the account too.
type matters struct{ aead cipher.AEAD }

func newMatters(key []byte) *matters {
	if len(key) == 0 {
		key = make([]byte, 32)
		_, _ = rand.Read(key) // never fails
	}
	sum := sha256.Sum256(append([]byte("what officers work on "), key...))
	block, err := aes.NewCipher(sum[:])
	if err != nil {
		panic(err) // a key of 32 bytes is one
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err) // AES has blocks as GCM wants them
	}
	return &matters{aead}
}

// holder is whose a matter is.
func holder(id session.Identity) []byte {
	return []byte(strconv.Itoa(len(id.SessionID)) + ":" + id.SessionID + ":" + id.Account)
}

func (s *matters) seal(m matter, id session.Identity) (string, error) {
	raw, err := json.Marshal(m)
	if err != nil {
		return "", fmt.Errorf("write down a matter: %w", err)
	}
	nonce := make([]byte, s.aead.NonceSize())
	_, _ = rand.Read(nonce) // never fails
	return base64.RawURLEncoding.EncodeToString(s.aead.Seal(nonce, nonce, raw, holder(id))), nil
}

// open reads a matter; false when we did not seal it for that session, or it is over.
func (s *matters) open(text string, id session.Identity, now time.Time) (m matter, ok bool) {
	if len(text) > maxCookie {
		return matter{}, false
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(raw) < s.aead.NonceSize() {
		return matter{}, false
	}
	n := s.aead.NonceSize()
	plain, err := s.aead.Open(nil, raw[:n], raw[n:], holder(id))
	if err != nil || json.Unmarshal(plain, &m) != nil || m.Check() != nil || !now.Before(m.Until) {
		return matter{}, false
	}
	return m, true
}

// matter reads what is being worked on; false when it was not said yet.
func (p *Pages) matter(r *http.Request) (matter, bool) {
	c, err := r.Cookie(deskCookie)
	if err != nil {
		return matter{}, false
	}
	id, _ := session.From(r.Context())
	return p.matters.open(c.Value, id, p.Clock.Now())
}

// setMatter keeps what was chosen, in the audit log first.
func (p *Pages) setMatter(w http.ResponseWriter, r *http.Request, chosen population.Matter) error {
	id, _ := session.From(r.Context())
	now := p.Clock.Now()
	m := matter{Matter: chosen, Until: now.Add(mattersLast)}
	if night := clock.DayOf(now).End(); night.Before(m.Until) {
		m.Until = night
	}
	text, err := p.matters.seal(m, id)
	if err != nil {
		return err
	}
	if p.Chosen != nil {
		if err := p.Chosen(r.Context(), chosen); err != nil {
			return err
		}
	}
	http.SetCookie(w, &http.Cookie{
		Name: deskCookie, Value: text, Path: peoplePath, MaxAge: int(m.Until.Sub(now).Seconds()),
		HttpOnly: true, Secure: p.Secure, SameSite: http.SameSiteStrictMode,
	})
	return nil
}

// inquiry says who asks at the desk and why.
func (p *Pages) inquiry(r *http.Request, m matter) population.Inquiry {
	return population.Inquiry{
		By: who(r.Context()), Purpose: m.Logged(), Dossier: m.Dossier, RequestID: web.RequestID(r.Context()),
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

// askOf is ask at somebody's page, and whom its address means. ok is false beside an error.
func (p *Pages) askOf(w http.ResponseWriter, r *http.Request) (n citizen.Number, m matter, ok bool, err error) {
	if n, err = p.whom(r); err == nil {
		m, ok, err = p.ask(w, r)
	}
	return n, m, ok, err
}

// deskView asks why.
type deskView struct {
	ui.Page
	population.Matter
	Then       string
	Options    []ui.Option
	Procedures []ui.Option
}

func (p *Pages) blankDesk(r *http.Request, form web.Form) deskView {
	pr := i18n.From(r.Context())
	v := deskView{Page: p.page(r, pr.T("people.desk.title")), Then: form.Text("then"), Matter: population.Matter{
		Purpose: form.Text("purpose"), Procedure: form.Text("procedure"), Reason: form.Text("reason"), Dossier: form.Text("dossier"),
	}}
	v.Wide = false
	if !strings.HasPrefix(v.Then, peoplePath) {
		v.Then = peoplePath
	}
	for _, code := range population.DeskPurposes {
		v.Options = append(v.Options, ui.Option{Value: code, Label: pr.T("people.purpose." + code)})
	}
	v.Procedures = []ui.Option{{Label: pr.T("people.desk.procedure.choose")}}
	for _, code := range population.DeskProcedures {
		name := code
		if p.Procedure != nil {
			if s := p.Procedure(r.Context(), code); s != "" {
				name = s + " (" + code + ")"
			}
		}
		v.Procedures = append(v.Procedures, ui.Option{Value: code, Label: name})
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
		v.Matter = m.Matter
	}
	return web.Render(w, r, http.StatusOK, deskPage(v))
}

func (p *Pages) deskPost(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v := p.blankDesk(r, form)
	m := v.Matter
	if m.Purpose != population.PurposeProcedure {
		m.Procedure = ""
	}
	if m.Purpose != population.PurposeOther {
		m.Reason = ""
	}
	if err := m.Check(); err != nil {
		v.Errors = web.FormErrors(err)
		return web.Retry(w, r, err, deskPage(v))
	}
	if err := p.setMatter(w, r, m); err != nil {
		return err
	}
	return web.Redirect(w, r, v.Then)
}
