package uploadweb

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"

	"github.com/a-h/templ"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/upload"
	"dean06/internal/platform/web"
)

// Suffix is what the script puts behind the name of a field for the numbers of what it has
// sent: "paper" is the file, "paper-upload" says which upload.
const Suffix = "-upload"

// mostFiles is how many files of one field are looked at.
const mostFiles = 50

// Files are the files of a field, whichever way they came: sent before by the script, or with
// the form. A field without any gives none. What is wrong with one is a fault at the
// field; those that were in order are there when the form is sent again with their numbers.
func Files(ctx context.Context, s upload.Service, owner string, form web.Form, field string, n upload.New) ([]upload.File, error) {
	var out []upload.File
	var wrong fault.List
	note := func(f upload.File, err error) error {
		why := fault.As(err)
		switch {
		case err == nil:
			out = append(out, f)
			return nil
		case why != nil && (why.Kind == fault.Invalid || why.Kind == fault.TooLarge || why.Kind == fault.Conflict || why.Kind == fault.NotFound):
			at := why.At(field)
			at.Kind = fault.Invalid // of a form: it is shown again
			wrong = append(wrong, at)
			return nil
		}
		return err
	}
	ids, headers := form.Values(field+Suffix), form.Files(field)
	if len(ids)+len(headers) > mostFiles {
		return nil, fault.New(fault.Invalid, "upload.too_many", fault.Args{"n": mostFiles}).At(field)
	}
	for _, id := range ids {
		f, err := s.Finish(ctx, owner, id)
		if err == nil && f.For != n.For { // sent for something else
			err = upload.ErrUnknown
		}
		if err := note(f, err); err != nil {
			return out, err
		}
	}
	for _, h := range headers {
		file, err := h.Open()
		if err != nil {
			return out, err
		}
		n.Name, n.Size = h.Filename, h.Size
		f, err := s.Take(ctx, owner, n, file)
		if err := errors.Join(note(f, err), file.Close()); err != nil {
			return out, err
		}
	}
	if len(wrong) > 0 {
		return out, wrong
	}
	return out, nil
}

// texts are what the script says; "upload.page." is before each.
var texts = []string{
	"waiting", "sending", "checking", "done", "offline", "again", "failed", "remove", "too_large", "empty",
	"too_small", "blurred", "dark", "keep",
}

// Attrs are what a file field needs so that the script sends its file in pieces, beside
// ui.Upload's own. purpose is upload.New's For.
func (m Mount) Attrs(p *i18n.Printer, purpose string, policy upload.Policy) templ.Attributes {
	words := map[string]string{}
	for _, t := range texts {
		words[t] = p.T("upload.page." + t)
	}
	raw, _ := json.Marshal(words)
	most := m.Service.Most()
	if policy.Max > 0 {
		most = min(most, policy.Max)
	}
	a := templ.Attributes{
		"data-upload": m.Path, "data-upload-for": purpose, "data-upload-most": strconv.FormatInt(most, 10), "data-upload-words": string(raw),
	}
	if policy.Paper {
		marks, _ := json.Marshal(policy.Photo())
		a["data-upload-paper"] = string(marks)
	}
	return a
}
