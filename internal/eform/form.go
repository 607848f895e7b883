package eform

// Text is what people read, in both languages.
type Text struct {
	Vi string `yaml:"vi" json:"vi"`
	En string `yaml:"en" json:"en"`
}

// In is the text in a language, "vi" or "en"; the other one where it is missing.
func (t Text) In(lang string) string {
	if lang == "en" && t.En != "" || t.Vi == "" {
		return t.En
	}
	return t.Vi
}

// Form is a form as data.
type Form struct {
	ID       string    `yaml:"id" json:"id"`           // "birth"
	Title    Text      `yaml:"title" json:"title"`     // what the printed form is called
	Edition  Text      `yaml:"edition" json:"edition"` // "Thông tư 04/2024/TT-BTP"
	Sections []Section `yaml:"sections" json:"sections"`
}

// Section is a group of questions. For an officer it is a part of one page.
type Section struct {
	ID        string     `yaml:"id" json:"id"`
	Title     Text       `yaml:"title" json:"title"`
	When      *Condition `yaml:"when,omitempty" json:"when,omitempty"`     // nil: always
	Repeat    *Repeat    `yaml:"repeat,omitempty" json:"repeat,omitempty"` // nil: once
	Questions []Question `yaml:"questions" json:"questions"`
}

// Repeat says that a section is answered several times, such as for each member of a
// household. Answers of its questions have paths like "members.1.name".
type Repeat struct {
	Min int  `yaml:"min" json:"min"`
	Max int  `yaml:"max" json:"max"`
	One Text `yaml:"one" json:"one"` // "Người cùng thay đổi"
}

// Kind is what an answer is.
type Kind string

// The kinds of questions.
const (
	KindText    Kind = "text"    // one line
	KindLong    Kind = "long"    // several lines
	KindName    Kind = "name"    // of a person
	KindNumber  Kind = "number"  // personal number, twelve digits
	KindDate    Kind = "date"    // a whole day
	KindPartial Kind = "partial" // a day, a month of a year, or a year
	KindChoice  Kind = "choice"  // one of Options
	KindCode    Kind = "code"    // one of a code list (List): "ethnicity", "nationality", "sex", "relation" …
	KindYes     Kind = "yes"     // "yes" or "no"
	KindAddress Kind = "address" // unit of today, and detail; old names understood
	KindCard    Kind = "card"    // identity paper: kind, serial, day of issue, place of issue
	KindCount   Kind = "count"   // a whole number
	KindAmount  Kind = "amount"  // đồng
	KindPhone   Kind = "phone"
	KindEmail   Kind = "email"
	KindFile    Kind = "file"
)

// Question is one question, and one field of the printed form.
type Question struct {
	ID    string `yaml:"id" json:"id"`                         // "mother.name": unique in the form; in a repeated section below its id
	Label Text   `yaml:"label" json:"label"`                   // as the official form says it
	Ask   *Text  `yaml:"ask,omitempty" json:"ask,omitempty"`   // as one would ask a person; nil: Label
	Hint  *Text  `yaml:"hint,omitempty" json:"hint,omitempty"` // why, or where to find it
	Kind  Kind   `yaml:"kind" json:"kind"`
	// Meaning says whose fact it is and which: "mother.name". It is one of the meanings of
	// the procedure's list. Address and card questions stand for all of their parts.
	Meaning  string     `yaml:"meaning" json:"meaning"`
	When     *Condition `yaml:"when,omitempty" json:"when,omitempty"`         // asked at all; nil: always
	Required *Condition `yaml:"required,omitempty" json:"required,omitempty"` // nil: may be left empty
	Options  []Option   `yaml:"options,omitempty" json:"options,omitempty"`
	List     string     `yaml:"list,omitempty" json:"list,omitempty"` // of KindCode
	Min      int        `yaml:"min,omitempty" json:"min,omitempty"`   // of KindCount and KindAmount; of texts the length
	Max      int        `yaml:"max,omitempty" json:"max,omitempty"`
	// Locked says that a value which came from the register cannot be typed over, only
	// reported as wrong (Basis names the article).
	Locked bool   `yaml:"locked,omitempty" json:"locked,omitempty"`
	Basis  string `yaml:"basis,omitempty" json:"basis,omitempty"`
	// FilledBy says that nobody is asked: "system" (computed, such as a day in words),
	// "officer" (number of the entry in the book, at the decision).
	FilledBy string `yaml:"filled_by,omitempty" json:"filled_by,omitempty"`
	Compute  string `yaml:"compute,omitempty" json:"compute,omitempty"` // name of a known computation: "day_in_words:child.birth"
	// Follows are meanings of which the answer follows, such as a child's ethnicity of its
	// parents' ("mother.ethnicity"), whether a question of the form asks them or only the
	// register has them ("mother.origin"): where they are equal, or only one is known, it
	// arrives filled; where they differ, they are what one chooses from.
	Follows []string `yaml:"follows,omitempty" json:"follows,omitempty"`
	// Notice names the partners of a check between questions, by the name of a known rule:
	// "not_after_today", "before:child.birth", "age_at_least:18" …
	Checks []string `yaml:"checks,omitempty" json:"checks,omitempty"`
}

// Option is one answer of a choice.
type Option struct {
	Value string     `yaml:"value" json:"value"`
	Label Text       `yaml:"label" json:"label"`
	Hint  *Text      `yaml:"hint,omitempty" json:"hint,omitempty"`
	When  *Condition `yaml:"when,omitempty" json:"when,omitempty"`
}

// Condition is true or false of answers. Exactly one of its shapes is used: All, Any, Not,
// Always, or Question with Is, In, Known.
type Condition struct {
	All      []Condition `yaml:"all,omitempty" json:"all,omitempty"`
	Any      []Condition `yaml:"any,omitempty" json:"any,omitempty"`
	Not      *Condition  `yaml:"not,omitempty" json:"not,omitempty"`
	Always   bool        `yaml:"always,omitempty" json:"always,omitempty"`
	Question string      `yaml:"question,omitempty" json:"question,omitempty"`
	Is       string      `yaml:"is,omitempty" json:"is,omitempty"`
	In       []string    `yaml:"in,omitempty" json:"in,omitempty"`
	Known    *bool       `yaml:"known,omitempty" json:"known,omitempty"` // it has (has no) answer
	// Fact is a fact that is no question: "case", "channel" (desk, online, post), of procedures
	// "authorised" (yes, no),
	// "days_since:child.birth" with Over.
	Fact string `yaml:"fact,omitempty" json:"fact,omitempty"`
	Over *int   `yaml:"over,omitempty" json:"over,omitempty"`
}
