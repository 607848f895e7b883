package identity

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"dean06/internal/platform/opaque"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/password"
)

const (
	trusteesNeeded = 2
	trusteesMost   = 5
	// trusteeAge is how long somebody must have been named before they can vouch: whoever gets
	// at an open session for an hour does not name their friends and come back by them.
	trusteeAge    = 72 * time.Hour
	recoveryLasts = 7 * 24 * time.Hour // from the asking to its end
	deskLasts     = 30 * time.Minute
	askedADay     = 20 // from one address
	openMost      = 20 // requests at one account for which nobody has vouched
	ticketLen     = 8
)

var (
	errNotTrusted = fault.New(fault.Denied, "identity.recovery.not_trusted", nil)
	errNotReady   = fault.New(fault.Conflict, "identity.recovery.not_ready", nil)
	errNoRecovery = fault.New(fault.NotFound, "identity.recovery.none", nil)
)

// State of a recovery at a moment, as a word: "asked", "waits", "ready", "done", "stopped".
func (r Recovery) State(at time.Time) string {
	switch {
	case !r.DoneAt.IsZero():
		return "done"
	case !r.StopAt.IsZero(), at.Sub(r.AskedAt) >= recoveryLasts:
		return "stopped"
	case r.ReadyAt.IsZero():
		return "asked"
	case at.Before(r.ReadyAt):
		return "waits"
	}
	return "ready"
}

// RecoverByCode signs a holder in by one of their recovery codes and nothing else, so that they
// can set what they sign in with anew. It fails with Invalid, and TooMany while tries wait.
func (s *Service) RecoverByCode(ctx context.Context, who Holder, code string, b Browser) (Entered, error) {
	leave, err := s.Gate.Enter(ctx)
	if err != nil {
		return Entered{}, err
	}
	defer leave()
	a, found, err := s.Store.ByHolder(ctx, who)
	if err != nil {
		return Entered{}, fmt.Errorf("find account: %w", err)
	}
	sec, err := s.secretsOf(ctx, a, found)
	if err != nil {
		return Entered{}, err
	}
	desk, err := s.deskRecovery(ctx, a, found)
	if err != nil {
		return Entered{}, err
	}
	try := s.try("recovery", string(who.Kind)+" "+who.Reveal(), a.ID, b)
	err = s.Store.InTx(ctx, func(tx Tx) error {
		v, err := s.Throttle.Ask(ctx, tx, try, s.Clock.Now())
		if err != nil {
			return err
		}
		return v.Err()
	})
	if err != nil {
		return Entered{}, err
	}
	wrong := fault.New(fault.Invalid, "identity.recovery.wrong", nil).At("code")
	code = password.Bare(code)
	var use func(context.Context, Tx) error
	switch {
	case desk != nil && opaque.Hash(desk.ID+" "+code) == desk.Token:
		use = func(ctx context.Context, tx Tx) error { return s.doneBy(ctx, tx, desk.ID) }
	case password.IsRecovery(code):
		use = s.recoveryCode(sec, a.ID, code)
	}
	if use == nil {
		err := s.Store.InTx(ctx, func(tx Tx) error { return s.failed(ctx, tx, a, found, try, b) })
		return Entered{}, errors.Join(err, wrong)
	}
	var out Entered
	err = s.Store.InTx(ctx, func(tx Tx) error {
		if err := use(ctx, tx); err != nil {
			return err
		}
		if err := s.Throttle.Passed(ctx, tx, try); err != nil {
			return err
		}
		if err := s.tell(ctx, tx, a, "identity.letter.recovered", map[string]string{"when": s.when(), "address": b.net(), "agent": b.agent()}); err != nil {
			return err
		}
		out, err = s.enter(ctx, tx, shown{account: a, methods: []Method{ByRecovery}}, b)
		return err
	})
	if errors.Is(err, ErrChanged) {
		return Entered{}, wrong
	}
	return out, err
}

// deskRecovery is the recovery that an officer opened for a holder and that is not used yet.
func (s *Service) deskRecovery(ctx context.Context, a Account, found bool) (*Recovery, error) {
	if !found {
		return nil, nil //nolint:nilnil // none
	}
	list, err := s.Store.Recoveries(ctx, a.ID)
	if err != nil {
		return nil, fmt.Errorf("recoveries of an account: %w", err)
	}
	now := s.Clock.Now()
	for _, r := range list {
		if r.How == AtDesk && r.State(now) == "ready" && now.Sub(r.AskedAt) < deskLasts {
			return &r, nil
		}
	}
	return nil, nil //nolint:nilnil // none
}

func (s *Service) doneBy(ctx context.Context, tx Tx, id string) error {
	r, err := tx.Recovery(ctx, id)
	if err != nil {
		return err
	}
	if r.State(s.Clock.Now()) != "ready" {
		return ErrChanged
	}
	r.DoneAt = s.Clock.Now()
	return tx.SaveRecovery(ctx, r)
}

// RecoverAtDesk opens the way back for a holder whom an officer sees with their card, and the
// way in for one whose account was opened there. The code is given to the holder, who types it
// with their number within half an hour; every address is told. The officer is not the holder.
// It fails with Unsigned, Denied, Invalid at what is missing, NotFound at "number".
func (s *Service) RecoverAtDesk(ctx context.Context, by actor.Actor, d Present) (code string, err error) {
	if err := Permissions.Can(by, Identify); err != nil {
		return "", err
	}
	now := s.Clock.Now()
	if err := d.Check(clock.DayOf(now), true); err != nil {
		return "", err
	}
	code = password.Readable(password.RecoveryLen, 4)
	err = s.Store.InTx(ctx, func(tx Tx) error {
		a, err := s.atDesk(ctx, tx, by, &d)
		if err != nil {
			return err
		}
		if err := mayEnter(a); err != nil {
			return err
		}
		r := Recovery{ID: s.NewID(), Account: a.ID, How: AtDesk, AskedAt: now, ReadyAt: now, Vouched: []string{by.Account}}
		r.Token = opaque.Hash(r.ID + " " + password.Bare(code))
		if err := s.stopOpen(ctx, tx, a.ID, "another"); err != nil {
			return err
		}
		if err := tx.SaveRecovery(ctx, r); err != nil {
			return err
		}
		if err := s.tell(ctx, tx, a, "identity.letter.desk_recovery", map[string]string{"when": s.when()}); err != nil {
			return err
		}
		args := map[string]string{"card": d.Card.String(), "purpose": d.Purpose}
		return tx.AddEntry(ctx, Entry{Account: a.ID, At: now, What: "desk_recovery", By: by, Args: args})
	})
	if err != nil {
		return "", err
	}
	return code, nil
}

// stopOpen stops what was begun before at an account.
func (s *Service) stopOpen(ctx context.Context, tx Tx, account, why string) error {
	list, err := tx.Recoveries(ctx, account)
	if err != nil {
		return err
	}
	now := s.Clock.Now()
	for _, r := range list {
		if st := r.State(now); st == "done" || st == "stopped" {
			continue
		}
		r.StopAt, r.StopWhy = now, why
		if err := tx.SaveRecovery(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

// NameTrustee names somebody who may vouch for a holder, with another one, from three days on.
// They are known by their number and must have an account of level 2 of their own; they are
// told. It fails with Invalid at "number".
func (s *Service) NameTrustee(ctx context.Context, in SignedIn, who Holder, b Browser) error {
	// A list of numbers is not tried by this.
	err := s.Store.InTx(ctx, func(tx Tx) error {
		if err := s.mayChange(ctx, tx, in); err != nil {
			return err
		}
		return s.Throttle.Limit(ctx, tx, "trustee", in.Account.ID, s.Clock.Now(), 20, day)
	})
	if err != nil {
		return err
	}
	t, found, err := s.Store.ByHolder(ctx, who)
	if err != nil {
		return fmt.Errorf("find account: %w", err)
	}
	if !found || t.ID == in.Account.ID || !t.Opens() || t.Level < Two {
		return fault.New(fault.Invalid, "identity.trustee.unfit", nil).At("number")
	}
	return s.change(ctx, in, b, "trustee_named", func(tx Tx) error {
		sec, err := tx.Secrets(ctx, in.Account.ID)
		if err != nil {
			return err
		}
		has := slices.ContainsFunc(sec.Trustees, func(o Trustee) bool { return o.Account == t.ID })
		switch {
		case has:
			return fault.New(fault.Conflict, "identity.trustee.named", nil).At("number")
		case len(sec.Trustees) >= trusteesMost:
			return fault.New(fault.Conflict, "identity.trustee.many", fault.Args{"most": trusteesMost})
		}
		sec.Account = in.Account.ID
		sec.Trustees = append(slices.Clone(sec.Trustees), Trustee{t.ID, s.Clock.Now()})
		if err := tx.SaveSecrets(ctx, sec); err != nil {
			return err
		}
		return s.tell(ctx, tx, t, "identity.letter.trusted", map[string]string{"name": in.Account.Value(FieldName)})
	})
}

// DropTrustee takes a person of trust away.
func (s *Service) DropTrustee(ctx context.Context, in SignedIn, account string, b Browser) error {
	return s.change(ctx, in, b, "trustee_dropped", func(tx Tx) error {
		sec, err := tx.Secrets(ctx, in.Account.ID)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(sec.Trustees, func(o Trustee) bool { return o.Account == account })
		if i < 0 {
			return ErrUnknown
		}
		sec.Trustees = slices.Delete(slices.Clone(sec.Trustees), i, i+1)
		return tx.SaveSecrets(ctx, sec)
	})
}

// TrusteeNames are the names of a holder's people of trust, by account.
func (s *Service) TrusteeNames(ctx context.Context, in SignedIn) (map[string]string, error) {
	if err := Permissions.CanOwn(in.Actor(), SeeOwn, true); err != nil {
		return nil, err
	}
	sec, err := s.Store.Secrets(ctx, in.Account.ID)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, t := range sec.Trustees {
		a, err := s.Store.Account(ctx, t.Account)
		if err != nil {
			return nil, err
		}
		out[t.Account] = a.Value(FieldName)
	}
	return out, nil
}

// AskedRecovery is what whoever asks for a way back is given.
type AskedRecovery struct {
	Ticket string // told to people of trust, who type it
	Token  string // of the one who asked; opens the account once it is ready
}

// AskTrustees begins the way back by people of trust. Everybody gets the same answer, whether
// there is such an account or not; nobody is told before a person of trust says yes, so that
// strangers cannot trouble a holder with it. It fails with TooMany.
func (s *Service) AskTrustees(ctx context.Context, who Holder, b Browser) (AskedRecovery, error) {
	now := s.Clock.Now()
	out := AskedRecovery{Ticket: password.Readable(ticketLen, 4), Token: opaque.Text(32)}
	a, found, err := s.Store.ByHolder(ctx, who)
	if err != nil {
		return out, fmt.Errorf("find account: %w", err)
	}
	sec, err := s.secretsOf(ctx, a, found)
	if err != nil {
		return out, err
	}
	err = s.Store.InTx(ctx, func(tx Tx) error {
		if err := s.Throttle.Limit(ctx, tx, "recovery.net", b.net(), now, askedADay, day); err != nil {
			return err
		}
		if !found || !a.Opens() || len(s.trusted(sec, now)) < trusteesNeeded {
			return nil
		}
		if err := s.fewOpen(ctx, tx, a.ID, b.net()); err != nil {
			return err
		}
		return tx.SaveRecovery(ctx, Recovery{
			ID: s.ticketID(out.Ticket), Account: a.ID, How: WithTrustees, Token: opaque.Hash(out.Token), AskedAt: now, Address: b.net(), Agent: b.agent(),
			Trustees: s.trusted(sec, now),
		})
	})
	return out, err
}

const day = 24 * time.Hour

// fewOpen keeps the requests few for which nobody has vouched: one of each address, and of all
// the youngest. What a stranger asks for does not push aside what the holder did, nor what is
// vouched for.
func (s *Service) fewOpen(ctx context.Context, tx Tx, account, net string) error {
	list, err := tx.Recoveries(ctx, account) // the youngest first
	if err != nil {
		return err
	}
	now, open := s.Clock.Now(), 0
	for _, r := range list {
		if r.State(now) != "asked" || len(r.Vouched) > 0 {
			continue
		}
		if open++; r.Address != net && open < openMost {
			continue
		}
		r.StopAt, r.StopWhy = now, "another"
		if err := tx.SaveRecovery(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

// ticketID is the id of the recovery that a ticket names.
func (s *Service) ticketID(ticket string) string {
	return opaque.Hash("recovery " + password.Bare(ticket))[:32]
}

// trusted are those who may vouch at a moment.
func (s *Service) trusted(sec Secrets, at time.Time) []string {
	var out []string
	for _, t := range sec.Trustees {
		if at.Sub(t.Since) >= trusteeAge {
			out = append(out, t.Account)
		}
	}
	return out
}

// Vouch says that a person of trust knows who asks: they saw or spoke to them and got the
// ticket from them. With the second one the wait begins; every address of the holder is told
// with each. It fails with NotFound, Denied.
func (s *Service) Vouch(ctx context.Context, in SignedIn, ticket string, b Browser) (Recovery, error) {
	if err := Permissions.CanOwn(in.Actor(), SeeOwn, true); err != nil {
		return Recovery{}, err
	}
	if in.Session.Level < Two {
		return Recovery{}, ErrStale
	}
	var r Recovery
	err := s.Store.InTx(ctx, func(tx Tx) error {
		now := s.Clock.Now()
		if err := s.Throttle.Limit(ctx, tx, "ticket", in.Account.ID, now, 20, day); err != nil {
			return err
		}
		var err error
		r, err = tx.Recovery(ctx, s.ticketID(ticket))
		switch {
		case fault.Of(err) == fault.NotFound:
			return errNoRecovery.At("ticket")
		case err != nil:
			return err
		case !slices.Contains(r.Trustees, in.Account.ID):
			return errNotTrusted
		case r.State(now) != "asked" || slices.Contains(r.Vouched, in.Account.ID):
			return errNoRecovery.At("ticket")
		}
		a, err := tx.Account(ctx, r.Account)
		if err != nil {
			return err
		}
		r.Vouched = append(slices.Clone(r.Vouched), in.Account.ID)
		if len(r.Vouched) >= trusteesNeeded {
			r.ReadyAt = now.Add(RecoveryWait)
		}
		if err := tx.SaveRecovery(ctx, r); err != nil {
			return err
		}
		args := map[string]string{"name": in.Account.Value(FieldName), "when": s.when()}
		if !r.ReadyAt.IsZero() {
			args["ready"] = inVietnam(r.ReadyAt)
		}
		text := "identity.letter.vouched"
		if !r.ReadyAt.IsZero() {
			text = "identity.letter.recovery_waits"
		}
		if err := s.tell(ctx, tx, a, text, args); err != nil {
			return err
		}
		return s.note(ctx, tx, a, in.Actor(), b, "vouched", map[string]string{"ready": args["ready"]})
	})
	return r, err
}

// RecoveriesOf are the ways back that were begun at a holder's account and go on: every device
// shows them, with a way to stop them.
func (s *Service) RecoveriesOf(ctx context.Context, in SignedIn) ([]Recovery, error) {
	if err := Permissions.CanOwn(in.Actor(), SeeOwn, true); err != nil {
		return nil, err
	}
	list, err := s.Store.Recoveries(ctx, in.Account.ID)
	if err != nil {
		return nil, fmt.Errorf("recoveries of an account: %w", err)
	}
	now := s.Clock.Now()
	return slices.DeleteFunc(list, func(r Recovery) bool {
		st := r.State(now)
		return st == "done" || st == "stopped" || r.How == WithTrustees && len(r.Vouched) == 0
	}), nil
}

// StopRecovery stops a way back, from any device of the holder.
func (s *Service) StopRecovery(ctx context.Context, in SignedIn, id string, b Browser) error {
	if err := Permissions.CanOwn(in.Actor(), KeepOwn, true); err != nil {
		return err
	}
	return s.Store.InTx(ctx, func(tx Tx) error {
		r, err := tx.Recovery(ctx, id)
		if err != nil {
			return err
		}
		if r.Account != in.Account.ID {
			return ErrUnknown
		}
		if st := r.State(s.Clock.Now()); st == "done" || st == "stopped" {
			return errNoRecovery
		}
		r.StopAt, r.StopWhy = s.Clock.Now(), "holder"
		if err := tx.SaveRecovery(ctx, r); err != nil {
			return err
		}
		if err := s.tell(ctx, tx, in.Account, "identity.letter.recovery_stopped", map[string]string{"when": s.when()}); err != nil {
			return err
		}
		return s.note(ctx, tx, in.Account, in.Actor(), b, "recovery_stopped", nil)
	})
}

// RecoveryAsked says how far a way back has come, for whoever asked for it. One that there is
// not, looks as if nobody had vouched.
func (s *Service) RecoveryAsked(ctx context.Context, asked AskedRecovery) (Recovery, error) {
	r, err := s.Store.Recovery(ctx, s.ticketID(asked.Ticket))
	switch {
	case fault.Of(err) == fault.NotFound:
		return Recovery{How: WithTrustees, AskedAt: s.Clock.Now()}, nil
	case err != nil:
		return Recovery{}, err
	case r.Token != opaque.Hash(asked.Token):
		return Recovery{}, errNoRecovery
	}
	return r, nil
}

// Recover signs in whoever asked for a way back, once two people of trust vouched and the wait
// is over; they set what they sign in with anew. Sign-ins from before end: whoever has the
// lost device is out. It fails with Conflict before it is ready, NotFound once it is over.
func (s *Service) Recover(ctx context.Context, asked AskedRecovery, b Browser) (Entered, error) {
	var out Entered
	err := s.Store.InTx(ctx, func(tx Tx) error {
		r, err := tx.Recovery(ctx, s.ticketID(asked.Ticket))
		if fault.Of(err) == fault.NotFound || err == nil && r.Token != opaque.Hash(asked.Token) {
			return errNotReady
		}
		if err != nil {
			return err
		}
		switch r.State(s.Clock.Now()) {
		case "asked", "waits":
			return errNotReady
		case "done", "stopped":
			return errNoRecovery
		}
		a, err := tx.Account(ctx, r.Account)
		if err != nil {
			return err
		}
		r.DoneAt = s.Clock.Now()
		if err := tx.SaveRecovery(ctx, r); err != nil {
			return err
		}
		if err := s.EndSessions(ctx, tx, a.ID, nil); err != nil {
			return err
		}
		if err := s.tell(ctx, tx, a, "identity.letter.recovered", map[string]string{"when": s.when(), "address": b.net(), "agent": b.agent()}); err != nil {
			return err
		}
		out, err = s.enter(ctx, tx, shown{account: a, methods: []Method{ByRecovery}}, b)
		return err
	})
	return out, err
}
