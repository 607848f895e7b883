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

// Depth is how far a check goes.
type Depth int

// The depths. Each looks at what the ones before it look at, too.
const (
	Vital   Depth = iota // what the node cannot work without, in a few milliseconds: /readyz
	Regular              // what is looked at by itself twice a minute, and becomes an alarm
	Full                 // everything, other nodes too: whoever asks waits for it
)

// Finding is what one check found.
type Finding struct {
	Check   string // what was looked at, such as "configuration"
	Subject string // which of several: a service, a gateway, a folder; empty where there is one
	Level   Level
	Key     string // message that says what was found and what to do
	Args    fault.Args
	// Stops says of a failing one that the node cannot do its work until it is mended:
	// /readyz is then 503. What another one's fault is does not stop this node.
	Stops bool
	// Owner is the role that looks after it; "" for administrators.
	Owner string
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

// Signs stand before findings on paper without colours.
var Signs = map[Level]string{Fine: "✓", Warning: "!", Failing: "✕"}
