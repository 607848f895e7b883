package identity

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"dean06/internal/platform/opaque"

	"dean06/internal/platform/fault"
)

const (
	qrLasts  = 60 * time.Second
	qrMost   = 10 // of one request, or of one browser in ten minutes
	qrNet    = 100
	qrWithin = 10 * time.Minute
	qrChoice = 3 // numbers among which the right one is
)

// QR is a sign-in that is shown on one device and confirmed on another: what the other one
// shows and its key signs.
type QR struct {
	ID      string `json:"id"`
	Number  int    `json:"number"`  // that both devices show
	Choice  []int  `json:"choice"`  // among others, at the one that confirms
	Site    Text   `json:"site"`    // the service that is signed in to
	Origin  string `json:"origin"`  // where it is
	Address string `json:"address"` // of the device that shows it
	Agent   string `json:"agent"`
	Nonce   string `json:"nonce"`

	ExpiresAt time.Time `json:"-"`
	State     QRState   `json:"-"`
}

// QRState is how far a QR has come.
type QRState string

// The states.
const (
	QRWaits     QRState = "waits"
	QRConfirmed QRState = "confirmed"
	QRRefused   QRState = "refused" // another number, or the holder said no
	QROver      QRState = "over"    // too late, or used
)

// refused is the answer of who did not confirm.
const refused = "-"

// about is what the confirming key signs.
func (q QR) about() []byte {
	raw, _ := json.Marshal(q) // it is text and numbers
	sum := sha256.Sum256(append([]byte("dean06 identity qr 1\n"), raw...))
	return sum[:]
}

// QRAsk is for what a QR is shown.
type QRAsk struct {
	Request string // id of the authorization request; "" for the authority's own pages
	Site    Text
	Origin  string
}

// ShowQR makes a QR for a browser. It fails with TooMany.
func (s *Service) ShowQR(ctx context.Context, ask QRAsk, b Browser) (QR, error) {
	if b.ID == "" {
		return QR{}, errOver
	}
	now := s.Clock.Now()
	q := QR{
		ID: opaque.Text(18), Choice: numbers(), Site: ask.Site, Origin: ask.Origin, Address: b.net(), Agent: b.agent(), Nonce: opaque.Text(18),
		ExpiresAt: now.Add(qrLasts), State: QRWaits,
	}
	q.Number = q.Choice[below(qrChoice)]
	raw, err := json.Marshal(q)
	if err != nil {
		return QR{}, err
	}
	err = s.Store.InTx(ctx, func(tx Tx) error {
		who := b.ID
		if ask.Request != "" {
			who = ask.Request
		}
		if err := s.Throttle.Limit(ctx, tx, "qr", who, now, qrMost, qrWithin); err != nil {
			return err
		}
		if err := s.Throttle.Limit(ctx, tx, "qr.net", b.net(), now, qrNet, qrWithin); err != nil {
			return err
		}
		return tx.SaveChallenge(ctx, Challenge{
			ID: q.ID, Kind: ForQR, Request: ask.Request, Browser: b.ID, Data: raw, CreatedAt: now, ExpiresAt: q.ExpiresAt,
		})
	})
	return q, err
}

// numbers are different ones of two digits.
func numbers() []int {
	var out []int
	for len(out) < qrChoice {
		if n := 10 + below(90); !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

// below is a random number below n, which is small.
func below(n int) int {
	b := make([]byte, 1)
	for {
		_, _ = rand.Read(b)
		if int(b[0]) < 256/n*n {
			return int(b[0]) % n
		}
	}
}

func (s *Service) qrOf(c Challenge) (QR, error) {
	var q QR
	if err := json.Unmarshal(c.Data, &q); err != nil {
		return q, fmt.Errorf("read QR: %w", err)
	}
	q.ExpiresAt = c.ExpiresAt
	switch {
	case !c.UsedAt.IsZero() && c.Answer != refused:
		q.State = QROver
	case c.Answer == refused:
		q.State = QRRefused
	case !s.Clock.Now().Before(c.ExpiresAt):
		q.State = QROver
	case c.Answer != "":
		q.State = QRConfirmed
	default:
		q.State = QRWaits
	}
	return q, nil
}

// challenge of a QR. It fails with errOver when there is none.
func (s *Service) qrChallenge(ctx context.Context, r Reader, id string) (Challenge, error) {
	c, err := r.Challenge(ctx, id)
	if fault.Of(err) == fault.NotFound || err == nil && c.Kind != ForQR {
		return c, errOver
	}
	return c, err
}

// QRShown is how far a QR has come, for the browser that shows it.
func (s *Service) QRShown(ctx context.Context, id string, b Browser) (QR, error) {
	c, err := s.qrChallenge(ctx, s.Store, id)
	if err != nil {
		return QR{}, err
	}
	if b.ID == "" || c.Browser != b.ID {
		return QR{}, errOver
	}
	return s.qrOf(c)
}

// ReadQR is what a holder confirms, on their own device. The number is not told: the holder
// picks it.
func (s *Service) ReadQR(ctx context.Context, in SignedIn, id string) (QR, error) {
	if err := Permissions.CanOwn(in.Actor(), SeeOwn, true); err != nil {
		return QR{}, err
	}
	c, err := s.qrChallenge(ctx, s.Store, id)
	if err != nil {
		return QR{}, err
	}
	q, err := s.qrOf(c)
	if err != nil {
		return QR{}, err
	}
	if q.State != QRWaits {
		return QR{}, errOver
	}
	q.Number = 0
	return q, nil
}

// PickQR takes the number that the holder sees on the other device and asks for a key that
// signs all of the QR. Another number ends it: somebody sent the QR on. It fails with Invalid
// at "number".
func (s *Service) PickQR(ctx context.Context, in SignedIn, id, number string, b Browser) (options []byte, state string, err error) {
	if err := Permissions.CanOwn(in.Actor(), SeeOwn, true); err != nil {
		return nil, "", err
	}
	c, err := s.qrChallenge(ctx, s.Store, id)
	if err != nil {
		return nil, "", err
	}
	q, err := s.qrOf(c)
	if err != nil {
		return nil, "", err
	}
	switch {
	case q.State != QRWaits:
		return nil, "", errOver
	case number == "":
		return nil, "", fault.New(fault.Invalid, "identity.qr.number", nil).At("number")
	case number != strconv.Itoa(q.Number):
		if err := s.RefuseQR(ctx, in, id, b); err != nil {
			return nil, "", err
		}
		return nil, "", fault.New(fault.Denied, "identity.qr.other_number", nil)
	}
	among, err := s.credentials(ctx, in.Account.ID)
	if err != nil {
		return nil, "", err
	}
	if len(among) == 0 {
		return nil, "", fault.New(fault.Denied, "identity.qr.no_device", nil)
	}
	options, raw, err := s.Keys.Ask(in.keys(), among, q.about())
	if err != nil {
		return nil, "", fmt.Errorf("ask for a key: %w", err)
	}
	state, err = s.seal("qr", b, keyState{State: raw, Account: in.Account.ID, QR: id}, qrLasts)
	return options, state, err
}

// RefuseQR ends a QR that the holder did not ask for.
func (s *Service) RefuseQR(ctx context.Context, in SignedIn, id string, b Browser) error {
	if err := Permissions.CanOwn(in.Actor(), SeeOwn, true); err != nil {
		return err
	}
	return s.Store.InTx(ctx, func(tx Tx) error {
		c, err := s.qrChallenge(ctx, tx, id)
		if err != nil {
			return err
		}
		if c.Answer != "" || !c.UsedAt.IsZero() {
			return errOver
		}
		c.Answer, c.UsedAt = refused, s.Clock.Now()
		if err := tx.SaveChallenge(ctx, c); err != nil {
			return err
		}
		return s.note(ctx, tx, in.Account, in.Actor(), b, "qr_refused", nil)
	})
}

// ConfirmQR lets the other device in, by the signature of the key at hand.
func (s *Service) ConfirmQR(ctx context.Context, in SignedIn, state string, answer []byte, b Browser) error {
	if err := Permissions.CanOwn(in.Actor(), SeeOwn, true); err != nil {
		return err
	}
	var held keyState
	it, err := s.unseal("qr", b, state, &held)
	if err != nil {
		return err
	}
	if held.Account != in.Account.ID {
		return errOver
	}
	d, key, err := s.checkKey(ctx, held, answer)
	if err != nil {
		return err
	}
	copied := false
	err = s.Store.InTx(ctx, func(tx Tx) error {
		if err := s.spend(ctx, tx, "qr", it); err != nil {
			return err
		}
		if copied, err = s.useKey(ctx, tx, in.Account, d.ID, key, b); err != nil || copied {
			return err
		}
		c, err := s.qrChallenge(ctx, tx, held.QR)
		if err != nil {
			return err
		}
		q, err := s.qrOf(c)
		if err != nil {
			return err
		}
		if q.State != QRWaits {
			return errOver
		}
		c.Account, c.Answer = in.Account.ID, d.ID
		if err := tx.SaveChallenge(ctx, c); err != nil {
			return err
		}
		return s.note(ctx, tx, in.Account, in.Actor(), b, "qr_confirmed", map[string]string{"site": q.Site.Vi, "origin": q.Origin, "shown": q.Address})
	})
	if err == nil && copied {
		return errCopied
	}
	return err
}

// TakeQR signs the browser in that shows a QR, once it was confirmed; once.
func (s *Service) TakeQR(ctx context.Context, id string, b Browser) (Entered, error) {
	var out Entered
	err := s.Store.InTx(ctx, func(tx Tx) error {
		c, err := s.qrChallenge(ctx, tx, id)
		if err != nil {
			return err
		}
		if b.ID == "" || c.Browser != b.ID {
			return errOver
		}
		q, err := s.qrOf(c)
		if err != nil {
			return err
		}
		if q.State != QRConfirmed {
			return errOver
		}
		d, err := tx.Device(ctx, c.Answer)
		if err != nil {
			return err
		}
		if !d.Open() || d.Account != c.Account {
			return errOver
		}
		a, err := tx.Account(ctx, c.Account)
		if err != nil {
			return err
		}
		c.UsedAt = s.Clock.Now()
		if err := tx.SaveChallenge(ctx, c); err != nil {
			return err
		}
		out, err = s.enter(ctx, tx, shown{account: a, methods: []Method{ByQR}, device: d.ID}, b)
		return err
	})
	return out, err
}
