package app

import (
	"context"
	"slices"

	"dean06/internal/org"
	"dean06/internal/org/orgnode"
	"dean06/internal/platform/clock"
	"dean06/internal/programme"
	"dean06/internal/programme/programmenode"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinessnode"
)

// followed is what the programme on a board asks of the modules beside it.
func followed(o *orgnode.Node, r *readinessnode.Node) programmenode.Needs {
	return programmenode.Needs{
		Country: func() programme.Country { return o.Agencies() },
		Lineage: func(ctx context.Context) programme.Lineage {
			return func(code string, from, to clock.Date) (org.Lineage, error) { return o.Lineage(ctx, code, from, to) }
		},
		Readiness: func(ctx context.Context, kind string, known clock.Date) (met, of int, ok bool, err error) {
			return metAll(ctx, r.Register(), kind, known)
		},
	}
}

// metAll counts the agencies that met everything by the last letter to which some had
// answered on a day.
func metAll(ctx context.Context, r *readiness.Register, kind string, known clock.Date) (met, of int, ok bool, err error) {
	who := readinessnode.System()
	letters, err := r.Campaigns(ctx, who)
	if err != nil {
		return 0, 0, false, err
	}
	letters = slices.DeleteFunc(letters, func(c readiness.Campaign) bool { return c.Issued.IsZero() || c.Issued.After(known) })
	slices.SortFunc(letters, func(a, b readiness.Campaign) int { return b.Issued.Compare(a.Issued) })
	block := map[string]string{"ministry": "ministries", "province": "provinces"}[kind]
	for _, c := range letters {
		f, err := r.Figures(ctx, who, readiness.Question{Campaign: c.ID, KnownOn: known})
		if err != nil {
			return 0, 0, false, err
		}
		if all, there := f.Block(block).Figure(readiness.AllFive); there && len(all.Of) > 0 {
			return len(all.Met), len(all.Of), true, nil
		}
	}
	return 0, 0, false, nil
}
