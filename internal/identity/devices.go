package identity

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"dean06/internal/platform/fault"
)

const (
	devicesMost = 30
	keyLasts    = 5 * time.Minute // from the question to the answer of a key
	nameMost    = 60
)

// Keys makes and checks keys of devices (WebAuthn). Options and answers are what the browser
// takes and gives (JSON); state is what the one is held against the other by.
type Keys interface {
	// New asks for a new key. had are the credentials that the holder has.
	New(who KeyHolder, had [][]byte) (options, state []byte, err error)
	// Made reads a new key: its id, and the credential as Devices keep it.
	Made(who KeyHolder, state, answer []byte) (id, credential []byte, err error)
	// Ask asks for a key: any that is here when nobody is known, or one of some. about, if
	// there is any, is what the key signs: 32 bytes.
	Ask(who KeyHolder, among [][]byte, about []byte) (options, state []byte, err error)
	// Shown checks an answer. find gives the credential with an id, and whose it is. It gives
	// the credential with its counter counted on; copied says that the counter went back:
	// there are two keys of one name.
	Shown(state, answer []byte, find func(id []byte) (KeyHolder, []byte, error)) (key Shown, err error)
}

// KeyHolder is a holder as keys know them.
type KeyHolder struct {
	Account string // "" when nobody is known yet
	Name    string
}

// Shown is a key that was shown.
type Shown struct {
	ID         []byte
	Credential []byte
	Copied     bool
}

var errKey = fault.New(fault.Invalid, "identity.key.wrong", nil)

// keyState is what a browser holds while a key is asked for.
type keyState struct {
	State   []byte `json:"state"`
	Account string `json:"account,omitempty"`
	QR      string `json:"qr,omitempty"` // what it confirms
}

func (in SignedIn) keys() KeyHolder { return KeyHolder{in.Account.ID, in.Account.Value(FieldName)} }

// AskDevice asks the browser at hand for a key of its own. The state comes back with the
// answer to AddDevice.
func (s *Service) AskDevice(ctx context.Context, in SignedIn, b Browser) (options []byte, state string, err error) {
	if err := s.mayChange(ctx, s.Store, in); err != nil {
		return nil, "", err
	}
	had, err := s.credentials(ctx, in.Account.ID)
	if err != nil {
		return nil, "", err
	}
	options, raw, err := s.Keys.New(in.keys(), had)
	if err != nil {
		return nil, "", fmt.Errorf("ask for a new key: %w", err)
	}
	state, err = s.seal("device", b, keyState{State: raw, Account: in.Account.ID}, keyLasts)
	return options, state, err
}

// credentials of the open devices of an account.
func (s *Service) credentials(ctx context.Context, account string) ([][]byte, error) {
	list, err := s.Store.Devices(ctx, account)
	if err != nil {
		return nil, fmt.Errorf("devices of an account: %w", err)
	}
	var out [][]byte
	for _, d := range list {
		if d.Open() {
			out = append(out, d.Credential)
		}
	}
	return out, nil
}

// AddDevice adds a device with the key that it made. It fails with Invalid at "name", or when
// the key does not answer what was asked.
func (s *Service) AddDevice(ctx context.Context, in SignedIn, name, state string, answer []byte, b Browser) (Device, error) {
	name, err := deviceName(name)
	if err != nil {
		return Device{}, err
	}
	var held keyState
	it, err := s.unseal("device", b, state, &held)
	if err != nil {
		return Device{}, err
	}
	if held.Account != in.Account.ID {
		return Device{}, errOver
	}
	id, credential, err := s.Keys.Made(in.keys(), held.State, answer)
	if err != nil {
		return Device{}, errKey.Because(err)
	}
	d := Device{
		ID: s.NewID(), Account: in.Account.ID, Name: name, Key: id, Credential: credential, Agent: b.agent(), AddedAt: s.Clock.Now(),
	}
	err = s.change(ctx, in, b, "device_added", func(tx Tx) error {
		if err := s.spend(ctx, tx, "device", it); err != nil {
			return err
		}
		if _, err := tx.DeviceByKey(ctx, id); fault.Of(err) != fault.NotFound {
			return errors.Join(err, errKey)
		}
		list, err := tx.Devices(ctx, in.Account.ID)
		if err != nil {
			return err
		}
		if n := len(list) - closed(list); n >= devicesMost {
			return fault.New(fault.Conflict, "identity.devices.many", fault.Args{"most": devicesMost})
		}
		return tx.SaveDevice(ctx, d)
	})
	return d, err
}

func closed(list []Device) int {
	n := 0
	for _, d := range list {
		if !d.Open() {
			n++
		}
	}
	return n
}

func deviceName(name string) (string, error) {
	name = strings.Join(strings.Fields(name), " ")
	if n := utf8.RuneCountInString(name); n == 0 || n > nameMost || strings.ContainsFunc(name, unicode.IsControl) {
		return "", fault.New(fault.Invalid, "identity.devices.name", fault.Args{"most": nameMost}).At("name")
	}
	return name, nil
}

// own is an open device of a holder.
func (s *Service) own(ctx context.Context, r Reader, in SignedIn, id string) (Device, error) {
	d, err := r.Device(ctx, id)
	if err != nil {
		return d, err
	}
	if d.Account != in.Account.ID || !d.Open() {
		return d, ErrUnknown
	}
	return d, nil
}

// RenameDevice calls a device something else.
func (s *Service) RenameDevice(ctx context.Context, in SignedIn, id, name string, b Browser) error {
	name, err := deviceName(name)
	if err != nil {
		return err
	}
	if err := Permissions.CanOwn(in.Actor(), KeepOwn, true); err != nil {
		return err
	}
	return s.Store.InTx(ctx, func(tx Tx) error {
		d, err := s.own(ctx, tx, in, id)
		if err != nil || d.Name == name {
			return err
		}
		d.Name = name
		if err := tx.SaveDevice(ctx, d); err != nil {
			return err
		}
		return s.note(ctx, tx, in.Account, in.Actor(), b, "device_renamed", nil)
	})
}

// RemoveDevice closes a device and ends the sign-ins that its key made.
func (s *Service) RemoveDevice(ctx context.Context, in SignedIn, id string, b Browser) error {
	return s.change(ctx, in, b, "device_removed", func(tx Tx) error {
		d, err := s.own(ctx, tx, in, id)
		if err != nil {
			return err
		}
		if err := s.closeDevice(ctx, tx, d, "holder", in.Session.ID); err != nil {
			return err
		}
		return s.somethingLeft(ctx, tx, in.Account.ID)
	})
}

// closeDevice closes a device, and the sessions that rest on its key but one.
func (s *Service) closeDevice(ctx context.Context, tx Tx, d Device, by, but string) error {
	d.ClosedAt, d.ClosedBy = s.Clock.Now(), by
	if err := tx.SaveDevice(ctx, d); err != nil {
		return fmt.Errorf("close device: %w", err)
	}
	return s.EndSessions(ctx, tx, d.Account, func(v Session) bool { return v.Device == d.ID && v.ID != but })
}

// CloseDevices closes all devices of an account, who did it being "holder", "desk", "recovery"
// or "authority", with the sessions that rest on them. The caller tells the holder.
func (s *Service) CloseDevices(ctx context.Context, tx Tx, account, by string) error {
	list, err := tx.Devices(ctx, account)
	if err != nil {
		return fmt.Errorf("devices of an account: %w", err)
	}
	for _, d := range slices.DeleteFunc(list, func(d Device) bool { return !d.Open() }) {
		if err := s.closeDevice(ctx, tx, d, by, ""); err != nil {
			return err
		}
	}
	return nil
}

// AskKey asks whoever is at the browser for a key. Nothing is kept of it here.
func (s *Service) AskKey(b Browser) (options []byte, state string, err error) {
	options, raw, err := s.Keys.Ask(KeyHolder{}, nil, nil)
	if err != nil {
		return nil, "", fmt.Errorf("ask for a key: %w", err)
	}
	state, err = s.seal("key", b, keyState{State: raw}, keyLasts)
	return options, state, err
}

// CheckKey signs in with a key. It fails with Invalid when the key answers something else or
// is nobody's, Denied when the account is suspended or closed.
func (s *Service) CheckKey(ctx context.Context, state string, answer []byte, b Browser) (Entered, error) {
	var held keyState
	it, err := s.unseal("key", b, state, &held)
	if err != nil {
		return Entered{}, err
	}
	d, key, err := s.checkKey(ctx, held, answer)
	if err != nil {
		return Entered{}, err
	}
	a, err := s.Store.Account(ctx, d.Account)
	if err != nil {
		return Entered{}, fmt.Errorf("account of a key: %w", err)
	}
	var out Entered
	err = s.Store.InTx(ctx, func(tx Tx) error {
		if err := s.spend(ctx, tx, "key", it); err != nil {
			return err
		}
		copied, err := s.useKey(ctx, tx, a, d.ID, key, b)
		if err != nil || copied {
			return err
		}
		out, err = s.enter(ctx, tx, shown{account: a, methods: []Method{ByKey}, device: d.ID}, b)
		return err
	})
	switch {
	case err != nil:
		return Entered{}, err
	case out.Token == "":
		return Entered{}, errCopied
	}
	return out, nil
}

var errCopied = fault.New(fault.Denied, "identity.key.copied", nil)

// checkKey finds the device whose key answers.
func (s *Service) checkKey(ctx context.Context, held keyState, answer []byte) (Device, Shown, error) {
	var d Device
	key, err := s.Keys.Shown(held.State, answer, func(id []byte) (KeyHolder, []byte, error) {
		var err error
		if d, err = s.Store.DeviceByKey(ctx, id); err != nil {
			return KeyHolder{}, nil, err
		}
		if !d.Open() || held.Account != "" && d.Account != held.Account {
			return KeyHolder{}, nil, ErrUnknown
		}
		return KeyHolder{Account: d.Account}, d.Credential, nil
	})
	if err != nil {
		if f := fault.As(err); f != nil && f.Kind != fault.NotFound || errors.Is(err, context.Canceled) {
			return d, key, err
		}
		return d, key, errKey.Because(err)
	}
	return d, key, nil
}

// useKey counts a key on. A counter that went back says that somebody made a copy of the key:
// the device is closed, and its holder told.
func (s *Service) useKey(ctx context.Context, tx Tx, a Account, id string, key Shown, b Browser) (copied bool, err error) {
	d, err := tx.Device(ctx, id)
	if err != nil {
		return false, err
	}
	if !d.Open() {
		return false, errKey
	}
	if key.Copied {
		if err := s.closeDevice(ctx, tx, d, "authority", ""); err != nil {
			return true, err
		}
		if err := s.tell(ctx, tx, a, "identity.letter.key_copied", map[string]string{"when": s.when()}); err != nil {
			return true, err
		}
		return true, s.note(ctx, tx, a, Stranger, b, "key_copied", nil)
	}
	d.Credential, d.UsedAt = key.Credential, s.Clock.Now()
	return false, tx.SaveDevice(ctx, d)
}
