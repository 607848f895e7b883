package handover

import (
	"bytes"
	"context"
	"errors"
	"io"
	"time"

	"dean06/internal/cleaning"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/upload"
)

const (
	// shortest and longest pause between two looks: what is under way is asked after often,
	// what waits for people seldom. Whoever opens a file's page has it asked at once.
	shortest = 2 * time.Second
	longest  = 15 * time.Minute
)

// errAgain is that a file moved on and is to be looked at anew.
var errAgain = errors.New("again")

// Work does what is to be done for a file now, and says when it is to be looked at again. Its
// job calls it; killed at any moment it goes on where it was. It fails only where the node
// itself does.
func (d *Desk) Work(ctx context.Context, id string) error {
	for range 10 {
		h, err := d.Store.Handover(ctx, id)
		if fault.Of(err) == fault.NotFound {
			return nil
		}
		if err != nil {
			return err
		}
		switch h.State {
		case Sending:
			err = d.send(ctx, &h)
		case There, Done:
			err = d.look(ctx, &h)
		case Fetching:
			err = d.fetch(ctx, &h)
		case Refused, Ended:
			return d.rest(ctx, &h)
		}
		if errors.Is(err, errAgain) {
			continue
		}
		return d.pause(ctx, h.ID, err)
	}
	return d.pause(ctx, id, nil)
}

// rest is what is left of a file for which nothing more is done.
func (d *Desk) rest(ctx context.Context, h *Handover) error {
	if h.State == Ended && h.Deleted.IsZero() { // the register's node deleted it
		return d.clear(ctx, *h, program)
	}
	if err := d.dropCopy(ctx, h); err != nil {
		return err
	}
	_, err := d.Store.Update(ctx, h.ID, "", program, func(h *Handover) error {
		h.Kept, h.Next = false, time.Time{}
		return nil
	})
	return err
}

var program = actor.OfSystem(Officer)

// pause says when a file is looked at again, and why it does not go on now.
func (d *Desk) pause(ctx context.Context, id string, why error) error {
	f := fault.As(why)
	if why != nil && (f == nil || f.Kind == fault.Internal) {
		return why
	}
	now := d.Clock.Now()
	_, err := d.Store.Update(ctx, id, "", program, func(h *Handover) error {
		h.Pause = min(max(2*h.Pause, shortest), longest)
		if h.State == Done {
			h.Pause = longest
		}
		h.Next, h.Tried = now.Add(h.Pause), now
		if f != nil {
			h.Trouble = &Trouble{Key: f.Key, Args: f.Args, At: now}
		}
		switch fault.Of(why) {
		case fault.Invalid, fault.TooLarge:
			if h.State == Sending { // asking again mends nothing
				h.State = Refused
			}
		case fault.NotFound:
			h.State = Refused
		}
		return nil
	})
	return err
}

func (h *Handover) asker() Asker { return Asker{Officer: h.Login, Reference: h.Code()} }

// send sends what the register's node has not of a file.
func (d *Desk) send(ctx context.Context, h *Handover) error {
	told, twice, err := d.Service.Begin(ctx, h.asker(), h.Offer)
	if twice != "" { // an earlier start of this node did it, or somebody else of the agency
		return d.there(ctx, h, twice)
	}
	if err != nil {
		return err
	}
	if err := d.heard(ctx, h, told); err != nil {
		return err
	}
	for told.State == cleaning.Coming && told.Received < h.Offer.Size {
		piece, err := d.piece(ctx, h, told.Received)
		if err != nil {
			return err
		}
		if told, err = d.Service.Append(ctx, h.asker(), told.ID, told.Received, piece); fault.Of(err) == fault.Conflict {
			// It has more or less than was thought: only it knows.
			if told, err = d.Service.File(ctx, h.asker(), h.Remote); err == nil && told.State == cleaning.Coming {
				return fault.New(fault.Unavailable, "handover.offset", nil)
			}
		}
		if err != nil {
			return err
		}
		if err := d.heard(ctx, h, told); err != nil {
			return err
		}
	}
	if told.State == cleaning.Coming {
		if told, err = d.Service.Finish(ctx, h.asker(), told.ID); err != nil {
			return err
		}
		if err := d.heard(ctx, h, told); err != nil {
			return err
		}
	}
	return d.there(ctx, h, told.ID)
}

// piece reads a part of the file that was handed in.
func (d *Desk) piece(ctx context.Context, h *Handover, offset int64) ([]byte, error) {
	r, err := d.Files.Part(ctx, h.Offer.File, offset)
	if err != nil {
		return nil, err
	}
	piece := make([]byte, min(cleaning.MaxPiece, h.Offer.Size-offset))
	_, err = io.ReadFull(r, piece)
	return piece, errors.Join(err, r.Close())
}

// heard keeps what was told.
func (d *Desk) heard(ctx context.Context, h *Handover, told cleaning.Handed) error {
	n, err := d.Store.Update(ctx, h.ID, "", program, func(h *Handover) error {
		h.Remote = told.ID
		h.hear(told, d.Clock.Now())
		return nil
	})
	*h = n
	return err
}

func (d *Desk) there(ctx context.Context, h *Handover, remote string) error {
	_, err := d.Store.Update(ctx, h.ID, "", program, func(h *Handover) error {
		h.Remote, h.Sent = remote, h.Offer.Size
		if h.State == Sending {
			h.State = There
		}
		return nil
	})
	if err != nil {
		return err
	}
	return errAgain
}

// look asks how far a file is. Once the register's node has read it whole, the copy here goes.
func (d *Desk) look(ctx context.Context, h *Handover) error {
	was := h.State
	told, err := d.Service.File(ctx, h.asker(), h.Remote)
	if err != nil {
		return err
	}
	if told.File != h.Offer.File {
		return fault.New(fault.Unavailable, "handover.another", nil)
	}
	if err := d.heard(ctx, h, told); err != nil {
		return err
	}
	if h.Kept && told.State != cleaning.Coming && told.State != cleaning.Checking {
		if err := d.dropCopy(ctx, h); err != nil {
			return err
		}
		if _, err := d.Store.Update(ctx, h.ID, "", program, func(h *Handover) error {
			h.Kept = false
			return nil
		}); err != nil {
			return err
		}
	}
	if told.State == cleaning.Coming && h.State == There { // it let go of what it had
		if _, err := d.Store.Update(ctx, h.ID, "", program, func(h *Handover) error {
			h.State = Sending
			return nil
		}); err != nil {
			return err
		}
	}
	if h.State != was || told.State == cleaning.Coming {
		return errAgain
	}
	if h.State == Done {
		return d.follow(ctx, h)
	}
	return nil
}

// follow gets what became of rows since the file was linked.
func (d *Desk) follow(ctx context.Context, h *Handover) error {
	for h.Changes < h.Told.Changes {
		page, err := d.Service.Changes(ctx, h.asker(), h.Remote, h.Changes)
		if err != nil {
			return err
		}
		if len(page.List) == 0 {
			return nil
		}
		n, err := d.Store.AddChanges(ctx, h.ID, page.List)
		if err != nil {
			return err
		}
		*h = n
	}
	return nil
}

// fetch gets the clean files, each by pieces, and checks hash and signature of the whole.
func (d *Desk) fetch(ctx context.Context, h *Handover) error {
	for _, p := range h.Told.Papers {
		if h.paper(p.Format) {
			continue
		}
		if err := d.fetchPaper(ctx, h, p); err != nil {
			return err
		}
	}
	_, err := d.Store.Update(ctx, h.ID, "handover.come", program, func(h *Handover) error {
		if h.State == Fetching {
			h.State, h.Coming, h.Trouble = Done, nil, nil
		}
		return nil
	})
	if err != nil {
		return err
	}
	return errAgain // what changed since
}

func (h *Handover) paper(format string) bool {
	for _, p := range h.Papers {
		if p.Format == format {
			return true
		}
	}
	return false
}

// coming is the policy of clean files: they are the register's, and are proved by its signature.
var coming = cleaning.Handing

func (d *Desk) fetchPaper(ctx context.Context, h *Handover, p cleaning.Paper) error {
	u, err := d.Pieces.Stat(ctx, h.ID, h.Coming[p.Format])
	if fault.Of(err) == fault.NotFound || err == nil && u.Size != p.File.Size {
		u, err = d.begin(ctx, h, p)
	}
	for err == nil && u.Received < u.Size {
		var piece []byte
		if piece, err = d.Service.Piece(ctx, h.asker(), h.Remote, p, u.Received); err == nil {
			u, err = d.Pieces.Append(ctx, h.ID, u.ID, u.Received, nil, bytes.NewReader(piece))
		}
	}
	if err != nil {
		return err
	}
	got, err := d.Pieces.Finish(ctx, h.ID, u.ID)
	if err != nil {
		return d.anew(ctx, h, p, err)
	}
	if (cleaning.File{SHA256: got.SHA256, Size: got.Size}) != p.File {
		err = fault.New(fault.Unavailable, "handover.paper.other", nil)
		return d.anew(ctx, h, p, errors.Join(err, d.drop(ctx, cleaning.File{SHA256: got.SHA256, Size: got.Size}, h.ID)))
	}
	at, err := d.Signed(ctx, p)
	if fault.Of(err) == fault.Conflict { // it is no proof of the register: it must not be used
		err = fault.New(fault.Unavailable, "handover.paper.unsigned", nil).Because(err)
		return d.anew(ctx, h, p, errors.Join(err, d.drop(ctx, p.File, h.ID)))
	}
	if err != nil {
		return err
	}
	n, err := d.Store.Update(ctx, h.ID, "", program, func(h *Handover) error {
		if !h.paper(p.Format) {
			h.Papers = append(h.Papers, Paper{p, at, d.Clock.Now()})
		}
		return nil
	})
	*h = n
	return err
}

// begin makes room for a paper.
func (d *Desk) begin(ctx context.Context, h *Handover, p cleaning.Paper) (upload.Upload, error) {
	u, err := d.Pieces.Begin(ctx, h.ID, upload.New{For: h.ID, Name: "clean." + p.Format, Size: p.File.Size, Policy: coming})
	if err != nil {
		return u, err
	}
	n, err := d.Store.Update(ctx, h.ID, "", program, func(h *Handover) error {
		if h.Coming == nil {
			h.Coming = map[string]string{}
		}
		h.Coming[p.Format] = u.ID
		return nil
	})
	*h = n
	return u, err
}

// anew has a paper that cannot be used fetched from its beginning.
func (d *Desk) anew(ctx context.Context, h *Handover, p cleaning.Paper, why error) error {
	_, err := d.Store.Update(ctx, h.ID, "", program, func(h *Handover) error {
		delete(h.Coming, p.Format)
		return nil
	})
	return errors.Join(why, err)
}
