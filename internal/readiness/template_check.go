package readiness

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/strictjson"
)

// LoadTemplate reads a template and holds it against the rules of a template. It fails
// with a fault.List: a fault for each thing that is wrong, which names its line.
func LoadTemplate(raw []byte) (*Template, error) {
	var t Template
	if err := strictjson.Read(raw, &t); err != nil {
		return nil, fault.List{unreadable(err)}
	}
	return t.checked(raw)
}

// StoredTemplate reads a template that was loaded once. It checks nothing: what a
// register holds was held against the rules of the program that stored it.
func StoredTemplate(raw []byte) (*Template, error) {
	var t Template
	if err := json.Unmarshal(raw, &t); err != nil {
		return nil, fmt.Errorf("read stored template: %w", err)
	}
	return &t, nil
}

// unreadable says in both languages what strictjson found.
func unreadable(err error) *fault.Error {
	var e *strictjson.Error
	if !errors.As(err, &e) {
		return fault.New(fault.Invalid, "readiness.template.wrong.syntax", fault.Args{"where": Text{}, "text": err.Error()}).At("file")
	}
	key := "syntax"
	switch {
	case errors.Is(err, strictjson.ErrUnknown):
		key = "member"
	case errors.Is(err, strictjson.ErrTwice):
		key = "member_twice"
	case e.At != "":
		key = "type"
	}
	return fault.New(fault.Invalid, "readiness.template.wrong."+key, fault.Args{
		"where": onLine(e.Line), "at": e.At, "text": e.Err.Error(),
	}).At("file").Because(err)
}

// onLine is how a message begins that is about a line of a file.
func onLine(n int) Text {
	return Text{Vi: fmt.Sprintf("Dòng %d: ", n), En: fmt.Sprintf("Line %d: ", n)}
}

// checked holds a template that was read from a file against the rules of templates.
func (t *Template) checked(raw []byte) (*Template, error) {
	wrong := t.Faults()
	lines := strictjson.Lines(raw)
	for _, f := range wrong {
		pointer, _ := f.Args["pointer"].(string)
		f.Args["where"] = onLine(lines(pointer))
	}
	if len(wrong) > 0 {
		return nil, wrong.Err()
	}
	return t, nil
}

// Faults lists what is wrong with a form, none when nothing is. The field of a fault is
// the part of the form that it is about: "columns.beds", "rows.2", "options.level".
func (t *Template) Faults() fault.List {
	c := templateChecker{t: t}
	c.head()
	c.options()
	c.columns()
	c.rows()
	c.rest()
	return c.wrong
}

type templateChecker struct {
	t     *Template
	wrong fault.List
}

// say notes a fault of a part of the form, which has a field on the pages and a pointer in
// the file.
func (c *templateChecker) say(field, pointer, key string, args fault.Args) {
	if args == nil {
		args = fault.Args{}
	} else {
		args = maps.Clone(args)
	}
	args["where"], args["pointer"] = Text{}, pointer
	c.wrong = append(c.wrong, fault.New(fault.Invalid, "readiness.template.wrong."+key, args).At(field))
}

// both asks for a text in both languages.
func (c *templateChecker) both(field, pointer string, what Text, t Text) {
	if strings.TrimSpace(t.Vi) == "" || strings.TrimSpace(t.En) == "" {
		c.say(field, pointer, "both", fault.Args{"what": what})
	}
}

var templateID = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z-]{0,39}$`)

func (c *templateChecker) head() {
	t := c.t
	if !templateID.MatchString(t.ID) {
		c.say("id", "/id", "id", fault.Args{"id": t.ID})
	}
	if t.Version < 1 {
		c.say("version", "/version", "version", nil)
	}
	if t.From.IsZero() {
		c.say("from", "/from", "from", nil)
	}
	c.both("title", "/title", Text{"tên biểu mẫu", "the form's title"}, t.Title)
	if t.Summary.Rule != "" && !slices.Contains(Rules, t.Summary.Rule) {
		c.say("summary", "/summary", "rule", fault.Args{"rule": t.Summary.Rule, "rules": strings.Join(Rules, ", ")})
	}
	if share := t.Summary.Share; t.Rule() == ComponentShare1 && (share <= 0 || share > 1) || share != 0 && t.Rule() != ComponentShare1 {
		c.say("summary", "/summary", "share", nil)
	}
	seen := map[string]bool{}
	for i, f := range t.Contact {
		if (&Contact{}).Field(f.Key) == nil || seen[f.Key] {
			c.say("contact", fmt.Sprintf("/contact/%d", i), "contact", fault.Args{"key": f.Key})
		}
		seen[f.Key] = true
	}
	if !seen["full_name"] || !seen["phone"] && !seen["email"] {
		c.say("contact", "/contact", "contact_missing", nil)
	}
}

func (c *templateChecker) options() {
	for list, options := range c.t.Options {
		field := "options." + list
		seen, words := map[string]bool{}, map[string]string{}
		for i, o := range options {
			at := fmt.Sprintf("/options/%s/%d", list, i)
			if o.Key == "" || o.Vi == "" || o.En == "" {
				c.say(field, at, "option", fault.Args{"list": list})
			}
			if seen[o.Key] {
				c.say(field, at, "option_twice", fault.Args{"list": list, "option": o.Text})
			}
			if o.Level != "" && !slices.Contains([]Status{Met, PartiallyMet, NotMet}, o.Level) || o.Met && o.Level != "" && o.Level != Met {
				c.say(field, at, "level", fault.Args{"list": list, "option": o.Text, "level": string(o.Level)})
			}
			seen[o.Key] = true
			// What reads as two options could never be read as one of them.
			for _, text := range append([]string{o.Vi, o.En}, o.Aliases...) {
				f := Fold(text)
				if other, taken := words[f]; taken && other != o.Key && f != "" {
					c.say(field, at, "option_words", fault.Args{"list": list, "text": text})
				}
				words[f] = o.Key
			}
		}
	}
}

var columnKey = regexp.MustCompile(`^[a-z][a-z0-9_]{0,29}$`)

func (c *templateChecker) columns() {
	t := c.t
	seen := map[string]bool{}
	for i, col := range t.Columns {
		field, at := "columns."+col.Key, fmt.Sprintf("/columns/%d", i)
		if seen[col.Key] {
			c.say(field, at, "column_twice", fault.Args{"column": col.Key})
		}
		seen[col.Key] = true
		c.both(field, at, Text{"tên cột " + col.Key, "the name of column " + col.Key}, col.Label)
		args := fault.Args{"column": col.Key, "label": col.Label, "kind": string(col.Kind)}
		switch {
		case !col.Own():
			if col.Kind != "" {
				c.say(field, at, "column_shared", args)
			}
			continue
		case !columnKey.MatchString(col.Key) || slices.Contains(reservedKeys, col.Key):
			c.say(field, at, "column_key", args)
		case !slices.Contains(ColumnKinds, col.Kind):
			// A column whose kind the program does not know would be printed, filled in and lost.
			c.say(field, at, "column_kind", args)
		}
		c.bounds(field, at, col, args)
	}
	for _, key := range []string{ColNumber, ColComponent} {
		if !seen[key] {
			c.say("columns", "/columns", "column_missing", fault.Args{"column": key})
		}
	}
}

func (c *templateChecker) bounds(field, at string, col Column, args fault.Args) {
	if col.Kind == ChoiceColumn && len(c.t.Options[col.Options]) < 2 || col.Kind != ChoiceColumn && col.Options != "" {
		c.say(field, at, "column_options", args)
	}
	ofNumbers, ofDays := col.Kind == NumberColumn, col.Kind == DateColumn
	switch {
	case !ofNumbers && (col.Min != nil || col.Max != nil || col.Decimals != 0),
		col.Decimals < 0 || col.Decimals > 6,
		col.Min != nil && col.Max != nil && *col.Max < *col.Min,
		!ofDays && (!col.From.IsZero() || !col.Until.IsZero()),
		!col.Until.IsZero() && col.Until.Before(col.From):
		c.say(field, at, "column_bounds", args)
	}
}

func (c *templateChecker) rows() {
	t := c.t
	if len(t.Components) == 0 || len(t.Rows) == 0 {
		c.say("rows", "/rows", "rows_none", nil)
	}
	components := map[string]bool{}
	for i, comp := range t.Components {
		at := fmt.Sprintf("/components/%d", i)
		if comp.Key == "" || components[comp.Key] || slices.Contains(taskKeys, comp.Key) || comp.Key == AllFive {
			c.say("components", at, "component", fault.Args{"component": comp.Key})
		}
		components[comp.Key] = true
		c.both("components", at, Text{"tên thành phần " + comp.Key, "the name of component " + comp.Key}, comp.Label)
	}
	rows := map[string]Row{}
	used := map[string]bool{}
	for i, r := range t.Rows {
		field, at := "rows."+r.Key, fmt.Sprintf("/rows/%d", i)
		if _, twice := rows[r.Key]; twice || r.Key == "" {
			c.say(field, at, "row_twice", fault.Args{"row": r.Key})
		}
		c.both(field, at, Text{"nội dung dòng " + r.Key, "the text of row " + r.Key}, r.Label)
		if !components[r.Component] {
			c.say(field, at, "row_component", fault.Args{"row": r.Key, "component": r.Component})
		}
		c.row(field, at, r, rows)
		rows[r.Key] = r
		used[r.Component] = used[r.Component] || r.Answered()
	}
	for i, comp := range t.Components {
		if !used[comp.Key] {
			c.say("components", fmt.Sprintf("/components/%d", i), "component_empty", fault.Args{"component": comp.Label})
		}
	}
}

func (c *templateChecker) row(field, at string, r Row, above map[string]Row) {
	t := c.t
	say := func(key string, args fault.Args) {
		if args == nil {
			args = fault.Args{}
		}
		args["row"] = r.Key
		c.say(field, at, key, args)
	}
	if !slices.Contains([]RowKind{Heading, Single, Repeat, Group, Item}, r.Kind) {
		say("row_kind", fault.Args{"kind": string(r.Kind)})
	}
	if (r.Kind == Repeat || r.Kind == Group) && t.Subject.One.Vi == "" && len(t.Subject.Kinds) == 0 && r.System != "" &&
		!slices.Contains(systemKinds, r.System) {
		say("row_system", fault.Args{"system": r.System})
	}
	if r.Kind == Item && above[r.Parent].Kind != Group {
		say("row_parent", fault.Args{"parent": r.Parent})
	}
	for _, k := range r.For {
		if k != Ministry && k != Province {
			say("row_for", fault.Args{"kind": k})
		}
	}
	if !r.Answered() {
		return
	}
	if _, ok := t.Options[r.Options]; r.Options != "" && !ok {
		say("row_options", fault.Args{"list": r.Options})
	}
	has := func(key string) bool { _, ok := t.Column(key); return ok }
	if r.Options != "" && !has(ColCompliance) {
		say("row_column", fault.Args{"column": ColCompliance})
	}
	if r.Stage && (!has(ColStage) || len(t.Options[StageList]) == 0) {
		say("row_stage", fault.Args{"column": ColStage})
	}
	for _, a := range r.Asks {
		if !slices.Contains([]Ask{AskCause, AskUnmet, AskUnits, AskDevices, AskDecision}, a) {
			say("row_asks", fault.Args{"ask": string(a)})
		} else if !has(ColNote) {
			say("row_column", fault.Args{"column": ColNote})
		}
	}
	for _, key := range r.Columns {
		if !has(key) || key == ColNumber || key == ColComponent {
			say("row_column", fault.Args{"column": key})
		}
	}
	if r.Options == "" && !r.Stage && len(t.AskedOwn(r)) == 0 && !t.AsksFor(r, ColUnit) && !t.AsksFor(r, ColNote) {
		say("row_asks_nothing", nil)
	}
	for _, j := range r.Judged {
		c.judge(field, at, r, j)
	}
}

func (c *templateChecker) judge(field, at string, r Row, j Judge) {
	col, ok := c.t.Column(j.Column)
	numbers := j.AtLeast != nil || j.AtMost != nil || j.PartlyAtLeast != nil || j.PartlyAtMost != nil
	days := !j.NotBefore.IsZero() || !j.NotAfter.IsZero()
	right := ok && col.Own() && c.t.AsksFor(r, j.Column)
	switch col.Kind {
	case NumberColumn:
		right = right && (j.AtLeast != nil || j.AtMost != nil) && j.Is == "" && !days
	case CountsColumn:
		right = right && j.Is == "" && !days
	case YesNoColumn:
		right = right && !numbers && !days && (j.Is == "" || j.Is == Yes || j.Is == No)
	case DateColumn:
		right = right && !numbers && j.Is == ""
	case ChoiceColumn:
		right = right && !numbers && !days && j.Is == ""
	default:
		right = false
	}
	if !right {
		c.say(field, at, "judge", fault.Args{"row": r.Key, "column": j.Column})
	}
}

// rest checks parts 3 and 4, which a form may leave out, and the subject.
func (c *templateChecker) rest() {
	t := c.t
	seen := map[string]bool{}
	for i, g := range t.Proposals {
		at := fmt.Sprintf("/proposals/%d", i)
		if g.Key == "" || seen[g.Key] {
			c.say("proposals", at, "proposal", fault.Args{"key": g.Key})
		}
		seen[g.Key] = true
		c.both("proposals", at, Text{"nhóm đề xuất " + g.Key, "proposal group " + g.Key}, g.Label)
	}
	for _, k := range t.Subject.Kinds {
		c.both("subject", "/subject", Text{"loại " + k.Key, "kind " + k.Key}, k.Label)
	}
}
