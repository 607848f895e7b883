package alarm

import (
	"context"
	"errors"
	"fmt"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/health"
	"dean06/internal/platform/sqldb"
)

// row is an alarm as it is stored.
type row struct {
	ID      string                  `db:"id"`
	Kind    string                  `db:"kind"`
	Subject string                  `db:"subject"`
	Level   health.Level            `db:"level"`
	Owner   string                  `db:"owner"`
	Key     string                  `db:"key"`
	Args    sqldb.JSON[fault.Args]  `db:"args"`
	Sticky  bool                    `db:"sticky"`
	Second  bool                    `db:"second"`
	Since   time.Time               `db:"since_at"`
	Seen    time.Time               `db:"seen_at"`
	Times   int                     `db:"times"`
	Taken   sqldb.JSON[actor.Actor] `db:"taken_by"`
	TakenAt *time.Time              `db:"taken_at"`
	EndedBy sqldb.JSON[actor.Actor] `db:"ended_by"`
	Ended   *time.Time              `db:"ended_at"`
	Why     string                  `db:"ended_why"`
}

const columns = `id, kind, subject, level, owner, key, args, sticky, second, since_at, seen_at, times, taken_by, taken_at,
	ended_by, ended_at, ended_why`

func rowOf(a Alarm) row {
	return row{
		ID: a.ID, Kind: a.Kind, Subject: a.Subject, Level: a.Level, Owner: a.Owner, Key: a.Key, Args: sqldb.JSON[fault.Args]{V: a.Args},
		Sticky: a.Sticky, Second: a.Second, Since: a.Since, Seen: a.Seen, Times: a.Times,
	}
}

func (w row) alarm() Alarm {
	a := Alarm{
		ID: w.ID, Kind: w.Kind, Subject: w.Subject, Level: w.Level, Owner: w.Owner, Key: w.Key, Args: w.Args.V,
		Sticky: w.Sticky, Second: w.Second, Since: w.Since, Seen: w.Seen, Times: w.Times, Taken: w.Taken.V, EndedBy: w.EndedBy.V, Why: w.Why,
	}
	if w.TakenAt != nil {
		a.TakenAt = w.TakenAt.UTC()
	}
	if w.Ended != nil {
		a.Ended = w.Ended.UTC()
	}
	return a
}

func (s *Service) get(ctx context.Context, q sqldb.Queryer, id string) (Alarm, error) {
	w, err := sqldb.One[row](ctx, q, `SELECT `+columns+` FROM alarm WHERE id = $1`, id)
	if errors.Is(err, sqldb.ErrNone) {
		return Alarm{}, errUnknown
	}
	if err != nil {
		return Alarm{}, fmt.Errorf("read alarm %s: %w", id, err)
	}
	return w.alarm(), nil
}

// Get reads one for somebody. It fails with NotFound, and as Permissions say.
func (s *Service) Get(ctx context.Context, who actor.Actor, id string) (Alarm, error) {
	if err := s.table().Can(who, ActRead); err != nil {
		return Alarm{}, err
	}
	return s.get(ctx, s.db, id)
}

// All are the open ones for somebody. It fails as Permissions say.
func (s *Service) All(ctx context.Context, who actor.Actor) ([]Alarm, error) {
	if err := s.table().Can(who, ActRead); err != nil {
		return nil, err
	}
	return s.Open(ctx)
}

// Past are those that have ended, the youngest first, for somebody; below is the last of
// the page before. It fails as Permissions say.
func (s *Service) Past(ctx context.Context, who actor.Actor, below string, limit int) ([]Alarm, error) {
	if err := s.table().Can(who, ActRead); err != nil {
		return nil, err
	}
	var a sqldb.Args
	where := "ended_at IS NOT NULL"
	if below != "" {
		where += " AND id < " + a.Add(below)
	}
	rows, err := sqldb.All[row](ctx, s.db, `SELECT `+columns+` FROM alarm WHERE `+where+` ORDER BY id DESC LIMIT `+a.Add(limit), a.Values()...)
	if err != nil {
		return nil, fmt.Errorf("alarms that ended: %w", err)
	}
	out := make([]Alarm, len(rows))
	for i, w := range rows {
		out[i] = w.alarm()
	}
	return out, nil
}

// Waiting counts the open alarms that nobody looks after yet and that somebody could.
func (s *Service) Waiting(ctx context.Context, who actor.Actor) (int, error) {
	if s.table().Can(who, ActTake) != nil {
		return 0, nil //nolint:nilerr // whoever may not see them is told nothing
	}
	n, err := sqldb.One[int](ctx, s.db, `SELECT COUNT(*) FROM alarm WHERE ended_at IS NULL AND taken_at IS NULL`)
	if err != nil {
		return 0, fmt.Errorf("alarms that wait: %w", err)
	}
	return n, nil
}

// Failing counts the open alarms of what does not work now, for who may see them.
func (s *Service) Failing(ctx context.Context, who actor.Actor) (int, error) {
	if s.table().Can(who, ActRead) != nil {
		return 0, nil //nolint:nilerr // as above
	}
	n, err := sqldb.One[int](ctx, s.db, `SELECT COUNT(*) FROM alarm WHERE ended_at IS NULL AND level = $1`, string(health.Failing))
	if err != nil {
		return 0, fmt.Errorf("alarms that are open: %w", err)
	}
	return n, nil
}
