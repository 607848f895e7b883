package identitynode

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"dean06/internal/identity"
	"dean06/internal/identity/identitysql"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/mail"
	"dean06/internal/platform/node"
)

// teller writes to holders by mail. It writes in both languages: whoever reads may not be the
// one who chose.
type teller struct {
	texts *i18n.Catalogue
	log   *slog.Logger
	url   string
}

func newTeller(b *node.Base) *teller { return &teller{texts: b.Messages, log: b.Log, url: b.URL} }

var _ identity.Teller = (*teller)(nil)

var errForeignTx = errors.New("the transaction is not one of the store's")

// Tell queues a letter in the transaction at hand. A telephone is not reached: the root asks
// for none while Settings.Texts says so.
func (t *teller) Tell(ctx context.Context, tx identity.Tx, to identity.Address, text string, args map[string]string) error {
	if to.Kind != identity.FieldEmail {
		t.log.WarnContext(ctx, "a holder was not told: no gateway for short texts", "text", text)
		return nil
	}
	q, ok := identitysql.Within(tx)
	if !ok {
		return errForeignTx
	}
	words := map[string]any{}
	for k, v := range args {
		words[k] = v
	}
	vi, en := t.texts.In(i18n.Vi), t.texts.In(i18n.En)
	m := mail.Message{
		To:      []mail.Address{{Addr: to.To}},
		Subject: vi.T(text+".subject", words) + " / " + en.T(text+".subject", words),
		Text:    t.body(vi, text, words) + "\n\n--\n\n" + t.body(en, text, words),
	}
	if err := mail.Queue(ctx, q, m); err != nil {
		return fmt.Errorf("tell a holder: %w", err)
	}
	return nil
}

func (t *teller) body(pr *i18n.Printer, text string, words map[string]any) string {
	body := pr.T("identity.mail.greeting") + "\n\n" + pr.T(text, words) + "\n"
	if t.url != "" {
		body += "\n" + t.url + "\n"
	}
	return body + "\n" + pr.T("identity.mail.foot")
}
