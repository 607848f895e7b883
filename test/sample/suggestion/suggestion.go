// Package suggestion is a small module that shows how one joins a node: people who are
// signed in leave a suggestion, administrators read it. docs/architecture.md walks
// through it; sample_test.go adds it to a node with one line.
//
// A real module parts what stands here in one folder: the rules in its root, tables in
// suggestionsql, pages in suggestionweb, and what joins them in suggestionnode.
package suggestion

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/permit"
)

// Suggestion is what somebody has to say.
type Suggestion struct {
	ID   string    `db:"id"`
	By   string    `db:"account"` // id of the account
	At   time.Time `db:"at"`
	Text string    `db:"text"`
}

// Action is something that somebody may want to do.
type Action string

// The actions.
const (
	Write Action = "write"
	Read  Action = "read"
)

// Permissions says who may do what.
var Permissions = permit.Table[Action]{Module: "suggestion", Rows: []permit.Row[Action]{
	{Action: Write, Everybody: true},
	{Action: Read, Roles: []string{"administrator"}, Command: true},
}}

// Store keeps suggestions.
type Store interface {
	Add(ctx context.Context, by actor.Actor, s Suggestion) error
	All(ctx context.Context) ([]Suggestion, error)
	Forget(ctx context.Context, before time.Time) error
}

// Box is where suggestions go. Its methods ask Permissions, whoever calls.
type Box struct {
	Store Store
	Clock clock.Clock
	NewID func() string
	Keep  time.Duration
}

const longest = 500

// Put takes a suggestion. It fails with Invalid when it says nothing or too much.
func (b *Box) Put(ctx context.Context, by actor.Actor, text string) error {
	if err := Permissions.Can(by, Write); err != nil {
		return err
	}
	text = strings.TrimSpace(text)
	if n := utf8.RuneCountInString(text); n == 0 || n > longest {
		return fault.New(fault.Invalid, "suggestion.length", fault.Args{"most": longest}).At("text")
	}
	return b.Store.Add(ctx, by, Suggestion{ID: b.NewID(), By: by.Account, At: b.Clock.Now(), Text: text})
}

// All are the suggestions, the youngest first.
func (b *Box) All(ctx context.Context, by actor.Actor) ([]Suggestion, error) {
	if err := Permissions.Can(by, Read); err != nil {
		return nil, err
	}
	return b.Store.All(ctx)
}

// Forget lets go of what is older than Keep.
func (b *Box) Forget(ctx context.Context) error {
	return b.Store.Forget(ctx, b.Clock.Now().Add(-b.Keep))
}
