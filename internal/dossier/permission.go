package dossier

import (
	"dean06/internal/platform/permit"
)

// The roles of accounts that this module gives a meaning. An official's come with their
// positions.
const (
	Receiver      = "receiver"      // at the one-stop desk
	Processor     = "processor"     // reviews
	Decider       = "decider"       // decides
	Citizen       = "citizen"       // applies
	Auditor       = "auditor"       // reads what happened, not what is in it
	Administrator = "administrator" // of the node; sees nobody by being one
	Program       = "dossier.program"
)

// Deed is what somebody may do in this module: a verb, or one of these.
// "dossier.may.…" is its name for people.
type Deed string

// The deeds that are no verbs.
const (
	Fill      Deed = "fill"       // begin a form and fill it in: one's own, or at the desk with a citizen
	Read      Deed = "read"       // one's own dossier; one of the agency's
	List      Deed = "list"       // the dossiers of one's agency
	ReadChain Deed = "read_chain" // what happened to any dossier, and whether the log is whole
	Rates     Deed = "rates"      // how many are on time
	TakeOut   Deed = "export"     // one's own dossier as a file
	Run       Deed = "run"        // the program's own work
	// OpenAccount is giving a citizen at the desk, whose card was seen, an account of theirs.
	OpenAccount Deed = "open_account"
)

// Permissions says who may do what. "Own" is, for a citizen, the dossiers of their account;
// for an officer, those that the agency of their position has to do with (see owns).
var Permissions = permit.Table[Deed]{Module: "dossier", Rows: []permit.Row[Deed]{
	{Action: Fill, Own: []string{Citizen, Receiver}},
	{Action: Deed(Submit), Own: []string{Citizen, Receiver}},
	{Action: Deed(Receive), Own: []string{Receiver}},
	{Action: Deed(RefuseIntake), Own: []string{Receiver}},
	{Action: Deed(AskMore), Own: []string{Receiver, Processor, Decider}},
	{Action: Deed(Supply), Own: []string{Citizen, Receiver}},
	{Action: Deed(AskFee), Own: []string{Receiver, Processor}},
	{Action: Deed(Pay), Own: []string{Receiver}},
	{Action: Deed(Take), Own: []string{Receiver, Processor, Decider}},
	{Action: Deed(Assign), Own: []string{Decider}},
	{Action: Deed(Propose), Own: []string{Processor}},
	{Action: Deed(ReturnBack), Own: []string{Processor, Decider}},
	{Action: Deed(Approve), Own: []string{Decider}},
	{Action: Deed(Refuse), Own: []string{Decider}},
	{Action: Deed(Stop), Own: []string{Decider}},
	{Action: Deed(Withdraw), Own: []string{Citizen, Receiver}},
	{Action: Deed(AgreeBack), Own: []string{Receiver, Processor, Decider}},
	{Action: Deed(Extend), Own: []string{Decider}},
	{Action: Deed(AnswerEffect), Own: []string{Processor, Decider}},
	{Action: Deed(HandOver), Own: []string{Receiver}},
	{Action: Deed(GiveBack), Own: []string{Receiver}},
	{Action: Deed(Correct), Own: []string{Receiver}},
	{Action: Deed(Replace), Own: []string{Decider}},
	{Action: Deed(Revoke), Own: []string{Decider}},
	{Action: Deed(Check), Own: []string{Receiver, Processor}},
	{Action: Deed(Note), Own: []string{Receiver, Processor, Decider}},
	{Action: Deed(Registered), Roles: []string{Program}},
	{Action: Deed(EffectFailed), Roles: []string{Program}},
	{Action: Deed(Warned), Roles: []string{Program}},
	{Action: Deed(Recounted), Roles: []string{Program}},
	{Action: Deed(Answered), Roles: []string{Program}},
	{Action: Read, Own: []string{Citizen, Receiver, Processor, Decider}, Command: true, Purpose: true},
	{Action: List, Own: []string{Receiver, Processor, Decider}, Command: true, Purpose: true},
	{Action: ReadChain, Roles: []string{Auditor}, Command: true},
	{Action: Rates, Roles: []string{Auditor}, Own: []string{Receiver, Processor, Decider}},
	{Action: OpenAccount, Own: []string{Receiver}},
	{Action: TakeOut, Own: []string{Citizen}},
	{Action: Run, Roles: []string{Program}, Command: true},
}}
