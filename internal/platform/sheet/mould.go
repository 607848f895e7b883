package sheet

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// Value is what Fill puts into a cell.
type Value struct {
	text   string
	number bool
}

// String is a text; it never becomes a formula.
func String(s string) Value { return Value{text: s} }

// Int is a whole number.
func Int(n int) Value { return Value{text: strconv.Itoa(n), number: true} }

// Mould is a workbook of which many copies differ in the content of blank,
// styled cells only. Making one costs what excelize costs; a copy costs the
// writing of its filled sheets. It is safe for concurrent use.
type Mould struct {
	parts []part
}

// part is a member of the archive: packed already, or a sheet with slots.
type part struct {
	name   string
	packed []byte
	crc    uint32
	size   uint64

	sheet  string
	widths map[string]float64 // of the columns of the slots
	slots  []slot
	tail   string
}

// slot is what differs from copy to copy, after what stands before it: a blank
// cell with its reference and style, or a row's height.
type slot struct {
	before     string
	ref, style string  // of a cell
	row        string  // of a height
	height     float64 // that the row has at least
}

// As excelize writes them: a styled cell without content, and a row of a given
// height. The mark of a height given by hand is dropped, so that rows still grow
// with what is typed.
var blank = regexp.MustCompile(`<c r="([A-Z]+[0-9]+)" s="([0-9]+)"(?:></c>|/>)|<row r="([0-9]+)" ht="([0-9.]+)" customHeight="(?:1|true)"`)

// NewMould takes the workbook as a mould: each styled blank cell of the named
// sheets can be filled.
func NewMould(f *excelize.File, sheets ...string) (*Mould, error) {
	fillable := map[string]string{}
	for _, name := range sheets {
		i, err := f.GetSheetIndex(name)
		if err != nil {
			return nil, fmt.Errorf("make mould: %w", err)
		}
		if i < 0 {
			return nil, fmt.Errorf("make mould: no sheet %q", name)
		}
		// excelize numbers the parts of a new workbook in the order of creation.
		fillable[fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1)] = name
	}
	var raw bytes.Buffer
	if err := f.Write(&raw); err != nil {
		return nil, fmt.Errorf("make mould: %w", err)
	}
	z, err := zip.NewReader(bytes.NewReader(raw.Bytes()), int64(raw.Len()))
	if err != nil {
		return nil, fmt.Errorf("make mould: %w", err)
	}
	m := &Mould{}
	for _, e := range z.File {
		rc, err := e.Open()
		if err != nil {
			return nil, fmt.Errorf("make mould: %w", err)
		}
		content, err := io.ReadAll(rc)
		if err != nil {
			return nil, fmt.Errorf("make mould: %w", err)
		}
		p := part{name: e.Name, sheet: fillable[e.Name]}
		if p.sheet != "" {
			p.cut(string(content))
			if err := p.measure(f); err != nil {
				return nil, fmt.Errorf("make mould: %w", err)
			}
		} else if err := p.pack(content); err != nil {
			return nil, fmt.Errorf("make mould: %w", err)
		}
		m.parts = append(m.parts, p)
	}
	return m, nil
}

func (p *part) cut(xml string) {
	from := 0
	for _, at := range blank.FindAllStringSubmatchIndex(xml, -1) {
		s := slot{before: xml[from:at[0]]}
		if at[2] >= 0 {
			s.ref, s.style = xml[at[2]:at[3]], xml[at[4]:at[5]]
		} else {
			s.row = xml[at[6]:at[7]]
			s.height, _ = strconv.ParseFloat(xml[at[8]:at[9]], 64) // digits by the pattern
		}
		p.slots = append(p.slots, s)
		from = at[1]
	}
	p.tail = xml[from:]
}

func (p *part) measure(f *excelize.File) error {
	p.widths = map[string]float64{}
	for _, s := range p.slots {
		col := strings.TrimRight(s.ref, "0123456789")
		if _, ok := p.widths[col]; ok || col == "" {
			continue
		}
		hidden, err := f.GetColVisible(p.sheet, col)
		if err != nil {
			return err
		}
		if p.widths[col], err = f.GetColWidth(p.sheet, col); err != nil {
			return err
		}
		if !hidden {
			p.widths[col] = 0
		}
	}
	return nil
}

// Height is the height in points that text needs in a column of a width, in our
// font of 11 points; 0 for a hidden column. Excel does not work it out by itself
// when a workbook is opened.
func Height(text string, width float64) float64 {
	if width <= 0 {
		return 0
	}
	lines := 0.0
	for l := range strings.SplitSeq(text, "\n") {
		lines += max(1, math.Ceil(float64(utf8.RuneCountInString(l))/(width*1.2)))
	}
	return min(409, 15*lines+2) // 409 is the most that a row can have
}

func (p *part) pack(content []byte) error {
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.BestCompression)
	if err != nil {
		return err
	}
	if _, err := w.Write(content); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	p.packed, p.crc, p.size = out.Bytes(), crc32.ChecksumIEEE(content), uint64(len(content))
	return nil
}

var deflaters = sync.Pool{New: func() any {
	w, err := flate.NewWriter(io.Discard, flate.BestSpeed)
	if err != nil {
		panic(err) // the level is a constant
	}
	return w
}}

// Fill makes a copy with values by sheet and cell ("E7"). It fails when a value
// has no blank cell to go to or does not fit into one, so that none is lost.
func (m *Mould) Fill(values map[string]map[string]Value) ([]byte, error) {
	left := 0
	for _, v := range values {
		left += len(v)
	}
	var out, xml bytes.Buffer
	z := zip.NewWriter(&out)
	deflater := deflaters.Get().(*flate.Writer)
	defer deflaters.Put(deflater)
	for _, p := range m.parts {
		if p.sheet != "" {
			xml.Reset()
			n, err := p.fill(&xml, values[p.sheet])
			if err != nil {
				return nil, fmt.Errorf("fill sheet %s: %w", p.sheet, err)
			}
			left -= n
			p.crc, p.size = crc32.ChecksumIEEE(xml.Bytes()), uint64(xml.Len())
			var packed bytes.Buffer
			deflater.Reset(&packed)
			if _, err := deflater.Write(xml.Bytes()); err != nil {
				return nil, fmt.Errorf("fill sheet %s: %w", p.sheet, err)
			}
			if err := deflater.Close(); err != nil {
				return nil, fmt.Errorf("fill sheet %s: %w", p.sheet, err)
			}
			p.packed = packed.Bytes()
		}
		w, err := z.CreateRaw(&zip.FileHeader{
			Name: p.name, Method: zip.Deflate, CRC32: p.crc,
			CompressedSize64: uint64(len(p.packed)), UncompressedSize64: p.size,
		})
		if err != nil {
			return nil, fmt.Errorf("fill workbook: %w", err)
		}
		if _, err := w.Write(p.packed); err != nil {
			return nil, fmt.Errorf("fill workbook: %w", err)
		}
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("fill workbook: %w", err)
	}
	if left != 0 {
		return nil, fmt.Errorf("fill workbook: %d values have no cell to go to", left)
	}
	return out.Bytes(), nil
}

var xmlText = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func (p *part) fill(out *bytes.Buffer, values map[string]Value) (int, error) {
	n := 0
	tall := map[string]float64{}
	for ref, v := range values {
		row := strings.TrimLeft(ref, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
		tall[row] = max(tall[row], Height(v.text, p.widths[strings.TrimRight(ref, "0123456789")]))
	}
	for _, s := range p.slots {
		if s.row != "" {
			fmt.Fprintf(out, `%s<row r="%s" ht="%.1f"`, s.before, s.row, max(s.height, tall[s.row]))
			continue
		}
		out.WriteString(s.before)
		out.WriteString(`<c r="`)
		out.WriteString(s.ref)
		out.WriteString(`" s="`)
		out.WriteString(s.style)
		v, ok := values[s.ref]
		if ok {
			n++
		}
		switch {
		case v.text == "":
			out.WriteString(`"/>`)
		case v.number:
			out.WriteString(`"><v>`)
			out.WriteString(v.text)
			out.WriteString(`</v></c>`)
		default:
			if Length(v.text) > MaxText {
				return 0, &TooLong{Ref: s.ref, Length: Length(v.text)}
			}
			out.WriteString(`" t="inlineStr"><is><t xml:space="preserve">`)
			if _, err := xmlText.WriteString(out, escape(v.text)); err != nil {
				return 0, err
			}
			out.WriteString(`</t></is></c>`)
		}
	}
	out.WriteString(p.tail)
	return n, nil
}

// TooLong is the error of Fill for a text that no cell can hold.
type TooLong struct {
	Ref    string
	Length int // in UTF-16 units; MaxText are allowed
}

// Error is the text for the log.
func (t *TooLong) Error() string {
	return fmt.Sprintf("cell %s: %d characters, at most %d fit", t.Ref, t.Length, MaxText)
}
