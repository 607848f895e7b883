package readiness

import (
	"slices"
	"strings"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/permit"
)

// The roles.
const (
	Coordinator   = "coordinator"   // runs the campaigns
	Reviewer      = "reviewer"      // reads and decides on returns
	FocalPoint    = "focal_point"   // fills in the returns of one agency
	AgencyLeader  = "agency_leader" // approves the returns of one agency before they are handed in
	Leader        = "leader"        // reads all
	Auditor       = "auditor"       // reads the audit log, and all that was handed in, without telephone numbers
	Administrator = "administrator" // keeps accounts and agencies
)

// Roles lists the roles that accounts of a board hold.
var Roles = []string{Coordinator, Reviewer, FocalPoint, AgencyLeader, Leader, Auditor, Administrator}

// FiguresReader is what a programme is whose token carries the scope of figures.
// No account holds it.
const FiguresReader = "figures_reader"

// Action is something that a person may want to do.
type Action string

// The actions on the return of one agency.
const (
	ReadReturn     Action = "read_return"     // versions handed in, their history
	ReadDraft      Action = "read_draft"      // what the agency is still writing
	ReadContact    Action = "read_contact"    // the focal point's data unmasked
	EditDraft      Action = "edit_draft"      // fill in the form
	SubmitReturn   Action = "submit_return"   // hand it in
	WithdrawReturn Action = "withdraw_return" // take back what was handed in
	ApproveReturn  Action = "approve_return"  // as the agency's leader, before it is handed in
	SetApproval    Action = "set_approval"    // whether that is needed
	ImportReturn   Action = "import_return"   // from a file, for any agency
	ResolveReading Action = "resolve_reading" // decide what a reader was not sure of
	SendBackReturn Action = "send_back"       // ask for corrections
	AcceptReturn   Action = "accept_return"   // take it into the figures
	ReopenReturn   Action = "reopen_return"   // let the agency change what was accepted
)

// The actions on the whole register.
const (
	ReadCampaign   Action = "read_campaign" // letters, forms, whom they ask, how agencies are called
	ReadIntake     Action = "read_intake"   // files that were taken in, and what became of them
	EnterReturn    Action = "enter_return"  // by hand beside a paper that no program reads, for any agency
	ReadFigures    Action = "read_figures"
	ReadBoard      Action = "read_board"
	ReadReport     Action = "read_report"
	ManageCampaign Action = "manage_campaign"
	Remind         Action = "remind"
)

// Permissions says who may do what in the register. What is a focal point's and an agency leader's own is
// the return of the agency that they act for.
var Permissions = permit.Table[Action]{Module: "readiness", Rows: []permit.Row[Action]{
	{Action: ReadReturn, Roles: []string{Coordinator, Reviewer, Leader, Auditor}, Own: []string{FocalPoint, AgencyLeader}, Command: true},
	{Action: ReadDraft, Own: []string{FocalPoint, AgencyLeader}},
	{Action: ReadContact, Roles: []string{Coordinator, Reviewer}, Own: []string{FocalPoint, AgencyLeader}, Command: true},
	{Action: EditDraft, Own: []string{FocalPoint}},
	{Action: SubmitReturn, Own: []string{FocalPoint}},
	{Action: WithdrawReturn, Own: []string{FocalPoint}},
	{Action: ApproveReturn, Own: []string{AgencyLeader}},
	{Action: SetApproval, Own: []string{AgencyLeader}},
	{Action: ImportReturn, Roles: []string{Coordinator}, Command: true},
	{Action: ResolveReading, Roles: []string{Coordinator, Reviewer}},
	{Action: SendBackReturn, Roles: []string{Coordinator, Reviewer}},
	{Action: AcceptReturn, Roles: []string{Coordinator, Reviewer}},
	{Action: ReopenReturn, Roles: []string{Coordinator}},
	{Action: ReadCampaign, Everybody: true, Command: true},
	{Action: ReadIntake, Roles: []string{Coordinator, Reviewer, Auditor}},
	{Action: EnterReturn, Roles: []string{Coordinator}},
	{Action: ReadFigures, Roles: []string{Coordinator, Reviewer, Leader, Auditor, FiguresReader}, Command: true},
	{Action: ReadBoard, Roles: []string{Coordinator, Reviewer, Leader, Auditor}, Command: true},
	{Action: ReadReport, Roles: []string{Coordinator, Reviewer, Leader, Auditor}, Command: true},
	{Action: ManageCampaign, Roles: []string{Coordinator}},
	{Action: Remind, Roles: []string{Coordinator}},
}}

// Name is how routes and commands name the action, with the module before it.
func (a Action) Name() string { return Permissions.Module + "." + string(a) }

// onReturn says that an action is on the return of one agency: those that stand
// above ReadCampaign in the table.
func onReturn(a Action) bool {
	at := func(a Action) int {
		return slices.IndexFunc(Permissions.Rows, func(r permit.Row[Action]) bool { return r.Action == a })
	}
	return at(a) >= 0 && at(a) < at(ReadCampaign)
}

// Can says whether somebody may do the action. The agency is that of the
// return, or "" for an action on the whole register.
//
// It fails with Unsigned for nobody, and with Denied for a role that may not do
// it anywhere. It fails with NotFound where a focal point reaches for another
// agency's return, or where anybody else reaches for a draft: that it exists is
// itself not told.
func Can(who actor.Actor, action Action, agency string) error {
	own := who.Agency != "" && who.Agency == agency
	err := Permissions.CanOwn(who, action, own && onReturn(action))
	if err == nil || who.Nobody() || !onReturn(action) {
		return err
	}
	if who.Has(FocalPoint, AgencyLeader) && who.Agency != agency || action == ReadDraft {
		return fault.New(fault.NotFound, "readiness.denied.no_return", nil)
	}
	return err
}

// Masked hides what need not be seen of a contact: the telephone but for the
// last three digits, and the e-mail but for its first letter and its domain.
func (c Contact) Masked() Contact {
	c.Phone = maskPhone(c.Phone)
	c.Email = maskEmail(c.Email)
	return c
}

func maskPhone(s string) string {
	r := []rune(s)
	seen := 0
	for i := len(r) - 1; i >= 0; i-- {
		if r[i] < '0' || r[i] > '9' {
			continue
		}
		if seen++; seen > 3 {
			r[i] = '•'
		}
	}
	return string(r)
}

func maskEmail(s string) string {
	name, domain, ok := strings.Cut(s, "@")
	if !ok || name == "" {
		if s == "" {
			return ""
		}
		return "•••"
	}
	return string([]rune(name)[:1]) + "•••@" + domain
}
