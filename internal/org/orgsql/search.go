package orgsql

import (
	"context"
	"fmt"
	"strings"

	"dean06/internal/org"
	"dean06/internal/platform/sqldb"
)

// SearchUnits finds provinces, districts and communes whose name, in full or
// without its type, is text however it is typed; failing that, those whose name
// contains it. It gives at most limit, by code.
func (s *Store) SearchUnits(ctx context.Context, text string, m Moment, limit int) ([]org.Version, error) {
	want := org.Fold(text)
	if want == "" {
		return nil, nil
	}
	var a sqldb.Args
	query := `SELECT ` + versionColumns + ` FROM org_version WHERE ` + s.where(&a, m) +
		` AND level IN ` + sqldb.In(&a, []org.Level{org.Province, org.District, org.Commune}) + ` ORDER BY code`
	var exact, like []org.Version
	for v, err := range sqldb.Each[org.Version](ctx, s.db, query, a.Values()...) {
		if err != nil {
			return nil, fmt.Errorf("search units: %w", err)
		}
		switch full := org.Fold(v.Name); {
		case full == want || org.Fold(v.Short()) == want:
			exact = append(exact, v)
		case len(like) < limit && strings.Contains(" "+full+" ", " "+want+" "):
			like = append(like, v)
		}
	}
	if len(exact) == 0 {
		exact = like
	}
	return exact[:min(limit, len(exact))], nil
}

// Events lists events, the last recorded first: those recorded before the event
// with the id before, or the latest when it is "". Reference data comes last,
// by id.
func (s *Store) Events(ctx context.Context, before string, limit int) ([]org.Event, error) {
	var a sqldb.Args
	query := `SELECT ` + eventColumns + ` FROM org_event`
	if before != "" {
		e, err := s.Event(ctx, before)
		if err != nil {
			return nil, err
		}
		at, id := a.Add(e.RecordedAt), a.Add(e.ID)
		query += ` WHERE recorded_at < ` + at + ` OR recorded_at = ` + at + ` AND id < ` + id
	}
	es, err := sqldb.All[org.Event](ctx, s.db, query+` ORDER BY recorded_at DESC, id DESC LIMIT `+a.Add(limit), a.Values()...)
	if err != nil {
		return nil, fmt.Errorf("list events: %w", err)
	}
	return es, nil
}
