package procedure

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/spelling"
)

// Edition is one file of the catalogue that a node has. It does not change; which edition
// is in force is said beside it.
type Edition struct {
	ID     string     // BuiltinID is the one that the program brings
	Source string     // whose it is: "Cổng Dịch vụ công quốc gia"
	Taken  clock.Date // the day on which it was taken from there
	Hash   string     // SHA-256 of the file
	Report Report
	By     string    // id of the account that imported it; "" of the built-in one
	At     time.Time // when it was imported
}

// BuiltinID names the catalogue that the program brings, which every node has.
const BuiltinID = "built-in"

// Using is a edition that was put in force: it is until the next one is.
type Using struct {
	ID      string
	Edition string // of a Edition
	By      string // id of the account
	At      time.Time
}

// EditionStore keeps editions.
type EditionStore interface {
	// Add keeps a edition with its file. It fails with Conflict ("procedure.edition.there")
	// when a edition with the same file is there.
	Add(ctx context.Context, by actor.Actor, v Edition, file []byte) error
	// Use puts a edition in force.
	Use(ctx context.Context, by actor.Actor, u Using) error
	// Editions are all, the youngest first.
	Editions(ctx context.Context) ([]Edition, error)
	// File is what was imported as a edition; nil when there is no such edition.
	File(ctx context.Context, id string) ([]byte, error)
	// InForce is what was put in force last; false when nothing was.
	InForce(ctx context.Context) (Using, bool, error)
}

// Editions is the catalogues of a node: what was imported, and what is in force. Its methods
// ask Permissions, whoever calls.
type Editions struct {
	store EditionStore
	clock clock.Clock
	newID func() string

	mu   sync.Mutex
	id   string // of what is held
	held *Catalogue
}

// NewEditions makes it.
func NewEditions(store EditionStore, c clock.Clock, newID func() string) *Editions {
	return &Editions{store: store, clock: c, newID: newID}
}

// InForce is the catalogue in force on the node. Which procedures there are is no secret.
func (e *Editions) InForce(ctx context.Context) (*Catalogue, error) {
	u, said, err := e.store.InForce(ctx)
	if err != nil {
		return nil, fmt.Errorf("catalogue in force: %w", err)
	}
	if !said || u.Edition == BuiltinID {
		return Builtin(), nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.id != u.Edition {
		r, err := e.read(ctx, u.Edition)
		if err != nil {
			return nil, err
		}
		e.id, e.held = u.Edition, r.Catalogue
	}
	return e.held, nil
}

// Upload is a file of the catalogue as it is brought.
type Upload struct {
	Source string
	Taken  clock.Date
	File   []byte
}

const maxSource = 200

// Import reads a file and keeps it as a edition beside the others; it is not in force yet.
// It fails with Invalid when the file is no catalogue, or where it is from or since when is
// not said, and with Conflict when the same file is there.
func (e *Editions) Import(ctx context.Context, by actor.Actor, u Upload) (Edition, error) {
	if err := Permissions.Can(by, KeepCatalogues); err != nil {
		return Edition{}, err
	}
	var faults fault.List
	source := spelling.Clean(u.Source)
	if n := len([]rune(source)); n == 0 || n > maxSource {
		faults = append(faults, fault.New(fault.Invalid, "procedure.edition.source", fault.Args{"most": maxSource}).At("source"))
	}
	if u.Taken.IsZero() || u.Taken.After(clock.DayOf(e.clock.Now())) {
		faults = append(faults, fault.New(fault.Invalid, "procedure.edition.taken", nil).At("taken"))
	}
	r, err := ReadCatalogue(bytes.NewReader(u.File))
	if f := fault.As(err); f != nil {
		faults = append(faults, f.At("file"))
	} else if err != nil {
		return Edition{}, fmt.Errorf("import catalogue: %w", err)
	}
	if len(faults) > 0 {
		return Edition{}, faults
	}
	if r.Hash == builtin().Hash {
		return Edition{}, fault.New(fault.Conflict, "procedure.edition.there", nil).At("file")
	}
	edition := Edition{
		ID: e.newID(), Source: source, Taken: u.Taken, Hash: r.Hash, Report: r.Report, By: by.Account, At: e.clock.Now(),
	}
	return edition, e.store.Add(ctx, by, edition, u.File)
}

// Use puts a edition in force: the search and the names of procedures follow it. It fails
// with NotFound when there is no such edition, and with Conflict when it is in force.
func (e *Editions) Use(ctx context.Context, by actor.Actor, id string) error {
	if err := Permissions.Can(by, KeepCatalogues); err != nil {
		return err
	}
	if _, err := e.edition(ctx, id); err != nil {
		return err
	}
	now, err := e.used(ctx)
	if err != nil {
		return err
	}
	if now == id {
		return fault.New(fault.Conflict, "procedure.edition.in_force", nil)
	}
	return e.store.Use(ctx, by, Using{ID: e.newID(), Edition: id, By: by.Account, At: e.clock.Now()})
}

// used is the id of the edition in force.
func (e *Editions) used(ctx context.Context) (string, error) {
	u, said, err := e.store.InForce(ctx)
	if err != nil {
		return "", fmt.Errorf("edition in force: %w", err)
	}
	if !said {
		return BuiltinID, nil
	}
	return u.Edition, nil
}

// All are the editions, the youngest first and the built-in one last, and the id of the one
// in force.
func (e *Editions) All(ctx context.Context, who actor.Actor) (list []Edition, inForce string, err error) {
	if err := Permissions.Can(who, ReadCatalogues); err != nil {
		return nil, "", err
	}
	if list, err = e.store.Editions(ctx); err != nil {
		return nil, "", fmt.Errorf("editions of the catalogue: %w", err)
	}
	if inForce, err = e.used(ctx); err != nil {
		return nil, "", err
	}
	return append(list, builtinEdition()), inForce, nil
}

func builtinEdition() Edition {
	r := builtin()
	return Edition{ID: BuiltinID, Source: BuiltinSource, Taken: BuiltinTaken, Hash: r.Hash, Report: r.Report}
}

// Look is a edition and what it has against another.
type Look struct {
	Edition
	Against    Edition
	Difference Difference
	InForce    bool
}

// Look compares a edition with the one in force; the one in force with the one that was
// imported before it, and the first with itself. It fails with NotFound.
func (e *Editions) Look(ctx context.Context, who actor.Actor, id string) (Look, error) {
	list, inForce, err := e.All(ctx, who)
	if err != nil {
		return Look{}, err
	}
	at, against := -1, -1
	for i, o := range list {
		if o.ID == id {
			at = i
		}
		if o.ID == inForce && inForce != id {
			against = i
		}
	}
	if at < 0 {
		return Look{}, noEdition()
	}
	if against < 0 {
		against = min(at+1, len(list)-1)
	}
	mine, err := e.read(ctx, id)
	if err != nil {
		return Look{}, err
	}
	other, err := e.read(ctx, list[against].ID)
	if err != nil {
		return Look{}, err
	}
	return Look{
		Edition: list[at], Against: list[against], Difference: Compare(other.Catalogue, mine.Catalogue), InForce: id == inForce,
	}, nil
}

func noEdition() error { return fault.New(fault.NotFound, "procedure.edition.none", nil) }

func (e *Editions) edition(ctx context.Context, id string) (Edition, error) {
	if id == BuiltinID {
		return builtinEdition(), nil
	}
	list, err := e.store.Editions(ctx)
	if err != nil {
		return Edition{}, fmt.Errorf("editions of the catalogue: %w", err)
	}
	for _, o := range list {
		if o.ID == id {
			return o, nil
		}
	}
	return Edition{}, noEdition()
}

// read reads the file of a edition again, which must still be what was imported.
func (e *Editions) read(ctx context.Context, id string) (*Reading, error) {
	if id == BuiltinID {
		return builtin(), nil
	}
	edition, err := e.edition(ctx, id)
	if err != nil {
		return nil, err
	}
	file, err := e.store.File(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("file of edition %s: %w", id, err)
	}
	r, err := ReadCatalogue(bytes.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("read edition %s: %w", id, err)
	}
	if r.Hash != edition.Hash {
		return nil, fmt.Errorf("edition %s of the catalogue is not what was imported: its hash is %s, not %s", id, r.Hash, edition.Hash)
	}
	return r, nil
}
