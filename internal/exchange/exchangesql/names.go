package exchangesql

import (
	"context"
	"fmt"
	"sync"

	"dean06/internal/exchange"
	"dean06/internal/platform/sqldb"
)

// maxNames bounds what is remembered; a country has a few thousand.
const maxNames = 20_000

// names remembers which ID has which number. A number that was committed never
// changes its meaning.
type names struct {
	mu   sync.RWMutex
	ids  map[int64]exchange.ID
	nums map[exchange.ID]int64
}

type nameRow struct {
	ID   int64  `db:"id"`
	Name string `db:"name"`
}

// remember keeps what is committed.
func (n *names) remember(found map[exchange.ID]int64) {
	if len(found) == 0 {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.ids == nil || len(n.ids) > maxNames {
		n.ids, n.nums = map[int64]exchange.ID{}, map[exchange.ID]int64{}
	}
	for id, num := range found {
		n.ids[num], n.nums[id] = id, num
	}
}

// numbers gives the number of each ID, made in tx when it has none yet. fresh are
// those to remember once tx is committed.
func (n *names) numbers(ctx context.Context, tx *sqldb.Tx, records []exchange.Record) (all, fresh map[exchange.ID]int64, err error) {
	all, fresh = map[exchange.ID]int64{}, map[exchange.ID]int64{}
	n.mu.RLock()
	var missing []exchange.ID
	for i := range records {
		c := &records[i].Commitment
		for _, id := range [...]exchange.ID{c.Client, c.Service} {
			if _, ok := all[id]; ok {
				continue
			}
			num, ok := n.nums[id]
			all[id] = num
			if !ok {
				missing = append(missing, id)
			}
		}
	}
	n.mu.RUnlock()
	for _, id := range missing {
		num, err := number(ctx, tx, id.String())
		if err != nil {
			return nil, nil, err
		}
		all[id], fresh[id] = num, num
	}
	return all, fresh, nil
}

func number(ctx context.Context, tx *sqldb.Tx, name string) (int64, error) {
	found, err := sqldb.All[int64](ctx, tx, `SELECT id FROM gateway_name WHERE name = $1`, name)
	if err != nil || len(found) > 0 {
		return first(found), err
	}
	return sqldb.One[int64](ctx, tx, `INSERT INTO gateway_name (name) VALUES ($1) RETURNING id`, name)
}

func first(list []int64) int64 {
	if len(list) == 0 {
		return 0
	}
	return list[0]
}

// id gives the ID of a number.
func (s *Store) id(ctx context.Context, num int64) (exchange.ID, error) {
	s.names.mu.RLock()
	id, ok := s.names.ids[num]
	s.names.mu.RUnlock()
	if ok {
		return id, nil
	}
	name, err := sqldb.One[string](ctx, s.db, `SELECT name FROM gateway_name WHERE id = $1`, num)
	if err != nil {
		return id, fmt.Errorf("read name %d of the message log: %w", num, err)
	}
	if err := id.UnmarshalText([]byte(name)); err != nil {
		return id, err
	}
	s.names.remember(map[exchange.ID]int64{id: num})
	return id, nil
}
