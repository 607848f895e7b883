package readinessnode

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/mail"
	"dean06/internal/platform/mail/mailaddress"
	"dean06/internal/platform/session"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinesssql"
	"dean06/internal/readiness/readinessweb"
)

// The kinds of the module's jobs. "job.…" are their names.
const (
	importKind  = "readiness.import"
	remindKind  = "readiness.remind"
	sweepKind   = "readiness.sweep"
	lettersKind = "readiness.letters"
)

// work runs what takes longer than a request, from the node's job table.
type work struct{ node *Node }

// Import queues uploaded files. Their batch is there at once, in one transaction with
// its job.
func (w work) Import(ctx context.Context, who actor.Actor, campaign string, files []readiness.File) (string, error) {
	return w.node.register.Receive(ctx, who, campaign, files, func(tx readiness.Tx, u readiness.Upload) error {
		_, err := jobs.Enqueue(ctx, readinesssql.Queryer(tx), importKind, u, jobs.Options{ID: u.Batch})
		return err
	})
}

// importJob takes in the files of an upload.
func (n *Node) importJob(ctx context.Context, t *jobs.Task) error {
	var u readiness.Upload
	if err := t.Decode(&u); err != nil {
		return err
	}
	ctx = audit.With(ctx, audit.Who{Actor: u.Actor})
	return n.register.TakeIn(ctx, u, func(done, total int) {
		_ = t.Progress(ctx, done, total, jobs.Note{}) // the batch itself has the count
	})
}

// sweepJob puts in order what crashes left of uploads. A batch whose job is still to
// run, or may be run again by a person, is left alone.
func (n *Node) sweepJob(ctx context.Context, _ *jobs.Task) error {
	swept, err := n.register.Sweep(ctx, System(), func(batch string) (bool, error) {
		j, err := jobs.Get(ctx, n.base.DB, batch)
		if fault.Of(err) == fault.NotFound {
			return false, nil
		}
		return j.State != jobs.Done, err
	})
	if err != nil {
		return err
	}
	if swept != (readiness.Swept{}) {
		n.log().InfoContext(ctx, "uploads put in order", "papers", swept.Papers, "removed", swept.Removed, "ended", swept.Ended)
	}
	return nil
}

// Remind queues the e-mail of a reminder with its letter; false when it was
// sent before.
func (w work) Remind(ctx context.Context, who actor.Actor, campaign, agency, step string) (bool, error) {
	m, err := w.node.reminder(ctx, who, campaign, agency)
	if err != nil {
		return false, err
	}
	return w.node.register.Remind(ctx, who, campaign, agency, step, "email", func(tx readiness.Tx) error {
		return mail.Queue(ctx, readinesssql.Queryer(tx), m)
	})
}

func (n *Node) reminder(ctx context.Context, who actor.Actor, campaign, agency string) (mail.Message, error) {
	r, err := n.register.Reminding(ctx, who, campaign, agency)
	if err != nil {
		return mail.Message{}, err
	}
	letter, err := exports{n}.reminder(r, "docx")
	if err != nil {
		return mail.Message{}, err
	}
	return n.letter(ctx, r, letter, "reminder", nil)
}

func returnPath(campaign, agency string) string { return "/returns/" + campaign + "/" + agency }

// Refuse refuses a file that waits. The letter goes out in the same transaction, unless a
// person prints it.
func (w work) Refuse(ctx context.Context, who actor.Actor, item, reason string, mailed bool) error {
	r, err := w.node.register.Refusal(ctx, who, item, reason)
	if err != nil {
		return err
	}
	var m mail.Message
	if mailed {
		if m, err = w.node.refusal(ctx, who, r); err != nil {
			return err
		}
	}
	_, err = w.node.register.RefuseItem(ctx, who, item, reason, func(tx readiness.Tx) error {
		if !mailed {
			return nil
		}
		return mail.Queue(ctx, readinesssql.Queryer(tx), m)
	})
	return err
}

func (n *Node) refusal(ctx context.Context, who actor.Actor, r readiness.Refusal) (mail.Message, error) {
	to, err := n.register.Reminding(ctx, who, r.Campaign.ID, r.Agency.Code)
	if err != nil {
		return mail.Message{}, err
	}
	letter, err := exports{n}.refusal(r, "docx")
	if err != nil {
		return mail.Message{}, err
	}
	return n.letter(ctx, to, letter, "refusal", map[string]any{"file": r.File, "came": r.Came, "reason": r.Reason})
}

// letter is the e-mail to an agency about its return, with a letter; more are the
// arguments of its text besides those that all have.
func (n *Node) letter(
	ctx context.Context, r readiness.Reminding, letter readinessweb.File, kind string, more map[string]any,
) (mail.Message, error) {
	to, err := n.addressees(ctx, r)
	if err != nil {
		return mail.Message{}, err
	}
	p := n.base.Messages.In(i18n.Vi) // what goes to an agency is in Vietnamese
	args := map[string]any{
		"agency": r.Agency.Name, "number": r.Campaign.Number, "due": r.Campaign.Due, "url": n.base.URL + returnPath(r.Campaign.ID, r.Agency.Code),
	}
	maps.Copy(args, more)
	m := mail.Message{To: to, Subject: p.T("readiness.mail."+kind+".subject", args), Text: p.T("readiness.mail."+kind+".text", args)}
	if letter.Name != "" {
		m.Attachments = []mail.Attachment{{Name: letter.Name, Type: letter.MediaType, Data: letter.Content}}
	}
	return m, nil
}

// addressees are whom a reminder is sent to.
func (n *Node) addressees(ctx context.Context, r readiness.Reminding) ([]mail.Address, error) {
	found, err := n.focalPoints(ctx, r.Agency.Code)
	if err != nil {
		return nil, err
	}
	var accounts []readiness.Addressee
	for _, a := range found {
		accounts = append(accounts, readiness.Addressee{Name: a.Name, Email: a.Email})
	}
	list, err := r.Addressees(accounts, func(email string) (string, bool) {
		addr, err := mailaddress.Parse(email)
		return addr, err == nil
	})
	if err != nil {
		return nil, err
	}
	out := make([]mail.Address, len(list))
	for i, a := range list {
		out[i] = mail.Address{Name: a.Name, Addr: a.Email}
	}
	return out, nil
}

// focalPoints are the accounts that fill in the returns of an agency.
func (n *Node) focalPoints(ctx context.Context, agency string) ([]session.Account, error) {
	ctx = session.With(ctx, session.Identity{Actor: actor.OfSystem(readiness.Administrator)})
	found, err := n.base.Sessions.Accounts(ctx, session.AccountFilter{Agency: agency, Role: readiness.FocalPoint, Limit: 200})
	return slices.DeleteFunc(found, func(a session.Account) bool { return !a.Active }), err
}

// colleagues lists them by name; nil on a node without accounts.
func (n *Node) colleagues() func(ctx context.Context, agency string) ([]readiness.Colleague, error) {
	if n.base.Sessions == nil {
		return nil
	}
	return func(ctx context.Context, agency string) ([]readiness.Colleague, error) {
		found, err := n.focalPoints(ctx, agency)
		out := make([]readiness.Colleague, len(found))
		for i, a := range found {
			out[i] = readiness.Colleague{Account: a.ID, Name: a.Name}
		}
		i18n.SortBy(out, func(c readiness.Colleague) string { return c.Name })
		return out, err
	}
}

// remindDue sends the reminders that are due today. An agency that cannot be reached
// does not keep the others from theirs.
func (n *Node) remindDue(ctx context.Context) error {
	due, err := n.register.DueReminders(ctx, System(), clock.DayOf(n.base.Clock.Now()))
	if err != nil {
		return err
	}
	for _, d := range due {
		_, err := work{n}.Remind(ctx, System(), d.Campaign, d.Agency, d.Step)
		if err != nil && fault.Of(err) == fault.Internal {
			return fmt.Errorf("remind %s of letter %s: %w", d.Agency, d.Campaign, err)
		}
	}
	return nil
}
