package cleaning

import (
	"context"
	"slices"
	"strconv"
	"strings"
)

// Taught is what people said of the pairs of an earlier file: by it the weights of the next one
// of the same agency with the same columns are learned, beside the file itself. How its people
// err is alike from file to file; who they are is not, so that it holds levels, not rows.
type Taught struct {
	Code  string // of the batch
	Pairs int    // judged to be one person's
	// m is, for each level, how many of so many pairs are at it. Each judgement stands for as
	// many rows as were like it when it was drawn: of hard rows all were judged, of others few.
	m [mostComparisons][16]float64
}

// leastTaught pairs must have been judged before anything is learned of them.
const leastTaught = 20

// teach sums up the judged rows of a batch; nil for too few.
func teach(code string, rows []Row, report *Report) *Taught {
	var seen judged
	for i := range rows {
		r := &rows[i]
		seen.add(Label{Control: r.Control, Machine: r.Machine, Stands: r.Decided})
	}
	stands := func(r *Row) float64 { // for how many rows
		switch {
		case !r.Control:
			return max(float64(report.Outcomes[Several])/float64(max(seen.open, 1)), 1)
		case r.Machine == NotFound:
			return max(float64(report.NotFoundAlike)/float64(max(seen.nobodys, 1)), 1)
		}
		return max(float64(report.Accepted)/float64(max(seen.accepted, 1)), 1)
	}
	t := &Taught{Code: code}
	var sum float64
	for i := range rows {
		r := &rows[i]
		at := slices.IndexFunc(r.Candidates, func(c Explained) bool { return c.Number == r.Person.Reveal() })
		if r.Decided != Same || at < 0 {
			continue
		}
		w := stands(r)
		sum += w
		t.Pairs++
		for _, s := range r.Candidates[at].Steps {
			if c, l, ok := s.level(); ok {
				t.m[c][l] += w
			}
		}
	}
	if t.Pairs < leastTaught {
		return nil
	}
	for c := range t.m {
		for l := range t.m[c] {
			t.m[c][l] *= float64(t.Pairs) / sum
		}
	}
	return t
}

// level is the comparison and the level of a step, as numbers.
func (s Step) level() (comparison int, l level, ok bool) {
	names := textLevelNames
	if n, text := strings.CutPrefix(s.What, "text_"); text {
		k, err := strconv.Atoi(n)
		if err != nil || k < 1 || byTexts+k > mostComparisons {
			return 0, 0, false
		}
		comparison = byTexts + k - 1
	} else {
		if comparison = slices.Index(comparisonNames[:], s.What); comparison < 0 {
			return 0, 0, false
		}
		names = levelNames[comparison]
	}
	at := slices.Index(names, s.Level)
	return comparison, level(max(at, 0)), at > 0
}

// taught is what people said of the youngest file before of the same agency with the same
// columns; nil where there is none of which enough was judged.
func (d *Desk) taught(ctx context.Context, b Batch) (*Taught, error) {
	list, err := d.Store.Batches(ctx, "", "", mostBefore)
	if err != nil {
		return nil, err
	}
	for _, o := range list {
		if o.ID == b.ID || o.Agency != b.Agency || o.Report == nil || o.State == Deleted || o.State == Writing || !sameColumns(&o.Layout, &b.Layout) {
			continue
		}
		rows, err := d.Store.Judged(ctx, o.ID)
		if err != nil {
			return nil, err
		}
		if t := teach(o.Code(), rows, o.Report); t != nil {
			return t, nil
		}
	}
	return nil, nil
}

// mostBefore files are looked at for what was said of them.
const mostBefore = 200

// sameColumns says that two files have the same columns, understood alike.
func sameColumns(a, b *Layout) bool {
	return slices.Equal(a.Headings, b.Headings) && slices.Equal(a.Kinds, b.Kinds) && a.MonthFirst == b.MonthFirst
}
