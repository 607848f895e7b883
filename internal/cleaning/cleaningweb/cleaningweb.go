// Package cleaningweb is the pages of data cleaning at the register's node: files that were
// handed in, what their columns hold, what became of their rows, the queue of pairs for
// people, and what leaves. Every rule is in cleaning; here it is only shown.
package cleaningweb

import (
	"context"
	"embed"
	"io/fs"
	"net/http"
	"time"

	"github.com/a-h/templ"

	"dean06/internal/cleaning"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/session"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/upload"
	"dean06/internal/platform/web"
)

//go:embed messages
var messages embed.FS

// Messages are the texts of the pages.
var Messages, _ = fs.Sub(messages, "messages")

// Path is where the pages are.
const Path = "/cleaning"

// UploadPath is where files are sent in pieces, and Purpose what they are for.
const (
	UploadPath = "/cleaning-uploads"
	Purpose    = "cleaning"
)

// maxForm is the largest form: with a file, where there is no script to send it in pieces.
const maxForm = cleaning.MaxHanded + 1<<20

// Pages are the pages.
type Pages struct {
	Desk     *cleaning.Desk
	Frame    web.FrameFunc
	Clock    clock.Clock
	Agency   func(code string) string
	Agencies func(ctx context.Context) ([]ui.Option, error)
	Uploads  upload.Service
	// Attrs are what the field of a file needs so that it is sent in pieces.
	Attrs func(p *i18n.Printer, purpose string, policy upload.Policy) templ.Attributes
	// Name is what an account was called at a moment.
	Name func(ctx context.Context, account string, at time.Time) string
	// Letter writes the letter that goes with a result: docx, pdf.
	Letter func(ctx context.Context, s cleaning.Standing, format string) ([]byte, error)
}

// Routes are the addresses of the pages.
func (p *Pages) Routes() []web.Route {
	var out []web.Route
	add := func(action cleaning.Action, pattern string, h web.Handler, body int64) {
		out = append(out, web.Route{
			Pattern: pattern, Handler: guard(action, h), MaxBody: body, May: cleaning.Permissions.Module + "." + string(action),
		})
	}
	batch := Path + "/{batch}"
	add(cleaning.See, "GET "+Path, p.list, 0)
	add(cleaning.See, "GET "+batch, p.batch, 0)
	add(cleaning.HandIn, "GET "+Path+"/new", p.blank, 0)
	add(cleaning.HandIn, "POST "+Path+"/new", p.handIn, maxForm)
	add(cleaning.HandIn, "GET "+batch+"/columns", p.columns, 0)
	add(cleaning.HandIn, "POST "+batch+"/columns", p.columnsPost, 0)
	add(cleaning.HandIn, "POST "+batch+"/end", p.end, 0)
	add(cleaning.Review, "GET "+batch+"/rows", p.rows, 0)
	add(cleaning.Review, "GET "+batch+"/rows/{row}", p.row, 0)
	add(cleaning.Review, "POST "+batch+"/rows/{row}", p.claim, 0)
	add(cleaning.Review, "GET "+batch+"/review", p.review, 0)
	add(cleaning.Review, "POST "+batch+"/review", p.reviewPost, 0)
	add(cleaning.Release, "POST "+batch+"/release", p.release, 0)
	add(cleaning.Release, "POST "+batch+"/reopen", p.reopen, 0)
	add(cleaning.Release, "GET "+batch+"/files/{file}", p.file, 0)
	add(cleaning.Follow, "GET "+batch+"/changes", p.changes, 0)
	return out
}

// guard asks the table before a page reads what was sent.
func guard(action cleaning.Action, h web.Handler) web.Handler {
	return session.Guard(h, func(_ *http.Request, by actor.Actor) error {
		_, err := cleaning.May(by, action)
		return err
	})
}

func who(ctx context.Context) actor.Actor {
	id, _ := session.From(ctx)
	return id.Actor
}

func (p *Pages) page(r *http.Request, title string, crumbs ...ui.Link) ui.Page {
	page := p.Frame(r).Page(title)
	page.Wide, page.Crumbs = true, crumbs
	return page
}

// t is a text of the pages.
func t(ctx context.Context, key string, args ...map[string]any) string {
	return i18n.T(ctx, "clean."+key, args...)
}

func (p *Pages) today() clock.Date { return clock.DayOf(p.Clock.Now()) }

func home(ctx context.Context) ui.Link { return ui.Link{Label: t(ctx, "list.title"), Href: Path} }

func to(b cleaning.Batch) ui.Link { return ui.Link{Label: b.Name, Href: Path + "/" + b.ID} }

// may says that somebody may do something: what they may not is not offered.
func may(ctx context.Context, action cleaning.Action) bool {
	_, err := cleaning.May(who(ctx), action)
	return err == nil
}
