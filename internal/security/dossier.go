package security

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/spelling"
)

// State is where a dossier stands.
type State string

// The states of a dossier.
const (
	Draft     State = "draft"
	Submitted State = "submitted" // is being appraised
	Appraised State = "appraised" // waits for the decision
	Approved  State = "approved"
	Replaced  State = "replaced"  // by a later one that was approved
	Withdrawn State = "withdrawn" // given up, or its approval taken back
)

// States lists them.
var States = []State{Draft, Submitted, Appraised, Approved, Replaced, Withdrawn}

// Open says that somebody works on it.
func (s State) Open() bool { return s == Draft || s == Submitted || s == Appraised }

// Ground is why a dossier is made.
type Ground string

// The grounds.
const (
	First   Ground = "first"
	Change  Ground = "change"  // the system or its level changed
	Renewal Ground = "renewal" // the approval ends
)

// Part is one part of a dossier (Nghị định 85/2016, Điều 15).
type Part string

// The parts.
const (
	Overview      Part = "overview"
	Design        Part = "design"
	Justification Part = "justification"
	Plan          Part = "plan"
	Opinion       Part = "opinion" // of the specialised ministry, at levels 4 and 5
)

// PartsOf are the parts that a dossier of a level has.
func PartsOf(l Level) []Part {
	parts := []Part{Overview, Design, Justification, Plan}
	if l >= 4 {
		parts = append(parts, Opinion)
	}
	return parts
}

// Decision is the decision that approves a dossier.
type Decision struct {
	Paper
	Until clock.Date `json:"until,omitzero"` // its last day; zero: without end
	File  File       `json:"file"`
}

// Dossier is a dossier of level (hồ sơ đề xuất cấp độ) of one system. Every act gives a new
// value, with the step that it took.
type Dossier struct {
	ID     string          `json:"id"`
	Agency string          `json:"agency"`
	System string          `json:"system"`
	Name   string          `json:"name"` // of the system when it was begun
	Ground Ground          `json:"ground"`
	State  State           `json:"state"`
	Rules  string          `json:"rules"` // by whose criteria the level was chosen
	Level  Level           `json:"level"`
	Parts  map[Part]string `json:"parts"`
	// Subsystems are those that it was submitted for: the gate opens no other, whatever the
	// record says since.
	Subsystems []string `json:"subsystems,omitempty"`
	// Authors are the accounts that wrote in it, and the one that told the facts it was
	// submitted with; none of them appraises or approves.
	Authors []string `json:"authors"`
	// Whole are the facts that it was submitted with, of all that is one with its system;
	// CheckDays is how long an inspection counts by the rules of its approval. What rules
	// say later changes neither.
	Whole       *Facts    `json:"whole,omitempty"`
	CheckDays   int       `json:"check_days,omitempty"`
	SubmittedAt time.Time `json:"submitted_at,omitzero"`
	Due         time.Time `json:"due,omitzero"` // of the appraisal
	Appraiser   string    `json:"appraiser,omitempty"`
	Approver    string    `json:"approver,omitempty"`
	Decision    Decision  `json:"decision,omitzero"`
	EndedAt     time.Time `json:"ended_at,omitzero"`
	Steps       []Step    `json:"steps"`
	Version     int64     `json:"version"`
}

const (
	maxPart = 20_000
	maxNote = 2000
)

// moved is the dossier after a step, whose lists are its own.
func (d Dossier) moved(to State, what string, by actor.Actor, at time.Time, note string) Dossier {
	d.State = to
	d.Parts, d.Authors = maps.Clone(d.Parts), slices.Clone(d.Authors)
	d.Steps = append(slices.Clone(d.Steps), Step{What: what, By: by.Account, At: at, Note: note})
	return d
}

func (d Dossier) must(states ...State) error {
	if slices.Contains(states, d.State) {
		return nil
	}
	return fault.New(fault.Conflict, "security.dossier.moved", nil)
}

// Begin makes the dossier of a system, which has none that is open.
func Begin(id string, r Record, rules Rules, whole Facts, before *Dossier, by actor.Actor, at time.Time) (Dossier, error) {
	if !r.Asked {
		return Dossier{}, fault.New(fault.Conflict, "security.facts.missing", nil)
	}
	d := Dossier{
		ID: id, Agency: r.Agency, System: r.System, Name: r.Name, Ground: First, Rules: rules.Code,
		Level: Propose(rules, whole).Level, Parts: map[Part]string{},
	}
	if before != nil {
		d.Ground, d.Parts = Renewal, maps.Clone(before.Parts)
		if before.Level != d.Level {
			d.Ground = Change
		}
	}
	return d.moved(Draft, "begin", by, at, "").writtenBy(by.Account), nil
}

func (d Dossier) writtenBy(account string) Dossier {
	if !slices.Contains(d.Authors, account) {
		d.Authors = append(slices.Clone(d.Authors), account)
	}
	return d
}

// Write changes a draft. It fails with Invalid when the level is lower than the rules ask.
func (d Dossier) Write(by actor.Actor, rules Rules, l Level, own, whole Facts, parts map[Part]string, at time.Time) (Dossier, error) {
	if err := d.must(Draft); err != nil {
		return d, err
	}
	if err := CheckLevel(rules, l, own, whole); err != nil {
		return d, err
	}
	d = d.moved(Draft, "write", by, at, "").writtenBy(by.Account)
	d.Level, d.Rules = l, rules.Code
	for part, text := range parts {
		if !slices.Contains(PartsOf(Highest), part) || utf8.RuneCountInString(text) > maxPart {
			return d, fault.New(fault.Invalid, "security.dossier.part_long", fault.Args{"most": maxPart}).At(string(part))
		}
		if text = strings.TrimSpace(text); !said(text) {
			delete(d.Parts, part)
			continue
		}
		d.Parts[part] = text
	}
	return d, nil
}

// Missing are the parts that a dossier of its level still lacks.
func (d Dossier) Missing() []Part {
	return slices.DeleteFunc(PartsOf(d.Level), func(p Part) bool { return d.Parts[p] != "" })
}

// Submit hands a draft in for appraisal, which is due at a moment. It fails with Invalid
// while parts are missing, and when the facts have grown over the level.
func (d Dossier) Submit(by actor.Actor, rules Rules, r Record, whole Facts, at, due time.Time) (Dossier, error) {
	if err := d.must(Draft); err != nil {
		return d, err
	}
	if err := CheckLevel(rules, d.Level, r.Facts, whole); err != nil {
		return d, err
	}
	var wrong fault.List
	for _, p := range d.Missing() {
		wrong = append(wrong, fault.New(fault.Invalid, "security.dossier.part_missing", nil).At(string(p)))
	}
	if err := wrong.Err(); err != nil {
		return d, err
	}
	d = d.moved(Submitted, "submit", by, at, "").writtenBy(by.Account)
	if r.By != "" {
		d = d.writtenBy(r.By) // the level and the subsystems are as that person told
	}
	d.Rules, d.SubmittedAt, d.Due, d.Appraiser, d.Subsystems, d.Whole = rules.Code, at, due, "", slices.Clone(r.Subsystems), &whole
	return d, nil
}

// Return sends a dossier back to its authors with what is wrong. Whoever appraises or
// approves it may.
func (d Dossier) Return(by actor.Actor, note string, at time.Time) (Dossier, error) {
	if err := d.must(Submitted, Appraised); err != nil {
		return d, err
	}
	if err := d.apart(by); err != nil {
		return d, err
	}
	note, err := noted(note)
	if err != nil {
		return d, err
	}
	d = d.moved(Draft, "return", by, at, note)
	d.SubmittedAt, d.Due, d.Appraiser = time.Time{}, time.Time{}, ""
	return d, nil
}

// Appraise finds a dossier right. None of its authors may.
func (d Dossier) Appraise(by actor.Actor, note string, at time.Time) (Dossier, error) {
	if err := d.must(Submitted); err != nil {
		return d, err
	}
	if err := d.apart(by); err != nil {
		return d, err
	}
	note, err := noted(note)
	if err != nil {
		return d, err
	}
	d = d.moved(Appraised, "appraise", by, at, note)
	d.Appraiser = by.Account
	return d, nil
}

// Approve approves a dossier by a decision. None of its authors may, and who appraised it
// only where the rules give both to one office.
func (d Dossier) Approve(by actor.Actor, rules Rules, regulation Paper, dec Decision, at time.Time) (Dossier, error) {
	if err := d.must(Appraised); err != nil {
		return d, err
	}
	if err := d.apart(by); err != nil {
		return d, err
	}
	if rules.Route(d.Level).parted() && by.Account == d.Appraiser {
		return d, fault.New(fault.Denied, "security.dossier.own_appraisal", nil)
	}
	if rules.Regulation && (regulation.Number == "" || regulation.Day.IsZero() || regulation.Day.After(dec.Day)) {
		return d, fault.New(fault.Conflict, "security.dossier.regulation", fault.Args{"rules": rules.Code})
	}
	dec, err := dec.checked(clock.DayOf(d.SubmittedAt), clock.DayOf(at))
	if err != nil {
		return d, err
	}
	d = d.moved(Approved, "approve", by, at, "")
	d.Approver, d.Decision, d.Due, d.CheckDays = by.Account, dec, time.Time{}, rules.CheckDays[d.Level]
	return d, nil
}

// Replace ends an approved dossier for a later one.
func (d Dossier) Replace(by actor.Actor, at time.Time) Dossier {
	d = d.moved(Replaced, "replace", by, at, "")
	d.EndedAt = at
	return d
}

// Withdraw gives an open dossier up, or takes an approval back: then by none of its authors.
func (d Dossier) Withdraw(by actor.Actor, note string, at time.Time) (Dossier, error) {
	if err := d.must(Draft, Submitted, Appraised, Approved); err != nil {
		return d, err
	}
	if d.State == Approved {
		if err := d.apart(by); err != nil {
			return d, err
		}
	}
	note, err := noted(note)
	if err != nil {
		return d, err
	}
	d = d.moved(Withdrawn, "withdraw", by, at, note)
	d.EndedAt, d.Due = at, time.Time{}
	return d, nil
}

// apart fails for whoever wrote in the dossier.
func (d Dossier) apart(by actor.Actor) error {
	if by.Nobody() || slices.Contains(d.Authors, by.Account) {
		return fault.New(fault.Denied, "security.dossier.own", nil)
	}
	return nil
}

// EndsAt is when an approved dossier ends by itself; Forever when it does not.
func (d Dossier) EndsAt() time.Time {
	if d.Decision.Until.IsZero() {
		return Forever
	}
	return d.Decision.Until.End()
}

// numberShape is a document's number: 1234/QĐ-UBND.
var numberShape = regexp.MustCompile(`^\d{1,6}(?:/\d{4})?/[\p{L}\d][\p{L}\d&.-]{0,40}$`)

func (dec Decision) checked(from, today clock.Date) (Decision, error) {
	var wrong fault.List
	bad := func(field, key string, args fault.Args) {
		wrong = append(wrong, fault.New(fault.Invalid, key, args).At(field))
	}
	dec.Number = strings.TrimSpace(dec.Number)
	if !numberShape.MatchString(dec.Number) {
		bad("number", "security.decision.number", nil)
	}
	if dec.Day.IsZero() || dec.Day.After(today) || dec.Day.Before(from) {
		bad("day", "security.decision.day", fault.Args{"from": from, "today": today})
	}
	if !dec.Until.IsZero() && (dec.Until.Before(dec.Day) || dec.Until.Before(today)) {
		bad("until", "security.decision.until", nil)
	}
	if dec.File.SHA256 == "" {
		bad("file", "security.decision.file", nil)
	}
	return dec, wrong.Err()
}

// said says that a text has something that can be read.
func said(s string) bool { return spelling.Clean(s) != "" }

// noted is a reason or a remark, which must be there.
func noted(s string) (string, error) {
	s = strings.TrimSpace(s)
	if !said(s) || utf8.RuneCountInString(s) > maxNote {
		return s, fault.New(fault.Invalid, "security.note", fault.Args{"most": maxNote}).At("note")
	}
	return s, nil
}
