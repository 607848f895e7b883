package app

import (
	"bytes"
	"context"
	"io"
	"strconv"

	"dean06/internal/citizen"
	"dean06/internal/cleaning"
	"dean06/internal/cleaning/reconcile"
	"dean06/internal/cleaning/reconcileweb"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/sqldb"
	"dean06/internal/population"
	"dean06/internal/population/populationclient"
	"dean06/internal/population/populationnode"
)

// cleaned is the population register as the cleaning of files on the same node asks it.
type cleaned struct{ node *populationnode.Node }

var _ cleaning.Register = cleaned{}

func why(b cleaning.Batch) populationnode.Why {
	return populationnode.Why{Purpose: b.Purpose, Dossier: b.Code()}
}

// People writes everybody as of one moment.
func (c cleaned) People(ctx context.Context, w io.Writer) (cleaning.Moment, error) {
	at, mark, err := c.node.People(ctx, w)
	return cleaning.Moment{At: at, Mark: cleaning.Mark(mark)}, err
}

// Fresh writes who came, or to whom something happened.
func (c cleaned) Fresh(ctx context.Context, from, to cleaning.Mark, w io.Writer) error {
	return c.node.Fresh(ctx, population.Mark(from), population.Mark(to), w)
}

// Mark is how far the register is.
func (c cleaned) Mark(ctx context.Context) (cleaning.Mark, error) {
	m, err := c.node.Mark(ctx)
	return cleaning.Mark(m), err
}

// Since are the events behind one.
func (c cleaned) Since(ctx context.Context, after int64, limit int) ([]cleaning.Happened, error) {
	list, err := c.node.Since(ctx, after, limit)
	out := make([]cleaning.Happened, len(list))
	for i, h := range list {
		out[i] = cleaning.Happened(h)
	}
	return out, err
}

// Became is what an event made of a person.
func (c cleaned) Became(ctx context.Context, n citizen.Number, event string) (cleaning.Became, error) {
	b, err := c.node.Became(ctx, n, event)
	return c.became(b), err
}

// News is what happened to a person behind an event.
func (c cleaned) News(ctx context.Context, n citizen.Number, after int64) ([]cleaning.Became, error) {
	list, err := c.node.News(ctx, n, after)
	out := make([]cleaning.Became, len(list))
	for i, b := range list {
		out[i] = c.became(b)
	}
	return out, err
}

func (c cleaned) became(b population.Became) cleaning.Became {
	mends := b.Kind == population.Correction || b.Kind == population.Annulment
	return cleaning.Became{
		On: b.On, RecordedAt: b.RecordedAt, Mends: mends, Before: c.person(&b.Before), After: c.person(&b.After), Had: b.Had, Has: b.Has,
	}
}

// person is somebody with what columns of a file can hold.
func (c cleaned) person(p *population.Person) cleaning.Person {
	out := cleaning.Person{Number: p.Number, Old: p.OldNumbers, Name: p.Name, Birth: p.Birth, Sex: p.Sex, Dead: p.Life == population.Dead}
	if out.Dead {
		out.Died = p.Ended
	}
	if !p.Permanent.IsZero() {
		out.Home.Detail = p.Permanent.Detail
		out.Home.Commune, out.Home.District, out.Home.Province = c.node.Home(p.Permanent, p.PermanentSince)
	}
	return out
}

// Look gives a person to a reviewer.
func (c cleaned) Look(ctx context.Context, a actor.Actor, b cleaning.Batch, n citizen.Number) (cleaning.Person, error) {
	p, err := c.node.LookAt(ctx, a, why(b), n)
	if err != nil {
		return cleaning.Person{}, err
	}
	out := c.person(&p)
	out.Address, out.Other = c.node.Say(ctx, &p, population.FieldPermanent), c.node.Say(ctx, &p, population.FieldTemporary)
	return out, nil
}

// Commune is what a commune of today is called, with its province.
func (c cleaned) Commune(code string) string { return c.node.CommuneName(code) }

// claimed are the fields of the register of what a row says.
var claimed = map[string]population.Field{
	"name": population.FieldName, "birth": population.FieldBirth, "sex": population.FieldSex, "place": population.FieldPermanent,
}

// Claim leaves for the register's clerks that a row is right and the register is not.
func (c cleaned) Claim(ctx context.Context, a actor.Actor, b cleaning.Batch, row int, n citizen.Number, what, says, words string) error {
	w := why(b)
	w.Dossier += "-" + strconv.Itoa(row)
	return c.node.Claim(ctx, a, w, b.Agency, n, claimed[what], says, words)
}

// matched logs those whom a batch met.
func (c cleaned) matched(ctx context.Context, b cleaning.Batch, do func(tx *sqldb.Tx) ([]citizen.Number, error)) error {
	return c.node.Matched(ctx, by(ctx, b), why(b), do)
}

// followed logs those of whom a batch is told what became of them.
func (c cleaned) followed(ctx context.Context, b cleaning.Batch, do func(tx *sqldb.Tx) ([]citizen.Number, error)) error {
	return c.node.Followed(ctx, by(ctx, b), why(b), do)
}

// by is who decides on a pair, else the program, for who handed the file in.
func by(ctx context.Context, b cleaning.Batch) actor.Actor {
	if by := actor.From(ctx); !by.Nobody() {
		return by
	}
	return b.HandedBy()
}

// Alike finds those whom a single question may mean.
func (c cleaned) Alike(ctx context.Context, k reconcile.Keys) (people []reconcile.Person, file []byte, crowded bool, err error) {
	var text bytes.Buffer
	list, crowded, err := c.node.Alike(ctx, population.Likeness(k), &text)
	for i := range list {
		people = append(people, reconcile.Person{Number: list[i].Number, Name: list[i].Name})
	}
	return people, text.Bytes(), crowded, err
}

// told logs those about whom an agency's program asked.
func (c cleaned) told(ctx context.Context, by reconcile.Caller, missed int, do func(tx *sqldb.Tx) ([]citizen.Number, error)) error {
	return c.node.Told(ctx, population.Inquiry{
		By: population.ThroughExchange(by.Client, by.Agency, by.Officer), Client: by.Client, Purpose: by.Purpose, Dossier: by.Dossier,
		RequestID: by.RequestID,
	}, missed, do)
}

// Reconcile asks the register about the rows of a file, for a program that came in by a token.
func (r *register) Reconcile(ctx context.Context, as reconcileweb.Asker, ask reconcile.Ask) (out reconcile.Answer, err error) {
	who := populationclient.Asker{Officer: as.Officer, Dossier: as.File, Purpose: as.Purpose, Lang: as.Lang}
	if err := r.client.Ask(ctx, who, reconcile.Service, ask, &out); err != nil {
		return reconcile.Answer{}, err
	}
	return out, out.Check(len(ask.Questions))
}
