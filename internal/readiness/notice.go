package readiness

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"dean06/internal/platform/actor"
)

// NoticeKind is what an agency is told of by mail.
type NoticeKind string

// What an agency is told of, besides reminders and refusals.
const (
	NoticeIssued    NoticeKind = "issued"
	NoticeCancelled NoticeKind = "cancelled"
	NoticeSentBack  NoticeKind = "sent_back"
	NoticeAccepted  NoticeKind = "accepted"
)

// Notice is what an agency is told about its return, or a letter.
type Notice struct {
	Reminding
	Kind     NoticeKind
	Version  int
	Comments []Comment // with which it came back
	Template *Template
}

// Notify makes the mail of a notice, to be queued in the transaction of what it tells. A
// nil function: nobody is reached.
type Notify func(ctx context.Context, n Notice) (func(tx Tx) error, error)

// Lines are the comments in words: "5.1. Hệ thống …: text".
func (n Notice) Lines(lang string) []string {
	var out []string
	for _, c := range n.Comments {
		text := c.Text
		if number, ok := strings.CutPrefix(c.Field, "row."); ok {
			for _, row := range n.Template.Rows {
				if at := row.Numbered(1); number == at || strings.HasPrefix(number, at+".") {
					text = at + ". " + row.Label.In(lang) + ": " + c.Text
				}
			}
		}
		out = append(out, text)
	}
	return out
}

// notices makes the mails of a decision before its transaction begins.
func (r *Register) notices(ctx context.Context, v View, kind NoticeKind, comments []Comment) (func(tx Tx, now Record) error, error) {
	if r.notify == nil {
		return nil, nil
	}
	n := Notice{Reminding: r.reminding(v), Kind: kind, Version: len(v.Record.Versions), Comments: comments, Template: v.Template}
	send, err := r.notify(ctx, n)
	if err != nil || send == nil {
		return nil, err
	}
	return func(tx Tx, now Record) error {
		// A version may be accepted again after it was reopened: each step is told.
		_, err := r.told(ctx, tx, actor.OfSystem(Coordinator), v, fmt.Sprintf("%s.%d", kind, len(now.Steps)), send)
		return err
	}, nil
}

// told sends what was not sent before, and writes down that it was.
func (r *Register) told(ctx context.Context, tx Tx, who actor.Actor, v View, step string, send func(tx Tx) error) (bool, error) {
	m := Reminder{
		ID: r.newID(), Campaign: v.Campaign.ID, Agency: v.Agency.Code, Step: step, Channel: "email", By: who.Account, At: r.clock.Now(),
	}
	fresh, err := tx.SaveReminder(ctx, m, r.act(who, Remind, nil))
	if err != nil || !fresh {
		return false, err
	}
	return true, send(tx)
}

// Notice says that it tells of a step of a return or a letter, and reminds nobody.
func (m Reminder) Notice() bool {
	kind, _, _ := strings.Cut(m.Step, ".")
	return slices.Contains([]NoticeKind{NoticeIssued, NoticeCancelled, NoticeSentBack, NoticeAccepted}, NoticeKind(kind))
}

// Told lists whom a letter, or its cancellation, is to be told: its recipients, and of a
// cancellation who else has begun to answer.
func (r *Register) Told(ctx context.Context, who actor.Actor, campaign string, kind NoticeKind) ([]Agency, error) {
	if err := Can(who, ManageCampaign, ""); err != nil {
		return nil, err
	}
	out, err := r.store.Recipients(ctx, campaign)
	if err != nil || kind != NoticeCancelled {
		return out, err
	}
	heads, err := r.store.Heads(ctx, campaign)
	for _, h := range heads {
		if !slices.ContainsFunc(out, func(a Agency) bool { return a.Code == h.Agency.Code }) {
			out = append(out, h.Agency)
		}
	}
	return out, err
}

// Tell sends an agency the mail about a letter, once. It says false when it was sent before.
func (r *Register) Tell(
	ctx context.Context, who actor.Actor, campaign, agency string, kind NoticeKind, send func(tx Tx) error,
) (fresh bool, err error) {
	if err := Can(who, ManageCampaign, ""); err != nil {
		return false, err
	}
	v, err := r.view(ctx, campaign, agency)
	if err != nil {
		return false, err
	}
	err = r.store.InTx(ctx, func(tx Tx) error {
		fresh, err = r.told(ctx, tx, who, v, string(kind), send)
		return err
	})
	return fresh, err
}
