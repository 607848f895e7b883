package events

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"dean06/internal/xroad"
)

// HeaderClient is GovStack's name of X-Road-Client.
const HeaderClient = "X-Govstack-Client"

// Targets keeps where this node's Pusher posts: one URL for each subscription.
type Targets interface {
	// Save adds or replaces.
	Save(ctx context.Context, client, room xroad.ID, eventType, url string) error
	// Drop forgets; it is no fault when there is none.
	Drop(ctx context.Context, client, room xroad.ID, eventType string) error
	// Each gives all.
	Each(ctx context.Context, f func(client, room xroad.ID, eventType, url string) error) error
}

// Local is the PubSub interface for the systems of an agency, on its gateway's port
// for local systems. Whether a system may speak for the subsystem that it names is
// the gateway's to say.
type Local struct {
	Client  Client
	Targets Targets
	Allow   Allow        // where events may be posted
	Changed func()       // tells the Pusher that Targets are others now
	Log     *slog.Logger // may be nil
}

// Over answers the paths of PubSub and leaves all others to next.
func (l *Local) Over(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		room, path, ok := split(r.URL)
		if !ok {
			next.ServeHTTP(w, r)
			return
		}
		l.serve(w, r, room, path)
	})
}

// split reads /r1/INSTANCE/CLASS/MEMBER/APP and a path of PubSub.
func split(u *url.URL) (room, path string, ok bool) {
	p := strings.SplitN(u.EscapedPath(), "/", 7)
	if len(p) < 7 || p[0] != "" || p[1] != "r1" {
		return "", "", false
	}
	path = p[6]
	for _, begin := range []string{"api/v1/eventType", "api/v1/subs", "api/v1/asked", "pub/v1", "pull/v1"} {
		if rest, found := strings.CutPrefix(path, begin); found && (rest == "" || rest[0] == '/') {
			return strings.Join(p[2:6], "/"), path, true
		}
	}
	return "", "", false
}

func (l *Local) serve(w http.ResponseWriter, r *http.Request, roomText, path string) {
	fail := func(err *Error) { write(w, err.Status, err) }
	room, err := xroad.ParseID(roomText, 4, 4)
	if err != nil {
		fail(errorf(http.StatusBadRequest, "BadRoom", "the path does not name a subsystem"))
		return
	}
	gov, road := r.Header.Get(HeaderClient), r.Header.Get(xroad.HeaderClient)
	if gov == "" {
		gov = road
	}
	client, err := xroad.ParseID(gov, 4, 4)
	if err != nil || (road != "" && road != gov) {
		fail(errorf(http.StatusBadRequest, "NoClient", "X-GovStack-Client does not name a subsystem, or X-Road-Client names another"))
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		fail(errorf(http.StatusRequestEntityTooLarge, "TooLarge", "the body is larger than %d bytes", MaxBody))
		return
	case err != nil:
		fail(invalid("the body could not be read"))
		return
	}
	name, isSub := strings.CutPrefix(path, "api/v1/subs/")
	isSub = isSub && !strings.Contains(name, "/")
	var push target
	if isSub && (r.Method == http.MethodPost || r.Method == http.MethodPatch) {
		var bad *Error
		if body, push, bad = l.subscription(body); bad != nil {
			fail(bad)
			return
		}
	}
	resp, err := l.forward(r, client, room.String()+"/"+path, body)
	if err != nil {
		l.log().Warn("the hub was not reached", "error", err)
		fail(errorf(http.StatusInternalServerError, "NoHub", "the call to the hub was not made"))
		return
	}
	defer resp.Body.Close()
	if isSub && resp.StatusCode/100 == 2 && l.Targets != nil {
		if err := l.keep(r, client, room, name, push); err != nil {
			l.log().Error("where to push is not kept", "error", err)
			fail(errorf(
				http.StatusInternalServerError, "NotKept", "the hub took the subscription, but url could not be kept here: send it again with PATCH",
			))
			return
		}
	}
	for h, v := range resp.Header {
		switch h {
		case "Content-Length", "Transfer-Encoding", "Connection", "Date":
		default:
			w.Header()[h] = v
		}
	}
	w.WriteHeader(resp.StatusCode)
	_, _ = io.Copy(w, resp.Body)
}

type target struct {
	url  string
	said bool // the body names a URL, or a delivery that needs none
}

// subscription takes url out of the body: it concerns this node alone.
func (l *Local) subscription(body []byte) ([]byte, target, *Error) {
	var all map[string]json.RawMessage
	if json.Unmarshal(body, &all) != nil {
		return nil, target{}, invalid("the body is not a JSON object")
	}
	raw, there := all["url"]
	if !there {
		var s Subscription
		_ = json.Unmarshal(body, &s)
		return body, target{said: s.Delivery == Pull}, nil
	}
	delete(all, "url")
	var text string
	if json.Unmarshal(raw, &text) != nil {
		return nil, target{}, invalid("url is a text")
	}
	if err := l.Allow.check(text); err != nil {
		return nil, target{}, invalid("%s", err)
	}
	return encode(all), target{text, true}, nil
}

func (l *Local) keep(r *http.Request, client, room xroad.ID, escaped string, t target) error {
	name, err := url.PathUnescape(escaped)
	if err != nil {
		return nil //nolint:nilerr // the hub has no such type
	}
	switch {
	case r.Method == http.MethodDelete, t.said && t.url == "":
		err = l.Targets.Drop(r.Context(), client, room, name)
	case t.url != "":
		err = l.Targets.Save(r.Context(), client, room, name, t.url)
	default:
		return nil
	}
	if err == nil && l.Changed != nil {
		l.Changed()
	}
	return err
}

// forward makes the call at the hub. The headers that say who asks for what travel on.
func (l *Local) forward(r *http.Request, client xroad.ID, path string, body []byte) (*http.Response, error) {
	if q := r.URL.RawQuery; q != "" {
		path += "?" + q
	}
	out, err := l.Client.request(r.Context(), client, r.Method, path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if len(body) == 0 {
		out.Body, out.ContentLength = http.NoBody, 0
	}
	for _, h := range []string{
		"Content-Type", "Accept", xroad.HeaderID, xroad.HeaderUserID, xroad.HeaderIssue,
		xroad.HeaderPurpose, xroad.HeaderRepresented,
	} {
		if v := r.Header.Get(h); v != "" {
			out.Header.Set(h, v)
		}
	}
	return l.Client.Caller.Do(out)
}

func (l *Local) log() *slog.Logger {
	if l.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return l.Log
}
