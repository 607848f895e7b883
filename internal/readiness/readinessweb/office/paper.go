package office

import (
	"bytes"
	"net/http"
	"slices"
	"strings"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/readiness"
)

// What a person decides of a file that no program can read, besides the register's own
// decisions.
const (
	assign = "assign" // whose it is
	refuse = "refuse" // with a letter
)

// fillUnread adds what a person needs to deal with a file that no program can read:
// whose it may be, what was entered beside it, what its agency has already.
func (p *Pages) fillUnread(r *http.Request, v *itemView) error {
	ctx, who := r.Context(), p.Actor(r)
	c, err := p.Register.Campaign(ctx, who, v.Item.Campaign)
	if err != nil {
		return err
	}
	if err := p.whose(r, v, c); err != nil || v.Item.Agency == "" {
		return err
	}
	pr := i18n.From(ctx)
	v.Ways = []ui.Option{{Value: "email", Label: pr.T("office.refuse.by.email")}, {Value: "letter", Label: pr.T("office.refuse.by.letter")}}
	if v.Item.Held == nil {
		return nil
	}
	entry, err := p.Register.Entry(ctx, who, v.Item.ID)
	if fault.Of(err) == fault.Denied {
		return nil // a reviewer sees that it waits
	}
	if err != nil {
		return err
	}
	v.Left = readiness.Open(entry.Problems)
	return p.fillHeld(r, v, c, entry.Problems)
}

// whose adds the agencies to choose from, and those that the paper may be of: by its
// heading, by the focal point, who may be of another, and by the name of its file.
func (p *Pages) whose(r *http.Request, v *itemView, c readiness.Campaign) error {
	pr, who := i18n.From(r.Context()), p.Actor(r)
	kinds := []string{readiness.Ministry, readiness.GovernmentAgency, readiness.Province}
	for _, k := range c.Recipients.Kinds { // a round may ask districts and communes
		if !slices.Contains(kinds, k) {
			kinds = append(kinds, k)
		}
	}
	there, err := p.Register.Choosable(who, kinds, c.Recipients.On)
	if err != nil {
		return err
	}
	v.Agencies = append([]ui.Option{{Label: pr.T("office.item.choose")}}, agencyOptions(there)...)
	name, err := p.names(r, v.Item.Campaign)
	if err != nil {
		return err
	}
	likely := slices.Clone(v.Item.Suggests)
	if h := v.Item.Held; h != nil && !v.Unread {
		for _, text := range []string{h.Heading, h.Contact.Organisation} {
			found, err := p.Register.Suggest(who, text, c.Recipients.On)
			if err != nil {
				return err
			}
			for _, a := range found {
				likely = append(likely, a.Code)
			}
		}
	}
	for _, code := range likely {
		known := slices.ContainsFunc(v.Likely, func(o ui.Option) bool { return o.Value == code })
		if !known && code != v.Item.Agency && len(v.Likely) < 6 {
			v.Likely = append(v.Likely, ui.Option{Value: code, Label: name(code) + " (" + code + ")"})
		}
	}
	return nil
}

// assignPost says whose a file is, before anything else is decided of it.
func (p *Pages) assignPost(w http.ResponseWriter, r *http.Request, v itemView, agency string) error {
	if agency == "" {
		return p.itemAgain(w, r, v, fault.New(fault.Invalid, "office.item.no_agency", nil).At("agency"))
	}
	if _, err := p.Register.AssignItem(r.Context(), p.Actor(r), v.Item.ID, agency); err != nil {
		return p.itemAgain(w, r, v, err)
	}
	name, err := p.names(r, v.Item.Campaign)
	if err != nil {
		return err
	}
	return web.RedirectWith(w, r, "/office/items/"+v.Item.ID, "office.item.assigned", fault.Args{"agency": name(agency), "file": v.Item.File.Name})
}

// refusePost refuses a file with a letter, mailed or to be printed.
func (p *Pages) refusePost(w http.ResponseWriter, r *http.Request, v itemView, form web.Form) error {
	v.Reason, v.Way = form.Text("reason"), form.Text("by")
	var wrong fault.List
	if v.Reason == "" {
		wrong = append(wrong, fault.New(fault.Invalid, "readiness.refusal.reason_needed", nil).At("reason"))
	}
	if v.Way != "email" && v.Way != "letter" {
		wrong = append(wrong, fault.New(fault.Invalid, "office.refuse.how", nil).At("by"))
	}
	if len(wrong) > 0 {
		return p.itemAgain(w, r, v, wrong)
	}
	if err := p.Work.Refuse(r.Context(), p.Actor(r), v.Item.ID, v.Reason, v.Way == "email"); err != nil {
		if f := fault.As(err); f != nil && f.Key == "readiness.chase.no_address" {
			err = fault.New(fault.Invalid, "office.refuse.no_address", f.Args).At("by")
		}
		return p.itemAgain(w, r, v, err)
	}
	return web.RedirectWith(w, r, "/office/items/"+v.Item.ID, "office.refuse.done."+v.Way, fault.Args{"agency": v.Agency, "file": v.Item.File.Name})
}

func (p *Pages) itemAgain(w http.ResponseWriter, r *http.Request, v itemView, err error) error {
	v.Errors = web.FormErrors(err)
	return web.Retry(w, r, err, itemPage(v))
}

// itemShown gives the file as it came, for the reader to look at while the answers are
// typed: pictures and PDF show, the rest is saved.
func (p *Pages) itemShown(w http.ResponseWriter, r *http.Request) error {
	file, content, err := p.Register.ItemPaper(r.Context(), p.Actor(r), r.PathValue("item"))
	if err != nil {
		return err
	}
	return web.SendPaper(w, bytes.NewReader(content), http.DetectContentType(content), baseName(file.Name))
}

// itemLetter is the letter of refusal.
func (p *Pages) itemLetter(w http.ResponseWriter, r *http.Request) error {
	if err := p.may(r, readiness.ReadIntake); err != nil {
		return err
	}
	format, ok := strings.CutPrefix(r.PathValue("letter"), "letter.")
	if !ok {
		return errNoPage
	}
	f, err := p.Exports.Refusal(r.Context(), p.Actor(r), r.PathValue("item"), format)
	if err != nil {
		return err
	}
	return f.Send(w)
}
