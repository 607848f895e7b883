package provider

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"dean06/internal/identity"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/oauth"
)

// The life of a key: it is published before it signs, so that whoever keeps a copy of the
// set has it, and stays published after it, until no token that it signed is used.
const (
	keyLife   = 90 * 24 * time.Hour
	keyLead   = 7 * 24 * time.Hour
	keyAfter  = 7 * 24 * time.Hour
	keyHurry  = time.Hour        // the lead when somebody asks for a new key now
	setKept   = 15 * time.Minute // how long others may keep a copy of the set
	ringKept  = time.Minute      // how long we keep our copy of the ring
	ringAbout = "identity ring"
)

// ring is what the provider signs with, and the secrets by which subjects and nonces are
// made. All processes of the node share it by the database, where it lies sealed.
type ring struct {
	Pairwise []byte    `json:"pairwise"`
	Nonces   []byte    `json:"nonces"`
	Keys     []ringKey `json:"keys"`

	version int64
	readAt  time.Time
}

type ringKey struct {
	Alg   string    `json:"alg"`
	DER   []byte    `json:"der"`
	Made  time.Time `json:"made"`
	Signs time.Time `json:"signs"` // from when
	Until time.Time `json:"until"` // published; zero: until a next one signs
	key   oauth.Key
}

func newRing(now time.Time) (*ring, error) {
	r := &ring{Pairwise: random(), Nonces: random()}
	for _, alg := range oauth.OurAlgs {
		if err := r.add(alg, now, now); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func random() []byte {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails
	return b
}

func (r *ring) add(alg string, made, signs time.Time) error {
	k, err := oauth.NewKey(alg)
	if err != nil {
		return err
	}
	der, err := k.Marshal()
	if err != nil {
		return err
	}
	r.Keys = append(r.Keys, ringKey{Alg: alg, DER: der, Made: made, Signs: signs, key: k})
	return nil
}

// newest is the key of an algorithm that signs last, among those that a test lets through.
func (r *ring) newest(alg string, test func(ringKey) bool) *ringKey {
	var best *ringKey
	for i := range r.Keys {
		if k := &r.Keys[i]; k.Alg == alg && test(*k) && (best == nil || k.Signs.After(best.Signs)) {
			best = k
		}
	}
	return best
}

// signer is the key that signs at a moment.
func (r *ring) signer(alg string, now time.Time) (oauth.Key, error) {
	k := r.newest(alg, func(k ringKey) bool { return !now.Before(k.Signs) })
	if k == nil {
		return oauth.Key{}, fmt.Errorf("no key signs with %s", alg)
	}
	return k.key, nil
}

// published are the keys that others verify with.
func (r *ring) published(now time.Time) oauth.Keys {
	var out oauth.Keys
	for _, k := range r.Keys {
		if k.Until.IsZero() || now.Before(k.Until) {
			out = append(out, k.key.Public())
		}
	}
	return out
}

// turn does what is due: makes the next key, says of the last one until when it stays, and
// takes away what nobody needs. changed says that it did something.
func (r *ring) turn(now time.Time) (changed bool, err error) {
	for _, alg := range oauth.OurAlgs {
		last := r.newest(alg, func(ringKey) bool { return true })
		if last == nil || now.Before(last.Signs.Add(keyLife-keyLead)) {
			continue
		}
		signs := last.Signs.Add(keyLife)
		if earliest := now.Add(keyLead); signs.Before(earliest) { // the node stood still for long
			signs = earliest
		}
		if err := r.next(alg, now, signs); err != nil {
			return false, err
		}
		changed = true
	}
	n := len(r.Keys)
	r.Keys = slices.DeleteFunc(r.Keys, func(k ringKey) bool { return !k.Until.IsZero() && !now.Before(k.Until) })
	return changed || len(r.Keys) != n, nil
}

// next adds a key that signs from then on.
func (r *ring) next(alg string, now, signs time.Time) error {
	for i := range r.Keys {
		k := &r.Keys[i]
		if until := signs.Add(keyAfter); k.Alg == alg && (k.Until.IsZero() || k.Until.After(until)) {
			k.Until = until
		}
	}
	return r.add(alg, now, signs)
}

// subject is how a client's sector knows an account (OpenID Connect Core, 8.1).
func (r *ring) subject(c identity.Client, account string) string {
	if c.Subject == identity.Public {
		return account
	}
	m := hmac.New(sha256.New, r.Pairwise)
	m.Write([]byte(c.SectorOf() + "\x00" + account))
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil))
}

func (r *ring) nonces() oauth.Nonces { return oauth.Nonces{Secret: r.Nonces} }

// theRing is the ring as it is, not older than a minute: less than the lead of any key.
func (p *Provider) theRing(ctx context.Context) (*ring, error) {
	now := p.Service.Clock.Now()
	p.ringMu.Lock()
	defer p.ringMu.Unlock()
	if r := p.ringNow; r != nil && now.Sub(r.readAt).Abs() < ringKept {
		return r, nil
	}
	r, err := p.readRing(ctx, p.Service.Store)
	if err == nil && r == nil {
		r, err = p.firstRing(ctx, now)
	}
	if err != nil {
		if p.ringNow != nil { // the store is away for a moment: what signed before signs on
			return p.ringNow, nil
		}
		return nil, err
	}
	r.readAt = now
	p.ringNow = r
	return r, nil
}

func (p *Provider) readRing(ctx context.Context, in identity.Reader) (*ring, error) {
	sealed, version, err := in.Ring(ctx)
	if err != nil || version == 0 {
		return nil, err
	}
	plain, err := p.Service.Sealer.Open(sealed, []byte(ringAbout))
	if err != nil {
		return nil, fmt.Errorf("open the ring of keys: %w", err)
	}
	r := &ring{version: version}
	if err := json.Unmarshal(plain, r); err != nil {
		return nil, fmt.Errorf("read the ring of keys: %w", err)
	}
	for i := range r.Keys {
		k := &r.Keys[i]
		if k.key, err = oauth.KeyFrom(k.Alg, k.DER); err != nil {
			return nil, fmt.Errorf("read the ring of keys: %w", err)
		}
	}
	return r, nil
}

func (p *Provider) saveRing(ctx context.Context, tx identity.Tx, r *ring) error {
	plain, err := json.Marshal(r)
	if err != nil {
		return err
	}
	sealed, err := p.Service.Sealer.Seal(plain, []byte(ringAbout))
	if err != nil {
		return fmt.Errorf("seal the ring of keys: %w", err)
	}
	return tx.SaveRing(ctx, sealed, r.version)
}

// firstRing makes one, or takes that of another process which was faster.
func (p *Provider) firstRing(ctx context.Context, now time.Time) (*ring, error) {
	first, err := newRing(now)
	if err != nil {
		return nil, err
	}
	err = p.Service.Store.InTx(ctx, func(tx identity.Tx) error { return p.saveRing(ctx, tx, first) })
	if err != nil && fault.Of(err) != fault.Conflict {
		return nil, err
	}
	return p.readRing(ctx, p.Service.Store)
}

// TurnKeys does what is due with the keys that sign. It is called daily; hurry makes new
// ones that sign in an hour, for the day when a key may have become known. Of two that do it
// at once one does, and the other finds it done.
func (p *Provider) TurnKeys(ctx context.Context, hurry bool) error {
	if _, err := p.theRing(ctx); err != nil { // there is one
		return err
	}
	r, err := p.readRing(ctx, p.Service.Store)
	if err != nil {
		return fmt.Errorf("turn the keys: %w", err)
	}
	now := p.Service.Clock.Now()
	changed, err := r.turn(now)
	if err != nil {
		return err
	}
	for _, alg := range oauth.OurAlgs {
		soon := r.newest(alg, func(k ringKey) bool { return k.Signs.After(now) && !k.Signs.After(now.Add(keyHurry)) })
		if !hurry || soon != nil {
			continue
		}
		r.Keys = slices.DeleteFunc(r.Keys, func(k ringKey) bool { return k.Alg == alg && k.Signs.After(now) }) // never signed
		if err := r.next(alg, now, now.Add(keyHurry)); err != nil {
			return err
		}
		changed = true
	}
	if !changed {
		return nil
	}
	err = p.Service.Store.InTx(ctx, func(tx identity.Tx) error { return p.saveRing(ctx, tx, r) })
	if err != nil && fault.Of(err) != fault.Conflict {
		return fmt.Errorf("turn the keys: %w", err)
	}
	p.ringMu.Lock()
	defer p.ringMu.Unlock()
	p.ringNow = nil
	return nil
}
