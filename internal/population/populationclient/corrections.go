package populationclient

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"dean06/internal/population"
	"dean06/internal/xroad/ask"
)

// Mistake is a claim: what somebody says is wrong in the register.
type Mistake struct {
	Person Person
	Field  population.Field
	Says   string // what is right
	Why    string
}

// Claimed is how far a claim is.
type Claimed struct {
	ID        string                  `json:"id"`
	Dossier   string                  `json:"dossier"`
	Field     population.Field        `json:"field"`
	State     population.MistakeState `json:"state"`
	At        time.Time               `json:"at"`
	Answer    string                  `json:"answer"` // why the fact stays as it is
	DecidedAt time.Time               `json:"decided_at"`
}

func (c Claimed) check(dossier string) error {
	switch {
	case c.ID == "" || len(c.ID) > 120 || c.At.IsZero():
		return untrue("a claim with something missing")
	case c.Dossier != dossier:
		return untrue("a claim of another dossier")
	case c.State != population.MistakeOpen && c.State != population.MistakeCorrected && c.State != population.MistakeRefused:
		return untrue("a claim in no state")
	}
	return nil
}

// ClaimMistake passes on that a fact is said to be wrong. The same once more gets the same
// answer. It changes nothing in the register: a registrar looks at it.
func (c *Client) ClaimMistake(ctx context.Context, as Asker, m Mistake) (Claimed, error) {
	a, err := c.do(ctx, as, http.MethodPost, population.ServiceCorrections, "", struct {
		Person Person           `json:"person"`
		Field  population.Field `json:"field"`
		Says   string           `json:"says"`
		Why    string           `json:"why,omitempty"`
	}{m.Person, m.Field, m.Says, m.Why})
	if err != nil {
		return Claimed{}, err
	}
	return a.claimed(as.Dossier, m.Field)
}

// Claimed asks how far a claim of the asker's dossier is.
func (c *Client) Claimed(ctx context.Context, as Asker, id string) (Claimed, error) {
	a, err := c.do(ctx, as, http.MethodGet, population.ServiceCorrections, "/"+url.PathEscape(id), nil)
	if err != nil {
		return Claimed{}, err
	}
	return a.claimed(as.Dossier, "")
}

func (a answer) claimed(dossier string, field population.Field) (Claimed, error) {
	if a.status != http.StatusOK && a.status != http.StatusAccepted {
		return Claimed{}, a.refusal()
	}
	var got Claimed
	if err := a.read(&got); err != nil {
		return Claimed{}, err
	}
	if field != "" && got.Field != field {
		return Claimed{}, untrue("a claim of another fact")
	}
	got.Answer = ask.Clean(got.Answer)
	return got, got.check(dossier)
}
