package population

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"dean06/internal/citizen"
	"dean06/internal/platform/fault"
)

// QuestionKind says what the register asks before it writes an event. Its text is the
// message Text, which names nobody: who and what is meant stands in the facts, so that
// they can be cut to what the reader may see.
type QuestionKind string

// Question is asked before an event is written that no rule forbids and that is likely a
// slip. Whoever knows better answers it with a reason, which is kept with the event.
type Question struct {
	// Code names this question about these facts, such as "birth_again-5f0c21d8e3a94b17";
	// answers are given to it. It is another as soon as the facts are, so nobody answers
	// what they did not see. Only the register can make or check one.
	Code  string
	Kind  QuestionKind
	Field string // of the form, as faults name it
	Facts []Fact
	// Of is set when the answer is not a reason but what this person is to the head of the
	// household: Event.Relations has it then.
	Of     citizen.Number
	Answer string // the reason that was given so far
}

// Fact is what the register holds of one person that makes it ask.
type Fact struct {
	As     string // what they are to the event: "child", "mother", "father", "spouse", "self", "holder", "head", "member"
	Number citizen.Number
	Fields []Field // that are told; a right may grant fewer
	Person Person  // those fields, and nothing else
	Past   *Past   // the event from which it is known, when one is meant
}

// Past is an event of before, as a question names it.
type Past struct {
	ID    string      `json:"id"`
	Kind  Kind        `json:"kind"`
	On    citizen.Day `json:"on,omitzero"`
	Basis string      `json:"basis,omitempty"`
}

// Chosen says that the answer is no reason: Event.Relations has it.
func (q *Question) Chosen() bool { return !q.Of.IsZero() || q.Kind == HeadNext }

// Text is the key of what is asked.
func (k QuestionKind) Text() string { return "population.question." + string(k) }

// KindOf is the kind of the question that a code names.
func KindOf(code string) QuestionKind {
	kind, _, _ := strings.Cut(code, "-")
	return QuestionKind(kind)
}

// Questions is the error of an event that waits for answers: a Conflict
// ("population.event.questions"). All that is asked is in it, also what has an answer.
type Questions []Question

// Error names the kinds, and nobody.
func (q Questions) Error() string {
	kinds := make([]string, len(q))
	for i := range q {
		kinds[i] = string(q[i].Kind)
	}
	return "asked before it is written: " + strings.Join(kinds, ", ")
}

// Unwrap gives the fault.
func (q Questions) Unwrap() error {
	return fault.New(fault.Conflict, "population.event.questions", fault.Args{"n": len(q)})
}

// bare are the questions without what they tell.
func (q Questions) bare() Questions {
	out := slices.Clone(q)
	for i := range out {
		out[i].Facts = nil
	}
	return out
}

// nameFacts gives relatives in the facts of questions the names that the register knows.
func (r *Register) nameFacts(ctx context.Context, open Questions) error {
	for i := range open {
		for j := range open[i].Facts {
			one := []Person{open[i].Facts[j].Person}
			if err := r.nameKin(ctx, one, open[i].Facts[j].Fields); err != nil {
				return err
			}
			open[i].Facts[j].Person = one[0]
		}
	}
	return nil
}

// About are those of whom facts are told, each once, by number.
func (q Questions) About() []citizen.Number {
	var out []citizen.Number
	for i := range q {
		for _, f := range q[i].Facts {
			if !f.Number.IsZero() {
				out = append(out, f.Number)
			}
		}
	}
	slices.SortFunc(out, byNumber)
	return slices.Compact(out)
}

// Told are the fields that the facts tell, in the order of the table.
func (q Questions) Told(t *FieldTable) []Field {
	var out []Field
	for i := range q {
		for _, f := range q[i].Facts {
			out = append(out, f.Fields...)
		}
	}
	return t.InOrder(out)
}

// How long the reason of an answer is, in characters.
const (
	MinAnswer = 10
	MaxAnswer = 500
)

// answered says that a reason can be read: long enough, and nothing in it is invisible.
func answered(reason string) bool {
	n := utf8.RuneCountInString(reason)
	return n >= MinAnswer && n <= MaxAnswer && letters(reason) >= MinAnswer/2 && plain(reason)
}

// fact is what the register holds of somebody.
func (t *FieldTable) fact(as string, p *Person, fields ...Field) Fact {
	return Fact{As: as, Number: p.Number, Fields: t.InOrder(fields), Person: t.Only(p, fields)}
}

// after adds the event from which a fact is known.
func (f Fact) after(e *Event) Fact {
	f.Past = &Past{ID: e.ID, Kind: e.Kind, On: e.On, Basis: e.Basis}
	return f
}

// ask notes a question.
func (d *deed) ask(kind QuestionKind, field string, facts ...Fact) {
	d.put(Question{Kind: kind, Field: field, Facts: facts})
}

func (d *deed) put(q Question) {
	if d.world != nil { // it was answered when the event was recorded, but for who is head of a household
		d.world.note(d.e, q)
		return
	}
	q.Code = d.r.questionCode(&q)
	if !slices.ContainsFunc(d.questions, func(had Question) bool { return had.Code == q.Code }) {
		d.questions = append(d.questions, q)
	}
}

// questionCode is made with the node's own key: of a short digest anybody could find
// out by trying what the facts are.
func (r *Register) questionCode(q *Question) string {
	facts, err := json.Marshal(struct {
		Kind  QuestionKind
		Field string
		Of    citizen.Number
		Facts []Fact
	}{q.Kind, q.Field, q.Of, q.Facts})
	if err != nil {
		panic(fmt.Errorf("question %s: %w", q.Kind, err)) // numbers and texts always marshal
	}
	h := hmac.New(sha256.New, r.NumberKey)
	_, _ = h.Write([]byte("question\x00"))
	_, _ = h.Write(facts)
	return string(q.Kind) + "-" + hex.EncodeToString(h.Sum(nil)[:8])
}

// settle puts the answers to what is asked. Without an answer to each that can be read
// there are faults or Questions; only what was asked is kept of the answers.
func (d *deed) settle() error {
	given := d.e.Answers
	d.e.Answers = nil
	open := false
	var unread fault.List
	for i := range d.questions {
		q := &d.questions[i]
		reason := strings.TrimSpace(given[q.Code])
		switch {
		case q.Chosen() || reason == "":
			open = true
			continue
		case !answered(reason):
			args := fault.Args{"min": MinAnswer, "max": MaxAnswer}
			unread = append(unread, fault.New(fault.Invalid, "population.question.reason", args).At("answers."+q.Code))
		}
		q.Answer = reason
		if d.e.Answers == nil {
			d.e.Answers = map[string]string{}
		}
		d.e.Answers[q.Code] = reason
	}
	slices.SortStableFunc(d.questions, func(a, b Question) int { return cmp.Compare(a.Field, b.Field) })
	switch {
	case len(unread) > 0:
		return unread
	case open:
		return Questions(d.questions)
	}
	return nil
}
