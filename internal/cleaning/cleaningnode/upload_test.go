package cleaningnode

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"dean06/internal/cleaning/cleaningweb"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/upload"
)

// TestWhoMaySend holds that nobody sends pieces without the right to hand a file in, and that
// they are for nothing else.
func TestWhoMaySend(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, cleaningweb.UploadPath, nil)
	if _, err := uploader(r); fault.Of(err) != fault.Unsigned {
		t.Errorf("of nobody: %v", err)
	}
	if _, err := mayUpload(t.Context(), "an", upload.New{For: "draft 7"}); fault.Of(err) != fault.NotFound {
		t.Errorf("for something else: %v", err)
	}
	if p, err := mayUpload(t.Context(), "an", upload.New{For: cleaningweb.Purpose}); err != nil || p.Max != 8<<30 {
		t.Errorf("a file to clean: %v %+v", err, p)
	}
}
