package app

import (
	"context"
	"slices"
	"sync"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/exchange/exchangenode"
	"dean06/internal/org"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/spelling"
	"dean06/internal/programme"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinessnode"
	"dean06/internal/security"
	"dean06/internal/xroad"
)

// declared is the register of systems that security asks: what agencies declare in their
// returns.
type declared struct{ returns *readinessnode.Node }

// SystemsOf are those of an agency.
func (d declared) SystemsOf(ctx context.Context, agency string) ([]security.System, error) {
	list, err := d.returns.Register().Declared(ctx, readinessnode.System(), agency)
	out := make([]security.System, len(list))
	for i, s := range list {
		out[i] = security.System{Agency: agency, ID: s.ID, Name: s.Name, Kind: s.Kind, Unit: s.Unit}
	}
	return out, err
}

// fill answers row 5 of the return that an agency writes. Whoever writes about the security of
// its systems does that part of the focal point's work, who looks through it before it is
// handed in; the return's history names who did. It gives the page where that is seen, "" for
// who does not see drafts.
func (d declared) fill(ctx context.Context, by actor.Actor, agency string, rows []security.Row5) (string, error) {
	answers := make([]readiness.SecurityAnswer, len(rows))
	for i, r := range rows {
		a := readiness.SecurityAnswer{
			System:  readiness.System{ID: r.System.ID, Name: r.System.Name, Kind: r.System.Kind, Unit: r.System.Unit},
			Dossier: r.Dossier, Compliance: string(r.Compliance),
		}
		if r.Decision.Number != "" {
			a.Decision = &readiness.LetterRef{Number: r.Decision.Number, Date: r.Decision.Day}
		}
		for _, c := range r.Unmet {
			a.Unmet = append(a.Unmet, c.Vi)
		}
		answers[i] = a
	}
	campaign, err := d.returns.Register().AnswerSecurity(ctx, writerOfRow5(by, agency), agency, answers)
	if err != nil || readiness.Can(by, readiness.ReadDraft, agency) != nil {
		return "", err
	}
	return "/returns/" + campaign + "/" + agency, nil
}

// writerOfRow5 is somebody as they write row 5 of their own agency's return: a focal point, when
// they write about the security of its systems.
func writerOfRow5(by actor.Actor, agency string) actor.Actor {
	if security.Permissions.CanOwn(by, security.ActWrite, by.Agency != "" && by.Agency == agency) == nil {
		by.Roles = append(slices.Clone(by.Roles), readiness.FocalPoint)
	}
	return by
}

// heirs knows whose systems an agency answers for, as the programme knows whose tasks: it
// keeps the geography of one day while nobody edits the register of agencies.
type heirs struct {
	country func() programme.Country
	lineage func(ctx context.Context) programme.Lineage
	today   func() clock.Date

	mu  sync.Mutex
	dir *org.Directory
	geo *programme.Geography
}

// of lists an agency, and those that are gone and whose heir it is. When their history cannot
// be read it answers for itself alone.
func (h *heirs) of(agency string) []string {
	country, today := h.country(), h.today()
	h.mu.Lock()
	if dir := country.Directory(); h.geo == nil || h.dir != dir || h.geo.Day != today {
		h.dir, h.geo = dir, programme.GeographyOf(country, today)
	}
	geo := h.geo
	h.mu.Unlock()
	list, err := programme.Heritage(geo, h.lineage(context.Background()), agency)
	if err != nil {
		return []string{agency}
	}
	return list
}

// cleared tells the hub who passes where a right demands security.
func cleared(g *exchangenode.Gateway) func(context.Context, time.Time, []security.Clearance) error {
	return func(ctx context.Context, at time.Time, list []security.Clearance) error {
		return g.Clear(ctx, said(at, list))
	}
}

// said is what the hub is told. What the exchange could not read of one system is left out,
// which closes that one: one agency's words are no reason that the hub hears nothing of all
// others.
func said(at time.Time, list []security.Clearance) exchange.Security {
	out := exchange.Security{At: at, Clearances: make([]exchange.Clearance, 0, len(list))}
	for _, c := range list {
		if id, err := xroad.ParseID(c.Subsystem, 4, 4); err == nil {
			out.Clearances = append(out.Clearances, exchange.Clearance{
				ID: id, System: exchange.Clip(spelling.Clean(c.Name)), Until: c.Until, Why: exchange.Obstacle(c.Why), Detail: exchange.Clip(c.Detail),
			})
		}
	}
	return out
}
