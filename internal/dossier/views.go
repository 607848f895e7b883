package dossier

import (
	"time"

	"dean06/internal/eform"
	"dean06/internal/platform/clock"
	"dean06/internal/procedure"
)

// Starting is how a draft begins.
type Starting struct {
	Procedure string
	Case      string // "" : chosen or found later
	Channel   Channel
	// Applicant is, at a desk, with whom the officer fills it in. Of anybody else only kind,
	// organisation and contact count; without a kind it is a citizen.
	Applicant Party
	Desk      string // for which agency
	For       *Party // by authorisation; empty: it is said later
}

// Filling is a draft that is being filled in.
type Filling struct {
	Draft   Draft
	Package *procedure.Package
	Bound   bool // the account is bound to a number: the register may be asked
	Sure    bool // who fills it in is known surely enough for the register to be asked
	Needs   []Need
	Fees    []FeeItem
	// Asked are the lines of the checklist, of a supplement.
	Asked []Asked
	// Deciders are the agencies that may decide; more than one where the citizen chooses.
	Deciders []DecidingAgency
	Outages  []Outage
}

// DecidingAgency is an agency that may decide, and by which question.
type DecidingAgency struct {
	Agency, Name string
	By           string // path of the address
	Area         string // commune
}

// Choice is what is chosen; nil members stay.
type Choice struct {
	Case      *string
	Competent *string
	At        *string
	Applicant *Party // contact: phone and e-mail
	Whom      *Whom
}

// Prefilled says what came of asking the register.
type Prefilled struct {
	Available int      // facts of the form that the register has
	Filled    int      // that arrived
	Unmatched []string // owners whose typed number, name and birth are not one person's
	AsOf      time.Time
}

// Attached is what meets a requirement.
type Attached struct {
	Requirement string
	How         How    // ByUpload, ByScan, ByShowing
	File        string // SHA-256, of a file
	Name        string
	Size        int64
	Type        string
	Warnings    []string
}

// Need is a requirement that holds for the draft as it is, and what meets it.
type Need struct {
	Paper  procedure.Paper
	Met    []Paper // what meets it: of the state first
	Asked  bool    // the citizen still has to bring it
	ByDesk bool    // only to be shown at the desk, when it is handed in or fetched
}

// Filing is what is said when a draft is sent.
type Filing struct {
	Version int
	Key     string // of the page that sends: a second click with it gives the same dossier
	Notice  bool   // the notice about the use of data was read
	Receipt bool   // of a procedure with an immediate result: the receipt is wanted
	// At a desk: originals that were handed over, and what was paid.
	Originals []Original
}

// Act is what somebody does with a dossier.
type Act struct {
	Verb    Verb
	Version int // of the dossier that they saw
	Said    Said
	// Answers are those that an officer enters: at the decision (number of the entry in the
	// book), or correcting intake. The action holds their digest only.
	Answers map[string]eform.Value

	draft *Draft // of a supplement
	claim Wrong  // with what the register answered
}

// Said is what is said with an act, and kept with the action.
type Said struct {
	Note      string            `json:"note,omitempty"`
	Asked     []Asked           `json:"asked,omitempty"`  // checklist, or reasons of a refusal
	Basis     string            `json:"basis,omitempty"`  // of a stop, a replacement
	Refuse    bool              `json:"refuse,omitempty"` // a refusal is proposed
	To        string            `json:"to,omitempty"`     // account to which it is assigned
	ToName    string            `json:"to_name,omitempty"`
	Post      string            `json:"post,omitempty"` // position to which it is assigned
	Fee       *FeeItem          `json:"fee,omitempty"`
	Originals []Original        `json:"originals,omitempty"` // handed over
	Original  string            `json:"original,omitempty"`  // name of the one that is given back
	Requires  string            `json:"paper,omitempty"`     // requirement that is checked
	File      string            `json:"file,omitempty"`      // and which of its files
	Check     string            `json:"check,omitempty"`     // "ok", "bad"
	Reason    string            `json:"reason,omitempty"`    // code, of what is bad
	Until     clock.Date        `json:"until,omitzero"`      // of an extension
	Result    string            `json:"result,omitempty"`    // id of the result that is replaced or revoked
	Effect    map[string]string `json:"effect,omitempty"`    // answers to the register's questions
	Receiver  string            `json:"receiver,omitempty"`  // who takes the result or the original
	How       string            `json:"how,omitempty"`       // of handing over: desk, post, online
	Receipt   bool              `json:"receipt,omitempty"`   // the receipt is wanted
	Letting   string            `json:"letting,omitempty"`   // why a second supplement, or a late one, is let pass
	Notice    bool              `json:"notice,omitempty"`    // of filing: the package's notice about data was read

	// What the program adds.
	Title    string        `json:"title,omitempty"` // of the position in which somebody acted
	Issued   []ResultPaper `json:"issued,omitempty"`
	Changed  []string      `json:"changed,omitempty"` // paths of answers that changed
	Digest   string        `json:"digest,omitempty"`  // of answers and papers after it
	State    string        `json:"state,omitempty"`   // digest of the rest of the dossier after it
	Reported *Reported     `json:"reported,omitempty"`
	Error    string        `json:"error,omitempty"`
	Claim    string        `json:"claim,omitempty"` // path of a fact that was said to be wrong; Error is the key of what came of it
	Level    int           `json:"level,omitempty"` // of a warning
}

// View is a dossier as somebody may see it.
type View struct {
	Dossier Dossier
	Package *procedure.Package
	Actions []Action
	Allowed []Allowed
	Looks   []Look
	Needs   []Need
	Names   map[string]string // of agencies by code
	Mine    bool              // it is the reader's own
}

// May is whether a verb is allowed.
func (v *View) May(verb Verb) bool {
	for _, a := range v.Allowed {
		if a.Verb == verb {
			return a.Why == ""
		}
	}
	return false
}

// Counts are how many facts of the form the register has, how many of them arrived, and how
// many questions a person answered.
func (v *View) Counts() (available, filled, asked int) {
	return Filled(v.Package, v.Dossier.Answers, FactsOf(v.Dossier))
}

// PaperName is what the package calls a requirement, in a language; "" when it has none such.
func (v *View) PaperName(requirement, lang string) string {
	for _, p := range v.Package.Papers {
		if p.ID == requirement {
			return p.Name.In(lang)
		}
	}
	return ""
}

// Tracked is what tracking shows of a dossier: no personal data.
type Tracked struct {
	Code, Procedure string
	Name            eform.Text // of the procedure
	Status          Status
	Agency          string // that has it: name
	Promised        time.Time
	Provisional     bool
	Steps           []TrackStep
	Asked           []Asked
	Package         *procedure.Package
}

// TrackStep is one line of the timeline.
type TrackStep struct {
	Verb   Verb
	Status Status
	Step   string
	// StepName is what the package calls the step.
	StepName eform.Text
	Agency   string // name, of who did it
	Has      string // name of the agency that had it then; "" when it waited for the citizen, or had ended
	Duty     string // of whom it waited for: desk, reviewer …
	Person   string // officer who did it
	Title    string
	From     time.Time
	To       time.Time // zero: it is there now
	Until    time.Time // by when it should be done; zero: no limit
}

// Proof is what the public page of a paper shows.
type Proof struct {
	Paper     ResultPaper
	Code      string
	Procedure eform.Text
	Result    eform.Text // what the result is called; empty of other papers
	Agency    string     // name of the issuer
	Applicant string     // initials
	Current   bool       // neither replaced nor revoked
	By        *ResultPaper
}

// Export is a dossier as its applicant takes it along.
type Export struct {
	Dossier Dossier       `json:"dossier"`
	Actions []Action      `json:"actions"`
	Looks   []Look        `json:"looks"`
	Files   []Paper       `json:"files"`
	Results []ResultPaper `json:"results"`
	At      time.Time     `json:"at"`
}

// Page says which part of a work list is wanted.
type Page struct {
	View      string // "mine", "duty" (waits for my duty), "agency"; "" mine and duty
	Statuses  []Status
	Procedure string
	Late      bool
	After     string
	Limit     int
}

// Worked is a page of a work list.
type Worked struct {
	Heads []Head
	Next  string // After of the next page; "" when this is the last
}

// Rate is the share of dossiers on time.
type Rate struct {
	OnTimeCount
	Name eform.Text // of the procedure
	Unit string     // name of the agency
}

// Moved is a dossier that a change of the calendar moved.
type Moved struct {
	Code     string
	At       time.Time // when it was counted again
	From, To time.Time // zero where the clock stood still
}
