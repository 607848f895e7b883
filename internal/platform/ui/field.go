package ui

import (
	"context"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
)

// Field is one question of a form. Which of its members count depends on the
// component that shows it.
type Field struct {
	Name   string // also the id, so that the error summary finds it
	Label  string
	Hint   string
	Value  string
	Errors fault.List // the page's faults; the field picks its own

	Title    bool // the label is the heading of the page (one question a page)
	Optional bool // says so beside the label
	ReadOnly bool

	Type         string // Text: text (default), email, tel, url, search, password, number
	InputMode    string // Text: numeric, decimal
	Autocomplete string // Text: name, email, tel, current-password, one-time-code, off …
	Width        int    // Text: about that many characters (2, 3, 4, 5, 10, 20, 30); 0 is the whole column
	Prefix       string // Text
	Suffix       string // Text: a unit, such as "máy"
	Rows         int    // Textarea
	MaxLength    int    // Text, Textarea: counts the characters that are left

	Options []Option // Select, Radios, Checkboxes
	Values  []string // Checkboxes: the ticked ones
	Inline  bool     // Radios: side by side
	Small   bool     // Radios, Checkboxes: the dense form for office screens

	Day, Month, Year string // DateInput: what was typed, right or wrong

	Accept   string // Upload: such as ".docx,.xlsx"
	Multiple bool   // Upload

	Attrs templ.Attributes // more attributes on the control, for htmx
}

// Option is one answer to choose.
type Option struct {
	Value  string
	Label  string
	Hint   string
	Reveal templ.Component // Radios, Checkboxes: shown when the option is chosen
}

// Error is the fault of this field, or nil.
func (f Field) Error() *fault.Error {
	for _, e := range f.Errors {
		if e.Field == f.Name {
			return e
		}
	}
	return nil
}

func (f Field) group() string {
	if f.Error() != nil {
		return "govuk-form-group govuk-form-group--error"
	}
	return "govuk-form-group"
}

func (f Field) describedBy() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.Name+"-hint")
	}
	if f.Error() != nil {
		ids = append(ids, f.Name+"-error")
	}
	if f.MaxLength > 0 {
		ids = append(ids, f.Name+"-info")
	}
	return classes(ids...)
}

// control gives the attributes that all controls share.
func (f Field) control(class string) templ.Attributes {
	a := templ.Attributes{"id": f.Name, "name": f.Name, "class": classes(class, errorClass(f, class))}
	put(a, "aria-describedby", f.describedBy())
	if f.Error() != nil {
		a["aria-invalid"] = "true"
	}
	if f.ReadOnly {
		a["readonly"] = true
	}
	for k, v := range f.Attrs {
		a[k] = v
	}
	return a
}

func errorClass(f Field, class string) string {
	if f.Error() == nil {
		return ""
	}
	return class + "--error"
}

func put(a templ.Attributes, key, value string) {
	if value != "" {
		a[key] = value
	}
}

func (f Field) input() templ.Attributes {
	a := f.control("govuk-input")
	a["type"] = "text"
	put(a, "type", f.Type)
	put(a, "value", f.Value)
	put(a, "inputmode", f.InputMode)
	put(a, "autocomplete", f.Autocomplete)
	if f.Type == "email" || f.Type == "url" || f.Type == "password" {
		a["spellcheck"] = "false"
		a["autocapitalize"] = "none"
	}
	if f.Width > 0 {
		a["class"] = classes(a["class"].(string), "govuk-input--width-"+strconv.Itoa(f.Width))
	}
	if f.MaxLength > 0 {
		a["class"] = classes(a["class"].(string), "govuk-js-character-count")
	}
	return a
}

func (f Field) textarea() templ.Attributes {
	a := f.control("govuk-textarea")
	rows := f.Rows
	if rows == 0 {
		rows = 4
	}
	a["rows"] = strconv.Itoa(rows)
	if f.MaxLength > 0 {
		a["class"] = classes(a["class"].(string), "govuk-js-character-count")
	}
	return a
}

func (f Field) upload() templ.Attributes {
	a := f.control("govuk-file-upload")
	a["type"] = "file"
	put(a, "accept", f.Accept)
	if f.Multiple {
		a["multiple"] = true
	}
	return a
}

// choice gives the attributes of the i-th radio or checkbox. The first one has
// the id of the field, where the error summary leads.
func (f Field) choice(i int, o Option, class, kind string) templ.Attributes {
	a := templ.Attributes{"id": f.choiceID(i), "name": f.Name, "type": kind, "value": o.Value, "class": class}
	if f.chosen(o) {
		a["checked"] = true
	}
	if o.Hint != "" {
		a["aria-describedby"] = f.choiceID(i) + "-item-hint"
	}
	for k, v := range f.Attrs {
		a[k] = v
	}
	return a
}

func (f Field) choiceID(i int) string {
	if i == 0 {
		return f.Name
	}
	return f.Name + "-" + strconv.Itoa(i+1)
}

func (f Field) chosen(o Option) bool {
	if f.Values != nil {
		return slices.Contains(f.Values, o.Value)
	}
	return f.Value == o.Value
}

type datePart struct{ id, name, key, value, width string }

func (f Field) dateParts() []datePart {
	return []datePart{
		{f.Name, f.Name + "-day", "ui.date.day", f.Day, "2"},
		{f.Name + "-month", f.Name + "-month", "ui.date.month", f.Month, "2"},
		{f.Name + "-year", f.Name + "-year", "ui.date.year", f.Year, "4"},
	}
}

func (f Field) datePart(p datePart) templ.Attributes {
	a := templ.Attributes{
		"id": p.id, "name": p.name, "type": "text", "inputmode": "numeric", "autocomplete": "off",
		"class": classes("govuk-input govuk-date-input__input govuk-input--width-"+p.width, errorClass(f, "govuk-input")),
	}
	put(a, "value", p.value)
	for k, v := range f.Attrs {
		a[k] = v
	}
	return a
}

// wrap gives the attributes of the form group; a counted field is a component of its own.
func (f Field) wrap() templ.Attributes {
	a := templ.Attributes{"class": f.group()}
	if f.MaxLength > 0 {
		a["class"] = f.group() + " govuk-character-count"
		a["data-module"] = "govuk-character-count"
		a["data-maxlength"] = strconv.Itoa(f.MaxLength)
	}
	return a
}

func (f Field) size(base string) string {
	if f.Title {
		return base + " " + base + "--l"
	}
	return base + " " + base + "--s"
}

func when(yes bool, text string) string {
	if yes {
		return text
	}
	return ""
}

// countTexts gives the character counter its words in the reader's language.
func countTexts(ctx context.Context, f Field) templ.Attributes {
	if f.MaxLength == 0 {
		return nil
	}
	return templ.Attributes{
		"data-i18n.characters-under-limit.one":   i18n.T(ctx, "ui.count.under.one"),
		"data-i18n.characters-under-limit.other": i18n.T(ctx, "ui.count.under.other"),
		"data-i18n.characters-at-limit":          i18n.T(ctx, "ui.count.at"),
		"data-i18n.characters-over-limit.one":    i18n.T(ctx, "ui.count.over.one"),
		"data-i18n.characters-over-limit.other":  i18n.T(ctx, "ui.count.over.other"),
	}
}

func nth(id string, i int, part string) string {
	return id + "-" + strconv.Itoa(i+1) + "-" + part
}
