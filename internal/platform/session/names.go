package session

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"dean06/internal/platform/audit"
	"dean06/internal/platform/sqldb"
)

// named is a name from a moment on.
type named struct {
	From time.Time `db:"from_at"`
	Name string    `db:"name"`
}

// names keeps what was asked lately: a timeline asks for the same few people on
// every line.
type names struct {
	mu    sync.Mutex
	known map[string]*history
}

type history struct {
	names []named // oldest first
	until time.Time
}

const (
	namesKept = time.Minute // another process may have renamed somebody
	namesMost = 5000
)

func (n *names) get(stored string, now time.Time) ([]named, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	h := n.known[stored]
	if h == nil || !now.Before(h.until) {
		return nil, false
	}
	return h.names, true
}

func (n *names) put(stored string, list []named, now time.Time) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.known == nil || len(n.known) >= namesMost {
		n.known = map[string]*history{}
	}
	n.known[stored] = &history{list, now.Add(namesKept)}
}

func (n *names) forget() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.known = nil
}

// NameOf gives the name for people of what a log or a version stored as who
// acted, as it was at that moment. stored is an account's id, the login that was
// stored before ids were, a programme ("token:…"), the program itself ("system:…"), a
// user of the machine ("os:…"), or an account of another node. What nobody knows
// is given back as it is.
func (s *Service) NameOf(ctx context.Context, stored string, at time.Time) string {
	now := s.clock.Now()
	list, ok := s.names.get(stored, now)
	if !ok {
		var err error
		if list, err = s.namesOf(ctx, stored); err != nil {
			return stored // a page with an id instead of a name is better than none
		}
		s.names.put(stored, list, now)
	}
	name := stored
	for i, n := range list {
		if i == 0 || !n.From.After(at) {
			name = n.Name
		}
	}
	return name
}

// namesOf reads all names of what was stored, the oldest first.
func (s *Service) namesOf(ctx context.Context, stored string) ([]named, error) {
	way, rest, special := strings.Cut(stored, ":")
	switch {
	case stored == "":
		return nil, nil
	case way == "token":
		return sqldb.All[named](ctx, s.db, `SELECT created_at AS from_at, name FROM account_token WHERE id = $1`, rest)
	case special && !strings.Contains(stored, "#"):
		return []named{{Name: rest}}, nil
	}
	list, err := sqldb.All[named](ctx, s.db, `
		SELECT n.from_at, n.name FROM account_name n JOIN account a ON a.id = n.account_id
		WHERE a.id = $1 OR a.login = $1 ORDER BY n.from_at`, stored)
	if err != nil || len(list) > 0 {
		return list, err
	}
	// An account of another node, or a login that is gone: the log wrote the name down.
	name, err := audit.NameOf(ctx, s.db, stored)
	if errors.Is(err, sqldb.ErrNone) {
		return nil, nil
	}
	return []named{{Name: name}}, err
}

// FoundBy gives all that an account was written down as, for filters of logs:
// given its id or its login, both.
func (s *Service) FoundBy(ctx context.Context, account string) []string {
	type row struct {
		ID    string `db:"id"`
		Login string `db:"login"`
	}
	r, err := sqldb.One[row](ctx, s.db, `SELECT id, login FROM account WHERE id = $1 OR login = $1`, account)
	if err != nil {
		return []string{account}
	}
	return []string{r.ID, r.Login}
}

// nameNow writes down the name that an account bears from now on.
func (s *Service) nameNow(ctx context.Context, tx *sqldb.Tx, id, name string) error {
	_, err := sqldb.Exec(ctx, tx, `
		INSERT INTO account_name (account_id, from_at, name) VALUES ($1, $2, $3)
		ON CONFLICT (account_id, from_at) DO UPDATE SET name = excluded.name`, id, s.clock.Now(), name)
	return err
}
