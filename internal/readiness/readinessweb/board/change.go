package board

import (
	"context"
	"net/http"

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

// slope is the figures of a group in both rounds.
func (v *view) slope(group string) *chart.Chart {
	in := chart.SlopeInput{
		Head: chart.Head{
			ID: "slope-" + group, Title: v.t("board.slope", map[string]any{"group": v.groupName(group)}),
			Desc: v.t("board.slope.text"),
		},
		From: v.roundName(v.Before.Campaign), To: v.roundName(v.Campaign),
	}
	for _, key := range v.keys() {
		was, _ := v.BeforeFigures.Block(group).Figure(key)
		is, _ := v.Figures.Block(group).Figure(key)
		in.Lines = append(in.Lines, chart.Slope{
			Name: v.figureName(key), From: was.Sum, To: is.Sum, Href: v.at("change", "component", key) + "#moves",
		})
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

// move is an agency that stands otherwise than in the round before.
type move struct {
	is  readiness.Statement
	was readiness.Statement
}

// moves lists who meets a figure now and did not, and who did and does not.
func (v *view) moves(key string) (gained, fell []move) {
	was := map[string]readiness.Statement{}
	for _, s := range v.Before.Statements {
		was[s.Agency] = s
	}
	for _, s := range v.byGroup(v.of("")) {
		b := was[s.Agency]
		switch {
		case s.Meets(key) && !b.Meets(key):
			gained = append(gained, move{s, b})
		case !s.Meets(key) && b.Meets(key):
			fell = append(fell, move{s, b})
		}
	}
	return gained, fell
}

// changeTable is how many gained and fell by figure.
func (v *view) changeTable() chart.Table {
	t := chart.Table{
		Caption: v.t("board.change.table"), Headers: []string{v.t("board.component"), v.t("board.gained"), v.t("board.fell")},
		Numeric: []bool{false, true, true},
	}
	for _, key := range v.keys() {
		gained, fell := v.moves(key)
		href := v.at("change", "component", key)
		t.Rows = append(t.Rows, []chart.Cell{
			{Text: v.figureName(key)},
			{Text: v.p.Int(int64(len(gained))), Href: href + "#gained-region"},
			{Text: v.p.Int(int64(len(fell))), Href: href + "#fell-region"},
		})
	}
	return t
}

func (v *view) moveTable(id, caption, empty string, key string, moves []move) ui.Table {
	t := ui.Table{
		ID: id, Caption: v.t(caption, map[string]any{"n": len(moves), "figure": v.figureName(key)}), Dense: true,
		Columns: []ui.Column{{Label: v.t("board.agency")}, {Label: v.Before.Campaign.ID}, {Label: v.Campaign.ID}},
		Empty:   ui.Empty(v.t(empty), ui.Link{}),
	}
	cell := func(s readiness.Statement) ui.Cell {
		if !s.Answered() {
			return ui.Cell{Text: v.t("board.no_answer")}
		}
		return ui.Cell{Body: ui.StatusMark(readinessweb.StatusOf(status(s, key)))}
	}
	for _, m := range moves {
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: placeName(m.is.Name), Href: v.at("agency/" + m.is.Agency)}, cell(m.was), cell(m.is),
		}})
	}
	return t
}

// movesTable is both lists in one, for the file.
func (v *view) movesTable(key string) chart.Table {
	t := chart.Table{
		Caption: v.figureName(key), Headers: []string{v.t("board.agency"), v.t("board.code"), v.Before.Campaign.ID, v.Campaign.ID},
	}
	gained, fell := v.moves(key)
	for _, m := range append(gained, fell...) {
		t.Rows = append(t.Rows, []chart.Cell{
			{Text: m.is.Name}, {Text: m.is.Agency}, {Text: v.statusWord(m.was, key)}, {Text: v.statusWord(m.is, key)},
		})
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

// changeSentence says how many more meet all components than before.
func (v *view) changeSentence() string {
	if v.Before == nil {
		return v.t("board.change.first")
	}
	gained, fell := v.moves(readiness.AllFive)
	message := "board.change.sentence"
	if len(fell) == 0 {
		message = "board.change.sentence.kept"
	}
	return v.t(message, map[string]any{
		"from": v.Before.Campaign.ID, "to": v.Campaign.ID, "gained": len(gained), "fell": len(fell), "all": v.all(),
	})
}
