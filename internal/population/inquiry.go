package population

import (
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
)

// Inquiry says who looks something up and why. Each look-up is logged with it,
// whatever its outcome.
type Inquiry struct {
	// By is who asks: an account of the desk, or a system of another agency
	// (ThroughExchange), which names its officer.
	By        actor.Actor
	Client    string // the subsystem, "VN/GOV/H55/TTHC"; empty at the register's own desk
	Purpose   string // procedure code (mã TTHC), or a word of the desk's own
	Dossier   string
	RequestID string // of the gateway, or of the page
	Service   string // "match", "facts", …; see the constants
	// Granted is the fields that the right lets the register answer; AllFields for all.
	Granted []Field
	At      time.Time
}

// Officer is who asks as the log keeps it: the account's id, or the officer whom a
// system named.
func (in *Inquiry) Officer() string {
	if in.By.Via == actor.Exchange {
		return in.By.Name
	}
	return in.By.Account
}

// The outcomes of a look-up.
const (
	Answered = "answered"
	NotFound = "not_found"
	Refused  = "refused"
)

// The services, as the log names them.
const (
	ServiceMatch       = "match"
	ServiceFacts       = "facts"
	ServiceHousehold   = "household"
	ServiceResidence   = "residence"
	ServiceMarital     = "marital"
	ServiceLife        = "life"
	ServiceGuardian    = "guardian"
	ServiceList        = "list"
	ServiceFeed        = "feed"
	ServiceUsage       = "usage"
	ServiceExport      = "export"
	ServiceEvents      = "events"      // an event was reported, or asked about
	ServiceCorrections = "corrections" // a fact is said to be wrong
	ServiceDesk        = "desk"        // a clerk saw a person
	ServiceSearch      = "search"      // a clerk searched
	ServiceBind        = "bind"        // in logs of old: somebody said to be the person
	ServiceIdentity    = "identity"    // the electronic identities of this node asked
	ServiceClean       = "clean"       // a file of many was held against the register
)

// IdentityPurposes are the reasons for which the electronic identities of this node ask by
// themselves: an account is opened, a parent asks for a child, something changed.
var IdentityPurposes = []string{"identity_level_one", "identity_child", "identity_news"}

// Key finds one person: by number or old number; a name and birth given beside it
// must fit, or nobody is found (so that a guessed number tells nothing).
type Key struct {
	Number    citizen.Number    `json:"number,omitzero"`
	OldNumber citizen.OldNumber `json:"old_number,omitzero"`
	Name      string            `json:"name,omitempty"` // with or without accents, case and spaces
	Birth     citizen.Day       `json:"birth,omitzero"`
}

// Claim is what an agency holds about one person and wants checked. Values are in
// the words of the contract; a field that is absent is not checked.
type Claim struct {
	Key
	// Values go beyond the key's: sex "1", ethnicity "01", marital "2", permanent "00001"
	// (a commune's code, old or new), father (a name) …
	Values map[Field]string `json:"values,omitempty"`
}

// Verdict answers a claim: whether it is about somebody, and field by field whether what
// was claimed fits. It tells nothing that was not claimed. Somebody is found whose name
// fits, or whose birth fits in more than the year; else nobody is, and it is not told
// whether the number exists.
type Verdict struct {
	Found  bool           `json:"found"`
	Fields map[Field]bool `json:"fields,omitempty"`
}

// MaxBatch is how many claims one call may carry.
const MaxBatch = 1000

// Facts is the answer about one person: only what was asked and is granted.
// Person holds those fields, the rest is zero.
type Facts struct {
	Fields  []Field // in the order of Fields
	Person  Person
	Head    Relative // with FieldHousehold
	Members []Member // with FieldMembers
	AsOf    time.Time
}

// Member is a member of a household.
type Member struct {
	Relation string         `json:"relation"`
	Number   citizen.Number `json:"number"`
	Name     string         `json:"name"`
	Birth    citizen.Day    `json:"birth"`
	Sex      citizen.Sex    `json:"sex"`
}

// Batch is what a question about several persons looked like, for whoever judges it
// later: the log names whom it was about, and not what was asked in vain.
type Batch struct {
	Missed int // claims that fitted nobody: a number that nobody has, or another's name
	InRow  int // the longest row of numbers of which each comes close after the one before
	Same   int // the most claims about one number
}

// Lookup is one entry of the log as the citizen or an auditor reads it.
type Lookup struct {
	ID        string    `json:"id"`
	At        time.Time `json:"at"`
	Client    string    `json:"client"`
	Agency    string    `json:"agency"`
	Officer   string    `json:"officer"`
	Service   string    `json:"service"`
	Purpose   string    `json:"purpose"`
	Dossier   string    `json:"dossier"`
	Fields    []Field   `json:"fields"`
	RequestID string    `json:"request_id"`
	Persons   int       `json:"persons"` // how many the look-up was about; more than one is a batch
	Outcome   string    `json:"outcome"` // "answered", "not_found", "refused"
	Objected  bool      `json:"objected"`
	Batch     Batch     `json:"-"` // of a question about several
	// Broken says that the row does not fit its hash in the log: somebody changed it.
	Broken bool `json:"-"`
}
