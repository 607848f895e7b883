package bench

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"dean06/data"
	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/measure"
	"dean06/internal/platform/sqldb"
	"dean06/internal/population"
	"dean06/internal/population/people"
	"dean06/internal/population/populationsql"
)

// Population measures the population register, filled with invented people.
type Population struct {
	N       int           // people
	DB      string        // an empty database; "" is a temporary one of SQLite
	Lookups int           // look-ups of persons behind the citizen's page
	For     time.Duration // of each measurement
	Callers []int         // 1 and 64 when empty
	Step    func(section string)
}

// person is what a measurement needs of a person, and not more: there may be a
// million of them.
type person struct {
	number citizen.Number
	name   string
	birth  citizen.Day
	sex    citizen.Sex
	alive  bool
	parent bool // a woman who may have a child today, in a household
	house  string
	place  population.Place
}

// maxSample bounds how many people are asked about. They are drawn from all, so
// that what is read is not always in memory.
const maxSample = 500_000

// populationRun is one run.
type populationRun struct {
	Population
	out      Result
	dir      string
	db       *sqldb.DB
	store    *populationsql.Store
	register *population.Register
	sample   []person
	common   []string // the commonest names
	dice     []*rand.Rand
	asked    atomic.Int64 // look-ups of persons that had to be logged
}

// Run measures. It fails with Conflict when the database is not empty.
func (o Population) Run(ctx context.Context) (b Result, err error) {
	if len(o.Callers) == 0 {
		o.Callers = []int{1, 64}
	}
	r := &populationRun{Population: o, out: Result{Machine: measure.ThisMachine(), N: o.N}}
	for c := range slices.Max(o.Callers) {
		r.dice = append(r.dice, rand.New(rand.NewPCG(seed, uint64(c)))) //nolint:gosec // no secret: the same questions each time
	}
	if r.dir, err = os.MkdirTemp("", "dean06-bench-"); err != nil {
		return b, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(r.dir)) }()
	if err := r.open(ctx); err != nil {
		return b, err
	}
	defer func() { err = errors.Join(err, r.db.Close()) }()
	err = inSteps(ctx, o.Step, []step{
		{"generate", r.generate},
		{"load", r.load},
		{"read", r.reads},
		{"match", r.matches},
		{"logged", r.logged},
		{"search", r.searches},
		{"page", r.pages},
		{"event", r.events},
	})
	if err != nil {
		return b, err
	}
	r.out.LoadAfter = measure.LoadAverage()
	return r.out, nil
}

// seed makes the same country and the same questions each time.
const seed = 1

func (r *populationRun) open(ctx context.Context) (err error) {
	r.db, err = opened(ctx, r.DB, filepath.Join(r.dir, "register.db"), audit.Migrate, jobs.Migrate, populationsql.Migrate)
	if err != nil {
		return err
	}
	r.out.Engine = string(r.db.Engine())
	if err := r.start(ctx); err != nil {
		return errors.Join(err, r.db.Close())
	}
	return nil
}

// opened is the database to measure on, an SQLite file when url names none: empty, with its
// tables made.
func opened(ctx context.Context, url, file string, migrations ...func(context.Context, *sqldb.DB) error) (*sqldb.DB, error) {
	if url == "" {
		url = "sqlite:" + file
	}
	// As in production: a commit is on the disk before it is answered.
	db, err := sqldb.Open(ctx, url, sqldb.Options{})
	if err != nil {
		return nil, err
	}
	err = mustBeEmpty(ctx, db)
	for _, migrate := range migrations {
		if err == nil {
			err = migrate(ctx, db)
		}
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func (r *populationRun) start(ctx context.Context) error {
	units, err := population.NewUnits(data.FS)
	if err != nil {
		return err
	}
	r.store = populationsql.New(r.db, populationsql.Outbox)
	r.register = population.New(population.Parts{
		Store: r.store, Units: units, Clock: clock.System{}, NewID: sqldb.NewID, NumberKey: make([]byte, 32), Bindings: bindings{},
	})
	return nil
}

// mustBeEmpty fails with Conflict when a database holds something.
func mustBeEmpty(ctx context.Context, db *sqldb.DB) error {
	query := `SELECT COUNT(*) FROM sqlite_master`
	if db.Engine() == sqldb.Postgres {
		query = `SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = CURRENT_SCHEMA`
	}
	tables, err := sqldb.One[int](ctx, db, query)
	if err != nil {
		return err
	}
	if tables > 0 {
		return fault.New(fault.Conflict, "bench.not_empty", fault.Args{"db": sqldb.Redact(db.URL())})
	}
	return nil
}

func (r *populationRun) add(s Section) { r.out.Sections = append(r.out.Sections, s) }

// drive adds a section for each number of callers, with the processor time of a call.
// persons is how many one call is about.
func (r *populationRun) drive(ctx context.Context, name string, persons int, do func(ctx context.Context, dice *rand.Rand) error) {
	for _, n := range r.Callers {
		load := measure.Load{Callers: n, Warm: r.For / 10, For: r.For}
		s := drive(ctx, name, load, nil, func(ctx context.Context, caller, _ int) error { return do(ctx, r.dice[caller]) })
		s.Values = map[string]float64{"cpu_ms": s.Values["cpu_ms_client"]} // the register is in this process
		if persons > 1 {
			s.Values["persons_per_second"] = s.Calls.PerSecond * float64(persons)
		}
		r.add(s)
	}
}

// generate writes the file that the register loads, and draws the sample.
func (r *populationRun) generate(context.Context) error {
	f, err := os.Create(r.file())
	if err != nil {
		return err
	}
	defer f.Close()
	took := measure.Stopwatch()
	buffered := bufio.NewWriterSize(f, 1<<20)
	out := csv.NewWriter(buffered)
	if err := out.Write(population.Columns); err != nil {
		return err
	}
	dice := rand.New(rand.NewPCG(seed, 1<<32)) //nolint:gosec // no secret
	year := clock.DayOf(clock.System{}.Now()).Year()
	err = people.Generate(r.N, seed, func(p population.Person) error {
		if r.N <= maxSample || dice.IntN(r.N) < maxSample {
			age := year - p.Birth.Year()
			r.sample = append(r.sample, person{
				number: p.Number, name: p.Name, birth: p.Birth, sex: p.Sex, alive: p.Life == population.Alive, place: p.Permanent, house: p.Household,
				parent: p.Life == population.Alive && p.Sex == citizen.Female && age > 20 && age < 45 && p.Household != "" && p.Permanent.Commune != "",
			})
		}
		return out.Write(population.Row(p))
	}, people.Options{})
	out.Flush()
	if err = errors.Join(err, out.Error(), buffered.Flush()); err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	r.add(Section{Name: "generate", Values: map[string]float64{
		"persons_per_second": perSecond(r.N, took()), "file_bytes_a_person": float64(info.Size() / int64(r.N)),
	}})
	r.common = commonest(r.sample, 20)
	return nil
}

func (r *populationRun) file() string { return filepath.Join(r.dir, "people.csv") }

// commonest are the names that most people have.
func commonest(sample []person, n int) []string {
	count := map[int64]int{}
	named := map[int64]string{}
	for i := range sample {
		key, _ := population.SameLetters(sample[i].name, 0)
		count[key]++
		named[key] = sample[i].name
	}
	keys := make([]int64, 0, len(count))
	for k := range count {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b int64) int {
		if count[a] != count[b] {
			return count[b] - count[a]
		}
		return int(a>>1 - b>>1)
	})
	var names []string
	for _, k := range keys[:min(n, len(keys))] {
		names = append(names, named[k])
	}
	return names
}

var administrator = actor.Actor{
	Account: "system:bench", Name: "dean06 bench", Agency: "G01",
	Roles: []string{population.Administrator, population.Registrar}, Via: actor.System,
}

// bindings bind the account "of 001090000001" to that number.
type bindings struct{}

func (bindings) Bound(_ context.Context, account string) (citizen.Number, error) {
	return citizen.ParseNumber(strings.TrimPrefix(account, "of "))
}

// holder is the account of a person.
func holder(n citizen.Number) actor.Actor {
	return actor.Actor{Account: "of " + n.Reveal(), Roles: []string{population.Citizen}, Via: actor.Password}
}

func (r *populationRun) load(ctx context.Context) error {
	f, err := os.Open(r.file())
	if err != nil {
		return err
	}
	defer f.Close()
	before, err := sizeOf(ctx, r.db)
	if err != nil {
		return err
	}
	took, spent := measure.Stopwatch(), own()
	report, err := r.register.Load(ctx, bufio.NewReaderSize(f, 1<<20), population.LoadOptions{Actor: administrator, Name: "bench"})
	if err != nil {
		return err
	}
	seconds, cpu := took(), own().CPU-spent.CPU
	if report.Loaded != r.N {
		return fmt.Errorf("%d of %d people went in", report.Loaded, r.N)
	}
	if _, err := r.db.ExecContext(ctx, "ANALYZE"); err != nil {
		return err
	}
	after, err := sizeOf(ctx, r.db)
	if err != nil {
		return err
	}
	r.add(Section{Name: "load", Values: map[string]float64{
		"persons_per_second": perSecond(r.N, seconds), "seconds": seconds.Round(10 * time.Millisecond).Seconds(),
		"bytes_a_person": float64((after - before) / int64(r.N)),
		// Of this process: what a server of PostgreSQL's spends is not in it.
		"cpu_us_a_person": math.Round(10*float64(cpu.Microseconds())/float64(r.N)) / 10,
	}})
	return os.Remove(r.file())
}

// sizeOf is the size of a database: of the tables and indexes that are this benchmark's.
func sizeOf(ctx context.Context, db *sqldb.DB) (int64, error) {
	if db.Engine() == sqldb.Postgres {
		return sqldb.One[int64](ctx, db, `SELECT CAST(COALESCE(SUM(pg_total_relation_size(c.oid)), 0) AS BIGINT) FROM pg_class c
			JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = CURRENT_SCHEMA AND c.relkind = 'r'`)
	}
	pages, err := sqldb.One[int64](ctx, db, `PRAGMA page_count`)
	if err != nil {
		return 0, err
	}
	bytes, err := sqldb.One[int64](ctx, db, `PRAGMA page_size`)
	return pages * bytes, err
}

func (r *populationRun) any(dice *rand.Rand) *person {
	return &r.sample[dice.IntN(len(r.sample))]
}

// asking is who asks: an agency's officer, with a dossier.
func asking(service string, granted ...population.Field) population.Inquiry {
	return population.Inquiry{
		By: population.ThroughExchange("VN/GOV/H55/TTHC", "H55", "canbo-01"), Client: "VN/GOV/H55/TTHC", Purpose: "1.004222",
		Dossier: "000.00.00.H55-260101-0001", RequestID: sqldb.NewID(), Service: service, Granted: granted,
	}
}

var facts = []population.Field{
	population.FieldNumber, population.FieldName, population.FieldBirth, population.FieldSex,
	population.FieldEthnicity, population.FieldPermanent, population.FieldLife,
}

// reads are of one person by the number: bare, and as the service answers, logged.
func (r *populationRun) reads(ctx context.Context) error {
	r.drive(ctx, "read", 1, func(ctx context.Context, dice *rand.Rand) error {
		found, err := r.store.Persons(ctx, []citizen.Number{r.any(dice).number}, nil)
		if err == nil && len(found) != 1 {
			err = errWrongAnswer
		}
		return err
	})
	r.drive(ctx, "facts", 1, func(ctx context.Context, dice *rand.Rand) error {
		r.asked.Add(1)
		_, err := r.register.Facts(ctx, asking(population.ServiceFacts, facts...), population.Key{Number: r.any(dice).number}, facts)
		return err
	})
	return nil
}

// errWrongAnswer is an answer that cannot be right.
var errWrongAnswer = errors.New("the answer is wrong")

// matches are of one person and of a batch, each logged.
func (r *populationRun) matches(ctx context.Context) error {
	for _, size := range []int{1, min(population.MaxBatch, len(r.sample))} {
		name := "match"
		if size > 1 {
			name = "match_batch"
		}
		r.drive(ctx, name, size, func(ctx context.Context, dice *rand.Rand) error {
			claims := make([]population.Claim, size)
			first := dice.IntN(len(r.sample))
			step := 1 + dice.IntN(len(r.sample))
			for i := range claims {
				// No person twice in a batch, unless the sample is as small as that.
				p := &r.sample[(first+i*step)%len(r.sample)]
				claims[i] = population.Claim{
					Key:    population.Key{Number: p.number, Name: p.name, Birth: p.birth},
					Values: map[population.Field]string{population.FieldSex: string('0' + rune(p.sex))},
				}
			}
			subjects := map[citizen.Number]bool{}
			for i := range claims {
				subjects[claims[i].Number] = true
			}
			r.asked.Add(int64(len(subjects)))
			verdicts, err := r.register.Match(ctx, asking(population.ServiceMatch, facts...), claims)
			if err == nil && slices.ContainsFunc(verdicts, func(v population.Verdict) bool { return !v.Found || !v.Fields[population.FieldName] }) {
				err = errWrongAnswer
			}
			return err
		})
	}
	return nil
}
