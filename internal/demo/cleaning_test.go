package demo

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dean06/data"
	"dean06/internal/cleaning"
	"dean06/internal/cleaning/cleaningclient"
	"dean06/internal/platform/approval"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
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
	ctx := t.Context()
	client := func(n *Node) *cleaningclient.Client {
		return &cleaningclient.Client{Call: n.Modules.Gateway.Call, Register: func() (xroad.ID, bool) { return authority.SubsystemID(), true }}
	}
	own, other := client(insurance), client(province)
	as := cleaningclient.Asker{Officer: "dulieu", Dossier: "BHXH-2026-17"}
	content := dirtyFile(t, authority, 200, 3)
	sum := sha256.Sum256(content)
	offer := cleaning.Offer{
		Name: "the-bhyt.csv", Basis: "Công văn 1301/BHXH-CNTT", Purpose: "Bổ sung số định danh cho thẻ", Until: clock.DayOf(clock.System{}.Now()).AddDays(30),
		File: cleaning.File{Size: int64(len(content)), SHA256: hex.EncodeToString(sum[:])},
	}
	h, err := own.Begin(ctx, as, offer)
	for err == nil && h.Received < h.Size {
		h, err = own.Append(ctx, as, h.ID, h.Received, content[h.Received:min(h.Received+7000, h.Size)])
	}
	if err == nil {
		h, err = own.Finish(ctx, as, h.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	comesTo := func(state cleaning.State) {
		t.Helper()
		eventually(t, string(state), func() bool {
			if h, err = own.File(ctx, as, h.ID); err != nil {
				t.Fatal(err)
			}
			return h.State == state
		})
	}
	comesTo(cleaning.Columns)
	kinds := make([]cleaning.Kind, len(h.Columns))
	for i := range kinds {
		kinds[i] = h.Columns[i].Kind
	}
	if h, err = own.Confirm(ctx, as, h.ID, kinds, h.MonthFirst); err != nil {
		t.Fatal(err)
	}
	comesTo(cleaning.Reviewed)
	if h.Rows != 200 || h.Open == 0 {
		t.Fatalf("%+v", h)
	}
	rows, err := own.Unsettled(ctx, as, h.ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := own.Ask(ctx, as, h.ID, rows.List[0].Row); err != nil {
		t.Fatal(err)
	}
	if _, err := own.Settle(ctx, as, h.ID, rows.List[0].Row, cleaning.Verdict{Says: cleaning.Same}); err != nil {
		t.Fatal(err)
	}
	if _, err := other.File(ctx, as, h.ID); fault.Of(err) != fault.NotFound {
		t.Errorf("another agency: %v", err)
	}
	nobody := client(c.Node("board"))
	if _, err := nobody.File(ctx, as, h.ID); fault.Of(err) != fault.Denied {
		t.Errorf("who has no right: %v", err)
	}
	if _, err := own.File(ctx, cleaningclient.Asker{Officer: "dulieu"}, h.ID); fault.Of(err) != fault.Denied {
		t.Errorf("without a reference: %v", err)
	}

	clerk, second := authority.signIn(t, "canbo"), authority.signIn(t, "canbo2")
	if err := authority.Modules.Cleaning.Desk().AskRelease(clerk.as(), clerk.actor, h.ID, "Đã xem đủ số dòng cần xem"); err != nil {
		t.Fatal(err)
	}
	asked, err := authority.Node.Approvals.Find(ctx, approval.Filter{About: h.ID})
	if err != nil || len(asked) == 0 {
		t.Fatalf("%+v, %v", asked, err)
	}
	if _, err := authority.Node.Approvals.Approve(second.as(), second.actor, asked[0].ID); err != nil {
		t.Fatal(err)
	}
	comesTo(cleaning.Released)
	for _, paper := range h.Papers {
		var got []byte
		for int64(len(got)) < paper.File.Size {
			piece, err := own.Piece(ctx, as, h.ID, paper, int64(len(got)))
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, piece...)
		}
		sum := sha256.Sum256(got)
		if hex.EncodeToString(sum[:]) != paper.File.SHA256 {
			t.Errorf("%s has another hash than was said", paper.Format)
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
