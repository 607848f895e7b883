package security

import (
	"encoding/json"
	"fmt"
	"slices"

	"dean06/internal/platform/clock"
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

// ReadBook reads rules from their file. It fails when they do not follow each other, or
// leave a level without a route or a term.
func ReadBook(raw []byte) (Book, error) {
	var b Book
	if err := json.Unmarshal(raw, &b); err != nil {
		return nil, fmt.Errorf("read the rules of levels: %w", err)
	}
	if len(b) == 0 {
		return nil, fmt.Errorf("read the rules of levels: there are none")
	}
	for i, r := range b {
		if i > 0 && b[i-1].Until.AddDays(1) != r.From {
			return nil, fmt.Errorf("rules %s do not begin when %s end", r.Code, b[i-1].Code)
		}
		if err := r.check(); err != nil {
			return nil, fmt.Errorf("rules %s: %w", r.Code, err)
		}
	}
	return b, nil
}

func (r Rules) check() error {
	for l := Lowest; l <= Highest; l++ {
		route := r.Route(l)
		if route.Days <= 0 || r.CheckDays[l] <= 0 {
			return fmt.Errorf("level %d has no route or no term of checks", l)
		}
		for _, o := range []Office{route.Appraises, route.Approves} {
			if o != Unit && o != Head && o != Ministry {
				return fmt.Errorf("level %d: %q decides nothing", l, o)
			}
		}
		if !slices.ContainsFunc(r.Criteria, func(c Criterion) bool { return c.Level == l }) {
			return fmt.Errorf("level %d has no criterion", l)
		}
	}
	for _, s := range Severities {
		if r.MendDays[s] <= 0 {
			return fmt.Errorf("severity %s has no term", s)
		}
	}
	if !slices.ContainsFunc(r.Criteria, func(c Criterion) bool { return len(c.AtLeast) == 0 }) {
		return fmt.Errorf("no criterion is true of every system")
	}
	for _, c := range r.Criteria {
		for name := range c.AtLeast {
			if !slices.Contains(FactNames, name) {
				return fmt.Errorf("criterion %s asks for %q, which is no fact", c.Code, name)
			}
		}
	}
	if r.FirstHours <= 0 || r.FullHours < r.FirstHours {
		return fmt.Errorf("the terms of reports on incidents")
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
