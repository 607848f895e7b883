package app

import (
	"encoding/json"
	"errors"

	"dean06/internal/exchange/events"
	"dean06/internal/platform/outbox"
	"dean06/internal/platform/sqldb"
	"dean06/internal/population"
)

// errNotJoined leaves what is to be sent in the outbox until the node has joined.
var errNotJoined = errors.New("the gateway has not joined the exchange")

func newID() string { return sqldb.NewID() }

// about is what every subscriber hears of a change: that there was one. All else is
// granted field by field.
var about = []string{"event", "kind", "of", "on", "recorded_at", "version", "changed"}

// feedTypes are the register's event types: one for each kind of change.
func feedTypes() []events.EventType {
	schema := json.RawMessage(`{"type":"object"}`) // a copy has only what is granted, so nothing is required
	var out []events.EventType
	for _, k := range append([]population.Kind{population.Registration}, population.Kinds...) {
		out = append(out, events.EventType{EventType: string(k), Schema: schema})
	}
	return out
}

// asNews is a change as it is published.
func asNews(m outbox.Message, c population.Change) (outbox.Message, error) {
	raw, err := json.Marshal(c.Facts)
	if err != nil {
		return m, err
	}
	var facts map[string]json.RawMessage
	if err := json.Unmarshal(raw, &facts); err != nil {
		return m, err
	}
	news := events.News{EventType: string(c.Kind), Fields: map[string]json.RawMessage{}}
	for key, v := range map[string]any{
		"event": c.Event, "kind": c.Kind, "of": c.Of, "on": c.On, "recorded_at": c.RecordedAt, "version": c.Version, "changed": c.Fields, "number": c.Number,
	} {
		if news.Fields[key], err = json.Marshal(v); err != nil {
			return m, err
		}
	}
	for _, f := range c.Fields {
		keys := population.PersonFields.Members(f)
		// A field of several members, or of another name, is one object under its own.
		if len(keys) == 1 {
			if v, ok := facts[keys[0]]; ok {
				news.Fields[string(f)] = v
			}
			continue
		}
		both := map[string]json.RawMessage{}
		for _, k := range keys {
			if v, ok := facts[k]; ok {
				both[k] = v
			}
		}
		if news.Fields[string(f)], err = json.Marshal(both); err != nil {
			return m, err
		}
	}
	m.Payload, err = json.Marshal(news)
	return m, err
}
