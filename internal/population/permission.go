package population

import (
	"context"

	"dean06/internal/org"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/permit"
)

// The roles of accounts that the register knows.
const (
	Registrar     = "registrar"      // works at the desk
	Auditor       = "auditor"        // reads who looked up what
	Administrator = "administrator"  // of the node; sees nobody by being one
	Citizen       = "citizen"        // a person, where the account is bound to their number
	CommunePolice = "commune_police" // of the police of a commune: looks at those who live there, each by their number
)

// RightHolder is the role of whoever asks through the exchange: the gateway decided by
// which right, and the inquiry carries what it grants. No account holds it.
const RightHolder = "exchange.right"

// Action is what somebody wants to do with the register.
type Action string

// The actions.
const (
	LookUp        Action = "look_up"        // search people and see one, at the desk
	LookNear      Action = "look_near"      // see one who lives in one's commune, by their number
	Record        Action = "record"         // life events
	Annul         Action = "annul"          // ask that a life event is annulled, and decide on what another asked
	Answer        Action = "answer"         // be answered through the exchange
	ReportEvent   Action = "report"         // a life event through the exchange
	ReadOwn       Action = "read_own"       // see one's own data and who looked at them, object
	Audit         Action = "audit"          // read who looked up what, answer objections
	Verify        Action = "verify"         // check the log of look-ups
	Load          Action = "load"           // take a file of persons in, read what became of it
	RequestExport Action = "request_export" // ask that the register may leave as a file
	ExportFile    Action = "export"         // write that file, once it was approved
	Count         Action = "count"          // read statistics, which name nobody
	Archive       Action = "archive"        // write old look-ups to sealed files
	ReportMistake Action = "report_mistake" // pass on through the exchange that a fact is said to be wrong
	SettleMistake Action = "settle_mistake" // read what is said to be wrong, correct it or say why not
)

// Permissions says who may do what. A command that looks up persons is a row with Command
// and Purpose, and takes --purpose; without one the log says that none was given.
var Permissions = permit.Table[Action]{Module: "population", Rows: []permit.Row[Action]{
	{Action: LookUp, Roles: []string{Registrar}, Command: true, Purpose: true},
	{Action: LookNear, Own: []string{CommunePolice}, Purpose: true},
	{Action: Record, Roles: []string{Registrar}},
	{Action: Annul, Roles: []string{Registrar}, Second: true},
	{Action: Answer, Roles: []string{RightHolder}, Purpose: true},
	{Action: ReportEvent, Roles: []string{RightHolder}, Purpose: true},
	{Action: ReportMistake, Roles: []string{RightHolder}, Purpose: true},
	{Action: SettleMistake, Roles: []string{Registrar}},
	{Action: ReadOwn, Own: []string{Citizen}},
	{Action: Audit, Roles: []string{Auditor}},
	{Action: Verify, Roles: []string{Auditor}, Command: true},
	{Action: Load, Roles: []string{Administrator}, Command: true},
	{Action: RequestExport, Roles: []string{Administrator}, Command: true, Purpose: true},
	{Action: ExportFile, Command: true, Purpose: true, Second: true},
	{Action: Archive, Command: true},
	{Action: Count, Roles: []string{Registrar, Auditor, Administrator}, Command: true},
}}

// ThroughExchange is a system that asks through the exchange, for an officer whom it names.
func ThroughExchange(client, agency, officer string) actor.Actor {
	return actor.Actor{
		Account: "gateway:" + client, Name: officer, Agency: agency, Roles: []string{RightHolder}, Via: actor.Exchange,
	}
}

// asks fails with Denied unless whoever asks may: at the desk do what is wanted there,
// and what would be a look-up there is, through the exchange, an answer to a right that
// grants something. Answer as what is wanted is for the exchange alone.
func (in *Inquiry) asks(atDesk Action) error {
	action, through := atDesk, in.By.Via == actor.Exchange
	if through && atDesk == LookUp {
		action = Answer
	}
	if err := Permissions.Can(in.By, action); err != nil {
		return err
	}
	if (action == Answer || action == ReportEvent || action == ReportMistake) && (!through || len(in.Granted) == 0) {
		return fault.New(fault.Denied, "population.denied.answer", nil)
	}
	return nil
}

// beat is the commune whose people alone an officer may look at, each by their number; ""
// for who is of no commune's police.
func (in Inquiry) beat() string {
	_, commune, ok := org.ParsePoliceCode(in.By.Agency)
	if !ok || Permissions.Can(in.By, LookUp) == nil || Permissions.CanOwn(in.By, LookNear, true) != nil {
		return ""
	}
	return commune
}

// may is asks; that somebody may not is logged as a look-up that was refused.
func (r *Register) may(ctx context.Context, in Inquiry, atDesk Action) error {
	err := in.asks(atDesk)
	if err == nil || in.By.Nobody() {
		return err
	}
	return r.refuse(ctx, in, nil, 0, err)
}
