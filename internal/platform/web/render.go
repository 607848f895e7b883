package web

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"sync"

	"github.com/a-h/templ"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
)

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// Render writes a whole page. It is made in memory first, so that a failure
// half-way is an error page and never half a page with status 200.
func Render(w http.ResponseWriter, r *http.Request, status int, page templ.Component) error {
	buf := buffers.Get().(*bytes.Buffer)
	defer func() {
		if buf.Cap() <= 1<<20 {
			buf.Reset()
			buffers.Put(buf)
		}
	}()
	if err := page.Render(r.Context(), buf); err != nil {
		return fmt.Errorf("render %s: %w", r.Pattern, err)
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", string(i18n.From(r.Context()).Lang))
	h.Add("Vary", "Accept-Language, Cookie")
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-store")
	}
	if r.Header.Get("HX-Request") == "" {
		dropFlash(w, r)
	}
	h.Set("Content-Length", strconv.Itoa(buf.Len()))
	w.WriteHeader(status)
	if r.Method == http.MethodHead {
		return nil
	}
	_, _ = w.Write(buf.Bytes()) // the reader may have gone
	return nil
}

// Retry shows the form again with status 422 (409 for a conflict) when err is
// the form's fault, and gives any other error back.
func Retry(w http.ResponseWriter, r *http.Request, err error, form templ.Component) error {
	if FormErrors(err) == nil {
		return err
	}
	return Render(w, r, Status(err), form)
}

// Redirect ends a successful post: 303 to the page that shows the result.
func Redirect(w http.ResponseWriter, r *http.Request, to string) error {
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

const flashCookie = "flash"

// RedirectWith is Redirect with a sentence that the next page shows once.
func RedirectWith(w http.ResponseWriter, r *http.Request, to, key string, args fault.Args) error {
	raw, err := json.Marshal(ui.Flash{Key: key, Args: args})
	if err != nil {
		return fmt.Errorf("flash %s: %w", key, err)
	}
	http.SetCookie(w, &http.Cookie{
		Name: flashCookie, Value: base64.RawURLEncoding.EncodeToString(raw), Path: "/",
		MaxAge: 60, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
	return Redirect(w, r, to)
}

// FlashOf reads what the last request left to say; the frame carries it.
func FlashOf(r *http.Request) ui.Flash {
	var f ui.Flash
	c, err := r.Cookie(flashCookie)
	if err != nil {
		return f
	}
	raw, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err != nil || json.Unmarshal(raw, &f) != nil {
		return ui.Flash{}
	}
	return f
}

func dropFlash(w http.ResponseWriter, r *http.Request) {
	if _, err := r.Cookie(flashCookie); err == nil {
		http.SetCookie(w, &http.Cookie{Name: flashCookie, Path: "/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	}
}
