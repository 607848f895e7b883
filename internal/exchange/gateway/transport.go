package gateway

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/xroad"
)

const (
	connectionsPerPeer = 2
	dialTimeout        = 5 * time.Second
	faultForgotten     = time.Minute // a peer that failed is tried last for so long
)

// peers are the other gateways as this one has met them.
type peers struct {
	g  *Gateway
	mu sync.Mutex
	by map[string]*peer
}

type peer struct {
	make    func() *links
	links   atomic.Pointer[links]
	turn    atomic.Uint32
	serving atomic.Int32 // calls of it that are under way here

	mu              sync.Mutex
	lastOK, lastTry time.Time
	fault           string
}

// links are the connections to a peer, used in turn.
type links [connectionsPerPeer]*http.Transport

func (p *peers) init(g *Gateway) { p.g, p.by = g, map[string]*peer{} }

func (p *peers) get(id string) *peer {
	p.mu.Lock()
	defer p.mu.Unlock()
	if found := p.by[id]; found != nil {
		return found
	}
	made := &peer{make: func() *links { return p.links(id) }}
	made.links.Store(made.make())
	p.by[id] = made
	return made
}

func (p *peers) links(id string) *links {
	l := &links{}
	for i := range l {
		l[i] = &http.Transport{
			TLSClientConfig:     p.g.clientTLS(id),
			DialContext:         (&net.Dialer{Timeout: dialTimeout}).DialContext,
			TLSHandshakeTimeout: dialTimeout,
			ForceAttemptHTTP2:   true,
			DisableCompression:  true,
			IdleConnTimeout:     10 * time.Minute,
			HTTP2:               &http.HTTP2Config{SendPingTimeout: p.g.set.PingAfter, PingTimeout: 3 * p.g.set.PingAfter},
		}
	}
	return l
}

func (p *peers) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, one := range p.by {
		one.links.Load().close()
	}
}

func (l *links) close() {
	for _, t := range l {
		t.CloseIdleConnections()
	}
}

// renew gives up links of which one has broken: whatever broke it, a peer that was
// started anew or a way that was cut, has most likely broken the others too. Calls
// that are under way on them are left alone.
func (p *peer) renew(broken *links) {
	if p.links.CompareAndSwap(broken, p.make()) {
		broken.close()
	}
}

// renew gives up all links: this gateway speaks with another certificate.
func (p *peers) renew() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, one := range p.by {
		one.renew(one.links.Load())
	}
}

func (p *peer) note(at time.Time, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lastTry = at
	if err == nil {
		p.lastOK, p.fault = at, ""
		return
	}
	p.fault = err.Error()
}

func (p *peer) lately(now time.Time) (failed bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.fault != "" && now.Sub(p.lastTry) < faultForgotten
}

// order puts gateways that can be tried in the order to try them.
func (g *Gateway) order(to []exchange.Gateway) []exchange.Gateway {
	if len(to) == 1 {
		return to
	}
	now := g.now()
	bad := func(p exchange.Gateway) int {
		switch {
		case p.ID == g.set.ID:
			return 0
		case g.peers.get(p.ID).lately(now):
			return 2
		}
		return 1
	}
	list := slices.Clone(to)
	slices.SortStableFunc(list, func(a, b exchange.Gateway) int { return bad(a) - bad(b) })
	return list
}

// send carries a request to the first gateway that takes it and gives the verified
// answer, and which gateway it was.
func (g *Gateway) send(ctx context.Context, to []exchange.Gateway, req *request) (a *answer, peer string, e *xroad.Error) {
	for _, p := range g.order(to) {
		if p.ID == g.set.ID {
			a, e = g.serve(ctx, req, g.set.ID)
			return a, p.ID, e
		}
		var sent bool
		a, sent, e = g.sendTwice(ctx, p, req)
		if e == nil || sent || ctx.Err() != nil {
			return a, p.ID, e
		}
		peer = p.ID
	}
	return nil, peer, e
}

// sendTwice sends the same message once more when the connection breaks, as it does
// when the other gateway was started anew. That is safe: a gateway takes a message
// once, and says so when it has it already.
func (g *Gateway) sendTwice(ctx context.Context, p exchange.Gateway, req *request) (a *answer, sent bool, e *xroad.Error) {
	a, sent, e = g.sendTo(ctx, p, req)
	if e == nil || e.Code != xroad.NetworkError || ctx.Err() != nil {
		return a, sent, e
	}
	again, sentAgain, e2 := g.sendTo(ctx, p, req)
	if e2 == nil && sent && again.fault != nil && again.fault.Code == xroad.Replayed {
		again.body.Close()
		return nil, true, xroad.Errorf(
			xroad.NetworkError, "the connection broke after gateway %s had the request; whether the service did what was asked is not known", p.ID,
		).Because(e)
	}
	return again, sent || sentAgain, e2
}

// sendTo sends to one gateway. sent says that something may have arrived there.
func (g *Gateway) sendTo(ctx context.Context, p exchange.Gateway, req *request) (_ *answer, sent bool, _ *xroad.Error) {
	h := wire(req.header)
	writeNames(h, req.names)
	writeSignature(h, req.c)
	h["User-Agent"] = []string{""}
	var wrote atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { wrote.Store(true) }})
	path, _, _ := strings.Cut(req.target.raw, "?")
	if path != exchange.PathEcho {
		path = exchange.PathCall + path
	}
	r := (&http.Request{
		Method: req.c.Method, Header: h, Host: p.Address, Body: http.NoBody,
		URL: &url.URL{
			Scheme: "https", Host: p.Address, Opaque: path, RawQuery: strings.TrimPrefix(req.target.query, "?"), ForceQuery: req.target.query == "?",
		},
	}).WithContext(ctx)
	if req.body.size > 0 {
		r.Body, r.ContentLength = req.body.open(), req.body.size
	}
	peer := g.peers.get(p.ID)
	links := peer.links.Load()
	resp, err := links[peer.turn.Add(1)%connectionsPerPeer].RoundTrip(r)
	if err != nil {
		if wrote.Load() && ctx.Err() == nil {
			peer.renew(links)
		}
		e := networkError(ctx, p.ID, err)
		peer.note(g.now(), e)
		return nil, wrote.Load(), e
	}
	defer resp.Body.Close()
	body, err := g.readBody(resp.Body, p.Member.String(), false)
	switch {
	case errors.Is(err, errTooLarge):
		return nil, true, xroad.Errorf(xroad.ConsumerTooLarge, "the answer is larger than %d bytes", g.set.MaxBody)
	case errors.Is(err, errNoRoom):
		return nil, true, xroad.Errorf(
			xroad.ConsumerInternal, "the service has answered, but this gateway has no room for the answer",
		).Because(err)
	case err != nil:
		e := networkError(ctx, p.ID, err)
		peer.note(g.now(), e)
		return nil, true, e
	}
	peer.note(g.now(), nil)
	a := &answer{message: message{header: unwire(resp.Header, true), body: body}}
	if e := g.verifyAnswer(p, req, resp, a); e != nil {
		body.Close()
		return nil, true, e
	}
	return a, true, nil
}

// networkError says why nothing came back.
func networkError(ctx context.Context, peer string, err error) *xroad.Error {
	if e := (*xroad.Error)(nil); errors.As(err, &e) {
		return e
	}
	switch {
	case strings.Contains(err.Error(), "remote error: tls"):
		return xroad.Errorf(xroad.PeerCertificate, "gateway %s does not accept the certificate of this gateway", peer).Because(err)
	case errors.Is(context.Cause(ctx), errStopping):
		return xroad.Errorf(
			xroad.NetworkError, "this gateway stops before gateway %s has answered; whether the service did what was asked is not known", peer,
		).Because(err)
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return xroad.Errorf(xroad.NetworkError, "gateway %s did not answer in time", peer).Because(err)
	case ctx.Err() != nil:
		return xroad.Errorf(xroad.NetworkError, "the client went away before gateway %s answered", peer).Because(err)
	}
	return xroad.Errorf(xroad.NetworkError, "gateway %s cannot be reached, or the connection broke", peer).Because(err)
}

// verifyAnswer holds an answer against the request and the configuration.
func (g *Gateway) verifyAnswer(p exchange.Gateway, req *request, resp *http.Response, a *answer) *xroad.Error {
	bad := func(text string) *xroad.Error {
		return xroad.Errorf(xroad.ConsumerSignature, "the answer of gateway %s %s", p.ID, text)
	}
	a.head = headText(strconv.Itoa(resp.StatusCode), a.header)
	a.c = req.commitResponse(resp.StatusCode)
	head, body, ok := readDigests(resp.Header)
	if !ok {
		return bad("is not signed")
	}
	a.c.Head, a.c.Body = exchange.HeadDigest(a.head), a.body.sum256
	code, refused := one(resp.Header, xroad.HeaderError)
	if hash, ok := one(resp.Header, xroad.HeaderRequestHash); refused && ok {
		a.c.RequestHash = hash // a refusal may be of a request that came in pieces; the request id ties it
	}
	for name, want := range map[string]string{
		xroad.HeaderClient: a.c.Client.String(), xroad.HeaderService: a.c.Service.String(), xroad.HeaderID: a.c.MessageID,
		xroad.HeaderRequestID: a.c.RequestID, xroad.HeaderRequestHash: a.c.RequestHash,
	} {
		if got, ok := one(resp.Header, name); !ok || got != want {
			return bad("belongs to another request")
		}
	}
	switch {
	case !readSignature(resp.Header, &a.c):
		return bad("is not signed")
	case a.c.Body != body:
		return bad("has another body than the one that was signed")
	case a.c.Head != head:
		return bad("has other headers than those that were signed")
	}
	sp, ok := g.speaker(a.c.KeyID)
	if !ok || sp.Gateway.ID != p.ID {
		return bad("is signed by somebody else")
	}
	if a.c.Check() != nil || a.c.Verify(sp.Key) != nil {
		return bad("has a signature that does not fit")
	}
	now := g.now()
	if e := g.view.Load().counts(sp.KeyID, xroad.PeerCertificate, now); e != nil {
		return e
	}
	if e := skew(a.c.Created, now, p.ID); e != nil {
		return e
	}
	if refused {
		a.fault = readRefusal(code, a.body)
	}
	return nil
}

// skew says whether two clocks are too far apart.
func skew(created int64, now time.Time, signer string) *xroad.Error {
	d := now.Sub(time.Unix(created, 0)).Truncate(time.Second)
	switch {
	case d > exchange.MaxSkew:
		return xroad.Errorf(
			xroad.ClockSkew, "gateway %s signed %s before the clock of this gateway; clocks may differ by %s", signer, d, exchange.MaxSkew,
		)
	case d < -exchange.MaxSkew:
		return xroad.Errorf(
			xroad.ClockSkew, "gateway %s signed %s after the clock of this gateway; clocks may differ by %s", signer, -d, exchange.MaxSkew,
		)
	}
	return nil
}
