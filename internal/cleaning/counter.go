package cleaning

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/upload"
)

// CounterStore keeps what is on its way to become a batch, and the rows that agencies settle.
type CounterStore interface {
	// Begin adds a file, unless the agency has one with the same content on its way: then it
	// gives that one.
	Begin(ctx context.Context, in Incoming) (was Incoming, again bool, err error)
	// Incoming fails with NotFound.
	Incoming(ctx context.Context, id string) (Incoming, error)
	// UpdateIncoming changes one under lock; one that comes to Checking is given its job.
	UpdateIncoming(ctx context.Context, id string, change func(in *Incoming) error) (Incoming, error)
	// IncomingOf are those of an agency that are no batches, the youngest first.
	IncomingOf(ctx context.Context, agency string) ([]Incoming, error)
	// BatchesOf are an agency's, those of before an id, the youngest first.
	BatchesOf(ctx context.Context, agency, before string, limit int) ([]Batch, error)
	// Unsettled are rows of a batch behind one, in their order, on which nobody decided and
	// that the program did not accept; count is how many there are in all.
	Unsettled(ctx context.Context, batch string, after, limit int) (rows []Row, count int, err error)
	// Hold gives an officer a row that nobody else has and logs whom they compare it with. It
	// fails with NotFound, and with Conflict for a row that is another's or settled.
	Hold(
		ctx context.Context, b Batch, at int, account string, now, until time.Time, whom func(Row, []Label) (citizen.Number, error),
	) (Row, []Label, error)
}

// Counter is where agencies' own systems hand files in through the exchange, and are told
// what became of them. Each sees its own files alone, and of the register nothing but who a
// row's person is once the clean file was let leave.
type Counter struct {
	*Desk
	Kept   CounterStore
	Pieces upload.Service
	// Part opens a file that is kept from a place on.
	Part func(ctx context.Context, f File, offset int64) (io.ReadCloser, error)
}

// pieces is whose uploads an agency's are.
func pieces(agency string) string { return "cleaning " + agency }

// Handing is what may be handed in, as far as the first look goes; the engine reads it.
var Handing = upload.Policy{Max: MaxHanded, Types: []upload.Type{upload.Text, upload.XLSX, upload.Parquet, upload.Unknown}}

// Twice is the error of a file that the agency handed in before.
type Twice struct {
	ID string
	error
}

// Unwrap gives the fault.
func (t Twice) Unwrap() error { return t.error }

// Begin says that a file comes. The same file of the same agency once more goes on where it
// was. It fails with Denied, Invalid, TooLarge, and with Twice for a file that became a batch.
func (c *Counter) Begin(ctx context.Context, by Caller, agency string, o Offer) (h Handed, again bool, err error) {
	if err := Permissions.CanOwn(by.Actor(agency), HandIn, true); err != nil {
		return h, false, err
	}
	now := c.Clock.Now()
	o.Basis, o.Purpose = strings.TrimSpace(o.Basis), strings.TrimSpace(o.Purpose)
	if err := o.Check(agency, clock.DayOf(now)); err != nil {
		return h, false, err
	}
	was, ok, err := c.Store.SameFile(ctx, o.SHA256)
	if err != nil {
		return h, false, err
	}
	if ok && was.Agency == agency { // another's is not told before the whole file was shown
		return h, false, Twice{was.ID, twice(was)}
	}
	u, err := c.Pieces.Begin(ctx, pieces(agency), upload.New{For: o.SHA256, Name: o.Name, Size: o.Size, Policy: Handing})
	if err != nil {
		return h, false, err
	}
	in := Incoming{ID: c.NewID(), Offer: o, Agency: agency, By: by, At: now, State: Coming, Upload: u.ID}
	kept, again, err := c.Kept.Begin(ctx, in)
	if err != nil || again {
		err = errors.Join(err, c.Pieces.Cancel(ctx, pieces(agency), u.ID))
	}
	if err != nil {
		return h, again, err
	}
	h, err = c.incoming(ctx, kept)
	return h, again, err
}

// own is a file of an agency before it is a batch. Of another's it says that there is none.
func (c *Counter) own(ctx context.Context, by Caller, agency string, action Action, id string) (Incoming, error) {
	if err := Permissions.CanOwn(by.Actor(agency), action, true); err != nil {
		return Incoming{}, err
	}
	in, err := c.Kept.Incoming(ctx, id)
	if err == nil && in.Agency != agency {
		err = unknown()
	}
	return in, err
}

func unknown() error { return fault.New(fault.NotFound, "cleaning.batch.unknown", nil) }

// batch is a batch of an agency. Of another's it says that there is none.
func (c *Counter) batch(ctx context.Context, by Caller, agency string, action Action, id string) (Batch, error) {
	if err := Permissions.CanOwn(by.Actor(agency), action, true); err != nil {
		return Batch{}, err
	}
	b, err := c.Store.Batch(ctx, id)
	if err == nil && b.Agency != agency {
		err = unknown()
	}
	return b, err
}

// Append adds a piece that begins at offset. It fails with NotFound, Invalid when its hash is
// another, TooLarge beyond what was said, and Conflict at another offset.
func (c *Counter) Append(ctx context.Context, by Caller, agency, id string, offset int64, sum *upload.Sum, r io.Reader) (Handed, error) {
	in, err := c.own(ctx, by, agency, HandIn, id)
	if err != nil {
		return Handed{}, err
	}
	if in.State != Coming {
		return Handed{}, fault.New(fault.Conflict, "cleaning.offer.complete", nil)
	}
	if in, err = c.renewed(ctx, in); err != nil {
		return Handed{}, err
	}
	if _, err = c.Pieces.Append(ctx, pieces(agency), in.Upload, offset, sum, r); err != nil {
		return Handed{}, err
	}
	return c.incoming(ctx, in)
}

// renewed begins the pieces anew when nothing came for so long that they were let go.
func (c *Counter) renewed(ctx context.Context, in Incoming) (Incoming, error) {
	_, err := c.Pieces.Stat(ctx, pieces(in.Agency), in.Upload)
	if fault.Of(err) != fault.NotFound {
		return in, err
	}
	u, err := c.Pieces.Begin(ctx, pieces(in.Agency), upload.New{For: in.Offer.SHA256, Name: in.Offer.Name, Size: in.Offer.Size, Policy: Handing})
	if err != nil {
		return in, err
	}
	return c.Kept.UpdateIncoming(ctx, in.ID, func(in *Incoming) error {
		in.Upload = u.ID
		return nil
	})
}

// Finish says that all pieces were sent: the whole is looked at in the background. Again it
// says how far that is. It fails with NotFound, and Conflict while something is missing.
func (c *Counter) Finish(ctx context.Context, by Caller, agency, id string) (Handed, error) {
	in, err := c.own(ctx, by, agency, HandIn, id)
	if err != nil {
		return Handed{}, err
	}
	if in.State == Coming {
		h, err := c.incoming(ctx, in)
		if err != nil {
			return h, err
		}
		if h.Received != h.Size {
			return h, fault.New(fault.Conflict, "cleaning.offer.partial", fault.Args{"received": h.Received, "size": h.Size})
		}
	}
	_, err = c.Kept.UpdateIncoming(ctx, id, func(in *Incoming) error {
		if in.State == Coming {
			in.State = Checking
		}
		return nil
	})
	if err != nil {
		return Handed{}, err
	}
	return c.Handed(ctx, by, agency, id, c.Texts[0])
}

// Take looks at a file that has come whole, and makes it a batch. Its job calls it, and calls
// it again after a fall.
func (c *Counter) Take(ctx context.Context, id string) error {
	in, err := c.Kept.Incoming(ctx, id)
	if err != nil || in.State != Checking {
		return err
	}
	_, err = c.Store.Batch(ctx, id)
	if fault.Of(err) == fault.NotFound {
		err = c.take(ctx, in)
	}
	f := fault.As(err)
	if err != nil && (f == nil || f.Kind == fault.Internal || f.Kind == fault.Unavailable) {
		return err
	}
	var was Twice
	_ = errors.As(err, &was)
	_, err = c.Kept.UpdateIncoming(ctx, id, func(in *Incoming) error {
		in.State = ""
		if f != nil {
			in.State, in.Failure, in.Same = Refused, Failure{f.Key, f.Args}, was.ID
		}
		return nil
	})
	return err
}

func (c *Counter) take(ctx context.Context, in Incoming) error {
	got, err := c.Pieces.Finish(ctx, pieces(in.Agency), in.Upload)
	if err != nil {
		return err
	}
	kept := File{got.SHA256, got.Size}
	if kept != in.Offer.File { // it changed while its pieces were on their way
		return errors.Join(fault.New(fault.Invalid, "cleaning.offer.other", nil), c.drop(ctx, kept, in.ID))
	}
	b := in.Offer.draft(in.Agency).batch(in.ID, kept, in.By.Actor(in.Agency), c.Clock.Now())
	b.Caller = in.By
	was, err := c.begun(ctx, in.By.Actor(in.Agency), b)
	switch {
	case fault.Of(err) != fault.Conflict:
		return err
	case was.Agency == in.Agency:
		return Twice{was.ID, err}
	}
	return fault.New(fault.Conflict, "cleaning.offer.another", nil)
}

// incoming is a file on its way as its agency is told of it.
func (c *Counter) incoming(ctx context.Context, in Incoming) (Handed, error) {
	h := Handed{
		ID: in.ID, Code: Batch{ID: in.ID}.Code(), Name: in.Offer.Name, Basis: in.Offer.Basis, Purpose: in.Offer.Purpose, Until: in.Offer.Until,
		File: in.Offer.File, At: in.At, State: in.State, Same: in.Same,
	}
	if in.State != Coming {
		h.Received = h.Size
		return h, nil
	}
	u, err := c.Pieces.Stat(ctx, pieces(in.Agency), in.Upload)
	if fault.Of(err) == fault.NotFound { // let go after a long silence: it begins anew
		return h, nil
	}
	h.Received = u.Received
	return h, err
}

// List are the files of an agency, the youngest first; before is the id of the last of the
// part before.
func (c *Counter) List(ctx context.Context, by Caller, agency, before string, p *i18n.Printer) ([]Handed, error) {
	if err := Permissions.CanOwn(by.Actor(agency), See, true); err != nil {
		return nil, err
	}
	var out []Handed
	if before == "" {
		list, err := c.Kept.IncomingOf(ctx, agency)
		if err != nil {
			return nil, err
		}
		for _, in := range list {
			h, err := c.incoming(ctx, in)
			if err != nil {
				return nil, err
			}
			out = append(out, h)
		}
	}
	list, err := c.Kept.BatchesOf(ctx, agency, before, listed)
	for _, b := range list {
		out = append(out, handed(&Standing{Batch: b}, p))
	}
	return out, err
}

// listed is how many batches are told of at once.
const listed = 50

// Handed is a file as its agency is told of it, in the words of the reader. It fails with
// Denied and NotFound.
func (c *Counter) Handed(ctx context.Context, by Caller, agency, id string, p *i18n.Printer) (Handed, error) {
	in, err := c.own(ctx, by, agency, See, id)
	if err != nil && fault.Of(err) != fault.NotFound {
		return Handed{}, err
	}
	if err == nil && in.State != "" {
		h, err := c.incoming(ctx, in)
		if in.Failure.Key != "" {
			h.Why = p.T(in.Failure.Key, in.Failure.Args)
		}
		return h, err
	}
	b, err := c.batch(ctx, by, agency, See, id)
	if err != nil {
		return Handed{}, err
	}
	s, err := c.standing(ctx, b, "", "")
	if err != nil {
		return Handed{}, err
	}
	h := handed(&s, p)
	h.Left, h.Changes = s.left(c.Clock.Now()), int64(s.Changes)
	if b.State == Reviewed {
		_, h.Open, err = c.Kept.Unsettled(ctx, id, 0, 1)
	}
	return h, err
}

// mostBad are the rows that could not be read of which an agency is told.
const mostBad = 50

func handed(s *Standing, p *i18n.Printer) Handed {
	b := &s.Batch
	h := Handed{
		ID: b.ID, Code: b.Code(), Name: b.Name, Basis: b.Basis, Purpose: b.Purpose, Until: b.Until, File: b.File, At: b.At, State: b.State,
		Received: b.File.Size, MonthFirst: b.Layout.MonthFirst, AsOf: b.AsOf, Outcomes: s.Outcomes, Written: s.Rows, Proof: b.Proof,
	}
	if b.Failure != "" {
		h.Why = p.T(b.Failure, b.FailureArgs)
	}
	for i, heading := range b.Layout.Headings {
		column := HandedColumn{Heading: heading, Kind: b.Layout.Kinds[i]}
		if i < len(b.Guessed) {
			column.Guessed = b.Guessed[i]
		}
		if i < len(b.Examples) {
			column.Examples = b.Examples[i]
		}
		h.Columns = append(h.Columns, column)
	}
	if b.Report != nil {
		h.Rows, h.Bound, h.Estimated, h.Bad = b.Report.Rows, b.Report.Bound, &b.Report.Estimated, b.Report.BadRows[:min(len(b.Report.BadRows), mostBad)]
		h.Checks = b.Report.Checks
		for _, n := range b.Report.Notes {
			h.Notes = append(h.Notes, p.T(n.Key, n.Args))
		}
	}
	if b.State == Released {
		h.Papers = b.Papers
	}
	return h
}

// Confirm says what the columns of a file hold, and has it linked.
func (c *Counter) Confirm(ctx context.Context, by Caller, agency, id string, chosen []Kind, monthFirst bool) error {
	if _, err := c.batch(ctx, by, agency, HandIn, id); err != nil {
		return err
	}
	return c.confirm(ctx, by.Actor(agency), id, chosen, monthFirst)
}

// Unsettled are rows of a file that its agency's own staff may settle.
func (c *Counter) Unsettled(ctx context.Context, by Caller, agency, id string, after int) (p Page[Unsettled], err error) {
	b, err := c.batch(ctx, by, agency, Settle, id)
	if err != nil {
		return p, err
	}
	if b.State != Reviewed {
		return p, fault.New(fault.Conflict, "cleaning.batch.not_review", nil)
	}
	rows, _, err := c.Kept.Unsettled(ctx, id, after, listed)
	for _, r := range rows {
		p.List = append(p.List, Unsettled{r.At, r.Cells})
	}
	if len(rows) == listed {
		p.Next = rows[listed-1].At
	}
	return p, err
}

// officer tells the officers of one system apart.
func officer(a actor.Actor) string { return a.Account + " " + a.Name }

// Ask sets a row beside the next of its candidates on which the officer has said nothing:
// which values agree and which differ, without any of the register's. Nobody else is given the
// row meanwhile, and that it was compared stands in that person's log.
func (c *Counter) Ask(ctx context.Context, by Caller, agency, id string, at int, p *i18n.Printer) (q Question, err error) {
	b, err := c.batch(ctx, by, agency, Settle, id)
	if err != nil {
		return q, err
	}
	if b.State != Reviewed {
		return q, fault.New(fault.Conflict, "cleaning.batch.not_review", nil)
	}
	a, now := by.Actor(agency), c.Clock.Now()
	row, labels, err := c.Kept.Hold(actor.With(ctx, a), b, at, officer(a), now, now.Add(leased), func(r Row, labels []Label) (citizen.Number, error) {
		return citizen.ParseNumber(r.Candidates[candidate(r, labels, officer(a))].Number)
	})
	if err != nil {
		return q, err
	}
	q = Question{Unsettled: Unsettled{row.At, row.Cells}, Candidate: candidate(row, labels, officer(a)), Of: len(row.Candidates)}
	q.Values = comparedOf(&row.Candidates[q.Candidate])
	for i := range q.Values {
		q.Values[i].Words = p.T(q.Values[i].Key())
	}
	_, q.Open, err = c.Kept.Unsettled(ctx, id, 0, 1)
	return q, err
}

// Settle says of a row that was asked about whether it is that person. What an officer is not
// sure of stays for the register's clerks. It fails with Denied, NotFound, Invalid, and with
// Conflict when the row is not theirs any more.
func (c *Counter) Settle(ctx context.Context, by Caller, agency, id string, at int, v Verdict) (Decided, error) {
	b, err := c.batch(ctx, by, agency, Settle, id)
	if err != nil {
		return "", err
	}
	if b.State != Reviewed { // what is given out later needs two of the register's clerks
		return "", fault.New(fault.Conflict, "cleaning.batch.not_review", nil)
	}
	a, now := by.Actor(agency), c.Clock.Now()
	if v.Says != Same && len(v.Wrong) > 0 || slices.ContainsFunc(v.Wrong, func(what string) bool { return !slices.Contains(mendable, what) }) {
		return "", fault.New(fault.Invalid, "cleaning.offer.wrong", nil).At("wrong")
	}
	l := Label{
		ID: c.NewID(), Batch: id, Row: at, Candidate: v.Candidate, Says: v.Says, By: officer(a), At: now, Wrong: strings.Join(v.Wrong, ","),
	}
	row, err := c.decide(actor.With(ctx, a), b, "", l)
	return row.Decided, err
}

// mendable are the values of a file that its agency may say are wrong.
var mendable = []string{"number", "name", "birth", "sex", "place"}

// Piece is a part of a paper of the result from offset on, at most MaxPiece of it.
func (c *Counter) Piece(ctx context.Context, by Caller, agency, id, format string, offset int64) (Paper, []byte, error) {
	b, err := c.batch(ctx, by, agency, Fetch, id)
	if err != nil {
		return Paper{}, nil, err
	}
	i := slices.IndexFunc(b.Papers, func(p Paper) bool { return p.Format == format })
	if b.State != Released || i < 0 {
		return Paper{}, nil, fault.New(fault.NotFound, "cleaning.batch.no_paper", nil)
	}
	p := b.Papers[i]
	if offset < 0 || offset >= p.File.Size {
		return p, nil, fault.New(fault.Invalid, "cleaning.offer.offset", fault.Args{"size": p.File.Size}).At("offset")
	}
	if offset == 0 { // each time that somebody begins is one act
		if _, err := c.Store.Update(ctx, id, "cleaning.fetch", by.Actor(agency), func(*Batch) error { return nil }); err != nil {
			return p, nil, err
		}
	}
	r, err := c.Part(ctx, p.File, offset)
	if err != nil {
		return p, nil, err
	}
	piece := make([]byte, min(MaxPiece, p.File.Size-offset))
	_, err = io.ReadFull(r, piece)
	return p, piece, errors.Join(err, r.Close())
}

// Changes are what became of rows of a file behind a change, in order.
func (c *Counter) Changes(ctx context.Context, by Caller, agency, id string, after int64) (p Page[Change], err error) {
	p.List, err = c.Desk.Changes(ctx, by.Actor(agency), id, after, changed)
	if len(p.List) == changed {
		p.Next = int(p.List[changed-1].Seq)
	}
	return p, err
}

// changed is how many changes are told of at once.
const changed = 500

// End deletes what is kept of a file of an agency before its term: the agency asks for it.
func (c *Counter) End(ctx context.Context, by Caller, agency, id string) error {
	in, err := c.own(ctx, by, agency, HandIn, id)
	if err == nil && in.State != "" {
		if in.State == Checking {
			return fault.New(fault.Conflict, "cleaning.batch.running", nil)
		}
		if err := c.Pieces.Cancel(ctx, pieces(agency), in.Upload); err != nil && fault.Of(err) != fault.NotFound {
			return err
		}
		_, err := c.Kept.UpdateIncoming(ctx, id, func(in *Incoming) error {
			in.State, in.Failure = Refused, Failure{Key: "cleaning.offer.withdrawn"}
			return nil
		})
		return err
	}
	if err != nil && fault.Of(err) != fault.NotFound {
		return err
	}
	b, err := c.batch(ctx, by, agency, HandIn, id)
	if err != nil {
		return err
	}
	return c.endNow(ctx, by.Actor(agency), b)
}
