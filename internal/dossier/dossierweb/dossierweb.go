// Package dossierweb is what the pages of dossiers share: the node around them, and how
// statuses, moments, papers and the way of a dossier are shown. The pages are in apply (the
// citizen's) and office (the officers').
package dossierweb

import (
	"context"
	"embed"
	"io/fs"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"dean06/internal/dossier"
	"dean06/internal/eform"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/procedure"
)

//go:embed messages
var messages embed.FS

// Messages are the texts that the pages share.
var Messages, _ = fs.Sub(messages, "messages")

// Shell is what the pages need from the node around them.
type Shell struct {
	Service *dossier.Service
	Frame   web.FrameFunc
	Clock   clock.Clock
	// Agency is what an agency is called; "" when it is not known.
	Agency func(code string) string
}

// Actor is who acts in a request; nobody when nobody is signed in.
func (s Shell) Actor(r *http.Request) actor.Actor { return actor.From(r.Context()) }

// Lang is the reader's language.
func Lang(ctx context.Context) string { return string(i18n.From(ctx).Lang) }

// T is a text of the pages that they share.
func T(ctx context.Context, key string, args ...map[string]any) string {
	return i18n.T(ctx, "dossierweb."+key, args...)
}

// Tone is the colour of a status.
func Tone(s dossier.Status) ui.Tone {
	switch s {
	case dossier.New:
		return ui.Neutral
	case dossier.Received, dossier.InProcess:
		return ui.Info
	case dossier.Supplement, dossier.FeeDue, dossier.Withdrawing:
		return ui.Caution
	case dossier.RefusedIntake, dossier.Stopped:
		return ui.Bad
	}
	return ui.Good
}

// StatusName is what a status is called.
func StatusName(ctx context.Context, s dossier.Status) string {
	return i18n.T(ctx, "dossier.status."+strconv.Itoa(int(s)))
}

// Moment is an hour and a day: 09:12, 27/11/2026; "" for none.
func Moment(ctx context.Context, at time.Time) string {
	if at.IsZero() {
		return ""
	}
	l := at.In(clock.Zone)
	return T(ctx, "moment", map[string]any{"time": l.Format("15:04"), "day": i18n.From(ctx).Date(clock.DayOf(at))})
}

// Long is a moment with its day of the week: 17:00 thứ Sáu, 27/11/2026.
func Long(ctx context.Context, at time.Time) string {
	if at.IsZero() {
		return ""
	}
	l := at.In(clock.Zone)
	return T(ctx, "long", map[string]any{
		"time": l.Format("15:04"), "weekday": T(ctx, "weekday."+strconv.Itoa(int(l.Weekday()))), "day": i18n.From(ctx).Date(clock.DayOf(at)),
	})
}

// Due says by when a dossier is due, and how it stands.
func Due(ctx context.Context, h dossier.Head, now time.Time) (text string, tone ui.Tone) {
	switch {
	case h.Status == dossier.Supplement || h.Status == dossier.FeeDue:
		return T(ctx, "due.stands"), ui.Neutral
	case !h.DoneAt.IsZero() && !h.Promised.IsZero() && h.DoneAt.After(h.Promised):
		return T(ctx, "due.done_late", map[string]any{"at": Moment(ctx, h.DoneAt), "due": Moment(ctx, h.Promised)}), ui.Neutral
	case !h.DoneAt.IsZero():
		return T(ctx, "due.done", map[string]any{"at": Moment(ctx, h.DoneAt)}), ui.Neutral
	case h.Due.IsZero():
		return "", ui.Neutral
	case h.Due.Before(now):
		return T(ctx, "due.late", map[string]any{"at": Moment(ctx, h.Due)}), ui.Bad
	case h.Warned > 0:
		return T(ctx, "due.soon", map[string]any{"at": Moment(ctx, h.Due)}), ui.Caution
	}
	return T(ctx, "due.at", map[string]any{"at": Moment(ctx, h.Due)}), ui.Neutral
}

// ReasonText is a coded reason of a package in words; the code when the package has none.
func ReasonText(ctx context.Context, p *procedure.Package, code string) string {
	if p != nil {
		if r, ok := p.Reason(code); ok {
			return r.Text.In(Lang(ctx))
		}
	}
	return code
}

// About is what a line of a checklist is about: a paper, a question, or the whole.
func About(ctx context.Context, p *procedure.Package, a dossier.Asked) string {
	switch {
	case a.Paper != "":
		return PaperName(ctx, p, a.Paper)
	case a.Field != "":
		return FieldName(ctx, p, a.Field)
	}
	return T(ctx, "about.whole")
}

// PaperName is what a requirement is called.
func PaperName(ctx context.Context, p *procedure.Package, id string) string {
	if p != nil {
		if paper, ok := p.Paper(id); ok {
			return paper.Name.In(Lang(ctx))
		}
	}
	return id
}

// FieldName is what a question is called, with its section.
func FieldName(ctx context.Context, p *procedure.Package, path string) string {
	if p == nil {
		return path
	}
	sec, q, _, ok := p.Form.Find(path)
	if !ok {
		return path
	}
	return sec.Title.In(Lang(ctx)) + " – " + strings.TrimRight(q.Label.In(Lang(ctx)), ": ")
}

// questionName is what a question is called by itself.
func questionName(ctx context.Context, p *procedure.Package, path string) string {
	if p != nil {
		if _, q, _, ok := p.Form.Find(path); ok {
			return strings.TrimRight(q.Label.In(Lang(ctx)), ": ")
		}
	}
	return path
}

// StepName is what a step of a package is called.
func StepName(ctx context.Context, p *procedure.Package, id string) string {
	if p != nil {
		if s, ok := p.Step(id); ok {
			return s.Name.In(Lang(ctx))
		}
	}
	return ""
}

// FeeName is what a fee is called.
func FeeName(ctx context.Context, p *procedure.Package, id string) string {
	if fee, ok := p.Fee(id); ok {
		return fee.Name.In(Lang(ctx))
	}
	return id
}

// IssuedName is what an issued paper is called, with its number where that is its own.
func IssuedName(ctx context.Context, p *procedure.Package, r dossier.ResultPaper, code string) string {
	name := T(ctx, "issued."+r.Kind)
	if one, ok := p.Result(r.Result); ok && r.Kind == dossier.PaperResult {
		name = one.Name.In(Lang(ctx))
	}
	if r.Number == "" || r.Number == code {
		return name
	}
	return T(ctx, "issued.number", map[string]any{"name": name, "number": r.Number})
}

// How is by what a paper met its requirement, in words.
func How(ctx context.Context, p dossier.Paper) string {
	return i18n.T(ctx, "dossier.how."+string(p.How))
}

// Timeline is what happened to a dossier, as far as the view has it, the newest first.
func (s Shell) Timeline(ctx context.Context, v dossier.View) []ui.Event {
	var out []ui.Event
	for _, a := range slices.Backward(v.Actions) {
		out = append(out, ui.Event{Title: Did(ctx, a.Verb), By: s.byWhom(ctx, a), At: a.At, Text: s.said(ctx, v, a)})
	}
	return out
}

// VerbName is what is done, in words.
func VerbName(ctx context.Context, v dossier.Verb) string {
	return i18n.T(ctx, "dossier.verb."+string(v))
}

// Did is what was done, in words.
func Did(ctx context.Context, v dossier.Verb) string { return T(ctx, "did."+string(v)) }

func (s Shell) byWhom(ctx context.Context, a dossier.Action) string {
	if strings.HasPrefix(a.By, "system:") {
		return T(ctx, "program")
	}
	if name := s.Agency(a.Agency); a.Agency != "" && name != "" {
		return a.Name + ", " + name
	}
	return a.Name
}

// said is what was said with an action.
func (s Shell) said(ctx context.Context, v dossier.View, a dossier.Action) string {
	said := a.Say()
	var lines []string
	for _, l := range said.Asked {
		line := About(ctx, v.Package, l) + ": " + ReasonText(ctx, v.Package, l.Reason)
		if l.Note != "" {
			line += " (" + l.Note + ")"
		}
		lines = append(lines, line)
	}
	if said.Note != "" {
		lines = append(lines, said.Note)
	}
	if said.Basis != "" {
		lines = append(lines, T(ctx, "basis", map[string]any{"basis": said.Basis}))
	}
	if said.ToName != "" {
		lines = append(lines, T(ctx, "given_to", map[string]any{"name": said.ToName}))
	}
	if said.Receiver != "" {
		lines = append(lines, T(ctx, "fetched_by", map[string]any{"name": said.Receiver}))
	}
	for _, path := range said.Changed {
		key, what := "changed", FieldName(ctx, v.Package, path)
		if a.Verb == dossier.Approve || a.Verb == dossier.Registered {
			key, what = "entered", questionName(ctx, v.Package, path)
		}
		if paper, ok := strings.CutPrefix(path, "papers."); ok {
			key, what = "sent", PaperName(ctx, v.Package, paper)
		}
		lines = append(lines, T(ctx, key, map[string]any{"what": what}))
	}
	if said.Error != "" {
		lines = append(lines, i18n.T(ctx, said.Error))
	}
	if !a.Due.IsZero() && (a.From != a.To || a.Verb == dossier.Extend || a.Verb == dossier.Recounted) {
		lines = append(lines, T(ctx, "due.at", map[string]any{"at": Moment(ctx, a.Due)}))
	}
	return strings.Join(lines, "\n")
}

// Facts are what is known around the form of a dossier, with the names of places.
func (s Shell) Facts(d dossier.Dossier) eform.Facts {
	f := dossier.FactsOf(d)
	f.Units = s.Service.Units
	return f
}

// AtDesk is the address of an officer's page of a dossier.
func AtDesk(code, rest string) string { return "/desk/dossiers/" + url.PathEscape(code) + rest }

// Joined puts texts behind each other in one line; what is empty is left out.
func Joined(texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(s string) bool { return s == "" }), " · ")
}

// Posted reads a form with the version of what its page showed; zero, which is the version of
// nothing, when the page said none.
func Posted(r *http.Request) (web.Form, int, error) {
	form, err := web.ReadForm(r)
	if err != nil {
		return form, 0, err
	}
	version, _, err := form.Int("version")
	return form, version, err
}

// Purpose is why somebody looks at a dossier, as it is recorded: in Vietnamese, whatever the
// language of the page, so that the record of one dossier is in one language.
func Purpose(ctx context.Context, code string) string {
	return i18n.From(ctx).In(i18n.Vi).T("dossierweb.purpose." + code)
}

// PurposeShown is a recorded purpose in the reader's language; what nobody chose from the list
// as it was written.
func PurposeShown(ctx context.Context, recorded string) string {
	for _, code := range []string{"work", "ask", "check", "complaint", "own"} {
		if recorded == Purpose(ctx, code) {
			return T(ctx, "purpose."+code)
		}
	}
	return recorded
}

// Why is why something is not allowed, in words.
func Why(ctx context.Context, a dossier.Allowed) string {
	if a.Why == "" {
		return ""
	}
	text := i18n.T(ctx, a.Why, a.Args)
	if a.Who != "" {
		text += " " + T(ctx, "who_can", map[string]any{"who": i18n.T(ctx, a.Who)})
	}
	return text
}

// Ended says that nothing more happens to a dossier by itself.
func Ended(s dossier.Status) bool {
	return s == dossier.RefusedIntake || s == dossier.Stopped || s == dossier.HandedOver || s == dossier.Done
}
