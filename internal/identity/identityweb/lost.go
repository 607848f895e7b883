package identityweb

import (
	"net/http"
	"slices"

	"dean06/internal/identity"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

const lostPath = "/identity/lost"

// What can be lost, as the form says it; else it is the id of a device.
const (
	lostCard = "card"
	lostAll  = "all"
)

type lostView struct {
	ui.Page
	What ui.Field
}

// lost is where the holder says what they lost, from any device on which they are signed in.
func (p *Pages) lost(w http.ResponseWriter, r *http.Request, in identity.SignedIn) error {
	v, err := p.lostView(r, in, nil)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, lostPage(v))
}

func (p *Pages) lostView(r *http.Request, in identity.SignedIn, errs fault.List) (lostView, error) {
	ctx := r.Context()
	means, err := p.Service.MeansOf(ctx, in)
	if err != nil {
		return lostView{}, err
	}
	v := lostView{Page: p.own(r, "lost", in)}
	v.Back, v.Errors = Home, errs
	v.What = ui.Field{Name: "what", Label: t(ctx, "lost.what"), Errors: errs, Options: []ui.Option{{Value: lostCard, Label: t(ctx, "lost.card")}}}
	open := slices.DeleteFunc(means.Devices, func(d identity.Device) bool { return !d.Open() })
	for _, d := range open {
		v.What.Options = append(v.What.Options, ui.Option{Value: d.ID, Label: t(ctx, "lost.device", map[string]any{"name": d.Name})})
	}
	if len(open) > 1 {
		v.What.Options = append(v.What.Options, ui.Option{Value: lostAll, Label: t(ctx, "lost.all")})
	}
	return v, nil
}

func (p *Pages) lostPost(w http.ResponseWriter, r *http.Request, in identity.SignedIn) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	var l identity.Lost
	switch what := form.Text("what"); what {
	case lostCard:
		l.Card = true
	case lostAll:
		l.All = true
	default:
		l.Device = what
	}
	if err := p.Service.ReportLost(r.Context(), in, l, p.browser(w, r)); err != nil {
		return again(w, r, err, func(faults fault.List) error {
			v, viewErr := p.lostView(r, in, faults)
			if viewErr != nil {
				return viewErr
			}
			return web.Render(w, r, web.Status(err), lostPage(v))
		})
	}
	return web.RedirectWith(w, r, Home, "identity.page.lost.done", nil)
}
