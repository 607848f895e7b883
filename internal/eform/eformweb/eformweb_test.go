package eformweb_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"go.yaml.in/yaml/v3"

	"dean06/internal/citizen"
	"dean06/internal/eform"
	"dean06/internal/eform/eformweb"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/ui/uitest"
	"dean06/internal/platform/web"
)

var (
	today  = clock.MustDate("2026-11-30")
	noon   = today.Start().Add(12 * time.Hour)
	reform = clock.MustDate("2025-07-01")
	facts  = eform.Facts{Channel: "online", Today: today, Units: someUnits{}}
)

// someUnits are a few communes before and since 1 July 2025.
type someUnits struct{}

var units = []eform.Unit{
	{Code: "05443", Name: "Phường Phan Đình Phùng", Province: "19", ProvinceName: "Tỉnh Thái Nguyên", From: reform},
	{Code: "05455", Name: "Phường Quyết Thắng", Province: "19", ProvinceName: "Tỉnh Thái Nguyên", From: reform},
	{Code: "05500", Name: "Xã Tân Hòa", Province: "19", ProvinceName: "Tỉnh Thái Nguyên", District: "165", DistrictName: "Huyện Phú Bình", To: reform},
}

func (someUnits) Called(folded string) []eform.Unit {
	return slices.DeleteFunc(slices.Clone(units), func(u eform.Unit) bool {
		full := eform.FoldUnit(u.Name)
		return full != folded && eform.BareUnit(full) != folded
	})
}

func (someUnits) Commune(code string, _ clock.Date) (eform.Unit, bool) {
	i := slices.IndexFunc(units, func(u eform.Unit) bool { return u.Code == code })
	if i < 0 {
		return eform.Unit{}, false
	}
	return units[i], true
}

func (someUnits) Province(code string, _ clock.Date) (eform.Unit, bool) {
	return eform.Unit{Code: code, Name: "Tỉnh Thái Nguyên", Province: code}, code == "19"
}

func (s someUnits) Provinces(on clock.Date) []eform.Unit {
	u, _ := s.Province("19", on)
	return []eform.Unit{u}
}

func (someUnits) Became(u eform.Unit, on clock.Date) []eform.Unit {
	if u.On(on) {
		return []eform.Unit{u}
	}
	return units[:2]
}

func readForm(t testing.TB, name string) *eform.Form {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "testdata", name+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var f eform.Form
	if err := yaml.Unmarshal(raw, &f); err != nil {
		t.Fatal(err)
	}
	return &f
}

type posted url.Values

func (p posted) Text(name string) string     { return url.Values(p).Get(name) }
func (p posted) Values(name string) []string { return p[name] }
func (p posted) Has(name string) bool        { return url.Values(p).Has(name) }

func register(text string, locked bool) eform.Answer {
	return eform.Answer{Value: eform.Value{Text: text}, Source: eform.Register, At: noon, AsOf: noon, Fact: "name", Locked: locked}
}

// someAnswers are answers of every origin.
func someAnswers() eform.Answers {
	home := &eform.Place{Commune: "05443", Province: "19", Detail: "Số 5 phố Thử"}
	a := eform.Answers{
		"req.relation":     {Value: eform.Value{Text: "mother"}, Source: eform.Typed},
		"parents.married":  {Value: eform.Value{Text: "yes"}, Source: eform.Typed},
		"req.name":         register("Lê Thị Vợ", true),
		"req.birth":        register("1992-05-06", true),
		"req.residence":    {Value: eform.Value{Place: home}, Source: eform.Register, AsOf: noon},
		"mother.name":      register("Lê Thị Vợ", true),
		"mother.birth":     register("1992-05", false),
		"mother.ethnicity": register("02", false),
		"father.number":    {Value: eform.Value{Text: "001090000001"}, Source: eform.Typed, Match: &eform.Match{Is: false}},
		"child.ethnicity": {Source: eform.Typed, Offered: []eform.Offer{
			{Value: eform.Value{Text: "01"}, Of: []string{"father"}}, {Value: eform.Value{Text: "02"}, Of: []string{"mother"}},
		}},
		"child.birth":       {Value: eform.Value{Text: "2026-11-20"}, Source: eform.Typed},
		"child.birth_words": {Value: eform.Value{Text: eform.DayInWords("2026-11-20")}, Source: eform.System},
	}
	wrong := a["mother.birth"]
	wrong.Wrong = "Tôi sinh ngày 16/5/1992"
	a["mother.birth"] = wrong
	return a
}

func owner(o string) string { return map[string]string{"mother": "mẹ", "father": "cha"}[o] }

// site shows all pages of the two forms.
func site(t testing.TB) http.Handler {
	t.Helper()
	catalogue, err := i18n.Load(ui.Messages, web.Messages, citizen.Messages, eform.Messages, eformweb.Messages)
	if err != nil {
		t.Fatal(err)
	}
	frame := func(r *http.Request) ui.Frame {
		return ui.Frame{Node: ui.Node{Name: "Dịch vụ công", Accent: ui.Agency}, Here: r.URL.RequestURI()}
	}
	birth, move := readForm(t, "birth"), readForm(t, "move")
	inForm := func(body templ.Component) templ.Component {
		return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
			if _, err := w.Write([]byte(`<form method="post" novalidate>`)); err != nil {
				return err
			}
			if err := body.Render(ctx, w); err != nil {
				return err
			}
			if err := ui.Button(ui.Action{Label: i18n.T(ctx, "ui.save_continue")}).Render(ctx, w); err != nil {
				return err
			}
			_, err := w.Write([]byte("</form>"))
			return err
		})
	}
	show := func(w http.ResponseWriter, r *http.Request, title string, wide bool, p func(ui.Page) ui.Page, body templ.Component) error {
		page := frame(r).Page(title)
		page.Wide = wide
		if p != nil {
			page = p(page)
		}
		ctx := templ.WithChildren(r.Context(), body)
		return web.Render(w, r, http.StatusOK, templ.ComponentFunc(func(_ context.Context, out io.Writer) error {
			return ui.Layout(page).Render(ctx, out)
		}))
	}
	heading := func(title string, body templ.Component) templ.Component {
		return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
			if err := ui.Heading(title).Render(ctx, w); err != nil {
				return err
			}
			return body.Render(ctx, w)
		})
	}
	forms := map[string]*eform.Form{"birth": birth, "move": move}
	answers := map[string]eform.Answers{"birth": someAnswers(), "move": {
		"members": {Value: eform.Value{Text: "1"}, Source: eform.Typed}, "members.1.name": {Value: eform.Value{Text: "Lê Thị Một"}, Source: eform.Typed},
		"place.rent": {Value: eform.Value{Text: "2500000"}, Source: eform.Typed},
	}}
	links := eformweb.Links{Change: func(p string) string { return "/ask/birth/" + p }, Wrong: func(p string) string { return "/wrong/" + p }}
	rt := web.NewRouter(web.Config{Log: slog.New(slog.DiscardHandler), Messages: catalogue, Frame: frame})
	rt.Mount(
		web.Route{Pattern: "GET /ask/{form}/{path}", May: "anyone", Handler: func(w http.ResponseWriter, r *http.Request) error {
			f, a := forms[r.PathValue("form")], answers[r.PathValue("form")]
			i := slices.IndexFunc(f.Asked(a, facts), func(q eform.Asked) bool { return q.Path == r.PathValue("path") })
			ask := eformweb.Ask{Asked: f.Asked(a, facts)[i], Facts: facts, View: f.View(a, facts), Owner: owner, Title: true}
			if r.URL.Query().Has("again") {
				form, err := web.ReadForm(r)
				if err != nil {
					return err
				}
				ask.Form = form
				if _, wrong := eformweb.Read(form, ask.Asked, facts); wrong != nil {
					ask.Errors = append(ask.Errors, wrong)
				}
			}
			return show(w, r, ask.Asked.Question.Label.Vi, false, func(p ui.Page) ui.Page { p.Errors = ask.Errors; return p }, inForm(eformweb.Question(ask)))
		}},
		web.Route{Pattern: "GET /filled", May: "anyone", Handler: func(w http.ResponseWriter, r *http.Request) error {
			pages := birth.Pages(answers["birth"], facts)
			i, _ := eform.At(pages, eform.FilledPath)
			filled := eformweb.FilledPage(eformweb.FilledOf(r.Context(), pages[i], facts, links))
			return show(w, r, "Filled", false, nil, heading("Chúng tôi đã có những điều này", filled))
		}},
		web.Route{Pattern: "GET /wrong", May: "anyone", Handler: func(w http.ResponseWriter, r *http.Request) error {
			line := eformweb.Groups(r.Context(), birth.Asked(answers["birth"], facts)[1:2], facts, links)[0].Lines[0]
			says := ui.Field{Name: "says", Label: "Thông tin đúng là gì?"}
			return show(w, r, "Wrong", false, nil, heading("Sai thông tin này", inForm(eformweb.WrongPage(line, says))))
		}},
		web.Route{Pattern: "GET /rows", May: "anyone", Handler: func(w http.ResponseWriter, r *http.Request) error {
			rows := eformweb.RowsOf(r.Context(), move, &move.Sections[1], answers["move"], facts, links.Change)
			return show(w, r, "Rows", false, nil, heading("Những người cùng chuyển", inForm(eformweb.RowsPage(rows))))
		}},
		web.Route{Pattern: "GET /check", May: "anyone", Handler: func(w http.ResponseWriter, r *http.Request) error {
			faults := birth.Check(answers["birth"], facts)
			groups := eformweb.Summary(r.Context(), birth, answers["birth"], facts, faults, links)
			return show(w, r, "Check", false, func(p ui.Page) ui.Page { p.Errors = faults; return p }, heading("Kiểm tra câu trả lời", eformweb.AnswerList(groups)))
		}},
		web.Route{Pattern: "GET /office", May: "anyone", Handler: func(w http.ResponseWriter, r *http.Request) error {
			sections := eformweb.SectionsOf(r.Context(), birth, answers["birth"], facts, nil, nil, owner)
			return show(w, r, "Office", true, nil, heading("Tờ khai", inForm(eformweb.OfficeSections(sections))))
		}},
	)
	return rt.Handler()
}

var pages = []string{
	"/ask/birth/req.relation", "/ask/birth/child.name", "/ask/birth/child.birth", "/ask/birth/child.sex", "/ask/birth/child.birthplace",
	"/ask/birth/child.birthplace?again=1&child.birthplace=tan+hoa&child.birthplace-detail=S%E1%BB%91+5", "/ask/birth/child.ethnicity",
	"/ask/birth/child.nationality", "/ask/birth/req.card", "/ask/birth/req.card?again=1&req.card=12&req.card-kind=CCCD",
	"/ask/birth/father.birth", "/ask/birth/father.birth?again=1&father.birth-day=31&father.birth-month=2&father.birth-year=1990",
	"/ask/birth/child.name?again=1&child.name=12", "/ask/birth/copies.want", "/ask/move/place.rent", "/ask/move/place.papers", "/ask/move/members.1.name",
	"/ask/move/place.mail", "/filled", "/wrong", "/rows", "/check", "/office",
}

// name is the name of a picture of a page.
func name(page string, i int) string {
	path, _, _ := strings.Cut(strings.Trim(page, "/"), "?")
	return strconv.Itoa(i) + "-" + strings.NewReplacer("/", "-", ".", "-").Replace(path)
}

func TestMarkup(t *testing.T) {
	t.Parallel()
	h := site(t)
	for _, page := range pages {
		for _, lang := range i18n.Langs {
			sep := "?"
			if strings.Contains(page, "?") {
				sep = "&"
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest("GET", page+sep+"lang="+string(lang), nil))
			if w.Code != http.StatusOK || w.Body.Len() > 100<<10 {
				t.Errorf("%s %s: status %d, %d bytes", page, lang, w.Code, w.Body.Len())
			}
			for _, fault := range uitest.Markup(w.Body.String()) {
				t.Errorf("%s %s: %s", page, lang, fault)
			}
		}
	}
}

func TestInBrowser(t *testing.T) {
	t.Parallel()
	ctx := uitest.Browser(t)
	server := httptest.NewServer(site(t))
	t.Cleanup(server.Close)
	for i, page := range pages {
		if only := os.Getenv("PAGES"); only != "" && !strings.Contains(page, only) {
			continue
		}
		for _, lang := range i18n.Langs {
			for _, width := range []int64{uitest.Phone, uitest.Desktop} {
				sep := "?"
				if strings.Contains(page, "?") {
					sep = "&"
				}
				uitest.Open(t, ctx, server.URL+page+sep+"lang="+string(lang), width)
				uitest.Check(t, ctx)
				if t.Failed() {
					t.Fatalf("%s %s at %d", page, lang, width)
				}
				if dir := os.Getenv("SCREENSHOTS"); dir != "" {
					uitest.Screenshot(t, ctx, filepath.Join(dir, uitest.Slug(name(page, i), string(lang), width)+".png"))
				}
			}
		}
	}
}

func place(country, province, commune, detail string) eform.Value {
	return eform.Value{Place: &eform.Place{Country: country, Province: province, Commune: commune, Detail: detail}}
}

func TestRead(t *testing.T) {
	t.Parallel()
	birth, move := readForm(t, "birth"), readForm(t, "move")
	a := someAnswers()
	offers := a["child.ethnicity"].Offered
	aCard := eform.Value{Card: &eform.CardPaper{Kind: "CCCD", Serial: "001192000001", Issued: "2022-02-01"}}
	for _, c := range []struct {
		f    *eform.Form
		path string
		form string
		want eform.Value
		key  string
	}{
		{birth, "child.name", "child.name=+Nguy%E1%BB%85n++B%C3%A9+", eform.Value{Text: "Nguyễn Bé"}, ""},
		{birth, "child.name", "child.name=", eform.Value{}, ""},
		{birth, "child.birth", "child.birth-day=20&child.birth-month=11&child.birth-year=2026", eform.Value{Text: "2026-11-20"}, ""},
		{birth, "child.birth", "child.birth-month=11&child.birth-year=2026", eform.Value{}, "eform.wrong.day_part"},
		{birth, "child.birth", "child.birth-day=31&child.birth-month=2&child.birth-year=2026", eform.Value{}, "eform.wrong.day"},
		{birth, "mother.birth", "mother.birth-year=1992", eform.Value{Text: "1992"}, ""},
		{birth, "mother.birth", "mother.birth-month=5&mother.birth-year=1992", eform.Value{Text: "1992-05"}, ""},
		{birth, "mother.birth", "mother.birth-day=5&mother.birth-year=1992", eform.Value{}, "citizen.day.bad"},
		{birth, "mother.birth", "mother.birth=6/5/1992", eform.Value{Text: "1992-05-06"}, ""},
		{birth, "child.sex", "child.sex-shown=1", eform.Value{}, ""},
		{birth, "child.ethnicity", "child.ethnicity-offer=" + eformweb.OfferKey(offers[1]), eform.Value{Text: "02"}, ""},
		{birth, "child.ethnicity", "child.ethnicity-offer=x", eform.Value{}, ""},
		{birth, "child.birthplace", "child.birthplace=phan+dinh+phung&child.birthplace-detail=S%E1%BB%91+5&child.birthplace-province=", place("VN", "19", "05443", "Số 5"), ""},
		{birth, "child.birthplace", "child.birthplace=tan+hoa", eform.Value{}, "eform.place.split"},
		{birth, "child.birthplace", "child.birthplace=tan+hoa&child.birthplace-for=tan+hoa&child.birthplace-code=05455", place("VN", "19", "05455", ""), ""},
		{birth, "child.birthplace", "child.birthplace=phan+dinh+phung&child.birthplace-for=tan+hoa&child.birthplace-code=05455", place("VN", "19", "05443", ""), ""},
		{birth, "child.birthplace", "child.birthplace=tan+hoa&child.birthplace-for=tan+hoa&child.birthplace-code=99999", eform.Value{}, "eform.place.split"},
		{birth, "child.birthplace", "child.birthplace-country=LA&child.birthplace-detail=Vientiane", place("LA", "", "", "Vientiane"), ""},
		{birth, "child.birthplace", "child.birthplace=&child.birthplace-country=VN", eform.Value{}, ""},
		{birth, "req.card", "req.card=001192000001&req.card-kind=CCCD&req.card-issued=1/2/2022", aCard, ""},
		{birth, "req.card", "req.card-kind=CCCD", eform.Value{}, ""},
		{move, "place.rent", "place.rent=2.500.000", eform.Value{Text: "2500000"}, ""},
	} {
		q := eform.Asked{}
		sec, question, row, ok := c.f.Find(c.path)
		if !ok {
			t.Fatal(c.path)
		}
		q.Path, q.Section, q.Question, q.Row, q.Answer = c.path, sec, question, row, a[c.path]
		form, err := url.ParseQuery(c.form)
		if err != nil {
			t.Fatal(err)
		}
		got, wrong := eformweb.Read(posted(form), q, facts)
		key := ""
		if wrong != nil {
			key = wrong.Key
			if wrong.Field != c.path {
				t.Errorf("%s: the fault stands at %q", c.form, wrong.Field)
			}
		}
		if key != c.key || wrong == nil && !got.Same(c.want) {
			t.Errorf("%s: %+v %+v %q, want %+v %q", c.form, got, got.Place, key, c.want, c.key)
		}
	}
}

// FuzzRead posts anything at all kinds of questions.
func FuzzRead(f *testing.F) {
	birth, move := readForm(f, "birth"), readForm(f, "move")
	f.Add("child.birth-day=31&child.birth-month=2", 8)
	f.Add("place.new=tan+hoa&place.new-code=05455&place.new-country=ZZ", 0)
	f.Fuzz(func(t *testing.T, query string, n int) {
		form, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		all := append(birth.Asked(someAnswers(), facts), move.Asked(eform.Answers{}, facts)...)
		q := all[max(n, -(n+1))%len(all)]
		v, wrong := eformweb.Read(posted(form), q, facts)
		if wrong == nil {
			if again, w := q.Question.Normal(v, facts); w != nil || !again.Same(v) {
				t.Errorf("%s %q: %+v is not normal: %v", q.Path, query, v, w)
			}
		}
	})
}
