package uitest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var missing = regexp.MustCompile(`\[[a-z_]+\.[a-z0-9_.]+\]`)

// unfilled is a place in a message that nobody filled.
var unfilled = regexp.MustCompile(`(?:^|[^/])\{[a-z_]+\}`) // in an address it is meant

// within says that a node is in an element of one of some kinds.
func within(n *html.Node, kinds ...atom.Atom) bool {
	for up := n.Parent; up != nil; up = up.Parent {
		if slices.Contains(kinds, up.DataAtom) {
			return true
		}
	}
	return false
}

// page is what Markup gathers on its way through the tree.
type page struct {
	faults   []string
	ids      map[string]bool
	labelled map[string]bool // ids that a label names
	controls []*html.Node
	anchors  []string
	h1       int
}

// Markup lists the faults of a page that need no browser to be seen.
func Markup(source string) []string {
	root, err := html.Parse(strings.NewReader(source))
	if err != nil {
		return []string{err.Error()}
	}
	p := &page{ids: map[string]bool{}, labelled: map[string]bool{}}
	for n := range root.Descendants() {
		p.visit(n)
	}
	if p.h1 != 1 {
		p.fault("%d h1, want 1", p.h1)
	}
	for _, c := range p.controls {
		if !p.labelled[attr(c, "id")] && attr(c, "aria-label") == "" && attr(c, "aria-labelledby") == "" {
			p.fault("%s %q has no label", c.Data, attr(c, "name"))
		}
	}
	for _, id := range p.anchors {
		if !p.ids[id] {
			p.fault("a link leads to #%s, which is not on the page", id)
		}
	}
	return p.faults
}

func (p *page) fault(format string, args ...any) {
	p.faults = append(p.faults, fmt.Sprintf(format, args...))
}

func (p *page) visit(n *html.Node) {
	if n.Type == html.TextNode {
		if m := missing.FindString(n.Data); m != "" {
			p.fault("message %s does not exist", m)
		}
		if m := unfilled.FindString(n.Data); m != "" && !within(n, atom.Code, atom.Pre, atom.Script, atom.Style, atom.Textarea) {
			p.fault("a message was not told its %s", m)
		}
		return
	}
	if n.Type != html.ElementNode {
		return
	}
	for _, a := range n.Attr {
		if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
			p.fault("%s has an inline %s, which the policy forbids", n.Data, a.Key)
		}
	}
	if id := attr(n, "id"); id != "" {
		if p.ids[id] {
			p.fault("id %s twice", id)
		}
		p.ids[id] = true
	}
	switch n.DataAtom {
	case atom.H1:
		p.h1++
	case atom.Label:
		p.labelled[attr(n, "for")] = true
	case atom.Input, atom.Select, atom.Textarea:
		if attr(n, "type") != "hidden" {
			p.controls = append(p.controls, n)
		}
	case atom.Table:
		if !has(n, atom.Caption) {
			p.fault("table %q has no caption", attr(n, "id"))
		}
	case atom.A:
		if id, ok := strings.CutPrefix(attr(n, "href"), "#"); ok && id != "" {
			p.anchors = append(p.anchors, id)
		}
	case atom.Html:
		if attr(n, "lang") == "" {
			p.fault("the page does not say its language")
		}
	}
}

func has(n *html.Node, a atom.Atom) bool {
	for d := range n.Descendants() {
		if d.DataAtom == a {
			return true
		}
	}
	return false
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}
