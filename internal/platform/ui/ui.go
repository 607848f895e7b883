package ui

import (
	"embed"
	"io/fs"
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
)

//go:embed messages
var messages embed.FS

// Messages are the texts of the layout and of the components.
var Messages, _ = fs.Sub(messages, "messages")

// Where the layout's own links lead.
const (
	SignInPath  = "/sign-in"
	SignOutPath = "/sign-out" // by POST
	AccountPath = "/account"
	NoticesPath = "/notices"
)

// Accent is the colour of a node's header, by which one sees whose system one is in.
type Accent string

// The accents.
const (
	Board     Accent = "board"
	Authority Accent = "authority"
	Hub       Accent = "hub"
	Agency    Accent = "agency"
)

// Node is the system that the page belongs to.
type Node struct {
	Name   string // such as "Bảng theo dõi Đề án 06"
	Owner  string // who runs it, in the footer
	Accent Accent // Board when empty
	Links  []Link // in the footer, such as to the description of the API
	Notice string // a strip above every page, such as "Bản trình diễn, dữ liệu mẫu"
}

// Viewer is who reads the page.
type Viewer struct {
	Name       string
	RoleLabel  string
	AgencyName string
	SignedIn   bool
	Notices    int // that they have not read
	// Where the viewer signs in, out and finds their account, when it is not at the node's own
	// pages (SignInPath, SignOutPath, AccountPath).
	SignInHref, SignOutHref, AccountHref string
}

// NavItem is a link of a navigation. Current is worked out from the address
// when it is left false.
type NavItem struct {
	Label   string
	Href    string
	Current bool
	Count   int // shown as a badge when above zero
}

// Frame is what is the same around every page of a request.
type Frame struct {
	Node   Node
	Viewer Viewer
	Nav    []NavItem
	Here   string // the address of the page with its query (r.URL.RequestURI())
	Flash  Flash  // what the last request has to say
	Alerts []Link // in red above every page, such as a role that was taken in an emergency
}

// Flash is one sentence about what has just been done.
type Flash struct {
	Key  string
	Args fault.Args
}

// Page starts a page in the frame.
func (f Frame) Page(title string) Page { return Page{Frame: f, Title: title} }

// Page is one page: its frame and what the layout shows beside its body.
type Page struct {
	Frame
	Title  string
	Crumbs []Link          // where one is; the page itself is not in it
	Back   string          // address of the back link
	Side   []NavGroup      // side navigation
	Sub    []NavItem       // sub navigation above the body
	Wide   bool            // boards and work lists use the whole window
	Errors fault.List      // shown as the error summary; set by web.FormErrors
	Head   templ.Component // more for <head>, rarely needed
}

// NavGroup is a part of the side navigation.
type NavGroup struct {
	Label string
	Items []NavItem
}

// Link is a text that leads somewhere; without Href it is only the text.
type Link struct {
	Label string
	Href  string
}

// here says whether href is the page or a folder above it.
func (f Frame) here(n NavItem) bool {
	if n.Current {
		return true
	}
	path, _, _ := strings.Cut(f.Here, "?")
	href, _, _ := strings.Cut(n.Href, "?")
	return path == href || href != "/" && href != "" && strings.HasPrefix(path, strings.TrimSuffix(href, "/")+"/")
}

// current marks the one item whose address fits the page best, so that
// "/returns" is not also current on "/returns/late".
func (f Frame) current(items []NavItem) int {
	best := -1
	for i, n := range items {
		if n.Current {
			return i
		}
		if f.here(n) && (best < 0 || len(n.Href) > len(items[best].Href)) {
			best = i
		}
	}
	return best
}

// fewLinks are those that fit on a phone as they are.
const fewLinks = 2

// together are the links of all groups in one row.
func together(groups []NavGroup) []NavItem {
	var out []NavItem
	for _, g := range groups {
		out = append(out, g.Items...)
	}
	return out
}

// waiting is how much waits behind the menu of a phone.
func (p Page) waiting() int {
	n := p.Viewer.Notices
	for _, item := range p.Nav {
		n += item.Count
	}
	return n
}

// foldLabel is what links say that are folded together: where among them one is.
func (f Frame) foldLabel(p *i18n.Printer, items []NavItem) string {
	if i := f.current(items); i >= 0 {
		return items[i].Label
	}
	return p.T("ui.nav.menu")
}

// inLang is the address of the same page in another language.
func (f Frame) inLang(l i18n.Lang) string {
	u, err := url.Parse(f.Here)
	if err != nil || u.IsAbs() || u.Host != "" {
		u = &url.URL{Path: "/"}
	}
	q := u.Query()
	q.Set("lang", string(l))
	return (&url.URL{Path: u.Path, RawPath: u.RawPath, RawQuery: q.Encode()}).String()
}

func (n Node) class() string {
	if n.Accent == "" {
		return "app-accent-" + string(Board)
	}
	return "app-accent-" + string(n.Accent)
}

func (v Viewer) place() string {
	if v.RoleLabel != "" && v.AgencyName != "" {
		return v.RoleLabel + " · " + v.AgencyName
	}
	return v.RoleLabel + v.AgencyName
}

func classes(names ...string) string {
	kept := names[:0:0]
	for _, n := range names {
		if n != "" {
			kept = append(kept, n)
		}
	}
	return strings.Join(kept, " ")
}
