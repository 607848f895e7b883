package upload

import (
	"context"
	"embed"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"dean06/internal/platform/fault"
)

//go:embed messages/*.json
var messages embed.FS

// Messages are the texts of this package and of those below it.
var Messages, _ = fs.Sub(messages, "messages")

// New is a file that is about to come.
type New struct {
	For  string // what it is for, opaque
	Name string // as the sender calls it
	Size int64  // in bytes; below 0 when it is not known (Take)
	// Meta is Upload-Metadata as it was sent, given back by HEAD.
	Meta   string
	Policy Policy
}

// State is where an upload stands.
type State string

// The states. Only an open one takes pieces.
const (
	Open    State = "open"
	Taken   State = "taken"   // looked at and stored
	Refused State = "refused" // looked at and thrown away
)

// Upload is a file that comes in pieces.
type Upload struct {
	ID       string
	Owner    string
	For      string
	Name     string
	Meta     string
	Size     int64
	Received int64 // so many bytes are safe on the disk; the next piece begins there
	State    State
	Created  time.Time
	Expires  time.Time
	Policy   Policy
}

// Complete says that all bytes are there.
func (u Upload) Complete() bool { return u.Received == u.Size }

// File is a file that was looked at, found in order and stored.
type File struct {
	Upload   string    `json:"upload"` // id of the upload
	For      string    `json:"for"`
	Name     string    `json:"name"` // clean, with the ending of its type
	Type     Type      `json:"type"`
	SHA256   string    `json:"sha256"` // of what is stored, its name in the blob store
	Size     int64     `json:"size"`
	Sent     string    `json:"sent"` // SHA-256 of what was sent; another where metadata was left out
	Width    int       `json:"width,omitempty"`
	Height   int       `json:"height,omitempty"`
	Warnings []Warning `json:"warnings,omitempty"`
	// Scanned says that a virus scanner found nothing; false: none is set.
	Scanned bool      `json:"scanned"`
	At      time.Time `json:"at"`
}

// Warning is what is worth saying of a file that is taken all the same. The person may
// keep the file. "upload.warning.…" says it and how to mend it.
type Warning string

// The warnings.
const (
	Blurred   Warning = "blurred"   // the writing may not be readable
	Dark      Warning = "dark"      // too little light
	Unchecked Warning = "unchecked" // a kind or size of picture that was not looked at
	Located   Warning = "located"   // it said where it was taken, which was left out
)

// Key is the message of a warning.
func (w Warning) Key() string { return "upload.warning." + string(w) }

// Service is what pages need of the keeper of uploads; uploadsql has it. Each method
// takes only what belongs to the owner: another's upload fails with NotFound.
type Service interface {
	// Begin makes room for a file before any byte comes. It fails with Invalid or TooLarge
	// when such a file would not be taken, TooMany beyond the owner's quota, Unavailable
	// when the disk has no room.
	Begin(ctx context.Context, owner string, n New) (Upload, error)
	// Append adds a piece that begins at offset. It fails with Conflict at another offset
	// (ErrOffset), or while another piece is coming (ErrBusy); what came before the line
	// was lost is kept, unless a sum was given.
	Append(ctx context.Context, owner, id string, offset int64, sum *Sum, r io.Reader) (Upload, error)
	Stat(ctx context.Context, owner, id string) (Upload, error)
	// Cancel throws an upload away that was not taken.
	Cancel(ctx context.Context, owner, id string) error
	// Finish looks at a complete file and stores it. Again it gives the same answer.
	Finish(ctx context.Context, owner, id string) (File, error)
	// Take is all of it at once, for a form without a script.
	Take(ctx context.Context, owner string, n New, r io.Reader) (File, error)
	// List are the owner's uploads for something, the oldest first.
	List(ctx context.Context, owner, purpose string) ([]Upload, error)
	// Most is the largest file that is taken at all.
	Most() int64
}

// Faults that a protocol answers in its own way. Compare them by Key with Is.
var (
	ErrUnknown   = fault.New(fault.NotFound, "upload.unknown", nil)
	ErrExpired   = fault.New(fault.NotFound, "upload.expired", nil)
	ErrBusy      = fault.New(fault.Conflict, "upload.busy", nil)
	ErrOffset    = fault.New(fault.Conflict, "upload.offset", nil)
	ErrClosed    = fault.New(fault.Conflict, "upload.closed", nil)
	ErrSum       = fault.New(fault.Invalid, "upload.sum", nil)
	ErrBeyond    = fault.New(fault.TooLarge, "upload.beyond", nil)
	ErrPartial   = fault.New(fault.Conflict, "upload.partial", nil)
	ErrAway      = fault.New(fault.Unavailable, "upload.scanner.away", nil)
	ErrNoRoom    = fault.New(fault.Unavailable, "upload.quota.disk", nil)
	ErrCut       = fault.New(fault.Unavailable, "upload.cut", nil)
	ErrElsewhere = fault.New(fault.Unavailable, "upload.elsewhere", nil)
)

// Is says that an error is the fault, with whatever arguments.
func Is(err error, f *fault.Error) bool {
	e := fault.As(err)
	return e != nil && e.Key == f.Key
}

// Policy says what may be sent for something. The zero value takes PDF, JPEG and PNG as
// large as the node allows.
type Policy struct {
	Max   int64  `json:"max,omitempty"` // bytes; 0: as the node is set
	Types []Type `json:"types,omitempty"`
	// Paper says that pictures are photographs or scans of papers: they are to be large,
	// sharp and light enough to be read.
	Paper bool `json:"paper,omitempty"`
	// Marks change when a photograph counts as too small, blurred or dark; nil: DefaultMarks.
	Marks *Marks `json:"marks,omitempty"`
}

// Papers is the policy for photographs, scans and files of papers.
var Papers = Policy{Paper: true}

// Allowed are the types that may be sent.
func (p Policy) Allowed() []Type {
	if len(p.Types) == 0 {
		return []Type{PDF, JPEG, PNG}
	}
	return p.Types
}

func (p Policy) takes(t Type) bool { return slices.Contains(p.Allowed(), t) }

// Photo are the marks that photographs of papers are held against.
func (p Policy) Photo() Marks {
	if p.Marks == nil {
		return DefaultMarks
	}
	return *p.Marks
}

// Accept is what a file field offers to choose: ".pdf,.jpg,…".
func (p Policy) Accept() string {
	var out []string
	for _, t := range p.Allowed() {
		out = append(out, endings[t]...)
	}
	return "." + strings.Join(out, ",.")
}

// words lists types for a message, which writes each by its name.
func words(list []Type) string {
	var out []string
	for _, t := range list {
		out = append(out, string(t))
	}
	return strings.Join(out, ",")
}

// most is the largest size under a policy, on a node that takes limit.
func (p Policy) most(limit int64) int64 {
	if p.Max > 0 && (limit <= 0 || p.Max < limit) {
		return p.Max
	}
	return limit
}

// Check looks at what is known before the first byte: it refuses what would be refused
// at the end. limit is the largest file of the node.
func (n New) Check(limit int64) error {
	most := n.Policy.most(limit)
	switch {
	case n.Size == 0:
		return fault.New(fault.Invalid, "upload.refused.empty", fault.Args{"name": CleanName(n.Name, "")})
	case n.Size > most:
		return TooLarge(n.Name, most)
	}
	if t, named := TypeOfName(n.Name); named && !n.Policy.takes(t) {
		return notTaken(n.Name, t, n.Policy)
	}
	return nil
}

// TooLarge is the refusal of a file beyond a limit of bytes.
func TooLarge(name string, most int64) *fault.Error {
	f := fault.New(fault.TooLarge, "upload.refused.too_large", fault.Args{"name": CleanName(name, ""), "megabytes": most >> 20})
	if most < 1<<20 {
		f = fault.New(fault.TooLarge, "upload.refused.too_large_kb", fault.Args{"name": CleanName(name, ""), "kilobytes": most >> 10})
	}
	return f
}

func notTaken(name string, t Type, p Policy) *fault.Error {
	return fault.New(fault.Invalid, "upload.refused.not_taken", fault.Args{
		"name": CleanName(name, ""), "type": string(t), "allowed": words(p.Allowed()),
	})
}

// Scanner looks for viruses.
type Scanner interface {
	// Scan gives the name of what it found, "" for nothing. Any error means that nothing
	// is known of the file.
	Scan(ctx context.Context, r io.Reader) (virus string, err error)
	// Ping asks whether it is there.
	Ping(ctx context.Context) error
}
