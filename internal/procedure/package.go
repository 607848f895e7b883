package procedure

import (
	"dean06/internal/deadline"
	"dean06/internal/eform"
	"dean06/internal/platform/clock"
)

// Package is a procedure as data: everything that a dossier needs of it. A dossier names
// the package and version that govern it, and never changes to another.
type Package struct {
	Code    string     `yaml:"code" json:"code"`       // "1.001193"
	Version string     `yaml:"version" json:"version"` // "2026-07-18.1"
	From    clock.Date `yaml:"from" json:"from"`       // in force from this day …
	To      clock.Date `yaml:"to" json:"to"`           // … until before this one; zero: until further notice
	Name    eform.Text `yaml:"name" json:"name"`
	// Plain is what people call it: "Khai sinh cho con".
	Plain   eform.Text `yaml:"plain" json:"plain"`
	Field   string     `yaml:"field" json:"field"`     // "G15-TP07"
	Decided []Basis    `yaml:"decided" json:"decided"` // legal bases

	Who      []Applicant `yaml:"who" json:"who"`           // who may apply
	Channels []string    `yaml:"channels" json:"channels"` // desk, online, post
	// Level is how surely whoever files online must be known: 1, or 2 where papers of identity
	// are shown at a desk, which an account of level 2 stands for (Nghị định 69/2024, Điều 8;
	// Luật Căn cước 2023, Điều 33). "" is 1.
	Level Level `yaml:"level" json:"level,omitempty"`
	// Need is what the citizen is told to have at hand, before beginning.
	Need []eform.Text `yaml:"need" json:"need"`

	Cases   []Case     `yaml:"cases" json:"cases"`
	Form    eform.Form `yaml:"form" json:"form"`
	People  []Person   `yaml:"people" json:"people"`
	Papers  []Paper    `yaml:"papers" json:"papers"`
	Process Process    `yaml:"process" json:"process"`
	Limits  []Limit    `yaml:"limits" json:"limits"`
	Fees    []Fee      `yaml:"fees" json:"fees"`
	Results []Result   `yaml:"results" json:"results"`
	Effect  *Effect    `yaml:"effect" json:"effect"` // what the register hears; nil: nothing
	// Competent says which agency decides: by the place of somebody on the day.
	Competent Competence `yaml:"competent" json:"competent"`
	Retention string     `yaml:"retention" json:"retention"` // retention class: "permanent", "70y", "10y", "5y"
	// Immediate says that the result is given at once: one step and no receipt unless asked
	// (Nghị định 61/2018, Điều 17.4).
	Immediate bool `yaml:"immediate" json:"immediate"`
	// Supplement are the coded reasons with which a supplement or a refusal is explained.
	Reasons []Reason `yaml:"reasons" json:"reasons"`
	// Notice is what the citizen is told about the use of their data.
	Notice eform.Text `yaml:"notice" json:"notice"`
}

// Level is of an electronic identity, as packages write it.
type Level string

// Number is the level; 1 where the package says none.
func (l Level) Number() int {
	if l == "2" {
		return 2
	}
	return 1
}

// Basis is a legal basis.
type Basis struct {
	Code string `yaml:"code" json:"code"`
	Name string `yaml:"name" json:"name"`
}

// Applicant is a kind of whoever may apply.
type Applicant struct {
	Kind string     `yaml:"kind" json:"kind"` // citizen, foreigner, household_business, organisation
	Note eform.Text `yaml:"note" json:"note"`
}

// Case is a way in which the procedure goes: parents married, mother alone …
type Case struct {
	ID   string           `yaml:"id" json:"id"`
	Code string           `yaml:"code" json:"code"` // of the record: "1.001193.01"; "" when the record does not tell them apart
	Name eform.Text       `yaml:"name" json:"name"`
	Hint eform.Text       `yaml:"hint" json:"hint"`
	When *eform.Condition `yaml:"when" json:"when"` // follows from answers; nil: chosen
	// Adds says that it comes on top of another case: late registration, a foreign parent.
	// Of the others the first that holds is the dossier's.
	Adds bool `yaml:"adds" json:"adds"`
}

// Principal is the owner for whom somebody applies by authorisation; Authorised the fact that
// somebody does ("yes", "no").
const (
	Principal  = "principal"
	Authorised = "authorised"
)

// Person says how somebody of the form becomes known without typing. From is tried in
// order. The owner "applicant" is whose account it is (or who stands at the desk), and need
// not be listed.
type Person struct {
	Owner string     `yaml:"owner" json:"owner"` // "mother"
	From  []PersonBy `yaml:"from" json:"from"`
}

// PersonBy is one way: the applicant themselves, their kin as the register has it, or a
// number that was typed. Who was only typed is matched, yes or no, and nothing is shown.
type PersonBy struct {
	When  *eform.Condition `yaml:"when" json:"when"`
	Is    string           `yaml:"is" json:"is"`       // the same as this owner: "applicant"; "principal", of whom only what was said is known
	Kin   string           `yaml:"kin" json:"kin"`     // "spouse", "father", "mother", "guardian", "head", "member" (others of the household: chosen from)
	Of    string           `yaml:"of" json:"of"`       // of this owner
	Typed string           `yaml:"typed" json:"typed"` // question with the number
}

// Paper is a requirement: what has to be shown, and what meets it. It is no document.
type Paper struct {
	ID        string           `yaml:"id" json:"id"`
	Code      string           `yaml:"code" json:"code"` // component of the record, opaque: "000.00.00.G15-KQ004389"
	Name      eform.Text       `yaml:"name" json:"name"`
	Hint      eform.Text       `yaml:"hint" json:"hint"`
	When      *eform.Condition `yaml:"when" json:"when"` // needed; nil: always
	Originals int              `yaml:"originals" json:"originals"`
	Copies    int              `yaml:"copies" json:"copies"`
	// Proved are ways in which the state already has it, tried before the citizen is asked.
	Proved []Proof `yaml:"proved" json:"proved"`
	// OneOf are other papers of which one is enough: witnesses' text, affirmation.
	OneOf []string `yaml:"one_of" json:"one_of"`
	Shown bool     `yaml:"shown" json:"shown"` // shown at the desk, not handed in
	// Result says that it is an earlier result of a procedure (its code), for reuse.
	Result string `yaml:"result" json:"result"`
	// Shows are the meanings that it proves, such as "mother.residence"; empty when it says
	// nothing of the list. Where the register has all of them, there must be a Proof.
	Shows []string `yaml:"shows" json:"shows"`
	Basis string   `yaml:"basis" json:"basis"`
	Sure  string   `yaml:"sure" json:"sure"` // record, second-hand, reading, memory
}

// Proof is a way in which the state already has what a paper says.
type Proof struct {
	When  *eform.Condition `yaml:"when" json:"when"`   // it counts; nil: always
	By    string           `yaml:"by" json:"by"`       // "register", "dossier" (earlier result here), "agency" (its own)
	Of    string           `yaml:"of" json:"of"`       // owner: "mother"
	Facts []string         `yaml:"facts" json:"facts"` // fields of the register that must be known
}

// Process is the inner way of a dossier.
type Process struct {
	Start string `yaml:"start" json:"start"`
	Steps []Step `yaml:"steps" json:"steps"`
}

// Step is where a dossier is, inside.
type Step struct {
	ID     string          `yaml:"id" json:"id"` // "review"
	Name   eform.Text      `yaml:"name" json:"name"`
	Holder Holder          `yaml:"holder" json:"holder"`
	Status int             `yaml:"status" json:"status"` // outer status while it is here, of the ten
	Budget *deadline.Limit `yaml:"budget" json:"budget"`
	// Next are the ways out, by the action that takes them.
	Next []Way `yaml:"next" json:"next"`
	End  bool  `yaml:"end" json:"end"`
}

// Holder is who holds a step: a duty at an agency, or the system.
type Holder struct {
	Duty   string `yaml:"duty" json:"duty"`     // as org.Duty: desk, reviewer, leader, police
	At     string `yaml:"at" json:"at"`         // "receiving": where it was handed in; "competent": who decides
	System bool   `yaml:"system" json:"system"` // nobody: the program does it
}

// Way is a way out of a step.
type Way struct {
	On   string           `yaml:"on" json:"on"` // action: "receive", "propose", "approve", "return_back", "registered", "hand_over"
	To   string           `yaml:"to" json:"to"`
	When *eform.Condition `yaml:"when" json:"when"`
}

// Limit is a time limit and when it holds. Of several the first whose condition holds counts;
// the last one has none.
type Limit struct {
	When  *eform.Condition `yaml:"when" json:"when"`
	Name  eform.Text       `yaml:"name" json:"name"` // of what holds: "phải xác minh"
	Rule  deadline.Rule    `yaml:"rule" json:"rule"`
	Basis string           `yaml:"basis" json:"basis"`
	Sure  string           `yaml:"sure" json:"sure"` // record, second-hand, reading, memory
}

// Fee is an amount, and who is exempt. What is not known is said (Amount nil), never zero.
type Fee struct {
	ID     string     `yaml:"id" json:"id"`
	Name   eform.Text `yaml:"name" json:"name"`
	Kind   string     `yaml:"kind" json:"kind"`     // FEE (lệ phí), SERVICE_FEE (phí)
	Amount *int64     `yaml:"amount" json:"amount"` // đồng; nil with Unknown
	// Unknown says that the amount is set elsewhere (by the province) and not known here.
	Unknown bool             `yaml:"unknown" json:"unknown"`
	Per     string           `yaml:"per" json:"per"` // question with a count: "copies.count"; "" once
	When    *eform.Condition `yaml:"when" json:"when"`
	Exempt  []Exemption      `yaml:"exempt" json:"exempt"`
	Basis   string           `yaml:"basis" json:"basis"`
	Sure    string           `yaml:"sure" json:"sure"`
}

// Exemption is who does not pay.
type Exemption struct {
	ID   string     `yaml:"id" json:"id"`
	Name eform.Text `yaml:"name" json:"name"`
}

// Result is what is handed over at the end.
type Result struct {
	ID       string     `yaml:"id" json:"id"`
	Code     string     `yaml:"code" json:"code"` // "KQ.G15.000031"
	Name     eform.Text `yaml:"name" json:"name"`
	Template string     `yaml:"template" json:"template"` // file in the package: result.yaml
	Paper    *Template  `yaml:"-" json:"paper"`           // read from it
}

// Template is a paper as data, of which a PDF is made.
type Template struct {
	Title      eform.Text `yaml:"title" json:"title"`
	NumberSign string     `yaml:"number_sign" json:"number_sign"` // "{number}/GKS"; {number} is that of the result
	Blocks     []Block    `yaml:"blocks" json:"blocks"`
}

// Block is a part of a paper: exactly one of its members, which may have a condition.
type Block struct {
	When    *eform.Condition `yaml:"when" json:"when"`
	Heading *eform.Text      `yaml:"heading" json:"heading"`
	Line    *Line            `yaml:"line" json:"line"`
	Text    *eform.Text      `yaml:"text" json:"text"`   // with answers in braces: "{child.name}"
	Table   *Table           `yaml:"table" json:"table"` // a row for each answer of a repeated section
}

// Line is a label and a value: that of a question by its path, or of a fact ("today",
// "agency", "code", "decider", "number", "register:subject.permanent").
type Line struct {
	Label eform.Text `yaml:"label" json:"label"`
	Value string     `yaml:"value" json:"value"`
}

// Table has a column for each question of a repeated section.
type Table struct {
	Section string `yaml:"section" json:"section"`
	Columns []Line `yaml:"columns" json:"columns"`
}

// Competence says by whose place, and which, the deciding agency is found.
type Competence struct {
	Level string   `yaml:"level" json:"level"` // "commune", "province"
	Kind  string   `yaml:"kind" json:"kind"`   // "committee" (UBND), "police"
	By    []string `yaml:"by" json:"by"`       // address questions: "mother.residence", "father.residence"; a choice where they differ
}

// Effect is what the register hears of a decision.
type Effect struct {
	Event string            `yaml:"event" json:"event"` // "birth", "move_permanent"
	On    string            `yaml:"on" json:"on"`       // question with the day
	Map   map[string]string `yaml:"map" json:"map"`     // member of the message → question: "child.name": "child.name"
	Gives string            `yaml:"gives" json:"gives"` // question that the answer fills: "child.number"
}

// Reason is a coded reason.
type Reason struct {
	Code string     `yaml:"code" json:"code"`
	Text eform.Text `yaml:"text" json:"text"`
	For  []string   `yaml:"for" json:"for"` // supplement, refusal, stop
	// About are the papers and questions for which it is offered; none: all.
	About []string `yaml:"about" json:"about"`
}

// Question finds a question of the form by its id, with the section in which it stands.
func (p *Package) Question(id string) (*eform.Section, *eform.Question, bool) {
	for i := range p.Form.Sections {
		sec := &p.Form.Sections[i]
		for j := range sec.Questions {
			if sec.Questions[j].ID == id {
				return sec, &sec.Questions[j], true
			}
		}
	}
	return nil, nil, false
}
