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

// of is the system of which the record is.
func (r Record) of() Of { return Of{r.Agency, r.System} }

// WholeOf are the facts of all systems that are one with a system when its level is chosen: the
// whole that it names, the parts of it, and what stands behind the same subsystem, whatever it
// is called and whether the agency itself has it or one of which it is the heir. A system that
// is part of itself, or of a part, is refused by CheckWhole; here it counts once.
func WholeOf(records []Record, of Of) Facts { return factsOf(records, onesOf(records))[of] }

// factsOf are for each system those of all that are one with it; top says which are.
func factsOf(records []Record, top map[Of]Of) map[Of]Facts {
	sum, out := map[Of]Facts{}, make(map[Of]Facts, len(records))
	for _, r := range records {
		sum[top[r.of()]] = Together(sum[top[r.of()]], r.Facts)
	}
	for _, r := range records {
		out[r.of()] = sum[top[r.of()]]
	}
	return out
}

// wholesOf gives for each system that is a part the one of which it is. An heir and those that
// are gone name each other's as a return of the heir does.
func wholesOf(records []Record) map[Of]Of {
	known, named, out := make(map[Of]bool, len(records)), make(map[string]Of, len(records)), map[Of]Of{}
	for _, r := range records {
		known[r.of()], named[inheritedID(r.Agency, r.System)] = true, r.of()
	}
	for _, r := range records {
		if r.Whole == "" {
			continue
		}
		whole := Of{r.Agency, r.Whole}
		if other, ok := named[r.Whole]; ok && !known[whole] {
			whole = other
		}
		out[r.of()] = whole
	}
	return out
}

// topsOf gives for each system the whole to which it belongs in the end, itself when it is a
// part of none.
func topsOf(records []Record) map[Of]Of {
	whole, top := wholesOf(records), make(map[Of]Of, len(records))
	for _, r := range records {
		at := r.of()
		for range records {
			if done, ok := top[at]; ok {
				at = done
				break
			}
			next, ok := whole[at]
			if !ok {
				break
			}
			at = next
		}
		top[r.of()] = at
	}
	return top
}

// onesOf are topsOf in which systems that name the same subsystem are one as well: what calls
// through one door cannot be told apart.
func onesOf(records []Record) map[Of]Of {
	top, door := topsOf(records), map[string]Of{}
	for _, r := range records {
		for _, id := range r.Subsystems {
			first, ok := door[id]
			if !ok {
				door[id] = r.of()
				continue
			}
			from, to := top[r.of()], top[first]
			for system, at := range top {
				if at == from {
					top[system] = to
				}
			}
		}
	}
	return top
}

// kinOf lists the agencies whose systems may be one with those of an agency, itself first: an
// heir's stand behind subsystems that kept an old code, or are parts of what it inherited.
func kinOf(records []Record, agency string) []string {
	type tie struct{ a, b string }
	var ties []tie
	whole := wholesOf(records)
	for _, r := range records {
		if w, ok := whole[r.of()]; ok && w.Agency != r.Agency {
			ties = append(ties, tie{r.Agency, w.Agency})
		}
		for _, id := range r.Subsystems {
			if parts := strings.Split(id, "/"); len(parts) == 4 && parts[2] != r.Agency {
				ties = append(ties, tie{r.Agency, parts[2]})
			}
		}
	}
	out := []string{agency}
	for i := 0; i < len(out); i++ {
		for _, t := range ties {
			if t.b == out[i] {
				t.a, t.b = t.b, t.a
			}
			if t.a == out[i] && !slices.Contains(out, t.b) {
				out = append(out, t.b)
			}
		}
	}
	return out
}

// checkApart says whether a system may leave those with which it is one. It fails with Conflict
// when the level of any of them would fall by that while a dossier stands, or is being decided,
// that was made for all: a split does not lower a level. before and after are the records with the
// facts that it tells, without and with the change.
func checkApart(rules Rules, before, after []Record, system Of, dossiers []Dossier) error {
	ones, now := onesOf(before), factsOf(after, onesOf(after))
	was := Propose(rules, factsOf(before, ones)[system]).Level
	is := was
	for _, r := range before {
		if ones[r.of()] == ones[system] {
			is = min(is, Propose(rules, now[r.of()]).Level)
		}
	}
	for _, d := range dossiers {
		if is < was && ones[Of{d.Agency, d.System}] == ones[system] && (d.State == Submitted || d.State == Appraised || d.State == Approved) {
			return fault.New(fault.Conflict, "security.whole.leave", fault.Args{"name": d.Name, "was": int(was), "level": int(is)}).At("whole")
		}
	}
	return nil
}

// CheckWhole says whether a system may be a part of another, by that one's identifier: of the
// same agency, or of others with which it has one heir. It fails with Invalid when that one is
// not there, or is a part of it.
func CheckWhole(records []Record, system Of, whole string, others ...string) error {
	if whole == "" {
		return nil
	}
	wrong := fault.New(fault.Invalid, "security.whole.bad", nil).At("whole")
	i := slices.IndexFunc(records, func(r Record) bool {
		return r.Agency == system.Agency && r.System == whole || slices.Contains(others, r.Agency) && inheritedID(r.Agency, r.System) == whole
	})
	if i < 0 {
		return wrong
	}
	wholes := wholesOf(records)
	for at, n := records[i].of(), 0; at != (Of{}); n++ {
		if at == system || n > len(records) {
			return wrong
		}
		at = wholes[at]
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
