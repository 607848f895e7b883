package readiness

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// Board is what the board shows of a campaign, in answer to a question.
type Board struct {
	Basis
	Figures Figures
	// Before is the round before, in answer to the same question; nil when
	// this is the first.
	Before *Basis
	Rounds []Campaign // all letters, the newest first
	// State changes whenever what can be shown of the campaign may have changed.
	State string
}

// Board answers a question for those who may read the board. It fails with
// NotFound when there is no such campaign.
func (r *Register) Board(ctx context.Context, who actor.Actor, q Question) (Board, error) {
	if err := Can(who, ReadBoard, ""); err != nil {
		return Board{}, err
	}
	rounds, err := r.rounds.list(ctx, r.store, q.Campaign)
	if err != nil {
		return Board{}, err
	}
	i := slices.IndexFunc(rounds, func(c round) bool { return c.ID == q.Campaign })
	if i < 0 {
		if c, err := r.store.Campaign(ctx, q.Campaign); err == nil && c.Cancelled != nil {
			return Board{}, c.Live()
		}
		return Board{}, fault.New(fault.NotFound, "readiness.campaign.not_found", fault.Args{"campaign": q.Campaign})
	}
	state := fmt.Sprintf("%s|%+v|%d", clock.DayOf(r.clock.Now()), q, len(rounds))
	for _, id := range []string{q.Campaign, rounds[i].Previous} {
		revision, err := r.store.Revision(ctx, id)
		if err != nil {
			return Board{}, err
		}
		state += "|" + id + "|" + revision
	}
	return r.boards.get(ctx, state, func(ctx context.Context) (Board, error) {
		b := Board{State: state}
		for _, c := range rounds {
			b.Rounds = append(b.Rounds, c.Campaign)
		}
		return b, r.fillBoard(ctx, &b, q)
	})
}

func (r *Register) fillBoard(ctx context.Context, b *Board, q Question) (err error) {
	if b.Basis, err = r.basis(ctx, q); err != nil {
		return err
	}
	b.Figures = Tally(b.Question, b.Template.Rule(), b.Template, b.Statements)
	if b.Campaign.Previous == "" {
		return nil
	}
	before, err := r.before(ctx, b.Basis)
	if err != nil {
		return err
	}
	b.Before = &before
	return nil
}

// before answers the question of a basis for the round before it, in the same units.
func (r *Register) before(ctx context.Context, b Basis) (Basis, error) {
	q := b.Question
	q.Campaign = b.Campaign.Previous
	return r.basis(ctx, q)
}

// Rounds answers a question for a round and for the one before it, in the units of one
// day; before is nil when this is the first.
func (r *Register) Rounds(ctx context.Context, who actor.Actor, q Question) (now Basis, before *Basis, err error) {
	if now, err = r.Statements(ctx, who, q); err != nil || now.Campaign.Previous == "" {
		return now, nil, err
	}
	b, err := r.before(ctx, now)
	return now, &b, err
}

// round is a campaign with the revision of its returns.
type round struct {
	Campaign
	Revision string
}

// roundList keeps the campaigns for a moment: they are many and long, every
// page of the board names them, and they change a few times a year.
type roundList struct {
	mu   sync.Mutex
	at   time.Time
	kept []round
}

const roundsKept = time.Second

// list gives all campaigns, the newest first, as they were at most a second
// ago; a wanted one that is not among them is looked for anew.
func (l *roundList) list(ctx context.Context, store Reader, wanted string) ([]round, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if time.Since(l.at) < roundsKept && slices.ContainsFunc(l.kept, func(c round) bool { return c.ID == wanted }) {
		return l.kept, nil
	}
	campaigns, err := store.Campaigns(ctx)
	if err != nil {
		return nil, err
	}
	campaigns = Live(campaigns)
	kept := make([]round, len(campaigns))
	for i, c := range campaigns {
		kept[i].Campaign = c
		if kept[i].Revision, err = store.Revision(ctx, c.ID); err != nil {
			return nil, err
		}
	}
	l.kept, l.at = kept, time.Now() //nolint:forbidigo // how old what is kept is, not when anything happened
	return kept, nil
}

// forget lets the next list be made anew.
func (l *roundList) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.kept = nil
}

// History answers a question for every round on the same form, the earliest first: what
// another form asks is not compared. A round of which nothing was known by then is left out.
func (r *Register) History(ctx context.Context, who actor.Actor, q Question) ([]Basis, error) {
	if err := Can(who, ReadBoard, ""); err != nil {
		return nil, err
	}
	rounds, err := r.rounds.list(ctx, r.store, q.Campaign)
	if err != nil {
		return nil, err
	}
	of := slices.IndexFunc(rounds, func(c round) bool { return c.ID == q.Campaign })
	return r.histories.get(ctx, r.historyKey(rounds, q), func(ctx context.Context) ([]Basis, error) {
		var out []Basis
		for _, c := range slices.Backward(rounds) {
			if of >= 0 && c.Form() != rounds[of].Form() {
				continue
			}
			if !q.KnownOn.IsZero() && c.Issued.After(q.KnownOn) {
				continue
			}
			asked := q
			asked.Campaign = c.ID
			b, err := r.basis(ctx, asked)
			if f := fault.As(err); f != nil && f.Key == "readiness.campaign.cancelled" {
				continue // elsewhere, since the list was kept
			}
			if err != nil {
				return nil, err
			}
			out = append(out, b)
		}
		return out, nil
	})
}

// historyKey changes whenever an answer in any round does.
func (r *Register) historyKey(rounds []round, q Question) string {
	var key strings.Builder
	fmt.Fprintf(&key, "%s|%+v", clock.DayOf(r.clock.Now()), q)
	for _, c := range rounds {
		key.WriteString("|" + c.ID + "|" + c.Revision)
	}
	return key.String()
}

// Profile is all that the board shows of one agency.
type Profile struct {
	View
	Statement Statement // in the geography of the question; zero when it was neither asked nor answered
	Counted   *Version  // the version behind the figures
	Since     time.Time // from when it counted
	Rounds    []ProfileRound
	Slips     []Entry
	From      []Statement // the agencies that it was made of
	Into      []Share     // what has become of it by today; none when it is as it was
	State     string      // changes whenever what can be shown of it may have changed
}

// ProfileRound is what an agency stood for in one round.
type ProfileRound struct {
	Campaign  Campaign
	Statement Statement
}

// Profile shows one agency on the board. It fails with NotFound when there was
// none with this code on the letter's day nor on that of the geography.
func (r *Register) Profile(ctx context.Context, who actor.Actor, q Question, code string) (Profile, Board, error) {
	if err := Can(who, ReadReturn, code); err != nil {
		return Profile{}, Board{}, err
	}
	b, err := r.Board(ctx, who, q)
	if err != nil {
		return Profile{}, b, err
	}
	rounds, err := r.rounds.list(ctx, r.store, q.Campaign)
	if err != nil {
		return Profile{}, b, err
	}
	// What is kept for those who see contacts is not for the others.
	key := fmt.Sprint(b.State, r.historyKey(rounds, q), "|", code, "|", Can(who, ReadContact, code) == nil)
	p, err := r.profiles.get(ctx, key, func(ctx context.Context) (Profile, error) {
		p, err := r.profile(ctx, who, q, b, code)
		p.State = key
		return p, err
	})
	return p, b, err
}

func (r *Register) profile(ctx context.Context, who actor.Actor, q Question, b Board, code string) (p Profile, err error) {
	p.Statement, _ = StatementOf(b.Statements, code)
	p.From = p.Statement.From
	p.View, err = r.Look(ctx, who, q.Campaign, code)
	if fault.Of(err) == fault.NotFound && len(p.From) > 0 { // it came to be after the letter
		p.View, err = View{
			Campaign: b.Campaign, Template: b.Template, Agency: Agency{Code: code, Name: p.Statement.Name, Kind: p.Statement.Kind},
		}, nil
	}
	if err != nil {
		return p, err
	}
	p.Record.Draft = nil // the board shows what counts
	if v, since, ok := p.Record.Counted(q.before()); ok {
		p.Counted, p.Since = &v, since
	}
	history, err := r.History(ctx, who, q)
	if err != nil {
		return p, err
	}
	for _, h := range history {
		if s, ok := StatementOf(h.Statements, code); ok {
			p.Rounds = append(p.Rounds, ProfileRound{h.Campaign, s})
		}
	}
	if len(p.From) == 0 {
		if p.Into, err = r.became(ctx, q, code, b.Campaign.Recipients.On); err != nil {
			return p, err
		}
	}
	sums, err := r.aggregate(ctx, q)
	for _, e := range sums.Slips {
		if e.Agency == code {
			p.Slips = append(p.Slips, e)
		}
	}
	return p, err
}

// became lists the agencies into which one of a day has gone by today; none
// when it is by itself and called as it was.
func (r *Register) became(ctx context.Context, q Question, code string, on clock.Date) ([]Share, error) {
	q.Geography = clock.DayOf(r.clock.Now())
	into := r.agencies.Geography(on, q.Geography).Successors(code)
	if len(into) != 1 || into[0].Agency != code {
		return into, nil
	}
	today, err := r.basis(ctx, q)
	if err != nil {
		return nil, err
	}
	was, _ := r.agencies.Agency(code, on)
	if s, _ := StatementOf(today.Statements, code); len(s.From) < 2 && was.Name == into[0].Name {
		return nil, nil
	}
	return into, nil
}

// StatementOf finds the statement of an agency.
func StatementOf(statements []Statement, code string) (Statement, bool) {
	i := slices.IndexFunc(statements, func(s Statement) bool { return s.Agency == code })
	if i < 0 {
		return Statement{}, false
	}
	return statements[i], true
}
