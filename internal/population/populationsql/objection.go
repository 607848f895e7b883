package populationsql

import (
	"context"
	"errors"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/population"
)

// objectionRow is an objection with the look-up that it is against.
type objectionRow struct {
	lookupRow
	ID         string    `db:"id"`
	Number     int64     `db:"number"`
	Body       string    `db:"body"`
	CreatedAt  time.Time `db:"created_at"`
	Answer     string    `db:"answer"`
	AnsweredBy string    `db:"answered_by"`
	AnsweredAt time.Time `db:"answered_at"`
}

const objectionColumns = `o.id, o.number, o.body, o.created_at, o.answer, o.answered_by, o.answered_at`

func objections(rows []objectionRow, err error) ([]population.Objection, error) {
	out := make([]population.Objection, len(rows))
	for i, w := range rows {
		out[i] = population.Objection{
			ID: w.ID, Number: citizen.FromInt(w.Number), Lookup: w.lookup(), Text: w.Body, At: w.CreatedAt,
			Answer: w.Answer, AnsweredBy: w.AnsweredBy, AnsweredAt: w.AnsweredAt,
		}
		out[i].Lookup.Objected = true
	}
	return out, err
}

// SaveObjection adds one.
func (s *Store) SaveObjection(ctx context.Context, o population.Objection) error {
	n, err := sqldb.Exec(ctx, s.db, `INSERT INTO population_objection (id, number, lookup, body, created_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (number, lookup) DO NOTHING`, o.ID, o.Number.Int(), number(o.Lookup.ID), o.Text, micros(o.At))
	if err == nil && n == 0 {
		return fault.New(fault.Conflict, "population.objection.again", nil)
	}
	return err
}

// ObjectionsOf are those of one person, newest first.
func (s *Store) ObjectionsOf(ctx context.Context, n citizen.Number) ([]population.Objection, error) {
	return objections(sqldb.All[objectionRow](ctx, s.q, `SELECT `+lookupColumns+`, `+objectionColumns+`
		FROM population_objection o JOIN population_lookup l ON l.seq = o.lookup WHERE o.number = $1 ORDER BY o.id DESC`, n.Int()))
}

// Objections are those of everybody, newest first.
func (s *Store) Objections(ctx context.Context, open bool, before string, limit int) ([]population.Objection, error) {
	where := "($1 = '' OR o.id < $1)"
	if open {
		where += " AND o.answered_at IS NULL"
	}
	return objections(sqldb.All[objectionRow](ctx, s.q, `SELECT `+lookupColumns+`, `+objectionColumns+`
		FROM population_objection o JOIN population_lookup l ON l.seq = o.lookup WHERE `+where+` ORDER BY o.id DESC LIMIT $2`, before, limit))
}

// AnswerObjection answers one, with a line in the audit log.
func (s *Store) AnswerObjection(ctx context.Context, id, answer string, by actor.Actor, at time.Time) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		n, err := sqldb.Exec(ctx, tx, `UPDATE population_objection SET answer = $1, answered_by = $2, answered_at = $3
			WHERE id = $4 AND answered_at IS NULL`,
			answer, by.Name, micros(at), id)
		if err != nil {
			return err
		}
		if n == 0 {
			if _, err := sqldb.One[string](ctx, tx, `SELECT id FROM population_objection WHERE id = $1`, id); errors.Is(err, sqldb.ErrNone) {
				return fault.New(fault.NotFound, "population.objection.not_found", nil)
			} else if err != nil {
				return err
			}
			return fault.New(fault.Conflict, "population.objection.answered", nil)
		}
		return audit.Record(ctx, tx, audit.Entry{
			At: at, Who: audit.Who{Actor: by}, Action: "population.objection.answer",
			Subject: audit.Subject{Type: "objection", ID: id},
		})
	})
}

// Waiting counts objections without an answer and mistakes that are open.
func (s *Store) Waiting(ctx context.Context) (population.Waiting, error) {
	type row struct {
		Objections int `db:"objections"`
		Mistakes   int `db:"mistakes"`
	}
	w, err := sqldb.One[row](ctx, s.q, `SELECT
		(SELECT COUNT(*) FROM population_objection WHERE answered_at IS NULL) AS objections,
		(SELECT COUNT(*) FROM population_mistake WHERE state = 'open') AS mistakes`)
	return population.Waiting(w), err
}
