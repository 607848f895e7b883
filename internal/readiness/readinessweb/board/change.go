package board

import (
	"context"
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"dean06/internal/platform/chart"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinessweb"
)

// changePage is what has changed since the round before, and over all rounds.
func changePage(v *view, r *http.Request) (string, bodyFunc, error) {
	if v.ask.component == "" {
		v.ask.component = readiness.AllFive
	}
	history, err := v.history(r.Context())
	if err != nil {
		return "", nil, err
	}
	title := v.t("board.title.change.first")
	if v.Before != nil {
		title = v.t("board.title.change", map[string]any{"from": v.Before.Campaign.ID, "to": v.Campaign.ID})
	}
	return title, func(context.Context) (templ.Component, error) {
		return change(v, v.tallies(history)), nil
	}, v.checkChoices()
}

// history is all rounds under the same question. What is shown then depends on
// their answers too.
func (v *view) history(ctx context.Context) ([]readiness.Basis, error) {
	all, err := v.shell.Register.History(ctx, v.reader, v.ask.question())
	for _, b := range all {
		v.State += "|" + b.Revision
	}
	return all, err
}

// tallies are the figures of rounds.
func (v *view) tallies(rounds []readiness.Basis) []readiness.Figures {
	out := make([]readiness.Figures, len(rounds))
	for i, b := range rounds {
		out[i] = readiness.Tally(b.Question, v.Figures.Rule, b.Template, b.Statements)
	}
	return out
}

// between compares both rounds about a figure; group "" is everybody.
func (v *view) between(key, group string) readiness.RoundChange {
	of := func(list []readiness.Statement) []readiness.Statement {
		return slices.DeleteFunc(slices.Clone(list), func(s readiness.Statement) bool { return group != "" && groupOf(s) != group })
	}
	c := readiness.Between(key, of(v.Before.Statements), of(v.Statements))
	for _, list := range [][]readiness.Turn{c.Both, c.Gained, c.Fell, c.OnlyBefore, c.OnlyNow, c.Neither} {
		groups := v.groups()
		i18n.SortBy(list, func(t readiness.Turn) string { return placeName(t.Is.Name) })
		slices.SortStableFunc(list, func(a, b readiness.Turn) int {
			return slices.Index(groups, groupOf(a.Is)) - slices.Index(groups, groupOf(b.Is))
		})
	}
	return c
}

// slope is the figures of a group in both rounds, of those that answered both.
func (v *view) slope(group string) *chart.Chart {
	most := 0
	in := chart.SlopeInput{From: v.roundName(v.Before.Campaign), To: v.roundName(v.Campaign)}
	for _, key := range v.keys() {
		c := v.between(key, group)
		most = max(most, len(c.Both))
		in.Lines = append(in.Lines, chart.Slope{
			Name: v.figureName(key), From: c.Was, To: c.Is, Href: v.at("change", "component", key) + "#moves",
		})
	}
	in.Head = chart.Head{
		ID: "slope-" + group, Title: v.t("board.slope", map[string]any{"group": v.groupName(group)}),
		Desc: v.t("board.slope.text", map[string]any{"n": most}),
	}
	return chart.SlopeChart(v.p, in)
}

// trend is one figure over all rounds.
func (v *view) trend(history []readiness.Figures, key string) *chart.Chart {
	in := chart.TrendInput{Head: chart.Head{
		ID: "rounds", Title: v.t("board.trend", map[string]any{"figure": v.figureName(key)}), Desc: v.t("board.trend.text"),
	}}
	for _, g := range []string{"ministries", "provinces"} {
		s := chart.Series{Name: v.groupName(g)}
		for _, f := range history {
			figure, ok := f.Block(g).Figure(key)
			if !ok || len(figure.Of) == 0 {
				continue
			}
			s.Points = append(s.Points, chart.At{On: v.due(f.Campaign), Value: figure.Sum, Href: v.ask.at(f.Campaign, "figure/"+g+"/"+key)})
		}
		in.Series = append(in.Series, s)
	}
	return chart.Trend(v.p, in)
}

// changeTable is how many gained and fell by figure, of how many that are compared.
func (v *view) changeTable() chart.Table {
	t := chart.Table{
		Caption: v.t("board.change.table"),
		Headers: []string{v.t("board.component"), v.t("board.compared"), v.t("board.gained"), v.t("board.fell"), v.t("board.not_compared")},
		Numeric: []bool{false, true, true, true, true},
	}
	for _, key := range v.keys() {
		c := v.between(key, "")
		href := v.at("change", "component", key)
		t.Rows = append(t.Rows, []chart.Cell{
			{Text: v.figureName(key)},
			{Text: v.p.Int(int64(len(c.Both)))},
			{Text: v.p.Int(int64(len(c.Gained))), Href: href + "#gained-region"},
			{Text: v.p.Int(int64(len(c.Fell))), Href: href + "#fell-region"},
			{Text: v.p.Int(int64(len(c.Missing()))), Href: href + "#uncompared-region"},
		})
	}
	return t
}

func (v *view) moveTable(id, key string, moves []readiness.Turn) ui.Table {
	t := ui.Table{
		ID: id, Caption: v.t("board.moves."+id, map[string]any{"n": len(moves), "figure": v.figureName(key)}), Dense: true,
		Columns: []ui.Column{{Label: v.t("board.agency")}, {Label: v.Before.Campaign.ID}, {Label: v.Campaign.ID}},
		Empty:   ui.Empty(v.t("board.moves."+id+".none"), ui.Link{}),
	}
	cell := func(s readiness.Statement) ui.Cell {
		if !s.Answered() {
			return ui.Cell{Text: v.t("board.no_answer")}
		}
		return ui.Cell{Body: ui.StatusMark(readinessweb.StatusOf(s.Status(key)))}
	}
	for _, m := range moves {
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: placeName(m.Is.Name), Href: v.at("agency/" + m.Is.Agency)}, cell(m.Was), cell(m.Is),
		}})
	}
	return t
}

// movesTable is all lists in one, for the file: who moved, and who is not compared.
func (v *view) movesTable(key string) chart.Table {
	t := chart.Table{
		Caption: v.figureName(key),
		Headers: []string{v.t("board.agency"), v.t("board.code"), v.Before.Campaign.ID, v.Campaign.ID, v.t("board.change.kind")},
	}
	c := v.between(key, "")
	for _, list := range []struct {
		kind  string
		moves []readiness.Turn
	}{{"board.gained", c.Gained}, {"board.fell", c.Fell}, {"board.not_compared", c.Missing()}} {
		for _, m := range list.moves {
			t.Rows = append(t.Rows, []chart.Cell{
				{Text: m.Is.Name}, {Text: m.Is.Agency}, {Text: v.statusWord(m.Was, key)}, {Text: v.statusWord(m.Is, key)}, {Text: v.t(list.kind)},
			})
		}
	}
	return t
}

// sortedByName sorts words behind numbers by who wrote them.
func sortedByName(entries []readiness.Entry) []readiness.Entry {
	out := append([]readiness.Entry(nil), entries...)
	i18n.SortBy(out, func(e readiness.Entry) string { return placeName(e.Name) })
	return out
}

// due is the day by which a round was due.
func (v *view) due(campaign string) clock.Date {
	for _, c := range v.Rounds {
		if c.ID == campaign {
			return c.Due
		}
	}
	return clock.Date{}
}

// changeSentence says how many more meet all components than before, of those that
// answered both rounds. That none fell back is said only when none did in any component.
func (v *view) changeSentence() string {
	if v.Before == nil {
		return v.t("board.change.first")
	}
	c := v.between(readiness.AllFive, "")
	fell, compared := readiness.Fell(v.Template, v.Before.Statements, v.Statements)
	message := "board.change.sentence"
	switch {
	case compared == 0:
		message = "board.change.sentence.nobody"
	case fell == 0:
		message = "board.change.sentence.kept"
	case len(c.Fell) == 0:
		message = "board.change.sentence.part"
	}
	return v.t(message, map[string]any{
		"from": v.Before.Campaign.ID, "to": v.Campaign.ID, "both": len(c.Both), "gained": len(c.Gained), "fell": len(c.Fell),
		"some": fell, "all": v.all(),
	})
}

// notCompared says who is missing from the comparison, and why.
func (v *view) notCompared() string {
	c := v.between(readiness.AllFive, "")
	return v.t("board.not_compared.text", map[string]any{
		"n": len(c.Missing()), "before": len(c.OnlyBefore), "now": len(c.OnlyNow), "neither": len(c.Neither),
		"from": v.Before.Campaign.ID, "to": v.Campaign.ID,
	})
}
