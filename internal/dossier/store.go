package dossier

import (
	"context"
	"fmt"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
)

// Store keeps drafts and dossiers. dossiersql keeps them in a database, dossiertest in
// memory.
type Store interface {
	Reader
	// InTx runs f in one transaction, and again when the engine asks for it, so f must
	// have no effect but through tx.
	InTx(ctx context.Context, f func(tx Tx) error) error

	// SaveLook notes that an officer looked, at one dossier or several; it returns when the
	// note is kept for good.
	SaveLook(ctx context.Context, looks ...Look) error
	// NoteTry counts a try under each of the keys. It fails with TooMany
	// ("dossier.track.too_many") when one of them had as many as may be; then it counts none.
	NoteTry(ctx context.Context, keys []Guess, at time.Time) error
	// TakeTry takes back the try that was noted at that moment: it was right.
	TakeTry(ctx context.Context, keys []Guess, at time.Time) error
	// LogRefusal writes to the audit log that somebody was refused.
	LogRefusal(ctx context.Context, r Refusal) error
}

// Guess is a key under which tries are counted, and how many may be within a time.
type Guess struct {
	Key    string // "code:…", "address:…": no personal data
	Most   int
	Within time.Duration
}

// Reader reads drafts and dossiers.
type Reader interface {
	// Draft fails with NotFound ("dossier.draft.unknown").
	Draft(ctx context.Context, id string) (Draft, error)
	// Drafts are those of an account that were not sent, the newest change first.
	Drafts(ctx context.Context, account string, limit int) ([]Draft, error)
	// SupplyDraft is the draft of a supplement of a dossier that was not sent.
	SupplyDraft(ctx context.Context, dossier string) (Draft, bool, error)

	// Dossier and ByCode fail with NotFound ("dossier.unknown").
	Dossier(ctx context.Context, id string) (Dossier, error)
	ByCode(ctx context.Context, code string) (Dossier, error)
	// ByKey is the dossier that a filing with this key became.
	ByKey(ctx context.Context, account, key string) (Dossier, bool, error)
	// ByProof finds a paper by the unguessable part of its address. It fails with NotFound
	// ("dossier.proof.unknown").
	ByProof(ctx context.Context, proof string) (Dossier, ResultPaper, error)
	// Actions are all of a dossier, in order.
	Actions(ctx context.Context, dossier string) ([]Action, error)
	// Looks are those at a dossier, the newest first.
	Looks(ctx context.Context, dossier string, limit int) ([]Look, error)
	// EarlierResults are dossiers that concern a person (number) with a result of a procedure
	// that is neither replaced nor revoked, the newest first.
	EarlierResults(ctx context.Context, number, procedure string, limit int) ([]Dossier, error)

	// Own are the dossiers of an account, and those that somebody with this number filed or
	// that were filed for them ("" for nobody), the newest first.
	Own(ctx context.Context, account, number string, limit int) ([]Head, error)
	// List gives a page of heads.
	List(ctx context.Context, q ListQuery) ([]Head, error)
	// Count counts what List would give without page and limit.
	Count(ctx context.Context, q ListQuery) (int, error)
	// OnTime counts by procedure and unit.
	OnTime(ctx context.Context, q OnTimeQuery) ([]OnTimeCount, error)
	// OnTimeHeads are the dossiers behind such a count.
	OnTimeHeads(ctx context.Context, q OnTimeQuery, limit int) ([]Head, error)

	// EffectsWaiting are the ids of dossiers whose decision the register has not recorded and
	// that may be tried again, the longest waiting first.
	EffectsWaiting(ctx context.Context, limit int) ([]string, error)
	// DueBefore are the ids of dossiers whose clock runs, that are due before a moment and
	// were warned less than that.
	DueBefore(ctx context.Context, before time.Time, warned, limit int) ([]string, error)
	// Running are the ids after one of the dossiers whose day was promised and that have not
	// ended, in order of id.
	Running(ctx context.Context, after string, limit int) ([]string, error)
	// Moved are the dossiers whose due moment changes of the calendar moved, the latest first.
	Moved(ctx context.Context, limit int) ([]Moved, error)
}

// Tx is a transaction. What it writes is written together.
type Tx interface {
	Reader
	// Hold reads a dossier and makes other transactions that hold it wait.
	Hold(ctx context.Context, id string) (Dossier, error)
	// Next counts up, from 1, and makes others who count the same wait.
	Next(ctx context.Context, counter string) (int, error)

	// SaveDraft writes a draft whose stored version is was (0: none is stored). It fails with
	// Conflict ("dossier.draft.stale") when it is not.
	SaveDraft(ctx context.Context, d Draft, was int) error
	// RemoveDraft removes one that was not sent.
	RemoveDraft(ctx context.Context, id string) error
	// Add writes a new dossier with its first action. key is that of its filing; a second one
	// of the same account fails with Conflict ("dossier.sent_already").
	Add(ctx context.Context, d Dossier, first Action, key string) error
	// Save writes a dossier whose stored version is was, with the actions that brought it
	// there. It fails with Conflict ("dossier.stale") when it is not.
	Save(ctx context.Context, d Dossier, was int, actions []Action) error
	// Tried notes that the register was tried again in vain: it changes Effect.Tries and
	// TriedAt, which no action tells and no digest holds.
	Tried(ctx context.Context, id string, at time.Time) error
	// Queue hands work to the jobs of the node: it is done when the transaction is.
	Queue(ctx context.Context, w Work) error
}

// Work is what is done after a transaction, at least once.
type Work struct {
	Kind    WorkKind `json:"kind"`
	Dossier string   `json:"dossier"` // id
	Seq     int      `json:"seq,omitempty"`
	// Wrong is the path of the fact that is reported as wrong.
	Wrong string `json:"wrong,omitempty"`
	// After is when it is done; zero: at once.
	After time.Time `json:"-"`
}

// WorkKind is a kind of work. Service.Run does it.
type WorkKind string

// The kinds of work.
const (
	TellPeople  WorkKind = "tell"       // people, of action Seq
	TellEvent   WorkKind = "event"      // the register, of the decision
	TellMistake WorkKind = "correction" // the register, of a fact that the citizen says is wrong
)

// Head is a dossier as a line of a list. It holds a name, which is personal data.
type Head struct {
	ID, Code, Procedure, Package, Case string
	Channel                            Channel
	Applicant                          string // name
	For                                string // name of the one for whom they applied; "" for nobody
	Account                            string // of the applicant
	Status                             Status
	Step                               string
	Receiving, Competent               string
	Agency, Duty, Area, Holder, Post   string
	SubmittedAt, ReceivedAt            time.Time
	Due, StepDue, Promised             time.Time
	Provisional                        bool
	DoneAt, HandedAt                   time.Time
	Supplements                        int
	Effect                             string // EffectState.State
	Warned                             int
	Version                            int
	ChangedAt                          time.Time
}

// Head is the dossier as a line.
func (d *Dossier) Head() Head {
	h := Head{
		ID: d.ID, Code: d.Code, Procedure: d.Procedure, Package: d.Package, Case: d.Case, Channel: d.Channel,
		Applicant: d.Applicant.Called(), For: d.For.Called(), Account: d.Applicant.Account, Status: d.Status, Step: d.Step,
		Receiving: d.Receiving, Competent: d.Competent, Agency: d.Agency, Duty: d.Duty, Area: d.Area, Holder: d.Holder, Post: d.Post,
		SubmittedAt: d.SubmittedAt, ReceivedAt: d.ReceivedAt, Due: d.Due, StepDue: d.StepDue, Promised: d.Promised,
		Provisional: d.Provisional, DoneAt: d.DoneAt, HandedAt: d.HandedAt, Supplements: len(d.Supplements),
		Warned: d.Warned, Version: d.Version, ChangedAt: d.ChangedAt,
	}
	if d.Effect != nil {
		h.Effect = d.Effect.State
	}
	return h
}

// Order is by what lists are sorted, ascending, then by id: what an officer has to do, what
// is due first on top; then what waits for the citizen; then results to hand over; then what
// has ended, the newest first. Each has the same length and digits only.
func (h Head) Order() string {
	key := func(rank int, t time.Time, newest bool) string {
		n := t.Unix()
		if newest {
			n = 99_999_999_999 - n
		}
		return fmt.Sprintf("%d%011d", rank, max(0, n))
	}
	switch h.Status {
	case Supplement, FeeDue:
		return key(1, h.ChangedAt, false)
	case Done:
		return key(2, h.DoneAt, false)
	case RefusedIntake, Stopped, HandedOver:
		return key(3, h.DoneAt, true)
	}
	for _, t := range []time.Time{h.Due, h.StepDue, h.Promised} {
		if !t.IsZero() {
			return key(0, t, false)
		}
	}
	return key(0, h.SubmittedAt, false)
}

// Cursor says where in a list a head stands.
func (h Head) Cursor() string { return h.Order() + " " + h.ID }

// ListQuery says which dossiers a list has. Zero members do not narrow. Lists are in the
// order of Head.Order, and within it of id.
type ListQuery struct {
	Agencies  []string // receiving, competent or having it now
	Holding   []string // that have it now
	Duties    []Duty   // that wait at a duty: all of one
	Holders   []string // accounts of which one has it
	Free      bool     // nobody has taken it
	Statuses  []Status
	Procedure string
	Code      string // whole, or how it begins or ends
	Name      string // of the applicant or the one for whom they applied, folded: words in any order, the last one may be cut
	Number    string // of either, whole
	Open      bool   // has not ended
	Late      bool   // due before Now
	Now       time.Time
	From      clock.Date // of submission, from …
	To        clock.Date // … until before
	After     string     // Cursor of the last head of the page before
	Limit     int
}

// Duty is a duty at an agency, for a commune or ("") all.
type Duty struct {
	Agency, Duty, Area string
}

// OnTimeQuery says which dossiers are counted for the rate of those on time.
type OnTimeQuery struct {
	Agencies  []string // competent; nil: all
	Procedure string
	Unit      string     // one of them
	From      clock.Date // first day of the period
	To        clock.Date // first day after it
	Now       time.Time
	Late      *bool // of OnTimeHeads: only the late, or only those on time
}

// OnTimeCount is how many were on time of one procedure at one agency, by the rule of
// Judge.
type OnTimeCount struct {
	Procedure string `json:"procedure"`
	Agency    string `json:"agency"`
	All       int    `json:"all"`
	OnTime    int    `json:"on_time"`
}

// Refusal is that somebody was refused something.
type Refusal struct {
	By     actor.Actor
	Action Deed
	Code   string // of the dossier, or the id of the draft
	Why    string // message key
	At     time.Time
}
