package gateway

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/xroad"
)

const serviceTimeout = time.Minute

func newServiceTransport() *http.Transport {
	return &http.Transport{
		DialContext:         (&net.Dialer{Timeout: dialTimeout}).DialContext,
		TLSHandshakeTimeout: dialTimeout,
		DisableCompression:  true,
		MaxIdleConnsPerHost: 256,
		IdleConnTimeout:     time.Minute,
	}
}

// forward calls the service and gives its answer, whatever the status.
func (g *Gateway) forward(ctx context.Context, s exchange.LocalService, req *request, right exchange.Right) (*reply, *xroad.Error) {
	timeout := s.Timeout
	if timeout <= 0 {
		timeout = serviceTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	h := unmistakable(maps.Clone(req.header)) // whatever a peer has signed
	h[xroad.HeaderService] = []string{req.c.Service.String()}
	h[xroad.HeaderFields] = []string{strings.Join(right.Fields, ",")}
	h[xroad.HeaderRight] = []string{right.ID}
	parts := filtered(s, right)
	if parts {
		// An answer that fields are taken out of has to come whole and readable.
		for _, name := range []string{"Accept-Encoding", "Range", "If-Range", "If-None-Match"} {
			delete(h, name)
		}
		kinds, _ := acceptOfFiltered(req.accept())
		h["Accept"] = []string{kinds}
	}
	var r *reply
	var e *xroad.Error
	if s.URL == "" {
		r, e = g.callHandler(ctx, req, h)
	} else {
		r, e = g.callURL(ctx, s, req, h)
	}
	if e != nil {
		return nil, e
	}
	if parts {
		if e := filterReply(r, right.Fields); e != nil {
			r.body.Close()
			return nil, e
		}
	}
	switch {
	case req.c.Method != http.MethodHead, parts && !r.own: // the whole answer's length is not that of its part
		r.length = ""
	case r.own && r.body.size > 0: // it answered as to GET
		r.length = strconv.FormatInt(r.body.size, 10)
	}
	if len(r.header["Date"]) == 0 {
		r.header["Date"] = []string{g.date()}
	}
	return r, nil
}

func (g *Gateway) callURL(ctx context.Context, s exchange.LocalService, req *request, h http.Header) (*reply, *xroad.Error) {
	u, err := url.Parse(s.URL)
	if err != nil || u.Host == "" {
		return nil, xroad.Errorf(xroad.ServiceFailed, "the address of the service is not set rightly at the provider").Because(err)
	}
	path := u.EscapedPath() + req.target.path
	if req.target.path != "" {
		path = strings.TrimSuffix(u.EscapedPath(), "/") + req.target.path
	}
	if path == "" {
		path = "/"
	}
	to := &url.URL{
		Scheme: u.Scheme, Host: u.Host, Opaque: path, RawQuery: strings.TrimPrefix(req.target.query, "?"), ForceQuery: req.target.query == "?",
	}
	if strings.HasPrefix(path, "//") { // Opaque would mean a host
		to.Opaque = ""
		if to.Path, err = url.PathUnescape(path); err != nil {
			return nil, xroad.Errorf(xroad.ProviderBadMessage, "the path is not encoded rightly").Because(err)
		}
		to.RawPath = path
	}
	h["User-Agent"] = []string{""}
	r := (&http.Request{Method: req.c.Method, Header: spelled(h, req.names), Host: u.Host, URL: to, Body: http.NoBody}).WithContext(ctx)
	if req.body.size > 0 {
		r.Body, r.ContentLength = req.body.open(), req.body.size
	}
	way, err := g.ServiceTransport(s)
	if err != nil {
		return nil, xroad.Errorf(xroad.ServiceFailed, "the service was not called: %s", err)
	}
	resp, err := way.RoundTrip(r) // not a Client: redirects are the caller's to follow
	if err != nil {
		return nil, serviceError(ctx, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode < 200 {
		return nil, xroad.Errorf(xroad.ServiceFailed, "the service answered with status %d", resp.StatusCode)
	}
	body, err := g.readBody(resp.Body, req.c.Client.MemberID().String(), false)
	if errors.Is(err, errTooLarge) {
		return nil, xroad.Errorf(xroad.TooLarge, "the answer of the service is larger than %d bytes", g.set.MaxBody)
	}
	if err != nil {
		return nil, serviceError(ctx, err)
	}
	return &reply{
		status: resp.StatusCode, header: responseHeader(resp.Header), body: body, persons: personsIn(resp.Header),
		length: lengthOf(req.c.Method, resp.Header, "Content-Length"),
	}, nil
}

func serviceError(ctx context.Context, err error) *xroad.Error {
	switch {
	case errors.Is(err, errNoRoom):
		return xroad.Errorf(xroad.ServiceFailed, "the provider's gateway has no room for the answer of the service").Because(err)
	case errors.Is(context.Cause(ctx), errStopping):
		return xroad.Errorf(
			xroad.ServiceFailed, "this gateway stops before the service has answered; whether it did what was asked is not known",
		).Because(err)
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return xroad.Errorf(xroad.ServiceFailed, "the service did not answer in time").Because(err)
	case ctx.Err() != nil:
		return xroad.Errorf(xroad.ServiceFailed, "the caller went away before the service answered").Because(err)
	}
	if text, ok := tlsFault(err); ok {
		return xroad.Errorf(xroad.ServiceFailed, "TLS with the service failed: %s", text).Because(err)
	}
	return xroad.Errorf(xroad.ServiceUnreachable, "the service cannot be reached, or broke off").Because(err)
}

// callHandler asks a service of this process.
func (g *Gateway) callHandler(ctx context.Context, req *request, h http.Header) (_ *reply, e *xroad.Error) {
	handler := g.handler(req.c.Service)
	if handler == nil {
		return nil, xroad.Errorf(xroad.ServiceUnreachable, "the service does not run at the provider now")
	}
	raw := req.target.path
	if raw == "" {
		raw = "/"
	}
	path, err := url.PathUnescape(raw)
	if err != nil {
		return nil, xroad.Errorf(xroad.ProviderBadMessage, "the path is not encoded rightly").Because(err)
	}
	body := req.body.open()
	defer body.Close()
	r := (&http.Request{
		Method: req.c.Method, URL: &url.URL{Path: path, RawPath: raw, RawQuery: strings.TrimPrefix(req.target.query, "?")},
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: h, Body: body, ContentLength: req.body.size,
		Host: req.c.Service.Subsystem, RequestURI: raw + req.target.query,
	}).WithContext(ctx)
	w := &recorder{header: http.Header{}, spooler: g.newBody(req.c.Client.MemberID().String(), false)}
	defer func() {
		if p := recover(); p != nil {
			w.spooler.s.Close()
			e = xroad.Errorf(xroad.ServiceFailed, "the service failed").Because(fmt.Errorf("panic with a %T\n%s", p, debug.Stack()))
		}
	}()
	handler.ServeHTTP(w, r)
	w.WriteHeader(http.StatusOK)
	if w.err != nil || ctx.Err() != nil {
		w.spooler.s.Close()
		if errors.Is(w.err, errTooLarge) {
			return nil, xroad.Errorf(xroad.TooLarge, "the answer of the service is larger than %d bytes", g.set.MaxBody)
		}
		return nil, serviceError(ctx, errors.Join(w.err, ctx.Err()))
	}
	return &reply{
		status: w.status, header: responseHeader(w.header), body: w.spooler.finish(), persons: personsIn(w.header), own: true,
		length: lengthOf(req.c.Method, w.header, "Content-Length"),
	}, nil
}

// recorder takes what a handler answers.
type recorder struct {
	header  http.Header
	status  int
	spooler *spooler
	err     error
}

// Header gives the headers to fill in.
func (w *recorder) Header() http.Header {
	return w.header
}

// WriteHeader sets the status, the first time.
func (w *recorder) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status = status
	}
}

// Write adds to the body.
func (w *recorder) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	if _, ok := w.header["Content-Type"]; !ok && len(b) > 0 {
		w.header["Content-Type"] = []string{http.DetectContentType(b)}
	}
	if w.err != nil {
		return 0, w.err
	}
	n, err := w.spooler.Write(b)
	w.err = err
	return n, err
}
