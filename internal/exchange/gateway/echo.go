package gateway

import (
	"net/http"

	"dean06/internal/exchange"
)

func (g *Gateway) answerEcho(w http.ResponseWriter, r *http.Request, sp exchange.Speaker) {
	http.NotFound(w, r)
}
