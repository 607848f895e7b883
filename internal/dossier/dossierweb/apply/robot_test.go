package apply_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"dean06/internal/dossier"
	"dean06/internal/dossier/dossiertest"
	"dean06/internal/dossier/dossierweb/dossierwebtest"
	"dean06/internal/eform"
	"dean06/internal/platform/actor"
)

// robot fills a form as a person with a phone does, page by page, and counts.
type robot struct {
	*site
	who      actor.Actor
	says     map[string]string // by name of the field; "-" leaves it as it is
	typed    []string          // fields that it filled in
	pages    int
	heavy    int // bytes of the heaviest page
	heaviest string
	seen     func(path string) // looks at each page
}

// walk goes on from an address until a page has no form that it can send, or until stop.
func (b *robot) walk(path, stop string) (last dossierwebtest.Answer, at string) {
	b.T.Helper()
	for range 60 {
		a := b.Get(b.who, path)
		for a.Code == http.StatusSeeOther {
			path = a.Location
			a = b.Get(b.who, path)
		}
		if a.Code != http.StatusOK {
			b.T.Fatalf("%s: got %d: %s", path, a.Code, text(a.Body))
		}
		b.pages++
		if len(a.Body) > b.heavy {
			b.heavy, b.heaviest = len(a.Body), path
		}
		if b.seen != nil {
			b.seen(path)
			a = b.Get(b.who, path)
		}
		if strings.HasSuffix(path, stop) {
			return a, path
		}
		action, form, file := b.form(a.Body)
		if action == "" {
			return a, path
		}
		var sent dossierwebtest.Answer
		if file != "" {
			sent = b.PostFile(b.who, action, form, file, "giay-chung-sinh.pdf", "%PDF-1.7 giấy chứng sinh")
		} else {
			sent = b.Post(b.who, action, form)
		}
		if sent.Code != http.StatusSeeOther {
			b.T.Fatalf("%s: sent %v, got %d: %s", path, form, sent.Code, text(sent.Body))
		}
		path = sent.Location
	}
	b.T.Fatal("the form does not end")
	return dossierwebtest.Answer{}, ""
}

// form reads the first form of the main part of a page that is posted, and fills it in.
func (b *robot) form(body string) (action string, out url.Values, file string) {
	b.T.Helper()
	doc, err := html.Parse(strings.NewReader(body))
	if err != nil {
		b.T.Fatal(err)
	}
	out = url.Values{}
	var main, form *html.Node
	find(doc, func(n *html.Node) bool { return n.Data == "main" }, &main)
	find(main, func(n *html.Node) bool { return n.Data == "form" && attr(n, "method") == "post" }, &form)
	if form == nil {
		return "", nil, ""
	}
	action = attr(form, "action")
	said := func(name, was string) {
		v, ok := b.says[name]
		if !ok || v == was {
			if was != "" {
				out.Set(name, was)
			}
			return
		}
		out.Set(name, v)
		b.typed = append(b.typed, name)
	}
	for n := range form.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		name, value := attr(n, "name"), attr(n, "value")
		switch {
		case n.Data == "input" && attr(n, "type") == "hidden":
			out.Set(name, value)
		case n.Data == "input" && attr(n, "type") == "file":
			file = name
		case n.Data == "input" && (attr(n, "type") == "radio" || attr(n, "type") == "checkbox"):
			if has(n, "checked") {
				out.Set(name, value)
			}
			if b.says[name] == value && !has(n, "checked") {
				said(name, "")
			}
		case n.Data == "input", n.Data == "textarea":
			said(name, value)
		case n.Data == "select":
			for o := range n.Descendants() {
				if o.Data == "option" && has(o, "selected") {
					out.Set(name, attr(o, "value"))
				}
			}
			if v, ok := b.says[name]; ok && out.Get(name) != v {
				said(name, out.Get(name))
			}
		case n.Data == "button" && name != "" && b.says[name] != "":
			out.Set(name, value)
		}
	}
	return action, out, file
}

func find(n *html.Node, is func(*html.Node) bool, into **html.Node) {
	if n == nil {
		return
	}
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && is(d) && *into == nil {
			*into = d
		}
	}
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, key string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == key })
}

// mothers is what a mother types whose marriage and family the register knows.
func mothers() map[string]string {
	return map[string]string{
		"applicant.relation": "mother", "request.situation": "married", "request.foreign": "none", "notice.has": "hospital",
		"child.name": "Trần Minh An", "child.sex": "2", "child.birth-day": "20", "child.birth-month": "11", "child.birth-year": "2026",
		"child.birthplace": "Phan Đình Phùng", "child.birthplace-province": "19", "child.birthplace-detail": "Bệnh viện A", "copies.want": "no",
		"phone": "0912345678", "email": "nhung@example.vn", "notice": "yes", "done": "1",
		"marriage.number": "12", "marriage.book": "01/2019", "marriage.date-day": "1", "marriage.date-month": "2", "marriage.date-year": "2019",
		"marriage.place": "UBND phường Phan Đình Phùng",
	}
}

// TestNothingAskedTwice: of a birth to married parents, a mother types nothing that the
// register has, from the search to the page that says that it was sent; pages are light.
func TestNothingAskedTwice(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	found := s.Get(dossiertest.Nobody, "/procedures?q=lam+khai+sinh+cho+con")
	if !strings.Contains(found.Body, `href="/procedures/1.001193"`) {
		t.Fatalf("the search does not find it: %s", text(found.Body))
	}
	b := &robot{site: s, who: dossiertest.Mother, says: mothers()}
	last, path := b.walk("/procedures/1.001193", "/sent")
	if !strings.HasSuffix(path, "/sent") {
		t.Fatalf("ended at %s: %s", path, text(last.Body))
	}
	heads, err := s.World.Own(t.Context(), dossiertest.Mother)
	if err != nil || len(heads) != 1 {
		t.Fatalf("sent: %d dossiers (%v)", len(heads), err)
	}
	d, err := s.World.Store.ByCode(t.Context(), heads[0].Code)
	if err != nil {
		t.Fatal(err)
	}
	pkg, err := s.World.Packages.Version(t.Context(), d.Procedure, d.Package)
	if err != nil {
		t.Fatal(err)
	}
	available, fromRegister, _ := dossier.Filled(pkg, d.Answers, dossier.FactsOf(d))
	if available < 16 || fromRegister != available {
		t.Errorf("of %d facts that the register has %d arrived", available, fromRegister)
	}
	for _, q := range pkg.Form.Fields(d.Answers, dossier.FactsOf(d)) { // whether it arrived or not, nobody typed it
		if m, ok := dossier.MeaningOf(q.Question.Meaning); !ok || len(m.Fields) == 0 {
			continue
		}
		for _, typed := range b.typed {
			if typed == q.Path || strings.HasPrefix(typed, q.Path+"-") {
				t.Errorf("%s was typed though the register has it", typed)
			}
		}
		if q.Given() && q.Answer.Source != eform.Register {
			t.Errorf("%s came from %s, and the register has it", q.Path, q.Answer.Source)
		}
	}
	if b.heavy > 100_000 {
		t.Errorf("the heaviest page, %s, has %d bytes, at most 100,000 are allowed", b.heaviest, b.heavy)
	}
	t.Logf("%d pages, %d fields typed (%s), %d facts filled; the heaviest page has %d bytes",
		b.pages, len(b.typed), strings.Join(b.typed, " "), fromRegister, b.heavy)

	// The second click on "send" is the same dossier.
	again := s.Post(dossiertest.Mother, "/applications/"+d.ID+"/check", url.Values{"version": {"1"}, "key": {d.ID}, "notice": {"yes"}})
	if again.Code != http.StatusSeeOther && again.Code != http.StatusNotFound {
		t.Errorf("sent again: got %d", again.Code)
	}
	if heads, _ := s.World.Own(t.Context(), dossiertest.Mother); len(heads) != 1 {
		t.Errorf("a second click made %d dossiers", len(heads))
	}
}
