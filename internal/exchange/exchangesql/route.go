package exchangesql

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"dean06/internal/exchange"
	"dean06/internal/platform/sqldb"
	"dean06/internal/xroad"
)

// maxRoutes bounds what is remembered; a country has a few thousand.
const maxRoutes = 20_000

// route is who calls what.
type route struct{ client, service xroad.ID }

func routeOf(r *exchange.Record) route { return route{r.Commitment.Client, r.Commitment.Service} }

// routes remembers which route has which number. A number that was committed never
// changes its meaning.
type routes struct {
	mu      sync.RWMutex
	byID    map[int64]route
	byRoute map[route]int64
}

type routeRow struct {
	ID      int64  `db:"id"`
	Client  string `db:"client"`
	Service string `db:"service"`
}

// remember keeps what is committed.
func (n *routes) remember(found map[route]int64) {
	if len(found) == 0 {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.byID == nil || len(n.byID) > maxRoutes {
		n.byID, n.byRoute = map[int64]route{}, map[route]int64{}
	}
	for r, id := range found {
		n.byID[id], n.byRoute[r] = r, id
	}
}

// numbers gives the number of each route, made in tx when it has none yet. fresh are
// those to remember once tx is committed.
func (n *routes) numbers(ctx context.Context, tx *sqldb.Tx, records []exchange.Record) (all, fresh map[route]int64, err error) {
	all, fresh = map[route]int64{}, map[route]int64{}
	n.mu.RLock()
	var missing []route
	for i := range records {
		r := routeOf(&records[i])
		if _, ok := all[r]; ok {
			continue
		}
		id, ok := n.byRoute[r]
		all[r] = id
		if !ok {
			missing = append(missing, r)
		}
	}
	n.mu.RUnlock()
	for _, r := range missing {
		id, err := number(ctx, tx, r.client.String(), r.service.String())
		if err != nil {
			return nil, nil, err
		}
		all[r], fresh[r] = id, id
	}
	return all, fresh, nil
}

func number(ctx context.Context, tx *sqldb.Tx, client, service string) (int64, error) {
	id, err := sqldb.One[int64](ctx, tx, `SELECT id FROM gateway_route WHERE client = $1 AND service = $2`, client, service)
	if !errors.Is(err, sqldb.ErrNone) {
		return id, err
	}
	return sqldb.One[int64](ctx, tx, `INSERT INTO gateway_route (client, service) VALUES ($1, $2) RETURNING id`, client, service)
}

// route gives the route of a number. It fails with sqldb.ErrNone.
func (s *Store) route(ctx context.Context, id int64) (route, error) {
	s.routes.mu.RLock()
	r, ok := s.routes.byID[id]
	s.routes.mu.RUnlock()
	if ok {
		return r, nil
	}
	row, err := sqldb.One[routeRow](ctx, s.db, `SELECT client, service FROM gateway_route WHERE id = $1`, id)
	if err != nil {
		return r, fmt.Errorf("read route %d of the message log: %w", id, err)
	}
	if err := errors.Join(r.client.UnmarshalText([]byte(row.Client)), r.service.UnmarshalText([]byte(row.Service))); err != nil {
		return r, err
	}
	s.routes.remember(map[route]int64{r: id})
	return r, nil
}

// routesBelow gives the numbers of the routes from a client, or any part of it, to a
// service, or any part of it; a zero ID is all.
func (s *Store) routesBelow(ctx context.Context, client, service xroad.ID) ([]int64, error) {
	var a sqldb.Args
	below := func(column string, id xroad.ID) string {
		if id.IsZero() {
			return `1 = 1`
		}
		name := id.String()
		return `(` + column + ` = ` + a.Add(name) + ` OR substr(` + column + `, 1, CAST(` + a.Add(len(name)+1) + ` AS INTEGER)) = ` +
			a.Add(name+"/") + `)`
	}
	query := `SELECT id FROM gateway_route WHERE ` + below("client", client) + ` AND ` + below("service", service)
	return sqldb.All[int64](ctx, s.db, query+` ORDER BY id`, a.Values()...)
}
