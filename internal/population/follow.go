package population

import (
	"context"
	"time"

	"dean06/internal/citizen"
)

// Mark is how far the register was at a moment: the last event that it had, and the last load
// that was whole. Who read everybody at a mark loses nothing by what Since gives after it.
type Mark struct {
	Event int64 `json:"event"`
	Load  int64 `json:"load"`
}

// Happened is an event with its place in the order in which events came to be, and those for
// whom something followed from it.
type Happened struct {
	Seq    int64
	Event  string
	People []citizen.Number
}

// Became is what an event made of a person: what the register knew of them before it, and
// with it. An event that is known is never changed, so that it is the same whenever it is asked.
type Became struct {
	Kind          Kind
	On            citizen.Day
	RecordedAt    time.Time
	Before, After Person
	Had, Has      bool // they were in the register, and are
}

// Became says what an event made of a person. It fails with NotFound when it concerned them
// not. It logs nothing: who tells others of it does.
func (r *Register) Became(ctx context.Context, n citizen.Number, event string) (Became, error) {
	events, err := r.Store.Events(ctx, n)
	if err != nil {
		return Became{}, err
	}
	for i := range events {
		e := &events[i]
		if e.ID != event || e.part(n) == nil {
			continue
		}
		out := Became{Kind: e.Kind, On: e.On, RecordedAt: e.RecordedAt}
		// Events of one person are never recorded at one moment.
		out.Before, out.Had = r.Fields.stateOf(events, n, 0, e.RecordedAt.Add(-time.Microsecond))
		out.After, out.Has = r.Fields.stateOf(events, n, 0, e.RecordedAt)
		return out, nil
	}
	return Became{}, notFound()
}
