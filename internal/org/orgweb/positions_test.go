package orgweb_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"dean06/data"
	"dean06/internal/org"
	"dean06/internal/org/orgsql"
	"dean06/internal/org/orgweb"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/ui/uitest"
	"dean06/internal/platform/web"
)

// roleNames are what the frame calls the roles.
var roleNames = fstest.MapFS{
	"vi.json": {Data: []byte(`{"role.reviewer": "Thẩm tra", "role.registrar": "Cán bộ dân cư"}`)},
	"en.json": {Data: []byte(`{"role.reviewer": "Reviewer", "role.registrar": "Registrar"}`)},
}

// counter is the pages of a province's offices and positions.
type counter struct {
	t       *testing.T
	routes  []web.Route
	handler http.Handler
	asked   int
}

// ByLogin knows every login but "nobody".
func (*counter) ByLogin(_ context.Context, login string) (string, bool, error) {
	return login, login != "nobody", nil
}

// Ask counts.
func (c *counter) Ask(context.Context, actor.Actor, org.Proposal) (string, error) {
	c.asked++
	return "request", nil
}

func newCounter(t *testing.T) *counter {
	t.Helper()
	ctx := t.Context()
	db := sqldbtest.OpenSQLite(t)
	watch := &ticking{now: time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)}
	store := orgsql.New(db, watch)
	for _, err := range []error{audit.Migrate(ctx, db), store.Migrate(ctx), store.Seed(ctx, data.FS)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	agencies, err := org.NewAgencies(ctx, store, watch)
	if err != nil {
		t.Fatal(err)
	}
	catalogue, err := i18n.Load(ui.Messages, web.Messages, org.Messages, orgweb.Messages, roleNames)
	if err != nil {
		t.Fatal(err)
	}
	c := &counter{t: t}
	frame := func(r *http.Request) ui.Frame { return ui.Frame{Here: r.URL.RequestURI()} }
	c.routes = orgweb.NewPositions(orgweb.PositionShell{
		Names: names{}, Clock: watch, Frame: frame, Own: func() string { return "H55" },
		Positions: org.NewPositions(org.PositionParts{
			Store: store.Positions(), Agencies: agencies, Units: store, Accounts: c, Second: c, Clock: watch, NewID: sqldb.NewID,
			Roles: func() []org.Role { return []org.Role{{Code: "reviewer"}, {Code: "registrar", Personal: true}} },
		}),
	}).Routes()
	load := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if role := r.Header.Get("X-Role"); role != "" {
				who := actor.Actor{Account: role, Name: "Quản trị", Agency: r.Header.Get("X-Agency"), Roles: []string{role}}
				r = r.WithContext(actor.With(r.Context(), who))
			}
			next.ServeHTTP(w, r)
		})
	}
	rt := web.NewRouter(web.Config{Log: slog.New(slog.DiscardHandler), Messages: catalogue, Frame: frame, Within: []web.Middleware{load}})
	rt.Mount(c.routes...)
	c.handler = rt.Handler()
	return c
}

func (c *counter) call(role, agency, path string, form url.Values) answer {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	if form != nil {
		r = httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("X-Role", role)
	r.Header.Set("X-Agency", agency)
	r.Header.Set("Accept-Language", "en")
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, r)
	if strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") && w.Code != http.StatusSeeOther {
		for _, fault := range uitest.Markup(w.Body.String()) {
			c.t.Errorf("%s: %s", path, fault)
		}
	}
	return answer{w.Code, w.Header(), w.Body.String()}
}

// keep fills a form as the administrator and gives the page that follows.
func (c *counter) keep(path string, fields ...string) string {
	c.t.Helper()
	got := c.call("administrator", "", path, fieldsOf(fields...))
	if got.status != http.StatusSeeOther {
		c.t.Fatalf("%s: %d\n%s", path, got.status, got.text())
	}
	return got.header.Get("Location")
}

func fieldsOf(fields ...string) url.Values {
	f := url.Values{"basis": {"12/QĐ-UBND"}}
	for i := 0; i < len(fields); i += 2 {
		f.Add(fields[i], fields[i+1])
	}
	return f
}

func (c *counter) sees(role, agency, path string, want ...string) answer {
	c.t.Helper()
	got := c.call(role, agency, path, nil)
	for _, w := range want {
		if got.status != http.StatusOK || !strings.Contains(got.text(), w) {
			c.t.Errorf("%s for %s of %q: %d lacks %q:\n%s", path, role, agency, got.status, w, got.text())
		}
	}
	return got
}

// between gives what stands between two texts of a page.
func between(t *testing.T, body, from, to string) string {
	t.Helper()
	_, rest, ok := strings.Cut(body, from)
	out, _, found := strings.Cut(rest, to)
	if !ok || !found {
		t.Fatalf("nothing between %q and %q", from, to)
	}
	return out
}

// Loading the reference data takes half a second: the tests share one register, and come
// one after the other.
func TestPositionPages(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	t.Run("an office from its first to its last day", c.firstToLastDay)
	t.Run("a second person is asked", c.secondPerson)
	t.Run("who may see and keep", c.whoMay)
}

func (c *counter) firstToLastDay(t *testing.T) {
	c.t = t
	c.sees("administrator", "", "/org/positions", "UBND tỉnh Thái Nguyên", "No office of UBND tỉnh Thái Nguyên is recorded")
	list := c.keep("/org/offices/new?agency=H55", "name", "Bộ phận một cửa", "from", "01/01/2026")
	page := c.sees("administrator", "", list, "Bộ phận một cửa", "This office has no position yet")
	office := between(t, page.body, "/org/positions/new?office=", `"`)
	c.sees("administrator", "", "/org/positions/new?office="+office, "Bộ phận một cửa", "opens personal data")
	position := c.keep(
		"/org/positions/new?office="+office, "title", "Cán bộ tiếp nhận", "duty", "desk", "roles", "reviewer", "area",
		"05443", "from", "01/01/2026",
	)
	c.sees("administrator", "", position, "Phường Phan Đình Phùng (05443)", "Today nobody acts", "Given to nobody yet")
	c.keep(position+"/appoint", "account", "an", "from", "01/02/2026")
	c.keep(position+"/appoint?as=stand_in", "account", "binh", "from", "20/11/2026", "to", "30/11/2026")
	page = c.sees("official", "H55", position,
		"Today người có mã binh acts", "người có mã an Holder Since 1 February 2026",
		"người có mã binh Stand-in 20 November 2026 – 30 November 2026", "người có mã an holds it")
	if strings.Contains(page.body, "/org/close/") || strings.Contains(page.body, "/appoint") {
		t.Error("an official is offered changes")
	}
	c.sees("official", "H55", "/org/positions", "Cán bộ tiếp nhận người có mã an người có mã binh")
	c.sees("official", "H55", "/org/positions?on=2026-01-15", "Cán bộ tiếp nhận Vacant")
	page = c.sees("administrator", "", position)
	standIn := between(t, page.body, "/org/close/", `"`)
	c.sees("administrator", "", "/org/close/"+standIn, "End or withdraw: người có mã binh, Cán bộ tiếp nhận")
	if to := c.keep("/org/close/"+standIn, "how", "withdraw"); to != position {
		t.Errorf("after withdrawing to %s", to)
	}
	c.sees("administrator", "", position, "Today người có mã an acts", "Withdrawn: người có mã binh stands in")
	c.keep("/org/close/"+office, "how", "end", "on", "20/11/2026")
	c.sees("administrator", "", list+"&on=2026-11-20", "Cán bộ tiếp nhận")
	c.sees("administrator", "", list, "No office of")
	c.sees("administrator", "", position, "Today nobody acts", "Ends: người có mã an holds it, 1 February 2026 – 20 November 2026")
}

func (c *counter) secondPerson(t *testing.T) {
	c.t = t
	list := c.keep("/org/offices/new?agency=H55", "name", "Phòng dân cư", "from", "01/01/2026")
	office := between(t, c.sees("administrator", "", list).body, "/org/positions/new?office=", `"`)
	position := c.keep("/org/positions/new?office="+office, "title", "Hộ tịch", "duty", "reviewer", "roles", "registrar", "from", "01/01/2026")
	c.sees("administrator", "", position+"/appoint", "takes effect only when a second person approves it")
	c.keep(position+"/appoint", "account", "an", "from", "01/02/2026")
	if c.asked != 1 {
		t.Errorf("asked %d times", c.asked)
	}
	c.sees("administrator", "", position, "Given to nobody yet")
	own := c.call("administrator", "", position+"/appoint", fieldsOf("account", "administrator", "from", "01/02/2026"))
	if own.status != http.StatusForbidden || c.asked != 1 {
		t.Errorf("the administrator gives himself a position: %d", own.status)
	}
	faulty := []struct {
		name, path string
		form       url.Values
		status     int
		field      string
	}{
		{"office without a name", "/org/offices/new?agency=H55", fieldsOf("from", "01/01/2026"), 422, "name"},
		{"office of no agency", "/org/offices/new?agency=Z99", fieldsOf("name", "A", "from", "01/01/2026"), 422, "from"},
		{"day that is none", "/org/offices/new?agency=H55", fieldsOf("name", "A", "from", "31/02/2026"), 422, "from"},
		{"two of a name", "/org/offices/new?agency=H55", fieldsOf("name", "Phòng dân cư", "from", "01/01/2026"), 409, "name"},
		{"position without a title", "/org/positions/new?office=" + office, fieldsOf("duty", "desk", "from", "01/01/2026"), 422, "title"},
		{
			"nowhere", "/org/positions/new?office=" + office,
			fieldsOf("title", "A", "duty", "desk", "area", "99999", "from", "01/01/2026"), 422, "area",
		},
		{"nobody", position + "/appoint", fieldsOf("account", "nobody", "from", "01/02/2026"), 422, "account"},
		{"nobody to stand in for", position + "/appoint?as=stand_in", fieldsOf("account", "b", "from", "01/02/2026"), 422, "vacancy"},
		{"before it began", "/org/close/" + office, fieldsOf("how", "end", "on", "01/01/2025"), 409, "on"},
		{"positions stand on it", "/org/close/" + office, fieldsOf("how", "withdraw"), 409, "on"},
	}
	for _, tt := range faulty {
		got := c.call("administrator", "", tt.path, tt.form)
		if got.status != tt.status || !strings.Contains(got.body, `href="#`+tt.field+`"`) {
			t.Errorf("%s: status %d, want %d at %s\n%s", tt.name, got.status, tt.status, tt.field, got.text())
		}
	}
}

func (c *counter) whoMay(t *testing.T) {
	c.t = t
	list := c.keep("/org/offices/new?agency=H55", "name", "Phòng hộ tịch", "from", "01/01/2026")
	office := between(t, c.sees("administrator", "", list).body, "/org/positions/new?office=", `"`)
	position := strings.TrimPrefix(
		c.keep("/org/positions/new?office="+office, "title", "A", "duty", "desk", "from", "01/01/2026"),
		"/org/positions/",
	)
	for _, route := range c.routes {
		method, path, _ := strings.Cut(route.Pattern, " ")
		path = strings.Replace(path, "{id}", position, 1)
		var form url.Values
		if method == http.MethodPost {
			form = url.Values{"office": {office}}
		} else if strings.HasSuffix(path, "/positions/new") {
			path += "?office=" + office
		}
		for _, tt := range []struct {
			role, agency string
			may          bool
		}{{"official", "H55", route.May == "org.read_positions"}, {"official", "H26", false}, {"administrator", "", true}} {
			got := c.call(tt.role, tt.agency, path, form)
			may := got.status != http.StatusForbidden
			if path == "/org/positions" && tt.agency == "H26" {
				tt.may = true // the positions of their own agency: there are none
			}
			if may != tt.may {
				t.Errorf("%s by %s of %q: %d", route.Pattern, tt.role, tt.agency, got.status)
			}
		}
		if got := c.call("", "", path, form); got.status != http.StatusSeeOther && got.status != http.StatusUnauthorized {
			t.Errorf("%s by nobody: %d", route.Pattern, got.status)
		}
	}
	if got := c.call("official", "H26", "/org/positions?agency=H55", nil); got.status != http.StatusForbidden {
		t.Errorf("the positions of another agency: %d", got.status)
	}
}
