package dossier

import (
	"context"
	"io"
	"time"

	"dean06/internal/deadline"
	"dean06/internal/eform"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/procedure"
)

// Service is what people, and the program, do with drafts and dossiers. Each method asks
// first whether whoever acts may (Permissions), and writes in one transaction. A refusal is
// logged.
type Service struct {
	Parts
}

// Parts are what a service is made of.
type Parts struct {
	Store    Store
	Register Register
	Posts    Posts
	Packages Packages
	Files    Files
	Papers   Papers
	Teller   Teller
	Bindings Bindings
	Deadline Clockwork
	Clock    clock.Clock
	NewID    func() string // makes time-ordered ids
	Settings Settings
}

// NewService makes a service.
func NewService(p Parts) *Service { return &Service{p} }

// Settings are what an agency sets.
type Settings struct {
	Province string // code of agency whose dossiers these are: "H55"
	// Code is the pattern of codes: "{unit}-{yymmdd}-{n:4}" (Thông tư 01/2018) or
	// "{province}.{office}-{yyyymmdd}-{n:7}".
	Code    string
	Online  bool     // dossiers may be filed online
	Outages []Outage // announced
	// Warn is how long before the due moment people are warned; Escalate how long after it
	// the leader is.
	Warn, Escalate deadline.Limit
}

// Outage is a time for which the service is announced to be away (Nghị định 224/2026, Điều
// 13). It is shown seven working days ahead.
type Outage struct {
	From, To time.Time
	Text     eform.Text
}

// Starting is how a draft begins.
type Starting struct {
	Procedure string
	Case      string // "" : chosen or found later
	Channel   Channel
	// At a desk: whom the officer fills it in with, and for which agency.
	Applicant Party
	Desk      string
	For       *Party // by authorisation
}

// Start begins a draft. It fails with NotFound when no package is in force, with Invalid
// when the channel or the applicant does not fit, and with Unavailable when filing online
// is off.
func (s *Service) Start(ctx context.Context, who actor.Actor, in Starting) (Draft, error) {
	panic("dossier")
}

// Drafts are one's own that were not sent.
func (s *Service) Drafts(ctx context.Context, who actor.Actor) ([]Draft, error) { panic("dossier") }

// Draft is one's own draft with the package that it was begun with, or the one in force
// when that has changed meanwhile (Filling.Moved).
func (s *Service) Draft(ctx context.Context, who actor.Actor, id string) (Filling, error) {
	panic("dossier")
}

// Filling is a draft that is being filled in.
type Filling struct {
	Draft   Draft
	Package *procedure.Package
	Bound   bool // the account is bound to a number: the register may be asked
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

// Answer saves one answer; version is that of the draft that the page showed. It fails with
// Conflict when the draft was changed elsewhere meanwhile, and with Invalid at the path.
func (s *Service) Answer(ctx context.Context, who actor.Actor, id string, version int, path string, v eform.Value) (Draft, error) {
	return s.AnswerAll(ctx, who, id, version, map[string]eform.Value{path: v})
}

// AnswerAll saves several answers, as a section of the officer's page has them. Those that
// are right are saved; the others come back as a fault.List.
func (s *Service) AnswerAll(ctx context.Context, who actor.Actor, id string, version int, values map[string]eform.Value) (Draft, error) {
	panic("dossier")
}

// Choose sets what is no question: the case, the deciding agency, where it stands.
func (s *Service) Choose(ctx context.Context, who actor.Actor, id string, version int, c Choice) (Draft, error) {
	panic("dossier")
}

// Choice is what is chosen; nil members stay.
type Choice struct {
	Case      *string
	Competent *string
	At        *string
	Applicant *Party // contact: phone and e-mail
}

// Prefill fills in what the register knows: it needs an account that is bound to a number,
// or an officer at the desk. Prefilled says what came. It fails with Unavailable while the
// register is away; the draft is then as before.
func (s *Service) Prefill(ctx context.Context, who actor.Actor, id string) (Draft, Prefilled, error) {
	panic("dossier")
}

// Prefilled says what came of asking the register.
type Prefilled struct {
	Available int      // facts of the form that the register has
	Filled    int      // that arrived
	Unmatched []string // owners whose typed number, name and birth are not one person's
	AsOf      time.Time
}

// MarkWrong notes that a fact of the register is wrong; says "" takes the note back.
func (s *Service) MarkWrong(ctx context.Context, who actor.Actor, id string, version int, path, says, why string) (Draft, error) {
	panic("dossier")
}

// Attached is what meets a requirement.
type Attached struct {
	Requirement string
	How         How    // ByUpload, ByScan, ByShowing, ByCommitted
	File        string // SHA-256, of a file
	Name        string
	Size        int64
	Type        string
	Warnings    []string
}

// AttachPaper notes what meets a requirement.
func (s *Service) AttachPaper(ctx context.Context, who actor.Actor, id string, version int, p Attached) (Draft, error) {
	panic("dossier")
}

// RemovePaper takes one away again.
func (s *Service) RemovePaper(ctx context.Context, who actor.Actor, id string, version int, requirement, file string) (Draft, error) {
	panic("dossier")
}

// Need is a requirement that holds for the draft as it is, and what meets it.
type Need struct {
	Paper  procedure.Paper
	Met    []Paper // what meets it: of the state first
	Asked  bool    // the citizen still has to bring it
	ByDesk bool    // only to be shown at the desk, when it is handed in or fetched
	Away   bool    // whether the state has it could not be asked
}

// Requirements are the papers that are needed now.
func (s *Service) Requirements(ctx context.Context, who actor.Actor, id string) ([]Need, error) {
	panic("dossier")
}

// CheckAll says everything that is still wrong or missing, each at its path ("papers.ID" for
// a paper); nil when it can be sent.
func (s *Service) CheckAll(ctx context.Context, who actor.Actor, id string) (fault.List, error) {
	panic("dossier")
}

// Confirm notes that the citizen at the desk read and confirmed what an officer filled in.
func (s *Service) Confirm(ctx context.Context, who actor.Actor, id string, version int, how string) (Draft, error) {
	panic("dossier")
}

// Discard removes a draft.
func (s *Service) Discard(ctx context.Context, who actor.Actor, id string) error { panic("dossier") }

// Filing is what is said when a draft is sent.
type Filing struct {
	Version int
	Key     string // of the page that sends: a second click with it gives the same dossier
	Notice  bool   // the notice about the use of data was read
	Receipt bool   // of a procedure with an immediate result: the receipt is wanted
	// At a desk: originals that were handed over, and what was paid.
	Originals []Original
}

// Submit sends a draft. A second time it gives the dossier that it became. It fails with a
// fault.List of what CheckAll says.
func (s *Service) Submit(ctx context.Context, who actor.Actor, id string, f Filing) (Dossier, error) {
	panic("dossier")
}

// StartSupply begins the supplement of a dossier, or goes on with it: a draft in which only
// what was asked can be changed, which Submit sends.
func (s *Service) StartSupply(ctx context.Context, who actor.Actor, code string) (Draft, error) {
	panic("dossier")
}

// Act is what somebody does with a dossier.
type Act struct {
	Verb    Verb
	Version int // of the dossier that they saw
	Said    Said
	// Answers are those that an officer enters: at the decision (number of the entry in the
	// book), or correcting intake. The action holds their digest only.
	Answers map[string]eform.Value
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
	Longer    *deadline.Limit   `json:"longer,omitempty"`    // of an extension
	Result    string            `json:"result,omitempty"`    // id of the result that is replaced or revoked
	Effect    map[string]string `json:"effect,omitempty"`    // answers to the register's questions
	Receiver  string            `json:"receiver,omitempty"`  // who takes the result or the original
	How       string            `json:"how,omitempty"`       // of handing over: desk, post, online
	Receipt   bool              `json:"receipt,omitempty"`   // the receipt is wanted
	Letting   string            `json:"letting,omitempty"`   // why a second supplement, or a late one, is let pass

	// What the program adds.
	Title    string        `json:"title,omitempty"` // of the position in which somebody acted
	Issued   []ResultPaper `json:"issued,omitempty"`
	Changed  []string      `json:"changed,omitempty"` // paths of answers that changed
	Digest   string        `json:"digest,omitempty"`  // of answers and papers after it
	State    string        `json:"state,omitempty"`   // digest of the rest of the dossier after it
	Reported *Reported     `json:"reported,omitempty"`
	Error    string        `json:"error,omitempty"`
	Level    int           `json:"level,omitempty"` // of a warning
}

// Do does it. It fails with Denied, Invalid, and with Conflict ("dossier.stale.…": what
// happened meanwhile, when and by whom) when the dossier is not any more as they saw it.
func (s *Service) Do(ctx context.Context, who actor.Actor, code string, act Act) (Dossier, error) {
	panic("dossier")
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

// Look reads a dossier. An officer says for which purpose; it is logged, and stands on the
// dossier's page.
func (s *Service) Look(ctx context.Context, who actor.Actor, code, purpose string) (View, error) {
	panic("dossier")
}

// OpenPaper reads a file of a dossier, logged as a look.
func (s *Service) OpenPaper(ctx context.Context, who actor.Actor, code, file, purpose string) (Paper, io.ReadCloser, error) {
	panic("dossier")
}

// OpenResult reads a standard paper or a result by its id.
func (s *Service) OpenResult(ctx context.Context, who actor.Actor, code, id, purpose string) (ResultPaper, io.ReadCloser, error) {
	panic("dossier")
}

// Chain is what happened to a dossier, without what is in it, and whether it is whole.
func (s *Service) Chain(ctx context.Context, who actor.Actor, code string) ([]Action, error) {
	panic("dossier")
}

// Own are one's own dossiers.
func (s *Service) Own(ctx context.Context, who actor.Actor) ([]Head, error) { panic("dossier") }

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
	Agency string // name
	Person string // officer who did it
	Title  string
	From   time.Time
	To     time.Time // zero: it is there now
	Until  time.Time // by when it should be done; zero: no limit
}

// Track shows the way of a dossier to whoever knows its code and one more proof: the last
// four digits of the applicant's number or phone. address is where the asker comes from:
// wrong tries are bounded by code and by address. Whoever is signed in and owns it needs no
// proof.
func (s *Service) Track(ctx context.Context, who actor.Actor, code, proof, address string) (Tracked, error) {
	panic("dossier")
}

// Proof is what the public page of a paper shows.
type Proof struct {
	Paper     ResultPaper
	Code      string
	Procedure eform.Text
	Agency    string // name of the issuer
	Current   bool   // neither replaced nor revoked
	By        *ResultPaper
}

// Prove finds a paper by the unguessable part of its address.
func (s *Service) Prove(ctx context.Context, proof string) (Proof, error) { panic("dossier") }

// Export is a dossier as its applicant takes it along.
type Export struct {
	Dossier Dossier       `json:"dossier"`
	Actions []Action      `json:"actions"`
	Looks   []Look        `json:"looks"`
	Files   []Paper       `json:"files"`
	Results []ResultPaper `json:"results"`
	At      time.Time     `json:"at"`
}

// Export gives one's own dossier.
func (s *Service) Export(ctx context.Context, who actor.Actor, code string) (Export, error) {
	panic("dossier")
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

// WorkList is what an officer has to do, what is due first on top.
func (s *Service) WorkList(ctx context.Context, who actor.Actor, p Page) (Worked, error) {
	panic("dossier")
}

// Search finds dossiers of the officer's agencies by code, name or number; purpose is logged.
func (s *Service) Search(ctx context.Context, who actor.Actor, text, purpose string) ([]Head, error) {
	panic("dossier")
}

// All lists dossiers of the node, for the command line, and logs each as a look.
func (s *Service) All(ctx context.Context, who actor.Actor, q ListQuery, purpose string) ([]Dossier, error) {
	panic("dossier")
}

// Rate is the share of dossiers on time.
type Rate struct {
	OnTimeCount
	Name eform.Text // of the procedure
	Unit string     // name of the agency
}

// OnTime gives the rates by procedure and unit.
func (s *Service) OnTime(ctx context.Context, who actor.Actor, q OnTimeQuery) ([]Rate, error) {
	panic("dossier")
}

// Behind gives the dossiers behind a rate.
func (s *Service) Behind(ctx context.Context, who actor.Actor, q OnTimeQuery) ([]Head, error) {
	panic("dossier")
}

// Run does queued work. It fails so that it is tried again; a fault that no repetition mends
// is noted in the dossier and is no failure.
func (s *Service) Run(ctx context.Context, w Work) error { panic("dossier") }

// ReportWaiting tries the register for what waits; it says how many it recorded.
func (s *Service) ReportWaiting(ctx context.Context, limit int) (int, error) { panic("dossier") }

// Warn warns of what is near its due day or over it, and escalates; it says how many.
func (s *Service) Warn(ctx context.Context) (int, error) { panic("dossier") }

// Moved is a dossier that a change of the calendar moved.
type Moved struct {
	Code     string
	From, To time.Time
}

// Recompute computes all due days again, after a change of the calendar.
func (s *Service) Recompute(ctx context.Context, who actor.Actor) ([]Moved, error) {
	panic("dossier")
}

// Outages are those that are announced now: from seven working days before.
func (s *Service) Outages() []Outage { panic("dossier") }
