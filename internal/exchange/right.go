package exchange

import (
	"slices"
	"time"

	"dean06/internal/platform/clock"
	"dean06/internal/xroad"
)

// Right lets a subject call a service. It is kept at the provider's gateway and
// given by the service's owner; what is not given is denied. A right never
// changes: an edit ends one and begins another.
type Right struct {
	ID      string
	Subject xroad.ID // a subsystem; zero when Group is set
	Group   string   // a group of the configuration, or of this gateway
	Service xroad.ID
	Method  string // "" is any
	Path    string // a glob below the service: * within a part, ** across; "" is any

	// Beyond X-Road:
	Purposes   []string // procedure codes (mã TTHC) for which it may be used, each with its cases; none is any
	LegalBasis string   // such as "Nghị định 107/2021/NĐ-CP, điều 1"
	From       clock.Date
	Until      clock.Date // the last day; zero is without end
	Quota      Quota
	Fields     []string // which may be answered; "*" is all; none is none
	Officer    bool     // a call must name its officer (X-Road-UserId)
	Dossier    bool     // a call must name its dossier (X-Road-Issue)
	Security   bool     // the client's system must be secure as its level demands: see Clearance

	GivenBy    string    // the account's id; of rights before 2027 the name of who gave it
	ApprovedBy string    // the second person; "" when the program gave it, and of rights before 2027
	GivenAt    time.Time // when it took effect
	EndedBy    string
	EndedAt    time.Time // zero while it holds
}

// Loosens says that whoever calls by another right, which demands security, may call by this
// one without it: of the same subject or through a group that has it, for some of the same
// methods, paths and purposes, and now.
func (r Right) Loosens(other Right, groups map[string][]xroad.ID, at time.Time) bool {
	over, _ := r.over(at)
	if r.Security || !other.Security || r.Service != other.Service || !over.IsZero() || clock.DayOf(at).Before(r.From) {
		return false
	}
	both := other.Group != "" && r.Group == other.Group || other.Subject != (xroad.ID{}) && r.isFor(other.Subject, groups)
	for _, id := range groups[other.Group] {
		both = both || other.Group != "" && r.isFor(id, groups)
	}
	meet := func(a, b string) bool { return a == "" || b == "" || a == b }
	paths := meet(r.Path, other.Path) || pathWithin(r.Path, other.Path) || pathWithin(other.Path, r.Path)
	purposes := len(r.Purposes) == 0 || len(other.Purposes) == 0 || slices.ContainsFunc(r.Purposes, func(p string) bool {
		_, covered := xroad.PurposeAmong(other.Purposes, p)
		return covered
	}) || purposesWithin(other.Purposes, r.Purposes)
	return both && meet(r.Method, other.Method) && paths && purposes
}

// Quota bounds how often a right may be used. The zero Quota does not bound.
type Quota struct {
	Calls int64 // how many of what Of says
	Per   Period
	Of    Unit
}

// Unit is what a quota counts.
type Unit string

// The units. A call counts as the persons that it asks about or is answered about,
// whichever are more, and as one at least.
const (
	OfCalls   Unit = "" // as all quotas did before 2027
	OfPersons Unit = "persons"
)

// Units lists them.
var Units = []Unit{OfCalls, OfPersons}

// Period is a stretch of Vietnam's calendar.
type Period string

// The periods.
const (
	Minute Period = "minute"
	Hour   Period = "hour"
	Day    Period = "day"
	Month  Period = "month"
)

// Periods lists them from short to long.
var Periods = []Period{Minute, Hour, Day, Month}

// Ask is a call before it is decided on.
type Ask struct {
	Client  xroad.ID // a subsystem
	Service xroad.ID
	Method  string
	Path    string // below the service, raw, "" or "/…"
	Purpose string
	Officer string // "" when the call names none
	Dossier string // "" when the call names none
	Persons int64  // that the call is about, as far as it can be told beforehand
	At      time.Time
	// Clearing is how the client's system stands, for rights that demand security.
	Clearing Clearing
}

// Ruling is what was decided: by which right, and what the call takes of its quota.
type Ruling struct {
	Right  Right
	Window time.Time // start of the quota's period; zero without a quota
	Taken  int64     // of the quota, beforehand; 0 without a quota
}
