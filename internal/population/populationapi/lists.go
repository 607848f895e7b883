package populationapi

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"

	"dean06/internal/citizen"
	"dean06/internal/platform/fault"
	"dean06/internal/population"
)

const (
	pageDefault = 100
	pageMax     = 1000
)

// requestList asks for a list of people; it is put together in the background.
func (a *API) requestList(q *request) error {
	query, err := a.readListQuery(q.body)
	if err != nil {
		return err
	}
	l, err := a.Register.RequestList(q.r.Context(), q.in, query)
	if err != nil {
		return denied(q.in, query.Fields, err)
	}
	q.about(1)
	return write(q, http.StatusAccepted, statusOf(l))
}

var listKinds = []population.ListKind{
	population.ListByPlace, population.ListByAge, population.ListByBlood, population.ListBySex,
	population.ListByEthnicity, population.ListByReligion,
}

func (a *API) readListQuery(b []byte) (population.ListQuery, error) {
	var l population.ListQuery
	d, err := a.reader(b)
	if err != nil {
		return l, err
	}
	err = d.object("", "", func(name string) (err error) {
		switch name {
		case "kind":
			var s string
			s, err = d.text("", name)
			l.Kind = population.ListKind(s)
		case "place":
			l.Place, err = d.text("", name)
		case "province":
			l.Province, err = d.text("", name)
		case "district":
			l.District, err = d.text("", name)
		case "code":
			l.Code, err = d.text("", name)
		case "age_from":
			l.AgeFrom, err = d.age(name)
		case "age_to":
			l.AgeTo, err = d.age(name)
		case "fields":
			l.Fields, err = d.fieldList(name)
		default:
			err = d.unknown("", name)
		}
		return err
	})
	if err == nil {
		err = d.end()
	}
	if err == nil && !slices.Contains(listKinds, l.Kind) {
		err = fault.New(fault.Invalid, "populationapi.list_kind", nil).At("kind")
	}
	return l, err
}

// age reads a whole number; zero is one.
func (d *reader) age(name string) (*int, error) {
	n, err := d.number(name)
	return &n, err
}

// listAnswer is where a list stands; who asked is the caller itself.
type listAnswer struct {
	population.List
	Percent int `json:"percent"` // of what is known to come; 100 when it is done
}

func statusOf(l population.List) listAnswer {
	a := listAnswer{List: l}
	a.Steps = nil
	switch {
	case l.State == population.ListDone:
		a.Percent = 100
	case l.Total > 0:
		a.Percent = min(99, l.Done*100/l.Total)
	}
	return a
}

func (a *API) lists(q *request) error {
	limit, err := limitOf(q.r, pageDefault, pageMax)
	if err != nil {
		return err
	}
	lists, err := a.Register.Lists(q.r.Context(), q.in, q.r.URL.Query().Get("before"), limit)
	if err != nil {
		return err
	}
	answer := struct {
		Lists []listAnswer `json:"lists"`
		Next  string       `json:"next,omitempty"` // the "before" of the next page
	}{Lists: []listAnswer{}}
	for _, l := range lists {
		answer.Lists = append(answer.Lists, statusOf(l))
	}
	if len(lists) == limit {
		answer.Next = lists[limit-1].ID
	}
	q.about(1)
	return write(q, http.StatusOK, answer)
}

func (a *API) list(q *request) error {
	l, err := a.Register.ListStatus(q.r.Context(), q.in, q.id)
	if err != nil {
		return err
	}
	return write(q, http.StatusOK, statusOf(l))
}

func (a *API) listHistory(q *request) error {
	l, err := a.Register.ListStatus(q.r.Context(), q.in, q.id)
	if err != nil {
		return err
	}
	steps := l.Steps
	if steps == nil {
		steps = []population.ListStep{}
	}
	q.about(1)
	return write(q, http.StatusOK, struct {
		ID    string                `json:"id"`
		Steps []population.ListStep `json:"steps"`
	}{l.ID, steps})
}

func (a *API) deleteList(q *request) error {
	if err := a.Register.DeleteList(q.r.Context(), q.in, q.id); err != nil {
		return err
	}
	q.w.WriteHeader(http.StatusNoContent)
	return nil
}

func (a *API) listRecords(q *request) error {
	limit, err := limitOf(q.r, pageDefault, pageMax)
	if err != nil {
		return err
	}
	after, err := a.openCursor(q.id, q.r.URL.Query().Get("after"))
	if err != nil {
		return err
	}
	page, err := a.Register.ListRecords(q.r.Context(), q.in, q.id, after, limit)
	if err != nil {
		return err
	}
	answer := struct {
		Records []factsAnswer `json:"records"`
		Next    string        `json:"next,omitempty"` // the "after" of the next page
	}{Records: make([]factsAnswer, len(page.Records))}
	for i, f := range page.Records {
		answer.Records[i] = a.answerOf(f)
	}
	if !page.Next.IsZero() {
		answer.Next = a.sealCursor(q.id, page.Next)
	}
	q.about(len(page.Records))
	return write(q, http.StatusOK, answer)
}

// listFile sends a list as CSV. It is written whole beforehand, so that a failure
// half-way never looks like a shorter list.
func (a *API) listFile(q *request) error {
	f, err := os.CreateTemp("", "list-*.csv")
	if err != nil {
		return fmt.Errorf("make a file for list %s: %w", q.id, err)
	}
	defer f.Close()
	if err := os.Remove(f.Name()); err != nil { // nobody else can open it
		return fmt.Errorf("hide the file of list %s: %w", q.id, err)
	}
	if err := a.Register.ListFile(q.r.Context(), q.in, q.id, f); err != nil {
		return err
	}
	l, err := a.Register.ListStatus(q.r.Context(), q.in, q.id)
	if err != nil {
		return err
	}
	q.about(l.Total)
	size, err := f.Seek(0, io.SeekCurrent)
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		return fmt.Errorf("read the file of list %s: %w", q.id, err)
	}
	h := q.w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8; header=present")
	h.Set("Content-Disposition", `attachment; filename="`+safeName(q.id)+`.csv"`)
	h.Set("Content-Length", strconv.FormatInt(size, 10))
	q.w.WriteHeader(http.StatusOK)
	if q.r.Method != http.MethodHead {
		_, _ = io.Copy(q.w, f) // the caller has gone
	}
	return nil
}

func safeName(id string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '_'
	}, id)
}

func limitOf(r *http.Request, none, most int) (int, error) {
	if !r.URL.Query().Has("limit") {
		return none, nil
	}
	s := r.URL.Query().Get("limit")
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > most {
		return 0, fault.New(fault.Invalid, "populationapi.limit", fault.Args{"max": most}).At("limit")
	}
	return n, nil
}

const cursorKeySize = 32

// sealCursor hides the number at which a page of a list ends: addresses are kept in
// logs that personal data do not belong into. One block holds the number and a check
// of the list, so that no place of another list is taken.
func (a *API) sealCursor(list string, n citizen.Number) string {
	var b [aes.BlockSize]byte
	binary.BigEndian.PutUint64(b[:8], uint64(n.Int()))
	binary.BigEndian.PutUint64(b[8:], checkOf(list))
	a.block().Encrypt(b[:], b[:])
	return hex.EncodeToString(b[:])
}

func (a *API) openCursor(list, s string) (citizen.Number, error) {
	if s == "" {
		return citizen.Number{}, nil
	}
	b, err := hex.DecodeString(s)
	if err == nil && len(b) == aes.BlockSize {
		a.block().Decrypt(b, b)
		if n := binary.BigEndian.Uint64(b[:8]); binary.BigEndian.Uint64(b[8:]) == checkOf(list) && n < 1e12 {
			return citizen.FromInt(int64(n)), nil
		}
	}
	return citizen.Number{}, fault.New(fault.Invalid, "populationapi.cursor", nil).At("after")
}

func (a *API) block() cipher.Block {
	block, err := aes.NewCipher(a.CursorKey)
	if err != nil {
		panic(err) // New makes the key as long as it must be
	}
	return block
}

func checkOf(list string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(list))
	return h.Sum64()
}
