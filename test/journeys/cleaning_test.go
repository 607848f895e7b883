package journeys

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"dean06/data"
	"dean06/internal/cleaning"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui/uitest"
)

// dirtyFile is a file of which it is known whose rows it has.
func (l *land) dirtyFile(t *testing.T, name string, rows int, seed uint64) (path string, truth [][]string) {
	t.Helper()
	dir := t.TempDir()
	people, err := os.Create(filepath.Join(dir, "people.csv"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = l.country.Node("authority").Modules.Cleaning.Desk().Register.People(t.Context(), people)
	if err == nil {
		err = people.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	source, err := cleaning.OpenSource(people.Name())
	if err != nil {
		t.Fatal(err)
	}
	places, err := cleaning.ReadGazetteer(data.FS, clock.MustDate("2026-11-30"))
	if err != nil {
		t.Fatal(err)
	}
	var file, whose bytes.Buffer
	d := cleaning.Dirty{World: cleaning.NewWorld(places, clock.MustDate("2026-11-30")), Profile: cleaning.Profiles["heavy"], Rows: rows, Seed: seed}
	if err := d.Write(source, &file, &whose); err != nil {
		t.Fatal(err)
	}
	if truth, err = csv.NewReader(&whose).ReadAll(); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(dir, name)
	if err := os.WriteFile(path, file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path, truth[1:]
}

// cleaned is a file on its way: handed in, its columns confirmed, linked, ten rows judged by
// the keyboard, a second person, and the signed result.
func (l *land) cleaned(t *testing.T) {
	path, truth := l.dirtyFile(t, "tre-em-2026.csv", 150, 11)
	clerk := l.at(t, "authority").person(t, i18n.Vi, uitest.Desktop).signIn("canbo")
	clerk.click("nav.cleaning")
	clerk.click("clean.list.new")
	clerk.click("clean.new.send")
	clerk.sees("cleaning.batch.agency")
	clerk.choose("agency", "G24")
	clerk.fill("basis", "Công văn 1301/BHXH-CNTT ngày 20/11/2026")
	clerk.fill("purpose", "Bổ sung số định danh cho thẻ bảo hiểm y tế trẻ em")
	clerk.upload("file", path)
	clerk.click("clean.new.send")
	clerk.sees("clean.columns.title")
	clerk.sees("clean.kind.birth")
	clerk.picture("cleaning-columns")
	clerk.click("clean.columns.send")
	at := clerk.path()
	clerk.waits("clean.state.review")
	clerk.sees("clean.batch.release")

	again := l.at(t, "authority").person(t, i18n.En, uitest.Phone).signIn("canbo2")
	again.open("/cleaning/new")
	again.choose("agency", "G24")
	again.fill("basis", "Letter 1301/BHXH of 20/11/2026")
	again.fill("purpose", "To add personal numbers to cards")
	again.upload("file", path)
	again.click("clean.new.send")
	again.sees("tre-em-2026.csv") // it was handed in before

	// Two officers never get the same pair.
	again.open(at + "/review")
	again.sees("clean.review.title")
	theirs := again.at()
	clerk.click("clean.batch.review")
	clerk.sees("clean.review.keys")
	if clerk.at() == theirs {
		t.Error("two officers were given the same row")
	}
	clerk.picture("cleaning-review")
	for n := range 10 {
		key := "1"
		if n == 3 {
			key = "0"
		}
		clerk.key(key)
		clerk.sees("Máy cho") // only now is the score to be seen
	}
	clerk.key("k")
	clerk.sees("cleaning.picture.title")
	clerk.picture("cleaning-row")

	clerk.click("clean.claim.send")
	clerk.sees("cleaning.batch.what")
	clerk.choose("what", "name")
	clerk.fill("why", "Giấy khai sinh bản gốc ghi như trong tệp")
	clerk.click("clean.claim.send")
	clerk.sees("clean.claim.done")
	clerk.open("/people/mistakes")
	clerk.sees("Bảo hiểm xã hội Việt Nam")

	clerk.open(at)
	clerk.picture("cleaning-result")
	clerk.click("cleaning.outcome.corrected")
	clerk.sees("clean.rows.title")
	clerk.open(at)
	clerk.click("clean.batch.release.ask")
	clerk.sees("cleaning.batch.reason", map[string]any{"min": 10, "max": 200})
	clerk.fill("reason", "Đã xem đủ số dòng kiểm tra, trả kết quả cho cơ quan")
	clerk.click("clean.batch.release.ask")
	clerk.sees("clean.batch.asked")
	clerk.refused(at + "/files/clean.csv")

	again.open("/approvals")
	again.clickIn("Vũ Thị Hộ Tịch", "tre-em-2026.csv")
	again.click("approval.page.approve")
	again.sees("approval.page.approved")
	for end := time.Now().Add(uitest.Patience); ; time.Sleep(500 * time.Millisecond) {
		if again.open(at); again.has("clean.batch.papers") {
			break
		}
		if time.Now().After(end) {
			again.fail("the result is not there")
		}
	}
	clerk.open(at)
	clerk.sees("clean.paper.xlsx")
	clerk.picture("cleaning-released")
	rows := clean(t, clerk, at)
	right := 0
	for i, whose := range truth {
		got := rows[i+1][len(rows[0])-4]
		if got != "" && got == whose[1] {
			right++
		} else if got != "" && i > 0 {
			t.Logf("row %d: %v, want %s", i+1, rows[i+1], whose[1])
		}
	}
	if len(rows) != len(truth)+1 || right < len(truth)*8/10 {
		t.Errorf("%d rows, %d right, want %d and most", len(rows)-1, right, len(truth))
	}
	if raw := clerk.download(at + "/files/letter.pdf"); !bytes.HasPrefix(raw, []byte("%PDF")) {
		t.Errorf("the letter begins with %q", raw[:8])
	}
	if raw := clerk.download(at + "/files/letter.docx"); !bytes.HasPrefix(raw, []byte("PK")) {
		t.Errorf("the letter begins with %q", raw[:8])
	}
	if raw := clerk.download(at + "/files/clean.parquet"); !bytes.HasPrefix(raw, []byte("PAR1")) {
		t.Errorf("the columns begin with %q", raw[:min(len(raw), 4)])
	}
	if raw := clerk.download(at + "/files/clean.xlsx"); !bytes.HasPrefix(raw, []byte("PK")) {
		t.Errorf("the workbook begins with %q", raw[:8])
	}
	l.followed(t, clerk, again, at, rows)
	auditor := l.at(t, "authority").person(t, i18n.En, uitest.Desktop).signIn("kiemtoan")
	auditor.open(at)
	auditor.sees("clean.state.released")
	auditor.refused(at+"/rows", at+"/review", at+"/files/clean.csv")

	police := l.at(t, "authority").person(t, i18n.Vi, uitest.Phone).signIn("congan1")
	police.sees("clean.list.title") // where their work is
	police.refused("/cleaning/new", at+"/files/clean.csv", at+"/review?commune=00292")

	phone := l.at(t, "authority").person(t, i18n.Vi, uitest.Phone).signIn("canbo")
	for _, page := range []string{"/cleaning", "/cleaning/new", at, at + "/rows", at + "/rows/1"} {
		phone.open(page)
		clerk.open(page)
	}
	clerk.open(at)
	clerk.press("clean.batch.end")
	clerk.click("clean.batch.end.now")
	clerk.sees("clean.batch.ended")
	clerk.sees("clean.state.deleted")
	clerk.refused(at + "/files/clean.csv")
}

// clean is the clean file, once its signature was checked as anybody can.
func clean(t *testing.T, p *person, at string) [][]string {
	t.Helper()
	raw := p.download(at + "/files/clean.csv")
	var s struct {
		File cleaning.File
		cleaning.Signature
	}
	if err := json.Unmarshal(p.download(at+"/files/clean.csv.sig.json"), &s); err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(s.Certificate)
	if err != nil {
		t.Fatal(err)
	}
	sum, said := sha256.Sum256(raw), sha256.Sum256([]byte(s.Text))
	if s.File.SHA256 != hex.EncodeToString(sum[:]) || !ecdsa.VerifyASN1(cert.PublicKey.(*ecdsa.PublicKey), said[:], s.Signature.Signature) {
		t.Error("the signature does not fit the file")
	}
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(raw, []byte("\ufeff")))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// at is the row of the pair that is shown.
func (p *person) at() string {
	p.t.Helper()
	return eval[string](p, `document.querySelector("input[name=row]").value`)
}

// key presses a key and waits for the page that it leads to.
func (p *person) key(key string) {
	p.t.Helper()
	before := eval[string](p, `String(performance.timeOrigin)`)
	p.do("key "+key, chromedp.KeyEvent(key))
	for end := time.Now().Add(uitest.Patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		now, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](`document.readyState === "complete" ? String(performance.timeOrigin) : ""`))
		if err == nil && now != "" && now != before {
			p.look()
			return
		}
	}
	p.fail("key %s leads nowhere", strings.ToUpper(key))
}
