package demo

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dean06/data"
	"dean06/internal/citizen"
	"dean06/internal/cleaning"
	"dean06/internal/cleaning/cleaningclient"
	"dean06/internal/cleaning/handover"
	"dean06/internal/platform/approval"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/population"
	"dean06/internal/xroad"
)

// dirtyFile is a file of people of the country's register, as somebody wrote it in a hurry.
func dirtyFile(t *testing.T, authority *Node, rows int, seed uint64) []byte {
	t.Helper()
	people, err := os.Create(filepath.Join(t.TempDir(), "people.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer people.Close()
	if _, err := authority.Modules.Cleaning.Desk().Register.People(t.Context(), people); err != nil {
		t.Fatal(err)
	}
	source, err := cleaning.OpenSource(people.Name())
	if err != nil {
		t.Fatal(err)
	}
	day := clock.MustDate("2026-11-30")
	places, err := cleaning.ReadGazetteer(data.FS, day)
	if err != nil {
		t.Fatal(err)
	}
	var file, truth bytes.Buffer
	d := cleaning.Dirty{World: cleaning.NewWorld(places, day), Profile: cleaning.Profiles["heavy"], Rows: rows, Seed: seed}
	if err := d.Write(source, &file, &truth); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// TestCleaningThroughTheExchange hands a file in at one node and has it cleaned at another,
// with all that lies between: gateways, rights, jobs, two clerks, the signature.
func TestCleaningThroughTheExchange(t *testing.T) {
	t.Parallel()
	c := startCountry(t, t.TempDir())
	authority, province, insurance := c.Node("authority"), c.Node("thainguyen"), c.Node("bhxh")
	ctx, desk, officer := t.Context(), insurance.Modules.Handover.Desk(), insurance.signIn(t, "dulieu")
	content := dirtyFile(t, authority, 200, 3)
	h, err := desk.HandIn(ctx, officer.actor, cleaning.Offer{
		Name: "the-bhyt.csv", Basis: "Công văn 1301/BHXH-CNTT", Purpose: "Bổ sung số định danh cho thẻ",
		Until: clock.DayOf(clock.System{}.Now()).AddDays(30),
	}, bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	comesTo := func(what string, is func() bool) {
		t.Helper()
		eventually(t, what, func() bool {
			if h, err = desk.Handover(ctx, officer.actor, h.ID); err != nil {
				t.Fatal(err)
			}
			return h.Told != nil && is()
		})
	}
	comesTo("columns", func() bool { return h.Told.State == cleaning.Columns })
	kinds := make([]cleaning.Kind, len(h.Told.Columns))
	for i := range kinds {
		kinds[i] = h.Told.Columns[i].Kind
	}
	if err := desk.Confirm(ctx, officer.actor, h.ID, kinds, h.Told.MonthFirst, "vi"); err != nil {
		t.Fatal(err)
	}
	comesTo("rows that are open", func() bool { return h.Told.State == cleaning.Reviewed })
	if h.Told.Rows != 200 || h.Told.Open == 0 || h.Kept {
		t.Fatalf("%+v", h)
	}
	_, q, err := desk.Next(ctx, officer.actor, h.ID, 0, "vi")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := desk.Settle(ctx, officer.actor, h.ID, q.Row, cleaning.Verdict{Candidate: q.Candidate, Says: cleaning.Same}, "vi"); err != nil {
		t.Fatal(err)
	}
	client := func(n *Node) *cleaningclient.Client {
		return &cleaningclient.Client{Call: n.Modules.Gateway.Call, Register: func() (xroad.ID, bool) { return authority.SubsystemID(), true }}
	}
	as := cleaningclient.Asker{Officer: "dulieu", Dossier: "BHXH-2026-17"}
	if _, err := client(insurance).File(ctx, as, h.Remote); err != nil {
		t.Errorf("its own file: %v", err)
	}
	if _, err := client(province).File(ctx, as, h.Remote); fault.Of(err) != fault.NotFound {
		t.Errorf("another agency: %v", err)
	}
	if _, err := client(c.Node("board")).File(ctx, as, h.Remote); fault.Of(err) != fault.Denied {
		t.Errorf("who has no right: %v", err)
	}
	if _, err := client(insurance).File(ctx, cleaningclient.Asker{Officer: "dulieu"}, h.Remote); fault.Of(err) != fault.Denied {
		t.Errorf("without a reference: %v", err)
	}

	clerk, second := authority.signIn(t, "canbo"), authority.signIn(t, "canbo2")
	if err := authority.Modules.Cleaning.Desk().AskRelease(clerk.as(), clerk.actor, h.Remote, "Đã xem đủ số dòng cần xem"); err != nil {
		t.Fatal(err)
	}
	asked, err := authority.Node.Approvals.Find(ctx, approval.Filter{About: h.Remote})
	if err != nil || len(asked) == 0 {
		t.Fatalf("%+v, %v", asked, err)
	}
	if _, err := authority.Node.Approvals.Approve(second.as(), second.actor, asked[0].ID); err != nil {
		t.Fatal(err)
	}
	comesTo("the clean file", func() bool { return h.State == handover.Done })
	found, err := authority.Modules.Cleaning.Desk().Rows(ctx, clerk.actor, h.Remote, cleaning.Which{Outcome: cleaning.Verified}, 0, 1)
	if err != nil || len(found) == 0 {
		t.Fatal(err)
	}
	if _, err := authority.Modules.Population.Register().Record(ctx, clerk.actor, population.Event{
		Kind: population.Death, Number: found[0].Person, On: citizen.DayFrom(clock.MustDate("2026-11-02")), Basis: "Luật Hộ tịch 2014, Điều 32",
	}); err != nil {
		t.Fatal(err)
	}
	comesTo("what became of a row", func() bool { return h.Changes == 1 })
	_, changes, err := desk.Changes(ctx, officer.actor, h.ID, 0, 10)
	if err != nil || len(changes) != 1 || changes[0].Kind != cleaning.Died || changes[0].Number != found[0].Person {
		t.Errorf("changes: %+v, %v", changes, err)
	}
	for _, paper := range h.Papers {
		_, _, in, err := desk.Fetch(ctx, officer.actor, h.ID, paper.Format)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(in)
		sum := sha256.Sum256(got)
		if errors.Join(err, in.Close()) != nil || hex.EncodeToString(sum[:]) != paper.File.SHA256 || paper.SignedAt.IsZero() {
			t.Errorf("%s: %d bytes, %v", paper.Format, len(got), err)
		}
		check := func(f cleaning.File, by xroad.ID, text string) error {
			_, err := insurance.Modules.Gateway.CheckFile("cleaned-file", f.SHA256, f.Size, by, text, paper.Signature.Signature, paper.Signature.Certificate)
			return err
		}
		if err := check(paper.File, authority.SubsystemID(), paper.Signature.Text); err != nil {
			t.Errorf("%s: %v", paper.Format, err)
		}
		longer := paper.File
		longer.Size++
		later := strings.Replace(paper.Signature.Text, "Z\n", "1Z\n", 1)
		for name, err := range map[string]error{
			"of another size":    check(longer, authority.SubsystemID(), paper.Signature.Text),
			"of somebody else":   check(paper.File, province.SubsystemID(), paper.Signature.Text),
			"at another moment":  check(paper.File, authority.SubsystemID(), later),
			"of no such wording": check(paper.File, authority.SubsystemID(), "x"),
		} {
			if fault.Of(err) != fault.Conflict {
				t.Errorf("a signature %s: %v", name, err)
			}
		}
	}
}
