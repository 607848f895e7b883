package mail_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/jobs"
	pmail "dean06/internal/platform/mail"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
)

var (
	board  = pmail.Address{Name: "Tổ công tác Đề án 06", Addr: "totruong@example.vn"}
	letter = pmail.Message{
		To:      []pmail.Address{{Name: "Nguyễn Văn Mẫu", Addr: "mau@example.vn"}},
		Subject: "Nhắc gửi phụ lục công văn 488 trước ngày 28/02/2023", Text: "Kính gửi ông Mẫu,\n…\n", HTML: "<p>Kính gửi ông Mẫu,</p>",
		Attachments: []pmail.Attachment{{
			Name: "Phụ lục.docx", Type: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
			Data: []byte("PK"),
		}},
	}
)

func TestHeaderInjectionIsRefused(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*pmail.Message){
		"subject":    func(m *pmail.Message) { m.Subject += "\r\nBcc: x@example.vn" },
		"no subject": func(m *pmail.Message) { m.Subject = "  " },
		"name":       func(m *pmail.Message) { m.To = []pmail.Address{{Name: "x\nBcc: y", Addr: "a@b.vn"}} },
		"address":    func(m *pmail.Message) { m.To = []pmail.Address{{Addr: "a@b.vn\nBcc: c@d.vn"}} },
		"nobody":     func(m *pmail.Message) { m.To = nil },
		"file":       func(m *pmail.Message) { m.Attachments = []pmail.Attachment{{Name: "../x"}} },
		"file type":  func(m *pmail.Message) { m.Attachments = []pmail.Attachment{{Name: "x", Type: "a/b\nX: y"}} },
		"size":       func(m *pmail.Message) { m.Attachments = []pmail.Attachment{{Name: "x", Data: make([]byte, 11<<20)}} },
	} {
		m := letter
		change(&m)
		if err := m.Check(); fault.Of(err) != fault.Invalid {
			t.Errorf("%s: %v, want Invalid", name, err)
		}
		if err := (pmail.Folder{Dir: t.TempDir(), From: board}).Send(t.Context(), "1", m); err == nil {
			t.Errorf("%s: was sent", name)
		}
	}
}

// TestThroughTheOutbox follows a letter from a transaction to its file.
func TestThroughTheOutbox(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		if err := jobs.Migrate(t.Context(), db); err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		boom := errors.New("boom")
		_ = db.InTx(t.Context(), func(tx *sqldb.Tx) error { return errors.Join(pmail.Queue(t.Context(), tx, letter), boom) })
		if err := pmail.Queue(t.Context(), db, letter); err != nil {
			t.Fatal(err)
		}
		kind, h := pmail.Handler(pmail.Folder{Dir: dir, From: board})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		ended := make(chan error)
		go func() {
			ended <- (&jobs.Runner{DB: db, Poll: 5 * time.Millisecond, Handlers: map[string]jobs.Handler{kind: h}}).Run(ctx)
		}()
		var files []string
		for len(files) == 0 && ctx.Err() == nil {
			time.Sleep(5 * time.Millisecond)
			files, _ = filepath.Glob(filepath.Join(dir, "*.eml"))
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if len(files) != 1 {
			t.Fatalf("files: %v", files)
		}
		checkLetter(t, files[0])
	})
}

func checkLetter(t *testing.T, path string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m, err := mail.ReadMessage(f)
	if err != nil {
		t.Fatal(err)
	}
	dec := new(mime.WordDecoder)
	subject, err := dec.DecodeHeader(m.Header.Get("Subject"))
	if err != nil || subject != letter.Subject {
		t.Errorf("subject = %q, %v", subject, err)
	}
	from, err := m.Header.AddressList("From")
	if err != nil || from[0].Name != board.Name || from[0].Address != board.Addr {
		t.Errorf("from = %v, %v", from, err)
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	mr := multipart.NewReader(m.Body, params["boundary"])
	var parts []string
	for {
		p, err := mr.NextPart()
		if err != nil {
			break
		}
		name, _ := dec.DecodeHeader(p.FileName())
		parts = append(parts, strings.Split(p.Header.Get("Content-Type"), ";")[0]+" "+name)
	}
	want := []string{"multipart/alternative ", letter.Attachments[0].Type + " Phụ lục.docx"}
	if strings.Join(parts, "|") != strings.Join(want, "|") {
		t.Errorf("parts = %q, want %q", parts, want)
	}
}

// server is as much of SMTP as one letter needs; it answers RCPT as told.
func server(t *testing.T, rcpt string) (port int, got <-chan string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	out := make(chan string, 1)
	go func() {
		conn, err := ln.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		say := func(s string) { _, _ = io.WriteString(conn, s+"\r\n") }
		say("220 test")
		var data strings.Builder
		in := bufio.NewScanner(conn)
		for body := false; in.Scan(); {
			line := in.Text()
			switch {
			case body && line == ".":
				body = false
				out <- data.String()
				say("250 ok")
			case body:
				data.WriteString(line + "\n")
			case strings.HasPrefix(line, "EHLO"):
				say("250 test")
			case strings.HasPrefix(line, "RCPT"):
				say(rcpt)
			case line == "DATA":
				body = true
				say("354 go on")
			case line == "QUIT":
				say("221 bye")
				return
			default:
				say("250 ok")
			}
		}
	}()
	return ln.Addr().(*net.TCPAddr).Port, out
}

func TestSMTP(t *testing.T) {
	t.Parallel()
	send := func(rcpt string, tls pmail.TLS) (<-chan string, error) {
		port, got := server(t, rcpt)
		return got, pmail.SMTP{Host: "127.0.0.1", Port: port, TLS: tls, From: board, Timeout: 5 * time.Second}.Send(t.Context(), "id1", letter)
	}
	got, err := send("250 ok", pmail.None)
	if err != nil {
		t.Fatal(err)
	}
	if body := <-got; !strings.Contains(body, "Message-ID: <id1@example.vn>") || !strings.Contains(body, "Auto-Submitted: auto-generated") {
		t.Errorf("letter:\n%s", body)
	}
	if _, err := send("550 no such user", pmail.None); !jobs.IsPermanent(err) {
		t.Errorf("refused for good: %v (%T)", err, err)
	}
	if _, err := send("451 later", pmail.None); err == nil || jobs.IsPermanent(err) {
		t.Errorf("refused for now: %v (%T)", err, err)
	}
	if _, err := send("250 ok", pmail.Required); err == nil {
		t.Error("a letter went out without TLS")
	}
}

func TestMessages(t *testing.T) {
	t.Parallel()
	c, err := i18n.Load(pmail.Messages)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"address.wrong", "no_recipient", "subject.wrong", "attachment.name", "too_large"} {
		if !c.Has("mail." + key) {
			t.Errorf("no message mail.%s", key)
		}
	}
}
