package exchangeapi

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/pki"
)

// maxAnswer bounds what the client reads: a configuration of a thousand gateways
// has a few megabytes.
const maxAnswer = 64 << 20

// Client speaks to the centre. It may be used by many at once.
type Client struct {
	URL   string       // of the centre's pages, "http://127.0.0.1:8026"
	HTTP  *http.Client // with a timeout of 30 s when nil
	Clock clock.Clock  // the machine's when nil
	// Lang is the language of the centre's refusals: "vi" or "en".
	Lang string

	mu   sync.Mutex
	etag string
	last exchange.Signed
	off  time.Duration
	told bool
}

// Ahead is how far the centre's clock was ahead of this machine's when it answered last,
// by the Date of its answer, to a second; ok is false while it has not answered.
func (c *Client) Ahead() (off time.Duration, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.off, c.told
}

// compare notes what time it is at the centre. begun is when it was asked.
func (c *Client) compare(date string, begun time.Time) {
	at, err := http.ParseTime(date)
	if err != nil {
		return
	}
	ended := c.now()
	off := time.Duration(0) // within the time that the answer took, and the second that Date leaves out
	switch {
	case at.After(ended):
		off = at.Sub(ended)
	case at.Add(time.Second).Before(begun):
		off = at.Add(time.Second).Sub(begun)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.off, c.told = off.Round(time.Second), true
}

// Identity is with what a gateway that has joined signs.
type Identity struct {
	Instance    string
	Gateway     string
	Certificate []byte // DER
	Key         crypto.Signer
}

func (c *Client) now() time.Time {
	if c.Clock == nil {
		return clock.System{}.Now()
	}
	return c.Clock.Now()
}

// plainHTTP finds out soon that nobody is there: a gateway whose configuration ran out
// asks every few seconds.
var plainHTTP = &http.Client{Timeout: 30 * time.Second, Transport: transport()}

const dialTimeout = 3 * time.Second

func transport() *http.Transport {
	t, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		t = &http.Transport{}
	}
	t = t.Clone()
	t.DialContext = (&net.Dialer{Timeout: dialTimeout, KeepAlive: 15 * time.Second}).DialContext
	return t
}

// do sends a request and gives the answer's body. A refusal of the centre is a
// fault of the same kind, with the centre's own words.
func (c *Client) do(ctx context.Context, method, path string, in any, etag string) (body []byte, tag string, err error) {
	base, err := url.Parse(c.URL)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, "", fault.New(fault.Invalid, "exchangeapi.url", fault.Args{"url": c.URL})
	}
	var content io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return nil, "", err
		}
		content = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(c.URL, "/")+path, content)
	if err != nil {
		return nil, "", err
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Accept-Language", c.Lang)
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if etag != "" {
		req.Header.Set("If-None-Match", etag)
	}
	client := c.HTTP
	if client == nil {
		client = plainHTTP
	}
	away := fault.New(fault.Unavailable, "exchangeapi.away", fault.Args{"url": c.URL})
	begun := c.now()
	resp, err := client.Do(req)
	if err != nil {
		return nil, "", away.Because(err)
	}
	c.compare(resp.Header.Get("Date"), begun)
	defer func() { _ = resp.Body.Close() }() // read to its end or given up
	body, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil || len(body) > maxAnswer {
		return nil, "", away.Because(err)
	}
	switch resp.StatusCode {
	case http.StatusOK, http.StatusNoContent:
		return body, resp.Header.Get("ETag"), nil
	case http.StatusNotModified:
		return nil, etag, nil
	}
	return nil, "", refusal(c.URL, resp, body)
}

var kinds = map[int]fault.Kind{
	http.StatusUnprocessableEntity:   fault.Invalid,
	http.StatusForbidden:             fault.Denied,
	http.StatusNotFound:              fault.NotFound,
	http.StatusConflict:              fault.Conflict,
	http.StatusRequestEntityTooLarge: fault.TooLarge,
	http.StatusTooManyRequests:       fault.TooMany,
}

// refusal is what the centre said when it did not do what was asked.
func refusal(centre string, resp *http.Response, body []byte) error {
	kind, ok := kinds[resp.StatusCode]
	var p struct {
		Detail string `json:"detail"`
	}
	if !ok || json.Unmarshal(body, &p) != nil || p.Detail == "" {
		return fault.New(fault.Unavailable, "exchangeapi.no_centre", fault.Args{"url": centre, "status": resp.StatusCode})
	}
	if text := []rune(p.Detail); len(text) > 500 {
		p.Detail = string(text[:500]) + "…"
	}
	return fault.New(kind, "exchangeapi.said", fault.Args{"text": p.Detail})
}

// Configuration fetches the newest, without the way when it has not changed. The
// caller checks it: exchange.Open.
func (c *Client) Configuration(ctx context.Context) (exchange.Signed, error) {
	c.mu.Lock()
	etag, last := c.etag, c.last
	c.mu.Unlock()
	body, tag, err := c.do(ctx, http.MethodGet, pathConfiguration, nil, etag)
	if err != nil {
		return exchange.Signed{}, err
	}
	if body == nil {
		return last, nil
	}
	var s exchange.Signed
	if err := c.decode(body, &s); err != nil {
		return s, err
	}
	c.mu.Lock()
	c.etag, c.last = tag, s
	c.mu.Unlock()
	return s, nil
}

// Show shows the centre a configuration of its own that it does not know any more,
// because it was restored from a backup: it moves past its serial. Serial is that of s.
func (c *Client) Show(ctx context.Context, s exchange.Signed, serial int64) error {
	_, _, err := c.do(ctx, http.MethodPost, pathConfiguration+"?serial="+strconv.FormatInt(serial, 10), s, "")
	return err
}

func (c *Client) decode(body []byte, v any) error {
	if err := json.Unmarshal(body, v); err != nil {
		return fault.New(fault.Unavailable, "exchangeapi.no_centre", fault.Args{"url": c.URL, "status": http.StatusOK}).Because(err)
	}
	return nil
}

// tell sends something that the gateway signs.
func (c *Client) tell(ctx context.Context, id Identity, path, purpose string, in any) ([]byte, error) {
	text, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	e, err := exchange.SealEnvelope(rand.Reader, id.Instance, id.Gateway, purpose, text, id.Certificate, id.Key, c.now())
	if err != nil {
		return nil, err
	}
	body, _, err := c.do(ctx, http.MethodPost, path, e, "")
	return body, err
}

// Report says how the gateway is, and learns what the centre holds of its logs. A centre
// of an earlier program answers nothing: ok is then false.
func (c *Client) Report(ctx context.Context, id Identity, r exchange.Report) (a exchange.ReportAnswer, ok bool, err error) {
	body, err := c.tell(ctx, id, pathReports, exchange.PurposeReport, r)
	if err != nil || len(body) == 0 {
		return a, false, err
	}
	if err := c.decode(body, &a); err != nil {
		return a, false, err
	}
	return a, true, nil
}

// Restore tells the centre of a restore that two people of the gateway's node acknowledge.
// The same again is no harm.
func (c *Client) Restore(ctx context.Context, id Identity, r exchange.Restore) error {
	_, err := c.tell(ctx, id, pathRestores, exchange.PurposeRestore, r)
	return err
}

// Clear says how secure systems are. The same again is no harm.
func (c *Client) Clear(ctx context.Context, id Identity, s exchange.Security) error {
	_, err := c.tell(ctx, id, pathSecurity, exchange.PurposeSecurity, s)
	return err
}

// Witness asks what the centre holds of the logs of a gateway. What comes back is not
// believed yet: exchange.Witness.Check verifies the signatures.
func (c *Client) Witness(ctx context.Context, gateway string) (w exchange.Witness, err error) {
	body, _, err := c.do(ctx, http.MethodGet, pathWitness+"?gateway="+url.QueryEscape(gateway), nil, "")
	if err != nil {
		return w, err
	}
	return w, c.decode(body, &w)
}

// Apply asks for an entry, a change or its end. The same ID again asks what became
// of it.
func (c *Client) Apply(ctx context.Context, id Identity, a exchange.Application) (exchange.Application, error) {
	body, err := c.tell(ctx, id, pathRequests, exchange.PurposeApply, application{
		ID: a.ID, Withdraw: a.Withdraw, Kind: a.Entry.Kind, Key: a.Entry.Key, Name: a.Entry.Name, Address: a.Entry.Address,
		Subsystems: a.Entry.Subsystems, Type: a.Entry.Type, OpenAPI: a.Entry.OpenAPI, Note: a.Note,
	})
	if err != nil {
		return a, err
	}
	var out application
	if err := c.decode(body, &out); err != nil {
		return a, err
	}
	a.State, a.Reason = out.State, out.Reason
	return a, nil
}

// Join makes the gateway of a folder a part of the exchange: its key in the folder
// (key, when one is given, such as that of a PKCS#11 token), its certificate from
// the centre that the token names. What came of it is in the folder afterwards.
// The same command again, also after a power cut, gives the same certificate for
// as long as the token lives. hosts are further names of the machine.
func (c *Client) Join(ctx context.Context, dir, token, address string, hosts []string, key crypto.Signer) (Saved, error) {
	t, err := exchange.ParseToken(token)
	if err != nil {
		return Saved{}, err
	}
	if err := exchange.CheckAddress(address); err != nil {
		return Saved{}, err
	}
	if key == nil {
		if key, err = pki.FileKey(filepath.Join(dir, KeyFile)); err != nil {
			return Saved{}, err
		}
	}
	csr, err := pki.Request(key, "gateway", hosts)
	if err != nil {
		return Saved{}, err
	}
	body, _, err := c.do(ctx, http.MethodPost, pathJoin, exchange.NewJoin(t, csr, address), "")
	if err != nil {
		return Saved{}, err
	}
	var j exchange.Joined
	if err := c.decode(body, &j); err != nil {
		return Saved{}, err
	}
	// The CA that the token names is among those that the configuration brings;
	// all else is believed because that one signed it.
	var brought exchange.Configuration
	if err := c.decode(j.Configuration.Body, &brought); err != nil {
		return Saved{}, err
	}
	pinned, err := exchange.Pinned(brought.Authorities, t.Authority)
	if err != nil {
		return Saved{}, err
	}
	conf, err := j.Check(pinned, key.Public(), c.now())
	if err != nil {
		return Saved{}, err
	}
	s := Saved{Hub: c.URL, Instance: j.Instance, Member: j.Member, Gateway: j.Gateway, Address: address, Hosts: hosts}
	s.set(j, conf)
	return s, s.write(dir)
}

// Renew gets the next certificate when a third or less of the present one's life
// is left, and keeps it in the folder. renewed is false when there was no need.
func (c *Client) Renew(ctx context.Context, dir string, s Saved, key crypto.Signer) (out Saved, renewed bool, err error) {
	leaf, err := s.Leaf()
	if err != nil || !exchange.RenewalDue(leaf.NotBefore, leaf.NotAfter, c.now()) {
		return s, false, err
	}
	csr, err := pki.Request(key, s.Gateway, s.Hosts)
	if err != nil {
		return s, false, err
	}
	body, err := c.tell(ctx, s.Identity(key), pathRenew, exchange.PurposeRenew, renewal{csr})
	if err != nil {
		return s, false, err
	}
	var j exchange.Joined
	if err := c.decode(body, &j); err != nil {
		return s, false, err
	}
	var conf exchange.Configuration
	err = errors.New("no authority")
	for _, ca := range s.Authorities() {
		if conf, err = j.Check(ca, key.Public(), c.now()); err == nil {
			break
		}
	}
	if err != nil {
		return s, false, fmt.Errorf("check a renewed certificate: %w", err)
	}
	s.set(j, conf)
	return s, true, s.write(dir)
}
