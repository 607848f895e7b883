package dossiernode

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"dean06/internal/dossier"
	"dean06/internal/dossier/dossierpaper"
	"dean06/internal/dossier/dossierweb"
	"dean06/internal/dossier/dossierweb/apply"
	"dean06/internal/dossier/dossierweb/office"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/node"
	"dean06/internal/platform/session"
	"dean06/internal/platform/signon"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/upload"
	"dean06/internal/platform/upload/uploadweb"
	"dean06/internal/platform/web"
)

// uploadPath is where papers are sent in pieces.
const uploadPath = "/uploads"

// pages are the citizen's and the officers' pages, and where papers are sent.
func (n *Node) pages() ([]web.Route, []node.Handler) {
	b := n.base
	shell := dossierweb.Shell{Service: n.service, Frame: b.Frame, Clock: b.Clock, Agency: n.needs.Posts.Name}
	mount := uploadweb.Mount{Service: b.Uploads, Path: uploadPath, Log: b.Log, Owner: uploader, Allow: n.mayUpload}
	citizens := apply.New(shell, apply.Needs{
		Catalogue: n.needs.Catalogue, Uploads: b.Uploads, Attrs: mount.Attrs,
		Address: func(r *http.Request) string { return b.Sessions.Client(r).Address }, StepUp: stepUp(b.Config.SignIn.Issuer),
	})
	routes := append(citizens.Routes(), office.New(shell, office.Needs{Uploads: b.Uploads, Attrs: mount.Attrs}).Routes()...)
	var handlers []node.Handler
	for _, h := range uploadweb.Handlers(mount, "dossier.fill") {
		handlers = append(handlers, node.Handler(h))
	}
	return routes, handlers
}

// stepUp is where somebody signs in more surely; nil where nobody signs in with an electronic
// identity.
func stepUp(issuer string) func(next string) string {
	if issuer == "" {
		return nil
	}
	return func(next string) string {
		return signon.Path + "?" + url.Values{"level": {"2"}, "next": {next}}.Encode()
	}
}

// uploader is whose an upload is: of whoever may fill in a form.
func uploader(r *http.Request) (string, error) {
	a := session.Actor(r)
	if err := dossier.Permissions.CanOwn(a, dossier.Fill, true); err != nil {
		return "", err
	}
	return a.Account, nil
}

// mayUpload lets papers come for one's own draft alone.
func (n *Node) mayUpload(ctx context.Context, _ string, file upload.New) (upload.Policy, error) {
	id := dossierweb.DraftOf(file.For)
	if id == "" {
		return upload.Policy{}, fault.New(fault.NotFound, "dossier.draft.unknown", nil)
	}
	if _, err := n.service.Draft(ctx, actor.From(ctx), id); err != nil {
		return upload.Policy{}, err
	}
	return upload.Papers, nil
}

// maker makes papers.
func (n *Node) maker() dossierpaper.Maker {
	b := n.base
	return dossierpaper.Maker{
		Texts: b.Messages, Units: n.needs.Units, Agency: n.needs.Posts.Name, Above: func(string) string { return "" },
		Seat: func(code string) string { return seat(n.needs.Posts.Name(code)) },
		Person: func(ctx context.Context, account string) string {
			return b.Sessions.NameOf(ctx, account, b.Clock.Now())
		},
		Address: func(secret string) string { return strings.TrimSuffix(b.URL, "/") + "/proof/" + secret },
	}
}

// seat is the name of the place of an agency, as it stands before a date (Nghị định 30/2020,
// phụ lục I): that of its unit without its kind.
func seat(name string) string {
	for _, kind := range []string{"Ủy ban nhân dân ", "UBND ", "Công an ", "phường ", "xã ", "đặc khu ", "tỉnh ", "thành phố "} {
		name = strings.TrimPrefix(name, kind)
	}
	return name
}

// official says that somebody works on dossiers.
func official(a actor.Actor) bool { return a.Has(dossier.Receiver, dossier.Processor, dossier.Decider) }

func home(a actor.Actor) string {
	switch {
	case official(a):
		return office.Path
	case a.Has(dossier.Citizen):
		return apply.Mine
	}
	return ""
}

func nav(p *i18n.Printer, a actor.Actor) []ui.NavItem {
	ctx := i18n.With(context.Background(), p)
	switch {
	case official(a):
		return office.Nav(ctx)
	case a.Nobody(), a.Has(dossier.Citizen):
		return apply.Nav(ctx, !a.Nobody())
	}
	return nil
}
