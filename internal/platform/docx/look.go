package docx

import (
	"encoding/xml"
	"strings"

	"dean06/internal/platform/fontcode"
)

// props are the properties of text that change what it says: fonts, struck out, hidden.
// They come from the document's defaults, the styles of table, paragraph and characters
// and the run itself, each going before those above it (ECMA-376 part 1, 17.7.2).
type props struct {
	ascii, high    string // fonts of ASCII, and of all else
	strike, vanish *bool
}

// over gives the properties with those of o put over them.
func (p props) over(o props) props {
	if o.ascii != "" {
		p.ascii = o.ascii
	}
	if o.high != "" {
		p.high = o.high
	}
	if o.strike != nil {
		p.strike = o.strike
	}
	if o.vanish != nil {
		p.vanish = o.vanish
	}
	return p
}

// font is the font by which text is read; "" where it is Unicode anyway.
func (p props) font() string {
	switch {
	case fontcode.Of(p.high) != fontcode.Unicode:
		return p.high
	case fontcode.Of(p.ascii) == fontcode.Symbols:
		return p.ascii
	}
	return ""
}

// set takes a property of a run; it says whether it was one.
func (p *props) set(e xml.StartElement, theme map[string]string) bool {
	switch e.Name.Local {
	case "rFonts":
		p.ascii = fontOf(e, "ascii", theme)
		p.high = fontOf(e, "hAnsi", theme)
	case "strike", "dstrike":
		is := on(e) || p.strike != nil && *p.strike
		p.strike = &is
	case "vanish":
		is := on(e)
		p.vanish = &is
	default:
		return false
	}
	return true
}

// fontOf is a font by its name, or by the part that it plays in the theme.
func fontOf(e xml.StartElement, which string, theme map[string]string) string {
	if t := attr(e, which+"Theme"); t != "" {
		t = strings.ToLower(t)
		for _, part := range []string{"major", "minor"} {
			if strings.HasPrefix(t, part) {
				return theme[part]
			}
		}
	}
	return attr(e, which)
}

// style is a style of the document.
type style struct {
	based, kind string
	props       props
	number      numbered
}

// numbered is a paragraph's place in a list.
type numbered struct{ list, level string }

// looks are the styles, lists and theme of a document.
type looks struct {
	defaults  props
	styles    map[string]style
	paragraph string              // id of the style of paragraphs that name none
	signs     map[numbered]string // signs of a symbol font that a list draws before its items
	theme     map[string]string
}

// of are the properties of a style with all that it is based on.
func (l *looks) of(id string) (props, numbered) {
	var chain []style
	for range 20 { // a circle of styles ends too
		s, ok := l.styles[id]
		if !ok {
			break
		}
		chain = append(chain, s)
		id = s.based
	}
	var p props
	var n numbered
	for i := len(chain) - 1; i >= 0; i-- {
		p = p.over(chain[i].props)
		if chain[i].number.list != "" {
			n = chain[i].number
		}
	}
	return p, n
}

// readLooks reads styles, numbering and theme; a part that is missing or broken gives
// nothing, for the text can be read without.
func (z *archive) readLooks(rels []relation, limits Limits) (*looks, error) {
	l := &looks{styles: map[string]style{}, signs: map[numbered]string{}, theme: map[string]string{}}
	for _, kind := range []string{"theme", "styles", "numbering"} {
		for _, rel := range rels {
			if rel.kind != kind {
				continue
			}
			err := z.walk(rel.target, limits, func(w *walker, root xml.StartElement) error {
				switch kind {
				case "theme":
					return w.theme(l, "")
				case "styles":
					return w.styleSheet(l)
				}
				return w.lists(l)
			})
			if err != nil {
				return nil, err
			}
		}
	}
	return l, nil
}

func (w *walker) theme(l *looks, part string) error {
	return w.children(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "majorFont":
			return w.theme(l, "major")
		case "minorFont":
			return w.theme(l, "minor")
		case "latin":
			if part != "" {
				l.theme[part] = attr(e, "typeface")
			}
		}
		return w.theme(l, part)
	})
}

func (w *walker) styleSheet(l *looks) error {
	return w.children(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "docDefaults":
			return w.children(func(e xml.StartElement) error {
				if e.Name.Local != "rPrDefault" {
					return w.skip()
				}
				return w.children(func(xml.StartElement) error { return w.runProps(&l.defaults, l) })
			})
		case "style":
			id := attr(e, "styleId")
			s := style{kind: attr(e, "type")}
			if s.kind == "paragraph" && attr(e, "default") != "" && on1(attr(e, "default")) {
				l.paragraph = id
			}
			err := w.children(func(e xml.StartElement) error {
				switch e.Name.Local {
				case "basedOn":
					s.based = attr(e, "val")
				case "rPr":
					return w.runProps(&s.props, l)
				case "pPr":
					return w.children(func(e xml.StartElement) error {
						if e.Name.Local == "numPr" {
							return w.numbered(&s.number)
						}
						return w.skip()
					})
				}
				return w.skip()
			})
			l.styles[id] = s
			return err
		}
		return w.skip()
	})
}

func (w *walker) runProps(p *props, l *looks) error {
	return w.children(func(e xml.StartElement) error {
		p.set(e, l.theme)
		return w.skip()
	})
}

func (w *walker) numbered(n *numbered) error {
	n.level = "0"
	return w.children(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "numId":
			n.list = attr(e, "val")
		case "ilvl":
			n.level = attr(e, "val")
		}
		return w.skip()
	})
}

// lists finds the lists whose items begin with a tick or a box.
func (w *walker) lists(l *looks) error {
	abstract := map[string]map[string]string{}
	return w.children(func(e xml.StartElement) error {
		id := attr(e, "abstractNumId")
		switch e.Name.Local {
		case "abstractNum":
			abstract[id] = map[string]string{}
			return w.children(func(e xml.StartElement) error {
				if e.Name.Local != "lvl" {
					return w.skip()
				}
				return w.listLevel(attr(e, "ilvl"), abstract[id], l)
			})
		case "num":
			num := attr(e, "numId")
			return w.children(func(e xml.StartElement) error {
				switch e.Name.Local {
				case "abstractNumId":
					for level, sign := range abstract[attr(e, "val")] {
						l.signs[numbered{num, level}] = sign
					}
				case "lvlOverride":
					own := map[string]string{}
					level := attr(e, "ilvl")
					err := w.children(func(e xml.StartElement) error {
						if e.Name.Local != "lvl" {
							return w.skip()
						}
						return w.listLevel(level, own, l)
					})
					for at, sign := range own {
						l.signs[numbered{num, at}] = sign
					}
					return err
				}
				return w.skip()
			})
		}
		return w.skip()
	})
}

func (w *walker) listLevel(level string, into map[string]string, l *looks) error {
	text, picture := "", false
	var p props
	err := w.children(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "lvlText":
			text = attr(e, "val")
		case "lvlPicBulletId":
			picture = true
		case "rPr":
			return w.runProps(&p, l)
		}
		return w.skip()
	})
	if picture {
		into[level] = pictureBullet
		return err
	}
	for _, r := range text {
		switch sign, meaning := fontcode.Sign(p.font(), r); {
		case meaning == fontcode.Ticks:
			into[level] = sign
		case r == '☐' || r == '☑' || r == '☒' || r == '✓' || r == '✔' || r == '✗' || r == '✘' || r == '□':
			into[level] = string(r)
		}
	}
	return err
}

// pictureBullet stands for a list whose bullets are pictures.
const pictureBullet = "\x00"

func on1(val string) bool { return val != "0" && val != "false" && val != "off" }
