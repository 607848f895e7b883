package upload

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"encoding/ascii85"
	"encoding/hex"
	"errors"
	"io"
)

// untilEnd gives the bytes of a stream up to the word that ends it, and takes that too.
type untilEnd struct {
	r    *bufio.Reader
	done bool
	err  error
}

var endStream = []byte("endstream")

func (u *untilEnd) Read(p []byte) (int, error) {
	if u.done || u.err != nil {
		return 0, u.end()
	}
	part, err := u.r.Peek(min(max(len(p), len(endStream)), 32<<10))
	if len(part) == 0 {
		u.err = err
		return 0, u.end()
	}
	n := len(part)
	if i := bytes.Index(part, endStream); i >= 0 {
		n, u.done = i, true
	} else if err == nil {
		n -= len(endStream) - 1 // it may begin in the last of them
	}
	if n > len(p) {
		n, u.done = len(p), false
	}
	copy(p, part[:n])
	if _, err := u.r.Discard(n); err != nil {
		return 0, err
	}
	if u.done {
		_, err := u.r.Discard(len(endStream))
		return n, err
	}
	return n, nil
}

func (u *untilEnd) end() error {
	if u.done || u.err == nil {
		return io.EOF
	}
	return u.err
}

// bounded fails when more is unpacked than may be.
type bounded struct {
	r    io.Reader
	left *int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if *b.left <= 0 {
		return 0, errBomb
	}
	n, err := b.r.Read(p)
	*b.left -= int64(n)
	if errors.Is(err, zlib.ErrChecksum) { // viewers do not mind
		err = io.EOF
	}
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, errBomb) {
		err = errNoPart
	}
	return n, err
}

// unpack undoes the filters that a stream names, in their order. It fails when there is
// one that hides what is in it.
func unpack(r io.Reader, words []string) (io.Reader, error) {
	named, filters := 0, 0
	for _, w := range words {
		switch w {
		case "Filter":
			named++
			continue
		case "ObjStm", "N", "First":
			continue
		case "FlateDecode", "Fl":
			z, err := zlib.NewReader(r)
			if err != nil {
				return nil, errNoPart
			}
			r = z
		case "ASCIIHexDecode", "AHx":
			r = hex.NewDecoder(&textual{r: bufio.NewReader(r), end: '>', even: true})
		case "ASCII85Decode", "A85":
			r = ascii85.NewDecoder(&textual{r: bufio.NewReader(r), end: '~'})
		case "RunLengthDecode", "RL":
			r = &runs{r: bufio.NewReader(r)}
		default: // LZW, a password, a file elsewhere, a prediction: no object stream needs it
			return nil, errNoPart
		}
		filters++
	}
	if named > 1 || named == 1 && filters == 0 || filters > 4 {
		return nil, errNoPart
	}
	return r, nil
}

// textual gives text without spaces up to its end sign; without one it is broken off.
type textual struct {
	r    *bufio.Reader
	end  byte
	even bool // an odd number of digits is filled up with 0
	n    int
	done bool
}

func (t *textual) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) && !t.done {
		c, err := t.r.ReadByte()
		switch {
		case errors.Is(err, io.EOF):
			return n, io.ErrUnexpectedEOF
		case err != nil:
			return n, err
		case c == t.end:
			t.done = true
			if t.even && t.n%2 == 1 {
				p[n] = '0'
				n++
			}
			return n, nil
		case isSpacePDF(c):
			continue
		}
		p[n] = c
		n++
		t.n++
	}
	if n == 0 && t.done {
		return 0, io.EOF
	}
	return n, nil
}

// runs undoes RunLengthDecode (ISO 32000, 7.4.5).
type runs struct {
	r    *bufio.Reader
	left []byte
	done bool
}

func (u *runs) Read(p []byte) (int, error) {
	for len(u.left) == 0 {
		if u.done {
			return 0, io.EOF
		}
		size, err := u.r.ReadByte()
		switch {
		case err != nil:
			return 0, io.ErrUnexpectedEOF
		case size == 128:
			u.done = true
		case size < 128:
			u.left = make([]byte, int(size)+1)
			if _, err := io.ReadFull(u.r, u.left); err != nil {
				return 0, io.ErrUnexpectedEOF
			}
		default:
			c, err := u.r.ReadByte()
			if err != nil {
				return 0, io.ErrUnexpectedEOF
			}
			u.left = bytes.Repeat([]byte{c}, 257-int(size))
		}
	}
	n := copy(p, u.left)
	u.left = u.left[n:]
	return n, nil
}
