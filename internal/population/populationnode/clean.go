package populationnode

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
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
func (n *Node) People(ctx context.Context, w io.Writer) (asOf time.Time, err error) {
	out, err := peopleFile(w)
	if err != nil {
		return asOf, err
	}
	asOf = n.base.Clock.Now()
	err = n.store.Whole(ctx, linkedFields, out.add)
	out.Flush()
	return asOf, errors.Join(err, out.Error())
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
	in := why.inquiry(by)
	return n.store.LogWith(ctx, population.Entry{Lookup: population.Lookup{
		At: n.base.Clock.Now(), Agency: by.Agency, Officer: in.Officer(), Service: in.Service, Purpose: in.Purpose, Dossier: in.Dossier,
		Fields: linkedFields, Outcome: population.Answered,
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
