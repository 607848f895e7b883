package dossiernode

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"dean06/internal/platform/mail/mailaddress"

	"dean06/internal/citizen"

	"dean06/internal/dossier"
	"dean06/internal/dossier/dossiersql"
	"dean06/internal/dossier/dossierweb"
	"dean06/internal/dossier/dossierweb/apply"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/approval"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/mail"
	"dean06/internal/platform/node"
	"dean06/internal/platform/outbox"
	"dean06/internal/platform/spelling"
	"dean06/internal/platform/sqldb"
	"dean06/internal/procedure"
)

// teller tells the applicant, and for whom they applied, of each change that citizens see:
// by e-mail, and where it is set by a short text to their phone. It tells officers of what is
// nearly due or late. A letter holds no personal data but the name of whom it is to: what an
// officer wrote in their own words is on the dossier's page.
type teller struct {
	db       *sqldb.DB
	clock    clock.Clock
	texts    *i18n.Catalogue
	url      string // of the node; "" for none: letters have no links then
	texting  bool   // short texts are set
	posts    dossier.Posts
	packages dossier.Packages
	notices  interface {
		Tell(ctx context.Context, q sqldb.Queryer, n approval.Notice, accounts ...string) error
	}
}

func newTeller(b *node.Base, needs Needs, c *Config) *teller {
	return &teller{
		db: b.DB, clock: b.Clock, texts: b.Messages, url: strings.TrimSuffix(b.URL, "/"), texting: c.SMSURL != "",
		posts: needs.Posts, packages: needs.Packages, notices: b.Approvals,
	}
}

var _ dossier.Teller = (*teller)(nil)

// Tell tells of one action, once. Nobody with an address or a phone is no failure.
func (t *teller) Tell(ctx context.Context, d dossier.Dossier, a dossier.Action) error {
	if a.Verb == dossier.Warned {
		return t.warn(ctx, d, a)
	}
	if a.Verb.Inside() {
		return nil
	}
	p, err := t.packages.Version(ctx, d.Procedure, d.Package)
	if err != nil {
		return err
	}
	letters, texts := t.letters(&d, p, a), t.short(&d, a)
	if len(letters)+len(texts) == 0 {
		return nil
	}
	return t.once(ctx, d, a, func(tx *sqldb.Tx) error {
		for _, m := range letters {
			if err := mail.Queue(ctx, tx, m); err != nil {
				return err
			}
		}
		for _, s := range texts {
			if _, err := outbox.Put(ctx, tx, smsTopic, "", s); err != nil {
				return err
			}
		}
		return nil
	})
}

// once does what tells of an action, in a transaction with the note that it was done.
func (t *teller) once(ctx context.Context, d dossier.Dossier, a dossier.Action, do func(tx *sqldb.Tx) error) error {
	return t.db.InTx(ctx, func(tx *sqldb.Tx) error {
		first, err := dossiersql.Told(ctx, tx, d.ID, a.Seq, t.clock.Now())
		if err != nil || !first {
			return err
		}
		return do(tx)
	})
}

// The levels of a warning: dossier.Dossier.Warned.
const (
	warnedNear = 1
	warnedLate = 2
	escalated  = 3
)

// warn tells who has the dossier, or the duty for which it waits, that it is nearly due or
// late; in the end the leader too.
func (t *teller) warn(ctx context.Context, d dossier.Dossier, a dossier.Action) error {
	level := a.Say().Level
	if level < warnedNear || level > escalated {
		return nil
	}
	var to []string
	add := func(agency, duty string) error {
		posts, err := t.posts.For(ctx, agency, duty, d.Area, clock.DayOf(t.clock.Now()))
		for _, p := range posts {
			to = append(to, p.Account)
		}
		return err
	}
	switch {
	case d.Holder != "":
		to = append(to, d.Holder)
	case d.Duty != "":
		if err := add(d.Agency, d.Duty); err != nil {
			return err
		}
	}
	if level == escalated {
		if err := add(d.Competent, dossier.DutyLeader); err != nil {
			return err
		}
	}
	key := map[int]string{
		warnedNear: "dossier.notice.near", warnedLate: "dossier.notice.late", escalated: "dossier.notice.escalated",
	}[level]
	to = slices.DeleteFunc(to, func(account string) bool { return account == "" })
	if len(to) == 0 {
		return nil
	}
	return t.once(ctx, d, a, func(tx *sqldb.Tx) error {
		return t.notices.Tell(ctx, tx, approval.Notice{
			Key: key, Href: deskPath + "/dossiers/" + d.Code, Urgent: level == escalated, Args: fault.Args{"code": d.Code, "due": a.Due},
		}, to...)
	})
}

// parties are the applicant, and for whom they applied.
func parties(d *dossier.Dossier) []dossier.Party {
	out := []dossier.Party{d.Applicant}
	if d.For != nil {
		out = append(out, *d.For)
	}
	return out
}

// letters are one to each of them who gave an address that takes mail, so that nobody reads
// another's.
func (t *teller) letters(d *dossier.Dossier, p *procedure.Package, a dossier.Action) []mail.Message {
	vi, en := t.texts.In(i18n.Vi), t.texts.In(i18n.En)
	subject := func(pr *i18n.Printer) string {
		return pr.T("dossier.mail.subject", map[string]any{"code": d.Code, "what": what(pr, a)})
	}
	var out []mail.Message
	for _, who := range parties(d) {
		address, err := mailaddress.Parse(who.Email)
		if err != nil || slices.ContainsFunc(out, func(m mail.Message) bool { return strings.EqualFold(m.To[0].Addr, address) }) {
			continue
		}
		name := nameOf(who)
		m := mail.Message{
			To: []mail.Address{{Name: name, Addr: address}}, Subject: subject(vi) + " / " + subject(en),
			Text: t.body(vi, name, d, p, a) + "\n\n--\n\n" + t.body(en, name, d, p, a),
		}
		if m.Check() == nil {
			out = append(out, m)
		}
	}
	return out
}

const longestName = 80

// nameOf is the name by which a letter greets; "" when it is none: what somebody typed into
// a field for a name may be an advertisement, or an address to which a reader is to go.
func nameOf(who dossier.Party) string {
	name := spelling.Clean(who.Name)
	strange := func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsMark(r) && !strings.ContainsRune(" '’-", r)
	}
	if strings.ContainsFunc(name, strange) || len([]rune(name)) > longestName {
		return ""
	}
	return name
}

// told is the verb by whose words an action is told: what is approved and needs no more is
// a result.
func told(a dossier.Action) string {
	if a.Verb == dossier.Approve && (a.To == dossier.Done || a.To == dossier.HandedOver) {
		return string(dossier.Registered)
	}
	return string(a.Verb)
}

// what is what happened, in a few words.
func what(pr *i18n.Printer, a dossier.Action) string { return pr.T("dossier.mail.what." + told(a)) }

// body is a letter in one language: what, who, when, by when, what is asked, where to follow.
func (t *teller) body(pr *i18n.Printer, name string, d *dossier.Dossier, p *procedure.Package, a dossier.Action) string {
	ctx := i18n.With(context.Background(), pr)
	lang := string(pr.Lang)
	var b strings.Builder
	line := func(key string, args map[string]any) { b.WriteString(pr.T("dossier.mail."+key, args) + "\n") }
	fact := func(key, value string) {
		if value != "" {
			b.WriteString(pr.T("dossier.mail.fact."+key) + ": " + value + "\n")
		}
	}
	args := map[string]any{"code": d.Code, "what": what(pr, a), "desk": t.agency(d.Receiving), "name": name}
	if name == "" {
		line("greeting.unnamed", nil)
	} else {
		line("greeting", args)
	}
	b.WriteString("\n")
	line("happened", args)
	b.WriteString("\n")
	fact("procedure", p.Name.In(lang))
	fact("agency", t.agency(a.Agency))
	fact("officer", officer(ctx, a))
	fact("at", dossierweb.Long(ctx, a.At))
	fact(dueKey(a), due(ctx, d, a))
	if list := lines(ctx, d, p, a, lang); len(list) > 0 {
		b.WriteString("\n" + pr.T("dossier.mail.list."+string(a.Verb)) + "\n")
		for _, l := range list {
			b.WriteString("- " + l + "\n")
		}
	}
	b.WriteString("\n")
	line("next."+told(a), args)
	if t.url != "" {
		b.WriteString("\n")
		line("follow", map[string]any{"own": t.url + apply.Of(d.Code), "track": t.url + apply.Track, "code": d.Code})
	}
	b.WriteString("\n")
	b.WriteString(pr.T("dossier.mail.foot", args))
	return b.String()
}

func (t *teller) agency(code string) string {
	if code == "" {
		return ""
	}
	return t.posts.Name(code)
}

// officer is who did it, where an officer did; what citizens and the program do has none.
func officer(ctx context.Context, a dossier.Action) string {
	switch {
	case a.By == actor.OfSystem().Account:
		return dossierweb.T(ctx, "program")
	case a.Agency == "":
		return ""
	}
	if title := a.Say().Title; title != "" {
		return a.Name + ", " + title
	}
	return a.Name
}

// dueKey says that a day that was promised before is another now.
func dueKey(a dossier.Action) string {
	switch a.Verb {
	case dossier.Extend, dossier.Recounted, dossier.Supply, dossier.Correct:
		return "due_new"
	}
	return "due"
}

// due is when the result is promised after an action; "" while the clock stands or has ended.
func due(ctx context.Context, d *dossier.Dossier, a dossier.Action) string {
	if a.Due.IsZero() {
		return ""
	}
	text := dossierweb.Long(ctx, a.Due)
	if d.Provisional && d.Promised.Equal(a.Due) {
		text += " (" + i18n.T(ctx, "dossier.mail.provisional") + ")"
	}
	return text
}

// lines is what is asked for, or why something was refused, line by line, in the words of
// the package.
func lines(ctx context.Context, d *dossier.Dossier, p *procedure.Package, a dossier.Action, lang string) []string {
	var out []string
	switch a.Verb {
	case dossier.AskMore, dossier.RefuseIntake, dossier.Refuse:
		asked := a.Say().Asked
		if len(asked) == 0 && a.Verb == dossier.Refuse {
			asked = d.Refused // as it was proposed
		}
		for _, l := range asked {
			out = append(out, dossierweb.About(ctx, p, l)+": "+dossierweb.ReasonText(ctx, p, l.Reason))
		}
	case dossier.AskFee:
		for _, f := range dossier.Unpaid(*d) {
			out = append(out, fee(ctx, p, f, lang))
		}
	case dossier.Pay:
		if f := a.Say().Fee; f != nil {
			out = append(out, fee(ctx, p, *f, lang))
		}
	}
	return out
}

// fee is a fee with its amount, as far as it is known.
func fee(ctx context.Context, p *procedure.Package, f dossier.FeeItem, lang string) string {
	name := f.ID
	if known, ok := p.Fee(f.ID); ok {
		name = known.Name.In(lang)
	}
	switch {
	case f.Exempt != "":
		return i18n.T(ctx, "dossier.mail.fee.exempt", map[string]any{"name": name})
	case f.Amount == 0:
		return name
	}
	return i18n.T(ctx, "dossier.mail.fee.amount", map[string]any{"name": name, "amount": f.Amount})
}

// sms is a short text on its way.
type sms struct {
	To   string `json:"to"` // +84912345678
	Text string `json:"text"`
}

const (
	smsTopic = "dossier.sms"
	smsMost  = 160 // characters of one short text
)

// short are the texts to the phones of those whom an action concerns.
func (t *teller) short(d *dossier.Dossier, a dossier.Action) []sms {
	if !t.texting {
		return nil
	}
	vi := t.texts.In(i18n.Vi)
	args := map[string]any{"code": d.Code, "what": what(vi, a), "due": "", "link": ""}
	text := func(key string) string { return ascii(vi.T(key, args)) }
	key := "dossier.sms.plain"
	if !a.Due.IsZero() {
		args["due"], key = clock.DayOf(a.Due), "dossier.sms.due"
	}
	said := text(key)
	if t.url != "" {
		args["link"] = t.url + apply.Track
		if whole := said + " " + text("dossier.sms.link"); len(whole) <= smsMost {
			said = whole
		}
	}
	if len(said) > smsMost {
		said = said[:smsMost]
	}
	var out []sms
	for _, who := range parties(d) {
		to, ok := mobile(who.Phone)
		if ok && !slices.ContainsFunc(out, func(s sms) bool { return s.To == to }) {
			out = append(out, sms{To: to, Text: said})
		}
	}
	return out
}

// ascii is a text without accents, with its capitals: what every phone shows, and what fits
// into one short text.
func ascii(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r < unicode.MaxASCII {
			b.WriteRune(r)
			continue
		}
		plain := spelling.Unaccent(string(r))
		if unicode.IsUpper(r) {
			plain = strings.ToUpper(plain)
		}
		for _, p := range plain {
			if p < unicode.MaxASCII {
				b.WriteRune(p)
			}
		}
	}
	return b.String()
}

// mobile is a Vietnamese mobile number as the world writes it; others get no short text.
func mobile(phone string) (string, bool) {
	number, err := citizen.ParsePhone(phone)
	if err != nil || !citizen.IsMobile(number) {
		return "", false
	}
	return "+84" + number[1:], true
}
