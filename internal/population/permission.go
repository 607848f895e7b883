package population

import (
	"slices"

	"dean06/internal/platform/fault"
)

// Deed is what somebody wants to do with the register.
type Deed string

// The deeds.
const (
	RecordEvents Deed = "record" // life events
	Audit        Deed = "audit"  // read who looked up what, answer objections
	Bulk         Deed = "bulk"   // load and export
)

// Rights says which roles may do what.
var Rights = map[Deed][]Role{
	RecordEvents: {Registrar},
	Audit:        {Auditor},
	Bulk:         {Administrator},
}

// Can fails with Denied when the actor has no role for a deed.
func (a Actor) Can(d Deed) error {
	for _, role := range Rights[d] {
		if slices.Contains(a.Roles, role) {
			return nil
		}
	}
	return fault.New(fault.Denied, "population.denied."+string(d), nil)
}
