package population

import (
	"encoding/json"
	"fmt"
)

// What subscribers hear of a change. Which event reaches whom, and by which way, is the
// exchange's matter.

// Heard is what every subscriber hears of a change: that there was one. All else is
// granted field by field.
var Heard = []string{"event", "kind", "of", "on", "recorded_at", "version", "changed"}

// News is a change as it is published: its kind, and by name what may be told of it.
type News struct {
	EventType string                     `json:"event_type"`
	Fields    map[string]json.RawMessage `json:"fields"`
}

// EventTypes are the kinds of changes that are published.
func EventTypes() []string {
	out := []string{string(Registration)}
	for _, k := range Kinds {
		out = append(out, string(k))
	}
	return append(out, string(Annulment))
}

// News is a change as it is published, by the fields of the table.
func (t *FieldTable) News(c Change) (News, error) {
	raw, err := json.Marshal(c.Facts)
	if err != nil {
		return News{}, fmt.Errorf("news of event %s: %w", c.Event, err)
	}
	var facts map[string]json.RawMessage
	if err := json.Unmarshal(raw, &facts); err != nil {
		return News{}, fmt.Errorf("news of event %s: %w", c.Event, err)
	}
	news := News{EventType: string(c.Kind), Fields: map[string]json.RawMessage{}}
	for key, v := range map[string]any{
		"event": c.Event, "kind": c.Kind, "of": c.Of, "on": c.On, "recorded_at": c.RecordedAt, "version": c.Version,
		"changed": c.Fields, "number": c.Number,
	} {
		if news.Fields[key], err = json.Marshal(v); err != nil {
			return News{}, fmt.Errorf("news of event %s: %w", c.Event, err)
		}
	}
	for _, f := range c.Fields {
		if err := news.tell(f, t.Members(f), facts); err != nil {
			return News{}, fmt.Errorf("news of event %s: %w", c.Event, err)
		}
	}
	return news, nil
}

// tell adds what became of a field. One of several members is an object under its own
// name.
func (n *News) tell(f Field, keys []string, facts map[string]json.RawMessage) error {
	if len(keys) == 1 {
		if v, ok := facts[keys[0]]; ok {
			n.Fields[string(f)] = v
		}
		return nil
	}
	both := map[string]json.RawMessage{}
	for _, k := range keys {
		if v, ok := facts[k]; ok {
			both[k] = v
		}
	}
	raw, err := json.Marshal(both)
	n.Fields[string(f)] = raw
	return err
}
