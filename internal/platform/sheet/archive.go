package sheet

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Limits bound what a workbook may cost. The zero value of a field means the
// value of DefaultLimits.
type Limits struct {
	Archive int64 // bytes of the file
	Content int64 // bytes of all parts that are read, unpacked
	Entries int   // parts of the archive
	Cells   int   // cells that hold something
	Text    int64 // bytes of all cells, repeated strings counted each time
}

// DefaultLimits hold a filled form a hundred times over.
var DefaultLimits = Limits{Archive: 20 << 20, Content: 64 << 20, Entries: 1000, Cells: 200_000, Text: 32 << 20}

// A part that unpacks to more than this many times its size is no office
// document: their XML packs at 5 to 30 times.
const (
	maxRatio     = 200
	ratioApplies = 1 << 20
)

func (l Limits) orDefault() Limits {
	d := DefaultLimits
	if l.Archive > 0 {
		d.Archive = l.Archive
	}
	if l.Content > 0 {
		d.Content = l.Content
	}
	if l.Entries > 0 {
		d.Entries = l.Entries
	}
	if l.Cells > 0 {
		d.Cells = l.Cells
	}
	if l.Text > 0 {
		d.Text = l.Text
	}
	return d
}

// archive is the opened file: its parts by lower-case name, as Excel finds
// them without regard to case, and what may still be unpacked.
type archive struct {
	parts map[string]*zip.File
	left  int64
	held  int64 // bytes of a part that is read whole; 0: what is left
	buf   bytes.Buffer
}

func openArchive(r io.ReaderAt, size int64, lim Limits) (*archive, error) {
	if size == 0 {
		return nil, refuse(Empty, nil)
	}
	if size > lim.Archive {
		return nil, refuse(TooLarge, fmt.Errorf("%d bytes", size))
	}
	head := make([]byte, min(size, 512))
	if _, err := r.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("open workbook: %w", err)
	}
	if !bytes.HasPrefix(head, []byte("PK")) {
		return nil, recognise(r, size, head)
	}
	z, err := zip.NewReader(r, size)
	if err != nil {
		if bytes.HasPrefix(head, []byte("PK\x03\x04")) && errors.Is(err, zip.ErrFormat) {
			return nil, refuse(Truncated, err)
		}
		return nil, refuse(Damaged, err)
	}
	if len(z.File) > lim.Entries {
		return nil, refuse(Bomb, fmt.Errorf("%d entries", len(z.File)))
	}
	a := &archive{parts: make(map[string]*zip.File, len(z.File)), left: lim.Content}
	var total uint64
	for _, f := range z.File {
		if f.Flags&1 != 0 {
			return nil, refuse(Encrypted, fmt.Errorf("entry %q is encrypted", f.Name))
		}
		// Sizes are only claims here; read counts what really comes out.
		total += f.UncompressedSize64
		if f.UncompressedSize64 > ratioApplies && f.UncompressedSize64/max(1, f.CompressedSize64) > maxRatio {
			return nil, refuse(Bomb, fmt.Errorf("entry %q unpacks %d to %d bytes", f.Name, f.CompressedSize64, f.UncompressedSize64))
		}
		if total > uint64(lim.Content) {
			return nil, refuse(Bomb, fmt.Errorf("unpacks to more than %d bytes", lim.Content))
		}
		name := strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(f.Name, `\`, "/"), "/"))
		if a.parts[name] == nil {
			a.parts[name] = f
		}
	}
	return a, a.isWorkbook()
}

// read unpacks a part whole; nil when there is no such part. The bytes are
// valid until the next read.
func (a *archive) read(name string) ([]byte, error) {
	f := a.parts[strings.ToLower(name)]
	if f == nil {
		return nil, nil
	}
	rc, err := f.Open()
	if err != nil {
		return nil, refuse(Damaged, err)
	}
	defer rc.Close()
	a.buf.Reset()
	most := a.left
	if a.held > 0 {
		most = min(most, a.held)
	}
	n, err := a.buf.ReadFrom(io.LimitReader(rc, most+1))
	if n > most {
		return nil, refuse(Bomb, fmt.Errorf("entry %q exceeds the limit", name))
	}
	if err != nil {
		return nil, refuse(Damaged, fmt.Errorf("entry %q: %w", name, err))
	}
	a.left -= n
	return a.buf.Bytes(), nil
}

// open begins to read a part as it goes; nil when there is no such part.
func (a *archive) open(name string) (io.ReadCloser, error) {
	f := a.parts[strings.ToLower(name)]
	if f == nil {
		return nil, nil //nolint:nilnil // a part that is not there is no error
	}
	rc, err := f.Open()
	if err != nil {
		return nil, refuse(Damaged, err)
	}
	return &counted{rc, a, name}, nil
}

// counted counts what really comes out of a part.
type counted struct {
	io.ReadCloser
	of   *archive
	name string
}

// Read reads on.
func (c *counted) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	if c.of.left -= int64(n); c.of.left < 0 {
		return 0, refuse(Bomb, fmt.Errorf("entry %q exceeds the limit", c.name))
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = refuse(Damaged, fmt.Errorf("entry %q: %w", c.name, err))
	}
	return n, err
}

// isWorkbook tells an .xlsx from the other archives that people send.
func (a *archive) isWorkbook() error {
	has := func(names ...string) bool {
		for _, n := range names {
			if a.parts[n] != nil {
				return true
			}
		}
		return false
	}
	types, err := a.read("[content_types].xml")
	if err != nil {
		return err
	}
	workbook := bytes.Contains(types, []byte("spreadsheetml")) || bytes.Contains(types, []byte("ms-excel")) ||
		has("xl/workbook.xml", "xl/workbook.bin")
	switch {
	case workbook && (bytes.Contains(types, []byte("macroEnabled")) || has("xl/vbaproject.bin")):
		return refuse(Macros, nil)
	case has("xl/workbook.bin"):
		return refuse(OldFormat, errors.New("binary workbook"))
	case workbook:
		return nil
	case has("word/document.xml"):
		return &Refusal{Reason: Another, Found: "docx"}
	case has("ppt/presentation.xml"):
		return &Refusal{Reason: Another, Found: "pptx"}
	case has("mimetype"):
		kind, err := a.read("mimetype")
		if err != nil {
			return err
		}
		if bytes.Contains(kind, []byte("opendocument.spreadsheet")) {
			return &Refusal{Reason: Another, Found: "ods"}
		}
		return &Refusal{Reason: Another, Found: "odt"}
	}
	return &Refusal{Reason: Another, Found: "zip"}
}

// recognise names a file that is no archive.
func recognise(r io.ReaderAt, size int64, head []byte) error {
	another := func(found string) error { return &Refusal{Reason: Another, Found: found} }
	text := bytes.ToLower(bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n"))
	switch {
	case bytes.HasPrefix(head, []byte{0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1}):
		return compound(r, size)
	case bytes.HasPrefix(head, []byte("\x09\x08")): // BIFF without a container: Excel 4 and older
		return refuse(OldFormat, nil)
	case bytes.HasPrefix(text, []byte("%pdf")):
		return another("pdf")
	case bytes.HasPrefix(text, []byte(`{\rtf`)):
		return another("rtf")
	case bytes.HasPrefix(text, []byte("<")):
		return another("html")
	case len(bytes.Trim(head, "\x00")) == 0:
		return refuse(Damaged, errors.New("only zero bytes"))
	case bytes.IndexByte(head, 0) < 0:
		return another("text")
	}
	return another("unknown")
}

// compound looks at a container of the old Office (MS-CFB), whose directory
// names its streams in UTF-16.
func compound(r io.ReaderAt, size int64) error {
	raw, err := io.ReadAll(io.NewSectionReader(r, 0, size))
	if err != nil {
		return fmt.Errorf("open workbook: %w", err)
	}
	holds := func(name string) bool {
		wide := make([]byte, 0, 2*len(name))
		for i := range len(name) {
			wide = append(wide, name[i], 0)
		}
		return bytes.Contains(raw, wide)
	}
	switch {
	case holds("EncryptedPackage"):
		return refuse(Encrypted, nil)
	case holds("WordDocument"):
		return &Refusal{Reason: Another, Found: "doc"}
	}
	return refuse(OldFormat, nil)
}
