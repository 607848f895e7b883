package identity

import (
	"regexp"
	"strings"

	"dean06/internal/citizen"
	"dean06/internal/platform/fault"
)

// The numbers by which the state knows who is no citizen.
var (
	cardNumber         = regexp.MustCompile(`^[A-Z0-9]{6,12}$`)
	organisationNumber = regexp.MustCompile(`^[A-Z0-9][A-Z0-9.-]{2,29}$`)
)

// ParseHolder reads a kind and a number as people type it: spaces in it do not count. It fails
// with Invalid at "number", or at "kind".
func ParseHolder(kind Kind, text string) (Holder, error) {
	text = strings.ToUpper(strings.Join(strings.Fields(text), ""))
	switch kind {
	case Citizen:
		n, err := citizen.ParseNumber(strings.ReplaceAll(text, ".", ""))
		if f := fault.As(err); f != nil {
			return Holder{}, f.At("number")
		}
		return OfCitizen(n), err
	case Foreigner:
		if cardNumber.MatchString(text) {
			return NewHolder(Foreigner, text), nil
		}
		return Holder{}, fault.New(fault.Invalid, "identity.number.card", nil).At("number")
	case Organisation:
		if organisationNumber.MatchString(text) {
			return NewHolder(Organisation, text), nil
		}
		return Holder{}, fault.New(fault.Invalid, "identity.number.organisation", nil).At("number")
	}
	return Holder{}, fault.New(fault.Invalid, "identity.number.kind", nil).At("kind")
}
