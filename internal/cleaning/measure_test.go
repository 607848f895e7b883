package cleaning

import (
	"fmt"
	"math"
	"testing"
	"time"
)

// judgements makes labels, one row after another.
type judgements struct {
	list []Label
	at   time.Time
}

func (j *judgements) say(row int, by string, says Decided, seconds int, change ...func(*Label)) {
	if j.at.IsZero() {
		j.at = time.Date(2026, 11, 30, 2, 0, 0, 0, time.UTC)
	}
	l := Label{Row: row, Says: says, By: by, Shown: j.at, At: j.at.Add(time.Duration(seconds) * time.Second), Stands: says, Machine: Several}
	for _, c := range change {
		c(&l)
	}
	j.list, j.at = append(j.list, l), l.At
}

func control(machine Outcome) func(*Label) {
	return func(l *Label) { l.Control, l.Machine = true, machine }
}

func forTwo(l *Label) { l.Look = LookDone }

func stands(as Decided) func(*Label) { return func(l *Label) { l.Stands = as } }

// TestMeasureControl holds what is measured of the rows that were accepted, each row once.
func TestMeasureControl(t *testing.T) {
	t.Parallel()
	var j judgements
	for i := range 20 {
		says := Same
		if i == 7 {
			says = Other
		}
		j.say(i, "x", says, 4, control(Verified))
	}
	j.say(3, "y", Same, 4, control(Verified), forTwo)                   // the same row again
	j.say(40, "y", Unsure, 4, control(Verified), stands(Undecided))     // nobody knows
	j.say(41, "y", Same, 4, control(Corrected), stands(Unsure), forTwo) // two who differ
	j.say(42, "y", Same, 4, control(NotFound))                          // no accepted row
	j.say(43, "y", Other, 4)
	m := Measure(j.list, nil)
	if m.Control != 20 || m.Right != 19 || m.Reviewers != 2 || m.Labels != 25 || m.Recall != nil {
		t.Errorf("%+v", m)
	}
	if m.Precision[0] > .95 || m.Precision[1] < .95 || m.Precision[1] == 1 {
		t.Errorf("interval %v", m.Precision)
	}
	if none := Measure(nil, nil); none.Precision != [2]float64{0, 1} {
		t.Errorf("nobody looked: %v", none.Precision)
	}
}

// TestMeasureRecall holds that the ends of the recall are where the open rows and the sample
// of those that were not found put them.
func TestMeasureRecall(t *testing.T) {
	t.Parallel()
	report := &Report{Accepted: 10, NotFoundAlike: 4, Outcomes: map[Outcome]int{Several: 6}}
	var j judgements
	for i := range 10 { // all of them: no interval is left
		j.say(i, "x", Same, 4, control(Verified))
	}
	for i := range 4 {
		j.say(20+i, "x", []Decided{Same, Other}[min(i, 1)], 4, control(NotFound))
	}
	for i := range 4 {
		j.say(30+i, "x", []Decided{Same, Other}[i%2], 4)
	}
	j.say(34, "x", Unsure, 4, stands(Undecided))
	r := Measure(j.list, report).Recall
	// 10 right, 1 missed; 2 of the open ones are somebody's, 2 are not known.
	if r == nil || math.Abs(r.From-10./15) > 1e-9 || math.Abs(r.To-10./13) > 1e-9 || r.Open != 2 {
		t.Fatalf("%+v", r)
	}
	report.Accepted, report.NotFoundAlike = 1000, 400 // samples say less of more
	if wide := Measure(j.list, report).Recall; wide.From >= .9 || wide.To <= .9 {
		t.Errorf("%+v", wide)
	}
	if few := Measure(j.list[1:], report).Recall; few != nil {
		t.Errorf("of nine: %+v", few)
	}
}

// TestMeasurePace holds that a pace is the median from the first sight on, that a long pause
// hardly counts, and that nobody's pace can be told from what is said of few.
func TestMeasurePace(t *testing.T) {
	t.Parallel()
	var j judgements
	for i := range 9 {
		j.say(i, fmt.Sprint("p", i%3), Same, []int{4, 6, 8}[i%3])
	}
	j.say(9, "p0", Same, 840)                                          // went for a coffee
	j.say(10, "p0", Same, 5, func(l *Label) { l.Shown = time.Time{} }) // from before it was noted
	m := Measure(j.list, nil)
	if m.Pace == nil || m.Pace.Decisions != 10 || m.Pace.Seconds != 6 || m.Pace.From != 4 || m.Pace.To != 8 {
		t.Fatalf("%+v", m.Pace)
	}
	if want := 10 * 3600. / (3*(4+6+8) + 300); math.Abs(m.Pace.PerHour-want) > 1e-9 {
		t.Errorf("%v an hour, want %v", m.Pace.PerHour, want)
	}
	var two []Label
	for _, l := range j.list {
		if l.By != "p2" {
			two = append(two, l)
		}
	}
	if m := Measure(two, nil); m.Pace != nil || m.Reviewers != 2 {
		t.Errorf("of two, each knows the other's: %+v", m.Pace)
	}
	if o := MeasureOwn(j.list, "p0"); o.Labels != 5 || o.Pace != nil { // four that were timed
		t.Errorf("%+v", o)
	}
	j.say(11, "p0", Other, 10)
	if o := MeasureOwn(j.list, "p0"); o.Pace == nil || o.Pace.Seconds != 4 || o.Labels != 6 {
		t.Errorf("%+v", o.Pace)
	}
	if o := MeasureOwn(j.list, "nobody"); o.Labels != 0 || o.Pace != nil || o.Agreement != nil {
		t.Errorf("%+v", o)
	}
}

// TestAgreement holds how far people agree on the pairs that two judged, by the book: of 10
// pairs 8 alike, and 12 of 20 answers "same", gives (.8-.52)/.48.
func TestAgreement(t *testing.T) {
	t.Parallel()
	var j judgements
	for i := range 10 {
		first, second := Same, Same
		if i >= 5 {
			first, second = Other, Other
		}
		if i == 0 || i == 9 {
			second = map[Decided]Decided{Same: Other, Other: Same}[first]
		}
		if i == 5 {
			first, second = Same, Same
		}
		j.say(i, "x", first, 4, forTwo)
		j.say(i, []string{"y", "z"}[i%2], second, 4, forTwo)
	}
	j.say(0, "z", Other, 4, forTwo)         // a third counts no more
	j.say(1, "x", Other, 4, forTwo)         // nor does somebody twice
	for _, by := range []string{"x", "y"} { // nor what came to a second because the first was not sure
		j.say(50, by, Unsure, 4)
	}
	a := Measure(j.list, nil).Agreement
	if a == nil || a.Pairs != 10 || a.Alike != 8 || !a.HasKappa || math.Abs(a.Kappa-(.8-.52)/.48) > 1e-9 {
		t.Fatalf("%+v", a)
	}
	if a.Share[0] > .8 || a.Share[1] < .8 {
		t.Errorf("%v", a.Share)
	}
	if o := MeasureOwn(j.list, "y").Agreement; o == nil || o.Pairs != 5 || o.HasKappa {
		t.Errorf("y: %+v", o)
	}
	if few := Measure(j.list[:8], nil).Agreement; few != nil {
		t.Errorf("four pairs: %+v", few)
	}
}
