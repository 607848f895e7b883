package upload

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"strconv"

	"dean06/internal/platform/fault"
)

// What is looked for in a PDF (ISO 32000). A viewer finds objects by their offset, wherever
// that leads; so the names that nothing harmless has are looked for in every byte of the
// file, and the short ones, which packed pictures hold by chance, only where objects stand.
var (
	activeNames = map[string]string{
		"JavaScript": "script", "Launch": "launch", "EmbeddedFile": "embedded", "EmbeddedFiles": "embedded",
		"FileAttachment": "embedded", "RichMedia": "media", "Rendition": "media", "Movie": "media", "XFA": "xfa",
		"SubmitForm": "send", "ImportData": "send", "GoToE": "elsewhere", "GoToR": "elsewhere",
	}
	activeKeys = map[string]string{"JS": "script", "AA": "actions", "EF": "embedded"}
)

// order of what is told when there is more than one.
var activeOrder = []string{"script", "launch", "embedded", "xfa", "media", "send", "elsewhere", "actions"}

const (
	// mostUnpacked is how much the packed objects of a PDF may hold; a thick book has 20 MB.
	mostUnpacked = 256 << 20
	deepestPDF   = 500
	longestWord  = 127 // of a name, as the standard allows
)

// pdfLook is what was seen of a PDF.
type pdfLook struct {
	active    map[string]bool
	encrypted bool
	// opaque says that there are objects that we cannot look into.
	opaque bool
	// hidden counts "ObjStm" in all bytes, seen those where objects stand: a difference is
	// a list of objects in a string or a comment, where only an offset leads to it.
	hidden, seen int
	objects      int
	left         int64
}

var (
	errBomb   = errors.New("it unpacks to more than it may")
	errNoPart = errors.New("a packed part cannot be read")
)

func inspectPDF(r io.ReaderAt, size int64, name string) error {
	tail := make([]byte, min(size, tailSize))
	if _, err := r.ReadAt(tail, size-int64(len(tail))); err != nil && err != io.EOF {
		return err
	}
	if endsAsZip(tail) {
		return refused("two_in_one", name, fault.Args{"type": string(PDF), "other": string(Zip)})
	}
	l := &pdfLook{active: map[string]bool{}, left: mostUnpacked}
	all := func() *bufio.Reader { return bufio.NewReaderSize(io.NewSectionReader(r, 0, size), 64<<10) }
	names := &nameFinder{found: l.anywhere}
	if _, err := io.Copy(names, all()); err != nil {
		return err
	}
	names.next(' ') // ends the last one
	err := l.lex(all(), true)
	if err != nil && !errors.Is(err, errBomb) {
		return err
	}
	what := slices.IndexFunc(activeOrder, func(w string) bool { return l.active[w] })
	whole := bytes.Contains(tail[max(0, len(tail)-2048):], []byte("%%EOF")) && startsWithin(tail, size) && l.objects > 0
	switch {
	case what >= 0:
		return refused("active", name, fault.Args{"type": string(PDF), "what": activeOrder[what]})
	case l.encrypted:
		return refused("encrypted", name, nil)
	case !whole:
		return refused("not_whole", name, fault.Args{"type": string(PDF)})
	case err != nil:
		return refused("bomb", name, nil)
	case l.opaque || l.hidden > l.seen:
		return refused("opaque", name, nil)
	}
	return nil
}

// startsWithin says that the table of objects, if the end tells where it is, is in the file.
func startsWithin(tail []byte, size int64) bool {
	i := bytes.LastIndex(tail, []byte("startxref"))
	if i < 0 {
		return true
	}
	fields := bytes.Fields(tail[i+len("startxref") : min(len(tail), i+60)])
	if len(fields) == 0 {
		return false
	}
	at, err := strconv.ParseInt(string(fields[0]), 10, 64)
	return err == nil && at >= 0 && at < size
}

// endsAsZip says that an unpacker takes the file for an archive.
func endsAsZip(tail []byte) bool {
	for i := bytes.LastIndex(tail, []byte("PK\x05\x06")); i >= 0; i = bytes.LastIndex(tail[:i], []byte("PK\x05\x06")) {
		if len(tail)-i >= 22 && i+22+int(binary.LittleEndian.Uint16(tail[i+20:])) == len(tail) {
			return true
		}
	}
	return false
}

// anywhere takes a name that stands in any byte.
func (l *pdfLook) anywhere(name string) {
	if what := activeNames[name]; what != "" {
		l.active[what] = true
	}
	if name == "ObjStm" {
		l.hidden++
	}
}

// nameFinder finds names, "/Name" or with signs written as numbers, "/N#61me", in whatever
// is written to it.
type nameFinder struct {
	found func(name string)
	in    bool
	word  []byte
	// escape holds the sign # and what follows it, of a name.
	escape []byte
}

func (f *nameFinder) Write(p []byte) (int, error) {
	for i := 0; i < len(p); i++ {
		if !f.in {
			next := bytes.IndexByte(p[i:], '/')
			if next < 0 {
				return len(p), nil
			}
			i += next
			f.in, f.word = true, f.word[:0]
			continue
		}
		f.next(p[i])
	}
	return len(p), nil
}

func (f *nameFinder) next(c byte) {
	if len(f.escape) > 0 {
		if f.escape = append(f.escape, c); len(f.escape) < 3 && isHex(c) {
			return
		}
		if v, ok := unhex(f.escape); ok {
			f.word, f.escape = append(f.word, v), f.escape[:0]
			return
		}
		rest := f.escape
		f.word, f.escape = append(f.word, rest[0]), nil
		for _, r := range rest[1:] {
			f.next(r)
		}
		return
	}
	switch {
	case c == '#':
		f.escape = append(f.escape, c)
	case isRegular(c) && len(f.word) <= longestWord:
		f.word = append(f.word, c)
	default:
		f.found(string(f.word))
		f.in, f.word = c == '/', f.word[:0]
	}
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// unhex reads "#61".
func unhex(s []byte) (byte, bool) {
	if len(s) != 3 || !isHex(s[1]) || !isHex(s[2]) {
		return 0, false
	}
	v, err := strconv.ParseUint(string(s[1:]), 16, 8)
	return byte(v), err == nil
}

func isSpacePDF(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0
}

// isRegular is of the signs that words are made of.
func isRegular(c byte) bool {
	return !isSpacePDF(c) && !bytes.ContainsRune([]byte("()<>[]{}/%"), rune(c))
}

// lexer goes through objects.
type lexer struct {
	*pdfLook
	r     *bufio.Reader
	depth []byte // 'd' for a dictionary, 'a' for a list
	// of the outermost dictionary: the words that say how a stream is packed, in order
	words  []string
	last   string // the name before
	closed bool   // the dictionary has just ended: a stream may follow
}

// lex goes through a file, or through the objects that were packed in one.
func (l *pdfLook) lex(r *bufio.Reader, file bool) error {
	x := &lexer{pdfLook: l, r: r}
	for {
		c, err := r.ReadByte()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil && !isSpacePDF(c) {
			err = x.token(c, file)
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
}

func (x *lexer) token(c byte, file bool) error {
	closed := x.closed
	if c != '%' {
		x.closed = false
	}
	switch c {
	case '%':
		return x.skipLine()
	case '/':
		return x.name()
	case '(':
		return x.skipString()
	case '<':
		return x.open()
	case '[':
		x.push('a')
	case ']':
		x.pop('a')
	case '>':
		if next, err := x.r.Peek(1); err == nil && next[0] == '>' {
			_, err = x.r.ReadByte()
			x.pop('d')
			x.closed = len(x.depth) == 0
			return err
		}
	case ')', '{', '}':
	default:
		return x.word(c, closed, file)
	}
	return nil
}

func (x *lexer) push(kind byte) {
	if len(x.depth) >= deepestPDF {
		x.opaque = true
		return
	}
	x.depth = append(x.depth, kind)
}

func (x *lexer) pop(kind byte) {
	if i := bytes.LastIndexByte(x.depth, kind); i >= 0 {
		x.depth = x.depth[:i]
	}
}

func (x *lexer) skipLine() error {
	for {
		c, err := x.r.ReadByte()
		if err != nil || c == '\n' || c == '\r' {
			return err
		}
	}
}

// skipString leaves a string out; parentheses in it are in pairs or come after a backslash.
func (x *lexer) skipString() error {
	for open := 1; open > 0; {
		c, err := x.r.ReadByte()
		if err != nil {
			return err
		}
		switch c {
		case '\\':
			if _, err := x.r.ReadByte(); err != nil {
				return err
			}
		case '(':
			open++
		case ')':
			open--
		}
	}
	return nil
}

// open is a dictionary, or a string of hexadecimal digits.
func (x *lexer) open() error {
	if next, err := x.r.Peek(1); err == nil && next[0] == '<' {
		if len(x.depth) == 0 {
			x.words, x.last = nil, ""
		}
		x.push('d')
		_, err = x.r.ReadByte()
		return err
	}
	for {
		c, err := x.r.ReadByte()
		if err != nil || c == '>' {
			return err
		}
	}
}

// packing are the words that say how a stream is packed and what is in it.
var packing = map[string]bool{
	"ObjStm": true, "N": true, "First": true, "F": true, "Filter": true, "Crypt": true,
	"FlateDecode": true, "Fl": true, "ASCIIHexDecode": true, "AHx": true, "ASCII85Decode": true, "A85": true,
	"RunLengthDecode": true, "RL": true, "LZWDecode": true, "LZW": true, "DCTDecode": true, "JPXDecode": true,
	"CCITTFaxDecode": true, "JBIG2Decode": true,
}

func (x *lexer) name() error {
	name := ""
	done := false
	f := &nameFinder{in: true, found: func(s string) { name, done = s, true }}
	for {
		c, err := x.r.ReadByte()
		if err != nil {
			return err
		}
		f.next(c)
		if done {
			break
		}
	}
	if err := x.r.UnreadByte(); err != nil {
		return err
	}
	x.last = name
	if name == "ObjStm" {
		x.seen++
	}
	if name == "Encrypt" {
		x.encrypted = true
	}
	if what := activeKeys[name]; what != "" && len(x.depth) > 0 && x.depth[len(x.depth)-1] == 'd' {
		x.active[what] = true
	}
	if packing[name] && len(x.words) < 32 {
		x.words = append(x.words, name)
	}
	return nil
}

// word is a number or a keyword.
func (x *lexer) word(c byte, closed, file bool) error {
	w := []byte{c}
	for {
		next, err := x.r.Peek(1)
		if errors.Is(err, io.EOF) || err == nil && !isRegular(next[0]) {
			break
		}
		if err != nil {
			return err
		}
		if _, err := x.r.ReadByte(); err != nil {
			return err
		}
		if len(w) < 32 {
			w = append(w, next[0])
		}
	}
	switch text := string(w); {
	case text == "obj", text == "endobj":
		x.depth, x.words = x.depth[:0], nil
		if text == "obj" {
			x.objects++
		}
	case text == "stream" && closed && file:
		return x.stream()
	case x.last == "Predictor" && text != "1" && c >= '0' && c <= '9':
		x.words = append(x.words, "Predictor")
		x.last = ""
	}
	return nil
}

// stream leaves a stream out, after a look into it when it holds objects.
func (x *lexer) stream() error {
	c, err := x.r.ReadByte()
	if err == nil && c == '\r' {
		if c, err = x.r.ReadByte(); err == nil && c != '\n' {
			err = x.r.UnreadByte()
		}
	} else if err == nil && c != '\n' {
		err = x.r.UnreadByte()
	}
	if err != nil {
		return err
	}
	body := &untilEnd{r: x.r}
	if slices.Contains(x.words, "ObjStm") || slices.Contains(x.words, "N") && slices.Contains(x.words, "First") {
		switch err := x.into(body); {
		case errors.Is(err, errBomb):
			return err
		case err != nil && body.err != nil && !errors.Is(body.err, io.EOF):
			return body.err
		case err != nil:
			x.opaque = true
		}
	}
	_, err = io.Copy(io.Discard, body)
	x.opaque = x.opaque || !body.done
	return err
}

// into looks at the objects that are packed in a stream.
func (x *lexer) into(body io.Reader) error {
	unpacked, err := unpack(body, x.words)
	if err != nil {
		return err
	}
	counted := &bounded{r: unpacked, left: &x.left}
	watched := io.TeeReader(counted, &nameFinder{found: func(name string) {
		if what := activeNames[name]; what != "" {
			x.active[what] = true
		}
	}})
	// A name at the very end has nothing after it that ends it.
	return x.lex(bufio.NewReader(io.MultiReader(watched, bytes.NewReader([]byte{'\n'}))), false)
}
