package readiness

import (
	"encoding/json"
	"strings"

	"dean06/internal/platform/clock"
)

// Return is what one agency answers to one campaign, in one version. It is a
// plain value: drafts, submitted versions, and what the Word and Excel readers
// find are all Returns.
type Return struct {
	Campaign string `json:"campaign"`
	Agency   string `json:"agency"`   // agency code, "H55"
	Template string `json:"template"` // Template.Ref, "488/1"

	// Heading is the agency's name as the paper's own heading writes it.
	Heading string `json:"heading,omitempty"`
	// Letter is the agency's covering letter.
	Letter LetterRef `json:"letter,omitzero"`

	Contact         Contact    `json:"contact"`
	Systems         []System   `json:"systems"`
	Answers         []Answer   `json:"answers"`
	Proposals       []Proposal `json:"proposals"`
	Difficulties    []string   `json:"difficulties"`
	Recommendations []string   `json:"recommendations"`

	// Seen is what the paper shows of whose it is; it is not kept.
	Seen Evidence `json:"-"`
	// EnteredFrom is the name of the agency's paper when the coordinator entered the
	// return for it, beside that paper.
	EnteredFrom string `json:"entered_from,omitempty"`

	// Extra is text of the paper that belongs to no field of the form. Nothing
	// that an agency wrote is dropped.
	Extra []Extra `json:"extra,omitempty"`
}

// LetterRef names an official letter.
type LetterRef struct {
	Number string     `json:"number,omitempty"`
	Date   clock.Date `json:"date,omitzero"`
}

// Contact is the focal point of the agency. It is personal data: pages show it
// masked to those who need not see it, and logs never hold it.
type Contact struct {
	FullName     string `json:"full_name"`
	Organisation string `json:"organisation"`
	Position     string `json:"position"`
	Phone        string `json:"phone"`
	Email        string `json:"email"`
}

// Field is the field with a key of Template.Contact; nil when there is none.
func (c *Contact) Field(key string) *string {
	switch key {
	case "full_name":
		return &c.FullName
	case "organisation":
		return &c.Organisation
	case "position":
		return &c.Position
	case "phone":
		return &c.Phone
	case "email":
		return &c.Email
	}
	return nil
}

// System is an information system or database that the agency declares once
// and that rows 1, 4 and 5 refer to.
type System struct {
	ID   string `json:"id"`   // stable within the agency, "s1", "s2", …
	Name string `json:"name"` // as the agency writes it
	Kind string `json:"kind"` // SystemProcedure, SystemDatabase, SystemOther
	Unit string `json:"unit"` // cơ quan chủ trì, quản lý
	// Aliases are other spellings of the name found in the same return.
	Aliases []string `json:"aliases,omitempty"`
}

// The kinds of systems: row 4.1, rows 4.2, rows 4.3.
const (
	SystemProcedure = "procedure_system"
	SystemDatabase  = "database"
	SystemOther     = "sector_system"
)

// Answer is the answer in one row for one system.
type Answer struct {
	Row      string `json:"row"` // numbered row: "1.2", "2", "4.3", "5.1-a"
	Key      string `json:"key"` // template row key: "1.n", "2", "4.3", "5.n-a"
	SystemID string `json:"system_id,omitempty"`
	System   string `json:"system,omitempty"` // the system's name, as written in this row
	Unit     string `json:"unit,omitempty"`   // cơ quan chủ trì, quản lý

	// Compliance is a key of the row's option list: met, partially_met,
	// not_met; for a level dossier not_submitted, submitted, approved. Empty
	// when the row was left blank or could not be read.
	Compliance string `json:"compliance"`

	Stage         string    `json:"stage,omitempty"`       // key of the stage list
	StageOther    string    `json:"stage_other,omitempty"` // text of "Khác: ghi rõ"
	ExpectedMonth Month     `json:"expected_month,omitzero"`
	Precision     Precision `json:"expected_precision,omitempty"`

	Note     string     `json:"note,omitempty"` // the whole text of the note column
	Causes   []string   `json:"causes,omitempty"`
	Unmet    []string   `json:"unmet,omitempty"`
	Counts   *Counts    `json:"counts,omitempty"`
	Decision *LetterRef `json:"decision,omitempty"` // the approving decision of a level dossier

	// Values are the answers in the form's own columns, by column key; how each kind is
	// written says ColumnKind. A column without an answer is absent.
	Values map[string]string `json:"values,omitempty"`

	// Readings keeps for each column ("unit", "compliance", "stage", "note",
	// "component") what stood on the paper. Absent in answers given on the web.
	Readings map[string]Reading `json:"readings,omitempty"`
}

// Month is a year and month, "2023-06"; empty is none.
type Month string

// Precision says how exactly a time was given.
type Precision string

// Precisions of an expected time. The month kept is the last of the period.
const (
	ByDay     Precision = "day"
	ByMonth   Precision = "month"
	ByQuarter Precision = "quarter"
	ByHalf    Precision = "half"
	ByYear    Precision = "year"
)

// Counts are the numbers that row 3 asks for. A nil pointer is "not given".
type Counts struct {
	UnitsUnmet  *int `json:"units_unmet,omitempty"`  // số cơ quan chưa đáp ứng
	UnitsTotal  *int `json:"units_total,omitempty"`  // tổng số cơ quan cần trang bị
	DevicesHave *int `json:"devices_have,omitempty"` // số thiết bị đã có
	DevicesNeed *int `json:"devices_need,omitempty"` // tổng số thiết bị cần mua sắm
}

// Proposal is the answer in one row of part 3.
type Proposal struct {
	Group string `json:"group"` // key of Template.Proposals
	Text  string `json:"text"`  // empty when nothing is proposed ("Không có")
}

// Extra is text that stood on the paper outside any field of the form.
type Extra struct {
	Where Place  `json:"where"`
	Text  string `json:"text"`
}

// Place says where on the paper something stood, in words a person can follow.
type Place struct {
	Part   string `json:"part,omitempty"`   // "1", "2", "3", "4"
	Table  int    `json:"table,omitempty"`  // from 1; 0: outside a table
	Line   int    `json:"line,omitempty"`   // table row or paragraph, from 1
	Column string `json:"column,omitempty"` // column key, or "B12" of a sheet
}

// Reading is a value as it stood on the paper.
type Reading struct {
	Raw   string `json:"raw"`
	Where Place  `json:"where"`
	// Confidence is between 0 and 1. Below Sure a person must look.
	Confidence float64 `json:"confidence"`
	// Reason is the key of the message that says why it is not sure.
	Reason string `json:"reason,omitempty"`
	// ResolvedBy is the account that confirmed or corrected the reading.
	ResolvedBy string `json:"resolved_by,omitempty"`
}

// Sure is the confidence from which a reading needs no person.
const Sure = 0.9

// IsSure says that no person needs to look.
func (r Reading) IsSure() bool { return r.Confidence >= Sure || r.ResolvedBy != "" }

// Severity says what a problem does to the return that has it.
type Severity string

// The severities.
const (
	Rejects Severity = "rejects" // the file cannot become a return
	Reviews Severity = "reviews" // a person must decide before it counts
	Notes   Severity = "notes"   // worth knowing, changes nothing
)

// Problem is something wrong or unsure in a return or its file. Reason is a
// message key ("readiness.problem.…"), filled in with Args.
type Problem struct {
	Severity Severity
	Row      string // numbered row of the form, or "" for the whole file
	Column   string // column key, or the cell of a sheet such as "Trả lời!E7"
	Text     string // what stood there
	Reason   string
	Args     map[string]any
	// Field is the input of the web form that the problem belongs to, see
	// FieldOf; readers of files may leave it empty.
	Field string
}

// UnmarshalJSON reads a problem that was stored; the date among its Args is a
// day again, so that each language writes it in its own way.
func (p *Problem) UnmarshalJSON(raw []byte) error {
	type plain Problem
	if err := json.Unmarshal(raw, (*plain)(p)); err != nil {
		return err
	}
	if text, ok := p.Args["date"].(string); ok {
		if d, err := clock.ParseDate(text); err == nil {
			p.Args["date"] = d
		}
	}
	if strings.HasPrefix(p.Reason, systemWithout) && p.Args != nil { // earlier versions named the part in the key
		p.Reason = systemWithout
		if p.Args["there"] == nil {
			p.Args["there"] = Text{Vi: "khác của biểu mẫu", En: "the other part of the form"}
			p.Args["one"], _ = (&Template{}).Things()
		}
	}
	for key, value := range p.Args { // texts in both languages, such as the reason of a rule
		if both, ok := value.(map[string]any); ok {
			vi, _ := both["vi"].(string)
			en, _ := both["en"].(string)
			p.Args[key] = Text{Vi: vi, En: en}
		}
	}
	return nil
}

const systemWithout = "readiness.problem.system_without"

// FieldOf names an input of the web form, and what a comment is about:
// "row.5.1-a.compliance", "row.2" for a whole row, "contact.email",
// "system.s1", "proposal.network".
func FieldOf(group, key string, column ...string) string {
	return strings.Join(append([]string{group, key}, column...), ".")
}

// Signed is the return with the names of those who settled its readings, instead of
// their accounts.
func (r Return) Signed(name func(account string) string) Return {
	r = r.Clone()
	for _, a := range r.Answers {
		for column, reading := range a.Readings {
			if reading.ResolvedBy != "" {
				reading.ResolvedBy = name(reading.ResolvedBy)
				a.Readings[column] = reading
			}
		}
	}
	return r
}
