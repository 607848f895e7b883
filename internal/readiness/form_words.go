package readiness

import (
	"fmt"
	"strings"

	"dean06/internal/platform/fault"
)

// WordedFaults are the faults of a form for who sees no keys: they say of which column,
// row or list each is by its label.
func (t *Template) WordedFaults() fault.List {
	out := t.Faults()
	for _, f := range out {
		part, key, _ := strings.Cut(f.Field, ".")
		if near, _ := f.Args["near"].(string); key == "" {
			key = near
		}
		if _, ok := f.Args["what"]; ok && part != "title" {
			f.Args["what"] = t.named(part, key)
		}
		if list, ok := f.Args["list"].(string); ok {
			f.Args["list"] = t.ListName(list)
		}
		if row, ok := f.Args["row"].(string); ok {
			f.Args["row"] = t.rowName(row)
		}
		if column, ok := f.Args["column"].(string); ok {
			f.Args["column"] = t.columnName(column)
		}
		if c, ok := f.Args["component"].(string); ok {
			f.Args["component"] = t.componentName(c)
		}
	}
	return out
}

// named is what a fault about a part of the form is about.
func (t *Template) named(part, key string) Text {
	switch part {
	case "columns":
		return joinText(Text{"tên cột ", "the name of the column "}, quoted(t.columnName(key)))
	case "rows":
		return joinText(Text{"nội dung dòng ", "the text of row "}, quoted(t.rowName(key)))
	case "components":
		return joinText(Text{"tên thành phần ", "the name of the component "}, quoted(t.componentName(key)))
	case "proposals":
		return Text{"tên nhóm đề xuất", "the name of a proposal group"}
	}
	return Text{"tên loại được hỏi lặp lại", "the name of what repeated rows are about"}
}

func joinText(a, b Text) Text { return Text{a.Vi + b.Vi, a.En + b.En} }

func quoted(t Text) Text { return Text{"“" + t.Vi + "”", "“" + t.En + "”"} }

// orVi is a label in both languages, in Vietnamese where English is missing.
func orVi(t Text) Text { return Text{t.In("vi"), t.In("en")} }

func (t *Template) columnName(key string) Text {
	for i, c := range t.Columns {
		if c.Key != key {
			continue
		}
		if c.Label.Vi+c.Label.En == "" {
			return Text{fmt.Sprintf("thứ %d", i+1), fmt.Sprintf("number %d", i+1)}
		}
		return orVi(c.Label)
	}
	switch key {
	case ColNumber:
		return Text{"số thứ tự", "number"}
	case ColComponent:
		return Text{"nội dung", "question"}
	case ColNote:
		return Text{"ghi chú", "notes"}
	case ColUnit:
		return Text{"đơn vị phụ trách", "unit in charge"}
	case ColCompliance:
		return Text{"mức đáp ứng", "how far it is met"}
	case ColStage:
		return Text{"hiện trạng đầu tư", "state of investment"}
	}
	return Text{"đã bỏ", "that was removed"}
}

func (t *Template) rowName(key string) Text {
	r, _ := t.Row(key)
	name := strings.TrimSpace(r.Number + " " + short(r.Label.Vi))
	return Text{name, strings.TrimSpace(r.Number + " " + short(r.Label.In("en")))}
}

func (t *Template) componentName(key string) Text {
	c, ok := t.Component(key)
	if !ok {
		return Text{"đã bỏ", "that was removed"}
	}
	return orVi(c.Label)
}

// ListName calls an option list by its choices.
func (t *Template) ListName(key string) Text {
	var name Text
	for i, o := range t.Options[key] {
		between := ""
		if i > 0 {
			between = " / "
		}
		name = joinText(name, Text{between + short(o.Vi), between + short(o.In("en"))})
		if i == 3 && len(t.Options[key]) > 4 {
			return joinText(name, Text{" …", " …"})
		}
	}
	if name.Vi == "" {
		return Text{"chưa có lựa chọn", "without choices"}
	}
	return name
}

// short cuts a long label where it is only to be recognised.
func short(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:57]) + "…"
	}
	return s
}
