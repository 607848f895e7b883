package cleaningweb

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"

	"dean06/internal/cleaning"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

// batchView is a file: how far it is, or what became of it.
type batchView struct {
	ui.Page
	Batch    cleaning.Batch
	State    string
	Tone     ui.Tone
	Sentence string
	Running  bool
	Progress ui.Progress
	Failure  string
	Facts    []ui.Fact
	Outcomes ui.Table
	Sure     []string
	Queue    string // how many rows wait for people; "" for none
	Left     int
	May      bool // review
	Communes ui.Table
	Checks   ui.Table // rows that contradict themselves
	Own      []string // what somebody may know of their own work

	MayHandIn, MayRelease bool
	Papers                []ui.Link
	Alive                 string // of a file that was given out: that it follows the register
	Changes               ui.Link
	Reason                ui.Field
	Bad                   ui.Table
	Notes                 []string
	CanEnd                bool
}

// again has a page that shows progress ask for itself.
func (v *batchView) again() templ.Attributes {
	if !v.Running {
		return nil
	}
	return templ.Attributes{"hx-get": Path + "/" + v.Batch.ID, "hx-trigger": "every 2s", "hx-select": "#batch", "hx-swap": "outerHTML"}
}

func (p *Pages) batch(w http.ResponseWriter, r *http.Request) error {
	return p.showBatch(w, r, "", nil)
}

func (p *Pages) showBatch(w http.ResponseWriter, r *http.Request, reason string, why error) error {
	ctx := r.Context()
	s, err := p.Desk.Batch(ctx, who(ctx), r.PathValue("batch"))
	if err != nil {
		return err
	}
	b, say := s.Batch, i18n.From(ctx)
	v := batchView{
		Page: p.page(r, b.Name, home(ctx)), Batch: b, State: t(ctx, "state."+string(b.State)), Tone: tone(b.State), Left: s.Left,
		May: may(ctx, cleaning.Review), MayHandIn: may(ctx, cleaning.HandIn), MayRelease: may(ctx, cleaning.Release), Reason: ui.Field{
			Name: "reason", Label: t(ctx, "batch.reason"), Hint: t(ctx, "batch.reason.hint"), Value: reason, Rows: 2, MaxLength: 200,
		},
	}
	v.Errors = web.FormErrors(why)
	v.Reason.Errors = v.Errors
	p.facts(r, &v)
	switch b.State {
	case cleaning.Waiting, cleaning.Writing, cleaning.Approved:
		v.Running = true
		v.Progress = p.progress(r, s)
	case cleaning.Failed:
		v.Failure = say.T(b.Failure, b.FailureArgs)
	case cleaning.Deleted:
		if b.Proof != nil {
			v.Sentence = t(ctx, "batch.deleted", map[string]any{
				"at": say.Time(b.Proof.At), "rows": say.Int(int64(b.Proof.Rows)),
				"changes": say.Int(int64(b.Proof.Changes)), "files": len(b.Proof.Files),
			})
		}
	}
	v.CanEnd = v.MayHandIn && b.State != cleaning.Deleted && !v.Running
	if b.State != cleaning.Writing && s.Outcomes != nil {
		p.result(r, s, &v)
	}
	if why != nil {
		return web.Retry(w, r, why, batchPage(v))
	}
	return web.Render(w, r, http.StatusOK, batchPage(v))
}

func (p *Pages) facts(r *http.Request, v *batchView) {
	ctx, b := r.Context(), v.Batch
	say := i18n.From(ctx)
	add := func(key, value string) {
		if value != "" {
			v.Facts = append(v.Facts, ui.Fact{Key: t(ctx, "fact."+key), Value: value})
		}
	}
	add("code", b.Code())
	add("agency", p.Agency(b.Agency))
	add("basis", b.Basis)
	add("purpose", b.Purpose)
	add("until", say.Date(b.Until))
	by := p.Name(ctx, b.By, b.At)
	if b.Caller.Client != "" { // an officer of the agency, as it calls them
		by = t(ctx, "fact.by.exchange", map[string]any{"officer": b.Caller.Officer, "client": b.Caller.Client})
		add("dossier", b.Caller.Dossier)
	}
	add("by", by+", "+say.Time(b.At))
	if !b.AsOf.IsZero() {
		add("as_of", say.Time(b.AsOf))
	}
	if b.ApprovedBy != "" {
		add("approved", p.Name(ctx, b.ApprovedBy, b.ApprovedAt)+", "+say.Time(b.ApprovedAt))
	}
	add("hash", b.File.SHA256)
}

// progress says how far a file is and, by how fast the rows went so far, how long it takes.
func (p *Pages) progress(r *http.Request, s cleaning.Standing) ui.Progress {
	ctx, b := r.Context(), s.Batch
	out := ui.Progress{Label: t(ctx, "batch.progress"), Text: t(ctx, "batch.running."+string(b.State))}
	if b.State != cleaning.Writing || b.Report == nil {
		return out
	}
	out.Done, out.Total = s.Rows, b.Report.Rows
	if took := p.Clock.Now().Sub(b.Linked); s.Rows > 0 && took > 0 {
		left := time.Duration(float64(took) * float64(b.Report.Rows-s.Rows) / float64(s.Rows))
		out.Text = t(ctx, "batch.left", map[string]any{"rows": s.Rows, "of": b.Report.Rows, "seconds": int(left.Seconds()) + 1})
	}
	return out
}

func (p *Pages) result(r *http.Request, s cleaning.Standing, v *batchView) {
	ctx, b := r.Context(), s.Batch
	say, rows := i18n.From(ctx), 0
	for _, n := range s.Outcomes {
		rows += n
	}
	found := s.Outcomes[cleaning.Verified] + s.Outcomes[cleaning.Corrected]
	v.Sentence = t(ctx, "batch.sentence", map[string]any{"found": say.Int(int64(found)), "rows": say.Int(int64(rows))})
	if s.Commune != "" {
		v.Sentence = t(ctx, "batch.sentence.commune", map[string]any{
			"found": say.Int(int64(found)), "rows": say.Int(int64(rows)), "commune": p.Desk.Register.Commune(s.Commune),
		})
	}
	v.Outcomes = Outcomes(ctx, rows, s.Outcomes, func(o cleaning.Outcome) string {
		if !v.May || s.Outcomes[o] == 0 {
			return ""
		}
		return Path + "/" + b.ID + "/rows?outcome=" + string(o)
	})
	v.Own = ownWork(ctx, s.Own)
	if b.Report != nil {
		v.Sure = append(sure(ctx, b.Report), work(ctx, s.Measured)...)
		v.Checks = Checks(ctx, b.Report.Checks)
	}
	if s.Settled > 0 {
		v.Sure = append(v.Sure, t(ctx, "batch.settled", map[string]any{"n": s.Settled}))
	}
	v.Communes = p.communes(ctx, s)
	if (b.State == cleaning.Reviewed || b.State == cleaning.Released) && s.Left > 0 {
		v.Queue = t(ctx, "batch.queue", map[string]any{"left": s.Left, "of": s.Of})
	}
	if b.Report != nil {
		for _, n := range b.Report.Notes {
			v.Notes = append(v.Notes, say.T(n.Key, n.Args))
		}
	}
	if report := b.Report; report != nil && report.Bad > 0 {
		v.Bad = Unread(ctx, report.Bad, report.BadRows)
	}
	if b.State == cleaning.Released && s.Commune == "" {
		v.Alive = t(ctx, "batch.alive", map[string]any{"at": say.Time(b.AsOf), "until": say.Date(b.Until)})
		if v.Changes.Label = t(ctx, "batch.changes", map[string]any{"n": say.Int(int64(s.Changes))}); may(ctx, cleaning.Follow) {
			v.Changes.Href = Path + "/" + b.ID + "/changes"
		}
	}
	if b.State == cleaning.Released && v.MayRelease {
		for _, f := range b.Papers {
			v.Papers = append(v.Papers,
				ui.Link{Label: t(ctx, "paper."+f.Format), Href: Path + "/" + b.ID + "/files/clean." + f.Format},
				ui.Link{
					Label: t(ctx, "paper.signature", map[string]any{"file": t(ctx, "paper."+f.Format)}),
					Href:  Path + "/" + b.ID + "/files/clean." + f.Format + ".sig.json",
				})
		}
		for _, format := range []string{"docx", "pdf"} {
			v.Papers = append(v.Papers, ui.Link{Label: t(ctx, "paper.letter."+format), Href: Path + "/" + b.ID + "/files/letter." + format})
		}
	}
}

// why says why a row could not be used, in the reader's language.
func why(say *i18n.Printer, row cleaning.BadRow) string {
	if row.Why == "" { // of a batch that was linked before reasons had codes
		return row.Reason
	}
	return say.T("cleaning.reason.row." + row.Why)
}

func (p *Pages) release(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	ctx, reason := r.Context(), oneLine(form.Text("reason"))
	if err := p.Desk.AskRelease(ctx, who(ctx), r.PathValue("batch"), reason); err != nil {
		if fault.Of(err) != fault.Invalid {
			return err
		}
		return p.showBatch(w, r, reason, err)
	}
	return web.RedirectWith(w, r, Path+"/"+r.PathValue("batch"), "clean.batch.asked", nil)
}

func (p *Pages) reopen(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := p.Desk.Reopen(ctx, who(ctx), r.PathValue("batch")); err != nil {
		return err
	}
	return web.Redirect(w, r, Path+"/"+r.PathValue("batch"))
}

func (p *Pages) end(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := p.Desk.EndNow(ctx, who(ctx), r.PathValue("batch")); err != nil {
		return err
	}
	return web.RedirectWith(w, r, Path+"/"+r.PathValue("batch"), "clean.batch.ended", nil)
}

// mediaTypes are those of what is sent.
var mediaTypes = map[string]string{
	"parquet": "application/vnd.apache.parquet",
	"csv":     "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "json": "application/json",
	"docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "pdf": "application/pdf",
}

// file sends a paper of the result: clean.csv, clean.csv.sig.json, letter.pdf, changes-7.csv …
func (p *Pages) file(w http.ResponseWriter, r *http.Request) error {
	ctx, id, name := r.Context(), r.PathValue("batch"), r.PathValue("file")
	send := func(b cleaning.Batch, in io.Reader) error {
		ext := name[strings.LastIndexByte(name, '.')+1:]
		h := w.Header()
		h.Set("Content-Type", mediaTypes[ext])
		stem := strings.TrimSuffix(b.Name, "."+b.Name[strings.LastIndexByte(b.Name, '.')+1:])
		h.Set("Content-Disposition", "attachment; filename*=UTF-8''"+url.PathEscape(stem+"-"+name))
		if _, err := io.Copy(w, in); err != nil {
			return fmt.Errorf("send %s: %w", name, err)
		}
		return nil
	}
	if format, ok := strings.CutPrefix(name, "letter."); ok && (format == "docx" || format == "pdf") {
		s, err := p.Desk.Batch(ctx, who(ctx), id)
		if err != nil {
			return err
		}
		if s.Batch.State != cleaning.Released {
			return fault.New(fault.NotFound, "cleaning.batch.no_paper", nil)
		}
		raw, err := p.Letter(ctx, s, format)
		if err != nil {
			return err
		}
		return send(s.Batch, bytes.NewReader(raw))
	}
	paperName, signature := strings.CutSuffix(name, ".sig.json")
	var b cleaning.Batch
	var paper cleaning.Paper
	var in io.ReadCloser
	var err error
	if upto, ok := uptoOf(paperName); ok {
		b, paper, in, err = p.Desk.FetchChanges(ctx, who(ctx), id, upto)
	} else {
		b, paper, in, err = p.Desk.Fetch(ctx, who(ctx), id, strings.TrimPrefix(paperName, "clean."))
	}
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	if !signature {
		return send(b, in)
	}
	raw, err := json.MarshalIndent(struct {
		Batch string        `json:"batch"`
		File  cleaning.File `json:"file"`
		cleaning.Signature
	}{b.Code(), paper.File, paper.Signature}, "", "  ")
	if err != nil {
		return err
	}
	return send(b, bytes.NewReader(raw))
}
