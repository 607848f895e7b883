package cleaning

import (
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// What passes between the register's node and an agency that hands a file in through the
// exchange. Both sides read and write these; none has a value of the register but in a paper.

// The states of a file before it is a batch.
const (
	Coming   State = "coming"   // its pieces are on their way
	Checking State = "checking" // all are here; the whole is looked at
	Refused  State = "refused"  // it is none that is taken
)

// MaxPiece is how much of a file passes in one call, in both directions. The last piece may
// be smaller, and none is larger.
const MaxPiece = 8 << 20

// MaxHanded is the largest file that is taken through the exchange.
const MaxHanded = 8 << 30

// Offer is a file that an agency is about to hand in.
type Offer struct {
	Name    string     `json:"name"`
	Basis   string     `json:"basis"`
	Purpose string     `json:"purpose"`
	Until   clock.Date `json:"until"`
	File
}

// Check says what is wrong with an offer of an agency.
func (o *Offer) Check(agency string, today clock.Date) error {
	d := o.draft(agency)
	var l fault.List
	_ = errors.As(d.Check(today), &l) // none of what follows stands in it
	if n := utf8.RuneCountInString(strings.TrimSpace(o.Name)); n == 0 || n > maxLine ||
		strings.ContainsFunc(o.Name, func(r rune) bool { return !unicode.IsGraphic(r) || r == '/' || r == '\\' }) {
		l = append(l, fault.New(fault.Invalid, "cleaning.offer.name", fault.Args{"max": maxLine}).At("name"))
	}
	if o.Size <= 0 || o.Size > MaxHanded {
		l = append(l, fault.New(fault.TooLarge, "cleaning.offer.size", fault.Args{"gigabytes": MaxHanded >> 30}).At("size"))
	}
	if !isSHA256(o.SHA256) {
		l = append(l, fault.New(fault.Invalid, "cleaning.offer.sha256", nil).At("sha256"))
	}
	return l.Err()
}

func (o *Offer) draft(agency string) Draft {
	return Draft{Name: o.Name, Agency: agency, Basis: o.Basis, Purpose: o.Purpose, Until: o.Until}
}

func isSHA256(s string) bool {
	raw, err := hex.DecodeString(s)
	return err == nil && len(raw) == 32 && s == strings.ToLower(s)
}

// Incoming is a file of an agency before it is a batch. The batch has its id.
type Incoming struct {
	ID      string    `json:"id"`
	Offer   Offer     `json:"offer"`
	Agency  string    `json:"agency"`
	By      Caller    `json:"by"`
	At      time.Time `json:"at"`
	State   State     `json:"state"` // "" once it is a batch
	Upload  string    `json:"upload"`
	Failure Failure   `json:"failure,omitzero"`
	Same    string    `json:"same,omitempty"` // the agency's own batch that has the same content
}

// Failure is why something was refused, as it is kept.
type Failure struct {
	Key  string     `json:"key"`
	Args fault.Args `json:"args,omitempty"`
}

// RightHolder is the role of whoever calls through the exchange: the gateway decided by which
// right. No account holds it.
const RightHolder = "exchange.right"

// Caller is who handed a file in through the exchange, as the gateway and its headers say.
type Caller struct {
	Client  string `json:"client"`  // subsystem
	Officer string `json:"officer"` // as the agency calls them
	Dossier string `json:"dossier"` // the agency's own reference
}

// Actor is who acts: an officer of an agency's system.
func (c Caller) Actor(agency string) actor.Actor {
	return actor.Actor{
		Account: "gateway:" + c.Client, Name: c.Officer, Agency: agency, Roles: []string{RightHolder}, Via: actor.Exchange,
	}
}

// byAgency says that a label is of the agency's own staff.
func (l *Label) byAgency() bool { return strings.HasPrefix(l.By, "gateway:") }

// HandedBy is who handed a batch in.
func (b Batch) HandedBy() actor.Actor {
	if b.Caller != (Caller{}) {
		return b.Caller.Actor(b.Agency)
	}
	return actor.Actor{Account: b.By, Agency: b.Office}
}

// Handed is a file as its agency is told of it.
type Handed struct {
	ID      string     `json:"id"`
	Code    string     `json:"code"` // by which people find it
	Name    string     `json:"name"`
	Basis   string     `json:"basis"`
	Purpose string     `json:"purpose"`
	Until   clock.Date `json:"until"`
	File
	At       time.Time `json:"at"`
	State    State     `json:"state"`
	Received int64     `json:"received"` // so many bytes are here; the next piece begins there
	// Why says in words what was wrong; Same is the file that has the same content.
	Why  string `json:"why,omitempty"`
	Same string `json:"same,omitempty"`

	Columns    []HandedColumn `json:"columns,omitempty"`
	MonthFirst bool           `json:"month_first,omitempty"`

	Rows    int           `json:"rows,omitempty"`
	Written int           `json:"written,omitempty"` // of them, so far
	Left    time.Duration `json:"left_ns,omitempty"` // how long that takes yet
	AsOf    time.Time     `json:"as_of,omitzero"`    // the register's moment

	Outcomes  map[Outcome]int `json:"outcomes,omitempty"`
	Estimated *Estimate       `json:"estimated,omitempty"`
	Bound     float64         `json:"bound,omitempty"`
	Bad       []BadRow        `json:"bad,omitempty"`
	Notes     []string        `json:"notes,omitempty"`  // how the file was read
	Checks    map[string]int  `json:"checks,omitempty"` // rows that contradict themselves, by what
	Open      int             `json:"open"`             // rows that the agency's own staff may settle
	Papers    []Paper         `json:"papers,omitempty"`
	Changes   int64           `json:"changes,omitempty"` // of its rows, since it was linked
	Proof     *Proof          `json:"proof,omitempty"`
}

// HandedColumn is a column of a file and what it is taken for.
type HandedColumn struct {
	Heading  string   `json:"heading"`
	Kind     Kind     `json:"kind"`
	Guessed  Kind     `json:"guessed"`
	Examples []string `json:"examples,omitempty"`
}

// Page is a part of a list. Next is where the following part begins; 0 at the end.
type Page[T any] struct {
	List []T `json:"list"`
	Next int `json:"next,omitempty"`
}

// Unsettled is a row that the agency's own staff may settle.
type Unsettled struct {
	Row   int      `json:"row"`
	Cells []string `json:"cells"`
}

// Question is a row beside a person whom its agency does not see: of each value only whether
// the register says the same, in words.
type Question struct {
	Unsettled
	Candidate int        `json:"candidate"` // which of the row's candidates
	Of        int        `json:"of"`        // how many there are
	Values    []Compared `json:"values"`
	Open      int        `json:"open"` // rows that are left, with this one
}

// Compared is how a value of a row stands to the register's.
type Compared struct {
	What  string   `json:"what"` // number, old, name, birth, sex, place
	Like  Likeness `json:"like"` // alike, unlike
	Level string   `json:"level"`
	Words string   `json:"words"` // of the level
}

// Verdict is what an agency's officer says of a row and a candidate: the same person, and
// perhaps which values of the file are wrong, another, or that they cannot say.
type Verdict struct {
	Candidate int      `json:"candidate"`
	Says      Decided  `json:"says"`
	Wrong     []string `json:"wrong,omitempty"`
}

// comparedOf is how a candidate stands to a row, without a value of theirs.
func comparedOf(c *Explained) []Compared {
	var out []Compared
	for _, s := range c.Steps {
		like := Unlike
		if slices.Contains(alikeLevels, s.What+"."+s.Level) {
			like = Alike
		}
		out = append(out, Compared{What: s.What, Like: like, Level: s.Level})
	}
	return out
}

// Key is the message of a level.
func (c *Compared) Key() string {
	if strings.HasPrefix(c.What, "text_") {
		return "cleaning.level.text." + c.Level
	}
	return "cleaning.level." + c.What + "." + c.Level
}

// left is how long the rest of the rows takes, by how fast they were written so far.
func (s *Standing) left(now time.Time) time.Duration {
	if s.Batch.State != Writing || s.Batch.Report == nil || s.Rows == 0 {
		return 0
	}
	return time.Duration(float64(now.Sub(s.Batch.AsOf)) * float64(s.Batch.Report.Rows-s.Rows) / float64(s.Rows))
}
