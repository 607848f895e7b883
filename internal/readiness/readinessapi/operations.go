package readinessapi

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/readiness"
)

func (a *API) addAll() {
	const one = "/campaigns/{campaign}"
	get := func(id, path string) huma.Operation {
		return huma.Operation{OperationID: id, Method: http.MethodGet, Path: path}
	}
	add(a, readiness.ReadCampaign, "", get("listCampaigns", "/campaigns"), a.campaigns)
	add(a, readiness.ReadCampaign, "", get("getCampaign", one), a.campaign)
	add(a, readiness.ReadCampaign, "", get("getTemplate", "/templates/{template}/{version}"), a.template)
	add(a, readiness.ReadFigures, ReadFigures, get("getFigures", one+"/figures"), a.figures)
	add(a, readiness.ReadFigures, ReadFigures, get("getFigureAgencies", one+"/figures/{group}/{figure}"), a.figure)
	add(a, readiness.ReadFigures, ReadFigures, get("getChange", one+"/change"), a.change)
	add(a, readiness.ReadBoard, ReadFigures, get("getValues", one+"/values"), a.values)
	add(a, readiness.ReadReturn, ReadReturns, get("listReturns", one+"/returns"), a.returns)
	add(a, readiness.ReadReturn, ReadReturns, get("getReturn", one+"/returns/{agency}"), a.newest)
	add(a, readiness.ReadReturn, ReadReturns, get("getReturnVersion", one+"/returns/{agency}/versions/{version}"), a.version)
	put := huma.Operation{OperationID: "submitReturn", Method: http.MethodPut, Path: one + "/returns/{agency}"}
	add(a, readiness.SubmitReturn, WriteReturns, put, a.submit)
}

func (a *API) campaigns(ctx context.Context, _ *struct{}) (*body[campaignList], error) {
	list, err := a.register.Campaigns(ctx, a.actor(ctx))
	if err != nil {
		return nil, err
	}
	return &body[campaignList]{campaignList{list}}, nil
}

func (a *API) campaign(ctx context.Context, in *CampaignPath) (*body[readiness.Campaign], error) {
	c, err := a.register.Campaign(ctx, a.actor(ctx), in.Campaign)
	if err != nil {
		return nil, err
	}
	return &body[readiness.Campaign]{c}, nil
}

func (a *API) template(ctx context.Context, in *templatePath) (*body[readiness.Template], error) {
	t, err := a.register.Template(ctx, a.actor(ctx), in.Template+"/"+in.Version)
	if err != nil {
		return nil, err
	}
	return &body[readiness.Template]{*t}, nil
}

func (a *API) figures(ctx context.Context, in *FiguresQuestion) (*body[Figures], error) {
	q, err := in.question()
	if err != nil {
		return nil, err
	}
	f, err := a.register.Figures(ctx, a.actor(ctx), q)
	if err != nil {
		return nil, err
	}
	return &body[Figures]{figuresOf(f)}, nil
}

func (a *API) figure(ctx context.Context, in *figureQuestion) (*body[FigureAgencies], error) {
	q, err := in.question()
	if err != nil {
		return nil, err
	}
	f, err := a.register.Figures(ctx, a.actor(ctx), q)
	if err != nil {
		return nil, err
	}
	block := f.Block(in.Group)
	figure, ok := block.Figure(in.Figure)
	if !ok {
		return nil, fault.New(fault.NotFound, "api.figure.unknown", fault.Args{"group": in.Group, "figure": in.Figure})
	}
	basis, err := a.register.Statements(ctx, a.actor(ctx), q)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, s := range basis.Statements {
		names[s.Agency] = s.Name
	}
	out := FigureAgencies{
		Group: in.Group, Figure: in.Figure, Value: figure.Sum,
		Met: []AgencyRef{}, NotMet: []AgencyRef{}, Unknown: []AgencyRef{}, Missing: []AgencyRef{},
	}
	put := func(to *[]AgencyRef, code string) { *to = append(*to, AgencyRef{code, names[code]}) }
	for _, code := range figure.Of {
		switch s, _ := readiness.StatementOf(basis.Statements, code); {
		case slices.Contains(figure.Met, code):
			put(&out.Met, code)
		case s.Known(in.Figure): // what was left unanswered is not a no
			put(&out.NotMet, code)
		default:
			put(&out.Unknown, code)
		}
	}
	for _, code := range block.Missing {
		put(&out.Missing, code)
	}
	return &body[FigureAgencies]{out}, nil
}

// change compares a round with the one before it, figure by figure, in the units of one day.
func (a *API) change(ctx context.Context, in *FiguresQuestion) (*body[Change], error) {
	q, err := in.question()
	if err != nil {
		return nil, err
	}
	now, before, err := a.register.Rounds(ctx, a.actor(ctx), q)
	if err != nil {
		return nil, err
	}
	out := Change{Campaign: now.Campaign.ID, Geography: now.Question.Geography, Figures: []FigureChange{}}
	if before == nil {
		return &body[Change]{out}, nil
	}
	out.Previous = before.Campaign.ID
	figures := []string{}
	for _, c := range now.Template.Components {
		figures = append(figures, c.Key)
	}
	list := func(turns []readiness.Turn) []AgencyRef {
		refs := make([]AgencyRef, len(turns))
		for i, t := range turns {
			refs[i] = AgencyRef{t.Is.Agency, t.Is.Name}
		}
		return refs
	}
	for _, figure := range append(figures, readiness.AllFive) {
		c := readiness.Between(figure, before.Statements, now.Statements)
		out.Figures = append(out.Figures, FigureChange{
			Figure: figure, Compared: len(c.Both), Was: c.Was, Is: c.Is, Gained: list(c.Gained), Fell: list(c.Fell),
			OnlyBefore: list(c.OnlyBefore), OnlyNow: list(c.OnlyNow), Neither: list(c.Neither),
		})
	}
	return &body[Change]{out}, nil
}

// values are what the form's own columns come to, row by row.
func (a *API) values(ctx context.Context, in *FiguresQuestion) (*body[Values], error) {
	q, err := in.question()
	if err != nil {
		return nil, err
	}
	sums, err := a.register.Aggregate(ctx, a.actor(ctx), q)
	if err != nil {
		return nil, err
	}
	out := Values{Campaign: in.Campaign, Values: []ValueTotal{}}
	for _, t := range sums.Values {
		v := ValueTotal{
			Row: t.Row.Key, Column: t.Column.Key, Kind: string(t.Column.Kind), Given: len(t.Given), Missing: list(t.Missing),
		}
		if len(t.Given) > 0 {
			switch t.Column.Kind {
			case readiness.NumberColumn:
				v.Sum, v.Least, v.Most = &t.Sum, &t.Least, &t.Most
			case readiness.CountsColumn:
				v.Sum, v.Whole = &t.Sum, &t.Whole
			case readiness.DateColumn:
				v.First, v.Last = t.First, t.Last
			case readiness.YesNoColumn, readiness.ChoiceColumn:
				v.Choices = map[string]int{}
				for _, b := range t.Buckets {
					v.Choices[b.Key] = len(b.Entries)
				}
			case readiness.TextColumn:
			}
		}
		out.Values = append(out.Values, v)
	}
	return &body[Values]{out}, nil
}

// returns lists where the returns stand: all of them for those who may read
// them, the own one for an agency.
func (a *API) returns(ctx context.Context, in *CampaignPath) (*body[returnList], error) {
	heads, err := a.register.Heads(ctx, a.actor(ctx), in.Campaign)
	if err != nil {
		return nil, err
	}
	c, err := a.register.Campaign(ctx, a.actor(ctx), in.Campaign)
	if err != nil {
		return nil, err
	}
	out := returnList{Returns: []ReturnHead{}}
	for _, h := range heads {
		head := ReturnHead{AgencyRef: AgencyRef{h.Agency.Code, h.Agency.Name}, Kind: h.Agency.Kind, State: string(h.State), Version: h.Version}
		if !h.Updated.IsZero() {
			head.Updated = &h.Updated
		}
		if !h.HandedIn.IsZero() {
			head.HandedIn, head.DaysLate = &h.HandedIn, c.LateBy(h.HandedIn)
		}
		out.Returns = append(out.Returns, head)
	}
	return &body[returnList]{out}, nil
}

func (a *API) newest(ctx context.Context, in *ReturnPath) (*body[readiness.Stored], error) {
	return a.stored(ctx, in.Campaign, in.Agency, 0)
}

func (a *API) version(ctx context.Context, in *versionPath) (*body[readiness.Stored], error) {
	return a.stored(ctx, in.Campaign, in.Agency, in.Version)
}

// stored gives a version, 0 being the newest, with people by their names.
func (a *API) stored(ctx context.Context, campaign, agency string, n int) (*body[readiness.Stored], error) {
	v, stored, err := a.register.Stored(ctx, a.actor(ctx), campaign, agency, n)
	if err != nil {
		return nil, err
	}
	if a.names != nil {
		at := v.Record.Versions[stored.Version-1].At
		stored.Return = stored.Return.Signed(func(by string) string { return a.names.NameOf(ctx, by, at) })
	}
	return &body[readiness.Stored]{stored}, nil
}

// submit hands in a whole return. Sent again, the same return is the same
// version: a caller that got no answer may simply repeat the call.
func (a *API) submit(ctx context.Context, in *submitInput) (*submitOutput, error) {
	who := a.actor(ctx)
	if err := readiness.Can(who, readiness.SubmitReturn, in.Agency); err != nil {
		return nil, err // before anything is said about the body
	}
	c, err := a.register.Campaign(ctx, who, in.Campaign)
	if err != nil {
		return nil, err
	}
	ret, err := in.Body.tidy(c, in.Agency)
	if err != nil {
		return nil, err
	}
	rec, err := a.register.SubmitReturn(ctx, who, in.Campaign, in.Agency, ret, readiness.ByAPI)
	status := http.StatusCreated
	if fault.Of(err) == fault.Conflict {
		v, lookErr := a.register.Look(ctx, who, in.Campaign, in.Agency)
		if lookErr != nil {
			return nil, lookErr
		}
		if last, ok := v.Record.Latest(); ok && same(last.Return, ret) {
			rec, status, err = v.Record, http.StatusOK, nil
		}
	}
	if err != nil {
		return nil, err
	}
	last, _ := rec.Latest()
	out := Receipt{
		Campaign: in.Campaign, Agency: in.Agency, State: string(rec.State()), Version: last.Number, Remarks: []Remark{},
		Arrival: last.Arrival.String(), DaysLate: last.DaysLate(c),
	}
	p := i18n.From(ctx)
	for _, r := range last.Problems {
		out.Remarks = append(out.Remarks, Remark{Row: r.Row, Field: r.Field, Text: p.T(r.Reason, r.Args)})
	}
	return &submitOutput{Status: status, Location: prefix + "/campaigns/" + in.Campaign + "/returns/" + in.Agency, Body: out}, nil
}

// same says that two returns state the same.
func same(a, b readiness.Return) bool {
	x, errX := json.Marshal(stated(a))
	y, errY := json.Marshal(stated(b))
	return errX == nil && errY == nil && string(x) == string(y)
}

// question is what the query asks for.
func (in FiguresQuestion) question() (readiness.Question, error) {
	q := readiness.Question{Campaign: in.Campaign, Combine: readiness.CombineRule(in.Combine)}
	for _, d := range []struct {
		name, text string
		day        *clock.Date
	}{{"as_of", in.AsOf, &q.KnownOn}, {"valid_at", in.ValidAt, &q.TrueOn}, {"geography", in.Geography, &q.Geography}} {
		if err := d.day.UnmarshalText([]byte(d.text)); err != nil {
			return q, fault.New(fault.Invalid, "api.wrong.date", nil).At("query." + d.name).Because(err)
		}
	}
	return q, nil
}
