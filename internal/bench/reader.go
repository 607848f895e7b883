package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"time"

	"dean06/internal/demo"
	"dean06/internal/platform/measure"
)

// reader is somebody with a browser.
type reader struct {
	http.Client
	site string
}

// signedIn is somebody who has signed in; it fails when the answer leads back to the
// sign-in page.
func signedIn(ctx context.Context, site, login, password string) (*reader, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	r := &reader{http.Client{Jar: jar}, site}
	form := url.Values{"login": {login}, "password": {password}}
	_, at, err := r.ask(ctx, http.MethodPost, "/sign-in", strings.NewReader(form.Encode()), "application/x-www-form-urlencoded")
	if err == nil && strings.HasPrefix(at, "/sign-in") {
		err = fmt.Errorf("%s cannot sign in", login)
	}
	return r, err
}

// cookies are those that the site gave, as a header has them.
func (r *reader) cookies(site string) string {
	at, err := url.Parse(site)
	if err != nil {
		return ""
	}
	var out []string
	for _, c := range r.Jar.Cookies(at) {
		out = append(out, c.Name+"="+c.Value)
	}
	return strings.Join(out, "; ")
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
const maxPages = 200

// readEverything signs in as each account of the demo's board and follows the links of
// the site.
func readEverything(ctx context.Context, site string) (pages, accounts int, err error) {
	for _, a := range demo.BoardAccounts() {
		r, err := signedIn(ctx, site, a.Login, demo.Password)
		if err != nil {
			return 0, 0, err
		}
		own, seen := 0, map[string]bool{}
		for next := []string{"/"}; len(next) > 0 && own < maxPages; own++ {
			at := next[0]
			next = next[1:]
			page, _, err := r.ask(ctx, http.MethodGet, at, nil, "")
			if err != nil {
				return 0, 0, err
			}
			for _, m := range link.FindAllSubmatch(page, -1) {
				if to := html.UnescapeString(string(m[1])); !seen[to] && !strings.HasPrefix(to, "//") {
					seen[to] = true
					next = append(next, to)
				}
			}
		}
		pages += own
		accounts++
	}
	return pages, accounts, nil
}

// uploadAll uploads the second round to the first letter as one batch, and waits until
// each file has its result.
func uploadAll(ctx context.Context, site string) (int, error) {
	r, err := signedIn(ctx, site, demo.BoardAccounts()[0].Login, demo.Password)
	if err != nil {
		return 0, err
	}
	files, err := samples("2023")
	if err != nil {
		return 0, err
	}
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	err = w.WriteField("campaign", "488")
	for _, f := range files {
		var part io.Writer
		if err == nil {
			part, err = w.CreateFormFile("files", f.Name)
		}
		if err == nil {
			_, err = part.Write(f.Content)
		}
	}
	if err = errors.Join(err, w.Close()); err != nil {
		return 0, err
	}
	_, at, err := r.ask(ctx, http.MethodPost, "/office/imports", &b, w.FormDataContentType())
	for took := measure.Stopwatch(); err == nil; time.Sleep(100 * time.Millisecond) {
		var page []byte
		page, _, err = r.ask(ctx, http.MethodGet, at, nil, "")
		if bytes.Count(page, []byte("/office/items/")) >= len(files) {
			return len(files), nil
		}
		if took() > time.Minute {
			err = fmt.Errorf("%s: not all files have a result", at)
		}
	}
	return 0, err
}
