package contractsql

import (
	"context"
	"fmt"
	"time"

	"dean06/internal/contract"
	"dean06/internal/platform/sqldb"
)

type callRow struct {
	ID        string    `db:"id"`
	At        time.Time `db:"created_at"`
	System    string    `db:"user_name"`
	Subsystem string    `db:"subsystem"`
	Officer   string    `db:"officer"`
	Office    string    `db:"office"`
	Operation string    `db:"operation"`
	Code      string    `db:"code"`
	Purpose   string    `db:"purpose"`
	Dossier   string    `db:"dossier"`
	Request   string    `db:"request"`
	RequestID string    `db:"request_id"`
	Outcome   string    `db:"outcome"`
	Took      int64     `db:"took_us"`
}

const callColumns = `id, created_at, user_name, subsystem, officer, office, operation, code, purpose,
	dossier, request, request_id, outcome, took_us`

// Log adds a call to the log.
func (s *Store) Log(ctx context.Context, c contract.Call) error {
	err := sqldb.Insert(ctx, s.db, "contract_call", callRow{
		c.ID, c.At, c.System, c.Subsystem, c.Officer, c.Office, c.Operation, c.Code, c.Purpose, c.Dossier, c.Request, c.RequestID, c.Outcome,
		c.Took.Microseconds(),
	})
	if err != nil {
		return fmt.Errorf("log contract call %s: %w", c.ID, err)
	}
	return nil
}

func where(f contract.Filter, a *sqldb.Args) string {
	out := `1 = 1`
	for _, w := range []struct{ column, value string }{{"officer", f.Officer}, {"office", f.Office}, {"outcome", f.Outcome}} {
		if w.value != "" {
			out += ` AND ` + w.column + ` = ` + a.Add(w.value)
		}
	}
	if !f.From.IsZero() {
		out += ` AND created_at >= ` + a.Add(f.From)
	}
	if !f.Until.IsZero() {
		out += ` AND created_at < ` + a.Add(f.Until)
	}
	return out
}

// Calls reads the log, newest first; before is the id of the last one of the page
// before, "" for the first page.
func (s *Store) Calls(ctx context.Context, f contract.Filter, before string, limit int) ([]contract.Call, error) {
	var a sqldb.Args
	narrow := where(f, &a)
	if before != "" {
		narrow += ` AND id < ` + a.Add(before)
	}
	rows, err := sqldb.All[callRow](ctx, s.db,
		`SELECT `+callColumns+` FROM contract_call WHERE `+narrow+` ORDER BY id DESC LIMIT `+a.Add(limit), a.Values()...)
	if err != nil {
		return nil, fmt.Errorf("read contract log: %w", err)
	}
	list := make([]contract.Call, len(rows))
	for i, r := range rows {
		list[i] = contract.Call{
			ID: r.ID, At: r.At, System: r.System, Subsystem: r.Subsystem, Officer: r.Officer, Office: r.Office, Operation: r.Operation, Code: r.Code,
			Purpose: r.Purpose, Dossier: r.Dossier, Request: r.Request, RequestID: r.RequestID, Outcome: r.Outcome,
			Took: time.Duration(r.Took) * time.Microsecond,
		}
	}
	return list, nil
}

type countRow struct {
	Office   string `db:"office"`
	Officer  string `db:"officer"`
	Calls    int    `db:"calls"`
	Answered int    `db:"answered"`
	NotFound int    `db:"not_found"`
}

// Counts counts the calls by office and officer, or by office alone.
func (s *Store) Counts(ctx context.Context, f contract.Filter, byOfficer bool) ([]contract.Count, error) {
	var a sqldb.Args
	officer, by := `''`, `office`
	if byOfficer {
		officer, by = `officer`, `office, officer`
	}
	rows, err := sqldb.All[countRow](ctx, s.db, `SELECT office, `+officer+` AS officer, COUNT(*) AS calls,
		SUM(CASE WHEN outcome = 'answered' THEN 1 ELSE 0 END) AS answered,
		SUM(CASE WHEN outcome = 'not_found' THEN 1 ELSE 0 END) AS not_found
		FROM contract_call WHERE `+where(f, &a)+` GROUP BY `+by+` ORDER BY `+by, a.Values()...)
	if err != nil {
		return nil, fmt.Errorf("count contract calls: %w", err)
	}
	list := make([]contract.Count, len(rows))
	for i, r := range rows {
		list[i] = contract.Count{
			Office: r.Office, Officer: r.Officer, Calls: r.Calls, Answered: r.Answered, NotFound: r.NotFound,
			Refused: r.Calls - r.Answered - r.NotFound,
		}
	}
	return list, nil
}
