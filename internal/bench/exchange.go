package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
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

// exchangeBench is one run.
type exchangeBench struct {
	Exchange
	benchCountry
	out                      Result
	hub, consumer, provider  *benchNode
	authority                *benchNode
	backend                  string // URL
	http                     *http.Client
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
	engine := sqldb.SQLite
	if o.Postgres != "" {
		engine = sqldb.Postgres
	}
	r := &exchangeBench{
		Exchange: o, out: Result{Machine: measure.ThisMachine(), N: o.People, Engine: string(engine)},
		hub:       &benchNode{role: app.Hub, member: "G06", subsystem: exchangenode.HubSubsystem},
		consumer:  &benchNode{role: app.Agency, member: "H55", subsystem: "TTHC"},
		provider:  &benchNode{role: app.Agency, member: "G24", subsystem: "BHXH"},
		authority: &benchNode{role: app.Authority, member: "G01", subsystem: populationnode.Subsystem},
		http:      &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 1024, DisableCompression: true}},
	}
	r.program, r.postgres = o.Program, o.Postgres
	if r.dir, err = os.MkdirTemp("", "dean06-bench-"); err != nil {
		return b, err
	}
	defer func() { err = errors.Join(err, r.benchCountry.close(context.WithoutCancel(ctx))) }()
	stop, err := r.serveBackend(ctx)
	if err != nil {
		return b, err
	}
	defer stop()
	for _, part := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"start", r.start},
		{"floor", r.floor},
		{"call", r.calls},
		{"match_batch", r.matches},
		{"logged", r.logged},
	} {
		if o.Step != nil {
			o.Step(part.name)
		}
		if err := part.do(ctx); err != nil {
			return b, fmt.Errorf("%s: %w", part.name, err)
		}
	}
	r.out.LoadAfter = measure.LoadAverage()
	return r.out, nil
}

// serveBackend is the service behind the provider's gateway, in this process.
func (r *exchangeBench) serveBackend(ctx context.Context) (stop func(), err error) {
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	answer := jsonOf(r.Body)
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		_, _ = io.Copy(io.Discard, q.Body)
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(answer)
	})}
	r.backend = "http://" + ln.Addr().String()
	go func() { _ = server.Serve(ln) }() // until stop
	return func() { _ = server.Close() }, nil
}

// jsonOf is a JSON document of so many bytes.
func jsonOf(size int) []byte {
	const begin, end = `{"data":"`, `"}`
	return slices.Concat([]byte(begin), bytes.Repeat([]byte("a"), max(0, size-len(begin)-len(end))), []byte(end))
}

// start makes the country: the hub first, which the others join.
func (r *exchangeBench) start(ctx context.Context) error {
	nodes := []*benchNode{r.consumer, r.provider}
	if r.People > 0 {
		nodes = append(nodes, r.authority)
	}
	for _, n := range append([]*benchNode{r.hub}, nodes...) {
		if err := r.add(ctx, n); err != nil {
			return err
		}
	}
	if err := r.benchCountry.start(ctx, r.hub); err != nil {
		return err
	}
	if err := r.join(ctx, r.hub, nodes...); err != nil {
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
	for _, n := range slices.Backward(nodes) {
		if err := r.benchCountry.start(ctx, n); err != nil {
			return err
		}
	}
	if err := r.consumer.await(ctx, func() bool { return r.call(ctx, r.benchURL(), jsonOf(r.Body)) == nil }); err != nil {
		return errors.Join(err, r.call(ctx, r.benchURL(), jsonOf(r.Body)))
	}
	return nil
}

func (r *exchangeBench) benchURL() string {
	return "http://" + r.consumer.local + "/r1/" + r.provider.subsystemID().Of("bench").String()
}

// post asks and gives the answer. It fails when the status is not 200.
func (r *exchangeBench) post(ctx context.Context, url string, body []byte) (http.Header, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(xroad.HeaderClient, r.consumer.subsystemID().String())
	req.Header.Set(xroad.HeaderUserID, "canbo-01")
	req.Header.Set(xroad.HeaderIssue, "H55-261120-0012")
	req.Header.Set(xroad.HeaderPurpose, "1.004222")
	resp, err := r.http.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %.300s", resp.Status, answer)
	}
	return resp.Header, answer, err
}

// call makes one call and remembers it, so that the logs can be held against it.
func (r *exchangeBench) call(ctx context.Context, url string, body []byte) error {
	head, answer, err := r.post(ctx, url, body)
	if err != nil {
		return err
	}
	id := head.Get(xroad.HeaderRequestID)
	if len(answer) != len(jsonOf(r.Body)) || id == "" {
		return errBenchAnswer
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answered = append(r.answered, id)
	return nil
}

// floor is the client and the service without anything between.
func (r *exchangeBench) floor(ctx context.Context) error {
	body := jsonOf(r.Body)
	for _, n := range r.Callers {
		r.drive(ctx, "floor", n, nil, func(ctx context.Context, _, _ int) error {
			_, _, err := r.post(ctx, r.backend, body)
			return err
		})
	}
	return nil
}

func (r *exchangeBench) calls(ctx context.Context) error {
	body := jsonOf(r.Body)
	for _, n := range r.Callers {
		r.drive(ctx, "call", n, map[string]*benchNode{"consumer": r.consumer, "provider": r.provider}, func(ctx context.Context, _, _ int) error {
			return r.call(ctx, r.benchURL(), body)
		})
	}
	return nil
}

// drive adds a section with the calls of so many callers and what they cost each process.
func (r *exchangeBench) drive(
	ctx context.Context, name string, callers int, nodes map[string]*benchNode, do func(ctx context.Context, caller, n int) error,
) *BenchSection {
	before := map[string]measure.Process{"client": measure.ProcessOf(os.Getpid())}
	for k, n := range nodes {
		before[k] = measure.ProcessOf(n.pid())
	}
	var made atomic.Int64 // in the warming-up too
	f := measure.Load{Callers: callers, Warm: r.For / 10, For: r.For}.Run(ctx, func(ctx context.Context, caller, n int) error {
		made.Add(1)
		return do(ctx, caller, n)
	})
	s := BenchSection{Name: name, Calls: &f, Values: map[string]float64{}}
	each := func(d time.Duration) float64 { return measure.Milliseconds(d / time.Duration(max(1, made.Load()))) }
	s.Values["cpu_ms_client"] = each(measure.ProcessOf(os.Getpid()).CPU - before["client"].CPU)
	var both time.Duration
	for k, n := range nodes {
		after := measure.ProcessOf(n.pid())
		both += after.CPU - before[k].CPU
		s.Values["cpu_ms_"+k] = each(after.CPU - before[k].CPU)
		s.Values["rss_mb_"+k] = float64(after.RSS) / 1e6
		s.Values["own_mb_"+k] = float64(after.Own) / 1e6
		s.Values["peak_mb_"+k] = float64(after.Peak) / 1e6
	}
	if len(nodes) > 0 {
		s.Values["cpu_ms_gateways"] = each(both)
	}
	r.out.Sections = append(r.out.Sections, s)
	return &r.out.Sections[len(r.out.Sections)-1]
}

// How many batches are prepared, of how many people each.
const (
	benchBatches = 64
	benchBatch   = population.MaxBatch
)

// populate fills the authority's register and prepares batches of people to ask about.
func (r *exchangeBench) populate(ctx context.Context) (err error) {
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
	go func() { w.CloseWithError(people.WriteCSV(w, r.People, benchSeed, people.Options{})) }()
	register := population.New(population.Parts{Store: populationsql.New(db, nil), Clock: clock.System{}, NewID: sqldb.NewID})
	report, err := register.Load(ctx, file, population.LoadOptions{Actor: benchAdministrator, Name: "bench"})
	if err != nil {
		return err
	}
	if report.Loaded != r.People {
		return fmt.Errorf("%d of %d people went in", report.Loaded, r.People)
	}
	return r.prepare()
}

// prepare writes the batches, whose people are spread over the whole register.
func (r *exchangeBench) prepare() error {
	size := min(benchBatch, r.People)
	count := min(benchBatches, r.People/size)
	claims := make([][]population.Claim, count)
	i := 0
	err := people.Generate(r.People, benchSeed, func(p population.Person) error {
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
func (r *exchangeBench) matches(ctx context.Context) error {
	if r.People == 0 {
		return nil
	}
	url := "http://" + r.consumer.local + "/r1/" + r.authority.subsystemID().Of(population.ServiceMatch).String()
	size := bytes.Count(r.batches[0], []byte(`"number":`))
	ask := func(ctx context.Context, caller, n int) error {
		_, answer, err := r.post(ctx, url, r.batches[(caller*7+n)%len(r.batches)])
		if err != nil {
			r.batchRefused.Add(int64(size))
			return err
		}
		r.batchAsked.Add(int64(size))
		if bytes.Count(answer, []byte(`"found":true`)) != size {
			return errBenchAnswer
		}
		return nil
	}
	if err := r.authority.await(ctx, func() bool { return ask(ctx, 0, 0) == nil }); err != nil {
		return errors.Join(err, ask(ctx, 0, 0))
	}
	r.batchRefused.Store(0)
	for _, n := range []int{1, 8} {
		s := r.drive(ctx, "match_batch", n, map[string]*benchNode{"consumer": r.consumer, "authority": r.authority}, ask)
		s.Values["persons_per_second"] = s.Calls.PerSecond * float64(size)
		for k, v := range s.Values {
			if k == "cpu_ms_gateways" {
				s.Values["cpu_us_a_person"] = v * 1000 / float64(size)
			}
		}
	}
	return nil
}

// logged ends the nodes and holds their logs against the calls: each that was answered
// is in both, and both are in order.
func (r *exchangeBench) logged(ctx context.Context) error {
	if err := errors.Join(r.consumer.stop(), r.provider.stop()); err != nil {
		return err
	}
	for name, n := range map[string]*benchNode{"consumer": r.consumer, "provider": r.provider} {
		values, err := r.check(ctx, n)
		if err != nil {
			return fmt.Errorf("log of the %s: %w", name, err)
		}
		r.out.Sections = append(r.out.Sections, BenchSection{Name: "log_" + name, Values: values})
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
	r.out.Sections = append(
		r.out.Sections, BenchSection{Name: "logged", Values: map[string]float64{"asked": float64(asked), "logged": float64(rows)}},
	)
	if rows < asked || rows > asked+r.batchRefused.Load() {
		return fmt.Errorf("%d look-ups are in the register's log, and %d were asked", rows, asked)
	}
	return nil
}

func (r *exchangeBench) check(ctx context.Context, n *benchNode) (map[string]float64, error) {
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
	return map[string]float64{
		"calls_answered": float64(len(r.answered)), "records": float64(report.Records), "heads": float64(report.Heads),
		"records_checked_per_second": perSecond(int(report.Records), seconds),
	}, nil
}
