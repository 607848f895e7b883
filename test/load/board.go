//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"dean06/internal/app"
	"dean06/internal/org"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/session"
	"dean06/internal/readiness"
)

const (
	login    = "tai"
	password = "do-tai-bang-dieu-hanh-06"
)

// full makes a database with all rounds and gives the configuration of a node
// on it. It makes each only once.
func (b *bench) full(ctx context.Context, engine string) (config string, err error) {
	config = filepath.Join(b.dir, strings.ToLower(engine)+".toml")
	if _, err := os.Stat(config); err == nil {
		return config, nil
	}
	s, _, err := b.place(ctx, engine)
	if err != nil {
		return "", err
	}
	watch := &settable{}
	watch.set(clock.MustDate("2015-12-31"))
	s.Clock, s.Relaxed = watch, true
	n, err := app.Open(ctx, s)
	if err != nil {
		return "", err
	}
	if err := b.fillRounds(ctx, n, watch); err != nil {
		return "", err
	}
	account := session.SeedAccount{Password: password, Draft: session.Draft{
		Login: login, Name: "Người Đo Tải", Email: "tai@dean06.example.vn",
		Roles: []string{readiness.Leader},
	}}
	if err := session.New(n.DB, n.Clock, session.Options{}).Seed(ctx, account); err != nil {
		return "", err
	}
	if err := n.Close(); err != nil {
		return "", err
	}
	text := fmt.Sprintf("[db]\nurl = %q\n[blob]\ndir = %q\n[mail]\ndir = %q\n[log]\nlevel = \"warn\"\n", s.DB,
		filepath.Join(b.dir, "blobs"), filepath.Join(b.dir, "mail"))
	return config, os.WriteFile(config, []byte(text), 0o600)
}

// fillRounds opens a round each quarter and has all 85 agencies answer it. From
// one round to the next, one in eight answers otherwise.
func (b *bench) fillRounds(ctx context.Context, n *app.Node, watch *settable) error {
	t, err := n.Store.Template(ctx, "488/1")
	if err != nil {
		return err
	}
	given, err := answers(t)
	if err != nil {
		return err
	}
	letter, err := n.Store.Campaign(ctx, "488")
	if err != nil {
		return err
	}
	random := rand.New(rand.NewPCG(6, 488))
	said := map[string]int{}
	agencies := n.Agencies.Of(letter.Recipients.On, org.KindMinistry, org.KindProvince)
	for round := range b.rounds {
		c := letter
		issued := clock.NewDate(2016, time.Month(1+3*round), 15)
		c.ID = quarter(round)
		c.Number, c.Issued, c.Due = c.ID+"/TEST", issued, issued.AddDays(30)
		c.Recipients = readiness.RecipientSet{On: letter.Recipients.On, Kinds: []string{readiness.Ministry, readiness.Province}}
		if round > 0 {
			c.Previous = quarter(round - 1)
		}
		watch.set(issued)
		if err := n.Register.OpenCampaign(ctx, app.System, c); err != nil {
			return err
		}
		for _, a := range agencies {
			fitting := given[readiness.FormKind(string(a.Kind()))]
			if round == 0 || random.IntN(8) == 0 {
				said[a.Code] = random.IntN(len(fitting))
			}
			if err := answer(ctx, n, c.ID, a.Code, fitting[said[a.Code]]); err != nil {
				return err
			}
		}
	}
	return nil
}

// quarter is the id of a round: "2016-1" is the first.
func quarter(round int) string { return fmt.Sprintf("%d-%d", 2016+round/4, 1+round%4) }

func answer(ctx context.Context, n *app.Node, campaign, agency string, ret readiness.Return) error {
	focal := actor.Actor{Account: "tai", Agency: agency, Roles: []string{readiness.FocalPoint}}
	rec, err := n.Register.SubmitReturn(ctx, focal, campaign, agency, ret.Clone(), readiness.ByAPI)
	if err != nil {
		return fmt.Errorf("%s of %s: %w", agency, campaign, err)
	}
	_, err = n.Register.Accept(ctx, app.System, campaign, agency, len(rec.Versions))
	return err
}

// pages are the addresses that users of the board read, the newest round most.
func (b *bench) pages() []string {
	var out []string
	for i := range min(10, b.rounds) { // the newest round and nine before it
		round := "/board/" + quarter(b.rounds-1-i)
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

// board measures the pages of the board with many readers at once.
func (b *bench) board(ctx context.Context) error {
	var page []byte
	for _, engine := range b.engines() {
		config, err := b.full(ctx, engine)
		if err != nil {
			return err
		}
		p, err := b.node(ctx, config)
		if err != nil {
			return err
		}
		cookie, err := p.cookie(ctx)
		if err != nil {
			return err
		}
		visit := b.visit(cookie)
		cold := row{what: "board, each page for the first time, " + engine}
		before := p.cpu()
		size, seen := 0, map[string]bool{}
		for _, path := range b.pages() {
			if seen[path] {
				continue
			}
			seen[path] = true
			began := time.Now()
			body, err := visit(ctx, p.url+path)
			if err != nil {
				return err
			}
			cold.ops = append(cold.ops, time.Since(began))
			size += len(body)
			page = body
		}
		cold.cpu, cold.count = p.cpu()-before, len(seen)
		cold.note = fmt.Sprintf("one reader, %d pages, %d KB each on the wire", len(seen), size/len(seen)>>10)
		b.add(cold)
		for _, m := range []struct {
			users  int
			pause  time.Duration
			target string
		}{{5, 0, ""}, {b.users, time.Second, "p95 100 ms"}, {b.users, 0, "p95 100 ms"}} {
			r := row{what: fmt.Sprintf("board, %d users, %s, %s", m.users, pauseText(m.pause), engine), target: m.target}
			if err := b.crowd(ctx, &r, p, m.users, m.pause, visit, b.pages()); err != nil {
				return err
			}
			b.add(r)
		}
		if err := p.stop(); err != nil {
			return err
		}
	}
	return b.floor(ctx, page)
}

// node serves the board: the program itself, or this process when it is to be profiled.
func (b *bench) node(ctx context.Context, config string) (*process, error) {
	if b.profiled {
		return b.inside(ctx, config)
	}
	p, _, err := b.launch(ctx, "serve", "--config", config, "--addr", "ADDR")
	return p, err
}

func pauseText(d time.Duration) string {
	if d == 0 {
		return "no pause"
	}
	return fmt.Sprintf("a page every %v or so", d)
}

// cookie signs in once and gives the session.
func (p *process) cookie(ctx context.Context) (string, error) {
	r, err := p.reader()
	if err != nil {
		return "", err
	}
	if err := r.signIn(ctx, login, password); err != nil {
		return "", err
	}
	req, err := http.NewRequest(http.MethodGet, p.url, nil)
	if err != nil {
		return "", err
	}
	var out []string
	for _, c := range r.Jar.Cookies(req.URL) {
		out = append(out, c.Name+"="+c.Value)
	}
	return strings.Join(out, "; "), nil
}

// visit gives a page as it came, packed: unpacking is the browser's work.
func (b *bench) visit(cookie string) func(ctx context.Context, url string) ([]byte, error) {
	client := &http.Client{
		Transport:     &http.Transport{MaxIdleConnsPerHost: b.users, DisableCompression: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return func(ctx context.Context, url string) ([]byte, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return nil, err
		}
		req.Header.Set("Cookie", cookie)
		req.Header.Set("Accept-Encoding", "gzip")
		res, err := client.Do(req)
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

// crowd has users read pages for a while, each over a connection of its own.
// They begin one after another within the first second, as people do.
func (b *bench) crowd(ctx context.Context, r *row, p *process, users int, pause time.Duration, visit func(context.Context, string) ([]byte, error), pages []string) error {
	var mu sync.Mutex
	var wg sync.WaitGroup
	var failed error
	began, cpu, own := time.Now(), p.cpu(), start()
	for u := range users {
		wg.Go(func() {
			random := rand.New(rand.NewPCG(uint64(u), 6))
			time.Sleep(time.Duration(random.Int64N(int64(time.Second))))
			var took []time.Duration
			var err error
			for err == nil && time.Since(began) < b.period {
				at := time.Now()
				_, err = visit(ctx, p.url+pages[random.IntN(len(pages))])
				took = append(took, time.Since(at))
				if pause > 0 {
					time.Sleep(pause/2 + time.Duration(random.Int64N(int64(pause))))
				}
			}
			mu.Lock()
			defer mu.Unlock()
			r.ops, failed = append(r.ops, took...), errors.Join(failed, err)
		})
	}
	wg.Wait()
	wall := time.Since(began)
	_, clients := own.stop()
	r.cpu, r.count = p.cpu()-cpu, len(r.ops)
	r.note = fmt.Sprintf("%d pages, %.0f a second; the users themselves took %s of processor a page; %.0f MB resident", len(r.ops),
		float64(len(r.ops))/wall.Seconds(), show(clients/time.Duration(max(1, len(r.ops)))), float64(p.memory("VmRSS"))/1e6)
	return failed
}

// floor measures a server that does nothing but hand out one packed page of
// the board from memory, with the same users: what no program can beat here.
func (b *bench) floor(ctx context.Context, page []byte) error {
	file := filepath.Join(b.dir, "page.html.gz")
	if err := os.WriteFile(file, page, 0o600); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	was := b.program
	b.program = self
	p, _, err := b.launch(ctx, "floor", file+"@ADDR")
	b.program = was
	if err != nil {
		return err
	}
	r := row{what: fmt.Sprintf("for comparison: one static page of %d KB from memory, %d users, no pause", len(page)>>10, b.users)}
	if err := b.crowd(ctx, &r, p, b.users, 0, b.visit(""), []string{"/page"}); err != nil {
		return err
	}
	b.add(r)
	err = p.cmd.Process.Kill()
	_ = p.cmd.Wait() // says that it was killed
	return err
}

// floor serves a packed file; arg is FILE@ADDR.
func floor(ctx context.Context, arg string) error {
	file, addr, _ := strings.Cut(arg, "@")
	page, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	server := &http.Server{
		Addr: addr, BaseContext: func(net.Listener) context.Context { return ctx }, ReadHeaderTimeout: time.Minute,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Header().Set("Content-Encoding", "gzip")
			w.Header().Set("Content-Length", strconv.Itoa(len(page)))
			_, _ = w.Write(page)
		}),
	}
	return server.ListenAndServe()
}
