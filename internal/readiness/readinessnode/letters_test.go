package readinessnode_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/mail"
	"dean06/internal/platform/outbox"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinessnode"
)

// mails are those that wait to be sent, the first first.
func (o *opened) mails(t *testing.T) []mail.Message {
	t.Helper()
	kind, _ := mail.Handler(nil)
	list, err := jobs.List(t.Context(), o.base.DB, jobs.Filter{Kind: kind, Limit: 500})
	if err != nil {
		t.Fatal(err)
	}
	var out []mail.Message
	for _, j := range slices.Backward(list) {
		var env outbox.Message
		var m mail.Message
		if json.Unmarshal([]byte(j.Payload), &env) == nil && json.Unmarshal(env.Payload, &m) != nil || m.Subject == "" {
			if err := json.Unmarshal([]byte(j.Payload), &m); err != nil {
				t.Fatal(err)
			}
		}
		out = append(out, m)
	}
	return out
}

// A round goes out by mail with its letter and form, decisions are told, and so is that it
// was cancelled; each once.
func TestLettersAreMailed(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		o := openOn(t, db, clock.System{})
		system := readinessnode.System()
		raw, err := os.ReadFile("../../../data/demo/appendix-488/round-2022/ubnd-tinh-thai-nguyen.docx")
		if err != nil {
			t.Fatal(err)
		}
		one := readiness.File{Name: "a.docx", Size: int64(len(raw)), Content: raw}
		files := slices.Values([]readiness.File{one})
		if _, err := o.Register().Import(ctx, system, readiness.Batch{Campaign: "488"}, files, func(readiness.BatchItem) {}); err != nil {
			t.Fatal(err)
		}
		if _, err := o.Register().Reopen(ctx, system, "488", "H55", "xem lại"); err != nil {
			t.Fatal(err)
		}
		if _, err := o.Register().SendBack(ctx, system, "488", "H55", 1, []readiness.Comment{{Field: "row.2", Text: "Ghi rõ số liệu"}}); err != nil {
			t.Fatal(err)
		}
		sent := o.mails(t)
		if len(sent) != 1 || !strings.Contains(sent[0].Text, ": Ghi rõ số liệu") || !strings.Contains(sent[0].Text, "/returns/488/H55") {
			t.Fatalf("sent back: %+v", sent)
		}

		c, err := o.Register().Campaign(ctx, system, "488")
		if err != nil {
			t.Fatal(err)
		}
		c.ID, c.Number, c.Previous = "901", "901/BTTTT-CĐSQG", "488"
		c.Recipients = readiness.RecipientSet{On: c.Issued, Kinds: []string{readiness.Province}}
		if err := o.Work().Issue(ctx, system, c, "", 0); err != nil {
			t.Fatal(err)
		}
		if err := o.run(t, "readiness.letters"); err != nil {
			t.Fatal(err)
		}
		sent = o.mails(t)
		if len(sent) != 2 { // the one agency that has an address
			t.Fatalf("%d mails after the issue", len(sent))
		}
		issued := sent[1]
		if !strings.Contains(issued.Subject, "901/BTTTT-CĐSQG") || len(issued.Attachments) != 1 || len(issued.Attachments[0].Data) == 0 ||
			strings.ContainsAny(issued.Text+issued.Subject, "{}") {
			t.Errorf("issued: %q %q, %d attachments", issued.Subject, issued.Text, len(issued.Attachments))
		}
		x := readiness.Cancellation{Number: "950/BTTTT-CĐSQG", Day: c.Issued, Reason: "Trùng với đợt khác"}
		if err := o.Work().Cancel(ctx, system, "901", x); err != nil {
			t.Fatal(err)
		}
		if err := o.run(t, "readiness.letters"); err != nil {
			t.Fatal(err)
		}
		sent = o.mails(t)
		if len(sent) != 3 || !strings.Contains(sent[2].Text, "950/BTTTT-CĐSQG") ||
			!strings.Contains(sent[2].Text, "Trùng với đợt khác") || len(sent[2].Attachments) != 1 {
			t.Errorf("cancelled: %+v", sent)
		}
		for _, format := range []string{"docx", "pdf"} {
			if f, err := o.Exports().Cancellation(ctx, system, "901", format); err != nil || len(f.Content) == 0 {
				t.Errorf("the letter as %s: %v", format, err)
			}
		}
		if _, err := o.Exports().Cancellation(ctx, system, "488", "pdf"); err == nil {
			t.Error("a letter of cancellation for a round that stands")
		}
	})
}
