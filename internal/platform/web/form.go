package web

import (
	"errors"
	"fmt"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// Form is what was sent, clean: valid UTF-8 in NFC, without NUL, lines ended
// by \n, without spaces around.
type Form struct {
	values url.Values
	files  map[string][]*multipart.FileHeader
}

// inMemory is how much of an upload is held in memory; the rest goes to
// temporary files, which the server removes after the request.
const inMemory = 4 << 20

// ReadForm reads the query and the body, multipart or not, within the limit of
// the route. It fails with TooLarge when the body is larger, Invalid when it is
// broken or holds text that no keyboard writes.
func ReadForm(r *http.Request) (Form, error) {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	var err error
	if kind == "multipart/form-data" {
		err = r.ParseMultipartForm(inMemory)
	} else {
		err = r.ParseForm()
	}
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return Form{}, fmt.Errorf("read form: %w", err)
	case err != nil:
		return Form{}, fault.New(fault.Invalid, "web.form.broken", nil).Because(err)
	}
	f := Form{values: url.Values{}}
	if r.MultipartForm != nil {
		f.files = r.MultipartForm.File
	}
	for key, values := range r.Form {
		for _, v := range values {
			clean, err := Clean(v)
			if err != nil {
				return Form{}, fault.As(err).At(key)
			}
			f.values.Add(key, clean)
		}
	}
	return f, nil
}

// With is the form with other values of some fields, as if they had been sent.
func (f Form) With(values url.Values) Form {
	out := Form{values: url.Values{}, files: f.files}
	maps.Copy(out.values, f.values)
	maps.Copy(out.values, values)
	return out
}

// Clean normalises a text from outside: NFC, \n for line ends, no spaces around.
// It fails with Invalid when the text is no UTF-8 or holds NUL.
func Clean(s string) (string, error) {
	if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
		return "", fault.New(fault.Invalid, "web.form.text", nil)
	}
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.TrimSpace(norm.NFC.String(s)), nil
}

// Text is the first value of a field, "" when it was not sent.
func (f Form) Text(name string) string { return f.values.Get(name) }

// Values are all values of a field, such as ticked boxes, without empty ones.
func (f Form) Values(name string) []string {
	out := []string{}
	for _, v := range f.values[name] {
		if v != "" {
			out = append(out, v)
		}
	}
	return out
}

// Has says that the field was sent, even empty.
func (f Form) Has(name string) bool { return f.values.Has(name) }

// Names are the fields that were sent.
func (f Form) Names() []string {
	names := make([]string, 0, len(f.values))
	for n := range f.values {
		names = append(names, n)
	}
	return names
}

// Int reads a whole number, with or without the thousands' dots (1.234). It
// fails with Invalid at the field; an empty field is 0 and false.
func (f Form) Int(name string) (n int, given bool, err error) {
	text := f.Text(name)
	if text == "" {
		return 0, false, nil
	}
	n, convErr := strconv.Atoi(ungroup(text))
	if convErr != nil {
		return 0, true, fault.New(fault.Invalid, "web.form.number", fault.Args{"text": text}).At(name)
	}
	return n, true, nil
}

// ungroup takes out separators, but only where thousands have them: "1.5" stays.
func ungroup(s string) string {
	for _, sep := range []string{".", ",", " ", "\u00a0"} {
		parts := strings.Split(s, sep)
		if len(parts) == 1 || len(parts[0]) == 0 || len(parts[0]) > 3 {
			continue
		}
		grouped := true
		for _, p := range parts[1:] {
			grouped = grouped && len(p) == 3
		}
		if grouped {
			return strings.Join(parts, "")
		}
	}
	return s
}

// Date reads a day from the three parts of ui.DateInput, or from one field
// written dd/mm/yyyy or yyyy-mm-dd. An empty one is the zero day; a day that is
// not in the calendar fails with Invalid at the field.
func (f Form) Date(name string) (clock.Date, error) {
	d, m, y := f.DateParts(name)
	text := d + "/" + m + "/" + y
	if d+m+y == "" {
		text = f.Text(name)
	}
	if text == "" {
		return clock.Date{}, nil
	}
	for _, layout := range []string{"2/1/2006", "2-1-2006", "2.1.2006", time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil && t.Year() >= 1800 {
			return clock.NewDate(t.Date()), nil
		}
	}
	return clock.Date{}, fault.New(fault.Invalid, "web.form.date", fault.Args{"text": text}).At(name)
}

// DateParts are the three parts as typed, to show them again.
func (f Form) DateParts(name string) (day, month, year string) {
	return f.Text(name + "-day"), f.Text(name + "-month"), f.Text(name + "-year")
}

// Files are the uploaded files of a field. A field left empty has none.
func (f Form) Files(name string) []*multipart.FileHeader {
	var out []*multipart.FileHeader
	for _, h := range f.files[name] {
		if h.Filename != "" {
			out = append(out, h)
		}
	}
	return out
}
