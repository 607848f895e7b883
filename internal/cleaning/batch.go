package cleaning

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"dean06/internal/citizen"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// State says where a batch stands. "cleaning.batch.state.…" is its name for people.
type State string

// The states of a batch.
const (
	Columns  State = "columns"  // somebody must say what its columns hold
	Waiting  State = "waiting"  // to be held against the register
	Writing  State = "writing"  // linked; its rows are being written down
	Reviewed State = "review"   // people decide what is open
	Asked    State = "asked"    // a second person must let the clean file leave
	Approved State = "approved" // the clean file is being made
	Released State = "released" // it may be fetched
	Failed   State = "failed"   // the file is none that can be linked
	Deleted  State = "deleted"  // its term has ended
)

// File is a file that is kept, by the SHA-256 of its content.
type File struct {
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"`
}

// IsZero says that there is none.
func (f File) IsZero() bool { return f == File{} }

// Batch is a file that was handed in, and how far it is.
type Batch struct {
	ID      string     `json:"id"`
	Name    string     `json:"name"` // of the file
	File    File       `json:"file"`
	Agency  string     `json:"agency"`  // whose file it is
	Basis   string     `json:"basis"`   // legal basis
	Purpose string     `json:"purpose"` // what its people read in their logs
	Until   clock.Date `json:"until"`   // the last day; then all but the figures is deleted
	By      string     `json:"by"`      // account
	Office  string     `json:"office"`  // the agency of that account
	// Caller is who handed it in through the exchange; zero: it was handed in at the desk.
	Caller Caller    `json:"caller,omitzero"`
	At     time.Time `json:"at"`
	State  State     `json:"state"`

	Layout   Layout     `json:"layout"`
	Guessed  []Kind     `json:"guessed"`  // what the columns were understood as, before anybody looked
	Examples [][]string `json:"examples"` // of each column; gone once it runs
	Notes    []Note     `json:"notes,omitempty"`

	AsOf   time.Time `json:"as_of,omitzero"`  // the register's moment
	Mark   Mark      `json:"mark,omitzero"`   // how far it was then
	Linked time.Time `json:"linked,omitzero"` // when its rows began to be written down
	Report *Report   `json:"report,omitempty"`
	Result File      `json:"result,omitzero"` // the rows with what became of them
	// Weights are those by which it was linked: rows that have nobody are tried again by them.
	Weights File `json:"weights,omitzero"`
	// Failure is the message of why it could not be linked.
	Failure     string     `json:"failure,omitempty"`
	FailureArgs fault.Args `json:"failure_args,omitempty"`

	Request    string    `json:"request,omitempty"` // to a second person
	ApprovedBy string    `json:"approved_by,omitempty"`
	ApprovedAt time.Time `json:"approved_at,omitzero"`
	Papers     []Paper   `json:"papers,omitempty"`
	Proof      *Proof    `json:"proof,omitempty"`
}

// Paper is a file of the result, with the signature of the node's gateway over it.
type Paper struct {
	Format    string    `json:"format"` // csv, xlsx
	File      File      `json:"file"`
	Signature Signature `json:"signature,omitzero"`
}

// SignedAs is the name under which the node's gateway signs a clean file.
const SignedAs = "cleaned-file"

// Signature proves a file without this node: Text is what was signed, and names the file's
// size and SHA-256.
type Signature struct {
	Text        string `json:"text"`
	Signature   []byte `json:"signature"`   // ECDSA P-256 (ASN.1) over SHA-256 of Text
	Certificate []byte `json:"certificate"` // DER
}

// Proof says what was deleted at the end of a batch's term.
type Proof struct {
	At   time.Time `json:"at"`
	Rows int       `json:"rows"`
	// Changes are those that the register's events made of the rows since.
	Changes int    `json:"changes,omitempty"`
	Files   []File `json:"files"`
	Why     string `json:"why"` // term, asked
}

// Draft is what is said of a file when it is handed in.
type Draft struct {
	Name, Agency, Basis, Purpose string
	Until                        clock.Date
}

// How much may be written, and how long a file may be kept.
const (
	minWords   = 10
	maxLine    = 200
	MaxTerm    = 366 // days
	maxDraft   = 200
	examplesOf = 10
)

// Check says what is wrong with a draft, each fault at its field of the form.
func (d *Draft) Check(today clock.Date) error {
	var l fault.List
	add := func(field, key string, args fault.Args) { l = append(l, fault.New(fault.Invalid, key, args).At(field)) }
	if strings.TrimSpace(d.Agency) == "" || utf8.RuneCountInString(d.Agency) > maxDraft {
		add("agency", "cleaning.batch.agency", nil)
	}
	for _, w := range []struct{ field, text string }{{"basis", d.Basis}, {"purpose", d.Purpose}} {
		if err := stated(w.field, w.text); err != nil {
			l = append(l, fault.As(err))
		}
	}
	if d.Until.Before(today) || d.Until.After(today.AddDays(MaxTerm)) {
		add("until", "cleaning.batch.until", fault.Args{"days": MaxTerm})
	}
	return l.Err()
}

// stated says what is wrong with a legal basis or a purpose.
func stated(field, text string) error {
	switch n := utf8.RuneCountInString(text); {
	case n < minWords || n > maxLine:
		return fault.New(fault.Invalid, "cleaning.batch."+field, fault.Args{"min": minWords, "max": maxLine}).At(field)
	case strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsGraphic(r) }):
		return fault.New(fault.Invalid, "cleaning.batch.signs", nil).At(field)
	}
	return nil
}

// CheckPurpose says what is wrong with why people are matched: each of them reads it.
func CheckPurpose(text string) error {
	return stated("purpose", text)
}

// Row is a row of a batch: what stood in it, and what became of it.
type Row struct {
	At      int            // from 1, as the result counts
	Outcome Outcome        // as it stands, with what people decided
	Person  citizen.Number `json:",omitzero"` // who it is; zero: nobody
	Queue   int            // its place among the rows for people; 0: none
	// Commune is where those live whom the row may mean, as the register had it when the file
	// was linked, or, of a row that means nobody, what it says itself; "" when they live in several.
	Commune string `json:",omitempty"`
	Decided Decided
	Look    Look `json:",omitempty"`
	Found
}

// Look is whether a row is judged by two people who do not know of one another, so that
// it is known how far people agree.
type Look string

// The looks.
const (
	LookOnce   Look = ""
	LookWanted Look = "wanted" // by a second person
	LookDone   Look = "done"   // two have judged
)

// Waits says that a row waits for somebody: undecided, or for a second look.
func (r *Row) Waits() bool {
	return r.Queue != 0 && (r.Decided == Undecided || r.Look == LookWanted)
}

// Found is what the program found of a row.
type Found struct {
	Cells   []string `json:"c"`
	Machine Outcome  `json:"o"` // before people decided
	Score   float64  `json:"s,omitempty"`
	Second  float64  `json:"n,omitempty"`
	Error   float64  `json:"e,omitempty"`
	Of      int      `json:"d,omitempty"` // the row of which it is a duplicate
	// Reasons are in Vietnamese and English.
	Reasons    [2]string   `json:"r"`
	Candidates []Explained `json:"k,omitempty"` // of rows for people, the best first
	Control    bool        `json:"x,omitempty"` // settled already, as somebody's or as nobody's; looked at to measure
}

// Named says why a row is what it is without any value of the register: of what is otherwise
// there, only what it is. A list of rows is no look at their people.
func (r *Row) Named(english bool) string {
	reason := r.Reasons[0]
	if english {
		reason = r.Reasons[1]
	}
	if r.Machine != Corrected {
		return reason
	}
	var out []string
	for part := range strings.SplitSeq(reason, "; ") {
		what, _, ok := strings.Cut(part, ": ")
		if ok && strings.Contains(part, " → ") && utf8.RuneCountInString(what) <= maxWhat && !slices.Contains(out, what) {
			out = append(out, what)
		}
	}
	return strings.Join(out, ", ")
}

// maxWhat is how long the name of a value may be in a reason.
const maxWhat = 24

// Decided is what people said of a row.
type Decided string

// What people say. A row about which one was not sure goes to somebody else, once.
const (
	Undecided Decided = ""
	Same      Decided = "same"   // it is the person
	Other     Decided = "other"  // it is none of the candidates
	Unsure    Decided = "unsure" // two could not say, or said different things
)

// Label is what one person said of one pair.
type Label struct {
	ID        string
	Batch     string
	Row       int
	Candidate int // which of the row's candidates
	Says      Decided
	By        string
	Shown     time.Time // when they first saw the pair; zero where that was not noted
	At        time.Time
	Control   bool
	Wrong     string  // which values of the file the agency says are wrong, with commas between
	Machine   Outcome // what the program had said of the row

	// Of the row, as it stands.
	Stands Decided
	Look   Look
}

// Understood are the cells of the kinds, joined, as a person compares them with the
// register's words.
func (l *Layout) Understood(cells []string, of ...Kind) string {
	var out []string
	for i, k := range l.Kinds {
		if i < len(cells) && slices.Contains(of, k) && strings.TrimSpace(cells[i]) != "" {
			out = append(out, strings.TrimSpace(cells[i]))
		}
	}
	return strings.Join(out, " ")
}

// Set says what each column holds. It fails with Invalid, at the column, for a kind that
// there is not, and for a file in which nothing can be linked.
func (l *Layout) Set(chosen []Kind) error {
	if len(chosen) != len(l.Headings) {
		return fault.New(fault.Invalid, "cleaning.batch.columns", nil)
	}
	for _, k := range chosen {
		if !slices.Contains(Choices, k) {
			return fault.New(fault.Invalid, "cleaning.mapping.kind", fault.Args{"column": "", "kind": string(k), "kinds": kindList()})
		}
	}
	out := *l
	out.Kinds = chosen
	if err := out.check(); err != nil {
		return err
	}
	*l = out
	return nil
}

// Choices are the kinds that a column of a file may be held against the register as.
var Choices = []Kind{
	Number, Name, Surname, Middle, Given, Birth, DayPart, Month, Year, Sex, MaleMark, FemaleMark, Address, Commune, District, Province,
	Birthplace, Ignore,
}

// Code names a batch where people read it: the last signs of its id.
func (b Batch) Code() string { return "LS-" + strings.ToUpper(b.ID[max(0, len(b.ID)-8):]) }
