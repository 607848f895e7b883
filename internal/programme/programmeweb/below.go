package programmeweb

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/programme"
)

// everyOne asks for the communes without any work too.
const everyOne = "all"

// communes is how the communes of a province stand, one by one, in the geography of any day.
func (p *Pages) communes(w http.ResponseWriter, r *http.Request) error {
	ctx, code := r.Context(), r.PathValue("agency")
	geography, err := dayAsked(r, "geography")
	if err != nil {
		return err
	}
	below, err := p.Service.Below(ctx, who(ctx), code, geography)
	if err != nil {
		return err
	}
	say := i18n.From(ctx)
	v := p.page(r, t(ctx, "communes.title"), ui.Link{Label: p.Agency(code), Href: Path + "/agencies/" + code})
	v.Lead = p.Agency(code)
	total, late := below.Total(), 0
	for _, a := range below.Agencies {
		if a.Overdue > 0 {
			late++
		}
	}
	v.Sentence = t(ctx, "communes.sentence", map[string]any{"late": late, "all": len(below.Agencies), "overdue": total.Overdue})
	v.About = t(ctx, "communes.about", map[string]any{"day": p.Service.Today(), "geography": below.Day})
	n := p.narrow(r)
	only := n.choose("standing", t(ctx, "communes.with"), append(choices(t(ctx, "communes.with.any"), texts(countColumns), func(c string) string {
		return t(ctx, "standing."+c)
	}), ui.Option{Value: everyOne, Label: t(ctx, "communes.with.none")}))
	by := n.choose("sort", t(ctx, "communes.sort"), choices(t(ctx, "communes.sort.late"), []string{"name"}, func(c string) string {
		return t(ctx, "communes.sort."+c)
	}))
	text := strings.ToLower(n.text("q", t(ctx, "communes.search")))
	n.fields = append(n.fields, question{asText, ui.Field{
		Name: "geography", Label: t(ctx, "strip.geography"), Hint: t(ctx, "strip.geography.hint"), Value: typed(geography), Width: 10,
	}})
	if n.wrong != nil {
		return n.again(w, r, &v)
	}
	list := slices.DeleteFunc(below.Agencies, func(a programme.AgencyCount) bool {
		switch only {
		case everyOne:
		case "":
			if a.Count == (programme.Count{}) {
				return true
			}
		default:
			if count(a.Count, programme.Standing(only)) == 0 {
				return true
			}
		}
		return text != "" && !strings.Contains(strings.ToLower(p.Agency(a.Agency)), text)
	})
	slices.SortStableFunc(list, func(a, b programme.AgencyCount) int {
		first := cmp.Or(b.Overdue-a.Overdue, b.Blocked-a.Blocked, b.AtRisk-a.AtRisk, b.Waiting-a.Waiting, b.All()-a.All())
		if by == "name" {
			first = 0
		}
		return cmp.Or(first, cmp.Compare(p.Agency(a.Agency), p.Agency(b.Agency)))
	})
	pages := ui.Pages{Count: len(list)}
	from, _ := strconv.Atoi(n.values.Get("from"))
	from = min(max(from, 0), len(list))
	shown := list[from:]
	if len(shown) > listed {
		shown = shown[:listed]
		pages.Next = n.with("from", strconv.Itoa(from+listed))
	}
	if from > 0 {
		pages.Previous = n.with("from", strconv.Itoa(max(from-listed, 0)))
	}
	opens := geography.IsZero()
	table := p.countHead(ctx, "communes", t(ctx, "communes.title"), t(ctx, "communes.one"))
	for _, a := range shown {
		href, narrow := "", ""
		if opens {
			href, narrow = Path+"/units?agency="+a.Agency, "agency="+a.Agency
		}
		table.Rows = append(table.Rows, ui.Row{Cells: countCells(say, p.Agency(a.Agency), href, narrow, a.Count)})
	}
	if below.Nowhere != (programme.Count{}) && from+listed >= len(list) && len(n.chosen) == 0 {
		table.Rows = append(table.Rows, ui.Row{Cells: countCells(say, t(ctx, "rollup.nowhere"), "", "", below.Nowhere)})
	}
	if len(list) > 0 && len(n.chosen) == 0 {
		table.Rows = append(table.Rows, ui.Row{Class: "app-total", Cells: countCells(say, t(ctx, "communes.total"), "", "", total)})
	}
	n.into(&v)
	v.Parts = append(v.Parts, part{Table: table, Pages: pages})
	return show(w, r, &v)
}
