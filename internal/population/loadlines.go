package population

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"dean06/internal/platform/fault"
)

// maxLine is the longest line of a file that is read, in bytes of UTF-8. A person has
// some 400; a longer line is a bad row, whatever is in it.
const maxLine = 1 << 20

// lines reads the physical lines of a file of persons, whatever it is written in. They
// end with LF or CR LF; with CR too when the first one ends so, as older programs of
// the Macintosh write it. No line is held back, joined to another or left out.
type lines struct {
	from *bufio.Reader
	n    int // of the line that was read last; the first is 1
}

// openLines finds out how a file is written. It fails with Invalid when it is empty,
// or no text but a file of a program that is known by its first bytes.
func openLines(file io.Reader) (*lines, error) {
	raw := bufio.NewReaderSize(file, 1<<16)
	start, err := raw.Peek(4096)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if key := otherFile(start); key != "" {
		return nil, fault.New(fault.Invalid, key, nil)
	}
	var text io.Reader = raw
	switch {
	case bytes.HasPrefix(start, []byte("\xef\xbb\xbf")):
		_, _ = raw.Discard(3)
	case bytes.HasPrefix(start, []byte("\xff\xfe")), looksLikeUTF16(start, 1):
		text = transform.NewReader(raw, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder())
	case bytes.HasPrefix(start, []byte("\xfe\xff")), looksLikeUTF16(start, 0):
		text = transform.NewReader(raw, unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewDecoder())
	}
	l := &lines{from: bufio.NewReaderSize(text, maxLine)}
	start, _ = l.from.Peek(4096) // an error comes again when the line is read
	if key := otherFile(start); key != "" && key != "population.load.header" {
		return nil, fault.New(fault.Invalid, key, nil)
	}
	if !bytes.ContainsAny(start, "\r\n") {
		start, _ = l.from.Peek(maxLine)
	}
	if at := bytes.IndexAny(start, "\r\n"); at >= 0 && start[at] == '\r' && at+1 < len(start) && start[at+1] != '\n' {
		l.from = bufio.NewReaderSize(transform.NewReader(l.from, &oldEnds{}), maxLine)
	}
	return l, nil
}

// otherFile is the message for a file that is none of text, by its first bytes.
func otherFile(start []byte) string {
	for _, known := range []struct{ start, key string }{
		{"PK\x03\x04", "population.load.workbook"}, // .xlsx, .ods
		{"PK\x05\x06", "population.load.packed"},   // an empty .zip
		{"\xd0\xcf\x11\xe0", "population.load.workbook"},
		{"%PDF", "population.load.pdf"},
		{"\x1f\x8b", "population.load.packed"},
		{"7z\xbc\xaf", "population.load.packed"},
		{"Rar!", "population.load.packed"},
		{"BZh", "population.load.packed"},
		{"\xfd7zXZ", "population.load.packed"},
		{"\x28\xb5\x2f\xfd", "population.load.packed"}, // .zst
		{"\xff\xfe\x00\x00", "population.load.utf32"},
		{"\x00\x00\xfe\xff", "population.load.utf32"},
	} {
		if bytes.HasPrefix(start, []byte(known.start)) {
			return known.key
		}
	}
	text := bytes.ToLower(bytes.TrimSpace(bytes.TrimPrefix(start, []byte("\xef\xbb\xbf"))))
	for _, mark := range []string{"<html", "<!doctype", "<?xml", "<table"} { // what calls itself .xls and is a page
		if bytes.HasPrefix(text, []byte(mark)) {
			return "population.load.page"
		}
	}
	if len(bytes.TrimSpace(bytes.Trim(start, "\xef\xbb\xbf"))) == 0 && len(start) < 4096 {
		return "population.load.header"
	}
	return ""
}

// looksLikeUTF16 says that text without a mark is of two bytes a letter: of the first
// letters, which are of a header, one of the two is zero and the other is not.
func looksLikeUTF16(start []byte, zero int) bool {
	start = start[:min(len(start), 32)&^1]
	for i := 0; i < len(start); i += 2 {
		if start[i+zero] != 0 || start[i+1-zero] == 0 {
			return false
		}
	}
	return len(start) >= 8
}

// oldEnds makes LF of each CR, and of CR LF.
type oldEnds struct{ cr bool }

// Reset begins anew.
func (o *oldEnds) Reset() { o.cr = false }

// Transform is as transform.Transformer says.
func (o *oldEnds) Transform(dst, src []byte, _ bool) (nDst, nSrc int, err error) {
	for _, c := range src {
		if o.cr && c == '\n' {
			o.cr, nSrc = false, nSrc+1
			continue
		}
		if nDst == len(dst) {
			return nDst, nSrc, transform.ErrShortDst
		}
		if o.cr = c == '\r'; o.cr {
			c = '\n'
		}
		dst[nDst], nDst, nSrc = c, nDst+1, nSrc+1
	}
	return nDst, nSrc, nil
}

// next gives the next line without its end; it is good until the next call. Of one that
// is longer than maxLine it gives the beginning. It ends with io.EOF.
func (l *lines) next() (line []byte, long bool, err error) {
	line, err = l.from.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		long = true
		line = bytes.Clone(line[:1000]) // what follows takes its place
		for errors.Is(err, bufio.ErrBufferFull) {
			_, err = l.from.ReadSlice('\n')
		}
	}
	if err != nil && (!errors.Is(err, io.EOF) || len(line) == 0) {
		return nil, false, err // what came of a line that tore is not read
	}
	l.n++
	line = bytes.TrimSuffix(line, []byte("\n"))
	return bytes.TrimSuffix(line, []byte("\r")), long, nil
}

// rest counts the lines that are left, without reading what they say.
func (l *lines) rest() (int, error) {
	before := l.n
	for {
		if _, _, err := l.next(); err != nil {
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return l.n - before, err
		}
	}
}
