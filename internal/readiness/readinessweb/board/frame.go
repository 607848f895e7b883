package board

import (
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"dean06/internal/platform/chart"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/ui"
	"dean06/internal/readiness"
)

// strip says by which days the page is to be read.
func (v *view) strip() ui.Strip {
	return ui.Strip{
		Subject: v.t("board.strip", map[string]any{"id": v.Campaign.ID}), Known: v.Question.KnownOn, True: v.Question.TrueOn,
		Geography: v.Question.Geography, Change: v.t("board.time"), Open: len(v.Errors) > 0,
	}
}

// under marks the page of the navigation that this one belongs to, and leads there.
func (v *view) under(name string) {
	v.Crumbs = []ui.Link{{Label: v.t("board.title"), Href: v.at("")}, {Label: v.t("board.nav." + name), Href: v.at(name)}}
	for i := range v.Sub {
		v.Sub[i].Current = v.Sub[i].Label == v.t("board.nav."+name)
	}
}

func (v *view) lead() string {
	return v.t("board.lead", map[string]any{"number": v.Campaign.Number, "due": v.Campaign.Due})
}

// path is the address of the page without what it asks.
func (v *view) path() string {
	path, _, _ := strings.Cut(v.Here, "?")
	return path
}

// roundLinks lead to the same page of the newest rounds; the one that is shown
// has no address.
func (v *view) roundLinks() []ui.Link {
	const shown = 6
	var out []ui.Link
	for i, c := range v.Rounds {
		if i >= shown && c.ID != v.Campaign.ID {
			continue
		}
		l := ui.Link{Label: v.roundName(c)}
		if c.ID != v.Campaign.ID {
			l.Href = v.sameIn(c.ID, v.path())
		}
		out = append(out, l)
	}
	slices.Reverse(out)
	return out
}

func (v *view) roundName(c readiness.Campaign) string {
	return v.t("board.round", map[string]any{"id": c.ID, "due": c.Due})
}

// hidden are the choices that the form about days keeps.
func (v *view) hidden() []ui.Link {
	var out []ui.Link
	for _, h := range []ui.Link{
		{Label: "group", Href: v.ask.group},
		{Label: "status", Href: v.ask.status},
		{Label: "component", Href: v.ask.component},
		{Label: "sort", Href: v.ask.sort},
		{Label: "view", Href: v.ask.view},
		{Label: "key", Href: v.ask.key},
	} {
		if h.Href != "" {
			out = append(out, h)
		}
	}
	return out
}

func (v *view) roundField() ui.Field {
	f := ui.Field{Name: "round", Label: v.t("board.rounds"), Value: v.Campaign.ID}
	for _, c := range v.Rounds {
		f.Options = append(f.Options, ui.Option{Value: c.ID, Label: v.roundName(c)})
	}
	return f
}

func (v *view) dayField(name string) ui.Field {
	return ui.Field{
		Name: name, Label: v.t("ui.strip." + name), Hint: v.t("board.time." + name), Value: v.ask.typed[name], Width: 10,
		Errors: v.Errors, Autocomplete: "off",
	}
}

// geographyField offers the days whose provinces differ: the letter's and today's.
func (v *view) geographyField() ui.Field {
	f := ui.Field{
		Name: "geography", Label: v.t("ui.strip.geography"), Hint: v.t("board.time.geography"), Value: v.ask.geography.String(),
		Errors: v.Errors,
	}
	letter := v.Campaign.Recipients.On
	f.Options = append(f.Options, ui.Option{Label: v.t("board.geography.letter", map[string]any{"date": letter, "n": v.provinces(letter)})})
	if today := v.today(); v.provinces(today) != v.provinces(letter) {
		f.Options = append(f.Options, ui.Option{
			Value: today.String(), Label: v.t("board.geography.today", map[string]any{"n": v.provinces(today)}),
		})
	}
	if g := v.ask.geography; !g.IsZero() && g != v.today() {
		f.Options = append(f.Options, ui.Option{
			Value: g.String(), Label: v.t("board.geography.day", map[string]any{"date": g, "n": v.provinces(g)}),
		})
	}
	return f
}

// provinces counts the provinces of a day.
func (v *view) provinces(on clock.Date) int {
	n := 0
	for _, t := range v.shell.Country.Tiles(on) {
		if !t.Isle {
			n++
		}
	}
	return n
}

func (v *view) combineField() ui.Field {
	f := ui.Field{Name: "combine", Label: v.t("board.combine"), Hint: v.t("board.combine.hint"), Value: string(v.Question.Combine)}
	for _, c := range combineRules {
		f.Options = append(f.Options, ui.Option{Value: string(c), Label: v.t("readiness.combine." + string(c))})
	}
	return f
}

// csv is the address of a table as a file.
func (v *view) csv(name string, query ...string) string {
	if len(query) == 0 {
		query = []string{
			"group", v.ask.group, "status", v.ask.status, "component", v.ask.component,
			"sort", v.ask.sort, "view", v.ask.view, "key", v.ask.key,
		}
	}
	return v.at("data/"+url.PathEscape(name)+".csv", query...)
}

// drawn shows a chart with its table and file.
func drawn(v *view, c *chart.Chart, note, file string) templ.Component {
	return ui.Chart(c.Title, note, templ.Raw(c.HTML()), ui.DataTable(dataTable(c.ID+"-table", c.Table, true)), v.csv(file))
}

// missing are the recipients of whom nothing counts.
func (v *view) missing() []readiness.Statement {
	return slices.DeleteFunc(v.byGroup(v.of("")), func(s readiness.Statement) bool { return s.Answered() || !s.Recipient })
}

// previousLink leads to the round before, where there is one.
func (v *view) previousLink() ui.Link {
	if v.Before == nil {
		return ui.Link{}
	}
	return ui.Link{Label: v.t("board.previous", map[string]any{"number": v.Before.Campaign.Number}), Href: v.ask.at(v.Before.Campaign.ID, "")}
}

// knownOn is the day up to which was known what the page shows, in words.
func (v *view) knownOn() string {
	if v.Question.KnownOn.IsZero() {
		return v.p.Date(v.today())
	}
	return v.p.Date(v.Question.KnownOn)
}
