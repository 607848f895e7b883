package events

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"time"

	"dean06/internal/xroad"
)

// Service is the service code under which the hub is offered.
const Service = "events"

// MaxBody is the largest body of a call, in bytes.
const MaxBody = 4 << 20

// EventType is a kind of event of a room. Options, Open and Publishers are ours.
type EventType struct {
	EventType string          `json:"eventType"`
	Schema    json.RawMessage `json:"schema"`
	Options   Options         `json:"options,omitzero"`
	// Open lets anybody subscribe; else the owner allows each subscriber.
	Open bool `json:"open,omitempty"`
	// Publishers may publish beside the owner.
	Publishers []xroad.ID `json:"publishers,omitempty"`
}

// Options bound a delivery.
type Options struct {
	// TTL is for how many seconds an event is worth delivering; later it is a dead
	// letter. 0 is as long as the hub keeps events, so that who was away catches up.
	TTL int64 `json:"TTL"`
	// FIFO delivers one event after another, the next when the last is settled.
	FIFO bool `json:"FIFO"`
}

// Delivery is how a subscriber gets its events.
type Delivery string

// The deliveries.
const (
	Push Delivery = "PUSH" // its gateway fetches them and posts them to its system
	Pull Delivery = "PULL" // its system asks for them
)

// State says whether the owner lets a subscriber hear.
type State string

// The states.
const (
	Asked   State = "ASKED"
	Allowed State = "ALLOWED"
	Refused State = "REFUSED"
	// Held is an allowed one to which nothing is given for now. What is published meanwhile
	// waits for it, as long as events are kept.
	Held State = "HELD"
)

// Party names a subsystem as GovStack does.
type Party struct {
	InstanceID      string `json:"instanceId"`
	MemberClass     string `json:"memberClass"`
	MemberCode      string `json:"memberCode"`
	ApplicationCode string `json:"applicationCode"`
}

// PartyOf writes a subsystem as a Party.
func PartyOf(id xroad.ID) Party {
	return Party{id.Instance, id.Class, id.Member, id.Subsystem}
}

// ID is the subsystem.
func (p Party) ID() xroad.ID {
	return xroad.ID{Instance: p.InstanceID, Class: p.MemberClass, Member: p.MemberCode, Subsystem: p.ApplicationCode}
}

// Subscription is one subscriber's wish to hear of an event type.
type Subscription struct {
	ID           string   `json:"id,omitempty"`
	SubscriberID Party    `json:"subscriberId,omitzero"`
	EventType    string   `json:"eventType"`
	Delivery     Delivery `json:"delivery,omitempty"`
	Options      Options  `json:"options"`

	// Ours:
	State     State     `json:"state,omitempty"`
	AskedAt   time.Time `json:"askedAt,omitzero"`
	AllowedAt time.Time `json:"allowedAt,omitzero"`
	// URL is where this node's Pusher posts events. It stays on the node.
	URL string `json:"url,omitempty"`
}

// Item is an event as it is delivered.
type Item struct {
	ID          string          `json:"id"`
	Sequence    uint64          `json:"sequence"`
	PublisherID Party           `json:"publisherId"`
	EventType   string          `json:"eventType"`
	Event       json.RawMessage `json:"event"`

	// Ours:
	Key         string     `json:"key,omitempty"` // the publisher's: whom or what the event is about, opaque
	PublishedAt time.Time  `json:"publishedAt,omitzero"`
	Attempt     uint64     `json:"attempt,omitempty"` // the how-manyth delivery this is
	Round       int        `json:"round,omitempty"`   // how often the subscription began anew
	Deliveries  []Standing `json:"deliveries,omitempty"`
}

// Standing says how far an event has come with one subscriber.
type Standing struct {
	SubscriberID Party  `json:"subscriberId"`
	State        string `json:"state"`
	Reason       string `json:"reason,omitempty"` // of a dead letter
}

// The states of a Standing.
const (
	Waiting    = "WAITING"
	Delivering = "DELIVERING"
	Delivered  = "DELIVERED"
	Dead       = "DEAD"
)

// DeadLetter is an event that could not be delivered to a subscriber.
type DeadLetter struct {
	Item
	Reason string    `json:"reason"`
	DiedAt time.Time `json:"diedAt"`
	Place  uint64    `json:"place"` // where to go on with a list
}

// publication is the body of a publish. Everything but EventType and Event is ours.
type publication struct {
	EventType string          `json:"eventType"`
	Event     json.RawMessage `json:"event,omitempty"`
	ID        string          `json:"id,omitempty"` // the publisher's, for repetitions
	Key       string          `json:"key,omitempty"`
	To        xroad.ID        `json:"to,omitzero"`
	Copies    []letter        `json:"copies,omitempty"` // instead of Event: to each its own
}

// letter is an event addressed to one subscriber.
type letter struct {
	To    xroad.ID        `json:"to"`
	Event json.RawMessage `json:"event"`
}

// published is the answer to a publish.
type published struct {
	ID string `json:"id"`
	// NotSubscribed are addressees that have no subscription that is allowed.
	NotSubscribed []xroad.ID `json:"notSubscribed,omitempty"`
}

// pull is the whole talk of a subscriber with the hub in one call: what it has settled, what it
// still works on, and how much more it wants.
type pull struct {
	Ack    []string  `json:"ack,omitempty"`
	Nak    []refusal `json:"nak,omitempty"`
	Hold   []string  `json:"hold,omitempty"`   // still in work: the lease begins anew
	Resume bool      `json:"resume,omitempty"` // what was delivered and is not in Hold has been lost on the way
	Max    int       `json:"max"`              // 0 fetches nothing
	Wait   float64   `json:"wait"`             // seconds to wait for a first event
}

// refusal gives an event back.
type refusal struct {
	ID      string `json:"id"`
	Attempt uint64 `json:"attempt,omitempty"`
	Reason  string `json:"reason,omitempty"`
}

// replay is where a subscription begins anew.
type replay struct {
	FromSequence uint64    `json:"fromSequence,omitempty"`
	From         time.Time `json:"from,omitzero"`
}

// decision is the owner's about a subscription.
type decision struct {
	State State `json:"state"`
}

// Error is an answer of the hub that is no success. Text is for the programmer at
// the other end.
type Error struct {
	Status int    `json:"-"`
	Type   string `json:"type"`
	Text   string `json:"message"`
}

// Error is the text for the log.
func (e *Error) Error() string { return fmt.Sprintf("%d %s: %s", e.Status, e.Type, e.Text) }

func errorf(status int, kind, format string, args ...any) *Error {
	return &Error{Status: status, Type: "Events." + kind, Text: fmt.Sprintf(format, args...)}
}

var (
	errNoType   = errorf(http.StatusNotFound, "UnknownEventType", "there is no such event type in this room")
	errNoSub    = errorf(http.StatusNotFound, "NoSubscription", "you have no subscription to this event type")
	errNoEvent  = errorf(http.StatusNotFound, "NoEvent", "there is no such event")
	errNotOwner = errorf(http.StatusForbidden, "NotOwner", "only the owner of the room may do this")
	errChanged  = errorf(http.StatusConflict, "Changed", "somebody changed it meanwhile, try again")
)

var (
	plainName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	plainID   = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
)
