package readinessnode_test

import (
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"
)

func wingdings(sign string) string {
	return run(`<w:rFonts w:ascii="Wingdings" w:hAnsi="Wingdings"/>`, sign)
}

// opposite is another answer than the one that stands there.
func opposite(words string) string {
	if words == "Chưa đáp ứng" {
		return "Đã đáp ứng"
	}
	return "Chưa đáp ứng"
}

func comments(kind string) string {
	return fmt.Sprintf(`<w:%[1]ss xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:%[1]s w:id="5"><w:p><w:r><w:t>Thực ra chưa xong`+
		`</w:t></w:r></w:p></w:%[1]s></w:%[1]ss>`, kind)
}

func edge(tag, text string) string {
	return `<w:` + tag + ` xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:p><w:r><w:t>` + text + `</w:t></w:r></w:p></w:` + tag + `>`
}

const (
	drawingOf = `<w:r><w:drawing><wp:inline xmlns:wp="wp"><wp:docPr id="1" name="a"/><pic:pic xmlns:pic="pic"/></wp:inline></w:drawing></w:r>`
	signed    = `<w:p><w:r><w:t>TM. ỦY BAN NHÂN DÂN</w:t></w:r></w:p><w:p><w:r><w:t>CHỦ TỊCH</w:t></w:r></w:p>`
)

// messyOperations are the ways in which a return says something else, or something more,
// than its answers do.
var messyOperations = []operation{
	// Traces beside the text.
	{"change not accepted", func(d *wordFile) bool {
		return d.answer(func(w string) string {
			return `<w:del w:id="1"><w:r><w:delText>` + opposite(w) + `</w:delText></w:r></w:del><w:ins w:id="2">` + run("", w) + `</w:ins>`
		})
	}, nil},
	{"only inserted", func(d *wordFile) bool {
		return d.answer(func(w string) string { return `<w:ins w:id="2">` + run("", w) + `</w:ins>` })
	}, nil},
	{"only deleted beside", func(d *wordFile) bool {
		return d.beside(`<w:del w:id="1"><w:r><w:delText> (dự kiến)</w:delText></w:r></w:del>`)
	}, nil},
	{"moved in", func(d *wordFile) bool {
		return d.answer(func(w string) string { return `<w:moveTo w:id="3">` + run("", w) + `</w:moveTo>` })
	}, nil},
	{"look changed", func(d *wordFile) bool {
		return d.answer(func(w string) string { return run(`<w:rPrChange w:id="4"><w:rPr><w:strike/></w:rPr></w:rPrChange>`, w) })
	}, nil},
	{"row inserted", func(d *wordFile) bool { return rowProperty(d, `<w:ins w:id="6"/>`) }, nil},
	{"row deleted", func(d *wordFile) bool { return rowProperty(d, `<w:del w:id="6"/>`) }, nil},
	{"cell inserted", func(d *wordFile) bool { return cellProperty(d, `<w:cellIns w:id="6"/>`) }, nil},
	{"comment", func(d *wordFile) bool {
		return d.part("comments", "comments.xml", comments("comment")) && d.beside(`<w:r><w:commentReference w:id="5"/></w:r>`)
	}, func(f *excelize.File) bool {
		s, c := first(f)
		return f.AddComment(s, excelize.Comment{Cell: c, Author: "a", Text: "Thực ra chưa"}) == nil
	}},
	{"comment tied to nothing", func(d *wordFile) bool { return d.part("comments", "comments.xml", comments("comment")) }, nil},
	{"footnote", func(d *wordFile) bool {
		return d.part("footnotes", "footnotes.xml", comments("footnote")) && d.beside(`<w:r><w:footnoteReference w:id="5"/></w:r>`)
	}, nil},
	{"endnote", func(d *wordFile) bool {
		return d.part("endnotes", "endnotes.xml", comments("endnote")) && d.beside(`<w:r><w:endnoteReference w:id="5"/></w:r>`)
	}, nil},
	{"footer that speaks", func(d *wordFile) bool {
		return d.part("footer", "footer9.xml", edge("ftr", "Ghi chú: mục 2 chưa nghiệm thu"))
	}, nil},
	{"header that speaks", func(d *wordFile) bool {
		return d.part("header", "header9.xml", edge("hdr", "Số liệu tạm tính, sẽ báo cáo lại"))
	}, nil},
	{"picture", func(d *wordFile) bool { return d.beside(drawingOf) }, func(f *excelize.File) bool {
		s, c := first(f)
		return f.AddShape(s, &excelize.Shape{Cell: c, Type: "ellipse", Paragraph: []excelize.RichTextRun{{Text: " "}}}) == nil
	}},
	{"ring drawn", func(d *wordFile) bool { return d.beside(`<w:r><w:pict><v:oval xmlns:v="v"/></w:pict></w:r>`) }, nil},
	{"text box", func(d *wordFile) bool {
		return d.beside(`<w:r><w:pict><v:shape xmlns:v="v"><v:textbox><w:txbxContent><w:p><w:r><w:t>chưa nghiệm thu</w:t></w:r></w:p></w:txbxContent>` +
			`</v:textbox></v:shape></w:pict></w:r>`)
	}, func(f *excelize.File) bool {
		s, c := first(f)
		return f.AddShape(s, &excelize.Shape{Cell: c, Type: "rect", Paragraph: []excelize.RichTextRun{{Text: "chưa nghiệm thu"}}}) == nil
	}},
	{"embedded file", func(d *wordFile) bool { return d.beside(`<w:r><w:object><o:OLEObject xmlns:o="o"/></w:object></w:r>`) }, nil},
	{"struck out", func(d *wordFile) bool {
		return d.answer(func(w string) string { return run(`<w:strike/>`, opposite(w)) + run("", " "+w) })
	}, func(f *excelize.File) bool {
		s, c := first(f)
		id, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Strike: true}})
		return err == nil && f.SetCellStyle(s, c, c, id) == nil
	}},
	{"hidden text", func(d *wordFile) bool { return d.beside(run(`<w:vanish/>`, " chưa nghiệm thu")) }, nil},
	{"nested table", func(d *wordFile) bool {
		return d.answer(func(w string) string {
			return run("", w) + `</w:p><w:tbl><w:tr><w:tc><w:p>` + run("", "64") + `</w:p></w:tc></w:tr></w:tbl><w:p>`
		})
	}, nil},
	{"tick of Wingdings", func(d *wordFile) bool {
		return d.answer(func(w string) string { return wingdings("þ") + run("", " "+w) })
	}, nil},
	{"sign without its font", func(d *wordFile) bool { return d.answer(func(w string) string { return run("", "\uf0fe "+w) }) }, nil},
	{"TCVN3", func(d *wordFile) bool {
		return d.answer(func(string) string {
			return run(`<w:rFonts w:ascii=".VnTime" w:hAnsi=".VnTime"/>`, "Ch\u00ada ®¸p øng")
		})
	}, nil},
	{"VNI", func(d *wordFile) bool {
		return d.answer(func(string) string {
			return run(`<w:rFonts w:ascii="VNI-Times" w:hAnsi="VNI-Times"/>`, "Chöa ñaùp öùng")
		})
	}, nil},
	{"field", func(d *wordFile) bool {
		return d.answer(func(w string) string {
			return `<w:fldSimple w:instr=" IF 1=1 &quot;` + w + `&quot; &quot;Chưa&quot; ">` + run("", w) + `</w:fldSimple>`
		})
	}, nil},
	{"two contents in one place", func(d *wordFile) bool {
		return d.answer(func(w string) string {
			return `<mc:AlternateContent xmlns:mc="mc"><mc:Choice Requires="x">` + run("", w) + `</mc:Choice><mc:Fallback>` + run("", opposite(w)) +
				`</mc:Fallback></mc:AlternateContent>`
		})
	}, nil},
	{"hidden row", nil, func(f *excelize.File) bool {
		s, c := first(f)
		_, row, err := excelize.CellNameToCoordinates(c)
		return err == nil && f.SetRowVisible(s, row, false) == nil
	}},
	{"hidden column", nil, func(f *excelize.File) bool {
		s, c := first(f)
		return f.SetColVisible(s, strings.TrimRight(c, "0123456789"), false) == nil
	}},
	{"hidden sheet", nil, func(f *excelize.File) bool {
		if _, err := f.NewSheet("Ẩn"); err != nil {
			return false
		}
		return f.SetCellStr("Ẩn", "A1", "Thực ra chưa đáp ứng") == nil && f.SetSheetVisible("Ẩn", false, true) == nil
	}},
	{"more sheets", nil, func(f *excelize.File) bool {
		if _, err := f.NewSheet("Danh sách"); err != nil {
			return false
		}
		return f.SetCellStr("Danh sách", "A1", "Đơn vị chưa đáp ứng") == nil
	}},
	{"copied sheet", nil, func(f *excelize.File) bool {
		s, c := first(f)
		at, err := f.GetSheetIndex(s)
		to, err2 := f.NewSheet(s + " (2)")
		words, err3 := f.GetCellValue(s, c)
		return err == nil && err2 == nil && err3 == nil && f.CopySheet(at, to) == nil && f.SetCellStr(s+" (2)", c, opposite(words)) == nil
	}},
	{"formula", nil, func(f *excelize.File) bool {
		s, c := first(f)
		return f.SetCellFormula(s, c, `"Đã "&"đáp ứng"`) == nil
	}},
	{"format that hides", nil, func(f *excelize.File) bool {
		s, c := first(f)
		format := `;;;"Đã đáp ứng"`
		id, err := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
		return err == nil && f.SetCellStyle(s, c, c, id) == nil
	}},

	// Whose it is.
	{"another heading", func(d *wordFile) bool { return heading(d, "ỦY BAN NHÂN DÂN TỈNH LÀO CAI") }, func(f *excelize.File) bool {
		return excelHeading(f, "ỦY BAN NHÂN DÂN TỈNH LÀO CAI")
	}},
	{"a district", func(d *wordFile) bool { return heading(d, "ỦY BAN NHÂN DÂN HUYỆN BẢO YÊN, TỈNH LÀO CAI") }, func(f *excelize.File) bool {
		return excelHeading(f, "ỦY BAN NHÂN DÂN HUYỆN BẢO YÊN, TỈNH LÀO CAI")
	}},
	{"a department", func(d *wordFile) bool { return heading(d, "SỞ THÔNG TIN VÀ TRUYỀN THÔNG TỈNH LÀO CAI") }, nil},
	{"two names", func(d *wordFile) bool { return heading(d, "ỦY BAN NHÂN DÂN TỈNH LÀO CAI VÀ TỈNH YÊN BÁI") }, nil},
	{"nobody's name", func(d *wordFile) bool { return heading(d, "BỘ KHÔNG CÓ TRÊN ĐỜI") }, nil},
	{"an older letter", func(d *wordFile) bool { return letterDay(d, "ngày 21/6/2022)") }, nil},
	{"no such day", func(d *wordFile) bool { return letterDay(d, "ngày 31/6/2023)") }, nil},
}

// cleanOperations change nothing that a return says.
var cleanOperations = []operation{
	{"as it is", func(*wordFile) bool { return true }, func(*excelize.File) bool { return true }},
	{"page numbers", func(d *wordFile) bool { return d.part("footer", "footer9.xml", edge("ftr", "Trang 1/5")) }, nil},
	{"the letter on each page", func(d *wordFile) bool {
		return d.part("header", "header9.xml", edge("hdr", "(Kèm theo Văn bản số 930/CV ngày 21/06/2023)"))
	}, nil},
	{"emblem above", func(d *wordFile) bool { return d.replace("<w:body>", "<w:body><w:p>"+drawingOf+"</w:p>") }, nil},
	{"line under the letterhead", func(d *wordFile) bool {
		return d.replace("<w:body>", `<w:body><w:p><w:r><w:pict><v:line xmlns:v="v"/></w:pict></w:r></w:p>`)
	}, nil},
	{"signed below", func(d *wordFile) bool { return atEnd(d, signed+"<w:p>"+drawingOf+"</w:p>") }, nil},
	{"stamp below", func(d *wordFile) bool { return atEnd(d, "<w:p>"+drawingOf+"</w:p>") }, nil},
	{"bold answer", func(d *wordFile) bool { return d.answer(func(w string) string { return run("<w:b/>", w) }) }, nil},
	{"answer in two runs", func(d *wordFile) bool {
		return d.answer(func(w string) string { a, b, _ := strings.Cut(w, " "); return run("", a) + run("<w:i/>", " "+b) })
	}, nil},
	{"full stop", func(d *wordFile) bool { return d.answer(func(w string) string { return run("", w+".") }) }, nil},
	{"bullet", func(d *wordFile) bool { return d.answer(func(w string) string { return run("", "- "+w) }) }, nil},
	{"Unicode in an old font", func(d *wordFile) bool {
		return d.answer(func(w string) string { return run(`<w:rFonts w:ascii=".VnTime" w:hAnsi=".VnTime"/>`, w) })
	}, nil},
	{"spelling marks", func(d *wordFile) bool {
		return d.beside(`<w:proofErr w:type="spellEnd"/><w:bookmarkStart w:id="0" w:name="a"/>`)
	}, nil},
	{"content control", func(d *wordFile) bool {
		return d.answer(func(w string) string {
			return `<w:sdt><w:sdtPr/><w:sdtContent>` + run("", w) + `</w:sdtContent></w:sdt>`
		})
	}, nil},
	{"wider columns", nil, func(f *excelize.File) bool {
		s, c := first(f)
		col := strings.TrimRight(c, "0123456789")
		return f.SetColWidth(s, col, col, 40) == nil
	}},
	{"coloured cell", nil, func(f *excelize.File) bool {
		s, c := first(f)
		id, err := f.NewStyle(&excelize.Style{Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"FFFF00"}}})
		return err == nil && f.SetCellStyle(s, c, c, id) == nil
	}},
}

// rowProperty puts a property into the row of the first answer.
func rowProperty(d *wordFile, property string) bool {
	s := d.parts[document]
	at := answerRun.FindStringIndex(s)
	if at == nil {
		return false
	}
	row := strings.LastIndex(s[:at[0]], "<w:trPr>")
	if row < 0 {
		return false
	}
	row += len("<w:trPr>")
	d.parts[document] = s[:row] + property + s[row:]
	return true
}

func cellProperty(d *wordFile, property string) bool {
	s := d.parts[document]
	at := answerRun.FindStringIndex(s)
	if at == nil {
		return false
	}
	cell := strings.LastIndex(s[:at[0]], "</w:tcPr>")
	if cell < 0 {
		return false
	}
	d.parts[document] = s[:cell] + property + s[cell:]
	return true
}

// heading gives the paper of a province another name on top.
func heading(d *wordFile, name string) bool {
	s := d.parts[document]
	at := strings.Index(s, "ỦY BAN NHÂN DÂN")
	if at < 0 || strings.Contains(s, "LÀO CAI") || strings.Index(s, "<w:tbl>") < at {
		return false
	}
	end := at + strings.Index(s[at:], "</w:t>")
	d.parts[document] = s[:at] + name + s[end:]
	return true
}

// letterDay gives the agency's letter another day.
func letterDay(d *wordFile, day string) bool {
	s := d.parts[document]
	at := strings.Index(s, "ngày 21/06/2023)")
	if at < 0 {
		return false
	}
	d.parts[document] = s[:at] + day + s[at+len("ngày 21/06/2023)"):]
	return true
}

// atEnd adds markup below part 4.
func atEnd(d *wordFile, markup string) bool {
	s := d.parts[document]
	at := strings.LastIndex(s, "<w:sectPr")
	if at < 0 {
		return false
	}
	d.parts[document] = s[:at] + markup + s[at:]
	return true
}

// excelHeading changes the agency's name on the first page of our own workbook.
func excelHeading(f *excelize.File, name string) bool {
	for _, s := range f.GetSheetList() {
		rows, err := f.GetRows(s)
		if err != nil {
			return false
		}
		for r, row := range rows {
			if len(row) > 2 && row[0] == "heading" {
				return f.SetCellStr(s, fmt.Sprintf("C%d", r+1), name) == nil
			}
		}
	}
	return false
}
