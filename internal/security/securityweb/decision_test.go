package securityweb

import (
	"bytes"
	"io/fs"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/blob"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/platform/upload"
	"dean06/internal/platform/upload/uploadsql"
	"dean06/internal/platform/upload/uploadtest"
	"dean06/internal/platform/web"
)

// The file of a decision is looked at by the node's scanner: one with a virus, or that is not
// what its name says, is refused by name and kept nowhere.
func TestTheFileOfADecisionIsLookedAt(t *testing.T) {
	t.Parallel()
	db, dir := sqldbtest.OpenSQLite(t), t.TempDir()
	stand, err := uploadtest.StartClamd("unix", filepath.Join(t.TempDir(), "clamd"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stand.Close() })
	files, err := blob.NewDir(filepath.Join(dir, "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	if err := uploadsql.Migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	p := &Pages{Files: files, Uploads: uploadsql.New(uploadsql.Options{
		DB: db, Dir: filepath.Join(dir, "uploads"), Files: files, Clock: clock.System{}, Log: slog.New(slog.DiscardHandler),
		Scanner: &upload.Clamd{Network: "unix", Address: stand.Address(), Wait: 5 * time.Second}, Relaxed: true,
	})}
	count := func() (n int) {
		_ = filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
			if err == nil && e.Type().IsRegular() {
				n++
			}
			return err
		})
		return n
	}
	sick := bytes.Replace(uploadtest.PDF(""), []byte("xref"), []byte("%"+uploadtest.EICAR+"\nxref"), 1)
	for _, c := range []struct {
		name    string
		content []byte
		refused string
	}{
		{"quyet-dinh.pdf", uploadtest.PDF(""), ""},
		{"quyet-dinh.pdf", sick, "upload.refused.virus"},
		{"quyet-dinh.pdf", []byte("MZ"), "upload.refused.wrong_type"},
	} {
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		part, err := form.CreateFormFile("file", c.name)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = part.Write(c.content)
		_ = form.WriteField("number", "12/QĐ-UBND")
		_ = form.Close()
		r := httptest.NewRequestWithContext(actor.With(t.Context(), actor.Actor{Account: "chi"}), http.MethodPost, "/", &body)
		r.Header.Set("Content-Type", form.FormDataContentType())
		f, err := web.ReadForm(r)
		if err != nil {
			t.Fatal(err)
		}
		before := count()
		dec, err := p.decisionOf(r, f)
		if c.refused == "" {
			if err != nil || dec.File.Name != c.name || dec.File.SHA256 == "" || count() == before {
				t.Errorf("%s: %+v, %v", c.name, dec, err)
			}
			continue
		}
		if errs := web.FormErrors(err); len(errs) != 1 || errs[0].Field != "file" || errs[0].Key != c.refused || dec.File.SHA256 != "" {
			t.Errorf("got %v, want %s", err, c.refused)
		}
		if got := count(); got != before {
			t.Errorf("%s: %d files are kept, want %d", c.refused, got, before)
		}
	}
}
