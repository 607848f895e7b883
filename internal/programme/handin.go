package programme

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// Line is a row of a file that was handed in: what stands under each key, as people typed
// it.
type Line struct {
	Number int // of the row in the file
	Cells  map[string]string
	Why    error // it cannot be taken as it stands
}

// Column is a column of a table that people take away as a file and hand in again.
type Column struct {
	Key    string // under which a Line has it
	Head   string
	Width  float64
	List   []string // what can be chosen; nil: anything
	Locked bool     // to be read, not changed
	Hidden bool
}

// Table is such a table.
type Table struct {
	Columns []Column
	Rows    [][]string
	Blank   int    // empty rows to fill in below
	Choose  string // what is said where somebody writes what cannot be chosen
}

// Outcome is what became of a row of a file.
type Outcome string

// The outcomes. Every row of a file has one.
const (
	Taken Outcome = "taken"
	Same  Outcome = "same"  // it asks for no change
	Twice Outcome = "twice" // the same thing stands in an earlier row, or in the register
	Wrong Outcome = "wrong" // it was refused
)

// Outcomes lists them.
var Outcomes = []Outcome{Taken, Same, Twice, Wrong}

// Account is what became of one row.
type Account struct {
	Number  int
	Title   string
	Outcome Outcome
	Why     error // of Wrong
}

// MostLines bounds the rows of one file.
const MostLines = 5000

func tooMany(lines []Line) error {
	if len(lines) > MostLines {
		return fault.New(fault.Invalid, "programme.handin.many", fault.Args{"max": MostLines, "n": len(lines)}).At("file")
	}
	return nil
}

// TakeRecords keeps the rows of a file in a register, one by one: a row with an id changes
// that one, a row without is new. What is refused is accounted for and holds up no other.
// It fails with Invalid, Denied and NotFound of the whole.
func (s *Service) TakeRecords(ctx context.Context, who actor.Actor, kind string, lines []Line) ([]Account, error) {
	if err := Permissions.CanOwn(who, Write, who.Agency != ""); err != nil {
		return nil, err
	}
	k, ok := s.Kinds.Kind(kind)
	if !ok {
		return nil, errHidden
	}
	if err := tooMany(lines); err != nil {
		return nil, err
	}
	b, err := s.book(ctx, clock.Date{})
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, r := range b.Of(kind) {
		seen[nameOf(r)] = true
	}
	out := make([]Account, 0, len(lines))
	for _, l := range lines {
		a := Account{Number: l.Number, Title: short(l.Cells["title"]), Outcome: Wrong, Why: l.Why}
		if l.Why == nil {
			a.Outcome, a.Why = s.takeRecord(ctx, who, k, l, seen)
		}
		if a.Why != nil && fault.As(a.Why) == nil { // ours, not the file's
			return out, a.Why
		}
		out = append(out, a)
	}
	return out, nil
}

// nameOf is what makes a row another one: its title and owner.
func nameOf(r *Record) string {
	return strings.ToLower(strings.Join(strings.Fields(r.Title), " ")) + "|" + r.Owner
}

func (s *Service) takeRecord(ctx context.Context, who actor.Actor, k *Kind, l Line, seen map[string]bool) (Outcome, error) {
	r := Record{Kind: k.Code, Fields: map[string]string{}}
	id := strings.TrimSpace(l.Cells["id"])
	var was Record
	if id != "" {
		if seen["id "+id] {
			return Twice, nil
		}
		seen["id "+id] = true
		var err error
		if was, _, err = s.Record(ctx, who, id); err != nil {
			return Wrong, err
		}
		if was.Kind != k.Code {
			return Wrong, errHidden
		}
		r.ID, r.Example = id, was.Example
		if r.Version, err = strconv.Atoi(strings.TrimSpace(l.Cells["version"])); err != nil {
			return Wrong, fault.New(fault.Invalid, "programme.handin.version", nil).At("version")
		}
	}
	r.Title, r.Note = strings.TrimSpace(l.Cells["title"]), strings.TrimSpace(l.Cells["note"])
	r.Owner = strings.ToUpper(strings.TrimSpace(l.Cells["owner"]))
	r.State = coded(l.Cells["state"], k.States)
	var wrong fault.List
	for key, into := range map[string]*clock.Date{"since": &r.Since, "due": &r.Due} {
		if text := strings.TrimSpace(l.Cells[key]); text != "" {
			var err error
			if *into, err = ReadDay(text); err != nil {
				wrong = append(wrong, fault.New(fault.Invalid, "programme.handin.day", fault.Args{"text": short(text)}).At(key))
			}
		}
	}
	for _, f := range k.Fields {
		r.Fields[f.Key] = fieldText(f, l.Cells[f.Key])
	}
	if err := wrong.Err(); err != nil {
		return Wrong, err
	}
	if id == "" {
		if seen[nameOf(&r)] {
			return Twice, nil
		}
	} else if same(&was, &r) {
		return Same, nil
	}
	kept, err := s.SaveRecord(ctx, who, r)
	if err != nil {
		return Wrong, err
	}
	seen[nameOf(&kept)] = true
	return Taken, nil
}

// fieldText is what stands in a cell as the field keeps it: a choice by its code.
func fieldText(f Field, text string) string {
	text = strings.TrimSpace(text)
	switch f.Type {
	case ChoiceField:
		return coded(text, f.Choices)
	case YesNoField:
		return coded(text, yesNoChoices)
	case AgencyField, PlacesField:
		return strings.ToUpper(text)
	case TextField, LongField, NumberField, DayField, MonthField:
	}
	return text
}

var yesNoChoices = []Choice{{Code: "yes", Name: Words{"Có", "Yes"}}, {Code: "no", Name: Words{"Không", "No"}}}

// coded is the code of what is written as a code, or by a name in either language; what is
// none of them stays as it is, and is refused by the check.
func coded(text string, list []Choice) string {
	text = strings.TrimSpace(text)
	for _, c := range list {
		if text == c.Code || strings.EqualFold(text, c.Name.Vi) || strings.EqualFold(text, c.Name.En) {
			return c.Code
		}
	}
	return text
}

// same says that a row of a file asks for nothing new.
func same(was, r *Record) bool {
	if was.Title != r.Title || was.Owner != r.Owner || was.State != r.State || was.Since != r.Since || was.Due != r.Due || was.Note != r.Note {
		return false
	}
	for key, value := range r.Fields {
		if was.Fields[key] != value {
			return false
		}
	}
	return true
}

// ActsOfFiles are the acts that a file can ask for.
var ActsOfFiles = []Act{Start, Progress, Block, Resume, Report, Recall, AskTime}

// TakeUnits does what the rows of a file ask of an agency's unit tasks, one by one. A row
// without an act asks for nothing; the second row of a unit task is not done.
func (s *Service) TakeUnits(ctx context.Context, who actor.Actor, lines []Line, acts []Choice) ([]Account, error) {
	if err := Permissions.CanOwn(who, Respond, who.Agency != ""); err != nil {
		return nil, err
	}
	if err := tooMany(lines); err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	out := make([]Account, 0, len(lines))
	for _, l := range lines {
		a := Account{Number: l.Number, Title: short(l.Cells["task"]), Outcome: Taken}
		id, act := strings.TrimSpace(l.Cells["id"]), coded(l.Cells["act"], acts)
		switch {
		case l.Why != nil:
			a.Outcome, a.Why = Wrong, l.Why
		case act == "":
			a.Outcome = Same
		case seen[id]:
			a.Outcome = Twice
		default:
			seen[id] = true
			if err := s.takeUnit(ctx, who, id, Act(act), l); err != nil {
				if fault.As(err) == nil {
					return out, err
				}
				a.Outcome, a.Why = Wrong, err
			}
		}
		out = append(out, a)
	}
	return out, nil
}

func (s *Service) takeUnit(ctx context.Context, who actor.Actor, id string, act Act, l Line) error {
	if !slices.Contains(ActsOfFiles, act) {
		return fault.New(fault.Invalid, "programme.act.unknown", nil).At("act")
	}
	version, err := strconv.Atoi(strings.TrimSpace(l.Cells["version"]))
	if err != nil {
		return fault.New(fault.Invalid, "programme.handin.version", nil).At("version")
	}
	c := Change{Act: act, Reason: l.Cells["reason"]}
	if text := strings.TrimSuffix(strings.TrimSpace(l.Cells["percent"]), "%"); text != "" {
		if c.Percent, err = strconv.Atoi(strings.TrimSpace(text)); err != nil {
			return fault.New(fault.Invalid, "programme.act.percent", nil).At("percent")
		}
	}
	if text := strings.TrimSpace(l.Cells["new_due"]); text != "" {
		if c.Due, err = ReadDay(text); err != nil {
			return fault.New(fault.Invalid, "programme.handin.day", fault.Args{"text": short(text)}).At("new_due")
		}
	}
	if text := strings.TrimSpace(l.Cells["figure"]); text != "" {
		c.Evidence = append(c.Evidence, Evidence{Kind: EvidenceFigure, Text: text})
	}
	if text := strings.TrimSpace(l.Cells["link"]); text != "" {
		c.Evidence = append(c.Evidence, Evidence{Kind: EvidenceLink, Text: text, Link: text})
	}
	_, err = s.Act(ctx, who, id, version, c)
	return err
}

// Reasons are what is wrong with a row, each told by itself.
func (a *Account) Reasons() []*fault.Error {
	var list fault.List
	if errors.As(a.Why, &list) {
		return list
	}
	if f := fault.As(a.Why); f != nil {
		return []*fault.Error{f}
	}
	return nil
}

// Tally counts the rows by what became of them.
func Tally(list []Account) map[Outcome]int {
	out := map[Outcome]int{}
	for i := range list {
		out[list[i].Outcome]++
	}
	return out
}
