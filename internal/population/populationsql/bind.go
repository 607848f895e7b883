package populationsql

import (
	"context"
	"errors"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/population"
)

// NoteBindTry counts a try; those of before are forgotten.
func (s *Store) NoteBindTry(ctx context.Context, account string, at time.Time, within time.Duration, most int) error {
	since := micros(at.Add(-within))
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		if _, err := sqldb.Exec(ctx, tx, `DELETE FROM population_bind_try WHERE account = $1 AND created_at <= $2`, account, since); err != nil {
			return err
		}
		had, err := sqldb.One[int](ctx, tx, `SELECT COUNT(*) FROM population_bind_try WHERE account = $1`, account)
		if err != nil {
			return err
		}
		if had >= most {
			return fault.New(fault.TooMany, "population.bind.many", fault.Args{"n": most})
		}
		_, err = sqldb.Exec(ctx, tx, `INSERT INTO population_bind_try (id, account, created_at) VALUES ($1, $2, $3)`,
			sqldb.NewID(), account, micros(at))
		return err
	})
}

// SaveBindRequest adds one, in the place of what the account asked before.
func (s *Store) SaveBindRequest(ctx context.Context, q population.BindRequest) error {
	_, err := sqldb.Exec(ctx, s.db, `INSERT INTO population_bind_request (account, id, login, name, number, created_at)
		VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (account) DO UPDATE SET id = excluded.id, login = excluded.login,
		name = excluded.name, number = excluded.number, created_at = excluded.created_at`,
		q.Account, q.ID, q.Login, q.Name, q.Number.Int(), micros(q.At))
	return err
}

type bindRow struct {
	Account   string    `db:"account"`
	ID        string    `db:"id"`
	Login     string    `db:"login"`
	Name      string    `db:"name"`
	Number    int64     `db:"number"`
	CreatedAt time.Time `db:"created_at"`
}

func (w bindRow) request() population.BindRequest {
	return population.BindRequest{
		ID: w.ID, Account: w.Account, Login: w.Login, Name: w.Name, Number: citizen.FromInt(w.Number), At: w.CreatedAt,
	}
}

const bindColumns = `account, id, login, name, number, created_at`

// BindRequestOf is the one of an account that waits.
func (s *Store) BindRequestOf(ctx context.Context, account string) (population.BindRequest, bool, error) {
	w, err := sqldb.One[bindRow](ctx, s.q, `SELECT `+bindColumns+` FROM population_bind_request WHERE account = $1`, account)
	if errors.Is(err, sqldb.ErrNone) {
		return population.BindRequest{}, false, nil
	}
	return w.request(), err == nil, err
}

// BindRequests are those that wait, oldest first.
func (s *Store) BindRequests(ctx context.Context, n citizen.Number, limit int) ([]population.BindRequest, error) {
	rows, err := sqldb.All[bindRow](ctx, s.q, `SELECT `+bindColumns+` FROM population_bind_request
		WHERE CAST($1 AS BIGINT) = 0 OR number = $1 ORDER BY created_at, id LIMIT $2`, n.Int(), limit)
	out := make([]population.BindRequest, len(rows))
	for i, w := range rows {
		out[i] = w.request()
	}
	return out, err
}

// EndBindRequest forgets what an account had asked.
func (s *Store) EndBindRequest(ctx context.Context, account string) error {
	_, err := sqldb.Exec(ctx, s.db, `DELETE FROM population_bind_request WHERE account = $1`, account)
	return err
}

// Waiting counts objections without an answer and accounts that wait.
func (s *Store) Waiting(ctx context.Context) (population.Waiting, error) {
	type row struct {
		Objections int `db:"objections"`
		Bindings   int `db:"bindings"`
		Mistakes   int `db:"mistakes"`
	}
	w, err := sqldb.One[row](ctx, s.q, `SELECT
		(SELECT COUNT(*) FROM population_objection WHERE answered_at IS NULL) AS objections,
		(SELECT COUNT(*) FROM population_bind_request) AS bindings,
		(SELECT COUNT(*) FROM population_mistake WHERE state = 'open') AS mistakes`)
	return population.Waiting(w), err
}
