package contractsoap

import (
	"bytes"
	"mime"
	"regexp"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"dean06/internal/platform/fault"
)

// Encodings that are read, by the name that a refusal uses.
const (
	utf8Name  = "UTF-8"
	utf16Name = "UTF-16"
	utf16LE   = "UTF-16LE"
	utf16BE   = "UTF-16BE"
	asciiName = "US-ASCII"
)

// encodings are the names that senders give to encodings, in lower case without "_".
var encodings = map[string]string{
	"utf-8": utf8Name, "utf8": utf8Name, "unicode-1-1-utf-8": utf8Name, "utf-8-sig": utf8Name,
	"utf-16": utf16Name, "utf16": utf16Name, "unicode": utf16Name, "iso-10646-ucs-2": utf16Name, "ucs-2": utf16Name,
	"utf-16le": utf16LE, "utf16le": utf16LE, "unicodelittle": utf16LE, "utf-16be": utf16BE, "utf16be": utf16BE, "unicodefffe": utf16BE,
	"us-ascii": asciiName, "ascii": asciiName, "ansi-x3.4-1968": asciiName, "iso646-us": asciiName, "iso-646.irv:1991": asciiName,
	"iso-8859-1": "ISO-8859-1", "iso8859-1": "ISO-8859-1", "iso88591": "ISO-8859-1", "latin1": "ISO-8859-1", "latin-1": "ISO-8859-1",
	"iso-8859-1:1987": "ISO-8859-1", "l1": "ISO-8859-1", "cp819": "ISO-8859-1",
	"iso-8859-15": "ISO-8859-15", "iso8859-15": "ISO-8859-15", "latin-9": "ISO-8859-15",
	"windows-1252": "windows-1252", "cp1252": "windows-1252", "cp-1252": "windows-1252", "x-cp1252": "windows-1252",
	"windows-1258": "windows-1258", "cp1258": "windows-1258", "cp-1258": "windows-1258", "x-cp1258": "windows-1258",
}

// pages are the encodings of one byte a letter.
var pages = map[string]*charmap.Charmap{
	"ISO-8859-1": charmap.ISO8859_1, "ISO-8859-15": charmap.ISO8859_15, "windows-1252": charmap.Windows1252, "windows-1258": charmap.Windows1258,
}

// encodingNamed gives the encoding of a sender's label; ok is false for one that is not read.
func encodingNamed(label string) (name string, ok bool) {
	name, ok = encodings[strings.ReplaceAll(strings.ToLower(strings.TrimSpace(label)), "_", "-")]
	return name, ok
}

// declaration is the XML declaration at the start of a message. It is taken off before the
// message is parsed: what it says of the encoding is settled by then.
var declaration = regexp.MustCompile(`^<\?xml[ \t\r\n]+version[ \t\r\n]*=[ \t\r\n]*(?:"([^"<>]*)"|'([^'<>]*)')` +
	`(?:[ \t\r\n]+encoding[ \t\r\n]*=[ \t\r\n]*(?:"([^"<>]*)"|'([^'<>]*)'))?` +
	`(?:[ \t\r\n]+standalone[ \t\r\n]*=[ \t\r\n]*(?:"(?:yes|no)"|'(?:yes|no)'))?[ \t\r\n]*\?>`)

const blanks = " \t\r\n"

// decode gives a message in UTF-8. What says its encoding counts in the order of RFC 7303: a
// byte order mark, the charset of the Content-Type, the XML declaration, else UTF-8. Bytes
// that cannot be what was said (UTF-16 has a zero byte in its first sign, and nothing else
// has) settle it before any label: .NET writes "utf-16" over what it sends in UTF-8. What
// could be read in two ways is refused by its name, not guessed.
func decode(b []byte, charset string) ([]byte, *refusal) {
	switch {
	case bytes.HasPrefix(b, []byte("\xFF\xFE\x00\x00")), bytes.HasPrefix(b, []byte("\x00\x00\xFE\xFF")),
		len(b) > 3 && b[0] == 0 && b[1] == 0, len(b) > 3 && b[1] == 0 && b[2] == 0:
		return nil, unknownEncoding("UTF-32")
	case bytes.HasPrefix(b, []byte("\xEF\xBB\xBF")):
		return wide(b[3:], utf8Name)
	case bytes.HasPrefix(b, []byte("\xFF\xFE")):
		return wide(b[2:], utf16LE)
	case bytes.HasPrefix(b, []byte("\xFE\xFF")):
		return wide(b[2:], utf16BE)
	case len(b) > 1 && b[0] != 0 && b[1] == 0:
		return wide(b, utf16LE)
	case len(b) > 1 && b[0] == 0 && b[1] != 0:
		return wide(b, utf16BE)
	}
	for _, label := range []string{charset, declared(b)} {
		if label == "" {
			continue
		}
		name, ok := encodingNamed(label)
		switch {
		case !ok:
			return nil, unknownEncoding(label)
		case strings.HasPrefix(name, utf16Name): // and the bytes are not
			continue
		case name == utf8Name:
			return wide(b, utf8Name)
		}
		return narrow(b, name)
	}
	return wide(b, utf8Name)
}

// declared is the encoding that a message of bytes below 0x80 at its start declares.
func declared(b []byte) string {
	m := declaration.FindSubmatch(bytes.TrimLeft(b, blanks))
	if m == nil {
		return ""
	}
	return string(m[3]) + string(m[4])
}

// wide reads an encoding of Unicode; a sign that is broken is no sign.
func wide(b []byte, name string) ([]byte, *refusal) {
	if name == utf8Name {
		if !utf8.Valid(b) {
			return nil, brokenEncoding(name)
		}
		return b, nil
	}
	if len(b)%2 != 0 {
		return nil, brokenEncoding(name)
	}
	low, high := 0, 1
	if name == utf16BE {
		low, high = 1, 0
	}
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i += 2 {
		r := rune(b[i+low]) | rune(b[i+high])<<8
		if utf16.IsSurrogate(r) {
			if i += 2; i == len(b) {
				return nil, brokenEncoding(name)
			}
			if r = utf16.DecodeRune(r, rune(b[i+low])|rune(b[i+high])<<8); r == utf8.RuneError {
				return nil, brokenEncoding(name)
			}
		}
		out = utf8.AppendRune(out, r)
	}
	return out, nil
}

// narrow reads an encoding of one byte a letter. Letters that are whole in UTF-8 were not
// written in another encoding: read as such, they would be another name.
func narrow(b []byte, name string) ([]byte, *refusal) {
	plain := !bytes.ContainsFunc(b, func(r rune) bool { return r >= utf8.RuneSelf })
	switch {
	case plain:
		return b, nil
	case utf8.Valid(b):
		return nil, client("encoding_other", fault.Args{"encoding": name})
	case name == asciiName:
		return nil, brokenEncoding(name)
	}
	out, err := pages[name].NewDecoder().Bytes(b)
	if err != nil || bytes.ContainsRune(out, utf8.RuneError) {
		return nil, brokenEncoding(name)
	}
	return out, nil
}

func unknownEncoding(label string) *refusal {
	return client("encoding", fault.Args{"encoding": clip(label)})
}

func brokenEncoding(name string) *refusal {
	return client("encoding_broken", fault.Args{"encoding": name})
}

// withoutDeclaration takes the XML declaration off, and leaves its lines, so that a refusal
// still names the line of the sender's message. XML 1.1 is read as 1.0: what it allows
// besides, signs of control, is refused.
func withoutDeclaration(b []byte) ([]byte, *refusal) {
	rest := bytes.TrimLeft(b, blanks)
	m := declaration.FindSubmatch(rest)
	if m == nil {
		return b, nil
	}
	if v := string(m[1]) + string(m[2]); v != "1.0" && v != "1.1" {
		return nil, client("xml_version", fault.Args{"version": clip(v)})
	}
	head := b[:len(b)-len(rest)+len(m[0])]
	lines := bytes.Repeat([]byte("\n"), bytes.Count(head, []byte("\n")))
	return append(lines, b[len(head):]...), nil
}

var charsetOf = regexp.MustCompile(`(?i);\s*charset\s*=\s*["']?([^\s;"']*)`)

// mediaType reads a Content-Type as senders write it: also one with single quotes or a
// semicolon too many.
func mediaType(header string) (kind string, params map[string]string) {
	kind, params, err := mime.ParseMediaType(header)
	if err == nil {
		params["charset"] = strings.Trim(params["charset"], `'`)
		return kind, params
	}
	kind, _, _ = strings.Cut(header, ";")
	params = map[string]string{}
	if m := charsetOf.FindStringSubmatch(header); m != nil {
		params["charset"] = m[1]
	}
	return strings.ToLower(strings.TrimSpace(kind)), params
}
