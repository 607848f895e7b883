package upload

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"io"
	"strings"

	"dean06/internal/platform/fault"
)

// A document of Word or Excel has some dozens of parts; the list of parts is held whole.
const (
	mostParts = 5000
	tailSize  = 22 + 65535 // the end record of an archive with the longest comment
)

// zipType tells documents of Word and Excel from other archives, by their list of parts.
func zipType(r io.ReaderAt, size int64) (Type, error) {
	z, err := openZip(r, size)
	if err != nil || z == nil {
		return Zip, err
	}
	t := Zip
	for _, f := range z.File {
		switch name := strings.ToLower(f.Name); {
		case name == "word/document.xml":
			t = DOCX
		case name == "xl/workbook.xml":
			t = XLSX
		case strings.HasPrefix(name, "ppt/"), name == "mimetype":
			return Office, nil
		case name == "meta-inf/manifest.mf", name == "androidmanifest.xml":
			return Program, nil
		}
	}
	return t, nil
}

// openZip opens an archive whose list of parts is short enough to be held; nil is one
// that is damaged or longer.
func openZip(r io.ReaderAt, size int64) (*zip.Reader, error) {
	tail := make([]byte, min(size, tailSize))
	if _, err := r.ReadAt(tail, size-int64(len(tail))); err != nil && err != io.EOF {
		return nil, err
	}
	i := bytes.LastIndex(tail, []byte("PK\x05\x06"))
	if i < 0 || len(tail)-i < 22 {
		return nil, nil //nolint:nilnil // no archive, and no fault of ours
	}
	parts, bytesOfList := binary.LittleEndian.Uint16(tail[i+10:]), binary.LittleEndian.Uint32(tail[i+12:])
	if parts > mostParts || bytesOfList > 4<<20 {
		return nil, nil //nolint:nilnil // as above
	}
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, nil //nolint:nilnil,nilerr // as above
	}
	return z, nil
}

// what in a document of Word or Excel acts, or brings another file along.
var activeParts = []struct{ text, what string }{
	{"vbaproject", "macros"},
	{"vbadata", "macros"},
	{"/activex", "macros"},
	{"macrosheets/", "macros"},
	{"/embeddings/", "embedded"},
	{"oleobject", "embedded"},
}

func inspectOffice(r io.ReaderAt, size int64, name string, t Type) error {
	z, err := openZip(r, size)
	if err != nil {
		return err
	}
	if z == nil {
		return refused("not_whole", name, fault.Args{"type": string(t)})
	}
	for _, f := range z.File {
		for _, a := range activeParts {
			if strings.Contains(strings.ToLower(f.Name), a.text) {
				return refused("active", name, fault.Args{"type": string(t), "what": a.what})
			}
		}
		if f.Flags&1 != 0 {
			return refused("encrypted", name, nil)
		}
	}
	return nil
}
