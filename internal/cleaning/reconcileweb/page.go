package reconcileweb

import (
	"net/http"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

// tokensPath is the node's page of tokens.
const tokensPath = "/accounts/tokens"

type view struct {
	ui.Page
	Purpose, File ui.Field
	Address       string // once both are known
	May           bool   // make a token
}

// page says how a program is connected, and puts its address together.
func (e *Endpoint) page(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	p := i18n.From(r.Context())
	t := func(key string) string { return p.T("reconcileweb." + key) }
	v := view{Page: e.Frame(r).Page(t("title")), May: e.May(r.Context())}
	field := func(name string) ui.Field {
		f := ui.Field{Name: name, Label: t(name), Hint: t(name + ".hint"), Value: form.Text(name), Width: 20}
		if form.Has(name) && !word.MatchString(f.Value) {
			v.Errors = append(v.Errors, fault.New(fault.Invalid, "reconcileweb."+name+".wrong", nil).At(name))
		}
		return f
	}
	v.Purpose, v.File = field("purpose"), field("file")
	v.Purpose.Errors, v.File.Errors = v.Errors, v.Errors
	if form.Has("purpose") && form.Has("file") && len(v.Errors) == 0 {
		v.Address = e.at(r) + Path + "/" + t("key.here") + "/" + v.Purpose.Value + "/" + v.File.Value
	}
	status := http.StatusOK
	if len(v.Errors) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return web.Render(w, r, status, connectPage(v))
}
