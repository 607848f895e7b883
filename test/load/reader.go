//go:build unix

package main

import (
	"bytes"
	"context"
	"fmt"
	"html"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"

	"dean06/internal/app"
)

// reader is somebody with a browser.
type reader struct {
	http.Client
	site string
}

func (p *process) reader() (*reader, error) {
	jar, err := cookiejar.New(nil)
	return &reader{http.Client{Jar: jar}, p.url}, err
}

// signIn signs in; it fails when the answer leads back to the sign-in page.
func (r *reader) signIn(ctx context.Context, login, password string) error {
	form := url.Values{"login": {login}, "password": {password}}
	_, at, err := r.ask(ctx, http.MethodPost, "/sign-in", strings.NewReader(form.Encode()), "application/x-www-form-urlencoded")
	if err == nil && strings.HasPrefix(at, "/sign-in") {
		err = fmt.Errorf("%s cannot sign in", login)
	}
	return err
}

// ask gives a page and the address at which it was found in the end.
func (r *reader) ask(ctx context.Context, method, path string, body io.Reader, media string) (page []byte, at string, err error) {
	req, err := http.NewRequestWithContext(ctx, method, r.site+path, body)
	if err != nil {
		return nil, "", err
	}
	if media != "" {
		req.Header.Set("Content-Type", media)
	}
	res, err := r.Do(req)
	if err != nil {
		return nil, "", err
	}
	defer res.Body.Close()
	page, err = io.ReadAll(res.Body)
	if err == nil && res.StatusCode >= 500 {
		err = fmt.Errorf("%s: %s", path, res.Status)
	}
	return page, res.Request.URL.RequestURI(), err
}

var link = regexp.MustCompile(`(?:href|src)="(/[^"#]*)`)

// maxPages is how many pages each account reads.
const maxPages = 150

// readEverything signs in as each account of the demo, follows the links of the
// site, and uploads both rounds again as one batch.
func (p *process) readEverything(ctx context.Context) (said string, err error) {
	pages := 0
	for _, a := range app.DemoAccounts {
		r, err := p.reader()
		if err != nil {
			return "", err
		}
		if err := r.signIn(ctx, a.Login, app.DemoPassword); err != nil {
			return "", err
		}
		seen := map[string]bool{}
		for next := []string{"/"}; len(next) > 0 && len(seen) < maxPages; {
			at := next[0]
			next = next[1:]
			page, _, err := r.ask(ctx, http.MethodGet, at, nil, "")
			if err != nil {
				return "", err
			}
			for _, m := range link.FindAllSubmatch(page, -1) {
				if to := html.UnescapeString(string(m[1])); !seen[to] && !strings.HasPrefix(to, "//") {
					seen[to] = true
					next = append(next, to)
				}
			}
			pages++
		}
	}
	return fmt.Sprintf("%d pages and files read as %d accounts", pages, len(app.DemoAccounts)), nil
}

// upload sends files as a form does.
func (r *reader) upload(ctx context.Context, path, name string, files map[string][]byte) error {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for file, content := range files {
		part, err := w.CreateFormFile(name, file)
		if err != nil {
			return err
		}
		if _, err := part.Write(content); err != nil {
			return err
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	_, _, err := r.ask(ctx, http.MethodPost, path, &b, w.FormDataContentType())
	return err
}
