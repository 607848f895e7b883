package populationsql

import (
	"context"
	"strings"

	"dean06/internal/citizen"
	"dean06/internal/platform/sqldb"
	"dean06/internal/population"
)

// Select gives the next people by number whom a question means.
func (r reader) Select(ctx context.Context, q population.Selection, after citizen.Number, limit int) ([]population.Person, error) {
	var a sqldb.Args
	var where strings.Builder
	where.WriteString("WHERE number > " + a.Add(after.Int()))
	if len(q.Provinces) > 0 {
		where.WriteString(" AND permanent / 100000000 IN " + sqldb.In(&a, ints(q.Provinces)))
	}
	if len(q.Communes) > 0 {
		where.WriteString(" AND permanent % 100000 IN " + sqldb.In(&a, ints(q.Communes)))
	}
	if q.BornFrom != 0 {
		where.WriteString(" AND birth >= " + a.Add(int64(q.BornFrom)))
	}
	if q.BornUntil != 0 {
		where.WriteString(" AND birth <= " + a.Add(int64(q.BornUntil)))
	}
	if q.Sex != citizen.SexUnknown {
		where.WriteString(" AND sex = " + a.Add(int64(q.Sex)))
	}
	for _, by := range []struct{ column, code string }{{"blood", q.Blood}, {"ethnicity", q.Ethnicity}, {"religion", q.Religion}} {
		if by.code != "" {
			where.WriteString(" AND " + by.column + " = " + a.Add(number(by.code)))
		}
	}
	if q.Living {
		where.WriteString(" AND life <> 1")
	}
	cols := r.layout.pick(q.Fields)
	return r.read(ctx, cols, selected(cols)+where.String()+" ORDER BY number LIMIT "+a.Add(limit), a.Values()...)
}

func ints(codes []string) []int64 {
	out := make([]int64, len(codes))
	for i, c := range codes {
		out[i] = number(c)
	}
	return out
}

// Names finds people by a search key. The index of the key holds the place too, so that of
// those who are not meant only the key is read, and of no more than q.Scan.
func (s *Store) Names(ctx context.Context, q population.NameQuery) ([]population.Person, bool, error) {
	column := "name_key"
	if q.Keys.Ends {
		column = "pair_key"
	}
	var a sqldb.Args
	cols := s.layout.pick(population.SearchFields)
	among := column + " BETWEEN " + a.Add(q.Keys.From) + " AND " + a.Add(q.Keys.Until)
	var narrow strings.Builder
	if q.Keys.Mask != 0 {
		narrow.WriteString(" AND " + column + " & " + a.Add(q.Keys.Mask) + " = " + a.Add(q.Keys.Value))
	}
	narrow.WriteString(onGround(&a, q.Within))
	query := selected(cols) + "WHERE " + among
	if narrow.Len() > 0 {
		query = selected(cols) + "WHERE number IN (SELECT number FROM (SELECT number, " + column + ", permanent FROM population_person WHERE " + among +
			" ORDER BY " + column + " DESC LIMIT " + a.Add(q.Scan) + ") AS meant WHERE " + strings.TrimPrefix(narrow.String(), " AND ") +
			" LIMIT " + a.Add(q.Limit+1) + ")"
	}
	if q.Sex != citizen.SexUnknown {
		query += " AND sex = " + a.Add(int64(q.Sex))
	}
	query += " ORDER BY " + column + " DESC LIMIT " + a.Add(q.Limit+1)
	often := s.reader
	if len(a.Values()) <= 16 { // of few texts
		often.q = s.db.Kept()
	}
	found, err := often.read(ctx, cols, query, a.Values()...)
	if err != nil {
		return nil, false, err
	}
	if len(found) > q.Limit {
		return found[:q.Limit], true, nil
	}
	if narrow.Len() == 0 {
		return found, false, nil
	}
	beyond, err := sqldb.One[int](ctx, s.db.Kept(), `SELECT COUNT(*) FROM (SELECT 1 FROM population_person WHERE `+column+
		` BETWEEN $1 AND $2 LIMIT 1 OFFSET $3) AS meant`, q.Keys.From, q.Keys.Until, q.Scan)
	return found, beyond > 0, err
}

// onGround is the condition that somebody lives on a ground; "" when it is none.
func onGround(a *sqldb.Args, g population.Ground) string {
	if g.IsZero() {
		return ""
	}
	var any []string
	if len(g.Communes) > 0 {
		any = append(any, "permanent % 100000 IN "+sqldb.In(a, ints(g.Communes)))
	}
	var homes []int64
	for _, h := range g.Homes {
		homes = append(homes, number(h.Province)*provinceUnit+number(h.Commune))
	}
	if len(homes) > 0 {
		any = append(any, "permanent IN "+sqldb.In(a, homes))
	}
	between := func(from, until int64) {
		any = append(any, "permanent BETWEEN "+a.Add(from)+" AND "+a.Add(until))
	}
	for _, h := range g.Districts {
		from := number(h.Province)*provinceUnit + number(h.District)*districtUnit
		between(from, from+districtUnit-1)
	}
	for _, p := range g.Provinces {
		between(number(p)*provinceUnit, (number(p)+1)*provinceUnit-1)
	}
	for _, p := range g.Before {
		between(number(p)*provinceUnit+districtUnit, (number(p)+1)*provinceUnit-1)
	}
	return " AND (" + strings.Join(any, " OR ") + ")"
}

// A place is one integer: province, district and commune.
const (
	districtUnit = 100_000
	provinceUnit = 1000 * districtUnit
)
