package sqldb

import (
	"net/url"
	"strings"
	"testing"
)

// inSchema makes a schema of the test's own, and gives the address that leads into it.
func inSchema(t *testing.T, server string) string {
	t.Helper()
	admin, err := openPostgres(t.Context(), server, Options{})
	if err != nil {
		t.Fatal(err)
	}
	schema := "t_" + strings.ReplaceAll(NewID(), "-", "")
	if _, err := admin.ExecContext(t.Context(), "CREATE SCHEMA "+schema); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, err := admin.write.Exec("DROP SCHEMA " + schema + " CASCADE")
		if err != nil {
			t.Error(err)
		}
		_ = admin.Close()
	})
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return u.String()
}
