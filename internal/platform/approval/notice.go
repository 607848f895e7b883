package approval

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"dean06/internal/platform/mail/mailaddress"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/mail"
	"dean06/internal/platform/sqldb"
)

// Says is a sentence as a message, or as the words of another node whose messages are
// not here.
type Says struct {
	Key   string               `json:"key,omitempty"`
	Args  fault.Args           `json:"args,omitempty"`
	Words map[i18n.Lang]string `json:"words,omitempty"`
}

// In is the sentence in one language.
func (s Says) In(p *i18n.Printer) string {
	if text, ok := s.Words[p.Lang]; ok {
		return text
	}
	if s.Key == "" {
		return ""
	}
	return p.T(s.Key, fresh(p, s.Args))
}

// Word is an argument that is itself a message, such as the name of a role: it is
// written in the language of whoever reads.
func Word(key string) string { return "@" + key }

// fresh gives arguments back the types that they lose when they are stored: moments, days,
// messages, lists of them.
func fresh(p *i18n.Printer, args fault.Args) fault.Args {
	out := fault.Args{}
	for name, v := range args {
		out[name] = freshValue(p, v)
	}
	return out
}

func freshValue(p *i18n.Printer, v any) any {
	switch x := v.(type) {
	case []string:
		words := make([]string, len(x))
		for i, w := range x {
			words[i] = p.Value(freshValue(p, w))
		}
		return strings.Join(words, ", ")
	case []any:
		words := make([]string, len(x))
		for i, w := range x {
			words[i] = p.Value(freshValue(p, w))
		}
		return strings.Join(words, ", ")
	case string:
		if key, ok := strings.CutPrefix(x, "@"); ok {
			if text := p.T(key); text != "["+key+"]" {
				return text
			}
			return x
		}
		if t, err := time.Parse(time.RFC3339Nano, x); err == nil {
			return t
		}
		if d, err := clock.ParseDate(x); err == nil {
			return d
		}
	}
	return v
}

// Says is what is asked, in words.
func (r Request) Says() Says {
	if r.Origin == "" {
		return Says{Key: r.SaysKey, Args: r.SaysArgs}
	}
	s := Says{Words: map[i18n.Lang]string{}}
	for l, w := range r.Words {
		s.Words[l] = w.Says
	}
	return s
}

// KindName is the name of its kind.
func (r Request) KindName(p *i18n.Printer) string {
	if r.Origin == "" {
		return p.T("approval.kind." + r.Kind)
	}
	return r.Words[p.Lang].Kind
}

// NodeName is the name of the node that asks; "" for this one.
func (r Request) NodeName(p *i18n.Printer) string {
	if w := r.Words[p.Lang]; r.Origin != "" && w.Node != "" {
		return w.Node
	}
	return r.Origin
}

// Href is its page.
func (r Request) Href() string { return "/approvals/" + r.ID }

// Notice is what an account is told.
type Notice struct {
	ID      string
	Account string
	At      time.Time
	Key     string // a message; "{what}" in it is Says
	Args    fault.Args
	Says    Says
	Href    string   // where more is to be read; "" for none
	Urgent  bool     // stands out until it is read
	Also    []string // mail addresses that get the letter too: the one from before
	Read    time.Time
}

// Text is the notice in one language.
func (n Notice) Text(p *i18n.Printer) string {
	args := fresh(p, n.Args)
	args["what"] = strings.TrimSuffix(n.Says.In(p), ".") // it stands within a sentence
	return p.T(n.Key, args)
}

type noticeRow struct {
	ID      string                 `db:"id"`
	Account string                 `db:"account"`
	At      time.Time              `db:"created_at"`
	Key     string                 `db:"key"`
	Args    sqldb.JSON[fault.Args] `db:"args"`
	Says    sqldb.JSON[Says]       `db:"says"`
	Href    string                 `db:"href"`
	Urgent  bool                   `db:"urgent"`
	Read    *time.Time             `db:"read_at"`
}

// Tell gives a notice to accounts of this node, in the caller's transaction, and a letter
// to those that have an address. Nobody gets it twice; whoever has no account here gets none.
func (s *Service) Tell(ctx context.Context, q sqldb.Queryer, n Notice, accounts ...string) error {
	if s.opts.Accounts == nil {
		return nil
	}
	var to []Account
	for _, id := range accounts {
		if id == "" {
			continue
		}
		a, err := s.opts.Accounts.ByID(ctx, q, id)
		if fault.Of(err) == fault.NotFound {
			continue // another node's, the command line, the program
		}
		if err != nil {
			return fmt.Errorf("tell %s: %w", id, err)
		}
		to = append(to, a)
	}
	return s.tell(ctx, q, n, to)
}

// TellRoles is Tell for the active accounts that hold one of the roles.
func (s *Service) TellRoles(ctx context.Context, q sqldb.Queryer, n Notice, roles ...string) error {
	ids, err := s.holding(ctx, q, roles...)
	if err != nil {
		return err
	}
	return s.Tell(ctx, q, n, ids...)
}

func (s *Service) tell(ctx context.Context, q sqldb.Queryer, n Notice, to []Account) error {
	now := s.clock.Now()
	var told []string
	var rows []noticeRow
	for _, a := range to {
		if slices.Contains(told, a.ID) {
			continue
		}
		told = append(told, a.ID)
		rows = append(rows, noticeRow{
			ID: sqldb.NewID(), Account: a.ID, At: now, Key: n.Key, Args: sqldb.JSON[fault.Args]{V: n.Args}, Says: sqldb.JSON[Says]{V: n.Says},
			Href: n.Href, Urgent: n.Urgent,
		})
		if err := s.write(ctx, q, n, a); err != nil {
			return err
		}
	}
	if err := sqldb.Insert(ctx, q, "approval_notice", rows...); err != nil {
		return fmt.Errorf("tell %s: %w", n.Key, err)
	}
	return nil
}

// write puts the letter of a notice into the outbox. An address that cannot be written to
// holds nothing up: the notice stands on the account's page.
func (s *Service) write(ctx context.Context, q sqldb.Queryer, n Notice, a Account) error {
	if s.opts.Messages == nil {
		return nil
	}
	for _, to := range slices.Compact(append(slices.Clone(n.Also), a.Email)) {
		if err := s.writeTo(ctx, q, n, a, to); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) writeTo(ctx context.Context, q sqldb.Queryer, n Notice, a Account, to string) error {
	address, err := mailaddress.Parse(to)
	if err != nil {
		return nil //nolint:nilerr // as the comment above says
	}
	vi, en := s.opts.Messages.In(i18n.Vi), s.opts.Messages.In(i18n.En)
	args := fault.Args{"name": a.Name, "node": s.opts.Name, "link": s.opts.URL + n.Href}
	body := func(p *i18n.Printer) string {
		args["text"] = n.Text(p)
		return p.T("approval.mail.body", args)
	}
	m := mail.Message{
		To:      []mail.Address{{Name: a.Name, Addr: address}},
		Subject: vi.T("approval.mail.subject", args) + " / " + en.T("approval.mail.subject", args),
		Text:    body(vi) + "\n\n--\n\n" + body(en),
	}
	if m.Check() != nil {
		return nil //nolint:nilerr // an address that takes no mail still has its notice
	}
	return mail.Queue(ctx, q, m)
}

// Notices are what an account was told, the youngest first; below is the last of the page
// before, limit is 50 when zero.
func (s *Service) Notices(ctx context.Context, account, below string, limit int) ([]Notice, error) {
	if limit <= 0 {
		limit = 50
	}
	var a sqldb.Args
	where := "account = " + a.Add(account)
	if below != "" {
		where += " AND id < " + a.Add(below)
	}
	rows, err := sqldb.All[noticeRow](ctx, s.db, `
		SELECT id, account, created_at, key, args, says, href, urgent, read_at FROM approval_notice
		WHERE `+where+` ORDER BY id DESC LIMIT `+a.Add(limit), a.Values()...)
	if err != nil {
		return nil, fmt.Errorf("notices of %s: %w", account, err)
	}
	out := make([]Notice, len(rows))
	for i, w := range rows {
		out[i] = Notice{
			ID: w.ID, Account: w.Account, At: w.At, Key: w.Key, Args: w.Args.V, Says: w.Says.V, Href: w.Href, Urgent: w.Urgent, Read: value(w.Read),
		}
	}
	return out, nil
}

// Unread is how many notices an account has not read.
func (s *Service) Unread(ctx context.Context, account string) (int, error) {
	return sqldb.One[int](ctx, s.db.Kept(), `SELECT COUNT(*) FROM approval_notice WHERE account = $1 AND read_at IS NULL`, account)
}

// Around counts what every page shows an account, in one question: the roles that it holds in
// an emergency, and the notices that it has not read.
func (s *Service) Around(ctx context.Context, account string, now time.Time) (held, unread int, err error) {
	n, err := sqldb.One[struct {
		Held   int `db:"held"`
		Unread int `db:"unread"`
	}](ctx, s.db.Kept(), `SELECT
		(SELECT COUNT(*) FROM approval_emergency WHERE account = $1 AND created_at <= $2 AND ends_at > $2) AS held,
		(SELECT COUNT(*) FROM approval_notice WHERE account = $1 AND read_at IS NULL) AS unread`, account, now)
	return n.Held, n.Unread, err
}

// MarkRead marks notices of an account as read: those named, or all.
func (s *Service) MarkRead(ctx context.Context, account string, ids ...string) error {
	var a sqldb.Args
	at, who := a.Add(s.clock.Now()), a.Add(account)
	where := "account = " + who + " AND read_at IS NULL"
	if len(ids) > 0 {
		where += " AND id IN " + sqldb.In(&a, ids)
	}
	if _, err := sqldb.Exec(ctx, s.db, `UPDATE approval_notice SET read_at = `+at+` WHERE `+where, a.Values()...); err != nil {
		return fmt.Errorf("mark notices of %s: %w", account, err)
	}
	return nil
}

// tellOutcome tells whom a decision concerns.
func (s *Service) tellOutcome(ctx context.Context, q sqldb.Queryer, r Request, applied bool) error {
	switch {
	case r.State == Refused && r.Origin == "":
		args := fault.Args{"by": r.Decider.Name, "why": r.Why}
		return s.Tell(ctx, q, Notice{Key: "approval.notice.refused", Args: args, Says: r.Says(), Href: r.Href()}, r.By.Account)
	case !applied:
		return nil
	}
	args := fault.Args{"by": r.Decider.Name, "asker": r.By.Name}
	gain := Notice{Key: "approval.notice.gained", Args: args, Says: r.Says(), Href: r.Href()}
	if err := s.Tell(ctx, q, gain, r.Benefits); err != nil {
		return err
	}
	others := []string{r.By.Account}
	if k := s.kind(r); k.Told != nil {
		more, err := k.Told(ctx, r)
		if err != nil {
			return fmt.Errorf("who hears of request %s: %w", r.ID, err)
		}
		others = append(others, more...)
	}
	readers, err := s.holding(ctx, q, s.opts.Readers...)
	if err != nil {
		return err
	}
	others = slices.DeleteFunc(append(others, readers...), func(id string) bool { return id == r.Benefits })
	return s.Tell(ctx, q, Notice{Key: "approval.notice.applied", Args: args, Says: r.Says(), Href: r.Href()}, others...)
}

// holding are the ids of the active accounts with one of the roles.
func (s *Service) holding(ctx context.Context, q sqldb.Queryer, roles ...string) ([]string, error) {
	if s.opts.Accounts == nil || len(roles) == 0 {
		return nil, nil
	}
	all, err := s.opts.Accounts.Holding(ctx, q, roles...)
	if err != nil {
		return nil, fmt.Errorf("who holds %v: %w", roles, err)
	}
	out := make([]string, len(all))
	for i, a := range all {
		out[i] = a.ID
	}
	return out, nil
}
