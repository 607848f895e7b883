package identity

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// Residence is what an officer read off the residence card of a foreigner.
type Residence struct {
	Number      string // of the card
	Name        string
	Birth       citizen.Day
	Sex         citizen.Sex
	Nationality string // "KR"
	Card        Card
	Expires     citizen.Day // of the card; zero for one without end
	Compared    bool
	Purpose     string
	Level       Level
	// Guardian is who asks for a child below fourteen, whose papers the officer saw.
	Guardian Holder
	Address  Address
}

var countryCode = regexp.MustCompile(`^[A-Z]{2}$`)

// IdentifyForeigner gives a foreigner with a residence card their account, or raises it. The
// register of persons does not know them: the card is what it rests on. The same ages hold as
// for citizens (Nghị định 69/2024, Điều 7). It fails as Identify does.
func (s *Service) IdentifyForeigner(ctx context.Context, by actor.Actor, d Residence) (Account, error) {
	if err := Permissions.Can(by, Identify); err != nil {
		return Account{}, err
	}
	now := s.Clock.Now()
	h, err := d.Check(clock.DayOf(now))
	if err != nil {
		return Account{}, err
	}
	years := age(d.Birth, clock.DayOf(now))
	if years < secondAge && d.Level == Two {
		return Account{}, fault.New(fault.Invalid, "identity.desk.too_young", nil).At("level")
	}
	var a Account
	err = s.Store.InTx(ctx, func(tx Tx) error {
		var guardian *kin
		if years < ownAge {
			g, has, err := tx.ByHolder(ctx, d.Guardian)
			if err != nil {
				return fmt.Errorf("find account: %w", err)
			}
			if !has || !g.Opens() || g.Level < Two {
				return fault.New(fault.Invalid, "identity.child.kin_level", nil).At("guardian")
			}
			guardian = &kin{g, AsGuardian}
		}
		var has bool
		var err error
		if a, has, err = s.whoStands(ctx, tx, by, h, d.Level); err != nil {
			return err
		}
		for _, v := range []Attribute{
			{Field: FieldName, Value: citizen.Spell(d.Name)},
			{Field: FieldBirth, Value: d.Birth.String()},
			{Field: FieldSex, Value: strconv.Itoa(int(d.Sex))},
			{Field: FieldNationality, Value: d.Nationality},
		} {
			v.Basis, v.Since = FromCard, now
			a.set(v)
		}
		if d.Address.To != "" && a.Value(d.Address.Kind) != d.Address.To {
			a.set(Attribute{Field: d.Address.Kind, Value: d.Address.To, Basis: FromHolder, Since: now})
		}
		if d.Level > a.Level {
			a.Level, a.LevelAt = d.Level, now
		}
		p := Proofing{Level: d.Level, How: "desk", By: by, Compared: by.Account, Card: d.Card.String()}
		e := Entry{What: "identified", By: by, Args: map[string]string{"level": d.Level.number(), "card": d.Card.String(), "purpose": d.Purpose}}
		letter := "identity.letter.identified"
		if !has {
			e.What, letter = "opened", "identity.letter.opened"
			e.Args["how"] = p.How
		}
		if guardian != nil {
			p.Guardian = guardian.account.ID
			e.Args["guardian"] = guardian.account.Value(FieldName)
		}
		if err := s.proved(ctx, tx, &a, p, e, letter); err != nil {
			return err
		}
		if guardian == nil {
			return nil
		}
		return s.represent(ctx, tx, a, *guardian, Facts{Birth: d.Birth}, by)
	})
	return a, err
}

// Check is that of Desk; it gives whose account it would be.
func (d *Residence) Check(today clock.Date) (Holder, error) {
	d.Nationality = strings.ToUpper(strings.TrimSpace(d.Nationality))
	var wrong fault.List
	add := func(bad bool, key, field string) {
		if bad {
			wrong = append(wrong, fault.New(fault.Invalid, key, nil).At(field))
		}
	}
	h, err := ParseHolder(Foreigner, d.Number)
	if f := fault.As(err); f != nil {
		wrong = append(wrong, f)
	}
	add(strings.TrimSpace(d.Name) == "", "identity.enrol.name", "name")
	add(d.Birth == 0 || lastBirth(d.Birth).After(today) && d.Birth.Year() > today.Year(), "identity.enrol.birth", "birth")
	add(!countryCode.MatchString(d.Nationality) || d.Nationality == "VN", "identity.foreigner.nationality", "nationality")
	add(d.Expires != 0 && !lastBirth(d.Expires).After(today), "identity.foreigner.expired", "expires")
	add(!d.Compared, "identity.desk.compare", "compared")
	add(d.Level != One && d.Level != Two, "identity.desk.level", "level")
	if f := fault.As(d.Card.check(today)); f != nil {
		wrong = append(wrong, f)
	}
	if f := fault.As(reason(&d.Purpose, "purpose")); f != nil {
		wrong = append(wrong, f)
	}
	return h, wrong.Err()
}
