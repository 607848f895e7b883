package cleaningsql

import (
	"context"
	"errors"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/cleaning"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/sqldb"
)

// TakeJob looks at a file that has come whole.
const TakeJob = "cleaning.take"

var _ cleaning.CounterStore = (*Store)(nil)

type incoming struct {
	ID        string                        `db:"id"`
	Agency    string                        `db:"agency"`
	Live      *string                       `db:"live"`
	State     string                        `db:"state"`
	CreatedAt time.Time                     `db:"created_at"`
	Doc       sqldb.JSON[cleaning.Incoming] `db:"doc"`
}

func incomingOf(in cleaning.Incoming) incoming {
	w := incoming{ID: in.ID, Agency: in.Agency, State: string(in.State), CreatedAt: in.At, Doc: sqldb.JSON[cleaning.Incoming]{V: in}}
	if in.State == cleaning.Coming || in.State == cleaning.Checking {
		live := in.Agency + " " + in.Offer.SHA256
		w.Live = &live
	}
	return w
}

// Begin adds a file, or gives the one that is on its way.
func (s *Store) Begin(ctx context.Context, in cleaning.Incoming) (cleaning.Incoming, bool, error) {
	w := incomingOf(in)
	err := sqldb.Insert(ctx, s.db, "cleaning_incoming", w)
	if !sqldb.IsDuplicate(err) {
		return in, false, err
	}
	was, err := sqldb.One[sqldb.JSON[cleaning.Incoming]](ctx, s.db, `SELECT doc FROM cleaning_incoming WHERE live = $1`, *w.Live)
	if errors.Is(err, sqldb.ErrNone) { // it was finished this very moment: who asks again hears what of it became
		return in, false, fault.New(fault.Conflict, "cleaning.batch.running", nil)
	}
	return was.V, true, err
}

// Incoming gives one.
func (s *Store) Incoming(ctx context.Context, id string) (cleaning.Incoming, error) {
	return incomingBy(ctx, s.db, id)
}

func incomingBy(ctx context.Context, q sqldb.Queryer, id string) (cleaning.Incoming, error) {
	w, err := sqldb.One[sqldb.JSON[cleaning.Incoming]](ctx, q, `SELECT doc FROM cleaning_incoming WHERE id = $1`, id)
	if errors.Is(err, sqldb.ErrNone) {
		return w.V, fault.New(fault.NotFound, "cleaning.batch.unknown", nil)
	}
	return w.V, err
}

// UpdateIncoming changes one; others who change it wait.
func (s *Store) UpdateIncoming(ctx context.Context, id string, change func(*cleaning.Incoming) error) (in cleaning.Incoming, err error) {
	err = s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		if _, err := sqldb.Exec(ctx, tx, `UPDATE cleaning_incoming SET state = state WHERE id = $1`, id); err != nil {
			return err
		}
		if in, err = incomingBy(ctx, tx, id); err != nil {
			return err
		}
		if err := change(&in); err != nil {
			return err
		}
		w := incomingOf(in)
		if _, err := sqldb.Exec(
			ctx, tx, `UPDATE cleaning_incoming SET live = $1, state = $2, doc = $3 WHERE id = $4`, w.Live, w.State, w.Doc, id,
		); err != nil {
			return err
		}
		if in.State != cleaning.Checking {
			return nil
		}
		_, err := jobs.Enqueue(ctx, tx, TakeJob, id, jobs.Options{UniqueKey: TakeJob + " " + id})
		return err
	})
	return in, err
}

// IncomingOf are those of an agency that are no batches.
func (s *Store) IncomingOf(ctx context.Context, agency string) ([]cleaning.Incoming, error) {
	list, err := sqldb.All[sqldb.JSON[cleaning.Incoming]](ctx, s.db, `SELECT doc FROM cleaning_incoming
		WHERE agency = $1 AND state <> '' ORDER BY id DESC LIMIT 100`, agency)
	return docs(list), err
}

// ForgetIncoming deletes what is a batch, or came to nothing, and began before a moment.
func (s *Store) ForgetIncoming(ctx context.Context, before time.Time) error {
	_, err := sqldb.Exec(ctx, s.db, `DELETE FROM cleaning_incoming WHERE created_at < $1 AND state <> $2`, before, string(cleaning.Checking))
	return err
}

// BatchesOf are an agency's, the youngest first.
func (s *Store) BatchesOf(ctx context.Context, agency, before string, limit int) ([]cleaning.Batch, error) {
	list, err := sqldb.All[sqldb.JSON[cleaning.Batch]](ctx, s.db, `SELECT doc FROM cleaning_batch
		WHERE agency = $1 AND ($2 = '' OR id < $2) ORDER BY id DESC LIMIT $3`, agency, before, limit)
	return docs(list), err
}

// unsettled are rows for an agency's own staff: those that the program did not accept, and of
// which they have not said that they cannot say.
const unsettled = `batch = $1 AND place IS NOT NULL AND decided = '' AND outcome = 'several' AND NOT EXISTS (
	SELECT 1 FROM cleaning_label l WHERE l.batch = $1 AND l.at_row = cleaning_row.at AND l.says = 'unsure' AND l.account LIKE 'gateway:%')`

// Unsettled are such rows behind one, and how many there are.
func (s *Store) Unsettled(ctx context.Context, batch string, after, limit int) ([]cleaning.Row, int, error) {
	list, err := sqldb.All[row](ctx, s.db, `SELECT `+rowColumns+` FROM cleaning_row WHERE `+unsettled+` AND at > $2 ORDER BY at LIMIT $3`,
		batch, after, limit)
	if err != nil {
		return nil, 0, err
	}
	n, err := sqldb.One[int](ctx, s.db, `SELECT COUNT(*) FROM cleaning_row WHERE `+unsettled, batch)
	return rowsOf(list), n, err
}

// Hold gives an officer a row, and logs whom they compare it with.
func (s *Store) Hold(
	ctx context.Context, b cleaning.Batch, at int, account string, now, until time.Time,
	whom func(cleaning.Row, []cleaning.Label) (citizen.Number, error),
) (out cleaning.Row, said []cleaning.Label, err error) {
	err = s.logged(ctx, b, func(tx *sqldb.Tx) ([]citizen.Number, error) {
		w, err := sqldb.One[row](ctx, tx, `UPDATE cleaning_row SET lease_by = $2, lease_until = $3, shown_at = $5
			WHERE `+unsettled+` AND at = $4 AND (lease_by = '' OR lease_by = $2 OR lease_until < $5) RETURNING `+rowColumns,
			b.ID, account, until, at, now)
		if errors.Is(err, sqldb.ErrNone) {
			if _, err := rowBy(ctx, tx, b.ID, at); err != nil {
				return nil, err
			}
			return nil, fault.New(fault.Conflict, "cleaning.batch.moved", nil)
		}
		if err != nil {
			return nil, err
		}
		if said, err = labels(ctx, tx, b.ID, at); err != nil {
			return nil, err
		}
		out = w.row()
		n, err := whom(out, said)
		if err != nil {
			return nil, err
		}
		return met(ctx, tx, b.ID, []citizen.Number{n})
	})
	return out, said, err
}
