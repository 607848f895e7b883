package cleaning

import (
	"context"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
)

// Store keeps batches. cleaningsql keeps them in a database.
type Store interface {
	// Save adds a batch. It fails with Conflict ("cleaning.batch.twice") when one with the
	// same file is there that was not deleted.
	Save(ctx context.Context, b Batch, by actor.Actor) error
	// Batch fails with NotFound.
	Batch(ctx context.Context, id string) (Batch, error)
	// Batches are those of before an id, the youngest first: all, or those with rows of a commune.
	Batches(ctx context.Context, commune, before string, limit int) ([]Batch, error)
	// SameFile is the batch, not deleted, that has a file; false when there is none.
	SameFile(ctx context.Context, sha256 string) (Batch, bool, error)
	// Update changes one under lock; a batch that comes to Waiting or Approved is given its
	// job. act is what the audit log says was done; "" says nothing.
	Update(ctx context.Context, id, act string, by actor.Actor, change func(b *Batch) error) (Batch, error)

	// AddRows adds rows behind those that are there, and logs the people of them whom the
	// batch had not met, all or nothing.
	AddRows(ctx context.Context, b Batch, rows []Row) error
	// Rows are those behind a row.
	Rows(ctx context.Context, batch string, of Which, after, limit int) ([]Row, error)
	// Row fails with NotFound.
	Row(ctx context.Context, batch string, at int) (Row, error)
	LastRow(ctx context.Context, batch string) (int, error)
	// Outcomes counts the rows as they stand, of a commune or of all.
	Outcomes(ctx context.Context, batch, commune string) (map[Outcome]int, error)

	// Next gives an officer the next row to decide on, of a commune or of all, which is theirs
	// until a moment: one that they have already, else the first that nobody has and on which
	// they have said nothing. It fails with NotFound when there is none.
	Next(ctx context.Context, batch, commune, account string, now, until time.Time) (Row, error)
	// Leave gives a row back undecided, behind all others.
	Leave(ctx context.Context, batch, account string, at int) error
	// Decide keeps a label and what the row is then. It fails with Conflict when the row is
	// not the officer's.
	Decide(ctx context.Context, b Batch, l Label, now time.Time, then func(r *Row, before []Label) (through bool, err error)) (Row, error)
	Labels(ctx context.Context, batch string) ([]Label, error)
	// Judged are the rows for people on which somebody decided.
	Judged(ctx context.Context, batch string) ([]Row, error)
	// Left counts the rows for people that wait, and all, by commune; "" is where those live who
	// live in several, or nowhere that is known.
	Left(ctx context.Context, batch string) ([]Left, error)

	// Released are the batches that follow the register, the oldest first.
	Released(ctx context.Context) ([]Batch, error)
	// Following is how far one does. It fails with NotFound for one that does not.
	Following(ctx context.Context, batch string) (Following, error)
	// Follow keeps changes, the rows that were tried again, and how far the batch is then, all or
	// nothing, and logs whom it tells of. It fails with Conflict when the batch is not where it was.
	Follow(ctx context.Context, b Batch, was, next Following, changes []Change, again []Row) error
	// RowsOf are the rows of some persons.
	RowsOf(ctx context.Context, batch string, people []citizen.Number) ([]Row, error)
	// Nobodys are the rows behind one that have nobody, or whose person is no longer there.
	Nobodys(ctx context.Context, batch string, after, limit int) ([]Row, error)
	// Changes are those behind one, in their order; LatestChanges those before one (0: from the
	// last), the newest first.
	Changes(ctx context.Context, batch string, after int64, limit int) ([]Change, error)
	LatestChanges(ctx context.Context, batch string, before int64, limit int) ([]Change, error)

	// Clear deletes rows, labels, changes and whom they were about.
	Clear(ctx context.Context, b Batch, proof Proof, by actor.Actor) error
	// Used says that a batch beside one, and not deleted, has a file.
	Used(ctx context.Context, f File, beside string) (bool, error)
	// Ended are batches whose last day was before a day.
	Ended(ctx context.Context, day clock.Date) ([]Batch, error)
}

// Which are rows of an outcome and of a commune; of all without them.
type Which struct {
	Outcome Outcome
	Commune string
}

// Left is how many rows of a commune wait for people.
type Left struct {
	Commune string
	Left    int
	Of      int
}

// LeftOf sums up what waits in a commune, or in all.
func LeftOf(list []Left, commune string) (left, of int) {
	for _, l := range list {
		if commune == "" || l.Commune == commune {
			left, of = left+l.Left, of+l.Of
		}
	}
	return left, of
}

// Files keeps files beside the database.
type Files interface {
	Keep(ctx context.Context, r io.Reader) (File, error)
	Open(ctx context.Context, f File) (io.ReadCloser, error)
	// Scratch gives a file of this machine that only this process can read, and that is gone
	// when it is closed or the process ends.
	Scratch(ctx context.Context, fill func(w io.Writer) error) (*os.File, error)
	Drop(ctx context.Context, f File) error
}

// Person is one of the register as a reviewer sees them.
type Person struct {
	Number         citizen.Number
	Old            []citizen.OldNumber
	Name           string
	Birth          citizen.Day
	Sex            citizen.Sex
	Address, Other string // where they live; where else
	Home           Home
	Dead           bool
	Died           citizen.Day
}

// Register is the register of people as cleaning asks it.
type Register interface {
	// People writes everybody as the register's own file, as of one moment.
	People(ctx context.Context, w io.Writer) (Moment, error)
	// Fresh writes in the same way those who came, or to whom something happened, between two
	// marks and who are there.
	Fresh(ctx context.Context, from, to Mark, w io.Writer) error
	Mark(ctx context.Context) (Mark, error)
	// Since are the events behind one, in the order in which they came to be, at most limit.
	Since(ctx context.Context, after int64, limit int) ([]Happened, error)
	// Became is what an event made of a person: the same whenever it is asked.
	Became(ctx context.Context, n citizen.Number, event string) (Became, error)
	// News is what happened to a person behind an event.
	News(ctx context.Context, n citizen.Number, after int64) ([]Became, error)
	// Look gives one person; the register logs that somebody looked, and why. It fails with
	// NotFound.
	Look(ctx context.Context, a actor.Actor, b Batch, n citizen.Number) (Person, error)
	// Commune is what the register calls a commune of today.
	Commune(code string) string
	// Claim leaves for the register's clerks that what it holds of a person is wrong, and what
	// a row says instead: one of Claimable.
	Claim(ctx context.Context, a actor.Actor, b Batch, row int, n citizen.Number, what, says, words string) error
}

// Second takes what a second person must let happen.
type Second interface {
	AskRelease(ctx context.Context, a actor.Actor, b Batch, reason string, rows int) (request string, err error)
}

// Desk is where files are handed in and cleaned.
type Desk struct {
	Store    Store
	Files    Files
	Register Register
	Second   Second
	Clock    clock.Clock
	NewID    func() string
	// World is made anew for each run: places as they stand today.
	World func() (*World, error)
	// Disk is where people are kept who take so many bytes in their file; nil gives and is memory.
	Disk  func(people int64) *Disk
	Texts [2]*i18n.Printer // Vietnamese and English
	// Sign signs a file's size and hash with the node's gateway; it fails until there is one.
	Sign func(ctx context.Context, f File) (Signature, error)
	// Book makes the result as a workbook; nil makes none.
	Book func(w io.Writer, b Batch, rows func(give func([]string) error) error) error
}

// HandIn takes a file in and says what its columns may hold. It fails with Denied, Invalid,
// TooLarge, and with Conflict when the same file is there, of which it gives the batch.
func (d *Desk) HandIn(ctx context.Context, a actor.Actor, draft Draft, file io.Reader) (Batch, error) {
	if err := Permissions.Can(a, HandIn); err != nil {
		return Batch{}, err
	}
	now := d.Clock.Now()
	if err := draft.Check(clock.DayOf(now)); err != nil {
		return Batch{}, err
	}
	kept, err := d.Files.Keep(ctx, file)
	if err != nil {
		return Batch{}, err
	}
	return d.begun(ctx, a, draft.batch(d.NewID(), kept, a, now))
}

// HandInKept is HandIn for a file that came in pieces and is kept already.
func (d *Desk) HandInKept(ctx context.Context, a actor.Actor, draft Draft, kept File) (Batch, error) {
	if err := Permissions.Can(a, HandIn); err != nil {
		return Batch{}, err
	}
	now := d.Clock.Now()
	if err := draft.Check(clock.DayOf(now)); err != nil {
		return Batch{}, err
	}
	return d.begun(ctx, a, draft.batch(d.NewID(), kept, a, now))
}

// Left lets a file go that came and that nobody handed in.
func (d *Desk) Left(ctx context.Context, f File) error { return d.drop(ctx, f, "") }

// batch is a draft with its file.
func (d Draft) batch(id string, kept File, a actor.Actor, now time.Time) Batch {
	return Batch{
		ID: id, Name: d.Name, File: kept, Agency: d.Agency, Basis: d.Basis, Purpose: d.Purpose, Until: d.Until,
		By: a.Account, Office: a.Agency, At: now, State: Columns,
	}
}

// begun says what the columns of a batch's file may hold, and keeps it. It fails as HandIn does,
// and gives the batch that has the same file already.
func (d *Desk) begun(ctx context.Context, a actor.Actor, b Batch) (Batch, error) {
	if was, ok, err := d.Store.SameFile(ctx, b.File.SHA256); err != nil || ok {
		if err == nil {
			err = twice(was)
		}
		return was, err
	}
	err := d.source(ctx, b.File, func(s *Source) (err error) {
		b.Notes = s.Notes
		if b.Examples, err = s.Examples(examplesOf); err != nil {
			return err
		}
		if b.Layout, err = LayoutOf(s, nil, false); err != nil && fault.Of(err) != fault.Invalid {
			return err
		}
		if err != nil { // nothing was recognised: a person says it
			b.Layout = Layout{Headings: s.Header, Kinds: slices.Repeat([]Kind{Ignore}, len(s.Header))}
		}
		return nil
	})
	if err == nil {
		b.Guessed = slices.Clone(b.Layout.Kinds)
		err = d.before(ctx, &b)
	}
	if err == nil {
		err = d.Store.Save(ctx, b, a)
	}
	if err != nil {
		err = errors.Join(named(err, b.Name), d.drop(context.WithoutCancel(ctx), b.File, b.ID))
		if fault.Of(err) == fault.Conflict { // somebody handed the same in a moment before
			if was, _, err2 := d.Store.SameFile(ctx, b.File.SHA256); err2 == nil {
				return was, err
			}
		}
		return Batch{}, err
	}
	return b, nil
}

// drop removes a file, unless it is another batch's too: somebody may have handed the same
// in a moment before, or handed in what another batch gave out.
func (d *Desk) drop(ctx context.Context, f File, batch string) error {
	if used, err := d.Store.Used(ctx, f, batch); err != nil || used {
		return err
	}
	return d.Files.Drop(ctx, f)
}

func twice(was Batch) error {
	return fault.New(fault.Conflict, "cleaning.batch.twice", fault.Args{"file": was.Name, "at": was.At.In(clock.Zone).Format("15:04 02/01/2006")}).At("file")
}

// named says of a file what it is called, and not where this machine keeps it.
func named(err error, name string) error {
	f := fault.As(err)
	if f == nil || f.Kind == fault.Internal {
		return err
	}
	args := fault.Args{}
	for k, v := range f.Args {
		args[k] = v
	}
	if args["file"] != nil {
		args["file"] = name
	}
	return fault.New(f.Kind, f.Key, args).At("file")
}

// before takes what somebody said of the columns of the last file of the agency that had
// the same ones.
func (d *Desk) before(ctx context.Context, b *Batch) error {
	list, err := d.Store.Batches(ctx, "", "", 200)
	for _, o := range list {
		if o.Agency == b.Agency && o.State != Columns && slices.Equal(o.Layout.Headings, b.Layout.Headings) {
			b.Layout = o.Layout
			break
		}
	}
	return err
}

// source opens a kept file as rows.
func (d *Desk) source(ctx context.Context, f File, do func(s *Source) error) error {
	file, err := d.Files.Scratch(ctx, func(w io.Writer) error {
		r, err := d.Files.Open(ctx, f)
		if err != nil {
			return err
		}
		defer r.Close()
		_, err = io.Copy(w, r)
		return err
	})
	if err != nil {
		return err
	}
	s, err := OpenFile(file, f.SHA256)
	if err != nil {
		return err
	}
	defer s.Close()
	return do(s)
}

// Map says what the columns hold, and has the file linked. It fails with Denied, NotFound,
// Invalid, and Conflict when it is under way already.
func (d *Desk) Map(ctx context.Context, a actor.Actor, id string, chosen []Kind, monthFirst bool) error {
	if err := Permissions.Can(a, HandIn); err != nil {
		return err
	}
	return d.confirm(ctx, a, id, chosen, monthFirst)
}

func (d *Desk) confirm(ctx context.Context, a actor.Actor, id string, chosen []Kind, monthFirst bool) error {
	_, err := d.Store.Update(ctx, id, "cleaning.run", a, func(b *Batch) error {
		if b.State != Columns && b.State != Failed {
			return fault.New(fault.Conflict, "cleaning.batch.running", nil)
		}
		b.Layout.MonthFirst = monthFirst
		b.State, b.Failure, b.FailureArgs = Waiting, "", nil
		return b.Layout.Set(chosen)
	})
	return err
}

// Batches are the files, the youngest first; the police of a commune get those that have rows
// of its people. It fails with Denied.
func (d *Desk) Batches(ctx context.Context, a actor.Actor, before string, limit int) ([]Batch, error) {
	commune, err := May(a, See)
	if err != nil {
		return nil, err
	}
	list, err := d.Store.Batches(ctx, commune, before, limit)
	for i := range list {
		if commune != "" { // what is said of all the file is for who sees all of it
			list[i].Report, list[i].Examples = nil, nil
		}
	}
	return list, err
}

// Standing is a batch as it stands, or, for the police of a commune, what it has of its people.
type Standing struct {
	Batch    Batch
	Commune  string // of which alone it is said; "" for all
	Outcomes map[Outcome]int
	Left, Of int    // rows for people, and how many there were
	Communes []Left // the same by commune, for who sees all
	Changes  int    // since it was linked
	Measured Measured
	Own      Own // of who asks
	Rows     int // written so far
	Settled  int // judgements of the agency's own staff, who do not see the register
}

// Batch is one file. Whoever may see only figures gets no examples. It fails with Denied and
// NotFound.
func (d *Desk) Batch(ctx context.Context, a actor.Actor, id string) (s Standing, err error) {
	commune, err := May(a, See)
	if err != nil {
		return s, err
	}
	b, err := d.Store.Batch(ctx, id)
	if err != nil {
		return s, err
	}
	if s, err = d.standing(ctx, b, commune, a.Account); Permissions.Can(a, HandIn) != nil {
		s.Batch.Examples = nil
	}
	return s, err
}

func (d *Desk) standing(ctx context.Context, b Batch, commune, account string) (s Standing, err error) {
	id := b.ID
	s.Batch, s.Commune = b, commune
	switch b.State {
	case Columns, Waiting, Failed, Deleted:
		if s.Commune != "" {
			return s, elsewhere()
		}
		return s, nil
	}
	if s.Rows, err = d.Store.LastRow(ctx, id); err != nil {
		return s, err
	}
	if s.Outcomes, err = d.Store.Outcomes(ctx, id, s.Commune); err != nil {
		return s, err
	}
	if s.Commune != "" && len(s.Outcomes) == 0 {
		return s, elsewhere()
	}
	left, err := d.Store.Left(ctx, id)
	if err != nil {
		return s, err
	}
	s.Left, s.Of = LeftOf(left, s.Commune)
	labels, err := d.Store.Labels(ctx, id)
	if err != nil {
		return s, err
	}
	s.Own = MeasureOwn(labels, account)
	if s.Commune != "" { // what is said of all the file is for who sees all of it
		s.Batch.Report = nil
		return s, nil
	}
	for _, l := range labels {
		if l.byAgency() && l.Says != Unsure {
			s.Settled++
		}
	}
	s.Communes, s.Measured = left, Measure(labels, s.Batch.Report)
	f, err := d.Store.Following(ctx, id)
	s.Changes = int(f.Seq)
	return s, gone(err)
}

// Rows are rows of a batch. They say nothing of the register but what the result says. It
// fails with Denied.
func (d *Desk) Rows(ctx context.Context, a actor.Actor, id string, of Which, after, limit int) (list []Row, err error) {
	if of.Commune, err = allowed(a, Review, of.Commune); err != nil {
		return nil, err
	}
	return d.Store.Rows(ctx, id, of, after, limit)
}

// Beside is a row beside a person of the register.
type Beside struct {
	Batch     Batch
	Row       Row
	Person    Person
	Candidate int  // which of the row's candidates
	Nobody    bool // there is nobody to look at
	// Meanings are what the row was understood as; not in the queue.
	Meanings []Meaning
	// Since is what happened to the person since the file was linked, the oldest first.
	Since []Change
	// Blind says that who looks has not judged the row yet, which waits for people: neither what
	// the program thinks of it nor what others said is shown.
	Blind bool
}

// Row is one row beside who it is, or the candidate that is asked for. The look is logged.
// It fails with Denied and NotFound.
func (d *Desk) Row(ctx context.Context, a actor.Actor, id string, at, candidate int) (v Beside, err error) {
	commune, err := May(a, Review)
	if err != nil {
		return v, err
	}
	if v.Batch, err = d.Store.Batch(ctx, id); err != nil {
		return v, err
	}
	if v.Row, err = d.Store.Row(ctx, id, at); err != nil {
		return v, err
	}
	if err := within(commune, &v.Row); err != nil {
		return v, err
	}
	if v.Row.Waits() {
		labels, err := d.Store.Labels(ctx, id)
		if err != nil {
			return v, err
		}
		v.Blind = !through(v.Row, labels, a.Account)
	}
	n := v.Row.Person
	if c := v.Row.Candidates; len(c) > 0 && (n.IsZero() || candidate > 0) {
		v.Candidate = min(max(candidate, 0), len(c)-1)
		if n, err = citizen.ParseNumber(c[v.Candidate].Number); err != nil {
			return v, err
		}
	}
	w, err := d.World()
	if err != nil {
		return v, err
	}
	v.Meanings = w.Meanings(v.Batch.Layout, v.Row.Cells)
	return v, d.look(ctx, a, &v, n)
}

func (d *Desk) look(ctx context.Context, a actor.Actor, v *Beside, n citizen.Number) (err error) {
	if v.Nobody = n.IsZero(); v.Nobody {
		return nil
	}
	v.Person, err = d.Register.Look(ctx, a, v.Batch, n)
	if fault.Of(err) == fault.NotFound { // since the file was linked
		v.Nobody, err = true, nil
	}
	if err != nil {
		return err
	}
	news, err := d.Register.News(ctx, n, v.Batch.Mark.Event)
	for i := range news {
		if c, ok := changeOf(&v.Batch.Layout, n, &news[i]); ok {
			v.Since = append(v.Since, c)
		}
	}
	return err
}

// Claimable is what of a row may be said to be right where the register says otherwise.
var Claimable = []string{"name", "birth", "sex", "place"}

// Claim leaves for the register's clerks that a row is right and the register wrong, with the
// file and row as evidence beside the officer's words. Nothing of the register changes by it. It
// fails with Denied, NotFound, Invalid, and Conflict for a row that is nobody's.
func (d *Desk) Claim(ctx context.Context, a actor.Actor, id string, at int, what, words string) error {
	if err := Permissions.Can(a, Review); err != nil {
		return err
	}
	b, err := d.Store.Batch(ctx, id)
	if err != nil {
		return err
	}
	r, err := d.Store.Row(ctx, id, at)
	if err != nil {
		return err
	}
	if r.Person.IsZero() {
		return fault.New(fault.Conflict, "cleaning.batch.nobodys", nil)
	}
	said := r.says(&b.Layout, what)
	if said == "" {
		return fault.New(fault.Invalid, "cleaning.batch.what", nil).At("what")
	}
	if n := len([]rune(strings.TrimSpace(words))); n < minWords || n > maxLine {
		return fault.New(fault.Invalid, "cleaning.batch.words", fault.Args{"min": minWords, "max": maxLine}).At("why")
	}
	evidence := d.Texts[0].T("cleaning.claim.evidence", fault.Args{"file": b.Name, "row": at, "basis": b.Basis})
	return d.Register.Claim(ctx, a, b, at, r.Person, what, said, strings.TrimSpace(words)+" ("+evidence+")")
}

// says is what a row says of what may be claimed; "" for nothing, or what may not.
func (r *Row) says(l *Layout, what string) string {
	switch what {
	case "name":
		return l.Understood(r.Cells, Surname, Middle, Name, Given)
	case "birth":
		return l.Understood(r.Cells, Birth, DayPart, Month, Year)
	case "sex":
		return l.Understood(r.Cells, Sex)
	case "place":
		return placeSaid(l, r.Cells)
	}
	return ""
}

// AskRelease asks that the clean file may leave: a second person decides. It fails with
// Denied, Invalid, and Conflict while it is not at people, or was asked already.
func (d *Desk) AskRelease(ctx context.Context, a actor.Actor, id, reason string) error {
	if err := Permissions.Can(a, Release); err != nil {
		return err
	}
	b, err := d.Store.Batch(ctx, id)
	if err != nil {
		return err
	}
	if b.State != Reviewed {
		return fault.New(fault.Conflict, "cleaning.batch.not_review", nil)
	}
	if n := len([]rune(strings.TrimSpace(reason))); n < minWords || n > maxLine {
		return fault.New(fault.Invalid, "cleaning.batch.reason", fault.Args{"min": minWords, "max": maxLine}).At("reason")
	}
	rows, err := d.Store.LastRow(ctx, id)
	if err != nil {
		return err
	}
	request, err := d.Second.AskRelease(ctx, a, b, strings.TrimSpace(reason), rows)
	if err != nil {
		return err
	}
	_, err = d.Store.Update(ctx, id, "", a, func(b *Batch) error {
		if b.State == Reviewed { // who decides may have been quicker
			b.State, b.Request = Asked, request
		}
		return nil
	})
	return err
}

// Reopen gives a batch back to people when who was asked said no.
func (d *Desk) Reopen(ctx context.Context, a actor.Actor, id string) error {
	if err := Permissions.Can(a, Release); err != nil {
		return err
	}
	_, err := d.Store.Update(ctx, id, "", a, func(b *Batch) error {
		if b.State == Asked {
			b.State, b.Request = Reviewed, ""
		}
		return nil
	})
	return err
}

// Fetch opens a paper of the result. It fails with Denied and NotFound.
func (d *Desk) Fetch(ctx context.Context, a actor.Actor, id, format string) (Batch, Paper, io.ReadCloser, error) {
	if err := Permissions.Can(a, Release); err != nil {
		return Batch{}, Paper{}, nil, err
	}
	b, err := d.Store.Batch(ctx, id)
	if err != nil {
		return b, Paper{}, nil, err
	}
	for _, p := range b.Papers {
		if p.Format == format && b.State == Released {
			if _, err := d.Store.Update(ctx, id, "cleaning.fetch", a, func(*Batch) error { return nil }); err != nil {
				return b, p, nil, err
			}
			r, err := d.Files.Open(ctx, p.File)
			return b, p, r, err
		}
	}
	return b, Paper{}, nil, fault.New(fault.NotFound, "cleaning.batch.no_paper", nil)
}
