package identitytest

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/identity"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock/clocktest"
	"dean06/internal/platform/password"
	"dean06/internal/platform/throttle"
)

// The people of the world's register. All are invented.
var (
	Mother  = person("001190000011", "Trần Thị Mẹ", "1990-03-08", citizen.Female)
	Father  = person("001088000012", "Nguyễn Văn Cha", "1988-10-20", citizen.Male)
	Baby    = child("001222000013", "Nguyễn Văn Bé", "2022-05-01", citizen.Male)           // four years old
	Pupil   = child("001316000014", "Nguyễn Thị Học Trò", "2016-09-02", citizen.Female)    // ten
	Teen    = child("001211000015", "Nguyễn Văn Thiếu Niên", "2011-01-15", citizen.Male)   // fifteen
	Granny  = person("001145000016", "Lê Thị Bà", "1945", citizen.Female)                  // whose day of birth nobody knows
	Orphan  = ward("001217000017", "Phạm Văn Mồ Côi", "2017-02-28", citizen.Male, Granny)  // nine, with Granny as guardian
	Dead    = dead("001050000018", "Đỗ Văn Mất", "1950-06-30", citizen.Male, "2026-01-01") // in the register
	Other   = person("001092000019", "Hoàng Văn Khác", "1992-12-12", citizen.Male)
	Nobody  = person("001093000020", "Không Có Ai", "1993-01-01", citizen.Male) // not in the register
	Morning = "2026-11-24 09:00"                                                // when the world begins
)

func person(number, name, birth string, sex citizen.Sex) identity.Facts {
	return identity.Facts{Number: citizen.MustNumber(number), Name: name, Birth: citizen.MustDay(birth), Sex: sex, Nationality: "VN"}
}

func child(number, name, birth string, sex citizen.Sex) identity.Facts {
	p := person(number, name, birth, sex)
	p.Parents = []citizen.Number{Father.Number, Mother.Number}
	return p
}

func ward(number, name, birth string, sex citizen.Sex, of identity.Facts) identity.Facts {
	p := person(number, name, birth, sex)
	p.Guardians = []citizen.Number{of.Number}
	return p
}

func dead(number, name, birth string, sex citizen.Sex, on string) identity.Facts {
	p := person(number, name, birth, sex)
	p.Dead = citizen.MustDay(on)
	return p
}

// Officers and the program.
var (
	Officer  = actor.Actor{Account: "o-1", Login: "dinhdanh", Name: "Vũ Thị Định Danh", Agency: "G01.H55", Roles: []string{identity.Registrar}}
	Operator = actor.Actor{Account: "o-2", Login: "vanhanh", Name: "Bùi Văn Vận Hành", Agency: "G01", Roles: []string{identity.Operator}}
	Auditor  = actor.Actor{Account: "o-3", Login: "kiemtoan", Name: "Mai Thị Kiểm", Agency: "G01", Roles: []string{identity.Auditor}}
	Keeper   = actor.Actor{Account: "o-4", Login: "dauMoi", Name: "Cao Văn Đầu Mối", Agency: "H55", Roles: []string{identity.ClientKeeper}}
	Program  = actor.OfSystem(identity.Program)
)

// World is a service with all that it needs.
type World struct {
	*identity.Service
	Store    identity.Store
	Clock    *clocktest.Clock
	Register *Register
	Teller   *Teller
	Sealer   *Sealer
	Goodbyes *Goodbyes
	ids      atomic.Int64
}

// NewWorld makes one on a store; nil is one in memory. It is the morning of 24 November 2026.
func NewWorld(store identity.Store) *World {
	if store == nil {
		store = NewStore()
	}
	w := &World{Store: store, Clock: &clocktest.Clock{}, Teller: &Teller{}, Sealer: NewSealer(), Goodbyes: &Goodbyes{}}
	w.Clock.Set(Morning)
	w.Register = NewRegister(w.Clock, Mother, Father, Baby, Pupil, Teen, Granny, Orphan, Dead, Other)
	w.Service = identity.NewService(identity.Parts{
		Store: store, Register: w.Register, Teller: w.Teller, Sealer: w.Sealer, Goodbyes: w.Goodbyes, Clock: w.Clock, NewID: w.NewID,
		Keys: Keys{}, Gate: password.NewGate(password.Cheap), Throttle: throttle.Rules{Key: []byte("a key of the test")},
		Settings: identity.Settings{Issuer: "https://dinhdanh.example.vn", Idle: 30 * time.Minute, Absolute: 12 * time.Hour, Texts: true},
	})
	return w
}

// NewID counts: later ids are greater.
func (w *World) NewID() string { return fmt.Sprintf("019e0000-0000-7000-8000-%012d", w.ids.Add(1)) }

// Give gives somebody an account at a level, with an e-mail address that was confirmed.
func (w *World) Give(tb testing.TB, p identity.Facts, level identity.Level) identity.Account {
	tb.Helper()
	now := w.Clock.Now()
	known := func(f identity.Field, value string, b identity.Basis) identity.Attribute {
		return identity.Attribute{Field: f, Value: value, Basis: b, Since: now}
	}
	a := identity.Account{
		ID: w.NewID(), Holder: identity.OfCitizen(p.Number), Level: level, LevelAt: now, State: identity.Active, Person: 1,
		Attributes: []identity.Attribute{
			known(identity.FieldName, p.Name, identity.FromRegister), known(identity.FieldBirth, p.Birth.String(), identity.FromRegister),
			known(identity.FieldSex, fmt.Sprint(int(p.Sex)), identity.FromRegister), known(identity.FieldNationality, p.Nationality, identity.FromRegister),
			known(identity.FieldEmail, EmailOf(p), identity.Confirmed),
		},
		CreatedAt: now, UpdatedAt: now,
	}
	w.within(tb, func(ctx context.Context, tx identity.Tx) error {
		if err := tx.SaveAccount(ctx, a); err != nil {
			return err
		}
		return tx.AddEntry(ctx, identity.Entry{Account: a.ID, At: now, What: "opened", By: Program})
	})
	a.Version = 1
	return a
}

func (w *World) within(tb testing.TB, f func(ctx context.Context, tx identity.Tx) error) {
	tb.Helper()
	if err := w.Store.InTx(tb.Context(), func(tx identity.Tx) error { return f(tb.Context(), tx) }); err != nil {
		tb.Fatal(err)
	}
}

// EmailOf is the address that Give gives somebody.
func EmailOf(p identity.Facts) string { return p.Number.Reveal()[9:] + "@example.vn" }

// Holder is who acts when the holder of an account does.
func Holder(a identity.Account) actor.Actor {
	return actor.Actor{
		Account: "identity:" + a.ID, Name: a.Value(identity.FieldName), Roles: []string{identity.Bearer}, Via: actor.OIDC,
	}
}
