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

type mistakeRow struct {
	Place     string    `db:"place"`
	ID        string    `db:"id"`
	Number    int64     `db:"number"`
	Field     string    `db:"field"`
	Says      string    `db:"says"`
	Why       string    `db:"why"`
	Client    string    `db:"client"`
	Agency    string    `db:"agency"`
	Officer   string    `db:"officer"`
	Purpose   string    `db:"purpose"`
	Dossier   string    `db:"dossier"`
	CreatedAt time.Time `db:"created_at"`
	State     string    `db:"state"`
	Answer    string    `db:"answer"`
	DecidedBy string    `db:"decided_by"`
	DecidedAt time.Time `db:"decided_at"`
}

const mistakeColumns = `place, id, number, field, says, why, client, agency, officer, purpose, dossier, created_at, state, answer, decided_by, decided_at`

func (w *mistakeRow) mistake() population.Mistake {
	return population.Mistake{
		ID: w.ID, Place: w.Place, Number: citizen.FromInt(w.Number), Field: population.Field(w.Field), Says: w.Says, Why: w.Why,
		Client: w.Client, Agency: w.Agency, Officer: w.Officer, Purpose: w.Purpose, Dossier: w.Dossier, At: w.CreatedAt,
		State: population.MistakeState(w.State), Answer: w.Answer, DecidedBy: w.DecidedBy, DecidedAt: w.DecidedAt,
	}
}

// SaveMistake adds a claim, unless there is one with the id, and gives the one that is kept.
func (s *Store) SaveMistake(ctx context.Context, m population.Mistake) (population.Mistake, bool, error) {
	n, err := sqldb.Exec(ctx, s.db, `INSERT INTO population_mistake (`+mistakeColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, '', '', NULL) ON CONFLICT (id) DO NOTHING`,
		sqldb.NewID(), m.ID, m.Number.Int(), string(m.Field), m.Says, m.Why, m.Client, m.Agency, m.Officer, m.Purpose, m.Dossier,
		micros(m.At), string(m.State))
	if err != nil {
		return population.Mistake{}, false, err
	}
	kept, err := s.Mistake(ctx, m.ID)
	return kept, n > 0, err
}

// Mistake is a claim by its id.
func (s *Store) Mistake(ctx context.Context, id string) (population.Mistake, error) {
	w, err := sqldb.One[mistakeRow](ctx, s.q, `SELECT `+mistakeColumns+` FROM population_mistake WHERE id = $1`, id)
	if errors.Is(err, sqldb.ErrNone) {
		return population.Mistake{}, fault.New(fault.NotFound, "population.mistake.not_found", nil)
	}
	return w.mistake(), err
}

// Mistakes are claims in the order in which they came.
func (s *Store) Mistakes(ctx context.Context, open bool, after string, limit int) ([]population.Mistake, error) {
	where := `place > $1`
	if open {
		where += ` AND state = 'open'`
	}
	rows, err := sqldb.All[mistakeRow](ctx, s.q, `SELECT `+mistakeColumns+` FROM population_mistake WHERE `+where+` ORDER BY place LIMIT $2`, after, limit)
	out := make([]population.Mistake, len(rows))
	for i := range rows {
		out[i] = rows[i].mistake()
	}
	return out, err
}

// SettleMistake ends a claim, with a line in the audit log.
func (s *Store) SettleMistake(ctx context.Context, m population.Mistake, by actor.Actor) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		n, err := sqldb.Exec(ctx, tx, `UPDATE population_mistake SET state = $1, answer = $2, decided_by = $3, decided_at = $4
			WHERE id = $5 AND state = 'open'`, string(m.State), m.Answer, m.DecidedBy, micros(m.DecidedAt), m.ID)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.Conflict, "population.mistake.settled", nil)
		}
		return audit.Record(ctx, tx, audit.Entry{
			At: m.DecidedAt, Who: audit.Who{Actor: by}, Action: "population.mistake.settle", Subject: audit.Subject{Type: "mistake", ID: m.ID},
			Details: map[string]string{"state": string(m.State), "field": string(m.Field), "dossier": m.Dossier},
		})
	})
}
