package docx

import (
	"encoding/xml"
	"strconv"
	"strings"
)

// control reads a content control; f reads what is in it.
func (w *walker) control(f func() error) error {
	found := &Found{}
	return w.children(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "sdtPr":
			return w.controlProperties(found)
		case "sdtContent":
			w.controls = append(w.controls, found)
			defer func() { w.controls = w.controls[:len(w.controls)-1] }()
			return f()
		}
		return w.skip()
	})
}

func (w *walker) controlProperties(found *Found) error {
	return w.children(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "tag":
			found.Tag = attr(e, "val")
		case "alias":
			found.Title = attr(e, "val")
		case "showingPlcHdr":
			found.empty = on(e)
		case "dropDownList", "comboBox":
			return w.children(func(item xml.StartElement) error {
				if item.Name.Local == "listItem" {
					c := Choice{Value: attr(item, "value"), Text: attr(item, "displayText")}
					if c.Text == "" {
						c.Text = c.Value
					}
					found.Choices = append(found.Choices, c)
				}
				return w.skip()
			})
		case "checkbox":
			found.isBox, found.box = true, box(false)
			return w.children(func(c xml.StartElement) error {
				if c.Name.Local == "checked" {
					found.box = box(on(c))
				}
				return w.skip()
			})
		}
		return w.skip()
	})
}

// simpleField reads a field that is one element.
func (w *walker) simpleField(code string, p *para, shown func() error) error {
	before := len(p.text.Spans)
	err := shown()
	if !plainFields[fieldName(code)] || len(p.text.Spans) == before && fieldName(code) == "SYMBOL" {
		p.trace(Computed, strings.TrimSpace(code))
	}
	return err
}

// formula keeps the characters of a formula.
func (w *walker) formula(p *para) error {
	return w.content(func(e xml.StartElement) error {
		return w.formula(p)
	}, func(c xml.CharData) {
		if s := strings.TrimSpace(string(c)); s != "" {
			w.emit(p, s, Span{})
		}
	})
}

// fieldChar follows a complex field. Check boxes and drop-downs of the old kind
// keep their value in its beginning.
func (w *walker) fieldChar(e xml.StartElement, p *para, look Span) error {
	kind := attr(e, "fldCharType")
	n := len(w.fields)
	value := ""
	err := w.children(func(e xml.StartElement) error {
		if e.Name.Local != "ffData" {
			return w.skip()
		}
		return w.children(func(e xml.StartElement) error {
			switch e.Name.Local {
			case "checkBox":
				return w.oldBox(&value)
			case "ddList":
				return w.oldList(&value)
			}
			return w.skip()
		})
	})
	if err != nil {
		return err
	}
	switch {
	case kind == "begin":
		if value != "" {
			w.emit(p, value, look)
		}
		if n >= w.limits.Depth {
			return TooComplex
		}
		w.fields = append(w.fields, field{drawn: value != ""})
	case kind == "separate" && n > 0:
		w.fields[n-1].result = true
	case kind == "end" && n > 0:
		f := w.fields[n-1]
		w.fields = w.fields[:n-1]
		font, sign, isSign := symbolOf(f.code)
		switch {
		case isSign && !f.shown:
			w.write(p, string(sign), look, font)
		case !plainFields[fieldName(f.code)]:
			p.trace(Computed, strings.TrimSpace(f.code))
		case f.shown && n > 1:
			w.fields[n-2].shown = true
		}
	}
	return nil
}

func (w *walker) oldBox(value *string) error {
	checked, given := false, false
	err := w.children(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "checked":
			checked, given = on(e), true
		case "default":
			if !given {
				checked = on(e)
			}
		}
		return w.skip()
	})
	*value = box(checked)
	return err
}

func (w *walker) oldList(value *string) error {
	chosen, entries := 0, []string(nil)
	err := w.children(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "result":
			chosen, _ = strconv.Atoi(attr(e, "val"))
		case "listEntry":
			entries = append(entries, attr(e, "val"))
		}
		return w.skip()
	})
	if chosen >= 0 && chosen < len(entries) {
		*value = entries[chosen]
	}
	return err
}
