package dossiersql

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"dean06/internal/dossier"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/ledger/ledgersql"
	"dean06/internal/platform/sqldb"
)

var (
	errStale      = fault.New(fault.Conflict, "dossier.stale", nil)
	errStaleDraft = fault.New(fault.Conflict, "dossier.draft.stale", nil)
	errSent       = fault.New(fault.Conflict, "dossier.sent_already", nil)
	errTooMany    = fault.New(fault.TooMany, "dossier.track.too_many", nil)
)

// Hold reads a dossier and makes other transactions that hold it wait.
func (w *writer) Hold(ctx context.Context, id string) (dossier.Dossier, error) {
	query := `SELECT ` + docColumns + ` FROM dossier WHERE id = $1`
	if w.engine == sqldb.Postgres { // SQLite has one writer
		query += ` FOR UPDATE`
	}
	return w.one(ctx, query, id)
}

// Next counts up, from 1, and makes others who count the same wait.
func (w *writer) Next(ctx context.Context, counter string) (int, error) {
	n, err := sqldb.One[int64](ctx, w.q, `INSERT INTO dossier_counter (name, n) VALUES ($1, 1)
		ON CONFLICT (name) DO UPDATE SET n = dossier_counter.n + 1 RETURNING n`, counter)
	if err != nil {
		return 0, fmt.Errorf("count %s: %w", counter, err)
	}
	return int(n), nil
}

// SaveDraft writes a draft whose stored version is was.
func (w *writer) SaveDraft(ctx context.Context, d dossier.Draft, was int) error {
	r, err := draftRowOf(&d)
	if err != nil {
		return err
	}
	var n int64
	if was == 0 {
		n, err = sqldb.Exec(ctx, w.q, `INSERT INTO dossier_draft (id, account, procedure, sent, supplies, version, created_at, changed_at, doc)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO NOTHING`,
			r.ID, r.Account, r.Procedure, r.Sent, r.Supplies, r.Version, r.CreatedAt, r.ChangedAt, r.Doc)
	} else {
		n, err = sqldb.Exec(ctx, w.q, `UPDATE dossier_draft SET sent = $1, version = $2, changed_at = $3, doc = $4 WHERE id = $5 AND version = $6`,
			r.Sent, r.Version, r.ChangedAt, r.Doc, r.ID, was)
	}
	switch {
	case err != nil:
		return fmt.Errorf("save draft: %w", err)
	case n == 0:
		return errStaleDraft
	}
	return nil
}

// RemoveDraft removes one that was not sent.
func (w *writer) RemoveDraft(ctx context.Context, id string) error {
	n, err := sqldb.Exec(ctx, w.q, `DELETE FROM dossier_draft WHERE id = $1 AND sent = ''`, id)
	if err == nil && n == 0 {
		err = errNoDraft
	}
	return err
}

// Add writes a new dossier with its first action.
func (w *writer) Add(ctx context.Context, d dossier.Dossier, first dossier.Action, key string) error {
	r, err := rowOf(&d)
	if err != nil {
		return err
	}
	if err := sqldb.Insert(ctx, w.q, "dossier", r); err != nil {
		return err
	}
	if key != "" {
		n, err := sqldb.Exec(ctx, w.q, `INSERT INTO dossier_filing (account, filing, dossier, created_at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (account, filing) DO NOTHING`, first.By, key, d.ID, r.SubmittedAt)
		if err != nil {
			return fmt.Errorf("file dossier %s: %w", d.Code, err)
		}
		if n == 0 {
			return errSent
		}
	}
	if err := w.words(ctx, &r); err != nil {
		return err
	}
	return w.add(ctx, &d, &r, []dossier.Action{first})
}

// errNoAction is a mistake of the caller: a dossier does not change by itself.
var errNoAction = errors.New("a dossier was saved without an action")

// Save writes a dossier whose stored version is was, with the actions that brought it there.
func (w *writer) Save(ctx context.Context, d dossier.Dossier, was int, actions []dossier.Action) error {
	if len(actions) == 0 {
		return fmt.Errorf("save dossier %s: %w", d.Code, errNoAction)
	}
	r, err := rowOf(&d)
	if err != nil {
		return err
	}
	type kept struct {
		NameKey   string `db:"name_key"`
		Receiving string `db:"receiving"`
		Competent string `db:"competent"`
	}
	before, err := sqldb.One[kept](ctx, w.q, `SELECT name_key, receiving, competent FROM dossier WHERE id = $1`, r.ID)
	if err != nil && !errors.Is(err, sqldb.ErrNone) {
		return err
	}
	var a sqldb.Args
	set := make([]string, 0, len(rowColumns))
	for i, v := range r.values() {
		if c := rowColumns[i]; c != "id" {
			set = append(set, c+" = "+a.Add(v))
		}
	}
	n, err := sqldb.Exec(ctx, w.q, `UPDATE dossier SET `+strings.Join(set, ", ")+` WHERE id = `+a.Add(r.ID)+` AND version = `+a.Add(was),
		a.Values()...)
	switch {
	case err != nil:
		return fmt.Errorf("save dossier %s: %w", d.Code, err)
	case n == 0:
		return errStale
	}
	if (before != kept{r.NameKey, r.Receiving, r.Competent}) {
		if _, err := sqldb.Exec(ctx, w.q, `DELETE FROM dossier_word WHERE dossier = $1`, r.ID); err != nil {
			return err
		}
		if err := w.words(ctx, &r); err != nil {
			return err
		}
	}
	return w.add(ctx, &d, &r, actions)
}

// words notes by which words of the name a dossier is found at which agency.
func (w *writer) words(ctx context.Context, r *dossierRow) error {
	return sqldb.Insert(ctx, w.q, "dossier_word", r.wordRows()...)
}

// add writes actions at the end of the log, the addresses of new papers, and what the audit
// log has of it. It comes last in what a transaction writes: other writers wait from here.
func (w *writer) add(ctx context.Context, d *dossier.Dossier, r *dossierRow, actions []dossier.Action) error {
	for _, p := range proofRows(d) {
		if _, err := sqldb.Exec(ctx, w.q, `INSERT INTO dossier_proof (proof, dossier, paper) VALUES ($1, $2, $3) ON CONFLICT (proof) DO NOTHING`,
			p.Proof, p.Dossier, p.Paper); err != nil {
			return err
		}
	}
	rows := make([]actionRow, len(actions))
	for i := range actions {
		rows[i] = actionRowOf(&actions[i], "")
	}
	rows[len(rows)-1].State = r.state()
	if err := w.log(ctx, rows); err != nil {
		return err
	}
	for i := range actions {
		if err := audited(ctx, w.q, d.Code, &actions[i]); err != nil {
			return err
		}
	}
	return nil
}

// log numbers rows, chains them and writes them.
func (w *writer) log(ctx context.Context, rows []actionRow) error {
	end, err := ledgersql.Next(ctx, w.q, ends, ActionChain, len(rows))
	if err != nil {
		return err
	}
	for i := range rows {
		end.Seq++
		rows[i].Seq = end.Seq
		end.Sum = rows[i].Digest(end.Sum)
		rows[i].Sum = end.Sum
	}
	if err := sqldb.Insert(ctx, w.q, "dossier_action", rows...); err != nil {
		return err
	}
	return ledgersql.Ends(ctx, w.q, ends, ActionChain, end.Sum)
}

// audited writes to the audit log what was done, without what is in it.
func audited(ctx context.Context, q sqldb.Queryer, code string, a *dossier.Action) error {
	return audit.Record(ctx, q, audit.Entry{
		At: a.At, Who: audit.Who{Actor: actor.Actor{Account: a.By, Name: a.Name, Agency: a.Agency}}, Action: "dossier.act",
		Subject: audit.Subject{Type: "dossier", ID: code},
		Details: map[string]string{"verb": string(a.Verb), "from": strconv.Itoa(int(a.From)), "to": strconv.Itoa(int(a.To)), "step": a.Step},
	})
}

// Tried notes that the register was told again in vain.
func (w *writer) Tried(ctx context.Context, id string, at time.Time) error {
	_, err := sqldb.Exec(ctx, w.q, `UPDATE dossier SET tries = tries + 1, tried_at = $1, effect_at = $1 WHERE id = $2 AND effect <> ''`, micro(at), id)
	return err
}

// JobPrefix begins the kinds of jobs that carry work.
const JobPrefix = "dossier."

// Queue hands work to the jobs of the node.
func (w *writer) Queue(ctx context.Context, work dossier.Work) error {
	_, err := jobs.Enqueue(ctx, w.q, JobPrefix+string(work.Kind), work, jobs.Options{
		Lane: JobPrefix + string(work.Kind) + " " + work.Dossier, MaxTries: workTries, RunAt: work.After,
	})
	return err
}

// workTries lets a mail server or the register be away for days.
const workTries = 80

// SaveLook notes that an officer looked, at one dossier or at several.
func (s *Store) SaveLook(ctx context.Context, looks ...dossier.Look) error {
	if len(looks) == 0 {
		return nil
	}
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		end, err := ledgersql.Next(ctx, tx, ends, LookChain, len(looks))
		if err != nil {
			return err
		}
		rows := make([]lookRow, len(looks))
		for i, l := range looks {
			end.Seq++
			rows[i] = lookRow{
				Seq: end.Seq, Dossier: l.Dossier, At: micro(l.At), By: l.By, Name: l.Name, Agency: l.Agency, Purpose: l.Purpose, What: l.What,
			}
			end.Sum = rows[i].Digest(end.Sum)
			rows[i].Sum = end.Sum
		}
		if err := sqldb.Insert(ctx, tx, "dossier_look", rows...); err != nil {
			return err
		}
		return ledgersql.Ends(ctx, tx, ends, LookChain, end.Sum)
	})
	if err != nil {
		return fmt.Errorf("log look: %w", err)
	}
	return nil
}

// NoteTry counts a try under each of the keys, or none when one of them had as many as may
// be. Those of one key wait for each other, so that no more get through.
func (s *Store) NoteTry(ctx context.Context, keys []dossier.Guess, at time.Time) error {
	return s.tries(ctx, keys, func(k dossier.Guess, had []int64) ([]int64, error) {
		had = slices.DeleteFunc(had, func(t int64) bool { return t <= at.Add(-k.Within).UnixMicro() })
		if len(had) >= k.Most {
			return nil, errTooMany
		}
		return append(had, at.UnixMicro()), nil
	})
}

// TakeTry takes back the try that was noted at that moment.
func (s *Store) TakeTry(ctx context.Context, keys []dossier.Guess, at time.Time) error {
	return s.tries(ctx, keys, func(_ dossier.Guess, had []int64) ([]int64, error) {
		if i := slices.Index(had, at.UnixMicro()); i >= 0 {
			had = slices.Delete(had, i, i+1)
		}
		return had, nil
	})
}

// tries changes those that were counted of each key, all or none.
func (s *Store) tries(ctx context.Context, keys []dossier.Guess, change func(k dossier.Guess, had []int64) ([]int64, error)) error {
	sorted := slices.SortedFunc(slices.Values(keys), func(a, b dossier.Guess) int { return strings.Compare(a.Key, b.Key) })
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		for _, k := range sorted {
			had, err := sqldb.One[sqldb.JSON[[]int64]](ctx, tx, `INSERT INTO dossier_try (name, last, times) VALUES ($1, 0, '[]')
				ON CONFLICT (name) DO UPDATE SET last = dossier_try.last RETURNING times`, k.Key) // holds the row
			if err != nil {
				return err
			}
			now, err := change(k, had.V)
			if err != nil {
				return err
			}
			last := int64(0)
			if len(now) > 0 {
				last = slices.Max(now)
			}
			if _, err := sqldb.Exec(ctx, tx, `UPDATE dossier_try SET times = $1, last = $2 WHERE name = $3`,
				sqldb.JSON[[]int64]{V: now}, last, k.Key); err != nil {
				return err
			}
		}
		return nil
	})
}

// LogRefusal writes to the audit log that somebody was refused.
func (s *Store) LogRefusal(ctx context.Context, r dossier.Refusal) error {
	return audit.Record(ctx, s.db, audit.Entry{
		At: r.At, Who: audit.Who{Actor: r.By}, Action: "dossier.refused", Subject: audit.Subject{Type: "dossier", ID: r.Code},
		Details: map[string]string{"deed": string(r.Action), "why": r.Why},
	})
}

// Before says what Sweep removes: what was last touched before these moments.
type Before struct {
	Drafts time.Time // that were not sent
	Sent   time.Time // drafts of what was sent: the dossier has it all
	Tries  time.Time // that nobody counts any more
}

// Sweep removes what is kept for a while only. It says how many unsent drafts went.
func (s *Store) Sweep(ctx context.Context, b Before) (int, error) {
	n, err := sqldb.Exec(ctx, s.db, `DELETE FROM dossier_draft WHERE sent = '' AND changed_at < $1`, micro(b.Drafts))
	if err != nil {
		return 0, fmt.Errorf("remove old drafts: %w", err)
	}
	if _, err := sqldb.Exec(ctx, s.db, `DELETE FROM dossier_draft WHERE sent <> '' AND changed_at < $1`, micro(b.Sent)); err != nil {
		return 0, fmt.Errorf("remove drafts that were sent: %w", err)
	}
	if _, err := sqldb.Exec(ctx, s.db, `DELETE FROM dossier_try WHERE last < $1`, b.Tries.UnixMicro()); err != nil {
		return 0, fmt.Errorf("remove old tries: %w", err)
	}
	return int(n), nil
}

// Whole is a dossier with all that happened to it.
type Whole struct {
	Dossier dossier.Dossier
	Actions []dossier.Action
}

// Load writes dossiers that came whole, in one transaction: for benchmarks, and what an older
// system hands over. Nobody is told of them.
func (s *Store) Load(ctx context.Context, list []Whole) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		w := &writer{reader{q: tx, engine: s.engine}}
		rows := make([]dossierRow, len(list))
		var words []wordRow
		var proofs []proofRow
		var actions []actionRow
		for i := range list {
			r, err := rowOf(&list[i].Dossier)
			if err != nil {
				return err
			}
			rows[i] = r
			words = append(words, r.wordRows()...)
			proofs = append(proofs, proofRows(&list[i].Dossier)...)
			for k := range list[i].Actions {
				a := actionRowOf(&list[i].Actions[k], "")
				if k == len(list[i].Actions)-1 {
					a.State = r.state()
				}
				actions = append(actions, a)
			}
		}
		if err := sqldb.Insert(ctx, tx, "dossier", rows...); err != nil {
			return err
		}
		if err := sqldb.Insert(ctx, tx, "dossier_word", words...); err != nil {
			return err
		}
		if err := sqldb.Insert(ctx, tx, "dossier_proof", proofs...); err != nil {
			return err
		}
		return w.log(ctx, actions)
	})
}
