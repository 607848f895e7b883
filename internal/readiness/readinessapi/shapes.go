package readinessapi

import (
	"time"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/readiness"
)

// body is an answer of status 200.
type body[T any] struct{ Body T }

// CampaignPath names a letter. It and its like are exported because huma looks
// into embedded types only then.
type CampaignPath struct {
	Campaign string `path:"campaign" maxLength:"40" example:"488"`
}

// ReturnPath names the return of one agency.
type ReturnPath struct {
	CampaignPath
	Agency string `path:"agency" maxLength:"35" example:"H55"`
}

type versionPath struct {
	ReturnPath
	Version int `path:"version" minimum:"1" example:"1"`
}

type templatePath struct {
	Template string `path:"template" maxLength:"40" example:"488"`
	Version  string `path:"version" maxLength:"10" example:"1"`
}

// FiguresQuestion is the query of figures.
type FiguresQuestion struct {
	CampaignPath
	AsOf      string `query:"as_of" format:"date"`
	ValidAt   string `query:"valid_at" format:"date"`
	Geography string `query:"geography" format:"date"`
	Combine   string `query:"combine" enum:"all,any,weighted" default:"all"`
}

type figureQuestion struct {
	FiguresQuestion
	Group  string `path:"group" maxLength:"40" example:"provinces"`
	Figure string `path:"figure" maxLength:"60" example:"all_five"`
}

type campaignList struct {
	Campaigns []readiness.Campaign `json:"campaigns"`
}

// Figures are the numbers of one question: by group of agencies, by component.
type Figures struct {
	Campaign   string                        `json:"campaign"`
	Rule       string                        `json:"rule"`
	AsOf       clock.Date                    `json:"as_of"`
	ValidAt    clock.Date                    `json:"valid_at"`
	Geography  clock.Date                    `json:"geography"`
	Combine    string                        `json:"combine"`
	Ministries map[string]float64            `json:"ministries"`
	Provinces  map[string]float64            `json:"provinces"`
	Others     map[string]map[string]float64 `json:"others,omitempty"`
}

func figuresOf(f readiness.Figures) Figures {
	out := Figures{
		Campaign: f.Campaign, Rule: f.Rule, AsOf: f.KnownOn, ValidAt: f.TrueOn, Geography: f.Geography, Combine: string(f.Combine),
		Ministries: numbers(f.Ministries), Provinces: numbers(f.Provinces), Others: map[string]map[string]float64{},
	}
	for kind, b := range f.Others {
		out.Others[kind] = numbers(b)
	}
	return out
}

func numbers(b readiness.Block) map[string]float64 {
	out := map[string]float64{"recipients": float64(len(b.Recipients)), "respondents": float64(len(b.Answered))}
	for _, f := range b.Figures {
		out[f.Key] = f.Sum
	}
	return out
}

// AgencyRef names an agency.
type AgencyRef struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

// FigureAgencies are the agencies behind one number.
type FigureAgencies struct {
	Group   string      `json:"group"`
	Figure  string      `json:"figure"`
	Value   float64     `json:"value"`
	Met     []AgencyRef `json:"met"`
	NotMet  []AgencyRef `json:"not_met"`
	Unknown []AgencyRef `json:"unknown"`
	Missing []AgencyRef `json:"missing"`
}

// Values are what the form's own columns come to.
type Values struct {
	Campaign string       `json:"campaign"`
	Values   []ValueTotal `json:"values"`
}

// ValueTotal is one row in one column: of numbers the sum, the least and the most; of
// counts the sums of parts and of wholes; of days the first and the last; of choices, and of
// yes and no, how often each was given. Missing are the agencies whose return leaves it open.
type ValueTotal struct {
	Row     string         `json:"row"`
	Column  string         `json:"column"`
	Kind    string         `json:"kind"`
	Given   int            `json:"given"`
	Missing []string       `json:"missing"`
	Sum     *float64       `json:"sum,omitempty"`
	Whole   *float64       `json:"whole,omitempty"`
	Least   *float64       `json:"least,omitempty"`
	Most    *float64       `json:"most,omitempty"`
	First   clock.Date     `json:"first,omitzero"`
	Last    clock.Date     `json:"last,omitzero"`
	Choices map[string]int `json:"choices,omitempty"`
}

// Change is what became of each figure since the round before.
type Change struct {
	Campaign  string         `json:"campaign"`
	Previous  string         `json:"previous,omitempty"`
	Geography clock.Date     `json:"geography"`
	Figures   []FigureChange `json:"figures"`
}

// FigureChange compares those whose answer is known in both rounds, and names the others.
type FigureChange struct {
	Figure     string      `json:"figure"`
	Compared   int         `json:"compared"`
	Was        float64     `json:"was"`
	Is         float64     `json:"is"`
	Gained     []AgencyRef `json:"gained"`
	Fell       []AgencyRef `json:"fell"`
	OnlyBefore []AgencyRef `json:"only_before"`
	OnlyNow    []AgencyRef `json:"only_now"`
	Neither    []AgencyRef `json:"neither"`
}

type returnList struct {
	Returns []ReturnHead `json:"returns"`
}

// ReturnHead says where one return stands.
type ReturnHead struct {
	AgencyRef
	Kind    string     `json:"kind"`
	State   string     `json:"state"`
	Version int        `json:"version"`
	Updated *time.Time `json:"updated,omitempty"`
	// HandedIn is when the first version came in, DaysLate by how many days after the due day.
	HandedIn *time.Time `json:"handed_in,omitempty"`
	DaysLate int        `json:"days_late,omitempty"`
}

// Submission is a return as it is handed in. It may be what was read before with
// changes: what only the register knows is accepted and left aside.
type Submission struct {
	readiness.Stored
}

// tidy is the return of a submission. It fails with Invalid where the return
// names another campaign, agency or form than those it is handed in for.
func (s Submission) tidy(c readiness.Campaign, agency string) (readiness.Return, error) {
	ret := s.Return
	var other fault.List
	for _, f := range []struct{ name, have, want string }{
		{"campaign", ret.Campaign, c.ID}, {"agency", ret.Agency, agency}, {"template", ret.Template, c.Template},
	} {
		if f.have != "" && f.have != f.want {
			other = append(other, fault.New(fault.Invalid, "api.wrong.other", fault.Args{"want": f.want}).At("body."+f.name))
		}
	}
	if err := other.Err(); err != nil {
		return ret, err
	}
	ret.Campaign, ret.Agency, ret.Template = c.ID, agency, c.Template
	return stated(ret), nil
}

// stated is what an agency states in a return, without what only a paper has.
func stated(ret readiness.Return) readiness.Return {
	ret = ret.Clone()
	ret.Heading, ret.Extra = "", nil
	ret.Systems, ret.Answers, ret.Proposals = list(ret.Systems), list(ret.Answers), list(ret.Proposals)
	ret.Difficulties, ret.Recommendations = list(ret.Difficulties), list(ret.Recommendations)
	for i := range ret.Answers {
		ret.Answers[i].Readings = nil
	}
	return ret
}

// list is never null in JSON.
func list[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}

type submitInput struct {
	ReturnPath
	Body Submission
}

type submitOutput struct {
	Status   int
	Location string `header:"Location"`
	Body     Receipt
}

// Receipt says what became of a submission. Remarks are worth knowing and need
// no answer.
type Receipt struct {
	Campaign string   `json:"campaign"`
	Agency   string   `json:"agency"`
	State    string   `json:"state"`
	Version  int      `json:"version"`
	Arrival  string   `json:"arrival,omitempty"` // its number in the register of arrivals
	DaysLate int      `json:"days_late,omitempty"`
	Remarks  []Remark `json:"remarks"`
}

// Remark is something worth knowing about a return.
type Remark struct {
	Row   string `json:"row,omitempty"`
	Field string `json:"field,omitempty"`
	Text  string `json:"text"`
}
