package dossier

import (
	"time"

	"dean06/internal/platform/fault"
)

// Verb is what is done to a dossier.
type Verb string

// The verbs. Those of the process (Step.Next of a package) are named by it: receive,
// propose, approve, return_back, registered, hand_over.
const (
	Submit       Verb = "submit"        // citizen, or the desk for them
	Receive      Verb = "receive"       // intake; gives the receipt
	RefuseIntake Verb = "refuse_intake" // → 3, with reasons
	AskMore      Verb = "ask_more"      // → 5, one complete checklist
	Supply       Verb = "supply"        // the citizen's supplement
	AskFee       Verb = "ask_fee"       // → 6
	Pay          Verb = "pay"           // entered at the desk
	Take         Verb = "take"          // an officer takes what waits for their duty
	Assign       Verb = "assign"        // a leader or the system gives it to somebody
	Propose      Verb = "propose"       // the reviewer proposes a decision
	ReturnBack   Verb = "return_back"   // the leader gives it back to the reviewer, with a note
	Approve      Verb = "approve"       // decides
	Refuse       Verb = "refuse"        // → 8, with reasons
	Stop         Verb = "stop"          // → 8, with its basis
	Withdraw     Verb = "withdraw"      // → 7, the citizen
	AgreeBack    Verb = "agree_back"    // 7 → 8, papers go back
	Extend       Verb = "extend"        // once, with apology, at least a day before
	AnswerEffect Verb = "answer_effect" // the officer answers the register's questions
	Registered   Verb = "registered"    // the register has recorded it (the program)
	EffectFailed Verb = "effect_failed" // the register asks, refuses or is away (the program)
	HandOver     Verb = "hand_over"     // 9 → 10
	GiveBack     Verb = "give_back"     // an original
	Correct      Verb = "correct"       // a mistake of intake; the receipt is issued again
	Replace      Verb = "replace"       // a wrong result (Điều 21)
	Revoke       Verb = "revoke"        // a wrong result (Điều 21)
	Check        Verb = "check"         // an officer's mark on a paper
	Note         Verb = "note"          // inside, not shown to the citizen
	Warned       Verb = "warned"        // near its due day, or over it (the program)
	Answered     Verb = "answered"      // the register has answered what the citizen said is wrong in it (the program)
	Recounted    Verb = "recounted"     // the calendar has changed, and with it the due day (the program)
)

// Verbs are all of them.
var Verbs = []Verb{
	Submit, Receive, RefuseIntake, AskMore, Supply, AskFee, Pay, Take, Assign, Propose, ReturnBack, Approve, Refuse, Stop,
	Withdraw, AgreeBack, Extend, AnswerEffect, Registered, EffectFailed, HandOver, GiveBack, Correct, Replace, Revoke, Check, Note,
	Warned, Recounted, Answered,
}

// Inside says that the citizen is not shown that it happened.
func (v Verb) Inside() bool {
	switch v {
	case Take, Assign, Propose, ReturnBack, Check, Note, Warned, EffectFailed, AnswerEffect:
		return true
	}
	return false
}

// moves says that what happens among officers takes the dossier to another step, which its
// applicant follows.
func (v Verb) moves() bool { return v == Propose || v == ReturnBack }

// Action is one thing that happened. Actions are only added; each holds the hash of the
// one before.
type Action struct {
	Dossier string    `json:"dossier"` // id
	Seq     int       `json:"seq"`     // 1, 2, … within the dossier
	Verb    Verb      `json:"verb"`
	At      time.Time `json:"at"`
	By      string    `json:"by"`     // account id
	Name    string    `json:"name"`   // as they were called then
	Agency  string    `json:"agency"` // for which they acted
	Post    string    `json:"post"`   // position, where they acted in one
	From    Status    `json:"from"`
	To      Status    `json:"to"`
	Step    string    `json:"step"` // after it
	Due     time.Time `json:"due,omitzero"`
	// Data is what was said with it, as JSON: reasons, checklists, receipts. No answers of
	// the form: of these it holds the digest.
	Data   []byte `json:"data,omitempty"`
	Before string `json:"before"` // hash of the action before it
	Hash   string `json:"hash"`
}

// Allowed is one verb that somebody may, or may not, do now. The same evaluation makes the
// buttons and stands before the act.
type Allowed struct {
	Verb Verb
	To   string // step to which it leads; "" where it is
	// Why is the message key of why not, with Args; "" when it is allowed. Args are those of
	// Letting too.
	Why  string
	Args fault.Args
	// Theirs says that it is theirs to do, by role and position, whether or not now.
	Theirs bool
	Who    string // message key of who does it
	// Letting says that it passes only with a reason of the supervisor (Said.Letting): a second
	// supplement, or one that is asked for late.
	Letting string
}
