package dossiernode

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"time"

	"dean06/internal/platform/jobs"
	"dean06/internal/platform/outbox"
)

// texter hands short texts to a gateway over HTTP: POST of {"to","text","id"}, with a bearer
// token where a file holds one. The gateway knows a repetition by its id.
type texter struct {
	url       string
	tokenFile string
	client    *http.Client
}

const smsTimeout = 15 * time.Second

func newTexter(c *Config) *texter {
	return &texter{url: c.SMSURL, tokenFile: c.SMSTokenFile, client: &http.Client{
		Timeout: smsTimeout,
		// The token and the phone are for this gateway only.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// handler sends what tell queued.
func (x *texter) handler() jobs.Handler {
	return outbox.Handler(smsTopic, func(ctx context.Context, o outbox.Message) error {
		var s sms
		if err := json.Unmarshal(o.Payload, &s); err != nil {
			return jobs.Permanent(err)
		}
		return x.send(ctx, o.ID, s)
	})
}

// send fails for good only where the gateway says that this text never goes: everything else,
// a wrong token too, can be mended and is tried again.
func (x *texter) send(ctx context.Context, id string, s sms) error {
	if x.url == "" {
		return jobs.Permanent(fmt.Errorf("send text %s: no gateway is set", id))
	}
	raw, err := json.Marshal(struct {
		sms
		ID string `json:"id"`
	}{s, id})
	if err != nil {
		return fmt.Errorf("send text %s: %w", id, err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, x.url, bytes.NewReader(raw))
	if err != nil {
		return fmt.Errorf("send text %s: %w", id, err)
	}
	r.Header.Set("Content-Type", "application/json")
	if x.tokenFile != "" {
		token, err := os.ReadFile(x.tokenFile)
		if err != nil {
			return fmt.Errorf("send text %s: %w", id, err)
		}
		r.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	}
	resp, err := x.client.Do(r)
	if err != nil {
		return fmt.Errorf("send text %s: %w", id, err)
	}
	defer resp.Body.Close()
	const mostRead = 4 << 10
	_, _ = io.CopyN(io.Discard, resp.Body, mostRead)
	switch resp.StatusCode {
	case http.StatusBadRequest, http.StatusGone, http.StatusUnprocessableEntity:
		return jobs.Permanent(fmt.Errorf("send text %s: the gateway answers %s", id, resp.Status))
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return fmt.Errorf("send text %s: the gateway answers %s", id, resp.Status)
	}
	return nil
}

// usableGateway says that an address can be a gateway of short texts: over TLS, or on this
// machine.
func usableGateway(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" {
		return false
	}
	if u.Scheme == "https" {
		return true
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return u.Scheme == "http" && (u.Hostname() == "localhost" || err == nil && ip.IsLoopback())
}
