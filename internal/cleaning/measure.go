package cleaning

import "slices"

// Measured is what people found of the rows that the program settled, and how they work. It
// names nobody, and says of fewer than three nothing by which one knows another's pace.
type Measured struct {
	Control   int        // accepted rows that people have judged
	Right     int        // of these
	Precision [2]float64 // of 95 of 100
	Labels    int
	Reviewers int
	Recall    *Recall    // nil: too little was looked at
	Agreement *Agreement // nil: too few pairs
	Pace      *Pace      // nil: too few people or decisions
}

// Recall is of the rows whose person is in the register the share that the program accepted.
// While rows are open it is known between the two ends only. Rows that nobody in the register
// is like at all are taken to be nobody's.
type Recall struct {
	From, To float64
	Open     int // rows that may be somebody's and that people have not judged
}

// Agreement is how far two people agree who judge the same pairs without knowing it.
type Agreement struct {
	Pairs, Alike int
	Share        [2]float64 // of 95 of 100
	// Kappa is the agreement beyond chance (Fleiss 1971, two judgements of each pair: reviewers
	// change from pair to pair). There is none while pairs are few, or all answers are one.
	Kappa    float64
	HasKappa bool
}

// Pace is how fast pairs are judged, from when they are first shown until something is said.
type Pace struct {
	Decisions int
	Seconds   float64 // the median
	From, To  float64 // the middle half
	PerHour   float64 // while pairs are looked at; a pause of more than five minutes counts as five
}

// Below these nothing is said.
const (
	leastReviewers = 3  // of a pace: one of two knows their own, and so the other's
	leastPaced     = 5  // decisions
	leastPairs     = 5  // for an agreement
	leastKappa     = 10 // pairs
	leastMeasured  = 10 // accepted rows, for a recall
	longestLook    = 300.
)

// Measure sums the labels of a batch up.
func Measure(labels []Label, report *Report) Measured {
	var m Measured
	rows, who := map[int]Label{}, map[string]bool{}
	for _, l := range labels {
		if rows[l.Row] = l; !l.byAgency() {
			who[l.By] = true
		}
	}
	labels = slices.DeleteFunc(slices.Clone(labels), func(l Label) bool { return l.byAgency() }) // they do not see the register
	m.Labels = len(labels)
	m.Reviewers = len(who)
	var seen judged
	for _, l := range rows {
		seen.add(l)
	}
	m.Control, m.Right = seen.accepted, seen.right
	m.Precision[0], m.Precision[1] = wilson(float64(m.Right), float64(m.Control))
	m.Recall = seen.recall(report)
	m.Agreement = agreement(labels, "")
	if m.Reviewers >= leastReviewers {
		m.Pace = pace(labels)
	}
	return m
}

// Own is what somebody may know of their own work; it is shown to nobody else.
type Own struct {
	Labels         int
	Control, Right int // rows that the program had accepted, and those that they found right
	Agreement      *Agreement
	Pace           *Pace
}

// MeasureOwn sums the labels of one person up.
func MeasureOwn(labels []Label, account string) Own {
	var mine []Label
	var o Own
	for _, l := range labels {
		if l.By != account {
			continue
		}
		mine = append(mine, l)
		if l.Control && l.accepted() && l.Says != Unsure {
			o.Control++
			if l.Says == Same {
				o.Right++
			}
		}
	}
	o.Labels, o.Pace, o.Agreement = len(mine), pace(mine), agreement(labels, account)
	return o
}

// accepted says that the program had settled the row as somebody's. Labels from before that
// was noted are of rows that were.
func (l *Label) accepted() bool { return l.Machine != NotFound && l.Machine != Several }

// judged is what became of the rows that people have judged.
type judged struct {
	accepted, right  int // of the sample of accepted rows
	open, somebodys  int // of the rows that were for people to decide
	nobodys, missing int // of the sample of rows that were not found; those who were there
}

func (s *judged) add(l Label) {
	known, same := l.Stands == Same || l.Stands == Other, 0
	if l.Stands == Same {
		same = 1
	}
	switch {
	case !known:
	case !l.Control:
		s.open, s.somebodys = s.open+1, s.somebodys+same
	case l.accepted():
		s.accepted, s.right = s.accepted+1, s.right+same
	default:
		s.nobodys, s.missing = s.nobodys+1, s.missing+same
	}
}

// recall is the share of the rows that are somebody's which were accepted. Each share that
// goes into it stands at the end of its own interval of 95 of 100, so that both ends are
// careful ones; rows that nobody has judged are somebody's at one end and nobody's at the other.
func (s *judged) recall(r *Report) *Recall {
	if r == nil || s.accepted < leastMeasured {
		return nil
	}
	accepted := float64(r.Accepted)
	right := shareOf(s.right, s.accepted, r.Accepted)
	missed := shareOf(s.missing, s.nobodys, r.NotFoundAlike)
	open := max(r.Outcomes[Several]-s.open, 0)
	of := func(right, missing float64) float64 { return right / max(right+missing, 1e-9) }
	return &Recall{
		From: of(accepted*right[0], float64(s.somebodys+open)+missed[1]*float64(r.NotFoundAlike)),
		To:   of(accepted*right[1], float64(s.somebodys)+missed[0]*float64(r.NotFoundAlike)),
		Open: open,
	}
}

// shareOf is the interval of a share of which k of n were seen, of so many in all; of all of
// them it is known.
func shareOf(k, n, all int) [2]float64 {
	if n >= all && n > 0 {
		return [2]float64{float64(k) / float64(n), float64(k) / float64(n)}
	}
	from, to := wilson(float64(k), float64(n))
	return [2]float64{from, to}
}

// agreement is how far people agree on rows that were given to two, on all or on those of one
// of the two.
func agreement(labels []Label, account string) *Agreement {
	type pair struct{ row, candidate int }
	first := map[pair]Label{}
	counts, done := map[Decided]float64{}, map[pair]bool{}
	var a Agreement
	for _, l := range labels {
		at := pair{l.Row, l.Candidate}
		was, ok := first[at]
		switch {
		case l.Look == LookOnce || done[at]:
		case !ok:
			first[at] = l
		case was.By != l.By:
			done[at] = true
			if account != "" && account != l.By && account != was.By {
				continue
			}
			a.Pairs++
			if was.Says == l.Says {
				a.Alike++
			}
			counts[was.Says]++
			counts[l.Says]++
		}
	}
	if a.Pairs < leastPairs {
		return nil
	}
	n := float64(a.Pairs)
	a.Share[0], a.Share[1] = wilson(float64(a.Alike), n)
	var chance float64
	for _, says := range []Decided{Same, Other, Unsure} {
		p := counts[says] / (2 * n)
		chance += p * p
	}
	if a.HasKappa = a.Pairs >= leastKappa && chance < 1; a.HasKappa {
		a.Kappa = (float64(a.Alike)/n - chance) / (1 - chance)
	}
	return &a
}

// pace is how fast pairs were judged; nil for too few.
func pace(labels []Label) *Pace {
	var took []float64
	var looked float64
	for _, l := range labels {
		if l.Shown.IsZero() || l.At.Before(l.Shown) {
			continue
		}
		s := l.At.Sub(l.Shown).Seconds()
		took, looked = append(took, s), looked+min(s, longestLook)
	}
	if len(took) < leastPaced {
		return nil
	}
	slices.Sort(took)
	n := len(took)
	return &Pace{Decisions: n, Seconds: took[n/2], From: took[n/4], To: took[n*3/4], PerHour: float64(n) * 3600 / max(looked, 1)}
}
