package reconcile

import (
	"fmt"
	"math"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/cleaning"
	"dean06/internal/platform/fault"
)

// Limits of one call.
const (
	MostQuestions  = 50
	MostCandidates = 5
	mostText       = 400 // bytes of a value
)

// Service is the register's service that answers Ask, as the exchange names it.
const Service = "reconcile"

// Ask is what an agency's node asks the register's.
type Ask struct {
	// Session is by which key the program came in: what it asks on a day is one batch to the
	// people whom it matches.
	Session   string     `json:"session"`
	Questions []Question `json:"questions"`
}

// Question is what a row says of one person.
type Question struct {
	Said  cleaning.Said `json:"said"`
	Limit int           `json:"limit,omitempty"` // of candidates; 0: as many as are told
}

// Answer is what the register says to each question, in their order.
type Answer struct {
	AsOf    time.Time     `json:"as_of"` // how common names are, as of
	Answers [][]Candidate `json:"answers"`
}

// Candidate is somebody who may be meant. Name and Number are those of the register, and only
// of who matched.
type Candidate struct {
	ID     string                 `json:"id"`    // means nothing but in this answer
	Share  float64                `json:"share"` // how likely it is that they are meant
	Bits   float64                `json:"bits"`
	Match  bool                   `json:"match,omitempty"`
	Name   string                 `json:"name,omitempty"`
	Number string                 `json:"number,omitempty"`
	Fits   map[cleaning.Kind]bool `json:"fits"` // of what was said
}

// Check fails with Unavailable for what cannot be the register's answer to so many questions:
// nothing of it is believed then.
func (a Answer) Check(questions int) error {
	untrue := func(why string) error {
		return fault.New(fault.Unavailable, "reconcile.untrue", nil).Because(fmt.Errorf("an answer %s", why))
	}
	if len(a.Answers) != questions {
		return untrue("to other questions")
	}
	for _, list := range a.Answers {
		if len(list) > MostCandidates {
			return untrue("with more candidates than there may be")
		}
		for i, c := range list {
			switch {
			case c.ID == "" || math.IsNaN(c.Share) || c.Share < 0 || c.Share > 1:
				return untrue("with a candidate that is none")
			case !c.Match && (c.Name != "" || c.Number != ""):
				return untrue("that tells of somebody who did not match")
			case c.Match && i > 0:
				return untrue("in which a candidate behind others matched")
			case c.Match && c.Name == "":
				return untrue("with a match without a name")
			}
			if _, err := citizen.ParseNumber(c.Number); c.Match && err != nil {
				return untrue("with a match without a number")
			}
		}
	}
	return nil
}
