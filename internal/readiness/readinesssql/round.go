package readinesssql

import (
	"context"
	"errors"
	"time"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/readiness"
)

type cancellationRow struct {
	Campaign string    `db:"campaign"`
	Number   string    `db:"number"`
	Day      string    `db:"day"`
	Reason   string    `db:"reason"`
	Account  string    `db:"account"`
	At       time.Time `db:"created_at"`
}

// cancellations are all of them, by letter: few, and never in what is kept in memory.
func (r reader) cancellations(ctx context.Context) (map[string]readiness.Cancellation, error) {
	rows, err := sqldb.All[cancellationRow](ctx, r.q, `SELECT campaign, number, day, reason, account, created_at FROM readiness_cancellation`)
	if err != nil {
		return nil, err
	}
	out := make(map[string]readiness.Cancellation, len(rows))
	for _, x := range rows {
		day, err := clock.ParseDate(x.Day)
		if err != nil {
			return nil, err
		}
		out[x.Campaign] = readiness.Cancellation{Number: x.Number, Day: day, Reason: x.Reason, By: x.Account, At: x.At}
	}
	return out, nil
}

// amid gives letters their cancellations.
func (r reader) amid(ctx context.Context, letters ...readiness.Campaign) ([]readiness.Campaign, error) {
	cancelled, err := r.cancellations(ctx)
	if err != nil || len(cancelled) == 0 {
		return letters, err
	}
	out := make([]readiness.Campaign, len(letters))
	for i, c := range letters {
		out[i], err = c.Amid(cancelled, func(id string) (string, error) {
			before, err := r.letter(ctx, id)
			return before.Previous, err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (w *writer) SaveCancellation(ctx context.Context, campaign string, x readiness.Cancellation, act readiness.Act) error {
	err := sqldb.Insert(ctx, w.q, "readiness_cancellation", cancellationRow{
		Campaign: campaign, Number: x.Number, Day: x.Day.String(), Reason: x.Reason, Account: x.By, At: x.At.UTC(),
	})
	if sqldb.IsDuplicate(err) {
		return errChanged
	}
	if err != nil {
		return err
	}
	return w.audit(ctx, act, "campaign", campaign, nil)
}

type campaignDraftRow struct {
	ID      string                         `db:"id"`
	Doc     sqldb.JSON[readiness.Campaign] `db:"doc"`
	Rev     int                            `db:"rev"`
	Account string                         `db:"account"`
	At      time.Time                      `db:"updated_at"`
}

func (d campaignDraftRow) draft() readiness.CampaignDraft {
	return readiness.CampaignDraft{ID: d.ID, Campaign: d.Doc.V, Revision: d.Rev, By: d.Account, At: d.At}
}

const campaignDraftColumns = `id, doc, rev, account, updated_at`

func (r reader) CampaignDrafts(ctx context.Context) ([]readiness.CampaignDraft, error) {
	rows, err := sqldb.All[campaignDraftRow](ctx, r.q, `
		SELECT `+campaignDraftColumns+` FROM readiness_campaign_draft ORDER BY updated_at DESC, id`)
	out := make([]readiness.CampaignDraft, len(rows))
	for i, d := range rows {
		out[i] = d.draft()
	}
	return out, err
}

func (r reader) CampaignDraft(ctx context.Context, id string) (readiness.CampaignDraft, error) {
	d, err := sqldb.One[campaignDraftRow](ctx, r.q, `SELECT `+campaignDraftColumns+` FROM readiness_campaign_draft WHERE id = $1`, id)
	if errors.Is(err, sqldb.ErrNone) {
		return readiness.CampaignDraft{}, fault.New(fault.NotFound, "readiness.round.no_draft", nil)
	}
	return d.draft(), err
}

var errDraftChanged = fault.New(fault.Conflict, "readiness.round.saved_meanwhile", nil)

func (w *writer) SaveCampaignDraft(ctx context.Context, d readiness.CampaignDraft, act readiness.Act) error {
	row := campaignDraftRow{ID: d.ID, Rev: d.Revision, Account: d.By, At: d.At.UTC()}
	row.Doc.V = d.Campaign
	if d.Revision == 1 {
		if err := sqldb.Insert(ctx, w.q, "readiness_campaign_draft", row); err != nil {
			return err
		}
	} else {
		n, err := sqldb.Exec(ctx, w.q, `
			UPDATE readiness_campaign_draft SET doc = $1, rev = $2, account = $3, updated_at = $4 WHERE id = $5 AND rev = $6`,
			row.Doc, row.Rev, row.Account, row.At, row.ID, row.Rev-1)
		if err != nil {
			return err
		}
		if n == 0 {
			return errDraftChanged
		}
	}
	return w.audit(ctx, act, "campaign_draft", d.ID, nil)
}

func (w *writer) RemoveCampaignDraft(ctx context.Context, id string, revision int, act readiness.Act) error {
	n, err := sqldb.Exec(ctx, w.q, `DELETE FROM readiness_campaign_draft WHERE id = $1 AND rev = $2`, id, revision)
	if err != nil {
		return err
	}
	if n == 0 {
		return errDraftChanged
	}
	return w.audit(ctx, act, "campaign_draft", id, nil)
}
