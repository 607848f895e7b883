package upload

import (
	"bytes"
	"context"
	"io"
	"strings"

	"dean06/internal/platform/fault"
)

// Found is what a file was found to be.
type Found struct {
	Type          Type
	Width, Height int
	Warnings      []Warning
	// Clean says that the file is to be stored by WriteClean, without its metadata.
	Clean bool
}

// headSize is how much of a file tells its type: viewers look for a PDF that far in.
const headSize = 1024

// Inspect looks at a whole file: whether it is what its name says and the policy takes,
// whole, and without anything that acts by itself. The fault of a file has a key that begins
// with "upload.refused."; any other error is ours.
//
// It reads the file more than once and holds little of it, except pictures of papers,
// which are decoded up to mostDecoded bytes: one at a time is enough.
func Inspect(ctx context.Context, r io.ReaderAt, size int64, name string, p Policy) (Found, error) {
	if size == 0 {
		return Found{}, refused("empty", name, nil)
	}
	if p.Max > 0 && size > p.Max {
		return Found{}, TooLarge(name, p.Max)
	}
	r = ctxReaderAt{ctx, r}
	head := make([]byte, min(headSize, size))
	if _, err := r.ReadAt(head, 0); err != nil && err != io.EOF {
		return Found{}, err
	}
	t := sniff(head)
	if t == Zip {
		var err error
		if t, err = zipType(r, size); err != nil {
			return Found{}, err
		}
	}
	said, named := TypeOfName(name)
	switch {
	case named && said != t && !(t == Unknown && p.takes(said)):
		return Found{}, refused("wrong_type", name, fault.Args{"said": string(said), "ending": "." + ending(name), "type": string(t)})
	case named && said != t:
		return Found{}, refused("not_whole", name, fault.Args{"type": string(said)})
	case !p.takes(t):
		return Found{}, notTaken(name, t, p)
	}
	if other := hiddenIn(t, head); other != "" {
		return Found{}, refused("two_in_one", name, fault.Args{"type": string(t), "other": string(other)})
	}
	f := Found{Type: t}
	var err error
	switch t {
	case PDF:
		err = inspectPDF(r, size, name)
	case JPEG, PNG:
		err = f.inspectPicture(r, size, name, p)
	case DOCX, XLSX:
		err = inspectOffice(r, size, name, t)
	case Text, Parquet, Unknown: // of which a module that takes them knows more
	default:
		f.Warnings = append(f.Warnings, Unchecked)
	}
	if err != nil {
		return Found{}, err
	}
	return f, ctx.Err()
}

func refused(what, name string, args fault.Args) *fault.Error {
	all := fault.Args{"name": CleanName(name, "")}
	for k, v := range args {
		all[k] = v
	}
	return fault.New(fault.Invalid, "upload.refused."+what, all)
}

// signatures of files, by their first bytes.
var signatures = []struct {
	at   int
	text string
	t    Type
}{
	{0, "%PDF-", PDF},
	{0, "\xff\xd8\xff", JPEG},
	{0, "\x89PNG\r\n\x1a\n", PNG},
	{0, "GIF8", GIF},
	{0, "BM", BMP},
	{0, "II*\x00", TIFF},
	{0, "MM\x00*", TIFF},
	{8, "WEBP", WebP},
	{4, "ftypheic", HEIC},
	{4, "ftypheix", HEIC},
	{4, "ftyphevc", HEIC},
	{4, "ftypheim", HEIC},
	{4, "ftypheis", HEIC},
	{4, "ftypmif1", HEIC},
	{4, "ftypmsf1", HEIC},
	{4, "ftyp", Film},
	{0, "\x1aE\xdf\xa3", Film},
	{8, "AVI ", Film},
	{8, "WAVE", Sound},
	{0, "ID3", Sound},
	{0, "OggS", Sound},
	{0, "#!AMR", Sound},
	{0, "PK\x03\x04", Zip},
	{0, "PK\x05\x06", Zip},
	{0, "Rar!", Zip},
	{0, "7z\xbc\xaf", Zip},
	{0, "\x1f\x8b", Zip},
	{0, "BZh", Zip},
	{0, "\xfd7zXZ", Zip},
	{0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Office},
	{0, "{\\rtf", Office},
	{0, "\x7fELF", Program},
	{0, "MZ", Program},
	{0, "\xca\xfe\xba\xbe", Program},
	{0, "\xcf\xfa\xed\xfe", Program},
	{0, "L\x00\x00\x00\x01\x14\x02\x00", Program},
	{0, "PAR1", Parquet},
	{0, "#!", Script},
	{0, "<?php", Script},
}

// marks of pages, in small letters.
var pageMarks = []string{"<!doctype html", "<html", "<script", "<svg", "<body", "<iframe", "<?xml"}

// sniff tells a type by the first bytes.
func sniff(head []byte) Type {
	for _, s := range signatures {
		if len(head) > s.at && bytes.HasPrefix(head[s.at:], []byte(s.text)) {
			return s.t
		}
	}
	if hasPageMark(head) {
		return HTML
	}
	if isText(head) || isText(narrow(head)) {
		return Text
	}
	return Unknown
}

func hasPageMark(head []byte) bool {
	low := strings.ToLower(string(head))
	for _, m := range pageMarks {
		if strings.Contains(low, m) {
			return true
		}
	}
	return false
}

func isText(head []byte) bool {
	for _, c := range head {
		if c < ' ' && c != '\t' && c != '\r' && c != '\n' && c != '\f' {
			return false
		}
	}
	return len(head) > 0
}

// narrow makes a text of two bytes to a letter (UTF-16) one that isText reads; nothing of what
// is none.
func narrow(head []byte) []byte {
	zeros := [2]int{}
	for i, c := range head {
		if c == 0 {
			zeros[i%2]++
		}
	}
	little := bytes.HasPrefix(head, []byte("\xff\xfe")) || zeros[1] > len(head)/5 && zeros[0] == 0
	big := bytes.HasPrefix(head, []byte("\xfe\xff")) || zeros[0] > len(head)/5 && zeros[1] == 0
	if little == big {
		return nil
	}
	out := make([]byte, 0, len(head)/2)
	for i := 0; i+1 < len(head); i += 2 {
		low, high := head[i], head[i+1]
		if big {
			low, high = high, low
		}
		if high != 0 {
			low = 'x' // a letter of another alphabet
		}
		out = append(out, low)
	}
	return out
}

// hiddenIn finds what a browser or a viewer may take a file for although it begins as
// something else: pages, and documents that begin a little later.
func hiddenIn(t Type, head []byte) Type {
	rest := head[min(len(head), 4):]
	switch {
	case t != PDF && bytes.Contains(head, []byte("%PDF-")):
		return PDF
	case t == PDF && hasPageMark(rest), (t == JPEG || t == GIF || t == BMP) && hasActiveMark(rest):
		return HTML
	}
	return ""
}

// hasActiveMark leaves XML out, of which the metadata of pictures is made.
func hasActiveMark(head []byte) bool {
	low := strings.ToLower(string(head))
	return strings.Contains(low, "<script") || strings.Contains(low, "<html") || strings.Contains(low, "<!doctype html") || strings.Contains(low, "<iframe")
}

// ctxReaderAt stops when the context ends: nobody looks on for somebody who has gone.
type ctxReaderAt struct {
	ctx context.Context //nolint:containedctx // of one look
	io.ReaderAt
}

func (c ctxReaderAt) ReadAt(p []byte, off int64) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.ReaderAt.ReadAt(p, off)
}
