package handoverweb

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"dean06/internal/cleaning"
	"dean06/internal/cleaning/cleaningweb"
	"dean06/internal/cleaning/handover"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

// file is how far a file is, or what became of it.
func (p *Pages) file(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	h, err := p.Desk.Handover(ctx, who(ctx), r.PathValue("file"))
	if err != nil {
		return err
	}
	v := cleaningweb.FileView{
		Page: p.page(r, h.Offer.Name, home(ctx)), Batch: cleaning.Batch{ID: h.ID}, May: may(ctx, handover.Settle), MayHandIn: may(ctx, handover.HandIn),
	}
	v.Tone, v.State = standing(ctx, &h)
	p.facts(ctx, &v, &h)
	v.Failure = trouble(ctx, &h)
	v.Running, v.Progress = p.progress(ctx, &h)
	v.CanEnd = may(ctx, handover.HandIn) && h.State != handover.Ended && (!v.Running || h.State == handover.Sending)
	if confirms(&h) {
		v.Batch.State = h.Told.State
	}
	if h.State == handover.Ended && !h.Deleted.IsZero() {
		v.Sentence = t(ctx, "deleted", map[string]any{"at": i18n.From(ctx).Time(h.Deleted)})
	}
	if told := h.Told; told != nil && told.Estimated != nil && told.Outcomes != nil {
		result(ctx, &v, told)
	}
	if h.State == handover.There && h.Told != nil && h.Told.Open > 0 {
		v.Queue = t(ctx, "open", map[string]any{"n": h.Told.Open})
	}
	if h.State == handover.Done {
		v.Alive = t(ctx, "alive", map[string]any{"until": i18n.From(ctx).Date(h.Offer.Until)})
		if v.Changes.Label = shared(ctx, "batch.changes", map[string]any{"n": i18n.From(ctx).Int(h.Changes)}); may(ctx, handover.Fetch) {
			v.Changes.Href = at(&h) + "/changes"
		}
	}
	if may(ctx, handover.Fetch) {
		for _, f := range h.Papers {
			name := shared(ctx, "paper."+f.Format)
			v.Papers = append(v.Papers,
				ui.Link{Label: name, Href: at(&h) + "/files/clean." + f.Format},
				ui.Link{Label: shared(ctx, "paper.signature", map[string]any{"file": name}), Href: at(&h) + "/files/clean." + f.Format + ".sig.json"},
			)
		}
	}
	return web.Render(w, r, http.StatusOK, cleaningweb.FilePage(v))
}

func result(ctx context.Context, v *cleaningweb.FileView, told *cleaning.Handed) {
	say := i18n.From(ctx)
	found := told.Outcomes[cleaning.Verified] + told.Outcomes[cleaning.Corrected]
	v.Sentence = shared(ctx, "batch.sentence", map[string]any{"found": say.Int(int64(found)), "rows": say.Int(int64(told.Rows))})
	v.Outcomes = cleaningweb.Outcomes(ctx, told.Rows, told.Outcomes, func(cleaning.Outcome) string { return "" })
	v.Sure = append(v.Sure, cleaningweb.Estimated(ctx, *told.Estimated, told.Bound))
	v.Notes, v.Checks = told.Notes, cleaningweb.Checks(ctx, told.Checks)
	if len(told.Bad) > 0 {
		v.Bad = cleaningweb.Unread(ctx, len(told.Bad), told.Bad)
	}
}

// trouble is why a file does not go on.
func trouble(ctx context.Context, h *handover.Handover) string {
	say := i18n.From(ctx)
	switch {
	case h.Trouble != nil && h.Ends(), h.Trouble != nil && h.Next.IsZero():
		return say.T(h.Trouble.Key, h.Trouble.Args)
	case h.Trouble != nil:
		return say.T(h.Trouble.Key, h.Trouble.Args) + " " + t(ctx, "again", map[string]any{"at": say.Time(h.Next)})
	case h.Told != nil && h.Told.State == cleaning.Failed:
		return h.Told.Why
	}
	return ""
}

func (p *Pages) facts(ctx context.Context, v *cleaningweb.FileView, h *handover.Handover) {
	say := i18n.From(ctx)
	add := func(label, value string) {
		if value != "" {
			v.Facts = append(v.Facts, ui.Fact{Key: label, Value: value})
		}
	}
	add(t(ctx, "fact.code"), h.Code())
	if h.Remote != "" {
		add(t(ctx, "fact.remote"), cleaning.Batch{ID: h.Remote}.Code())
	}
	add(shared(ctx, "fact.basis"), h.Offer.Basis)
	add(shared(ctx, "fact.purpose"), h.Offer.Purpose)
	add(shared(ctx, "fact.until"), say.Date(h.Offer.Until))
	add(t(ctx, "fact.by"), p.Name(ctx, h.By, h.At)+", "+say.Time(h.At))
	if h.Told != nil && !h.Told.AsOf.IsZero() {
		add(shared(ctx, "fact.as_of"), say.Time(h.Told.AsOf))
	}
	for _, f := range h.Papers {
		add(t(ctx, "fact.signed", map[string]any{"file": strings.ToUpper(f.Format)}), t(ctx, "fact.signed.at", map[string]any{"at": say.Time(f.SignedAt)}))
	}
	add(shared(ctx, "fact.hash"), h.Offer.SHA256)
	if h.State != handover.Ended {
		copied := "fact.copy.gone"
		if h.Kept {
			copied = "fact.copy.here"
		}
		add(t(ctx, "fact.copy"), t(ctx, copied))
	}
}

// progress says how far a file is that moves by itself.
func (p *Pages) progress(ctx context.Context, h *handover.Handover) (bool, ui.Progress) {
	out := ui.Progress{Label: shared(ctx, "batch.progress")}
	switch {
	case h.State == handover.Sending:
		out.Text = t(ctx, "running.sending")
		out.Done, out.Total = int(h.Sent>>10), max(int(h.Offer.Size>>10), 1)
		if left := h.Left(p.Clock.Now()); left > 0 {
			out.Text = t(ctx, "running.left", map[string]any{"percent": 100 * h.Sent / h.Offer.Size, "seconds": int(left/time.Second) + 1})
		}
		return true, out
	case h.State == handover.Fetching:
		out.Text = t(ctx, "running.fetching")
		return true, out
	case h.State != handover.There:
		return false, out
	case h.Told == nil || h.Told.State == cleaning.Coming || h.Told.State == cleaning.Checking:
		out.Text = t(ctx, "running.checking")
		return true, out
	}
	switch s := h.Told.State; s {
	case cleaning.Waiting, cleaning.Writing, cleaning.Approved:
		out.Text = shared(ctx, "batch.running."+string(s))
		if h.Told.Left > 0 {
			out.Done, out.Total = h.Told.Written, h.Told.Rows
			out.Text = shared(ctx, "batch.left", map[string]any{"rows": h.Told.Written, "of": h.Told.Rows, "seconds": int(h.Told.Left/time.Second) + 1})
		}
		return true, out
	}
	return false, out
}

// paper sends a clean file, or its signature.
func (p *Pages) paper(w http.ResponseWriter, r *http.Request) error {
	ctx, name := r.Context(), r.PathValue("paper")
	if name == "changes.csv" {
		return p.changesFile(w, r)
	}
	format, signature := strings.CutSuffix(strings.TrimPrefix(name, "clean."), ".sig.json")
	h, f, in, err := p.Desk.Fetch(ctx, who(ctx), r.PathValue("file"), format)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	var body io.Reader = in
	if signature {
		raw, err := json.MarshalIndent(struct {
			Batch string        `json:"batch"`
			File  cleaning.File `json:"file"`
			cleaning.Signature
		}{cleaning.Batch{ID: h.Remote}.Code(), f.File, f.Signature}, "", "  ")
		if err != nil {
			return err
		}
		body = bytes.NewReader(raw)
	}
	w.Header().Set("Content-Type", cleaningweb.MediaType(name))
	stem := strings.TrimSuffix(h.Offer.Name, path.Ext(h.Offer.Name))
	w.Header().Set("Content-Disposition", "attachment; filename*=UTF-8''"+url.PathEscape(stem+"-"+name))
	if _, err := io.Copy(w, body); err != nil {
		return fmt.Errorf("send %s: %w", name, err)
	}
	return nil
}
