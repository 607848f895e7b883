package events

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"syscall"
	"time"

	"dean06/internal/platform/clock"
	"dean06/internal/xroad"
)

// Allow lists the networks where events may be posted. None is this machine only.
type Allow []netip.Prefix

var loopback = Allow{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

func (a Allow) has(ip netip.Addr) bool {
	if len(a) == 0 {
		a = loopback
	}
	for _, p := range a {
		if p.Contains(ip.Unmap()) {
			return true
		}
	}
	return false
}

// check reads the URL of a subscription. Where a name leads is checked again when
// the connection is made.
func (a Allow) check(text string) error {
	u, err := url.Parse(text)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" || u.User != nil || u.Fragment != "" ||
		len(text) > 2000 {
		return errors.New("url is http or https, with a host and without a password")
	}
	if ip, err := netip.ParseAddr(u.Hostname()); err == nil && !a.has(ip) {
		return errors.New("url leads to where this gateway does not push")
	}
	return nil
}

// Pusher posts events to the systems of this node that want to be called. It asks
// the hub, so that nothing needs to reach in from outside.
//
// An answer 2xx settles an event. When the system is not there (it refuses the
// connection, or says 429, 502, 503 or 504) the event waits with the Pusher for as
// long as it takes; any other answer refuses it, and after some refusals it becomes a
// dead letter.
type Pusher struct {
	Client  Client
	Targets Targets
	Allow   Allow
	Log     *slog.Logger

	Posts   int           // at once; 16
	Wait    time.Duration // how long the hub may hold a call; 20 s
	Timeout time.Duration // of a post; 10 s
	Retry   time.Duration // the longest pause while a peer is away; 2 s

	once    sync.Once
	changed chan struct{}
	slots   chan struct{}
	http    *http.Client
}

func (p *Pusher) init() {
	p.once.Do(func() {
		def := func(d *time.Duration, v time.Duration) {
			if *d <= 0 {
				*d = v
			}
		}
		def(&p.Wait, 20*time.Second)
		def(&p.Timeout, 10*time.Second)
		def(&p.Retry, 2*time.Second)
		if p.Posts <= 0 {
			p.Posts = 16
		}
		if p.Log == nil {
			p.Log = slog.New(slog.DiscardHandler)
		}
		p.changed, p.slots = make(chan struct{}, 1), make(chan struct{}, p.Posts)
		d := net.Dialer{Timeout: 3 * time.Second, Control: func(_, address string, _ syscall.RawConn) error {
			at, err := netip.ParseAddrPort(address)
			if err != nil || !p.Allow.has(at.Addr()) {
				return errElsewhere
			}
			return nil
		}}
		p.http = &http.Client{
			Transport:     &http.Transport{DialContext: d.DialContext, MaxIdleConnsPerHost: 4, IdleConnTimeout: time.Minute},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			Timeout:       p.Timeout,
		}
	})
}

var errElsewhere = errors.New("events are not pushed to this address")

// Changed tells that Targets are others now.
func (p *Pusher) Changed() {
	p.init()
	select {
	case p.changed <- struct{}{}:
	default:
	}
}

// line is one subscription that is served.
type line struct {
	client, room xroad.ID
	eventType    string
	url          string
}

// Run serves all subscriptions until ctx ends.
func (p *Pusher) Run(ctx context.Context) error {
	p.init()
	defer p.http.CloseIdleConnections()
	running := map[line]context.CancelFunc{}
	var wg sync.WaitGroup
	defer wg.Wait()
	for {
		now, err := p.lines(ctx)
		if err != nil && ctx.Err() == nil {
			p.Log.Error("where to push cannot be read", "error", err)
		}
		if err == nil {
			for l, stop := range running {
				if !now[l] {
					stop()
					delete(running, l)
				}
			}
			for l := range now {
				if running[l] == nil {
					lineCtx, stop := context.WithCancel(ctx)
					running[l] = stop
					wg.Go(func() { p.serve(lineCtx, l) })
				}
			}
		}
		select {
		case <-ctx.Done():
			for _, stop := range running {
				stop()
			}
			return nil
		case <-p.changed:
		case <-time.After(30 * time.Second):
		}
	}
}

func (p *Pusher) lines(ctx context.Context) (map[line]bool, error) {
	out := map[line]bool{}
	err := p.Targets.Each(ctx, func(client, room xroad.ID, eventType, url string) error {
		out[line{client, room, eventType, url}] = true
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("events: read where to push: %w", err)
	}
	return out, nil
}

const firstRetry = 300 * time.Millisecond

// serve fetches and posts for one subscription, one event after another.
func (p *Pusher) serve(ctx context.Context, l line) {
	s := &serving{p: p, line: l, refused: map[string]uint64{}}
	wait := time.Duration(0)
	s.say = pull{Resume: true}
	defer s.last(ctx)
	for ctx.Err() == nil {
		items, err := s.talk(ctx, wait)
		switch {
		case ctx.Err() != nil:
			return
		case unwelcome(err): // not allowed yet, or no longer
			sleep(ctx, jitter(15*time.Second))
			continue
		case err != nil:
			pause := p.Retry
			if wait != 0 {
				p.Log.Warn("the hub is away", "room", l.room.String(), "event_type", l.eventType, "error", err)
				pause = min(pause, firstRetry) // it may only have been the link of before
			}
			wait, s.say.Resume = 0, true
			sleep(ctx, jitter(pause))
			continue
		}
		wait = p.Wait
		for i, it := range items {
			s.work(ctx, it, items[i+1:])
		}
	}
}

// last tells the hub what is settled when the Pusher stops, so that it does not come
// again after the next start.
func (s *serving) last(ctx context.Context) {
	if len(s.say.Ack)+len(s.say.Nak) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	s.say.Resume = false
	var none []Item
	if err := s.call(ctx, s.say, &none); err != nil {
		s.p.Log.Info("the hub was not told what is settled", "error", err)
	}
}

func jitter(d time.Duration) time.Duration { return d/2 + rand.N(d/2+1) }

// serving is the state of one subscription.
type serving struct {
	p *Pusher
	line
	say     pull              // to be told to the hub
	refused map[string]uint64 // how often the system refused an event
	seen    window
	spoke   time.Time
}

// talk tells the hub what is settled and asks for more. While the hub is away what
// is to be told stays.
func (s *serving) talk(ctx context.Context, wait time.Duration) ([]Item, error) {
	ask := s.say
	ask.Max, ask.Wait = 16, wait.Seconds()
	// A probe is short, so that a link that comes back is found at once.
	ctx, cancel := context.WithTimeout(ctx, wait+2500*time.Millisecond)
	defer cancel()
	var out []Item
	err := s.call(ctx, ask, &out)
	if err != nil {
		return nil, err
	}
	s.say = pull{}
	return out, nil
}

func (s *serving) call(ctx context.Context, ask pull, out *[]Item) error {
	err := s.p.Client.do(ctx, s.client, http.MethodPost, s.room, "pull/v1/"+url.PathEscape(s.eventType), ask, out)
	s.spoke = clock.System{}.Now()
	return err
}

// work brings one event to its end: settled or refused.
func (s *serving) work(ctx context.Context, it Item, rest []Item) {
	if s.seen.has(it) {
		s.say.Ack = append(s.say.Ack, it.ID)
		return
	}
	for ctx.Err() == nil {
		s.keep(ctx, it, rest)
		reason, away := s.post(ctx, it)
		switch {
		case ctx.Err() != nil:
			return
		case away:
			sleep(ctx, jitter(s.p.Retry))
		case reason != "":
			s.refused[it.ID]++
			s.say.Nak = append(s.say.Nak, refusal{it.ID, s.refused[it.ID], reason})
			if len(s.refused) > 10000 { // forgets, and so tries again
				clear(s.refused)
			}
			return
		default:
			delete(s.refused, it.ID)
			s.seen.add(it)
			s.say.Ack = append(s.say.Ack, it.ID)
			return
		}
	}
}

// keep tells the hub now and then what is done and what is still in work, so that it
// gives nothing out anew.
func (s *serving) keep(ctx context.Context, it Item, rest []Item) {
	if (clock.System{}).Now().Sub(s.spoke) < 8*time.Second {
		return
	}
	ask := s.say
	ask.Hold = []string{it.ID}
	for _, r := range rest {
		ask.Hold = append(ask.Hold, r.ID)
	}
	ctx, cancel := context.WithTimeout(ctx, 2500*time.Millisecond)
	defer cancel()
	var none []Item
	if s.call(ctx, ask, &none) == nil {
		s.say = pull{}
	}
}

// post hands one event to the system. reason is why it is refused; away says that
// nobody was there to refuse it.
func (s *serving) post(ctx context.Context, it Item) (reason string, away bool) {
	select {
	case s.p.slots <- struct{}{}:
		defer func() { <-s.p.slots }()
	case <-ctx.Done():
		return "", true
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(encode(it)))
	if err != nil {
		return "the url cannot be used", false
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Govstack-Event-Id", it.ID)
	r.Header.Set("X-Govstack-Event-Type", it.EventType)
	resp, err := s.p.http.Do(r)
	var dial *net.OpError
	switch {
	case errors.Is(err, errElsewhere):
		return errElsewhere.Error(), false
	case errors.As(err, &dial) && dial.Op == "dial":
		return "", true
	case err != nil:
		return "no answer", false
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10))
	switch c := resp.StatusCode; {
	case c/100 == 2:
		return "", false
	case c == http.StatusTooManyRequests, c == http.StatusBadGateway, c == http.StatusServiceUnavailable, c == http.StatusGatewayTimeout:
		return "", true
	default:
		return fmt.Sprintf("HTTP %d", resp.StatusCode), false
	}
}

// window remembers the last events that were settled. When the subscription begins
// anew, all of them count again.
type window struct {
	ids  map[string]bool
	ring []string
	next int
}

const windowSize = 4096

func seenAs(it Item) string { return fmt.Sprint(it.Round, " ", it.ID) }

func (w *window) has(it Item) bool { return w.ids[seenAs(it)] }

func (w *window) add(it Item) {
	id := seenAs(it)
	if w.ids == nil {
		w.ids = map[string]bool{}
	}
	if len(w.ring) < windowSize {
		w.ring = append(w.ring, id)
	} else {
		delete(w.ids, w.ring[w.next])
		w.ring[w.next] = id
		w.next = (w.next + 1) % windowSize
	}
	w.ids[id] = true
}
