package gateway

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/netip"
	"slices"
	"strconv"

	"github.com/google/uuid"

	"dean06/internal/exchange"
	"dean06/internal/exchange/journal"
	"dean06/internal/xroad"
)

// Local is the port for local systems: X-Road's REST protocol, behind faces that each
// answer what is theirs and leave the rest to the next. Who may come in, and as whom,
// the Door says, to all of them.
func (g *Gateway) Local(faces ...func(next http.Handler) http.Handler) http.Handler {
	var own http.Handler = http.HandlerFunc(g.answerLocal)
	for _, face := range slices.Backward(faces) {
		own = face(own)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, e := g.enterBy(r)
		if e != nil {
			g.tell(w, r.Method, g.turnAway(e, newDetail(), r.Header["Accept"]))
			return
		}
		own.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), callerKey{}, c)))
	})
}

// answerLocal answers a local system that came in by the door.
func (g *Gateway) answerLocal(w http.ResponseWriter, r *http.Request) {
	r, govStack, e := spokenAsGovStack(r)
	if e != nil {
		g.tell(w, r.Method, g.turnAway(e, newDetail(), r.Header["Accept"]))
		return
	}
	switch r.URL.Path {
	case "/listClients":
		g.tell(w, r.Method, g.listClients(r, govStack))
	case PathMonitoring:
		g.tell(w, r.Method, g.monitor(r))
	default:
		if other := g.otherWay(r); other != nil {
			g.tell(w, r.Method, other)
			return
		}
		if govStack {
			g.tell(w, r.Method, g.askAsGovStack(r))
			return
		}
		g.tell(w, r.Method, g.ask(r.Context(), r))
	}
}

func (g *Gateway) trusted(remote string) bool {
	if len(g.set.TrustedLocal) == 0 {
		return true
	}
	at, err := netip.ParseAddrPort(remote)
	return err == nil && slices.ContainsFunc(g.set.TrustedLocal, func(p netip.Prefix) bool { return p.Contains(at.Addr().Unmap()) })
}

// tell writes a reply. It is given away with that.
func (g *Gateway) tell(w http.ResponseWriter, method string, r *reply) {
	defer r.body.Close()
	if method == http.MethodHead && r.body.size > 0 && r.header[xroad.HeaderError] == nil { // what this gateway tells of the exchange
		r.length = strconv.FormatInt(r.body.size, 10)
	}
	writeReply(w, method, r)
}

func writeReply(w http.ResponseWriter, method string, r *reply) {
	h := w.Header()
	for name, values := range r.header {
		h[name] = values
	}
	if _, ok := h["Content-Type"]; !ok {
		h["Content-Type"] = nil // do not guess
	}
	if bodyless(method, r.status) {
		if r.length != "" {
			h["Content-Length"] = []string{r.length}
		}
		w.WriteHeader(r.status)
		return
	}
	h["Content-Length"] = []string{strconv.FormatInt(r.body.size, 10)}
	w.WriteHeader(r.status)
	if b, ok := r.body.bytes(); ok {
		_, _ = w.Write(b) // the reader is gone when it fails, and nobody is left to be told
		return
	}
	body := r.body.open()
	defer body.Close()
	_, _ = io.Copy(w, body.Reader)
}

// Call is what a local system asks, without the socket between. The body of the
// answer must be closed. Errors of the gateway are answers as they are for a local system.
func (g *Gateway) Call(ctx context.Context, r *http.Request) (*http.Response, error) {
	rep := g.ask(ctx, r)
	size := rep.body.size
	if rep.length != "" {
		rep.header["Content-Length"] = []string{rep.length}
		size, _ = strconv.ParseInt(rep.length, 10, 64) // lengthOf has read it
	}
	return &http.Response{
		Status: strconv.Itoa(rep.status) + " " + http.StatusText(rep.status), StatusCode: rep.status, Proto: "HTTP/1.1", ProtoMajor: 1,
		ProtoMinor: 1,
		Header:     rep.header, ContentLength: size, Request: r,
		Body: callBody{rep.body.open()},
	}, nil
}

// callBody gives the spool away with its only reader.
type callBody struct{ *spoolReader }

// Close lets go of both.
func (b callBody) Close() error {
	if b.closed.Load() {
		return nil
	}
	return errors.Join(b.spoolReader.Close(), b.s.Close())
}

// ask carries a client's request to the service and gives what comes back.
func (g *Gateway) ask(ctx context.Context, in *http.Request) *reply {
	t := times{requestIn: g.now()}
	ctx, done := g.until(ctx)
	defer done()
	ctx, cancel := context.WithTimeout(ctx, g.set.CallTimeout)
	defer cancel()
	if !enter(ctx, g.calls) {
		return g.turnAway(xroad.Errorf(xroad.ConsumerInternal, "the gateway is busy"), newDetail(), in.Header["Accept"])
	}
	defer func() { <-g.calls }()
	req, e := g.readRequest(ctx, in)
	if e != nil {
		return g.failed(nil, e, in.Header["Accept"])
	}
	defer func() { req.body.Close() }()
	a, e := g.carry(ctx, req, &t)
	if e != nil {
		return g.failed(req, e, req.accept())
	}
	return g.replyOf(req, a)
}

// failed is what a client is told when there is not even a signed refusal.
func (g *Gateway) failed(req *request, e *xroad.Error, accept []string) *reply {
	detail := newDetail()
	if req != nil {
		detail = req.c.RequestID
	}
	r := g.turnAway(e, detail, accept)
	r.header["Date"] = []string{g.date()}
	if req != nil {
		g.name(r.header, req.c, "")
	}
	return r
}

// turnAway refuses what stands in no message log: the text log of the operator has a line
// with the detail that the client is told.
func (g *Gateway) turnAway(e *xroad.Error, detail string, accept []string) *reply {
	g.metrics.count(exchange.Consumer, e)
	if e.Cause == nil {
		g.set.Log.Info("request refused", "code", string(e.Code), "detail", detail, "reason", e.Text)
	}
	g.complain(exchange.Consumer, e, detail)
	return g.errorReply(e, detail, accept)
}

// complain writes what only the operator may see.
func (g *Gateway) complain(side exchange.Side, e *xroad.Error, detail string) {
	if e.Cause != nil {
		g.set.Log.Warn("call failed", "side", side, "code", string(e.Code), "detail", detail, "error", e.Cause)
	}
}

// replyOf tells an answer to the client: a refusal in the client's form, all else as it is.
func (g *Gateway) replyOf(req *request, a *answer) *reply {
	if a.fault != nil {
		g.complain(exchange.Consumer, a.fault, req.c.RequestID)
		r := g.errorReply(a.fault, req.c.RequestID, req.accept())
		r.header["Date"] = []string{g.date()}
		g.name(r.header, req.c, a.c.RequestHash)
		a.body.Close()
		return r
	}
	length := lengthOf(req.c.Method, a.header, exchange.HeaderLength)
	a.header = responseHeader(a.header) // whatever the other gateway has signed
	g.name(a.header, req.c, a.c.RequestHash)
	return &reply{status: a.c.Status, header: a.header, body: a.body, length: length}
}

// name adds X-Road's headers of a response.
func (g *Gateway) name(h http.Header, c exchange.Commitment, hash string) {
	h[xroad.HeaderID] = []string{c.MessageID}
	h[xroad.HeaderClient] = []string{c.Client.String()}
	h[xroad.HeaderService] = []string{c.Service.String()}
	h[xroad.HeaderRequestID] = []string{c.RequestID}
	if hash != "" {
		h[xroad.HeaderRequestHash] = []string{hash}
	}
}

// readRequest reads what a client asks, to the end of the body.
func (g *Gateway) readRequest(ctx context.Context, in *http.Request) (*request, *xroad.Error) {
	clients := in.Header[xroad.HeaderClient]
	if name, found := pretender(in.Header); found {
		return nil, xroad.Errorf(
			xroad.BadHeader, "header %.60q could be taken for one of X-Road's or of this exchange's, and is none: it is not passed on", name,
		)
	}
	switch {
	case len(clients) == 0 || len(clients) == 1 && clients[0] == "":
		return nil, xroad.Errorf(xroad.MissingClient, "required header X-Road-Client is missing")
	case len(clients) > 1:
		return nil, xroad.Errorf(xroad.BadRequest, "header X-Road-Client must come once")
	}
	t, e := parseTarget(rawTarget(in))
	if e != nil {
		return nil, e
	}
	client, err := xroad.ParseID(clients[0], 3, 4)
	if err != nil {
		return nil, xroad.Errorf(xroad.InvalidClient, "X-Road-Client must be INSTANCE/CLASS/MEMBER[/SUBSYSTEM]")
	}
	if e := g.admit(ctx, client); e != nil {
		return nil, e
	}
	if in.Method == http.MethodConnect {
		return nil, xroad.Errorf(xroad.BadRequest, "method %s cannot be passed on", in.Method)
	}
	req := &request{target: t, names: namesHeard(ctx)}
	req.header = requestHeader(in.Header)
	req.c = exchange.Commitment{
		Kind: exchange.Request, Method: in.Method, Client: client, Service: t.service, RequestID: uuid.Must(uuid.NewV7()).String(),
	}
	if len(req.accept()) == 0 {
		req.header["Accept"] = []string{"application/json"}
	}
	switch ids := req.header[xroad.HeaderID]; {
	case len(ids) == 0 || len(ids) == 1 && ids[0] == "":
		req.c.MessageID = t.service.Instance + "-" + uuid.Must(uuid.NewV7()).String()
	case len(ids) > 1 || !readable(ids[0]):
		return nil, badWord("X-Road-Id")
	default:
		req.c.MessageID = ids[0]
	}
	req.header[xroad.HeaderClient] = []string{client.String()}
	req.header[xroad.HeaderID] = []string{req.c.MessageID}
	req.header[xroad.HeaderRequestID] = []string{req.c.RequestID}
	if e := req.words(); e != nil {
		return nil, e
	}
	req.body, err = g.readBody(in.Body, client.MemberID().String(), true)
	switch {
	case errors.Is(err, errTooLarge):
		return nil, xroad.Errorf(xroad.ConsumerTooLarge, "the body is larger than %d bytes", g.set.MaxBody)
	case errors.Is(err, errNoRoom):
		return nil, xroad.Errorf(xroad.ConsumerInternal, "this gateway has no room for the body").Because(err)
	case err != nil:
		return nil, xroad.Errorf(xroad.ConsumerInternal, "the body could not be read").Because(err)
	}
	req.head = headText(in.Method+" "+t.raw, req.header)
	req.c.Head, req.c.Body = exchange.HeadDigest(req.head), req.body.sum256
	return req, nil
}

// carry signs, logs, sends, and logs again. What it gives is in the log; an error
// is not, because the log cannot be written or nobody can be named.
func (g *Gateway) carry(ctx context.Context, req *request, t *times) (*answer, *xroad.Error) {
	to, e := g.route(req)
	if e != nil {
		if e.Code == xroad.InvalidClient {
			return nil, e // whoever asks is nobody that we speak for
		}
		return g.refuseHere(ctx, req, e, "", t)
	}
	if e := g.sign(&req.c); e != nil {
		return nil, e
	}
	// The provider's gateway keeps what we signed, and the client hears nothing before our
	// own records are flushed: this one shares the flush of the answer's.
	e1 := entry{loose: true, Entry: journal.Entry{
		Records: []exchange.Record{req.requestRecord(exchange.Consumer, "", "")}, Sealed: g.keep(&req.message),
	}}
	if err := g.log.write(ctx, e1); err != nil {
		return nil, xroad.Errorf(xroad.ConsumerLogFailed, "the message log cannot be written; the request was not sent").Because(err)
	}
	t.requestOut = g.now()
	a, peer, e := g.send(ctx, to, req)
	t.responseIn = g.now()
	if e != nil {
		return g.refuseHere(ctx, req, e, peer, t)
	}
	t.responseOut = t.responseIn
	e2 := entry{Entry: journal.Entry{
		Records: []exchange.Record{req.responseRecord(exchange.Consumer, peer, a, *t)}, Sealed: g.keep(&a.message),
	}}
	if err := g.log.write(context.WithoutCancel(ctx), e2); err != nil {
		a.body.Close()
		return nil, xroad.Errorf(
			xroad.ConsumerLogFailed, "the service has answered, but the message log cannot be written; the answer is withheld",
		).Because(err)
	}
	g.metrics.observe(exchange.Consumer, a.fault, t.responseOut.Sub(t.requestIn))
	return a, nil
}

// refuseHere is a refusal of the client's own gateway, signed by itself and logged.
func (g *Gateway) refuseHere(ctx context.Context, req *request, e *xroad.Error, peer string, t *times) (*answer, *xroad.Error) {
	a, se := g.refuse(req, e)
	if se != nil {
		return nil, e
	}
	t.responseOut = g.now()
	rec := req.responseRecord(exchange.Consumer, peer, a, *t)
	if err := g.log.write(context.WithoutCancel(ctx), entry{Entry: journal.Entry{Records: []exchange.Record{rec}}}); err != nil {
		return nil, xroad.Errorf(xroad.ConsumerLogFailed, "the call failed (%s), and the message log cannot be written", e.Code).Because(err)
	}
	g.metrics.observe(exchange.Consumer, e, t.responseOut.Sub(t.requestIn))
	return a, nil
}

// route decides whether the call may begin and which gateways could answer it.
func (g *Gateway) route(req *request) ([]exchange.Gateway, *xroad.Error) {
	v := g.view.Load()
	if v == nil {
		return nil, xroad.Errorf(xroad.ConfigurationOutdated, "the gateway has no configuration yet; it asks the centre again by itself")
	}
	now := g.now()
	if v.cfg.FreshAt(now) == exchange.Expired {
		return nil, xroad.Errorf(
			xroad.ConfigurationOutdated, "the configuration was valid until %s and the centre does not answer",
			v.cfg.ValidUntil.UTC().Format("2006-01-02 15:04 MST"),
		)
	}
	self, ok := v.Gateway(g.set.ID)
	if !ok || !speaksFor(self, req.c.Client) {
		return nil, xroad.Errorf(xroad.InvalidClient, "%s is not a client of this gateway", req.c.Client)
	}
	if e := v.counts(g.identity.Load().fingerprint, xroad.ConsumerSuspended, now); e != nil {
		return nil, e // so that the client is told here
	}
	to := v.GatewaysOf(req.c.Service.SubsystemID())
	if len(to) == 0 {
		return nil, xroad.Errorf(xroad.UnknownMember, "no gateway answers for %s", req.c.Service.SubsystemID())
	}
	if wanted := req.header[xroad.HeaderServer]; len(wanted) > 0 {
		id, err := xroad.ParseID(wanted[0], 4, 4)
		i := slices.IndexFunc(to, func(p exchange.Gateway) bool { return err == nil && p.Member == id.MemberID() && p.ID == id.Subsystem })
		if i < 0 {
			return nil, xroad.Errorf(
				xroad.UnknownMember, "no gateway of that name (X-Road-Security-Server) answers for %s", req.c.Service.SubsystemID(),
			)
		}
		to = to[i : i+1]
	}
	return to, nil
}
