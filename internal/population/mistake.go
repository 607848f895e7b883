package population

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
)

// MistakeState says how far a claim of a mistake is.
type MistakeState string

// The states.
const (
	MistakeOpen      MistakeState = "open"
	MistakeCorrected MistakeState = "corrected" // an event that corrects it was recorded
	MistakeRefused   MistakeState = "refused"   // it stays as it is, and why
)

// Mistake is what somebody says is wrong in the register, while another agency's dossier was
// filled in. It changes nothing: a registrar looks at the papers, and records a correction or
// says why there is none.
type Mistake struct {
	ID     string
	Place  string // in the order in which they came
	Number citizen.Number
	Field  Field
	Says   string // what is right, as the citizen says
	Why    string // and how they know
	// Who passed it on.
	Client, Agency, Officer, Purpose, Dossier string

	At        time.Time
	State     MistakeState
	Answer    string // of a refusal
	DecidedBy string // account
	DecidedAt time.Time
}

// How long what is claimed may be, in characters.
const (
	maxSays = 300
	maxWhy  = 500
)

// ClaimMistake notes that a fact is said to be wrong; the same once more is the one there is
// (again). What is claimed about one fact in one dossier is one claim. It fails with Denied
// when the right does not grant the field: who may not read it cannot know that it is wrong;
// with Invalid for what cannot be read; NotFound when the number is not the named person's;
// and Conflict when the dossier claims something else of the same fact.
func (r *Register) ClaimMistake(ctx context.Context, in Inquiry, key Key, field Field, says, why string) (m Mistake, again bool, err error) {
	in.Service = ServiceCorrections
	if err := r.may(ctx, in, ReportMistake); err != nil {
		return m, false, err
	}
	says, why = citizen.Spell(strings.TrimSpace(says)), citizen.Spell(strings.TrimSpace(why))
	if err := r.readMistake(in, key, field, says, why); err != nil {
		return m, false, r.refuse(ctx, in, nil, 1, err)
	}
	if !in.grants(field) {
		return m, false, r.refuse(ctx, in, []Field{field}, 1, fault.New(fault.Denied, "population.field.denied", fault.Args{"fields": string(field)}))
	}
	about, err := r.meansAll(ctx, in, []ReportKey{{Field: "person", Key: key}})
	if err != nil {
		return m, false, err
	}
	kept, added, err := r.Store.SaveMistake(ctx, Mistake{
		ID: r.mistakeID(in, key.Number, field), Number: key.Number, Field: field, Says: says, Why: why, Client: in.Client, Agency: in.By.Agency,
		Officer: in.Officer(), Purpose: in.Purpose, Dossier: in.Dossier, At: r.Clock.Now(), State: MistakeOpen,
	})
	if err != nil {
		return m, false, err
	}
	if kept.Says != says || kept.Why != why {
		return m, false, r.refused(ctx, in, about, fault.New(fault.Conflict, "population.mistake.differs", nil))
	}
	return kept, !added, r.log(ctx, in, []Field{field}, 1, Answered, about)
}

// NoteMistake is a claim by a clerk of the register's own desk: a file that was held against
// the register says otherwise, for agency, in in.Dossier. A clerk settles it as any other. It
// fails with Denied, and Invalid at the fields says and why.
func (r *Register) NoteMistake(ctx context.Context, in Inquiry, agency string, n citizen.Number, field Field, says, why string) error {
	if err := Permissions.Can(in.By, SettleMistake); err != nil {
		return err
	}
	says, why = citizen.Spell(strings.TrimSpace(says)), citizen.Spell(strings.TrimSpace(why))
	var l fault.List
	if letters(says) == 0 || !plain(says) || utf8.RuneCountInString(says) > maxSays {
		l = append(l, fault.New(fault.Invalid, "population.mistake.says", fault.Args{"max": maxSays}).At("says"))
	}
	if letters(why) == 0 || !plain(why) || utf8.RuneCountInString(why) > maxWhy {
		l = append(l, fault.New(fault.Invalid, "population.mistake.why", fault.Args{"max": maxWhy}).At("why"))
	}
	if err := l.Err(); err != nil {
		return err
	}
	_, _, err := r.Store.SaveMistake(ctx, Mistake{
		ID: r.mistakeID(in, n, field), Number: n, Field: field, Says: says, Why: why, Agency: agency, Officer: in.Officer(),
		Purpose: in.Purpose, Dossier: in.Dossier, At: r.Clock.Now(), State: MistakeOpen,
	})
	if err != nil {
		return err
	}
	return r.log(ctx, in, []Field{field}, 1, Answered, []citizen.Number{n})
}

func (r *Register) readMistake(in Inquiry, key Key, field Field, says, why string) error {
	var l fault.List
	add := func(bad bool, at, key string, args fault.Args) {
		if bad {
			l = append(l, fault.New(fault.Invalid, key, args).At(at))
		}
	}
	line := r.Fields.Line(field)
	add(strings.TrimSpace(in.By.Name) == "" || !plain(in.By.Name), "X-Road-UserId", "population.report.officer", nil)
	add(!dossierNamed(in.Dossier), "X-Road-Issue", "population.report.dossier", fault.Args{"max": MaxDossier})
	add(key.Number.IsZero(), "person.number", "population.event.number", nil)
	add(line == nil || field == FieldNumber || field == FieldMembers, "field", "population.mistake.field", nil)
	add(letters(says) == 0 || !plain(says) || utf8.RuneCountInString(says) > maxSays, "says", "population.mistake.says", fault.Args{"max": maxSays})
	add(why != "" && !plain(why) || utf8.RuneCountInString(why) > maxWhy, "why", "population.mistake.why", fault.Args{"max": maxWhy})
	return l.Err()
}

// dossierNamed says that a dossier can be read again in logs and addresses.
func dossierNamed(s string) bool {
	return utf8.RuneCountInString(s) <= MaxDossier && letters(s) > 0 && plain(s) && !strings.Contains(s, "/")
}

// mistakeID is the same for the same fact in the same dossier, and nobody else can make it.
func (r *Register) mistakeID(in Inquiry, n citizen.Number, field Field) string {
	h := hmac.New(sha256.New, r.NumberKey)
	for _, part := range []string{"mistake", in.Client, in.Dossier, n.Reveal(), string(field)} {
		_, _ = h.Write([]byte(part + "\x00"))
	}
	return "m-" + hex.EncodeToString(h.Sum(nil)[:20])
}

// MistakeOf tells the one who passed a claim on how far it is. It fails with NotFound for
// another's.
func (r *Register) MistakeOf(ctx context.Context, in Inquiry, id string) (Mistake, error) {
	in.Service = ServiceCorrections
	if err := r.may(ctx, in, ReportMistake); err != nil {
		return Mistake{}, err
	}
	m, err := r.Store.Mistake(ctx, id)
	if err == nil && m.Client != in.Client {
		err = fault.New(fault.NotFound, "population.mistake.not_found", nil)
	}
	if err != nil {
		return Mistake{}, err
	}
	return m, r.log(ctx, in, nil, 1, Answered, []citizen.Number{m.Number})
}

// Mistakes are claims for a registrar, the oldest first; open only those without an answer. It
// names fields, agencies and dossiers; what is claimed of whom is read one by one.
func (r *Register) Mistakes(ctx context.Context, a actor.Actor, open bool, after string, limit int) ([]Mistake, error) {
	if err := Permissions.Can(a, SettleMistake); err != nil {
		return nil, err
	}
	list, err := r.Store.Mistakes(ctx, open, after, pageOf(limit))
	for i := range list {
		list[i].Says, list[i].Why, list[i].Number = "", "", citizen.Number{}
	}
	return list, err
}

// Mistake is one claim as a registrar reads it, logged as a look-up of the person.
func (r *Register) Mistake(ctx context.Context, in Inquiry, id string) (Mistake, error) {
	if err := Permissions.Can(in.By, SettleMistake); err != nil {
		return Mistake{}, err
	}
	m, err := r.Store.Mistake(ctx, id)
	if err != nil {
		return Mistake{}, err
	}
	return m, r.log(ctx, in, []Field{m.Field}, 1, Answered, []citizen.Number{m.Number})
}

// SettleMistake ends a claim: with a reason it is refused; without one, an event of after it
// must have changed the fact. It fails with NotFound, Conflict when it is settled already, and
// Invalid ("population.mistake.no_event") when nothing was recorded.
func (r *Register) SettleMistake(ctx context.Context, a actor.Actor, id, refusal string) error {
	if err := Permissions.Can(a, SettleMistake); err != nil {
		return err
	}
	m, err := r.Store.Mistake(ctx, id)
	if err != nil {
		return err
	}
	refusal = strings.TrimSpace(refusal)
	switch {
	case m.State != MistakeOpen:
		return fault.New(fault.Conflict, "population.mistake.settled", nil)
	case utf8.RuneCountInString(refusal) > maxText:
		return fault.New(fault.Invalid, "population.text.long", fault.Args{"max": maxText}).At("answer")
	case refusal != "" && letters(refusal) < MinAnswer/2:
		return fault.New(fault.Invalid, "population.mistake.reason", nil).At("answer")
	case refusal != "":
		m.State, m.Answer = MistakeRefused, refusal
	default:
		events, err := r.Store.Events(ctx, m.Number)
		if err != nil {
			return err
		}
		changed := func(e Event) bool { return !e.RecordedAt.Before(m.At) && e.Kind != Annulment && e.Kind != Registration }
		if !slices.ContainsFunc(events, changed) {
			return fault.New(fault.Invalid, "population.mistake.no_event", nil).At("answer")
		}
		m.State = MistakeCorrected
	}
	m.DecidedBy, m.DecidedAt = a.Account, r.Clock.Now()
	return r.Store.SettleMistake(ctx, m, a)
}
