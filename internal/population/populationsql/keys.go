package populationsql

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"dean06/internal/citizen"
	"dean06/internal/platform/sqldb"
	"dean06/internal/population"
)

// keyRule is by which rule the search keys of all persons are made.
type keyRule struct {
	Rule   int64 `db:"rule"`
	Making int64 `db:"making"` // the rule to which a change has begun
	UpTo   int64 `db:"up_to"`  // the last number that has keys by it
}

// keyBatch is how many persons get new keys in one transaction.
const keyBatch = 5000

// makeKeys makes all search keys anew when they were made by another rule than today's,
// so that people who were registered before are found as those who come now. It goes on
// where it was stopped. Until it has ended the node does not start.
func makeKeys(ctx context.Context, db *sqldb.DB) error {
	k, err := sqldb.One[keyRule](ctx, db, `SELECT rule, making, up_to FROM population_key_rule WHERE id = 1`)
	if err == nil && k.Rule == population.KeyRule {
		return nil
	}
	if err != nil && !errors.Is(err, sqldb.ErrNone) {
		return fmt.Errorf("search keys: %w", err)
	}
	return db.Alone(ctx, nil, func(db *sqldb.DB) error {
		if err := remakeKeys(ctx, db); err != nil {
			return fmt.Errorf("search keys: %w", err)
		}
		return nil
	})
}

func remakeKeys(ctx context.Context, db *sqldb.DB) error {
	k, err := sqldb.One[keyRule](ctx, db, `SELECT rule, making, up_to FROM population_key_rule WHERE id = 1`)
	switch {
	case errors.Is(err, sqldb.ErrNone):
		_, err = sqldb.Exec(ctx, db, `INSERT INTO population_key_rule (id, rule, making, up_to) VALUES (1, 0, $1, 0)`, population.KeyRule)
		if err != nil {
			return err
		}
		k = keyRule{Making: population.KeyRule}
	case err != nil:
		return err
	case k.Rule == population.KeyRule: // another process was quicker
		return nil
	case k.Making != population.KeyRule:
		k.UpTo = 0
	}
	bare, made := false, 0
	for {
		people, err := sqldb.All[keyedPerson](ctx, db,
			`SELECT number, name, birth FROM population_person WHERE number > $1 ORDER BY number LIMIT $2`, k.UpTo, keyBatch)
		if err != nil {
			return err
		}
		if len(people) == 0 {
			if bare {
				slog.Info("search keys of names have been made anew", "people", made)
			}
			_, err := sqldb.Exec(ctx, db, `UPDATE population_key_rule SET rule = $1, making = $1, up_to = 0 WHERE id = 1`, population.KeyRule)
			return err
		}
		if !bare { // they are made again when all keys are
			for _, name := range []string{"population_person_name", "population_person_pair"} {
				if _, err := sqldb.Exec(ctx, db, "DROP INDEX IF EXISTS "+name); err != nil {
					return err
				}
			}
			bare = true
			slog.Info("search keys of names are made anew, by a new rule; nothing is answered until then", "rule", population.KeyRule)
		}
		made += len(people)
		k.UpTo = people[len(people)-1].Number
		if err := db.InTx(ctx, func(tx *sqldb.Tx) error { return putKeys(ctx, tx, people, k.UpTo) }); err != nil {
			return err
		}
	}
}

// keyedPerson is what the keys of a person are made of.
type keyedPerson struct {
	Number int64       `db:"number"`
	Name   string      `db:"name"`
	Birth  citizen.Day `db:"birth"`
}

func putKeys(ctx context.Context, tx *sqldb.Tx, people []keyedPerson, upTo int64) error {
	for len(people) > 0 {
		n := min(len(people), 500)
		var values strings.Builder
		for i, p := range people[:n] {
			all, pair := population.SearchKeys(p.Name, p.Birth.Year())
			if i > 0 {
				values.WriteString(", ")
			}
			fmt.Fprintf(&values, "(%d, %d, %d)", p.Number, all, pair)
		}
		_, err := sqldb.Exec(ctx, tx, `WITH made (number, all_key, pair_key) AS (VALUES `+values.String()+`)
			UPDATE population_person SET name_key = made.all_key, pair_key = made.pair_key FROM made WHERE population_person.number = made.number`)
		if err != nil {
			return err
		}
		people = people[n:]
	}
	_, err := sqldb.Exec(ctx, tx, `UPDATE population_key_rule SET making = $1, up_to = $2 WHERE id = 1`, population.KeyRule, upTo)
	return err
}
