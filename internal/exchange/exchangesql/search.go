package exchangesql

import (
	"context"
	"slices"
	"strings"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/exchange/packed"
	"dean06/internal/platform/sqldb"
)

const (
	// maxFound bounds a search that does not say how much it wants.
	maxFound = 1000
	// fewRoutes is how many routes are searched one by one. Of more, nearly every
	// record is one, and the log is read from its end.
	fewRoutes = 50
	// clockSteps is how far the clock may have been set back: places grow with
	// moments, so that a stretch of time is a stretch of the log, give or take this.
	clockSteps = time.Hour
)

// Search finds records, newest first. However long the log is, it reads from an index
// that has the records of one word, one route or all faults in the order of the log.
func (s *Store) Search(ctx context.Context, filter exchange.Filter) ([]exchange.Record, error) {
	s.settle(ctx)
	f, err := s.within(ctx, filter)
	if err != nil {
		return nil, err
	}
	if f.Limit <= 0 || f.Limit > maxFound {
		f.Limit = maxFound
	}
	var among []int64
	if !f.Client.IsZero() || !f.Service.IsZero() {
		if among, err = s.routesBelow(ctx, f.Client, f.Service); err != nil || len(among) == 0 {
			return nil, err
		}
	}
	switch {
	case f.Text != "":
		return s.searchText(ctx, f, among)
	case among == nil || f.OnlyFaults || len(among) > fewRoutes:
		return s.find(ctx, f, nil, among)
	}
	var found []exchange.Record
	for _, id := range among {
		list, err := s.find(ctx, f, func(a *sqldb.Args) string { return `route = ` + a.Add(id) }, nil)
		if err != nil {
			return nil, err
		}
		found = append(found, list...)
	}
	return newest(found, f.Limit), nil
}

// filter is a filter with the stretch of the log that its moments are in.
type filter struct {
	exchange.Filter
	from, until int64
}

func (s *Store) within(ctx context.Context, f exchange.Filter) (w filter, err error) {
	w.Filter = f
	if !f.From.IsZero() {
		if w.from, err = s.seqAt(ctx, f.From.Add(-clockSteps)); err != nil {
			return w, err
		}
	}
	if !f.Until.IsZero() {
		w.until, err = s.seqAt(ctx, f.Until.Add(clockSteps))
	}
	return w, err
}

// newest puts records of several searches in order.
func newest(list []exchange.Record, limit int) []exchange.Record {
	slices.SortFunc(list, func(a, b exchange.Record) int { return int(b.Seq - a.Seq) })
	list = slices.CompactFunc(list, func(a, b exchange.Record) bool { return a.Seq == b.Seq })
	return list[:min(len(list), limit)]
}

// find reads the newest records of a filter. by is the condition whose index is to be
// used, if one; the "+" keeps the engine from that of the route instead.
func (s *Store) find(ctx context.Context, f filter, by func(a *sqldb.Args) string, among []int64) ([]exchange.Record, error) {
	var a sqldb.Args
	var where []string
	if by != nil {
		where = append(where, by(&a))
	}
	if among != nil {
		where = append(where, `+route IN `+sqldb.In(&a, among))
	}
	if !f.From.IsZero() {
		where = append(where, `at >= `+a.Add(packed.Micros(f.From)), `seq >= `+a.Add(f.from))
	}
	if !f.Until.IsZero() {
		where = append(where, `at < `+a.Add(packed.Micros(f.Until)), `seq < `+a.Add(f.until))
	}
	if f.Side != "" {
		where = append(where, `provider = `+a.Add(f.Side == exchange.Provider))
	}
	if f.OnlyFaults {
		where = append(where, `failed`)
	}
	if f.Before > 0 {
		where = append(where, `seq < `+a.Add(f.Before))
	}
	query := `SELECT ` + columns + ` FROM gateway_record`
	if len(where) > 0 {
		query += ` WHERE ` + strings.Join(where, ` AND `)
	}
	return s.records(ctx, query+` ORDER BY seq DESC LIMIT `+a.Add(f.Limit), a.Values()...)
}

// searchText goes from one index to the next: an OR over four would read the table. A
// word has two keys, one of them in rows that version 0.4 wrote.
func (s *Store) searchText(ctx context.Context, f filter, among []int64) ([]exchange.Record, error) {
	var found []exchange.Record
	for _, column := range []string{"message_key", "request_key", "user_key", "issue_key"} {
		for _, k := range []int64{key(f.Text), short(f.Text)} {
			by := func(a *sqldb.Args) string { return column + ` = ` + a.Add(k) }
			if err := s.searchKey(ctx, f, among, by, &found); err != nil {
				return nil, err
			}
		}
	}
	return newest(found, f.Limit), nil
}

// searchKey adds the records of a key that mention the text: another word may have the
// same key.
func (s *Store) searchKey(ctx context.Context, f filter, among []int64, by func(a *sqldb.Args) string, found *[]exchange.Record) error {
	for n := 0; n < f.Limit; {
		list, err := s.find(ctx, f, by, among)
		if err != nil {
			return err
		}
		for _, r := range list {
			if mentions(r, f.Text) {
				*found = append(*found, r)
				n++
			}
		}
		if len(list) < f.Limit {
			break
		}
		f.Before = list[len(list)-1].Seq
	}
	return nil
}

func mentions(r exchange.Record, word string) bool {
	return r.Commitment.MessageID == word || r.Commitment.RequestID == word || r.UserID == word || r.Issue == word
}
