package cleaning

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"

	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/sheet"
)

// A file that was released stays alive until its term ends: it follows the events of the
// register behind the moment at which it was linked, and what they change of its rows is
// written down for its agency.

// Following is how far a batch follows the register.
type Following struct {
	Event int64 // the last that was looked at
	Tried Mark  // when rows without anybody were tried last
	Seq   int64 // of its last change
}

// perFollow is how many events are looked at in one transaction.
const perFollow = 500

// Alive brings all released files up to date with the register. The handler of its job calls
// it, and calls it again after a fall: what a transaction has kept is not looked at again.
// With again rows that have nobody are tried again, too, which takes a look at everybody.
func (d *Desk) Alive(ctx context.Context, again bool) error {
	list, err := d.Store.Released(ctx)
	today := clock.DayOf(d.Clock.Now())
	for i := 0; i < len(list) && err == nil; i++ {
		if list[i].Until.Before(today) {
			continue // it is about to be deleted
		}
		if err = d.follow(ctx, list[i]); err == nil && again {
			err = d.tryAgain(ctx, list[i])
		}
	}
	return err
}

// follow looks at all events that a batch has not seen.
func (d *Desk) follow(ctx context.Context, b Batch) error {
	for {
		f, err := d.Store.Following(ctx, b.ID)
		if err != nil {
			return gone(err)
		}
		list, err := d.Register.Since(ctx, f.Event, perFollow)
		if err != nil || len(list) == 0 {
			return err
		}
		changes, err := d.changed(ctx, b, list)
		if err != nil {
			return err
		}
		next := f
		next.Event = list[len(list)-1].Seq
		// Another process may be quicker, or an officer decide on a row meanwhile.
		if err := d.Store.Follow(ctx, b, f, next, changes, nil); err != nil && fault.Of(err) != fault.Conflict {
			return gone(err)
		}
	}
}

// gone is no error where a batch came to its end meanwhile.
func gone(err error) error {
	if fault.Of(err) == fault.NotFound {
		return nil
	}
	return err
}

// changed is what events change of the rows of a batch.
func (d *Desk) changed(ctx context.Context, b Batch, list []Happened) ([]Change, error) {
	var people []citizen.Number
	for _, h := range list {
		people = append(people, h.People...)
	}
	rows, err := d.Store.RowsOf(ctx, b.ID, people)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	of := map[citizen.Number][]*Row{}
	for i := range rows {
		of[rows[i].Person] = append(of[rows[i].Person], &rows[i])
	}
	var out []Change
	for _, h := range list {
		for _, n := range h.People {
			if len(of[n]) == 0 {
				continue
			}
			became, err := d.Register.Became(ctx, n, h.Event)
			if err != nil {
				return nil, err
			}
			c, ok := changeOf(&b.Layout, n, &became)
			if !ok {
				continue
			}
			for _, r := range of[n] {
				c.Row, c.Cause = r.At, h.Event
				if c.Kind == Restored {
					c.Outcome = r.machine()
				}
				out = append(out, c)
			}
		}
	}
	return out, nil
}

// machine is what a row with its person is: what the program said, or a person.
func (r *Row) machine() Outcome {
	if r.Machine == Verified || r.Machine == Duplicate {
		return r.Machine
	}
	return Corrected
}

// Changes are what became of the rows of a batch, in order, behind a change. Agencies get
// those of their own files, also through the exchange. It fails with Denied, and with NotFound
// for a batch that is not the agency's.
func (d *Desk) Changes(ctx context.Context, a actor.Actor, batch string, after int64, limit int) ([]Change, error) {
	if _, err := d.followed(ctx, a, batch); err != nil {
		return nil, err
	}
	return d.Store.Changes(ctx, batch, after, min(max(limit, 1), perWrite))
}

// LatestChanges are those before a change (0: from the last), the newest first.
func (d *Desk) LatestChanges(ctx context.Context, a actor.Actor, batch string, before int64, limit int) ([]Change, error) {
	if _, err := d.followed(ctx, a, batch); err != nil {
		return nil, err
	}
	return d.Store.LatestChanges(ctx, batch, before, min(max(limit, 1), perWrite))
}

// followed is a batch whose changes somebody may have.
func (d *Desk) followed(ctx context.Context, a actor.Actor, id string) (Batch, error) {
	b, err := d.Store.Batch(ctx, id)
	own := err == nil && a.Via == actor.Exchange && a.Agency != "" && a.Agency == b.Agency
	if may := Permissions.CanOwn(a, Follow, own); may != nil {
		if a.Has(RightHolder) && a.Via == actor.Exchange { // that there is such a file is another agency's matter
			may = fault.New(fault.NotFound, "cleaning.batch.unknown", nil)
		}
		return Batch{}, may
	}
	return b, err
}

// FetchChanges opens the changes of a batch up to one, as a file that is the same whenever it is
// made, with its signature. It fails with Denied and NotFound.
func (d *Desk) FetchChanges(ctx context.Context, a actor.Actor, id string, upto int64) (Batch, Paper, io.ReadCloser, error) {
	b, err := d.followed(ctx, a, id)
	if err != nil {
		return b, Paper{}, nil, err
	}
	f, err := d.Store.Following(ctx, id)
	if err == nil && (upto < 1 || upto > f.Seq) {
		err = fault.New(fault.NotFound, "cleaning.batch.no_paper", nil)
	}
	if err != nil {
		return b, Paper{}, nil, err
	}
	if _, err := d.Store.Update(ctx, id, "cleaning.fetch", a, func(*Batch) error { return nil }); err != nil {
		return b, Paper{}, nil, err
	}
	sum := summed{hash: sha256.New()}
	if err := d.changesCSV(ctx, &sum, b, upto); err != nil {
		return b, Paper{}, nil, err
	}
	p := Paper{Format: "csv", File: File{hex.EncodeToString(sum.hash.Sum(nil)), sum.size}}
	if p.Signature, err = d.Sign(ctx, p.File); err != nil {
		return b, p, nil, err
	}
	r, w := io.Pipe()
	go func() { w.CloseWithError(d.changesCSV(ctx, w, b, upto)) }()
	return b, p, r, nil
}

func (d *Desk) changesCSV(ctx context.Context, w io.Writer, b Batch, upto int64) error {
	return WriteChanges(w, &b.Layout, d.Texts[0], upto, func(after int64) ([]Change, error) {
		return d.Store.Changes(ctx, b.ID, after, perWrite)
	})
}

// WriteChanges writes changes up to one as a table: a line for each value that is otherwise. next
// gives some of those behind one, in order.
func WriteChanges(w io.Writer, l *Layout, p *i18n.Printer, upto int64, next func(after int64) ([]Change, error)) error {
	out, err := sheet.NewCSV(w)
	if err != nil {
		return err
	}
	head := make([]string, 0, 9)
	for _, key := range []string{"seq", "row", "number", "kind", "what", "from", "to", "on", "at"} {
		head = append(head, p.T("cleaning.changes."+key))
	}
	if err := out.Write(head...); err != nil {
		return err
	}
	for after := int64(0); after < upto; {
		list, err := next(after)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			break
		}
		for i := range list {
			c := &list[i]
			if after = c.Seq; after > upto {
				break
			}
			for _, line := range c.lines(l, p) {
				if err := out.Write(line...); err != nil {
					return err
				}
			}
		}
	}
	return out.Flush()
}

// summed takes the size and the hash of what is written.
type summed struct {
	hash hash.Hash
	size int64
}

// Write takes a piece.
func (s *summed) Write(b []byte) (int, error) {
	s.size += int64(len(b))
	return s.hash.Write(b)
}
