package gateway

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/xroad"
)

// PathMonitoring on the port for local systems gives the calls of this gateway as
// X-Road's operational monitoring describes them. Query: from and to (RFC 3339, or
// seconds since 1970), limit, and before, which continues an answer by its next_before.
const PathMonitoring = "/operational-monitoring"

const (
	monitored    = 1000 // records when no limit is asked for
	maxMonitored = 10_000
	searchedOnce = 1000
)

// monitoring is an answer, newest call first.
type monitoring struct {
	Records []exchange.Monitoring `json:"records"`
	// NextBefore asks for what is older; not there when that is all.
	NextBefore int64 `json:"next_before,omitempty"`
}

// monitor answers on PathMonitoring those whom the owner named. Officers and dossiers
// stand in it, so each look is logged.
func (g *Gateway) monitor(r *http.Request) *reply {
	fail := func(c xroad.Code, text string) *reply {
		return g.turnAway(xroad.Errorf(c, "%s", text), newDetail(), r.Header["Accept"])
	}
	who, ok := g.mayMonitor(r)
	if !ok {
		return fail(xroad.ClientDenied, "operational monitoring is for those whom the gateway's owner named (gateway.monitoring)")
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return fail(xroad.BadRequest, "operational monitoring is asked for with GET")
	}
	q := r.URL.Query()
	limit, err1 := number(q.Get("limit"), monitored)
	before, err2 := number(q.Get("before"), 0)
	from, err3 := instant(q.Get("from"))
	until, err4 := instant(q.Get("to"))
	if err1 != nil || err2 != nil || err3 != nil || err4 != nil || limit < 1 || before < 0 {
		return fail(xroad.BadRequest, "from and to are RFC 3339 or seconds since 1970; limit and before are numbers")
	}
	if looked := g.set.Door.Looked; looked != nil {
		address, _, _ := net.SplitHostPort(r.RemoteAddr)
		if err := looked(r.Context(), MonitoringLook{By: who, Address: address, From: from, Until: until, Limit: limit}); err != nil {
			e := xroad.Errorf(xroad.ConsumerLogFailed, "who looks at operational monitoring is logged, and the log cannot be written").Because(err)
			return g.turnAway(e, newDetail(), r.Header["Accept"])
		}
	}
	out, err := g.monitored(
		r.Context(), exchange.Filter{From: from, Until: until, Before: before, Limit: searchedOnce}, int(min(limit, maxMonitored)),
	)
	if err != nil {
		e := xroad.Errorf(xroad.ConsumerInternal, "the message log cannot be read").Because(err)
		return g.turnAway(e, newDetail(), r.Header["Accept"])
	}
	m := exchange.Monitor{Version: g.set.Version, Style: g.set.Style, AddressOf: g.addressOf}
	m.Address = g.addressOf(g.set.ID)
	if local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok {
		if at, err := netip.ParseAddrPort(local.String()); err == nil {
			m.IP = at.Addr().Unmap().String()
		}
	}
	answer := monitoring{Records: make([]exchange.Monitoring, 0, len(out.calls)), NextBefore: out.next}
	for _, c := range out.calls {
		answer.Records = append(answer.Records, m.Of(c.request, c.response))
	}
	return jsonReply(answer)
}

type loggedCall struct{ request, response exchange.Record }

type loggedCalls struct {
	calls []loggedCall
	next  int64
}

// monitored gathers calls by their responses; a request stands before its response.
func (g *Gateway) monitored(ctx context.Context, f exchange.Filter, limit int) (out loggedCalls, err error) {
	type half struct {
		id   string
		side exchange.Side
	}
	open := map[half]int{}
	for more := true; more && len(out.calls) <= limit; {
		list, err := g.set.Store.Search(ctx, f)
		if err != nil {
			return out, err
		}
		for _, r := range list {
			key := half{r.Commitment.RequestID, r.Side}
			f.Before = r.Seq
			if r.Commitment.Kind == exchange.Response {
				open[key] = len(out.calls)
				out.calls = append(out.calls, loggedCall{response: r})
			} else if i, ok := open[key]; ok {
				out.calls[i].request = r
				delete(open, key)
			}
		}
		more = len(list) == f.Limit && f.Before > 0
	}
	if len(out.calls) > limit {
		out.calls = out.calls[:limit]
		out.next = out.calls[limit-1].response.Seq
	}
	for key, i := range open { // it came before the time that was asked for
		if i >= len(out.calls) {
			continue
		}
		list, err := g.set.Store.Message(ctx, key.id)
		if err != nil {
			return out, err
		}
		for _, r := range list {
			if r.Side == key.side && r.Commitment.Kind == exchange.Request && r.Commitment.RequestID == key.id {
				out.calls[i].request = r
			}
		}
	}
	return out, nil
}

// addressOf is where a gateway is reached, as far as it is known.
func (g *Gateway) addressOf(id string) string {
	if v := g.view.Load(); v != nil {
		if found, ok := v.Gateway(id); ok {
			return found.Address
		}
	}
	return ""
}

func number(s string, none int64) (int64, error) {
	if s == "" {
		return none, nil
	}
	return strconv.ParseInt(s, 10, 64)
}

// instant reads a moment; none is the zero time.
func instant(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil && n >= 0 && n < 1<<40 {
		return time.Unix(n, 0).UTC(), nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil || t.Year() < 1970 || t.Year() > 9999 {
		return t, fmt.Errorf("%q is no moment", s)
	}
	return t, nil
}
