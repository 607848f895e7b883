package app

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"strconv"
	"strings"

	"dean06/internal/citizen"
	"dean06/internal/dossier"
	"dean06/internal/eform"
	"dean06/internal/platform/config"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/node"
	"dean06/internal/population"
	"dean06/internal/population/populationclient"
	"dean06/internal/xroad"
)

// RegisterConfig is the section "register": where an agency's node asks for persons.
type RegisterConfig struct {
	Subsystem string `toml:"subsystem"` // of the population register
}

// registerSection is the part of the configuration.
var registerSection = config.Section{
	Name: "register",
	New:  func() any { return &RegisterConfig{Subsystem: "VN/GOV/G01/DANCU"} },
	Check: func(v any, c *config.Check) {
		if s := v.(*RegisterConfig).Subsystem; s != "" {
			if _, err := xroad.ParseID(s, 4, 4); err != nil {
				c.Problem("register.subsystem", "subsystem", fault.Args{"value": s})
			}
		}
	},
}

// theExchange is what a register is asked through.
type theExchange interface {
	Call(ctx context.Context, r *http.Request) (*http.Response, error)
	Member() (xroad.ID, bool)
}

// register is the population register as the node's own modules ask it: through the
// exchange, with the officer's login and the dossier in each call.
type register struct {
	client  *populationclient.Client
	gateway theExchange
	base    *node.Base
}

// newRegister makes it; it answers once its module is open.
func newRegister(gateway theExchange) *register {
	r := &register{gateway: gateway}
	r.client = &populationclient.Client{Call: gateway.Call, Register: r.subsystem}
	return r
}

// subsystem is the one under which the register offers its services; false before the node
// has joined the exchange.
func (r *register) subsystem() (xroad.ID, bool) {
	if _, ok := r.gateway.Member(); !ok || r.base == nil {
		return xroad.ID{}, false
	}
	id, err := xroad.ParseID(config.In[RegisterConfig](r.base.Config).Subsystem, 4, 4)
	return id, err == nil
}

// module brings its texts and its setting.
func (r *register) module() node.Module {
	return node.Module{
		Name: "register", Config: []config.Section{registerSection}, Messages: []fs.FS{populationclient.Messages},
		Open: func(_ context.Context, b *node.Base) (*node.Part, error) {
			r.base = b
			return &node.Part{Self: r}, nil
		},
	}
}

// called is what an account of the node is called; "" when nobody knows.
func (r *register) called(ctx context.Context, account string) string {
	if r.base == nil || account == "" {
		return ""
	}
	return r.base.Sessions.NameOf(ctx, account, r.base.Clock.Now())
}

// asker is who asks, as the register is told: an officer by the login under which people
// know them.
func (r *register) asker(ctx context.Context, in dossier.Inquiry) populationclient.Asker {
	officer := in.Officer
	if a, err := r.base.Sessions.ByID(ctx, r.base.DB, in.Officer); err == nil { // others are words, such as that of a citizen themselves
		officer = a.Login
	}
	return populationclient.Asker{Officer: officer, Dossier: in.Dossier, Purpose: in.Procedure, Lang: i18n.Vi}
}

// Facts are what the register tells of one person.
func (r *register) Facts(ctx context.Context, in dossier.Inquiry, number string, fields []string) (dossier.Known, bool, error) {
	n, err := citizen.ParseNumber(number)
	if err != nil {
		return dossier.Known{}, false, err
	}
	var want []population.Field
	for _, f := range fields {
		if field, _, _ := strings.Cut(f, "."); field != "" {
			want = append(want, population.Field(field))
		}
	}
	// All as far as the right grants: one fact that it does not name leaves the others.
	got, err := r.client.Facts(ctx, r.asker(ctx, in), populationclient.Key{Number: n}, nil, want)
	switch {
	case fault.Of(err) == fault.NotFound:
		return dossier.Known{}, false, nil
	case err != nil:
		return dossier.Known{}, false, err
	}
	return known(n, &got), true, nil
}

// known is what the register told, by its fields. A field that was told and of which nothing
// is known stands there with nothing in it; one that the right does not grant is not there.
func known(n citizen.Number, f *populationclient.Facts) dossier.Known {
	out := dossier.Known{Number: n.Reveal(), AsOf: f.AsOf, Values: map[string]eform.Value{}, Kin: map[string]string{}}
	p := &f.Person
	for _, field := range f.Fields {
		line := population.PersonFields.Line(field)
		for i := range line.Data {
			if d := &line.Data[i]; i == 0 && !d.Inner {
				out.Values[string(field)] = valueOf(d, p)
			}
		}
		switch field {
		case population.FieldHousehold: // what somebody is to its head is what forms ask for
			out.Values[string(field)] = eform.Value{Text: p.Relation}
			out.Values["household.number"] = eform.Value{Text: p.Household}
			out.Values["household.head"] = eform.Value{Text: f.Head.Name}
			kin(out, "head", f.Head)
		case population.FieldMembers:
			for _, m := range f.Members {
				out.Members = append(out.Members, dossier.Known{Number: m.Number.Reveal(), AsOf: f.AsOf, Values: map[string]eform.Value{
					"name": {Text: m.Name}, "birth": {Text: m.Birth.String()}, "sex": {Text: strconv.Itoa(int(m.Sex))}, "household": {Text: m.Relation},
				}})
			}
		case population.FieldFather:
			kin(out, "father", p.Father)
		case population.FieldMother:
			kin(out, "mother", p.Mother)
		case population.FieldSpouse:
			kin(out, "spouse", p.Spouse)
		case population.FieldGuardian:
			kin(out, "guardian", p.Guardian)
		}
	}
	return out
}

// Match says whether number, name and birth are one person's.
func (r *register) Match(ctx context.Context, in dossier.Inquiry, number, name, birth string) (bool, error) {
	claim := populationclient.Claim{Name: name}
	var err error
	if claim.Number, err = citizen.ParseNumber(number); err != nil {
		return false, err
	}
	if birth != "" {
		if claim.Birth, err = citizen.ParseDay(birth); err != nil {
			return false, err
		}
	}
	v, err := r.client.Match(ctx, r.asker(ctx, in), claim)
	return err == nil && v.Found && (name == "" || v.Name) && (birth == "" || v.Birth), err
}

// Report tells the register of an event.
func (r *register) Report(ctx context.Context, in dossier.Inquiry, e dossier.Event) (dossier.Reported, error) {
	event, err := eventOf(e)
	if err != nil {
		return dossier.Reported{}, err
	}
	done, err := r.client.Report(ctx, r.asker(ctx, in), event)
	words := r.base.Messages.In(i18n.Vi)
	var asked populationclient.Questions
	switch {
	case errors.As(err, &asked):
		return dossier.Reported{Questions: questions(words, asked)}, nil
	case fault.Of(err) == fault.Invalid, fault.Of(err) == fault.Conflict, fault.Of(err) == fault.NotFound:
		f := fault.As(err)
		return dossier.Reported{Refused: words.T(f.Key, f.Args)}, nil
	case err != nil:
		return dossier.Reported{}, err
	}
	out := dossier.Reported{Event: done.Event, Again: done.Again}
	if event.Kind == population.Birth {
		out.Number = done.Number.Reveal()
	}
	if done.Annulled {
		return dossier.Reported{Refused: words.T("populationclient.annulled")}, nil
	}
	return out, nil
}

// RequestCorrection asks the register to look at a fact.
func (r *register) RequestCorrection(ctx context.Context, in dossier.Inquiry, c dossier.Correction) (dossier.Claim, error) {
	n, err := citizen.ParseNumber(c.Number)
	if err != nil {
		return dossier.Claim{}, err
	}
	as := r.asker(ctx, in)
	key := populationclient.Key{Number: n}
	held, err := r.client.Facts(ctx, as, key, []population.Field{population.FieldName}, nil) // the register wants both
	if err != nil {
		return dossier.Claim{}, err
	}
	got, err := r.client.ClaimMistake(ctx, as, populationclient.Mistake{
		Person: populationclient.Person{Number: n, Name: held.Person.Name}, Field: population.Field(c.Field), Says: c.Says, Why: c.Why,
	})
	if err != nil {
		return dossier.Claim{}, err
	}
	switch got.State {
	case population.MistakeCorrected:
		return dossier.Claim{State: dossier.ClaimCorrected}, nil
	case population.MistakeRefused:
		return dossier.Claim{State: dossier.ClaimRefused, Answer: got.Answer}, nil
	}
	return dossier.Claim{}, nil
}
