package exchangenode

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"

	"dean06/internal/platform/approval"
	"dean06/internal/xroad"
)

// approvals is the hub's service that lets a node with one administrator ask another
// node's people for the second look.
const approvals = "approvals"

// maxAnswer bounds what another node may say about a request.
const maxAnswer = 64 << 10

// carry lets requests that nobody here can decide go to another node: the hub, unless
// the configuration names another.
func (g *Gateway) carry(j *joined) {
	self := g.self(j)
	to := g.cfg.Approver
	if to == "" {
		if hub, ok := g.hubService(j, approvals); ok {
			to = hub.SubsystemID().String()
		}
	}
	if to == self.String() {
		to = "" // the hub asks nobody
	}
	g.base.Approvals.Elsewhere(approval.Deputy{Self: self.String(), Node: to, For: g.cfg.ApproverAccount}, approval.Calls{
		Do: func(ctx context.Context, node, method, path string, body []byte) (int, []byte, error) {
			return g.callService(ctx, self, node+"/"+approvals+path, method, body)
		},
	})
}

// callService makes a signed call of a small answer.
func (g *Gateway) callService(ctx context.Context, client xroad.ID, path, method string, body []byte) (int, []byte, error) {
	r, err := http.NewRequestWithContext(ctx, method, "http://localhost/r1/"+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	r.Header.Set(xroad.HeaderClient, client.String())
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	answer, err := g.Call(ctx, r)
	if err != nil {
		return 0, nil, err
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err != nil {
		return 0, nil, err
	}
	if code := answer.Header.Get(xroad.HeaderError); code != "" { // the exchange's own, not the other node's
		return 0, nil, fmt.Errorf("%s answered %d %s", path, answer.StatusCode, code)
	}
	return answer.StatusCode, raw, nil
}

// callerOf is the subsystem that asks a service of this node: its gateway has
// verified it, and ours has told it to the service.
func callerOf(r *http.Request) string { return r.Header.Get(xroad.HeaderClient) }
