package bench

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"dean06/internal/app"
	"dean06/internal/exchange"
	"dean06/internal/exchange/exchangenode"
	"dean06/internal/platform/measure"
	"dean06/internal/population"
	"dean06/internal/population/people"
	"dean06/internal/population/populationnode"
	"dean06/internal/xroad"
)

// Soak calls through two gateways at a steady rate while the nodes are killed one after
// the other, and then holds every accepted answer against both logs.
type Soak struct {
	Program  string // dean06 itself
	Postgres string // a server on which each node gets a schema; "" is SQLite
	For      time.Duration
	Rate     int           // calls a second, whether those before were answered or not
	Every    time.Duration // one node is killed, in turns
	Step     func(what string)
}

// Bounds of what a soak lets pass, from the first third of its time to the last.
const (
	soakPeople   = 500
	soakGrowth   = 1.25            // resident memory, as a factor
	soakMore     = 24 << 20        // and beside it, bytes
	soakFiles    = 50              // open files and connections
	soakJudged   = 6 * time.Minute // a third is longer than idle connections are kept
	soakWarm     = 20 * time.Second
	soakPatience = 20 * time.Second // of one call
	soakSample   = 2 * time.Second
)

// Soaked is what a soak found.
type Soaked struct {
	Machine  measure.Machine  `json:"machine"`
	Engine   string           `json:"engine"`
	Seconds  float64          `json:"seconds"`
	Asked    int64            `json:"asked"`
	Accepted int64            `json:"accepted"` // answered with 200
	Refused  map[string]int64 `json:"refused"`  // by status, or "no answer"
	NotSent  int64            `json:"not_sent"` // since too many waited
	P50      float64          `json:"p50_ms"`
	P99      float64          `json:"p99_ms"`
	Kills    []Killed         `json:"kills"`
	Nodes    []SoakedNode     `json:"nodes"`
	// Wrong is what must not be; empty when all is well.
	Wrong []string `json:"wrong"`
}

// Killed is one kill.
type Killed struct {
	Node string  `json:"node"`
	At   float64 `json:"at_s"`
	Back float64 `json:"back_s"` // until its pages answered again
}

// SoakedNode is one node in the first and in the last third of the time: the median of
// its memory, and the fewest files and connections that it had open.
type SoakedNode struct {
	Node       string  `json:"node"`
	FirstMB    float64 `json:"rss_first_mb"`
	LastMB     float64 `json:"rss_last_mb"`
	FirstFiles int     `json:"files_first"`
	LastFiles  int     `json:"files_last"`
	Judged     bool    `json:"judged"` // long enough to say whether they are flat
	Missing    int     `json:"missing"`
	Records    int64   `json:"records"`
	// LogBytes and ArchiveBytes are what a call takes in the message log's tables, and in its
	// archive files.
	LogBytes     float64 `json:"log_bytes_a_call"`
	ArchiveBytes float64 `json:"archive_bytes_a_call"`
	Verified     string  `json:"verified"` // what the check of its logs said
}

// accepted is an answer that a caller had.
type accepted struct{ request, answer [sha256.Size]byte }

type sampled struct {
	at    time.Duration
	rss   int64
	files int
}

type soakRun struct {
	Soak
	country
	hub, consumer, authority *member
	out                      Soaked
	since                    func() time.Duration

	mu       sync.Mutex // of what follows, and of the members' processes
	answers  map[string]accepted
	times    []time.Duration
	samples  map[*member][]sampled
	waiting  chan struct{}
	asked    atomic.Int64
	notSent  atomic.Int64
	inFlight sync.WaitGroup
}

// Run soaks. An error is that it could not be done; what it found wrong is in the result.
func (o Soak) Run(ctx context.Context) (out Soaked, err error) {
	s := &soakRun{
		Soak:      o,
		hub:       &member{role: app.Hub, code: "G06", subsystem: exchangenode.HubSubsystem},
		consumer:  &member{role: app.Agency, code: "H55", subsystem: "TTHC"},
		authority: &member{role: app.Authority, code: "G01", subsystem: populationnode.Subsystem},
		answers:   map[string]accepted{}, samples: map[*member][]sampled{}, waiting: make(chan struct{}, 20*o.Rate),
	}
	s.out = Soaked{Machine: measure.ThisMachine(), Engine: Ground{Postgres: o.Postgres}.Engine(), Refused: map[string]int64{}, Wrong: []string{}}
	s.program, s.postgres = o.Program, o.Postgres
	if s.dir, err = os.MkdirTemp("", "dean06-soak-"); err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, s.country.close(context.WithoutCancel(ctx))) }()
	s.step("start")
	questions, err := s.begin(ctx)
	if err != nil {
		return out, err
	}
	s.step("calls")
	if err := s.soak(ctx, questions); err != nil {
		return out, err
	}
	s.step("check")
	err = s.judge(ctx)
	return s.out, err
}

func (s *soakRun) step(what string) {
	if s.Step != nil {
		s.Step(what)
	}
}

func (s *soakRun) wrong(format string, args ...any) {
	s.out.Wrong = append(s.out.Wrong, fmt.Sprintf(format, args...))
}

func (s *soakRun) all() []*member { return []*member{s.hub, s.authority, s.consumer} }

func (n *member) name() string { return n.code + "-" + n.subsystem }

// begin makes the country and waits for the first answer.
func (s *soakRun) begin(ctx context.Context) ([][]byte, error) {
	for _, n := range s.all() {
		if err := s.add(ctx, n); err != nil {
			return nil, err
		}
	}
	if err := s.country.start(ctx, s.hub); err != nil {
		return nil, err
	}
	if err := s.join(ctx, s.hub, s.consumer, s.authority); err != nil {
		return nil, err
	}
	filled := exchangeRun{Exchange: Exchange{People: soakPeople}, authority: s.authority, consumer: s.consumer}
	if err := filled.populate(ctx); err != nil {
		return nil, err
	}
	if err := s.authority.offer(ctx, population.ServiceMatch, "", s.consumer.subsystemID()); err != nil {
		return nil, err
	}
	var questions [][]byte
	err := people.Generate(soakPeople, seed, func(p population.Person) error {
		body, err := json.Marshal(population.Key{Number: p.Number, Name: p.Name, Birth: p.Birth})
		questions = append(questions, body)
		return err
	}, people.Options{})
	if err != nil {
		return nil, err
	}
	for _, n := range []*member{s.authority, s.consumer} {
		if err := s.country.start(ctx, n); err != nil {
			return nil, err
		}
	}
	return questions, s.consumer.await(ctx, 50*time.Millisecond, func() bool { return s.ask(ctx, questions[0]) == "" })
}

// soak calls, kills and samples until the time is over and every call has ended.
func (s *soakRun) soak(ctx context.Context, questions [][]byte) error {
	s.since = measure.Stopwatch()
	over, end := context.WithTimeout(ctx, s.For)
	defer end()
	beside := make(chan error, 2)
	go func() { beside <- s.kill(over) }()
	go func() { s.sample(over); beside <- nil }()
	tick := time.NewTicker(time.Second / time.Duration(s.Rate))
	defer tick.Stop()
	for i := 0; over.Err() == nil; i++ {
		select {
		case <-over.Done():
		case <-tick.C:
			s.asked.Add(1)
			select {
			case s.waiting <- struct{}{}:
				body := questions[i%len(questions)]
				s.inFlight.Go(func() {
					if refused := s.ask(ctx, body); refused != "" {
						s.mu.Lock()
						s.out.Refused[refused]++
						s.mu.Unlock()
					}
					<-s.waiting
				})
			default:
				s.notSent.Add(1)
			}
		}
	}
	err := errors.Join(<-beside, <-beside)
	s.inFlight.Wait()
	s.out.Seconds = s.since().Seconds()
	return errors.Join(err, ctx.Err())
}

// ask calls once and remembers an accepted answer; otherwise it gives why there is none.
func (s *soakRun) ask(ctx context.Context, body []byte) (refused string) {
	ctx, cancel := context.WithTimeout(ctx, soakPatience)
	defer cancel()
	r := exchangeRun{consumer: s.consumer}
	took := measure.Stopwatch()
	head, answer, err := r.ask(ctx, "http://"+s.consumer.local+"/r1/"+s.authority.subsystemID().Of(population.ServiceMatch).String(), body)
	if err != nil {
		if head == nil {
			return "no answer"
		}
		status, _, _ := strings.Cut(err.Error(), " ")
		return strings.TrimSuffix(status+" "+head.Get(xroad.HeaderError), " ")
	}
	id := head.Get(xroad.HeaderRequestID)
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, twice := s.answers[id]; id == "" || twice {
		s.wrong("an answer has the request id %q, which it must have alone", id)
		return ""
	}
	if !bytes.Contains(answer, []byte(`"found":true`)) {
		s.wrong("somebody of the register was not found: %.200s", answer)
	}
	s.answers[id] = accepted{sha256.Sum256(body), sha256.Sum256(answer)}
	s.times = append(s.times, took())
	return ""
}

// kill ends one node after the other as a power cut would, and starts it at once.
func (s *soakRun) kill(ctx context.Context) error {
	victims := []*member{s.authority, s.consumer, s.hub}
	tick := time.NewTicker(s.Every)
	defer tick.Stop()
	for i := 0; ; i++ {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if s.For-s.since() < s.Every/4 {
			return nil // what is killed is to be seen at work again
		}
		n := victims[i%len(victims)]
		k := Killed{Node: n.name(), At: s.since().Seconds()}
		s.mu.Lock()
		old := n.process
		s.mu.Unlock()
		select {
		case err := <-old.ended:
			old.ended <- err
			s.mu.Lock()
			s.wrong("%s ended by itself after %.0f s: %v", n.name(), k.At, err)
			s.mu.Unlock()
		default:
			_ = old.cmd.Process.Kill()
			old.ended <- <-old.ended
		}
		took := measure.Stopwatch()
		again, err := serve(context.WithoutCancel(ctx), n.dir, s.program, n.pages, "serve", "--config", n.in("dean06.toml"))
		if again != nil {
			s.mu.Lock()
			n.process = again.process
			s.mu.Unlock()
		}
		if err != nil {
			return fmt.Errorf("start %s again: %w", n.name(), err)
		}
		k.Back = took().Seconds()
		s.mu.Lock()
		s.out.Kills = append(s.out.Kills, k)
		s.mu.Unlock()
	}
}

// sample notes what each node takes.
func (s *soakRun) sample(ctx context.Context) {
	tick := time.NewTicker(soakSample)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		s.mu.Lock()
		for _, n := range s.all() {
			pid := n.cmd.Process.Pid
			files, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
			if err != nil || len(files) == 0 {
				continue // it was just killed, or there is no /proc
			}
			s.samples[n] = append(s.samples[n], sampled{s.since(), measure.ProcessOf(pid).RSS, len(files)})
		}
		s.mu.Unlock()
	}
}

// judge says whether all is as it must be.
func (s *soakRun) judge(ctx context.Context) error {
	s.out.Asked, s.out.NotSent, s.out.Accepted = s.asked.Load(), s.notSent.Load(), int64(len(s.answers))
	slices.Sort(s.times)
	if len(s.times) > 0 {
		s.out.P50 = measure.Milliseconds(measure.Percentile(s.times, 50))
		s.out.P99 = measure.Milliseconds(measure.Percentile(s.times, 99))
	}
	if s.out.Accepted < s.out.Asked/2 {
		s.wrong("only %d of %d calls were accepted", s.out.Accepted, s.out.Asked)
	}
	found := map[*member]*SoakedNode{}
	for _, n := range s.all() {
		found[n] = s.flat(n)
		if n != s.hub {
			s.verify(ctx, n, found[n]) // the hub, the witness, is still there
		}
	}
	s.verify(ctx, s.hub, found[s.hub])
	for _, n := range []*member{s.consumer, s.authority, s.hub} {
		if err := n.stop(); err != nil {
			s.wrong("%s did not end in good order: %.300s", n.name(), err)
		}
	}
	for _, n := range []*member{s.consumer, s.authority} {
		if err := s.logged(ctx, n, found[n]); err != nil {
			return err
		}
	}
	for _, n := range s.all() {
		s.out.Nodes = append(s.out.Nodes, *found[n])
	}
	return nil
}

// flat compares what a node took in the first third with the last.
func (s *soakRun) flat(n *member) *SoakedNode {
	list := slices.DeleteFunc(slices.Clone(s.samples[n]), func(x sampled) bool { return x.at < min(soakWarm, s.For/4) })
	out := &SoakedNode{Node: n.name(), Judged: s.For >= soakJudged}
	third := len(list) / 3
	if third == 0 {
		if out.Judged {
			s.wrong("nothing was measured of %s", n.name())
		}
		return out
	}
	took := func(list []sampled) (rss int64, files int) {
		a, b := make([]int64, len(list)), make([]int, len(list))
		for i, x := range list {
			a[i], b[i] = x.rss, x.files
		}
		slices.Sort(a)
		slices.Sort(b)
		return a[len(a)/2], b[0]
	}
	first, firstFiles := took(list[:third])
	last, lastFiles := took(list[len(list)-third:])
	out.FirstMB, out.LastMB, out.FirstFiles, out.LastFiles = float64(first)/1e6, float64(last)/1e6, firstFiles, lastFiles
	if !out.Judged {
		return out
	}
	if float64(last) > float64(first)*soakGrowth+soakMore {
		s.wrong("%s grew from %.0f to %.0f MB", n.name(), out.FirstMB, out.LastMB)
	}
	if lastFiles > firstFiles+soakFiles {
		s.wrong("%s had %d files open, and %d at the end", n.name(), firstFiles, lastFiles)
	}
	return out
}

// verify has the program check the node's logs.
func (s *soakRun) verify(ctx context.Context, n *member, out *SoakedNode) {
	cmd := exec.CommandContext(ctx, s.program, "log", "verify", "--db", n.db, "--config", n.in("dean06.toml"), "--json") //nolint:gosec // itself
	cmd.Dir = n.dir
	said, err := cmd.CombinedOutput()
	out.Verified = strings.TrimSpace(string(said))
	if err != nil {
		s.wrong("the logs of %s are not in order: %v: %.500s", n.name(), err, said)
	}
}

// logged holds every accepted answer against a node's message log.
func (s *soakRun) logged(ctx context.Context, n *member, out *SoakedNode) error {
	db, store, err := n.open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	type half struct{ request, answer bool }
	seen := make(map[string]half, len(s.answers))
	for at := int64(0); ; {
		list, err := store.Range(ctx, at, at+1000)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			out.Records = at
			break
		}
		for i := range list {
			c := &list[i].Commitment
			want, ok := s.answers[c.RequestID]
			if !ok {
				continue
			}
			h := seen[c.RequestID]
			if c.Kind == exchange.Request {
				h.request = h.request || c.Body == want.request
			} else {
				h.answer = h.answer || c.Body == want.answer && list[i].Fault == ""
			}
			seen[c.RequestID] = h
		}
		at = list[len(list)-1].Seq + 1
	}
	bytes, err := logBytes(ctx, db)
	if err != nil {
		return err
	}
	out.LogBytes = 2 * float64(bytes) / float64(max(1, out.Records))
	if out.ArchiveBytes, err = archiveBytes(ctx, n, store); err != nil {
		return err
	}
	first := ""
	for id := range s.answers {
		if h := seen[id]; !h.request || !h.answer {
			out.Missing++
			if first == "" || id < first {
				first = id
			}
		}
	}
	if out.Missing > 0 {
		s.wrong("%d of %d accepted answers are not in the log of %s as the caller had them, such as %s", out.Missing, len(s.answers), n.name(), first)
	}
	return nil
}
