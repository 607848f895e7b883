package board

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"

	"dean06/internal/platform/chart"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinessweb"
)

// data gives a table of the board as a file.
func (p *Pages) data(w http.ResponseWriter, r *http.Request) error {
	v, err := p.view(r)
	if err != nil {
		return err
	}
	name, isCSV := strings.CutSuffix(r.PathValue("file"), ".csv")
	if !isCSV {
		return notFound()
	}
	if err := v.checkChoices(); err != nil {
		return err
	}
	t, err := v.table(r.Context(), name)
	if err != nil {
		return err
	}
	f, err := readinessweb.CSV(v.Campaign.ID+"-"+name, t.Records())
	if err != nil {
		return err
	}
	return f.Send(w)
}

// table finds a table of the board by the name of its file.
func (v *view) table(ctx context.Context, name string) (chart.Table, error) {
	switch name {
	case "figures":
		return v.figuresTable(), nil
	case "matrix":
		return v.matrixTable(v.matrixRows()), nil
	case "map":
		return v.tileMap(v.chosen()).Table, nil
	case "rounds":
		history, err := v.history(ctx)
		return v.trend(v.tallies(history), v.chosen()).Table, err
	}
	for _, g := range v.groups() {
		if name == "figures-"+g {
			return v.figuresChart(g).Table, nil
		}
		if name == "slope-"+g && v.Before != nil {
			return v.slope(g).Table, nil
		}
		if key, ok := strings.CutPrefix(name, "figure-"+g+"-"); ok && slices.Contains(v.keys(), key) {
			return v.figureTable(g, key), nil
		}
	}
	if v.Before != nil && name == "moves" {
		return v.movesTable(v.chosen()), nil
	}
	return v.sumTable(ctx, name)
}

// sumTable finds a table of what the returns add up to.
func (v *view) sumTable(ctx context.Context, name string) (chart.Table, error) {
	a, err := v.sums(ctx)
	if err != nil {
		return chart.Table{}, err
	}
	if component, ok := strings.CutPrefix(name, "stages-"); ok {
		for _, f := range a.Stages {
			if f.Component == component {
				return v.funnel(f).Table, nil
			}
		}
	}
	if component, ok := strings.CutPrefix(name, "values-"); ok {
		if c, known := v.Template.Component(component); known && len(v.Template.OwnColumns()) > 0 {
			return v.valuesTable(v.in(c.Label), ofComponent(a, component)), nil
		}
	}
	if list, ok := strings.CutPrefix(name, "entries-"); ok {
		if title, found, ok := v.find(a, list, v.ask.key); ok {
			return v.entryTable(list, title, sortedByName(found)), nil
		}
	}
	switch name {
	case "months":
		return v.monthsChart(a).Table, nil
	case "slips":
		return v.slipChart(a.Slips).Table, nil
	case "causes":
		return v.causesChart(a).Table, nil
	case "unmet":
		return v.bucketTable("board.unmet", "board.unmet.head", "unmet", a.Unmet), nil
	case "counts":
		return v.countsTable(a), nil
	case "proposals":
		return v.bucketTable("board.proposals", "board.proposals.head", "proposal", a.Proposals), nil
	case "difficulties":
		return v.entryTable(name, v.t("board.title.difficulties"), sortedByName(a.Difficulties)), nil
	case "recommendations":
		return v.entryTable(name, v.t("board.title.recommendations"), sortedByName(a.Recommendations)), nil
	}
	return chart.Table{}, notFound()
}

// chosen is the component that a page is shown for, all of them when none is named.
func (v *view) chosen() string { return cmp.Or(v.ask.component, readiness.AllFive) }
