package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dean06/internal/platform/sqldb"
)

// TestLogVerify: the command says of each log whether it is whole, in words and as JSON, and
// leaves the database and its folder as they are.
func TestLogVerify(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for name, c := range map[string]struct{ harm, want string }{
		"as it was":         {"", `"state":"whole","at":0,"witness":"none"}`},
		"changed":           {`UPDATE audit_entry SET purpose = 'x' WHERE seq = 2`, `"state":"changed","at":2,"witness":"none"}`},
		"removed":           {`DELETE FROM audit_entry WHERE seq = 2`, `"state":"cut","at":2,"witness":"none"}`},
		"removed all of it": {`DELETE FROM audit_entry`, `"state":"cut","at":1,"witness":"none"}`},
	} {
		b := newBoard(t)
		b.importing("", "--campaign", "488", samples2022+"/bo-tu-phap.docx", samples2022+"/bo-y-te.docx")
		if c.harm != "" {
			db, err := sqldb.Open(ctx, "sqlite:"+filepath.Join(b.dir, "board.db"), sqldb.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := db.ExecContext(ctx, c.harm); err != nil {
				t.Fatal(err)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
		}
		before, err := os.ReadFile(filepath.Join(b.dir, "board.db"))
		if err != nil {
			t.Fatal(err)
		}
		wantCode := exitOK
		if c.harm != "" {
			wantCode = exitFailed
		}
		code, out, errw := b.run("log", "verify", "--json")
		if code != wantCode || !strings.HasPrefix(out, `{"chains":[{"chain":"audit","rows":`) || !strings.Contains(out, c.want) || errw != "" {
			t.Errorf("%s: exit %d, %s%s", name, code, out, errw)
		}
		code, out, errw = b.run("log", "verify")
		if code != wantCode || !strings.Contains(out, "Nhật ký kiểm toán") || strings.Contains(out, "ledger.") || errw != "" {
			t.Errorf("%s: exit %d, %s%s", name, code, out, errw)
		}
		after, err := os.ReadFile(filepath.Join(b.dir, "board.db"))
		if err != nil || string(after) != string(before) {
			t.Errorf("%s: the check wrote to the database, %v", name, err)
		}
	}
	b := board{t, t.TempDir()}
	code, _, errw := b.run("log", "verify")
	if left, err := os.ReadDir(b.dir); err != nil || len(left) > 0 || code != exitFailed || errw == "" {
		t.Errorf("a database that is not there: exit %d, %q, left %v", code, errw, left)
	}
}
