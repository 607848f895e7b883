package docx

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

// Refusal is why a file cannot be read as a Word document.
type Refusal string

// The refusals.
const (
	Empty       Refusal = "empty"       // no bytes at all
	TooLarge    Refusal = "too_large"   // more bytes than Limits.Archive
	Bomb        Refusal = "bomb"        // unpacks to more than the limits allow
	TooComplex  Refusal = "too_complex" // nested or split beyond the limits
	Damaged     Refusal = "damaged"     // cut short, or not well-formed
	Encrypted   Refusal = "encrypted"   // needs a password
	OldWord     Refusal = "old_word"    // .doc of Word 97–2003
	Macros      Refusal = "macros"      // .docm, or a document that carries macros
	Spreadsheet Refusal = "spreadsheet" // .xlsx, .xls, .ods
	Slides      Refusal = "slides"      // .pptx, .ppt, .odp
	PDF         Refusal = "pdf"         // .pdf
	RTF         Refusal = "rtf"         // .rtf
	OpenText    Refusal = "odt"         // .odt
	NotWord     Refusal = "not_word"    // anything else
)

// Error is the refusal for the log.
func (r Refusal) Error() string { return "read Word document: " + string(r) }

// Limits bound what a file may cost. A form of ten pages stays far below each.
type Limits struct {
	Archive  int64 // bytes of the file
	Unpacked int64 // bytes of all parts together
	Ratio    int64 // unpacked to packed bytes of one part above 1 MB
	Parts    int   // entries of the archive
	Depth    int   // elements inside one another
	Elements int   // elements of the document
	Cells    int   // cells of all tables
}

// DefaultLimits are the limits for files that strangers send.
var DefaultLimits = Limits{
	Archive: 20 << 20, Unpacked: 100 << 20, Ratio: 200, Parts: 2000, Depth: 256, Elements: 1_000_000, Cells: 30_000,
}

// Open reads a document. It fails with a Refusal when the file is no Word
// document or goes beyond the limits.
func Open(r io.ReaderAt, size int64, limits Limits) (*File, error) {
	z, err := unpack(r, size, limits)
	if err != nil {
		return nil, err
	}
	main, err := z.mainPart()
	if err != nil {
		return nil, err
	}
	part, err := z.open(main)
	if err != nil {
		return nil, err
	}
	rels := z.relations(main)
	looks, err := z.readLooks(rels, limits)
	if err != nil {
		return nil, err
	}
	asides, err := z.readAsides(rels, looks, limits)
	if err != nil {
		return nil, err
	}
	w := newWalker(part, limits)
	w.looks, w.asides = looks, asides
	blocks, err := w.document()
	switch {
	case part.beyond:
		return nil, Bomb
	case errors.As(err, new(Refusal)):
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("%w: %w", Damaged, err)
	}
	edges, err := z.readEdges(rels, looks, limits)
	if err != nil {
		return nil, err
	}
	return &File{Blocks: blocks, Hidden: z.hidden(), Edges: edges, Traces: append(asides.left(), w.pending...)}, nil
}

type archive struct {
	files  map[string]*zip.File
	limits Limits
	left   int64 // bytes that may still be unpacked
}

// unpack opens the archive, or says what the file is instead.
func unpack(r io.ReaderAt, size int64, limits Limits) (*archive, error) {
	if size == 0 {
		return nil, Empty
	}
	if size > limits.Archive {
		return nil, TooLarge
	}
	head := make([]byte, min(size, 512))
	if _, err := r.ReadAt(head, 0); err != nil && err != io.EOF {
		return nil, fmt.Errorf("read Word document: %w", err)
	}
	if !bytes.HasPrefix(head, []byte("PK")) {
		return nil, foreign(head, r, size)
	}
	zr, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", Damaged, err)
	}
	if len(zr.File) > limits.Parts {
		return nil, TooComplex
	}
	z := &archive{files: map[string]*zip.File{}, limits: limits, left: limits.Unpacked}
	var declared uint64
	for _, f := range zr.File {
		if f.Flags&1 != 0 {
			return nil, Encrypted
		}
		declared += min(f.UncompressedSize64, uint64(limits.Unpacked)+1)
		if declared > uint64(limits.Unpacked) {
			return nil, Bomb
		}
		name := strings.TrimPrefix(strings.ReplaceAll(f.Name, `\`, "/"), "/")
		if _, twice := z.files[strings.ToLower(name)]; !twice {
			z.files[strings.ToLower(name)] = f
		}
	}
	return z, nil
}

// foreign names a file that is no zip archive by its first bytes.
func foreign(head []byte, r io.ReaderAt, size int64) error {
	text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	switch {
	case bytes.HasPrefix(head, []byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")):
		return compound(r, size)
	case bytes.HasPrefix(text, []byte("%PDF-")):
		return PDF
	case bytes.HasPrefix(text, []byte(`{\rtf`)):
		return RTF
	}
	return NotWord
}

// compound names a compound file of Office 97–2003 by the streams in its
// directory. A modern document with a password is one too.
func compound(r io.ReaderAt, size int64) error {
	all, err := io.ReadAll(io.NewSectionReader(r, 0, size))
	if err != nil {
		return fmt.Errorf("read Word document: %w", err)
	}
	has := func(stream string) bool {
		wide := make([]byte, 0, 2*len(stream))
		for _, c := range []byte(stream) {
			wide = append(wide, c, 0)
		}
		return bytes.Contains(all, wide)
	}
	switch {
	case has("EncryptedPackage"):
		return Encrypted
	case has("WordDocument"):
		return OldWord
	case has("Workbook"), has("Book\x00"):
		return Spreadsheet
	case has("PowerPoint Document"):
		return Slides
	}
	return NotWord
}

// mainPart finds the document among the parts, or says what the package is.
func (z *archive) mainPart() (string, error) {
	if z.files["mimetype"] != nil {
		kind, err := z.all("mimetype")
		if err != nil {
			return "", err
		}
		switch {
		case bytes.Contains(kind, []byte("opendocument.text")):
			return "", OpenText
		case bytes.Contains(kind, []byte("opendocument.spreadsheet")):
			return "", Spreadsheet
		case bytes.Contains(kind, []byte("opendocument.presentation")):
			return "", Slides
		}
	}
	if z.files["[content_types].xml"] == nil {
		return "", NotWord
	}
	types, err := z.all("[content_types].xml")
	if err != nil {
		return "", err
	}
	for name := range z.files {
		if strings.HasSuffix(name, "vbaproject.bin") {
			return "", Macros
		}
	}
	switch {
	case bytes.Contains(types, []byte("macroEnabled")):
		return "", Macros
	case bytes.Contains(types, []byte("spreadsheetml.sheet.main")):
		return "", Spreadsheet
	case bytes.Contains(types, []byte("presentationml")) && !bytes.Contains(types, []byte("wordprocessingml")):
		return "", Slides
	}
	target := z.officeDocument()
	if z.files[strings.ToLower(target)] == nil {
		target = "word/document.xml"
	}
	if z.files[strings.ToLower(target)] == nil {
		return "", NotWord
	}
	return target, nil
}

// officeDocument is the target of the package's main relationship.
func (z *archive) officeDocument() string {
	raw, err := z.all("_rels/.rels")
	if err != nil {
		return ""
	}
	var rels struct {
		Relationship []struct {
			Type   string `xml:"Type,attr"`
			Target string `xml:"Target,attr"`
			Mode   string `xml:"TargetMode,attr"`
		}
	}
	if xml.Unmarshal(raw, &rels) != nil {
		return ""
	}
	for _, r := range rels.Relationship {
		if strings.HasSuffix(r.Type, "/officeDocument") && r.Mode != "External" {
			return strings.TrimPrefix(path.Clean("/"+r.Target), "/")
		}
	}
	return ""
}

// hidden is what Document.Hide put in. Data that cannot be read is no data.
func (z *archive) hidden() []byte {
	if z.files[strings.ToLower(hiddenPart)] == nil {
		return nil
	}
	raw, err := z.all(hiddenPart)
	if err != nil {
		return nil
	}
	var data struct {
		XMLName xml.Name
		Text    string `xml:",chardata"`
	}
	if xml.Unmarshal(raw, &data) != nil || data.XMLName.Space != hiddenNS {
		return nil
	}
	out, err := base64.StdEncoding.DecodeString(strings.TrimSpace(data.Text))
	if err != nil {
		return nil
	}
	return out
}

func (z *archive) all(name string) ([]byte, error) {
	p, err := z.open(name)
	if err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(p)
	if p.beyond {
		return nil, Bomb
	}
	if err != nil {
		return nil, fmt.Errorf("%w: part %s: %w", Damaged, name, err)
	}
	return raw, nil
}

// part counts what is really unpacked: the size that an archive declares may be
// a lie.
type part struct {
	r      io.Reader
	z      *archive
	packed int64
	read   int64
	beyond bool
}

func (z *archive) open(name string) (*part, error) {
	f := z.files[strings.ToLower(name)]
	if f == nil {
		return nil, fmt.Errorf("%w: part %s is missing", Damaged, name)
	}
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("%w: part %s: %w", Damaged, name, err)
	}
	return &part{r: r, z: z, packed: int64(f.CompressedSize64)}, nil
}

func (p *part) Read(b []byte) (int, error) {
	n, err := p.r.Read(b)
	p.read += int64(n)
	p.z.left -= int64(n)
	if p.z.left < 0 || p.read > 1<<20 && p.read/max(1, p.packed) > p.z.limits.Ratio {
		p.beyond = true
		return 0, Bomb
	}
	return n, err
}
