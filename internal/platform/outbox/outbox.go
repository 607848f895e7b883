// Package outbox sends what leaves a node. A message is written in the
// transaction that makes it true, and delivered afterwards at least once, in
// order for each key, until the other side has taken it or it is dead.
//
// It is a lane of jobs and no queue of its own: what package jobs says about
// tries, leases and dead work holds here too.
package outbox

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"dean06/internal/platform/jobs"
	"dean06/internal/platform/sqldb"
)

// Message is what is delivered. A receiver knows a repetition by its ID.
type Message struct {
	ID      string
	Topic   string
	Key     string
	Payload json.RawMessage
	At      time.Time
}

// Deliver hands a message to the other side. It returns jobs.Permanent when no
// repetition can help.
type Deliver func(ctx context.Context, m Message) error

type envelope struct {
	Key     string          `json:"key,omitempty"`
	Payload json.RawMessage `json:"payload"`
}

// tries lets a peer be away for about three days.
const tries = 80

// Put adds a message to the caller's transaction. Messages of one topic and key arrive in
// the order in which they were put; without a key there is no order.
func Put(ctx context.Context, q sqldb.Queryer, topic, key string, payload any) (id string, err error) {
	raw, err := json.Marshal(payload)
	if err != nil {
		return "", fmt.Errorf("put message for %s: %w", topic, err)
	}
	o := jobs.Options{MaxTries: tries}
	if key != "" {
		o.Lane = Kind(topic) + " " + key
	}
	return jobs.Enqueue(ctx, q, Kind(topic), envelope{key, raw}, o)
}

// Kind is the kind of job that carries a topic: where Handler is registered, and
// under which administrators find what is waiting or dead.
func Kind(topic string) string { return "outbox." + topic }

// Handler makes the job handler of a topic.
func Handler(topic string, deliver Deliver) jobs.Handler {
	return func(ctx context.Context, t *jobs.Task) error {
		var e envelope
		if err := t.Decode(&e); err != nil {
			return err
		}
		return deliver(ctx, Message{ID: t.ID, Topic: topic, Key: e.Key, Payload: e.Payload, At: t.CreatedAt})
	}
}
