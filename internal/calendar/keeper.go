package calendar

import (
	"context"
	"strings"
	"sync"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/permit"
)

// Administrator is the role that changes the calendar.
const Administrator = "administrator"

// Action is what somebody may do in this module. "calendar.may.…" is its name for people.
type Action string

// The actions.
const (
	Look Action = "look" // see the calendar and who changed it
	Edit Action = "edit" // change it
)

// Permissions is who may do what. The calendar itself is no secret: what other modules ask
// of it asks nobody.
var Permissions = permit.Table[Action]{Module: "calendar", Rows: []permit.Row[Action]{
	{Action: Look, Everybody: true, Command: true},
	{Action: Edit, Roles: []string{Administrator}},
}}

// Record is a change as it was recorded: with it the calendar had this version.
type Record struct {
	Version int
	Change  Change
	At      time.Time
	By      string // id of the account
}

// Store keeps what was changed. Nothing that was recorded is rewritten.
type Store interface {
	// Version is how many changes there are.
	Version(ctx context.Context) (int, error)
	// Records are the changes, the oldest first.
	Records(ctx context.Context) ([]Record, error)
	// Add records a change. It fails with Conflict when its version is there already.
	Add(ctx context.Context, by actor.Actor, r Record) error
}

// Keeper has the calendar of a node: the one that the program brings, with what was
// changed here.
type Keeper struct {
	store Store
	clock clock.Clock

	mu     sync.Mutex
	now    *Calendar
	looked time.Time // when the store was last asked for Current
}

// NewKeeper makes it.
func NewKeeper(store Store, c clock.Clock) *Keeper { return &Keeper{store: store, clock: c} }

// Calendar is the calendar as it is now.
func (k *Keeper) Calendar(ctx context.Context) (*Calendar, error) {
	version, err := k.store.Version(ctx)
	if err != nil {
		return nil, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.now != nil && k.now.Version() == version {
		return k.now, nil
	}
	c, err := k.load(ctx)
	if err == nil {
		k.now = c
	}
	return c, err
}

// Current is Calendar for who computes often and cannot fail: the store is asked at most
// once a second, and what was changed here is there at once. While the store does not
// answer it is the last that was known, at first the one that the program brings.
func (k *Keeper) Current() *Calendar {
	k.mu.Lock()
	now := k.clock.Now()
	c, fresh := k.now, now.Sub(k.looked) < time.Second && !now.Before(k.looked)
	if !fresh {
		k.looked = now
	}
	k.mu.Unlock()
	if c != nil && fresh {
		return c
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if read, err := k.Calendar(ctx); err == nil {
		return read
	}
	if c == nil {
		c, _ = BuiltIn() // that it can be read is tested
	}
	return c
}

func (k *Keeper) load(ctx context.Context) (*Calendar, error) {
	c, err := BuiltIn()
	if err != nil {
		return nil, err
	}
	records, err := k.store.Records(ctx)
	if err != nil || len(records) == 0 {
		return c, err
	}
	changes := make([]Change, len(records))
	for i, r := range records {
		changes[i] = r.Change
	}
	return c.ApplyAll(changes)
}

// Records are the changes of the calendar, the oldest first.
func (k *Keeper) Records(ctx context.Context, who actor.Actor) ([]Record, error) {
	if err := Permissions.Can(who, Look); err != nil {
		return nil, err
	}
	return k.store.Records(ctx)
}

// Try says what a change would change. It fails as Change does.
func (k *Keeper) Try(ctx context.Context, who actor.Actor, ch Change) (before, after *Calendar, err error) {
	if err := Permissions.Can(who, Edit); err != nil {
		return nil, nil, err
	}
	if before, err = k.Calendar(ctx); err != nil {
		return nil, nil, err
	}
	ch.Note, ch.Basis = oneLine(ch.Note), oneLine(ch.Basis)
	after, err = before.Apply(ch)
	return before, after, err
}

// Change changes the calendar that has a version: the one that its author saw. It fails
// with Denied, with Invalid when the change cannot be, and with Conflict when somebody
// has changed the calendar meanwhile.
func (k *Keeper) Change(ctx context.Context, who actor.Actor, version int, ch Change) (before, after *Calendar, err error) {
	if before, after, err = k.Try(ctx, who, ch); err != nil {
		return nil, nil, err
	}
	if before.Version() != version {
		return nil, nil, fault.New(fault.Conflict, "calendar.change.meanwhile", nil)
	}
	ch.Note, ch.Basis = oneLine(ch.Note), oneLine(ch.Basis)
	r := Record{Version: version + 1, Change: ch, At: k.clock.Now(), By: who.Account}
	if err := k.store.Add(ctx, who, r); err != nil {
		return nil, nil, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.now = after
	return before, after, nil
}

// oneLine is a text without line ends and double spaces.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
