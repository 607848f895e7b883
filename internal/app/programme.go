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

// linked says to somebody what a page of another module is about: the return of an agency, a
// page of the board, an agency, or a system with its dossier. Other pages are work in hand
// (lists, forms, files): they say nothing that still holds when somebody looks.
func (m *Modules) linked(ctx context.Context, who actor.Actor, path []string) (programme.Linked, error) {
	if path[0] == "office" { // as the coordinator has it
		path = path[1:]
	}
	switch {
	case len(path) == 0:
	case path[0] == "board" && len(path) >= 2:
		return m.linkedBoard(ctx, who, path[1], path[2:])
	case len(path) == 3 && path[0] == "org" && path[1] == "agencies" && m.Org.Agencies().Knows(path[2]):
		return programme.Linked{Title: both(m.Org.NameOf(path[2]))}, nil
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

// both is a title that is one in both languages.
func both(title string) programme.Words { return programme.Words{Vi: title, En: title} }

// linkedBoard is a page of the board of a letter: what it shows, or one agency.
func (m *Modules) linkedBoard(ctx context.Context, who actor.Actor, letter string, page []string) (programme.Linked, error) {
	if err := readiness.Can(who, readiness.ReadBoard, ""); err != nil {
		return programme.Linked{}, err
	}
	c, err := m.Readiness.Register().Campaign(ctx, who, letter)
	if err != nil {
		return programme.Linked{}, err
	}
	switch {
	case len(page) == 0, len(page) == 1 && slices.Contains([]string{"matrix", "map", "stages", "values", "change", "causes", "report"}, page[0]),
		len(page) == 3 && page[0] == "figure", len(page) == 2 && page[0] == "entries":
		return programme.Linked{Title: both(c.Number)}, nil
	case len(page) == 2 && page[0] == "agency" && m.Org.Agencies().Knows(page[1]):
		return programme.Linked{Title: both(c.Number + ", " + m.Org.NameOf(page[1]))}, nil
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
