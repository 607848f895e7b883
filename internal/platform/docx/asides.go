package docx

import (
	"encoding/xml"
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// relation is a part that the document refers to.
type relation struct{ kind, target string }

// relations lists the parts of a document by kind, also those that it does not refer to
// and that have the names that Word gives them: what is in the file is told.
func (z *archive) relations(main string) []relation {
	var out []relation
	dir, name := path.Split(main)
	raw, err := z.all(dir + "_rels/" + name + ".rels")
	var rels struct {
		Relationship []struct {
			Type   string `xml:"Type,attr"`
			Target string `xml:"Target,attr"`
			Mode   string `xml:"TargetMode,attr"`
		}
	}
	if err == nil && xml.Unmarshal(raw, &rels) == nil {
		for _, r := range rels.Relationship {
			target := r.Target
			if !strings.HasPrefix(target, "/") {
				target = dir + target
			}
			target = strings.TrimPrefix(path.Clean("/"+target), "/")
			if r.Mode != "External" && z.files[strings.ToLower(target)] != nil {
				out = append(out, relation{path.Base(r.Type), strings.ToLower(target)})
			}
		}
	}
	var names []string
	for n := range z.files {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		m := usualPart.FindStringSubmatch(n)
		if m == nil || slices.ContainsFunc(out, func(r relation) bool { return r.target == n }) {
			continue
		}
		out = append(out, relation{m[1], n})
	}
	return out
}

var usualPart = regexp.MustCompile(`^word/(comments|footnotes|endnotes|header|footer|styles|numbering)\d*\.xml$`)

// asides are the comments and notes of a document by id.
type asides struct {
	texts map[TraceKind]map[string]string
	order []asideKey
	used  map[asideKey]bool
}

type asideKey struct {
	kind TraceKind
	id   string
}

// walk reads a part from its root element with f. A part that is not well-formed is no
// error: what it holds cannot be told. It fails beyond the limits.
func (z *archive) walk(name string, limits Limits, f func(w *walker, root xml.StartElement) error) error {
	part, err := z.open(name)
	if err == nil {
		err = newWalker(part, limits).root(f)
	}
	var beyond Refusal
	switch {
	case part != nil && part.beyond:
		return Bomb
	case errors.As(err, &beyond) && beyond != Damaged:
		return beyond
	}
	return nil
}

// root reads a part from its root element with f.
func (w *walker) root(f func(w *walker, root xml.StartElement) error) error {
	for {
		tok, err := w.dec.Token()
		if err != nil {
			return err
		}
		if root, ok := tok.(xml.StartElement); ok {
			return f(w, root)
		}
	}
}

// readAsides reads comments, footnotes and endnotes.
func (z *archive) readAsides(rels []relation, l *looks, limits Limits) (*asides, error) {
	a := &asides{texts: map[TraceKind]map[string]string{}, used: map[asideKey]bool{}}
	for part, kind := range map[string]TraceKind{"comments": Commented, "footnotes": Footnoted, "endnotes": Endnoted} {
		a.texts[kind] = map[string]string{}
		for _, rel := range rels {
			if rel.kind != part {
				continue
			}
			err := z.walk(rel.target, limits, func(w *walker, _ xml.StartElement) error {
				w.looks = l
				return w.children(func(e xml.StartElement) error {
					id := attr(e, "id")
					if t := attr(e, "type"); t != "" && t != "normal" {
						return w.skip() // the rule above notes, and what continues them
					}
					var blocks []Block
					err := w.blocks(&blocks)
					key := asideKey{kind, id}
					text := plainText(blocks)
					for _, t := range TracesOf(blocks, false) {
						if t.Kind == Pictured || t.Kind == Embedded || t.Kind == Drawn {
							text = strings.TrimSpace(text + " [" + string(t.Kind) + "] " + t.Text)
						}
					}
					if _, twice := a.texts[kind][id]; !twice {
						a.order = append(a.order, key)
					}
					a.texts[kind][id] = text
					return err
				})
			})
			if err != nil {
				return nil, err
			}
		}
	}
	slices.SortStableFunc(a.order, func(x, y asideKey) int { return strings.Compare(string(x.kind), string(y.kind)) })
	return a, nil
}

// take gives the text of a comment or note to which the document points.
func (a *asides) take(kind TraceKind, id string) Trace {
	t := Trace{Kind: kind}
	if a != nil {
		t.Text = a.texts[kind][id]
		a.used[asideKey{kind, id}] = true
	}
	return t
}

// left are the comments and notes to which nothing points.
func (a *asides) left() []Trace {
	var out []Trace
	for _, key := range a.order {
		if text := a.texts[key.kind][key.id]; !a.used[key] && text != "" {
			out = append(out, Trace{Kind: key.kind, Text: text})
		}
	}
	return out
}

// readEdges reads headers and footers of pages.
func (z *archive) readEdges(rels []relation, l *looks, limits Limits) ([]Edge, error) {
	var out []Edge
	for _, rel := range rels {
		if rel.kind != "header" && rel.kind != "footer" {
			continue
		}
		edge := Edge{Footer: rel.kind == "footer"}
		err := z.walk(rel.target, limits, func(w *walker, _ xml.StartElement) error {
			w.looks = l
			return w.blocks(&edge.Blocks)
		})
		if err != nil {
			return nil, err
		}
		out = append(out, edge)
	}
	return out, nil
}

// fieldName is the command of a field: the first word of its code.
func fieldName(code string) string {
	name, _, _ := strings.Cut(strings.TrimSpace(code), " ")
	return strings.ToUpper(name)
}

// plainFields show what a person typed or chose, or where something stands: their value
// is text like any other.
var plainFields = map[string]bool{
	"": true, "FORMTEXT": true, "FORMCHECKBOX": true, "FORMDROPDOWN": true, "HYPERLINK": true, "PAGE": true, "NUMPAGES": true, "SECTION": true,
	"SECTIONPAGES": true, "REF": true, "PAGEREF": true, "NOTEREF": true, "SEQ": true, "TOC": true, "TC": true, "XE": true, "STYLEREF": true,
	"MERGEFIELD": true, "DOCPROPERTY": true, "TITLE": true, "SUBJECT": true, "AUTHOR": true, "FILENAME": true, "AUTONUM": true, "LISTNUM": true,
	"CITATION": true, "BIBLIOGRAPHY": true, "SYMBOL": true,
}

var symbolField = regexp.MustCompile(`(?i)^\s*SYMBOL\s+(0x[0-9a-f]+|\d+)(?:.*\\f\s+"?([^"\\]+))?`)

// symbolOf is the sign that a SYMBOL field draws, and its font.
func symbolOf(code string) (font string, sign rune, ok bool) {
	m := symbolField.FindStringSubmatch(code)
	if m == nil {
		return "", 0, false
	}
	if _, err := fmt.Sscan(m[1], &sign); err != nil {
		return "", 0, false
	}
	return strings.TrimSpace(m[2]), sign, true
}
