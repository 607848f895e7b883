package security

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/spelling"
)

// Inspector is who inspected.
type Inspector string

// Who inspects.
const (
	OwnUnit       Inspector = "unit"     // the agency's own unit
	MinistryCheck Inspector = "ministry" // the ministry in charge
)

// Check is an inspection of a system on a day. It counts as fresh for the term of its level.
type Check struct {
	ID     string     `json:"id"`
	Agency string     `json:"agency"`
	System string     `json:"system"`
	Day    clock.Date `json:"day"`
	Kind   Inspector  `json:"kind"`
	By     string     `json:"by"`
	Report string     `json:"report"` // number of its record, or where it is
	At     time.Time  `json:"at"`     // when it was entered
}

// NewCheck is an inspection that somebody enters. It fails with Invalid.
func NewCheck(c Check, by actor.Actor, at time.Time) (Check, error) {
	c.By, c.At = by.Account, at
	report, err := noted(c.Report)
	if err != nil {
		return c, err
	}
	c.Report = report
	today := clock.DayOf(at)
	if c.Day.IsZero() || c.Day.After(today) || c.Day.DaysUntil(today) > 366 {
		return c, fault.New(fault.Invalid, "security.check.day", nil).At("day")
	}
	return c, nil
}

// same says that two entries are of one inspection: whoever sends a form twice has inspected once.
func (c Check) same(o Check) bool {
	return c.System == o.System && c.Day == o.Day && c.Kind == o.Kind && strings.EqualFold(c.Report, o.Report)
}

// maxTitle is how long the name of a finding or an incident may be.
const maxTitle = 300

// FindingState is where a finding stands.
type FindingState string

// The states of a finding.
const (
	FindingOpen   FindingState = "open"
	FindingMended FindingState = "mended" // its agency says so; a retest is to show it
	FindingClosed FindingState = "closed" // a retest found it mended
)

// Source is where a finding comes from.
type Source string

// The sources.
const (
	FromCheck         Source = "check"
	FromVulnerability Source = "vulnerability" // published, or told by somebody
)

// Finding is something wrong that an inspection found, or a vulnerability.
type Finding struct {
	ID       string    `json:"id"`
	Agency   string    `json:"agency"`
	System   string    `json:"system"`
	Number   string    `json:"number"` // "PH-2026-014", as people call it
	Source   Source    `json:"source"`
	Check    string    `json:"check,omitempty"`
	Ref      string    `json:"ref,omitempty"`  // such as CVE-2026-12345
	Kind     Inspector `json:"kind,omitempty"` // who found it
	Severity Severity  `json:"severity"`
	Title    string    `json:"title"`
	// Component is the part of the system that has it, How what showed it.
	Component string `json:"component,omitempty"`
	How       string `json:"how,omitempty"`
	// Behind are the subsystems behind which its system stood when it was found. It stays
	// in their way, whatever system is put behind them meanwhile.
	Behind   []string     `json:"behind,omitempty"`
	Found    time.Time    `json:"found"`
	Due      time.Time    `json:"due"` // by when it is to be mended, and that shown
	State    FindingState `json:"state"`
	MendedBy []string     `json:"mended_by,omitempty"` // whoever ever said so
	Steps    []Step       `json:"steps"`
	Version  int64        `json:"version"`
}

// refShape is a vulnerability's number in the public list.
var refShape = regexp.MustCompile(`^CVE-\d{4}-\d{4,19}$`)

// NewFinding is one that was found now, or at the moment that it says; its term begins then.
// It fails with a fault.List.
func NewFinding(f Finding, r Rules, by actor.Actor, at time.Time) (Finding, error) {
	var wrong fault.List
	bad := func(field, key string, args fault.Args) {
		wrong = append(wrong, fault.New(fault.Invalid, key, args).At(field))
	}
	f.Title, f.Component, f.How = spelling.Clean(f.Title), spelling.Clean(f.Component), strings.TrimSpace(f.How)
	f.Ref = strings.ToUpper(strings.TrimSpace(f.Ref))
	if n := utf8.RuneCountInString(f.Title); n == 0 || n > maxTitle {
		bad("title", "security.finding.title", nil)
	}
	if utf8.RuneCountInString(f.Component) > maxName {
		bad("component", "security.note", fault.Args{"most": maxName})
	}
	if !slices.Contains(Severities, f.Severity) {
		bad("severity", "security.finding.severity", nil)
	}
	if f.Found.IsZero() {
		f.Found = at
	}
	if f.Found.After(at) || at.Sub(f.Found) > 366*24*time.Hour {
		bad("found", "security.finding.found", nil)
	}
	if utf8.RuneCountInString(f.How) > maxNote {
		bad("how", "security.note", fault.Args{"most": maxNote})
	}
	if f.Ref != "" && !refShape.MatchString(f.Ref) {
		bad("ref", "security.finding.ref", nil)
	}
	if err := wrong.Err(); err != nil {
		return f, err
	}
	f.Due = clock.DayOf(f.Found).AddDays(r.MendDays[f.Severity]).End()
	f.State, f.Steps = FindingOpen, []Step{{What: "find", By: by.Account, At: at, Note: f.How}}
	return f, nil
}

// same says that a finding that is open says the same of the same system: whoever sends a
// form twice finds one.
func (f Finding) same(o Finding) bool {
	return f.System == o.System && o.Open() && (strings.EqualFold(f.Title, o.Title) || f.Ref != "" && f.Ref == o.Ref)
}

// Open says that it is not shown to be mended.
func (f Finding) Open() bool { return f.State != FindingClosed }

// Overdue says that its term has passed at a moment and it is not shown to be mended.
func (f Finding) Overdue(at time.Time) bool { return f.Open() && !at.Before(f.Due) }

func (f Finding) moved(to FindingState, what string, by actor.Actor, at time.Time, note string) Finding {
	f.State = to
	f.MendedBy = slices.Clone(f.MendedBy)
	f.Steps = append(slices.Clone(f.Steps), Step{What: what, By: by.Account, At: at, Note: note})
	return f
}

// Mend says that a finding is mended, and where that is seen.
func (f Finding) Mend(by actor.Actor, evidence string, at time.Time) (Finding, error) {
	if f.State != FindingOpen {
		return f, fault.New(fault.Conflict, "security.dossier.moved", nil)
	}
	evidence, err := noted(evidence)
	if err != nil {
		return f, err
	}
	f = f.moved(FindingMended, "mend", by, at, evidence)
	if !slices.Contains(f.MendedBy, by.Account) {
		f.MendedBy = append(f.MendedBy, by.Account)
	}
	return f, nil
}

// mayRetest fails for whoever ever said that it was mended; what the ministry found is its
// inspectors' to retest.
func (f Finding) mayRetest(by actor.Actor) error {
	if by.Nobody() || slices.Contains(f.MendedBy, by.Account) {
		return fault.New(fault.Denied, "security.finding.own", nil)
	}
	if f.Kind == MinistryCheck && !by.Has(Examiner) {
		return fault.New(fault.Denied, "security.finding.ministry", nil)
	}
	return nil
}

// Retest says whether a finding that is said to be mended is, by somebody who may. A term
// that has passed stays passed.
func (f Finding) Retest(by actor.Actor, good bool, note string, at time.Time) (Finding, error) {
	if f.State != FindingMended {
		return f, fault.New(fault.Conflict, "security.dossier.moved", nil)
	}
	if err := f.mayRetest(by); err != nil {
		return f, err
	}
	note, err := noted(note)
	if err != nil {
		return f, err
	}
	if good {
		return f.moved(FindingClosed, "retest", by, at, note), nil
	}
	return f.moved(FindingOpen, "fail", by, at, note), nil
}

// Report is one of the two reports on an incident.
type Report string

// The reports.
const (
	FirstReport Report = "first" // within 24 hours
	FullReport  Report = "full"  // within 72 hours
)

// Incident is an incident of a system. Both reports are due from when it was noticed.
type Incident struct {
	ID       string    `json:"id"`
	Agency   string    `json:"agency"`
	System   string    `json:"system"`
	Severity Severity  `json:"severity"`
	Title    string    `json:"title"`
	Noticed  time.Time `json:"noticed"`
	FirstDue time.Time `json:"first_due"`
	FullDue  time.Time `json:"full_due"`
	First    time.Time `json:"first,omitzero"` // when the first report was made
	Full     time.Time `json:"full,omitzero"`
	Steps    []Step    `json:"steps"`
	Version  int64     `json:"version"`
}

// NewIncident is one that was noticed.
func NewIncident(i Incident, r Rules, by actor.Actor, at time.Time) (Incident, error) {
	i.Title = spelling.Clean(i.Title)
	if n := utf8.RuneCountInString(i.Title); n == 0 || n > maxTitle {
		return i, fault.New(fault.Invalid, "security.finding.title", nil).At("title")
	}
	if !slices.Contains(Severities, i.Severity) {
		return i, fault.New(fault.Invalid, "security.finding.severity", nil).At("severity")
	}
	if i.Noticed.IsZero() || i.Noticed.After(at) || at.Sub(i.Noticed) > 366*24*time.Hour {
		return i, fault.New(fault.Invalid, "security.incident.noticed", nil).At("noticed")
	}
	i.FirstDue = i.Noticed.Add(time.Duration(r.FirstHours) * time.Hour)
	i.FullDue = i.Noticed.Add(time.Duration(r.FullHours) * time.Hour)
	i.Steps = []Step{{What: "notice", By: by.Account, At: at}}
	return i, nil
}

// same says that two entries are of one incident.
func (i Incident) same(o Incident) bool {
	return i.System == o.System && i.Noticed.Equal(o.Noticed) && strings.EqualFold(i.Title, o.Title)
}

// Owes is the report that is due next, and by when; "" when both were made.
func (i Incident) Owes() (r Report, due time.Time) {
	switch {
	case i.First.IsZero():
		return FirstReport, i.FirstDue
	case i.Full.IsZero():
		return FullReport, i.FullDue
	}
	return "", time.Time{}
}

// Tell makes the report that is owed.
func (i Incident) Tell(by actor.Actor, text string, at time.Time) (Incident, error) {
	what, _ := i.Owes()
	if what == "" {
		return i, fault.New(fault.Conflict, "security.incident.told", nil)
	}
	text, err := noted(text)
	if err != nil {
		return i, err
	}
	i.Steps = append(slices.Clone(i.Steps), Step{What: string(what), By: by.Account, At: at, Note: text})
	if what == FirstReport {
		i.First = at
	} else {
		i.Full = at
	}
	return i, nil
}
