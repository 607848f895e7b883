package readinessapi

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/session"
	"dean06/internal/readiness"
)

func (a *API) addAll() {
	const one = "/campaigns/{campaign}"
	get := func(id, path string) huma.Operation {
		return huma.Operation{OperationID: id, Method: http.MethodGet, Path: path}
	}
	add(a, "", get("listCampaigns", "/campaigns"), a.campaigns)
	add(a, "", get("getCampaign", one), a.campaign)
	add(a, "", get("getTemplate", "/templates/{template}/{version}"), a.template)
	add(a, ReadFigures, get("getFigures", one+"/figures"), a.figures)
	add(a, ReadFigures, get("getFigureAgencies", one+"/figures/{group}/{figure}"), a.figure)
	add(a, ReadReturns, get("listReturns", one+"/returns"), a.returns)
	add(a, ReadReturns, get("getReturn", one+"/returns/{agency}"), a.newest)
	add(a, ReadReturns, get("getReturnVersion", one+"/returns/{agency}/versions/{version}"), a.version)
	add(a, WriteReturns, huma.Operation{OperationID: "submitReturn", Method: http.MethodPut, Path: one + "/returns/{agency}"}, a.submit)
}

func (a *API) campaigns(ctx context.Context, _ *struct{}) (*body[campaignList], error) {
	list, err := a.register.Campaigns(ctx)
	if err != nil {
		return nil, err
	}
	return &body[campaignList]{campaignList{list}}, nil
}

func (a *API) campaign(ctx context.Context, in *CampaignPath) (*body[readiness.Campaign], error) {
	c, err := a.register.Campaign(ctx, in.Campaign)
	if err != nil {
		return nil, err
	}
	return &body[readiness.Campaign]{c}, nil
}

func (a *API) template(ctx context.Context, in *templatePath) (*body[readiness.Template], error) {
	t, err := a.register.Template(ctx, in.Template+"/"+in.Version)
	if err != nil {
		return nil, err
	}
	return &body[readiness.Template]{*t}, nil
}

// mayReadFigures says whether the caller may see how the country stands: people
// who may read the board, and programmes whose token carries the scope.
func (a *API) mayReadFigures(ctx context.Context) error {
	if id, ok := session.From(ctx); ok && byToken(id) {
		return nil
	}
	return readiness.Can(a.actor(ctx), readiness.ReadBoard, "")
}

func (a *API) figures(ctx context.Context, in *FiguresQuestion) (*body[Figures], error) {
	if err := a.mayReadFigures(ctx); err != nil {
		return nil, err
	}
	q, err := in.question()
	if err != nil {
		return nil, err
	}
	f, err := a.register.Figures(ctx, q)
	if err != nil {
		return nil, err
	}
	return &body[Figures]{figuresOf(f)}, nil
}

func (a *API) figure(ctx context.Context, in *figureQuestion) (*body[FigureAgencies], error) {
	if err := a.mayReadFigures(ctx); err != nil {
		return nil, err
	}
	q, err := in.question()
	if err != nil {
		return nil, err
	}
	f, err := a.register.Figures(ctx, q)
	if err != nil {
		return nil, err
	}
	block := f.Block(in.Group)
	figure, ok := block.Figure(in.Figure)
	if !ok {
		return nil, fault.New(fault.NotFound, "api.figure.unknown", fault.Args{"group": in.Group, "figure": in.Figure})
	}
	basis, err := a.register.Statements(ctx, q)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, s := range basis.Statements {
		names[s.Agency] = s.Name
	}
	list := func(codes []string, but []string) []AgencyRef {
		out := []AgencyRef{}
		for _, code := range codes {
			if !slices.Contains(but, code) {
				out = append(out, AgencyRef{code, names[code]})
			}
		}
		return out
	}
	return &body[FigureAgencies]{FigureAgencies{
		Group: in.Group, Figure: in.Figure, Value: figure.Sum,
		Met: list(figure.Met, nil), NotMet: list(figure.Of, figure.Met), Missing: list(block.Missing, nil),
	}}, nil
}

// returns lists where the returns stand: all of them for those who may read
// them, the own one for an agency.
func (a *API) returns(ctx context.Context, in *CampaignPath) (*body[returnList], error) {
	actor := a.actor(ctx)
	all := readiness.MayReadReturns(actor)
	if !all {
		if err := readiness.Can(actor, readiness.ReadReturn, actor.Agency); err != nil {
			return nil, err
		}
	}
	recipients, err := a.register.Recipients(ctx, in.Campaign)
	if err != nil {
		return nil, err
	}
	heads, err := a.register.Heads(ctx, in.Campaign)
	if err != nil {
		return nil, err
	}
	if _, err := a.register.Campaign(ctx, in.Campaign); err != nil {
		return nil, err
	}
	out := returnList{Returns: []ReturnHead{}}
	begun := map[string]bool{}
	for _, h := range heads {
		begun[h.Agency.Code] = true
		if all || h.Agency.Code == actor.Agency {
			updated := h.Updated
			out.Returns = append(out.Returns, ReturnHead{AgencyRef{h.Agency.Code, h.Agency.Name}, h.Agency.Kind, string(h.State), h.Version, &updated})
		}
	}
	for _, r := range recipients {
		if !begun[r.Code] && (all || r.Code == actor.Agency) {
			out.Returns = append(out.Returns, ReturnHead{AgencyRef: AgencyRef{r.Code, r.Name}, Kind: r.Kind, State: string(readiness.NotStarted)})
		}
	}
	slices.SortFunc(out.Returns, func(x, y ReturnHead) int { return cmp.Compare(x.Code, y.Code) })
	return &body[returnList]{out}, nil
}

func (a *API) newest(ctx context.Context, in *ReturnPath) (*body[readiness.Stored], error) {
	return a.stored(ctx, in.Campaign, in.Agency, 0)
}

func (a *API) version(ctx context.Context, in *versionPath) (*body[readiness.Stored], error) {
	return a.stored(ctx, in.Campaign, in.Agency, in.Version)
}

// stored gives a version, 0 being the newest.
func (a *API) stored(ctx context.Context, campaign, agency string, n int) (*body[readiness.Stored], error) {
	v, err := a.register.Look(ctx, a.actor(ctx), campaign, agency)
	if err != nil {
		return nil, err
	}
	all := v.Record.Versions
	if n == 0 {
		n = len(all)
	}
	if n < 1 || n > len(all) {
		return nil, fault.New(fault.NotFound, "readiness.return.not_found", fault.Args{"agency": v.Agency.Name, "campaign": campaign})
	}
	state := v.Record.State()
	if n < len(all) {
		state = v.Record.VersionState(n, time.Time{})
	}
	return &body[readiness.Stored]{readiness.Stored{Name: v.Agency.Name, State: state, Version: n, Versions: len(all), Return: all[n-1].Return}}, nil
}

// submit hands in a whole return. Sent again, the same return is the same
// version: a caller that got no answer may simply repeat the call.
func (a *API) submit(ctx context.Context, in *submitInput) (*submitOutput, error) {
	actor := a.actor(ctx)
	if err := readiness.Can(actor, readiness.SubmitReturn, in.Agency); err != nil {
		return nil, err
	}
	c, err := a.register.Campaign(ctx, in.Campaign)
	if err != nil {
		return nil, err
	}
	ret, err := in.Body.tidy(c, in.Agency)
	if err != nil {
		return nil, err
	}
	rec, err := a.register.SubmitReturn(ctx, actor, in.Campaign, in.Agency, ret, readiness.ByAPI)
	status := http.StatusCreated
	if fault.Of(err) == fault.Conflict {
		v, lookErr := a.register.Look(ctx, actor, in.Campaign, in.Agency)
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
	out := Receipt{Campaign: in.Campaign, Agency: in.Agency, State: string(rec.State()), Version: last.Number, Remarks: []Remark{}}
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
