package gateway

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/google/uuid"

	"dean06/internal/exchange"
	"dean06/internal/xroad"
)

const maxEcho = 4 << 10

// echoed is what a gateway says of itself to another.
type echoed struct {
	Gateway string    `json:"gateway"`
	Version string    `json:"version"`
	Serial  int64     `json:"serial"` // of its configuration
	At      time.Time `json:"at"`
}

// askEcho has another gateway say something, signed, in answer to something signed.
func (g *Gateway) askEcho(ctx context.Context, p exchange.Gateway) (out echoed, e *xroad.Error) {
	req := &request{target: target{raw: exchange.PathEcho}}
	req.c = exchange.Commitment{
		Kind: exchange.Request, Method: http.MethodPost, Client: g.set.Member, Service: p.Member,
		MessageID: g.set.ID + "-" + uuid.NewString(), RequestID: uuid.Must(uuid.NewV7()).String(),
	}
	req.header = http.Header{
		xroad.HeaderClient: {req.c.Client.String()}, xroad.HeaderID: {req.c.MessageID}, xroad.HeaderRequestID: {req.c.RequestID},
	}
	req.body = spoolBytes(nil)
	req.head = headText(http.MethodPost+" "+exchange.PathEcho, req.header)
	req.c.Head, req.c.Body = exchange.HeadDigest(req.head), req.body.sum256
	if e := g.sign(&req.c); e != nil {
		return out, e
	}
	a, _, e := g.sendTo(ctx, p, req)
	if e != nil {
		return out, e
	}
	defer a.body.Close()
	if a.fault != nil {
		return out, a.fault
	}
	body, err := a.body.all(maxEcho)
	if err == nil {
		err = json.Unmarshal(body, &out)
	}
	if err != nil || out.Gateway != p.ID {
		return out, xroad.Errorf(xroad.ConsumerSignature, "gateway %s says nothing that can be understood", p.ID).Because(err)
	}
	return out, nil
}

// answerEcho is the other side of askEcho. It is judged as a call is, and not logged:
// nothing is asked of anybody.
func (g *Gateway) answerEcho(w http.ResponseWriter, r *http.Request, sp exchange.Speaker) {
	id, ok1 := one(r.Header, xroad.HeaderID)
	requestID, ok2 := one(r.Header, xroad.HeaderRequestID)
	client, ok3 := one(r.Header, xroad.HeaderClient)
	if r.Method != http.MethodPost || !ok1 || !ok2 || !ok3 || !readable(id) || !readable(requestID) || len(requestID) > 64 ||
		client != sp.Gateway.Member.String() {
		http.Error(w, "not an echo of a gateway", http.StatusBadRequest)
		return
	}
	req := &request{target: target{raw: exchange.PathEcho}}
	req.c = exchange.Commitment{
		Kind: exchange.Request, Method: r.Method, Client: sp.Gateway.Member, Service: g.set.Member, MessageID: id, RequestID: requestID,
	}
	req.header = unwire(r.Header, false)
	req.head = headText(r.Method+" "+exchange.PathEcho, req.header)
	refused := g.verifyHead(req, sp, r.Header)
	body, err := readSpool(r.Body, g.spool, maxEcho, true) // it fits into memory
	if err != nil {
		http.Error(w, "not an echo of a gateway", http.StatusBadRequest)
		return
	}
	defer body.Close()
	req.body = body
	if refused == nil {
		refused = g.verifyBody(r.Context(), req)
	}
	a, e := g.echoAnswer(req, refused)
	if e != nil {
		http.Error(w, e.Text, http.StatusServiceUnavailable)
		return
	}
	h := wire(a.header)
	writeSignature(h, a.c)
	writeReply(w, r.Method, &reply{status: a.c.Status, header: h, body: a.body})
}

func (g *Gateway) echoAnswer(req *request, refused *xroad.Error) (*answer, *xroad.Error) {
	if refused != nil {
		return g.refuse(req, refused)
	}
	said := echoed{Gateway: g.set.ID, Version: g.set.Version, At: g.now()}
	if v := g.view.Load(); v != nil {
		said.Serial = v.cfg.Serial
	}
	r := jsonReply(said)
	a := &answer{message: message{header: r.header, body: r.body}}
	a.header["Date"] = []string{g.date()}
	return a, g.seal(req, a, http.StatusOK)
}
