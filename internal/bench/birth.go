package bench

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/html"

	"dean06/internal/demo"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/measure"
)

// BirthWalk measures the registration of a birth as a mother does it on her phone: a robot
// goes from the search to the page that says that it was sent, and types only what a page
// asks for and has not.
type BirthWalk struct {
	Dir     string // a folder for what is not kept
	Program string // dean06 itself
}

// WalkedPage is a page on the way.
type WalkedPage struct {
	Path   string
	Typed  int           // fields that were filled in on it
	Took   time.Duration // of the page and of what was sent from it
	Bytes  int           // of the page on the wire
	Assets int           // of what else it loads for the first time
}

// The mother of the demo, and what she answers.
const (
	walker      = "019194000102" // Nguyễn Thị Hoa
	walkedCode  = "1.001193"
	walkedNode  = 3 // of the nodes of the demo, each ten ports further
	mostOnTheGo = 60
)

var motherSays = map[string]string{
	"applicant.relation": "mother", "request.situation": "married", "request.foreign": "none", "notice.has": "hospital",
	"child.name": "Trần Minh An", "child.sex": "2", "child.birthplace": "Phan Đình Phùng", "child.birthplace-province": "19",
	"child.birthplace-detail": "Trạm y tế", "copies.want": "no", "phone": "0912345678", "email": "me@example.vn", "notice": "yes",
}

// Run walks the way once. The sums are one section; the pages are in their order.
func (o BirthWalk) Run(ctx context.Context) (s Section, pages []WalkedPage, err error) {
	address, err := freeAddress(ctx)
	if err != nil {
		return s, nil, err
	}
	running, err := serve(ctx, o.Dir, o.Program, address, "demo", "--addr", address, "--data", filepath.Join(o.Dir, "demo-birth"))
	if err != nil {
		return s, nil, err
	}
	defer func() { err = errors.Join(err, running.stop()) }()
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return s, nil, err
	}
	first, err := strconv.Atoi(port)
	if err != nil {
		return s, nil, err
	}
	r, err := vouchedFor(ctx, "http://"+net.JoinHostPort(host, strconv.Itoa(first+10*walkedNode)), walker, demo.Password)
	if err != nil {
		return s, nil, err
	}
	w := walk{reader: r, says: map[string]string{}, loaded: map[string]bool{}}
	for k, v := range motherSays {
		w.says[k] = v
	}
	born := clock.System{}.Now().AddDate(0, 0, -10)
	w.says["child.birth-day"], w.says["child.birth-month"] = strconv.Itoa(born.Day()), strconv.Itoa(int(born.Month()))
	w.says["child.birth-year"] = strconv.Itoa(born.Year())
	took := measure.Stopwatch()
	pages, err = w.way(ctx)
	s = Section{Name: "birth_walk", Values: map[string]float64{"pages": float64(len(pages)), "seconds": took().Seconds(), "arrived": float64(w.arrived)}}
	for _, p := range pages {
		s.Values["typed"] += float64(p.Typed)
		s.Values["heaviest_bytes"] = max(s.Values["heaviest_bytes"], float64(p.Bytes+p.Assets))
	}
	return s, pages, err
}

// walk is a robot on its way.
type walk struct {
	*reader
	says    map[string]string
	loaded  map[string]bool // addresses of styles, scripts and typefaces
	arrived int             // answers that stood on the page of what arrived filled
}

func (w *walk) way(ctx context.Context) (pages []WalkedPage, err error) {
	path := "/procedures?q=" + url.QueryEscape("lam khai sinh cho con")
	for range mostOnTheGo {
		took := measure.Stopwatch()
		p := WalkedPage{}
		var raw []byte
		if raw, path, p.Bytes, err = w.page(ctx, path); err != nil {
			return pages, err
		}
		if p.Path = path; len(pages) == 0 {
			p.Path = "/procedures"
		}
		if p.Assets, err = w.assets(ctx, raw); err != nil {
			return pages, err
		}
		doc, err := html.Parse(bytes.NewReader(raw))
		if err != nil {
			return pages, err
		}
		if strings.HasSuffix(path, "/q/filled") {
			w.arrived = len(every(doc, func(n *html.Node) bool { return n.Data == "dt" }))
		}
		if strings.HasSuffix(path, "/sent") {
			p.Took = took()
			return append(pages, p), nil
		}
		f := formOf(doc, w.says)
		p.Typed = len(f.typed)
		next := "/procedures/" + walkedCode // found, and clicked
		if f.action != "" {
			if next, err = w.send(ctx, f); err != nil {
				return append(pages, p), fmt.Errorf("%s: %w", path, err)
			}
		} else if len(pages) > 0 {
			return append(pages, p), fmt.Errorf("%s: nothing leads on", path)
		}
		p.Took = took()
		pages, path = append(pages, p), next
	}
	return pages, errors.New("the form does not end")
}

// page reads a page as a browser does, compressed, and says how many bytes came.
func (w *walk) page(ctx context.Context, path string) (raw []byte, at string, size int, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.site+path, nil)
	if err != nil {
		return nil, "", 0, err
	}
	req.Header.Set("Accept-Encoding", "gzip")
	res, err := w.Do(req)
	if err != nil {
		return nil, "", 0, err
	}
	defer res.Body.Close()
	if raw, err = io.ReadAll(res.Body); err != nil {
		return nil, "", 0, err
	}
	if res.StatusCode != http.StatusOK {
		return nil, "", 0, fmt.Errorf("%s: %s", path, res.Status)
	}
	size = len(raw)
	if res.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(bytes.NewReader(raw))
		if err != nil {
			return nil, "", 0, err
		}
		if raw, err = io.ReadAll(z); err != nil {
			return nil, "", 0, err
		}
	}
	return raw, res.Request.URL.RequestURI(), size, nil
}

var (
	loads = regexp.MustCompile(`<(?:link|script)[^>]*(?:href|src)="(/assets/[^"]+)"`)
	faces = regexp.MustCompile(`url\("?([^")]+\.woff2)"?\)`)
)

// assets loads what a page names and was not loaded yet, all typefaces of the style with
// it, and says how many bytes came.
func (w *walk) assets(ctx context.Context, page []byte) (size int, err error) {
	var todo []string
	for _, m := range loads.FindAllSubmatch(page, -1) {
		todo = append(todo, string(m[1]))
	}
	for len(todo) > 0 {
		at := todo[0]
		if todo = todo[1:]; w.loaded[at] {
			continue
		}
		w.loaded[at] = true
		n, err := w.weigh(ctx, at, "br")
		if err != nil {
			return size, err
		}
		size += n
		if !strings.HasSuffix(at, ".css") {
			continue
		}
		style, _, err := w.ask(ctx, http.MethodGet, at, nil, "")
		if err != nil {
			return size, err
		}
		base, err := url.Parse(at)
		if err != nil {
			return size, err
		}
		for _, m := range faces.FindAllSubmatch(style, -1) {
			ref, err := url.Parse(string(m[1]))
			if err != nil {
				return size, err
			}
			todo = append(todo, base.ResolveReference(ref).String())
		}
	}
	return size, nil
}

func (w *walk) weigh(ctx context.Context, path, encoding string) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.site+path, nil)
	if err != nil {
		return 0, err
	}
	req.Header.Set("Accept-Encoding", encoding)
	res, err := w.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	n, err := io.Copy(io.Discard, res.Body)
	return int(n), err
}

// sending is a form as it is filled in.
type sending struct {
	action, file string
	values       url.Values
	typed        []string
}

// formOf fills in the first form of the main part of a page that is posted.
func formOf(doc *html.Node, says map[string]string) sending {
	if forms := formsOf(doc); len(forms) > 0 {
		return filledIn(forms[0], says)
	}
	return sending{values: url.Values{}}
}

// formsOf are the forms of the main part of a page that are posted.
func formsOf(doc *html.Node) []*html.Node {
	main := every(doc, func(n *html.Node) bool { return n.Data == "main" })
	if len(main) == 0 {
		return nil
	}
	return every(main[0], func(n *html.Node) bool { return n.Data == "form" && attribute(n, "method") == "post" })
}

func filledIn(form *html.Node, says map[string]string) sending {
	out := sending{values: url.Values{}, action: attribute(form, "action")}
	for _, n := range every(form, func(n *html.Node) bool {
		return slices.Contains([]string{"input", "select", "textarea"}, n.Data) && attribute(n, "name") != ""
	}) {
		out.fill(n, says)
	}
	return out
}

func (f *sending) fill(n *html.Node, says map[string]string) {
	name, value, kind := attribute(n, "name"), attribute(n, "value"), attribute(n, "type")
	said, known := says[name]
	switch {
	case kind == "hidden":
		f.values.Set(name, value)
	case kind == "file":
		f.file = name
	case kind == "radio" || kind == "checkbox":
		_, checked := attributeOf(n, "checked")
		offered := strings.HasSuffix(name, "-offer") && !f.values.Has(name) // of the mother or of the father: the first
		if checked || offered || known && said == value {
			f.values.Set(name, value)
		}
		if !checked && (offered || known && said == value) {
			f.typed = append(f.typed, name)
		}
	default:
		if n.Data == "select" {
			for _, o := range every(n, func(o *html.Node) bool { return o.Data == "option" }) {
				if _, selected := attributeOf(o, "selected"); selected {
					value = attribute(o, "value")
				}
			}
		}
		if value == "" && known {
			value = said
			f.typed = append(f.typed, name)
		}
		f.values.Set(name, value)
	}
}

// send posts a form, with a birth notice where it asks for a file, and says where it leads.
func (w *walk) send(ctx context.Context, f sending) (string, error) {
	var body io.Reader = strings.NewReader(f.values.Encode())
	media := "application/x-www-form-urlencoded"
	if f.file != "" {
		var b bytes.Buffer
		m := multipart.NewWriter(&b)
		for name, values := range f.values {
			if err := m.WriteField(name, values[0]); err != nil {
				return "", err
			}
		}
		part, err := m.CreateFormFile(f.file, "giay-chung-sinh.pdf")
		if err != nil {
			return "", err
		}
		if _, err := io.WriteString(part, onePage); err != nil {
			return "", err
		}
		if err := m.Close(); err != nil {
			return "", err
		}
		body, media = &b, m.FormDataContentType()
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.site+f.action, body)
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", media)
	still := w.Client
	still.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := still.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusSeeOther {
		return "", fmt.Errorf("sent %v: %s", f.values, res.Status)
	}
	return res.Header.Get("Location"), nil
}

// onePage is a PDF of one empty page.
const onePage = "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n" +
	"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\nxref\n0 4\n0000000000 65535 f \n0000000009 00000 n \n" +
	"0000000052 00000 n \n0000000101 00000 n \ntrailer<</Size 4/Root 1 0 R>>\nstartxref\n164\n%%EOF\n"

func every(of *html.Node, is func(*html.Node) bool) (out []*html.Node) {
	for n := range of.Descendants() {
		if n.Type == html.ElementNode && is(n) {
			out = append(out, n)
		}
	}
	return out
}

func attribute(n *html.Node, key string) string {
	v, _ := attributeOf(n, key)
	return v
}

func attributeOf(n *html.Node, key string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val, true
		}
	}
	return "", false
}
