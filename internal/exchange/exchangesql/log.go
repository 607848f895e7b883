package exchangesql

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/exchange/packed"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
)

type frontierRow struct {
	Size   int64  `db:"size"`
	Hashes []byte `db:"hashes"`
}

// Frontier is where the log ends.
func (s *Store) Frontier(ctx context.Context) (exchange.Frontier, error) {
	s.settle(ctx)
	row, err := sqldb.One[frontierRow](ctx, s.db, `SELECT size, hashes FROM gateway_log WHERE id = 1`)
	if err != nil {
		return exchange.Frontier{}, fmt.Errorf("read the end of the message log: %w", err)
	}
	f := exchange.Frontier{Size: row.Size}
	for part := range slices.Chunk(row.Hashes, 32) {
		d, err := digest(part)
		if err != nil {
			return exchange.Frontier{}, err
		}
		f.Hashes = append(f.Hashes, d)
	}
	return f, nil
}

func digest(b []byte) (exchange.Digest, error) {
	if len(b) != len(exchange.Digest{}) {
		return exchange.Digest{}, packed.ErrUnreadable
	}
	return exchange.Digest(b), nil
}

type recordRow struct {
	Seq      int64  `db:"seq"`
	At       int64  `db:"at"`
	Provider bool   `db:"provider"`
	Failed   bool   `db:"failed"`
	Route    int64  `db:"route"`
	Message  int64  `db:"message_key"`
	Request  int64  `db:"request_key"`
	User     *int64 `db:"user_key"`
	Issue    *int64 `db:"issue_key"`
	Leaf     []byte `db:"leaf"`
	Entry    []byte `db:"entry"`
}

type tileRow struct {
	Level int64  `db:"level"`
	Index int64  `db:"ix"`
	Hash  []byte `db:"hash"`
}

type bodyRow struct {
	Seq    int64  `db:"seq"`
	Sealed []byte `db:"sealed"`
}

// Append writes a batch, all of it or nothing. It fails with Conflict
// ("exchange.log.moved") when the log does not end where the batch begins.
func (s *Store) Append(ctx context.Context, b exchange.Batch) error {
	begin := b.Frontier.Size - int64(len(b.Records))
	for i := range b.Records {
		if b.Records[i].Seq != begin+int64(i) {
			return fmt.Errorf("append to the message log: record %d stands at place %d", b.Records[i].Seq, begin+int64(i))
		}
	}
	var fresh map[route]int64
	var freshWords map[string]int64
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		if err := moveFrontier(ctx, tx, begin, b.Frontier); err != nil {
			return err
		}
		nums, missing, err := s.routes.numbers(ctx, tx, b.Records)
		if err != nil {
			return err
		}
		fresh = missing
		words, unknown, err := s.words.numbers(ctx, tx, b.Records)
		if err != nil {
			return err
		}
		freshWords = unknown
		return appendRows(ctx, tx, s.db.Engine(), b, nums, words)
	})
	if err != nil {
		return err
	}
	s.routes.remember(fresh)
	s.words.remember(freshWords)
	return nil
}

func moveFrontier(ctx context.Context, tx *sqldb.Tx, begin int64, to exchange.Frontier) error {
	hashes := make([]byte, 0, 32*len(to.Hashes))
	for _, h := range to.Hashes {
		hashes = append(hashes, h[:]...)
	}
	n, err := sqldb.Exec(ctx, tx, `UPDATE gateway_log SET size = $1, hashes = $2 WHERE id = 1 AND size = $3`, to.Size, hashes, begin)
	if err == nil && n == 0 {
		return fault.New(fault.Conflict, "exchange.log.moved", nil)
	}
	return err
}

func appendRows(ctx context.Context, tx *sqldb.Tx, engine sqldb.Engine, b exchange.Batch, nums map[route]int64, words packed.Words) error {
	rows := make([]recordRow, len(b.Records))
	for i := range b.Records {
		r := &b.Records[i]
		rows[i] = rowOf(r, nums[routeOf(r)], words)
	}
	if err := insertRecords(ctx, tx, engine, rows); err != nil {
		return err
	}
	tiles := make([]tileRow, len(b.Tiles))
	for i, t := range b.Tiles {
		tiles[i] = tileRow{Level: int64(t.Level), Index: t.Index, Hash: t.Hash[:]}
	}
	if err := sqldb.Insert(ctx, tx, "gateway_tile", tiles...); err != nil {
		return err
	}
	for _, u := range b.Uses {
		_, err := sqldb.Exec(ctx, tx, `
			INSERT INTO gateway_use (right_id, start, calls) VALUES ($1, $2, $3)
			ON CONFLICT (right_id, start) DO UPDATE SET calls = gateway_use.calls + excluded.calls`,
			u.RightID, packed.Micros(u.Window), u.Calls)
		if err != nil {
			return err
		}
	}
	bodies := make([]bodyRow, len(b.Bodies))
	for i, body := range b.Bodies {
		bodies[i] = bodyRow(body)
	}
	return sqldb.Insert(ctx, tx, "gateway_body", bodies...)
}

// rowOf is a record's row.
func rowOf(r *exchange.Record, route int64, words packed.Words) recordRow {
	entry := packed.Compact(r, words)
	if !packed.IsCompact(entry) {
		return firstRow(r, route)
	}
	return recordRow{
		Seq: r.Seq, At: packed.Micros(r.At), Provider: r.Side == exchange.Provider, Failed: r.Fault != "",
		Route: route, Message: short(r.Commitment.MessageID), Request: short(r.Commitment.RequestID),
		User: optional(r.UserID, short), Issue: optional(r.Issue, short), Leaf: r.Leaf[:], Entry: entry,
	}
}

// firstRow is a row as version 0.4 wrote it.
func firstRow(r *exchange.Record, route int64) recordRow {
	return recordRow{
		Seq: r.Seq, At: packed.Micros(r.At), Provider: r.Side == exchange.Provider, Failed: r.Fault != "",
		Route: route, Message: key(r.Commitment.MessageID), Request: key(r.Commitment.RequestID),
		User: optional(r.UserID, key), Issue: optional(r.Issue, key), Leaf: r.Leaf[:], Entry: packed.Record(r),
	}
}

// insertRecords is sqldb.Insert for the one table that every call writes to. The
// embedded engine looks up each parameter among all of a statement, so one small one,
// parsed once, is faster than a large one; a server wants fewer round trips.
func insertRecords(ctx context.Context, tx *sqldb.Tx, engine sqldb.Engine, rows []recordRow) error {
	if engine != sqldb.SQLite {
		return sqldb.Insert(ctx, tx, "gateway_record", rows...)
	}
	for i := range rows {
		if _, err := tx.ExecContext(ctx, insertRecord, rows[i].values()...); err != nil {
			return fmt.Errorf("write to the message log: %w", err)
		}
	}
	return nil
}

const insertRecord = `
	INSERT INTO gateway_record (seq, at, provider, failed, route, message_key, request_key, user_key, issue_key, leaf, entry)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`

func (r *recordRow) values() []any {
	return []any{r.Seq, r.At, r.Provider, r.Failed, r.Route, r.Message, r.Request, r.User, r.Issue, r.Leaf, r.Entry}
}

const columns = `seq, at, provider, failed, route, message_key, request_key, user_key, issue_key, leaf, entry`

func (s *Store) records(ctx context.Context, query string, args ...any) ([]exchange.Record, error) {
	rows, err := sqldb.All[recordRow](ctx, s.db, query, args...)
	if err != nil {
		return nil, err
	}
	out := make([]exchange.Record, len(rows))
	for i := range rows {
		if err := s.record(ctx, &rows[i], &out[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// record reads a row. What it is found by must be what it says, byte for byte: a
// record that was changed where only searches look is no better than another.
func (s *Store) record(ctx context.Context, row *recordRow, out *exchange.Record) error {
	changed := fault.New(fault.Conflict, "exchange.log.broken.changed", fault.Args{"seq": row.Seq})
	if len(row.Leaf) != len(out.Leaf) {
		return changed
	}
	out.Seq, out.At, out.Leaf = row.Seq, packed.Moment(row.At), exchange.Digest(row.Leaf)
	words := &known{s: s, ctx: ctx}
	if err := s.take(row, words, out); err != nil {
		if words.err != nil {
			return words.err
		}
		return changed.Because(err)
	}
	who, err := s.route(ctx, row.Route)
	if errors.Is(err, sqldb.ErrNone) {
		return changed.Because(err)
	}
	if err != nil {
		return err
	}
	out.Commitment.Client, out.Commitment.Service = who.client, who.service
	again := firstRow(out, row.Route)
	if packed.IsCompact(row.Entry) {
		again = rowOf(out, row.Route, words)
	}
	if !again.equal(row) {
		return changed
	}
	return nil
}

// take reads an entry of either form.
func (s *Store) take(row *recordRow, words packed.Words, out *exchange.Record) error {
	out.At = packed.Moment(row.At)
	if packed.IsCompact(row.Entry) {
		return packed.TakeCompact(row.Entry, words, out)
	}
	return packed.TakeRecord(row.Entry, out)
}

func (r recordRow) equal(o *recordRow) bool {
	same := func(a, b *int64) bool { return (a == nil) == (b == nil) && (a == nil || *a == *b) }
	return r.At == o.At && r.Provider == o.Provider && r.Failed == o.Failed && r.Message == o.Message && r.Request == o.Request &&
		same(r.User, o.User) && same(r.Issue, o.Issue) && bytes.Equal(r.Entry, o.Entry)
}

// Message gives all records of a message id or request id, oldest first.
func (s *Store) Message(ctx context.Context, id string) ([]exchange.Record, error) {
	if err := s.complete(ctx); err != nil {
		return nil, err
	}
	list, err := s.records(ctx, `
		SELECT `+columns+` FROM gateway_record WHERE message_key IN ($1, $2)
		UNION
		SELECT `+columns+` FROM gateway_record WHERE request_key IN ($1, $2)
		ORDER BY seq LIMIT 10000`, key(id), short(id))
	return slices.DeleteFunc(list, func(r exchange.Record) bool {
		return r.Commitment.MessageID != id && r.Commitment.RequestID != id
	}), err
}

// Range gives the records from (inclusive) to until (exclusive), in order.
func (s *Store) Range(ctx context.Context, from, until int64) ([]exchange.Record, error) {
	s.settle(ctx)
	return s.records(ctx, `SELECT `+columns+` FROM gateway_record WHERE seq >= $1 AND seq < $2 ORDER BY seq`, from, until)
}

// Leaves gives the leaf hashes of a range.
func (s *Store) Leaves(ctx context.Context, from, until int64) ([]exchange.Digest, error) {
	s.settle(ctx)
	return s.digests(ctx, `SELECT leaf FROM gateway_record WHERE seq >= $1 AND seq < $2 ORDER BY seq`, from, until)
}

// Tiles gives the stored subtrees of a level, in order.
func (s *Store) Tiles(ctx context.Context, level int, from, until int64) ([]exchange.Digest, error) {
	s.settle(ctx)
	return s.digests(ctx, `SELECT hash FROM gateway_tile WHERE level = $1 AND ix >= $2 AND ix < $3 ORDER BY ix`, level, from, until)
}

func (s *Store) digests(ctx context.Context, query string, args ...any) ([]exchange.Digest, error) {
	var out []exchange.Digest
	for b, err := range sqldb.Each[[]byte](ctx, s.db, query, args...) {
		if err != nil {
			return nil, err
		}
		d, err := digest(b)
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, nil
}

// RequestIDs gives the request ids of a provider's requests since a moment.
func (s *Store) RequestIDs(ctx context.Context, since time.Time) ([]string, error) {
	if err := s.complete(ctx); err != nil {
		return nil, err
	}
	from, err := s.seqAt(ctx, since.Add(-startSteps))
	if err != nil {
		return nil, err
	}
	var out []string
	words := &known{s: s, ctx: ctx}
	rows, err := sqldb.All[recordRow](ctx, s.db,
		`SELECT seq, at, entry FROM gateway_record WHERE seq >= $1 AND at >= $2 AND provider = $3 ORDER BY seq`, from, packed.Micros(since), true)
	if err != nil {
		return nil, err
	}
	for i := range rows {
		var r exchange.Record
		// A record that was tampered with must not keep the gateway from starting;
		// exchange.CheckLog names it.
		if err := s.take(&rows[i], words, &r); err == nil && r.Commitment.Kind == exchange.Request {
			out = append(out, r.Commitment.RequestID)
		}
	}
	return out, words.err
}

// startSteps is how far the clock may have been set back just before a start.
const startSteps = 5 * time.Minute

type placeRow struct {
	Seq int64 `db:"seq"`
	At  int64 `db:"at"`
}

// seqAt gives the place from which on records are of a moment or later: places grow with
// moments, as far as the clock was not set back.
func (s *Store) seqAt(ctx context.Context, at time.Time) (int64, error) {
	lo, err := sqldb.One[int64](ctx, s.db, `SELECT COALESCE((SELECT MIN(seq) FROM gateway_record), size) FROM gateway_log WHERE id = 1`)
	if err != nil {
		return 0, err
	}
	hi, err := sqldb.One[int64](ctx, s.db, `SELECT size FROM gateway_log WHERE id = 1`)
	if err != nil {
		return 0, err
	}
	want := packed.Micros(at)
	for lo < hi {
		mid := lo + (hi-lo)/2
		row, err := sqldb.One[placeRow](ctx, s.db, `SELECT seq, at FROM gateway_record WHERE seq >= $1 ORDER BY seq LIMIT 1`, mid)
		if errors.Is(err, sqldb.ErrNone) { // none is there any more
			hi = mid
			continue
		}
		if err != nil {
			return 0, err
		}
		if row.At < want {
			lo = row.Seq + 1
		} else {
			hi = mid
		}
	}
	return lo, nil
}
