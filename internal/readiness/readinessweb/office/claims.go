package office

import (
	"net/http"
	"strings"

	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinessweb"
)

// claimsView is what was published beside what the register finds.
type claimsView struct {
	ui.Page
	Equal, Of int // those that can be recomputed
	List      ui.Table
	Bounds    []string
}

func (p *Pages) claims(w http.ResponseWriter, r *http.Request) error {
	if err := p.may(r, readiness.ReadBoard); err != nil {
		return err
	}
	compared, err := p.Register.Compared(r.Context(), p.Actor(r))
	if err != nil {
		return err
	}
	pr := i18n.From(r.Context())
	claims, err := p.Register.Claims(p.Actor(r))
	if err != nil {
		return err
	}
	v := claimsView{Page: p.page(r, "office.claims.title"), Bounds: bounds(pr, claims)}
	v.List = ui.Table{
		ID: "claims", Stack: true, Caption: pr.T("office.claims.table"), Quiet: true, Columns: []ui.Column{
			{Label: pr.T("office.claims.claim")},
			{Label: pr.T("office.claims.published"), Numeric: true},
			{Label: pr.T("office.claims.recomputed"), Numeric: true},
			{Label: pr.T("office.claims.difference"), Numeric: true},
			{Label: pr.T("office.claims.known")},
			{Label: pr.T("office.claims.outcome")},
			{Label: pr.T("office.claims.source")},
		},
		Empty: ui.Empty(pr.T("office.claims.empty"), ui.Link{}),
	}
	for _, c := range compared {
		if c.Outcome != readiness.NotRecomputable {
			v.Of++
		}
		if c.Outcome == readiness.Equal {
			v.Equal++
		}
		cells := claimCells(pr, c)
		v.List.Rows = append(v.List.Rows, ui.Row{Cells: []ui.Cell{
			{Body: claimText(cells[0], c.Claim.Conflict.In(string(pr.Lang)))},
			{Text: cells[1]},
			{Text: cells[2]},
			{Text: cells[3]},
			{Text: cells[4]},
			{Body: ui.StatusText(claimStatus(c.Outcome), cells[5])},
			{Text: cells[6]},
		}})
	}
	return web.Render(w, r, http.StatusOK, claimsPage(v))
}

func (p *Pages) claimsCSV(w http.ResponseWriter, r *http.Request) error {
	if err := p.may(r, readiness.ReadBoard); err != nil {
		return err
	}
	compared, err := p.Register.Compared(r.Context(), p.Actor(r))
	if err != nil {
		return err
	}
	pr := i18n.From(r.Context())
	rows := [][]string{{
		pr.T("office.claims.claim"), pr.T("office.claims.published"), pr.T("office.claims.recomputed"),
		pr.T("office.claims.difference"), pr.T("office.claims.known"), pr.T("office.claims.outcome"), pr.T("office.claims.source"), pr.T("office.claims.conflict"),
	}}
	for _, c := range compared {
		rows = append(rows, append(claimCells(pr, c), c.Claim.Conflict.In(string(pr.Lang))))
	}
	f, err := readinessweb.CSV(pr.T("office.claims.csv.name"), rows)
	if err != nil {
		return err
	}
	return f.Send(w)
}

// claimCells is a claim in words: claim, published, recomputed, difference, as known on,
// outcome, source.
func claimCells(pr *i18n.Printer, c readiness.Compared) []string {
	lang := string(pr.Lang)
	when := c.Claim.When.In(lang)
	if !c.Claim.AsOf.IsZero() {
		when = pr.Date(c.Claim.AsOf)
	}
	cells := []string{
		c.Claim.In(lang) + " (" + when + ")", ratio(pr, c.Claim.Value, c.Claim.Of), "", "", "",
		pr.T("readiness.outcome." + string(c.Outcome)), c.Claim.Source + ". " + c.Claim.Place.In(lang),
	}
	if c.Outcome != readiness.NotRecomputable {
		cells[2] = str(c.Recomputed) + "/" + str(c.RecomputedOf)
		cells[3] = signed(c.Difference)
		if c.DifferenceOf != 0 {
			cells[3] += " / " + signed(c.DifferenceOf)
		}
		cells[4] = pr.Date(c.KnownOn)
	}
	return cells
}

func ratio(pr *i18n.Printer, value, of *int) string {
	switch {
	case value == nil:
		return "–"
	case of == nil:
		return pr.Int(int64(*value))
	}
	return pr.Int(int64(*value)) + "/" + pr.Int(int64(*of))
}

func signed(n int) string {
	if n > 0 {
		return "+" + str(n)
	}
	return strings.Replace(str(n), "-", "−", 1)
}

func claimStatus(o readiness.Outcome) ui.Status {
	switch o {
	case readiness.Equal:
		return ui.Met
	case readiness.Differs:
		return ui.Contradicted
	}
	return ui.Unknown
}

// bounds explains, for each group of published figures, the most that can meet
// every component by the figures of the components, and whether what was
// published keeps to it.
func bounds(pr *i18n.Printer, claims []readiness.Claim) []string {
	var out []string
	seen := map[string]bool{}
	for _, c := range claims {
		if c.Figure == nil || seen[c.Figure.Campaign+c.Figure.Block] {
			continue
		}
		seen[c.Figure.Campaign+c.Figure.Block] = true
		args := map[string]any{"campaign": c.Figure.Campaign, "block": pr.T("office.claims.block." + c.Figure.Block)}
		bound, kept, err := readiness.CheckBound(claims, c.Figure.Campaign, c.Figure.Block)
		if err != nil {
			out = append(out, pr.T("office.claims.bound.none", args))
			continue
		}
		args["bound"] = bound
		key := "office.claims.bound.only"
		for _, all := range claims {
			f := all.Figure
			if f == nil || f.Campaign != c.Figure.Campaign || f.Block != c.Figure.Block {
				continue
			}
			if f.Figure == readiness.AllFive && all.Value != nil {
				args["all"], key = *all.Value, "office.claims.bound.kept"
				if !kept {
					key = "office.claims.bound.broken"
				}
			}
		}
		out = append(out, pr.T(key, args))
	}
	return out
}
