package handovernode

import (
	"context"
	"errors"
	"io"

	"dean06/internal/cleaning"
	"dean06/internal/cleaning/cleaningclient"
	"dean06/internal/cleaning/handover"
	"dean06/internal/platform/blob"
	"dean06/internal/platform/i18n"
)

// service is the register's service as the desk asks it.
type service struct{ c *cleaningclient.Client }

var _ handover.Service = service{}

func of(a handover.Asker) cleaningclient.Asker {
	return cleaningclient.Asker{Officer: a.Officer, Dossier: a.Reference, Lang: i18n.Lang(a.Lang)}
}

// Begin says that a file comes.
func (s service) Begin(ctx context.Context, as handover.Asker, o cleaning.Offer) (h cleaning.Handed, twice string, err error) {
	h, err = s.c.Begin(ctx, of(as), o)
	var was cleaningclient.Twice
	if errors.As(err, &was) {
		return h, was.ID, nil
	}
	return h, "", err
}

// File is where a file stands.
func (s service) File(ctx context.Context, as handover.Asker, id string) (cleaning.Handed, error) {
	return s.c.File(ctx, of(as), id)
}

// Append sends a piece.
func (s service) Append(ctx context.Context, as handover.Asker, id string, offset int64, piece []byte) (cleaning.Handed, error) {
	return s.c.Append(ctx, of(as), id, offset, piece)
}

// Finish says that all pieces were sent.
func (s service) Finish(ctx context.Context, as handover.Asker, id string) (cleaning.Handed, error) {
	return s.c.Finish(ctx, of(as), id)
}

// Confirm says what the columns hold.
func (s service) Confirm(
	ctx context.Context, as handover.Asker, id string, chosen []cleaning.Kind, monthFirst bool,
) (cleaning.Handed, error) {
	return s.c.Confirm(ctx, of(as), id, chosen, monthFirst)
}

// End has a file deleted.
func (s service) End(ctx context.Context, as handover.Asker, id string) (cleaning.Handed, error) {
	return s.c.End(ctx, of(as), id)
}

// Unsettled are rows for the agency's own staff.
func (s service) Unsettled(ctx context.Context, as handover.Asker, id string, after int) (cleaning.Page[cleaning.Unsettled], error) {
	return s.c.Unsettled(ctx, of(as), id, after)
}

// Ask sets a row beside a person.
func (s service) Ask(ctx context.Context, as handover.Asker, id string, row int) (cleaning.Question, error) {
	return s.c.Ask(ctx, of(as), id, row)
}

// Settle says whose a row is.
func (s service) Settle(ctx context.Context, as handover.Asker, id string, row int, v cleaning.Verdict) (cleaning.Decided, error) {
	return s.c.Settle(ctx, of(as), id, row, v)
}

// Piece is a part of a clean file.
func (s service) Piece(ctx context.Context, as handover.Asker, id string, p cleaning.Paper, offset int64) ([]byte, error) {
	return s.c.Piece(ctx, of(as), id, p, offset)
}

// Changes are what became of rows.
func (s service) Changes(ctx context.Context, as handover.Asker, id string, after int64) (cleaning.Page[cleaning.Change], error) {
	return s.c.Changes(ctx, of(as), id, after)
}

// files keeps what was handed in, and what came back.
type files struct{ store blob.Store }

// Keep keeps what r gives.
func (f files) Keep(ctx context.Context, r io.Reader) (cleaning.File, error) {
	ref, err := f.store.Put(ctx, r, cleaning.MaxHanded)
	return cleaning.File(ref), err
}

// Open reads one.
func (f files) Open(ctx context.Context, file cleaning.File) (io.ReadCloser, error) {
	return f.store.Open(ctx, blob.Ref(file))
}

// Part reads one from a place on.
func (f files) Part(ctx context.Context, file cleaning.File, offset int64) (io.ReadCloser, error) {
	return f.store.OpenAt(ctx, blob.Ref(file), offset)
}

// Drop removes one.
func (f files) Drop(ctx context.Context, file cleaning.File) error {
	return f.store.Delete(ctx, blob.Ref(file))
}
