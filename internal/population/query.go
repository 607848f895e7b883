package population

import (
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
)

// Household is the answer about a household.
type Household struct {
	Number  string
	Place   Place // where its head has permanent residence
	Head    Member
	Members []Member // the head first
	AsOf    time.Time
}

// Residence confirms where somebody lives; it replaces the household book.
type Residence struct {
	Number    citizen.Number
	Name      string
	Birth     citizen.Day
	Permanent Place
	Since     citizen.Day // of the permanent residence; zero when the register does not know
	Temporary Place
	TempSince citizen.Day
	Present   Place
	Household string
	Relation  string
	Head      Relative
	Members   []Member // only with a right to them
	AsOf      time.Time
}

// Query is what a clerk types into the search box; Year, Commune and Sex narrow it.
type Query struct {
	Text    string
	Year    int
	Commune string // code, old or new
	Sex     citizen.Sex
	Limit   int // 50 when zero
}

// Found is what a search found, the likeliest first.
type Found struct {
	People []Hit
	// More says that there are more than were read: ask for a year of birth or a commune.
	More bool
	// Understood is how the text was read.
	Understood Understood
	// NotUnderstood are parts of the text, as typed, that narrowed nothing: no number, day,
	// name or place that is known.
	NotUnderstood []string
	// Also are other ways to read the text, with a place in it; when somebody was found
	// they were not tried, else they found nobody either.
	Also []Understood
	// Card is what the QR code of a card says, when the text is one.
	Card *CardCheck
	// Without says, when nobody was found, what of the text stands in the way: without
	// that alone there is somebody.
	Without []string
}

// What stands in the way of finding somebody.
const (
	WithoutName  = "name"
	WithoutBirth = "birth"
	WithoutPlace = "place"
	WithoutSex   = "sex"
)

// Understood is how a text that was searched for was read.
type Understood struct {
	Number    citizen.Number
	OldNumber citizen.OldNumber
	Name      string
	Birth     citizen.Day
	Sex       citizen.Sex
	Place     string     // the words that name where they live, as typed
	Units     []UnitName // the units that these name
	Encoding  string     // the old encoding in which the text was, "?" when it is not certain which; "" is none
}

// Hit is one person whom a search found.
type Hit struct {
	Number    citizen.Number
	Name      string
	Birth     citizen.Day
	Sex       citizen.Sex
	Permanent Place
	Since     citizen.Day // of the permanent residence; zero when it is not known
	Life      Life
	Exact     bool // the name is as it was typed, accents too
}

// PersonView is all that a clerk sees of a person.
type PersonView struct {
	Person  Person
	Head    Member
	Members []Member // of the household, the head first
	Family  []Kin
	Events  []Event // newest first by the day from which they are true
	// Annulled says of the events that no longer count by which annulment.
	Annulled map[string]Event
}

// Kin is a relative, with what the register knows of them.
type Kin struct {
	As       Field // one of those that name a relative; KinChild
	Relative Relative
	Birth    citizen.Day
	Sex      citizen.Sex
	Life     Life // "" when not in the register
}

// KinChild names a child among the kin.
const KinChild Field = "child"

// ListKind says by what a list of people is put together.
type ListKind string

// The kinds of lists.
const (
	ListByPlace     ListKind = "place"     // CungCapDanhSachTheoDiaPhuong
	ListByAge       ListKind = "age"       // TheoDoTuoi
	ListByBlood     ListKind = "blood"     // TheoNhomMau
	ListBySex       ListKind = "sex"       // TheoGioiTinh
	ListByEthnicity ListKind = "ethnicity" // TheoDanToc
	ListByReligion  ListKind = "religion"  // TheoTonGiao
)

// ListQuery asks for a list of people. Each condition that is there is applied.
type ListQuery struct {
	Kind ListKind `json:"kind"`
	// Place is the code of a province (2 digits) or a commune (5), old or new; needed for
	// ListByPlace, it narrows the others.
	Place string `json:"place,omitempty"`
	// Province and District say where the commune of Place lies, or lay: a caller who has
	// them beside it is refused when it does not.
	Province string `json:"province,omitempty"`
	District string `json:"district,omitempty"`
	Code     string `json:"code,omitempty"` // of blood, sex, ethnicity or religion, for those kinds
	// AgeFrom and AgeTo are in whole years on the day on which the list is put together,
	// both inclusive; an end that is nil is open. ListByAge needs one, they narrow the others.
	AgeFrom *int    `json:"age_from,omitempty"`
	AgeTo   *int    `json:"age_to,omitempty"`
	Fields  []Field `json:"fields,omitempty"` // empty is all that is granted
}

// ListState says where a list stands.
type ListState string

// The states of a list.
const (
	ListWaiting ListState = "waiting"
	ListRunning ListState = "running"
	ListDone    ListState = "done"
	ListFailed  ListState = "failed"
	ListDeleted ListState = "deleted"
)

// MaxList is how many people one list holds; a wider question fails with
// "population.list.too_wide".
const MaxList = 200_000

// List is a list of people that was asked for.
type List struct {
	ID          string     `json:"id"`
	Client      string     `json:"client"`
	Agency      string     `json:"agency"`
	Officer     string     `json:"officer"`
	Purpose     string     `json:"purpose"`
	Dossier     string     `json:"dossier"`
	RequestID   string     `json:"request_id"`
	Query       ListQuery  `json:"query"`
	State       ListState  `json:"state"`
	Done        int        `json:"done"`              // people in it so far
	Total       int        `json:"total"`             // when it is done
	Failure     string     `json:"failure,omitempty"` // message key
	RequestedAt time.Time  `json:"requested_at"`
	FinishedAt  time.Time  `json:"finished_at,omitzero"`
	Steps       []ListStep `json:"steps,omitempty"` // oldest first
}

// ListStep is a line of a list's history.
type ListStep struct {
	State   ListState `json:"state"`
	At      time.Time `json:"at"`
	Officer string    `json:"officer,omitempty"`
}

// ListPage is some of the people of a list.
type ListPage struct {
	Records []Facts
	// Next is where the next page begins; zero when this is the last.
	Next citizen.Number
}

// Period is from (inclusive) until (exclusive). Zero is open.
type Period struct{ From, Until time.Time }

// Objection is what a citizen says against a look-up, and the answer.
type Objection struct {
	ID         string
	Number     citizen.Number
	Lookup     Lookup
	Text       string
	At         time.Time
	Answer     string
	AnsweredBy string // name
	AnsweredAt time.Time
}

// Finding is an officer whose look-ups in a period are unusual, or a system that named
// none: then Officer is empty.
type Finding struct {
	Agency   string
	Client   string
	Officer  string
	Lookups  int
	Persons  int
	Reasons  []Reason // the strongest first
	First    time.Time
	Last     time.Time
	LookupID string // one of them, to begin reading at
}

// ReasonKind says why a finding is one.
type ReasonKind string

// The reasons.
const (
	ManyPeople   ReasonKind = "many_people"    // far more than the officers of the same service do
	OddHours     ReasonKind = "odd_hours"      // 22:00 to 06:00 and weekends
	NoDossier    ReasonKind = "no_dossier"     // without a dossier
	SameFamily   ReasonKind = "same_family"    // one household on many days
	OwnRelatives ReasonKind = "own_relatives"  // the officer's own family, where the officer's number is known
	SamePerson   ReasonKind = "same_person"    // one person again and again
	NotFoundMany ReasonKind = "many_not_found" // guesses
	Batches      ReasonKind = "batches"        // many persons in questions about several at once
	InRow        ReasonKind = "in_row"         // one number after the other
	Probing      ReasonKind = "probing"        // many claims about one person on one day: birth days or names tried out
	EmptySearch  ReasonKind = "empty_search"   // searches at the desk that found nobody
	ManyLists    ReasonKind = "many_lists"     // lists on one day: one that would be too wide, in slices
)

// Reason is a count beside what is usual.
type Reason struct {
	Kind  ReasonKind
	Count int
	Usual int // of the median officer; 0 when there is nothing to compare with
}

// LoadOptions are how a file is loaded.
type LoadOptions struct {
	Actor actor.Actor
	Name  string // of the file
	// Progress is called now and then: how many lines were read (of is 0), and then how
	// many of them are settled. nil is fine.
	Progress func(done, of int)
	// MaxBad is how many bad rows the report names (1,000 when zero); all are counted.
	MaxBad int
	// Keep is how many bytes of what rows say of one another are kept in memory (those of
	// some 100,000 rows when zero); the rest goes through a temporary file.
	Keep int
}

// Statistics are counts, without persons.
type Statistics struct {
	AsOf        time.Time
	Living      int
	Dead        int
	Missing     int
	Households  int
	Provinces   []PlaceCount // of the living, in the geography of today
	Provinces63 []PlaceCount
	Ages        []AgeCount    // of the living, bands of five years
	Events      []EventCount  // last 12 months by month and kind
	Lookups     []LookupCount // last 30 days
}

// PlaceCount counts people by province.
type PlaceCount struct {
	Code  string
	Count int
}

// AgeCount counts a band of ages.
type AgeCount struct{ From, To, Male, Female int }

// EventCount counts events that were recorded in a month.
type EventCount struct {
	Month string // 2026-11
	Kind  Kind
	Count int
}

// LookupCount counts look-ups of a day.
type LookupCount struct {
	Day     string // 2026-11-21
	Calls   int
	Persons int
	Refused int
}
