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

	"dean06/internal/platform/clock"
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
	// Actor is who acts in a request; the zero Actor when nobody is signed in.
	Actor func(*http.Request) readiness.Actor
	// Exports makes the files that people download.
	Exports Exports
	// Papers gives the files that were taken in.
	Papers readiness.Papers
	// Work runs what takes longer than a request.
	Work Work
	// Country shows the land: names and shapes of provinces by day.
	Country Country
}

// File is something to download.
type File struct {
	Name      string
	MediaType string
	Content   []byte
}

// Exports makes files out of what the register holds. format is "docx",
// "xlsx" or "pdf"; lang "vi" or "en". An unknown format is NotFound.
type Exports interface {
	// Return is the form of an agency, filled in; blank when ret is nil.
	Return(ctx context.Context, v readiness.View, ret *readiness.Return, format, lang string) (File, error)
	// Report is the report on a campaign to the Prime Minister.
	Report(ctx context.Context, q readiness.Question, format, lang string) (File, error)
	// Letter is the campaign's covering letter.
	Letter(ctx context.Context, campaign, format string) (File, error)
	// Reminder is the letter that reminds one agency.
	Reminder(ctx context.Context, campaign, agency, step, format string) (File, error)
}

// Work runs what takes longer than a request, and survives a restart.
type Work interface {
	// Import queues uploaded files for a campaign and gives the batch.
	Import(ctx context.Context, actor readiness.Actor, campaign string, files []readiness.File) (batch string, err error)
	// Remind queues the e-mail of a reminder; false when it was sent before.
	Remind(ctx context.Context, actor readiness.Actor, campaign, agency, step string) (bool, error)
}

// Country gives the shapes of the land.
type Country interface {
	// Tiles places each province of a day on a grid.
	Tiles(on clock.Date) []Tile
	// Shapes are the outlines of the provinces of a day in one view box.
	Shapes(on clock.Date) Map
	// ProvinceOf is the province code that an agency governs on a day; "" for none.
	ProvinceOf(agency string, on clock.Date) string
}

// Tile is a province, or an archipelago of one, on the tile map.
type Tile struct {
	Code string // province code; for an archipelago that of its province
	Name string
	Col  int
	Row  int
	Isle bool // Hoàng Sa, Trường Sa
}

// Map is the outlines of the provinces in one view box.
type Map struct {
	Width, Height float64
	Provinces     []Shape
	Isles         []Isle
}

// Shape is one province.
type Shape struct {
	Code string
	Name string
	Path string // SVG path data
}

// Isle is the label of an archipelago.
type Isle struct {
	Name string
	Of   string // code of its province
	X, Y float64
}
