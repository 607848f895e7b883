package docx

import (
	"encoding/xml"
	"strings"
)

// drawn is what a drawing holds.
type drawn struct {
	picture, object, shape bool
	says                   string // its description, or the words of letters that are drawn
	boxes                  []Block
}

// drawing reads a picture, a shape, a text box or an object that stands in a run. What is
// in a text box is read after the paragraph; of the rest only that it is there.
func (w *walker) drawing(e xml.StartElement, p *para) error {
	var d drawn
	if err := w.hunt(e, &d); err != nil {
		return err
	}
	text := plainText(d.boxes)
	p.boxes = append(p.boxes, d.boxes...)
	switch {
	case w.change == Deleted:
		p.trace(Changed, "")
	case d.object:
		p.trace(Embedded, d.says)
	case d.picture, d.says != "" && !d.shape && text == "":
		p.trace(Pictured, d.says)
	case text == "" && d.shape:
		p.trace(Drawn, d.says)
	}
	if text != "" {
		p.trace(Boxed, text)
	}
	return nil
}

// hunt looks for what a drawing holds, in both ways in which Word draws (DrawingML and VML).
func (w *walker) hunt(e xml.StartElement, d *drawn) error {
	switch e.Name.Local {
	case "txbxContent":
		// Fields and controls around the drawing are not around its text.
		fields, controls, base := w.fields, w.controls, w.base
		w.fields, w.controls, w.base = nil, nil, nil
		defer func() { w.fields, w.controls, w.base = fields, controls, base }()
		return w.blocks(&d.boxes)
	case "AlternateContent":
		return w.alternate(func(own *para) error {
			return w.children(func(e xml.StartElement) error { return w.drawing(e, own) })
		}, func(own *para) {
			d.boxes = append(d.boxes, own.boxes...)
			for _, t := range own.text.Traces {
				d.picture = d.picture || t.Kind == Pictured
				d.object = d.object || t.Kind == Embedded
				d.shape = d.shape || t.Kind == Drawn
				if t.Kind != Boxed {
					d.say(t.Text)
				}
			}
		})
	case "blip", "imagedata", "pic":
		d.picture = true
	case "OLEObject", "object", "chart", "relIds", "contentPart", "control", "movie":
		d.object = true
	case "wsp", "cxnSp", "shape", "line", "rect", "oval", "roundrect", "polyline", "arc", "curve":
		d.shape = true
		d.say(attr(e, "alt"))
	case "docPr":
		d.say(attr(e, "descr"))
	case "textpath":
		d.say(attr(e, "string"))
	}
	return w.children(func(e xml.StartElement) error { return w.hunt(e, d) })
}

func (d *drawn) say(s string) {
	if s = strings.TrimSpace(s); s != "" && !strings.Contains(d.says, s) {
		d.says = strings.TrimSpace(d.says + " " + s)
	}
}
