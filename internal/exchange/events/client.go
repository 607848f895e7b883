package events

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"dean06/internal/xroad"
)

// Caller makes a signed call through this node's gateway: the path of the request is
// /r1/ and a service, X-Road-Client is one of this node's own subsystems.
type Caller interface {
	Do(r *http.Request) (*http.Response, error)
}

// Client asks the hub.
type Client struct {
	Caller Caller
	Hub    xroad.ID // the hub's service, VN/GOV/G06/TRUC/events
}

// Define makes an event type of the client's room, or brings it to date.
func (c Client) Define(ctx context.Context, room xroad.ID, et EventType) error {
	return c.do(ctx, room, http.MethodPut, room, "api/v1/eventType/"+url.PathEscape(et.EventType), et, nil)
}

// Types lists the names of a room's event types.
func (c Client) Types(ctx context.Context, client, room xroad.ID) ([]string, error) {
	var out []string
	return out, c.do(ctx, client, http.MethodGet, room, "api/v1/eventType", nil, &out)
}

// AskedFor lists who has asked for an event type of the room, and how far each has come.
func (c Client) AskedFor(ctx context.Context, room xroad.ID, eventType string) ([]SubscriptionView, error) {
	var out []SubscriptionView
	return out, c.do(ctx, room, http.MethodGet, room, "api/v1/eventType/"+url.PathEscape(eventType)+"/subs", nil, &out)
}

// Asked lists who has asked for any event type of the room.
func (c Client) Asked(ctx context.Context, room xroad.ID) ([]Subscription, error) {
	var out []Subscription
	return out, c.do(ctx, room, http.MethodGet, room, "api/v1/asked", nil, &out)
}

// Decide allows or refuses a subscription to an event type of the room.
func (c Client) Decide(ctx context.Context, room xroad.ID, eventType, id string, s State) error {
	return c.do(ctx, room, http.MethodPatch, room, "api/v1/eventType/"+url.PathEscape(eventType)+"/subs/"+url.PathEscape(id), decision{s}, nil)
}

// Status finds an event by its id: how far it has come with whom.
func (c Client) Status(ctx context.Context, client, room xroad.ID, eventType, id string) (Item, error) {
	var out Item
	return out, c.do(ctx, client, http.MethodGet, room, "pub/v1/"+url.PathEscape(eventType)+"/"+url.PathEscape(id), nil, &out)
}

// DeadLetters lists those of the client's own subscription after a place.
func (c Client) DeadLetters(ctx context.Context, client, room xroad.ID, eventType string, after uint64) ([]DeadLetter, error) {
	var out []DeadLetter
	path := fmt.Sprintf("api/v1/subs/%s/dead?after=%d", url.PathEscape(eventType), after)
	return out, c.do(ctx, client, http.MethodGet, room, path, nil, &out)
}

// do calls the hub as client. It fails with *Error when the hub, or a gateway on the
// way, says no.
func (c Client) do(ctx context.Context, client xroad.ID, method string, room xroad.ID, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("events: write a call: %w", err)
		}
		body = bytes.NewReader(b)
	}
	r, err := c.request(ctx, client, method, room.String()+"/"+path, body)
	if err != nil {
		return err
	}
	if in != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.Caller.Do(r)
	if err != nil {
		return fmt.Errorf("events: call the hub: %w", err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, 64*MaxBody))
	if err != nil {
		return fmt.Errorf("events: read the hub's answer: %w", err)
	}
	if resp.StatusCode/100 != 2 {
		e := &Error{}
		if json.Unmarshal(b, e) != nil || e.Type == "" {
			e.Type = "Events.Unknown"
		}
		e.Status = resp.StatusCode
		if resp.Header.Get(xroad.HeaderError) != "" {
			e.Status = http.StatusBadGateway // not the hub's word: a call that was not made
		}
		return e
	}
	if out == nil || len(b) == 0 {
		return nil
	}
	if err := json.Unmarshal(b, out); err != nil {
		return fmt.Errorf("events: read the hub's answer: %w", err)
	}
	return nil
}

func (c Client) request(ctx context.Context, client xroad.ID, method, path string, body io.Reader) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, method, "http://gateway/r1/"+c.Hub.String()+"/"+path, body)
	if err != nil {
		return nil, fmt.Errorf("events: write a call: %w", err)
	}
	r.Header.Set(xroad.HeaderClient, client.String())
	return r, nil
}

// final says that no repetition changes the hub's answer.
func final(err error) bool {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Status {
	case http.StatusBadRequest, http.StatusConflict, http.StatusRequestEntityTooLarge:
		return true
	}
	return false
}

// unwelcome says that the hub answered, and has nothing for this client now.
func unwelcome(err error) bool {
	var e *Error
	return errors.As(err, &e) && (e.Status == http.StatusForbidden || e.Status == http.StatusNotFound)
}
