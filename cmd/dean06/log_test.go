package main

import (
	"bytes"
	"context"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
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

// TestVerifyAsReader: a user of the database who may only read can check its logs, and the
// check needs no more.
func TestVerifyAsReader(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := sqldbtest.OpenPostgres(t)
	var out, errw bytes.Buffer
	if code := run([]string{
		"account", "create", "--login", "quantri", "--name", "Nguyễn Văn Mẫu", "--role", "administrator", "--db", db.URL(),
	}, &out, &errw); code != exitOK {
		t.Fatalf("exit %d: %s", code, &errw)
	}
	u, err := url.Parse(db.URL())
	if err != nil {
		t.Fatal(err)
	}
	schema := u.Query().Get("search_path")
	reader := "reader_" + schema
	do := func(queries ...string) {
		for _, q := range queries {
			if _, err := db.ExecContext(ctx, q); err != nil {
				t.Fatalf("%s: %v", q, err)
			}
		}
	}
	do("CREATE ROLE "+reader+" LOGIN PASSWORD 'reader'", "GRANT USAGE ON SCHEMA "+schema+" TO "+reader,
		"GRANT SELECT ON ALL TABLES IN SCHEMA "+schema+" TO "+reader)
	t.Cleanup(func() { do("DROP OWNED BY "+reader, "DROP ROLE "+reader) })
	u.User = url.UserPassword(reader, "reader")
	as := func(args string) (int, string, string) {
		var out, errw bytes.Buffer
		code := run(append(strings.Fields(args), "--db", u.String()), &out, &errw)
		return code, out.String(), errw.String()
	}
	for _, c := range []struct{ args, want string }{
		{"log verify --json", `"state":"whole","at":0,"witness":"none"}`},
		{"log verify", "✓ "},
		{"audit verify", "nguyên vẹn"},
	} {
		code, out, errw := as(c.args)
		if code != exitOK || !strings.Contains(out, c.want) || errw != "" {
			t.Errorf("%s: exit %d, %s%s", c.args, code, out, errw)
		}
	}
	do("UPDATE audit_entry SET purpose = 'x' WHERE seq = 1")
	for _, args := range []string{"log verify", "audit verify"} {
		if code, out, _ := as(args); code != exitFailed {
			t.Errorf("%s of a changed log: exit %d, %s", args, code, out)
		}
	}
}
