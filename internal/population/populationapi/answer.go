package populationapi

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/population"
)

// match answers a claim, or a batch of claims, field by field.
func (a *API) match(q *request) error {
	claims, batch, err := a.readClaims(q.body)
	if err != nil {
		return err
	}
	verdicts, err := a.Register.Match(q.r.Context(), q.in, claims)
	if err != nil {
		return denied(q.in, a.claimed(claims), err)
	}
	q.about(len(claims))
	if !batch {
		return writeBytes(q, http.StatusOK, append(a.appendVerdict(nil, verdicts[0]), '\n'))
	}
	b := append(make([]byte, 0, 64*len(verdicts)), `{"verdicts":[`...)
	for i, v := range verdicts {
		if i > 0 {
			b = append(b, ',')
		}
		b = a.appendVerdict(b, v)
	}
	return writeBytes(q, http.StatusOK, append(b, "]}\n"...))
}

// claimed are the fields that claims name.
func (a *API) claimed(claims []population.Claim) []population.Field {
	has := map[population.Field]bool{}
	for _, c := range claims {
		has[population.FieldName] = has[population.FieldName] || c.Name != ""
		has[population.FieldBirth] = has[population.FieldBirth] || c.Birth != 0
		for f := range c.Values {
			has[f] = true
		}
	}
	var list []population.Field
	for _, f := range a.order {
		if has[f] {
			list = append(list, f)
		}
	}
	return list
}

func (a *API) appendVerdict(b []byte, v population.Verdict) []byte {
	b = strconv.AppendBool(append(b, `{"found":`...), v.Found)
	if len(v.Fields) > 0 {
		b = append(b, `,"fields":{`...)
		first, left := true, len(v.Fields)
		for _, f := range a.order {
			if left == 0 {
				break
			}
			fits, ok := v.Fields[f]
			if !ok {
				continue
			}
			if !first {
				b = append(b, ',')
			}
			first = false
			left--
			b = append(append(append(b, '"'), f...), `":`...)
			b = strconv.AppendBool(b, fits)
		}
		b = append(b, '}')
	}
	return append(b, '}')
}

// memberAnswer is a member of a household; sex is a code here as everywhere.
type memberAnswer struct {
	Relation string         `json:"relation,omitempty"`
	Number   citizen.Number `json:"number,omitzero"`
	Name     string         `json:"name,omitempty"`
	Birth    citizen.Day    `json:"birth,omitzero"`
	Sex      string         `json:"sex,omitempty"`
}

func memberOf(m population.Member) memberAnswer {
	if m == (population.Member{}) {
		return memberAnswer{}
	}
	return memberAnswer{m.Relation, m.Number, m.Name, m.Birth, strconv.Itoa(int(m.Sex))}
}

func membersOf(list []population.Member) []memberAnswer {
	var out []memberAnswer
	for _, m := range list {
		out = append(out, memberOf(m))
	}
	return out
}

// factsAnswer is {"found": true, "fields": […], "person": {…}}. Fields says what was
// answered: a field that is named there and absent in the person is not known.
type factsAnswer struct {
	Found  bool               `json:"found"`
	AsOf   time.Time          `json:"as_of,omitzero"`
	Fields []population.Field `json:"fields"`
	Person personAnswer       `json:"person"`
}

// personAnswer is a person with what may be told, and nothing else.
type personAnswer struct {
	table *population.FieldTable
	facts *population.Facts
}

func (a *API) answerOf(f population.Facts) factsAnswer {
	answer := factsAnswer{Found: true, AsOf: f.AsOf, Fields: f.Fields, Person: personAnswer{a.Fields, &f}}
	if answer.Fields == nil {
		answer.Fields = []population.Field{}
	}
	return answer
}

// MarshalJSON writes exactly the fields that the register says it answers. What else a
// Person may hold does not get out.
func (p personAnswer) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	member := func(name string, v any) error {
		if v == nil {
			return nil
		}
		text, err := json.Marshal(v)
		if err != nil {
			return err
		}
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = append(append(append(b, '"'), name...), `":`...)
		b = append(b, text...)
		return nil
	}
	for _, f := range p.table.InOrder(p.facts.Fields) {
		line := p.table.Line(f)
		for i := range line.Data {
			d := &line.Data[i]
			if d.Inner {
				continue
			}
			if err := member(d.Member, told(d, &p.facts.Person)); err != nil {
				return nil, err
			}
		}
		if name, v := beside(f, p.facts); v != nil {
			if err := member(name, v); err != nil {
				return nil, err
			}
		}
	}
	return append(b, '}'), nil
}

// told is a datum as answers carry it: sex is a code here, and it is always one.
func told(d *population.Datum, p *population.Person) any {
	if d.Sex != nil {
		return strconv.Itoa(int(*d.Sex(p)))
	}
	return d.Value(p)
}

// beside is what a field tells of others than the person.
func beside(f population.Field, facts *population.Facts) (member string, value any) {
	switch {
	case f == population.FieldHousehold && !facts.Head.IsZero():
		return "head", facts.Head
	case f == population.FieldMembers && len(facts.Members) > 0:
		return "members", membersOf(facts.Members)
	}
	return "", nil
}

func (a *API) facts(q *request) error {
	ask, err := a.readAsk(q.body, true)
	if err != nil {
		return err
	}
	fields := ask.wanted(q.in)
	f, err := a.Register.Facts(q.r.Context(), q.in, ask.key, fields)
	if err != nil {
		return denied(q.in, fields, err)
	}
	q.about(1 + len(f.Members))
	return write(q, http.StatusOK, a.answerOf(f))
}

// wanted are the fields that are asked for: those of "fields", and of "also" those that are
// granted. When that leaves none, all of "also" are, so that the refusal names them: no
// fields would ask for everything.
func (q *ask) wanted(in population.Inquiry) []population.Field {
	fields := slices.Clone(q.fields)
	for _, f := range q.also {
		if grants(in, f) && !slices.Contains(fields, f) {
			fields = append(fields, f)
		}
	}
	if len(fields) == 0 {
		return q.also
	}
	return fields
}

// some answers a service that is a few fields: those that it is about, and those that
// it tells beside when they are granted.
func (a *API) some(q *request, about population.Field, beside ...population.Field) (population.Facts, error) {
	ask, err := a.readAsk(q.body, false)
	if err != nil {
		return population.Facts{}, err
	}
	fields := []population.Field{about}
	for _, f := range beside {
		if grants(q.in, f) {
			fields = append(fields, f)
		}
	}
	f, err := a.Register.Facts(q.r.Context(), q.in, ask.key, fields)
	q.about(1)
	return f, denied(q.in, fields, err)
}

func (a *API) marital(q *request) error {
	f, err := a.some(q, population.FieldMarital, population.FieldSpouse)
	if err != nil {
		return err
	}
	var spouse population.Relative
	if slices.Contains(f.Fields, population.FieldSpouse) {
		spouse = f.Person.Spouse
	}
	return write(q, http.StatusOK, struct {
		Found   bool                `json:"found"`
		AsOf    time.Time           `json:"as_of,omitzero"`
		Marital string              `json:"marital"`
		Spouse  population.Relative `json:"spouse,omitzero"`
	}{true, f.AsOf, f.Person.Marital, spouse})
}

func (a *API) life(q *request) error {
	f, err := a.some(q, population.FieldLife)
	if err != nil {
		return err
	}
	return write(q, http.StatusOK, struct {
		Found bool            `json:"found"`
		AsOf  time.Time       `json:"as_of,omitzero"`
		Life  population.Life `json:"life"`
		Ended citizen.Day     `json:"ended,omitzero"`
	}{true, f.AsOf, f.Person.Life, f.Person.Ended})
}

func (a *API) guardian(q *request) error {
	f, err := a.some(q, population.FieldGuardian)
	if err != nil {
		return err
	}
	return write(q, http.StatusOK, struct {
		Found    bool                 `json:"found"`
		AsOf     time.Time            `json:"as_of,omitzero"`
		Guardian *population.Relative `json:"guardian"`
	}{true, f.AsOf, someone(f.Person.Guardian)})
}

func someone(r population.Relative) *population.Relative {
	if r.IsZero() {
		return nil
	}
	return &r
}

func (a *API) household(q *request) error {
	ask, err := a.readAsk(q.body, false)
	if err != nil {
		return err
	}
	h, err := a.Register.Household(q.r.Context(), q.in, ask.key)
	if err != nil {
		return denied(q.in, []population.Field{population.FieldHousehold, population.FieldMembers}, err)
	}
	q.about(len(h.Members))
	return write(q, http.StatusOK, struct {
		Found   bool             `json:"found"`
		AsOf    time.Time        `json:"as_of,omitzero"`
		Number  string           `json:"number"`
		Place   population.Place `json:"place,omitzero"`
		Head    memberAnswer     `json:"head,omitzero"`
		Members []memberAnswer   `json:"members,omitempty"`
	}{true, h.AsOf, h.Number, h.Place, memberOf(h.Head), membersOf(h.Members)})
}

func (a *API) residence(q *request) error {
	ask, err := a.readAsk(q.body, false)
	if err != nil {
		return err
	}
	r, err := a.Register.Residence(q.r.Context(), q.in, ask.key)
	if err != nil {
		about := []population.Field{
			population.FieldPermanent, population.FieldTemporary, population.FieldPresent, population.FieldHousehold,
		}
		return denied(q.in, about, err)
	}
	q.about(1 + len(r.Members))
	return write(q, http.StatusOK, struct {
		Found          bool                `json:"found"`
		AsOf           time.Time           `json:"as_of,omitzero"`
		Number         citizen.Number      `json:"number,omitzero"`
		Name           string              `json:"name,omitempty"`
		Birth          citizen.Day         `json:"birth,omitzero"`
		Permanent      population.Place    `json:"permanent,omitzero"`
		Since          citizen.Day         `json:"since,omitzero"`
		Temporary      population.Place    `json:"temporary,omitzero"`
		TemporarySince citizen.Day         `json:"temporary_since,omitzero"`
		Present        population.Place    `json:"present,omitzero"`
		Household      string              `json:"household,omitempty"`
		Relation       string              `json:"relation,omitempty"`
		Head           population.Relative `json:"head,omitzero"`
		Members        []memberAnswer      `json:"members,omitempty"`
	}{
		true, r.AsOf, r.Number, r.Name, r.Birth, r.Permanent, r.Since, r.Temporary, r.TempSince, r.Present,
		r.Household, r.Relation, r.Head, membersOf(r.Members),
	})
}

func write(q *request, status int, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return writeBytes(q, status, append(b, '\n'))
}

func writeBytes(q *request, status int, b []byte) error {
	h := q.w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(b)))
	q.w.WriteHeader(status)
	if q.r.Method != http.MethodHead {
		_, _ = q.w.Write(b) // the caller has gone
	}
	return nil
}
