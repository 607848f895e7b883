// Package procedureweb is the pages of the procedures of a node: the national catalogue,
// its editions, what is wrong with a file and what it changes; and the packages. What may be done is decided
// in procedure.
package procedureweb

import (
	"context"
	"embed"
	"io/fs"
	"time"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/web"
	"dean06/internal/procedure"
)

//go:embed messages/*.json
var messages embed.FS

// Messages are the texts of the pages.
var Messages, _ = fs.Sub(messages, "messages")

// Names gives the name of an account.
type Names interface {
	NameOf(ctx context.Context, account string, at time.Time) string
}

// Shell is what the pages need from the node around them.
type Shell struct {
	Editions *procedure.Editions
	Shelf    *procedure.Shelf
	Names    Names
	Frame    web.FrameFunc
	Clock    clock.Clock
}

// Pages are the pages.
type Pages struct{ Shell }

// New makes the pages.
func New(shell Shell) *Pages { return &Pages{shell} }

// CataloguePath is the page of the catalogue.
const CataloguePath = "/catalogue"

const editionsPath = CataloguePath + "/editions"

// Routes are the addresses of the pages.
func (p *Pages) Routes() []web.Route {
	const read, keep = "procedure.read", "procedure.keep"
	return append([]web.Route{
		{Pattern: "GET " + CataloguePath, Handler: p.catalogue, May: read},
		{Pattern: "GET " + CataloguePath + "/{code}", Handler: p.procedure, May: read},
		{Pattern: "POST " + editionsPath, Handler: p.importPost, May: keep, MaxBody: procedure.MaxFile + 1<<20},
		{Pattern: "GET " + editionsPath + "/{id}", Handler: p.edition, May: read},
		{Pattern: "POST " + editionsPath + "/{id}/use", Handler: p.usePost, May: keep},
	}, p.packageRoutes()...)
}
