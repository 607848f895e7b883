package orgsql

import (
	"context"
	"fmt"
	"strings"
	"time"

	"dean06/internal/org"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
)

// Recorded is a version with the span in which it was what is known.
type Recorded = org.Recorded

// Actions are what the module leaves in the audit log, in the order in which they are
// chosen.
var Actions = []string{
	"org.created", "org.renamed", "org.moved", "org.merged", "org.split", "org.abolished",
	"org.office", "org.position", "org.appoint", "org.end", "org.withdraw",
}

// Preview says what an edit would record, and records nothing. It fails as
// org.Plan does.
func (s *Store) Preview(ctx context.Context, e org.Edit) (org.Change, error) {
	var c org.Change
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		state, err := s.state(ctx, tx, e)
		if err != nil {
			return err
		}
		c, err = org.Plan(e, state, s.clock.Now(), sqldb.NewID)
		return err
	})
	if err != nil {
		return c, fmt.Errorf("preview edit: %w", err)
	}
	return c, nil
}

// Apply records an edit, with its line in the audit log, in one transaction and
// gives its event. It fails as
// org.Plan does, and with Conflict when somebody else changed the same unit
// meanwhile. A Directory loaded before does not know of it.
func (s *Store) Apply(ctx context.Context, e org.Edit) (org.Event, error) {
	var event org.Event
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		state, err := s.state(ctx, tx, e)
		if err != nil {
			return err
		}
		now := s.clock.Now()
		c, err := org.Plan(e, state, now, sqldb.NewID)
		if err != nil {
			return err
		}
		event = c.Event
		if err := s.record(ctx, tx, c, now); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{
			At: now, Action: "org." + string(e.Kind), Subject: audit.Subject{Type: "org_event", ID: event.ID},
			Details: map[string]string{"codes": strings.Join(e.CodesOf(), ","), "date": e.On.String()},
		})
	})
	if sqldb.IsDuplicate(err) {
		err = fault.New(fault.Conflict, "org.edit.meanwhile", nil).Because(err)
	}
	if err != nil {
		return org.Event{}, fmt.Errorf("edit agencies and units: %w", err)
	}
	return event, nil
}

func (s *Store) state(ctx context.Context, tx *sqldb.Tx, e org.Edit) (org.State, error) {
	st := org.State{ByCode: map[string][]org.Version{}, ByID: map[string][]org.Version{}, Children: map[string][]org.Version{}}
	const query = `SELECT ` + versionColumns + ` FROM org_version WHERE known_to IS NULL AND `
	vs, err := selectIn[org.Version](ctx, tx, query+`code IN `, e.CodesOf())
	if err != nil {
		return st, err
	}
	var ids []string
	for _, v := range vs {
		st.ByCode[v.Code] = append(st.ByCode[v.Code], v)
		ids = append(ids, v.ID)
	}
	if vs, err = selectIn[org.Version](ctx, tx, query+`id IN `, ids); err != nil {
		return st, err
	}
	for _, v := range vs {
		st.ByID[v.ID] = append(st.ByID[v.ID], v)
	}
	if vs, err = selectIn[org.Version](
		ctx, tx, query+`valid_to IS NULL AND level IN ('district', 'commune') AND parent IN `, ids,
	); err != nil {
		return st, err
	}
	for _, v := range vs {
		st.Children[v.Parent] = append(st.Children[v.Parent], v)
	}
	type dated struct {
		org.Link
		On clock.Date `db:"valid_date"`
	}
	ls, err := selectIn[dated](ctx, tx, `SELECT l.event, l.from_id, l.to_id, l.whole, l.main, e.valid_date
		FROM org_link l JOIN org_event e ON e.id = l.event WHERE l.from_id IN `, ids)
	for _, l := range ls {
		if l.On == e.On {
			st.Links = append(st.Links, l.Link)
		}
	}
	return st, err
}

func (s *Store) record(ctx context.Context, tx *sqldb.Tx, c org.Change, now time.Time) error {
	if err := sqldb.Insert(ctx, tx, "org_event", c.Event); err != nil {
		return err
	}
	for _, v := range c.Superseded {
		n, err := sqldb.Exec(
			ctx, tx, `UPDATE org_version SET known_to = $1 WHERE id = $2 AND valid_from = $3 AND known_to IS NULL`,
			now, v.ID, v.From,
		)
		if err != nil {
			return err
		}
		if n != 1 { // another edit was faster
			return fault.New(fault.Conflict, "org.edit.meanwhile", nil)
		}
	}
	rows := make([]versionRow, len(c.Versions))
	for i, v := range c.Versions {
		rows[i] = versionRow{v, now}
	}
	if err := sqldb.Insert(ctx, tx, "org_version", rows...); err != nil {
		return err
	}
	if err := sqldb.Insert(ctx, tx, "org_link", c.Links...); err != nil {
		return err
	}
	return sqldb.Insert(ctx, tx, "org_alias", c.Aliases...)
}
