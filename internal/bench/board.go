package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"dean06/internal/app"
	"dean06/internal/org"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/config"
	"dean06/internal/platform/measure"
	"dean06/internal/platform/node"
	"dean06/internal/platform/session"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinessnode"
)

// Board measures the pages of a board behind which many rounds lie.
type Board struct {
	Ground
	Program string // dean06 itself
	Rounds  int    // quarterly, of 85 agencies each
	Users   int    // at once
	For     time.Duration
	Runs    int // starts
	// Inside serves the pages in this process, so that a profile shows them.
	Inside bool
}

// Who reads the board.
const (
	login    = "tai"
	password = "do-tai-bang-dieu-hanh-06"
)

// full makes a database with all rounds and gives the configuration of a node on it. It
// makes each only once.
func (o Board) full(ctx context.Context) (file string, err error) {
	file = filepath.Join(o.Dir, strings.ToLower(o.Engine())+".toml")
	if _, err := os.Stat(file); err == nil {
		return file, nil
	}
	c, _, err := o.config(ctx) // it goes with the folder, or with the server
	if err != nil {
		return "", err
	}
	watch := &settable{}
	watch.set(clock.MustDate("2015-12-31"))
	n, house, err := app.Open(ctx, app.Board, node.Settings{Config: c, Clock: watch, Relaxed: true, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return "", err
	}
	err = o.fill(ctx, house, watch)
	if err == nil {
		err = n.Sessions.Seed(ctx, session.SeedAccount{Password: password, Draft: session.Draft{
			Login: login, Name: "Người Đo Tải", Email: "tai@dean06.example.vn", Roles: []string{readiness.Leader},
		}})
	}
	if err := errors.Join(err, n.Close()); err != nil {
		return "", err
	}
	return file, saved(file, c)
}

// saved writes the configuration of a node on what a benchmark has filled.
func saved(file string, c config.Config) error {
	text := fmt.Sprintf(`[db]
url = %q
[blob]
dir = %q
[mail]
dir = %q
[log]
level = "warn"
`, c.DB.URL.Reveal(), c.Blob.Dir, c.Mail.Dir)
	return os.WriteFile(file, []byte(text), 0o600)
}

// fill opens a round each quarter and has all 85 agencies answer it. From one round to
// the next, one in eight answers otherwise.
func (o Board) fill(ctx context.Context, b *app.Modules, watch *settable) error {
	r := b.Readiness.Register()
	letter, t, err := r.Letter(ctx, readinessnode.System(), "488")
	if err != nil {
		return err
	}
	given, err := givenAnswers(t)
	if err != nil {
		return err
	}
	random := rand.New(rand.NewPCG(6, 488)) //nolint:gosec // no secret: the same answers each time
	said := map[string]int{}
	agencies := b.Org.Agencies().Of(letter.Recipients.On, org.KindMinistry, org.KindProvince)
	for round := range o.Rounds {
		c := letter
		issued := clock.NewDate(2016, time.Month(1+3*round), 15)
		c.ID = quarter(round)
		c.Number, c.Issued, c.Due = c.ID+"/TEST", issued, issued.AddDays(30)
		c.Recipients = readiness.RecipientSet{On: letter.Recipients.On, Kinds: []string{readiness.Ministry, readiness.Province}}
		if round > 0 {
			c.Previous = quarter(round - 1)
		}
		watch.set(issued)
		if err := r.OpenCampaign(ctx, readinessnode.System(), c); err != nil {
			return err
		}
		for _, a := range agencies {
			fitting := given[readiness.FormKind(string(a.Kind()))]
			if round == 0 || random.IntN(8) == 0 {
				said[a.Code] = random.IntN(len(fitting))
			}
			if err := answer(ctx, r, c.ID, a.Code, inTime(t, fitting[said[a.Code]], issued)); err != nil {
				return fmt.Errorf("%s of %s: %w", a.Code, c.ID, err)
			}
		}
	}
	return nil
}

// inTime moves the months of a sample to a round of another year: what is met was done by
// then, what is not is expected within half a year. Else the rules of sense would ask about
// each of them.
func inTime(t *readiness.Template, ret readiness.Return, issued clock.Date) readiness.Return {
	ret = ret.Clone()
	ret.Letter = readiness.LetterRef{}
	for i := range ret.Answers {
		a := &ret.Answers[i]
		if a.ExpectedMonth == "" {
			continue
		}
		a.ExpectedMonth, a.Precision = readiness.MonthOf(issued), readiness.ByMonth
		if readiness.AnswerStatus(t, *a) != readiness.Met {
			a.ExpectedMonth = readiness.MonthOf(issued.AddDays(30 * (1 + i%6)))
		}
		a.Readings = nil
	}
	return ret
}

// quarter is the id of a round: "2016-1" is the first.
func quarter(round int) string { return fmt.Sprintf("%d-%d", 2016+round/4, 1+round%4) }

func answer(ctx context.Context, r *readiness.Register, campaign, agency string, ret readiness.Return) error {
	focal := actor.Actor{Account: login, Agency: agency, Roles: []string{readiness.FocalPoint}}
	rec, err := r.SubmitReturn(ctx, focal, campaign, agency, ret.Clone(), readiness.ByAPI)
	if err != nil {
		return err
	}
	_, err = r.Accept(ctx, readinessnode.System(), campaign, agency, len(rec.Versions))
	return err
}

// settable is a clock that stands where it was set and goes on by a second each time it
// is read.
type settable struct {
	mu sync.Mutex
	at time.Time
}

func (c *settable) set(d clock.Date) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = d.End().Add(-16 * time.Hour)
}

// Now is a second later than when it was asked before.
func (c *settable) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(time.Second)
	return c.at.UTC()
}

// pages are the addresses that users of the board read, the newest round most.
func (o Board) pages() []string {
	var out []string
	for i := range min(10, o.Rounds) { // the newest round and nine before it
		round := "/board/" + quarter(o.Rounds-1-i)
		kinds := []string{
			"", "/matrix", "/map", "/stages", "/change", "/causes", "/figure/provinces/network", "/figure/ministries/all_five",
			"/figure/provinces/security", "/agency/H55", "/agency/G14", "/agency/H04", "/matrix?geography=2025-07-01",
		}
		for _, k := range kinds {
			for range max(1, 10-3*i) { // weight
				out = append(out, round+k)
			}
		}
	}
	return out
}

// Start measures how soon a node serves a page from a database that is full.
func (o Board) Start(ctx context.Context) ([]Section, error) {
	file, err := o.full(ctx)
	if err != nil {
		return nil, err
	}
	var t timing
	var rss int64
	for range o.Runs {
		s, err := o.launch(ctx, file)
		if err != nil {
			return nil, err
		}
		cost := s.cost()
		t.runs, t.cpu, t.count, rss = append(t.runs, s.ready), t.cpu+cost.CPU, t.count+1, cost.RSS
		if err := s.stop(); err != nil {
			return nil, err
		}
	}
	return []Section{t.section("start", map[string]float64{"rounds": float64(o.Rounds), "rss_mb": megabytes(rss)})}, nil
}

func (o Board) launch(ctx context.Context, file string) (*site, error) {
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	return serve(ctx, o.Dir, o.Program, address, "serve", "--config", file, "--addr", address)
}

// Run reads the pages: each for the first time, then with users at once who pause or do
// not. It gives a page too, packed, for Static.
func (o Board) Run(ctx context.Context) (out []Section, page []byte, err error) {
	file, err := o.full(ctx)
	if err != nil {
		return nil, nil, err
	}
	url, cost, stop, err := o.node(ctx, file)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	r, err := signedIn(ctx, url, login, password)
	if err != nil {
		return nil, nil, err
	}
	visit := visitor(r.cookies(url))
	first, page, err := firstTime(ctx, url, o.pages(), cost, visit)
	if err != nil {
		return nil, nil, err
	}
	out = append(out, first)
	for _, m := range []measure.Load{{Callers: 5}, {Callers: o.Users, Pause: time.Second}, {Callers: o.Users}} {
		out = append(out, o.crowd(ctx, "board", url, m, cost, visit, o.pages()))
	}
	return out, page, nil
}

// node serves the board: the program itself, or this process when it is to be profiled.
func (o Board) node(ctx context.Context, file string) (url string, cost costs, stop func() error, err error) {
	if !o.Inside {
		s, err := o.launch(ctx, file)
		if err != nil {
			return "", nil, nil, err
		}
		return s.url, s.cost, s.stop, nil
	}
	c, problems := config.Load(app.Shape(), file, nil, nil)
	if len(problems) > 0 {
		return "", nil, nil, fmt.Errorf("%v", problems)
	}
	n, _, err := app.Open(ctx, app.Board, node.Settings{Config: c, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return "", nil, nil, err
	}
	ln, err := node.ListenAt(ctx, "http.addr", "127.0.0.1:0")
	if err != nil {
		return "", nil, nil, errors.Join(err, n.Close())
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- n.Serve(ctx, ln) }()
	return "http://" + ln.Addr().String(), own, func() error {
		cancel()
		return errors.Join(<-ended, n.Close())
	}, nil
}

// firstTime reads each page once, and gives the last.
func firstTime(ctx context.Context, url string, pages []string, cost costs, visit visitFunc) (s Section, page []byte, err error) {
	before := cost().CPU
	var t timing
	size, seen := 0, map[string]bool{}
	for _, path := range pages {
		if seen[path] {
			continue
		}
		seen[path] = true
		took := measure.Stopwatch()
		if page, err = visit(ctx, url+path); err != nil {
			return s, nil, err
		}
		t.each = append(t.each, took())
		size += len(page)
	}
	t.cpu, t.count = cost().CPU-before, len(seen)
	return t.section("board_first", map[string]float64{"pages": float64(len(seen)), "bytes_a_page": float64(size / len(seen))}), page, nil
}

// crowd has users read pages for a while. They begin one after another within the first
// second, as people do.
func (o Board) crowd(ctx context.Context, name, url string, l measure.Load, cost costs, visit visitFunc, pages []string) Section {
	l.For, l.Apart = o.For, time.Second
	dice := make([]*rand.Rand, l.Callers)
	for i := range dice {
		dice[i] = rand.New(rand.NewPCG(uint64(i), 6)) //nolint:gosec // no secret: the same pages each time
	}
	s := drive(ctx, name, l, map[string]costs{"node": cost}, func(ctx context.Context, caller, _ int) error {
		_, err := visit(ctx, url+pages[dice[caller].IntN(len(pages))])
		return err
	})
	s.Values["pause_seconds"] = l.Pause.Seconds()
	return s
}

// visitFunc gives a page as it came.
type visitFunc func(ctx context.Context, url string) ([]byte, error)

// visitor reads with a session's cookies. Pages stay packed: unpacking is the browser's
// work.
func visitor(cookies string) visitFunc {
	c := &http.Client{
		Transport:     &http.Transport{MaxIdleConnsPerHost: 1024, DisableCompression: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return func(ctx context.Context, url string) ([]byte, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return nil, err
		}
		req.Header.Set("Cookie", cookies)
		req.Header.Set("Accept-Encoding", "gzip")
		res, err := c.Do(req)
		if err != nil {
			return nil, err
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err == nil && res.StatusCode != http.StatusOK {
			err = fmt.Errorf("%s: %s", url, res.Status)
		}
		return body, err
	}
}
