// Package eventsql keeps where a node's gateway posts the events that its systems
// have subscribed to. Events and subscriptions themselves are kept by the hub.
package eventsql

import (
	"context"
	"embed"
	"fmt"
	"io/fs"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/sqldb"
	"dean06/internal/xroad"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Store keeps the addresses.
type Store struct {
	db    *sqldb.DB
	clock clock.Clock
}

// New gives the store. Call Migrate before the first use of a database.
func New(db *sqldb.DB, c clock.Clock) *Store { return &Store{db, c} }

// Migrate brings the tables up to date.
func (s *Store) Migrate(ctx context.Context) error {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return fmt.Errorf("migrations of events: %w", err)
	}
	return sqldb.Migrate(ctx, s.db, "event", sub)
}

// Save adds or replaces the address of a subscription.
func (s *Store) Save(ctx context.Context, client, room xroad.ID, eventType, url string) error {
	_, err := sqldb.Exec(ctx, s.db, `
		INSERT INTO event_push (client, room, event_type, url, changed_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (client, room, event_type) DO UPDATE SET url = excluded.url, changed_at = excluded.changed_at`,
		client.String(), room.String(), eventType, url, s.clock.Now())
	if err != nil {
		return fmt.Errorf("save where events of %s go: %w", room, err)
	}
	return nil
}

// Drop forgets the address; it is no fault when there is none.
func (s *Store) Drop(ctx context.Context, client, room xroad.ID, eventType string) error {
	_, err := sqldb.Exec(ctx, s.db, `DELETE FROM event_push WHERE client = $1 AND room = $2 AND event_type = $3`,
		client.String(), room.String(), eventType)
	if err != nil {
		return fmt.Errorf("forget where events of %s go: %w", room, err)
	}
	return nil
}

type row struct {
	Client    string `db:"client"`
	Room      string `db:"room"`
	EventType string `db:"event_type"`
	URL       string `db:"url"`
}

// Each gives all addresses.
func (s *Store) Each(ctx context.Context, f func(client, room xroad.ID, eventType, url string) error) error {
	rows, err := sqldb.All[row](ctx, s.db, `SELECT client, room, event_type, url FROM event_push ORDER BY client, room, event_type`)
	if err != nil {
		return fmt.Errorf("read where events go: %w", err)
	}
	for _, r := range rows {
		client, err := xroad.ParseID(r.Client, 4, 4)
		if err != nil {
			return fmt.Errorf("read where events go: %w", err)
		}
		room, err := xroad.ParseID(r.Room, 4, 4)
		if err != nil {
			return fmt.Errorf("read where events go: %w", err)
		}
		if err := f(client, room, r.EventType, r.URL); err != nil {
			return err
		}
	}
	return nil
}
