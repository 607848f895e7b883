// Package exchangeapi is the remote face of the exchange's centre, and the
// client with which a gateway joins, renews its certificate, fetches the
// configuration, applies for services and reports. What a gateway sends is
// proved by the token with which it joins or signed with its key, so the way to
// the centre need not be trusted.
package exchangeapi

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"io"
	"io/fs"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/exchange/centre"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/web"
	"dean06/internal/xroad"
)

//go:embed messages/*.json
var messages embed.FS

// Messages are the texts of this package.
var Messages, _ = fs.Sub(messages, "messages")

// The addresses of the centre.
const (
	pathJoin          = "/exchange/v1/join"
	pathRenew         = "/exchange/v1/renew"
	pathConfiguration = "/exchange/v1/configuration"
	pathRequests      = "/exchange/v1/requests"
	pathReports       = "/exchange/v1/reports"
	pathRestores      = "/exchange/v1/restores"
	pathSecurity      = "/exchange/v1/security"
	pathWitness       = "/exchange/v1/witness"
)

// API answers gateways.
type API struct {
	centre *centre.Centre
	tries  *limiter // by machine, of those who prove nothing
	joins  *limiter // by token
	shows  *limiter
	large  places // bodies over smallBody
	shown  places
	told   cache
}

// New makes it.
func New(c *centre.Centre, watch clock.Clock) *API {
	return &API{
		centre: c, tries: newLimiter(watch, triesOfOne, triesOfAll), joins: newLimiter(watch, joinsOfToken, 0),
		shows: newLimiter(watch, showsOfOne, showsOfAll), told: cache{clock: watch},
	}
}

// Routes are its addresses. They need no session: whoever speaks proves itself.
func (a *API) Routes() []web.Route {
	return []web.Route{
		{Pattern: "POST " + pathJoin, Handler: a.join, MaxBody: 32 << 10, May: "anyone"},
		{Pattern: "POST " + pathRenew, Handler: a.renew, ByBody: true, MaxBody: 32 << 10, May: "centre.takepart"},
		{Pattern: "GET " + pathConfiguration, Handler: a.configuration, May: "anyone"},
		{Pattern: "POST " + pathConfiguration, Handler: a.show, MaxBody: maxShown, May: "anyone"},
		{Pattern: "POST " + pathRequests, Handler: a.apply, ByBody: true, MaxBody: 8 << 20, May: "centre.takepart"},
		{Pattern: "POST " + pathReports, Handler: a.report, ByBody: true, MaxBody: 512 << 10, May: "centre.takepart"},
		{Pattern: "POST " + pathRestores, Handler: a.restore, ByBody: true, MaxBody: 512 << 10, May: "centre.takepart"},
		{Pattern: "POST " + pathSecurity, Handler: a.security, ByBody: true, MaxBody: 32 << 20, May: "centre.takepart"},
		{Pattern: "GET " + pathWitness, Handler: a.witness, May: "anyone"},
	}
}

// take reads what somebody sent who is not known yet: at once, and when it is large only
// with a few others. It fails with TooMany.
func (a *API) take(w http.ResponseWriter, r *http.Request, v any) error {
	// A server that knows no deadlines has its own.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyTimeout)) //nolint:forbidigo // a deadline of the network
	head, err := io.ReadAll(io.LimitReader(r.Body, smallBody))
	if err != nil {
		return err
	}
	if len(head) == smallBody {
		host, _, _ := net.SplitHostPort(r.RemoteAddr)
		if !a.large.enter(host) {
			return fault.New(fault.TooMany, "exchangeapi.too_many", nil)
		}
		defer a.large.leave(host)
	}
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(head), r.Body), r.Body}
	return read(r, v)
}

var errBody = fault.New(fault.Invalid, "exchangeapi.body", nil)

func read(r *http.Request, v any) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, v); err != nil {
		return errBody.Because(err)
	}
	return nil
}

func answer(w http.ResponseWriter, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(body) // the reader may have gone
	return nil
}

func (a *API) join(w http.ResponseWriter, r *http.Request) error {
	var req exchange.JoinRequest
	if err := a.take(w, r, &req); err != nil {
		return err
	}
	proven, err := a.centre.Proven(r.Context(), req)
	if err != nil {
		return err
	}
	counted, who := a.joins, req.Token
	if !proven {
		counted = a.tries
		who, _, _ = net.SplitHostPort(r.RemoteAddr)
	}
	if !counted.allow(who) {
		return fault.New(fault.TooMany, "exchangeapi.too_many", nil)
	}
	joined, err := a.centre.Join(r.Context(), req)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, joined)
}

// hear reads an envelope and who sent it, and what is in it.
func (a *API) hear(w http.ResponseWriter, r *http.Request, purpose string, v any) (by actor.Actor, err error) {
	var e exchange.Envelope
	if err := a.take(w, r, &e); err != nil {
		return by, err
	}
	if by, err = a.centre.Hear(r.Context(), e, purpose); err != nil {
		return by, err
	}
	if err := json.Unmarshal(e.Body, v); err != nil {
		return actor.Actor{}, errBody.Because(err)
	}
	return by, nil
}

// renewal asks for the next certificate.
type renewal struct {
	CSR []byte `json:"csr"`
}

func (a *API) renew(w http.ResponseWriter, r *http.Request) error {
	var in renewal
	by, err := a.hear(w, r, exchange.PurposeRenew, &in)
	if err != nil {
		return err
	}
	joined, err := a.centre.Renew(r.Context(), by, in.CSR)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, joined)
}

func (a *API) configuration(w http.ResponseWriter, r *http.Request) error {
	p, err := a.centre.Configuration(r.Context())
	if err != nil {
		return err
	}
	sum := sha256.Sum256(p.Signature) // a centre that was restored may have another of the same number
	tag := `"` + strconv.FormatInt(p.Serial, 10) + "-" + hex.EncodeToString(sum[:4]) + `"`
	h := w.Header()
	h.Set("ETag", tag)
	h.Set("Cache-Control", "no-cache")
	for t := range strings.SplitSeq(r.Header.Get("If-None-Match"), ",") {
		if strings.TrimPrefix(strings.TrimSpace(t), "W/") == tag {
			w.WriteHeader(http.StatusNotModified)
			return nil
		}
	}
	body, err := json.Marshal(p.Signed)
	if err != nil {
		return err
	}
	h.Set("Content-Type", "application/json")
	_, _ = w.Write(body) // the reader may have gone
	return nil
}

const (
	maxShown    = 24 << 20 // of a configuration that is shown, as JSON
	showTimeout = 20 * time.Second
)

// show takes a configuration that the centre forgot. Its own signature is the proof, so
// anybody may show it; what is not newer is not read.
func (a *API) show(w http.ResponseWriter, r *http.Request) error {
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	if !a.shows.allow(host) {
		return fault.New(fault.TooMany, "exchangeapi.too_many", nil)
	}
	serial, err := strconv.ParseInt(r.URL.Query().Get("serial"), 10, 64)
	if err != nil {
		return errBody.Because(err)
	}
	behind, err := a.centre.Behind(r.Context(), serial)
	if err != nil {
		return err
	}
	if behind {
		if !a.shown.enter(host) {
			return fault.New(fault.TooMany, "exchangeapi.too_many", nil)
		}
		defer a.shown.leave(host)
		// A sender that dawdles keeps no place; a server that knows no deadlines has its own.
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(showTimeout)) //nolint:forbidigo // a deadline of the network
		var s exchange.Signed
		if err := read(r, &s); err != nil {
			return err
		}
		if _, err := a.centre.Shown(r.Context(), s); err != nil {
			return err
		}
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// application is how an exchange.Application travels.
type application struct {
	ID         string                    `json:"id"`
	Withdraw   bool                      `json:"withdraw,omitempty"`
	Kind       exchange.EntryKind        `json:"kind"`
	Key        string                    `json:"key"`
	Name       string                    `json:"name,omitempty"`
	Address    string                    `json:"address,omitempty"`
	Subsystems []xroad.ID                `json:"subsystems,omitempty"`
	Type       string                    `json:"type,omitempty"`
	OpenAPI    []byte                    `json:"openapi,omitempty"`
	Note       string                    `json:"note,omitempty"`
	State      exchange.ApplicationState `json:"state,omitempty"`  // in the answer
	Reason     string                    `json:"reason,omitempty"` // in the answer
}

func (a *API) apply(w http.ResponseWriter, r *http.Request) error {
	var in application
	by, err := a.hear(w, r, exchange.PurposeApply, &in)
	if err != nil {
		return err
	}
	for _, s := range []*string{&in.Name, &in.Note, &in.Key, &in.Address} {
		if *s, err = web.Clean(*s); err != nil {
			return err
		}
	}
	stored, err := a.centre.Apply(r.Context(), by, exchange.Application{
		ID: in.ID, Withdraw: in.Withdraw, Note: in.Note,
		Entry: exchange.Entry{
			Kind: in.Kind, Key: in.Key, Name: in.Name, Address: in.Address, Subsystems: in.Subsystems, Type: in.Type, OpenAPI: in.OpenAPI,
		},
	})
	if err != nil {
		return err
	}
	in.OpenAPI, in.State, in.Reason = nil, stored.State, stored.Reason
	return answer(w, http.StatusOK, in)
}

func (a *API) report(w http.ResponseWriter, r *http.Request) error {
	var in exchange.Report
	by, err := a.hear(w, r, exchange.PurposeReport, &in)
	if err != nil {
		return err
	}
	if in.Version, err = web.Clean(in.Version); err != nil {
		return err
	}
	if in.LogFault, err = web.Clean(in.LogFault); err != nil {
		return err
	}
	said, err := a.centre.Report(r.Context(), by, in)
	if err != nil {
		return err
	}
	a.told.forget(by.Name)
	return answer(w, http.StatusOK, said)
}

func (a *API) security(w http.ResponseWriter, r *http.Request) error {
	var in exchange.Security
	by, err := a.hear(w, r, exchange.PurposeSecurity, &in)
	if err != nil {
		return err
	}
	if err := a.centre.Clear(r.Context(), by, in); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (a *API) restore(w http.ResponseWriter, r *http.Request) error {
	var in exchange.Restore
	by, err := a.hear(w, r, exchange.PurposeRestore, &in)
	if err != nil {
		return err
	}
	for _, s := range []*string{&in.Reason, &in.Asked.Name, &in.Asked.Account, &in.Decided.Name, &in.Decided.Account} {
		if *s, err = web.Clean(*s); err != nil {
			return err
		}
	}
	if err := a.centre.Restore(r.Context(), by, in); err != nil {
		return err
	}
	a.told.forget(by.Name)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// witness tells anybody what the centre holds of a gateway's logs.
func (a *API) witness(w http.ResponseWriter, r *http.Request) error {
	body, err := a.told.get(r.URL.Query().Get("gateway"), func(gateway string) ([]byte, error) {
		said, err := a.centre.Witness(r.Context(), gateway)
		if err != nil {
			return nil, err
		}
		return json.Marshal(said)
	})
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-cache")
	_, _ = w.Write(body) // the reader may have gone
	return nil
}
