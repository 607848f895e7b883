// Package deadline counts the time limits of procedures: in working hours, working days,
// days and months, with pauses, one extension, and a budget for each step.
package deadline

// Unit is what a limit counts.
type Unit string

// The units.
const (
	Hour       Unit = "hour" // of work
	WorkingDay Unit = "working_day"
	Day        Unit = "day"
	Month      Unit = "month"
)

// Limit is a length of time: 3 working days.
type Limit struct {
	Value int  `yaml:"value" json:"value"`
	Unit  Unit `yaml:"unit" json:"unit"`
}

// Rule is how a limit is counted. Its zero members are the rule of law: the day of
// reception is not counted, what comes after 15:00 is of the next working day, a day ends
// at closing time, and a last day off moves to the next working day.
type Rule struct {
	Limit          Limit    `yaml:"limit" json:"limit"`
	SameDay        bool     `yaml:"same_day,omitempty" json:"same_day,omitempty"`               // the result is due on the day itself
	Cutoff         string   `yaml:"cutoff,omitempty" json:"cutoff,omitempty"`                   // "15:00"
	CountReception bool     `yaml:"count_reception,omitempty" json:"count_reception,omitempty"` // the day of reception is the first
	Restart        bool     `yaml:"restart,omitempty" json:"restart,omitempty"`                 // the limit begins anew when a supplement is complete
	Pause          []string `yaml:"pause,omitempty" json:"pause,omitempty"`                     // what stops it: "supplement", "fee"
	Basis          string   `yaml:"basis,omitempty" json:"basis,omitempty"`                     // the article
}
