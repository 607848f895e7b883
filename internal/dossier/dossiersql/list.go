package dossiersql

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"dean06/internal/dossier"
	"dean06/internal/platform/sqldb"
)

// The index that lists read goes by status and place. What has ended stands behind all that
// has not (dossier.Head.Order), and is looked at only when a page reaches so far.
var (
	goingOn = []dossier.Status{
		dossier.New, dossier.Received, dossier.InProcess, dossier.Supplement, dossier.FeeDue, dossier.Withdrawing, dossier.Done,
	}
	ended = []dossier.Status{dossier.RefusedIntake, dossier.Stopped, dossier.HandedOver}
)

// List gives a page of heads, what is due first above. It is read in ways: each is a stretch
// of one index that is in the order of the list, so that a page costs as much in a large
// database as in a small one.
func (r reader) List(ctx context.Context, q dossier.ListQuery) ([]dossier.Head, error) {
	if q.Limit <= 0 {
		q.Limit = noLimit
	}
	ways, all, err := r.ways(ctx, &q)
	if err != nil {
		return nil, err
	}
	if !all || len(q.Statuses) > 0 {
		return r.page(ctx, q, ways)
	}
	heads, err := r.page(ctx, q, byAgency(&q, goingOn))
	if err != nil || len(heads) == q.Limit {
		return heads, err
	}
	q.Limit -= len(heads)
	rest, err := r.page(ctx, q, byAgency(&q, ended))
	return append(heads, rest...), err
}

// page reads a page by some ways.
func (r reader) page(ctx context.Context, q dossier.ListQuery, ways []way) ([]dossier.Head, error) {
	var a sqldb.Args
	rest := filter(&q, &a)
	if q.After != "" {
		place, id, _ := strings.Cut(q.After, " ")
		rest = append(rest, "(place, id) > ("+a.Add(place)+", "+a.Add(id)+")")
	}
	most := a.Add(q.Limit)
	arms := make([]string, len(ways))
	for i, w := range ways {
		arms[i] = `SELECT * FROM (SELECT ` + headColumns + ` FROM dossier WHERE ` + strings.Join(append(w(&a), rest...), " AND ") +
			` ORDER BY place, id LIMIT ` + most + `) AS way` + strconv.Itoa(i)
	}
	query := arms[0]
	if len(arms) > 1 { // what two ways have is there twice
		query = `SELECT DISTINCT * FROM (` + strings.Join(arms, " UNION ALL ") + `) AS ways ORDER BY place, id LIMIT ` + most
	} else {
		query += ` ORDER BY place, id`
	}
	return r.heads(ctx, query, a.Values()...)
}

const noLimit = 1 << 30

// Count counts what List would give without page and limit.
func (r reader) Count(ctx context.Context, q dossier.ListQuery) (int, error) {
	var a sqldb.Args
	where := filter(&q, &a)
	n, err := sqldb.One[int64](ctx, r.q, `SELECT COUNT(*) FROM dossier WHERE `+strings.Join(append(where, "1 = 1"), " AND "), a.Values()...)
	if err != nil {
		return 0, fmt.Errorf("count dossiers: %w", err)
	}
	return int(n), nil
}

// way is a condition that leads to a stretch of an index.
type way func(a *sqldb.Args) []string

// ways are by which a list is read: the narrowest that the query has. all says that they are
// those by agency.
func (r reader) ways(ctx context.Context, q *dossier.ListQuery) (out []way, all bool, err error) {
	add := func(f func(a *sqldb.Args) []string) { out = append(out, f) }
	switch {
	case q.Number != "":
		add(func(a *sqldb.Args) []string { return []string{"number = " + a.Add(q.Number), "number <> ''"} })
		add(func(a *sqldb.Args) []string {
			return []string{"principal_number = " + a.Add(q.Number), "principal_number <> ''"}
		})
	case q.Code != "":
		add(func(a *sqldb.Args) []string { return []string{begins(a, "code", q.Code)} })
		add(func(a *sqldb.Args) []string { return []string{begins(a, "code_back", backwards(q.Code))} })
	case len(strings.Fields(q.Name)) > 0 && len(q.Agencies) > 0:
		rare, err := r.rare(ctx, q)
		if err != nil {
			return nil, false, err
		}
		if rare == nil {
			return byAgency(q, q.Statuses), true, nil
		}
		add(rare)
	case len(q.Holders) > 0:
		for _, holder := range q.Holders {
			add(func(a *sqldb.Args) []string { return []string{"holder = " + a.Add(holder), "holder <> ''"} })
		}
	case len(q.Duties) > 0:
		for _, d := range q.Duties {
			add(func(a *sqldb.Args) []string { return []string{dutyIs(a, d), "agency <> ''"} })
		}
	case len(q.Holding) > 0:
		for _, agency := range q.Holding {
			add(func(a *sqldb.Args) []string { return []string{"agency = " + a.Add(agency), "agency <> ''"} })
		}
	case len(q.Agencies) > 0:
		return byAgency(q, q.Statuses), true, nil
	default:
		add(func(*sqldb.Args) []string { return []string{"1 = 1"} })
	}
	return out, false, nil
}

// byAgency are the ways by which all of some agencies are read.
func byAgency(q *dossier.ListQuery, in []dossier.Status) []way {
	out := make([]way, 0, 2*len(in)*len(q.Agencies))
	for _, agency := range q.Agencies {
		for _, status := range in {
			out = append(out, func(a *sqldb.Args) []string {
				return []string{"competent = " + a.Add(agency), "status = " + a.Add(int64(status))}
			}, func(a *sqldb.Args) []string {
				return []string{"receiving = " + a.Add(agency), "status = " + a.Add(int64(status)), "receiving <> competent"}
			})
		}
	}
	return out
}

// fewNames is up to how many dossiers of one name are sorted by what is due first. Of a name
// that more have, a page is soon found by going through all in that order.
const fewNames = 2000

// rare is the way by the words of a name, when no more than fewNames have them; nil when more
// do.
func (r reader) rare(ctx context.Context, q *dossier.ListQuery) (way, error) {
	words := strings.Fields(q.Name)
	first, fewest := 0, noLimit
	for i, w := range words {
		if i == len(words)-1 && len(words) > 1 {
			break // it may be cut
		}
		var a sqldb.Args
		n, err := sqldb.One[int](ctx, r.q, `SELECT COUNT(*) FROM (SELECT 1 FROM dossier_word WHERE agency IN `+sqldb.In(&a, q.Agencies)+
			` AND `+wordIs(&a, "", w, i == len(words)-1)+` LIMIT `+a.Add(10*fewNames)+`) AS found`, a.Values()...)
		if err != nil {
			return nil, fmt.Errorf("count names: %w", err)
		}
		if n < fewest {
			first, fewest = i, n
		}
	}
	found := func(a *sqldb.Args) string {
		s := `SELECT DISTINCT w.dossier FROM dossier_word w WHERE w.agency IN ` + sqldb.In(a, q.Agencies) + ` AND ` +
			wordIs(a, "w.", words[first], first == len(words)-1)
		for i, w := range words {
			if i != first {
				s += ` AND EXISTS (SELECT 1 FROM dossier_word o WHERE o.agency = w.agency AND o.dossier = w.dossier AND ` +
					wordIs(a, "o.", w, i == len(words)-1) + `)`
			}
		}
		return s
	}
	if fewest > fewNames {
		var a sqldb.Args
		query := found(&a)
		n, err := sqldb.One[int](ctx, r.q, `SELECT COUNT(*) FROM (`+query+` LIMIT `+a.Add(fewNames+1)+`) AS found`, a.Values()...)
		if err != nil {
			return nil, fmt.Errorf("count names: %w", err)
		}
		if n > fewNames {
			return nil, nil
		}
	}
	return func(a *sqldb.Args) []string { return []string{"id IN (" + found(a) + ")"} }, nil
}

// wordIs is true of a word, or of how it begins.
func wordIs(a *sqldb.Args, table, word string, cut bool) string {
	if cut {
		return begins(a, table+"word", word)
	}
	return table + "word = " + a.Add(word)
}

// begins is true of a text, ordered by its bytes, that begins so.
func begins(a *sqldb.Args, column, with string) string {
	return column + " >= " + a.Add(with) + " AND " + column + " < " + a.Add(with+"\U0010FFFF")
}

func dutyIs(a *sqldb.Args, d dossier.Duty) string {
	s := "agency = " + a.Add(d.Agency) + " AND duty = " + a.Add(d.Duty)
	if d.Area != "" {
		s += " AND area = " + a.Add(d.Area)
	}
	return s
}

// filter are the conditions of a query.
func filter(q *dossier.ListQuery, a *sqldb.Args) []string {
	var out []string
	add := func(s string) { out = append(out, s) }
	if len(q.Agencies) > 0 {
		in := sqldb.In(a, q.Agencies)
		add("(competent IN " + in + " OR receiving IN " + in + " OR agency IN " + in + ")")
	}
	if len(q.Holding) > 0 {
		add("agency IN " + sqldb.In(a, q.Holding))
	}
	if len(q.Duties) > 0 {
		any := make([]string, len(q.Duties))
		for i, d := range q.Duties {
			any[i] = dutyIs(a, d)
		}
		add("(" + strings.Join(any, " OR ") + ")")
	}
	if len(q.Holders) > 0 {
		add("holder IN " + sqldb.In(a, q.Holders))
	}
	if q.Free {
		add("holder = ''")
	}
	if len(q.Statuses) > 0 {
		in := make([]int64, len(q.Statuses))
		for i, s := range q.Statuses {
			in[i] = int64(s)
		}
		add("status IN " + sqldb.In(a, in))
	}
	if q.Procedure != "" {
		add("procedure = " + a.Add(q.Procedure))
	}
	if q.Code != "" {
		add("(" + begins(a, "code", q.Code) + " OR " + begins(a, "code_back", backwards(q.Code)) + ")")
	}
	words := strings.Fields(q.Name)
	for i, w := range words {
		if end := " %"; i < len(words)-1 {
			add("' ' || name_key || ' ' LIKE " + a.Add("% "+w+end))
		} else {
			add("' ' || name_key LIKE " + a.Add("% "+w+"%"))
		}
	}
	if q.Number != "" {
		number := a.Add(q.Number)
		add("(number = " + number + " OR principal_number = " + number + ")")
	}
	if q.Open {
		add("done_at IS NULL")
	}
	if q.Late {
		add("due < " + a.Add(q.Now))
	}
	if !q.From.IsZero() {
		add("submitted_at >= " + a.Add(q.From.Start()))
	}
	if !q.To.IsZero() {
		add("submitted_at < " + a.Add(q.To.Start()))
	}
	return out
}
