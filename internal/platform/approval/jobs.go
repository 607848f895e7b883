package approval

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/outbox"
	"dean06/internal/platform/sqldb"
)

const (
	sweepJob = "approval.sweep"
	askJob   = "approval.answers"
)

// Jobs are the handlers of this package's jobs.
func (s *Service) Jobs() map[string]jobs.Handler {
	return map[string]jobs.Handler{
		sweepJob: func(ctx context.Context, _ *jobs.Task) error { return s.Sweep(ctx) },
		askJob:   func(ctx context.Context, _ *jobs.Task) error { return s.Poll(ctx) },
		outbox.Kind(topic): outbox.Handler(topic, func(ctx context.Context, m outbox.Message) error {
			var id string
			if err := json.Unmarshal(m.Payload, &id); err != nil {
				return jobs.Permanent(err)
			}
			return s.deliver(ctx, id)
		}),
	}
}

// Periodic are its jobs that come by themselves.
func (s *Service) Periodic() []jobs.Periodic {
	return []jobs.Periodic{{Kind: sweepJob, Slot: jobs.Every(10 * time.Minute)}}
}

// askLater makes the job that asks for decisions, once for each moment at which it is due.
func (s *Service) askLater(ctx context.Context) error {
	every := s.opts.Poll
	if every == 0 {
		every = time.Minute
	}
	at := s.clock.Now().Truncate(every).Add(every)
	_, err := jobs.Enqueue(ctx, s.db, askJob, struct{}{}, jobs.Options{ID: askJob + "@" + at.UTC().Format(time.RFC3339), RunAt: at})
	return err
}

// Poll asks other nodes for their decisions on what was sent to them, and takes them. It
// comes again while something waits.
func (s *Service) Poll(ctx context.Context) error {
	sent, err := s.sent(ctx, "arrived_at IS NOT NULL")
	if err != nil || len(sent) == 0 {
		return err
	}
	waits := false
	var errs []error
	for _, r := range sent {
		done, err := s.poll(ctx, r)
		waits = waits || !done
		errs = append(errs, err)
	}
	if waits {
		errs = append(errs, s.askLater(ctx))
	}
	return errors.Join(errs...)
}

// poll asks for one decision. That a node is away or its decision cannot take effect is written
// beside the request and is no fault of the job.
func (s *Service) poll(ctx context.Context, r Request) (done bool, err error) {
	c := s.away.Load().courier
	if c == nil {
		return false, s.tried(ctx, r.ID, errNoCourier)
	}
	d, ok, err := c.Answer(ctx, r.SentTo, r.ID)
	if fault.Of(err) == fault.NotFound {
		return false, s.sendAgain(ctx, r)
	}
	if err != nil {
		return false, s.tried(ctx, r.ID, err)
	}
	if ok && d.ID != r.ID {
		err = fault.New(fault.Denied, "approval.answer.other", fault.Args{"node": r.SentTo})
	} else if ok {
		_, err = s.Accept(ctx, r.SentTo, d)
	}
	if err != nil {
		return false, s.tried(ctx, r.ID, err)
	}
	_, err = sqldb.Exec(ctx, s.db, `UPDATE approval_request SET tried_at = $1, tries = 0, try_trouble = '' WHERE id = $2`,
		s.clock.Now(), r.ID)
	return ok, err
}

// sendAgain sends what the other node has lost, as one that was set up again from a copy has.
func (s *Service) sendAgain(ctx context.Context, r Request) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		if _, err := sqldb.Exec(ctx, tx, `UPDATE approval_request SET arrived_at = NULL WHERE id = $1`, r.ID); err != nil {
			return err
		}
		return s.send(ctx, tx, r)
	})
}

// sent are the open requests that another node decides.
func (s *Service) sent(ctx context.Context, and string) ([]Request, error) {
	rows, err := sqldb.All[row](ctx, s.db, `
		SELECT `+columns+` FROM approval_request
		WHERE state = 'open' AND sent_to <> '' AND expires_at > $1 AND `+and+` ORDER BY id`, s.clock.Now())
	if err != nil {
		return nil, fmt.Errorf("requests that were sent: %w", err)
	}
	out := make([]Request, len(rows))
	for i, w := range rows {
		out[i] = w.request()
	}
	return out, nil
}

// Sweep writes down what has expired, sends what nobody here can decide any more, and sends
// again what the outbox has given up.
func (s *Service) Sweep(ctx context.Context) error {
	if err := s.expire(ctx); err != nil {
		return err
	}
	if err := s.reroute(ctx); err != nil {
		return err
	}
	unsent, err := s.sent(ctx, "arrived_at IS NULL")
	if err != nil {
		return err
	}
	now := s.clock.Now()
	for _, r := range unsent {
		// Until an hour has passed without a try, the outbox is at it.
		if last := max(r.Trip.Tried.Unix(), r.At.Unix()); now.Unix()-last > 2*60*60 {
			_ = s.deliver(ctx, r.ID) // what went wrong is written beside the request
		}
	}
	arrived, err := s.sent(ctx, "arrived_at IS NOT NULL")
	if err != nil || len(arrived) == 0 {
		return err
	}
	return s.askLater(ctx)
}

func (s *Service) expire(ctx context.Context) error {
	ids, err := sqldb.All[string](ctx, s.db,
		`SELECT id FROM approval_request WHERE state = 'open' AND expires_at <= $1 ORDER BY id`, s.clock.Now())
	if err != nil {
		return fmt.Errorf("requests that have expired: %w", err)
	}
	for _, id := range ids {
		err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
			r, err := s.lock(ctx, tx, id)
			if err != nil || r.State != Open || r.StateAt(s.clock.Now()) != Expired {
				return err
			}
			r = r.end(Expired, r.Until)
			if err := s.save(ctx, tx, r); err != nil {
				return err
			}
			if r.Origin == "" {
				if err := s.Tell(ctx, tx, Notice{Key: "approval.notice.expired", Says: r.Says(), Href: r.Href()}, r.By.Account); err != nil {
					return err
				}
			}
			return s.record(ctx, tx, actor.OfSystem(), "expire", r, nil)
		})
		if err != nil {
			return fmt.Errorf("request %s expires: %w", id, err)
		}
	}
	return nil
}

// reroute sends requests away whose deciders have left since.
func (s *Service) reroute(ctx context.Context) error {
	if s.away.Load().Node == "" {
		return nil
	}
	open, err := s.Find(ctx, Filter{State: Open, Limit: mostWaiting})
	if err != nil {
		return err
	}
	for _, old := range open {
		if old.Origin != "" || old.SentTo != "" {
			continue
		}
		err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
			r, err := s.lock(ctx, tx, old.ID)
			if err != nil || r.State != Open {
				return err
			}
			if err := s.route(ctx, tx, s.kind(r), &r); err != nil || r.SentTo == "" {
				return err
			}
			_, err = sqldb.Exec(ctx, tx, `UPDATE approval_request SET sent_to = $1, sent_for = $2 WHERE id = $3`, r.SentTo, r.Trip.For, r.ID)
			if err != nil {
				return err
			}
			return s.record(ctx, tx, actor.OfSystem(), "sent", r, nil)
		})
		if err != nil {
			return fmt.Errorf("send request %s: %w", old.ID, err)
		}
	}
	return nil
}
