// Package i18n holds what people read: one catalogue of messages in Vietnamese
// and English, and the ways in which each language writes dates, numbers and
// sorted names. Nothing that a person sees is written outside a message file.
package i18n

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
)

// Lang is a language of the product.
type Lang string

// The languages. Vietnamese is the first.
const (
	Vi Lang = "vi"
	En Lang = "en"
)

// Langs lists the languages, the first one first.
var Langs = []Lang{Vi, En}

// Catalogue is all messages of all modules. It is read-only once built.
type Catalogue struct {
	text map[Lang]map[string]string
}

// Load reads vi.json and en.json (flat objects, key to text) from each bundle
// and joins them. It fails when a key is defined twice or in one language only, or
// where an argument is not closed, naming every such key.
func Load(bundles ...fs.FS) (*Catalogue, error) {
	c := &Catalogue{text: map[Lang]map[string]string{Vi: {}, En: {}}}
	var wrong []string
	for _, b := range bundles {
		per := map[Lang]map[string]string{}
		for _, l := range Langs {
			raw, err := fs.ReadFile(b, string(l)+".json")
			if err != nil {
				return nil, fmt.Errorf("load messages: %w", err)
			}
			m := map[string]string{}
			if err := json.Unmarshal(raw, &m); err != nil {
				return nil, fmt.Errorf("load messages %s.json: %w", l, err)
			}
			per[l] = m
			for k, v := range m {
				if _, ok := c.text[l][k]; ok {
					wrong = append(wrong, fmt.Sprintf("%s: %s is defined twice", l, k))
				}
				if !closed(v) {
					wrong = append(wrong, fmt.Sprintf("%s: %s opens { without }, or closes what is not open", l, k))
				}
				c.text[l][k] = v
			}
		}
		for k := range per[Vi] {
			if _, ok := per[En][k]; !ok {
				wrong = append(wrong, "en lacks "+k)
			}
		}
		for k := range per[En] {
			if _, ok := per[Vi][k]; !ok {
				wrong = append(wrong, "vi lacks "+k)
			}
		}
	}
	if len(wrong) > 0 {
		slices.Sort(wrong)
		return nil, fmt.Errorf("load messages: %s", strings.Join(wrong, "; "))
	}
	return c, nil
}

// closed says that each { of a message has its }, and none stands in another.
func closed(text string) bool {
	open := false
	for _, r := range text {
		if r == '{' && open || r == '}' && !open {
			return false
		}
		open = r == '{' || open && r != '}'
	}
	return !open
}

// Keys lists all message keys in order.
func (c *Catalogue) Keys() []string { return slices.Sorted(maps.Keys(c.text[Vi])) }

// Has says whether a message exists.
func (c *Catalogue) Has(key string) bool { _, ok := c.text[Vi][key]; return ok }

// Printer writes messages in one language.
type Printer struct {
	Lang Lang
	cat  *Catalogue
}

// In gives the printer of a language; an unknown language prints Vietnamese.
func (c *Catalogue) In(l Lang) *Printer {
	if l != En {
		l = Vi
	}
	return &Printer{Lang: l, cat: c}
}

// In gives the printer of another language, for what is kept and read by somebody else.
func (p *Printer) In(l Lang) *Printer { return p.cat.In(l) }

// Has says whether a message exists.
func (p *Printer) Has(key string) bool { return p.cat.Has(key) }

// T writes the message key with its named arguments: "{name}" is replaced by
// the argument, numbers and dates in the manner of the language, and
// "{n|agency|agencies}" picks the first form for 1 and the second otherwise;
// "{roles:role.}" writes codes that are joined by commas by their own messages.
// A key that does not exist is written as itself in brackets, so that it is seen.
func (p *Printer) T(key string, args ...map[string]any) string {
	text, ok := p.cat.text[p.Lang][key]
	if !ok {
		return "[" + key + "]"
	}
	if len(args) == 0 || !strings.Contains(text, "{") {
		return text
	}
	return p.fill(text, args[0])
}

func (p *Printer) fill(text string, args map[string]any) string {
	var b strings.Builder
	for {
		i := strings.IndexByte(text, '{')
		if i < 0 {
			b.WriteString(text)
			return b.String()
		}
		j := strings.IndexByte(text[i:], '}')
		if j < 0 {
			b.WriteString(text)
			return b.String()
		}
		b.WriteString(text[:i])
		name, forms, plural := strings.Cut(text[i+1:i+j], "|")
		name, prefix, coded := strings.Cut(name, ":")
		v, ok := args[name]
		switch {
		case !ok:
			b.WriteString(text[i : i+j+1])
		case plural:
			one, many, _ := strings.Cut(forms, "|")
			if fmt.Sprint(v) == "1" {
				b.WriteString(one)
			} else {
				b.WriteString(many)
			}
		case coded:
			b.WriteString(p.words(prefix, fmt.Sprint(v), args))
		default:
			b.WriteString(p.Value(v))
		}
		text = text[i+j+1:]
	}
}

// words are the names of codes; a code without one is written as it is.
func (p *Printer) words(prefix, codes string, args map[string]any) string {
	list := strings.Split(codes, ",")
	for i, code := range list {
		if name, ok := p.cat.text[p.Lang][prefix+code]; ok {
			list[i] = p.fill(name, args)
		}
	}
	return strings.Join(list, ", ")
}

type ctxKey struct{}

// With puts a printer into a context; pages find it with From.
func With(ctx context.Context, p *Printer) context.Context {
	return context.WithValue(ctx, ctxKey{}, p)
}

// From gives the printer of the request. It panics outside a request that
// passed through the language middleware: that is a wiring mistake.
func From(ctx context.Context) *Printer {
	p, ok := ctx.Value(ctxKey{}).(*Printer)
	if !ok {
		panic("i18n: no printer in context")
	}
	return p
}

// T is From(ctx).T, for pages.
func T(ctx context.Context, key string, args ...map[string]any) string {
	return From(ctx).T(key, args...)
}
