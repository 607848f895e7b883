package contract

import (
	"regexp"
	"slices"
	"strings"

	"dean06/internal/org"
	"dean06/internal/platform/fault"
	"dean06/internal/xroad"
)

// System is an older system that calls the contract.
type System struct {
	User       string   // of Basic authentication, or the AccessKey of a platform's token
	Secret     string   `json:"-"` // written down sealed, or not at all
	Name       string   // as people call it
	Subsystem  string   // under which its questions go through the exchange, "VN/GOV/H55/TTHC"
	Codes      []string // integration codes (MaTichHop) given to it; none is any
	Procedures []string // procedures licensed to use the register, each with its cases; none leaves it to the register's right
	Off        bool
}

// Officer is an officer of the agency as older systems name them (MaCanBo).
type Officer struct {
	Code       string
	Name       string
	Office     string   // agency code, "H55.16"
	Operations []string // such as "TraCuuThongTinCongDan"; AllOperations alone is all
	KeyPass    string   `json:"-"` // of the platform's variant (AuthHash); empty when they have none
	Off        bool
}

// AllOperations stands for every operation, those to come too.
const AllOperations = "*"

// Faults of what is asked for and of what is there already.
var (
	ErrNoSystem      = fault.New(fault.NotFound, "contract.system.unknown", nil)
	ErrNoOfficer     = fault.New(fault.NotFound, "contract.officer.unknown", nil)
	ErrSystemExists  = fault.New(fault.Conflict, "contract.wrong.user.exists", nil).At("user")
	ErrOfficerExists = fault.New(fault.Conflict, "contract.wrong.officer.exists", nil).At("code")
)

const (
	maxName = 200 // characters
	maxList = 500 // codes or procedures of one system
)

// codeForm is what systems, officers, offices, integration codes and procedures may be
// called by.
var codeForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$`)

func wrong(field, key string) *fault.Error {
	return fault.New(fault.Invalid, "contract.wrong."+key, nil).At(field)
}

func wellNamed(name string) bool {
	n := len([]rune(name))
	return n > 0 && n <= maxName
}

// check holds what was entered against the rules; the system may ask under one of the
// subsystems only.
func (s System) check(subsystems []string) fault.List {
	var bad fault.List
	if !codeForm.MatchString(s.User) {
		bad = append(bad, wrong("user", "user"))
	}
	if !wellNamed(s.Name) {
		bad = append(bad, wrong("name", "name"))
	}
	if !slices.Contains(subsystems, s.Subsystem) {
		bad = append(bad, wrong("subsystem", "under"))
	}
	if !wellCoded(s.Codes) {
		bad = append(bad, wrong("codes", "codes"))
	}
	if !wellCoded(s.Procedures) {
		bad = append(bad, wrong("procedures", "procedures"))
	}
	return bad
}

func wellCoded(list []string) bool {
	return len(list) <= maxList && !slices.ContainsFunc(list, func(c string) bool { return !codeForm.MatchString(c) })
}

// check holds what was entered against the rules; the officer's office must be of the
// agency whose subsystem it is.
func (o Officer) check(subsystem string) fault.List {
	var bad fault.List
	if !codeForm.MatchString(o.Code) {
		bad = append(bad, wrong("code", "user"))
	}
	if !wellNamed(o.Name) {
		bad = append(bad, wrong("name", "officer.name"))
	}
	if !codeForm.MatchString(o.Office) {
		bad = append(bad, wrong("office", "office"))
	} else if !o.of(subsystem) {
		bad = append(bad, fault.New(fault.Invalid, "contract.wrong.office.other", fault.Args{"agency": agencyOf(subsystem)}).At("office"))
	}
	if len(o.Operations) == 0 || slices.ContainsFunc(o.Operations, func(n string) bool { return n != AllOperations && !isOperation(n) }) {
		bad = append(bad, wrong("operations", "operations"))
	}
	return bad
}

// of says that the officer's office is of the agency under whose subsystem they ask. Codes
// of offices are in either shape: H55.16, or 000.00.16.H55.
func (o Officer) of(subsystem string) bool {
	agency := agencyOf(subsystem)
	if agency == "" {
		return false
	}
	if top, _, ok := org.ParseCode(o.Office); ok && top == agency {
		return true
	}
	return o.Office == agency || strings.HasPrefix(o.Office, agency+".")
}

// agencyOf is the code of the agency that a subsystem belongs to; "" when it names none.
func agencyOf(subsystem string) string {
	id, err := xroad.ParseID(subsystem, 4, 4)
	if err != nil {
		return ""
	}
	return id.Member
}

// may says that the officer has the right to an operation.
func (o Officer) may(operation string) bool {
	return !o.Off && (slices.Contains(o.Operations, operation) || slices.Contains(o.Operations, AllOperations))
}
