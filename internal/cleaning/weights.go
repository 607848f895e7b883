package cleaning

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// Weights are what was learned of a file and the people, with all else that must be the
// same for rows to be decided the same elsewhere: the day, what the columns hold, the
// bound. They hold no row and no person.
type Weights struct {
	Version  int                          `json:"version"`
	Day      clock.Date                   `json:"day"` // births after it are none, and units are those of it
	Rows     int                          `json:"rows"`
	People   int                          `json:"people"`
	Register string                       `json:"register"` // a hash of the people: others are refused
	File     Layout                       `json:"file"`
	Persons  Layout                       `json:"persons"`
	Bound    float64                      `json:"bound"`
	Has      [byTexts]bool                `json:"has"` // which columns the file fills at all
	M        [mostComparisons][16]float64 `json:"m"`
	U        [mostComparisons][16]float64 `json:"u"`
	Share    float64                      `json:"share"`
	Absent   [2][3]float64                `json:"absent"`
	Twice    [3]float64                   `json:"twice"`
	Learned  Learned                      `json:"learned"`
}

const (
	weightsVersion = 1
	mostWeights    = 1 << 20 // bytes of a file of weights
)

// Learn learns the weights of a file, without deciding any row.
func (w *World) Learn(rows, people *Table, file, persons Layout, kinds []Kind, bound float64) Weights {
	m := newMatcher(w, rows, people, kinds)
	m.learn()
	return m.given(file, persons, bound)
}

// Weights are those that a file was linked by.
func (l *Linked) Weights(file, persons Layout) Weights {
	return l.m.given(file, persons, l.options.Bound)
}

func (m *matcher) given(file, persons Layout, bound float64) Weights {
	return Weights{
		Version: weightsVersion, Day: m.world.Today, Rows: m.rows.n, People: m.people.n, Register: m.people.fingerprint(m.world.texts),
		File: file, Persons: persons, Bound: bound, Has: m.has, M: m.w.m, U: m.w.u, Share: m.w.share, Absent: m.w.absent, Twice: m.w.twice,
		Learned: m.learned(),
	}
}

// learned says how it was learned.
func (m *matcher) learned() Learned {
	out := Learned{Pairs: m.w.pairs, Rounds: m.w.rounds, Converged: m.w.converged}
	if m.taught != nil {
		out.TaughtBy, out.Taught = m.taught.Code, m.taught.Pairs
	}
	return out
}

// take sets what was learned before.
func (m *matcher) take(k *Weights) {
	m.has = k.Has
	m.w = weights{
		m: k.M, u: k.U, share: k.Share, absent: k.Absent, twice: k.Twice,
		pairs: k.Learned.Pairs, rounds: k.Learned.Rounds, converged: k.Learned.Converged,
	}
	m.logs()
}

// Fit fails with Conflict for people on whom the weights were not learned.
func (k *Weights) Fit(w *World, people *Table) error {
	if people.n != k.People || people.fingerprint(w.texts) != k.Register {
		return fault.New(fault.Conflict, "cleaning.weights.people", fault.Args{"learned": k.People, "people": people.n})
	}
	return nil
}

// ReadPeople reads the people on whom the weights were learned. It fails with Conflict for
// others.
func (k *Weights) ReadPeople(w *World, s *Source) (*Table, error) {
	if !slices.Equal(s.Header, k.Persons.Headings) {
		return nil, fault.New(fault.Conflict, "cleaning.weights.columns", fault.Args{
			"learned": strings.Join(k.Persons.Headings, ", "), "columns": strings.Join(s.Header, ", "),
		})
	}
	t, err := w.ReadPeople(s, k.Persons)
	if err != nil {
		return nil, err
	}
	return t, k.Fit(w, t)
}

// ID names the weights: what was decided by others does not go with what was decided by
// these.
func (k *Weights) ID() string {
	b, err := json.Marshal(k)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

// Write writes the weights as JSON.
func (k *Weights) Write(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", " ")
	if err := e.Encode(k); err != nil {
		return fmt.Errorf("write weights: %w", err)
	}
	return nil
}

// ReadWeights reads what Write wrote. It fails with Invalid for anything else.
func ReadWeights(r io.Reader) (Weights, error) {
	var k Weights
	d := json.NewDecoder(io.LimitReader(r, mostWeights))
	d.DisallowUnknownFields()
	if err := d.Decode(&k); err != nil {
		return k, fault.New(fault.Invalid, "cleaning.weights.none", nil).Because(err)
	}
	return k, k.check()
}

func (k *Weights) check() error {
	bad := func(what string) error {
		return fault.New(fault.Invalid, "cleaning.weights.none", nil).Because(fmt.Errorf("%s is out of range", what))
	}
	switch {
	case k.Version != weightsVersion:
		return fault.New(fault.Invalid, "cleaning.weights.version", fault.Args{"version": k.Version, "want": weightsVersion})
	case k.Day.IsZero() || k.Rows < 0 || k.People < 0:
		return bad("day, rows or people")
	case k.Bound <= 0 || k.Bound > .5 || k.Share <= 0 || k.Share >= 1:
		return bad("bound or share")
	case len(k.File.Kinds) != len(k.File.Headings) || len(k.Persons.Kinds) != len(k.Persons.Headings):
		return bad("columns")
	}
	for _, list := range k.Absent {
		for _, v := range list {
			if v <= 0 || v > 1 {
				return bad("absent")
			}
		}
	}
	for c := range mostComparisons {
		for l := range 16 {
			if m, u := k.M[c][l], k.U[c][l]; m < 0 || m > 1 || u < 0 || u > 1 {
				return bad(fmt.Sprintf("m or u of comparison %d", c))
			}
		}
	}
	return nil
}

// SameColumns fails with Invalid for a file whose columns are others than those that the
// weights were learned on.
func (k *Weights) SameColumns(header []string) error {
	if !slices.Equal(header, k.File.Headings) {
		return fault.New(fault.Invalid, "cleaning.weights.columns", fault.Args{
			"learned": strings.Join(k.File.Headings, ", "), "columns": strings.Join(header, ", "),
		})
	}
	return nil
}

// fingerprint is a hash of all that is compared of a table, row by row.
func (t *Table) fingerprint(texts []*dictionary) string {
	if t.print != "" {
		return t.print
	}
	h := uint64(hashSeed)
	for i := range t.n {
		h = mix(mix(h, t.content(i, texts)), uint64(t.old[1][i])<<8|uint64(t.digits[i]))
		for k := range t.place[1:] {
			h = mix(h, uint64(t.place[k+1][i]))
		}
		if id := t.id(i); len(id) > 0 {
			h = mix(h, hashString(string(id)))
		}
	}
	t.print = fmt.Sprintf("%d-%016x", t.n, h)
	return t.print
}
