package populationnode

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/sqldb"
	"dean06/internal/population"
)

// What is offered to the cleaning of files on the same node.

// linkedFields are those by which a row finds its person.
var linkedFields = []population.Field{
	population.FieldNumber, population.FieldOldNumber, population.FieldName, population.FieldBirth, population.FieldSex, population.FieldBirthplace,
	population.FieldOrigin, population.FieldPermanent, population.FieldTemporary, population.FieldPresent,
}

// lookedFields are those that somebody sees who compares a row with a person.
var lookedFields = []population.Field{
	population.FieldNumber, population.FieldOldNumber, population.FieldName, population.FieldBirth, population.FieldSex, population.FieldPermanent,
	population.FieldTemporary, population.FieldLife,
}

// People writes everybody as a file that the register itself reads, as of one moment, with
// what links them and nothing else. It is no look-up of anybody: what a match tells is
// logged with Matched.
func (n *Node) People(ctx context.Context, w io.Writer) (asOf time.Time, m population.Mark, err error) {
	out, err := peopleFile(w)
	if err != nil {
		return asOf, m, err
	}
	asOf = n.base.Clock.Now()
	m, err = n.store.Whole(ctx, asOf, linkedFields, out.add)
	out.Flush()
	return asOf, m, errors.Join(err, out.Error())
}

// Fresh writes in the same way those who came, or to whom something happened, between two
// marks; and so it is no look-up either.
func (n *Node) Fresh(ctx context.Context, from, to population.Mark, w io.Writer) error {
	out, err := peopleFile(w)
	if err != nil {
		return err
	}
	err = n.store.Fresh(ctx, from, to, linkedFields, out.add)
	out.Flush()
	return errors.Join(err, out.Error())
}

// Mark is how far the register is.
func (n *Node) Mark(ctx context.Context) (population.Mark, error) {
	return n.store.Mark(ctx, n.base.Clock.Now())
}

// Since gives the events behind a place in their order.
func (n *Node) Since(ctx context.Context, after int64, limit int) ([]population.Happened, error) {
	return n.store.Since(ctx, after, limit)
}

// News is what happened to a person behind a place, in its order.
func (n *Node) News(ctx context.Context, number citizen.Number, after int64) ([]population.Became, error) {
	events, err := n.store.EventsAfter(ctx, number, after)
	var out []population.Became
	for i := 0; i < len(events) && err == nil; i++ {
		var b population.Became
		b, err = n.register.Became(ctx, number, events[i])
		out = append(out, b)
	}
	return out, err
}

// Became says what an event made of a person. It is no look-up: what of it is told is logged
// with Matched.
func (n *Node) Became(ctx context.Context, number citizen.Number, event string) (population.Became, error) {
	return n.register.Became(ctx, number, event)
}

// Home names the units of a place, as they were called on a day or are now.
func (n *Node) Home(p population.Place, on citizen.Day) (commune, district, province string) {
	day := population.FirstOf(on)
	if named := population.Named(n.units, p, on); len(named) > 0 {
		commune = named[len(named)-1].Name
	}
	if u, ok := n.units.District(p.District, day); ok && p.District != "" {
		district = u.Name
	}
	if u, ok := n.units.Province(p.Province, day); ok {
		province = u.Name
	}
	return commune, district, province
}

// Alike writes those of whom something may be said as such a file, in the order of the
// numbers that it gives. It is no look-up either.
func (n *Node) Alike(ctx context.Context, l population.Likeness, w io.Writer) (people []population.Person, crowded bool, err error) {
	people, crowded, err = n.register.Alike(ctx, l, linkedFields)
	if err != nil {
		return nil, false, err
	}
	out, err := peopleFile(w)
	if err == nil {
		err = out.add(people)
	}
	if err != nil {
		return nil, false, err
	}
	out.Flush()
	return people, crowded, out.Error()
}

// file is people as the register's own file has them.
type file struct{ *csv.Writer }

func peopleFile(w io.Writer) (file, error) {
	out := file{csv.NewWriter(w)}
	return out, out.Write(population.PersonFields.Columns())
}

func (f file) add(list []population.Person) error {
	for i := range list {
		if err := f.Write(population.PersonFields.Row(&list[i])); err != nil {
			return err
		}
	}
	return nil
}

// Why says for what file people are matched and looked at.
type Why struct{ Purpose, Dossier string }

func (w Why) inquiry(by actor.Actor) population.Inquiry {
	return population.Inquiry{
		By: by, Service: population.ServiceClean, Purpose: population.PurposeInWords(w.Purpose), Dossier: w.Dossier, Granted: lookedFields,
	}
}

// LookAt gives a person to somebody who compares them with a row, and logs it.
func (n *Node) LookAt(ctx context.Context, by actor.Actor, why Why, number citizen.Number) (population.Person, error) {
	f, err := n.register.Facts(ctx, why.inquiry(by), population.Key{Number: number}, lookedFields)
	return f.Person, err
}

// CommuneName is what a commune of today is called, with its province; its code where there is none.
func (n *Node) CommuneName(code string) string {
	u, ok := n.units.Commune(code, clock.Date{})
	if !ok {
		return code
	}
	if p, ok := n.units.Province(u.Province, clock.Date{}); ok {
		return u.Name + ", " + p.Name
	}
	return u.Name
}

// Claim leaves for a clerk that a fact of a person is said to be wrong, as a file of an
// agency has it.
func (n *Node) Claim(
	ctx context.Context, by actor.Actor, why Why, agency string, number citizen.Number, field population.Field, says, words string,
) error {
	return n.register.NoteMistake(ctx, why.inquiry(by), agency, number, field, says, words)
}

// Matched logs those whom do gives as one look-up about all of them, in the transaction in
// which do works.
func (n *Node) Matched(
	ctx context.Context, by actor.Actor, why Why, do func(tx *sqldb.Tx) ([]citizen.Number, error),
) error {
	return n.logged(ctx, by, why, linkedFields, do)
}

// Followed logs in the same way those of whom changes were told.
func (n *Node) Followed(ctx context.Context, by actor.Actor, why Why, do func(tx *sqldb.Tx) ([]citizen.Number, error)) error {
	return n.logged(ctx, by, why, lookedFields, do)
}

func (n *Node) logged(
	ctx context.Context, by actor.Actor, why Why, fields []population.Field, do func(tx *sqldb.Tx) ([]citizen.Number, error),
) error {
	in := why.inquiry(by)
	return n.store.LogWith(ctx, population.Entry{Lookup: population.Lookup{
		At: n.base.Clock.Now(), Agency: by.Agency, Officer: in.Officer(), Service: in.Service, Purpose: in.Purpose, Dossier: in.Dossier,
		Fields: fields, Outcome: population.Answered,
	}}, do)
}

// Say is what a field says of a person, in the words of the reader.
func (n *Node) Say(ctx context.Context, p *population.Person, f population.Field) string {
	return n.pages.Say(ctx, p, f)
}

// Told logs those whom do gives as told to a system of another agency, or as asked about by
// it, in the transaction in which do works. missed is how many it asked about in vain.
func (n *Node) Told(ctx context.Context, in population.Inquiry, missed int, do func(tx *sqldb.Tx) ([]citizen.Number, error)) error {
	return n.store.LogWith(ctx, population.Entry{Lookup: population.Lookup{
		At: n.base.Clock.Now(), Client: in.Client, Agency: in.By.Agency, Officer: in.Officer(), Service: population.ServiceClean, Purpose: in.Purpose,
		Dossier: in.Dossier, RequestID: in.RequestID, Fields: linkedFields, Outcome: population.Answered, Batch: population.Batch{Missed: missed},
	}}, do)
}
