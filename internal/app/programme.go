package app

import (
	"context"
	"slices"

	"dean06/internal/org"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/programme"
	"dean06/internal/programme/programmenode"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinessnode"
)

// followed is what the programme on a board asks of the modules beside it.
func followed(m *Modules) programmenode.Needs {
	o, r := m.Org, m.Readiness
	return programmenode.Needs{
		Linked:  m.linked,
		Country: func() programme.Country { return o.Agencies() },
		Lineage: func(ctx context.Context) programme.Lineage {
			return func(code string, from, to clock.Date) (org.Lineage, error) { return o.Lineage(ctx, code, from, to) }
		},
		Readiness: func(ctx context.Context, kind string, known clock.Date) (programme.Ready, error) {
			return metAll(ctx, r.Register(), kind, known)
		},
	}
}

// linked says to somebody what a page of another module is about: the return of an agency, or
// a system with its dossier.
func (m *Modules) linked(ctx context.Context, who actor.Actor, path []string) (programme.Linked, error) {
	both := func(title string) programme.Words { return programme.Words{Vi: title, En: title} }
	switch {
	case path[0] == "returns" && len(path) >= 3:
		v, err := m.Readiness.Register().Look(ctx, who, path[1], path[2])
		if err != nil {
			return programme.Linked{}, err
		}
		return programme.Linked{
			Title: both(v.Campaign.Number + ", " + v.Agency.Name), Key: "readiness.state." + string(v.Record.State()),
		}, nil
	case path[0] == "security" && len(path) >= 3:
		v, err := m.Security.Desk().One(ctx, who, path[1], path[2])
		if err != nil {
			return programme.Linked{}, err
		}
		l := programme.Linked{Title: both(v.Name + ", " + m.Org.NameOf(path[1]))}
		switch {
		case v.Approved != nil:
			l.Key = "secure.state.approved"
		case v.Open != nil:
			l.Key = "secure.state." + string(v.Open.State)
		}
		return l, nil
	}
	return programme.Linked{}, fault.New(fault.NotFound, "programme.unknown", nil)
}

// metAll tells which agencies met everything by the last letter to which some had answered on
// a day.
func metAll(ctx context.Context, r *readiness.Register, kind string, known clock.Date) (out programme.Ready, err error) {
	who := readinessnode.System()
	letters, err := r.Campaigns(ctx, who)
	if err != nil {
		return out, err
	}
	letters = slices.DeleteFunc(letters, func(c readiness.Campaign) bool { return c.Issued.IsZero() || c.Issued.After(known) })
	slices.SortFunc(letters, func(a, b readiness.Campaign) int { return b.Issued.Compare(a.Issued) })
	block := map[string]string{"ministry": "ministries", "province": "provinces"}[kind]
	for _, c := range letters {
		f, err := r.Figures(ctx, who, readiness.Question{Campaign: c.ID, KnownOn: known})
		if err != nil {
			return out, err
		}
		if all, there := f.Block(block).Figure(readiness.AllFive); there && len(all.Of) > 0 {
			out.Letter = c.ID
			for _, code := range all.Of {
				out.Agencies = append(out.Agencies, programme.Answered{Code: code, Met: slices.Contains(all.Met, code)})
			}
			return out, nil
		}
	}
	return out, nil
}
