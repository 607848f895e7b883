package dossier

import (
	"time"

	"dean06/internal/deadline"
	"dean06/internal/eform"
	"dean06/internal/platform/clock"
)

// Status is the outer status, by the ten codes of the national portal (TrangThaiHoSo).
type Status int

// The statuses.
const (
	New           Status = 1  // mới đăng ký
	Received      Status = 2  // được tiếp nhận
	RefusedIntake Status = 3  // không được tiếp nhận
	InProcess     Status = 4  // đang xử lý
	Supplement    Status = 5  // yêu cầu bổ sung giấy tờ; the clock stands
	FeeDue        Status = 6  // yêu cầu thực hiện nghĩa vụ tài chính; the clock stands
	Withdrawing   Status = 7  // công dân yêu cầu rút hồ sơ
	Stopped       Status = 8  // dừng xử lý: refused later, stopped, withdrawn
	Done          Status = 9  // đã xử lý xong
	HandedOver    Status = 10 // đã trả kết quả
)

// Channel is by which way it came (KenhThucHien).
type Channel string

// The channels.
const (
	AtDesk Channel = "desk"   // 1 trực tiếp
	Online Channel = "online" // 2 trực tuyến
	ByPost Channel = "post"   // 3 bưu chính công ích
)

// Party is who applies, or for whom somebody applies by authorisation.
type Party struct {
	Kind   string `json:"kind"`             // citizen, foreigner, household_business, organisation; "" of who acts by authorisation
	Number string `json:"number,omitempty"` // personal number, proved: whoever has it sees the dossier; personal data
	Name   string `json:"name"`             // of the person
	// Ground is by which right whoever applied acted for them, where the provider of identities
	// vouched for it; "" where papers show it.
	Ground string `json:"ground,omitempty"`
	// Unproved is a number that the register has not yet said to be this person's: it was away.
	Unproved string `json:"unproved,omitempty"`
	// Organisation is for which the person acts; nil of persons.
	Organisation *Organisation `json:"organisation,omitempty"`
	Phone        string        `json:"phone,omitempty"`
	Email        string        `json:"email,omitempty"`
	// Account is the account of the node with which they follow it; "" when they have none.
	Account string `json:"account,omitempty"`
}

// Draft is a form that is being filled. It is nobody's business but its owner's, is saved
// with every answer, and goes on on another device.
type Draft struct {
	ID        string
	Account   string // owner; of an officer who fills it in with a citizen at the desk, theirs
	Assisted  bool   // filled in by an officer at the desk, read and confirmed by the citizen
	Procedure string
	Package   string // version
	Case      string
	Channel   Channel
	Applicant Party
	Answers   eform.Answers
	Papers    []Paper
	At        string // path of the question where it stands
	Version   int    // counts changes: of two windows the later one is told
	CreatedAt time.Time
	ChangedAt time.Time
	Sent      string // code of the dossier that it became; "" as long as it is none
	// Supplies is the dossier (id) whose supplement it is: then only what was asked may be
	// changed. "" for a new one.
	Supplies string
	// Officer filled it in at a desk (Assisted), for the agency whose code is At Desk.
	Officer string
	Desk    string
	// Confirmed is how the citizen confirmed what an officer filled in; nil: not yet.
	Confirmed *Confirmation
	For       *Party // for whom, where the applicant acts by authorisation (Điều 16.2); without a name it is still owed
	Competent string // agency chosen where several may decide
	Wrongs    []Wrong
}

// Confirmation is how a citizen at the desk confirmed what an officer had filled in.
type Confirmation struct {
	How    string    `json:"how"` // "read" on the screen, "heard" read out, "paper" signed print
	At     time.Time `json:"at"`
	By     string    `json:"by"`     // account of the officer who saw it
	Digest string    `json:"digest"` // of the answers that were confirmed: what changes later is confirmed again
}

// Wrong is a fact of the register that the citizen says is wrong. It is sent to the
// register when the dossier is.
type Wrong struct {
	Path string    `json:"path"`
	Says string    `json:"says"`
	Why  string    `json:"why"`
	At   time.Time `json:"at"`
	// State is what came of it: "" it has not been answered.
	State      string    `json:"state,omitempty"`
	Answer     string    `json:"answer,omitempty"` // of a refusal: why the fact stays as it is
	AnsweredAt time.Time `json:"answered_at,omitzero"`
}

// What comes of a claim that a fact of the register is wrong.
const (
	ClaimCorrected = "corrected"
	ClaimRefused   = "refused"
	ClaimUnsent    = "unsent" // the register does not take it
)

// Dossier is a dossier as it is now.
type Dossier struct {
	ID        string
	Code      string // "H55.12-20261121-0000001"
	Procedure string
	Package   string // version of the package that governs it
	Case      string
	Channel   Channel
	Applicant Party
	For       *Party // by authorisation (Điều 16.2)
	Answers   eform.Answers
	Papers    []Paper
	Originals []Original // that were handed over and are given back (Điều 20.2)

	Status     Status
	Step       string // of the package's process
	Receiving  string // agency code where it was handed in
	Competent  string // agency code that decides
	Holder     string // account that has it; "" when it waits for anybody of the step's duty
	HolderName string // as they are called
	Post       string // position in which Holder has it: a stand-in in it has it too
	Agency     string // that has it now: Receiving or Competent; "" when it has ended
	Duty       string // of the step: desk, reviewer, leader, police; "" when the program has it, or nobody
	Area       string // commune by whose place the agency is competent; "" when none
	StepSince  time.Time
	StepDue    time.Time // by the budget of the step; zero: none

	SubmittedAt time.Time
	ReceivedAt  time.Time // zero until received
	Rule        deadline.Rule
	Pauses      []Pause    // stops of the clock
	RestartedAt time.Time  // when a supplement was complete; zero: never
	Extended    *Extension // one at most
	Due         time.Time  // computed; zero while the clock stands or none runs
	Promised    time.Time  // the last day that was promised; it stays when the clock stands or has ended
	Provisional bool       // of Promised: it falls into a year whose calendar is not official
	Warned      int        // 0 not, 1 near its due day, 2 over it, 3 escalated
	DoneAt      time.Time  // status 9, else 3 or 8
	HandedAt    time.Time

	Supplements []Supplying // requests for a supplement and what came
	Fees        []FeeItem
	Results     []ResultPaper
	Effect      *EffectState // what the register is told; nil: nothing

	Refused   []Asked   // reasons of a refusal, at intake or later
	Proposed  *Proposal // what the reviewer proposes; nil: nothing yet
	Decided   *Decision // who approved; nil: nobody yet
	Wrongs    []Wrong   // what the citizen said is wrong in the register
	Retention string    // class, by the package
	Digest    string    // of the answers and papers, as the last action has it

	Version   int // counts actions: an act names the version that its author saw
	ChangedAt time.Time
}

// Proposal is what a reviewer proposes to the leader.
type Proposal struct {
	By     string    `json:"by"`
	Name   string    `json:"name"`
	Step   string    `json:"step"` // at which it was proposed
	At     time.Time `json:"at"`
	Refuse bool      `json:"refuse,omitempty"`
	Asked  []Asked   `json:"asked,omitempty"` // reasons of a refusal
	Note   string    `json:"note,omitempty"`
}

// Decision is who approved, and when.
type Decision struct {
	By    string    `json:"by"`
	Name  string    `json:"name"`
	Title string    `json:"title"` // of the position
	At    time.Time `json:"at"`
}

// Pause is a stop of the clock.
type Pause struct {
	Why  string    `json:"why"` // supplement, fee
	From time.Time `json:"from"`
	To   time.Time `json:"to,omitzero"` // zero: still
}

// Extension is the one extension, with an apology (Điều 19.9).
type Extension struct {
	At     time.Time  `json:"at"`
	Until  clock.Date `json:"until"` // the day that is promised
	To     time.Time  `json:"to"`    // due then
	Reason string     `json:"reason"`
	By     string     `json:"by"`
}

// How says by what a paper's requirement was met.
type How string

// The ways.
const (
	ByRegister How = "register" // the state has it: a live look-up
	ByDossier  How = "dossier"  // an earlier result here
	ByAgency   How = "agency"   // the receiving agency's own
	ByUpload   How = "upload"   // the citizen's file
	ByScan     How = "scan"     // scanned at the desk
	ByShowing  How = "shown"    // shown at the desk
)

// Paper is what met a requirement of the package, recorded with its hash and the flags of
// the national indicators (Quyết định 766).
type Paper struct {
	Requirement string    `json:"requirement"` // id in the package
	How         How       `json:"how"`
	File        string    `json:"file,omitempty"` // SHA-256 in the store of files
	Name        string    `json:"name,omitempty"`
	Size        int64     `json:"size,omitempty"`
	Type        string    `json:"type,omitempty"`   // media type by content
	Source      string    `json:"source,omitempty"` // "VN/GOV/G01/DANCU", account, dossier
	At          time.Time `json:"at"`
	Digitised   bool      `json:"digitised"`       // DuocSoHoa
	Reused      bool      `json:"reused"`          // DuocTaiSuDung
	Repository  bool      `json:"from_repository"` // DuocLayTuKhoDMQG
	Warnings    []string  `json:"warnings,omitempty"`
	Removed     bool      `json:"removed,omitempty"` // replaced later; kept
	// Check is the officer's: "" not looked at, "ok", "bad" with Reason.
	Check  string `json:"check,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// Original is a paper that was handed over in original.
type Original struct {
	Name     string    `json:"name"`
	Count    int       `json:"count"`
	TakenAt  time.Time `json:"taken_at"`
	TakenBy  string    `json:"taken_by"`
	BackAt   time.Time `json:"back_at,omitzero"`
	BackBy   string    `json:"back_by,omitempty"`
	Receiver string    `json:"receiver,omitempty"`
}

// Asked is one line of a checklist: what is wrong or missing, by a coded reason.
type Asked struct {
	Field  string `json:"field,omitempty"` // path of a question, or
	Paper  string `json:"paper,omitempty"` // id of a requirement
	Reason string `json:"reason"`          // code of the package's list
	Note   string `json:"note,omitempty"`
}

// Supplying is one request for a supplement: one complete checklist.
type Supplying struct {
	At         time.Time `json:"at"`
	By         string    `json:"by"`
	Supervisor string    `json:"supervisor,omitempty"` // who let a second one pass
	Asked      []Asked   `json:"asked"`
	CameAt     time.Time `json:"came_at,omitzero"`
	DueBefore  time.Time `json:"due_before,omitzero"` // NgayHenTraTruoc
	DueAfter   time.Time `json:"due_after,omitzero"`  // NgayHenTraMoi
}

// FeeItem is one fee of a dossier.
type FeeItem struct {
	ID       string    `json:"id"`
	Amount   int64     `json:"amount"`
	Unknown  bool      `json:"unknown,omitempty"` // the amount is not known to the program: the desk enters it
	Exempt   string    `json:"exempt,omitempty"`  // id of the exemption
	PaidAt   time.Time `json:"paid_at,omitzero"`
	PaidBy   string    `json:"paid_by,omitempty"`  // account that entered it
	Receipt  string    `json:"receipt,omitempty"`  // number of the receipt
	Gathered string    `json:"gathered,omitempty"` // "desk"
}

// ResultPaper is a result, or a standard paper, that was issued.
type ResultPaper struct {
	ID       string    `json:"id"`
	Kind     string    `json:"kind"`             // "01", "02", "03", "result"
	Result   string    `json:"result,omitempty"` // id in the package
	Number   string    `json:"number"`
	File     string    `json:"file"`  // SHA-256 of the PDF
	Proof    string    `json:"proof"` // unguessable part of the address that proves it
	At       time.Time `json:"at"`
	By       string    `json:"by"`
	Unsigned bool      `json:"unsigned"`           // marked so until signing comes
	Replaced string    `json:"replaced,omitempty"` // id of the one that took its place
	Revoked  time.Time `json:"revoked,omitzero"`
	Reason   string    `json:"reason,omitempty"`
	Basis    string    `json:"basis,omitempty"`
}

// The kinds of papers that are issued.
const (
	PaperReceipt    = "01" // tiếp nhận hồ sơ và hẹn trả kết quả
	PaperSupplement = "02" // yêu cầu bổ sung, hoàn thiện hồ sơ
	PaperRefusal    = "03" // từ chối
	PaperResult     = "result"
)

// Stands says that a paper was neither replaced nor revoked.
func (r ResultPaper) Stands() bool { return r.Replaced == "" && r.Revoked.IsZero() }

// How far the register has been told.
const (
	EffectWaiting = "waiting"
	EffectAsked   = "asked" // the register asks, an officer answers
	EffectRefused = "refused"
	EffectDone    = "done"
)

// EffectState is how far the register has been told of a decision.
type EffectState struct {
	State     string            `json:"state"` // waiting, asked (questions to the officer), refused, done
	Event     string            `json:"event"` // "birth"
	Answers   map[string]string `json:"answers,omitempty"`
	Questions []EffectQuestion  `json:"questions,omitempty"`
	Error     string            `json:"error,omitempty"` // message key of why it waits; the register's own words where it refused
	Tries     int               `json:"tries"`
	TriedAt   time.Time         `json:"tried_at,omitzero"`
	Number    string            `json:"number,omitempty"`   // personal number that was given
	Recorded  string            `json:"recorded,omitempty"` // id of the event
	DoneAt    time.Time         `json:"done_at,omitzero"`
}

// EffectQuestion is what the register asks before it records.
type EffectQuestion struct {
	Code   string   `json:"code"`
	Text   string   `json:"text"`
	Answer string   `json:"answer"`          // reason, relation, choice
	Facts  []string `json:"facts,omitempty"` // as lines to read
	Choice []string `json:"choice,omitempty"`
}
