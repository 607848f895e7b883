package events

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"dean06/internal/xroad"
)

// Handler is the hub as a service behind its gateway, which has checked and set
// X-Road-Client. Paths are those of GovStack, with the room before them:
// /VN/GOV/G01/DANCU/pub/v1/birth.
func (h *Hub) Handler() http.Handler {
	mux := http.NewServeMux()
	const room = "/{instance}/{class}/{member}/{app}"
	for pattern, f := range map[string]func(*ask) error{
		"POST api/v1/eventType":            h.postType,
		"GET api/v1/eventType":             h.listTypes,
		"GET api/v1/eventType/{type}":      h.getType,
		"PUT api/v1/eventType/{type}":      h.putType,
		"DELETE api/v1/eventType/{type}":   func(a *ask) error { return a.none(h.remove(a.ctx, a.client, a.topic)) },
		"GET api/v1/eventType/{type}/subs": h.listAsked,
		"GET api/v1/asked":                 h.listRoom,
		"PATCH api/v1/eventType/{type}/subs/{id}": func(a *ask) error {
			var d decision
			if err := a.read(&d); err != nil {
				return err
			}
			return a.none(h.decide(a.ctx, a.client, a.topic, a.r.PathValue("id"), d.State))
		},
		"POST pub/v1/{type}":        h.postEvent,
		"GET pub/v1/{type}/{id}":    h.getEvent,
		"DELETE pub/v1/{type}/{id}": func(a *ask) error { return a.none(h.withdraw(a.ctx, a.client, a.topic, a.r.PathValue("id"))) },

		"GET api/v1/subs":           h.listSubs,
		"POST api/v1/subs/{type}":   h.postSub,
		"GET api/v1/subs/{type}":    h.getSub,
		"PATCH api/v1/subs/{type}":  h.patchSub,
		"DELETE api/v1/subs/{type}": h.deleteSub,
		"POST api/v1/subs/{type}/replay": func(a *ask) error {
			var p replay
			if err := a.read(&p); err != nil {
				return err
			}
			return a.none(h.replay(a.ctx, a.client, a.topic, p))
		},
		"GET api/v1/subs/{type}/dead":         h.listDead,
		"POST api/v1/subs/{type}/dead":        h.raiseDead,
		"POST api/v1/subs/{type}/dead/{id}":   func(a *ask) error { return a.none(h.raise(a.ctx, a.client, a.topic, a.r.PathValue("id"))) },
		"DELETE api/v1/subs/{type}/dead/{id}": func(a *ask) error { return a.none(h.discard(a.ctx, a.client, a.topic, a.r.PathValue("id"))) },

		"GET pull/v1/{type}":           h.next,
		"POST pull/v1/{type}":          h.pull,
		"DELETE pull/v1/{type}/{id}":   h.ack,
		"POST pull/v1/{type}/{id}/nak": h.nak,
	} {
		method, path, _ := strings.Cut(pattern, " ")
		mux.Handle(method+" "+room+"/"+path, h.answer(f))
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		write(w, http.StatusNotFound, errorf(http.StatusNotFound, "UnknownPath", "there is nothing at this path"))
	})
	return mux
}

// ask is one call of the hub.
type ask struct {
	r      *http.Request
	w      http.ResponseWriter
	ctx    context.Context
	client xroad.ID
	topic  topic
}

func (h *Hub) answer(f func(*ask) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, err := begin(w, r)
		if err == nil {
			err = f(a)
		}
		var known *Error
		switch {
		case err == nil:
		case errors.As(err, &known):
			write(w, known.Status, known)
		case r.Context().Err() != nil: // nobody hears
		default:
			h.set.Log.Error("events", "error", err)
			write(w, http.StatusInternalServerError, errorf(500, "Internal", "the hub failed"))
		}
	})
}

func begin(w http.ResponseWriter, r *http.Request) (*ask, error) {
	r.Body = http.MaxBytesReader(w, r.Body, MaxBody)
	client, err := xroad.ParseID(r.Header.Get(xroad.HeaderClient), 4, 4)
	if err != nil {
		return nil, errorf(http.StatusBadRequest, "NoClient", "%s does not name a subsystem", xroad.HeaderClient)
	}
	part := r.PathValue
	id := xroad.ID{Instance: part("instance"), Class: part("class"), Member: part("member"), Subsystem: part("app")}
	room, err := xroad.ParseID(id.String(), 4, 4)
	if err != nil || room != id {
		return nil, errorf(http.StatusBadRequest, "BadRoom", "the path does not name a subsystem")
	}
	if t := part("type"); t != "" && !plainName.MatchString(t) {
		return nil, errNoType
	}
	return &ask{r: r, w: w, ctx: r.Context(), client: client, topic: topic{room, part("type")}}, nil
}

func (a *ask) read(v any) error {
	b, err := io.ReadAll(a.r.Body)
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return errorf(http.StatusRequestEntityTooLarge, "TooLarge", "the body is larger than %d bytes", MaxBody)
	}
	if err != nil {
		return invalid("the body could not be read")
	}
	if err := json.Unmarshal(b, v); err != nil {
		return invalid("the body is not the JSON that is expected here")
	}
	return nil
}

// encode writes a value of ours, which always has a form in JSON.
func encode(v any) []byte {
	b, _ := json.Marshal(v)
	return b
}

func write(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(encode(v), '\n'))
}

func (a *ask) give(status int, v any, err error) error {
	if err == nil {
		write(a.w, status, v)
	}
	return err
}

func (a *ask) none(err error) error {
	if err == nil {
		a.w.WriteHeader(http.StatusNoContent)
	}
	return err
}

func (h *Hub) postType(a *ask) error {
	var et EventType
	if err := a.read(&et); err != nil {
		return err
	}
	err := h.define(a.ctx, a.client, a.topic.room, et, false)
	return a.give(http.StatusOK, map[string]string{"eventType": et.EventType}, err)
}

func (h *Hub) putType(a *ask) error {
	var et EventType
	if err := a.read(&et); err != nil {
		return err
	}
	if et.EventType != "" && et.EventType != a.topic.name {
		return invalid("eventType is not that of the path")
	}
	et.EventType = a.topic.name
	return a.none(h.define(a.ctx, a.client, a.topic.room, et, true))
}

func (h *Hub) listTypes(a *ask) error {
	kinds, err := h.kinds(a.ctx, a.topic.room)
	if err != nil || len(kinds) == 0 {
		return a.none(err)
	}
	names := []string{}
	for _, k := range kinds {
		names = append(names, k.topic().name)
	}
	return a.give(http.StatusOK, names, nil)
}

func (h *Hub) getType(a *ask) error {
	k, err := h.kind(a.ctx, a.topic)
	if errors.Is(err, errNoType) {
		return a.none(nil) // the interface says 204
	}
	return a.give(http.StatusOK, k.EventType, err)
}

func (h *Hub) listAsked(a *ask) error {
	if a.client != a.topic.room {
		return errNotOwner
	}
	list, err := h.subscriptions(a.ctx, a.topic)
	return a.give(http.StatusOK, list, err)
}

// listRoom tells the owner of a room all who asked for one of its event types.
func (h *Hub) listRoom(a *ask) error {
	if a.client != a.topic.room {
		return errNotOwner
	}
	list, err := h.enrolments(a.ctx, token(a.topic.room)+".*.*")
	out := []Subscription{}
	for _, e := range list {
		out = append(out, e.Subscription)
	}
	return a.give(http.StatusOK, out, err)
}

func (h *Hub) postEvent(a *ask) error {
	var p publication
	if err := a.read(&p); err != nil {
		return err
	}
	out, err := h.publish(a.ctx, a.client, a.topic, p)
	return a.give(http.StatusCreated, out, err)
}

func (h *Hub) getEvent(a *ask) error {
	it, err := h.status(a.ctx, a.client, a.topic, a.r.PathValue("id"))
	return a.give(http.StatusOK, it, err)
}

func (h *Hub) listSubs(a *ask) error {
	list, err := h.enrolments(a.ctx, token(a.topic.room)+".*."+token(a.client))
	if err == nil && len(list) == 0 {
		return errNoSub
	}
	out := []Subscription{}
	for _, e := range list {
		out = append(out, e.Subscription)
	}
	return a.give(http.StatusOK, out, err)
}

func (h *Hub) postSub(a *ask) error {
	var s Subscription
	if err := a.read(&s); err != nil {
		return err
	}
	s, err := h.subscribe(a.ctx, a.client, a.topic, s)
	return a.give(http.StatusOK, s, err)
}

func (h *Hub) getSub(a *ask) error {
	e, err := h.enrolment(a.ctx, a.topic, a.client)
	return a.give(http.StatusOK, e.Subscription, err)
}

func (h *Hub) patchSub(a *ask) error {
	e, err := h.enrolment(a.ctx, a.topic, a.client)
	if err != nil {
		return err
	}
	s := e.Subscription // what the body leaves out stays
	if err := a.read(&s); err != nil {
		return err
	}
	s, err = h.change(a.ctx, a.client, a.topic, s)
	return a.give(http.StatusCreated, s, err)
}

func (h *Hub) deleteSub(a *ask) error {
	e, err := h.enrolment(a.ctx, a.topic, a.client)
	if err != nil {
		return err
	}
	return a.none(h.leave(a.ctx, e))
}

func (h *Hub) listDead(a *ask) error {
	after, err := strconv.ParseUint(a.r.URL.Query().Get("after"), 10, 64)
	if s := a.r.URL.Query().Get("after"); s != "" && err != nil {
		return invalid("after is a number")
	}
	list, err := h.letters(a.ctx, a.client, a.topic, after, 100)
	return a.give(http.StatusOK, list, err)
}

func (h *Hub) raiseDead(a *ask) error {
	n, err := h.raiseAll(a.ctx, a.client, a.topic)
	return a.give(http.StatusOK, map[string]int{"replayed": n}, err)
}

// next is GovStack's pull: one event. ?wait= is ours, in seconds.
func (h *Hub) next(a *ask) error {
	wait := 0.0
	if s := a.r.URL.Query().Get("wait"); s != "" {
		var err error
		if wait, err = strconv.ParseFloat(s, 64); err != nil {
			return invalid("wait is a number of seconds")
		}
	}
	list, err := h.exchange(a.ctx, a.client, a.topic, pull{Max: 1, Wait: wait})
	if err == nil && len(list) == 0 {
		return errorf(http.StatusNotFound, "NoEvent", "no event is waiting")
	}
	if err != nil {
		return err
	}
	return a.give(http.StatusOK, list[0], nil)
}

func (h *Hub) pull(a *ask) error {
	var p pull
	if err := a.read(&p); err != nil {
		return err
	}
	list, err := h.exchange(a.ctx, a.client, a.topic, p)
	if list == nil {
		list = []Item{}
	}
	return a.give(http.StatusOK, list, err)
}

func (h *Hub) ack(a *ask) error {
	e, err := h.allowed(a.ctx, a.topic, a.client)
	if err != nil {
		return err
	}
	c, err := h.consumer(a.ctx, e)
	if err != nil {
		return err
	}
	return a.none(h.acknowledge(a.ctx, e, c, a.r.PathValue("id")))
}

func (h *Hub) nak(a *ask) error {
	e, err := h.allowed(a.ctx, a.topic, a.client)
	if err != nil {
		return err
	}
	c, err := h.consumer(a.ctx, e)
	if err != nil {
		return err
	}
	r := refusal{}
	if a.r.ContentLength != 0 {
		if err := a.read(&r); err != nil {
			return err
		}
	}
	r.ID = a.r.PathValue("id")
	return a.none(h.refuse(a.ctx, e, c, r))
}
