package cleaning

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"dean06/internal/platform/oldcode"
	"dean06/internal/platform/spelling"
)

// encoding is how a file writes its letters.
type encoding string

const (
	utf8Code    encoding = "UTF-8"
	utf16Little encoding = "UTF-16LE"
	utf16Big    encoding = "UTF-16BE"
	windows1258 encoding = "windows-1258"
	tcvn3       encoding = "TCVN3"
	vni         encoding = "VNI"
	tcvn3Shown  encoding = "TCVN3 in UTF-8" // its bytes, taken for Latin-1 by who copied them
	vniShown    encoding = "VNI in UTF-8"
)

// detect says by the beginning of a file how it is written, and how many bytes of a mark
// stand before the text.
func detect(start []byte) (encoding, int) {
	switch {
	case bytes.HasPrefix(start, []byte("\xEF\xBB\xBF")):
		return utf8Code, 3
	case bytes.HasPrefix(start, []byte("\xFF\xFE")):
		return utf16Little, 2
	case bytes.HasPrefix(start, []byte("\xFE\xFF")):
		return utf16Big, 2
	}
	var zeros [2]int
	for i, b := range start[:min(len(start), 4096)] {
		if b == 0 {
			zeros[i%2]++
		}
	}
	if n := min(len(start), 4096); zeros[1] > n/5 && zeros[0] < n/20 {
		return utf16Little, 0
	} else if zeros[0] > n/5 && zeros[1] < n/20 {
		return utf16Big, 0
	}
	valid, broken := 0, 0
	lines := bytes.Split(start, []byte("\n"))
	if len(lines) > 1 {
		lines = lines[:len(lines)-1] // the last may be cut
	}
	for _, line := range lines {
		switch {
		case spelling.IsASCII(string(line)):
		case utf8.Valid(line):
			valid++
		default:
			broken++
		}
	}
	text := bytes.Join(lines, []byte("\n"))
	if valid >= broken {
		if broken > 0 || valid == 0 {
			return utf8Code, 0
		}
		return bestOf(string(text), utf8Code, tcvn3Shown, vniShown), 0
	}
	return bestOf(string(text), windows1258, tcvn3, vni), 0
}

// bestOf is the code by which the most words with a sign above ASCII are Vietnamese
// syllables; the first when another is not clearly better.
func bestOf(text string, codes ...encoding) encoding {
	best, most := codes[0], -1
	for _, c := range codes {
		n := 0
		for line := range strings.SplitSeq(decodeLine(text, c), "\n") {
			for word := range strings.FieldsFuncSeq(line, func(r rune) bool { return r < 0x80 && spelling.Plain(r) == spelling.Gap }) {
				if !spelling.IsASCII(word) && spelling.IsSyllable(word) {
					n++
				}
			}
		}
		if n > most+most/4 {
			best, most = c, n
		}
	}
	return best
}

// decodeLine reads a text of bytes by a code.
func decodeLine(s string, code encoding) string {
	if code != utf8Code && code != tcvn3Shown && code != vniShown && !spelling.IsASCII(s) && utf8.ValidString(s) {
		return s // of a file in two codes: letters of the old ones are no UTF-8
	}
	switch code {
	case windows1258:
		var b strings.Builder
		for i := range len(s) {
			b.WriteRune(cp1258(s[i]))
		}
		return norm.NFC.String(b.String())
	case tcvn3, tcvn3Shown:
		if code == tcvn3 {
			s = latin1(s)
		}
		out, _ := oldcode.FromTCVN3(s)
		return out
	case vni, vniShown:
		if code == vni {
			s = latin1(s)
		}
		out, _, ok := oldcode.FromVNI(s)
		if ok {
			return out
		}
		words := strings.SplitAfter(s, " ") // one of them is none
		for i, w := range words {
			if out, _, ok := oldcode.FromVNI(w); ok {
				words[i] = out
			}
		}
		return strings.Join(words, "")
	}
	return s
}

func latin1(s string) string {
	var b strings.Builder
	for i := range len(s) {
		b.WriteRune(rune(s[i]))
	}
	return b.String()
}

// cp1258 is the letter of a byte of windows-1258, which writes tones as signs behind their
// vowel.
func cp1258(b byte) rune {
	switch b {
	case 0xC3:
		return 'Ă'
	case 0xCC:
		return '\u0300'
	case 0xD0:
		return 'Đ'
	case 0xD2:
		return '\u0309'
	case 0xD5:
		return 'Ơ'
	case 0xDD:
		return 'Ư'
	case 0xDE:
		return '\u0303'
	case 0xE3:
		return 'ă'
	case 0xEC:
		return '\u0301'
	case 0xF0:
		return 'đ'
	case 0xF2:
		return '\u0323'
	case 0xF5:
		return 'ơ'
	case 0xFD:
		return 'ư'
	case 0xFE:
		return '₫'
	}
	return rune(b)
}

// decoded opens the file as UTF-8, without its mark.
func (s *Source) decoded() (io.ReadCloser, error) {
	f, err := s.open()
	if err != nil {
		return nil, err
	}
	if _, err := io.CopyN(io.Discard, f, int64(s.bom)); err != nil && !errors.Is(err, io.EOF) {
		return nil, errors.Join(err, f.Close())
	}
	if s.code != utf8Code {
		f = &decoder{file: f, in: bufio.NewReaderSize(f, 1<<18), code: s.code}
	}
	if s.cr {
		f = carriage{f}
	}
	return f, nil
}

// carriage gives a text whose lines end with carriage returns alone as others have it.
type carriage struct{ io.ReadCloser }

// Read reads on.
func (c carriage) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	for i, b := range p[:n] {
		if b == '\r' {
			p[i] = '\n'
		}
	}
	return n, err
}

// decoder gives a file in another code as UTF-8.
type decoder struct {
	file io.ReadCloser
	in   *bufio.Reader
	code encoding
	out  []byte
	err  error
}

// Read gives what is decoded.
func (d *decoder) Read(p []byte) (int, error) {
	for len(d.out) == 0 && d.err == nil {
		d.fill()
	}
	n := copy(p, d.out)
	d.out = d.out[n:]
	if n == 0 {
		return 0, d.err
	}
	return n, nil
}

// Close closes the file.
func (d *decoder) Close() error { return d.file.Close() }

func (d *decoder) fill() {
	if d.code == utf16Little || d.code == utf16Big {
		var units []uint16
		for range 1 << 15 {
			var pair [2]byte
			if _, err := io.ReadFull(d.in, pair[:]); err != nil {
				d.err = io.EOF
				break
			}
			u := uint16(pair[0]) | uint16(pair[1])<<8
			if d.code == utf16Big {
				u = u>>8 | u<<8
			}
			units = append(units, u)
		}
		if d.err == nil && len(units) > 0 && utf16.IsSurrogate(rune(units[len(units)-1])) && units[len(units)-1] < 0xDC00 {
			var pair [2]byte
			if _, err := io.ReadFull(d.in, pair[:]); err == nil {
				u := uint16(pair[0]) | uint16(pair[1])<<8
				if d.code == utf16Big {
					u = u>>8 | u<<8
				}
				units = append(units, u)
			}
		}
		d.out = []byte(string(utf16.Decode(units)))
		return
	}
	line, err := d.in.ReadSlice('\n')
	if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
		d.err = err
	}
	d.out = []byte(decodeLine(string(line), d.code))
}
