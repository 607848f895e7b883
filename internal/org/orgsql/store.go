// Package orgsql stores agencies and administrative units with both their
// times, and answers for any day as known at any moment. What an edit may do is
// decided in org; this package loads what the decision needs and records it in
// one transaction.
package orgsql

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"dean06/internal/org"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Store is the register in a database.
type Store struct {
	db    *sqldb.DB
	clock clock.Clock
}

// New gives the store. Call Migrate before the first use of a database.
func New(db *sqldb.DB, c clock.Clock) *Store { return &Store{db, c} }

// Migrate brings the tables up to date.
func (s *Store) Migrate(ctx context.Context) error {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	return sqldb.Migrate(ctx, s.db, "org", sub)
}

// Moment is the two times of a question.
type Moment = org.Moment

// On is the moment of a day as known now.
func On(day clock.Date) Moment { return Moment{On: day} }

const versionColumns = `id, level, code, name, parent, valid_from, valid_to, event, ended`

// where is the condition that picks what was valid and known.
func (s *Store) where(a *sqldb.Args, m Moment) string {
	known := m.Known
	if known.IsZero() {
		known = s.clock.Now()
	}
	day, at := a.Add(m.On), a.Add(known)
	return `valid_from <= ` + day + ` AND (valid_to IS NULL OR valid_to > ` + day + `)
		AND known_from <= ` + at + ` AND (known_to IS NULL OR known_to > ` + at + `)`
}

// Counts counts provinces, districts and communes.
func (s *Store) Counts(ctx context.Context, m Moment) (org.Counts, error) {
	type row struct {
		Level org.Level `db:"level"`
		N     int       `db:"n"`
	}
	var a sqldb.Args
	rows, err := sqldb.All[row](
		ctx, s.db, `SELECT level, COUNT(*) AS n FROM org_version WHERE `+s.where(&a, m)+` GROUP BY level`,
		a.Values()...,
	)
	if err != nil {
		return org.Counts{}, fmt.Errorf("count units: %w", err)
	}
	out := org.Counts{Date: m.On}
	for _, r := range rows {
		switch r.Level {
		case org.Province:
			out.Provinces = r.N
		case org.District:
			out.Districts = r.N
		case org.Commune:
			out.Communes = r.N
		}
	}
	return out, nil
}

// Unit is the unit that had the code. It fails with NotFound when there was none.
func (s *Store) Unit(ctx context.Context, code string, m Moment) (org.Version, error) {
	var a sqldb.Args
	v, err := sqldb.One[org.Version](ctx, s.db, `SELECT `+versionColumns+` FROM org_version
		WHERE code = `+a.Add(code)+` AND `+s.where(&a, m), a.Values()...)
	if errors.Is(err, sqldb.ErrNone) {
		return v, s.notThen(ctx, code, m.On)
	}
	if err != nil {
		return v, fmt.Errorf("unit %s: %w", code, err)
	}
	return v, nil
}

// notThen says that no unit had the code on the day, and when the last before it ended or
// the first after it begins.
func (s *Store) notThen(ctx context.Context, code string, on clock.Date) error {
	had, err := sqldb.All[org.Version](ctx, s.db, `SELECT `+versionColumns+` FROM org_version
		WHERE code = $1 AND known_to IS NULL ORDER BY valid_from`, code)
	if err != nil {
		return fmt.Errorf("unit %s: %w", code, err)
	}
	args, key := fault.Args{"code": code, "date": on}, "org.unknown_code"
	for _, v := range had {
		switch {
		case !v.From.After(on) && !v.To.IsZero():
			key, args["name"], args["last"] = "org.code_ended", v.Name, v.To.AddDays(-1)
		case key == "org.unknown_code":
			key, args["name"], args["from"] = "org.code_begins", v.Name, v.From
		}
	}
	return fault.New(fault.NotFound, key, args).At("code")
}

// Units lists the units of the levels, or of all levels, by code.
func (s *Store) Units(ctx context.Context, m Moment, levels ...org.Level) ([]org.Version, error) {
	var a sqldb.Args
	query := `SELECT ` + versionColumns + ` FROM org_version WHERE ` + s.where(&a, m)
	if len(levels) > 0 {
		query += ` AND level IN ` + sqldb.In(&a, levels)
	}
	vs, err := sqldb.All[org.Version](ctx, s.db, query+` ORDER BY code`, a.Values()...)
	if err != nil {
		return nil, fmt.Errorf("list units: %w", err)
	}
	return vs, nil
}

// Children lists the units right under the one that had the code, by code. It
// fails with NotFound when there was none.
func (s *Store) Children(ctx context.Context, code string, m Moment) ([]org.Version, error) {
	parent, err := s.Unit(ctx, code, m)
	if err != nil {
		return nil, err
	}
	var a sqldb.Args
	vs, err := sqldb.All[org.Version](ctx, s.db, `SELECT `+versionColumns+` FROM org_version
		WHERE parent = `+a.Add(parent.ID)+` AND `+s.where(&a, m)+` ORDER BY code`, a.Values()...)
	if err != nil {
		return nil, fmt.Errorf("children of %s: %w", code, err)
	}
	return vs, nil
}

// Directory loads the agencies and provinces through time, as known now.
func (s *Store) Directory(ctx context.Context) (*org.Directory, error) {
	var h org.History
	var err error
	var a sqldb.Args
	levels := sqldb.In(&a, []org.Level{org.Province, org.Ministry, org.Ministerial, org.Government, org.Committee})
	if h.Versions, err = sqldb.All[org.Version](ctx, s.db, `SELECT `+versionColumns+` FROM org_version
		WHERE known_to IS NULL AND level IN `+levels+` ORDER BY id, valid_from`, a.Values()...); err != nil {
		return nil, fmt.Errorf("load directory: %w", err)
	}
	if h.Links, err = sqldb.All[org.Link](ctx, s.db, `SELECT event, from_id, to_id, whole, main FROM org_link
		WHERE EXISTS (SELECT 1 FROM org_version v WHERE v.id = from_id AND v.level IN `+levels+`)`, a.Values()...); err != nil {
		return nil, fmt.Errorf("load directory: %w", err)
	}
	if h.Events, err = s.eventsOf(ctx, h.Versions, h.Links); err != nil {
		return nil, fmt.Errorf("load directory: %w", err)
	}
	if h.Aliases, err = sqldb.All[org.Alias](ctx, s.db, `SELECT id, text, abbr FROM org_alias ORDER BY id, text`); err != nil {
		return nil, fmt.Errorf("load directory: %w", err)
	}
	return org.NewDirectory(h), nil
}

// Territory loads the provinces, districts and communes through time, as known now.
func (s *Store) Territory(ctx context.Context) (*org.Territory, error) {
	var h org.History
	var err error
	var a sqldb.Args
	levels := sqldb.In(&a, []org.Level{org.Province, org.District, org.Commune})
	if h.Versions, err = sqldb.All[org.Version](ctx, s.db, `SELECT `+versionColumns+` FROM org_version
		WHERE known_to IS NULL AND level IN `+levels, a.Values()...); err != nil {
		return nil, fmt.Errorf("load territory: %w", err)
	}
	if h.Links, err = sqldb.All[org.Link](ctx, s.db, `SELECT `+linkColumns+` FROM org_link`); err != nil {
		return nil, fmt.Errorf("load territory: %w", err)
	}
	if h.Events, err = sqldb.All[org.Event](ctx, s.db, `SELECT `+eventColumns+` FROM org_event`); err != nil {
		return nil, fmt.Errorf("load territory: %w", err)
	}
	return org.NewTerritory(h), nil
}

const eventColumns = `id, kind, valid_date, date_sure, basis, note, recorded_at, recorded_by`

// eventsOf loads the events that versions and links name.
func (s *Store) eventsOf(ctx context.Context, vs []org.Version, ls []org.Link) ([]org.Event, error) {
	var ids []string
	for _, v := range vs {
		ids = append(ids, v.Event, v.Ended)
	}
	for _, l := range ls {
		ids = append(ids, l.Event)
	}
	return selectIn[org.Event](ctx, s.db, `SELECT `+eventColumns+` FROM org_event WHERE id IN `, ids)
}

// Event is one event. It fails with NotFound.
func (s *Store) Event(ctx context.Context, id string) (org.Event, error) {
	e, err := sqldb.One[org.Event](ctx, s.db, `SELECT `+eventColumns+` FROM org_event WHERE id = $1`, id)
	if errors.Is(err, sqldb.ErrNone) {
		return e, fault.New(fault.NotFound, "org.unknown_event", nil)
	}
	return e, err
}
