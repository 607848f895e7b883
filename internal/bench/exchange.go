package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"dean06/internal/app"
	"dean06/internal/exchange"
	"dean06/internal/exchange/exchangenode"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/measure"
	"dean06/internal/platform/sqldb"
	"dean06/internal/population"
	"dean06/internal/population/people"
	"dean06/internal/population/populationnode"
	"dean06/internal/population/populationsql"
	"dean06/internal/xroad"
)

// Exchange measures calls through two gateways, each a process of its own on
// real ports: signed, verified and logged on both sides.
type Exchange struct {
	Program  string        // dean06 itself
	Callers  []int         // 1, 32 and 256 when empty
	For      time.Duration // of each measurement
	Body     int           // bytes of a question and of an answer
	People   int           // in the register that batches are matched against; 0 leaves that out
	Postgres string        // a server on which each node gets a schema; "" is SQLite
	Step     func(section string)
}

// exchangeRun is one run.
type exchangeRun struct {
	Exchange
	country
	out                      Result
	hub, consumer, provider  *member
	authority                *member
	backend                  string // URL
	mu                       sync.Mutex
	answered                 []string // request ids of calls that were answered
	batches                  [][]byte
	batchAsked, batchRefused atomic.Int64
}

// Run measures.
func (o Exchange) Run(ctx context.Context) (b Result, err error) {
	if len(o.Callers) == 0 {
		o.Callers = []int{1, 32, 256}
	}
	r, end, err := o.layOut(ctx)
	if err != nil {
		return b, err
	}
	defer func() { err = errors.Join(err, end()) }()
	err = inSteps(ctx, o.Step, []step{
		{"start", r.start},
		{"floor", r.floor},
		{"call", r.calls},
		{"match_batch", r.matches},
		{"logged", r.logged},
	})
	if err != nil {
		return b, err
	}
	r.out.LoadAfter = measure.LoadAverage()
	return r.out, nil
}

// layOut names the nodes and starts the service that stands behind them; end takes all of it away.
func (o Exchange) layOut(ctx context.Context) (r *exchangeRun, end func() error, err error) {
	engine := sqldb.SQLite
	if o.Postgres != "" {
		engine = sqldb.Postgres
	}
	r = &exchangeRun{
		Exchange: o, out: Result{Machine: measure.ThisMachine(), N: o.People, Engine: string(engine)},
		hub:       &member{role: app.Hub, code: "G06", subsystem: exchangenode.HubSubsystem},
		consumer:  &member{role: app.Agency, code: "H55", subsystem: "TTHC"},
		provider:  &member{role: app.Agency, code: "G24", subsystem: "BHXH"},
		authority: &member{role: app.Authority, code: "G01", subsystem: populationnode.Subsystem},
	}
	r.program, r.postgres = o.Program, o.Postgres
	if r.dir, err = os.MkdirTemp("", "dean06-bench-"); err != nil {
		return nil, nil, err
	}
	address, stop, err := serveDocument(ctx, o.Body)
	if err != nil {
		return nil, nil, errors.Join(err, os.RemoveAll(r.dir))
	}
	r.backend = "http://" + address
	return r, func() error {
		stop()
		return r.country.close(context.WithoutCancel(ctx))
	}, nil
}

// start makes the country: the hub first, which the others join.
func (r *exchangeRun) start(ctx context.Context) error {
	members := []*member{r.consumer, r.provider}
	if r.People > 0 {
		members = append(members, r.authority)
	}
	for _, n := range append([]*member{r.hub}, members...) {
		if err := r.add(ctx, n); err != nil {
			return err
		}
	}
	if err := r.country.start(ctx, r.hub); err != nil {
		return err
	}
	if err := r.join(ctx, r.hub, members...); err != nil {
		return err
	}
	if err := r.provider.offer(ctx, "bench", r.backend, r.consumer.subsystemID()); err != nil {
		return err
	}
	if r.People > 0 {
		if err := r.populate(ctx); err != nil {
			return err
		}
		if err := r.authority.offer(ctx, population.ServiceMatch, "", r.consumer.subsystemID()); err != nil {
			return err
		}
	}
	for _, n := range slices.Backward(members) {
		if err := r.country.start(ctx, n); err != nil {
			return err
		}
	}
	var last error
	err := r.consumer.await(ctx, 20*time.Millisecond, func() bool {
		last = r.call(ctx, r.serviceURL(), document(r.Body))
		return last == nil
	})
	if err != nil {
		return errors.Join(err, last)
	}
	return nil
}

func (r *exchangeRun) serviceURL() string {
	return "http://" + r.consumer.local + "/r1/" + r.provider.subsystemID().Of("bench").String()
}

// ask asks as an officer of the consumer does.
func (r *exchangeRun) ask(ctx context.Context, url string, body []byte) (http.Header, []byte, error) {
	head := http.Header{}
	head.Set(xroad.HeaderClient, r.consumer.subsystemID().String())
	head.Set(xroad.HeaderUserID, "canbo-01")
	head.Set(xroad.HeaderIssue, "H55-261120-0012")
	head.Set(xroad.HeaderPurpose, "1.004222")
	return post(ctx, url, head, body)
}

// call makes one call and remembers it, so that the logs can be held against it.
func (r *exchangeRun) call(ctx context.Context, url string, body []byte) error {
	head, answer, err := r.ask(ctx, url, body)
	if err != nil {
		return err
	}
	id := head.Get(xroad.HeaderRequestID)
	if len(answer) != len(document(r.Body)) || id == "" {
		return errWrongAnswer
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answered = append(r.answered, id)
	return nil
}

// floor is the client and the service without anything between.
func (r *exchangeRun) floor(ctx context.Context) error {
	body := document(r.Body)
	for _, n := range r.Callers {
		r.drive(ctx, "floor", n, nil, func(ctx context.Context, _, _ int) error {
			_, _, err := r.ask(ctx, r.backend, body)
			return err
		})
	}
	return nil
}

func (r *exchangeRun) calls(ctx context.Context) error {
	body := document(r.Body)
	for _, n := range r.Callers {
		gateways := map[string]*member{"consumer": r.consumer, "provider": r.provider}
		r.drive(ctx, "call", n, gateways, func(ctx context.Context, _, _ int) error {
			return r.call(ctx, r.serviceURL(), body)
		})
	}
	return nil
}

// drive adds a section with the calls of so many callers and what they cost each process.
func (r *exchangeRun) drive(
	ctx context.Context, name string, callers int, members map[string]*member, do func(ctx context.Context, caller, n int) error,
) *Section {
	beside := map[string]costs{}
	for k, n := range members {
		beside[k] = n.cost
	}
	s := drive(ctx, name, measure.Load{Callers: callers, Warm: r.For / 10, For: r.For}, beside, do)
	for k := range members {
		s.Values["cpu_ms_gateways"] = math.Round(1000*(s.Values["cpu_ms_gateways"]+s.Values["cpu_ms_"+k])) / 1000
	}
	r.out.Sections = append(r.out.Sections, s)
	return &r.out.Sections[len(r.out.Sections)-1]
}

// How many batches are prepared, of how many people each.
const (
	maxBatches = 64
	batchSize  = population.MaxBatch
)

// populate fills the authority's register and prepares batches of people to ask about.
func (r *exchangeRun) populate(ctx context.Context) (err error) {
	db, err := sqldb.Open(ctx, r.authority.db, sqldb.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := errors.Join(audit.Migrate(ctx, db), jobs.Migrate(ctx, db), populationsql.Migrate(ctx, db)); err != nil {
		return err
	}
	file, w := io.Pipe()
	defer file.Close()
	go func() { w.CloseWithError(people.WriteCSV(w, r.People, seed, people.Options{})) }()
	register := population.New(population.Parts{Store: populationsql.New(db, nil), Clock: clock.System{}, NewID: sqldb.NewID})
	report, err := register.Load(ctx, file, population.LoadOptions{Actor: administrator, Name: "bench"})
	if err != nil {
		return err
	}
	if report.Loaded != r.People {
		return fmt.Errorf("%d of %d people went in", report.Loaded, r.People)
	}
	return r.prepare()
}

// prepare writes the batches, whose people are spread over the whole register.
func (r *exchangeRun) prepare() error {
	size := min(batchSize, r.People)
	count := min(maxBatches, r.People/size)
	claims := make([][]population.Claim, count)
	i := 0
	err := people.Generate(r.People, seed, func(p population.Person) error {
		if k := i % count; len(claims[k]) < size && i/count*size/max(1, r.People/count) >= len(claims[k]) {
			claims[k] = append(claims[k], population.Claim{
				Key:    population.Key{Number: p.Number, Name: p.Name, Birth: p.Birth},
				Values: map[population.Field]string{population.FieldSex: string('0' + rune(p.Sex))},
			})
		}
		i++
		return nil
	}, people.Options{})
	if err != nil {
		return err
	}
	for _, c := range claims {
		body, err := json.Marshal(map[string]any{"persons": c})
		if err != nil {
			return err
		}
		r.batches = append(r.batches, body)
	}
	return nil
}

// matches sends batches through two gateways, the agency's and the authority's.
func (r *exchangeRun) matches(ctx context.Context) error {
	if r.People == 0 {
		return nil
	}
	url := "http://" + r.consumer.local + "/r1/" + r.authority.subsystemID().Of(population.ServiceMatch).String()
	size := bytes.Count(r.batches[0], []byte(`"number":`))
	ask := func(ctx context.Context, caller, n int) error {
		_, answer, err := r.ask(ctx, url, r.batches[(caller*7+n)%len(r.batches)])
		if err != nil {
			r.batchRefused.Add(int64(size))
			return err
		}
		r.batchAsked.Add(int64(size))
		if bytes.Count(answer, []byte(`"found":true`)) != size {
			return errWrongAnswer
		}
		return nil
	}
	if err := r.authority.await(ctx, 20*time.Millisecond, func() bool { return ask(ctx, 0, 0) == nil }); err != nil {
		return errors.Join(err, ask(ctx, 0, 0))
	}
	r.batchRefused.Store(0)
	for _, n := range []int{1, 8} {
		s := r.drive(ctx, "match_batch", n, map[string]*member{"consumer": r.consumer, "authority": r.authority}, ask)
		s.Values["persons_per_second"] = s.Calls.PerSecond * float64(size)
		s.Values["cpu_us_a_person"] = s.Values["cpu_ms_gateways"] * 1000 / float64(size)
	}
	return nil
}

// logged ends the nodes and holds their logs against the calls: each that was answered
// is in both, and both are in order.
func (r *exchangeRun) logged(ctx context.Context) error {
	if err := errors.Join(r.consumer.stop(), r.provider.stop()); err != nil {
		return err
	}
	for name, n := range map[string]*member{"consumer": r.consumer, "provider": r.provider} {
		values, err := r.check(ctx, n)
		if err != nil {
			return fmt.Errorf("log of the %s: %w", name, err)
		}
		r.out.Sections = append(r.out.Sections, Section{Name: "log_" + name, Values: values})
	}
	if r.People == 0 {
		return nil
	}
	if err := r.authority.stop(); err != nil {
		return err
	}
	db, err := sqldb.Open(ctx, r.authority.db, sqldb.Options{})
	if err != nil {
		return err
	}
	defer db.Close()
	rows, err := sqldb.One[int64](ctx, db, `SELECT COUNT(*) FROM population_lookup_subject`)
	if err != nil {
		return err
	}
	asked := r.batchAsked.Load()
	r.out.Sections = append(r.out.Sections, Section{
		Name: "logged", Values: map[string]float64{"asked": float64(asked), "logged": float64(rows)},
	})
	if rows < asked || rows > asked+r.batchRefused.Load() {
		return fmt.Errorf("%d look-ups are in the register's log, and %d were asked", rows, asked)
	}
	return nil
}

func (r *exchangeRun) check(ctx context.Context, n *member) (map[string]float64, error) {
	db, store, err := n.open(ctx)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	missing := make(map[string]bool, len(r.answered))
	for _, id := range r.answered {
		missing[id] = true
	}
	took := measure.Stopwatch()
	report, err := exchange.CheckLog(ctx, store, exchange.LogChecks{})
	if err != nil {
		return nil, err
	}
	seconds := took()
	for at := int64(0); at < report.Records; {
		records, err := store.Range(ctx, at, min(at+1000, report.Records))
		if err != nil {
			return nil, err
		}
		for i := range records {
			if c := &records[i].Commitment; c.Kind == exchange.Response && records[i].Fault == "" {
				delete(missing, c.RequestID)
			}
		}
		at += int64(len(records))
		if len(records) == 0 {
			break
		}
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("%d of %d answered calls are not in the log", len(missing), len(r.answered))
	}
	bytes, err := logBytes(ctx, db)
	if err != nil {
		return nil, err
	}
	archived, err := archiveBytes(ctx, n, store)
	if err != nil {
		return nil, err
	}
	return map[string]float64{
		"archive_bytes_a_call": math.Round(archived),
		"calls_answered":       float64(len(r.answered)), "records": float64(report.Records), "heads": float64(report.Heads),
		"records_checked_per_second": perSecond(int(report.Records), seconds),
		"bytes_a_call":               math.Round(2 * float64(bytes) / max(1, float64(report.Records))),
	}, nil
}

// logBytes is what the message log takes in a database, with its indexes: of a call there
// are two records, and shares of a hash and of a head.
func logBytes(ctx context.Context, db *sqldb.DB) (int64, error) {
	tables := []string{"gateway_record", "gateway_tile", "gateway_head", "gateway_route", "gateway_word", "gateway_use"}
	var a sqldb.Args
	if db.Engine() == sqldb.Postgres {
		return sqldb.One[int64](ctx, db, `
			SELECT COALESCE(SUM(pg_total_relation_size(oid)), 0)::bigint FROM pg_class
			WHERE relkind = 'r' AND pg_table_is_visible(oid) AND relname IN `+sqldb.In(&a, tables), a.Values()...)
	}
	return sqldb.One[int64](ctx, db, `
		SELECT COALESCE(SUM(d.pgsize), 0) FROM dbstat d JOIN sqlite_schema s ON s.name = d.name
		WHERE s.tbl_name IN `+sqldb.In(&a, tables), a.Values()...)
}
