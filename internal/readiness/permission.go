package readiness

import (
	"slices"
	"strings"

	"dean06/internal/platform/fault"
)

// Role is what an account may be.
type Role string

// The roles.
const (
	Coordinator   Role = "coordinator"   // runs the campaigns
	Reviewer      Role = "reviewer"      // reads and decides on returns
	FocalPoint    Role = "focal_point"   // fills in the returns of one agency
	Leader        Role = "leader"        // reads all
	Auditor       Role = "auditor"       // reads the audit log
	Administrator Role = "administrator" // keeps accounts and agencies
)

// Roles lists the roles.
var Roles = []Role{Coordinator, Reviewer, FocalPoint, Leader, Auditor, Administrator}

// Actor is who acts.
type Actor struct {
	Account string
	Name    string
	Agency  string // the agency acted for; empty at the centre
	Roles   []Role
}

// Is says that the actor has the role.
func (a Actor) Is(r Role) bool { return slices.Contains(a.Roles, r) }

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
	ImportReturn   Action = "import_return"   // from a file, for any agency
	ResolveReading Action = "resolve_reading" // decide what a reader was not sure of
	SendBackReturn Action = "send_back"       // ask for corrections
	AcceptReturn   Action = "accept_return"   // take it into the figures
	ReopenReturn   Action = "reopen_return"   // let the agency change what was accepted
)

// The actions on the whole register.
const (
	ReadBoard      Action = "read_board"
	ReadReport     Action = "read_report"
	ManageCampaign Action = "manage_campaign"
	Remind         Action = "remind"
	ReadAudit      Action = "read_audit"
	ManageAccounts Action = "manage_accounts"
	ManageOrg      Action = "manage_org"
)

// Actions lists all actions.
var Actions = []Action{
	ReadReturn, ReadDraft, ReadContact, EditDraft, SubmitReturn, WithdrawReturn,
	ImportReturn, ResolveReading, SendBackReturn, AcceptReturn, ReopenReturn,
	ReadBoard, ReadReport, ManageCampaign, Remind, ReadAudit, ManageAccounts, ManageOrg,
}

// allowed says which roles may do what on every agency.
var allowed = map[Role][]Action{
	Coordinator: {
		ReadReturn, ReadContact, ImportReturn, ResolveReading, SendBackReturn, AcceptReturn, ReopenReturn,
		ReadBoard, ReadReport, ManageCampaign, Remind,
	},
	Reviewer:      {ReadReturn, ReadContact, ResolveReading, SendBackReturn, AcceptReturn, ReadBoard, ReadReport},
	Leader:        {ReadReturn, ReadBoard, ReadReport},
	Auditor:       {ReadAudit},
	Administrator: {ManageAccounts, ManageOrg},
}

// own says what a focal point may do on the own agency.
var own = []Action{ReadReturn, ReadDraft, ReadContact, EditDraft, SubmitReturn, WithdrawReturn}

// onReturn says that an action is on the return of one agency.
func onReturn(a Action) bool { return slices.Index(Actions, a) <= slices.Index(Actions, ReopenReturn) }

// Can says whether the actor may do the action. The agency is that of the
// return, or "" for an action on the whole register.
//
// It fails with Unsigned for nobody, and with Denied for a role that may not do
// it anywhere. It fails with NotFound where a focal point reaches for another
// agency's return, or where anybody else reaches for a draft: that it exists is
// itself not told.
func Can(actor Actor, action Action, agency string) error {
	if actor.Account == "" {
		return fault.New(fault.Unsigned, "readiness.denied.unsigned", nil)
	}
	for _, r := range actor.Roles {
		if slices.Contains(allowed[r], action) {
			return nil
		}
	}
	if onReturn(action) && actor.Is(FocalPoint) && slices.Contains(own, action) && actor.Agency != "" && actor.Agency == agency {
		return nil
	}
	if onReturn(action) && (actor.Is(FocalPoint) && actor.Agency != agency || action == ReadDraft) {
		return fault.New(fault.NotFound, "readiness.denied.no_return", nil)
	}
	return fault.New(fault.Denied, "readiness.denied."+string(action), nil)
}

// MayReadReturns says whether the actor may read the returns of all agencies;
// a focal point may not and gets a list of the own agency only.
func MayReadReturns(actor Actor) bool { return Can(actor, ReadReturn, "") == nil }

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
