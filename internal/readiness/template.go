package readiness

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/strictjson"
)

// Text is a label in both languages. Vi is the official wording, verbatim.
type Text struct {
	Vi string `json:"vi"`
	En string `json:"en"`
}

// In gives the text in a language ("vi", "en"); Vietnamese when English is missing.
func (t Text) In(lang string) string {
	if lang == "en" && t.En != "" {
		return t.En
	}
	return t.Vi
}

// Option is one choice of an option list.
type Option struct {
	Key string `json:"key"`
	Text
	// Aliases are other wordings that mean the same, beyond what folding of
	// case, accents and punctuation finds.
	Aliases []string `json:"aliases,omitempty"`
	// Met says that this choice counts as met under the template's rule.
	Met bool `json:"met,omitempty"`
	// Free says that the choice asks for a text of its own ("Khác: ghi rõ").
	Free bool `json:"free,omitempty"`
}

// The option lists that the rules know by name.
const (
	ComplianceList = "compliance" // met, partially_met, not_met
	StageList      = "stage"      // not_planned … procured, other
	DossierList    = "dossier"    // not_submitted, submitted, approved
)

// RowKind says how a row of the form is answered.
type RowKind string

// The kinds of rows.
const (
	Heading RowKind = "heading" // carries a label only
	Single  RowKind = "single"  // answered once
	Repeat  RowKind = "repeat"  // answered once for each system
	Group   RowKind = "group"   // repeated for each system; its items are answered
	Item    RowKind = "item"    // a row inside a group
)

// Ask is something that the note column of a row demands.
type Ask string

// What notes ask for.
const (
	AskCause    Ask = "cause"    // why not or only partly met
	AskUnmet    Ask = "unmet"    // the functions or requirements that are not met
	AskUnits    Ask = "units"    // units not yet equipped / units to equip
	AskDevices  Ask = "devices"  // devices in place / devices needed
	AskDecision Ask = "decision" // number and date of the approving decision
)

// Row is one row of part 2 of the form.
type Row struct {
	Key       string  `json:"key"`    // "1", "1.n", "2", "4.1", "5.n", "5.n-a": n stands for the system's ordinal
	Number    string  `json:"number"` // as printed in column STT; "n" is replaced by the ordinal; may be empty
	Kind      RowKind `json:"kind"`
	Parent    string  `json:"parent,omitempty"`
	Component string  `json:"component"` // key of a Component
	Label     Text    `json:"label"`
	// LabelAliases are other wordings that the form itself uses for this row.
	LabelAliases []string `json:"label_aliases,omitempty"`
	Hint         Text     `json:"hint"`
	// Options names the option list of the compliance column; Stage says that
	// the investment column is asked.
	Options string `json:"options,omitempty"`
	Stage   bool   `json:"stage,omitempty"`
	Asks    []Ask  `json:"asks,omitempty"`
	// For lists the kinds of agencies that the row is for ("ministry",
	// "province"); empty means all.
	For []string `json:"for,omitempty"`
	// Required says that at least one answer must be given by those it is for.
	Required bool `json:"required,omitempty"`
	// System names the fixed system that the row is about ("procedure_system"),
	// when the form says so itself.
	System    string `json:"system,omitempty"`
	Reference Text   `json:"reference"` // "(Theo hướng dẫn tại Mục 3, Phần III …)"
	NoteHint  Text   `json:"note_hint"`
	Example   Text   `json:"example"`
}

// Answered says that the row takes an answer.
func (r Row) Answered() bool { return r.Kind == Single || r.Kind == Repeat || r.Kind == Item }

// IsFor says whether agencies of a kind ("ministry", "province") answer the row.
func (r Row) IsFor(kind string) bool { return len(r.For) == 0 || slices.Contains(r.For, kind) }

// Numbered is the printed number for the system with ordinal n (from 1): "1.2", "5.1-a" has key form.
func (r Row) Numbered(n int) string { return strings.Replace(r.Key, "n", fmt.Sprint(n), 1) }

// Component is one of the parts that an agency must have (five in letter 488).
type Component struct {
	Key   string `json:"key"`
	Short Text   `json:"short"`
	Label Text   `json:"label"`
}

// Column is a column of part 2.
type Column struct {
	Key   string `json:"key"` // number, component, unit, compliance, stage, note
	Label Text   `json:"label"`
	Width int    `json:"width"` // in twentieths of a point, landscape A4
}

// The columns of part 2.
const (
	ColNumber     = "number"
	ColComponent  = "component"
	ColUnit       = "unit"
	ColCompliance = "compliance"
	ColStage      = "stage"
	ColNote       = "note"
)

// Labelled is a keyed label: a contact field or a proposal group.
type Labelled struct {
	Key   string `json:"key"`
	Label Text   `json:"label"`
}

// Template is one version of a form. It is data: another letter brings another
// template without a line of code.
type Template struct {
	ID      string     `json:"id"`
	Version int        `json:"version"`
	From    clock.Date `json:"from"` // first day on which it may be used
	Source  string     `json:"source"`

	Title       Text `json:"title"`
	IssuedWith  Text `json:"issued_with"`
	Part1       Text `json:"part1"`
	Part2       Text `json:"part2"`
	Part3       Text `json:"part3"`
	Part3Intro  Text `json:"part3_intro"`
	Part4       Text `json:"part4"`
	Difficulty  Text `json:"difficulty"`
	Recommend   Text `json:"recommendation"`
	Choose      Text `json:"choose"`       // "Chọn một trong các phương án:"
	ChooseStage Text `json:"choose_stage"` // the same with the expected time
	Expected    Text `json:"expected"`     // "dự kiến hoàn thành, đưa vào khai thác chính thức tháng"
	Nothing     Text `json:"nothing"`      // "Không có"

	Contact         []Labelled          `json:"contact"`
	Columns         []Column            `json:"columns"`
	Options         map[string][]Option `json:"options"`
	Components      []Component         `json:"components"`
	Rows            []Row               `json:"rows"`
	ProposalColumns []Labelled          `json:"proposal_columns"`
	Proposals       []Labelled          `json:"proposals"`
}

// Ref names the template's version: "488/1".
func (t *Template) Ref() string { return fmt.Sprintf("%s/%d", t.ID, t.Version) }

// Row finds a row by key.
func (t *Template) Row(key string) (Row, bool) {
	i := slices.IndexFunc(t.Rows, func(r Row) bool { return r.Key == key })
	if i < 0 {
		return Row{}, false
	}
	return t.Rows[i], true
}

// Items lists the rows inside a group.
func (t *Template) Items(group string) []Row {
	var out []Row
	for _, r := range t.Rows {
		if r.Kind == Item && r.Parent == group {
			out = append(out, r)
		}
	}
	return out
}

// Option finds an option by list and key.
func (t *Template) Option(list, key string) (Option, bool) {
	for _, o := range t.Options[list] {
		if o.Key == key {
			return o, true
		}
	}
	return Option{}, false
}

// Component finds a component by key.
func (t *Template) Component(key string) (Component, bool) {
	for _, c := range t.Components {
		if c.Key == key {
			return c, true
		}
	}
	return Component{}, false
}

// LoadTemplate reads a template and holds it against the rules of a template.
// An error names every line that is wrong.
func LoadTemplate(raw []byte) (*Template, error) {
	var t Template
	if err := strictjson.Read(raw, &t); err != nil {
		return nil, fmt.Errorf("load template: %w", err)
	}
	return t.checked(raw)
}

// StoredTemplate reads a template that was loaded once. It is not as strict: what a
// register holds was read by the version of this program that stored it.
func StoredTemplate(raw []byte) (*Template, error) {
	var t Template
	if err := json.Unmarshal(raw, &t); err != nil {
		return nil, fmt.Errorf("read stored template: %w", err)
	}
	return t.checked(raw)
}

// checked holds a template against the rules of templates.
func (t *Template) checked(raw []byte) (*Template, error) {
	var wrong []string
	say := func(near, format string, args ...any) {
		// Point at the first line that holds the key in question.
		i := bytes.Index(raw, []byte(`"`+near+`"`))
		wrong = append(wrong, fmt.Sprintf("line %d: ", strictjson.Line(raw, int64(i)))+fmt.Sprintf(format, args...))
	}
	t.check(say)
	if len(wrong) > 0 {
		return nil, fmt.Errorf("load template %s: %s", t.ID, strings.Join(wrong, "; "))
	}
	return t, nil
}

func (t *Template) check(say func(near, format string, args ...any)) {
	if t.ID == "" || t.Version < 1 || t.From.IsZero() {
		say("id", "id, version (from 1) and from (a day) are needed")
	}
	for _, key := range []string{ColNumber, ColComponent, ColUnit, ColCompliance, ColStage, ColNote} {
		if !slices.ContainsFunc(t.Columns, func(c Column) bool { return c.Key == key }) {
			say("columns", "column %q is missing", key)
		}
	}
	for list, options := range t.Options {
		seen := map[string]bool{}
		for _, o := range options {
			if o.Key == "" || o.Vi == "" || o.En == "" {
				say(list, "option list %q has an option without key, vi or en", list)
			}
			if seen[o.Key] {
				say(o.Key, "option %q stands twice in %q", o.Key, list)
			}
			seen[o.Key] = true
		}
	}
	rows := map[string]Row{}
	for _, r := range t.Rows {
		if _, twice := rows[r.Key]; twice {
			say(r.Key, "row %q stands twice", r.Key)
		}
		if r.Label.Vi == "" || r.Label.En == "" {
			say(r.Key, "row %q needs its label in vi and en", r.Key)
		}
		if _, ok := t.Component(r.Component); !ok {
			say(r.Key, "row %q names component %q, which is not listed", r.Key, r.Component)
		}
		switch r.Kind {
		case Heading, Single, Repeat, Group, Item:
		default:
			say(r.Key, "row %q has kind %q: want heading, single, repeat, group or item", r.Key, r.Kind)
		}
		if r.Answered() {
			if _, ok := t.Options[r.Options]; !ok {
				say(r.Key, "row %q names option list %q, which is not there", r.Key, r.Options)
			}
			if r.Stage && len(t.Options[StageList]) == 0 {
				say(r.Key, "row %q asks for a stage, but there is no option list %q", r.Key, StageList)
			}
		}
		if r.Kind == Item && rows[r.Parent].Kind != Group {
			say(r.Key, "row %q is an item: its parent %q must be a group above it", r.Key, r.Parent)
		}
		for _, k := range r.For {
			if k != "ministry" && k != "province" {
				say(r.Key, "row %q is for %q: want ministry or province", r.Key, k)
			}
		}
		rows[r.Key] = r
	}
	if len(t.Components) == 0 || len(t.Rows) == 0 {
		say("rows", "a template needs components and rows")
	}
}
