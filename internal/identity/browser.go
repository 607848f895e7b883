package identity

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"dean06/internal/platform/opaque"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/throttle"
)

// Browser is the machine and the program at the other end of a sign-in.
type Browser struct {
	ID      string // SHA-256, hex, of the cookie that ties what is begun here to it; "" ties nothing
	Session string // token of the sign-in that it holds; "" for none
	Known   string // what Entered.Known gave it; "" for none
	Address string
	Agent   string
	Lang    string
}

// net is the address as logs and sessions keep it.
func (b Browser) net() string { return throttle.Net(b.Address) }

// agent is the name that a browser gives itself, cut.
func (b Browser) agent() string { return cut(b.Agent, 200) }

func cut(s string, n int) string {
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "")
	if len(s) <= n {
		return s
	}
	for s = s[:n]; !utf8.ValidString(s); {
		s = s[:len(s)-1]
	}
	return s
}

// SignedIn is a holder with the sign-in by which they act.
type SignedIn struct {
	Session Session
	Account Account
}

// Actor is who acts.
func (in SignedIn) Actor() actor.Actor { return holderOf(in.Account) }

// Entered is what a browser gets when its holder has signed in, or stepped up.
type Entered struct {
	SignedIn
	Token string // for the cookie of the session; nothing else holds it
	Known string // for the cookie that says that somebody signed in here before
}

// known is what a browser holds of earlier sign-ins. It is sealed, so that no row is kept of it.
type known struct {
	ID       string   `json:"id"`
	Accounts []string `json:"accounts"` // the last one first
}

// knownMost is how many accounts a browser stands for: a family's.
const knownMost = 8

var aboutKnown = []byte("identity known browser")

func (s *Service) known(b Browser) known {
	var k known
	raw, err := base64.RawURLEncoding.DecodeString(b.Known)
	if err != nil || len(raw) == 0 {
		return known{}
	}
	plain, err := s.Sealer.Open(raw, aboutKnown)
	if err != nil || json.Unmarshal(plain, &k) != nil {
		return known{} // of another time or place: it is known no more
	}
	return k
}

// knows is the id of a browser on which the account signed in before; "" else.
func (s *Service) knows(b Browser, account string) string {
	if k := s.known(b); account != "" && slices.Contains(k.Accounts, account) {
		return k.ID
	}
	return ""
}

// remember makes a browser known to an account.
func (s *Service) remember(b Browser, account string) (string, error) {
	k := s.known(b)
	if k.ID == "" {
		k.ID = opaque.Text(12)
	}
	k.Accounts = slices.DeleteFunc(k.Accounts, func(a string) bool { return a == account })
	k.Accounts = slices.Insert(k.Accounts, 0, account)
	k.Accounts = k.Accounts[:min(len(k.Accounts), knownMost)]
	plain, err := json.Marshal(k)
	if err != nil {
		return "", err
	}
	sealed, err := s.Sealer.Seal(plain, aboutKnown)
	if err != nil {
		return "", fmt.Errorf("seal what a browser holds: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(sealed), nil
}

// try is a try at a secret of an account, which may be unknown.
func (s *Service) try(what, typed, account string, b Browser) throttle.Try {
	return throttle.Try{What: what, Account: typed, Address: b.Address, Device: s.knows(b, account)}
}

// Confirmed are the addresses of an account at which a code came back.
func (a Account) Confirmed(lang string) []Address {
	var out []Address
	for _, at := range a.Attributes {
		if (at.Field == FieldEmail || at.Field == FieldPhone) && at.Basis == Confirmed && at.Value != "" {
			out = append(out, Address{Kind: at.Field, To: at.Value, Lang: lang})
		}
	}
	return out
}

// tell writes to every confirmed address of a holder, in their language.
func (s *Service) tell(ctx context.Context, tx Tx, a Account, text string, args map[string]string) error {
	for _, to := range a.Confirmed(a.Lang()) {
		if err := s.Teller.Tell(ctx, tx, to, text, args); err != nil {
			return fmt.Errorf("tell the holder: %w", err)
		}
	}
	return nil
}

// note tells of a step in the holder's log.
func (s *Service) note(ctx context.Context, tx Tx, a Account, by actor.Actor, b Browser, what string, args map[string]string) error {
	e := Entry{Account: a.ID, At: s.Clock.Now(), What: what, By: by, Address: b.net(), Args: args}
	if err := tx.AddEntry(ctx, e); err != nil {
		return fmt.Errorf("note %s: %w", what, err)
	}
	return nil
}

// when is a moment as letters write it.
func (s *Service) when() string { return inVietnam(s.Clock.Now()) }

func inVietnam(t time.Time) string { return t.In(clock.Zone).Format("15:04 02/01/2006") }

// sealed is something that a browser holds for us until it answers: sealed for one use, one
// browser, for a time.
type sealed struct {
	Until time.Time       `json:"until"`
	Nonce string          `json:"nonce"`
	Data  json.RawMessage `json:"data"`
}

func (s *Service) seal(use string, b Browser, data any, lasts time.Duration) (string, error) {
	raw, err := json.Marshal(data)
	if err != nil {
		return "", err
	}
	plain, err := json.Marshal(sealed{s.Clock.Now().Add(lasts), opaque.Text(12), raw})
	if err != nil {
		return "", err
	}
	out, err := s.Sealer.Seal(plain, []byte("identity "+use+" "+b.ID))
	if err != nil {
		return "", fmt.Errorf("seal %s: %w", use, err)
	}
	return base64.RawURLEncoding.EncodeToString(out), nil
}

// unseal fails with errOver when it is of another use, another browser or another time. What
// it gives is used up with spend.
func (s *Service) unseal(use string, b Browser, text string, data any) (sealed, error) {
	var out sealed
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return out, errOver
	}
	plain, err := s.Sealer.Open(raw, []byte("identity "+use+" "+b.ID))
	if err != nil {
		return out, errOver.Because(err)
	}
	if err := json.Unmarshal(plain, &out); err != nil || !s.Clock.Now().Before(out.Until) {
		return out, errOver
	}
	if err := json.Unmarshal(out.Data, data); err != nil {
		return out, errOver.Because(err)
	}
	return out, nil
}

func (s *Service) spend(ctx context.Context, tx Tx, use string, it sealed) error {
	return tx.Once(ctx, use+":"+it.Nonce, it.Until)
}

// Stranger is whoever does something without having shown to be anybody.
var Stranger = actor.Actor{Account: "identity:?", Name: "?", Via: actor.OIDC}
