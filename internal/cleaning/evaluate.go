package cleaning

import (
	"encoding/csv"
	"errors"
	"io"
	"strconv"

	"dean06/internal/platform/fault"
)

// Evaluation holds a result against the truth.
type Evaluation struct {
	Rows      int             `json:"rows"`
	Matches   int             `json:"matches"`  // rows, or pairs, that the truth has
	Accepted  int             `json:"accepted"` // that the result has
	Right     int             `json:"right"`
	Wrong     int             `json:"wrong"`
	Precision float64         `json:"precision"`
	Recall    float64         `json:"recall"`
	F1        float64         `json:"f1"`
	Intervals Intervals       `json:"intervals"`
	Outcomes  map[Outcome]int `json:"outcomes"`
	WrongRows []int           `json:"wrong_rows"` // the first of them
	// Suggested is the same with what is for people to decide taken as it is suggested: rows
	// that may be duplicates. Only of a file that was held against itself.
	Suggested *Suggested `json:"suggested,omitempty"`
}

// Suggested is how good suggestions are.
type Suggested struct {
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	F1        float64 `json:"f1"`
}

// Intervals are those of 95 of 100.
type Intervals struct {
	Precision [2]float64 `json:"precision"`
	Recall    [2]float64 `json:"recall"`
}

// Evaluate holds a result against the truth: a file with row and number, or with row and
// cluster for a file that was held against itself. It fails with Invalid for what is no
// such file, or of other rows.
func Evaluate(result, truth io.Reader) (Evaluation, error) {
	got, err := readColumns(result, "row", "outcome", "number", "duplicate_of")
	if err != nil {
		return Evaluation{}, err
	}
	want, err := readColumns(truth, "row", "number|cluster")
	if err != nil {
		return Evaluation{}, err
	}
	e := Evaluation{Rows: len(got), Outcomes: map[Outcome]int{}, WrongRows: []int{}}
	if len(got) != len(want) {
		return e, fault.New(fault.Invalid, "cleaning.truth.rows", fault.Args{"result": len(got), "truth": len(want)})
	}
	for _, o := range Outcomes {
		e.Outcomes[o] = 0
	}
	linked := false
	for i, row := range got {
		e.Outcomes[Outcome(row[1])]++
		linked = linked || row[2] != ""
		if row[0] != want[i][0] {
			return e, fault.New(fault.Invalid, "cleaning.truth.order", fault.Args{"line": i + 2})
		}
	}
	if linked {
		e.people(got, want)
	} else {
		all := e
		all.pairs(got, want, true)
		e.pairs(got, want, false)
		all.Precision, all.Recall = ratio(all.Right, all.Accepted), ratio(all.Right, all.Matches)
		e.Suggested = &Suggested{all.Precision, all.Recall, harmonic(all.Precision, all.Recall)}
	}
	e.Wrong = e.Accepted - e.Right
	e.Precision, e.Recall = ratio(e.Right, e.Accepted), ratio(e.Right, e.Matches)
	e.F1 = harmonic(e.Precision, e.Recall)
	e.Intervals.Precision[0], e.Intervals.Precision[1] = wilson(float64(e.Right), float64(e.Accepted))
	e.Intervals.Recall[0], e.Intervals.Recall[1] = wilson(float64(e.Right), float64(e.Matches))
	return e, nil
}

func harmonic(a, b float64) float64 {
	if a+b == 0 {
		return 0
	}
	return 2 * a * b / (a + b)
}

func ratio(a, b int) float64 {
	if b == 0 {
		return 1
	}
	return float64(a) / float64(b)
}

func (e *Evaluation) people(got, want [][]string) {
	for i, row := range got {
		if want[i][1] != "" {
			e.Matches++
		}
		if row[2] == "" {
			continue
		}
		e.Accepted++
		if row[2] == want[i][1] {
			e.Right++
		} else if len(e.WrongRows) < 100 {
			e.WrongRows = append(e.WrongRows, i+1)
		}
	}
}

// pairs counts pairs of rows of one person: by the clusters of the truth and by those of
// the result.
func (e *Evaluation) pairs(got, want [][]string, suggested bool) {
	pairs := func(n int) int { return n * (n - 1) / 2 }
	found, true_, both := map[string]int{}, map[string]int{}, map[[2]string]int{}
	for i, row := range got {
		cluster := row[0]
		for k := i; got[k][3] != "" && (suggested || Outcome(got[k][1]) == Duplicate); { // the first row of the first
			cluster = got[k][3]
			next, err := strconv.Atoi(cluster)
			if err != nil || next < 1 || next > k {
				break
			}
			k = next - 1
		}
		found[cluster]++
		true_[want[i][1]]++
		both[[2]string{cluster, want[i][1]}]++
	}
	for _, n := range found {
		e.Accepted += pairs(n)
	}
	for c, n := range true_ {
		if c != "" {
			e.Matches += pairs(n)
		}
	}
	for c, n := range both {
		if c[1] != "" {
			e.Right += pairs(n)
		}
	}
}

// readColumns reads columns of a file; of "a|b", the one that is there.
func readColumns(r io.Reader, columns ...string) ([][]string, error) {
	in := csv.NewReader(r)
	in.ReuseRecord = true
	head, err := in.Read()
	if err != nil {
		return nil, fault.New(fault.Invalid, "cleaning.truth.unread", nil).Because(err)
	}
	at := make([]int, len(columns))
	for k, c := range columns {
		at[k] = -1
		for i, h := range head {
			if h == c || k == len(columns)-1 && c == "number|cluster" && (h == "number" || h == "cluster") {
				at[k] = i
			}
		}
		if at[k] < 0 {
			return nil, fault.New(fault.Invalid, "cleaning.truth.column", fault.Args{"column": c})
		}
	}
	var out [][]string
	for {
		line, err := in.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			n, _ := in.FieldPos(0)
			return nil, fault.New(fault.Invalid, "cleaning.truth.line", fault.Args{"line": strconv.Itoa(n)}).Because(err)
		}
		row := make([]string, len(at))
		for k, i := range at {
			row[k] = line[i]
		}
		out = append(out, row)
	}
}
