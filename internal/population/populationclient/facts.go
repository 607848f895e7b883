package populationclient

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/fault"
	"dean06/internal/population"
	"dean06/internal/xroad/ask"
)

// Facts are what the register tells of one person. A field of Fields that Person has not is
// not known to the register; one that is not in Fields was not granted.
type Facts struct {
	AsOf    time.Time
	Fields  []population.Field
	Person  population.Person
	Head    population.Relative // of the household
	Members []Member            // of the household
}

// Has says that a field was told: what Person has of it, if anything, is what the register
// knows.
func (f Facts) Has(field population.Field) bool { return slices.Contains(f.Fields, field) }

// Member is a member of a household.
type Member struct {
	Relation string
	Number   citizen.Number
	Name     string
	Birth    citizen.Day
	Sex      citizen.Sex
}

// Facts asks for facts about one person: those of fields, all of which must be granted, and
// of also those that are. It fails with NotFound when nobody fits.
func (c *Client) Facts(ctx context.Context, as Asker, key Key, fields, also []population.Field) (Facts, error) {
	if len(fields)+len(also) == 0 { // no field at all would ask for everything
		return Facts{}, fault.New(fault.Invalid, "populationclient.no_field", nil)
	}
	also = slices.Clone(also)
	if !slices.Contains(fields, population.FieldNumber) && !slices.Contains(also, population.FieldNumber) {
		also = append(also, population.FieldNumber) // to see that the answer is about whom was asked
	}
	a, err := c.do(ctx, as, http.MethodPost, population.ServiceFacts, "", struct {
		Key
		Fields []population.Field `json:"fields,omitempty"`
		Also   []population.Field `json:"also,omitempty"`
	}{key, fields, also})
	if err != nil {
		return Facts{}, err
	}
	if a.status != http.StatusOK {
		return Facts{}, a.refusal()
	}
	var got struct {
		Found  bool                       `json:"found"`
		AsOf   time.Time                  `json:"as_of"`
		Fields []population.Field         `json:"fields"`
		Person map[string]json.RawMessage `json:"person"`
	}
	if err := a.read(&got); err != nil {
		return Facts{}, err
	}
	out := Facts{AsOf: got.AsOf, Fields: got.Fields}
	switch {
	case !got.Found || got.Person == nil || got.Fields == nil:
		return Facts{}, untrue("facts of nobody")
	case got.AsOf.IsZero():
		return Facts{}, untrue("facts without the moment of which they are")
	}
	for _, f := range fields {
		if !out.Has(f) {
			return Facts{}, untrue("facts without the field %s", f)
		}
	}
	for _, f := range got.Fields {
		if !slices.Contains(fields, f) && !slices.Contains(also, f) {
			return Facts{}, untrue("facts with a field that nobody asked for")
		}
	}
	if err := out.person(got.Person); err != nil {
		return Facts{}, err
	}
	if out.Has(population.FieldNumber) && !key.Number.IsZero() && out.Person.Number != key.Number {
		return Facts{}, untrue("facts about somebody else")
	}
	return out, nil
}

// person reads the members of a person: those of the fields that are told, and no other.
func (f *Facts) person(members map[string]json.RawMessage) error {
	read := 0
	take := func(name string, v any) error {
		raw, ok := members[name]
		if !ok {
			return nil
		}
		read++
		if string(raw) == "null" {
			return untrue("%s is null", name)
		}
		if err := json.Unmarshal(raw, v); err != nil {
			return untrue("%s: %w", name, ask.Unquoted(err))
		}
		return nil
	}
	p := &f.Person
	for _, field := range f.Fields {
		line := population.PersonFields.Line(field)
		if line == nil {
			return untrue("a field that is not known")
		}
		for i := range line.Data {
			if err := takeDatum(&line.Data[i], p, take); err != nil {
				return err
			}
		}
		switch field {
		case population.FieldHousehold:
			if err := take("head", &f.Head); err != nil {
				return err
			}
		case population.FieldMembers:
			var list []memberSaid
			if err := take("members", &list); err != nil {
				return err
			}
			var err error
			if f.Members, err = membersOf(list); err != nil {
				return err
			}
		}
	}
	if read != len(members) {
		return untrue("a person with more than is told")
	}
	return nil
}

// takeDatum reads one datum of a person as answers carry it.
func takeDatum(d *population.Datum, p *population.Person, take func(string, any) error) error {
	switch {
	case d.Inner: // answers do not carry it
		return nil
	case d.Text != nil:
		return take(d.Member, d.Text(p))
	case d.Day != nil:
		return take(d.Member, d.Day(p))
	case d.Place != nil:
		return take(d.Member, d.Place(p))
	case d.Relative != nil:
		return take(d.Member, d.Relative(p))
	case d.Number != nil:
		return take(d.Member, d.Number(p))
	case d.OldNumbers != nil:
		return take(d.Member, d.OldNumbers(p))
	case d.Texts != nil:
		return take(d.Member, d.Texts(p))
	case d.Cards != nil:
		return take(d.Member, d.Cards(p))
	case d.Life != nil:
		return take(d.Member, d.Life(p))
	case d.Sex != nil:
		code := strconv.Itoa(int(citizen.SexUnknown))
		if err := take(d.Member, &code); err != nil {
			return err
		}
		var err error
		*d.Sex(p), err = sexOf(code)
		return err
	}
	return nil
}

func sexOf(code string) (citizen.Sex, error) {
	if len(code) != 1 || code[0] < '0' || code[0] > '2' {
		return 0, untrue("no code of a sex")
	}
	return citizen.Sex(code[0] - '0'), nil
}

// memberSaid is a member of a household as it is told.
type memberSaid struct {
	Relation string         `json:"relation"`
	Number   citizen.Number `json:"number"`
	Name     string         `json:"name"`
	Birth    citizen.Day    `json:"birth"`
	Sex      string         `json:"sex"`
}

func (m memberSaid) member() (Member, error) {
	sex := citizen.SexUnknown
	if m.Sex != "" {
		var err error
		if sex, err = sexOf(m.Sex); err != nil {
			return Member{}, err
		}
	}
	return Member{Relation: m.Relation, Number: m.Number, Name: m.Name, Birth: m.Birth, Sex: sex}, nil
}

func membersOf(list []memberSaid) ([]Member, error) {
	var out []Member
	for _, m := range list {
		one, err := m.member()
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

// Claim is what somebody says of themselves or another: a number with a name, or a birth with
// at least its month.
type Claim struct {
	Number citizen.Number
	Name   string
	Birth  citizen.Day
}

// Verdict says whether a claim is about somebody, and which parts of it fit.
type Verdict struct {
	Found       bool
	Name, Birth bool // meaningless where nothing was claimed
}

// Match asks whether number, name and birth belong together. Nobody at all is Found false,
// and no error.
func (c *Client) Match(ctx context.Context, as Asker, claim Claim) (Verdict, error) {
	a, err := c.do(ctx, as, http.MethodPost, population.ServiceMatch, "", Key{Number: claim.Number, Name: claim.Name, Birth: claim.Birth})
	if err != nil {
		return Verdict{}, err
	}
	if a.status != http.StatusOK {
		return Verdict{}, a.refusal()
	}
	var got struct {
		Found  *bool           `json:"found"`
		Fields map[string]bool `json:"fields"`
	}
	if err := a.read(&got); err != nil {
		return Verdict{}, err
	}
	name, hasName := got.Fields[string(population.FieldName)]
	birth, hasBirth := got.Fields[string(population.FieldBirth)]
	switch {
	case got.Found == nil:
		return Verdict{}, untrue("a verdict that says nothing")
	case !*got.Found && len(got.Fields) > 0:
		return Verdict{}, untrue("a verdict about nobody")
	case *got.Found && (hasName != (claim.Name != "") || hasBirth != (claim.Birth != 0) || !name && !birth):
		return Verdict{}, untrue("a verdict about something else than was claimed")
	}
	return Verdict{Found: *got.Found, Name: name, Birth: birth}, nil
}

// Household is the household of somebody.
type Household struct {
	AsOf    time.Time
	Number  string
	Place   population.Place
	Head    Member
	Members []Member
}

// Household asks with whom somebody lives. It fails with NotFound when nobody fits.
func (c *Client) Household(ctx context.Context, as Asker, key Key) (Household, error) {
	a, err := c.do(ctx, as, http.MethodPost, population.ServiceHousehold, "", key)
	if err != nil {
		return Household{}, err
	}
	if a.status != http.StatusOK {
		return Household{}, a.refusal()
	}
	var got struct {
		Found   bool             `json:"found"`
		AsOf    time.Time        `json:"as_of"`
		Number  string           `json:"number"`
		Place   population.Place `json:"place"`
		Head    memberSaid       `json:"head"`
		Members []memberSaid     `json:"members"`
	}
	if err := a.read(&got); err != nil {
		return Household{}, err
	}
	if !got.Found || got.AsOf.IsZero() {
		return Household{}, untrue("no household, or of no moment")
	}
	out := Household{AsOf: got.AsOf, Number: got.Number, Place: got.Place}
	if out.Head, err = got.Head.member(); err != nil {
		return Household{}, err
	}
	if out.Members, err = membersOf(got.Members); err != nil {
		return Household{}, err
	}
	told, among := false, out.Number == "" // who is in no household is among nobody
	for _, m := range out.Members {
		told, among = told || !m.Number.IsZero(), among || m.Number == key.Number
	}
	if told && !among && !key.Number.IsZero() {
		return Household{}, untrue("the household of somebody else")
	}
	return out, nil
}

// Residence is where somebody lives, as the confirmation that replaces the household book has
// it.
type Residence struct {
	AsOf           time.Time
	Number         citizen.Number
	Name           string
	Birth          citizen.Day
	Permanent      population.Place
	Since          citizen.Day
	Temporary      population.Place
	TemporarySince citizen.Day
	Present        population.Place
	Household      string
	Relation       string
	Head           population.Relative
	Members        []Member
}

// Residence asks where somebody lives. It fails with NotFound when nobody fits.
func (c *Client) Residence(ctx context.Context, as Asker, key Key) (Residence, error) {
	a, err := c.do(ctx, as, http.MethodPost, population.ServiceResidence, "", key)
	if err != nil {
		return Residence{}, err
	}
	if a.status != http.StatusOK {
		return Residence{}, a.refusal()
	}
	var got struct {
		Found          bool                `json:"found"`
		AsOf           time.Time           `json:"as_of"`
		Number         citizen.Number      `json:"number"`
		Name           string              `json:"name"`
		Birth          citizen.Day         `json:"birth"`
		Permanent      population.Place    `json:"permanent"`
		Since          citizen.Day         `json:"since"`
		Temporary      population.Place    `json:"temporary"`
		TemporarySince citizen.Day         `json:"temporary_since"`
		Present        population.Place    `json:"present"`
		Household      string              `json:"household"`
		Relation       string              `json:"relation"`
		Head           population.Relative `json:"head"`
		Members        []memberSaid        `json:"members"`
	}
	if err := a.read(&got); err != nil {
		return Residence{}, err
	}
	switch {
	case !got.Found || got.AsOf.IsZero():
		return Residence{}, untrue("no residence, or of no moment")
	case !got.Number.IsZero() && !key.Number.IsZero() && got.Number != key.Number:
		return Residence{}, untrue("the residence of somebody else")
	}
	out := Residence{
		AsOf: got.AsOf, Number: got.Number, Name: got.Name, Birth: got.Birth, Permanent: got.Permanent, Since: got.Since,
		Temporary: got.Temporary, TemporarySince: got.TemporarySince, Present: got.Present,
		Household: got.Household, Relation: got.Relation, Head: got.Head,
	}
	out.Members, err = membersOf(got.Members)
	return out, err
}
