// Package uploadweb is how uploads come in: by tus 1.0.0 (core, creation,
// creation-with-upload, expiration, checksum, termination) and with a plain form. It
// asks the module whose an upload is and what may be sent; the rest is upload.Service's.
package uploadweb

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/upload"
	"dean06/internal/platform/web"
)

// Mount says where a module takes files, and of whom.
type Mount struct {
	Service upload.Service
	Path    string // "/dossiers/uploads"
	Log     *slog.Logger
	// Owner says whose the upload of a request is: an account, a draft. It fails with
	// Unsigned or Denied; an empty owner is Unsigned.
	Owner func(r *http.Request) (string, error)
	// Allow says what may be sent for n.For, and refuses what is not theirs. nil allows
	// what the zero Policy does, for anything.
	Allow func(ctx context.Context, owner string, n upload.New) (upload.Policy, error)
	// Refused hears of every file that was refused, for the module's log; may be nil.
	Refused func(ctx context.Context, owner string, n upload.New, why *fault.Error)
}

// Line is one line of what a module adds to its node.Part: a node.Handler, which is not
// named here, so that pages may take files without knowing the frame.
type Line struct {
	Pattern string
	Handler http.Handler
	May     string
}

// Handlers are the lines.
func Handlers(m Mount, may string) []Line {
	h := Handler(m)
	return []Line{{Pattern: m.Path, Handler: h, May: may}, {Pattern: m.Path + "/{id}", Handler: h, May: may}}
}

const (
	version     = "1.0.0"
	extensions  = "creation,creation-with-upload,expiration,checksum,termination"
	pieceType   = "application/offset+octet-stream"
	longestMeta = 8 << 10

	// Of a slow sender so much is waited for the next bytes, and for a piece in all; what
	// came is kept, and the sender goes on from there.
	idle  = 20 * time.Second
	whole = 4 * time.Minute // less than the server's own bound, so that there is an answer
)

// Handler answers below m.Path. Other sites cannot reach it: a page of theirs can send
// neither the header Tus-Resumable nor the method PATCH without asking first, and OPTIONS
// allows them nothing; the router refuses what a browser says comes from elsewhere.
func Handler(m Mount) http.Handler {
	if m.Log == nil {
		m.Log = slog.Default()
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Tus-Resumable", version)
		w.Header().Set("Cache-Control", "no-store")
		if err := m.serve(w, r); err != nil {
			m.fail(w, r, err)
		}
	})
}

// Faults of the protocol itself; a person sees them only through a broken program.
var (
	errVersion = fault.New(fault.Invalid, "upload.protocol.version", nil)
	errMethod  = fault.New(fault.NotFound, "upload.protocol.method", nil)
	errKind    = fault.New(fault.Invalid, "upload.protocol.kind", nil)
)

// statuses are those that tus asks for, by the key of the fault; web.Status has the others.
var statuses = map[string]int{
	errVersion.Key:        http.StatusPreconditionFailed,
	errMethod.Key:         http.StatusMethodNotAllowed,
	errKind.Key:           http.StatusUnsupportedMediaType,
	"upload.header":       http.StatusBadRequest,
	upload.ErrSum.Key:     460,
	upload.ErrExpired.Key: http.StatusGone,
	upload.ErrBusy.Key:    http.StatusLocked,
	upload.ErrCut.Key:     http.StatusRequestTimeout,
}

func badHeader(name string) error {
	return fault.New(fault.Invalid, "upload.header", fault.Args{"header": name})
}

func (m Mount) serve(w http.ResponseWriter, r *http.Request) error {
	id := strings.Trim(strings.TrimPrefix(r.URL.Path, m.Path), "/")
	method := r.Method
	if as := r.Header.Get("X-Http-Method-Override"); as != "" && method == http.MethodPost {
		method = as // of POST alone: it is guarded as what it stands for
	}
	if method == http.MethodOptions {
		return m.options(w)
	}
	owner, err := m.Owner(r)
	if err == nil && owner == "" {
		err = fault.New(fault.Unsigned, "upload.protocol.owner", nil)
	}
	if err != nil {
		return err
	}
	if r.Header.Get("Tus-Resumable") != version {
		w.Header().Set("Tus-Version", version)
		return errVersion
	}
	switch {
	case id == "" && method == http.MethodPost:
		return m.create(w, r, owner)
	case id == "" || strings.Contains(id, "/"):
		w.Header().Set("Allow", "POST, OPTIONS")
		return errMethod
	}
	switch method {
	case http.MethodHead:
		return m.head(w, r, owner, id)
	case http.MethodPatch:
		return m.patch(w, r, owner, id)
	case http.MethodDelete:
		if err := m.Service.Cancel(r.Context(), owner, id); err != nil {
			return err
		}
		w.WriteHeader(http.StatusNoContent)
		return nil
	case http.MethodPost:
		return m.finish(w, r, owner, id)
	}
	w.Header().Set("Allow", "HEAD, PATCH, POST, DELETE, OPTIONS")
	return errMethod
}

func (m Mount) options(w http.ResponseWriter) error {
	h := w.Header()
	h.Set("Tus-Version", version)
	h.Set("Tus-Extension", extensions)
	h.Set("Tus-Max-Size", strconv.FormatInt(m.Service.Most(), 10))
	h.Set("Tus-Checksum-Algorithm", strings.Join(upload.Sums, ","))
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// create makes an upload, with its first piece when that comes along.
func (m Mount) create(w http.ResponseWriter, r *http.Request, owner string) error {
	ctx := r.Context()
	n, err := newOf(r)
	if err != nil {
		return err
	}
	withPiece := r.ContentLength != 0 && r.Header.Get("Content-Type") == pieceType
	if r.ContentLength > 0 && !withPiece {
		return errKind
	}
	sum, err := sumOf(r)
	if err != nil {
		return err
	}
	if m.Allow != nil {
		if n.Policy, err = m.Allow(ctx, owner, n); err != nil {
			return err
		}
	}
	if withPiece && r.ContentLength > n.Size {
		return m.heard(ctx, owner, n, upload.ErrBeyond)
	}
	u, err := m.Service.Begin(ctx, owner, n)
	if err != nil {
		return m.heard(ctx, owner, n, err)
	}
	if withPiece {
		started := u
		u, err = m.Service.Append(ctx, owner, u.ID, 0, sum, m.body(w, r))
		switch {
		case upload.Is(err, upload.ErrCut): // what came is there, and the rest may follow
			if u.ID == "" {
				u = started
			}
		case err != nil:
			return errors.Join(err, m.Service.Cancel(context.WithoutCancel(ctx), owner, started.ID))
		}
		w.Header().Set("Upload-Offset", strconv.FormatInt(u.Received, 10))
	}
	w.Header().Set("Location", m.Path+"/"+u.ID)
	expires(w, u)
	w.WriteHeader(http.StatusCreated)
	return nil
}

func newOf(r *http.Request) (upload.New, error) {
	if r.Header.Get("Upload-Defer-Length") != "" { // room is kept before bytes come, so the length is to be known
		return upload.New{}, badHeader("Upload-Defer-Length")
	}
	size, err := number(r, "Upload-Length")
	if err != nil {
		return upload.New{}, err
	}
	raw := r.Header.Get("Upload-Metadata")
	if len(raw) > longestMeta {
		return upload.New{}, badHeader("Upload-Metadata")
	}
	meta, err := ParseMetadata(raw)
	if err != nil {
		return upload.New{}, err
	}
	return upload.New{For: meta["for"], Name: meta["filename"], Size: size, Meta: raw}, nil
}

// number reads a header that is a number of bytes: digits and nothing else.
func number(r *http.Request, header string) (int64, error) {
	list := r.Header.Values(header)
	if len(list) != 1 || strings.Trim(list[0], "0123456789") != "" {
		return 0, badHeader(header)
	}
	n, err := strconv.ParseInt(list[0], 10, 64)
	if err != nil && errors.Is(err, strconv.ErrRange) {
		return 1<<63 - 1, nil // more than anything that is taken
	}
	if err != nil {
		return 0, badHeader(header)
	}
	return n, nil
}

func sumOf(r *http.Request) (*upload.Sum, error) {
	if text := r.Header.Get("Upload-Checksum"); text != "" {
		return upload.ParseSum(text)
	}
	return nil, nil //nolint:nilnil // none was sent
}

func (m Mount) head(w http.ResponseWriter, r *http.Request, owner, id string) error {
	u, err := m.Service.Stat(r.Context(), owner, id)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Upload-Offset", strconv.FormatInt(u.Received, 10))
	h.Set("Upload-Length", strconv.FormatInt(u.Size, 10))
	if u.Meta != "" {
		h.Set("Upload-Metadata", u.Meta)
	}
	expires(w, u)
	w.WriteHeader(http.StatusOK)
	return nil
}

func (m Mount) patch(w http.ResponseWriter, r *http.Request, owner, id string) error {
	if r.Header.Get("Content-Type") != pieceType {
		return errKind
	}
	offset, err := number(r, "Upload-Offset")
	if err != nil {
		return err
	}
	sum, err := sumOf(r)
	if err != nil {
		return err
	}
	if r.ContentLength > 0 { // what cannot fit is told before it is read
		u, err := m.Service.Stat(r.Context(), owner, id)
		if err != nil {
			return err
		}
		if offset == u.Received && r.ContentLength > u.Size-offset {
			return upload.ErrBeyond
		}
	}
	u, err := m.Service.Append(r.Context(), owner, id, offset, sum, m.body(w, r))
	if err != nil {
		return err
	}
	w.Header().Set("Upload-Offset", strconv.FormatInt(u.Received, 10))
	expires(w, u)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// expires says until when an unfinished upload can be gone on with.
func expires(w http.ResponseWriter, u upload.Upload) {
	if u.State == upload.Open {
		w.Header().Set("Upload-Expires", u.Expires.UTC().Format(http.TimeFormat))
	}
}

// body is what comes, and not for ever.
func (m Mount) body(w http.ResponseWriter, r *http.Request) *paced {
	return &paced{r: r.Body, set: http.NewResponseController(w).SetReadDeadline, until: time.Now().Add(whole)} //nolint:forbidigo // a deadline of the network
}

// paced bounds how long a sender may be silent, and how long a piece may take.
type paced struct {
	r interface {
		Read(p []byte) (int, error)
	}
	set   func(time.Time) error
	until time.Time
}

func (p *paced) Read(b []byte) (int, error) {
	now := time.Now() //nolint:forbidigo // a deadline of the network
	if now.After(p.until) {
		return 0, fmt.Errorf("the piece takes longer than %s", whole)
	}
	at := now.Add(idle)
	if at.After(p.until) {
		at = p.until
	}
	_ = p.set(at) // what knows no deadlines is no connection
	return p.r.Read(b)
}

// answer is what Finish says to the script: the file, and what is worth saying of it.
type answer struct {
	Upload   string    `json:"upload"`
	Name     string    `json:"name"`
	Size     int64     `json:"size"`
	Warnings []warning `json:"warnings"`
}

type warning struct {
	Code upload.Warning `json:"code"`
	Text string         `json:"text"`
}

// finish looks at the file at once, so that the person hears what is wrong with it while the
// paper is still on the table. It is no part of tus.
func (m Mount) finish(w http.ResponseWriter, r *http.Request, owner, id string) error {
	ctx := r.Context()
	f, err := m.Service.Finish(ctx, owner, id)
	if err != nil {
		if u, e := m.Service.Stat(ctx, owner, id); e == nil {
			return m.heard(ctx, owner, upload.New{For: u.For, Name: u.Name, Size: u.Size}, err)
		}
		return err
	}
	p := i18n.From(ctx)
	out := answer{Upload: f.Upload, Name: f.Name, Size: f.Size, Warnings: []warning{}}
	for _, code := range f.Warnings {
		out.Warnings = append(out.Warnings, warning{code, p.T(code.Key())})
	}
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(out)
}

// heard tells the module of a refusal.
func (m Mount) heard(ctx context.Context, owner string, n upload.New, err error) error {
	if why := fault.As(err); why != nil && m.Refused != nil && strings.HasPrefix(why.Key, "upload.refused.") {
		m.Refused(ctx, owner, n, why)
	}
	return err
}

// fail answers with an error, in the words of the reader's language.
func (m Mount) fail(w http.ResponseWriter, r *http.Request, err error) {
	f := fault.As(err)
	if f == nil {
		f = fault.New(fault.Internal, "web.internal", nil)
	}
	status := web.Status(err)
	if s, ok := statuses[f.Key]; ok {
		status = s
	}
	ctx := r.Context()
	if ctx.Err() == nil && status >= http.StatusInternalServerError {
		m.Log.LogAttrs(ctx, slog.LevelError, "upload failed",
			slog.String("request_id", web.RequestID(ctx)), slog.Int("status", status), slog.String("error", err.Error()))
	}
	h := w.Header()
	if status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests || status == http.StatusLocked {
		h.Set("Retry-After", "30")
	}
	if r.Body != nil && r.Body != http.NoBody && r.ContentLength != 0 {
		h.Set("Connection", "close") // the rest of what is sent is not read
	}
	h.Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_ = json.NewEncoder(w).Encode(web.NewProblem(ctx, status, f, nil))
	}
}
