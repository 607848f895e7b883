package readinessnode

import (
	"context"
	"strconv"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/chart"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/paper"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinessdocx"
	"dean06/internal/readiness/readinessreport"
	"dean06/internal/readiness/readinessweb"
	"dean06/internal/readiness/readinessxlsx"
)

// exports makes the files that people download.
type exports struct{ node *Node }

func (e exports) printer(lang string) *i18n.Printer { return e.node.base.Messages.In(i18n.Lang(lang)) }

func (e exports) file(key string, args map[string]any, format, lang string, content []byte, err error) (readinessweb.File, error) {
	if err != nil {
		return readinessweb.File{}, err
	}
	return readinessweb.NewFile(e.printer(lang).T("readiness.export."+key, args), format, content), nil
}

func noFormat(format string) error {
	return fault.New(fault.NotFound, "readiness.export.no_format", fault.Args{"format": format})
}

// Return is the form of an agency, filled in; blank when ret is nil.
func (e exports) Return(_ context.Context, v readiness.View, ret *readiness.Return, format, lang string) (readinessweb.File, error) {
	kind := readiness.FormKind(v.Agency.Kind)
	var content []byte
	var err error
	switch format {
	case "docx":
		content, err = readinessdocx.Write(v.Template, ret, readinessdocx.Options{Heading: v.Agency.Name, Kind: kind, Lang: lang})
	case "xlsx":
		name := v.Agency.Name // on the first sheet, with who entered what follows
		if ret != nil && ret.EnteredFrom != "" {
			name += " " + e.printer(lang).T("report.form.entered", map[string]any{"file": ret.EnteredFrom})
		}
		content, err = readinessxlsx.Write(v.Template, ret, readinessxlsx.Options{
			AgencyCode: v.Agency.Code, AgencyName: name,
			Kind: kind, CampaignCode: v.Campaign.ID, CampaignName: v.Campaign.Number, Lang: lang,
		})
	case "pdf":
		o := readinessreport.FormOptions{AgencyName: v.Agency.Name, Kind: kind}
		content, err = readinessreport.ReturnPDF(e.printer(lang), v.Template, ret, o)
	default:
		err = noFormat(format)
	}
	key := "return"
	if ret == nil {
		key = "blank"
	}
	return e.file(key, map[string]any{"campaign": v.Campaign.ID, "agency": v.Agency.Code}, format, lang, content, err)
}

// Letter is the campaign's covering letter with the blank form.
func (e exports) Letter(ctx context.Context, who actor.Actor, campaign, format string) (readinessweb.File, error) {
	c, t, err := e.node.register.Letter(ctx, who, campaign)
	if err != nil {
		return readinessweb.File{}, err
	}
	p := e.printer("vi") // an official letter is in Vietnamese
	content, err := written(p, readinessreport.Letter(p, c, t), format)
	return e.file("letter", map[string]any{"campaign": c.ID}, format, "vi", content, err)
}

func written(p *i18n.Printer, doc paper.Document, format string) ([]byte, error) {
	switch format {
	case "docx":
		return paper.Word(p, doc)
	case "pdf":
		return paper.PDF(p, doc)
	}
	return nil, noFormat(format)
}

// Reminder is the letter that reminds one agency today.
func (e exports) Reminder(ctx context.Context, who actor.Actor, campaign, agency, format string) (readinessweb.File, error) {
	r, err := e.node.register.Reminding(ctx, who, campaign, agency)
	if err != nil {
		return readinessweb.File{}, err
	}
	return e.reminder(r, format)
}

func (e exports) reminder(r readiness.Reminding, format string) (readinessweb.File, error) {
	p := e.printer("vi")
	letter := readinessreport.Chase{Agency: r.Agency, State: r.State, Today: clock.DayOf(e.node.base.Clock.Now())}
	if e.node.base.URL != "" {
		letter.URL = e.node.base.URL + returnPath(r.Campaign.ID, r.Agency.Code)
	}
	for _, problem := range r.Missing {
		letter.Missing = append(letter.Missing, p.T(problem.Reason, problem.Args))
	}
	content, err := written(p, readinessreport.Reminder(p, r.Campaign, letter), format)
	return e.file("reminder", map[string]any{"campaign": r.Campaign.ID, "agency": r.Agency.Code}, format, "vi", content, err)
}

// Receipt is the receipt of a version that came in.
func (e exports) Receipt(_ context.Context, r readiness.Receipt, format, lang string) (readinessweb.File, error) {
	p, url := e.printer(lang), ""
	if e.node.base.URL != "" {
		url = e.node.base.URL + returnPath(r.Campaign.ID, r.Agency.Code) + "/receipt/" + strconv.Itoa(r.Version.Number)
	}
	content, err := written(p, readinessreport.Receipt(p, r, url), format)
	args := map[string]any{"campaign": r.Campaign.ID, "agency": r.Agency.Code, "version": r.Version.Number}
	return e.file("receipt", args, format, lang, content, err)
}

// Refusal is the letter with which a file was refused.
func (e exports) Refusal(ctx context.Context, who actor.Actor, item, format string) (readinessweb.File, error) {
	r, err := e.node.register.Refusal(ctx, who, item, "")
	if err != nil {
		return readinessweb.File{}, err
	}
	return e.refusal(r, format)
}

func (e exports) refusal(r readiness.Refusal, format string) (readinessweb.File, error) {
	p, url := e.printer("vi"), ""
	if e.node.base.URL != "" {
		url = e.node.base.URL + returnPath(r.Campaign.ID, r.Agency.Code)
	}
	content, err := written(p, readinessreport.Refusal(p, r, url), format)
	return e.file("refusal", map[string]any{"campaign": r.Campaign.ID, "agency": r.Agency.Code}, format, "vi", content, err)
}

// Cancellation is the letter with which a round was cancelled.
func (e exports) Cancellation(ctx context.Context, who actor.Actor, campaign, format string) (readinessweb.File, error) {
	c, err := e.node.register.Campaign(ctx, who, campaign)
	if err == nil && c.Cancelled == nil {
		err = fault.New(fault.NotFound, "web.not_found", nil)
	}
	if err != nil {
		return readinessweb.File{}, err
	}
	p := e.printer("vi")
	content, err := written(p, readinessreport.Cancellation(p, c), format)
	return e.file("cancellation", map[string]any{"campaign": campaign}, format, "vi", content, err)
}

// Report is the report on a campaign to the Prime Minister.
func (e exports) Report(ctx context.Context, who actor.Actor, q readiness.Question, format, lang string) (readinessweb.File, error) {
	if err := readiness.Can(who, readiness.ReadReport, ""); err != nil {
		return readinessweb.File{}, err
	}
	in, err := e.input(ctx, who, q, lang)
	if err != nil {
		return readinessweb.File{}, err
	}
	p := e.printer(lang)
	var content []byte
	switch format {
	case "docx":
		content, err = readinessreport.Word(p, in)
	case "pdf":
		content, err = readinessreport.PDF(p, in)
	case "xlsx":
		content, err = readinessreport.Excel(p, in)
	default:
		err = noFormat(format)
	}
	return e.file("report", map[string]any{"campaign": q.Campaign}, format, lang, content, err)
}

// input gathers everything that a report prints.
func (e exports) input(ctx context.Context, who actor.Actor, q readiness.Question, lang string) (readinessreport.Input, error) {
	reg := e.node.register
	round, basis, err := e.round(ctx, who, q)
	if err != nil {
		return readinessreport.Input{}, err
	}
	in := readinessreport.Input{
		Round: round, Template: basis.Template, Date: clock.DayOf(e.node.base.Clock.Now()),
		Signatory: basis.Campaign.Signatory, Symbol: basis.Campaign.ReportSymbol(),
	}
	if before := basis.Campaign.Previous; before != "" {
		earlier := basis.Question // in the units of this round
		earlier.Campaign = before
		previous, _, err := e.round(ctx, who, earlier)
		if err != nil {
			return in, err
		}
		in.Previous = &previous
	}
	if in.Aggregate, err = reg.Aggregate(ctx, who, q); err != nil {
		return in, err
	}
	if in.Chased, err = reg.Chased(ctx, who, q.Campaign, in.Date); err != nil {
		return in, err
	}
	compared, err := reg.Compared(ctx, who)
	if err != nil {
		return in, err
	}
	p := e.printer(lang)
	for _, c := range compared {
		if c.Claim.Figure != nil && c.Claim.Figure.Campaign == q.Campaign {
			in.Claims = append(in.Claims, claimLine(p, c))
		}
	}
	in.Map = e.landMap(basis)
	if e.node.base.URL != "" {
		in.Proof = e.node.base.URL + "/board/" + q.Campaign
	}
	return in, nil
}

func (e exports) round(ctx context.Context, who actor.Actor, q readiness.Question) (readinessreport.Round, readiness.Basis, error) {
	b, err := e.node.register.Statements(ctx, who, q)
	if err != nil {
		return readinessreport.Round{}, b, err
	}
	f, err := e.node.register.Figures(ctx, who, q)
	return readinessreport.Round{Campaign: b.Campaign, Figures: f, Statements: b.Statements}, b, err
}

func claimLine(p *i18n.Printer, c readiness.Compared) readinessreport.Claim {
	out := readinessreport.Claim{
		Text: c.Claim.In(string(p.Lang)), Source: c.Claim.Source, Equal: c.Outcome == readiness.Equal,
		AsOf: c.Claim.When.In(string(p.Lang)),
	}
	if !c.Claim.AsOf.IsZero() {
		out.AsOf = p.Date(c.Claim.AsOf)
	}
	if c.Claim.Value != nil {
		out.Claimed = p.Int(int64(*c.Claim.Value))
		if c.Claim.Of != nil {
			out.Claimed += "/" + p.Int(int64(*c.Claim.Of))
		}
	}
	if c.Outcome != readiness.NotRecomputable {
		out.Recomputed = p.Int(int64(c.Recomputed)) + "/" + p.Int(int64(c.RecomputedOf))
		out.Difference = p.Int(int64(c.Difference))
	}
	return out
}

// landMap places the provinces of the report's geography on its maps.
func (e exports) landMap(b readiness.Basis) readinessreport.Map {
	land := readiness.Country{Org: e.node.needs.Org()}
	day := b.Question.Geography
	shapes := land.Shapes(day)
	out := readinessreport.Map{Width: shapes.Width, Height: shapes.Height}
	agencyOf := map[string]string{}
	for _, s := range b.Statements {
		if p := land.ProvinceOf(s.Agency, day); p != "" {
			agencyOf[p] = s.Agency
		}
	}
	paths := map[string]string{}
	for _, s := range shapes.Provinces {
		paths[s.Code] = s.Path
	}
	for _, t := range land.Tiles(day) {
		if t.Isle {
			out.Islands = append(out.Islands, chart.Tile{Code: t.Name, Name: t.Name, Col: t.Col, Row: t.Row, PartOf: t.Code})
			continue
		}
		out.Places = append(out.Places, readinessreport.Place{
			Agency: agencyOf[t.Code], Code: t.Code, Name: t.Name,
			Col: t.Col, Row: t.Row, Path: paths[t.Code],
		})
	}
	for _, i := range shapes.Isles {
		out.Archipelagos = append(out.Archipelagos, chart.Archipelago{Name: i.Name, X: i.X, Y: i.Y, Of: i.Of})
	}
	return out
}

// ExportReturn makes the form of an agency, blank or with its newest version.
func (n *Node) ExportReturn(
	ctx context.Context, who actor.Actor, campaign, agency, format, lang string, blank bool,
) (readinessweb.File, error) {
	if blank {
		v, err := n.register.Look(ctx, who, campaign, agency)
		if err != nil {
			return readinessweb.File{}, err
		}
		return n.Exports().Return(ctx, v, nil, format, lang)
	}
	v, stored, err := n.register.Stored(ctx, who, campaign, agency, 0)
	if err != nil {
		return readinessweb.File{}, err
	}
	return n.Exports().Return(ctx, v, &stored.Return, format, lang)
}
