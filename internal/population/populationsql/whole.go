package populationsql

import (
	"context"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/sqldb"
	"dean06/internal/population"
)

// wholeChunk is how many people are read at once.
const wholeChunk = 10_000

// Whole gives everybody with some fields by number, as of one moment, and how far the register
// was then.
func (s *Store) Whole(
	ctx context.Context, now time.Time, fields []population.Field, give func([]population.Person) error,
) (m population.Mark, err error) {
	err = s.db.Snapshot(ctx, func(q sqldb.Queryer) (err error) {
		at := s.reader
		at.q = q
		if m, err = mark(ctx, q, now); err != nil {
			return err
		}
		var after citizen.Number
		for {
			list, err := at.Select(ctx, population.Selection{Fields: fields}, after, wholeChunk)
			if err != nil || len(list) == 0 {
				return err
			}
			after = list[len(list)-1].Number
			if err := give(list); err != nil {
				return err
			}
		}
	})
	return m, err
}

// LogWith logs a look-up about the people whom do gives, in the transaction in which do
// works; about nobody it logs nothing.
func (s *Store) LogWith(ctx context.Context, e population.Entry, do func(tx *sqldb.Tx) ([]citizen.Number, error)) error {
	s.journal.writing.Lock() // the chain of look-ups has one writer
	defer s.journal.writing.Unlock()
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		people, err := do(tx)
		if err != nil || len(people) == 0 {
			return err
		}
		e.Subjects, e.Persons = people, len(people)
		return appendLog(ctx, tx, s.engine, []population.Entry{e})
	})
}
