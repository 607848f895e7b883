package readiness

import (
	"archive/zip"
	"bytes"
	"path/filepath"
	"strings"
)

// kindOf says by its content whether a file is of Excel or of Word: people give files
// other names. Where the content is neither, the name decides which reader refuses it.
func kindOf(name string, content []byte) Channel {
	named := ByWord
	if strings.EqualFold(filepath.Ext(name), ".xlsx") {
		named = ByExcel
	}
	switch {
	case bytes.HasPrefix(content, []byte("PK")):
		z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
		if err != nil {
			return named
		}
		for _, e := range z.File {
			switch n := strings.ToLower(strings.ReplaceAll(e.Name, `\`, "/")); {
			case strings.HasPrefix(n, "xl/workbook."):
				return ByExcel
			case n == "word/document.xml":
				return ByWord
			}
		}
	case bytes.HasPrefix(content, []byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")):
		// The container of Office 97 to 2003 names its streams in UTF-16.
		switch {
		case hasWide(content, "WordDocument"):
			return ByWord
		case hasWide(content, "Workbook"), hasWide(content, "Book\x00"):
			return ByExcel
		}
	case bytes.HasPrefix(content, []byte("\x09\x08")):
		return ByExcel
	}
	return named
}

func hasWide(content []byte, name string) bool {
	wide := make([]byte, 0, 2*len(name))
	for i := range len(name) {
		wide = append(wide, name[i], 0)
	}
	return bytes.Contains(content, wide)
}

// readerOf is the reader for a file.
func (r *Register) readerOf(f File) FormReader {
	if kindOf(f.Name, f.Content) == ByExcel {
		return r.excel
	}
	return r.word
}
