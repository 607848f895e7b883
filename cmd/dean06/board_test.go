package main

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/platform/sqldb"
)

// What is exported and taken in again on another board is shown the same.
func TestExportedFormsComeBackTheSame(t *testing.T) {
	t.Parallel()
	from, to := newBoard(t), newBoard(t)
	from.importing(
		samples2022, "--campaign", "488", samples2022+"/ubnd-tinh-thai-nguyen.docx", samples2022+"/bo-tu-phap.docx",
		samples2022+"/ubnd-thanh-pho-ha-noi.docx",
	)
	for agency, format := range map[string]string{"H55": "docx", "G15": "xlsx", "H26": "docx"} {
		out := filepath.Join(to.dir, agency+"."+format)
		from.must("readiness", "export", "--campaign", "488", "--agency", agency, "--format", format, "--out", out)
		if code, results := to.importing(to.dir, "--campaign", "488", out); code != exitOK {
			t.Errorf("%s: exit %d: %+v", agency, code, results)
			continue
		}
		if diff := cmp.Diff(from.answers("488", agency), to.answers("488", agency)); diff != "" {
			t.Errorf("%s as %s (-want +got):\n%s", agency, format, diff)
		}
	}
}

// A line of the log that somebody changes by hand is found.
func TestAuditFindsWhatWasChangedByHand(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for name, harm := range map[string]string{
		"changed": `UPDATE audit_entry SET actor = 'nguoi-khac' WHERE seq = 2`,
		"removed": `DELETE FROM audit_entry WHERE seq = 2`,
	} {
		b := newBoard(t)
		b.importing("", "--campaign", "488", samples2022+"/bo-tu-phap.docx", samples2022+"/bo-y-te.docx")
		b.must("audit", "verify")
		db, err := sqldb.Open(ctx, "sqlite:"+filepath.Join(b.dir, "board.db"), sqldb.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.ExecContext(ctx, harm); err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		code, out, errw := b.run("audit", "verify")
		if code != exitFailed || out != "" || !strings.Contains(errw, "2") || strings.Contains(errw, "audit.") {
			t.Errorf("%s: exit %d, %q, %q", name, code, out, errw)
		}
	}
}
