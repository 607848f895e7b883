package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"dean06/internal/dossier"
	"dean06/internal/dossier/dossiersql"
	"dean06/internal/dossier/dossiertest"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/sqldb"
	"dean06/internal/population"
	"dean06/internal/population/people"
)

// filling is what a benchmark remembers of the dossiers that it made.
type filling struct {
	moulds  map[dossier.Status]*mould
	draft   *mould
	decide  *mould
	actions int
	names   []string // of applicants, some
	codes   []string
	opened  map[string][]string // codes by agency, some of those that have not ended
	next    int
}

// shareOf says how many of a thousand dossiers have a status: most have ended.
var shareOf = []struct {
	status dossier.Status
	share  int
}{
	{dossier.New, 8},
	{dossier.Received, 8},
	{dossier.InProcess, 20},
	{dossier.Supplement, 8},
	{dossier.FeeDue, 2},
	{dossier.Withdrawing, 1},
	{dossier.Done, 15},
	{dossier.RefusedIntake, 8},
	{dossier.Stopped, 12},
	{dossier.HandedOver, 918},
}

// mould is a dossier with what happened to it, or a draft, as text with the places of what is
// another's in each copy.
type mould struct{ parts []part }

type part struct {
	lit  string
	kind string    // "" is lit itself
	at   time.Time // of "time"
}

// copyOf are what is another's in a copy.
type copyOf struct {
	id, code, account, name, number, agency, commune, unique string
	back                                                     time.Duration // into the past
}

var momentShape = `20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?Z`

// moulded finds the places. Those that hold others come first.
func moulded(text string, proofs []string, of copyOf) (*mould, error) {
	kinds := map[string]string{
		of.id: "id", of.code: "code", of.name: "name", of.number: "number", of.agency: "agency", of.commune: "commune",
	}
	shapes := []string{momentShape}
	for _, s := range []string{of.id, of.code} {
		shapes = append(shapes, regexp.QuoteMeta(s))
	}
	for _, p := range proofs {
		kinds[p] = "proof"
		shapes = append(shapes, regexp.QuoteMeta(p))
	}
	for _, s := range []string{of.agency, of.commune, of.number, of.name} {
		shapes = append(shapes, regexp.QuoteMeta(s))
	}
	// The account is a word that may be an answer, too.
	shapes = append(shapes, `"(?:account|Account|by|source)":"`+regexp.QuoteMeta(of.account)+`"`)
	find, err := regexp.Compile(strings.Join(shapes, "|"))
	if err != nil {
		return nil, err
	}
	m := &mould{}
	last := 0
	for _, at := range find.FindAllStringIndex(text, -1) {
		found := text[at[0]:at[1]]
		p := part{lit: found, kind: kinds[found]}
		if key, is := strings.CutSuffix(found, `"`+of.account+`"`); is {
			p = part{lit: key, kind: "account"}
		}
		if p.kind == "" {
			if p.at, err = time.Parse(time.RFC3339Nano, found); err != nil {
				return nil, err
			}
			p.kind = "time"
		}
		m.parts = append(m.parts, part{lit: text[last:at[0]]}, p)
		last = at[1]
	}
	m.parts = append(m.parts, part{lit: text[last:]})
	return m, nil
}

// text is the mould filled in.
func (m *mould) text(c *copyOf) string {
	var b strings.Builder
	for i := range m.parts {
		switch p := &m.parts[i]; p.kind {
		case "":
			b.WriteString(p.lit)
		case "time":
			b.WriteString(p.at.Add(-c.back).Format(time.RFC3339Nano))
		case "id":
			b.WriteString(c.id)
		case "code":
			b.WriteString(c.code)
		case "account":
			b.WriteString(p.lit + `"` + c.account + `"`)
		case "name":
			b.WriteString(c.name)
		case "number":
			b.WriteString(c.number)
		case "agency":
			b.WriteString(c.agency)
		case "commune":
			b.WriteString(c.commune)
		case "proof":
			b.WriteString(p.lit + c.unique)
		}
	}
	return b.String()
}

// told is a dossier with its actions as text: what is said with an action is JSON within.
type told struct {
	Dossier dossier.Dossier
	Actions []toldAction
}

type toldAction struct {
	dossier.Action
	Data json.RawMessage `json:"data"` // hides the action's own, which is written as base64
}

// whole makes a dossier of a mould; it is chained anew.
func (m *mould) whole(c *copyOf) (dossiersql.Whole, error) {
	var t told
	if err := json.Unmarshal([]byte(m.text(c)), &t); err != nil {
		return dossiersql.Whole{}, err
	}
	d := t.Dossier
	d.Digest = dossier.DigestAnswers(d.Answers, d.Papers)
	out := dossiersql.Whole{Actions: make([]dossier.Action, len(t.Actions))}
	before := ""
	for i := range t.Actions {
		a := t.Actions[i].Action
		a.Data = t.Actions[i].Data
		if i == len(t.Actions)-1 {
			var s dossier.Said
			if err := json.Unmarshal(a.Data, &s); err != nil {
				return out, err
			}
			s.Digest, s.State = d.Digest, dossier.DigestState(d)
			raw, err := json.Marshal(s)
			if err != nil {
				return out, err
			}
			a.Data = raw
		}
		a.Before = before
		a.Hash = a.Sum()
		before = a.Hash
		out.Actions[i] = a
	}
	out.Dossier = d
	return out, nil
}

// mouldOf makes the mould of a dossier in memory.
func mouldOf(ctx context.Context, w *dossiertest.World, d dossier.Dossier) (*mould, error) {
	actions, err := w.Store.Actions(ctx, d.ID)
	if err != nil {
		return nil, err
	}
	t := told{Dossier: d}
	for _, a := range actions {
		t.Actions = append(t.Actions, toldAction{Action: a, Data: a.Data})
	}
	raw, err := json.Marshal(t)
	if err != nil {
		return nil, err
	}
	var proofs []string
	for _, r := range d.Results {
		if r.Proof != "" {
			proofs = append(proofs, r.Proof)
		}
	}
	return moulded(string(raw), proofs, copyOf{
		id: d.ID, code: d.Code, account: d.Applicant.Account, name: d.Applicant.Name, number: d.Applicant.Number, agency: d.Competent, commune: d.Area,
	})
}

// moulds brings a birth registration to each status, and one to the leader's desk.
func (f *filling) make(ctx context.Context) error {
	f.moulds = map[dossier.Status]*mould{}
	for _, s := range shareOf {
		w := dossiertest.New()
		d, err := w.To(ctx, s.status)
		if err != nil {
			return fmt.Errorf("bring a dossier to status %d: %w", s.status, err)
		}
		if f.moulds[s.status], err = mouldOf(ctx, w, d); err != nil {
			return err
		}
	}
	w := dossiertest.New()
	d, err := w.To(ctx, dossier.InProcess)
	if err == nil {
		err = w.Act(ctx, dossiertest.Reviewer, &d, dossier.Propose, dossier.Said{Note: "Đủ điều kiện"})
	}
	if err != nil {
		return fmt.Errorf("bring a dossier to the leader: %w", err)
	}
	if f.decide, err = mouldOf(ctx, w, d); err != nil {
		return err
	}
	w = dossiertest.New()
	draft, err := w.Begin(ctx, dossiertest.Mother, dossiertest.BirthAnswers())
	if err != nil {
		return fmt.Errorf("fill in a form: %w", err)
	}
	draft.Version = 1
	raw, err := json.Marshal(draft)
	if err != nil {
		return err
	}
	f.draft, err = moulded(string(raw), nil, copyOf{
		id: draft.ID, code: "\x00", account: draft.Account, name: dossiertest.Mother.Name, number: dossiertest.MotherNumber,
		agency: dossiertest.Commune, commune: "05443",
	})
	return err
}

const (
	atOnce   = 500    // dossiers in one transaction
	maxKnown = 20_000 // names and codes that are remembered
	weeks    = 150    // over which the dossiers came in
)

var errEnough = errors.New("enough")

// fillDossiers writes n dossiers of invented people.
func fillDossiers(ctx context.Context, store *dossiersql.Store, n int) (*filling, error) {
	f := &filling{opened: map[string][]string{}}
	if err := f.make(ctx); err != nil {
		return nil, err
	}
	work, ctx := errgroup.WithContext(ctx)
	batches := make(chan []dossiersql.Whole, 2)
	work.Go(func() error { // one writes while another makes the next
		for b := range batches {
			if err := store.Load(ctx, b); err != nil {
				return err
			}
		}
		return nil
	})
	work.Go(func() error {
		defer close(batches)
		return f.generate(ctx, n, batches)
	})
	return f, work.Wait()
}

// generate makes n dossiers.
func (f *filling) generate(ctx context.Context, n int, batches chan<- []dossiersql.Whole) error {
	dice := rand.New(rand.NewPCG(seed, 9)) //nolint:gosec // no secret
	var batch []dossiersql.Whole
	flush := func() error {
		select {
		case batches <- batch:
			batch = nil
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	err := people.Generate(3*n+1000, seed, func(p population.Person) error {
		if p.Number.IsZero() || clock.DayOf(clock.System{}.Now()).Year()-p.Birth.Year() < 20 || p.Life != population.Alive {
			return nil
		}
		status := dossier.HandedOver
		at := dice.IntN(1000)
		for _, s := range shareOf {
			if at -= s.share; at < 0 {
				status = s.status
				break
			}
		}
		c := f.copy(dice, p.Name, p.Number.Reveal())
		switch status { // what has ended came in long ago
		case dossier.HandedOver, dossier.Stopped, dossier.RefusedIntake:
			c.back = time.Duration(weeks-f.next*weeks/n) * 7 * 24 * time.Hour
		default:
			c.back = time.Duration(dice.IntN(2)) * 7 * 24 * time.Hour
			if known := f.opened[c.agency]; len(known) < 200 {
				f.opened[c.agency] = append(known, c.code)
			}
		}
		w, err := f.moulds[status].whole(&c)
		if err != nil {
			return err
		}
		f.actions += len(w.Actions)
		if len(f.names) < maxKnown && dice.IntN(max(1, n/maxKnown)) == 0 {
			f.names, f.codes = append(f.names, p.Name), append(f.codes, c.code)
		}
		if batch = append(batch, w); len(batch) == atOnce {
			if err := flush(); err != nil {
				return err
			}
		}
		if f.next >= n {
			return errEnough
		}
		return ctx.Err()
	}, people.Options{})
	if err != nil && !errors.Is(err, errEnough) {
		return err
	}
	return flush()
}

// copy is the next copy, of somebody.
func (f *filling) copy(dice *rand.Rand, name, number string) copyOf {
	f.next++
	commune := communeOf(f.agency(dice))
	return copyOf{
		id: sqldb.NewID(), code: fmt.Sprintf("H55.C%s-20261130-%08d", commune, 10_000_000+f.next), account: fmt.Sprintf("bench-%d", f.next),
		name: name, number: number, agency: "H55.C" + commune, commune: commune, unique: fmt.Sprint("-", f.next),
	}
}

// agency is one of the agencies: every fifth dossier is of the town.
func (f *filling) agency(dice *rand.Rand) int {
	if dice.IntN(5) == 0 {
		return 0
	}
	return dice.IntN(agencies)
}

// sought is what an officer types: a name without accents, whole or its last words; a code.
func (f *filling) sought(dice *rand.Rand) string {
	i := dice.IntN(len(f.names))
	words := strings.Fields(f.names[i])
	switch dice.IntN(5) {
	case 0:
		return f.codes[i]
	case 1:
		return words[len(words)-1] + " " + words[0]
	case 2:
		return strings.Join(words[max(0, len(words)-2):], " ")
	}
	return f.names[i]
}

// open is the code of a dossier of an agency that has not ended.
func (f *filling) open(dice *rand.Rand, agency string) (string, bool) {
	list := f.opened[agency]
	if len(list) == 0 {
		return "", false
	}
	return list[dice.IntN(len(list))], true
}

// ready is what acts need: forms that are filled in, dossiers on the leader's desk.
type ready struct {
	mu        sync.Mutex
	drafts    []readyDraft
	decisions []readyDecision
}

type readyDraft struct {
	id  string
	who actor.Actor
}

type readyDecision struct {
	code   string
	leader actor.Actor
}

func (r *ready) draft() (readyDraft, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.drafts) == 0 {
		return readyDraft{}, false
	}
	d := r.drafts[len(r.drafts)-1]
	r.drafts = r.drafts[:len(r.drafts)-1]
	return d, true
}

func (r *ready) decision() (string, actor.Actor, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.decisions) == 0 {
		return "", actor.Actor{}, false
	}
	d := r.decisions[len(r.decisions)-1]
	r.decisions = r.decisions[:len(r.decisions)-1]
	return d.code, d.leader, true
}

// lay makes what acts need.
func (f *filling) lay(ctx context.Context, store *dossiersql.Store, drafts, decisions int, desks []desk) (*ready, error) {
	dice := rand.New(rand.NewPCG(seed, uint64(f.next))) //nolint:gosec // no secret
	out := &ready{}
	name := func() string { return f.names[dice.IntN(len(f.names))] }
	for done := 0; done < drafts; {
		var made []readyDraft
		err := store.InTx(ctx, func(tx dossier.Tx) error {
			made = nil
			for range min(atOnce, drafts-done) {
				c := f.copy(dice, name(), dossiertest.MotherNumber)
				var d dossier.Draft
				if err := json.Unmarshal([]byte(f.draft.text(&c)), &d); err != nil {
					return err
				}
				if err := tx.SaveDraft(ctx, d, 0); err != nil {
					return err
				}
				made = append(made, readyDraft{d.ID, actor.Actor{
					Account: c.account, Name: c.name, Roles: []string{dossier.Citizen}, Via: actor.Password, Level: 2,
				}})
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("lay out forms: %w", err)
		}
		out.drafts = append(out.drafts, made...)
		done = len(out.drafts)
	}
	var batch []dossiersql.Whole
	for i := range decisions {
		at := f.agency(dice)
		c := f.copy(dice, name(), dossiertest.MotherNumber)
		c.agency, c.commune = desks[at].agency, communeOf(at)
		w, err := f.decide.whole(&c)
		if err != nil {
			return nil, err
		}
		out.decisions = append(out.decisions, readyDecision{c.code, desks[at].leader})
		if batch = append(batch, w); len(batch) == atOnce || i == decisions-1 {
			if err := store.Load(ctx, batch); err != nil {
				return nil, fmt.Errorf("lay out decisions: %w", err)
			}
			batch = batch[:0]
		}
	}
	return out, nil
}
