package populationclient

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/fault"
	"dean06/internal/population"
	"dean06/internal/xroad/ask"
)

// Person names somebody by number and name, as reports do.
type Person struct {
	Number   citizen.Number `json:"number,omitzero"`
	Name     string         `json:"name"`
	Birth    citizen.Day    `json:"birth,omitzero"`
	Relation string         `json:"relation,omitempty"` // of who moves along: to the head of their new household
	// Nationality is said of a parent who has no number.
	Nationality string `json:"nationality,omitempty"`
}

// Child is a child whose birth is reported.
type Child struct {
	Name        string            `json:"name"`
	Sex         string            `json:"sex"` // "1", "2"
	Ethnicity   string            `json:"ethnicity,omitempty"`
	Religion    string            `json:"religion,omitempty"`
	Nationality string            `json:"nationality,omitempty"`
	Birthplace  *population.Place `json:"birthplace,omitempty"`
	Origin      *population.Place `json:"origin,omitempty"`
}

// Event is what a procedure ends with. Which members it has follows from its kind.
type Event struct {
	Kind      population.Kind   `json:"kind"`
	On        citizen.Day       `json:"on"`
	Basis     string            `json:"basis"`
	Item      int               `json:"item,omitempty"` // which of its kind in the dossier; the first when zero
	Child     *Child            `json:"child,omitempty"`
	Mother    *Person           `json:"mother,omitempty"`
	Father    *Person           `json:"father,omitempty"`
	Person    *Person           `json:"person,omitempty"`
	Spouse    *Person           `json:"spouse,omitempty"`
	Members   []Person          `json:"members,omitempty"`
	Place     *population.Place `json:"place,omitempty"`
	End       bool              `json:"end,omitempty"`
	Household string            `json:"household,omitempty"`
	Relation  string            `json:"relation,omitempty"`
	Answers   map[string]string `json:"answers,omitempty"` // to what the register asks, by code
}

// Recorded is an event that the register has.
type Recorded struct {
	Event      string          `json:"event"`
	Again      bool            `json:"again"` // it was recorded before
	Annulled   bool            `json:"annulled"`
	Kind       population.Kind `json:"kind"`
	Item       int             `json:"item"`
	On         citizen.Day     `json:"on"`
	RecordedAt time.Time       `json:"recorded_at"`
	Number     citizen.Number  `json:"number"` // the person's; of a birth the one that the child was given
	Household  string          `json:"household"`
}

// Question is what the register asks before it records.
type Question struct {
	Code   string `json:"code"`
	Kind   string `json:"kind"`
	Text   string `json:"text"`   // in the asker's language
	Member string `json:"member"` // of the event that it is about
	Answer string `json:"answer"` // how it is answered: ByReason, ByRelation, ByChoice
	Given  string `json:"given"`
	Facts  []Fact `json:"facts"`
}

// How a question is answered: with a reason in words, the code of a relation, or the choice
// of a fact.
const (
	ByReason   = "reason"
	ByRelation = "relation"
	ByChoice   = "choice"
)

// Fact is what the register holds of one person that makes it ask, as far as the right
// grants it.
type Fact struct {
	As     string                     `json:"as"` // what they are to the event: "child", "mother" …
	Choice string                     `json:"choice"`
	Fields []population.Field         `json:"fields"`
	Raw    map[string]json.RawMessage `json:"person"`
	Past   *population.Past           `json:"event"`

	Person population.Person `json:"-"` // of Raw
}

// Questions is the error of an event that is not recorded until what is asked is answered.
type Questions []Question

// Error names the kinds, and nobody.
func (q Questions) Error() string { return fmt.Sprintf("the register asks %d questions", len(q)) }

// Unwrap gives the fault.
func (q Questions) Unwrap() error {
	return fault.New(fault.Conflict, "populationclient.questions", fault.Args{"n": len(q)})
}

// maxQuestions is how many questions one report can answer.
const maxQuestions = 60

// sound reads the facts of questions, and says whether all can be answered.
func sound(list []Question) error {
	if len(list) > maxQuestions {
		return untrue("%d questions", len(list))
	}
	codes := map[string]bool{}
	for i := range list {
		q := &list[i]
		q.Text = ask.Clean(q.Text)
		if q.Code == "" || len(q.Code) > 120 || q.Text == "" || codes[q.Code] || !slices.Contains([]string{ByReason, ByRelation, ByChoice}, q.Answer) {
			return untrue("a question that cannot be answered")
		}
		codes[q.Code] = true
		choices := 0
		for j := range q.Facts {
			f := &q.Facts[j]
			read := Facts{Fields: f.Fields}
			if err := read.person(f.Raw); err != nil {
				return err
			}
			f.Person, f.Raw = read.Person, nil
			if f.Choice != "" {
				choices++
			}
		}
		if q.Answer == ByChoice && choices != len(q.Facts) || q.Answer != ByChoice && choices > 0 {
			return untrue("a question with some choices")
		}
	}
	return nil
}

// Report tells the register of an event of the asker's dossier. The same report again gets
// the same answer. It fails with Questions while something has to be answered first; with
// Conflict when the dossier has this event with another content, or it contradicts what is
// recorded; with Invalid when it breaks a rule; with NotFound when a number is not the named
// person's. Repeating mends none of these.
func (c *Client) Report(ctx context.Context, as Asker, e Event) (Recorded, error) {
	a, err := c.do(ctx, as, http.MethodPost, population.ServiceEvents, "", e)
	if err != nil {
		return Recorded{}, err
	}
	if a.status != http.StatusCreated && a.status != http.StatusOK {
		return Recorded{}, a.refusal()
	}
	var got Recorded
	if err := a.read(&got); err != nil {
		return Recorded{}, err
	}
	if err := got.check(); err != nil {
		return Recorded{}, err
	}
	if got.Kind != e.Kind || got.Item != max(1, e.Item) || got.On != e.On {
		return Recorded{}, untrue("another event than was reported")
	}
	if got.Again != (a.status == http.StatusOK) {
		return Recorded{}, untrue("an event that is recorded and was recorded")
	}
	named := []*Person{e.Mother, e.Father}
	if e.Person != nil && got.Number != e.Person.Number {
		return Recorded{}, untrue("an event of somebody else")
	}
	if e.Child != nil && slices.ContainsFunc(named, func(p *Person) bool { return p != nil && p.Number == got.Number }) {
		return Recorded{}, untrue("a child with the number of a parent")
	}
	return got, nil
}

func (r Recorded) check() error {
	if r.Event == "" || len(r.Event) > 120 || r.Number.IsZero() || r.RecordedAt.IsZero() || r.Item < 1 {
		return untrue("an event with something missing")
	}
	return nil
}

// EventsOf are the events that the register has of a dossier, for whoever lost an answer;
// none when it has none.
func (c *Client) EventsOf(ctx context.Context, as Asker) ([]Recorded, error) {
	a, err := c.do(ctx, as, http.MethodGet, population.ServiceEvents, "/"+url.PathEscape(as.Dossier), nil)
	if err != nil {
		return nil, err
	}
	if a.status == http.StatusNotFound {
		var p problem
		if err := a.read(&p); err != nil {
			return nil, err
		}
		if p.Status != a.status {
			return nil, untrue("no answer about the dossier")
		}
		return nil, nil
	}
	if a.status != http.StatusOK {
		return nil, a.refusal()
	}
	var got struct {
		Dossier string     `json:"dossier"`
		Events  []Recorded `json:"events"`
	}
	if err := a.read(&got); err != nil {
		return nil, err
	}
	if got.Dossier != as.Dossier || len(got.Events) == 0 {
		return nil, untrue("the events of another dossier")
	}
	for _, e := range got.Events {
		if err := e.check(); err != nil {
			return nil, err
		}
	}
	return got.Events, nil
}
