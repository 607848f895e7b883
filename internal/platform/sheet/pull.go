package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"
)

type tokenKind uint8

const (
	startTag tokenKind = iota + 1
	endTag
	charData
)

// pull reads XML as office programs write it: UTF-8, no document type, no
// entities but the five of XML. encoding/xml does the same ten times slower,
// and reading 11,389 workbooks is mostly this.
type pull struct {
	kind tokenKind
	name []byte // of a tag, without its prefix
	data []byte // of charData, decoded; valid until next
	err  error

	rest   []byte
	src    io.Reader // of what is behind rest; nil: nothing
	attrs  []byte
	open   [][]byte // full names of the open elements
	closes bool     // the start tag just given was <x/>
	buf    []byte
}

const maxDepth = 64

func newPull(raw []byte) *pull {
	return &pull{rest: bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))}
}

// Of a part that is read as it goes so much lies ahead; a cell's text is at most 32,767
// characters, which entities may make six times as long.
const (
	ahead    = 256 << 10
	farthest = 8 << 20 // a tag that is longer is none
)

// pullFrom reads a part as it goes.
func pullFrom(src io.Reader) *pull {
	p := &pull{src: src}
	p.more()
	p.rest = bytes.TrimPrefix(p.rest, []byte("\xef\xbb\xbf"))
	return p
}

// more reads on; false when there is nothing, or what is at hand should be enough.
func (p *pull) more() bool {
	if p.src == nil || len(p.rest) > farthest {
		return false
	}
	buf := make([]byte, len(p.rest)+2*ahead) // anew: names of open elements lie in the last
	copy(buf, p.rest)
	n, err := io.ReadFull(p.src, buf[len(p.rest):])
	if err != nil {
		p.src = nil
		if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			p.err = err
			return false
		}
	}
	p.rest = buf[:len(p.rest)+n]
	return n > 0
}

func (p *pull) is(name string) bool { return p.kind != charData && string(p.name) == name }

// next moves to the next token; false at the end or when err is set.
func (p *pull) next() bool {
	if p.closes {
		p.closes = false
		p.kind = endTag
		p.open = p.open[:len(p.open)-1]
		return true
	}
	for {
		if p.src != nil && len(p.rest) < ahead {
			p.more()
		}
		if len(p.rest) == 0 || p.err != nil {
			break
		}
		if p.rest[0] != '<' {
			i := bytes.IndexByte(p.rest, '<')
			if i < 0 && p.src != nil {
				return p.fail("a text too long")
			}
			if i < 0 {
				i = len(p.rest)
			}
			raw := p.rest[:i]
			p.rest = p.rest[i:]
			if len(p.open) == 0 {
				if len(bytes.TrimSpace(raw)) > 0 {
					return p.fail("text outside the document")
				}
				continue
			}
			p.kind = charData
			p.data, p.err = p.decode(raw)
			return p.err == nil
		}
		switch {
		case bytes.HasPrefix(p.rest, []byte("<?")):
			if !p.skip("?>") {
				return p.fail("unfinished instruction")
			}
		case bytes.HasPrefix(p.rest, []byte("<!--")):
			if !p.skip("-->") {
				return p.fail("unfinished comment")
			}
		case bytes.HasPrefix(p.rest, []byte("<![CDATA[")):
			i := bytes.Index(p.rest, []byte("]]>"))
			if i < 0 || len(p.open) == 0 {
				return p.fail("unfinished CDATA")
			}
			p.kind, p.data = charData, p.rest[9:i]
			p.rest = p.rest[i+3:]
			return true
		case bytes.HasPrefix(p.rest, []byte("<!")):
			return p.fail("a document type is not allowed")
		default:
			return p.tag()
		}
	}
	if p.err != nil {
		return false
	}
	if len(p.open) > 0 {
		return p.fail("ends inside <%s>", p.open[len(p.open)-1])
	}
	return false
}

func (p *pull) fail(format string, args ...any) bool {
	if p.err == nil {
		p.err = fmt.Errorf("xml: "+format, args...)
	}
	p.rest, p.src = nil, nil
	return false
}

func (p *pull) skip(end string) bool {
	i := bytes.Index(p.rest, []byte(end))
	for i < 0 && p.more() {
		i = bytes.Index(p.rest, []byte(end))
	}
	if i < 0 {
		return false
	}
	p.rest = p.rest[i+len(end):]
	return true
}

func (p *pull) tag() bool {
	// The end of the tag is the first > outside quotes.
	end, quote := -1, byte(0)
	for i := 1; i < len(p.rest); i++ {
		c := p.rest[i]
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			end = i
		case c == '<':
			return p.fail("a tag inside a tag")
		}
		if end >= 0 {
			break
		}
	}
	if end < 0 && p.more() {
		return p.tag()
	}
	if end < 0 {
		return p.fail("unfinished tag")
	}
	body := p.rest[1:end]
	p.rest = p.rest[end+1:]
	if len(body) > 0 && body[0] == '/' {
		full := bytes.TrimRight(body[1:], " \t\r\n")
		if len(p.open) == 0 || !bytes.Equal(p.open[len(p.open)-1], full) {
			return p.fail("</%s> closes nothing", full)
		}
		p.open = p.open[:len(p.open)-1]
		p.kind, p.name, p.attrs = endTag, local(full), nil
		return true
	}
	if len(body) > 0 && body[len(body)-1] == '/' {
		p.closes = true
		body = body[:len(body)-1]
	}
	i := bytes.IndexAny(body, " \t\r\n")
	if i < 0 {
		i = len(body)
	}
	full := body[:i]
	if len(full) == 0 {
		return p.fail("a tag without a name")
	}
	if len(p.open) >= maxDepth {
		return p.fail("nested too deep")
	}
	p.open = append(p.open, full)
	p.kind, p.name, p.attrs = startTag, local(full), body[i:]
	return true
}

func local(full []byte) []byte {
	if i := bytes.IndexByte(full, ':'); i >= 0 {
		return full[i+1:]
	}
	return full
}

// attr gives an attribute of the start tag by its name without prefix; "" when
// it is not there.
func (p *pull) attr(name string) string {
	s := p.attrs
	for {
		s = bytes.TrimLeft(s, " \t\r\n")
		eq := bytes.IndexByte(s, '=')
		if eq < 0 {
			return ""
		}
		key := bytes.TrimRight(s[:eq], " \t\r\n")
		s = bytes.TrimLeft(s[eq+1:], " \t\r\n")
		if len(s) == 0 || s[0] != '"' && s[0] != '\'' {
			return ""
		}
		end := bytes.IndexByte(s[1:], s[0])
		if end < 0 {
			return ""
		}
		if string(local(key)) == name {
			v, err := p.decode(s[1 : 1+end])
			if err != nil {
				return ""
			}
			return string(v)
		}
		s = s[end+2:]
	}
}

var errEntity = errors.New("xml: unknown entity")

// decode resolves entities and ends lines with \n. Text without either is
// given as it is.
func (p *pull) decode(raw []byte) ([]byte, error) {
	if !utf8.Valid(raw) {
		return nil, errors.New("xml: text is not UTF-8")
	}
	if bytes.IndexByte(raw, '&') < 0 && bytes.IndexByte(raw, '\r') < 0 {
		return raw, nil
	}
	out := p.buf[:0]
	for i := 0; i < len(raw); i++ {
		switch raw[i] {
		default:
			out = append(out, raw[i])
		case '\r':
			if i+1 == len(raw) || raw[i+1] != '\n' {
				out = append(out, '\n')
			}
		case '&':
			end := bytes.IndexByte(raw[i:], ';')
			if end < 0 {
				return nil, errEntity
			}
			r, ok := entity(string(raw[i+1 : i+end]))
			if !ok {
				return nil, errEntity
			}
			out = utf8.AppendRune(out, r)
			i += end
		}
	}
	p.buf = out
	return out, nil
}

func entity(name string) (rune, bool) {
	switch name {
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "amp":
		return '&', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	base := 10
	if len(name) < 2 || name[0] != '#' {
		return 0, false
	}
	digits := name[1:]
	if digits[0] == 'x' {
		base, digits = 16, digits[1:]
	}
	n, err := strconv.ParseUint(digits, base, 32)
	return rune(n), err == nil && n > 0 && n <= utf8.MaxRune && utf8.ValidRune(rune(n))
}
