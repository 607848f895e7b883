package procedure

import "slices"

// Paper is the requirement with an id.
func (p *Package) Paper(id string) (Paper, bool) {
	return first(p.Papers, func(x Paper) bool { return x.ID == id })
}

// Reason is the reason with a code.
func (p *Package) Reason(code string) (Reason, bool) {
	return first(p.Reasons, func(x Reason) bool { return x.Code == code })
}

// Fee is the fee with an id.
func (p *Package) Fee(id string) (Fee, bool) {
	return first(p.Fees, func(x Fee) bool { return x.ID == id })
}

// Result is the result with an id.
func (p *Package) Result(id string) (Result, bool) {
	return first(p.Results, func(x Result) bool { return x.ID == id })
}

// Step is the step of the process with an id.
func (p *Package) Step(id string) (Step, bool) {
	return first(p.Process.Steps, func(x Step) bool { return x.ID == id })
}

func first[T any](list []T, is func(T) bool) (T, bool) {
	i := slices.IndexFunc(list, is)
	if i < 0 {
		var none T
		return none, false
	}
	return list[i], true
}
