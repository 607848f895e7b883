package ui

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
)

func render(t *testing.T, lang i18n.Lang, c templ.Component) string {
	t.Helper()
	cat, err := i18n.Load(Messages)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := c.Render(i18n.With(context.Background(), cat.In(lang)), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestComponents(t *testing.T) {
	t.Parallel()
	bad := fault.List{fault.New(fault.Invalid, "ui.not_given", nil).At("email")}
	cases := []struct {
		name string
		c    templ.Component
		want []string
	}{
		{
			"text with hint and error", Text(Field{Name: "email", Label: "Thư", Hint: "ví dụ", Value: `a"b`, Errors: bad}),
			[]string{
				`<label class="govuk-label govuk-label--s" for="email">`, `aria-describedby="email-hint email-error"`,
				`aria-invalid="true"`, `value="a&#34;b"`, `id="email-error"`,
			},
		},
		{"text of another field's error", Text(Field{Name: "name", Label: "Tên", Errors: bad}), []string{`class="govuk-form-group"`}},
		{"optional", Text(Field{Name: "n", Label: "Ghi chú", Optional: true}), []string{"Ghi chú <", "(không bắt buộc)"}},
		{
			"textarea counts", Textarea(Field{Name: "n", Label: "x", MaxLength: 50, Value: "<b>"}),
			[]string{`data-maxlength="50"`, "&lt;b&gt;", "Còn %{count} ký tự", "Tối đa 50 ký tự"},
		},
		{
			"select",
			Select(Field{Name: "s", Label: "x", Value: "2", Options: []Option{{Value: "1", Label: "một"}, {Value: "2", Label: "hai"}}}),
			[]string{`<option value="2" selected>hai`},
		},
		{
			"radios", Radios(Field{
				Name: "r", Label: "Câu hỏi", Value: "b",
				Options: []Option{{Value: "a", Label: "A"}, {Value: "b", Label: "B", Hint: "h"}},
			}),
			[]string{"<legend", "Câu hỏi", `id="r"`, `id="r-2"`, `checked`, `aria-describedby="r-2-item-hint"`},
		},
		{
			"checkboxes",
			Checkboxes(Field{Name: "c", Label: "x", Values: []string{"a"}, Options: []Option{{Value: "a", Label: "A"}, {Value: "b", Label: "B"}}}),
			[]string{`checked`, `type="checkbox"`},
		},
		{
			"date", DateInput(Field{Name: "d", Label: "Hạn", Day: "31"}),
			[]string{`id="d"`, `name="d-day"`, `name="d-month"`, `name="d-year"`, `value="31"`, "Tháng"},
		},
		{
			"upload", Upload(Field{Name: "f", Label: "Tệp", Accept: ".docx", Multiple: true}),
			[]string{`type="file"`, `accept=".docx"`, "multiple"},
		},
		{"error summary", ErrorSummary(bad), []string{`href="#email"`, "Cần sửa mấy chỗ sau"}},
		{"button link", Button(Action{Label: "Xem", Href: "/x"}), []string{`<a href="/x" class="govuk-button"`}},
		{"dangerous address", Button(Action{Label: "Xem", Href: "/x\"onclick=1"}), []string{`href="/x&#34;onclick=1"`}},
		{"status", StatusMark(Contradicted), []string{"Trái với bằng chứng", "app-status--contradicted", `aria-hidden="true"`}},
		{"status cell", StatusCell(NotMet, "/p", "Bộ Tư pháp"), []string{`title="Bộ Tư pháp: Chưa đáp ứng"`, `href="/p"`}},
		{
			"table", DataTable(Table{
				ID: "t", Caption: "Bảng",
				Columns: []Column{{Label: "A", Sort: "?s=a", Sorted: Descending}, {Label: "B", Numeric: true}},
				Rows:    []Row{{Cells: []Cell{{Text: "x"}, {Text: "1"}}}},
			}),
			[]string{"<caption", `aria-sort="descending"`, `scope="row"`, `govuk-table__cell--numeric`, `role="region"`, `tabindex="0"`},
		},
		{
			"table of cards", DataTable(Table{
				ID: "t", Caption: "Bảng", Stack: true, Columns: []Column{{Label: "A"}, {Label: "Từ lúc"}},
				Rows: []Row{{Cells: []Cell{{Text: "x"}, {Text: "1"}}}},
			}),
			[]string{"app-table--stack", `role="table"`, `role="rowheader"`, `role="cell" data-label="Từ lúc"`},
		},
		{
			"table without rows", DataTable(Table{ID: "t", Caption: "Bảng", Empty: Empty("Chưa có", Link{"Nhập", "/nhap"})}),
			[]string{"Chưa có", `href="/nhap"`},
		},
		{"pagination", Pagination(Pages{Next: "?after=1", Count: 1875}), []string{"1.875", `rel="next"`}},
		{"progress", ProgressBar(Progress{Label: "Nhập", Done: 3, Total: 7}), []string{"3 trên 7", `value="3"`, `max="7"`}},
		{
			"timeline", Timeline([]Event{{Title: "Nộp", At: clock.MustDate("2023-02-28").Start().Add(9 * time.Hour)}}),
			[]string{"09:00 28/02/2023", "<time"},
		},
		{
			"changes", Changes("c", "Khác", "Cũ", "Mới", []Change{{Label: "x", New: "2"}, {Label: "y", Old: "1"}}),
			[]string{">Không có<", "<ins", "<del", "Đã bỏ", `role="rowheader"`, `role="cell" data-label=`},
		},
		{"strip", DataStrip(Strip{Known: clock.MustDate("2023-06-20")}), []string{"20/06/2023", "hôm nay"}},
		{
			"summary list", SummaryList([]Fact{{Key: "Điện thoại", Actions: []Link{{"Sửa", "/x"}}}}),
			[]string{"Chưa có", `Sửa <span class="govuk-visually-hidden">Điện thoại`},
		},
		{"task that waits", TaskList("l", []Task{{Title: "Nộp", State: "Chưa", Tone: Caution}}), []string{"<div>Nộp</div>"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := render(t, i18n.Vi, c.c)
			for _, want := range c.want {
				if !strings.Contains(got, want) {
					t.Errorf("got %s\nwant %s", got, want)
				}
			}
		})
	}
}

func TestScriptAddressIsNeutralised(t *testing.T) {
	t.Parallel()
	page := Frame{Node: Node{Name: "n"}, Here: "/"}.Page("x")
	page.Back = "javascript:alert(1)"
	if got := render(t, i18n.Vi, Layout(page)); strings.Contains(got, "javascript:") {
		t.Error("got a script address in a link")
	}
}

func TestLayout(t *testing.T) {
	t.Parallel()
	f := Frame{
		Node: Node{Name: "Bảng", Accent: Hub}, Here: "/returns/late?after=5",
		Nav:   []NavItem{{Label: "Đầu", Href: "/"}, {Label: "Trả lời", Href: "/returns"}, {Label: "Muộn", Href: "/returns/late"}},
		Flash: Flash{Key: "ui.count.limit", Args: fault.Args{"n": 1234.0}},
	}
	p := f.Page("Danh sách")
	p.Errors = fault.List{fault.New(fault.Invalid, "ui.not_given", nil).At("x")}
	got := render(t, i18n.Vi, Layout(p))
	for _, want := range []string{
		`<html lang="vi"`, "<title>Lỗi: ", `href="#main"`, "app-accent-hub", `href="/returns/late?after=5&amp;lang=en"`, "Tối đa 1.234 ký tự",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("got layout without %s", want)
		}
	}
	if n := strings.Count(got, `aria-current="page"`); n != 2 { // in the row and in the menu of a phone
		t.Errorf("got %d current links, want only the best one of each navigation", n)
	}
}

func TestLanguageLinkStaysHere(t *testing.T) {
	t.Parallel()
	for here, want := range map[string]string{
		"/a?x=1&lang=vi":        "/a?lang=en&x=1",
		"//evil.example/x":      "/?lang=en",
		"https://evil.example/": "/?lang=en",
		"":                      "?lang=en",
	} {
		if got := (Frame{Here: here}).inLang(i18n.En); got != want {
			t.Errorf("%q: got %q, want %q", here, got, want)
		}
	}
}

func TestHtmxStaysWithinThePolicy(t *testing.T) {
	t.Parallel()
	for _, want := range []string{`"includeIndicatorStyles":false`, `"allowEval":false`, `"selfRequestsOnly":true`} {
		if !strings.Contains(htmxConfig, want) {
			t.Errorf("got configuration without %s", want)
		}
	}
}
