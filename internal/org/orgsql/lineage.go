package orgsql

import (
	"context"
	"fmt"

	"dean06/internal/org"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/sqldb"
)

// Lineage says what the unit or agency that had the code on the day from is on
// the day to; the days may be in either order. It fails with NotFound when no
// unit had the code.
func (s *Store) Lineage(ctx context.Context, code string, from, to clock.Date) (org.Lineage, error) {
	start, err := s.Unit(ctx, code, On(from))
	if err != nil {
		return org.Lineage{}, err
	}
	h, err := s.kin(ctx, start.ID, !to.Before(from))
	if err != nil {
		return org.Lineage{}, fmt.Errorf("lineage of %s: %w", code, err)
	}
	return org.NewGraph(h).Lineage(start.ID, from, to), nil
}

const linkColumns = `event, from_id, to_id, whole, main`

// kin loads a unit with all that came of it, or from which it came, and beside
// them what else went into the same units.
func (s *Store) kin(ctx context.Context, id string, forward bool) (org.History, error) {
	here, next := `from_id`, func(l org.Link) string { return l.To }
	if !forward {
		here, next = `to_id`, func(l org.Link) string { return l.From }
	}
	seen := map[string]bool{id: true}
	ids := []string{id}
	for edge := ids; len(edge) > 0; {
		ls, err := selectIn[org.Link](ctx, s.db, `SELECT `+linkColumns+` FROM org_link WHERE `+here+` IN `, edge)
		if err != nil {
			return org.History{}, err
		}
		edge = nil
		for _, l := range ls {
			if n := next(l); !seen[n] {
				seen[n] = true
				edge = append(edge, n)
			}
		}
		ids = append(ids, edge...)
	}
	var h org.History
	var err error
	into, err := selectIn[org.Link](ctx, s.db, `SELECT `+linkColumns+` FROM org_link WHERE to_id IN `, ids)
	if err != nil {
		return h, err
	}
	outOf, err := selectIn[org.Link](ctx, s.db, `SELECT `+linkColumns+` FROM org_link WHERE from_id IN `, ids)
	if err != nil {
		return h, err
	}
	met := map[org.Link]bool{}
	for _, l := range append(into, outOf...) {
		if !met[l] {
			met[l] = true
			h.Links = append(h.Links, l)
		}
	}
	if h.Versions, err = selectIn[org.Version](
		ctx, s.db, `SELECT `+versionColumns+` FROM org_version WHERE known_to IS NULL AND id IN `, ids,
	); err != nil {
		return h, err
	}
	h.Events, err = s.eventsOf(ctx, h.Versions, h.Links)
	return h, err
}

// History lists every version of a unit that was ever recorded, superseded
// ones included, in the order of recording.
func (s *Store) History(ctx context.Context, id string) ([]Recorded, error) {
	return sqldb.All[Recorded](ctx, s.db, `SELECT `+versionColumns+`, known_from, known_to FROM org_version
		WHERE id = $1 ORDER BY known_from, valid_from`, id)
}
