package docx

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
)

const (
	nsMain = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
	nsRel  = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	header = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"

	rootAttrs = `xmlns:w="` + nsMain + `" xmlns:r="` + nsRel + `"` +
		` xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"` +
		` xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"` +
		` xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"`

	// hiddenPart is where Hide puts its data; Word and LibreOffice keep it.
	hiddenPart = "customXml/item1.xml"
	hiddenNS   = "urn:dean06:hidden:1"
)

// Hide carries data inside the document that no page shows. A reader must hold
// it against the visible text, which a person may have changed since.
func (d *Document) Hide(data []byte) { d.hidden = data }

// Bytes gives the document. The same calls give the same bytes. It fails when a
// picture was no PNG.
func (d *Document) Bytes() ([]byte, error) {
	if d.err != nil {
		return nil, d.err
	}
	// A document may not end with a table.
	if d.tabled {
		d.body.WriteString(`<w:p/>`)
		d.tabled = false
	}
	parts := []struct{ name, text string }{
		{"[Content_Types].xml", d.contentTypes()},
		{"_rels/.rels", header + relationships(
			[3]string{"rId1", "officeDocument", "word/document.xml"},
			[3]string{"rId2", "core-properties", "docProps/core.xml"})},
		{"docProps/core.xml", header +
			`<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" ` +
			`xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>` +
			esc(d.opts.Title) + `</dc:title><dc:language>` + esc(d.opts.Lang) + `</dc:language></cp:coreProperties>`},
		{"word/document.xml", header + `<w:document ` + rootAttrs + `><w:body>` + d.body.String() + d.sectPr() + `</w:body></w:document>`},
		{"word/_rels/document.xml.rels", header + d.documentRels()},
		{"word/styles.xml", header + d.styles()},
		{
			"word/settings.xml",
			header + `<w:settings ` + rootAttrs +
				`><w:defaultTabStop w:val="720"/><w:compat><w:compatSetting w:name="compatibilityMode" ` +
				`w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat></w:settings>`,
		},
		{"word/header1.xml", header + d.edge("hdr", d.headerParas(true))},
		{"word/header2.xml", header + d.edge("hdr", d.headerParas(false))},
		{"word/footer1.xml", header + d.edge("ftr", d.opts.Footer)},
	}
	if d.hidden != nil {
		parts = append(parts, struct{ name, text string }{
			hiddenPart, header + `<data xmlns="` + hiddenNS + `">` + base64.StdEncoding.EncodeToString(d.hidden) + `</data>`,
		})
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, p := range parts {
		if err := addPart(z, p.name, []byte(p.text)); err != nil {
			return nil, err
		}
	}
	for i, m := range d.media {
		if err := addPart(z, fmt.Sprintf("word/media/image%d.png", i+1), m); err != nil {
			return nil, err
		}
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("close document: %w", err)
	}
	return out.Bytes(), nil
}

func addPart(z *zip.Writer, name string, data []byte) error {
	w, err := z.Create(name)
	if err == nil {
		_, err = w.Write(data)
	}
	if err != nil {
		return fmt.Errorf("write part %s: %w", name, err)
	}
	return nil
}

func (d *Document) headerParas(numbered bool) []Para {
	paras := d.opts.Header
	if d.opts.PageNumbers && numbered {
		paras = append(paras[:len(paras):len(paras)], Para{Align: Center, Runs: []Run{{Page: true}}})
	}
	return paras
}

func (d *Document) edge(kind string, paras []Para) string {
	var b strings.Builder
	b.WriteString(`<w:` + kind + ` ` + rootAttrs + `>`)
	for _, p := range paras {
		d.para(&b, p, "Edge")
	}
	if len(paras) == 0 {
		b.WriteString(`<w:p/>`)
	}
	b.WriteString(`</w:` + kind + `>`)
	return b.String()
}

func (d *Document) sectPr() string {
	mm := func(v float64) int { return twips(v * 72 / 25.4) }
	wide, high, orient := 11906, 16838, ""
	if d.page.Landscape {
		wide, high, orient = high, wide, ` w:orient="landscape"`
	}
	m := d.page.Margins
	titlePage := ""
	if d.opts.PageNumbers {
		titlePage = `<w:titlePg/>`
	}
	return fmt.Sprintf(`<w:sectPr><w:headerReference w:type="default" r:id="rIdHeader1"/><w:headerReference w:type="first" `+
		`r:id="rIdHeader2"/>`+
		`<w:footerReference w:type="default" r:id="rIdFooter1"/><w:footerReference w:type="first" r:id="rIdFooter1"/>`+
		`<w:type w:val="nextPage"/><w:pgSz w:w="%d" w:h="%d"%s/>`+
		`<w:pgMar w:top="%d" w:right="%d" w:bottom="%d" w:left="%d" w:header="567" w:footer="567" w:gutter="0"/>%s</w:sectPr>`,
		wide, high, orient, mm(m.Top), mm(m.Right), mm(m.Bottom), mm(m.Left), titlePage)
}

func (d *Document) contentTypes() string {
	const word = "application/vnd.openxmlformats-officedocument.wordprocessingml."
	over := func(part, kind string) string {
		return `<Override PartName="` + part + `" ContentType="` + kind + `"/>`
	}
	return header + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
		`<Default Extension="xml" ContentType="application/xml"/><Default Extension="png" ContentType="image/png"/>` +
		over("/word/document.xml", word+"document.main+xml") + over("/word/styles.xml", word+"styles+xml") +
		over("/word/settings.xml", word+"settings+xml") + over("/word/header1.xml", word+"header+xml") +
		over("/word/header2.xml", word+"header+xml") + over("/word/footer1.xml", word+"footer+xml") +
		over("/docProps/core.xml", "application/vnd.openxmlformats-package.core-properties+xml") + `</Types>`
}

func (d *Document) documentRels() string {
	rels := [][3]string{
		{"rIdStyles", "styles", "styles.xml"},
		{"rIdSettings", "settings", "settings.xml"},
		{"rIdHeader1", "header", "header1.xml"},
		{"rIdHeader2", "header", "header2.xml"},
		{"rIdFooter1", "footer", "footer1.xml"},
	}
	for i := range d.media {
		rels = append(rels, [3]string{fmt.Sprintf("rIdImage%d", i+1), "image", fmt.Sprintf("media/image%d.png", i+1)})
	}
	if d.hidden != nil {
		rels = append(rels, [3]string{"rIdHidden", "customXml", "../" + hiddenPart})
	}
	return relationships(rels...)
}

func relationships(rels ...[3]string) string {
	var b strings.Builder
	b.WriteString(`<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`)
	for _, r := range rels {
		base := nsRel
		if r[1] == "core-properties" {
			base = "http://schemas.openxmlformats.org/package/2006/relationships/metadata"
		}
		b.WriteString(`<Relationship Id="` + r[0] + `" Type="` + base + "/" + r[1] + `" Target="` + r[2] + `"/>`)
	}
	b.WriteString(`</Relationships>`)
	return b.String()
}

func (d *Document) styles() string {
	font, half := esc(d.opts.Font), int(d.opts.Size*2)
	style := func(id, name, based, pPr, rPr string) string {
		b := `<w:style w:type="paragraph" w:styleId="` + id + `"><w:name w:val="` + name + `"/>`
		if based != "" {
			b += `<w:basedOn w:val="` + based + `"/>`
		}
		return b + `<w:qFormat/><w:pPr>` + pPr + `</w:pPr><w:rPr>` + rPr + `</w:rPr></w:style>`
	}
	return `<w:styles ` + rootAttrs + `><w:docDefaults><w:rPrDefault><w:rPr>` +
		`<w:rFonts w:ascii="` + font + `" w:hAnsi="` + font + `" w:eastAsia="` + font + `" w:cs="` + font + `"/>` +
		fmt.Sprintf(`<w:sz w:val="%d"/><w:szCs w:val="%[1]d"/>`, half) + `<w:lang w:val="` + esc(d.opts.Lang) + `"/></w:rPr></w:rPrDefault>` +
		`<w:pPrDefault><w:pPr><w:spacing w:before="60" w:after="60"/></w:pPr></w:pPrDefault></w:docDefaults>` +
		`<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/></w:style>` +
		style("Title", "Title", "Normal", `<w:keepNext/><w:jc w:val="center"/>`, fmt.Sprintf(`<w:b/><w:sz w:val="%d"/>`, half+2)) +
		style("Heading1", "heading 1", "Normal", `<w:keepNext/><w:spacing w:before="160" w:after="80"/><w:outlineLvl w:val="0"/>`, `<w:b/>`) +
		style(
			"Heading2", "heading 2", "Normal", `<w:keepNext/><w:spacing w:before="120" w:after="60"/><w:outlineLvl w:val="1"/>`,
			`<w:b/><w:i/>`,
		) +
		style("Heading3", "heading 3", "Normal", `<w:keepNext/><w:outlineLvl w:val="2"/>`, `<w:i/>`) +
		style("Caption", "caption", "Normal", `<w:keepNext/><w:jc w:val="center"/>`, fmt.Sprintf(`<w:i/><w:sz w:val="%d"/>`, half-2)) +
		style("Cell", "Table Text", "Normal", `<w:spacing w:before="20" w:after="20"/>`, fmt.Sprintf(`<w:sz w:val="%d"/>`, half-4)) +
		style("Edge", "Page Edge", "Normal", `<w:spacing w:before="0" w:after="0"/>`, ``) +
		`<w:style w:type="character" w:styleId="PlaceholderText"><w:name w:val="Placeholder Text"/><w:rPr><w:color w:val="666666"/></w:rPr>` +
		`</w:style>` +
		`</w:styles>`
}
