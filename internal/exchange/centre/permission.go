package centre

import (
	"strings"

	"dean06/internal/exchange"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/permit"
)

// Action is something that somebody may want to do at the centre.
type Action string

// The actions.
const (
	ActRead     Action = "read"     // the register, applications, configurations
	ActRegister Action = "register" // enter members, subsystems, services, gateways and groups; suspend and withdraw them
	ActInvite   Action = "invite"   // make tokens and withdraw them
	ActSettle   Action = "settle"   // decide on applications
	ActRevoke   Action = "revoke"   // end a certificate before its time
	ActTakePart Action = "takepart" // renew, apply and report, as a gateway that was heard
)

// TakesPart is the role of a gateway that was heard. No account holds it.
const TakesPart = "gateway"

// Permissions says who may do what at the centre. The configuration is public: a gateway
// needs it before it can show who it is.
var Permissions = permit.Table[Action]{Module: "centre", Rows: []permit.Row[Action]{
	{Action: ActRead, Roles: []string{exchange.Operator, exchange.Administrator, exchange.Auditor}},
	{Action: ActRegister, Roles: []string{exchange.Operator}},
	{Action: ActInvite, Roles: []string{exchange.Operator}},
	{Action: ActSettle, Roles: []string{exchange.Operator}},
	{Action: ActRevoke, Roles: []string{exchange.Operator}},
	{Action: ActTakePart, Roles: []string{TakesPart}},
}}

// ofGateway is a gateway that has shown who it is.
func ofGateway(id string) actor.Actor {
	return actor.Actor{Account: "gateway:" + id, Name: id, Roles: []string{TakesPart}, Via: actor.Exchange}
}

// gatewayOf is the gateway that acts. It fails with Denied for anybody else.
func gatewayOf(by actor.Actor) (string, error) {
	if err := Permissions.Can(by, ActTakePart); err != nil {
		return "", err
	}
	id, ok := strings.CutPrefix(by.Account, "gateway:")
	if !ok || by.Via != actor.Exchange {
		return "", fault.New(fault.Denied, "centre.denied.takepart", nil)
	}
	return id, nil
}
