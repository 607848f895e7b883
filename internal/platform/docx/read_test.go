package docx_test

import (
	"bytes"
	"strings"
	"testing"

	"dean06/internal/platform/docx"
)

// page opens a document whose body is the given markup.
func page(t testing.TB, body string) (*docx.File, error) {
	t.Helper()
	raw := packed(t, map[string]string{
		"[Content_Types].xml": `<Types/>`,
		"word/document.xml": `<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"` +
			` xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" ` +
			`xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"` +
			` xmlns:v="urn:schemas-microsoft-com:vml"><w:body>` + body + `</w:body></w:document>`,
	})
	return docx.Open(bytes.NewReader(raw), int64(len(raw)), docx.DefaultLimits)
}

// flat writes what was read on one line: paragraphs ended by "¶", line breaks
// "/", cells "|", rows "¦", struck-out text in "~", placeholders in "<>".
func flat(blocks []docx.Block) string {
	var b strings.Builder
	for _, block := range blocks {
		if block.Grid != nil {
			for _, row := range block.Grid.Rows {
				for _, c := range row.Cells {
					for range c.Span - 1 {
						b.WriteString("+")
					}
					if c.Origin != nil {
						b.WriteString("^")
					}
					b.WriteString(flat(c.Blocks) + "|")
				}
				b.WriteString("¦")
			}
			continue
		}
		for i, l := range block.Text.Lines() {
			if i > 0 {
				b.WriteString("/")
			}
			for _, s := range l.Spans {
				mark := ""
				if s.Struck {
					mark = "~"
				}
				if s.Placeholder {
					b.WriteString("<" + s.Text + ">")
					continue
				}
				b.WriteString(mark + s.Text + mark)
			}
		}
		b.WriteString("¶")
	}
	return b.String()
}

func TestRead(t *testing.T) {
	t.Parallel()
	r := func(s string) string { return `<w:r><w:t>` + s + `</w:t></w:r>` }
	p := func(s string) string { return `<w:p>` + s + `</w:p>` }
	tc := func(pr, s string) string { return `<w:tc><w:tcPr>` + pr + `</w:tcPr>` + p(r(s)) + `</w:tc>` }
	boxed := func(val string) string {
		return `<w:sdt><w:sdtPr><w14:checkbox><w14:checked w14:val="` + val + `"/></w14:checkbox></w:sdtPr>` +
			`<w:sdtContent>` + r("?") + r("?") + `</w:sdtContent></w:sdt>`
	}
	oldField := func(data, instr, result string) string {
		return `<w:r><w:fldChar w:fldCharType="begin"><w:ffData>` + data + `</w:ffData></w:fldChar></w:r><w:r><w:instrText>` + instr +
			`</w:instrText></w:r>` +
			`<w:r><w:fldChar w:fldCharType="separate"/></w:r>` + r(result) + `<w:r><w:fldChar w:fldCharType="end"/></w:r>`
	}
	for name, c := range map[string]struct{ body, want string }{
		"breaks": {
			p(`<w:r><w:t>a</w:t><w:br/><w:t>b</w:t><w:tab/><w:noBreakHyphen/><w:t xml:space="preserve"> c</w:t></w:r>`),
			"a/b\t- c¶",
		},
		"composed": {p(r("Hoa\u0300")), "Hoà¶"},
		"tracked":  {p(`<w:del><w:r><w:delText>old</w:delText></w:r></w:del><w:ins>` + r("new") + `</w:ins>`), "new¶"},
		"moved":    {p(`<w:moveFrom>` + r("x") + `</w:moveFrom><w:moveTo>` + r("x") + `</w:moveTo>`), "x¶"},
		"struck": {
			p(`<w:r><w:rPr><w:strike/></w:rPr><w:t>no</w:t></w:r>` + r("yes") + `<w:r><w:rPr><w:strike w:val="0"/></w:rPr><w:t>!</w:t></w:r>`),
			"~no~yes!¶",
		},
		"hidden text":   {p(`<w:r><w:rPr><w:vanish/></w:rPr><w:t>no</w:t></w:r>` + r("yes")), "yes¶"},
		"link":          {p(`<w:hyperlink>` + r("mail@example.vn") + `</w:hyperlink>`), "mail@example.vn¶"},
		"ticked":        {p(boxed("1") + r(" a") + boxed("0") + r(" b")), "☒ a☐ b¶"},
		"old box":       {p(oldField(`<w:checkBox><w:default w:val="0"/><w:checked/></w:checkBox>`, "FORMCHECKBOX", "") + r("a")), "☒a¶"},
		"old box empty": {p(oldField(`<w:checkBox><w:default w:val="0"/></w:checkBox>`, "FORMCHECKBOX", "") + r("a")), "☐a¶"},
		"old list": {
			p(oldField(`<w:ddList><w:result w:val="1"/><w:listEntry w:val="x"/><w:listEntry w:val="y"/></w:ddList>`, "FORMDROPDOWN", "z")),
			"y¶",
		},
		"old text":   {p(oldField(`<w:textInput/>`, "FORMTEXT", "typed")), "typed¶"},
		"page field": {p(`<w:fldSimple w:instr="PAGE">` + r("3") + `</w:fldSimple>`), "3¶"},
		"symbol": {
			p(
				`<w:r><w:sym w:font="Wingdings" w:char="F0FE"/><w:sym w:font="Wingdings" w:char="F0A8"/><w:sym w:font="Wingdings" w:char="F0FC"/>` +
					`</w:r>`,
			),
			"☒☐✓¶",
		},
		"placeholder": {
			p(`<w:sdt><w:sdtPr><w:showingPlcHdr/><w:text/></w:sdtPr><w:sdtContent>` + r("Chọn") + `</w:sdtContent></w:sdt>`),
			"<Chọn>¶",
		},
		"control of blocks": {`<w:sdt><w:sdtPr/><w:sdtContent>` + p(r("a")) + p(r("b")) + `</w:sdtContent></w:sdt>`, "a¶b¶"},
		"control of cells": {
			`<w:tbl><w:tr><w:sdt><w:sdtContent>` + tc("", "a") + `</w:sdtContent></w:sdt>` + tc("", "b") + `</w:tr></w:tbl>`,
			"a¶|b¶|¦",
		},
		"control of rows": {`<w:tbl><w:sdt><w:sdtContent><w:tr>` + tc("", "a") + `</w:tr></w:sdtContent></w:sdt></w:tbl>`, "a¶|¦"},
		"merged": {
			`<w:tbl><w:tr>` + tc(
				`<w:vMerge w:val="restart"/>`, "a",
			) + tc("", "b") + `</w:tr><w:tr>` + tc(`<w:vMerge/>`, "") + tc("", "c") + `</w:tr><w:tr>` + tc(
				`<w:gridSpan w:val="2"/>`, "d",
			) + `</w:tr></w:tbl>`,
			"a¶|b¶|¦^¶|c¶|¦+d¶|¦",
		},
		"merged from row 1": {
			`<w:tbl><w:tr>` + tc(`<w:vMerge/>`, "a") + `</w:tr><w:tr>` + tc(`<w:vMerge/>`, "") + `</w:tr></w:tbl>`, "a¶|¦^¶|¦",
		},
		"deleted row": {
			`<w:tbl><w:tr><w:trPr><w:del/></w:trPr>` + tc("", "a") + `</w:tr><w:tr>` + tc("", "b") + `</w:tr></w:tbl>`, "b¶|¦",
		},
		"table in a cell": {`<w:tbl><w:tr><w:tc><w:tbl><w:tr>` + tc("", "x") + `</w:tr></w:tbl><w:p/></w:tc></w:tr></w:tbl>`, "x¶|¦¶|¦"},
		"text box once": {
			p(
				`<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><x><w:txbxContent>` + p(r("box")) +
					`</w:txbxContent></x></w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox><w:txbxContent>` + p(r("box")) +
					`</w:txbxContent></v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>` + r("text"),
			),
			"text¶box¶",
		},
		"old text box": {
			p(`<w:r><w:pict><v:textbox><w:txbxContent>` + p(r("box")) + `</w:txbxContent></v:textbox></w:pict></w:r>`), "¶box¶",
		},
		"formula":            {p(`<m:oMath xmlns:m="m"><m:r><m:t>x+1</m:t></m:r></m:oMath>`), "x+1¶"},
		"entities are plain": {p(r("&lt;b&gt; &amp;amp;")), "<b> &amp;¶"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, err := page(t, c.body)
			if err != nil {
				t.Fatal(err)
			}
			if got := flat(f.Blocks); got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

func TestReadsWhatItWrote(t *testing.T) {
	t.Parallel()
	raw := sample(t)
	f, err := docx.Open(bytes.NewReader(raw), int64(len(raw)), docx.DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	want := "BÁO CÁO/Thử¶=1+1 <b>đậm</b>/ & “ngoặc”\tsau tab nghiêng¶<Chọn một>Chưa đáp ứng¶STT¶|Tên¶|Ghi " +
		"chú¶|¦1¶|+gộp¶|¦^¶|a¶|b¶|¦¶¶trang ngang¶"
	if got := flat(f.Blocks); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if got := string(f.Hidden); got != "hidden" {
		t.Errorf("hidden %q", got)
	}
}
