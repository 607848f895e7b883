// Package handover is an agency's side of the cleaning of files: its officers hand a file in,
// which goes by pieces through the exchange to the node of the population register, see how far
// it is, settle rows without seeing the register, and get the clean file back, whose signature
// is checked. Everything is kept so that a node that was killed goes on where it was.
package handover

import (
	"context"
	"embed"
	"errors"
	"io"
	"io/fs"
	"strings"
	"time"

	"dean06/internal/cleaning"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/permit"
	"dean06/internal/platform/upload"
)

//go:embed messages/*.json
var messages embed.FS

// Messages are the texts of this package.
var Messages, _ = fs.Sub(messages, "messages")

// The roles of accounts of an agency's node that work with files.
const (
	Officer = "data_officer"
	Auditor = "auditor" // reads figures, and no row
)

// Action is what somebody wants to do with a file of the agency.
type Action string

// The actions.
const (
	HandIn Action = "hand_in" // hand a file in, say what its columns hold, have it deleted
	See    Action = "see"     // see how far files are, in figures
	Settle Action = "settle"  // see rows of the file and say whose they are
	Fetch  Action = "fetch"   // take the clean file
)

// Permissions says who may do what.
var Permissions = permit.Table[Action]{Module: "handover", Rows: []permit.Row[Action]{
	{Action: HandIn, Roles: []string{Officer}, Purpose: true},
	{Action: See, Roles: []string{Officer, Auditor}},
	{Action: Settle, Roles: []string{Officer}, Purpose: true},
	{Action: Fetch, Roles: []string{Officer}, Purpose: true},
}}

// State says what this node has to do for a file. Where the register's node is with it stands
// in Told.
type State string

// The states.
const (
	Sending  State = "sending"  // its pieces go out
	There    State = "there"    // the register's node has it
	Fetching State = "fetching" // the clean file comes
	Done     State = "done"     // the clean file is here
	Refused  State = "refused"  // it is not taken
	Ended    State = "ended"    // what was kept is deleted
)

// Handover is a file that was handed in.
type Handover struct {
	ID     string         `json:"id"`
	Offer  cleaning.Offer `json:"offer"`
	Agency string         `json:"agency"` // whose officers see it
	By     string         `json:"by"`     // account
	Login  string         `json:"login"`  // as the register's node is told
	At     time.Time      `json:"at"`
	State  State          `json:"state"`
	Kept   bool           `json:"kept"` // the file that was handed in is here, too

	Remote string           `json:"remote,omitempty"` // its id at the register's node
	Sent   int64            `json:"sent"`             // bytes that have come there
	Told   *cleaning.Handed `json:"told,omitempty"`   // what was heard of it last
	ToldAt time.Time        `json:"told_at,omitzero"`

	Tried   time.Time     `json:"tried,omitzero"` // when it was worked on last
	Next    time.Time     `json:"next,omitzero"`  // and is again
	Pause   time.Duration `json:"pause"`          // since it was last
	Trouble *Trouble      `json:"trouble,omitempty"`

	Coming  map[string]string `json:"coming,omitempty"` // format to the upload that holds its pieces
	Papers  []Paper           `json:"papers,omitempty"`
	Changes int64             `json:"changes,omitempty"` // that have come
	Deleted time.Time         `json:"deleted,omitzero"`
}

// Trouble is why a file does not go on, or was refused.
type Trouble struct {
	Key  string     `json:"key"`
	Args fault.Args `json:"args,omitempty"`
	At   time.Time  `json:"at"`
}

// Paper is a clean file that is here and whose signature was checked.
type Paper struct {
	cleaning.Paper
	SignedAt  time.Time `json:"signed_at"`
	FetchedAt time.Time `json:"fetched_at"`
}

// Code names a file where people read it, and is the reference that the register's node is told.
func (h *Handover) Code() string { return cleaning.Batch{ID: h.ID}.Code() }

// Ends says that nothing is left to do for it.
func (h *Handover) Ends() bool { return h.State == Refused || h.State == Ended }

// Left is how long sending takes yet, by how fast it went so far; 0 when that is not known.
func (h *Handover) Left(now time.Time) time.Duration {
	if h.State != Sending || h.Sent == 0 || h.Sent >= h.Offer.Size {
		return 0
	}
	return time.Duration(float64(now.Sub(h.At)) * float64(h.Offer.Size-h.Sent) / float64(h.Sent))
}

// Store keeps them. handoversql keeps them in a database.
type Store interface {
	// Save adds one. It fails with Conflict when the same file is here.
	Save(ctx context.Context, h Handover, by actor.Actor) error
	// Handover fails with NotFound.
	Handover(ctx context.Context, id string) (Handover, error)
	// SameFile is the one, not ended or refused, with a file.
	SameFile(ctx context.Context, sha256 string) (Handover, bool, error)
	// Handovers are an agency's, those of before an id, the youngest first.
	Handovers(ctx context.Context, agency, before string, limit int) ([]Handover, error)
	// Update changes one under lock; act is what the audit log says was done, "" nothing.
	Update(ctx context.Context, id, act string, by actor.Actor, change func(h *Handover) error) (Handover, error)
	// Due are the ids of those that are to be worked on at a moment.
	Due(ctx context.Context, at time.Time, limit int) ([]string, error)
	// Past are those, not ended, whose last day was before a day.
	Past(ctx context.Context, day clock.Date) ([]Handover, error)
	// Used says that one beside id has a file here.
	Used(ctx context.Context, sha256, beside string) (bool, error)
	// AddChanges adds changes of rows that are not there yet, and says how many there are then.
	AddChanges(ctx context.Context, id string, list []cleaning.Change) (Handover, error)
	// ChangesAfter are those behind one, in order.
	ChangesAfter(ctx context.Context, id string, after int64, limit int) ([]cleaning.Change, error)
	// Changes are those before one (0: from the last), the newest first.
	Changes(ctx context.Context, id string, before int64, limit int) ([]cleaning.Change, error)
	// Soon has one worked on now.
	Soon(ctx context.Context, id string) error
}

// Files keeps files beside the database.
type Files interface {
	Keep(ctx context.Context, r io.Reader) (cleaning.File, error)
	Open(ctx context.Context, f cleaning.File) (io.ReadCloser, error)
	Part(ctx context.Context, f cleaning.File, offset int64) (io.ReadCloser, error)
	Drop(ctx context.Context, f cleaning.File) error
}

// Asker says for whom the register's node is asked.
type Asker struct{ Officer, Reference, Lang string }

// Service is the cleaning of files at the register's node, through the exchange. Its failures
// are faults: Unavailable is not now; Twice is a file that was handed in.
type Service interface {
	Begin(ctx context.Context, as Asker, o cleaning.Offer) (h cleaning.Handed, twice string, err error)
	File(ctx context.Context, as Asker, id string) (cleaning.Handed, error)
	Append(ctx context.Context, as Asker, id string, offset int64, piece []byte) (cleaning.Handed, error)
	Finish(ctx context.Context, as Asker, id string) (cleaning.Handed, error)
	Confirm(ctx context.Context, as Asker, id string, chosen []cleaning.Kind, monthFirst bool) (cleaning.Handed, error)
	End(ctx context.Context, as Asker, id string) (cleaning.Handed, error)
	Unsettled(ctx context.Context, as Asker, id string, after int) (cleaning.Page[cleaning.Unsettled], error)
	Ask(ctx context.Context, as Asker, id string, row int) (cleaning.Question, error)
	Settle(ctx context.Context, as Asker, id string, row int, v cleaning.Verdict) (cleaning.Decided, error)
	Piece(ctx context.Context, as Asker, id string, p cleaning.Paper, offset int64) ([]byte, error)
	Changes(ctx context.Context, as Asker, id string, after int64) (cleaning.Page[cleaning.Change], error)
}

// Desk is where an agency's officers hand files in.
type Desk struct {
	Store   Store
	Files   Files
	Service Service
	Pieces  upload.Service // holds a clean file while it comes
	// Signed says that a paper was given out by the register's node, and when. It fails with
	// Conflict.
	Signed func(ctx context.Context, p cleaning.Paper) (time.Time, error)
	Clock  clock.Clock
	NewID  func() string
}

// HandIn takes a file of the agency; a job sends it. It fails with Denied, Invalid, TooLarge,
// and with Conflict when the same file is here.
func (d *Desk) HandIn(ctx context.Context, a actor.Actor, o cleaning.Offer, file io.Reader) (Handover, error) {
	if err := Permissions.Can(a, HandIn); err != nil {
		return Handover{}, err
	}
	now := d.Clock.Now()
	o.File = cleaning.File{SHA256: strings.Repeat("0", 64), Size: 1} // looked at below, once it is here
	if err := o.Check(a.Agency, clock.DayOf(now)); err != nil {
		return Handover{}, err
	}
	kept, err := d.Files.Keep(ctx, file)
	if err != nil {
		return Handover{}, err
	}
	o.File = kept
	if err := o.Check(a.Agency, clock.DayOf(now)); err != nil {
		return Handover{}, fault.As(err).At("file")
	}
	was, ok, err := d.Store.SameFile(ctx, kept.SHA256)
	if err != nil {
		return Handover{}, err
	}
	if ok {
		return was, errors.Join(was.twice(a), d.drop(ctx, kept, ""))
	}
	h := Handover{
		ID: d.NewID(), Offer: o, Agency: a.Agency, By: a.Account, Login: a.Login, At: now, State: Sending, Kept: true, Next: now,
	}
	if err := d.Store.Save(ctx, h, a); err != nil {
		return h, errors.Join(err, d.drop(ctx, kept, h.ID))
	}
	return h, d.Store.Soon(ctx, h.ID)
}

// twice says that a file is here. To the register's node all offices of a province are one, so
// what one of them had cleaned another would be given; of which one it is nothing is told.
func (h *Handover) twice(a actor.Actor) error {
	if h.Agency != a.Agency {
		return fault.New(fault.Conflict, "handover.another_office", nil).At("file")
	}
	return fault.New(fault.Conflict, "handover.twice", fault.Args{"file": h.Offer.Name, "at": h.At.In(clock.Zone).Format("15:04 02/01/2006")}).At("file")
}

// Handovers are the files of the actor's agency, the youngest first. It fails with Denied.
func (d *Desk) Handovers(ctx context.Context, a actor.Actor, before string, limit int) ([]Handover, error) {
	if err := Permissions.Can(a, See); err != nil {
		return nil, err
	}
	return d.Store.Handovers(ctx, a.Agency, before, limit)
}

// own is a file of the actor's agency. Of another's it says that there is none.
func (d *Desk) own(ctx context.Context, a actor.Actor, action Action, id string) (Handover, error) {
	if err := Permissions.Can(a, action); err != nil {
		return Handover{}, err
	}
	h, err := d.Store.Handover(ctx, id)
	if err == nil && h.Agency != a.Agency {
		return Handover{}, fault.New(fault.NotFound, "handover.unknown", nil)
	}
	return h, err
}

// fresh is how old news of a file may be before somebody who looks at it has it asked anew.
const fresh = 5 * time.Second

// Handover is one file. Whoever looks at it while something may happen to it has its news
// asked. Who sees only figures gets no values. It fails with Denied and NotFound.
func (d *Desk) Handover(ctx context.Context, a actor.Actor, id string) (Handover, error) {
	h, err := d.own(ctx, a, See, id)
	if err != nil {
		return h, err
	}
	if !h.Ends() && d.Clock.Now().Sub(h.Tried) > fresh && h.Pause > 0 {
		if _, err := d.Store.Update(ctx, id, "", a, func(h *Handover) error {
			h.Pause = 0
			return nil
		}); err != nil {
			return h, err
		}
		if err := d.Store.Soon(ctx, id); err != nil {
			return h, err
		}
	}
	if Permissions.Can(a, HandIn) != nil && h.Told != nil {
		for i := range h.Told.Columns {
			h.Told.Columns[i].Examples = nil
		}
	}
	return h, nil
}

func asker(a actor.Actor, h *Handover, lang string) Asker {
	return Asker{Officer: a.Login, Reference: h.Code(), Lang: lang}
}

// Confirm says what the columns hold. It fails with Denied, NotFound, Invalid, Conflict and
// Unavailable.
func (d *Desk) Confirm(ctx context.Context, a actor.Actor, id string, chosen []cleaning.Kind, monthFirst bool, lang string) error {
	h, err := d.own(ctx, a, HandIn, id)
	if err != nil {
		return err
	}
	if h.Remote == "" {
		return fault.New(fault.Conflict, "handover.not_there", nil)
	}
	told, err := d.Service.Confirm(ctx, asker(a, &h, lang), h.Remote, chosen, monthFirst)
	if err != nil {
		return err
	}
	return d.hear(ctx, a, id, "handover.confirm", told)
}

// hear keeps what was told while somebody waited, and has it asked again soon.
func (d *Desk) hear(ctx context.Context, a actor.Actor, id, act string, told cleaning.Handed) error {
	_, err := d.Store.Update(ctx, id, act, a, func(h *Handover) error {
		h.hear(told, d.Clock.Now())
		return nil
	})
	if err != nil {
		return err
	}
	return d.Store.Soon(ctx, id)
}

// hear takes in what the register's node said of a file.
func (h *Handover) hear(told cleaning.Handed, now time.Time) {
	if h.Told == nil || h.Told.State != told.State {
		h.Pause = 0
	}
	h.Told, h.ToldAt, h.Trouble, h.Sent = &told, now, nil, told.Received
	switch {
	case told.State == cleaning.Refused:
		h.State, h.Trouble = Refused, &Trouble{Key: "handover.refused", Args: fault.Args{"why": told.Why}, At: now}
	case told.State == cleaning.Deleted:
		h.State = Ended
	case told.State == cleaning.Released && h.State != Done:
		h.State = Fetching
	}
}

// Next is the next row for an officer to settle behind one. It fails with Denied, NotFound
// (also when no row is left), Conflict and Unavailable.
func (d *Desk) Next(ctx context.Context, a actor.Actor, id string, after int, lang string) (h Handover, q cleaning.Question, err error) {
	if h, err = d.own(ctx, a, Settle, id); err != nil {
		return h, q, err
	}
	as := asker(a, &h, lang)
	for range 20 { // rows that others have at this moment are passed over
		page, err := d.Service.Unsettled(ctx, as, h.Remote, after)
		if err != nil {
			return h, q, err
		}
		for _, u := range page.List {
			q, err = d.Service.Ask(ctx, as, h.Remote, u.Row)
			if fault.Of(err) != fault.Conflict {
				return h, q, err
			}
			after = u.Row
		}
		if page.Next == 0 {
			break
		}
	}
	return h, q, fault.New(fault.NotFound, "handover.none_left", nil)
}

// Settle says whose a row is. It fails with Denied, NotFound, Invalid, Conflict and
// Unavailable.
func (d *Desk) Settle(ctx context.Context, a actor.Actor, id string, row int, v cleaning.Verdict, lang string) (cleaning.Decided, error) {
	h, err := d.own(ctx, a, Settle, id)
	if err != nil {
		return "", err
	}
	return d.Service.Settle(ctx, asker(a, &h, lang), h.Remote, row, v)
}

// Fetch opens a clean file that is here. It fails with Denied and NotFound.
func (d *Desk) Fetch(ctx context.Context, a actor.Actor, id, format string) (Handover, Paper, io.ReadCloser, error) {
	h, err := d.own(ctx, a, Fetch, id)
	if err != nil {
		return h, Paper{}, nil, err
	}
	for _, p := range h.Papers {
		if p.Format == format {
			if _, err := d.Store.Update(ctx, id, "handover.fetch", a, func(*Handover) error { return nil }); err != nil {
				return h, p, nil, err
			}
			r, err := d.Files.Open(ctx, p.File)
			return h, p, r, err
		}
	}
	return h, Paper{}, nil, fault.New(fault.NotFound, "handover.no_paper", nil)
}

// Changes are what became of rows since the file was linked, as far as it has come here: those
// before one (0: from the last), the newest first. It fails with Denied and NotFound.
func (d *Desk) Changes(ctx context.Context, a actor.Actor, id string, before int64, limit int) (Handover, []cleaning.Change, error) {
	h, err := d.own(ctx, a, Fetch, id)
	if err != nil {
		return h, nil, err
	}
	list, err := d.Store.Changes(ctx, id, before, limit)
	return h, list, err
}

// WriteChanges writes all changes that have come as a table, in their order. It fails with
// Denied and NotFound.
func (d *Desk) WriteChanges(ctx context.Context, a actor.Actor, id string, w io.Writer, p *i18n.Printer) error {
	if _, err := d.own(ctx, a, Fetch, id); err != nil {
		return err
	}
	h, err := d.Store.Update(ctx, id, "handover.fetch", a, func(*Handover) error { return nil })
	if err != nil {
		return err
	}
	l := h.Layout()
	return cleaning.WriteChanges(w, &l, p, h.Changes, func(after int64) ([]cleaning.Change, error) {
		return d.Store.ChangesAfter(ctx, id, after, 1000)
	})
}

// Layout is what the columns of the file hold.
func (h *Handover) Layout() (l cleaning.Layout) {
	if h.Told == nil {
		return l
	}
	l.MonthFirst = h.Told.MonthFirst
	for _, c := range h.Told.Columns {
		l.Headings, l.Kinds = append(l.Headings, c.Heading), append(l.Kinds, c.Kind)
	}
	return l
}

// End has a file deleted before its last day, there and here. It fails with Denied, NotFound,
// Conflict while it is being worked on, and Unavailable: then nothing was deleted.
func (d *Desk) End(ctx context.Context, a actor.Actor, id, lang string) error {
	h, err := d.own(ctx, a, HandIn, id)
	if err != nil {
		return err
	}
	if h.Remote != "" && (h.Told == nil || h.Told.State != cleaning.Refused && h.Told.State != cleaning.Deleted) {
		if _, err := d.Service.End(ctx, asker(a, &h, lang), h.Remote); err != nil && fault.Of(err) != fault.NotFound {
			return err
		}
	}
	return d.clear(ctx, h, a)
}

// clear deletes what this node keeps of a file: the copy that was handed in, and clean files.
func (d *Desk) clear(ctx context.Context, h Handover, by actor.Actor) error {
	if err := d.dropCopy(ctx, &h); err != nil {
		return err
	}
	for _, p := range h.Papers {
		if err := d.drop(ctx, p.File, h.ID); err != nil {
			return err
		}
	}
	for _, u := range h.Coming {
		if err := d.Pieces.Cancel(ctx, h.ID, u); err != nil && fault.Of(err) != fault.NotFound && !upload.Is(err, upload.ErrClosed) {
			return err
		}
	}
	_, err := d.Store.Update(ctx, h.ID, "handover.delete", by, func(h *Handover) error {
		h.State, h.Kept, h.Papers, h.Coming, h.Next, h.Deleted = Ended, false, nil, nil, time.Time{}, d.Clock.Now()
		if h.Told != nil {
			for i := range h.Told.Columns {
				h.Told.Columns[i].Examples = nil
			}
		}
		return nil
	})
	return err
}

func (d *Desk) dropCopy(ctx context.Context, h *Handover) error {
	if !h.Kept {
		return nil
	}
	return d.drop(ctx, h.Offer.File, h.ID)
}

func (d *Desk) drop(ctx context.Context, f cleaning.File, beside string) error {
	if used, err := d.Store.Used(ctx, f.SHA256, beside); err != nil || used {
		return err
	}
	return d.Files.Drop(ctx, f)
}

// EndPast deletes what is kept of files whose last day is over.
func (d *Desk) EndPast(ctx context.Context) error {
	list, err := d.Store.Past(ctx, clock.DayOf(d.Clock.Now()))
	if err != nil {
		return err
	}
	for _, h := range list {
		if err := d.clear(ctx, h, actor.OfSystem(Officer)); err != nil {
			return err
		}
	}
	return nil
}
