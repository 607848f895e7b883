package orgsql

import (
	"context"
	"fmt"
	"slices"

	"dean06/internal/org"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
)

// Positions is the offices and positions of agencies in a database.
type Positions struct {
	units *Store
	tx    *sqldb.Tx // of the caller; nil: each act in one of its own
}

// Positions gives the offices and positions beside the agencies of the store.
func (s *Store) Positions() *Positions { return &Positions{units: s} }

// In gives the same within a transaction of the caller.
func (p *Positions) In(tx *sqldb.Tx) *Positions { return &Positions{p.units, tx} }

func (p *Positions) queryer() sqldb.Queryer {
	if p.tx != nil {
		return p.tx
	}
	return p.units.db
}

const (
	factColumns        = `id, version, valid_from, valid_to, withdrawn, basis, recorded_at, recorded_by`
	officeColumns      = factColumns + `, agency, name`
	positionColumns    = factColumns + `, office, title, duty, roles, area, area_id`
	appointmentColumns = factColumns + `, position, account, stand_in, vacancy, request, second_id`

	inOrder = ` ORDER BY recorded_at, id, version`
)

// positionRow is a position as it is stored: its roles in one column.
type positionRow struct {
	org.Position
	List sqldb.JSON[[]string] `db:"roles"`
}

// Book is all that is recorded of the offices of an agency.
func (p *Positions) Book(ctx context.Context, agency string) (org.Book, error) {
	return p.book(ctx, p.queryer(), agency)
}

func (p *Positions) book(ctx context.Context, q sqldb.Queryer, agency string) (org.Book, error) {
	const ofAgency = ` IN (SELECT id FROM org_office WHERE agency = $1)`
	b := org.Book{Agency: agency}
	var err error
	if b.Ends, err = p.units.ends(ctx, q, agency); err != nil {
		return b, err
	}
	if b.Offices, err = sqldb.All[org.Office](ctx, q,
		`SELECT `+officeColumns+` FROM org_office WHERE agency = $1`+inOrder, agency); err != nil {
		return b, fmt.Errorf("offices of %s: %w", agency, err)
	}
	rows, err := sqldb.All[positionRow](ctx, q,
		`SELECT `+positionColumns+` FROM org_position WHERE office`+ofAgency+inOrder, agency)
	if err != nil {
		return b, fmt.Errorf("positions of %s: %w", agency, err)
	}
	b.Positions = positionsOf(rows)
	if b.Appointments, err = sqldb.All[org.Appointment](ctx, q, `SELECT `+appointmentColumns+` FROM org_appointment
		WHERE position IN (SELECT id FROM org_position WHERE office`+ofAgency+`)`+inOrder, agency); err != nil {
		return b, fmt.Errorf("appointments of %s: %w", agency, err)
	}
	return b, nil
}

func positionsOf(rows []positionRow) []org.Position {
	var out []org.Position
	for _, r := range rows {
		r.Position.Roles = r.List.V
		out = append(out, r.Position)
	}
	return out
}

// Keep lets decide see the book of an agency and records what it gives, with its line in
// the audit log, in one transaction.
func (p *Positions) Keep(ctx context.Context, agency string, decide func(org.Book) (org.Kept, error)) error {
	keep := func(tx *sqldb.Tx) error {
		// The row is held until the end: what was recorded before is seen below.
		if _, err := sqldb.Exec(ctx, tx, `INSERT INTO org_book (agency, changes) VALUES ($1, 1)
			ON CONFLICT (agency) DO UPDATE SET changes = org_book.changes + 1`, agency); err != nil {
			return err
		}
		b, err := p.book(ctx, tx, agency)
		if err != nil {
			return err
		}
		kept, err := decide(b)
		if err != nil {
			return err
		}
		return p.record(ctx, tx, agency, kept)
	}
	if p.tx != nil {
		return keep(p.tx)
	}
	err := p.units.db.InTx(ctx, keep)
	if sqldb.IsDuplicate(err) {
		err = fault.New(fault.Conflict, "org.position.meanwhile", nil).Because(err)
	}
	return err
}

func (p *Positions) record(ctx context.Context, tx *sqldb.Tx, agency string, k org.Kept) error {
	if len(k.New.Offices)+len(k.New.Positions)+len(k.New.Appointments) == 0 {
		return nil
	}
	if err := sqldb.Insert(ctx, tx, "org_office", k.New.Offices...); err != nil {
		return err
	}
	rows := make([]positionRow, len(k.New.Positions))
	for i, n := range k.New.Positions {
		rows[i] = positionRow{n, sqldb.JSON[[]string]{V: slices.Concat([]string{}, n.Roles)}}
	}
	if err := sqldb.Insert(ctx, tx, "org_position", rows...); err != nil {
		return err
	}
	if err := sqldb.Insert(ctx, tx, "org_appointment", k.New.Appointments...); err != nil {
		return err
	}
	details := map[string]string{"agency": agency}
	for name, v := range k.Details {
		if v != "" {
			details[name] = v
		}
	}
	return audit.Record(ctx, tx, audit.Entry{
		At: p.units.clock.Now(), Action: k.Action, Subject: audit.Subject{Type: "org_position", ID: k.Subject}, Details: details,
	})
}

// AgencyOf is the agency of an office, position or appointment. It fails with NotFound.
func (p *Positions) AgencyOf(ctx context.Context, id string) (string, error) {
	codes, err := sqldb.All[string](ctx, p.queryer(), `
		SELECT agency FROM org_office WHERE id = $1 AND version = 1
		UNION ALL SELECT o.agency FROM org_position p JOIN org_office o ON o.id = p.office AND o.version = 1
			WHERE p.id = $1 AND p.version = 1
		UNION ALL SELECT o.agency FROM org_appointment a JOIN org_position p ON p.id = a.position AND p.version = 1
			JOIN org_office o ON o.id = p.office AND o.version = 1 WHERE a.id = $1 AND a.version = 1`, id)
	if err != nil {
		return "", fmt.Errorf("agency of %s: %w", id, err)
	}
	if len(codes) == 0 {
		return "", fault.New(fault.NotFound, "org.position.unknown", nil)
	}
	return codes[0], nil
}

// Keeping are the codes of the agencies that have offices here.
func (p *Positions) Keeping(ctx context.Context) ([]string, error) {
	return sqldb.All[string](ctx, p.queryer(), `SELECT DISTINCT agency FROM org_office ORDER BY agency`)
}

// OfAccount are the books of the agencies in which an account was appointed, with its
// appointments alone.
func (p *Positions) OfAccount(ctx context.Context, account string) ([]org.Book, error) {
	q := p.queryer()
	appointments, err := sqldb.All[org.Appointment](ctx, q,
		`SELECT `+appointmentColumns+` FROM org_appointment WHERE account = $1`+inOrder, account)
	if err != nil {
		return nil, fmt.Errorf("appointments of %s: %w", account, err)
	}
	if len(appointments) == 0 {
		return nil, nil
	}
	var ids []string
	for _, a := range appointments {
		ids = append(ids, a.Position)
	}
	rows, err := selectIn[positionRow](ctx, q, `SELECT `+positionColumns+` FROM org_position WHERE id IN `, ids)
	if err != nil {
		return nil, fmt.Errorf("positions of %s: %w", account, err)
	}
	return p.books(ctx, q, positionsOf(rows), appointments)
}

// OfDuty are the books of the agencies that have positions of the duty, with these alone.
func (p *Positions) OfDuty(ctx context.Context, duty org.Duty) ([]org.Book, error) {
	q := p.queryer()
	rows, err := sqldb.All[positionRow](ctx, q, `SELECT `+positionColumns+` FROM org_position WHERE duty = $1`+inOrder, string(duty))
	if err != nil {
		return nil, fmt.Errorf("positions of duty %s: %w", duty, err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	appointments, err := sqldb.All[org.Appointment](ctx, q, `SELECT `+appointmentColumns+` FROM org_appointment
		WHERE position IN (SELECT id FROM org_position WHERE duty = $1)`+inOrder, string(duty))
	if err != nil {
		return nil, fmt.Errorf("appointments of duty %s: %w", duty, err)
	}
	return p.books(ctx, q, positionsOf(rows), appointments)
}

// books parts positions and appointments by agency.
func (p *Positions) books(
	ctx context.Context, q sqldb.Queryer, positions []org.Position, appointments []org.Appointment,
) ([]org.Book, error) {
	var ids []string
	for _, n := range positions {
		ids = append(ids, n.Office)
	}
	offices, err := selectIn[org.Office](ctx, q, `SELECT `+officeColumns+` FROM org_office WHERE id IN `, ids)
	if err != nil {
		return nil, err
	}
	byAgency := map[string]*org.Book{}
	ofOffice, ofPosition := map[string]*org.Book{}, map[string]*org.Book{}
	var order []string
	for _, o := range offices {
		b := byAgency[o.Agency]
		if b == nil {
			b = &org.Book{Agency: o.Agency}
			byAgency[o.Agency] = b
			order = append(order, o.Agency)
		}
		b.Offices = append(b.Offices, o)
		ofOffice[o.ID] = b
	}
	for _, n := range positions {
		b := ofOffice[n.Office]
		b.Positions = append(b.Positions, n)
		ofPosition[n.ID] = b
	}
	for _, a := range appointments {
		b := ofPosition[a.Position]
		b.Appointments = append(b.Appointments, a)
	}
	slices.Sort(order)
	out := make([]org.Book, len(order))
	for i, agency := range order {
		out[i] = *byAgency[agency]
		if out[i].Ends, err = p.units.ends(ctx, q, agency); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Origins are the ids of the commune that had the code on the day and of all from which
// it, or a part of it, came. It fails with NotFound when there was none.
func (p *Positions) Origins(ctx context.Context, commune string, on clock.Date) (map[string]bool, error) {
	u, err := p.units.Unit(ctx, commune, On(on))
	if err != nil {
		return nil, err
	}
	if u.Level != org.Commune {
		return nil, fault.New(fault.NotFound, "org.unknown_code", fault.Args{"code": commune, "date": on}).At("code")
	}
	h, err := p.units.kin(ctx, u.ID, false)
	if err != nil {
		return nil, fmt.Errorf("origins of %s: %w", commune, err)
	}
	days := map[string]clock.Date{}
	for _, e := range h.Events {
		days[e.ID] = e.On
	}
	into := map[string][]string{}
	for _, l := range h.Links {
		if !days[l.Event].After(on) {
			into[l.To] = append(into[l.To], l.From)
		}
	}
	out := map[string]bool{u.ID: true}
	for edge := []string{u.ID}; len(edge) > 0; {
		at := edge[0]
		edge = edge[1:]
		for _, from := range into[at] {
			if !out[from] {
				out[from] = true
				edge = append(edge, from)
			}
		}
	}
	return out, nil
}

// ends lists the days on which an agency with the code ended; that of a district or
// commune ends with its unit, and with the province's committee that stands in its code.
func (s *Store) ends(ctx context.Context, q sqldb.Queryer, code string) ([]clock.Date, error) {
	codes := []string{code}
	if committee, unit, local := org.ParseLocalCode(code); local {
		codes = []string{committee, unit}
	}
	if committee, unit, police := org.ParsePoliceCode(code); police {
		codes = []string{committee, unit}
	}
	vs, err := selectIn[org.Version](ctx, q, `SELECT `+versionColumns+` FROM org_version WHERE known_to IS NULL AND code IN `, codes)
	if err != nil {
		return nil, fmt.Errorf("versions of %s: %w", code, err)
	}
	var out []clock.Date
	for _, v := range vs {
		goesOn := slices.ContainsFunc(vs, func(o org.Version) bool { return o.ID == v.ID && o.Code == v.Code && o.From == v.To })
		if !v.To.IsZero() && !goesOn {
			out = append(out, v.To)
		}
	}
	slices.SortFunc(out, clock.Date.Compare)
	return slices.Compact(out), nil
}
