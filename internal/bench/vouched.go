package bench

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"

	"golang.org/x/net/html"
)

// vouchedFor is somebody who has signed in with the electronic identity, as citizens do:
// from the node to the authority's pages, where number, password and the code that the
// demo shows are given, and back.
func vouchedFor(ctx context.Context, site, number, password string) (*reader, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	r := &reader{http.Client{Jar: jar}, site}
	says := map[string]string{"number": number, "password": password}
	at, form := site+"/sign-in/identity", url.Values(nil)
	for range 6 { // number, code, what is told to whom, and the way back
		res, err := r.post(ctx, at, form)
		if err != nil {
			return nil, err
		}
		doc, err := html.Parse(res.Body)
		_ = res.Body.Close() // only read
		if err != nil {
			return nil, err
		}
		here := res.Request.URL
		if res.StatusCode >= http.StatusBadRequest {
			return nil, fmt.Errorf("sign in with the electronic identity: %s: %s", here.Path, res.Status)
		}
		back, err := url.Parse(site)
		if err != nil {
			return nil, err
		}
		if here.Port() == back.Port() && !strings.HasPrefix(here.Path, "/sign-in") {
			r.site = here.Scheme + "://" + here.Host // by the name under which the authority knows it
			return r, nil
		}
		f := asked(doc, says)
		if f.action == "" { // the page that leads back to the service
			f = sending{action: firstLink(doc)}
		}
		next, err := here.Parse(f.action)
		if err != nil {
			return nil, err
		}
		at, form = next.String(), f.values
	}
	return nil, errors.New("signing in with the electronic identity does not end")
}

// asked fills in the form of a page that asks for something to be typed; keys and the
// demo's own short ways stand beside it.
func asked(doc *html.Node, says map[string]string) sending {
	for _, form := range formsOf(doc) {
		if len(every(form, func(n *html.Node) bool { return n.Data == "input" && attribute(n, "type") == "text" })) > 0 {
			return filledIn(form, says)
		}
	}
	return formOf(doc, says)
}

// firstLink is the address of the first link of the main part of a page.
func firstLink(doc *html.Node) string {
	for _, main := range every(doc, func(n *html.Node) bool { return n.Data == "main" }) {
		for _, a := range every(main, func(n *html.Node) bool { return n.Data == "a" }) {
			return attribute(a, "href")
		}
	}
	return ""
}

// post sends a form, or asks for the page where there is none.
func (r *reader) post(ctx context.Context, at string, form url.Values) (*http.Response, error) {
	method := http.MethodPost
	if form == nil {
		method = http.MethodGet
	}
	req, err := http.NewRequestWithContext(ctx, method, at, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return r.Do(req)
}
