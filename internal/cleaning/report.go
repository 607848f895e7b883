package cleaning

import (
	"math"
	"time"

	"dean06/internal/platform/i18n"
)

// Report says what became of a file.
type Report struct {
	Rows     int             `json:"rows"`
	People   int             `json:"people"`
	Outcomes map[Outcome]int `json:"outcomes"`
	Accepted int             `json:"accepted"` // verified and corrected, and duplicates of these
	Repeated int             `json:"repeated"` // rows whose person an earlier row is, too, also where nobody knows who that is
	// NotFoundAlike are rows that were not found although somebody is a little like them.
	NotFoundAlike int                `json:"not_found_alike"`
	Bound         float64            `json:"bound"`     // of the estimated error of all accepted rows
	RowBound      float64            `json:"row_bound"` // no accepted row has a greater one
	Estimated     Estimate           `json:"estimated"` // by what was learned
	Learned       Learned            `json:"learned"`
	Checks        map[string]int     `json:"checks"` // rows that contradict themselves, by what
	Columns       []ColumnReport     `json:"columns"`
	Encoding      string             `json:"encoding"`
	Separator     string             `json:"separator"`
	Bad           int                `json:"bad_rows"`
	BadRows       []BadRow           `json:"bad_row_list"`
	Notes         []Note             `json:"notes,omitempty"` // how the file was read
	Seconds       map[string]float64 `json:"seconds"`
}

// Estimate is what is expected of the accepted rows, each with an interval of 95 of 100.
type Estimate struct {
	Error             float64    `json:"error"` // share of accepted rows whose person is another
	ErrorInterval     [2]float64 `json:"error_interval"`
	Precision         float64    `json:"precision"`
	PrecisionInterval [2]float64 `json:"precision_interval"`
	InRegister        float64    `json:"in_register"` // share of rows whose person is in the register
	Recall            float64    `json:"recall"`      // of these, accepted
	RecallInterval    [2]float64 `json:"recall_interval"`
}

// Learned says how it was learned.
type Learned struct {
	// TaughtBy is the earlier batch of which so many judgements of people counted, too.
	TaughtBy  string `json:"taught_by,omitempty"`
	Taught    int    `json:"taught,omitempty"`
	Pairs     int    `json:"pairs"`
	Rounds    int    `json:"rounds"`
	Converged bool   `json:"converged"`
}

// ColumnReport is what a column was taken for.
type ColumnReport struct {
	Heading string `json:"heading"`
	Kind    Kind   `json:"kind"`
}

// BadRow is a row that could not be read, and why.
type BadRow struct {
	Row    int    `json:"row"`
	Line   int    `json:"line"`
	Reason string `json:"reason"`
	Why    string `json:"why"` // its code; "cleaning.reason.row.…" is its message
}

// mostBadRows are named in a report.
const mostBadRows = 1000

// Report sums the decisions up.
func (l *Linked) Report(s *Source, layout Layout, p *i18n.Printer) Report {
	r := Report{
		Rows: l.rows.n, People: l.people.n, Outcomes: map[Outcome]int{}, Bound: l.options.Bound, RowBound: l.cut,
		Learned:  l.m.learned(),
		Encoding: string(s.code), Separator: string(s.comma), Bad: len(l.rows.bad), BadRows: []BadRow{}, Notes: s.Notes, Seconds: map[string]float64{},
	}
	for _, o := range Outcomes {
		r.Outcomes[o] = 0
	}
	r.Checks = l.rows.count()
	var wrong, spread, there float64
	for i := range l.Decisions {
		d := &l.Decisions[i]
		r.Outcomes[d.Outcome]++
		if d.Of >= 0 {
			r.Repeated++
		}
		if d.Outcome == NotFound && d.scored && !l.m.self {
			r.NotFoundAlike++
		}
		if d.Person >= 0 || l.m.self && d.Outcome == Duplicate {
			r.Accepted++
			wrong += d.Error
			spread += d.Error * (1 - d.Error)
		}
	}
	if !l.m.self {
		r.Estimated.InRegister = l.m.w.share
		there = l.m.w.share * float64(l.rows.n)
	}
	if n := float64(r.Accepted); n > 0 {
		half := 1.96 * math.Sqrt(spread+1)
		r.Estimated.Error = wrong / n
		r.Estimated.ErrorInterval = [2]float64{max(0, (wrong-half)/n), min(1, (wrong+half)/n)}
		r.Estimated.Precision = 1 - r.Estimated.Error
		r.Estimated.PrecisionInterval = [2]float64{1 - r.Estimated.ErrorInterval[1], 1 - r.Estimated.ErrorInterval[0]}
	}
	if there > 0 {
		right := min(float64(r.Accepted)-wrong, there)
		r.Estimated.Recall = right / there
		r.Estimated.RecallInterval[0], r.Estimated.RecallInterval[1] = wilson(right, there)
	}
	for i, h := range layout.Headings {
		r.Columns = append(r.Columns, ColumnReport{h, layout.Kinds[i]})
	}
	for i, b := range l.rows.bad {
		if i == mostBadRows {
			break
		}
		r.BadRows = append(r.BadRows, BadRow{b.row + 1, b.line, p.T("cleaning.reason.row." + string(b.why)), string(b.why)})
	}
	return r
}

// wilson is the interval of 95 of 100 for a share (Wilson 1927).
func wilson(k, n float64) (from, to float64) {
	if n <= 0 {
		return 0, 1
	}
	const z = 1.959964
	p := k / n
	mid := (p + z*z/(2*n)) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(max(p*(1-p)/n+z*z/(4*n*n), 0))
	return max(0, mid-half), min(1, mid+half)
}

// Timer takes the seconds of steps. A nil Timer takes none.
type Timer struct {
	now  func() time.Time
	last time.Time
	took map[string]float64
}

// NewTimer begins now.
func NewTimer(now func() time.Time) *Timer { return &Timer{now, now(), map[string]float64{}} }

// Step says that a step ends now.
func (t *Timer) Step(name string) {
	if t == nil {
		return
	}
	now := t.now()
	t.took[name] += now.Sub(t.last).Seconds()
	t.last = now
}

// Seconds is what the steps took.
func (t *Timer) Seconds() map[string]float64 { return t.took }
