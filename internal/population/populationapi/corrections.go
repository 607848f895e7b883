package populationapi

import (
	"net/http"
	"time"

	"dean06/internal/platform/fault"
	"dean06/internal/population"
)

// claimMistake notes that a fact is said to be wrong.
func (a *API) claimMistake(q *request) error {
	c, err := a.readMistake(q.body)
	if err != nil {
		return err
	}
	m, again, err := a.Register.ClaimMistake(q.r.Context(), q.in, c.key, c.field, c.says, c.why)
	if err != nil {
		return denied(q.in, []population.Field{c.field}, err)
	}
	q.about(1)
	status := http.StatusAccepted
	if again {
		status = http.StatusOK
	}
	return write(q, status, mistakeOf(m))
}

// mistake tells how far a claim is.
func (a *API) mistake(q *request) error {
	m, err := a.Register.MistakeOf(q.r.Context(), q.in, q.id)
	if err != nil {
		return err
	}
	q.about(1)
	return write(q, http.StatusOK, mistakeOf(m))
}

// mistakeAnswer is a claim as its sender hears of it again: not what was claimed of whom.
type mistakeAnswer struct {
	ID        string                  `json:"id"`
	Dossier   string                  `json:"dossier"`
	Field     population.Field        `json:"field"`
	State     population.MistakeState `json:"state"`
	At        time.Time               `json:"at"`
	Answer    string                  `json:"answer,omitempty"` // of a refusal
	DecidedAt time.Time               `json:"decided_at,omitzero"`
}

func mistakeOf(m population.Mistake) mistakeAnswer {
	return mistakeAnswer{ID: m.ID, Dossier: m.Dossier, Field: m.Field, State: m.State, At: m.At, Answer: m.Answer, DecidedAt: m.DecidedAt}
}

// mistakeRead is a claim as it was sent.
type mistakeRead struct {
	key       population.Key
	field     population.Field
	says, why string
}

func (a *API) readMistake(b []byte) (mistakeRead, error) {
	var out mistakeRead
	d, err := a.reader(b)
	if err != nil {
		return out, err
	}
	p := reportReader{d: d}
	seen := map[string]bool{}
	err = d.object("", "", func(name string) (err error) {
		seen[name] = true
		switch name {
		case "person":
			_, out.key, err = p.who(name, nil)
		case "field":
			var s string
			s, err = d.text("", name)
			out.field = population.Field(s)
		case "says":
			out.says, err = p.long("", name)
		case "why":
			out.why, err = p.long("", name)
		default:
			err = d.unknown("", name)
		}
		return err
	})
	if err == nil {
		err = d.end()
	}
	if err != nil {
		return out, err
	}
	for _, name := range []string{"person", "field", "says"} {
		if !seen[name] {
			return out, d.wrong("populationapi.missing", "", name, fault.Args{"name": name})
		}
	}
	return out, nil
}
