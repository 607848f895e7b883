package cleaning

import (
	"dean06/internal/org"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/permit"
)

// The roles of accounts of the authority's node that work with files. They are the
// register's own: who may see people there cleans files there.
const (
	Registrar     = "registrar"
	Auditor       = "auditor"
	CommunePolice = "commune_police" // of the police of a commune: the rows of its people alone
)

// Action is what somebody wants to do with a file that was handed in.
type Action string

// The actions.
const (
	HandIn  Action = "hand_in" // take a file in, say what its columns hold, run it
	See     Action = "see"     // read what became of files, in figures
	Review  Action = "review"  // see rows beside people of the register, and decide
	Release Action = "release" // ask that the clean file may leave, and fetch it
	Settle  Action = "settle"  // say of a row of one's agency whose it is, without seeing them
	Fetch   Action = "fetch"   // take the clean file of one's agency that was let leave
	Follow  Action = "follow"  // read what the register's events changed of a file that was released
)

// Permissions says who may do what.
var Permissions = permit.Table[Action]{Module: "cleaning", Rows: []permit.Row[Action]{
	{Action: HandIn, Roles: []string{Registrar}, Own: []string{RightHolder}, Purpose: true},
	{Action: See, Roles: []string{Registrar, Auditor}, Own: []string{RightHolder, CommunePolice}},
	{Action: Review, Roles: []string{Registrar}, Own: []string{CommunePolice}, Purpose: true},
	{Action: Release, Roles: []string{Registrar}, Purpose: true, Second: true},
	{Action: Settle, Own: []string{RightHolder}, Purpose: true},
	{Action: Fetch, Own: []string{RightHolder}, Purpose: true},
	{Action: Follow, Roles: []string{Registrar}, Own: []string{RightHolder}, Purpose: true},
}}

// May says whether somebody may do something with files, and in which commune alone; "" is
// everywhere. It fails with Unsigned and Denied.
func May(a actor.Actor, action Action) (commune string, err error) {
	_, commune, police := org.ParsePoliceCode(a.Agency)
	if err := Permissions.CanOwn(a, action, police); err != nil {
		return "", err
	}
	if Permissions.Can(a, action) == nil {
		return "", nil
	}
	return commune, nil
}

// allowed is May for who asks for a commune, or for all with "".
func allowed(a actor.Actor, action Action, asked string) (commune string, err error) {
	may, err := May(a, action)
	switch {
	case err != nil:
		return "", err
	case may == "" || may == asked:
		return asked, nil
	case asked == "":
		return may, nil
	}
	return "", elsewhere()
}

// within fails with Denied for a row of another commune than the one to which somebody is held.
func within(may string, r *Row) error {
	if may == "" || may == r.Commune {
		return nil
	}
	return elsewhere()
}

func elsewhere() error { return fault.New(fault.Denied, "cleaning.denied.elsewhere", nil) }
