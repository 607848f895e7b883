package provider

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"dean06/internal/platform/i18n"
	"dean06/internal/platform/oauth"
)

// fail answers with an error: to the client when it is proven where to, else on a page.
func (p *Provider) fail(w http.ResponseWriter, r *http.Request, want wish, err error) error {
	e := oauth.As(err)
	if e == nil || want.redirect == "" {
		return err
	}
	return p.answer(w, r, want, url.Values{"error": {e.Code}, "error_description": {e.Text}})
}

// answer sends the browser back with what the client shall have. It says from whom it comes
// (RFC 9207), so that a client that knows several providers mixes none up.
func (p *Provider) answer(w http.ResponseWriter, r *http.Request, want wish, values url.Values) error {
	values.Set("iss", p.issuer)
	if s := want.state(); s != "" {
		values.Set("state", s)
	}
	noTrace(w)
	if want.mode == modeForm {
		return postBack(w, r, want.redirect, values)
	}
	to := want.redirect
	sep := "?"
	if strings.Contains(to, "?") {
		sep = "&"
	}
	http.Redirect(w, r, to+sep+values.Encode(), http.StatusSeeOther)
	return nil
}

// submit sends the form of postBack; without scripts there is the button.
const submit = "document.forms[0].submit()"

var submitHash = func() string {
	sum := sha256.Sum256([]byte(submit))
	return base64.StdEncoding.EncodeToString(sum[:])
}()

var postPage = template.Must(template.New("post").Parse(`<!DOCTYPE html>
<html lang="{{.Lang}}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{{.Title}}</title></head>
<body><form method="post" action="{{.To}}">{{range $name, $list := .Values}}{{range $list}}<input type="hidden" name="{{$name}}" value="{{.}}">{{end}}{{end}}
<p>{{.Text}}</p><button type="submit">{{.Button}}</button></form><script>{{.Script}}</script></body></html>
`))

// postBack answers with a form that sends itself (OAuth 2.0 Form Post Response Mode).
func postBack(w http.ResponseWriter, r *http.Request, to string, values url.Values) error {
	pr := i18n.From(r.Context())
	var page bytes.Buffer
	err := postPage.Execute(&page, map[string]any{
		"Lang": pr.Lang, "Title": pr.T("provider.back.title"), "Text": pr.T("provider.back.text"), "Button": pr.T("provider.back.button"),
		"To": to, "Values": values, "Script": template.JS(submit),
	})
	if err != nil {
		return fmt.Errorf("form that posts back: %w", err)
	}
	h := w.Header()
	// The form goes to the client, which may lead on to wherever it likes: no form-action.
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'sha256-"+submitHash+"'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(page.Bytes()) // the reader may have gone
	return nil
}
