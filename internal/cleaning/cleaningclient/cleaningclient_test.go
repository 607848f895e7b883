package cleaningclient_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"dean06/data"
	"dean06/internal/citizen"
	"dean06/internal/cleaning"
	"dean06/internal/cleaning/cleaningapi"
	"dean06/internal/cleaning/cleaningclient"
	"dean06/internal/cleaning/cleaningsql"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/blob"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/clock/clocktest"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/platform/upload"
	"dean06/internal/platform/upload/uploadsql"
	"dean06/internal/platform/web"
	"dean06/internal/xroad"
)

var (
	dancu = xroad.ID{Instance: "VN", Class: "GOV", Member: "G01", Subsystem: "DANCU"}
	asker = cleaningclient.Asker{Officer: "dulieu", Dossier: "BHXH-2026-17"}
)

// post is the register's node with the service, and what passed on the way to it.
type post struct {
	*cleaning.Counter
	db     *sqldb.DB
	clock  *clocktest.Clock
	logged map[citizen.Number]int
	dir    string
	blobs  *blob.Dir
	web    http.Handler
}

func (p *post) People(_ context.Context, w io.Writer) (cleaning.Moment, error) {
	_, err := io.WriteString(w, "number,old_numbers,name,birth,sex,birthplace,origin,permanent,temporary,present\n"+people)
	return cleaning.Moment{At: p.clock.Now()}, err
}

// Nothing happens in this register.
func (p *post) Fresh(context.Context, cleaning.Mark, cleaning.Mark, io.Writer) error { return nil }

func (p *post) Mark(context.Context) (cleaning.Mark, error) { return cleaning.Mark{}, nil }

func (p *post) Since(context.Context, int64, int) ([]cleaning.Happened, error) { return nil, nil }

func (p *post) Became(context.Context, citizen.Number, string) (cleaning.Became, error) {
	return cleaning.Became{}, nil
}

func (p *post) News(context.Context, citizen.Number, int64) ([]cleaning.Became, error) {
	return nil, nil
}

func (p *post) Look(context.Context, actor.Actor, cleaning.Batch, citizen.Number) (cleaning.Person, error) {
	return cleaning.Person{}, errors.New("nobody of the register may be looked at for an agency")
}

func (*post) Commune(code string) string { return code }

func (p *post) Claim(context.Context, actor.Actor, cleaning.Batch, int, citizen.Number, string, string, string) error {
	return nil
}

func (p *post) Keep(ctx context.Context, r io.Reader) (cleaning.File, error) {
	ref, err := p.blobs.Put(ctx, r, 1<<30)
	return cleaning.File(ref), err
}

func (p *post) Open(ctx context.Context, f cleaning.File) (io.ReadCloser, error) {
	return p.blobs.Open(ctx, blob.Ref(f))
}

func (p *post) Drop(ctx context.Context, f cleaning.File) error {
	return p.blobs.Delete(ctx, blob.Ref(f))
}

func (p *post) Scratch(_ context.Context, fill func(io.Writer) error) (*os.File, error) {
	f, err := os.Create(filepath.Join(p.dir, sqldb.NewID()))
	if err == nil {
		err = fill(f)
	}
	return f, err
}

var places = sync.OnceValues(func() (*cleaning.Gazetteer, error) {
	return cleaning.ReadGazetteer(data.FS, clock.MustDate("2026-11-30"))
})

// people are of few names; of each there are two who share name and birth.
var people = func() string {
	var b strings.Builder
	for i := range 1200 {
		k := i / 2
		name := []string{"Nguyễn Văn Hùng", "Trần Thị Lan", "Lê Văn Nam", "Phạm Thị Hoa", "Võ Minh Đức"}[k%5] + " " + string(rune('A'+k%23))
		n := citizen.NumberOf(1+i%60, 1960+k%50, citizen.Sex(1+k%2), 100+i)
		fmt.Fprintf(&b, "%s,,%s,%d-%02d-%02d,%d,01/001/00001,01/001/00001,01/001/00001,,01/001/00001\n", n.Reveal(), name, 1960+k%50, 1+k%12, 1+k%4, 1+k%2)
	}
	return b.String()
}()

// file has people with their number and, each tenth, without: then two are meant.
func file(rows int) []byte {
	out := "STT,Họ và tên,Ngày sinh,Số CCCD\n"
	for i, line := range strings.Split(strings.TrimSpace(people), "\n")[:rows] {
		c := strings.Split(line, ",")
		if i%10 == 0 {
			c[0] = ""
		}
		out += fmt.Sprintf("%d,%s,%s,%s\n", i+1, c[2], c[3], c[0])
	}
	return []byte(out)
}

func run(t *testing.T, f func(t *testing.T, p *post)) {
	t.Helper()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		for _, migrate := range []func(context.Context, *sqldb.DB) error{audit.Migrate, jobs.Migrate, uploadsql.Migrate, cleaningsql.Migrate} {
			if err := migrate(t.Context(), db); err != nil {
				t.Fatal(err)
			}
		}
		dir := t.TempDir()
		blobs, err := blob.NewDir(filepath.Join(dir, "files"))
		if err != nil {
			t.Fatal(err)
		}
		words, err := i18n.Load(cleaning.Messages, citizen.Messages, cleaningapi.Messages, upload.Messages, web.Messages)
		if err != nil {
			t.Fatal(err)
		}
		p := &post{db: db, clock: &clocktest.Clock{}, logged: map[citizen.Number]int{}, dir: dir, blobs: blobs}
		p.clock.Set("2026-11-30 09:00")
		logged := func(ctx context.Context, _ cleaning.Batch, do func(*sqldb.Tx) ([]citizen.Number, error)) error {
			return db.InTx(ctx, func(tx *sqldb.Tx) error {
				list, err := do(tx)
				for _, n := range list {
					p.logged[n]++
				}
				return err
			})
		}
		store := cleaningsql.New(db, logged, logged)
		p.Counter = &cleaning.Counter{
			Desk: &cleaning.Desk{
				Store: store, Files: p, Register: p, Clock: p.clock, NewID: sqldb.NewID,
				Texts: [2]*i18n.Printer{words.In(i18n.Vi), words.In(i18n.En)},
				World: func() (*cleaning.World, error) {
					g, err := places()
					return cleaning.NewWorld(g, clock.MustDate("2026-11-30")), err
				},
				Sign: func(_ context.Context, f cleaning.File) (cleaning.Signature, error) {
					return cleaning.Signature{Text: f.SHA256}, nil
				},
			},
			Kept: store, Pieces: p.uploads(),
			Part: func(ctx context.Context, f cleaning.File, offset int64) (io.ReadCloser, error) {
				return blobs.OpenAt(ctx, blob.Ref(f), offset)
			},
		}
		p.web = (&cleaningapi.API{Counter: p.Counter, Texts: words, Log: slog.New(slog.DiscardHandler)}).Handler()
		f(t, p)
	})
}

func (p *post) uploads() *uploadsql.Service {
	return uploadsql.New(uploadsql.Options{DB: p.db, Dir: filepath.Join(p.dir, "pieces"), Files: p.blobs, Clock: p.clock, Relaxed: true})
}

// as is a client of an agency; lies changes what comes back.
func (p *post) as(agency string, lies func(*http.Request, *http.Response)) *cleaningclient.Client {
	call := func(_ context.Context, r *http.Request) (*http.Response, error) {
		in := r.Clone(r.Context())
		in.Header.Set(xroad.HeaderClient, "VN/GOV/"+agency+"/MOTCUA")
		in.URL.Path = strings.TrimPrefix(in.URL.Path, "/r1/VN/GOV/G01/DANCU/cleaning")
		if in.URL.Path == "" {
			in.URL.Path = "/"
		}
		w := httptest.NewRecorder()
		p.web.ServeHTTP(w, in)
		resp := w.Result()
		if lies != nil {
			lies(r, resp)
		}
		return resp, nil
	}
	return &cleaningclient.Client{Register: func() (xroad.ID, bool) { return dancu, true }, Call: call}
}

func offerOf(content []byte) cleaning.Offer {
	sum := sha256.Sum256(content)
	return cleaning.Offer{
		Name: "mui-tiem.csv", Basis: "Công văn 1254/BHXH-CNTT", Purpose: "Bổ sung số định danh cho mũi tiêm", Until: clock.MustDate("2026-12-31"),
		File: cleaning.File{Size: int64(len(content)), SHA256: hex.EncodeToString(sum[:])},
	}
}

// handIn sends a file by pieces and has it looked at.
func (p *post) handIn(t *testing.T, c *cleaningclient.Client, content []byte, piece int) cleaning.Handed {
	t.Helper()
	ctx := t.Context()
	h, err := c.Begin(ctx, asker, offerOf(content))
	for err == nil && h.Received < h.Size {
		// Killed after each piece: what the service says is where it goes on.
		if h, err = c.Begin(ctx, asker, offerOf(content)); err == nil {
			h, err = c.Append(ctx, asker, h.ID, h.Received, content[h.Received:min(int(h.Received)+piece, len(content))])
		}
	}
	if err == nil {
		h, err = c.Finish(ctx, asker, h.ID)
	}
	if err == nil && h.State != cleaning.Checking {
		t.Errorf("a file that came whole is %s", h.State)
	}
	if err == nil {
		err = p.Take(ctx, h.ID)
	}
	if err == nil {
		err = p.Take(ctx, h.ID) // after a fall behind it
	}
	if err == nil {
		h, err = c.File(ctx, asker, h.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// linked is a file of which rows wait for people.
func (p *post) linked(t *testing.T, c *cleaningclient.Client, content []byte) cleaning.Handed {
	t.Helper()
	h := p.handIn(t, c, content, len(content))
	kinds := make([]cleaning.Kind, len(h.Columns))
	for i, column := range h.Columns {
		kinds[i] = column.Kind
	}
	h, err := c.Confirm(t.Context(), asker, h.ID, kinds, false)
	if err != nil || h.State != cleaning.Waiting {
		t.Fatalf("%+v, %v", h, err)
	}
	if err := p.Run(t.Context(), h.ID, func(int, int) {}); err != nil {
		t.Fatal(err)
	}
	if h, err = c.File(t.Context(), asker, h.ID); err != nil || h.State != cleaning.Reviewed || h.Open == 0 {
		t.Fatalf("%+v, %v", h, err)
	}
	return h
}

// released has a second person let the clean file leave.
func (p *post) released(t *testing.T, id string) {
	t.Helper()
	_, err := p.Store.Update(t.Context(), id, "", actor.OfSystem(cleaning.Registrar), func(b *cleaning.Batch) error {
		b.State = cleaning.Approved
		return nil
	})
	if err == nil {
		err = p.Publish(t.Context(), id)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestWalk is a file on its way there and back.
func TestWalk(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, p *post) {
		ctx, c := t.Context(), p.as("G24", nil)
		content := file(400)
		h := p.handIn(t, c, content, 5000)
		if h.State != cleaning.Columns || len(h.Columns) != 4 || h.Columns[1].Kind != cleaning.Name || len(h.Columns[2].Examples) == 0 || h.Code == "" {
			t.Fatalf("%+v", h)
		}
		var was cleaningclient.Twice
		if _, err := c.Begin(ctx, asker, offerOf(content)); !errors.As(err, &was) || was.ID != h.ID {
			t.Errorf("the same file once more: %v, want it to be %s", err, h.ID)
		}
		b, err := p.Store.Batch(ctx, h.ID)
		if err != nil || b.Agency != "G24" || b.Caller.Officer != "dulieu" || b.Caller.Dossier != "BHXH-2026-17" || b.Caller.Client != "VN/GOV/G24/MOTCUA" {
			t.Errorf("%+v, %v", b, err)
		}
		if _, err := c.Confirm(ctx, asker, h.ID, []cleaning.Kind{"ignore", "ignore", "ignore", "ignore"}, false); fault.Of(err) != fault.Invalid {
			t.Errorf("nothing can be linked: %v", err)
		}
		if _, err := c.Confirm(ctx, asker, h.ID, []cleaning.Kind{"ignore", "name", "birth", "number"}, false); err != nil {
			t.Fatal(err)
		}
		if err := p.Run(ctx, h.ID, func(int, int) {}); err != nil {
			t.Fatal(err)
		}
		if h, err = c.File(ctx, asker, h.ID); err != nil || h.Rows != 400 || h.Open < 20 || h.Estimated == nil || h.AsOf.IsZero() {
			t.Fatalf("%+v, %v", h, err)
		}
		rows, err := c.Unsettled(ctx, asker, h.ID, 0)
		if err != nil || len(rows.List) != h.Open {
			t.Fatalf("%d rows of %d, %v", len(rows.List), h.Open, err)
		}
		settle(t, p, c, h.ID, rows.List)
		p.released(t, h.ID)
		if h, err = c.File(ctx, asker, h.ID); err != nil || h.State != cleaning.Released || len(h.Papers) == 0 {
			t.Fatalf("%+v, %v", h, err)
		}
		paper := h.Papers[0]
		piece, err := c.Piece(ctx, asker, h.ID, paper, 0)
		sum := sha256.Sum256(piece)
		if err != nil || hex.EncodeToString(sum[:]) != paper.File.SHA256 || bytes.Count(piece, []byte("\n")) != 401 {
			t.Errorf("the clean file: %d bytes, %v", len(piece), err)
		}
		if rest, err := c.Piece(ctx, asker, h.ID, paper, 1000); err != nil || !bytes.Equal(rest, piece[1000:]) {
			t.Errorf("from 1000 on: %d bytes, %v", len(rest), err)
		}
		if _, err := c.End(ctx, asker, h.ID); err != nil {
			t.Fatal(err)
		}
		if h, err = c.File(ctx, asker, h.ID); err != nil || h.State != cleaning.Deleted || h.Proof == nil || len(h.Papers) > 0 {
			t.Errorf("%+v, %v", h, err)
		}
	})
}

// settle says of the first row that it is the first of its people, of the second that it is
// neither, and of the third that nobody can say.
func settle(t *testing.T, p *post, c *cleaningclient.Client, id string, rows []cleaning.Unsettled) {
	t.Helper()
	ctx := t.Context()
	q, err := c.Ask(ctx, asker, id, rows[0].Row)
	if err != nil || q.Of < 2 || q.Candidate != 0 || len(q.Values) == 0 || q.Values[0].Words == "" {
		t.Fatalf("%+v, %v", q, err)
	}
	stored, err := p.Store.Row(ctx, id, rows[0].Row)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(q)
	if err != nil {
		t.Fatal(err)
	}
	first := citizen.MustNumber(stored.Candidates[0].Number)
	for _, k := range stored.Candidates {
		if bytes.Contains(text, []byte(k.Number)) {
			t.Errorf("a number of the register is told: %s", text)
		}
	}
	if p.logged[first] != 1 {
		t.Errorf("who was compared is in the log %d times", p.logged[first])
	}
	other := cleaningclient.Asker{Officer: "nguoikhac", Dossier: "BHXH-2026-17"}
	if _, err := c.Ask(ctx, other, id, rows[0].Row); fault.Of(err) != fault.Conflict {
		t.Errorf("two officers have one row: %v", err)
	}
	if _, err := c.Settle(ctx, other, id, rows[0].Row, cleaning.Verdict{Says: cleaning.Same}); fault.Of(err) != fault.Conflict {
		t.Errorf("another settles it: %v", err)
	}
	for _, bad := range []cleaning.Verdict{
		{Says: "maybe"}, {Says: cleaning.Other, Wrong: []string{"name"}}, {Says: cleaning.Same, Wrong: []string{"password"}},
	} {
		if _, err := c.Settle(ctx, asker, id, rows[0].Row, bad); fault.Of(err) != fault.Invalid {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	if d, err := c.Settle(ctx, asker, id, rows[0].Row, cleaning.Verdict{Says: cleaning.Same, Wrong: []string{"name"}}); err != nil || d != cleaning.Same {
		t.Fatalf("%q, %v", d, err)
	}
	if _, err := c.Ask(ctx, asker, id, rows[0].Row); fault.Of(err) != fault.Conflict {
		t.Errorf("a settled row is asked about: %v", err)
	}
	if stored, err = p.Store.Row(ctx, id, rows[0].Row); err != nil || stored.Person != first {
		t.Errorf("%+v, %v", stored, err)
	}
	for n := range q.Of {
		q, err := c.Ask(ctx, asker, id, rows[1].Row)
		if err != nil || q.Candidate != n {
			t.Fatalf("candidate %d: %+v, %v", n, q, err)
		}
		if _, err := c.Settle(ctx, asker, id, rows[1].Row, cleaning.Verdict{Candidate: n, Says: cleaning.Other}); err != nil {
			t.Fatal(err)
		}
		if n == q.Of-1 {
			break
		}
	}
	if stored, err = p.Store.Row(ctx, id, rows[1].Row); err != nil || stored.Outcome != cleaning.NotFound {
		t.Errorf("%+v, %v", stored, err)
	}
	if _, err := c.Ask(ctx, asker, id, rows[2].Row); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Settle(ctx, asker, id, rows[2].Row, cleaning.Verdict{Says: cleaning.Unsure}); err != nil {
		t.Fatal(err)
	}
	left, err := c.Unsettled(ctx, asker, id, 0)
	if err != nil || len(left.List) != len(rows)-3 {
		t.Errorf("%d rows are left of %d, %v", len(left.List), len(rows), err)
	}
	labels, err := p.Store.Labels(ctx, id)
	if err != nil || labels[0].Wrong != "name" || labels[0].By != "gateway:VN/GOV/G24/MOTCUA dulieu" {
		t.Errorf("%+v, %v", labels, err)
	}
	accepted, err := p.Store.Rows(ctx, id, cleaning.Which{Outcome: cleaning.Verified}, 0, 1)
	if err != nil || len(accepted) != 1 {
		t.Fatal(err)
	}
	if _, err := c.Ask(ctx, asker, id, accepted[0].At); fault.Of(err) != fault.Conflict {
		t.Errorf("a row that the program accepted is asked about: %v", err)
	}
}

// TestPieces holds that no piece is taken that is not what was said.
func TestPieces(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, p *post) {
		ctx, c := t.Context(), p.as("G24", nil)
		content := file(300)
		h, err := c.Begin(ctx, asker, offerOf(content))
		if err != nil {
			t.Fatal(err)
		}
		send := func(path string, header map[string]string, body string) int {
			t.Helper()
			r := httptest.NewRequestWithContext(ctx, http.MethodPut, path, strings.NewReader(body))
			for k, v := range map[string]string{xroad.HeaderClient: "VN/GOV/G24/MOTCUA", xroad.HeaderUserID: "a", xroad.HeaderIssue: "b"} {
				r.Header.Set(k, v)
			}
			for k, v := range header {
				r.Header.Set(k, v)
			}
			w := httptest.NewRecorder()
			p.web.ServeHTTP(w, r)
			return w.Code
		}
		at := "/" + h.ID + "/content"
		good := map[string]string{"Content-Digest": cleaningapi.Digest([]byte("abc"))}
		for _, bad := range []struct {
			name, path string
			header     map[string]string
			body       string
			want       int
		}{
			{"no hash", at + "?offset=0", nil, "abc", 422},
			{"a weak hash", at + "?offset=0", map[string]string{"Content-Digest": "md5=:kAFQmDzST7DWlj99KOF/cg==:"}, "abc", 422},
			{"another hash", at + "?offset=0", good, "abd", 422},
			{"another offset", at + "?offset=3", good, "abc", 409},
			{"an offset before the beginning", at + "?offset=-1", good, "abc", 422},
			{"an offset twice", at + "?offset=0&offset=0", good, "abc", 422},
			{"a parameter that is not known", at + "?offset=0&agency=H55", good, "abc", 422},
			{"more than was said", at + "?offset=0", map[string]string{"Content-Digest": cleaningapi.Digest(append(content, '!'))}, string(content) + "!", 413},
			{"too large a piece", at + "?offset=0", good, strings.Repeat("x", cleaning.MaxPiece+1), 413},
			{"a file that is not there", "/x/content?offset=0", good, "abc", 404},
		} {
			if got := send(bad.path, bad.header, bad.body); got != bad.want {
				t.Errorf("%s: %d, want %d", bad.name, got, bad.want)
			}
		}
		if h, err = c.File(ctx, asker, h.ID); err != nil || h.Received != 0 {
			t.Fatalf("of what was refused %d bytes are there, %v", h.Received, err)
		}
		if _, err := c.Finish(ctx, asker, h.ID); fault.Of(err) != fault.Conflict {
			t.Errorf("finished before anything came: %v", err)
		}
		// The content changes between two pieces.
		half := len(content) / 2
		if _, err := c.Append(ctx, asker, h.ID, 0, content[:half]); err != nil {
			t.Fatal(err)
		}
		changed := bytes.Replace(content[half:], []byte("Nguyễn"), []byte("Ngyuễn"), 1)
		if _, err := c.Append(ctx, asker, h.ID, int64(half), changed); err != nil {
			t.Fatal(err)
		}
		if _, err = c.Finish(ctx, asker, h.ID); err == nil {
			err = p.Take(ctx, h.ID)
		}
		if err != nil {
			t.Fatal(err)
		}
		if h, err = c.File(ctx, asker, h.ID); err != nil || h.State != cleaning.Refused || !strings.Contains(h.Why, "SHA-256") {
			t.Errorf("%+v, %v", h, err)
		}
		if again := p.handIn(t, c, content, 9000); again.State != cleaning.Columns {
			t.Errorf("the file as it was said: %+v", again)
		}
		// A page in place of a file, and one that no table is.
		for _, none := range []string{"<!doctype html><script>alert(1)</script>", "%PDF-1.7\n1 0 obj", "\x7fELF\x00\x00"} {
			if got := p.handIn(t, c, []byte(none), 100); got.State != cleaning.Refused || got.Why == "" {
				t.Errorf("%q: %+v", none, got)
			}
		}
		for _, bad := range []func(*cleaning.Offer){
			func(o *cleaning.Offer) { o.Size = 0 },
			func(o *cleaning.Offer) { o.Size = cleaning.MaxHanded + 1 },
			func(o *cleaning.Offer) { o.SHA256 = strings.ToUpper(o.SHA256) },
			func(o *cleaning.Offer) { o.Name = "../../etc/passwd" },
			func(o *cleaning.Offer) { o.Name = "a\u202e.csv" },
			func(o *cleaning.Offer) { o.Purpose = "ngắn" },
			func(o *cleaning.Offer) { o.Until = clock.MustDate("2029-01-01") },
		} {
			o := offerOf(file(10))
			bad(&o)
			if _, err := c.Begin(ctx, asker, o); fault.Of(err) != fault.Invalid && fault.Of(err) != fault.TooLarge {
				t.Errorf("%+v: %v", o, err)
			}
		}
	})
}

// TestSilence holds that a file whose pieces were let go begins anew under its own id.
func TestSilence(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, p *post) {
		ctx, c := t.Context(), p.as("G24", nil)
		content := file(100)
		h, err := c.Begin(ctx, asker, offerOf(content))
		if err == nil {
			_, err = c.Append(ctx, asker, h.ID, 0, content[:1000])
		}
		if err != nil {
			t.Fatal(err)
		}
		p.clock.Set("2026-12-09 09:00")
		if _, err := p.uploads().Forget(ctx); err != nil {
			t.Fatal(err)
		}
		again, err := c.Begin(ctx, asker, offerOf(content))
		if err != nil || again.ID != h.ID || again.Received != 0 {
			t.Fatalf("%+v, %v", again, err)
		}
		if got := p.handIn(t, c, content, 1500); got.ID != h.ID || got.State != cleaning.Columns {
			t.Errorf("%+v", got)
		}
	})
}
