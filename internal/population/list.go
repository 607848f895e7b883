package population

import (
	"context"
	"errors"
	"io"
	"slices"

	"dean06/internal/citizen"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sheet"
)

// RequestList asks for a list, which is put together in the background. It fails with
// Denied naming fields that are not granted, and Invalid when the question is not whole.
func (r *Register) RequestList(ctx context.Context, in Inquiry, q ListQuery) (List, error) {
	in.Service = ServiceList
	if err := r.may(ctx, in, Answer); err != nil {
		return List{}, err
	}
	if len(q.Fields) == 0 {
		q.Fields = in.all(r.Fields)
	}
	for _, f := range q.Fields {
		if !r.Fields.Has(f) {
			err := fault.New(fault.Invalid, "population.field.unknown", fault.Args{"field": string(f)})
			return List{}, r.refuse(ctx, in, nil, 0, err)
		}
	}
	q.Fields = slices.DeleteFunc(r.Fields.InOrder(q.Fields), func(f Field) bool { return f == FieldMembers })
	err := in.allowsAll(q.Fields)
	if err == nil {
		_, err = r.selection(&q)
	}
	if err != nil {
		return List{}, r.refuse(ctx, in, q.Fields, 0, err)
	}
	at := r.Clock.Now()
	l := List{
		ID: r.NewID(), Client: in.Client, Agency: in.By.Agency, Officer: in.Officer(), Purpose: in.Purpose, Dossier: in.Dossier,
		RequestID: in.RequestID, Query: q, State: ListWaiting, RequestedAt: at,
		Steps: []ListStep{{State: ListWaiting, At: at, Officer: in.Officer()}},
	}
	return l, r.Store.SaveList(ctx, l, in.Granted)
}

// selection says whom a question means, and writes its code as the lists of codes have
// it. What a question holds is applied or refused, never left.
func (r *Register) selection(q *ListQuery) (Selection, error) {
	s := Selection{Living: true, Fields: []Field{FieldBirth, FieldPermanent}}
	if err := r.selectPlace(q, &s); err != nil {
		return s, err
	}
	if err := r.selectAges(q, &s); err != nil {
		return s, err
	}
	codes := citizen.Codes()
	var list citizen.CodeList
	var to *string
	switch q.Kind {
	case ListByPlace, ListByAge:
		if q.Code != "" {
			return s, fault.New(fault.Invalid, "population.list.no_code", nil).At("code")
		}
		return s, nil
	case ListByBlood:
		list, to = codes.Blood, &s.Blood
	case ListByEthnicity:
		list, to = codes.Ethnicity, &s.Ethnicity
	case ListByReligion:
		list, to = codes.Religion, &s.Religion
	case ListBySex:
	default:
		return s, fault.New(fault.Invalid, "population.list.kind", nil).At("kind")
	}
	unknown := fault.New(fault.Invalid, "population.code.unknown", fault.Args{"code": cut(q.Code, 20)}).At("code")
	switch {
	case q.Code == "":
		return s, fault.New(fault.Invalid, "population.list.code", nil).At("code")
	case to != nil && list.Has(q.Code):
	case to != nil && list.Has("0"+q.Code): // older systems leave the zero out
		q.Code = "0" + q.Code
	case to != nil:
		return s, unknown
	case q.Code != "1" && q.Code != "2":
		return s, unknown
	default:
		s.Sex = citizen.Sex(q.Code[0] - '0')
		return s, nil
	}
	*to = q.Code
	return s, nil
}

func (r *Register) selectPlace(q *ListQuery, s *Selection) error {
	switch len(q.Place) {
	case 0:
		if q.Kind == ListByPlace {
			return fault.New(fault.Invalid, "population.list.place", nil).At("place")
		}
	case 2:
		s.Provinces = r.Units.SameProvince(q.Place)
	case 5:
		if _, ok := r.Units.Commune(q.Place, clock.Date{}); ok {
			s.Communes = r.alsoNow([]string{q.Place})
		}
	}
	if q.Place != "" && s.Provinces == nil && s.Communes == nil {
		return fault.New(fault.Invalid, "population.place.unknown", fault.Args{"code": cut(q.Place, 20)}).At("place")
	}
	return r.checkWhere(q)
}

// checkWhere refuses a province or a district in which the commune of a list has never been.
func (r *Register) checkWhere(q *ListQuery) error {
	lay := func(in func(Unit) bool) bool { return slices.ContainsFunc(r.Units.Coded(q.Place), in) }
	elsewhere := func(code, field string) error {
		args := fault.Args{"place": q.Place, "code": cut(code, 20)}
		return fault.New(fault.Invalid, "population.list.elsewhere", args).At(field)
	}
	if q.Province != "" && q.Province != q.Place && !lay(func(u Unit) bool { return u.Province == q.Province }) {
		return elsewhere(q.Province, "province")
	}
	if q.District != "" && !lay(func(u Unit) bool { return u.District == q.District }) {
		return elsewhere(q.District, "district")
	}
	return nil
}

// maxAge is the oldest that a list asks for by its ends.
const maxAge = 150

// selectAges says who is of an age today. A birth of which only the year, or year and
// month, is known counts as its first day.
func (r *Register) selectAges(q *ListQuery, s *Selection) error {
	from, to := q.AgeFrom, q.AgeTo
	switch {
	case q.Kind == ListByAge && from == nil && to == nil:
		return fault.New(fault.Invalid, "population.list.no_age", nil).At("age_from")
	case from != nil && (*from < 0 || *from > maxAge), from != nil && to != nil && *from > *to:
		return fault.New(fault.Invalid, "population.list.age", nil).At("age_from")
	case to != nil && (*to < 0 || *to > maxAge):
		return fault.New(fault.Invalid, "population.list.age", nil).At("age_to")
	}
	today := clock.DayOf(r.Clock.Now())
	if from != nil {
		s.BornUntil = citizen.DayFrom(citizen.BornBy(today, *from))
	}
	if to != nil { // born after those who are a year older
		s.BornFrom = firstPart(citizen.DayFrom(citizen.BornBy(today, *to+1).AddDays(1)))
	}
	return nil
}

// firstPart is the day before which nobody counts as born on a day: 1990 and 1990-01 count
// as 1990-01-01, and are stored as smaller.
func firstPart(d citizen.Day) citizen.Day {
	switch {
	case d%10000 == 101:
		return d - 101
	case d%100 == 1:
		return d - 1
	}
	return d
}

// within says that somebody whom the store selected is really meant: codes of units
// are used again for others.
func (r *Register) within(p *Person, q ListQuery) bool {
	switch len(q.Place) {
	case 2:
		return r.inProvince(p.Permanent, q.Place)
	case 5:
		return r.samePlace(q.Place, p.Permanent)
	}
	return true
}

// listChunk is how many people one entry of the log of look-ups is about.
const listChunk = 5000

// errStopped ends a list that was deleted while it was put together.
var errStopped = errors.New("the list was deleted")

// RunList puts a list together; the handler of its job calls it, and calls it again
// after a fall. progress may be nil.
func (r *Register) RunList(ctx context.Context, id string, progress func(done int)) error {
	l, granted, err := r.Store.List(ctx, id)
	if err != nil {
		return err
	}
	if l.State != ListWaiting && l.State != ListRunning {
		return nil
	}
	err = r.runList(ctx, l, granted, progress)
	if errors.Is(err, errStopped) {
		return r.Store.ClearList(ctx, id)
	}
	if f := fault.As(err); f != nil && f.Kind != fault.Internal && f.Kind != fault.Unavailable {
		if err := r.Store.ClearList(ctx, id); err != nil {
			return err
		}
		_, err = r.step(ctx, id, ListFailed, "", func(l *List) { l.Failure = f.Key })
	}
	return err
}

// step moves a list on, unless it was deleted meanwhile.
func (r *Register) step(ctx context.Context, id string, to ListState, officer string, more func(*List)) (List, error) {
	return r.Store.UpdateList(ctx, id, func(l *List) error {
		if l.State == ListDeleted {
			return errStopped
		}
		if l.State != to {
			l.State = to
			l.Steps = append(l.Steps, ListStep{State: to, At: r.Clock.Now(), Officer: officer})
		}
		if to != ListRunning {
			l.FinishedAt = r.Clock.Now()
		}
		if more != nil {
			more(l)
		}
		return nil
	})
}

func (r *Register) runList(ctx context.Context, l List, granted []Field, progress func(done int)) error {
	if _, err := r.step(ctx, l.ID, ListRunning, "", nil); err != nil {
		return err
	}
	s, err := r.selection(&l.Query)
	if err != nil {
		return err
	}
	in := Inquiry{
		By: ThroughExchange(l.Client, l.Agency, l.Officer), Client: l.Client, Purpose: l.Purpose, Dossier: l.Dossier,
		RequestID: l.RequestID, Service: ServiceList, Granted: granted,
	}
	// The job acts as the one who asked, with the right of that moment.
	if err := r.may(ctx, in, Answer); err != nil {
		return err
	}
	// What an earlier try put in stays: it was logged.
	had, err := r.Store.ListPeople(ctx, l.ID, citizen.Number{}, MaxList+1)
	if err != nil {
		return err
	}
	var after citizen.Number
	count := len(had)
	if count > 0 {
		after = had[count-1]
	}
	for {
		persons, err := r.Store.Select(ctx, s, after, listChunk)
		if err != nil {
			return err
		}
		if len(persons) == 0 {
			break
		}
		var people []citizen.Number
		for i := range persons {
			if r.within(&persons[i], l.Query) {
				people = append(people, persons[i].Number)
			}
		}
		after = persons[len(persons)-1].Number
		if count += len(people); count > MaxList {
			return fault.New(fault.TooLarge, "population.list.too_wide", fault.Args{"max": MaxList})
		}
		if err := r.Store.AddToList(ctx, l.ID, people, r.entry(in, l.Query.Fields, len(people), Answered, people)); err != nil {
			return err
		}
		if _, err := r.step(ctx, l.ID, ListRunning, "", func(l *List) { l.Done = count }); err != nil {
			return err
		}
		if progress != nil {
			progress(count)
		}
	}
	if count == 0 {
		if err := r.log(ctx, in, l.Query.Fields, 0, NotFound, nil); err != nil {
			return err
		}
	}
	_, err = r.step(ctx, l.ID, ListDone, "", func(l *List) { l.Done, l.Total = count, count })
	return err
}

// Lists gives the lists that a client asked for, newest first; before is the id of the
// last one of the page before.
func (r *Register) Lists(ctx context.Context, in Inquiry, before string, limit int) ([]List, error) {
	if err := in.asks(Answer); err != nil {
		return nil, err
	}
	return r.Store.Lists(ctx, in.Client, before, pageOf(limit))
}

// ListStatus gives one list of the client's. It fails with NotFound.
func (r *Register) ListStatus(ctx context.Context, in Inquiry, id string) (List, error) {
	if err := in.asks(Answer); err != nil {
		return List{}, err
	}
	l, _, err := r.Store.List(ctx, id)
	if err == nil && l.Client != in.Client {
		err = fault.New(fault.NotFound, "population.list.not_found", nil)
	}
	if err != nil {
		return List{}, err
	}
	return l, nil
}

// done gives a list that can be read, of which no more is told than is granted now too.
func (r *Register) done(ctx context.Context, in Inquiry, id string) (List, error) {
	l, err := r.ListStatus(ctx, in, id)
	if err != nil {
		return l, err
	}
	if l.State != ListDone {
		return l, fault.New(fault.Conflict, "population.list.not_done", nil)
	}
	in.Service = ServiceList
	if err := in.allowsAll(l.Query.Fields); err != nil {
		return l, r.refuse(ctx, in, l.Query.Fields, 0, err)
	}
	return l, nil
}

// ListRecords gives people of a list that is done, by number, after a number, with their
// facts as they are now. It fails with NotFound, Conflict ("population.list.not_done"),
// and Denied when less is granted by now.
func (r *Register) ListRecords(ctx context.Context, in Inquiry, id string, after citizen.Number, limit int) (ListPage, error) {
	l, err := r.done(ctx, in, id)
	if err != nil {
		return ListPage{}, err
	}
	return r.listPage(ctx, l, after, pageOf(limit))
}

func (r *Register) listPage(ctx context.Context, l List, after citizen.Number, limit int) (ListPage, error) {
	numbers, err := r.Store.ListPeople(ctx, l.ID, after, limit+1)
	if err != nil {
		return ListPage{}, err
	}
	var page ListPage
	if len(numbers) > limit {
		numbers = numbers[:limit]
		page.Next = numbers[limit-1]
	}
	persons, err := r.Store.Persons(ctx, numbers, l.Query.Fields)
	if err != nil {
		return page, err
	}
	if err := r.nameKin(ctx, persons, l.Query.Fields); err != nil {
		return page, err
	}
	slices.SortFunc(persons, func(a, b Person) int { return byNumber(a.Number, b.Number) })
	for _, p := range persons {
		page.Records = append(page.Records, r.facts(p, l.Query.Fields, nil))
	}
	return page, nil
}

// ListFile writes a list that is done as CSV for a spreadsheet: the columns of Load that
// were asked for, with a byte order mark and without live formulas, so that a value that
// begins like one has an apostrophe before it. It fails as ListRecords does.
func (r *Register) ListFile(ctx context.Context, in Inquiry, id string, w io.Writer) error {
	l, err := r.done(ctx, in, id)
	if err != nil {
		return err
	}
	out, err := sheet.NewCSV(w)
	if err != nil {
		return err
	}
	keep := r.Fields.filled(l.Query.Fields)
	if err := out.Write(only(r.Fields.columns, keep)...); err != nil {
		return err
	}
	var after citizen.Number
	for {
		page, err := r.listPage(ctx, l, after, listChunk)
		if err != nil {
			return err
		}
		for _, f := range page.Records {
			if err := out.Write(only(r.Fields.Row(&f.Person), keep)...); err != nil {
				return err
			}
		}
		if after = page.Next; after.IsZero() {
			return out.Flush()
		}
	}
}

// filled says of each column of a file whether some fields fill it.
func (t *FieldTable) filled(fields []Field) []bool {
	var names []string
	for _, f := range fields {
		if l := t.Line(f); l != nil {
			for i := range l.Data {
				names = append(names, l.Data[i].columns()...)
			}
		}
	}
	keep := make([]bool, len(t.columns))
	for i, c := range t.columns {
		keep[i] = slices.Contains(names, c)
	}
	return keep
}

func only(row []string, keep []bool) []string {
	out := make([]string, 0, len(row))
	for i, cell := range row {
		if keep[i] {
			out = append(out, cell)
		}
	}
	return out
}

// DeleteList forgets who is in a list, and stops one that is being put together. It
// fails with NotFound.
func (r *Register) DeleteList(ctx context.Context, in Inquiry, id string) error {
	if _, err := r.ListStatus(ctx, in, id); err != nil {
		return err
	}
	if _, err := r.step(ctx, id, ListDeleted, in.Officer(), nil); err != nil && !errors.Is(err, errStopped) {
		return err
	}
	return r.Store.ClearList(ctx, id)
}
