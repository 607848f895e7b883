// Package mail sends letters by e-mail: through an SMTP server, or into a folder
// of .eml files where a demo or a test can read them. Letters are put into the
// outbox in the caller's transaction, so that a letter is sent when what it
// tells has happened, and only then.
//
// It writes no letters and keeps no lists of people.
package mail

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"dean06/internal/platform/mail/mailaddress"

	gomail "github.com/wneessen/go-mail"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/outbox"
	"dean06/internal/platform/sqldb"
)

//go:embed messages/*.json
var messages embed.FS

// Messages are the texts of this package.
var Messages, _ = fs.Sub(messages, "messages")

// Address is a mailbox and whose it is.
type Address struct {
	Name string `json:"name,omitempty"`
	Addr string `json:"addr"`
}

// Message is one letter. Text is always there; HTML may say the same in a nicer form.
type Message struct {
	To          []Address    `json:"to"`
	Subject     string       `json:"subject"`
	Text        string       `json:"text"`
	HTML        string       `json:"html,omitempty"`
	Attachments []Attachment `json:"attachments,omitempty"`
}

// Attachment is a file in a letter.
type Attachment struct {
	Name string `json:"name"`
	Type string `json:"type"` // media type
	Data []byte `json:"data"`
}

// MaxAttachments is how large the files of a letter may be together.
const MaxAttachments = 10 << 20

// Check says whether the letter can be sent as it is. It fails with a list of
// Invalid: above all a line end in a header, by which somebody could add headers.
func (m Message) Check() error {
	var faults fault.List
	bad := func(key string, args fault.Args) {
		faults = append(faults, fault.New(fault.Invalid, "mail."+key, args))
	}
	if len(m.To) == 0 {
		bad("no_recipient", nil)
	}
	for _, to := range m.To {
		if _, err := mailaddress.Parse(to.Addr); err != nil || !oneLine(to.Name) {
			bad("address.wrong", fault.Args{"address": to.Addr})
		}
	}
	if strings.TrimSpace(m.Subject) == "" || !oneLine(m.Subject) {
		bad("subject.wrong", nil)
	}
	size := 0
	for _, a := range m.Attachments {
		size += len(a.Data)
		if a.Name == "" || !oneLine(a.Name) || !oneLine(a.Type) || filepath.Base(a.Name) != a.Name {
			bad("attachment.name", fault.Args{"name": a.Name})
		}
	}
	if size > MaxAttachments {
		bad("too_large", fault.Args{"megabytes": MaxAttachments >> 20})
	}
	return faults.Err()
}

func oneLine(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

const topic = "mail"

// Queue puts a letter into the outbox in the caller's transaction. It fails with Invalid.
func Queue(ctx context.Context, q sqldb.Queryer, m Message) error {
	if err := m.Check(); err != nil {
		return err
	}
	if _, err := outbox.Put(ctx, q, topic, "", m); err != nil {
		return fmt.Errorf("queue letter: %w", err)
	}
	return nil
}

// Sender hands a letter over. id names the letter, so that a repetition is seen as one.
type Sender interface {
	Send(ctx context.Context, id string, m Message) error
}

// Handler is the job handler that delivers what Queue put into the outbox.
func Handler(s Sender) (kind string, h jobs.Handler) {
	return outbox.Kind(topic), outbox.Handler(topic, func(ctx context.Context, o outbox.Message) error {
		var m Message
		if err := json.Unmarshal(o.Payload, &m); err != nil {
			return jobs.Permanent(err)
		}
		return s.Send(ctx, o.ID, m)
	})
}

// Folder writes each letter as a file that mail programmes open.
type Folder struct {
	Dir  string
	From Address
}

// Send writes id.eml; the same letter sent again replaces it.
func (f Folder) Send(_ context.Context, id string, m Message) error {
	msg, err := build(f.From, id, m, clock.System{}.Now())
	if err != nil {
		return err
	}
	var buf bytes.Buffer
	if _, err := msg.WriteTo(&buf); err != nil {
		return fmt.Errorf("write letter %s: %w", id, err)
	}
	if err := os.MkdirAll(f.Dir, 0o700); err != nil {
		return fmt.Errorf("write letter %s: %w", id, err)
	}
	if err := os.WriteFile(filepath.Join(f.Dir, filepath.Base(id)+".eml"), buf.Bytes(), 0o600); err != nil {
		return fmt.Errorf("write letter %s: %w", id, err)
	}
	return nil
}

// TLS says how the connection to the server is protected.
type TLS string

// The ways. Required is the default: a letter may name people.
const (
	Required      TLS = "required"      // STARTTLS, or nothing is sent
	Implicit      TLS = "implicit"      // TLS from the first byte (port 465)
	Opportunistic TLS = "opportunistic" // STARTTLS when the server offers it
	None          TLS = "none"          // for a relay on the same machine only
)

// SMTP hands letters to a mail server.
type SMTP struct {
	Host     string
	Port     int // 587 when zero, 465 for Implicit
	User     string
	Password string
	TLS      TLS
	From     Address
	Timeout  time.Duration // 30 seconds when zero
}

// Send gives the letter to the server. What the server refuses for good (5xx,
// RFC 5321 section 4.2.1) is not tried again.
func (s SMTP) Send(ctx context.Context, id string, m Message) error {
	msg, err := build(s.From, id, m, clock.System{}.Now())
	if err != nil {
		return err
	}
	client, err := gomail.NewClient(s.Host, s.options()...)
	if err != nil {
		return fmt.Errorf("send letter %s: %w", id, err)
	}
	err = client.DialAndSendWithContext(ctx, msg)
	if err == nil {
		return nil
	}
	err = fmt.Errorf("send letter %s: %w", id, err)
	var refused *gomail.SendError
	if errors.As(err, &refused) && !refused.IsTemp() && refused.ErrorCode() >= 500 {
		return jobs.Permanent(err)
	}
	return err
}

func (s SMTP) options() []gomail.Option {
	timeout := s.Timeout
	if timeout == 0 {
		timeout = 30 * time.Second
	}
	o := []gomail.Option{gomail.WithTimeout(timeout)}
	port := 587
	switch s.TLS {
	case Implicit:
		port = 465
		o = append(o, gomail.WithSSL())
	case Opportunistic:
		o = append(o, gomail.WithTLSPolicy(gomail.TLSOpportunistic))
	case None:
		o = append(o, gomail.WithTLSPolicy(gomail.NoTLS))
	default:
		o = append(o, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if s.Port != 0 {
		port = s.Port
	}
	o = append(o, gomail.WithPort(port))
	if s.User != "" {
		o = append(o, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(s.User), gomail.WithPassword(s.Password))
	}
	return o
}

func build(from Address, id string, m Message, at time.Time) (*gomail.Msg, error) {
	if err := m.Check(); err != nil {
		return nil, jobs.Permanent(err)
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := msg.FromFormat(from.Name, from.Addr); err != nil {
		return nil, fmt.Errorf("sender of letter %s: %w", id, err)
	}
	for _, to := range m.To {
		if err := msg.AddToFormat(to.Name, strings.TrimSpace(to.Addr)); err != nil {
			return nil, jobs.Permanent(fmt.Errorf("recipient of letter %s: %w", id, err))
		}
	}
	_, host, _ := strings.Cut(from.Addr, "@")
	msg.SetMessageIDWithValue(id + "@" + host)
	msg.SetDateWithValue(at)
	msg.Subject(m.Subject)
	// Programmes that answer letters should leave these alone (RFC 3834).
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
	for _, a := range m.Attachments {
		kind := a.Type
		if kind == "" {
			kind = "application/octet-stream"
		}
		if err := msg.AttachReader(a.Name, bytes.NewReader(a.Data), gomail.WithFileContentType(gomail.ContentType(kind))); err != nil {
			return nil, fmt.Errorf("attachment of letter %s: %w", id, err)
		}
	}
	return msg, nil
}
