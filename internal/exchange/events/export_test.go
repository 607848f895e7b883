package events

import (
	"context"
	"encoding/json"
)

// CheckSchema reads a schema and holds an event against it.
func CheckSchema(schema, event json.RawMessage) error {
	s, err := compile(schema)
	if err != nil {
		return err
	}
	return conform(s, event)
}

// Tidy does what Run does from time to time.
func (h *Hub) Tidy(ctx context.Context) error { return h.tidy(ctx) }
