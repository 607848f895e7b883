package gateway

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/xroad"
)

// offers is what the gateway's owner decided, made ready for looking up. It never changes.
type offers struct {
	services map[xroad.ID]offered
	rights   map[xroad.ID][]exchange.Right
	ended    map[xroad.ID][]exchange.Right // so that who asks by one is told since when; the newest mostEnded of a service
	groups   map[string][]xroad.ID
	mark     exchange.RightsMark
}

const mostEnded = 1000

// offered is a service, with its description read: anybody in the exchange may ask for
// that as often as they like, and it may be long.
type offered struct {
	exchange.LocalService
	endpoints func() []exchange.Endpoint
	other     func() []exchange.Endpoint // that answer in something else than JSON
	public    func() (doc []byte, kind string, err error)
}

// offer makes ready what is asked about s, unless it was the same before.
func offer(s exchange.LocalService, before offered) offered {
	if before.public != nil && bytes.Equal(s.OpenAPI, before.OpenAPI) {
		before.LocalService = s
		return before
	}
	o := offered{LocalService: s}
	o.endpoints = sync.OnceValue(func() []exchange.Endpoint {
		if s.OpenAPI == nil {
			return nil
		}
		_, list, _ := exchange.ReadOpenAPI(s.OpenAPI) // it was read when it was given
		return list
	})
	o.other = sync.OnceValue(func() []exchange.Endpoint { return exchange.Unfiltered(s.OpenAPI) })
	var once sync.Once
	var doc []byte
	var kind string
	var err error
	o.public = func() ([]byte, string, error) {
		once.Do(func() { doc, kind, err = anonymise(s.OpenAPI, prefixR1+s.ID.String()) })
		return doc, kind, err
	}
	return o
}

// ReloadRights takes up what the owner changed: rights, services and groups.
func (g *Gateway) ReloadRights(ctx context.Context) error {
	g.locals.forget()
	g.offersMu.Lock()
	defer g.offersMu.Unlock()
	services, err := g.set.Store.Services(ctx)
	if err != nil {
		return fmt.Errorf("read the services: %w", err)
	}
	rights, err := g.set.Store.Rights(ctx, true)
	if err != nil {
		return fmt.Errorf("read the rights: %w", err)
	}
	groups, err := g.set.Store.Groups(ctx)
	if err != nil {
		return fmt.Errorf("read the groups: %w", err)
	}
	o := &offers{services: map[xroad.ID]offered{}, rights: map[xroad.ID][]exchange.Right{}, groups: map[string][]xroad.ID{}}
	var before map[xroad.ID]offered
	if old := g.offers.Load(); old != nil {
		before = old.services
	}
	for _, s := range services {
		o.services[s.ID] = offer(s, before[s.ID])
	}
	o.ended = map[xroad.ID][]exchange.Right{}
	for _, r := range rights {
		to := o.rights
		if !r.EndedAt.IsZero() {
			to = o.ended
		}
		to[r.Service] = append(to[r.Service], r)
	}
	for id, list := range o.ended {
		slices.SortFunc(list, func(a, b exchange.Right) int { return b.EndedAt.Compare(a.EndedAt) })
		o.ended[id] = slices.Clone(list[:min(len(list), mostEnded)])
	}
	for _, group := range groups {
		o.groups[group.Code] = group.Members
	}
	for _, r := range rights {
		o.mark.Given++
		if !r.EndedAt.IsZero() {
			o.mark.Ended++
		}
	}
	g.offers.Store(o)
	return nil
}

// How long rights are believed that this process did not change itself, and how long a call
// waits to hear of others' changes.
const (
	rightsFor  = time.Second
	rightsWait = 500 * time.Millisecond
)

// rightsNow are the offers as they are. What this process changes it takes in by itself
// (ReloadRights); what was approved or ended elsewhere is found here, a second later at most.
// While the database is away, the rights stay that were known.
func (g *Gateway) rightsNow(ctx context.Context) *offers {
	o, last, now := g.offers.Load(), g.looked.Load(), time.Now().UnixNano() //nolint:forbidigo // how old what is kept is
	if now-last < int64(rightsFor) || !g.looked.CompareAndSwap(last, now) {
		return o
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rightsWait)
	defer cancel()
	mark, err := g.set.Store.RightsMark(ctx)
	if err == nil && mark != o.mark {
		err = g.ReloadRights(ctx)
	}
	if err != nil {
		g.set.Log.Warn("rights not read anew", "error", err)
	}
	return g.offers.Load()
}

// groupsFor are the centre's groups and the gateway's own; of the same code the own one counts.
func (g *Gateway) groupsFor(o *offers) map[string][]xroad.ID {
	v := g.view.Load()
	if len(o.groups) == 0 {
		return v.Groups()
	}
	all := make(map[string][]xroad.ID, len(o.groups)+len(v.Groups()))
	for code, members := range v.Groups() {
		all[code] = members
	}
	for code, members := range o.groups {
		all[code] = members
	}
	return all
}

// decide finds the service and the right.
func (g *Gateway) decide(ctx context.Context, req *request, now time.Time) (s exchange.LocalService, r exchange.Ruling, e *xroad.Error) {
	id := req.c.Service
	if self, ok := g.view.Load().Gateway(g.set.ID); !ok || !speaksFor(self, id.SubsystemID()) {
		return s, r, xroad.Errorf(xroad.UnknownService, "gateway %s does not answer for %s", g.set.ID, id.SubsystemID())
	}
	if xroad.IsMeta(id.Service) {
		return s, r, nil
	}
	o := g.rightsNow(ctx)
	found, ok := o.services[id]
	s = found.LocalService
	if !ok {
		return s, r, xroad.Errorf(xroad.UnknownService, "there is no service %s", id)
	}
	if s.Disabled {
		return s, r, xroad.Errorf(xroad.ServiceDisabled, "service %s is disabled: %s", id, s.Notice)
	}
	ask := exchange.Ask{
		Client: req.c.Client, Service: id, Method: req.c.Method, Path: req.target.path, Purpose: req.purpose,
		Officer: req.userID, Dossier: req.issue, At: now, Clearing: g.view.Load().Clearing(req.c.Client, now),
	}
	if slices.ContainsFunc(o.rights[id], countsPersons) {
		ask.Persons = g.askedAbout(req)
	}
	r, e = g.permit(ctx, o.rights[id], g.groupsFor(o), ask)
	if e != nil && e.Code == xroad.AccessDenied && len(o.ended[id]) > 0 {
		// None that holds is left out of account, and one that ended lets nobody through.
		if _, why := exchange.Fitting(slices.Concat(o.rights[id], o.ended[id]), g.groupsFor(o), ask); why != nil {
			e = why
		}
	}
	if e != nil && e.Code.OfSecurity() {
		g.askSoon() // it may have been mended meanwhile
	}
	if e == nil && filtered(s, r.Right) {
		if e = found.foresee(req); e != nil {
			g.quotas.giveBack(r)
		}
	}
	return s, r, e
}

// quotas counts what was used of rights that have a quota. The store keeps the counts;
// as only this gateway adds to them, they are read once for each period.
type quotas struct {
	mu   sync.Mutex
	used map[string]used
}

type used struct {
	window time.Time
	n      int64 // calls or persons
}

func (g *Gateway) permit(
	ctx context.Context, rights []exchange.Right, groups map[string][]xroad.ID, ask exchange.Ask,
) (exchange.Ruling, *xroad.Error) {
	q := &g.quotas
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.used == nil {
		q.used = map[string]used{}
	}
	for _, r := range rights {
		if !r.Quota.Bounded() {
			continue
		}
		window := exchange.Window(r.Quota, ask.At)
		if u, ok := q.used[r.ID]; ok && u.window.Equal(window) {
			continue
		}
		n, err := g.set.Store.Used(ctx, r.ID, window)
		if err != nil {
			return exchange.Ruling{}, xroad.Errorf(xroad.ProviderLogFailed, "the use of the right cannot be counted now").Because(err)
		}
		q.used[r.ID] = used{window, n}
	}
	ruling, e := exchange.Permit(rights, groups, ask, func(id string, _ time.Time) int64 { return q.used[id].n })
	if e == nil && ruling.Right.Quota.Bounded() {
		u := q.used[ruling.Right.ID]
		u.n += ruling.Taken
		q.used[ruling.Right.ID] = u
	}
	return ruling, e
}

// add counts what shows only in the answer. It is counted where the call began, even
// when its period is over.
func (q *quotas) add(r exchange.Ruling, more int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if u := q.used[r.Right.ID]; u.window.Equal(r.Window) {
		u.n += more
		q.used[r.Right.ID] = u
	}
}

// giveBack takes back a call that did not happen.
func (q *quotas) giveBack(r exchange.Ruling) {
	if !r.Right.Quota.Bounded() {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if u := q.used[r.Right.ID]; u.window.Equal(r.Window) {
		u.n -= r.Taken
		q.used[r.Right.ID] = u
	}
}
