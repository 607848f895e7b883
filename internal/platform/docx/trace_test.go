package docx_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"dean06/internal/platform/docx"
)

// withParts opens a document with more parts than its body.
func withParts(t testing.TB, body string, parts map[string]string) *docx.File {
	t.Helper()
	all := map[string]string{
		"[Content_Types].xml": `<Types/>`,
		"word/document.xml": `<w:document xmlns:w="w" xmlns:mc="mc" xmlns:v="v" xmlns:wps="wps" xmlns:wp="wp" xmlns:a="a" xmlns:o="o" xmlns:c="c"><w:body>` +
			body + `</w:body></w:document>`,
	}
	for name, text := range parts {
		all[name] = text
	}
	raw := packed(t, all)
	f, err := docx.Open(bytes.NewReader(raw), int64(len(raw)), docx.DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func told(traces []docx.Trace) string {
	var out []string
	for _, tr := range traces {
		s := string(tr.Kind)
		if tr.Text != "" {
			s += "=" + tr.Text
		}
		if tr.Kind == docx.Changed && tr.Was != "" {
			s += "<" + tr.Was
		}
		out = append(out, s)
	}
	return strings.Join(out, "|")
}

func lines(ls []docx.Line) string {
	var out []string
	for _, l := range ls {
		out = append(out, l.Text())
	}
	return strings.TrimSpace(strings.Join(out, "/"))
}

func TestTraces(t *testing.T) {
	t.Parallel()
	run := func(s string) string { return `<w:r><w:t xml:space="preserve">` + s + `</w:t></w:r>` }
	font := func(font, s string) string {
		return fmt.Sprintf(`<w:r><w:rPr><w:rFonts w:ascii=%[1]q w:hAnsi=%[1]q/></w:rPr><w:t>%[2]s</w:t></w:r>`, font, s)
	}
	para := func(s string) string { return `<w:p>` + s + `</w:p>` }
	comments := map[string]string{
		"word/comments.xml": `<w:comments xmlns:w="w"><w:comment w:id="7"><w:p><w:r><w:t>xem lại</w:t></w:r></w:p></w:comment>` +
			`<w:comment w:id="8"><w:p><w:r><w:t>mồ côi</w:t></w:r></w:p></w:comment></w:comments>`,
		"word/footnotes.xml": `<w:footnotes xmlns:w="w"><w:footnote w:id="0" w:type="separator"><w:p/></w:footnote>` +
			`<w:footnote w:id="2"><w:p><w:r><w:t>chỉ một phần</w:t></w:r></w:p></w:footnote></w:footnotes>`,
		"word/endnotes.xml": `<w:endnotes xmlns:w="w"><w:endnote w:id="2"><w:p><w:r><w:t>cuối</w:t></w:r></w:p></w:endnote></w:endnotes>`,
	}
	styles := map[string]string{
		"word/styles.xml": `<w:styles xmlns:w="w"><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:asciiTheme="minorHAnsi" w:hAnsiTheme="minorHAnsi"/>` +
			`</w:rPr></w:rPrDefault></w:docDefaults><w:style w:type="paragraph" w:styleId="Cu"><w:rPr><w:rFonts w:ascii=".VnTime" w:hAnsi=".VnTime"/>` +
			`</w:rPr></w:style><w:style w:type="paragraph" w:styleId="Cu2"><w:basedOn w:val="Cu"/></w:style>` +
			`<w:style w:type="character" w:styleId="An"><w:rPr><w:vanish/></w:rPr></w:style>` +
			`<w:style w:type="character" w:styleId="Gach"><w:rPr><w:strike/></w:rPr></w:style>` +
			`<w:style w:type="table" w:styleId="Bang"><w:rPr><w:rFonts w:ascii="VNI-Times" w:hAnsi="VNI-Times"/></w:rPr></w:style>` +
			`<w:style w:type="paragraph" w:styleId="Muc"><w:pPr><w:numPr><w:numId w:val="3"/></w:numPr></w:pPr></w:style></w:styles>`,
		"word/theme/theme1.xml": `<a:theme xmlns:a="a"><a:fontScheme><a:minorFont><a:latin typeface="Arial"/></a:minorFont></a:fontScheme></a:theme>`,
		"word/numbering.xml": `<w:numbering xmlns:w="w"><w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:lvlText w:val="&#xF0FE;"/><w:rPr>` +
			`<w:rFonts w:ascii="Wingdings" w:hAnsi="Wingdings"/></w:rPr></w:lvl></w:abstractNum><w:num w:numId="3"><w:abstractNumId w:val="1"/></w:num>` +
			`</w:numbering>`,
	}
	themed := map[string]string{
		"word/styles.xml":              styles["word/styles.xml"],
		"word/theme/theme1.xml":        strings.Replace(styles["word/theme/theme1.xml"], "Arial", ".VnTime", 1),
		"word/_rels/document.xml.rels": `<Relationships><Relationship Id="r" Type="x/theme" Target="theme/theme1.xml"/></Relationships>`,
	}
	for name, c := range map[string]struct {
		body   string
		parts  map[string]string
		text   string
		traces string
	}{
		"deleted and inserted": {
			para(`<w:del><w:r><w:delText>Chưa đáp ứng</w:delText></w:r></w:del><w:ins>` + run("Đã đáp ứng") + `</w:ins>`), nil,
			"Đã đáp ứng", "changed=Đã đáp ứng<Chưa đáp ứng",
		},
		"moved": {
			para(`<w:moveFrom>`+run("a")+`</w:moveFrom>`) + para(`<w:moveTo>`+run("a")+`</w:moveTo>`), nil, "/a", "changed<a|changed=a",
		},
		"an inserted picture": {
			para(`<w:ins><w:r><w:drawing><wp:docPr descr="dấu tích"/><a:blip/></w:drawing></w:r></w:ins>`), nil, "", "picture=dấu tích",
		},
		"a changed look": {para(`<w:r><w:rPr><w:strike/><w:rPrChange/></w:rPr><w:t>a</w:t></w:r>`), nil, "a", "reformatted"},
		"a new paragraph": {
			`<w:p><w:pPr><w:rPr><w:ins/></w:rPr><w:pPrChange/></w:pPr>` + run("a") + `</w:p>`, nil, "a", "reformatted=¶|reformatted",
		},
		"comment, notes": {
			para(`<w:commentRangeStart w:id="7"/>`+run("a")+`<w:r><w:commentReference w:id="7"/></w:r><w:r><w:footnoteReference w:id="2"/></w:r>`+
				`<w:r><w:endnoteReference w:id="2"/></w:r>`) + para(""), comments, "a/", "comment=xem lại|footnote=chỉ một phần|endnote=cuối",
		},
		"a comment before a cell": {
			`<w:tbl><w:tr><w:commentRangeStart w:id="7"/><w:tc><w:p>` + run("a") + `</w:p></w:tc></w:tr></w:tbl>`, comments, "a", "nested_table=a|comment=xem lại",
		},
		"hidden":            {para(`<w:r><w:rPr><w:vanish/></w:rPr><w:t>b</w:t></w:r>` + run("a")), nil, "a", "hidden=b"},
		"hidden by a style": {para(`<w:r><w:rPr><w:rStyle w:val="An"/></w:rPr><w:t>b</w:t></w:r>` + run("a")), styles, "a", "hidden=b"},
		"shown against it":  {para(`<w:r><w:rPr><w:rStyle w:val="An"/><w:vanish w:val="0"/></w:rPr><w:t>b</w:t></w:r>`), styles, "b", ""},
		"text box": {
			para(`<w:r><w:pict><v:shape><v:textbox><w:txbxContent>` + para(run("b")) + `</w:txbxContent></v:textbox></v:shape></w:pict></w:r>` + run("a")),
			nil, "a/b", "text_box=b",
		},
		"WordArt":              {para(`<w:r><w:pict><v:shape><v:textpath string="MẬT"/></v:shape></w:pict></w:r>`), nil, "", "drawing=MẬT"},
		"a ring drawn":         {para(`<w:r><w:drawing><wps:wsp/></w:drawing></w:r>` + run("a")), nil, "a", "drawing"},
		"an object":            {para(`<w:r><w:object><v:shape><v:imagedata/></v:shape><o:OLEObject/></w:object></w:r>`), nil, "", "embedded"},
		"a chart":              {para(`<w:r><w:drawing><c:chart/></w:drawing></w:r>`), nil, "", "embedded"},
		"another file":         {`<w:altChunk/>` + para(run("a")), nil, "a", "embedded"},
		"box and its fallback": {para(`<w:r><mc:AlternateContent><mc:Choice><w:drawing><wps:wsp><w:txbxContent>` + para(run("b")) + `</w:txbxContent></wps:wsp></w:drawing></mc:Choice><mc:Fallback><w:pict><w:txbxContent>` + para(run("b")) + `</w:txbxContent></w:pict></mc:Fallback></mc:AlternateContent></w:r>`), nil, "/b", "text_box=b"},
		"alternatives differ": {
			para(`<mc:AlternateContent><mc:Choice>` + run("Đã") + `</mc:Choice><mc:Fallback>` + run("Chưa") + `</mc:Fallback></mc:AlternateContent>`),
			nil, "Đã", "alternative=Chưa",
		},
		"only the fallback":     {para(`<mc:AlternateContent><mc:Choice/><mc:Fallback>` + run("a") + `</mc:Fallback></mc:AlternateContent>`), nil, "a", ""},
		"an emoji":              {para(`<w:r><mc:AlternateContent><mc:Choice><w:symEx w:char="2705"/></mc:Choice><mc:Fallback><w:t>✅</w:t></mc:Fallback></mc:AlternateContent></w:r>`), nil, "✅", ""},
		"symbol by run":         {para(font("Wingdings", "þ") + run(" a")), nil, "☒ a", "symbol=☒"},
		"symbol element":        {para(`<w:r><w:sym w:font="Wingdings 2" w:char="F052"/></w:r>`), nil, "☒", "symbol=☒"},
		"private, font lost":    {para(run("\uf0fe a")), nil, "▯ a", "unknown_sign=▯"},
		"bullets are no ticks":  {para(font("Wingdings", "\uf0d8") + font("Symbol", "\uf0b7")), nil, "➢•", ""},
		"symbol field":          {para(`<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> SYMBOL 254 \f "Wingdings" </w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>`), nil, "☒", "symbol=☒"},
		"computed field":        {para(`<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>=SUM(ABOVE)</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>` + run("12") + `<w:r><w:fldChar w:fldCharType="end"/></w:r>`), nil, "12", "field==SUM(ABOVE)"},
		"simple date field":     {para(`<w:fldSimple w:instr=" DATE \@ MM ">` + run("6") + `</w:fldSimple>`), nil, "6", `field=DATE \@ MM`},
		"tick by list":          {`<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="3"/></w:numPr></w:pPr>` + run("a") + `</w:p>`, styles, "☒ a", "symbol=☒"},
		"tick by list of style": {`<w:p><w:pPr><w:pStyle w:val="Muc"/></w:pPr>` + run("a") + `</w:p>`, styles, "☒ a", "symbol=☒"},
		"TCVN3 by run":          {para(font(".VnTime", "Ch\u00ada") + font(".VnTime", " ®¸p øng")), nil, "Chưa đáp ứng", "old_font=Chưa đáp ứng"},
		"TCVN3 by soft hyphen":  {para(`<w:r><w:rPr><w:rFonts w:hAnsi=".VnTime"/></w:rPr><w:t>Ch</w:t><w:softHyphen/><w:t>a</w:t></w:r>`), nil, "Chưa", "old_font=Chưa"},
		"TCVN3 capitals":        {para(font(".VnTimeH", "tØnh hµ nam")), nil, "TỈNH HÀ NAM", "old_font=TỈNH HÀ NAM"},
		"TCVN3 by style":        {`<w:p><w:pPr><w:pStyle w:val="Cu2"/></w:pPr>` + run("tØnh") + `</w:p>`, styles, "tỉnh", "old_font=tỉnh"},
		"TCVN3 by theme":        {para(run("tØnh")), themed, "tỉnh", "old_font=tỉnh"},
		"Unicode in it":         {para(font(".VnTime", "Đã đáp ứng")), nil, "Đã đáp ứng", ""},
		"VNI, split": {
			para(font("VNI-Times", "Chö") + font("VNI-Times", "a ña") + font("VNI-Times", "ùp öùng")),
			nil, "Chưa đáp ứng", "old_font=Chưa đáp ứng",
		},
		"VNI by table style": {`<w:tbl><w:tblPr><w:tblStyle w:val="Bang"/></w:tblPr><w:tr><w:tc><w:p>` + run("tænh") + `</w:p></w:tc></w:tr></w:tbl>`, styles, "tỉnh", "nested_table=tỉnh|old_font=tỉnh"},
		"row gone and row new": {
			`<w:tbl><w:tr><w:trPr><w:del/></w:trPr><w:tc><w:p>` + run("a") + `</w:p></w:tc></w:tr><w:tr><w:trPr><w:ins/></w:trPr><w:tc><w:tcPr><w:cellIns/></w:tcPr><w:p>` +
				run("b") + `</w:p></w:tc></w:tr></w:tbl>`, nil, "b", "nested_table=b|changed|changed|changed",
		},
		"boxes that disagree": {
			para(`<w:sdt><w:sdtPr><w:checkbox><w:checked w:val="0"/></w:checkbox></w:sdtPr><w:sdtContent>` + run("☒") + `</w:sdtContent></w:sdt>`), nil, "☐", "alternative=☒",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := withParts(t, c.body, c.parts)
			if got := lines(docx.LinesOf(f.Blocks)); got != c.text {
				t.Errorf("text %q, want %q", got, c.text)
			}
			if got := told(docx.TracesOf(f.Blocks, true)); got != c.traces {
				t.Errorf("traces %q, want %q", got, c.traces)
			}
		})
	}
	f := withParts(t, para(`<w:r><w:commentReference w:id="7"/></w:r>`), comments)
	if got := told(f.Traces); got != "comment=mồ côi|endnote=cuối|footnote=chỉ một phần" {
		t.Errorf("what nothing points to: %q", got)
	}
	f = withParts(t, para(run("a")), map[string]string{"word/footer2.xml": `<w:ftr xmlns:w="w">` + para(run("Trang 1")) + `</w:ftr>`})
	if len(f.Edges) != 1 || !f.Edges[0].Footer || lines(docx.LinesOf(f.Edges[0].Blocks)) != "Trang 1" {
		t.Errorf("edges %+v", f.Edges)
	}
}
