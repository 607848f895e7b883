package population

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
)

// ReportKinds are the events that other agencies report through the exchange, as their
// procedures end with them.
var ReportKinds = []Kind{Birth, Death, Marriage, MovePerm, MoveTemp, MovePresent}

// MaxItem is how many events of one kind a dossier may have: twins are two births.
const MaxItem = 9

// Reporting is the word by which a right lets a subsystem report a kind of events: it
// stands among the fields of a right to the service "events", beside those of persons,
// which say what the facts of questions may tell.
func Reporting(k Kind) Field { return Field("event." + string(k)) }

// Reported says who reported an event, and what they said.
type Reported struct {
	Client  string `json:"client"` // the subsystem, "VN/GOV/H55/TTHC"
	Purpose string `json:"purpose,omitempty"`
	Dossier string `json:"dossier"`
	Item    int    `json:"item,omitempty"` // which event of its kind in the dossier, from 1
	// Said is what was reported, member by member, so that the same is known again.
	Said map[string]string `json:"said"`
}

// Report is an event that another agency reports.
type Report struct {
	Event Event // of ReportKinds; ID, By and so on are the register's to give
	Item  int   // which event of its kind in the dossier, from 1
	// Keys are the persons whom the event names, and where: each must be who the report
	// says, by number and name.
	Keys []ReportKey
}

// ReportKey is a person whom a report names. Field is the member of the message.
type ReportKey struct {
	Field string
	Key
}

// Report records an event that an agency reports, and the same report again is answered
// as the first time (Recorded.Again): client, dossier, kind and item are one event. It
// fails with Denied when the right does not name the kind, Invalid for what is missing or
// breaks a rule, NotFound ("population.person.not_found") when a number is not the named
// person's, Conflict ("population.report.differs", Args "members") when the dossier has
// this event with another content, and Questions while something that is asked has no
// answer; their facts are cut to what the right grants. Whoever the report is about, or
// of whom a question tells, is looked up, whatever the outcome.
func (r *Register) Report(ctx context.Context, in Inquiry, p Report) (Recorded, error) {
	in.Service = ServiceEvents
	if err := r.mayReport(ctx, in, p.Event.Kind); err != nil {
		return Recorded{}, err
	}
	p.Item = max(1, p.Item)
	if err := p.check(in); err != nil {
		return Recorded{}, r.refuse(ctx, in, nil, len(p.Keys), err)
	}
	about, err := r.meansAll(ctx, in, p.Keys)
	if err != nil {
		return Recorded{}, err
	}
	e := p.Event
	e.ID = r.reportID(in, e.Kind, p.Item)
	e.Reported = &Reported{Client: in.Client, Purpose: in.Purpose, Dossier: in.Dossier, Item: p.Item, Said: r.Fields.said(&e)}
	out, err := r.report(ctx, in.By, e)
	var open Questions
	switch {
	case errors.As(err, &open):
		return Recorded{}, r.tell(ctx, in, open, about)
	case err != nil && fault.As(err) != nil:
		return Recorded{}, r.refused(ctx, in, about, err)
	case err != nil:
		return Recorded{}, err
	}
	if out.Again {
		if out.Annulled, err = r.gone(ctx, &out.Event); err != nil {
			return Recorded{}, err
		}
		if other := differing(e.Reported.Said, out.Event); len(other) > 0 {
			args := fault.Args{"members": strings.Join(other, ", ")}
			return Recorded{}, r.refused(ctx, in, about, fault.New(fault.Conflict, "population.report.differs", args))
		}
	}
	return out, r.log(ctx, in, nil, len(about), Answered, append(about, out.Event.numbers()...))
}

// gone says that an event was annulled.
func (r *Register) gone(ctx context.Context, e *Event) (bool, error) {
	for _, n := range e.numbers() {
		events, err := r.Store.Events(ctx, n)
		if err != nil || annulled(events, time.Time{})[e.ID] != nil {
			return err == nil, err
		}
	}
	return false, nil
}

// numbers are the persons for whom something follows.
func (e *Event) numbers() []citizen.Number {
	var out []citizen.Number
	for i := range e.Parts {
		out = append(out, e.Parts[i].Number)
	}
	return out
}

// mayReport fails with Denied unless the right names the kind; that it does not is logged.
func (r *Register) mayReport(ctx context.Context, in Inquiry, k Kind) error {
	if err := r.may(ctx, in, ReportEvent); err != nil {
		return err
	}
	switch {
	case !slices.Contains(ReportKinds, k):
		return r.refuse(ctx, in, nil, 1, fault.New(fault.Invalid, "population.report.kind", nil).At("kind"))
	case !in.grants(Reporting(k)):
		args := fault.Args{"fields": string(Reporting(k))}
		return r.refuse(ctx, in, nil, 1, fault.New(fault.Denied, "population.report.denied", args))
	}
	return nil
}

// check says what is missing for whoever reads the record later: who reported it, in which
// dossier, on which paper.
func (p *Report) check(in Inquiry) error {
	var l fault.List
	add := func(bad bool, field, key string, args fault.Args) {
		if bad {
			l = append(l, fault.New(fault.Invalid, key, args).At(field))
		}
	}
	add(strings.TrimSpace(in.By.Name) == "" || !plain(in.By.Name), "X-Road-UserId", "population.report.officer", nil)
	add(!dossierNamed(in.Dossier), "X-Road-Issue", "population.report.dossier", fault.Args{"max": MaxDossier})
	add(letters(p.Event.Basis) == 0 || !plain(p.Event.Basis), "basis", "population.report.basis", nil)
	add(p.Item > MaxItem, "item", "population.report.item", fault.Args{"max": MaxItem})
	for _, k := range p.Keys {
		add(k.Number.IsZero(), k.Field+".number", "population.event.number", nil)
		add(letters(k.Name) == 0, k.Field+".name", "population.report.name", nil)
	}
	return l.Err()
}

// meansAll finds all whom a report names, or nobody: a number with another's name is a
// slip, or somebody who tries numbers out.
func (r *Register) meansAll(ctx context.Context, in Inquiry, keys []ReportKey) ([]citizen.Number, error) {
	numbers := make([]citizen.Number, len(keys))
	for i, k := range keys {
		numbers[i] = k.Number
	}
	found, err := r.Store.Persons(ctx, numbers, []Field{FieldName, FieldBirth, FieldOldNumber})
	if err != nil {
		return nil, err
	}
	held := map[citizen.Number]*Person{}
	for i := range found {
		held[found[i].Number] = &found[i]
	}
	for i, k := range keys {
		if meant(held, numbers[i:i+1], k.Key) == nil {
			if err := r.log(ctx, in, nil, len(keys), NotFound, known(held, numbers)); err != nil {
				return nil, err
			}
			return nil, fault.New(fault.NotFound, "population.person.not_found", nil).At(k.Field)
		}
	}
	return numbers, nil
}

// reportID is the event's id: the same for the same dossier, and nobody else can make it.
func (r *Register) reportID(in Inquiry, k Kind, item int) string {
	h := hmac.New(sha256.New, r.NumberKey)
	for _, part := range []string{"report", in.Client, in.Dossier, string(k), strconv.Itoa(item)} {
		_, _ = h.Write([]byte(part + "\x00"))
	}
	return "r-" + hex.EncodeToString(h.Sum(nil)[:24])
}

// report records an event, with the answers that are choices put where the rules look for
// them: who is the next head, and what others are to them.
func (r *Register) report(ctx context.Context, a actor.Actor, e Event) (out Recorded, err error) {
	for {
		err = r.write(ctx, a, e, &out, nil)
		var open Questions
		if !errors.As(err, &open) || !e.choose(open) {
			if wrong := e.mischosen(open); wrong != nil {
				return out, wrong
			}
			return out, err
		}
	}
}

// mischosen are the answers to questions that want a choice and got none that there is.
func (e *Event) mischosen(open Questions) error {
	var l fault.List
	for i := range open {
		q := &open[i]
		if e.Answers[q.Code] == "" {
			continue
		}
		why := fault.New(fault.Invalid, "population.report.choice", fault.Args{"max": len(q.Facts)})
		if !q.Of.IsZero() {
			why = fault.New(fault.Invalid, "population.report.relation", nil)
		}
		if q.Chosen() {
			l = append(l, why.At("answers."+q.Code))
		}
	}
	return l.Err()
}

// choose takes the answers to questions that want a choice; false when there is no new one.
func (e *Event) choose(open Questions) bool {
	relations := maps.Clone(e.Relations)
	if relations == nil {
		relations = map[citizen.Number]string{}
	}
	before := len(relations)
	for i := range open {
		q, answer := &open[i], e.Answers[open[i].Code]
		n, err := strconv.Atoi(answer)
		switch {
		case !q.Of.IsZero() && IsRelation(answer) && answer != HeadOfHousehold:
			relations[q.Of] = answer
		case q.Kind == HeadNext && err == nil && n >= 1 && n <= len(q.Facts):
			relations[q.Facts[n-1].Number] = HeadOfHousehold
		}
	}
	e.Relations = relations
	return len(relations) > before
}

// tell gives questions with the facts that a right grants, and logs what was told of whom.
func (r *Register) tell(ctx context.Context, in Inquiry, open Questions, about []citizen.Number) error {
	if err := r.nameFacts(ctx, open); err != nil {
		return err
	}
	for i := range open {
		for j := range open[i].Facts {
			in.cut(r.Fields, &open[i].Facts[j])
		}
	}
	all := append(slices.Clone(about), open.About()...)
	if err := r.log(ctx, in, open.Told(r.Fields), len(all), Answered, all); err != nil {
		return err
	}
	return open
}

// cut leaves of a fact what a right grants. The number stays for the log of look-ups;
// who writes the answer asks whether it is among the fields.
func (in *Inquiry) cut(t *FieldTable, f *Fact) {
	f.Fields = slices.DeleteFunc(slices.Clone(f.Fields), func(field Field) bool { return !in.grants(field) })
	f.Person = t.Only(&f.Person, f.Fields)
	if f.Past != nil && !in.grants(Reporting(f.Past.Kind)) {
		f.Past = nil
	}
}

// refused logs that a report was refused, for those whom it is about, and gives the
// reason without what the right does not grant: on which day somebody died.
func (r *Register) refused(ctx context.Context, in Inquiry, about []citizen.Number, why error) error {
	if err := r.log(ctx, in, nil, len(about), Refused, about); err != nil {
		return err
	}
	list, ok := why.(fault.List) //nolint:errorlint // the register gives the list itself
	if !ok || in.grants(FieldLife) {
		return why
	}
	out := make(fault.List, len(list))
	for i, f := range list {
		out[i] = f
		if _, told := f.Args["day"]; told {
			out[i] = fault.New(f.Kind, f.Key, fault.Args{"day": "…"}).At(f.Field)
		}
	}
	return out
}

// said is what a report says, member by member: days, papers, numbers, values of the
// facts. Answers to questions are no part of it.
func (t *FieldTable) said(e *Event) map[string]string {
	out := map[string]string{"on": e.On.String(), "basis": citizen.Spell(e.Basis)}
	if e.Kind == MoveTemp && e.Facts.Temporary.IsZero() {
		out["end"] = "true"
	}
	put := func(name, value string) {
		if value = citizen.Spell(value); value != "" {
			out[name] = value
		}
	}
	reveal := func(n citizen.Number) string {
		if n.IsZero() {
			return ""
		}
		return n.Reveal()
	}
	put("person", reveal(e.Number))
	put("spouse", reveal(e.Other))
	var members []string
	for _, n := range e.Members {
		members = append(members, reveal(n)+" "+e.Relations[n])
	}
	slices.Sort(members)
	put("members", strings.Join(members, ", "))
	row := t.Row(&e.Facts)
	for i, column := range t.Columns() {
		put(e.Kind.member(column), row[i])
	}
	return out
}

// member is the name that the message of a report has for a column of a person.
func (k Kind) member(column string) string {
	if k != Birth {
		for _, place := range []string{"permanent", "temporary", "present"} {
			if rest, ok := strings.CutPrefix(column, place); ok {
				return "place" + rest
			}
		}
		return column
	}
	for _, parent := range []string{"mother", "father"} {
		if rest, ok := strings.CutPrefix(column, parent+"_"); ok {
			return parent + "." + rest
		}
	}
	if column == "household" || column == "relation" {
		return column
	}
	return "child." + column
}

// differing are the members in which a report is another than the recorded one.
func differing(said map[string]string, had Event) []string {
	if had.Reported == nil {
		return []string{"kind"}
	}
	names := map[string]bool{}
	for name, value := range said {
		names[name] = names[name] || had.Reported.Said[name] != value
	}
	for name, value := range had.Reported.Said {
		names[name] = names[name] || said[name] != value
	}
	return slices.DeleteFunc(slices.Sorted(maps.Keys(names)), func(name string) bool { return !names[name] })
}

// ReportsOf are the events that the caller's dossier has here, for a caller who lost the
// answer. It fails with Denied, and with NotFound ("population.report.not_found").
func (r *Register) ReportsOf(ctx context.Context, in Inquiry, dossier string) ([]Recorded, error) {
	in.Service, in.Dossier = ServiceEvents, dossier
	if err := r.may(ctx, in, ReportEvent); err != nil {
		return nil, err
	}
	var out []Recorded
	var about []citizen.Number
	for _, k := range ReportKinds {
		if !in.grants(Reporting(k)) {
			continue
		}
		for item := 1; item <= MaxItem; item++ {
			e, err := r.Store.Event(ctx, r.reportID(in, k, item))
			switch {
			case fault.Of(err) == fault.NotFound:
				continue
			case err != nil:
				return nil, fmt.Errorf("read the events of a dossier: %w", err)
			}
			gone, err := r.gone(ctx, &e)
			if err != nil {
				return nil, err
			}
			out, about = append(out, Recorded{Event: e, Again: true, Annulled: gone}), append(about, e.numbers()...)
		}
	}
	if len(out) == 0 {
		if err := r.log(ctx, in, nil, 1, NotFound, nil); err != nil {
			return nil, err
		}
		return nil, fault.New(fault.NotFound, "population.report.not_found", nil)
	}
	return out, r.log(ctx, in, nil, len(about), Answered, about)
}
