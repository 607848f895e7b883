package security

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
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

// NewFinding is one that was found, with its term by the rules.
func NewFinding(f Finding, r Rules, by actor.Actor, at time.Time) (Finding, error) {
	f.Title = strings.TrimSpace(f.Title)
	if n := utf8.RuneCountInString(f.Title); n == 0 || n > 300 {
		return f, fault.New(fault.Invalid, "security.finding.title", nil).At("title")
	}
	if !slices.Contains(Severities, f.Severity) {
		return f, fault.New(fault.Invalid, "security.finding.severity", nil).At("severity")
	}
	f.Found, f.Due = at, clock.DayOf(at).AddDays(r.MendDays[f.Severity]).End()
	f.State, f.Steps = FindingOpen, []Step{{What: "find", By: by.Account, At: at}}
	return f, nil
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

// Retest says whether a finding that is said to be mended is. Whoever ever said that it was
// may not, and what the ministry found the ministry retests. A term that has passed stays
// passed.
func (f Finding) Retest(by actor.Actor, good bool, note string, at time.Time) (Finding, error) {
	if f.State != FindingMended {
		return f, fault.New(fault.Conflict, "security.dossier.moved", nil)
	}
	if by.Nobody() || slices.Contains(f.MendedBy, by.Account) {
		return f, fault.New(fault.Denied, "security.finding.own", nil)
	}
	if f.Kind == MinistryCheck && !by.Has(Examiner) {
		return f, fault.New(fault.Denied, "security.finding.ministry", nil)
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
	i.Title = strings.TrimSpace(i.Title)
	if n := utf8.RuneCountInString(i.Title); n == 0 || n > 300 {
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
