// Package cleaningclient hands files in to be cleaned through the exchange: it is the other
// side of cleaningapi, for agencies' own modules.
//
// It believes nothing: a file that is another than was asked about, an offset that cannot be,
// a piece whose hash is another or that does not end where it should are no answers. It fails
// with Unavailable (not now, or what came cannot be believed: ask again), Denied (the agency's
// right does not cover it), NotFound, Conflict and Invalid, with the service's own words.
package cleaningclient

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"dean06/internal/cleaning"
	"dean06/internal/platform/fault"
	"dean06/internal/xroad"
	"dean06/internal/xroad/ask"
)

//go:embed messages/*.json
var messages embed.FS

// Messages are the texts of this package.
var Messages, _ = fs.Sub(messages, "messages")

const (
	words ask.Words = "cleaningclient"
	// service is the code of the service that is asked.
	service = "cleaning"
	// patience is how long a piece may take on a slow line.
	patience = 90 * time.Second
	// mostAnswer bounds an answer: a piece, or the columns of a file with their examples.
	mostAnswer = cleaning.MaxPiece + 1<<20
)

// Asker says for whom it is asked.
type Asker = ask.Asker

// Client asks the service. It may be used by many at once.
type Client struct {
	// Call carries a request through the exchange; the node's gateway does.
	Call func(context.Context, *http.Request) (*http.Response, error)
	// Register is the subsystem that cleans; false while it is not known.
	Register func() (xroad.ID, bool)
	Patience time.Duration // 90 seconds when zero
}

func (c *Client) do(ctx context.Context, as Asker, q ask.Question) (ask.Answer, error) {
	p := c.Patience
	if p == 0 {
		p = patience
	}
	q.Service = service
	a, err := ask.Client{Words: words, Call: c.Call, Provider: c.Register, Patience: p, Most: mostAnswer}.Do(ctx, as, q)
	if err != nil || a.Status < http.StatusMultipleChoices {
		return a, err
	}
	return a, refusal(a)
}

// json asks with v as the body and reads the answer into out.
func (c *Client) json(ctx context.Context, as Asker, method, below string, v, out any) error {
	q := ask.Question{Method: method, Below: below}
	if v != nil {
		var err error
		if q, err = ask.JSON(method, service, below, v); err != nil {
			return err
		}
	}
	a, err := c.do(ctx, as, q)
	if err != nil {
		return err
	}
	return words.Read(a.Body, out)
}

// Twice is the error of a file that the agency handed in before: which one it has become.
type Twice struct {
	ID string
	error
}

// Unwrap gives the fault.
func (t Twice) Unwrap() error { return t.error }

var kinds = map[int]fault.Kind{
	http.StatusForbidden: fault.Denied, http.StatusNotFound: fault.NotFound, http.StatusConflict: fault.Conflict,
	http.StatusUnprocessableEntity: fault.Invalid, http.StatusRequestEntityTooLarge: fault.TooLarge,
}

// refusal is what the service says in place of what was asked.
func refusal(a ask.Answer) error {
	kind, known := kinds[a.Status]
	if !known {
		return words.Away("provider", fmt.Errorf("the service answers %d", a.Status))
	}
	var p struct {
		ask.Problem
		Same string `json:"same"`
	}
	if err := words.Read(a.Body, &p); err != nil {
		return err
	}
	if p.Status != a.Status || ask.Clean(p.Detail) == "" {
		return words.Untrue("an answer with the status %d that is no problem of that status", a.Status)
	}
	err := fault.New(kind, string(words)+".said", fault.Args{"said": p.Said()})
	if p.Same != "" && kind == fault.Conflict && sound(p.Same) {
		return Twice{p.Same, err}
	}
	return err
}

// sound says that something can be an id.
func sound(id string) bool {
	return id != "" && len(id) <= 64 && !strings.ContainsFunc(id, func(r rune) bool {
		return r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
}

func below(id string, rest ...string) string {
	return "/" + url.PathEscape(id) + strings.Join(rest, "")
}

// file reads a file, and holds it against the one that was meant.
func (c *Client) file(ctx context.Context, as Asker, method, id, rest string, v any) (h cleaning.Handed, err error) {
	if err := c.json(ctx, as, method, below(id, rest), v, &h); err != nil {
		return h, err
	}
	if h.ID != id {
		return h, words.Untrue("file %.80q, asked was %q", h.ID, id)
	}
	return h, check(&h)
}

var states = []cleaning.State{
	cleaning.Coming, cleaning.Checking, cleaning.Refused, cleaning.Columns, cleaning.Waiting, cleaning.Writing, cleaning.Reviewed, cleaning.Asked,
	cleaning.Approved, cleaning.Released, cleaning.Failed, cleaning.Deleted,
}

// check says that a file can be as it is told.
func check(h *cleaning.Handed) error {
	switch {
	case !sound(h.ID):
		return words.Untrue("a file with the id %.80q", h.ID)
	case !slices.Contains(states, h.State):
		return words.Untrue("file %s in the state %.40q", h.ID, h.State)
	case h.Size < 0 || h.Received < 0 || h.Received > h.Size || h.State != cleaning.Coming && h.Received != h.Size:
		return words.Untrue("file %s of %d bytes, of which %d came", h.ID, h.Size, h.Received)
	case h.Written < 0 || h.Rows < 0 || h.Open < 0 || h.Written > h.Rows || h.Open > h.Rows:
		return words.Untrue("file %s with %d of %d rows, %d open", h.ID, h.Written, h.Rows, h.Open)
	case h.State == cleaning.Released && len(h.Papers) == 0, h.State != cleaning.Released && len(h.Papers) > 0, len(h.Papers) > 10:
		return words.Untrue("file %s is %s with %d papers", h.ID, h.State, len(h.Papers))
	}
	for _, p := range h.Papers {
		raw, err := hex.DecodeString(p.File.SHA256)
		if err != nil || len(raw) != sha256.Size || p.File.Size <= 0 || p.File.Size > cleaning.MaxHanded || !sound(p.Format) || len(p.Format) > 10 {
			return words.Untrue("a paper %.20q of file %s of %d bytes", p.Format, h.ID, p.File.Size)
		}
	}
	for name := range h.Checks {
		if !slices.Contains(cleaning.Checks(), name) {
			delete(h.Checks, name) // a newer register looks at more
		}
	}
	h.Why = ask.Clean(h.Why)
	for i := range h.Notes {
		h.Notes[i] = ask.Clean(h.Notes[i])
	}
	return nil
}

// Begin says that a file comes, and gives where it goes on. It fails with Twice for one that
// was handed in.
func (c *Client) Begin(ctx context.Context, as Asker, o cleaning.Offer) (h cleaning.Handed, err error) {
	if err := c.json(ctx, as, http.MethodPost, "", o, &h); err != nil {
		return h, err
	}
	if h.File != o.File {
		return h, words.Untrue("a file of %d bytes and SHA-256 %.64q, offered was one of %d", h.Size, h.SHA256, o.Size)
	}
	return h, check(&h)
}

// File is where a file stands.
func (c *Client) File(ctx context.Context, as Asker, id string) (cleaning.Handed, error) {
	return c.file(ctx, as, http.MethodGet, id, "", nil)
}

// Append sends a piece that begins at offset, and gives where it goes on.
func (c *Client) Append(ctx context.Context, as Asker, id string, offset int64, piece []byte) (h cleaning.Handed, err error) {
	a, err := c.do(ctx, as, ask.Question{
		Method: http.MethodPut, Below: below(id, "/content?offset=", strconv.FormatInt(offset, 10)), Type: "application/octet-stream", Body: piece,
		Header: map[string]string{"Content-Digest": digest(piece)},
	})
	if err == nil {
		err = words.Read(a.Body, &h)
	}
	if err == nil {
		err = check(&h)
	}
	if err == nil && (h.ID != id || h.Received != offset+int64(len(piece))) {
		err = words.Untrue("after %d bytes from %d on %d have come of file %.80q", len(piece), offset, h.Received, h.ID)
	}
	return h, err
}

func digest(piece []byte) string {
	sum := sha256.Sum256(piece)
	return "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"
}

// Finish says that all pieces were sent.
func (c *Client) Finish(ctx context.Context, as Asker, id string) (cleaning.Handed, error) {
	return c.file(ctx, as, http.MethodPost, id, "/finish", nil)
}

// Confirm says what the columns hold, and has the file held against the register.
func (c *Client) Confirm(ctx context.Context, as Asker, id string, chosen []cleaning.Kind, monthFirst bool) (cleaning.Handed, error) {
	return c.file(ctx, as, http.MethodPost, id, "/columns", struct {
		Kinds      []cleaning.Kind `json:"kinds"`
		MonthFirst bool            `json:"month_first"`
	}{chosen, monthFirst})
}

// End has a file deleted before its last day.
func (c *Client) End(ctx context.Context, as Asker, id string) (cleaning.Handed, error) {
	return c.file(ctx, as, http.MethodDelete, id, "", nil)
}

// Unsettled are rows behind one that the agency's own staff may settle.
func (c *Client) Unsettled(ctx context.Context, as Asker, id string, after int) (p cleaning.Page[cleaning.Unsettled], err error) {
	if err := c.json(ctx, as, http.MethodGet, below(id, "/rows?after=", strconv.Itoa(after)), nil, &p); err != nil {
		return p, err
	}
	last := after
	for _, u := range p.List {
		if u.Row <= last {
			return p, words.Untrue("row %d after row %d", u.Row, last)
		}
		last = u.Row
	}
	if p.Next != 0 && p.Next != last {
		return p, words.Untrue("rows that end at %d and go on at %d", last, p.Next)
	}
	return p, nil
}

func rowOf(id string, row int) string { return below(id, "/rows/", strconv.Itoa(row)) }

// Ask sets a row beside a person whom nobody here sees.
func (c *Client) Ask(ctx context.Context, as Asker, id string, row int) (q cleaning.Question, err error) {
	if err := c.json(ctx, as, http.MethodGet, rowOf(id, row), nil, &q); err != nil {
		return q, err
	}
	if q.Row != row || q.Of < 1 || q.Candidate < 0 || q.Candidate >= q.Of || len(q.Values) > 64 {
		return q, words.Untrue("row %d with candidate %d of %d, asked was row %d", q.Row, q.Candidate, q.Of, row)
	}
	for i := range q.Values {
		v := &q.Values[i]
		if v.Like != cleaning.Alike && v.Like != cleaning.Unlike {
			return q, words.Untrue("a value that is %.20q", v.Like)
		}
		v.Words = ask.Clean(v.Words)
	}
	return q, nil
}

// Settle says of a row whether it is the person asked about. The row is undecided while
// another of its candidates is to be asked about.
func (c *Client) Settle(ctx context.Context, as Asker, id string, row int, v cleaning.Verdict) (cleaning.Decided, error) {
	var got struct {
		Decided cleaning.Decided `json:"decided"`
	}
	if err := c.json(ctx, as, http.MethodPost, rowOf(id, row), v, &got); err != nil {
		return "", err
	}
	if got.Decided != cleaning.Undecided && got.Decided != v.Says {
		return "", words.Untrue("row %d is %.20q, said was %q", row, got.Decided, v.Says)
	}
	return got.Decided, nil
}

// Changes are what became of rows behind a change, in order and without a gap.
func (c *Client) Changes(ctx context.Context, as Asker, id string, after int64) (p cleaning.Page[cleaning.Change], err error) {
	if err := c.json(ctx, as, http.MethodGet, below(id, "/changes?after=", strconv.FormatInt(after, 10)), nil, &p); err != nil {
		return p, err
	}
	for i, change := range p.List {
		if change.Seq != after+int64(i)+1 || change.Row < 1 || !slices.Contains(cleaning.ChangeKinds, change.Kind) {
			return p, words.Untrue("change %d of row %d as the %d. behind %d", change.Seq, change.Row, i+1, after)
		}
	}
	if p.Next != 0 && (len(p.List) == 0 || int64(p.Next) != p.List[len(p.List)-1].Seq) {
		return p, words.Untrue("%d changes that go on at %d", len(p.List), p.Next)
	}
	return p, nil
}

// Piece is a part of a paper of the clean file from offset on.
func (c *Client) Piece(ctx context.Context, as Asker, id string, p cleaning.Paper, offset int64) ([]byte, error) {
	a, err := c.do(ctx, as, ask.Question{
		Method: http.MethodGet, Below: below(id, "/papers/", url.PathEscape(p.Format), "?offset=", strconv.FormatInt(offset, 10)),
		Header: map[string]string{"Accept": "application/octet-stream, application/json"},
	})
	if err != nil {
		return nil, err
	}
	switch want := min(cleaning.MaxPiece, p.File.Size-offset); {
	case int64(len(a.Body)) != want:
		return nil, words.Untrue("a piece of %d bytes at %d of %d, want %d", len(a.Body), offset, p.File.Size, want)
	case a.Header.Get("Upload-Offset") != strconv.FormatInt(offset, 10):
		return nil, words.Untrue("a piece from %.20q on, asked was %d", a.Header.Get("Upload-Offset"), offset)
	case a.Header.Get("Content-Digest") != digest(a.Body):
		return nil, words.Untrue("a piece at %d with another hash than was said", offset)
	}
	return a.Body, nil
}
