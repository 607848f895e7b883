package office

import (
	"cmp"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/readiness"
)

// block is one place of a return that a person must decide: what stood on the
// paper, what was understood, and fields to put it right.
type block struct {
	ID       string
	Label    string
	Problems []readiness.Problem
	Reading  *readiness.Reading
	Where    string
	Inputs   []input
	Stuck    bool // only the agency can mend it
	Done     bool // ticked in the form being shown again
	Errors   fault.List
	answer   int // index in the return; -1: none yet
	key, row string
	column   string
}

// input is one field of a block. set puts a value into the return.
type input struct {
	ui.Field
	Area bool
	set  func(ret *readiness.Return, a *readiness.Answer, value string) *fault.Error
}

// blocks gathers the problems of a version that need a person by the place that
// they are about, those from a paper that is least sure first.
func blocks(pr *i18n.Printer, t *readiness.Template, v readiness.Version, kind string) []block {
	stands := readiness.Check(t, v.Return, kind)
	var out []block
	for _, p := range v.Problems {
		if p.Severity == readiness.Notes {
			continue
		}
		i := slices.IndexFunc(out, func(b block) bool {
			if b.row != p.Row || b.column != p.Column {
				return false
			}
			// Rows that several systems share have the field too.
			first := b.Problems[0].Field
			return p.Row != "" && (first == p.Field || first == "" || p.Field == "") || isContact(p) && isContact(b.Problems[0])
		})
		if i >= 0 {
			out[i].Problems = append(out[i].Problems, p)
			continue
		}
		b := newBlock(pr, t, v.Return, p)
		b.Stuck = len(b.Inputs) == 0 && b.Reading == nil && slices.ContainsFunc(stands, func(q readiness.Problem) bool {
			return q.Row == p.Row && q.Column == p.Column && q.Reason == p.Reason
		})
		out = append(out, b)
	}
	slices.SortStableFunc(out, func(a, b block) int { return cmp.Compare(a.confidence(), b.confidence()) })
	for i := range out {
		out[i].ID = blockID(out, i)
		for j := range out[i].Inputs {
			out[i].Inputs[j].Name = out[i].ID + "-" + out[i].Inputs[j].Name
		}
	}
	return out
}

// blockID names a block by its place, so that what was typed finds it again
// when the return has changed meanwhile.
func blockID(list []block, i int) string {
	b := list[i]
	id := "b-" + b.row + "-" + b.column
	if b.row == "" {
		place := cmp.Or(b.Problems[0].Field, strings.TrimPrefix(b.Problems[0].Reason, "readiness.problem."))
		id = "b-" + strings.ReplaceAll(place, ".", "-")
	}
	if slices.ContainsFunc(list[:i], func(other block) bool { return other.ID == id }) {
		id += "-" + strconv.Itoa(i)
	}
	return id
}

func (b block) confidence() float64 {
	if b.Reading == nil {
		return 1
	}
	return b.Reading.Confidence
}

// doubted says that the answer did not make sense: that a person looked is kept, so that
// it is not asked again.
func (b block) doubted() bool {
	return slices.ContainsFunc(b.Problems, func(p readiness.Problem) bool { return p.Reason == readiness.ReasonSense })
}

// was is what the place says when tracked changes are refused.
func (b block) was() (string, bool) {
	for _, p := range b.Problems {
		if p.Reason == readiness.TraceChanged.Reason(p.Row) {
			was, _ := p.Args["was"].(string)
			return cmp.Or(was, "–"), true
		}
	}
	return "", false
}

// Tick is the name of the box that says that a person looked.
func (b block) Tick() string { return b.ID + "-done" }

func newBlock(pr *i18n.Printer, t *readiness.Template, ret readiness.Return, p readiness.Problem) block {
	b := block{Problems: []readiness.Problem{p}, answer: -1, row: p.Row, column: p.Column, Label: pr.T("office.review.whole")}
	if isContact(p) {
		b.Label = pr.T("office.review.contact")
		b.Inputs = contactInputs(pr, t, ret.Contact)
		return b
	}
	row, known := readiness.RowOf(t, p.Row)
	b.answer = slices.IndexFunc(ret.Answers, func(a readiness.Answer) bool {
		return a.Row == p.Row && (p.Field == "" || strings.HasPrefix(p.Field+".", readiness.AnswerField(t, a)+"."))
	})
	if b.answer < 0 {
		b.answer = slices.IndexFunc(ret.Answers, func(a readiness.Answer) bool { return a.Row == p.Row && p.Row != "" })
	}
	if !known {
		if p.Row != "" {
			b.Label = pr.T("office.review.row", map[string]any{"row": p.Row})
		}
		return b
	}
	b.key = row.Key
	a := readiness.Answer{Row: p.Row, Key: row.Key}
	if b.answer >= 0 {
		a = ret.Answers[b.answer]
		if r, ok := a.Readings[p.Column]; ok {
			b.Reading = &r
		}
	}
	b.Label = pr.T("office.review.where", map[string]any{
		"row": p.Row, "label": cmp.Or(a.System, row.Label.In(string(pr.Lang))), "column": columnName(pr, t, p.Column),
	})
	if b.answer >= 0 || row.Kind == readiness.Single {
		b.Inputs = inputs(pr, t, row, a, p.Column)
	}
	return b
}

func isContact(p readiness.Problem) bool { return strings.HasPrefix(p.Field, "contact.") }

func contactInputs(pr *i18n.Printer, t *readiness.Template, c readiness.Contact) []input {
	at := map[string]func(*readiness.Contact) *string{
		"full_name": func(c *readiness.Contact) *string { return &c.FullName },
		"phone":     func(c *readiness.Contact) *string { return &c.Phone },
		"email":     func(c *readiness.Contact) *string { return &c.Email },
	}
	var out []input
	for _, l := range t.Contact {
		if part, ok := at[l.Key]; ok {
			out = append(out, input{
				Field: ui.Field{Name: l.Key, Label: l.Label.In(string(pr.Lang)), Value: *part(&c), Width: 30},
				set: func(ret *readiness.Return, _ *readiness.Answer, v string) *fault.Error {
					*part(&ret.Contact) = v
					return nil
				},
			})
		}
	}
	return out
}

// inputs are the fields of one column of an answer.
func inputs(pr *i18n.Printer, t *readiness.Template, row readiness.Row, a readiness.Answer, column string) []input {
	text := func(name, value string, part func(*readiness.Answer) *string) input {
		return input{
			Field: ui.Field{Name: name, Label: pr.T("office.review." + name), Value: value},
			set:   func(_ *readiness.Return, a *readiness.Answer, v string) *fault.Error { *part(a) = v; return nil },
		}
	}
	list := func(name, list, value string, part func(*readiness.Answer) *string) input {
		in := text(name, value, part)
		in.Options = append([]ui.Option{{Label: pr.T("office.review.none")}}, options(t.Options[list],
			func(o readiness.Option) string { return o.Key }, func(o readiness.Option) string { return o.In(string(pr.Lang)) })...)
		return in
	}
	switch column {
	case readiness.ColUnit:
		return []input{text("unit", a.Unit, func(a *readiness.Answer) *string { return &a.Unit })}
	case readiness.ColComponent:
		return []input{text("system", a.System, func(a *readiness.Answer) *string { return &a.System })}
	case readiness.ColCompliance:
		return []input{list("compliance", row.Options, a.Compliance, func(a *readiness.Answer) *string { return &a.Compliance })}
	case readiness.ColStage:
		return []input{
			list("stage", readiness.StageList, a.Stage, func(a *readiness.Answer) *string { return &a.Stage }),
			text("stage_other", a.StageOther, func(a *readiness.Answer) *string { return &a.StageOther }),
			monthInput(pr, a),
		}
	case readiness.ColNote:
		return noteInputs(pr, row, a, text)
	}
	if c, ok := t.Column(column); ok && c.Own() {
		return []input{ownInput(pr, t, c, a)}
	}
	return nil
}

// ownInput is the field of one of the form's own columns.
func ownInput(pr *i18n.Printer, t *readiness.Template, c readiness.Column, a readiness.Answer) input {
	lang := string(pr.Lang)
	in := input{Field: ui.Field{Name: c.Key, Label: c.Label.In(lang), Value: a.Values[c.Key], Width: 10}}
	if list := t.Choices(c); len(list) > 0 {
		in.Options = append([]ui.Option{{Label: pr.T("office.review.none")}}, options(list,
			func(o readiness.Option) string { return o.Key }, func(o readiness.Option) string { return o.In(lang) })...)
	} else {
		in.Value = readiness.ShowValue(t, c, a.Values[c.Key]).In(lang)
	}
	was := in.Value
	in.set = func(_ *readiness.Return, a *readiness.Answer, v string) *fault.Error {
		if v == was {
			return nil
		}
		value, reason := readiness.TakeValue(t, c, v)
		if reason != "" {
			return fault.New(fault.Invalid, reason, fault.Args{"row": a.Row, "text": v})
		}
		if a.Values == nil {
			a.Values = map[string]string{}
		}
		if a.Values[c.Key] = value; value == "" {
			delete(a.Values, c.Key)
		}
		return nil
	}
	return in
}

var monthTyped = regexp.MustCompile(`^(0?[1-9]|1[0-2])[/.\-](\d{4})$`)

func monthInput(pr *i18n.Printer, a readiness.Answer) input {
	value := string(a.ExpectedMonth)
	if a.ExpectedMonth.Valid() {
		value = value[5:] + "/" + value[:4]
	}
	return input{
		Field: ui.Field{
			Name: "month", Label: pr.T("office.review.month"), Hint: pr.T("office.review.month.hint"), Value: value, Width: 10,
			InputMode: "numeric",
		},
		set: func(_ *readiness.Return, a *readiness.Answer, v string) *fault.Error {
			if v == "" {
				a.ExpectedMonth, a.Precision = "", ""
				return nil
			}
			m := monthTyped.FindStringSubmatch(v)
			if m == nil {
				return fault.New(fault.Invalid, "office.review.month.wrong", fault.Args{"text": v})
			}
			month := readiness.Month(m[2] + "-" + ("0" + m[1])[len(m[1])-1:])
			if month != a.ExpectedMonth {
				a.ExpectedMonth, a.Precision = month, readiness.ByMonth
			}
			return nil
		},
	}
}

// noteInputs are what the note of a row asks for, then the note itself.
func noteInputs(
	pr *i18n.Printer, row readiness.Row, a readiness.Answer, text func(string, string, func(*readiness.Answer) *string) input,
) []input {
	var out []input
	if slices.Contains(row.Asks, readiness.AskDecision) {
		d := readiness.LetterRef{}
		if a.Decision != nil {
			d = *a.Decision
		}
		out = append(out, decisionNumber(pr, d), decisionDate(pr, d))
	}
	if slices.Contains(row.Asks, readiness.AskUnits) || slices.Contains(row.Asks, readiness.AskDevices) {
		c := readiness.Counts{}
		if a.Counts != nil {
			c = *a.Counts
		}
		out = append(out,
			count(pr, "units_unmet", c.UnitsUnmet, func(c *readiness.Counts) **int { return &c.UnitsUnmet }),
			count(pr, "units_total", c.UnitsTotal, func(c *readiness.Counts) **int { return &c.UnitsTotal }),
			count(pr, "devices_have", c.DevicesHave, func(c *readiness.Counts) **int { return &c.DevicesHave }),
			count(pr, "devices_need", c.DevicesNeed, func(c *readiness.Counts) **int { return &c.DevicesNeed }))
	}
	note := text("note", a.Note, func(a *readiness.Answer) *string { return &a.Note })
	note.Area, note.Rows = true, 3
	return append(out, note)
}

func decisionNumber(pr *i18n.Printer, d readiness.LetterRef) input {
	return input{
		Field: ui.Field{Name: "decision_number", Label: pr.T("office.review.decision_number"), Value: d.Number, Width: 20},
		set: func(_ *readiness.Return, a *readiness.Answer, v string) *fault.Error {
			decisionOf(a).Number = v
			return nil
		},
	}
}

func decisionDate(pr *i18n.Printer, d readiness.LetterRef) input {
	value := ""
	if !d.Date.IsZero() {
		value = pr.Date(d.Date)
	}
	return input{
		Field: ui.Field{
			Name: "decision_date", Label: pr.T("office.review.decision_date"), Hint: pr.T("office.review.decision_date.hint"),
			Value: value, Width: 10,
		},
		set: func(_ *readiness.Return, a *readiness.Answer, v string) *fault.Error {
			if v == "" || v == value {
				return nil
			}
			day, err := parseDay(v)
			if err != nil {
				return fault.New(fault.Invalid, "web.form.date", fault.Args{"text": v})
			}
			decisionOf(a).Date = day
			return nil
		},
	}
}

func decisionOf(a *readiness.Answer) *readiness.LetterRef {
	if a.Decision == nil {
		a.Decision = &readiness.LetterRef{}
	}
	return a.Decision
}

// parseDay reads 31/12/2023 or 2023-12-31.
func parseDay(text string) (clock.Date, error) {
	if parts := strings.Split(text, "/"); len(parts) == 3 && len(parts[2]) == 4 {
		pad := func(s string) string { return ("00" + s)[min(len(s), 2):] }
		text = parts[2] + "-" + pad(parts[1]) + "-" + pad(parts[0])
	}
	return clock.ParseDate(text)
}

func count(pr *i18n.Printer, name string, value *int, part func(*readiness.Counts) **int) input {
	text := ""
	if value != nil {
		text = strconv.Itoa(*value)
	}
	return input{
		Field: ui.Field{Name: name, Label: pr.T("office.review." + name), Value: text, Width: 5, InputMode: "numeric"},
		set: func(_ *readiness.Return, a *readiness.Answer, v string) *fault.Error {
			if v == "" && a.Counts == nil {
				return nil
			}
			if a.Counts == nil {
				a.Counts = &readiness.Counts{}
			}
			if v == "" {
				*part(a.Counts) = nil
				return nil
			}
			n, err := strconv.Atoi(v)
			if err != nil || n < 0 {
				return fault.New(fault.Invalid, "web.form.number", fault.Args{"text": v})
			}
			*part(a.Counts) = &n
			return nil
		},
	}
}

// fill takes over what was sent for the blocks; a changed value counts as looked at.
func fill(list []block, form web.Form) {
	for i := range list {
		b := &list[i]
		b.Done = form.Text(b.Tick()) != ""
		for j := range b.Inputs {
			in := &b.Inputs[j]
			if !form.Has(in.Name) {
				continue
			}
			if v := form.Text(in.Name); v != in.Value {
				in.Value, b.Done = v, true
			}
		}
	}
}

// apply puts the blocks that a person decided into a return.
func apply(list []block, ret readiness.Return, by string) (readiness.Return, fault.List) {
	var wrong fault.List
	for _, b := range list {
		if !b.Done {
			continue
		}
		var a *readiness.Answer
		switch {
		case b.answer >= 0:
			a = &ret.Answers[b.answer]
		case b.key != "" && len(b.Inputs) > 0:
			ret.Answers = append(ret.Answers, readiness.Answer{Row: b.row, Key: b.key})
			a = &ret.Answers[len(ret.Answers)-1]
		}
		for _, in := range b.Inputs {
			if f := in.set(&ret, a, in.Value); f != nil {
				wrong = append(wrong, f.At(in.Name))
			}
		}
		if a == nil {
			continue
		}
		r, read := a.Readings[b.column]
		if !read && !b.doubted() {
			continue
		}
		if a.Readings == nil {
			a.Readings = map[string]readiness.Reading{}
		}
		r.ResolvedBy = by
		a.Readings[b.column] = r
	}
	return ret, wrong
}

func (p *Pages) resolvePost(w http.ResponseWriter, r *http.Request) error {
	if err := p.may(r, readiness.ResolveReading); err != nil {
		return err
	}
	v, form, err := p.deciding(r)
	if err != nil {
		return err
	}
	fill(v.Blocks, form)
	err = p.resolve(r, v, form)
	if err != nil {
		v.Errors = web.FormErrors(err)
		for i := range v.Blocks {
			v.Blocks[i].Errors = v.Errors
		}
		return web.Retry(w, r, err, reviewPage(v))
	}
	return web.RedirectWith(w, r, v.path(), "office.review.resolved", fault.Args{"agency": v.View.Agency.Name})
}

func (p *Pages) resolve(r *http.Request, v reviewView, form web.Form) error {
	by := p.Actor(r).Account
	if _, wrong := apply(v.Blocks, v.Shown.Return.Clone(), by); wrong != nil {
		return wrong
	}
	var settled []readiness.ProblemKey
	for _, b := range v.Blocks {
		for _, problem := range b.Problems {
			if b.Done {
				settled = append(settled, readiness.KeyOf(problem))
			}
		}
	}
	if len(settled) == 0 && version(form) == v.Shown.Number {
		return fault.New(fault.Invalid, "office.review.nothing", nil).At("resolve")
	}
	edit := func(ret readiness.Return) readiness.Return { ret, _ = apply(v.Blocks, ret, by); return ret }
	_, err := p.Register.Resolve(r.Context(), p.Actor(r), v.View.Campaign.ID, v.View.Agency.Code, version(form), edit, settled)
	return err
}
