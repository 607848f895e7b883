package gateway

import (
	"net/http"

	"dean06/internal/exchange"
)

func (g *Gateway) listClients(r *http.Request) *reply {
	return g.errorReply(exchange.Errorf(exchange.ConsumerInternal, "not yet"), newDetail(), r.Header["Accept"])
}

func (g *Gateway) meta(req *request) (*reply, *exchange.Error) {
	return nil, exchange.Errorf(exchange.UnknownService, "not yet %s", req.c.Service)
}
