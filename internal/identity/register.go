package identity

import (
	"context"
	"time"

	"dean06/internal/citizen"
)

// Register is the population register, as identities need it.
type Register interface {
	// Match says whether number, name and birth are one living person's; no more. A number
	// that the register does not know does not match.
	Match(ctx context.Context, n citizen.Number, name string, birth citizen.Day) (bool, error)
	// Facts are what the register says of a person. It fails with NotFound.
	Facts(ctx context.Context, n citizen.Number) (Facts, error)
}

// Facts are what an account rests on.
type Facts struct {
	Number      citizen.Number // the one that counts: another than was asked for after a merger
	Name        string
	Birth       citizen.Day
	Sex         citizen.Sex
	Nationality string
	Dead        citizen.Day      // zero while alive
	Parents     []citizen.Number // that the register knows, living
	Guardians   []citizen.Number
	Version     int64
	AsOf        time.Time
}
