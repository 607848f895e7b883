package readinessweb

import (
	"bytes"
	"mime"
	"net/http"
	"strconv"

	"dean06/internal/platform/sheet"
)

// File is something to download.
type File struct {
	Name      string
	MediaType string
	Content   []byte
}

// The types of the files, as a browser calls them.
var mediaTypes = map[string]string{
	"docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	"pdf":  "application/pdf",
}

// NewFile names a file with the ending and the media type of its format.
func NewFile(name, format string, content []byte) File {
	return File{Name: name + "." + format, MediaType: mediaTypes[format], Content: content}
}

// CSV makes a file of rows, as spreadsheets read it.
func CSV(name string, rows [][]string) (File, error) {
	var buf bytes.Buffer
	c, err := sheet.NewCSV(&buf)
	if err != nil {
		return File{}, err
	}
	for _, row := range rows {
		if err := c.Write(row...); err != nil {
			return File{}, err
		}
	}
	if err := c.Flush(); err != nil {
		return File{}, err
	}
	return File{Name: name + ".csv", MediaType: "text/csv; charset=utf-8", Content: buf.Bytes()}, nil
}

// Send answers with the file, for the browser to keep under its name.
func (f File) Send(w http.ResponseWriter) error {
	h := w.Header()
	h.Set("Content-Type", f.MediaType)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	h.Set("Content-Length", strconv.Itoa(len(f.Content)))
	h.Set("Cache-Control", "no-store")
	_, _ = w.Write(f.Content) // the reader may have gone
	return nil
}
