// Package health is what a check of a running node finds: fine, worth knowing,
// or failing, in words that say what to mend. It checks nothing itself.
package health

import "dean06/internal/platform/fault"

// Level is how bad a finding is.
type Level string

// The levels.
const (
	Fine    Level = "fine"
	Warning Level = "warning" // works, and somebody should look at it in the coming days
	Failing Level = "failing" // something does not work now
)

// Finding is what one check found.
type Finding struct {
	Check string // what was looked at, such as "configuration"
	Level Level
	Key   string // message that says what was found and what to do
	Args  fault.Args
}

// Worst is the worst level of a list; Fine when it is empty.
func Worst(list []Finding) Level {
	worst := Fine
	for _, f := range list {
		if f.Level == Failing {
			return Failing
		}
		if f.Level == Warning {
			worst = Warning
		}
	}
	return worst
}
