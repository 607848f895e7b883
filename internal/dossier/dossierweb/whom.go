package dossierweb

import (
	"context"
	"slices"

	"dean06/internal/dossier"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/procedure"
)

// ForOther is what a page posts as "as" where somebody applies for another by authorisation;
// else it is the kind of the applicant.
const ForOther = "other"

// AsOf is what of a draft a page shows as chosen.
func AsOf(d dossier.Draft) string {
	if d.For != nil {
		return ForOther
	}
	return d.Applicant.Kind
}

// AsOptions are in whose name somebody may apply, as they are asked themselves: the kinds of the
// package, and another person.
func AsOptions(ctx context.Context, p *procedure.Package) []ui.Option {
	var out []ui.Option
	for _, a := range p.Who {
		key := "whom.as." + a.Kind
		if len(p.Who) == 1 {
			key = "whom.as.one"
		}
		out = append(out, ui.Option{Value: a.Kind, Label: T(ctx, key)})
	}
	return append(out, ui.Option{Value: ForOther, Label: T(ctx, "whom.as.other"), Hint: T(ctx, "whom.as.other.hint")})
}

// DeskOptions are the same as an officer is asked of who stands there.
func DeskOptions(ctx context.Context, p *procedure.Package) []ui.Option {
	out := AsOptions(ctx, p)
	for i := range out {
		if out[i].Value == ForOther {
			out[i].Label, out[i].Hint = T(ctx, "whom.desk.other"), ""
			continue
		}
		out[i].Label = T(ctx, "whom.desk."+out[i].Value)
	}
	return out
}

// KindOptions are of which kind the one may be for whom somebody applies; of one kind none.
func KindOptions(ctx context.Context, p *procedure.Package) []ui.Option {
	if len(p.Who) < 2 {
		return nil
	}
	var out []ui.Option
	for _, a := range p.Who {
		out = append(out, ui.Option{Value: a.Kind, Label: T(ctx, "whom.kind."+a.Kind)})
	}
	return out
}

// Organised says of a kind that it has a name and a code, and is no person.
func Organised(kind string) bool {
	return kind == dossier.OfOrganisation || kind == dossier.OfHousehold
}

// WhomPosted is what a page posts of who applies and for whom.
func WhomPosted(form web.Form, p *procedure.Package) dossier.Whom {
	as := form.Text("as")
	if as != ForOther {
		w := dossier.Whom{Kind: as}
		if Organised(as) {
			w.Organisation = &dossier.Organisation{Code: form.Text("organisation.code"), Name: form.Text("organisation.name")}
		}
		return w
	}
	other := dossier.Party{Kind: form.Text("for.kind")}
	if len(p.Who) == 1 {
		other.Kind = p.Who[0].Kind
	}
	if Organised(other.Kind) {
		other.Organisation = &dossier.Organisation{Code: form.Text("for.code"), Name: form.Text("for.name")}
	} else {
		other.Name, other.Number = form.Text("for.name"), form.Text("for.number")
	}
	return dossier.Whom{For: &other}
}

// AtNumber is what is wrong with who applies, as a page says it: too many wrong numbers are said
// where the number is typed, so that nothing else of the page is lost.
func AtNumber(err error) error {
	if f := fault.As(err); f != nil && f.Kind == fault.TooMany {
		return fault.New(fault.Invalid, f.Key, f.Args).At("for.number")
	}
	return err
}

// Parties say who applies and for whom. numbers is for those who may read them.
func Parties(ctx context.Context, a dossier.Party, other *dossier.Party, numbers bool) []ui.Fact {
	fact := func(key, value string) ui.Fact { return ui.Fact{Key: T(ctx, key), Value: value} }
	name := a.Name
	if a.Kind == dossier.OfForeigner {
		name = Joined(name, T(ctx, "whom.foreigner"))
	}
	out := []ui.Fact{fact("whom.applicant", name)}
	if o := a.Organisation; o != nil {
		out = append(out, fact("whom."+a.Kind, T(ctx, "whom.coded", map[string]any{"name": o.Name, "code": o.Code})))
	}
	if other == nil {
		return out
	}
	var lines []string
	switch o := other.Organisation; {
	case o != nil:
		lines = append(lines, T(ctx, "whom.coded", map[string]any{"name": o.Name, "code": o.Code}))
	case other.Kind == dossier.OfForeigner:
		lines = append(lines, other.Name, T(ctx, "whom.foreigner"))
	default:
		lines = append(lines, other.Name)
	}
	if numbers {
		lines = append(lines, other.Said())
	}
	if other.Unproved != "" {
		lines = append(lines, T(ctx, "whom.unproved"))
	}
	return append(out, fact("whom.for", Joined(lines...)))
}

// ApplicantOf is who applies, and for whom, in one line of a list.
func ApplicantOf(ctx context.Context, h dossier.Head) string {
	if h.For == "" {
		return h.Applicant
	}
	return T(ctx, "whom.line", map[string]any{"applicant": h.Applicant, "for": h.For})
}

// Receivers says who may be given the result: who applied, and the one for whom they did.
func Receivers(ctx context.Context, d dossier.Dossier) string {
	names := slices.DeleteFunc([]string{d.Applicant.Called(), d.For.Called()}, func(s string) bool { return s == "" })
	if len(names) == 2 {
		return T(ctx, "whom.receivers", map[string]any{"applicant": names[0], "for": names[1]})
	}
	if len(names) == 1 {
		return T(ctx, "whom.receiver", map[string]any{"applicant": names[0]})
	}
	return ""
}
