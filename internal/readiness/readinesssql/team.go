package readinesssql

import (
	"context"
	"errors"
	"time"

	"dean06/internal/platform/sqldb"
	"dean06/internal/readiness"
)

type partRow struct {
	ReturnID string    `db:"return_id"`
	Part     string    `db:"part"`
	Holder   string    `db:"holder"`
	Done     bool      `db:"done"`
	Account  string    `db:"account"`
	At       time.Time `db:"updated_at"`
}

type approvalRow struct {
	ReturnID string    `db:"return_id"`
	N        int       `db:"n"`
	Kind     string    `db:"kind"`
	Mark     string    `db:"mark"`
	Reason   string    `db:"reason"`
	Account  string    `db:"account"`
	At       time.Time `db:"created_at"`
}

type replyRow struct {
	ReturnID string    `db:"return_id"`
	N        int       `db:"n"`
	Version  int       `db:"version"`
	Field    string    `db:"field"`
	Reply    string    `db:"reply"`
	Account  string    `db:"account"`
	At       time.Time `db:"created_at"`
}

// team loads who works on a return, and what they say to one another and to the office.
func (r reader) team(ctx context.Context, id string, rec *readiness.Record) error {
	parts, err := sqldb.All[partRow](ctx, r.q, `
		SELECT return_id, part, holder, done, account, updated_at FROM readiness_part WHERE return_id = $1 ORDER BY part`, id)
	if err != nil {
		return err
	}
	for _, p := range parts {
		rec.Parts = append(rec.Parts, readiness.PartHolder{Part: p.Part, Holder: p.Holder, Done: p.Done, By: p.Account, At: p.At})
	}
	approvals, err := sqldb.All[approvalRow](ctx, r.q, `
		SELECT return_id, n, kind, mark, reason, account, created_at FROM readiness_approval WHERE return_id = $1 ORDER BY n`, id)
	if err != nil {
		return err
	}
	for _, a := range approvals {
		rec.Approvals = append(rec.Approvals, readiness.Approval{Kind: a.Kind, Mark: a.Mark, Text: a.Reason, By: a.Account, At: a.At})
	}
	replies, err := sqldb.All[replyRow](ctx, r.q, `
		SELECT return_id, n, version, field, reply, account, created_at FROM readiness_reply WHERE return_id = $1 ORDER BY n`, id)
	for _, x := range replies {
		rec.Replies = append(rec.Replies, readiness.Reply{Version: x.Version, Field: x.Field, Text: x.Reply, By: x.Account, At: x.At})
	}
	return err
}

// saveTeam writes what now has beyond was.
func (w *writer) saveTeam(ctx context.Context, id string, was, now readiness.Record) error {
	before := map[string]readiness.PartHolder{}
	for _, h := range was.Parts {
		before[h.Part] = h
	}
	for _, h := range now.Parts {
		if h == before[h.Part] {
			continue
		}
		if _, err := sqldb.Exec(ctx, w.q, `
			INSERT INTO readiness_part (return_id, part, holder, done, account, updated_at) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (return_id, part) DO UPDATE SET holder = excluded.holder, done = excluded.done, account = excluded.account,
				updated_at = excluded.updated_at`, id, h.Part, h.Holder, h.Done, h.By, h.At.UTC()); err != nil {
			return err
		}
	}
	for i, a := range now.Approvals[len(was.Approvals):] {
		row := approvalRow{
			ReturnID: id, N: len(was.Approvals) + i + 1, Kind: a.Kind, Mark: a.Mark, Reason: a.Text, Account: a.By, At: a.At.UTC(),
		}
		if err := sqldb.Insert(ctx, w.q, "readiness_approval", row); err != nil {
			return err
		}
	}
	for i, x := range now.Replies[len(was.Replies):] {
		row := replyRow{
			ReturnID: id, N: len(was.Replies) + i + 1, Version: x.Version, Field: x.Field, Reply: x.Text, Account: x.By, At: x.At.UTC(),
		}
		if err := sqldb.Insert(ctx, w.q, "readiness_reply", row); err != nil {
			return err
		}
	}
	return nil
}

type settingRow struct {
	Agency   string    `db:"agency"`
	Approval bool      `db:"approval"`
	Account  string    `db:"account"`
	At       time.Time `db:"updated_at"`
}

// AgencySetting is what an agency's leader has settled; nothing when nobody has.
func (r reader) AgencySetting(ctx context.Context, agency string) (readiness.AgencySetting, error) {
	s, err := sqldb.One[settingRow](ctx, r.q, `SELECT agency, approval, account, updated_at FROM readiness_agency WHERE agency = $1`, agency)
	if errors.Is(err, sqldb.ErrNone) {
		return readiness.AgencySetting{Agency: agency}, nil
	}
	return readiness.AgencySetting{Agency: s.Agency, Approval: s.Approval, By: s.Account, At: s.At}, err
}

func (w *writer) SaveAgencySetting(ctx context.Context, s readiness.AgencySetting, act readiness.Act) error {
	if _, err := sqldb.Exec(ctx, w.q, `
		INSERT INTO readiness_agency (agency, approval, account, updated_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (agency) DO UPDATE SET approval = excluded.approval, account = excluded.account, updated_at = excluded.updated_at`,
		s.Agency, s.Approval, s.By, s.At.UTC()); err != nil {
		return err
	}
	needed := "no"
	if s.Approval {
		needed = "yes"
	}
	return w.audit(ctx, act, "agency", s.Agency, map[string]string{"approval": needed})
}
