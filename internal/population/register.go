package population

import (
	"context"
	"embed"
	"io/fs"
	"runtime"
	"sync"

	"golang.org/x/sync/semaphore"

	"dean06/internal/citizen"
	"dean06/internal/platform/clock"
)

//go:embed messages
var messages embed.FS

// Messages are the texts of this package.
var Messages, _ = fs.Sub(messages, "messages")

// Slot is which part of the serial numbers a node gives out: Index of Of.
type Slot struct{ Index, Of int }

// Parts are what a register is made of.
type Parts struct {
	Store Store
	Units Units
	Clock clock.Clock
	NewID func() string // makes time-ordered ids
	Slot  Slot          // zero: this node gives out all numbers
	// NumberKey orders the numbers that are given out, so that nobody can count births
	// by them. A node keeps its own for good.
	NumberKey []byte
	// Fields are what a person consists of; nil is PersonFields.
	Fields *FieldTable
	// Officer gives the personal number of an officer, where it is known, so that the
	// auditor sees who looks up their own family; nil knows none.
	Officer func(agency, officer string) (citizen.Number, bool)
	// Names knows by what words the log keeps an account of the desk; nil knows none.
	Names Names
	// Bindings says which person an account is; nil binds nobody.
	Bindings Bindings
	// Approvals takes what a second person must approve; nil takes nothing.
	Approvals Approvals
}

// Names knows the accounts of this node.
type Names interface {
	// FoundBy are all the words under which a log keeps an account, given one of them:
	// its id, and the login, which was kept before.
	FoundBy(ctx context.Context, stored string) []string
}

// Register is the population register.
type Register struct {
	Parts
	counting  sync.Mutex
	counted   Statistics
	places    placesOf
	searching *semaphore.Weighted // who searches; others wait in the order in which they came
}

// New makes a register.
func New(p Parts) *Register {
	if p.Slot.Of == 0 {
		p.Slot = Slot{Index: 0, Of: 1}
	}
	if p.Fields == nil {
		p.Fields = PersonFields
	}
	return &Register{Parts: p, searching: semaphore.NewWeighted(int64(max(4, 2*runtime.GOMAXPROCS(0))))}
}
