// Package alarm keeps what does not work on a node and waits for a person: once while
// it lasts, with an owner, a reason in words, who looks after it, and an end that says
// why. Whoever finds a cause calls Raise each time, and Clear when it is gone.
package alarm

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/approval"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/health"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/sqldb"
)

//go:embed migrations/*.sql
var migrations embed.FS

//go:embed messages/*.json
var messages embed.FS

// Messages are the texts of this package and its pages.
var Messages, _ = fs.Sub(messages, "messages")

// Migrate makes the table.
func Migrate(ctx context.Context, db *sqldb.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	return sqldb.Migrate(ctx, db, "alarm", files)
}

// Path is where the pages begin.
const Path = "/alarms"

// Alarm is something that does not work, or that somebody has to know.
type Alarm struct {
	ID      string // given by Raise
	Kind    string // "log.back"; a label of the metrics, so there are few
	Subject string // what it is about: "H55-1"; empty where the kind says it
	Level   health.Level
	Owner   string     // code of the role that looks after it; "administrator" when empty
	Key     string     // message: what was found, and what to do
	Args    fault.Args // of it, without personal data; approval.Word for what is itself a message
	// Sticky says that only people end it: Clear leaves it as it is.
	Sticky bool
	// Second says that two people end it: one says why, another approves.
	Second bool

	Since time.Time // when it was raised
	Seen  time.Time // when the cause was last found
	Times int       // how often it came back soon after it had ended by itself
	Taken actor.Actor
	// TakenAt is when somebody said that they look after it; zero while nobody does.
	TakenAt time.Time
	Ended   time.Time   // zero while it is open
	EndedBy actor.Actor // nobody when the cause was gone
	Why     string      // what people said when they ended it
}

// Text is what it says in the language of a reader.
func (a Alarm) Text(p *i18n.Printer) string { return approval.Says{Key: a.Key, Args: a.Args}.In(p) }

// Href is its page.
func (a Alarm) Href() string { return Path + "/" + a.ID }

// Open says that it has not ended.
func (a Alarm) Open() bool { return a.Ended.IsZero() }

// soon is how long after its end by itself an alarm that comes back is the same one:
// what comes and goes tells its owner once.
const soon = 15 * time.Minute

// maxWhy bounds what people write, in characters.
const maxWhy = 1000

// Approvals is who tells people, and who asks the second one.
type Approvals interface {
	Ask(ctx context.Context, q sqldb.Queryer, by actor.Actor, r approval.Request) (approval.Request, error)
	TellRoles(ctx context.Context, q sqldb.Queryer, n approval.Notice, roles ...string) error
	Find(ctx context.Context, f approval.Filter) ([]approval.Request, error)
}

// Options say who has to do with the alarms of a node.
type Options struct {
	Keepers []string // roles that look after alarms; "administrator" when nil
	Readers []string // roles that only see them
}

// Service keeps the alarms of a node.
type Service struct {
	db        *sqldb.DB
	clock     clock.Clock
	approvals Approvals
	opts      Options

	mu   sync.Mutex
	last map[string]int // open ones by kind, as they were counted last
}

// New makes the service; the table must be there (Migrate). approvals may be nil: then
// nobody is told, and one person ends what takes two.
func New(db *sqldb.DB, c clock.Clock, approvals Approvals, o Options) *Service {
	if o.Keepers == nil {
		o.Keepers = []string{"administrator"}
	}
	return &Service{db: db, clock: c, approvals: approvals, opts: o, last: map[string]int{}}
}

// Raise opens an alarm, or says of one that is open that its cause is still there. The
// owner is told when it opens, and not again when it comes back within a quarter of an hour
// after its cause was gone.
func (s *Service) Raise(ctx context.Context, a Alarm) error {
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error { return s.RaiseIn(ctx, tx, a) })
	if sqldb.IsDuplicate(err) {
		return nil // another process has just raised it
	}
	return err
}

// RaiseIn is Raise in the caller's transaction.
func (s *Service) RaiseIn(ctx context.Context, tx *sqldb.Tx, a Alarm) error {
	now := s.clock.Now()
	if a.Owner == "" {
		a.Owner = s.opts.Keepers[0]
	}
	if a.Level == "" || a.Level == health.Fine {
		a.Level = health.Failing
	}
	a.ID, a.Since, a.Seen, a.Times, a.Sticky = sqldb.NewID(), now, now, 1, a.Sticky || a.Second
	w := rowOf(a)
	again, err := sqldb.Exec(ctx, tx, `
		UPDATE alarm SET seen_at = $1, level = $2, key = $3, args = $4 WHERE kind = $5 AND subject = $6 AND ended_at IS NULL`,
		now, w.Level, w.Key, w.Args, w.Kind, w.Subject)
	if err == nil && again == 0 {
		again, err = sqldb.Exec(ctx, tx, `
			UPDATE alarm SET ended_at = NULL, seen_at = $1, level = $2, key = $3, args = $4, times = times + 1
			WHERE id = (SELECT id FROM alarm WHERE kind = $5 AND subject = $6 AND ended_at > $7 AND ended_by = $8 ORDER BY ended_at DESC LIMIT 1)`,
			now, w.Level, w.Key, w.Args, w.Kind, w.Subject, now.Add(-soon), sqldb.JSON[actor.Actor]{})
	}
	if err != nil {
		return fmt.Errorf("raise alarm %s: %w", a.Kind, err)
	}
	if again > 0 {
		return nil
	}
	if err := sqldb.Insert(ctx, tx, "alarm", w); err != nil {
		return fmt.Errorf("raise alarm %s: %w", a.Kind, err)
	}
	if s.approvals != nil {
		n := approval.Notice{
			Key: "alarm.notice", Says: approval.Says{Key: a.Key, Args: a.Args}, Href: a.Href(), Urgent: a.Level == health.Failing,
		}
		if err := s.approvals.TellRoles(ctx, tx, n, a.Owner); err != nil {
			return fmt.Errorf("tell of alarm %s: %w", a.Kind, err)
		}
	}
	if !a.Sticky {
		return nil
	}
	return s.record(ctx, tx, actor.OfSystem(), "raise", a)
}

// Clear ends an alarm whose cause is gone. Sticky ones stay, and one that is not open is
// left alone.
func (s *Service) Clear(ctx context.Context, kind, subject string) error {
	_, err := sqldb.Exec(ctx, s.db, `
		UPDATE alarm SET ended_at = $1, ended_by = $2 WHERE kind = $3 AND subject = $4 AND ended_at IS NULL AND sticky = $5`,
		s.clock.Now(), sqldb.JSON[actor.Actor]{}, kind, subject, false)
	if err != nil {
		return fmt.Errorf("clear alarm %s: %w", kind, err)
	}
	return nil
}

// Take says that somebody looks after an alarm. It fails with NotFound, with Conflict
// when it has ended, and as Permissions say.
func (s *Service) Take(ctx context.Context, who actor.Actor, id string) error {
	if err := s.table().Can(who, ActTake); err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		a, err := s.lock(ctx, tx, id)
		if err != nil {
			return err
		}
		now := s.clock.Now()
		if _, err := sqldb.Exec(ctx, tx, `UPDATE alarm SET taken_by = $1, taken_at = $2 WHERE id = $3`,
			sqldb.JSON[actor.Actor]{V: who}, now, id); err != nil {
			return fmt.Errorf("take alarm %s: %w", id, err)
		}
		return s.record(ctx, tx, who, "take", a)
	})
}

// End ends an alarm, with why. One that takes two people waits for the second
// (asked is then true). It fails with Invalid without a why, with NotFound, with Conflict when it has
// ended or waits already, and as Permissions say.
func (s *Service) End(ctx context.Context, who actor.Actor, id, why string) (asked bool, err error) {
	if err := s.table().Can(who, ActEnd); err != nil {
		return false, err
	}
	if why, err = checkWhy(why); err != nil {
		return false, err
	}
	a, err := s.get(ctx, s.db, id)
	if err != nil {
		return false, err
	}
	if a.Second && a.Open() && s.approvals != nil {
		return true, s.ask(ctx, who, a, why)
	}
	return false, s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		a, err := s.lock(ctx, tx, id)
		if err != nil {
			return err
		}
		return s.EndIn(ctx, tx, who, a, why)
	})
}

// EndIn ends an alarm in the caller's transaction, which has seen to it that people
// wanted it: what is closed by an approval of another kind.
func (s *Service) EndIn(ctx context.Context, tx *sqldb.Tx, who actor.Actor, a Alarm, why string) error {
	n, err := sqldb.Exec(ctx, tx, `
		UPDATE alarm SET ended_at = $1, ended_by = $2, ended_why = $3 WHERE kind = $4 AND subject = $5 AND ended_at IS NULL`,
		s.clock.Now(), sqldb.JSON[actor.Actor]{V: who}, why, a.Kind, a.Subject)
	switch {
	case err != nil:
		return fmt.Errorf("end alarm %s: %w", a.Kind, err)
	case n == 0:
		return errEnded
	}
	return s.record(ctx, tx, who, "end", a)
}

// Open are the alarms that have not ended, the failing ones first, then the oldest.
func (s *Service) Open(ctx context.Context) ([]Alarm, error) {
	rows, err := sqldb.All[row](ctx, s.db, `SELECT `+columns+` FROM alarm WHERE ended_at IS NULL ORDER BY level, since_at, id`)
	if err != nil {
		return nil, fmt.Errorf("open alarms: %w", err)
	}
	out := make([]Alarm, len(rows))
	for i, w := range rows {
		out[i] = w.alarm()
	}
	s.count(out)
	return out, nil
}

func (s *Service) record(ctx context.Context, q sqldb.Queryer, by actor.Actor, action string, a Alarm) error {
	details := map[string]string{"kind": a.Kind}
	if a.Subject != "" {
		details["subject"] = a.Subject
	}
	return audit.Record(ctx, q, audit.Entry{
		At: s.clock.Now(), Action: "alarm." + action, Subject: audit.Subject{Type: "alarm", ID: a.ID}, Details: details, Who: audit.Who{Actor: by},
	})
}

var (
	errUnknown = fault.New(fault.NotFound, "alarm.unknown", nil)
	errEnded   = fault.New(fault.Conflict, "alarm.ended", nil)
	errAsked   = fault.New(fault.Conflict, "alarm.asked", nil)
)

// lock reads an open alarm and holds it until the end of the transaction.
func (s *Service) lock(ctx context.Context, tx *sqldb.Tx, id string) (Alarm, error) {
	w, err := sqldb.One[row](ctx, tx, `UPDATE alarm SET times = times WHERE id = $1 RETURNING `+columns, id)
	switch {
	case errors.Is(err, sqldb.ErrNone):
		return Alarm{}, errUnknown
	case err != nil:
		return Alarm{}, fmt.Errorf("read alarm %s: %w", id, err)
	case w.Ended != nil:
		return Alarm{}, errEnded
	}
	return w.alarm(), nil
}
