package app

import (
	"cmp"
	"context"
	"slices"

	"dean06/internal/dossier"
	"dean06/internal/org"
	"dean06/internal/org/orgnode"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// posts tells the dossiers who holds which position, as the node's offices have it.
type posts struct {
	org *orgnode.Node
	// called is what an account is called; "" when nobody knows.
	called func(ctx context.Context, account string) string
}

// Of are the positions in which an account acts on a day.
func (p posts) Of(ctx context.Context, account string, on clock.Date) ([]dossier.Post, error) {
	held, err := p.org.Roster().HeldOn(ctx, account, org.Moment{On: on})
	if err != nil {
		return nil, err
	}
	var out []dossier.Post
	for _, h := range held {
		acting, ok, err := p.org.Roster().Acting(ctx, h.Position.ID, org.Moment{On: on})
		if err != nil {
			return nil, err
		}
		if !ok || acting.Account != account { // a holder does not act while somebody stands in
			continue
		}
		one, err := p.post(ctx, h, on)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

// For are the positions with a duty at an agency on a day, those for the commune first, then
// those for all.
func (p posts) For(ctx context.Context, agency, duty, commune string, on clock.Date) ([]dossier.Post, error) {
	held, err := p.org.Roster().Doing(ctx, org.Duty(duty), commune, org.Moment{On: on})
	if fault.Of(err) == fault.NotFound { // no such commune on the day: those for all communes are left
		if held, err = p.org.Roster().Doing(ctx, org.Duty(duty), "", org.Moment{On: on}); err == nil {
			held = slices.DeleteFunc(held, func(h org.Held) bool { return h.Position.Area != "" })
		}
	}
	if err != nil {
		return nil, err
	}
	var out []dossier.Post
	for _, h := range held {
		if h.Agency != agency {
			continue
		}
		one, err := p.post(ctx, h, on)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	slices.SortStableFunc(out, func(a, b dossier.Post) int {
		return cmp.Compare(nearness(a, commune), nearness(b, commune))
	})
	return out, nil
}

// nearness orders positions: for the commune, for one that went into it, for all.
func nearness(p dossier.Post, commune string) int {
	switch p.Area {
	case commune:
		return 0
	case "":
		return 2
	}
	return 1
}

// post is a position with who acts in it, and who holds it.
func (p posts) post(ctx context.Context, h org.Held, on clock.Date) (dossier.Post, error) {
	out := dossier.Post{
		ID: h.Position.ID, Title: h.Position.Title, Duty: string(h.Position.Duty), Agency: h.Agency, Area: h.Position.Area,
		Account: h.Appointment.Account, Holder: h.Appointment.Account, Name: p.called(ctx, h.Appointment.Account),
	}
	if !h.Appointment.StandIn {
		return out, nil
	}
	holder, _, err := p.org.Roster().Holder(ctx, h.Position.ID, org.Moment{On: on})
	out.Holder = holder.Account
	return out, err
}

// Kinds of agencies that decide, as packages name them.
const (
	committeeKind = "committee"
	policeKind    = "police"
	communeLevel  = "commune"
)

// Competent is the agency that decides for a commune on a day: the committee of the commune
// or its police, or those of the province. Where the commune had ended, it is the one that
// has its ground on the day. It fails with NotFound when there is none, and with Invalid when
// the ground went to several: then the address has to say which.
func (p posts) Competent(ctx context.Context, kind, level, province, commune string, on clock.Date) (code, name string, err error) {
	none := fault.New(fault.NotFound, "dossier.competent.none", fault.Args{"date": on})
	var unit org.Version
	if level == communeLevel {
		if unit, err = p.commune(ctx, commune, on); err != nil {
			return "", "", err
		}
		ground, err := p.org.Agencies().Territory(ctx)
		if err != nil {
			return "", "", err
		}
		province = ground.ProvinceOf(unit)
	}
	committee := ""
	for _, a := range p.org.Agencies().Of(on, org.KindProvince) {
		if a.Province == province && province != "" {
			committee = a.Code
		}
	}
	switch {
	case committee == "":
		return "", "", none
	case level == communeLevel && kind == policeKind:
		code = org.PoliceCode(committee, unit.Code)
	case level == communeLevel && kind == committeeKind:
		code = org.LocalCode(committee, org.Commune, unit.Code)
	case kind == committeeKind || kind == policeKind: // the police of a province are a part of its agency here
		code = committee
	default:
		return "", "", none
	}
	return code, p.Name(code), nil
}

// commune is the commune of a code on a day, or the one that has its ground.
func (p posts) commune(ctx context.Context, code string, on clock.Date) (org.Version, error) {
	ground, err := p.org.Agencies().Territory(ctx)
	if err != nil {
		return org.Version{}, err
	}
	if v, ok := ground.ByCode(code, on); ok && v.Level == org.Commune {
		return v, nil
	}
	var last org.Version
	for _, v := range ground.Coded(code) {
		if v.Level == org.Commune && !v.From.After(on) {
			last = v
		}
	}
	if last.ID == "" {
		return org.Version{}, fault.New(fault.NotFound, "dossier.competent.none", fault.Args{"date": on})
	}
	now := ground.Became(last, on)
	switch len(now) {
	case 0:
		return org.Version{}, fault.New(fault.NotFound, "dossier.competent.none", fault.Args{"date": on})
	case 1:
		return now[0], nil
	}
	names := ""
	for i, v := range now {
		if i > 0 {
			names += ", "
		}
		names += v.Name
	}
	return org.Version{}, fault.New(fault.Invalid, "dossier.competent.split", fault.Args{"name": last.Name, "into": names})
}

// Name is what an agency is called.
func (p posts) Name(agency string) string { return p.org.NameOf(agency) }

// Within says that two agencies are of one province's.
func (p posts) Within(agency, of string) bool {
	a, _, okA := org.ParseCode(agency)
	b, _, okB := org.ParseCode(of)
	return okA && okB && a == b
}

// What the dossiers of an agency's node need of others.
var (
	_ dossier.Posts    = posts{}
	_ dossier.Register = (*register)(nil)
)
