package eform

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/clock"
)

// Person says how somebody of the form becomes known without typing. The ways are tried in
// order.
type Person struct {
	Owner string // "mother"
	From  []Way
}

// Way is one way: the same as another one, kin of somebody as the register has it, or a
// number that was typed.
type Way struct {
	When  *Condition
	Is    string // the same as this owner: "applicant"
	Kin   string // "spouse", "father", "head" …
	Of    string // of this owner
	Typed string // question with the number
}

// Applicant is the owner who fills the form in: of them the account knows the number, by
// proof.
const Applicant = "applicant"

// Meaning says whose fact a question asks for, and where the register has it.
type Meaning struct {
	Owner string // "mother"
	// Fields are the register's fields of which the first that is filled is the answer: of a
	// residence permanent, temporary, present. None: the register does not have it.
	Fields []string
}

// Plan is by what a form is filled from the register.
type Plan struct {
	People   []Person
	Meanings func(id string) (Meaning, bool) // by Question.Meaning
	Self     string                          // the applicant's personal number, proved; "" without proof: nothing is filled
}

// Known is what the register told of one person.
type Known struct {
	Number string
	AsOf   time.Time
	Values map[string]Value  // by field of the register
	Kin    map[string]string // numbers by relation: "spouse", "father", "mother", "guardian", "head"
	// Members are the others of the household; of them it tells little.
	Members []Known
	// Fields are those for which it was asked, kept by Prefill; nil: for all that matter.
	Fields []string
	// Source is who told it; "" is the register.
	Source Source
}

// CardKnown is what the QR code of an identity card tells of its holder. Where they live is
// a text there, and no address.
func CardKnown(qr citizen.CardQR) Known {
	card := CardPaper{Kind: "CCCD", Serial: qr.Number.Reveal(), Issued: qr.Issued.String()}
	if qr.Issued.Whole() && !qr.Issued.Date().Before(identityLaw) {
		card.Kind = "CC"
	}
	return Known{Number: qr.Number.Reveal(), Source: Card, Values: map[string]Value{
		"name": {Text: qr.Name}, "birth": {Text: qr.Birth.String()}, "sex": {Text: strconv.Itoa(int(qr.Sex))}, "cards": {Card: &card},
	}}
}

// identityLaw is the day since which cards are called căn cước (Luật Căn cước 2023, Điều 46).
var identityLaw = clock.MustDate("2024-07-01")

// hasTold says that the register was asked for a field.
func (k Known) hasTold(field string) bool {
	return k.Number != "" && (k.Fields == nil || slices.Contains(k.Fields, field))
}

// Want is somebody of whom the register is to be asked.
type Want struct {
	Owner  string
	Number string
	// Tell says that facts may be shown: it is the applicant, or somebody whom the register
	// ties to them. Of others it is only asked whether number, name and birth fit.
	Tell        bool
	Fields      []string // to ask for, those that lead to kin among them; sorted
	Name, Birth string   // what was typed, to be matched
	Path        string   // of the question with the typed number; "" for none
}

// kinFields are the fields of the register in which a relation stands.
var kinFields = map[string]string{
	"spouse": "spouse", "father": "father", "mother": "mother", "guardian": "guardian", "head": "household", kinMember: "members",
}

// kinMember is the relation of those who are in the applicant's household. They fill the
// rows of a repeated section.
const kinMember = "member"

// Wanted lists of whom the register is to be asked now, with only those fields that the
// form has now. known holds, by number, what it told before: kin are found in it.
func (f *Form) Wanted(a Answers, facts Facts, plan Plan, known map[string]Known) []Want {
	fields := f.Fields(a, facts)
	need := plan.fields(fields)
	inRows := f.ownersOfRows(a, facts, plan)
	view := f.View(a, facts)
	who := map[string]Want{}
	var order []string
	var find func(owner string, seen []string) (Want, bool)
	find = func(owner string, seen []string) (Want, bool) {
		if w, ok := who[owner]; ok {
			return w, w.Number != ""
		}
		if slices.Contains(seen, owner) {
			return Want{}, false
		}
		seen = append(slices.Clone(seen), owner)
		w := Want{Owner: owner}
		if owner == Applicant {
			w.Number, w.Tell = plan.Self, plan.Self != ""
		}
		for _, way := range plan.waysOf(owner) {
			if w.Number != "" {
				break
			}
			if way.When != nil && !way.When.Holds(view) {
				continue
			}
			switch {
			case way.Is != "":
				if same, ok := find(way.Is, seen); ok {
					w.Number, w.Tell, w.Path = same.Number, same.Tell, same.Path
				}
			case way.Kin != "":
				// Kin of the applicant alone are told of: kin of kin are others.
				if of, ok := find(way.Of, seen); ok && of.Tell && of.Number == plan.Self {
					if !known[of.Number].hasTold(kinFields[way.Kin]) {
						who[owner] = w // nobody knows yet: no later way is tried
						order = append(order, owner)
						return w, false
					}
					w.Number = known[of.Number].Kin[way.Kin]
					w.Tell = w.Number != ""
				}
			case way.Typed != "":
				if v, ok := view.Value(way.Typed); ok && a[way.Typed].Source != Register {
					w.Number, w.Path = v.Text, way.Typed
					w.Tell = plan.tied(known, v.Text)
				}
			}
		}
		who[owner] = w
		order = append(order, owner)
		return w, w.Number != ""
	}
	for _, p := range plan.People {
		find(p.Owner, nil)
	}
	for owner := range need {
		if owner == Applicant {
			find(owner, nil)
		}
	}
	var out []Want
	for _, owner := range order {
		w := who[owner]
		ask := need[owner]
		for _, p := range plan.People {
			for _, way := range p.From {
				if field := kinFields[way.Kin]; field != "" && w.Number == plan.Self && w.Tell && who[way.Of].Number == w.Number &&
					(len(need[p.Owner]) > 0 || len(inRows[p.Owner]) > 0) &&
					(way.When == nil || way.When.Holds(view)) {
					ask = append(ask, field)
				}
			}
		}
		slices.Sort(ask)
		if w.Fields = slices.Compact(ask); w.Number == "" || len(w.Fields) == 0 {
			continue
		}
		if !w.Tell {
			w.Fields = nil
			if w.Name, w.Birth = plan.said(fields, owner); w.Name == "" || w.Birth == "" {
				continue
			}
		}
		out = append(out, w)
	}
	return out
}

func (p Plan) waysOf(owner string) []Way {
	for _, person := range p.People {
		if person.Owner == owner {
			return person.From
		}
	}
	return nil
}

// tied says that the register ties a number to the applicant.
func (p Plan) tied(known map[string]Known, number string) bool {
	if number == "" || p.Self == "" {
		return false
	}
	for _, kin := range known[p.Self].Kin {
		if kin == number {
			return true
		}
	}
	return number == p.Self
}

func (p Plan) meaning(q *Question) (Meaning, bool) {
	if q.Meaning == "" || p.Meanings == nil {
		return Meaning{}, false
	}
	return p.Meanings(q.Meaning)
}

// sources are the meanings of which a question's answer may come: its own, or those that
// it follows.
func (p Plan) sources(q *Question) []Meaning {
	if len(q.Follows) == 0 || p.Meanings == nil {
		if m, ok := p.meaning(q); ok {
			return []Meaning{m}
		}
		return nil
	}
	var out []Meaning
	for _, id := range q.Follows {
		if m, ok := p.Meanings(id); ok {
			out = append(out, m)
		}
	}
	return out
}

// fields are what the form has of each owner now, by fields of the register.
func (p Plan) fields(all []Asked) map[string][]string {
	need := map[string][]string{}
	for _, q := range all {
		if q.Row > 0 {
			continue
		}
		for _, m := range p.sources(q.Question) {
			need[m.Owner] = append(need[m.Owner], m.Fields...)
		}
	}
	return need
}

// said are name and birth of an owner as they stand in the form.
func (p Plan) said(all []Asked, owner string) (name, birth string) {
	for _, q := range all {
		m, ok := p.meaning(q.Question)
		if !ok || m.Owner != owner || !q.Given() || q.Row > 0 || q.Answer.Source == Register {
			continue
		}
		switch {
		case slices.Contains(m.Fields, "name"):
			name = q.Answer.Value.Text
		case slices.Contains(m.Fields, "birth"):
			birth = q.Answer.Value.Text
		}
	}
	return name, birth
}

// Fill puts what the register told of an owner into the form, as far as the form asks for
// it now. What a person typed is kept, beside what the register says, except where the
// question is locked: there the register's value stands, and the typed one beside it. What
// the register told of somebody else for this owner, or does not tell any more, goes.
func (f *Form) Fill(a Answers, facts Facts, plan Plan, owner string, known Known, at time.Time) Answers {
	out := maps.Clone(a)
	if out == nil {
		out = Answers{}
	}
	for _, q := range f.Fields(a, facts) {
		m, ok := plan.meaning(q.Question)
		if !ok || m.Owner != owner || q.Row > 0 || len(q.Question.Follows) > 0 {
			continue
		}
		put(out, q, m.Fields, known, at)
	}
	return out
}

// put fills one field.
func put(out Answers, q Asked, fields []string, known Known, at time.Time) {
	value, fact, told := pick(q.Question, fields, known)
	was, has := out[q.Path]
	if value.IsZero() {
		if has && was.Source == Register && known.Source == "" && (told || was.Person != known.Number) {
			restore(out, q.Path, was)
		}
		return
	}
	if has && was.Source != Register && was.Value.Same(value) && fact == "number" {
		return // by the number that was typed they are known: it stays typed
	}
	source := cmp.Or(known.Source, Register)
	place(out, q, Answer{
		Value: value, Source: source, At: at, AsOf: known.AsOf, Fact: fact, Person: known.Number, Locked: q.Question.Locked && source == Register,
	})
}

// place sets what arrived beside, or instead of, what there is.
func place(out Answers, q Asked, next Answer) {
	was, has := out[q.Path]
	switch {
	case !has || was.Value.IsZero():
	case next.Source == Card && was.Source == Register:
		return // the register knows better than what was printed
	case was.Source == Register || was.Source == System || was.Source == Card && next.Source == Card:
		next.Before = was.Before
		if was.Person == next.Person && was.Value.Same(next.Value) {
			next.Seen, next.Wrong = was.Seen, was.Wrong
		}
	case was.Value.Same(next.Value):
		next.Seen = true
	case was.Source == Officer:
		return
	case q.Question.Locked && next.Source == Register:
		next.Before = &Earlier{Value: was.Value, Source: was.Source, At: was.At}
	default:
		was.Offered = nil
		was.Before = &Earlier{Value: next.Value, Source: next.Source, At: next.At, AsOf: next.AsOf, Fact: next.Fact}
		out[q.Path] = was
		return
	}
	out[q.Path] = next
}

// restore takes the register's value away, and puts back what a person had typed.
func restore(out Answers, path string, was Answer) {
	if was.Before != nil && was.Before.Source != Register && was.Before.Source != System {
		out[path] = Answer{Value: was.Before.Value, Source: was.Before.Source, At: was.Before.At}
		return
	}
	delete(out, path)
}

// pick is the first field that is filled, as the question's kind takes it. told says that
// the register was asked for all of them.
func pick(q *Question, fields []string, known Known) (v Value, fact string, told bool) {
	told = len(fields) > 0
	for _, field := range fields {
		value, has := known.Values[field]
		if field == "number" && !has {
			value, has = Value{Text: known.Number}, known.Number != ""
		}
		told = told && has
		if value = suits(q, value); has && !value.IsZero() {
			return value, field, true
		}
	}
	return Value{}, "", told
}

// suits is a value of the register as a question takes it; zero when it is of another kind,
// or says that nothing is known.
func suits(q *Question, v Value) Value {
	switch q.Kind {
	case KindAddress:
		if v.Place == nil || v.Place.Commune == "" && v.Place.Detail == "" && v.Place.Province == "" {
			return Value{}
		}
		place := *v.Place
		return Value{Place: &place}
	case KindCard:
		if v.Card == nil || v.Card.Serial == "" {
			return Value{}
		}
		card := *v.Card
		return Value{Card: &card}
	case KindCode:
		list, _ := ListOf(q.List)
		if item, ok := list.Find(v.Text); ok && item.Unsaid {
			return Value{}
		}
	case KindChoice:
		if !slices.ContainsFunc(q.Options, func(o Option) bool { return o.Value == v.Text }) {
			return Value{} // such as a sex that is not known
		}
	case KindYes:
		if v.Text != "yes" && v.Text != "no" {
			return Value{}
		}
	case KindFile:
		return Value{}
	}
	return Value{Text: strings.TrimSpace(v.Text)}
}

// Offer fills, or offers, what is taken from one of several owners: equal in all of them it
// is filled, else one is chosen; of one owner alone it is theirs. While a fact of one of
// them is not known it is asked as any question.
func (f *Form) Offer(a Answers, facts Facts, plan Plan, people map[string]Known, at time.Time) Answers {
	out := maps.Clone(a)
	if out == nil {
		out = Answers{}
	}
	fields := f.Fields(a, facts)
	for _, q := range fields {
		if len(q.Question.Follows) == 0 || q.Row > 0 {
			continue
		}
		offers, whole := plan.offers(fields, q.Question, people)
		was := out[q.Path]
		switch {
		case !whole || len(offers) == 0:
			if was.Source == Register || was.Source == System {
				restore(out, q.Path, was)
			} else if len(was.Offered) > 0 {
				was.Offered = nil
				out[q.Path] = was
			}
		case len(offers) == 1:
			o := offers[0]
			next := Answer{Value: o.Value, Source: Register, At: at, AsOf: o.AsOf, Fact: o.Fact, Locked: q.Question.Locked}
			if o.Fact == "" { // both parents' were typed
				next.Source = System
			}
			place(out, q, next)
		default:
			if was.Source == Register || was.Source == System {
				restore(out, q.Path, was)
				was = out[q.Path]
			}
			if was.Source == "" {
				was.Source, was.At = Typed, at
			}
			was.Offered = offers
			out[q.Path] = was
		}
	}
	return out
}

// offers are the different values of a fact, with whose each is. whole is false while that
// of somebody whom the form asks about is not known.
func (p Plan) offers(all []Asked, q *Question, people map[string]Known) (out []Offer, whole bool) {
	for _, m := range p.sources(q) {
		v, fact, asOf := p.factOf(all, q, m, people)
		if v.IsZero() {
			if p.present(all, m.Owner) {
				return nil, false
			}
			continue
		}
		if i := slices.IndexFunc(out, func(o Offer) bool { return o.Value.Same(v) }); i >= 0 {
			out[i].Of = append(out[i].Of, m.Owner)
			if out[i].Fact == "" {
				out[i].Fact, out[i].AsOf = fact, asOf
			}
			continue
		}
		out = append(out, Offer{Value: v, Of: []string{m.Owner}, Fact: fact, AsOf: asOf})
	}
	return out, true
}

// factOf is the fact of an owner: as the register told it, else as the form has it.
func (p Plan) factOf(all []Asked, q *Question, m Meaning, people map[string]Known) (Value, string, time.Time) {
	if k, ok := people[m.Owner]; ok {
		if v, fact, _ := pick(q, m.Fields, k); !v.IsZero() {
			return v, fact, k.AsOf
		}
	}
	for _, other := range all {
		om, ok := p.meaning(other.Question)
		if ok && om.Owner == m.Owner && slices.Equal(om.Fields, m.Fields) && other.Given() && other.Question.Kind == q.Kind {
			return other.Answer.Value.Clone(), other.Answer.Fact, other.Answer.AsOf
		}
	}
	return Value{}, "", time.Time{}
}

// present says that the form asks about somebody now.
func (p Plan) present(all []Asked, owner string) bool {
	return slices.ContainsFunc(all, func(q Asked) bool {
		m, ok := p.meaning(q.Question)
		return ok && m.Owner == owner && q.Row == 0
	})
}

// Prefill fills a form by asking: of the applicant, of those whom the register ties to
// them, and whether others are who they are said to be. It asks for each person once in a
// call, and goes on where an answer opens new questions. What had come of somebody who is
// not meant any more goes. An error of ask or match ends it; what was filled until then is
// given too.
func (f *Form) Prefill(a Answers, facts Facts, plan Plan, at time.Time,
	ask func(Want) (Known, bool, error), match func(Want) (bool, error),
) (Answers, error) {
	known := map[string]Known{}
	asked := map[string][]string{}
	matched, nobody := map[string]bool{}, map[string]bool{}
	for range rounds {
		people := map[string]Known{}
		news := false
		wants := f.Wanted(a, facts, plan, known)
		for _, w := range wants {
			if !w.Tell {
				n, err := f.matchOne(&a, w, at, matched, match)
				news = news || n
				if err != nil {
					return a, err
				}
				continue
			}
			more := slices.ContainsFunc(w.Fields, func(field string) bool { return !slices.Contains(asked[w.Number], field) })
			if more {
				fields := append(slices.Clone(asked[w.Number]), w.Fields...)
				slices.Sort(fields)
				w.Fields = slices.Compact(fields)
				k, ok, err := ask(w)
				if err != nil {
					return a, err
				}
				asked[w.Number], news = w.Fields, true
				nobody[w.Number] = !ok
				k.Number, k.Fields = w.Number, w.Fields
				known[w.Number] = k
			}
			if !nobody[w.Number] {
				people[w.Owner] = known[w.Number]
			}
		}
		before := a
		for _, owner := range slices.Sorted(maps.Keys(people)) {
			a = f.Fill(a, facts, plan, owner, people[owner], at)
		}
		if news {
			continue // who stands where is known when nobody is left to be asked
		}
		a = f.forget(a, facts, plan, people)
		a = f.Offer(a, facts, plan, people, at)
		if plan.Self != "" {
			a = f.household(a, facts, plan, known[plan.Self], at)
		}
		if reflect.DeepEqual(a, before) {
			break
		}
	}
	return f.Computed(a, facts, at), nil
}

// rounds bounds how often answers that open questions are followed.
const rounds = 8

// matchOne asks whether somebody who was typed is who they are said to be, once for each
// number, name and birth.
func (f *Form) matchOne(a *Answers, w Want, at time.Time, done map[string]bool, match func(Want) (bool, error)) (bool, error) {
	key := MatchOf(w.Number, w.Name, w.Birth)
	was, ok := (*a)[w.Path]
	if !ok || was.Match != nil && was.Match.For == key || done[key] || match == nil {
		return false, nil
	}
	is, err := match(w)
	if err != nil {
		return false, err
	}
	done[key] = true
	out := maps.Clone(*a)
	was.Match = &Match{Is: is, For: key, At: at}
	out[w.Path] = was
	*a = out
	return true, nil
}

// MatchOf is what Match.For says of a number, name and birth.
func MatchOf(number, name, birth string) string {
	sum := sha256.Sum256([]byte(number + "\x00" + name + "\x00" + birth))
	return hex.EncodeToString(sum[:16])
}

// forget takes away what the register told of somebody who does not stand there any more.
func (f *Form) forget(a Answers, facts Facts, plan Plan, people map[string]Known) Answers {
	out := maps.Clone(a)
	for _, q := range f.Fields(a, facts) {
		m, ok := plan.meaning(q.Question)
		was := q.Answer
		if !ok || was.Source != Register || was.Person == "" || q.Row > 0 {
			continue
		}
		if people[m.Owner].Number != was.Person {
			restore(out, q.Path, was)
		}
	}
	return out
}
