package dossier

import (
	"time"

	"dean06/internal/deadline"
	"dean06/internal/eform"
	"dean06/internal/platform/clock"
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
	Accounts Accounts // nil: none are opened at the desk
	Deadline Clockwork
	Clock    clock.Clock
	Units    eform.Units   // nil: addresses are not looked up
	Province func() string // code of the province's agency as it is now; nil: Settings.Province
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
	Units   map[string]string // unit in codes by agency; "" the agency's own code
	Online  bool              // dossiers may be filed online
	Outages []Outage          // announced
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
