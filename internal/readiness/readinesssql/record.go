package readinesssql

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/readiness"
)

type headRow struct {
	ID       string    `db:"id"`
	Campaign string    `db:"campaign"`
	Agency   string    `db:"agency"`
	Kind     string    `db:"kind"`
	Name     string    `db:"name"`
	State    string    `db:"state"`
	Version  int       `db:"version"`
	Steps    int       `db:"steps"`
	DraftRev int       `db:"draft_rev"`
	Problems int       `db:"problems"`
	Updated  time.Time `db:"updated_at"`
	At       time.Time `db:"created_at"`
}

type versionRow struct {
	ID       string                          `db:"id"`
	ReturnID string                          `db:"return_id"`
	Campaign string                          `db:"campaign"`
	Agency   string                          `db:"agency"`
	N        int                             `db:"n"`
	Channel  string                          `db:"channel"`
	Doc      sqldb.JSON[readiness.Return]    `db:"doc"`
	Problems sqldb.JSON[[]readiness.Problem] `db:"problems"`
	Verdict  sqldb.JSON[readiness.Verdict]   `db:"verdict"`
	FileName string                          `db:"file_name"`
	FileSHA  string                          `db:"file_sha256"`
	FileSize int64                           `db:"file_size"`
	Account  string                          `db:"account"`
	At       time.Time                       `db:"created_at"`
	Arrival  int                             `db:"arrival"`
	Arrived  *time.Time                      `db:"arrived_at"`
}

type eventRow struct {
	ID       string                          `db:"id"`
	ReturnID string                          `db:"return_id"`
	Campaign string                          `db:"campaign"`
	Agency   string                          `db:"agency"`
	N        int                             `db:"n"`
	Kind     string                          `db:"kind"`
	Version  int                             `db:"version"`
	Reason   string                          `db:"reason"`
	Comments sqldb.JSON[[]readiness.Comment] `db:"comments"`
	Account  string                          `db:"account"`
	At       time.Time                       `db:"created_at"`
}

type draftRow struct {
	ReturnID string                       `db:"return_id"`
	Rev      int                          `db:"rev"`
	Base     int                          `db:"base"`
	Doc      sqldb.JSON[readiness.Return] `db:"doc"`
	Account  string                       `db:"account"`
	At       time.Time                    `db:"created_at"`
}

const headColumns = `id, campaign, agency, kind, name, state, version, steps, draft_rev, problems, updated_at, created_at`

func (r reader) head(ctx context.Context, campaign, agency string) (headRow, bool, error) {
	h, err := sqldb.One[headRow](ctx, r.q,
		`SELECT `+headColumns+` FROM readiness_return WHERE campaign = $1 AND agency = $2`, campaign, agency)
	if errors.Is(err, sqldb.ErrNone) {
		return headRow{}, false, nil
	}
	return h, err == nil, err
}

func (r reader) Heads(ctx context.Context, campaign string) ([]readiness.Head, error) {
	return r.heads(ctx, `r.campaign = $1 ORDER BY r.agency`, campaign)
}

// HeadsOf lists where the returns of one agency stand that were begun.
func (r reader) HeadsOf(ctx context.Context, agency string) ([]readiness.Head, error) {
	return r.heads(ctx, `r.agency = $1 ORDER BY r.campaign`, agency)
}

func (r reader) heads(ctx context.Context, where string, args ...any) ([]readiness.Head, error) {
	type row struct {
		Campaign string     `db:"campaign"`
		Agency   string     `db:"agency"`
		Kind     string     `db:"kind"`
		Name     string     `db:"name"`
		State    string     `db:"state"`
		Version  int        `db:"version"`
		DraftRev int        `db:"draft_rev"`
		Problems int        `db:"problems"`
		Updated  time.Time  `db:"updated_at"`
		First    *time.Time `db:"first_at"`
		Arrived  *time.Time `db:"arrived_at"`
	}
	rows, err := sqldb.All[row](ctx, r.q, `
		SELECT r.campaign, r.agency, r.kind, r.name, r.state, r.version, r.draft_rev, r.problems, r.updated_at,
			v.created_at AS first_at, v.arrived_at
		FROM readiness_return r LEFT JOIN readiness_version v ON v.return_id = r.id AND v.n = 1 WHERE `+where, args...)
	out := make([]readiness.Head, len(rows))
	for i, h := range rows {
		out[i] = readiness.Head{
			Campaign: h.Campaign, Agency: readiness.Agency{Code: h.Agency, Kind: h.Kind, Name: h.Name},
			State: readiness.State(h.State), Version: h.Version, Draft: h.DraftRev > 0, Problems: h.Problems, Updated: h.Updated,
		}
		if first := cmp.Or(h.Arrived, h.First); first != nil {
			out[i].HandedIn = *first
		}
	}
	return out, err
}

func (r reader) Record(ctx context.Context, campaign, agency string) (readiness.Record, error) {
	rec := readiness.Record{Campaign: campaign, Agency: agency}
	h, ok, err := r.head(ctx, campaign, agency)
	if err != nil || !ok {
		return rec, err
	}
	versions, err := sqldb.All[versionRow](ctx, r.q, `
		SELECT n, channel, doc, problems, file_name, file_sha256, file_size, account, created_at, arrival, arrived_at
		FROM readiness_version WHERE return_id = $1 ORDER BY n`, h.ID)
	if err != nil {
		return rec, err
	}
	for _, v := range versions {
		came := readiness.Arrival{Number: v.Arrival}
		if v.Arrived != nil {
			came.At = *v.Arrived
		}
		rec.Versions = append(rec.Versions, readiness.Version{
			Arrival: came,
			Number:  v.N, Return: v.Doc.V, Channel: readiness.Channel(v.Channel),
			At: v.At, By: v.Account, Problems: v.Problems.V,
			File: readiness.FileRef{Name: v.FileName, SHA256: v.FileSHA, Size: v.FileSize},
		})
	}
	events, err := sqldb.All[eventRow](ctx, r.q, `
		SELECT kind, version, reason, comments, account, created_at FROM readiness_event WHERE return_id = $1 ORDER BY n`, h.ID)
	if err != nil {
		return rec, err
	}
	for _, e := range events {
		rec.Steps = append(rec.Steps, e.step())
	}
	if rec.Attachments, err = r.attachments(ctx, h.ID); err != nil {
		return rec, err
	}
	if err := r.team(ctx, h.ID, &rec); err != nil {
		return rec, err
	}
	if h.DraftRev > 0 {
		d, err := sqldb.One[draftRow](ctx, r.q, `
			SELECT rev, base, doc, account, created_at FROM readiness_draft
			WHERE return_id = $1 AND rev = $2 AND base = (SELECT MAX(base) FROM readiness_draft WHERE return_id = $1)`, h.ID, h.DraftRev)
		if err != nil {
			return rec, err
		}
		rec.Draft = &readiness.Draft{Base: d.Base, Revision: d.Rev, Return: d.Doc.V, SavedAt: d.At, SavedBy: d.Account}
	}
	return rec, nil
}

// DraftRevision loads an earlier save of the present draft, the base of a merge.
func (r reader) DraftRevision(ctx context.Context, campaign, agency string, revision int) (readiness.Return, error) {
	d, err := sqldb.One[sqldb.JSON[readiness.Return]](ctx, r.q, `
		SELECT d.doc FROM readiness_draft d JOIN readiness_return r ON r.id = d.return_id
		WHERE r.campaign = $1 AND r.agency = $2 AND d.rev = $3 ORDER BY d.base DESC LIMIT 1`, campaign, agency, revision)
	if errors.Is(err, sqldb.ErrNone) {
		return readiness.Return{}, fault.New(fault.NotFound, "readiness.draft.not_found", nil)
	}
	return d.V, err
}

func (e eventRow) step() readiness.Step {
	return readiness.Step{
		Version: e.Version, Event: readiness.Event(e.Kind), At: e.At, By: e.Account, Reason: e.Reason, Comments: e.Comments.V,
	}
}

// open counts the problems of the newest version that a person must decide.
func open(r readiness.Record) int {
	if v, ok := r.Latest(); ok {
		return readiness.Open(v.Problems)
	}
	return 0
}

var errChanged = fault.New(fault.Conflict, "readiness.state.changed_meanwhile", nil)

func (w *writer) SaveRecord(
	ctx context.Context, was, now readiness.Record, of readiness.Agency, verdicts map[int]readiness.Verdict, act readiness.Act,
) error {
	h, err := w.saveHead(ctx, was, now, of, act.At)
	if err != nil {
		return err
	}
	for _, v := range now.Versions[len(was.Versions):] {
		row := versionRow{
			ID: sqldb.NewID(), ReturnID: h.ID, Campaign: now.Campaign, Agency: now.Agency, N: v.Number,
			Channel: string(v.Channel), FileName: v.File.Name, FileSHA: v.File.SHA256, FileSize: v.File.Size, Account: v.By, At: v.At.UTC(),
		}
		if at := v.Arrival.At.UTC(); !v.Arrival.At.IsZero() {
			row.Arrival, row.Arrived = v.Arrival.Number, &at
		}
		row.Doc.V, row.Problems.V, row.Verdict.V = v.Return, v.Problems, verdicts[v.Number]
		if err := sqldb.Insert(ctx, w.q, "readiness_version", row); err != nil {
			return err
		}
	}
	for i, s := range now.Steps[len(was.Steps):] {
		row := eventRow{
			ID: sqldb.NewID(), ReturnID: h.ID, Campaign: now.Campaign, Agency: now.Agency, N: len(was.Steps) + i + 1,
			Kind: string(s.Event), Version: s.Version, Reason: s.Reason, Account: s.By, At: s.At.UTC(),
		}
		row.Comments.V = s.Comments
		if err := sqldb.Insert(ctx, w.q, "readiness_event", row); err != nil {
			return err
		}
	}
	if d := now.Draft; d != nil && d.Revision != revision(was) {
		row := draftRow{ReturnID: h.ID, Rev: d.Revision, Base: d.Base, Account: d.SavedBy, At: d.SavedAt.UTC()}
		row.Doc.V = d.Return
		if err := sqldb.Insert(ctx, w.q, "readiness_draft", row); err != nil {
			return err
		}
	}
	if err := w.saveAttachments(ctx, h.ID, was.Attachments, now.Attachments); err != nil {
		return err
	}
	if err := w.saveTeam(ctx, h.ID, was, now); err != nil {
		return err
	}
	return w.audit(ctx, act, "return", now.Campaign+"/"+now.Agency, map[string]string{
		"state": string(now.State()), "version": strconv.Itoa(len(now.Versions)),
	})
}

func revision(r readiness.Record) int {
	if r.Draft == nil {
		return 0
	}
	return r.Draft.Revision
}

// saveHead moves the head row from was to now; nobody else may have moved it.
func (w *writer) saveHead(ctx context.Context, was, now readiness.Record, of readiness.Agency, at time.Time) (headRow, error) {
	h, ok, err := w.head(ctx, now.Campaign, now.Agency)
	if err != nil {
		return h, err
	}
	if !ok {
		if len(was.Versions)+len(was.Steps)+revision(was) > 0 {
			return h, errChanged
		}
		h = headRow{
			ID: sqldb.NewID(), Campaign: now.Campaign, Agency: now.Agency, Kind: of.Kind, Name: of.Name, State: string(now.State()),
			Version: len(now.Versions), Steps: len(now.Steps), DraftRev: revision(now), Problems: open(now), Updated: at.UTC(), At: at.UTC(),
		}
		err := sqldb.Insert(ctx, w.q, "readiness_return", h)
		if sqldb.IsDuplicate(err) {
			return h, errChanged
		}
		return h, err
	}
	n, err := sqldb.Exec(ctx, w.q, `
		UPDATE readiness_return SET state = $1, version = $2, steps = $3, draft_rev = $4, problems = $5, updated_at = $6
		WHERE id = $7 AND version = $8 AND steps = $9 AND draft_rev = $10`,
		string(now.State()), len(now.Versions), len(now.Steps), revision(now), open(now), at.UTC(),
		h.ID, len(was.Versions), len(was.Steps), revision(was))
	if err != nil {
		return h, err
	}
	if n == 0 {
		return h, errChanged
	}
	return h, nil
}

// NextArrival takes the next number of the register of arrivals of a year.
func (w *writer) NextArrival(ctx context.Context, year int) (int, error) {
	return sqldb.One[int](ctx, w.q, `
		INSERT INTO readiness_arrival (year, last) VALUES ($1, 1)
		ON CONFLICT (year) DO UPDATE SET last = readiness_arrival.last + 1 RETURNING last`, year)
}

// Log writes a line about a deed that changes no record of its own.
func (w *writer) Log(ctx context.Context, act readiness.Act, subject, id string) error {
	return w.audit(ctx, act, subject, id, nil)
}

func (w *writer) audit(ctx context.Context, act readiness.Act, subject, id string, more map[string]string) error {
	details := maps.Clone(act.Details)
	if details == nil {
		details = map[string]string{}
	}
	maps.Copy(details, more)
	e := audit.Entry{At: act.At, Action: "readiness." + string(act.Action), Subject: audit.Subject{Type: subject, ID: id}, Details: details}
	if audit.From(ctx).Account == "" {
		e.Who = audit.Who{Actor: actor.Actor{Account: act.Actor.Account, Name: act.Actor.Name, Agency: act.Actor.Agency}}
	}
	if err := audit.Record(ctx, w.q, e); err != nil {
		return fmt.Errorf("audit %s: %w", act.Action, err)
	}
	return nil
}

func (r reader) Revision(ctx context.Context, campaign string) (string, error) {
	// Steps and cancellations are only ever added.
	type row struct {
		Steps     int `db:"steps"`
		Cancelled int `db:"cancelled"`
	}
	n, err := sqldb.One[row](ctx, r.q, `
		SELECT (SELECT COUNT(*) FROM readiness_event WHERE campaign = $1) AS steps,
			(SELECT COUNT(*) FROM readiness_cancellation) AS cancelled`, campaign)
	return strconv.Itoa(n.Steps) + "." + strconv.Itoa(n.Cancelled), err
}

func (r reader) Counted(ctx context.Context, campaign string, at time.Time, withAnswers bool) ([]readiness.Counted, error) {
	var a sqldb.Args
	where := `e.campaign = ` + a.Add(campaign)
	if !at.IsZero() {
		where += ` AND e.created_at < ` + a.Add(at)
	}
	// The steps of each return up to that moment; readiness folds them.
	events, err := sqldb.All[eventRow](ctx, r.q, `
		SELECT return_id, kind, version, created_at FROM readiness_event e WHERE `+where+` ORDER BY return_id, n`, a.Values()...)
	if err != nil {
		return nil, err
	}
	type key struct {
		id string
		n  int
	}
	counts := map[key]time.Time{}
	for i := 0; i < len(events); {
		j := i
		var rec readiness.Record
		for ; j < len(events) && events[j].ReturnID == events[i].ReturnID; j++ {
			rec.Steps = append(rec.Steps, events[j].step())
			for len(rec.Versions) < events[j].Version {
				rec.Versions = append(rec.Versions, readiness.Version{Number: len(rec.Versions) + 1})
			}
		}
		if v, since, ok := rec.Counted(time.Time{}); ok {
			counts[key{events[i].ReturnID, v.Number}] = since
		}
		i = j
	}
	doc := `'{}'`
	if withAnswers {
		doc = `v.doc`
	}
	type row struct {
		ReturnID string                        `db:"return_id"`
		Agency   string                        `db:"agency"`
		Kind     string                        `db:"kind"`
		Name     string                        `db:"name"`
		N        int                           `db:"n"`
		Verdict  sqldb.JSON[readiness.Verdict] `db:"verdict"`
		Doc      sqldb.JSON[readiness.Return]  `db:"doc"`
	}
	var out []readiness.Counted
	for v, err := range sqldb.Each[row](ctx, r.q, `
		SELECT v.return_id, v.agency, r.kind, r.name, v.n, v.verdict, `+doc+` AS doc
		FROM readiness_version v JOIN readiness_return r ON r.id = v.return_id
		WHERE v.campaign = $1 ORDER BY v.agency, v.n`, campaign) {
		if err != nil {
			return nil, err
		}
		since, ok := counts[key{v.ReturnID, v.N}]
		if !ok {
			continue
		}
		out = append(out, readiness.Counted{
			Agency:  readiness.Agency{Code: v.Agency, Kind: v.Kind, Name: v.Name},
			Version: v.N, Since: since, Verdict: v.Verdict.V, Return: v.Doc.V,
		})
	}
	return out, nil
}
