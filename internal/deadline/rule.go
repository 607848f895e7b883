package deadline

import (
	"embed"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"dean06/internal/calendar"
	"dean06/internal/platform/fault"
)

//go:embed messages/*.json
var messages embed.FS

// Messages are the texts of this module, in both languages.
var Messages = func() fs.FS {
	sub, err := fs.Sub(messages, "messages")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return sub
}()

// Unit is what a limit is counted in.
type Unit string

// The units.
const (
	Hour       Unit = "hour"        // of work
	WorkingDay Unit = "working_day" // a day that works
	Day        Unit = "day"         // a day of the calendar
	Month      Unit = "month"
)

// Units lists the units.
var Units = []Unit{Hour, WorkingDay, Day, Month}

// most of each unit is a little over ten years: more is a typing error.
var most = map[Unit]int{Hour: 20000, WorkingDay: 2500, Day: 3660, Month: 120}

// Most is how many of a unit a limit has at most; 0 for what is no unit.
func (u Unit) Most() int { return most[u] }

// Limit is a length of time: 3 working days.
type Limit struct {
	Value int  `yaml:"value" json:"value"`
	Unit  Unit `yaml:"unit" json:"unit"`
}

// ParseLimit reads a limit such as "3 working_day". It fails with Invalid.
func ParseLimit(s string) (Limit, error) {
	bad := fault.New(fault.Invalid, "deadline.limit", fault.Args{"text": clip(s)})
	words := strings.Fields(s)
	if len(words) != 2 {
		return Limit{}, bad
	}
	l := Limit{Unit: Unit(words[1])}
	for _, r := range words[0] {
		if r < '0' || r > '9' || l.Value > 1_000_000 {
			return Limit{}, bad
		}
		l.Value = l.Value*10 + int(r-'0')
	}
	return l, l.Check()
}

// Check fails with Invalid when the limit is none.
func (l Limit) Check() error {
	if !slices.Contains(Units, l.Unit) {
		return fault.New(fault.Invalid, "deadline.limit", fault.Args{"text": clip(l.String())})
	}
	if l.Value < 1 || l.Value > most[l.Unit] {
		return fault.New(fault.Invalid, "deadline.limit.range", fault.Args{"text": clip(l.String()), "most": most[l.Unit]})
	}
	return nil
}

// String is "3 working_day", or "" for no limit.
func (l Limit) String() string {
	if l == (Limit{}) {
		return ""
	}
	return strconv.Itoa(l.Value) + " " + string(l.Unit)
}

// What stops a dossier's clock.
const (
	Supplement = "supplement" // the citizen is to complete the dossier
	Fee        = "fee"        // the citizen is to pay
)

var pauses = []string{Supplement, Fee}

// defaultCutoff is the hour of Nghị định 61/2018, Điều 18.
const defaultCutoff calendar.TimeOfDay = 15 * 60

// Rule is how a limit is counted. Its zero members are the rule of law: the day of
// reception is not counted, what comes after 15:00 is of the next working day, and a
// supplement and a fee that are owed stop the clock. That the limit begins anew after a
// supplement a rule says itself: by Nghị định 61/2018, Điều 19 khoản 4 it does.
type Rule struct {
	Limit          Limit    `yaml:"limit" json:"limit"`
	SameDay        bool     `yaml:"same_day,omitempty" json:"same_day,omitempty"`               // the result is due on the day itself, whatever the limit
	Cutoff         string   `yaml:"cutoff,omitempty" json:"cutoff,omitempty"`                   // "15:00"
	CountReception bool     `yaml:"count_reception,omitempty" json:"count_reception,omitempty"` // the day of reception is the first
	Restart        bool     `yaml:"restart,omitempty" json:"restart,omitempty"`                 // the limit begins anew when a supplement is complete
	Pause          []string `yaml:"pause,omitempty" json:"pause,omitempty"`                     // what stops it: "supplement", "fee"; none named: both
	Basis          string   `yaml:"basis,omitempty" json:"basis,omitempty"`                     // the article
}

// Check fails with Invalid, all faults at once, when the rule is none.
func (r Rule) Check() error {
	if r.Cutoff == "" && len(r.Pause) == 0 && !r.SameDay { // nearly always
		if err := r.Limit.Check(); err != nil {
			return fault.List{fault.As(err).At("limit")}
		}
		return nil
	}
	var list fault.List
	add := func(field string, err error) {
		if f := fault.As(err); f != nil {
			list = append(list, f.At(field))
		}
	}
	if !r.SameDay || r.Limit != (Limit{}) {
		add("limit", r.Limit.Check())
	}
	_, err := r.cutoff()
	add("cutoff", err)
	for _, k := range r.Pause {
		if !slices.Contains(pauses, k) {
			add("pause", fault.New(fault.Invalid, "deadline.pause.kind", fault.Args{"text": clip(k)}))
		}
	}
	return list.Err()
}

func (r Rule) cutoff() (calendar.TimeOfDay, error) {
	if r.Cutoff == "" {
		return defaultCutoff, nil
	}
	return calendar.ParseTime(r.Cutoff)
}

// Stops says that a pause stops the clock, by why it is. One without a reason always does.
func (r Rule) Stops(why string) bool {
	return why == "" || len(r.Pause) == 0 && slices.Contains(pauses, why) || slices.Contains(r.Pause, why)
}
