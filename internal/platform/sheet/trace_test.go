package sheet

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
)

// parts makes a workbook of one sheet; more parts may be given.
func parts(t testing.TB, sheetXML string, more map[string]string) []byte {
	t.Helper()
	const rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
	all := map[string]string{
		"[Content_Types].xml":        `<Types><Override ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>`,
		"_rels/.rels":                `<Relationships><Relationship Id="a" Type="` + rel + `officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml":            `<workbook xmlns:r="r"><sheets><sheet name="S" sheetId="1" r:id="a"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="a" Type="` + rel + `worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="b" Type="` + rel + `styles" Target="styles.xml"/><Relationship Id="c" Type="` + rel + `sharedStrings" Target="strings.xml"/></Relationships>`,
		"xl/styles.xml": `<styleSheet><numFmts><numFmt numFmtId="200" formatCode=";;;&quot;Đã&quot;"/></numFmts><fonts><font><name val="Arial"/></font>` +
			`<font><name val=".VnTime"/></font><font><name val="Wingdings"/></font><font><strike/><name val="Arial"/></font></fonts><cellXfs><xf fontId="0" numFmtId="0"/>` +
			`<xf fontId="1" numFmtId="0"/><xf fontId="2" numFmtId="0"/><xf fontId="3" numFmtId="0"/><xf fontId="0" numFmtId="200"/></cellXfs></styleSheet>`,
		"xl/strings.xml":                      `<sst><si><t>plain</t></si><si><r><t>a </t></r><r><rPr><strike/></rPr><t>b</t></r></si><si><r><rPr><rFont val="VNI-Times"/></rPr><t>Chöa</t></r></si></sst>`,
		"xl/worksheets/sheet1.xml":            `<worksheet>` + sheetXML + `</worksheet>`,
		"xl/worksheets/_rels/sheet1.xml.rels": `<Relationships><Relationship Id="a" Type="` + rel + `comments" Target="../comments1.xml"/><Relationship Id="b" Type="http://schemas.microsoft.com/office/2017/10/relationships/threadedComment" Target="../threads.xml"/><Relationship Id="c" Type="` + rel + `drawing" Target="../drawings/d.xml"/></Relationships>`,
	}
	for name, text := range more {
		all[name] = text
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range all {
		w, err := z.Create(name)
		if err == nil {
			_, err = io.WriteString(w, text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestTraces(t *testing.T) {
	t.Parallel()
	cell := func(ref string, style int, text string) string {
		return fmt.Sprintf(`<c r=%q s="%d" t="inlineStr"><is><t>%s</t></is></c>`, ref, style, text)
	}
	data := func(cells string) string { return `<sheetData><row r="2">` + cells + `</row></sheetData>` }
	anchor := func(inside string) string {
		return `<wsDr><twoCellAnchor><from><col>1</col><row>1</row></from><to><col>2</col><row>1</row></to>` + inside + `</twoCellAnchor></wsDr>`
	}
	for name, c := range map[string]struct {
		sheet, text string
		more        map[string]string
		want        string // kind@cell=text
	}{
		"plain":        {data(cell("B2", 0, "a")), "a", nil, ""},
		"TCVN3":        {data(cell("B2", 1, "Ch\u00ada ®¸p øng")), "Chưa đáp ứng", nil, "old_font@B2=Chưa đáp ứng"},
		"tick":         {data(cell("B2", 2, "þ")), "☒", nil, "symbol@B2=☒"},
		"private sign": {data(cell("B2", 0, "\uf0fe")), "\uf0fe", nil, "unknown_sign@B2=▯"},
		"struck cell":  {data(cell("B2", 3, "a")), "a", nil, "struck@B2=a"},
		"struck words": {data(`<c r="B2" t="s"><v>1</v></c>`), "a b", nil, "struck@B2=b"},
		"VNI words":    {data(`<c r="B2" t="s"><v>2</v></c>`), "Chưa", nil, "old_font@B2=Chưa"},
		"inline rich":  {data(`<c r="B2" t="inlineStr"><is><r><t>a</t></r><r><rPr><strike val="1"/></rPr><t>b</t></r></is></c>`), "ab", nil, "struck@B2=b"},
		"other shown":  {data(cell("B2", 4, "Chưa")), "Chưa", nil, "cell_format@B2=Chưa"},
		"merged":       {data(cell("B2", 0, "a")+cell("C2", 0, "b")) + `<mergeCells><mergeCell ref="B2:C2"/></mergeCells>`, "a", nil, "merged@C2=b"},
		"header": {
			data(cell("B2", 0, "a")) + `<headerFooter><oddHeader>&amp;L&amp;"Arial"Số liệu tạm&amp;RTrang &amp;P</oddHeader></headerFooter>`, "a", nil,
			"edge@=Số liệu tạm Trang",
		},
		"control":             {data(cell("B2", 0, "a")) + `<oleObjects><oleObject progId="Word"/></oleObjects>`, "a", nil, "embedded@=Word"},
		"picture in the cell": {data(`<c r="B2" t="e" vm="1"><v>#VALUE!</v></c>`), "#VALUE!", nil, "picture@B2="},
		"note": {
			data(cell("B2", 0, "a")), "a", map[string]string{
				"xl/comments1.xml": `<comments><commentList><comment ref="B2"><text><r><t>xem </t></r><r><t>lại</t></r></text></comment></commentList></comments>`,
			}, "comment@B2=xem lại",
		},
		"thread": {
			data(cell("B2", 0, "a")), "a", map[string]string{
				"xl/comments1.xml": `<comments><commentList><comment ref="B2"><text><t>[Threaded comment] chưa xong</t></text></comment></commentList></comments>`,
				"xl/threads.xml":   `<ThreadedComments><threadedComment ref="B2"><text>chưa xong</text></threadedComment></ThreadedComments>`,
			}, "comment@B2=[Threaded comment] chưa xong",
		},
		"a picture": {data(cell("B2", 0, "a")), "a", map[string]string{
			"xl/drawings/d.xml": anchor(`<pic><nvPicPr><cNvPr descr="dấu"/></nvPicPr></pic>`),
		}, "picture@B2:C2=dấu"},
		"a text box": {data(cell("B2", 0, "a")), "a", map[string]string{
			"xl/drawings/d.xml": anchor(`<sp><txBody><p><r><t>chưa</t></r></p></txBody></sp>`),
		}, "text_box@B2:C2=chưa"},
		"a chart":          {data(cell("B2", 0, "a")), "a", map[string]string{"xl/drawings/d.xml": anchor(`<graphicFrame/>`)}, "embedded@B2:C2="},
		"a broken drawing": {data(cell("B2", 0, "a")), "a", map[string]string{"xl/drawings/d.xml": `<wsDr>`}, "embedded@=d.xml"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			raw := parts(t, c.sheet, c.more)
			b, err := Open(bytes.NewReader(raw), int64(len(raw)), DefaultLimits)
			if err != nil {
				t.Fatal(err)
			}
			s := b.Sheets[0]
			if got := s.Rows[0].At(2).Text; got != c.text {
				t.Errorf("text %q, want %q", got, c.text)
			}
			var got []string
			for _, tr := range s.Traces {
				at := ""
				if tr.Row > 0 {
					at = Ref(tr.Column, tr.Row)
				}
				if tr.LastColumn > tr.Column {
					at += ":" + Ref(tr.LastColumn, tr.LastRow)
				}
				got = append(got, string(tr.Kind)+"@"+at+"="+tr.Text)
			}
			if list := strings.Join(got, "|"); list != c.want {
				t.Errorf("traces %q, want %q", list, c.want)
			}
		})
	}
}

func TestHidden(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		sheet       string
		row, column bool
	}{
		"shown":              {`<sheetData><row r="1"><c r="B1"><v>1</v></c></row></sheetData>`, false, false},
		"row":                {`<sheetData><row r="1" hidden="1"><c r="B1"><v>1</v></c></row></sheetData>`, true, false},
		"row of no height":   {`<sheetData><row r="1" ht="0" customHeight="1"><c r="B1"><v>1</v></c></row></sheetData>`, true, false},
		"rows by default":    {`<sheetFormatPr zeroHeight="1"/><sheetData><row r="1"><c r="B1"><v>1</v></c></row></sheetData>`, true, false},
		"column":             {`<cols><col min="2" max="3" hidden="1"/></cols><sheetData><row r="1"><c r="B1"><v>1</v></c></row></sheetData>`, false, true},
		"column of no width": {`<cols><col min="1" max="2" width="0"/></cols><sheetData><row r="1"><c r="B1"><v>1</v></c></row></sheetData>`, false, true},
	} {
		raw := parts(t, c.sheet, nil)
		b, err := Open(bytes.NewReader(raw), int64(len(raw)), DefaultLimits)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if s := b.Sheets[0]; s.Rows[0].Hidden != c.row || s.HidesColumn(2) != c.column {
			t.Errorf("%s: row %v, column %v", name, s.Rows[0].Hidden, s.HidesColumn(2))
		}
	}
}

// Whatever a sheet and its drawing hold, reading them ends with a book or a refusal.
func FuzzSheet(f *testing.F) {
	f.Add(`<sheetData><row r="2"><c r="B2" s="1" t="inlineStr"><is><r><rPr><strike/></rPr><t>a</t></r></is></c></row></sheetData>`, `<wsDr><twoCellAnchor><pic/></twoCellAnchor></wsDr>`)
	f.Add(`<cols><col min="2" max="3" hidden="1"/></cols><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>`, `<wsDr/>`)
	f.Fuzz(func(t *testing.T, body, drawing string) {
		raw := parts(t, body, map[string]string{"xl/drawings/d.xml": drawing, "xl/comments1.xml": drawing, "xl/strings.xml": body})
		b, err := Open(bytes.NewReader(raw), int64(len(raw)), DefaultLimits)
		if err == nil && len(b.Sheets) != 1 {
			t.Errorf("%d sheets", len(b.Sheets))
		}
	})
}
