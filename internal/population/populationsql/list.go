package populationsql

import (
	"context"
	"encoding/binary"
	"errors"

	"dean06/internal/citizen"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/sqldb"
	"dean06/internal/population"
)

// ListJob is the kind of the job that puts a list together.
const ListJob = "population.list"

// ListHandler handles it.
func ListHandler(r *population.Register) jobs.Handler {
	return func(ctx context.Context, t *jobs.Task) error {
		var id string
		if err := t.Decode(&id); err != nil {
			return jobs.Permanent(err)
		}
		return r.RunList(ctx, id, func(done int) {
			// Progress is for the eye; the list itself says how far it is.
			_ = t.Progress(ctx, done, 0, jobs.Note{})
		})
	}
}

// SaveList adds a list and the job for it.
func (s *Store) SaveList(ctx context.Context, l population.List, granted []population.Field) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		if _, err := sqldb.Exec(ctx, tx, `INSERT INTO population_list (id, client, doc, granted, created_at) VALUES ($1, $2, $3, $4, $5)`,
			l.ID, l.Client, sqldb.JSON[population.List]{V: l}, joinFields(granted), micros(l.RequestedAt)); err != nil {
			return err
		}
		_, err := jobs.Enqueue(ctx, tx, ListJob, l.ID, jobs.Options{ID: l.ID})
		return err
	})
}

func listOf(ctx context.Context, q sqldb.Queryer, id string) (population.List, []population.Field, error) {
	type row struct {
		Doc     sqldb.JSON[population.List] `db:"doc"`
		Granted string                      `db:"granted"`
	}
	w, err := sqldb.One[row](ctx, q, `SELECT doc, granted FROM population_list WHERE id = $1`, id)
	if errors.Is(err, sqldb.ErrNone) {
		return population.List{}, nil, fault.New(fault.NotFound, "population.list.not_found", nil)
	}
	return w.Doc.V, splitFields(w.Granted), err
}

// List gives a list and what its client was granted when it asked.
func (s *Store) List(ctx context.Context, id string) (population.List, []population.Field, error) {
	return listOf(ctx, s.q, id)
}

// Lists gives those of a client, newest first.
func (s *Store) Lists(ctx context.Context, client, before string, limit int) ([]population.List, error) {
	rows, err := sqldb.All[sqldb.JSON[population.List]](ctx, s.q, `SELECT doc FROM population_list
		WHERE client = $1 AND ($2 = '' OR id < $2) ORDER BY id DESC LIMIT $3`, client, before, limit)
	out := make([]population.List, len(rows))
	for i, w := range rows {
		out[i] = w.V
	}
	return out, err
}

// UpdateList changes a list; others who change it wait.
func (s *Store) UpdateList(ctx context.Context, id string, change func(*population.List) error) (population.List, error) {
	var l population.List
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		if _, err := sqldb.Exec(ctx, tx, `UPDATE population_list SET client = client WHERE id = $1`, id); err != nil {
			return err
		}
		var err error
		if l, _, err = listOf(ctx, tx, id); err != nil {
			return err
		}
		if err := change(&l); err != nil {
			return err
		}
		_, err = sqldb.Exec(ctx, tx, `UPDATE population_list SET doc = $1 WHERE id = $2`, sqldb.JSON[population.List]{V: l}, id)
		return err
	})
	return l, err
}

// AddToList appends people and logs the look-up of them, both or neither.
func (s *Store) AddToList(ctx context.Context, id string, people []citizen.Number, e population.Entry) error {
	if len(people) == 0 {
		return nil
	}
	s.journal.writing.Lock() // the chain of look-ups has one writer
	defer s.journal.writing.Unlock()
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		b := make([]byte, 0, 8*len(people))
		for _, n := range people {
			b = binary.BigEndian.AppendUint64(b, uint64(n.Int()))
		}
		n, err := sqldb.Exec(ctx, tx, `INSERT INTO population_list_part (list, last, numbers) VALUES ($1, $2, $3)
			ON CONFLICT (list, last) DO NOTHING`,
			id, people[len(people)-1].Int(), b)
		if err != nil || n == 0 {
			return err
		}
		return appendLog(ctx, tx, s.engine, []population.Entry{e})
	})
}

// ListPeople gives people of a list by number, after a number.
func (s *Store) ListPeople(ctx context.Context, id string, after citizen.Number, limit int) ([]citizen.Number, error) {
	var out []citizen.Number
	for b, err := range sqldb.Each[[]byte](ctx, s.q, `SELECT numbers FROM population_list_part
		WHERE list = $1 AND last > $2 ORDER BY last`, id, after.Int()) {
		if err != nil {
			return nil, err
		}
		for ; len(b) >= 8; b = b[8:] {
			n := int64(binary.BigEndian.Uint64(b))
			if n <= after.Int() {
				continue
			}
			if out = append(out, citizen.FromInt(n)); len(out) == limit {
				return out, nil
			}
		}
	}
	return out, nil
}

// ClearList forgets who is in a list.
func (s *Store) ClearList(ctx context.Context, id string) error {
	_, err := sqldb.Exec(ctx, s.db, `DELETE FROM population_list_part WHERE list = $1`, id)
	return err
}
