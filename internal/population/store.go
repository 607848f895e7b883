package population

import (
	"context"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
)

// Store keeps the register. populationsql keeps it in a database.
type Store interface {
	Reader
	// InTx runs f in one transaction, and again when the engine asks for it, so f must
	// have no effect but through tx.
	InTx(ctx context.Context, f func(tx Tx) error) error

	// Log writes a look-up and returns when it is kept for good. Calls that come at
	// the same time share one write.
	Log(ctx context.Context, e Entry) error
	// Lookups are those about a person, newest first, before an id ("": from the newest).
	Lookups(ctx context.Context, n citizen.Number, p Period, before string, limit int) ([]Lookup, error)
	// Lookup is one of those about a person. It fails with NotFound.
	Lookup(ctx context.Context, n citizen.Number, id string) (Lookup, error)
	// OfficerLookups are those of one officer, newest first, under any of the names by
	// which the log knows them.
	OfficerLookups(ctx context.Context, agency string, officer []string, p Period, before string, limit int) ([]Lookup, error)
	// EachLookup gives all of a period, oldest first, until f fails.
	EachLookup(ctx context.Context, p Period, f func(Lookup, citizen.Number) error) error
	// FirstLookup is when the log begins; zero when it is empty.
	FirstLookup(ctx context.Context) (time.Time, error)
	// VerifyLog reads the log of look-ups from the beginning and says how many are in
	// order. It fails with Conflict, naming the first that is not.
	VerifyLog(ctx context.Context) (int, error)

	// SaveObjection fails with Conflict when the person objected to this look-up before.
	SaveObjection(ctx context.Context, o Objection) error
	ObjectionsOf(ctx context.Context, n citizen.Number) ([]Objection, error)
	Objections(ctx context.Context, open bool, before string, limit int) ([]Objection, error)
	// AnswerObjection fails with NotFound, and Conflict when there is an answer.
	AnswerObjection(ctx context.Context, id, answer string, a actor.Actor, at time.Time) error

	// SaveMistake adds a claim, unless there is one with the id, and gives the one that is kept.
	SaveMistake(ctx context.Context, m Mistake) (kept Mistake, added bool, err error)
	// Mistake fails with NotFound ("population.mistake.not_found").
	Mistake(ctx context.Context, id string) (Mistake, error)
	// Mistakes are claims in the order in which they came, after an id.
	Mistakes(ctx context.Context, open bool, after string, limit int) ([]Mistake, error)
	// SettleMistake keeps state, answer and who decided, with a line in the audit log. It fails
	// with Conflict when it was settled meanwhile.
	SettleMistake(ctx context.Context, m Mistake, by actor.Actor) error

	// SaveList adds a list together with the job that puts it together.
	SaveList(ctx context.Context, l List, granted []Field) error
	// UpdateList changes one under lock. It fails with NotFound.
	UpdateList(ctx context.Context, id string, change func(l *List) error) (List, error)
	// List fails with NotFound.
	List(ctx context.Context, id string) (List, []Field, error)
	Lists(ctx context.Context, client, before string, limit int) ([]List, error)
	// AddToList appends people, whose numbers rise from call to call, and logs e about them.
	AddToList(ctx context.Context, id string, people []citizen.Number, e Entry) error
	ListPeople(ctx context.Context, id string, after citizen.Number, limit int) ([]citizen.Number, error)
	// ClearList forgets who is in it.
	ClearList(ctx context.Context, id string) error
	// Select gives the next people by number whom a question means.
	Select(ctx context.Context, q Selection, after citizen.Number, limit int) ([]Person, error)

	// Names finds people by a search key, at most limit, and says whether there are more.
	// It reads what Search shows of them.
	Names(ctx context.Context, q NameQuery) ([]Person, bool, error)

	// Loading begins a load; the loader takes batch after batch.
	Loading(ctx context.Context, a actor.Actor, name string, at time.Time) (Loader, error)
	// UseExport takes an approved export, once. It fails with NotFound when there is
	// none, and with Conflict when it was used or its last day has passed.
	UseExport(ctx context.Context, id string, at time.Time) (Export, error)
	// Exports are the approved ones, newest first.
	Exports(ctx context.Context, limit int) ([]Export, error)
	// Exported notes in the audit log that persons left as a file.
	Exported(ctx context.Context, a actor.Actor, e Export, persons int, at time.Time) error

	// Waiting counts objections without an answer and mistakes that are open.
	Waiting(ctx context.Context) (Waiting, error)

	// Counts are the raw counts of Statistics.
	Counts(ctx context.Context, now time.Time) (Counts, error)
}

// Reader reads persons and events.
type Reader interface {
	// Persons reads what some fields need (nil: everything) of those numbers that are
	// in the register, in no promised order; number and version are always there.
	// Relatives who are in the register may come without their names.
	Persons(ctx context.Context, numbers []citizen.Number, fields []Field) ([]Person, error)
	// ByOldNumber gives who has or had old numbers; different people may.
	ByOldNumber(ctx context.Context, old []citizen.OldNumber) (map[citizen.OldNumber][]citizen.Number, error)
	// Members gives the living of a household, with all fields.
	Members(ctx context.Context, household string) ([]Person, error)
	// Heads gives the living heads of households, with all fields, in no promised order.
	Heads(ctx context.Context, households []string) ([]Person, error)
	// Children gives those whose father or mother this is.
	Children(ctx context.Context, n citizen.Number) ([]Person, error)
	// Events gives all events of a person, in no promised order. The registration of
	// somebody to whom nothing happened since a load is made up from the load (Virtual).
	Events(ctx context.Context, n citizen.Number) ([]Event, error)
	// Concerning gives the events, in no promised order, that have a part for one of some
	// persons, that read one, and those that read a household or brought somebody into it.
	Concerning(ctx context.Context, persons []citizen.Number, households []string) ([]Event, error)
	// Event fails with NotFound. The registration of a load is found once it was saved.
	Event(ctx context.Context, id string) (Event, error)
}

// Tx is a transaction on the register.
type Tx interface {
	Reader
	// Hold makes other transactions that hold the same household wait.
	Hold(ctx context.Context, household string) error
	// HoldKeys does so for those that hold one of the same keys: numbers of persons, search
	// keys of names; 0 holds nothing.
	HoldKeys(ctx context.Context, keys []int64) error
	// CardHolders are those of whose two newest cards one has a serial.
	CardHolders(ctx context.Context, serial string) ([]Person, error)
	// Namesakes are those of one name, without accents and in any order of its words, who
	// were born on a day, or in its year or month as far as they know more.
	Namesakes(ctx context.Context, name string, birth citizen.Day) ([]Person, error)
	// NextSerial counts up under a prefix, from 0.
	NextSerial(ctx context.Context, prefix int) (int, error)
	// NextHousehold counts up, so that count times of is above every household that there is
	// or that an event named: one in which nobody is any more may be somebody's again.
	NextHousehold(ctx context.Context, of int) (int64, error)
	// SavePerson writes a person whose stored version is was (0: none is stored). It
	// fails with Conflict ("population.event.stale") when it is not.
	SavePerson(ctx context.Context, p Person, was int64) error
	// RemovePerson takes out of the register somebody whose birth or registration was
	// annulled, so that nothing finds them, and lets no load bring the number again; the
	// events stay. It fails as SavePerson does, which brings them back (with was 0).
	RemovePerson(ctx context.Context, n citizen.Number, was int64) error
	// SaveEvent adds an event with its parts.
	SaveEvent(ctx context.Context, e Event) error
	// AddReads notes that an event, decided again, was decided on more than before.
	AddReads(ctx context.Context, event string, r Reads) error
	// Publish hands changes to the feed.
	Publish(ctx context.Context, changes []Change) error
}

// Loader takes persons at file speed.
type Loader interface {
	// Empty says that nobody was in the register when the load began.
	Empty() bool
	// Scratch is a folder with room for temporary files; "" is the system's.
	Scratch() string
	// Add takes persons and the lines that they are from. It may change them.
	Add(ctx context.Context, persons []Person, lines []int) error
	// Finish writes those that were taken. refused is told each who does not go in, with
	// the line and why, as a message; loaded is told how many are in for good, as it goes on.
	Finish(ctx context.Context, refused func(line int, key string, args fault.Args), loaded func(persons int)) error
	// Close ends the load; it must be called.
	Close(ctx context.Context) error
}

// Entry is a look-up to be logged and whom it was about.
type Entry struct {
	Lookup
	Subjects []citizen.Number
}

// Selection says whom a list or an export means. Zero fields do not narrow.
type Selection struct {
	Provinces []string // codes of the permanent residence
	Communes  []string
	BornFrom  citizen.Day // born on or after
	BornUntil citizen.Day // born on or before
	Sex       citizen.Sex
	Blood     string
	Ethnicity string
	Religion  string
	Living    bool
	Fields    []Field // to read
}

// NameQuery finds people by a key that SearchKeys made, the youngest first among those of
// one name.
type NameQuery struct {
	Keys   KeyRange
	Within Ground // of the permanent residence
	Sex    citizen.Sex
	Limit  int
	// Scan bounds how many keys are looked at, whatever else has to fit. When there are
	// more, the answer says that there are more people.
	Scan int
}

// Counts are what Statistics are made of.
type Counts struct {
	Life       map[Life]int
	Households int
	Communes   map[string]int // of the living: "province/commune" of the permanent residence
	Born       map[BornCount]int
	Events     []EventCount
	Lookups    []LookupCount
}

// BornCount is a year of birth and a sex.
type BornCount struct {
	Year int
	Sex  citizen.Sex
}
