package security

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/spelling"
)

// System is an information system as its agency declares it.
type System struct {
	Agency string
	ID     string // stable within the agency; its name may change
	Name   string
	Kind   string
	Unit   string // who is in charge of it
}

// Systems is the register of systems: what agencies declare in their returns.
type Systems interface {
	// SystemsOf are those of an agency, in its order.
	SystemsOf(ctx context.Context, agency string) ([]System, error)
}

// Paper is an official document.
type Paper struct {
	Number string     `json:"number,omitempty"`
	Day    clock.Date `json:"day,omitzero"`
}

// checkRegulation says what is wrong with the regulation that an agency names; none at all is nothing.
func (p Paper) checkRegulation(today clock.Date) fault.List {
	var wrong fault.List
	if p == (Paper{}) {
		return nil
	}
	if !numberShape.MatchString(p.Number) {
		wrong = append(wrong, fault.New(fault.Invalid, "security.regulation.number", nil).At("regulation"))
	}
	if p.Day.IsZero() || p.Day.After(today) {
		wrong = append(wrong, fault.New(fault.Invalid, "security.regulation.day", fault.Args{"today": today}).At("regulation-day"))
	}
	return wrong
}

// Record is what is known of a system for its security, beside what its agency declares.
type Record struct {
	Agency string `json:"agency"`
	System string `json:"system"`
	Name   string `json:"name"` // as it was declared when the record was last changed
	Unit   string `json:"unit,omitempty"`
	// Announced says that the agency named the system here, after its last return.
	Announced bool  `json:"announced,omitempty"`
	Facts     Facts `json:"facts"`
	Asked     bool  `json:"asked"` // the facts were given
	// By is the account that gave them last: it does not decide on what stands on them.
	By string `json:"by,omitempty"`
	// Whole is the system of the agency that this one is a part of; "" for none.
	Whole string `json:"whole,omitempty"`
	// Subsystems are those of the exchange behind which the system stands: "VN/GOV/H55/YTE".
	Subsystems []string `json:"subsystems"`
	Regulation Paper    `json:"regulation,omitzero"` // of the agency, on security
	// Controls are the states of the standard's controls, by code.
	Controls map[string]ControlState `json:"controls,omitempty"`
	Version  int64                   `json:"version"`
}

// subsystemShape is a subsystem of an agency of the state, as the exchange takes it: small
// letters are others than capitals there. Of another class somebody else may have the same code.
var subsystemShape = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}/GOV/[A-Z0-9.]{1,35}/[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)

// What one agency may say at most, so that all it says together reaches every gateway.
const (
	mostSubsystems = 40  // behind which one system stands
	mostAnnounced  = 200 // systems of an agency that no return declares yet
)

// CheckSubsystems says whether an agency may name these as its own, or as those of the ones
// for which it answers. It fails with Invalid.
func CheckSubsystems(agency string, list []string, others ...string) error {
	if len(list) > mostSubsystems {
		return fault.New(fault.Invalid, "security.subsystem.many", fault.Args{"most": mostSubsystems}).At("subsystems")
	}
	for i, s := range list {
		parts := strings.Split(s, "/")
		if !subsystemShape.MatchString(s) || slices.Contains(list[:i], s) {
			return fault.New(fault.Invalid, "security.subsystem.bad", fault.Args{"id": clip(s)}).At("subsystems")
		}
		if parts[2] != agency && !slices.Contains(others, parts[2]) {
			return fault.New(fault.Invalid, "security.subsystem.foreign", fault.Args{"id": s, "agency": agency}).At("subsystems")
		}
	}
	return nil
}

// WholeOf are the facts of all systems that are one with a system of an agency's records when
// its level is chosen: the whole that it names, the parts of it, and what stands behind the
// same subsystem, whatever it is called. A system that is part of itself, or of a part, is
// refused by CheckWhole; here it counts once.
func WholeOf(records []Record, system string) Facts {
	top := onesOf(records)
	var all []Facts
	for _, r := range records {
		if top[r.System] == top[system] {
			all = append(all, r.Facts)
		}
	}
	return Together(all...)
}

// topsOf gives for each system of an agency the whole to which it belongs in the end, itself
// when it is a part of none.
func topsOf(records []Record) map[string]string {
	whole, top := make(map[string]string, len(records)), make(map[string]string, len(records))
	for _, r := range records {
		whole[r.System] = r.Whole
	}
	for _, r := range records {
		at := r.System
		for range records {
			if done, ok := top[at]; ok {
				at = done
				break
			}
			if whole[at] == "" {
				break
			}
			at = whole[at]
		}
		top[r.System] = at
	}
	return top
}

// onesOf are topsOf in which systems that name the same subsystem are one as well: what calls
// through one door cannot be told apart.
func onesOf(records []Record) map[string]string {
	top, door := topsOf(records), map[string]string{}
	for _, r := range records {
		for _, id := range r.Subsystems {
			first, ok := door[id]
			if !ok {
				door[id] = r.System
				continue
			}
			from, to := top[r.System], top[first]
			for system, at := range top {
				if at == from {
					top[system] = to
				}
			}
		}
	}
	return top
}

// checkApart says whether a system may leave those with which it is one. It fails with Conflict
// when the level of any of them would fall by that while a dossier stands, or is being decided,
// that was made for all: a split does not lower a level. before and after are the records of its
// agency with the facts that it tells, without and with the change.
func checkApart(rules Rules, before, after []Record, system string, dossiers []Dossier) error {
	ones := onesOf(before)
	was := Propose(rules, WholeOf(before, system)).Level
	is := was
	for _, r := range before {
		if ones[r.System] == ones[system] {
			is = min(is, Propose(rules, WholeOf(after, r.System)).Level)
		}
	}
	for _, d := range dossiers {
		if is < was && ones[d.System] == ones[system] && (d.State == Submitted || d.State == Appraised || d.State == Approved) {
			return fault.New(fault.Conflict, "security.whole.leave", fault.Args{"name": d.Name, "was": int(was), "level": int(is)}).At("whole")
		}
	}
	return nil
}

// CheckWhole says whether a system may be a part of another of the same agency. It fails
// with Invalid when that one is not there, or is a part of it.
func CheckWhole(records []Record, system, whole string) error {
	if whole == "" {
		return nil
	}
	wrong := fault.New(fault.Invalid, "security.whole.bad", nil).At("whole")
	if !slices.ContainsFunc(records, func(r Record) bool { return r.System == whole }) {
		return wrong
	}
	for at, n := whole, 0; at != ""; n++ {
		if at == system || n > len(records) {
			return wrong
		}
		i := slices.IndexFunc(records, func(r Record) bool { return r.System == at })
		if i < 0 {
			break
		}
		at = records[i].Whole
	}
	return nil
}

const maxName = 200

// announced is the record of a system that no return declares yet, among those of its agency.
func announced(records []Record, agency, name, unit string) (Record, error) {
	name, unit = spelling.Clean(name), spelling.Clean(unit) // two names that look alike are one
	if n := utf8.RuneCountInString(name); n == 0 || n > maxName || utf8.RuneCountInString(unit) > maxName {
		return Record{}, fault.New(fault.Invalid, "security.system.name", fault.Args{"most": maxName}).At("name")
	}
	if slices.ContainsFunc(records, func(r Record) bool { return strings.EqualFold(r.Name, name) }) {
		return Record{}, fault.New(fault.Conflict, "security.system.twice", fault.Args{"name": name}).At("name")
	}
	if n := len(slices.DeleteFunc(slices.Clone(records), func(r Record) bool { return !r.Announced })); n >= mostAnnounced {
		return Record{}, fault.New(fault.Conflict, "security.system.many", fault.Args{"most": mostAnnounced}).At("name")
	}
	n := 1
	for slices.ContainsFunc(records, func(r Record) bool { return r.System == "a"+strconv.Itoa(n) }) {
		n++
	}
	return Record{Agency: agency, System: "a" + strconv.Itoa(n), Name: name, Unit: unit, Announced: true}, nil
}

func clip(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

// File is a paper that somebody handed in: its content is kept under its hash.
type File struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"`
}

// Step is one act in the life of something, for its history. Steps are only added.
type Step struct {
	What string    `json:"what"`
	By   string    `json:"by"` // account
	At   time.Time `json:"at"`
	Note string    `json:"note,omitempty"`
}
