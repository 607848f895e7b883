//go:build unix

package main

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"dean06/internal/app"
	"dean06/internal/platform/sqldb"
)

// population measures the register at each size on each engine; the notes say how it
// grows from the size before.
func (b *bench) population(ctx context.Context) error {
	for _, engine := range b.engines() {
		var before *app.Bench
		for size := range strings.SplitSeq(b.people, ",") {
			n, err := strconv.Atoi(strings.TrimSpace(size))
			if err != nil {
				return fmt.Errorf("-people: %w", err)
			}
			got, err := b.register(ctx, engine, n)
			if err != nil {
				return err
			}
			b.registered(engine, got, before)
			before = &got
		}
	}
	return nil
}

func (b *bench) register(ctx context.Context, engine string, n int) (got app.Bench, err error) {
	args := []string{"population", "--n", strconv.Itoa(n), "--lookups", strconv.Itoa(b.lookups)}
	if engine == "SQLite" {
		return b.self(ctx, args...)
	}
	admin, err := sql.Open("pgx", b.postgres)
	if err != nil {
		return got, err
	}
	defer admin.Close()
	schema := "load_" + strings.ReplaceAll(sqldb.NewID(), "-", "")
	if _, err := admin.ExecContext(ctx, "CREATE SCHEMA "+schema); err != nil {
		return got, err
	}
	u, err := url.Parse(b.postgres)
	if err != nil {
		return got, err
	}
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	if got, err = b.self(ctx, append(args, "--db", u.String())...); err != nil {
		return got, err
	}
	_, err = admin.ExecContext(ctx, "DROP SCHEMA "+schema+" CASCADE")
	return got, err
}

// What the rows of the register are called, and the targets.
var registerRows = []struct{ section, what, target string }{
	{"generate", "people invented", ""},
	{"load", "people loaded from a file", ""},
	{"read", "one person read by number", ""},
	{"facts", "facts about one person, logged", ""},
	{"match", "one person matched, logged", ""},
	{"match_batch", "batch of 1,000 matched, logged", ""},
	{"search", "name search", ""},
	{"search_common", "name search, the commonest names", ""},
	{"log", "look-ups logged", ""},
	{"page", "the citizen's page of who looked", "p95 50 ms"},
	{"page_known", "that page of those who are looked up most", "p95 50 ms"},
	{"birth", "birth registered, number given", ""},
	{"move", "residence registered", ""},
}

func (b *bench) registered(engine string, got app.Bench, before *app.Bench) {
	for _, r := range registerRows {
		for _, s := range got.Sections {
			if s.Name != r.section {
				continue
			}
			out := row{what: fmt.Sprintf("%s, %d people, %s", r.what, got.N, engine), target: r.target}
			at := 0
			if s.Calls != nil {
				at = s.Calls.Callers
				out.what += fmt.Sprintf(", %d at once", at)
				out.value, out.figures, out.note = rate(s.Calls), s.Calls, strings.TrimPrefix(failed(s.Calls), "; ")
			}
			for _, v := range []struct{ key, unit string }{
				{"persons_per_second", "persons/s"}, {"lookups_per_second", "look-ups/s"},
			} {
				if x, ok := s.Values[v.key]; ok {
					out.value = fmt.Sprintf("**%.0f %s**", x, v.unit)
				}
			}
			for _, v := range []struct{ key, unit string }{
				{"bytes_a_person", "bytes a person"}, {"bytes_a_lookup", "bytes a look-up"}, {"lookups", "look-ups in the log"},
			} {
				if x, ok := s.Values[v.key]; ok {
					out.note = strings.TrimPrefix(fmt.Sprintf("%s; %.0f %s", out.note, x, v.unit), "; ")
				}
			}
			if before != nil && s.Calls != nil {
				if old, ok := before.Section(s.Name, at); ok && old.Calls.P50 > 0 && old.Calls.P99 > 0 {
					grown := fmt.Sprintf("p50 × %.2f and p99 × %.2f of that at %d people", s.Calls.P50/old.Calls.P50, s.Calls.P99/old.Calls.P99, before.N)
					out.note = strings.TrimPrefix(out.note+"; "+grown, "; ")
				}
			}
			b.add(out)
		}
	}
}
