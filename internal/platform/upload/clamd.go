package upload

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"dean06/internal/platform/fault"
)

// Clamd asks a clamd (ClamAV's scanner) whether a file holds a virus, by its command
// INSTREAM. Whatever it says that is neither "OK" nor "FOUND" means that nothing is known.
type Clamd struct {
	Network, Address string        // "tcp", "127.0.0.1:3310"; "unix", "/run/clamav/clamd.ctl"
	Wait             time.Duration // for one file; 0 is two minutes
}

// ParseScanner reads a setting: "tcp:HOST:PORT", "unix:/PATH"; "" is no scanner.
func ParseScanner(setting string) (Scanner, error) {
	network, address, _ := strings.Cut(setting, ":")
	switch {
	case setting == "":
		return nil, nil //nolint:nilnil // none is set
	case network == "unix" && strings.HasPrefix(address, "/"):
		return &Clamd{Network: network, Address: address}, nil
	case network == "tcp":
		if host, port, err := net.SplitHostPort(address); err == nil && host != "" && port != "" {
			return &Clamd{Network: network, Address: address}, nil
		}
	}
	return nil, fmt.Errorf("scanner %q: want tcp:HOST:PORT or unix:/PATH", setting)
}

const (
	clamdChunk  = 64 << 10
	clamdAnswer = 4 << 10 // longer than any name of a virus
	clamdDial   = 5 * time.Second
	clamdFile   = 2 * time.Minute
)

// Scan sends the file. It fails with Unavailable when the scanner is away, slow or not
// understood, TooLarge when the file is larger than it takes.
func (c *Clamd) Scan(ctx context.Context, r io.Reader) (virus string, err error) {
	answer, err := c.ask(ctx, "zINSTREAM\x00", r)
	if err != nil {
		return "", ErrAway.Because(err)
	}
	text, ok := strings.CutPrefix(answer, "stream: ")
	switch name, found := strings.CutSuffix(text, " FOUND"); {
	case ok && text == "OK":
		return "", nil
	case ok && found && name != "":
		return name, nil
	case strings.Contains(answer, "size limit exceeded"):
		return "", fault.New(fault.TooLarge, "upload.scanner.limit", nil).Because(errors.New(answer))
	}
	return "", ErrAway.Because(fmt.Errorf("clamd answers %q", answer))
}

// Ping asks whether it is there.
func (c *Clamd) Ping(ctx context.Context) error {
	answer, err := c.ask(ctx, "zPING\x00", nil)
	if err == nil && answer != "PONG" {
		err = fmt.Errorf("clamd answers %q", answer)
	}
	return err
}

// ask sends a command, with r in pieces after it, and reads the answer.
func (c *Clamd) ask(ctx context.Context, command string, r io.Reader) (string, error) {
	wait := c.Wait
	if wait <= 0 {
		wait = clamdFile
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	conn, err := (&net.Dialer{Timeout: clamdDial}).DialContext(ctx, c.Network, c.Address)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })()
	_, sent := conn.Write([]byte(command))
	if sent == nil && r != nil {
		sent, err = sendPieces(conn, r)
		if err != nil {
			return "", fmt.Errorf("read the file: %w", err)
		}
	}
	// Who has had enough says so and closes: the answer counts, whatever became of the rest.
	raw, err := io.ReadAll(io.LimitReader(conn, clamdAnswer))
	answer, _, whole := bytes.Cut(raw, []byte{0})
	switch {
	case whole:
		return strings.TrimSpace(string(answer)), nil
	case ctx.Err() != nil:
		return "", ctx.Err()
	case sent != nil:
		return "", sent
	case err == nil:
		err = fmt.Errorf("clamd breaks off: %q", raw)
	}
	return "", err
}

// sendPieces writes each piece with its length before it, and a piece of none at the end.
func sendPieces(w io.Writer, r io.Reader) (sent, read error) {
	buf := make([]byte, 4+clamdChunk)
	for {
		n, err := io.ReadFull(r, buf[4:])
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, err
		}
		binary.BigEndian.PutUint32(buf, uint32(n)) //nolint:gosec // at most clamdChunk
		if _, werr := w.Write(buf[:4+n]); werr != nil {
			return werr, nil
		}
		if n == 0 {
			return nil, nil
		}
		if err != nil {
			binary.BigEndian.PutUint32(buf, 0)
			_, werr := w.Write(buf[:4])
			return werr, nil
		}
	}
}
