package programmenode

import (
	"context"
	"io"
	"slices"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/blob"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/mail"
	"dean06/internal/platform/mail/mailaddress"
	"dean06/internal/platform/session"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/upload"
	"dean06/internal/programme"
	"dean06/internal/programme/programmereport"
	"dean06/internal/programme/programmeweb"
)

// maxEvidence is the largest file that shows a progress.
const maxEvidence = 20 << 20

// keep keeps a file that shows a progress, when it is what its name says and holds nothing
// that acts by itself, nor a virus.
func (n *Node) keep(ctx context.Context, name string, r io.ReaderAt, size int64) (programme.Evidence, error) {
	f, err := n.base.Uploads.Take(ctx, actor.From(ctx).Account, upload.New{
		Name: name, Size: size, For: "programme/evidence",
		Policy: upload.Policy{Max: maxEvidence, Types: []upload.Type{upload.PDF, upload.JPEG, upload.PNG, upload.DOCX, upload.XLSX}},
	}, io.NewSectionReader(r, 0, size))
	if err != nil {
		return programme.Evidence{}, err
	}
	return programme.Evidence{
		Kind: programme.EvidenceFile, Text: f.Name, Name: f.Name, Hash: f.SHA256, Size: f.Size, Media: f.Type.Media(),
	}, nil
}

func (n *Node) show(ctx context.Context, e programme.Evidence) (io.ReadCloser, error) {
	return n.base.Files.Open(ctx, blob.Ref{SHA256: e.Hash, Size: e.Size})
}

// mainKey is the figure of which the first sentence of the letter speaks.
const mainKey = "tasks.central.done"

// letter writes the monthly letter as known on a day.
func (n *Node) letter(ctx context.Context, who actor.Actor, day clock.Date, format string, p *i18n.Printer) ([]byte, error) {
	in := programmereport.In{
		Day: day, Agency: func(code string) string { return n.service.NameOn(code, day) },
		Say:  func(f *programme.Figure) string { return programmeweb.SayValue(p, f) },
		From: p.T("programme.letter.from"),
	}
	if n.base.URL != "" {
		in.URL = n.base.URL + programmeweb.Path + "?as_of=" + day.String()
	}
	var err error
	if in.Main, _, err = n.service.Behind(ctx, who, mainKey, day, p); err != nil {
		return nil, err
	}
	for _, d := range n.service.Parts.Figures {
		if !d.Letter {
			continue
		}
		f, _, err := n.service.Behind(ctx, who, d.Key, day, p)
		if err != nil {
			return nil, err
		}
		if f.Value != nil { // what nobody knew then is not reported
			in.Figures = append(in.Figures, f)
		}
	}
	levels, err := n.service.RollUp(ctx, who, programme.Question{By: programme.ByLevel, Known: day})
	if err != nil {
		return nil, err
	}
	in.Levels = levels.Parts
	agencies, err := n.service.RollUp(ctx, who, programme.Question{By: programme.ByAgency, Known: day, Geography: day})
	if err != nil {
		return nil, err
	}
	for _, part := range agencies.Parts {
		if part.Overdue > 0 && part.Key != "" {
			in.Late = append(in.Late, part)
		}
	}
	slices.SortStableFunc(in.Late, func(a, b programme.Part) int { return b.Overdue - a.Overdue })
	for i := range n.service.Kinds {
		k := &n.service.Kinds[i]
		rows, err := n.service.Records(ctx, who, k.Code, programme.RecordFilter{Late: true, Known: day})
		if err != nil {
			return nil, err
		}
		if len(rows) > 0 {
			in.Rows = append(in.Rows, programmereport.Line{Name: k.Name.In(string(p.Lang)), N: len(rows)})
		}
	}
	return programmereport.Written(p, in, format)
}

// remindOn is the day of the week on which agencies are reminded.
const remindOn = 1 // Monday

// remind mails every focal point whose agency has something overdue or nearly due, once a
// week. A letter leaves by the outbox.
func (n *Node) remind(ctx context.Context) error {
	if now := n.base.Clock.Now().In(clock.Zone); int(now.Weekday()) != remindOn {
		return nil
	}
	by := session.With(ctx, session.Identity{Actor: actor.OfSystem(session.Administrator)})
	after := ""
	for {
		found, err := n.base.Sessions.Accounts(by, session.AccountFilter{Role: programme.FocalPoint, After: after, Limit: 200})
		if err != nil {
			return err
		}
		for i := range found {
			if err := n.remindOne(ctx, &found[i]); err != nil {
				return err
			}
		}
		if len(found) < 200 {
			return nil
		}
		after = found[len(found)-1].ID
	}
}

func (n *Node) remindOne(ctx context.Context, a *session.Account) error {
	to, err := mailaddress.Parse(a.Email)
	if err != nil || !a.Active || a.Agency == "" {
		return nil //nolint:nilerr // who has no address is not written to
	}
	c, err := n.service.Waiting(ctx, actor.Actor{Account: a.ID, Agency: a.Agency, Roles: []string{programme.FocalPoint}, Via: actor.System})
	if err != nil || c.Overdue+c.AtRisk == 0 {
		return err
	}
	p := n.base.Messages.In(i18n.Vi) // what goes to an agency is in Vietnamese
	args := map[string]any{
		"name": a.Name, "agency": n.base.Agencies.NameOf(a.Agency), "overdue": c.Overdue, "soon": c.AtRisk, "days": programme.RiskDays,
		"url": n.base.URL + programmeweb.Path,
	}
	return n.store.Remind(ctx, n.service.Today(), a.ID, func(tx *sqldb.Tx) error {
		return mail.Queue(ctx, tx, mail.Message{
			To: []mail.Address{{Name: a.Name, Addr: to}}, Subject: p.T("programme.mail.subject", args), Text: p.T("programme.mail.text", args),
		})
	})
}
