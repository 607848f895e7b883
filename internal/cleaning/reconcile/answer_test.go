package reconcile_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"dean06/data"
	"dean06/internal/citizen"
	"dean06/internal/cleaning"
	"dean06/internal/cleaning/reconcile"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

var now = time.Date(2026, 11, 30, 3, 0, 0, 0, time.UTC)

const head = "number,old_numbers,name,birth,sex,birthplace,origin,permanent,temporary,present\n"

// village is people of few names, in lines of the register's file.
var village = sync.OnceValue(func() []string {
	var out []string
	names := strings.Fields("An Bình Châu Dũng Giang Hải Khánh Lan Minh Nga Oanh Phúc Quân Sơn Thúy Uyên Vinh Xuân Yến Đức")
	for i := range 4000 {
		year := 1950 + i%60
		place := []string{"01/001/00001", "79/760/26734", "48/490/20194"}[i%3]
		out = append(out, fmt.Sprintf("%s,,Nguyễn %s %s,%d-%02d-%02d,%d,%s,%s,%s,,%s",
			citizen.NumberOf(1, year, citizen.Male, 1+i).Reveal(), names[i/20%20], names[i%20], year, 1+i%12, 1+i%28, 1, place, place, place, place))
	}
	return out
})

var judge = sync.OnceValues(func() (*cleaning.Judge, error) {
	today := clock.DayOf(now)
	places, err := cleaning.ReadGazetteer(data.FS, today)
	if err != nil {
		return nil, err
	}
	s, err := cleaning.OpenText([]byte(head + strings.Join(village(), "\n") + "\n"))
	if err != nil {
		return nil, err
	}
	return cleaning.NewJudge(cleaning.NewWorld(places, today), s, now)
})

// book is a register and a tally in memory.
type book struct {
	counted reconcile.Counted
	noted   []reconcile.Noted
	callers []reconcile.Caller
	looked  int
	crowded bool
	fail    error
}

func (b *book) Alike(_ context.Context, k reconcile.Keys) (people []reconcile.Person, file []byte, crowded bool, err error) {
	b.looked++
	text := head
	for _, line := range village() {
		c := strings.Split(line, ",")
		if c[0] != k.Number.Reveal() && citizen.Fold(c[2]) != citizen.Fold(k.Name) {
			continue
		}
		text += line + "\n"
		people = append(people, reconcile.Person{Number: citizen.MustNumber(c[0]), Name: c[2]})
	}
	return people, []byte(text), b.crowded, nil
}

func (b *book) Counted(_ context.Context, day clock.Date, client string, _ []citizen.Number) (reconcile.Counted, error) {
	if day != clock.DayOf(now) || client != caller.Client {
		return reconcile.Counted{}, errors.New("another day or client")
	}
	return b.counted, nil
}

func (b *book) Note(_ context.Context, _ clock.Date, c reconcile.Caller, n reconcile.Noted) error {
	b.noted, b.callers = append(b.noted, n), append(b.callers, c)
	return b.fail
}

var caller = reconcile.Caller{Client: "VN/GOV/G24/BHXH", Agency: "G24", Officer: "token:1", Purpose: "2.000986", Dossier: "F-1", RequestID: "r"}

func answerer(b *book) *reconcile.Answerer {
	return &reconcile.Answerer{
		Register: b, Tally: b, Clock: clock.Fixed(now), Key: []byte("k"), Judge: func(context.Context) (*cleaning.Judge, error) { return judge() },
	}
}

func ask(list ...cleaning.Said) reconcile.Ask {
	out := reconcile.Ask{Session: "s-1"}
	for _, s := range list {
		out.Questions = append(out.Questions, reconcile.Question{Said: s})
	}
	return out
}

// first is somebody of the village.
func first() (number, name, birth string) {
	c := strings.Split(village()[7], ",")
	return c[0], c[2], c[3]
}

// TestAnswer: who matches is told by name and number, and noted; of all others nothing of the
// register leaves but what agrees.
func TestAnswer(t *testing.T) {
	t.Parallel()
	number, name, birth := first()
	b := &book{}
	got, err := answerer(b).Answer(t.Context(), caller, ask(
		cleaning.Said{"number": number, "name": strings.ToUpper(name), "birth": birth},
		cleaning.Said{"name": name, "birth": birth[:4]},
		cleaning.Said{"name": name},
		cleaning.Said{"number": number},
		cleaning.Said{"number": number, "name": "Phan Lạ Lùng", "birth": birth},
		cleaning.Said{"name": "Phan Lạ Lùng", "birth": "1990"},
	))
	if err != nil {
		t.Fatal(err)
	}
	if err := got.Check(6); err != nil {
		t.Fatal(err)
	}
	if a := got.Answers[0]; len(a) != 1 || !a[0].Match || a[0].Name != name || a[0].Number != number || !a[0].Fits[cleaning.Name] {
		t.Errorf("all that is so: %+v", a)
	}
	for i, about := range []string{"", "a name and a year of several", "a name alone", "a number alone", "a number and another's name", "nobody"} {
		if i == 0 {
			continue
		}
		for _, c := range got.Answers[i] {
			raw, _ := json.Marshal(c) //nolint:errchkjson // a value of numbers and texts
			if c.Match || strings.Contains(string(raw), number) || strings.Contains(string(raw), name) || !strings.HasPrefix(c.ID, "x-") {
				t.Errorf("%s: %s", about, raw)
			}
		}
	}
	if len(got.Answers[1]) < 2 || len(got.Answers[1]) > reconcile.MostCandidates || !got.Answers[1][0].Fits["birth"] {
		t.Errorf("a name and a year: %+v", got.Answers[1])
	}
	if b.looked != 4 || len(got.Answers[2])+len(got.Answers[3])+len(got.Answers[5]) != 0 {
		t.Errorf("looked %d times; %+v", b.looked, got.Answers)
	}
	n := b.noted[0]
	if n.Asked != 4 || n.Missed != 3 || len(n.About) != 2 || b.callers[0].Session != "s-1" {
		t.Errorf("noted %+v of %+v", n, b.callers[0])
	}
	for _, who := range n.Met {
		if who.Reveal() != number {
			t.Errorf("%s was met", who.Reveal())
		}
	}
	if len(n.Met) != 3 { // asked about twice, and told once
		t.Errorf("met %d", len(n.Met))
	}
}

// TestAnswerHides: the same question has the same ids, others have others, for one person too,
// and each agency has its own.
func TestAnswerHides(t *testing.T) {
	t.Parallel()
	_, name, birth := first()
	ids := func(c reconcile.Caller, s cleaning.Said) []string {
		b := &book{}
		a := answerer(b)
		if c.Client != caller.Client {
			a.Tally = anyTally{}
		}
		got, err := a.Answer(t.Context(), c, ask(s))
		if err != nil || len(got.Answers[0]) == 0 {
			t.Fatalf("%+v, %v", got, err)
		}
		var out []string
		for _, x := range got.Answers[0] {
			out = append(out, x.ID)
		}
		return out
	}
	other := caller
	other.Client = "VN/GOV/G09/YTE"
	one := ids(caller, cleaning.Said{"name": name, "birth": birth[:4]})
	if again := ids(caller, cleaning.Said{"name": name, "birth": birth[:4]}); !slices.Equal(one, again) {
		t.Errorf("%v, then %v", one, again)
	}
	for _, o := range [][]string{
		ids(caller, cleaning.Said{"name": name, "birth": birth[:4], "sex": "Nam"}), ids(other, cleaning.Said{"name": name, "birth": birth[:4]}),
	} {
		for _, id := range o {
			if slices.Contains(one, id) {
				t.Errorf("%s is in another answer", id)
			}
		}
	}
}

type anyTally struct{}

func (anyTally) Counted(context.Context, clock.Date, string, []citizen.Number) (reconcile.Counted, error) {
	return reconcile.Counted{}, nil
}

func (anyTally) Note(context.Context, clock.Date, reconcile.Caller, reconcile.Noted) error {
	return nil
}

// TestAnswerCrowd: one of more than were read is nobody, unless the number says who it is.
func TestAnswerCrowd(t *testing.T) {
	t.Parallel()
	number, name, birth := first()
	got, err := answerer(&book{crowded: true}).Answer(t.Context(), caller, ask(
		cleaning.Said{"name": name, "birth": birth, "sex": "Nam"}, cleaning.Said{"number": number, "name": name, "birth": birth},
	))
	if err != nil || len(got.Answers[0]) == 0 || got.Answers[0][0].Match || !got.Answers[1][0].Match {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestAnswerRefuses(t *testing.T) {
	t.Parallel()
	number, name, birth := first()
	full := cleaning.Said{"number": number, "name": name, "birth": birth}
	away := fault.New(fault.Unavailable, "reconcile.getting_ready", nil)
	for _, tt := range []struct {
		about  string
		caller func(*reconcile.Caller)
		ask    reconcile.Ask
		book   book
		judge  error
		want   fault.Kind
		key    string
	}{
		{about: "no purpose", caller: func(c *reconcile.Caller) { c.Purpose = "" }, ask: ask(full), want: fault.Invalid, key: "reconcile.purpose"},
		{about: "too many at once", ask: reconcile.Ask{Questions: make([]reconcile.Question, 51)}, want: fault.TooLarge, key: "reconcile.batch.large"},
		{about: "a kind that is none", ask: ask(cleaning.Said{"phone": "1"}), want: fault.Invalid, key: "reconcile.batch.query"},
		{about: "a code", ask: ask(cleaning.Said{"code": "1"}), want: fault.Invalid, key: "reconcile.batch.query"},
		{about: "a long value", ask: ask(cleaning.Said{"name": strings.Repeat("a", 401)}), want: fault.Invalid, key: "reconcile.batch.query"},
		{about: "a session of two lines", ask: reconcile.Ask{Session: "a\nb"}, want: fault.Invalid, key: "reconcile.session"},
		{about: "nothing was learned", ask: ask(full), judge: away, want: fault.Unavailable, key: "reconcile.getting_ready"},
		{
			about: "a full day", ask: ask(full), book: book{counted: reconcile.Counted{Asked: 50_000}}, want: fault.Denied,
			key: "reconcile.day",
		},
		{
			about: "mostly in vain", ask: ask(full), book: book{counted: reconcile.Counted{Asked: 900, Missed: 501}}, want: fault.Denied,
			key: "reconcile.vain",
		},
	} {
		c := caller
		if tt.caller != nil {
			tt.caller(&c)
		}
		a := answerer(&tt.book)
		if tt.judge != nil {
			a.Judge = func(context.Context) (*cleaning.Judge, error) { return nil, tt.judge }
		}
		_, err := a.Answer(t.Context(), c, tt.ask)
		if f := fault.As(err); f == nil || f.Kind != tt.want || f.Key != tt.key {
			t.Errorf("%s: %v, want %s %s", tt.about, err, tt.want, tt.key)
		}
		if tt.book.looked > 0 || len(tt.book.noted) > 0 {
			t.Errorf("%s: somebody was looked for", tt.about)
		}
	}
	// Half in vain is a bad file, and below the first some hundreds nobody says anything.
	for _, c := range []reconcile.Counted{{Asked: 1002, Missed: 501}, {Asked: 499, Missed: 499}} {
		if err := c.May(10); err != nil {
			t.Errorf("%+v: %v", c, err)
		}
	}
	// What cannot be logged is not told.
	if _, err := answerer(&book{fail: errors.New("no disk")}).Answer(t.Context(), caller, ask(full)); err == nil {
		t.Error("it was told without a log")
	}
}

// TestAnswerAbout: about one number nobody tries out all names and births.
func TestAnswerAbout(t *testing.T) {
	t.Parallel()
	number, name, birth := first()
	b := &book{counted: reconcile.Counted{Asked: 20, Missed: 19, About: map[citizen.Number]int{citizen.MustNumber(number): 20}}}
	got, err := answerer(b).Answer(t.Context(), caller, ask(cleaning.Said{"number": number, "name": name, "birth": birth}))
	if err != nil || len(got.Answers[0]) != 0 || b.looked != 0 || b.noted[0].Missed != 1 {
		t.Errorf("%+v, %v; looked %d", got, err, b.looked)
	}
}
