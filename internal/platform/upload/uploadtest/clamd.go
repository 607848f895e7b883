package uploadtest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
)

// EICAR is the file that every scanner finds although it does no harm.
const EICAR = `X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-` + `ANTIVIRUS-TEST-FILE!$H+H*`

// Manner is how a stand-in answers.
type Manner int32

// The manners.
const (
	Normal  Manner = iota
	Silent         // takes everything and says nothing
	Garbage        // says what no clamd does
	Closing        // closes at once
	Half           // breaks off in the middle of its answer
	Limited        // takes 64 KB, says that this is enough, and closes
)

// Clamd is a stand-in that speaks clamd's protocol (zPING, zINSTREAM).
type Clamd struct {
	Scans  atomic.Int64 // files that were sent whole
	manner atomic.Int32
	ln     net.Listener
	wg     sync.WaitGroup
	mu     sync.Mutex
	open   map[net.Conn]bool
}

// StartClamd listens: "tcp", "127.0.0.1:0" or "unix", a path.
func StartClamd(network, address string) (*Clamd, error) {
	ln, err := (&net.ListenConfig{}).Listen(context.Background(), network, address)
	if err != nil {
		return nil, err
	}
	c := &Clamd{ln: ln, open: map[net.Conn]bool{}}
	c.wg.Go(func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			c.mu.Lock()
			c.open[conn] = true
			c.mu.Unlock()
			c.wg.Go(func() { c.serve(conn) })
		}
	})
	return c, nil
}

// Address is where it listens.
func (c *Clamd) Address() string { return c.ln.Addr().String() }

// Set changes its manner.
func (c *Clamd) Set(m Manner) { c.manner.Store(int32(m)) }

// Close ends it, also what is under way.
func (c *Clamd) Close() {
	_ = c.ln.Close()
	c.mu.Lock()
	for conn := range c.open {
		_ = conn.Close()
	}
	c.mu.Unlock()
	c.wg.Wait()
}

func (c *Clamd) serve(conn net.Conn) {
	defer conn.Close()
	manner := Manner(c.manner.Load())
	if manner == Closing {
		return
	}
	r := bufio.NewReader(conn)
	command, err := r.ReadString(0)
	if err != nil {
		return
	}
	say := func(text string) { _, _ = io.WriteString(conn, text) }
	switch {
	case manner == Silent:
		_, _ = io.Copy(io.Discard, r)
	case command == "zPING\x00":
		say(map[bool]string{true: "PONG\x00", false: "hello\x00"}[manner != Garbage])
	case command == "zINSTREAM\x00":
		file, err := pieces(r, manner == Limited)
		switch {
		case errors.Is(err, errEnough):
			say("INSTREAM size limit exceeded. ERROR\x00")
		case err != nil:
		case manner == Garbage:
			c.Scans.Add(1)
			say("stream: perhaps\x00")
		case manner == Half:
			say("stream: O")
		case bytes.Contains(file, []byte(EICAR)):
			c.Scans.Add(1)
			say("stream: Eicar-Test-Signature FOUND\x00")
		default:
			c.Scans.Add(1)
			say("stream: OK\x00")
		}
	default:
		say("UNKNOWN COMMAND\x00")
	}
}

var errEnough = errors.New("enough")

func pieces(r io.Reader, limited bool) ([]byte, error) {
	var file []byte
	for {
		var size [4]byte
		if _, err := io.ReadFull(r, size[:]); err != nil {
			return nil, err
		}
		n := binary.BigEndian.Uint32(size[:])
		switch {
		case n == 0:
			return file, nil
		case limited && len(file)+int(n) > 64<<10:
			return nil, errEnough
		}
		part := make([]byte, n)
		if _, err := io.ReadFull(r, part); err != nil {
			return nil, err
		}
		file = append(file, part...)
	}
}
