package web

import (
	"fmt"
	"io"
	"mime"
	"net/http"
)

// shown are the types that a browser may show in its place. The rest is saved.
var shown = map[string]bool{"application/pdf": true, "image/jpeg": true, "image/png": true}

// SendPaper sends a paper that came from outside, to be shown where that is safe. Nothing
// that it holds runs in the page's origin, nobody between keeps it.
func SendPaper(w http.ResponseWriter, r io.Reader, mediaType, name string) error {
	h := w.Header()
	disposition := "inline"
	if !shown[mediaType] {
		disposition, mediaType = "attachment", "application/octet-stream"
	}
	h.Set("Content-Type", mediaType)
	h.Set("Content-Disposition", mime.FormatMediaType(disposition, map[string]string{"filename": name}))
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; frame-ancestors 'self'")
	h.Set("X-Frame-Options", "SAMEORIGIN")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "private, no-store")
	if _, err := io.Copy(w, r); err != nil {
		return fmt.Errorf("send a paper: %w", err)
	}
	return nil
}
