// Package actor is the one notion of who acts: a person with an account, a
// programme with a token, somebody at the command line, another node's gateway,
// or the program itself. Every rule, log, version and timeline takes it from here.
//
// It gives roles no meaning: which role may do what stands in the table of the
// module (platform/permit).
package actor

import (
	"context"
	"log/slog"
	"os/user"
	"slices"
)

// Via is by which way somebody came.
type Via string

// The ways.
const (
	Password Via = "password"
	OIDC     Via = "oidc"
	Token    Via = "token"    // a programme
	Command  Via = "command"  // whoever may open the database
	Exchange Via = "exchange" // another node, through its gateway
	System   Via = "system"   // the program itself
)

// Actor is who acts.
type Actor struct {
	// Account is the account's id. What is no account has a word before a colon:
	// "token:…", "os:USER" for the command line, "gateway:H55-TTHC", "system:dean06".
	Account string   `json:"account"`
	Login   string   `json:"login,omitempty"`
	Name    string   `json:"name"`
	Agency  string   `json:"agency,omitempty"` // code of the agency acted for; empty at the centre
	Roles   []string `json:"roles,omitempty"`
	Via     Via      `json:"via,omitempty"`
	// Level is how surely a person is known to be who they are (Nghị định 69/2024, Điều 8): 1, 2;
	// 0 for who is no person, or whom nobody proved.
	Level int `json:"level,omitempty"`
	// For is for whom a person acts now by a delegation; nil for themselves.
	For *Principal `json:"for,omitempty"`
}

// Principal is somebody, or an organisation, for whom another acts: what is done shows both.
type Principal struct {
	Subject string   `json:"subject"` // what the provider of identities calls them
	Name    string   `json:"name"`
	Number  string   `json:"-"` // personal data: no log holds it
	Kind    string   `json:"kind,omitempty"`
	Ground  string   `json:"ground"`
	Scope   []string `json:"scope"` // codes of procedures, or "*"
}

// Covers says that one may act for them in a procedure.
func (p *Principal) Covers(procedure string) bool {
	return slices.Contains(p.Scope, "*") || slices.Contains(p.Scope, procedure)
}

// LogValue keeps the person out of logs.
func (p *Principal) LogValue() slog.Value { return slog.StringValue(p.Subject) }

// ForName is what the one is called for whom somebody acts; "" for themselves.
func (a Actor) ForName() string {
	if a.For == nil {
		return ""
	}
	return a.For.Name
}

// Nobody says that nobody is signed in.
func (a Actor) Nobody() bool { return a.Account == "" }

// Has says that the actor holds one of the roles.
func (a Actor) Has(roles ...string) bool {
	return slices.ContainsFunc(roles, func(r string) bool { return slices.Contains(a.Roles, r) })
}

// Is says that a stored text means this actor: their id, or the login that was
// stored before ids were.
func (a Actor) Is(stored string) bool {
	return stored != "" && (stored == a.Account || stored == a.Login)
}

// OfSystem is the program itself, acting in these roles.
func OfSystem(roles ...string) Actor {
	return Actor{Account: "system:dean06", Name: "dean06", Roles: roles, Via: System}
}

// AtCommandLine is the operating system's user who runs a command. They hold no
// role: what they may do, a module's table gives to the command line.
func AtCommandLine() Actor {
	name := "?"
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	return Actor{Account: "os:" + name, Login: name, Name: name, Via: Command}
}

type key struct{}

// With puts who acts into a context.
func With(ctx context.Context, a Actor) context.Context { return context.WithValue(ctx, key{}, a) }

// From gives who acts; nobody when none was put there.
func From(ctx context.Context) Actor {
	a, _ := ctx.Value(key{}).(Actor)
	return a
}
