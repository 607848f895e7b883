package readiness

import (
	"fmt"
	"slices"
	"strings"

	"dean06/internal/platform/clock"
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
	// Level is what the choice amounts to: met, partially_met or not_met (see Status).
	Level Status `json:"level,omitempty"`
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
	// Columns are the columns that the row asks for, besides compliance and stage; none
	// named means all that the form has.
	Columns []string `json:"columns,omitempty"`
	// Judged says from which values in the form's own columns on the row is met.
	Judged []Judge `json:"judged,omitempty"`
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

	// Summary is the rule that makes statuses of answers; ComponentMet1 when it is left out.
	Summary Summary `json:"summary,omitzero"`
	// Subject is what repeated rows are about, where these are not information systems.
	Subject Subject `json:"subject,omitzero"`
}

// Summary is how the answers of a component are summed up.
type Summary struct {
	Rule string `json:"rule"` // one of Rules
	// Share is, under ComponentShare1, the part of the answers that must be met: over 0, at most 1.
	Share float64 `json:"share,omitempty"`
}

// Subject names the things for each of which a repeated row is answered: clinics, say.
type Subject struct {
	One   Text       `json:"one"`   // "phòng khám"
	Many  Text       `json:"many"`  // "các phòng khám"
	Kinds []Labelled `json:"kinds"` // what Row.System tells apart; at least one
}

// Rule is the rule by which returns on the form are summed up.
func (t *Template) Rule() string {
	if t.Summary.Rule == "" {
		return ComponentMet1
	}
	return t.Summary.Rule
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
	return optionOf(t.Options[list], key)
}

func optionOf(options []Option, key string) (Option, bool) {
	for _, o := range options {
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
