// Package readinessweb is what the pages of the readiness register share: the
// node around them, and how states, statuses and agencies are shown. The pages
// are in fill (an agency's own return), office (the coordinator's work) and
// board (who meets what).
package readinessweb

import (
	"context"
	"embed"
	"io/fs"
	"net/http"
	"strings"
	"time"

	"dean06/internal/platform/upload"
	"github.com/a-h/templ"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/web"
	"dean06/internal/readiness"
)

//go:embed messages
var messages embed.FS

// Messages are the texts that the pages share.
var Messages, _ = fs.Sub(messages, "messages")

// Shell is what the pages need from the node around them.
type Shell struct {
	Register *readiness.Register
	Clock    clock.Clock
	// Frame is the layout around the pages of a request.
	Frame web.FrameFunc
	// Names says how people are called; nil shows what is stored.
	Names Names
	// Exports makes the files that people download.
	Exports Exports
	// Work runs what takes longer than a request.
	Work Work
	// Uploads keeps files that people send, UploadAttrs are what a field needs to send them
	// in pieces; nil sends them with the form.
	Uploads     upload.Service
	UploadAttrs func(p *i18n.Printer, purpose string, policy upload.Policy) templ.Attributes
	// Country shows the land: names and shapes of provinces by day.
	Country Country
}

// Names says how people are called.
type Names interface {
	// NameOf is the name that a person had at a time. stored is the id of an account,
	// or the login that was stored before ids were; what is no account stays as it is.
	NameOf(ctx context.Context, stored string, at time.Time) string
}

// Actor is who acts in a request; nobody when nobody is signed in.
func (s Shell) Actor(r *http.Request) actor.Actor { return actor.From(r.Context()) }

// By is who did something, in words: the name that they had then. What the program
// did by itself is not somebody's.
func (s Shell) By(ctx context.Context, stored string, at time.Time) string {
	p := i18n.From(ctx)
	if strings.HasPrefix(stored, "system:") {
		return p.T("readinessweb.by.system")
	}
	if user, ok := strings.CutPrefix(stored, "os:"); ok {
		return p.T("readinessweb.by.command", map[string]any{"user": user})
	}
	if s.Names == nil || stored == "" {
		return stored
	}
	return s.Names.NameOf(ctx, stored, at)
}

// Exports makes files out of what the register holds, for somebody who may read it.
// format is "docx", "xlsx" or "pdf"; lang "vi" or "en". An unknown format is NotFound.
type Exports interface {
	// Return is the form of an agency, filled in; blank when ret is nil.
	Return(ctx context.Context, v readiness.View, ret *readiness.Return, format, lang string) (File, error)
	// Report is the report on a campaign to the Prime Minister.
	Report(ctx context.Context, who actor.Actor, q readiness.Question, format, lang string) (File, error)
	// Letter is the campaign's covering letter.
	Letter(ctx context.Context, who actor.Actor, campaign, format string) (File, error)
	// Receipt is the receipt of a version that came in: "pdf" or "docx".
	Receipt(ctx context.Context, r readiness.Receipt, format, lang string) (File, error)
	// Cancellation is the letter with which a round was cancelled. It fails with NotFound for
	// one that was not.
	Cancellation(ctx context.Context, who actor.Actor, campaign, format string) (File, error)
	// Refusal is the letter with which a file was refused. It fails with NotFound for one
	// that was not.
	Refusal(ctx context.Context, who actor.Actor, item, format string) (File, error)
	// Reminder is the letter that reminds one agency.
	Reminder(ctx context.Context, who actor.Actor, campaign, agency, format string) (File, error)
}

// Work runs what takes longer than a request, and survives a restart.
type Work interface {
	// Import queues uploaded files for a campaign and gives the batch.
	Import(ctx context.Context, who actor.Actor, campaign string, files []readiness.File) (batch string, err error)
	// Issue sends out a letter, ends its draft ("": none), and mails its recipients.
	Issue(ctx context.Context, who actor.Actor, c readiness.Campaign, draft string, revision int) error
	// Cancel cancels a round and mails its recipients.
	Cancel(ctx context.Context, who actor.Actor, campaign string, x readiness.Cancellation) error
	// Remind queues the e-mail of a reminder; false when it was sent before.
	Remind(ctx context.Context, who actor.Actor, campaign, agency, step string) (bool, error)
	// Refuse refuses a file that waits, and queues the e-mail with its letter unless the
	// letter is printed and sent otherwise.
	Refuse(ctx context.Context, who actor.Actor, item, reason string, mailed bool) error
}

// Country gives the shapes of the land.
type Country interface {
	// Tiles places each province of a day on a grid.
	Tiles(on clock.Date) []readiness.Tile
	// Shapes are the outlines of the provinces of a day in one view box.
	Shapes(on clock.Date) readiness.LandMap
	// ProvinceOf is the province code that an agency governs on a day; "" for none.
	ProvinceOf(agency string, on clock.Date) string
}
