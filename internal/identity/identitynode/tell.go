package identitynode

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"dean06/internal/identity"
	"dean06/internal/identity/identitysql"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/mail"
	"dean06/internal/platform/node"
)

// teller writes to holders by mail, in the language in which they signed in last; in both while
// that is not known.
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
	var subjects, bodies []string
	for _, lang := range []i18n.Lang{i18n.Vi, i18n.En} {
		if to.Lang == "" || to.Lang == string(lang) {
			pr := t.texts.In(lang)
			subjects, bodies = append(subjects, pr.T(text+".subject", words)), append(bodies, t.body(pr, text, words))
		}
	}
	m := mail.Message{
		To: []mail.Address{{Addr: to.To}}, Subject: strings.Join(subjects, " / "), Text: strings.Join(bodies, "\n\n--\n\n"),
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
