package demo

import (
	"bytes"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/approval"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/session"
	"dean06/internal/xroad"
)

// waysIn tries what an administrator of the register's node might do alone, on its pages.
func waysIn(t *testing.T, c *Country) {
	t.Helper()
	n := c.Node("authority")
	one, two := n.signIn(t, "quantri"), n.signIn(t, secondAdministrator)
	// asked is the one request of a kind that waits; it fails the test when there is none.
	asked := func(t *testing.T, kind string) approval.Request {
		t.Helper()
		list, err := n.Node.Approvals.Find(t.Context(), approval.Filter{State: approval.Open})
		if err != nil {
			t.Fatal(err)
		}
		list = slices.DeleteFunc(list, func(r approval.Request) bool { return !strings.HasPrefix(r.Kind, kind) })
		if len(list) != 1 {
			t.Fatalf("%d requests %s wait, want 1: %+v", len(list), kind, list)
		}
		return list[0]
	}
	alone := func(t *testing.T, r approval.Request) {
		t.Helper()
		if status, _ := one.ask(http.MethodPost, "/approvals/"+r.ID+"/approve"); status != http.StatusForbidden {
			t.Errorf("who asked for %s approves it: %d, want 403", r.Kind, status)
		}
	}

	t.Run("ticks citizen and types another's number", func(t *testing.T) {
		const number = "001060000001"
		one.ask(http.MethodPost, "/accounts/new", "login", number, "name", "Người Mạo Danh", "roles", "citizen", "reason", "Thử")
		r := asked(t, session.KindRoles)
		alone(t, r)
		impostor := n.signIn(t, number)
		if status, _ := impostor.ask(http.MethodGet, "/my-data"); status != http.StatusForbidden {
			t.Errorf("before anybody approved: %d, want 403", status)
		}
		if status, page := two.ask(http.MethodPost, "/approvals/"+r.ID+"/approve"); status != http.StatusSeeOther {
			t.Fatalf("a second person approves: %d\n%s", status, page)
		}
		// Even two cannot make a login a proof: the page says that the account is nobody's.
		impostor = n.signIn(t, number)
		for _, path := range []string{"/my-data", "/my-data/lookups"} {
			status, page := impostor.ask(http.MethodGet, path)
			if status != http.StatusForbidden || !strings.Contains(page, "không gắn với người nào") || strings.Contains(page, number) {
				t.Errorf("%s, approved by two, bound to nobody: %d\n%s", path, status, page)
			}
			if !strings.Contains(page, `href="/sign-in/identity?next=`) {
				t.Errorf("%s: no way to sign in as a person\n%s", path, page)
			}
		}
		// When the person of that number comes, they get an account of their own.
		_, err := n.Node.Sessions.SignInPerson(t.Context(), session.Person{
			Issuer: "https://identity.example.vn", Subject: "s-1", Session: "1", Number: number, Name: "Người Thật", Level: 1,
		}, session.Client{}, "")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := n.Node.Sessions.BoundTo(t.Context(), impostor.actor.Account); fault.Of(err) != fault.NotFound {
			t.Errorf("bound: %v, want to nobody", err)
		}
		// Nor is an administrator one who may bind.
		if err := n.Node.Sessions.Bind(t.Context(), one.actor, impostor.actor.Account, number, "CC"); fault.Of(err) != fault.Denied {
			t.Errorf("bound by an administrator: %v, want denied", err)
		}
	})

	t.Run("gives himself a role", func(t *testing.T) {
		a, err := n.Node.Sessions.Account(actor.With(t.Context(), actor.OfSystem("administrator")), one.actor.Account)
		if err != nil {
			t.Fatal(err)
		}
		for _, role := range []string{"registrar", "citizen", "auditor", "official"} {
			status, _ := one.ask(http.MethodPost, "/accounts/"+a.ID, "version", strconv.FormatInt(a.Version, 10), "name", a.Name, "agency", a.Agency,
				"email", a.Email, "roles", "administrator", "roles", role, "active", "yes", "reason", "Cần gấp")
			if status != http.StatusForbidden {
				t.Errorf("%s: %d, want 403", role, status)
			}
		}
		if status, _ := one.ask(http.MethodGet, "/people"); status != http.StatusForbidden {
			t.Errorf("looks people up: %d, want 403", status)
		}
	})

	t.Run("exports alone", func(t *testing.T) {
		if status, page := one.ask(http.MethodPost, "/people/exports", "purpose", "Chuyển hệ thống"); status != http.StatusSeeOther {
			t.Fatalf("ask: %d\n%s", status, page)
		}
		r := asked(t, "population.export")
		alone(t, r)
		if status, _ := two.ask(http.MethodPost, "/approvals/"+r.ID+"/approve"); status != http.StatusForbidden {
			t.Errorf("another administrator approves: %d, want 403: auditors do", status)
		}
		var file bytes.Buffer
		_, err := n.Modules.Population.Register().Export(t.Context(), actor.AtCommandLine(), r.ID, &file)
		if fault.Of(err) != fault.NotFound || file.Len() > 0 {
			t.Errorf("export = %v, %d bytes, want not found and nothing", err, file.Len())
		}
	})

	t.Run("gives a right alone", func(t *testing.T) {
		board := c.Node("board")
		// The answer to the board, which has no right to it.
		called := func() int {
			r, err := http.NewRequestWithContext(
				t.Context(), http.MethodPost, "http://localhost/r1/VN/GOV/G01/DANCU/facts", strings.NewReader(`{"number":"001090000001"}`),
			)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set(xroad.HeaderUserID, "ai.do")
			answer, err := board.Modules.Gateway.Call(t.Context(), r) // as the board itself: nobody can on its local port
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			return answer.StatusCode
		}
		status, page := one.ask(http.MethodPost, "/gateway/rights/new", "subject", board.SubsystemID().String(),
			"service", n.SubsystemID().Of("facts").String(), "fields", "*", "legal_basis", "Luật Căn cước 2023, Điều 10")
		if status != http.StatusSeeOther {
			t.Fatalf("ask: %d\n%s", status, page)
		}
		r := asked(t, "exchange")
		alone(t, r)
		if got := called(); got == http.StatusOK {
			t.Error("the right holds before anybody approved it")
		}
		if status, page := two.ask(http.MethodPost, "/approvals/"+r.ID+"/approve"); status != http.StatusSeeOther {
			t.Fatalf("a second person approves: %d\n%s", status, page)
		}
		eventually(t, "the right", func() bool { return called() == http.StatusOK })
	})

	t.Run("every grant is told", func(t *testing.T) {
		_, page := n.signIn(t, "kiemtoan").ask(http.MethodGet, "/notices")
		if !strings.Contains(page, "Người Mạo Danh") {
			t.Errorf("the auditor was not told of the grant\n%s", page)
		}
	})
}
