package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/exchange/journal"
	"dean06/internal/xroad"
)

// Peer is the port where gateways meet. It must be served with TLS.
func (g *Gateway) Peer() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.TLS == nil {
			http.Error(w, "TLS only", http.StatusForbidden)
			return
		}
		sp, err := g.met(*r.TLS)
		if err != nil {
			http.Error(w, "unknown certificate", http.StatusForbidden)
			return
		}
		raw := rawTarget(r)
		switch {
		case strings.HasPrefix(raw, exchange.PathCall+prefixR1):
			g.receive(w, r, sp, raw[len(exchange.PathCall):])
		case raw == exchange.PathEcho:
			g.answerEcho(w, r, sp)
		default:
			http.NotFound(w, r)
		}
	})
}

// receive takes a call of another gateway.
func (g *Gateway) receive(w http.ResponseWriter, r *http.Request, sp exchange.Speaker, raw string) {
	req, e := g.readCall(r, raw)
	if e != nil {
		g.set.Log.Warn("message refused", "peer", sp.Gateway.ID, "code", string(e.Code), "error", e)
		http.Error(w, e.Text, http.StatusBadRequest) // not signed: it names nobody
		return
	}
	defer func() { req.body.Close() }()
	a, e := g.serveRead(r.Context(), req, sp, r)
	if e != nil {
		g.set.Log.Error("call cannot be answered", "peer", sp.Gateway.ID, "error", e)
		http.Error(w, e.Text, http.StatusServiceUnavailable)
		return
	}
	defer a.body.Close()
	h := wire(a.header)
	writeSignature(h, a.c)
	writeReply(w, req.c.Method, &reply{status: a.c.Status, header: h, body: a.body})
}

// readCall reads what names the call; the body is not looked at yet.
func (g *Gateway) readCall(r *http.Request, raw string) (*request, *xroad.Error) {
	bad := xroad.Errorf(xroad.ProviderBadMessage, "not a call of a gateway")
	t, e := parseTarget(raw)
	if e != nil {
		return nil, e
	}
	client, ok1 := one(r.Header, xroad.HeaderClient)
	service, ok2 := one(r.Header, xroad.HeaderService)
	id, ok3 := one(r.Header, xroad.HeaderID)
	requestID, ok4 := one(r.Header, xroad.HeaderRequestID)
	if !ok1 || !ok2 || !ok3 || !ok4 || id == "" || requestID == "" || !readable(id) || !readable(requestID) || len(requestID) > 64 ||
		service != t.service.String() {
		return nil, bad
	}
	req := &request{target: t}
	from, err := xroad.ParseID(client, 3, 4)
	if err != nil || from.String() != client {
		return nil, bad
	}
	req.header = unwire(r.Header, false)
	req.names = readNames(r.Header, req.header)
	req.c = exchange.Commitment{
		Kind: exchange.Request, Method: r.Method, Client: from, Service: t.service, MessageID: id, RequestID: requestID,
	}
	req.head = headText(r.Method+" "+raw, req.header)
	req.body = spoolBytes(nil)
	return req, req.words()
}

// serveRead reads the body and answers the call, a bad one with a refusal.
func (g *Gateway) serveRead(ctx context.Context, req *request, sp exchange.Speaker, r *http.Request) (*answer, *xroad.Error) {
	// One gateway that hangs, or means ill, leaves places to the others.
	peer := g.peers.get(sp.Gateway.ID)
	defer peer.serving.Add(-1)
	if int(peer.serving.Add(1)) > max(1, cap(g.serves)/2) {
		e := xroad.Errorf(xroad.ServiceFailed, "gateway %s has too many calls of gateway %s at once", g.set.ID, sp.Gateway.ID)
		g.metrics.count(exchange.Provider, e)
		return g.refuse(req, e)
	}
	if !enter(ctx, g.serves) {
		return nil, xroad.Errorf(xroad.ServiceFailed, "the gateway is busy")
	}
	defer func() { <-g.serves }()
	ctx, done := g.until(ctx)
	defer done()
	// Who sent it comes first: the signature is over the digest of the body, so that a
	// stranger's body is neither waited for nor put down.
	if e := g.verifyHead(req, sp, r.Header); e != nil {
		return g.refuseStranger(ctx, req, sp.Gateway.ID, e)
	}
	body, err := g.readBody(r.Body, sp.Gateway.Member.String(), true)
	if errors.Is(err, errTooLarge) {
		return g.refuseStranger(ctx, req, sp.Gateway.ID, xroad.Errorf(xroad.TooLarge, "the body is larger than %d bytes", g.set.MaxBody))
	}
	if errors.Is(err, errShare) {
		return g.refuseStranger(ctx, req, sp.Gateway.ID, xroad.Errorf(
			xroad.ServiceFailed, "gateway %s holds as much of large bodies of %s as it may", g.set.ID, sp.Gateway.Member).Because(err))
	}
	if errors.Is(err, errNoRoom) {
		return g.refuseStranger(
			ctx, req, sp.Gateway.ID, xroad.Errorf(xroad.ServiceFailed, "gateway %s has no room for the body", g.set.ID).Because(err),
		)
	}
	if err != nil {
		return g.refuseStranger(ctx, req, sp.Gateway.ID, xroad.Errorf(xroad.ProviderBadMessage, "the body did not arrive whole").Because(err))
	}
	req.body = body
	if e := g.verifyBody(ctx, req); e != nil {
		return g.refuseStranger(ctx, req, sp.Gateway.ID, e)
	}
	return g.serve(ctx, req, sp.Gateway.ID)
}

// verifyHead says whether the head of a call is what its signature says, and of whom it
// says. The body is not looked at yet: of that the call's commitment has what was signed.
func (g *Gateway) verifyHead(req *request, sp exchange.Speaker, h http.Header) *xroad.Error {
	now, v := g.now(), g.view.Load()
	if v.cfg.FreshAt(now) == exchange.Expired {
		return xroad.Errorf(xroad.ConfigurationOutdated, "the configuration of gateway %s is out of date", g.set.ID)
	}
	if e := v.counts(sp.KeyID, xroad.ProviderCertificate, now); e != nil {
		return e
	}
	bad := badRequest
	head, body, ok := readDigests(h)
	req.c.Head, req.c.Body = exchange.HeadDigest(req.head), body
	switch {
	case !ok || !readSignature(h, &req.c):
		return bad("is not signed")
	case req.c.Head != head:
		return bad("has other headers than those that were signed")
	}
	by, ok := g.speaker(req.c.KeyID)
	if !ok || by.Gateway.ID != sp.Gateway.ID {
		return bad("is signed by another gateway than the one that sent it")
	}
	if by.KeyID != sp.KeyID {
		if e := v.counts(by.KeyID, xroad.ProviderCertificate, now); e != nil {
			return e
		}
	}
	if req.c.Check() != nil || req.c.Verify(by.Key) != nil {
		return bad("has a signature that does not fit")
	}
	if name, found := pretender(h); found { // its gateway lies: an honest one refuses it
		return xroad.Errorf(
			xroad.ProviderBadMessage, "header %.60q could be taken for one of X-Road's or of this exchange's, and is none", name,
		)
	}
	if !speaksFor(by.Gateway, req.c.Client) {
		return bad("is signed by gateway " + by.Gateway.ID + ", which does not speak for " + req.c.Client.String())
	}
	return skew(req.c.Created, now, by.Gateway.ID)
}

func badRequest(text string) *xroad.Error {
	return xroad.Errorf(xroad.ProviderSignature, "the request %s", text)
}

// verifyBody says whether the body is the one that was signed, and the call new.
func (g *Gateway) verifyBody(ctx context.Context, req *request) *xroad.Error {
	if req.c.Body != req.body.sum256 {
		return badRequest("has another body than the one that was signed")
	}
	now := g.now()
	replayed := xroad.Errorf(xroad.Replayed, "this request has been received before")
	if !g.replay.meet(now, req.c.RequestID, req.c.Nonce) {
		return replayed
	}
	if !g.replay.reaches(time.Unix(req.c.Created, 0)) {
		switch met, err := g.logged(ctx, req.c.RequestID); {
		case err != nil:
			return xroad.Errorf(xroad.ProviderLogFailed, "whether this request has been received before cannot be told now").Because(err)
		case met:
			return replayed
		}
	}
	return nil
}

// refuseStranger answers a request that is not to be believed: the refusal is
// logged, the request is not.
func (g *Gateway) refuseStranger(ctx context.Context, req *request, peer string, e *xroad.Error) (*answer, *xroad.Error) {
	g.set.Log.Warn("message refused", "peer", peer, "code", string(e.Code), "request_id", req.c.RequestID, "reason", e.Text)
	a, se := g.refuse(req, e)
	if se != nil {
		return nil, se
	}
	t := times{requestIn: g.now(), responseOut: g.now()}
	refused := entry{Entry: journal.Entry{Records: []exchange.Record{req.responseRecord(exchange.Provider, peer, a, t)}}}
	if err := g.log.write(context.WithoutCancel(ctx), refused); err != nil {
		return g.unlogged(req, err)
	}
	g.metrics.observe(exchange.Provider, e, t.responseOut.Sub(t.requestIn))
	return a, nil
}

// unlogged is the refusal when the log cannot be written: it is signed, so that the
// other side can believe it, and tells nothing of the service.
func (g *Gateway) unlogged(req *request, err error) (*answer, *xroad.Error) {
	e := xroad.Errorf(xroad.ProviderLogFailed, "the message log of gateway %s cannot be written; nothing is answered", g.set.ID).Because(err)
	g.metrics.count(exchange.Provider, e)
	return g.refuse(req, e)
}

// serve decides, logs, calls the service, logs again, and gives the signed answer.
func (g *Gateway) serve(ctx context.Context, req *request, peer string) (*answer, *xroad.Error) {
	t := times{requestIn: g.now()}
	s, ruling, refused := g.decide(ctx, req, t.requestIn)
	request := entry{Entry: journal.Entry{
		Records: []exchange.Record{req.requestRecord(exchange.Provider, peer, ruling.Right.ID)}, Sealed: g.keep(&req.message),
	}}
	if refused != nil {
		return g.refuseKnown(ctx, req, peer, refused, t, request)
	}
	if !ruling.Window.IsZero() {
		request.Use = &exchange.Use{RightID: ruling.Right.ID, Window: ruling.Window, Calls: ruling.Taken}
	}
	if err := g.log.write(ctx, request); err != nil {
		g.quotas.giveBack(ruling)
		return g.unlogged(req, err)
	}
	t.requestOut = g.now()
	var r *reply
	var e *xroad.Error
	if xroad.IsMeta(req.c.Service.Service) {
		r, e = g.meta(req)
	} else {
		r, e = g.forward(ctx, s, req, ruling.Right)
	}
	t.responseIn = g.now()
	if e != nil {
		return g.refuseKnown(ctx, req, peer, e, t, entry{})
	}
	if r.length != "" {
		r.header[exchange.HeaderLength] = []string{r.length}
	}
	a := &answer{message: message{header: r.header, body: r.body}, right: ruling.Right.ID, serviceType: s.Type}
	if e := g.seal(req, a, r.status); e != nil {
		a.body.Close()
		return nil, e
	}
	return g.finish(ctx, req, peer, a, t, entry{Entry: journal.Entry{Sealed: g.keep(&a.message), Use: g.remainder(ruling, r)}})
}

// refuseKnown refuses a request that is what it says, and logs both halves.
func (g *Gateway) refuseKnown(
	ctx context.Context, req *request, peer string, e *xroad.Error, t times, before entry,
) (*answer, *xroad.Error) {
	a, se := g.refuse(req, e)
	if se != nil {
		return nil, se
	}
	g.complain(exchange.Provider, e, req.c.RequestID)
	return g.finish(ctx, req, peer, a, t, before)
}

// finish logs an answer, after what is in the entry already.
func (g *Gateway) finish(ctx context.Context, req *request, peer string, a *answer, t times, e entry) (*answer, *xroad.Error) {
	t.responseOut = g.now()
	e.Records = append(e.Records, req.responseRecord(exchange.Provider, peer, a, t))
	if err := g.log.write(context.WithoutCancel(ctx), e); err != nil {
		a.body.Close()
		return g.unlogged(req, err)
	}
	g.metrics.observe(exchange.Provider, a.fault, t.responseOut.Sub(t.requestIn))
	return a, nil
}

// readRefusal reads what a provider's gateway says. Only the code is needed.
func readRefusal(code string, body *spool) *xroad.Error {
	e := &xroad.Error{Code: xroad.ParseCode(code), Text: "refused by the other gateway"}
	var r refusal
	if b, err := body.all(64 << 10); err == nil && json.Unmarshal(b, &r) == nil && r.Message != "" {
		e.Text = r.Message
	}
	return e
}
