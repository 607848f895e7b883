package readinessreport

import (
	"embed"
	"io/fs"
	"slices"
	"strings"

	"dean06/internal/platform/chart"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
	"dean06/internal/readiness"
)

//go:embed messages
var messages embed.FS

// Messages are the words of reports and letters.
var Messages fs.FS = must(fs.Sub(messages, "messages"))

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// Input is everything that a report prints. Parts that are empty are left out
// of the report.
type Input struct {
	Round    Round
	Previous *Round // the round before, for what has changed

	Template  *readiness.Template
	Aggregate readiness.Aggregate
	Chased    []readiness.Chased // recipients and where their returns stand
	Claims    []Claim
	Map       Map

	// Head of the document.
	Parent    string // the agency above the issuing one; may be empty
	Number    string // empty until the office gives one
	Symbol    string // "BC-BTTTT"
	Date      clock.Date
	Signatory readiness.Signatory
	CopiesTo  []string // the usual ones when empty
	// Asks are what is asked of the Prime Minister, in the ministry's own words;
	// empty: the report proposes what follows from the figures.
	Asks []string
	// Proof is the address of the board page with the same figures.
	Proof string
}

// Round is the figures of a campaign with the statements they are counted from.
type Round struct {
	Campaign   readiness.Campaign
	Figures    readiness.Figures
	Statements []readiness.Statement
}

// dated fills in the days that a question may leave out: what is known now is
// known on the day of the report; what was asked is true on the day of the
// letter, in the units of that day.
func (in Input) dated() Input {
	in.Round = in.Round.dated(in.Date)
	if in.Previous != nil {
		before := in.Previous.dated(in.Previous.Campaign.Due)
		in.Previous = &before
	}
	return in
}

func (r Round) dated(known clock.Date) Round {
	q := &r.Figures.Question
	if q.KnownOn.IsZero() {
		q.KnownOn = known
	}
	if q.TrueOn.IsZero() {
		q.TrueOn = r.Campaign.Recipients.On
	}
	if q.Geography.IsZero() {
		q.Geography = r.Campaign.Recipients.On
	}
	return r
}

// Claim is a published figure beside its recomputation, in words and numbers
// ready to print.
type Claim struct {
	Text, Source, AsOf              string
	Claimed, Recomputed, Difference string
	Equal                           bool
}

// Map is the geometry of the units in which the figures are shown. Places
// without a tile or a path are not drawn.
type Map struct {
	Places        []Place
	Width, Height float64 // box of the paths
	Archipelagos  []chart.Archipelago
	Islands       []chart.Tile // tiles of Hoàng Sa and Trường Sa; PartOf is a Place's Code
}

// Place is where a province stands on the maps.
type Place struct {
	Agency   string // whose figures it shows
	Code     string // province code
	Name     string
	Col, Row int
	Path     string
}

// Lang is the language of a printer as the texts of the register name it.
func lang(p *i18n.Printer) string { return string(p.Lang) }

// group is one of the two groups of agencies whose figures are published.
type group struct {
	key  string // "ministries", "provinces"; names messages too
	kind string
}

var groups = []group{{"ministries", readiness.Ministry}, {"provinces", readiness.Province}}

// groups are those of the two that the letter asked, or that answered; both when neither.
func (in Input) groups() []group {
	var out []group
	for _, g := range groups {
		if b := in.Round.Figures.Block(g.key); len(b.Recipients)+len(b.Answered) > 0 {
			out = append(out, g)
		}
	}
	if len(out) == 0 {
		return groups
	}
	return out
}

// of lists the statements of a group, by name in the order of the alphabet.
func (g group) of(p *i18n.Printer, r Round) []readiness.Statement {
	var out []readiness.Statement
	for _, s := range r.Statements {
		if s.Recipient && s.Kind == g.kind {
			out = append(out, s)
		}
	}
	i18n.SortBy(out, func(s readiness.Statement) string { return short(p, s.Name) })
	return out
}

// others lists the statements of agencies outside of the two groups.
func (r Round) others(p *i18n.Printer) []readiness.Statement {
	var out []readiness.Statement
	for _, s := range r.Statements {
		if s.Answered() && !(s.Recipient && (s.Kind == readiness.Ministry || s.Kind == readiness.Province)) {
			out = append(out, s)
		}
	}
	i18n.SortBy(out, func(s readiness.Statement) string { return short(p, s.Name) })
	return out
}

// short drops what all localities share ("UBND tỉnh"): a list of them is read
// by the names of the provinces.
func short(p *i18n.Printer, name string) string {
	for prefix := range strings.SplitSeq(p.T("report.short"), "|") {
		if rest, ok := strings.CutPrefix(name, prefix); ok && rest != "" {
			return rest
		}
	}
	return name
}

// names gives the short names of agencies in the order of the alphabet.
func (r Round) names(p *i18n.Printer, codes []string) []string {
	by := make(map[string]string, len(r.Statements))
	for _, s := range r.Statements {
		by[s.Agency] = short(p, s.Name)
	}
	out := make([]string, 0, len(codes))
	for _, c := range codes {
		if n := by[c]; n != "" {
			c = n
		}
		out = append(out, c)
	}
	i18n.SortBy(out, func(s string) string { return s })
	return out
}

// combined says that some agency is shown as the unit that it was merged into.
func (r Round) combined() bool {
	return slices.ContainsFunc(r.Statements, func(s readiness.Statement) bool { return len(s.From) > 1 })
}

// nameOf is the name of a statement's agency, with those merged into it.
func nameOf(p *i18n.Printer, s readiness.Statement) string {
	if len(s.From) < 2 {
		return s.Name
	}
	var from []string
	for _, f := range s.From {
		from = append(from, short(p, f.Name))
	}
	return s.Name + " (" + strings.Join(from, "; ") + ")"
}

// figure finds a figure of a group; a missing one is empty.
func (r Round) figure(g group, key string) readiness.Figure {
	f, _ := r.Figures.Block(g.key).Figure(key)
	return f
}

// change compares the agencies of a group that answered both rounds.
func (in Input) change(g group, key string) (readiness.RoundChange, bool) {
	if in.Previous == nil {
		return readiness.RoundChange{}, false
	}
	of := func(list []readiness.Statement) []readiness.Statement {
		return slices.DeleteFunc(slices.Clone(list), func(s readiness.Statement) bool { return !s.Recipient || s.Kind != g.kind })
	}
	return readiness.Between(key, of(in.Previous.Statements), of(in.Round.Statements)), true
}

// turned gives the short names of agencies in the order of the alphabet.
func turned(p *i18n.Printer, turns []readiness.Turn) []string {
	out := make([]string, len(turns))
	for i, t := range turns {
		out[i] = short(p, t.Is.Name)
	}
	i18n.SortBy(out, func(s string) string { return s })
	return out
}

// whole is what an agency amounts to over all components.
func whole(s readiness.Statement) chart.Status {
	if !s.Answered() {
		return chart.Unknown
	}
	if s.Verdict.AllMet {
		return chart.Met
	}
	for _, status := range s.Verdict.Components {
		if status == readiness.Met || status == readiness.PartiallyMet {
			return chart.Partial
		}
	}
	return chart.NotMet
}

// metOf says how many components an agency meets: "3/5".
func metOf(p *i18n.Printer, s readiness.Statement) string {
	n := 0
	for _, status := range s.Verdict.Components {
		if status == readiness.Met {
			n++
		}
	}
	return p.Int(int64(n)) + "/" + p.Int(int64(len(s.Verdict.Components)))
}

// component is the status of one component, unknown when there is no return.
func component(s readiness.Statement, key string) chart.Status {
	if !s.Answered() {
		return chart.Unknown
	}
	if status := s.Verdict.Components[key]; status != "" {
		return chart.Status(status)
	}
	return chart.Unknown
}

// percent is n of total in hundredths, "–" of nothing.
func percent(p *i18n.Printer, n, total int) string {
	if total == 0 {
		return "–"
	}
	return p.Float(float64(n)*100/float64(total), 1) + "%"
}

// dayOf is the day on which a statement became known.
func dayOf(s readiness.Statement) clock.Date { return clock.DayOf(s.KnownAt) }
