package app

import (
	"bytes"
	"context"
	"io"
	"strconv"
	"time"

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
func (c cleaned) People(ctx context.Context, w io.Writer) (time.Time, error) {
	return c.node.People(ctx, w)
}

// Look gives a person to a reviewer.
func (c cleaned) Look(ctx context.Context, a actor.Actor, b cleaning.Batch, n citizen.Number) (cleaning.Person, error) {
	p, err := c.node.LookAt(ctx, a, why(b), n)
	if err != nil {
		return cleaning.Person{}, err
	}
	return cleaning.Person{
		Number: p.Number, Old: p.OldNumbers, Name: p.Name, Birth: p.Birth, Sex: p.Sex, Dead: p.Life == population.Dead,
		Address: c.node.Say(ctx, &p, population.FieldPermanent), Other: c.node.Say(ctx, &p, population.FieldTemporary),
	}, nil
}

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
	by := actor.From(ctx) // who decides on a pair
	if by.Nobody() {      // else the program, for who handed the file in
		by = b.HandedBy()
	}
	return c.node.Matched(ctx, by, why(b), do)
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
