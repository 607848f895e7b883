package cleaningclient_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"dean06/internal/cleaning"
	"dean06/internal/cleaning/cleaningapi"
	"dean06/internal/cleaning/cleaningclient"
	"dean06/internal/platform/fault"
)

// TestAnothers holds that of another agency's file nothing is told, also not that it is there.
func TestAnothers(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, p *post) {
		ctx, own, other := t.Context(), p.as("G24", nil), p.as("H55", nil)
		coming := offerOf(file(30))
		begun, err := own.Begin(ctx, asker, coming)
		if err != nil {
			t.Fatal(err)
		}
		content := file(200)
		h := p.linked(t, own, content)
		open, err := own.Unsettled(ctx, asker, h.ID, 0)
		if err != nil {
			t.Fatal(err)
		}
		row := open.List[0].Row
		var none []error
		try := func(_ any, err error) { none = append(none, err) }
		for _, id := range []string{begun.ID, h.ID, "00000000-0000-7000-8000-000000000000"} {
			try(other.File(ctx, asker, id))
			try(other.Append(ctx, asker, id, 0, []byte("x")))
			try(other.Finish(ctx, asker, id))
			try(other.Confirm(ctx, asker, id, []cleaning.Kind{"name"}, false))
			try(other.Unsettled(ctx, asker, id, 0))
			try(other.Ask(ctx, asker, id, row))
			try(other.Settle(ctx, asker, id, row, cleaning.Verdict{Says: cleaning.Same}))
			try(other.Changes(ctx, asker, id, 0))
			try(other.End(ctx, asker, id))
		}
		p.released(t, h.ID)
		h, err = own.File(ctx, asker, h.ID)
		if err != nil {
			t.Fatal(err)
		}
		try(other.Piece(ctx, asker, h.ID, h.Papers[0], 0))
		for i, err := range none {
			if fault.Of(err) != fault.NotFound || err.Error() != none[0].Error() {
				t.Errorf("call %d: %v, want what is said of a file that is not there: %v", i, err, none[0])
			}
		}
		// The hash alone tells nobody that another has the file; whoever has it whole reads it.
		stolen, err := other.Begin(ctx, asker, offerOf(content))
		if err != nil || stolen.ID == h.ID || stolen.Received != 0 {
			t.Fatalf("%+v, %v", stolen, err)
		}
		got := p.handIn(t, other, content, 4000)
		if got.State != cleaning.Refused || got.Same != "" || !strings.Contains(got.Why, "cơ quan khác") || strings.Contains(got.Why, "mui-tiem") {
			t.Errorf("%+v", got)
		}
		if _, err := own.Piece(ctx, asker, h.ID, h.Papers[0], 0); err != nil {
			t.Errorf("the file of the first went: %v", err)
		}
		if _, err := own.Unsettled(ctx, asker, h.ID, 0); fault.Of(err) != fault.Conflict {
			t.Errorf("rows of a file that left: %v", err)
		}
		for _, who := range []cleaningclient.Asker{{Officer: "dulieu"}, {Dossier: "17"}} {
			if _, err := own.File(ctx, who, h.ID); fault.Of(err) != fault.Denied {
				t.Errorf("%+v: %v", who, err)
			}
		}
	})
}

// TestLies holds that nothing is believed that cannot be.
func TestLies(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, p *post) {
		ctx := t.Context()
		honest := p.as("G24", nil)
		h := p.linked(t, honest, file(200))
		p.released(t, h.ID)
		h, err := honest.File(ctx, asker, h.ID)
		if err != nil {
			t.Fatal(err)
		}
		body := func(change func([]byte) []byte) func(*http.Request, *http.Response) {
			return func(_ *http.Request, r *http.Response) {
				raw, _ := io.ReadAll(r.Body)
				r.Body = io.NopCloser(bytes.NewReader(change(raw)))
			}
		}
		swap := func(from, to string) func([]byte) []byte {
			return func(b []byte) []byte { return bytes.Replace(b, []byte(from), []byte(to), 1) }
		}
		header := func(name, value string) func(*http.Request, *http.Response) {
			return func(_ *http.Request, r *http.Response) { r.Header.Set(name, value) }
		}
		for name, lies := range map[string]func(*http.Request, *http.Response){
			"another byte":    body(func(b []byte) []byte { b[7] ^= 1; return b }),
			"a byte less":     body(func(b []byte) []byte { return b[:len(b)-1] }),
			"a byte more":     body(func(b []byte) []byte { return append(b, '!') }),
			"another place":   header("Upload-Offset", "7"),
			"another hash":    header("Content-Digest", cleaningapi.Digest([]byte("abc"))),
			"no hash":         func(_ *http.Request, r *http.Response) { r.Header.Del("Content-Digest") },
			"an endless body": body(func([]byte) []byte { return make([]byte, cleaning.MaxPiece+2<<20) }),
		} {
			if _, err := p.as("G24", lies).Piece(ctx, asker, h.ID, h.Papers[0], 0); fault.Of(err) != fault.Unavailable {
				t.Errorf("a piece with %s: %v", name, err)
			}
		}
		for name, change := range map[string]func([]byte) []byte{
			"another file":     swap(`"id":"`+h.ID, `"id":"`+h.ID+"x"),
			"an id of a path":  swap(h.ID, "../"+h.ID[3:]),
			"another state":    swap(`"state":"released"`, `"state":"gone"`),
			"papers too early": swap(`"state":"released"`, `"state":"review"`),
			"half received":    swap(fmt.Sprintf(`"received":%d`, h.Size), `"received":1`),
			"a format of a path": func(b []byte) []byte {
				return bytes.Replace(b, []byte(`"format":"csv"`), []byte(`"format":"../csv"`), 1)
			},
			"a paper without a hash": swap(`"file":{"sha256":"`, `"file":{"sha256":"zz`),
			"something behind":       func(b []byte) []byte { return append(b, "{}"...) },
			"no JSON":                func([]byte) []byte { return []byte("<html>") },
		} {
			if _, err := p.as("G24", body(change)).File(ctx, asker, h.ID); fault.Of(err) != fault.Unavailable {
				t.Errorf("%s: %v", name, err)
			}
		}
		if page, err := honest.Changes(ctx, asker, h.ID, 0); err != nil || len(page.List) > 0 {
			t.Errorf("nothing happened: %+v, %v", page, err)
		}
		for name, list := range map[string]string{
			"a gap": `[{"seq":2,"row":1,"kind":"move"}]`, "an unknown kind": `[{"seq":1,"row":1,"kind":"x"}]`, "no row": `[{"seq":1,"kind":"move"}]`,
		} {
			if _, err := p.as("G24", body(swap(`[]`, list))).Changes(ctx, asker, h.ID, 0); fault.Of(err) != fault.Unavailable {
				t.Errorf("changes with %s: %v", name, err)
			}
		}
		content := file(50)
		begun, err := honest.Begin(ctx, asker, offerOf(content))
		if err != nil {
			t.Fatal(err)
		}
		liar := p.as("G24", body(swap(`"received":1000`, `"received":2000`)))
		if _, err := liar.Append(ctx, asker, begun.ID, 0, content[:1000]); fault.Of(err) != fault.Unavailable {
			t.Errorf("more received than sent: %v", err)
		}
		o := offerOf(content)
		if _, err := p.as("G24", body(swap(o.SHA256, strings.Repeat("0", 64)))).Begin(ctx, asker, o); fault.Of(err) != fault.Unavailable {
			t.Errorf("another file than was offered: %v", err)
		}
	})
}
