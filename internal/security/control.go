package security

import (
	"encoding/json"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// Control is one requirement of a standard.
type Control struct {
	Code   string `json:"code"`
	Group  string `json:"group"`
	Level  Level  `json:"level"` // from which it is asked
	Vi     string `json:"vi"`
	En     string `json:"en"`
	Value  string `json:"value"` // "15"; "" where the standard gives none, or it is not known
	Unit   string `json:"unit"`
	Source string `json:"source"`
	// UnknownFrom is the level from which its value is not known; 0 for none.
	UnknownFrom Level `json:"unknown_from"`
}

// In is what it asks in a language.
func (c Control) In(lang string) string {
	if lang == "en" {
		return c.En
	}
	return c.Vi
}

// Group is a group of controls.
type Group struct {
	Code string `json:"code"`
	Vi   string `json:"vi"`
	En   string `json:"en"`
}

// Standard is a standard of controls as it counts in a time.
type Standard struct {
	Code     string     `json:"code"`
	From     clock.Date `json:"from"`
	Until    clock.Date `json:"until"`
	Unsure   []string   `json:"unsure"`
	Groups   []Group    `json:"groups"`
	Controls []Control  `json:"controls"`
}

// ReadStandards reads standards from their file, the earliest first. It fails as ReadBook does.
func ReadStandards(raw []byte) ([]Standard, error) {
	var list []Standard
	if err := readData(raw, &list); err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, fault.New(fault.Invalid, "config.security_empty", nil)
	}
	for i, s := range list {
		if i > 0 && list[i-1].Until.AddDays(1) != s.From {
			return nil, fault.New(fault.Invalid, "config.security_order", fault.Args{"code": s.Code, "before": list[i-1].Code})
		}
		for j, c := range s.Controls {
			in := slices.ContainsFunc(s.Groups, func(g Group) bool { return g.Code == c.Group })
			twice := slices.ContainsFunc(s.Controls[:j], func(o Control) bool { return o.Code == c.Code })
			if !in || twice || c.Level < Lowest || c.Level > Highest || c.Vi == "" || c.En == "" {
				return nil, fault.New(fault.Invalid, "config.security_control", fault.Args{"code": s.Code, "control": c.Code})
			}
		}
	}
	return list, nil
}

// StandardOn is the standard of a day.
func StandardOn(list []Standard, day clock.Date) Standard {
	for _, s := range slices.Backward(list) {
		if !day.Before(s.From) {
			return s
		}
	}
	return list[0]
}

// Asked are the controls that a level asks for.
func (s Standard) Asked(l Level) []Control {
	return slices.DeleteFunc(slices.Clone(s.Controls), func(c Control) bool { return c.Level > l })
}

// Compliance is how far a control is met.
type Compliance string

// The compliances.
const (
	Met       Compliance = "met"
	Partly    Compliance = "partially_met"
	Unmet     Compliance = "not_met"
	NotNeeded Compliance = "not_needed" // the system has nothing that it is about; Evidence says why
)

// Compliances lists them.
var Compliances = []Compliance{Met, Partly, Unmet, NotNeeded}

// ControlState is how a control stands in a system.
type ControlState struct {
	Compliance Compliance `json:"compliance"`
	Owner      string     `json:"owner,omitempty"`    // the unit that answers for it
	Evidence   string     `json:"evidence,omitempty"` // where it is seen
	Exception  *Exception `json:"exception,omitempty"`
	By         string     `json:"by"`
}

// Mark names a state, so that who was shown it acts on no other.
func (c ControlState) Mark() string {
	raw, err := json.Marshal(c)
	if err != nil {
		return ""
	}
	h := fnv.New64a()
	_, _ = h.Write(raw)
	return strconv.FormatUint(h.Sum64(), 36)
}

// askedBy is who asked for its exception; "" without one.
func (c ControlState) askedBy() string {
	if c.Exception == nil {
		return ""
	}
	return c.Exception.AskedBy
}

// Exception lets a control stay unmet for a time. It counts once another person approved it.
type Exception struct {
	Reason     string     `json:"reason"`
	Until      clock.Date `json:"until"` // the last day
	AskedBy    string     `json:"asked_by"`
	ApprovedBy string     `json:"approved_by,omitempty"`
}

// Stands says that the exception is asked for or counts, and has not ended.
func (e *Exception) Stands(day clock.Date) bool { return e != nil && !day.After(e.Until) }

// Holds says that the exception counts on a day.
func (e *Exception) Holds(day clock.Date) bool {
	return e.Stands(day) && e.ApprovedBy != ""
}

// mostException is how long an exception may last at most, in days.
const mostException = 366

// Set says how a control stands. What stands under an exception keeps it. It fails with
// Invalid when "met" or "not needed" is said without evidence.
func (c ControlState) Set(by actor.Actor, is Compliance, owner, evidence string) (ControlState, error) {
	owner, evidence = strings.TrimSpace(owner), strings.TrimSpace(evidence)
	switch {
	case !slices.Contains(Compliances, is):
		return c, fault.New(fault.Invalid, "security.control.choose", nil).At("compliance")
	case (is == Met || is == NotNeeded) && !said(evidence):
		return c, fault.New(fault.Invalid, "security.control.evidence", nil).At("evidence")
	case utf8.RuneCountInString(owner) > 200 || utf8.RuneCountInString(evidence) > maxNote:
		return c, fault.New(fault.Invalid, "security.note", fault.Args{"most": maxNote}).At("evidence")
	}
	c.Compliance, c.Owner, c.Evidence, c.By = is, owner, evidence, by.Account
	if is == Met || is == NotNeeded {
		c.Exception = nil
	}
	return c, nil
}

// Except asks for an exception, where none is asked for or counts: of two who ask at once one
// does. It fails with Conflict for the other.
func (c ControlState) Except(by actor.Actor, reason string, until, today clock.Date) (ControlState, error) {
	if c.Exception.Stands(today) {
		return c, fault.New(fault.Conflict, "security.control.excepted", fault.Args{"until": c.Exception.Until})
	}
	reason, err := noted(reason)
	if err != nil {
		return c, err
	}
	if until.Before(today) || today.DaysUntil(until) > mostException {
		return c, fault.New(fault.Invalid, "security.control.until", fault.Args{"days": mostException}).At("until")
	}
	c.Exception = &Exception{Reason: reason, Until: until, AskedBy: by.Account}
	return c, nil
}

// ApproveException lets an exception count that has not ended. Whoever asked for it may not.
func (c ControlState) ApproveException(by actor.Actor, today clock.Date) (ControlState, error) {
	if c.Exception == nil || c.Exception.ApprovedBy != "" {
		return c, fault.New(fault.Conflict, "security.dossier.moved", nil)
	}
	if by.Nobody() || by.Account == c.Exception.AskedBy {
		return c, fault.New(fault.Denied, "security.control.own", nil)
	}
	if !c.Exception.Stands(today) {
		return c, fault.New(fault.Conflict, "security.control.ended", fault.Args{"until": c.Exception.Until})
	}
	e := *c.Exception
	e.ApprovedBy = by.Account
	c.Exception = &e
	return c, nil
}

// EndException takes an exception back, asked for or approved: that lets nobody do more, so
// one is enough.
func (c ControlState) EndException() (ControlState, error) {
	if c.Exception == nil {
		return c, fault.New(fault.Conflict, "security.dossier.moved", nil)
	}
	c.Exception = nil
	return c, nil
}

// Lacking are the controls of a level that are not met on a day and have no exception:
// what row 5 of the Appendix asks for ("danh sách yêu cầu chưa đáp ứng").
func Lacking(s Standard, l Level, states map[string]ControlState, day clock.Date) []Control {
	return slices.DeleteFunc(s.Asked(l), func(c Control) bool {
		st := states[c.Code]
		return st.Compliance == Met || st.Compliance == NotNeeded || st.Exception.Holds(day)
	})
}

// Overall is how far all controls of a level are met, as row 5-b puts it: exceptions do not
// make them met.
func Overall(s Standard, l Level, states map[string]ControlState) Compliance {
	met, none := 0, 0
	asked := s.Asked(l)
	for _, c := range asked {
		switch states[c.Code].Compliance {
		case Met, NotNeeded:
			met++
		case Partly:
		default:
			none++
		}
	}
	switch {
	case met == len(asked):
		return Met
	case none == len(asked):
		return Unmet
	}
	return Partly
}
