package app

import (
	"context"
	"io"
	"strconv"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/cleaning"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/sqldb"
	"dean06/internal/population"
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
