package reconcile

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"

	"dean06/internal/citizen"
	"dean06/internal/cleaning"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// Caller is who asks, as their gateway says.
type Caller struct {
	Client    string // the subsystem, "VN/GOV/G24/BHXH"
	Agency    string
	Officer   string
	Purpose   string
	Dossier   string
	RequestID string
	Session   string
}

// Keys are by what a person is found in the register.
type Keys struct {
	Number    citizen.Number
	OldNumber citizen.OldNumber
	Name      string
	Birth     citizen.Day
}

// Person is somebody found.
type Person struct {
	Number citizen.Number
	Name   string
}

// Register finds people.
type Register interface {
	// Alike gives those of whom something that is said may be said, as the register's own file
	// and, in its order, by name and number. crowded says that more have the name than these.
	Alike(ctx context.Context, k Keys) (people []Person, file []byte, crowded bool, err error)
}

// Tally counts what was asked, and logs whom it met.
type Tally interface {
	// Counted is what a client asked on a day, and how often about each of some numbers.
	Counted(ctx context.Context, day clock.Date, client string, about []citizen.Number) (Counted, error)
	// Note counts, and logs in the same transaction those whom the session had not met that
	// day: each has one line for it in what was asked about them.
	Note(ctx context.Context, day clock.Date, c Caller, n Noted) error
}

// Counted is what a client asked on a day.
type Counted struct {
	Asked  int // questions that meant one person
	Missed int // of these, without a match
	About  map[citizen.Number]int
}

// Noted is what a call adds.
type Noted struct {
	Asked, Missed int
	About         []citizen.Number // somebody's numbers that were asked about
	Met           []citizen.Number // who matched, and whose numbers these are
}

// What bounds asking. Files of people who are there mostly match; who tries out what fits
// mostly does not.
const (
	mostADay   = 50_000
	missedFree = 500 // without a match before half of all must have one
	mostAbout  = 20  // about one number
)

// May fails with Denied for who asked too much on a day, or in vain.
func (c Counted) May(more int) error {
	switch {
	case c.Asked+more > mostADay:
		return fault.New(fault.Denied, "reconcile.day", fault.Args{"max": mostADay})
	case c.Missed >= missedFree && c.Missed*2 > c.Asked:
		return fault.New(fault.Denied, "reconcile.vain", fault.Args{"missed": c.Missed, "asked": c.Asked})
	}
	return nil
}

// Answerer answers at the register's node.
type Answerer struct {
	Register Register
	Tally    Tally
	// Judge is what was learned of the register. It fails with Conflict until there is one.
	Judge func(ctx context.Context) (*cleaning.Judge, error)
	Clock clock.Clock
	Key   []byte // hides who candidates are
}

// asked is a question on its way to an answer.
type asked struct {
	Question
	understood cleaning.Understood
	number     citizen.Number
	means      bool
}

// Answer answers. Whoever is told to have matched, and whose number was asked about, has it in
// their log before. It fails with Invalid, TooLarge, Denied and
// Conflict.
func (a *Answerer) Answer(ctx context.Context, c Caller, ask Ask) (Answer, error) {
	if err := ask.check(); err != nil {
		return Answer{}, err
	}
	if c.Purpose == "" {
		return Answer{}, fault.New(fault.Invalid, "reconcile.purpose", nil)
	}
	c.Session = ask.Session
	j, err := a.Judge(ctx)
	if err != nil {
		return Answer{}, err
	}
	day, list := clock.DayOf(a.Clock.Now()), make([]asked, len(ask.Questions))
	meant := 0
	var about []citizen.Number
	for i, q := range ask.Questions {
		u := j.Ask(q.Said)
		list[i] = asked{q, u, u.Number(), u.Means()}
		if !list[i].means {
			continue
		}
		meant++
		if !list[i].number.IsZero() {
			about = append(about, list[i].number)
		}
	}
	so, err := a.Tally.Counted(ctx, day, c.Client, about)
	if err != nil {
		return Answer{}, err
	}
	if err := so.May(meant); err != nil {
		return Answer{}, err
	}
	out, note := Answer{AsOf: j.AsOf, Answers: make([][]Candidate, len(list))}, Noted{Asked: meant}
	for i := range list {
		q := &list[i]
		out.Answers[i] = []Candidate{}
		if !q.means {
			continue
		}
		matched := false
		if so.About[q.number] < mostAbout {
			if out.Answers[i], matched, err = a.candidates(ctx, c, q, &note); err != nil {
				return Answer{}, err
			}
		}
		if !matched {
			note.Missed++
		}
	}
	return out, a.Tally.Note(ctx, day, c, note)
}

// candidates are who may be meant, the likeliest first.
func (a *Answerer) candidates(ctx context.Context, c Caller, q *asked, note *Noted) (out []Candidate, matched bool, err error) {
	out = []Candidate{}
	people, file, crowded, err := a.Register.Alike(ctx, Keys{q.number, q.understood.OldNumber(), q.understood.Name(), q.understood.Birth()})
	if err != nil || len(people) == 0 {
		return out, false, err
	}
	if slices.ContainsFunc(people, func(p Person) bool { return p.Number == q.number }) {
		note.About, note.Met = append(note.About, q.number), append(note.Met, q.number)
	}
	judged, err := q.understood.Decide(file, crowded)
	if err != nil {
		return out, false, err
	}
	limit := MostCandidates
	if q.Limit > 0 {
		limit = min(limit, q.Limit)
	}
	for _, who := range judged {
		if !who.Match && who.Share < leastShare || len(out) == limit {
			break
		}
		p := people[who.Person]
		found := Candidate{Share: who.Share, Bits: who.Bits, Match: who.Match, Fits: who.Fits}
		if found.ID, err = a.hidden(c, q.Said, p.Number); err != nil {
			return out, false, err
		}
		if who.Match {
			matched = true
			found.Name, found.Number = p.Name, p.Number.Reveal()
			note.Met = append(note.Met, p.Number)
		}
		out = append(out, found)
	}
	return out, matched, nil
}

// leastShare is how likely somebody must be meant to be told of at all: one in a hundred.
const leastShare = .01

// hidden is an id of somebody that means nothing elsewhere: the same question of the same
// agency has the same ids, another question has others, so that nobody learns by asking in
// turns which candidates are one person.
func (a *Answerer) hidden(c Caller, said cleaning.Said, n citizen.Number) (string, error) {
	text, err := json.Marshal([]any{c.Client, said, n.Reveal()}) // maps are written in order
	if err != nil {
		return "", fmt.Errorf("hide who a candidate is: %w", err)
	}
	m := hmac.New(sha256.New, a.Key)
	m.Write(text)
	return "x-" + base64.RawURLEncoding.EncodeToString(m.Sum(nil)[:12]), nil
}

func (a Ask) check() error {
	if len(a.Questions) > MostQuestions {
		return fault.New(fault.TooLarge, "reconcile.batch.large", fault.Args{"max": MostQuestions})
	}
	if len(a.Session) > 100 || bytes.ContainsAny([]byte(a.Session), "\x00\n") {
		return fault.New(fault.Invalid, "reconcile.session", nil)
	}
	for i, q := range a.Questions {
		for k, v := range q.Said {
			if !slices.Contains(properties, k) || len(v) > mostText {
				return fault.New(fault.Invalid, "reconcile.batch.query", fault.Args{"n": i + 1})
			}
		}
	}
	return nil
}
