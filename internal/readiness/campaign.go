package readiness

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/strictjson"
)

// The kinds of agencies that the register tells apart.
const (
	Ministry         = "ministry" // ministries and ministerial-level agencies
	GovernmentAgency = "government_agency"
	Province         = "province"
	District         = "district"
	Commune          = "commune"
)

// Kinds lists the kinds of agencies, the highest first.
var Kinds = []string{Ministry, GovernmentAgency, Province, District, Commune}

// FormKind says as which of the two kinds that the form knows an agency
// answers: "bộ, ngành" for the centre, the locality for all others.
func FormKind(kind string) string {
	if kind == Ministry || kind == GovernmentAgency {
		return Ministry
	}
	return Province
}

// Campaign is one letter of the coordinator with which it asks agencies for
// their returns.
type Campaign struct {
	ID     string `json:"id"`     // "488"
	Number string `json:"number"` // "488/BTTTT-CĐSQG"
	// Round is the ordinal that the letter itself prints ("lần 3"); 0 when it prints none.
	Round    int        `json:"round,omitempty"`
	Issued   clock.Date `json:"issued"`
	Due      clock.Date `json:"due"`
	Template string     `json:"template"` // Template.Ref, "488/1"
	Previous string     `json:"previous,omitempty"`

	Issuer     Text         `json:"issuer"`
	Place      Text         `json:"place"`
	Subject    Text         `json:"subject"`
	Addressees []Text       `json:"addressees"`
	Body       []Text       `json:"body"`
	CopiesTo   []Text       `json:"copies_to"`
	Signatory  Signatory    `json:"signatory"`
	Recipients RecipientSet `json:"recipients"`
	Schedule   []ChaseStep  `json:"schedule"`
	Source     string       `json:"source"`
	Note       Text         `json:"note"`

	// Cancelled says that the round was cancelled, and how. It stands beside the letter, which
	// never changes.
	Cancelled *Cancellation `json:"cancelled,omitempty"`
}

// Form is the form of the round, whichever version of it.
func (c Campaign) Form() string {
	form, _, _ := strings.Cut(c.Template, "/")
	return form
}

// Signatory is who signs the letter. The data names no person: the covering
// letter leaves room for the signature.
type Signatory struct {
	Name     string `json:"name,omitempty"`
	Position Text   `json:"position"`
}

// RecipientSet is the agencies that are expected to answer: a rule (kinds less
// exclusions, on a day) and the list that the rule gave on that day. Later
// mergers and splits do not change the list.
type RecipientSet struct {
	On       clock.Date `json:"on"`
	Kinds    []string   `json:"kinds"`
	Exclude  []string   `json:"exclude,omitempty"`
	Agencies []string   `json:"agencies"`
}

// Agency is what the register needs to know about an agency on a day.
type Agency struct {
	Code string
	Name string
	Kind string
}

// Resolve fills the list of agencies from those that there were on the day.
func (s RecipientSet) Resolve(there []Agency) RecipientSet {
	s.Agencies = nil
	for _, a := range there {
		if slices.Contains(s.Kinds, a.Kind) && !slices.Contains(s.Exclude, a.Code) {
			s.Agencies = append(s.Agencies, a.Code)
		}
	}
	slices.Sort(s.Agencies)
	s.Agencies = slices.Compact(s.Agencies)
	return s
}

// Has says that the agency is expected to answer.
func (s RecipientSet) Has(agency string) bool { return slices.Contains(s.Agencies, agency) }

// LoadCampaigns reads a list of campaigns and holds each against the rules of
// a campaign. An error names every line that is wrong.
func LoadCampaigns(raw []byte) ([]Campaign, error) {
	var out []Campaign
	err := loadList(raw, "campaigns", func(say func(near, format string, args ...any)) {
		seen := map[string]bool{}
		for _, c := range out {
			if seen[c.ID] {
				say(c.ID, "campaign %q stands twice", c.ID)
			}
			// An earlier campaign stands above the later one that follows it.
			if c.Previous != "" && !seen[c.Previous] {
				say(c.ID, "campaign %q follows %q, which is not above it", c.ID, c.Previous)
			}
			seen[c.ID] = true
			if err := c.Check(); err != nil {
				say(c.ID, "campaign %q: %v", c.ID, err)
			}
		}
	}, &out)
	if err != nil {
		return nil, err
	}
	return out, nil
}

var campaignID = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z.-]{0,39}$`)

// Check holds the campaign against the rules of a campaign. It fails with a
// fault.List, a fault for each field that is wrong.
func (c Campaign) Check() error {
	var wrong fault.List
	need := func(ok bool, field string, args fault.Args) {
		if !ok {
			wrong = append(wrong, fault.New(fault.Invalid, "readiness.campaign.wrong."+field, args).At(field))
		}
	}
	need(campaignID.MatchString(c.ID), "id", nil)
	need(c.Number != "", "number", nil)
	need(!c.Issued.IsZero(), "issued", nil)
	need(!c.Due.IsZero() && !c.Due.Before(c.Issued), "due", nil)
	need(c.Round >= 0, "round", nil)
	need(c.Template != "", "template", nil)
	need(c.Subject.Vi != "" && c.Subject.En != "", "subject", nil)
	need(len(c.Body) > 0, "body", nil)
	need(c.Previous != c.ID, "previous", nil)
	need(c.Cancelled == nil, "cancelled", nil)
	for _, k := range c.Recipients.Kinds {
		need(slices.Contains(Kinds, k), "kinds", fault.Args{"kind": k})
	}
	need(len(c.Recipients.Agencies) > 0, "recipients", nil)
	listed := map[string]bool{}
	for _, a := range c.Recipients.Agencies {
		need(!listed[a], "recipient_twice", fault.Args{"agency": a})
		need(!slices.Contains(c.Recipients.Exclude, a), "recipient_excluded", fault.Args{"agency": a})
		listed[a] = true
	}
	for i, s := range c.Schedule {
		need(i == 0 || c.Schedule[i-1].Days < s.Days, "schedule", nil)
	}
	return wrong.Err()
}

// loadList reads a JSON file of data strictly into out and then checks it; the
// error names the lines.
func loadList(raw []byte, what string, check func(say func(near, format string, args ...any)), out any) error {
	if err := strictjson.Read(raw, out); err != nil {
		return fmt.Errorf("load %s: %w", what, err)
	}
	var wrong []string
	check(func(near, format string, args ...any) {
		line := strictjson.Line(raw, int64(bytes.Index(raw, []byte(`"`+near+`"`))))
		wrong = append(wrong, fmt.Sprintf("line %d: ", line)+strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", ", "))
	})
	if len(wrong) > 0 {
		return fmt.Errorf("load %s: %s", what, strings.Join(wrong, "; "))
	}
	return nil
}

// ReportSymbol is the symbol of the report on the letter: "BC" and the abbreviation of
// the agency that issues it, which stands first in the letter's own symbol ("BTTTT" in
// "488/BTTTT-CĐSQG"). Nghị định 30/2020, Phụ lục I.
func (c Campaign) ReportSymbol() string {
	_, symbol, _ := strings.Cut(c.Number, "/")
	issuer, _, _ := strings.Cut(symbol, "-")
	if issuer == "" {
		return "BC"
	}
	return "BC-" + issuer
}
