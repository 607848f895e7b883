package dossier

import (
	"context"
	"io"
	"time"

	"dean06/internal/deadline"
	"dean06/internal/eform"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/procedure"
)

// Inquiry says for whom, and for which dossier, the register is asked: it is logged there,
// and the person asked about reads it.
type Inquiry struct {
	Officer   string // account of the officer; of a citizen who fills in their own form SelfOfficer
	Dossier   string // code; of a draft its id
	Procedure string
}

// SelfOfficer stands for the officer where a citizen fills in their own form.
const SelfOfficer = "congdan"

// Register is the population register, asked through the exchange as the node's own
// subsystem. It fails with Unavailable while the register or the way to it is away, and
// with Denied where the right does not grant.
type Register interface {
	// Facts are what the register tells of the person with a number. ok is false when there
	// is nobody. The values are by field of the register: "name", "permanent", "spouse".
	Facts(ctx context.Context, in Inquiry, number string, fields []string) (known Known, ok bool, err error)
	// Match says whether number, name and birth are one person's.
	Match(ctx context.Context, in Inquiry, number, name, birth string) (bool, error)
	// Report tells it of an event, idempotent by dossier and item. The result is recorded,
	// questions, or a refusal that no repetition mends.
	Report(ctx context.Context, in Inquiry, e Event) (Reported, error)
	// RequestCorrection asks for a correction of a fact that the citizen says is wrong. Asked
	// the same again, it says how far that is.
	RequestCorrection(ctx context.Context, in Inquiry, c Correction) (Claim, error)
}

// Known is what the register told of one person.
type Known = eform.Known

// Event is what the register is told.
type Event struct {
	Kind    string // "birth"
	Item    int
	On      string
	Basis   string
	Members map[string]eform.Value // "child.name", "mother.number", …
	Answers map[string]string      // to its questions, by code
}

// Reported is what came of it.
type Reported struct {
	Event     string // id; "" when not recorded
	Again     bool
	Number    string // that was given
	Questions []EffectQuestion
	Refused   string // text of why it never will be; "" otherwise
}

// Correction is a request to the register.
type Correction struct {
	Number string // of the person; personal data
	Field  string
	Says   string // what the citizen says is right
	Why    string
}

// Claim is how far a request for a correction is.
type Claim struct {
	State  string // ClaimCorrected, ClaimRefused; "" while nobody has decided
	Answer string // why the fact stays as it is
}

// Post is a position that somebody acts in.
type Post struct {
	ID      string
	Title   string
	Duty    string // desk, reviewer, leader, police
	Agency  string // code
	Area    string // commune code; "" all
	Account string // who acts in it on the day
	Name    string // how they are called
	Holder  string // who holds it
}

// Posts says who holds which position, and who stands in.
type Posts interface {
	// Of are the positions in which an account acts on a day.
	Of(ctx context.Context, account string, on clock.Date) ([]Post, error)
	// For are the positions with a duty at an agency on a day, the one for the commune first.
	For(ctx context.Context, agency, duty, commune string, on clock.Date) ([]Post, error)
	// Competent is the agency that decides for a commune on a day: of kind "committee" or
	// "police", at level "commune" or "province".
	Competent(ctx context.Context, kind, level, province, commune string, on clock.Date) (code, name string, err error)
	// Name is what an agency is called.
	Name(agency string) string
	// Within says that an agency is of the province of another: any desk of a province receives.
	Within(agency, of string) bool
}

// Packages gives the packages that govern dossiers.
type Packages interface {
	// Current is the package in force for a procedure on a day; NotFound when there is none.
	Current(ctx context.Context, code string, on clock.Date) (*procedure.Package, error)
	// Version is a certain one.
	Version(ctx context.Context, code, version string) (*procedure.Package, error)
	// All are those in force on a day.
	All(ctx context.Context, on clock.Date) ([]*procedure.Package, error)
}

// Files keeps papers by their SHA-256.
type Files interface {
	Open(ctx context.Context, hash string) (io.ReadCloser, error)
	Put(ctx context.Context, r io.Reader) (hash string, size int64, err error)
}

// Papers makes the PDFs: standard papers 01 to 03, and results.
type Papers interface {
	// Make makes a paper. kind is "01", "02", "03" or "result".
	Make(ctx context.Context, kind string, d Dossier, p *procedure.Package, issue ResultPaper) ([]byte, error)
}

// Teller tells people of a change, by e-mail, or SMS where it is set.
type Teller interface {
	Tell(ctx context.Context, d Dossier, a Action) error
}

// Look is one look of an officer at a dossier, which stands on the dossier's page.
type Look struct {
	Dossier string
	By      string
	Name    string
	Agency  string
	Purpose string
	At      time.Time
	What    string // "dossier", "paper:HASH", "export"
}

// Who is an actor with the positions in which they act today.
type Who struct {
	actor.Actor
	Posts  []Post
	Number string // to which the account is bound; "" when it is not
}

// Bindings says to which number an account is bound by proof.
type Bindings interface {
	// Bound is the number; ok is false when there is none.
	Bound(ctx context.Context, account string) (number string, ok bool, err error)
}

// Clockwork computes due moments by the calendar of working time.
type Clockwork interface {
	// Due is when a dossier is due, by its rule, reception, pauses, restart and extension; zero
	// while a pause is open.
	Due(d Dossier) (due time.Time, provisional bool, err error)
	// After is the end of a limit that begins at a moment, counted as that of a dossier that
	// is received then.
	After(from time.Time, l deadline.Limit) time.Time
	// Before is so much working time (hours of work, or working days) before a moment.
	Before(to time.Time, l deadline.Limit) time.Time
}
