package security

import (
	"errors"
	"slices"
	"strings"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/strictjson"
)

// Level is how much a system must be protected: 1 to 5; 0 is none yet.
type Level int

// The lowest and the highest level.
const (
	Lowest  Level = 1
	Highest Level = 5
)

// The sources of a criterion: how surely it is known.
const (
	SourceText   = "text"   // read in the public text
	SourcePress  = "press"  // secondary
	SourceMemory = "memory" // to be confirmed
)

// Criterion is one rule of a level: a system that has all of it is of the level at least.
type Criterion struct {
	Code    string           `json:"code"`
	Level   Level            `json:"level"`
	Article string           `json:"article"`
	Source  string           `json:"source"`
	AtLeast map[string]int64 `json:"at_least"` // facts by name; none is true of every system
	Vi      string           `json:"vi"`
	En      string           `json:"en"`
}

// In is what it says in a language.
func (c Criterion) In(lang string) string {
	if lang == "en" {
		return c.En
	}
	return c.Vi
}

// Sure says that the criterion was read in the public text.
func (c Criterion) Sure() bool { return c.Source == SourceText }

// holds says that the facts have all that the criterion asks.
func (c Criterion) holds(f Facts) bool {
	for name, least := range c.AtLeast {
		if f.value(name) < least {
			return false
		}
	}
	return true
}

// Office is who appraises or approves a dossier.
type Office string

// The offices.
const (
	Unit     Office = "unit"     // the agency's unit for information security
	Head     Office = "head"     // the owner of the system, by its head
	Ministry Office = "ministry" // the ministry that appraises levels 4 and 5
)

// Route is who decides on dossiers of some levels, and within how many days.
type Route struct {
	Levels    []Level  `json:"levels"`
	Appraises Office   `json:"appraises"`
	Approves  Office   `json:"approves"`
	Days      int      `json:"days"` // of the calendar, for the appraisal
	Article   string   `json:"article"`
	Unsure    []string `json:"unsure"`
}

// parted says that who appraises is another person than who approves.
func (r Route) parted() bool { return r.Appraises != r.Approves }

// Severity is how grave a finding or an incident is.
type Severity string

// The severities.
const (
	Critical Severity = "critical"
	High     Severity = "high"
	Medium   Severity = "medium"
	Low      Severity = "low"
)

// Severities lists them, the gravest first.
var Severities = []Severity{Critical, High, Medium, Low}

// Rules are a decree as it counts in a time.
type Rules struct {
	Code     string      `json:"code"`
	From     clock.Date  `json:"from"`
	Until    clock.Date  `json:"until"`     // the last day; zero: it still counts
	Unsure   []string    `json:"unsure"`    // which of its values are not known surely
	ReviewBy clock.Date  `json:"review_by"` // by when dossiers of the rules before are to be looked at again
	Criteria []Criterion `json:"criteria"`
	Routes   []Route     `json:"routes"`
	// Regulation says that the agency's regulation on security must be there before a
	// dossier is approved.
	Regulation bool             `json:"regulation"`
	CheckDays  map[Level]int    `json:"check_days"` // how long a check stays fresh
	MendDays   map[Severity]int `json:"mend_days"`  // within which a finding is to be mended
	FirstHours int              `json:"first_report_hours"`
	FullHours  int              `json:"full_report_hours"`
}

// Book is all rules, the earliest first.
type Book []Rules

// ReadBook reads rules from their file, the earliest first. It fails with Invalid, and says
// which rules are wrong and how to mend them, when they do not follow each other, or leave a
// level or a severity without what every dossier and finding needs.
func ReadBook(raw []byte) (Book, error) {
	var b Book
	if err := readData(raw, &b); err != nil {
		return nil, err
	}
	if len(b) == 0 {
		return nil, fault.New(fault.Invalid, "config.security_empty", nil)
	}
	for i, r := range b {
		if r.Code == "" || slices.ContainsFunc(b[:i], func(o Rules) bool { return o.Code == r.Code }) {
			return nil, fault.New(fault.Invalid, "config.security_code", fault.Args{"code": r.Code})
		}
		if i > 0 && b[i-1].Until.AddDays(1) != r.From {
			return nil, fault.New(fault.Invalid, "config.security_order", fault.Args{"code": r.Code, "before": b[i-1].Code})
		}
		if err := r.check(); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// readData reads a file of rules or standards. It fails with Invalid and the place of what is
// no JSON, or has a member that is unknown.
func readData(raw []byte, into any) error {
	err := strictjson.Read(raw, into)
	var at *strictjson.Error
	if errors.As(err, &at) {
		return fault.New(fault.Invalid, "config.security_json", fault.Args{"line": at.Line, "at": at.At, "error": at.Err.Error()})
	}
	return err
}

func (r Rules) check() error {
	wrong := func(key string, args fault.Args) error {
		args["code"] = r.Code
		return fault.New(fault.Invalid, key, args)
	}
	for l := Lowest; l <= Highest; l++ {
		route := r.Route(l)
		if route.Days <= 0 || r.CheckDays[l] <= 0 {
			return wrong("config.security_term", fault.Args{"level": int(l)})
		}
		for _, o := range []Office{route.Appraises, route.Approves} {
			if o != Unit && o != Head && o != Ministry {
				return wrong("config.security_office", fault.Args{"level": int(l), "office": string(o)})
			}
		}
		if !slices.ContainsFunc(r.Criteria, func(c Criterion) bool { return c.Level == l }) {
			return wrong("config.security_criterion", fault.Args{"level": int(l)})
		}
	}
	for _, s := range Severities {
		if r.MendDays[s] <= 0 {
			return wrong("config.security_severity", fault.Args{"severity": string(s)})
		}
	}
	if !slices.ContainsFunc(r.Criteria, func(c Criterion) bool { return len(c.AtLeast) == 0 }) {
		return wrong("config.security_every", fault.Args{})
	}
	for _, c := range r.Criteria {
		if c.Level < Lowest || c.Level > Highest || c.Vi == "" || c.En == "" {
			return wrong("config.security_texts", fault.Args{"criterion": c.Code})
		}
		for name := range c.AtLeast {
			if !slices.Contains(FactNames, name) {
				return wrong("config.security_fact", fault.Args{"criterion": c.Code, "fact": name, "facts": strings.Join(FactNames, ", ")})
			}
		}
	}
	if r.FirstHours <= 0 || r.FullHours < r.FirstHours {
		return wrong("config.security_hours", fault.Args{})
	}
	return nil
}

// On are the rules of a day: the earliest for what lies before them, as nothing else is known.
func (b Book) On(day clock.Date) Rules {
	for _, r := range slices.Backward(b) {
		if !day.Before(r.From) {
			return r
		}
	}
	return b[0]
}

// Review is by when an approved dossier of earlier rules is to be looked at again, by those of a
// day; zero when nothing asks for it.
func (b Book) Review(d Dossier, day clock.Date) clock.Date {
	now := b.On(day)
	if d.State != Approved || d.Rules == now.Code {
		return clock.Date{}
	}
	return now.ReviewBy
}

// UnsureOf are the values of rules that are not known surely, as far as they concern a level.
func (r Rules) UnsureOf(l Level) []string {
	return append(slices.Clone(r.Unsure), r.Route(l).Unsure...)
}

// Of are the rules of a code, by which a dossier was made; the earliest, and false, when
// they are in the book no longer.
func (b Book) Of(code string) (r Rules, ok bool) {
	i := slices.IndexFunc(b, func(r Rules) bool { return r.Code == code })
	return b[max(0, i)], i >= 0
}

// Route is who decides on a dossier of a level.
func (r Rules) Route(l Level) Route {
	for _, route := range r.Routes {
		if slices.Contains(route.Levels, l) {
			return route
		}
	}
	return Route{}
}
