package demo

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/approval"
	"dean06/internal/platform/session"
)

// person is somebody who is signed in at a node.
type person struct {
	t      *testing.T
	n      *Node
	actor  actor.Actor
	cookie *http.Cookie
}

// signIn signs somebody in, as it is done elsewhere: no password is hashed.
func (n *Node) signIn(t *testing.T, login string) person {
	t.Helper()
	ctx := actor.With(t.Context(), actor.OfSystem("administrator"))
	list, err := n.Node.Sessions.Accounts(ctx, session.AccountFilter{})
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(list, func(a session.Account) bool { return a.Login == login })
	if i < 0 {
		t.Fatalf("%s: no account %s", n.Key, login)
	}
	w := httptest.NewRecorder()
	step, err := n.Node.Sessions.SignIn(w, httptest.NewRequest(http.MethodGet, "/", nil), session.Proof{
		AccountID: list[i].ID, Via: actor.OIDC,
	})
	if err != nil || step != session.Complete {
		t.Fatalf("sign %s in: %q, %v", login, step, err)
	}
	who := actor.Actor{Account: list[i].ID, Login: login, Name: list[i].Name, Agency: list[i].Agency, Roles: list[i].Roles.V, Via: actor.OIDC}
	return person{t, n, who, w.Result().Cookies()[0]}
}

// as is a context in which the person acts.
func (p person) as() context.Context { return actor.With(p.t.Context(), p.actor) }

// ask asks for a page of the node, or posts to it; what it leads to is not followed.
func (p person) ask(method, path string, pairs ...string) (int, string) {
	p.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	r, err := http.NewRequestWithContext(p.t.Context(), method, p.n.Pages+path, strings.NewReader(form.Encode()))
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.AddCookie(p.cookie)
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return answer.StatusCode, string(raw)
}

// TestAnAdministratorAloneAsksTheHub: at a node with one administrator, what needs two is
// decided by the hub's operator. The request goes there through the exchange, stands in
// the operator's list, and the decision comes back and takes effect. While the hub is
// away, it waits, and says so.
func TestAnAdministratorAloneAsksTheHub(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	c, err := Start(ctx, Options{Dir: dir, Addr: "127.0.0.1:0", People: 20, NoRounds: true, alone: "bhxh"})
	if err != nil {
		t.Fatal(err)
	}
	end := func() {
		cancel()
		if err := c.Wait(); err != nil {
			t.Error(err)
		}
	}
	insurance := c.Node("bhxh")
	admin := insurance.signIn(t, "quantri")
	sessions := insurance.Node.Sessions
	made, err := sessions.Create(admin.as(), session.Draft{
		Login: "soat.xet", Name: "Đinh Thị Soát Xét", Agency: "G24", Email: "soat.xet@dean06.example.vn",
		Roles: []string{"official"}, Active: true,
	})
	if err != nil {
		end()
		t.Fatal(err)
	}
	wanted := session.Draft{
		Login: "soat.xet", Name: "Đinh Thị Soát Xét", Agency: "G24", Email: "soat.xet@dean06.example.vn", Active: true,
		Roles: []string{"official", "auditor"}, Reason: "Kiểm toán viên thứ hai nghỉ hưu",
	}
	asked, err := sessions.Update(admin.as(), made.Account.ID, made.Account.Version, wanted)
	if err != nil || asked.Asked.SentTo != "VN/GOV/G06/TRUC" {
		end()
		t.Fatalf("asked = %+v, %v, want it sent to the hub", asked.Asked, err)
	}
	id := asked.Asked.ID
	roles := func(n *Node) []string {
		t.Helper()
		a, err := n.Node.Sessions.Account(actor.With(t.Context(), actor.OfSystem("administrator")), made.Account.ID)
		if err != nil {
			t.Fatal(err)
		}
		return a.Roles.V
	}
	if got := roles(insurance); slices.Contains(got, "auditor") {
		t.Errorf("roles = %v before anybody has approved", got)
	}
	if status, _ := admin.ask(http.MethodPost, "/approvals/"+id+"/approve"); status != http.StatusForbidden {
		t.Errorf("who asked approves: %d, want 403", status)
	}

	// It stands in the list of the hub's operator.
	operator := c.Node("hub").signIn(t, "vanhanh")
	eventually(t, "the request at the hub", func() bool {
		_, list := operator.ask(http.MethodGet, "/approvals")
		return strings.Contains(list, id)
	})
	status, page := operator.ask(http.MethodGet, "/approvals/"+id)
	for _, want := range []string{"Đinh Thị Soát Xét", "Kiểm toán viên thứ hai nghỉ hưu", "Hoàng Thị Quản Trị"} {
		if status != http.StatusOK || !strings.Contains(page, want) {
			t.Errorf("the operator's page is %d and does not say %q", status, want)
		}
	}
	if status, _ := c.Node("hub").signIn(t, "kiemtoan").ask(http.MethodPost, "/approvals/"+id+"/approve"); status != http.StatusForbidden {
		t.Errorf("an auditor of the hub approves: %d, want 403", status)
	}

	// The hub goes away: the request waits, and its page says so.
	c.stopHub()
	eventually(t, "a try that fails", func() bool {
		if err := insurance.Node.Approvals.Poll(t.Context()); err != nil {
			t.Fatal(err)
		}
		r, err := insurance.Node.Approvals.Get(t.Context(), id)
		return err == nil && r.Trip.Tries > 0
	})
	_, page = admin.ask(http.MethodGet, "/approvals/"+id)
	r, err := insurance.Node.Approvals.Get(t.Context(), id)
	if err != nil || r.State != approval.Open {
		t.Errorf("request = %+v, %v, want it open", r, err)
	}
	if want := "lần hỏi cuối"; !strings.Contains(page, want) {
		t.Errorf("the page of who asked does not say %q", want)
	}
	end()

	// It is there again: its operator approves, and that takes effect where it was asked.
	again := startWith(t, Options{Dir: dir, People: 20, alone: "bhxh"})
	insurance = again.Node("bhxh")
	operator = again.Node("hub").signIn(t, "vanhanh")
	if status, page := operator.ask(http.MethodPost, "/approvals/"+id+"/approve"); status != http.StatusSeeOther {
		t.Fatalf("approve: %d\n%s", status, page)
	}
	eventually(t, "the decision", func() bool {
		if err := insurance.Node.Approvals.Poll(t.Context()); err != nil {
			t.Fatal(err)
		}
		return slices.Contains(roles(insurance), "auditor")
	})
	r, err = insurance.Node.Approvals.Get(t.Context(), id)
	if err != nil || r.State != approval.Approved || !strings.HasPrefix(r.Decider.Account, "VN/GOV/G06/TRUC#") ||
		r.Decider.Name != "Đỗ Văn Vận Hành" {
		t.Errorf("request = %+v, %v, want it approved by the hub's operator", r, err)
	}
	_, page = insurance.signIn(t, "quantri").ask(http.MethodGet, "/approvals/"+id)
	if !strings.Contains(page, "Đỗ Văn Vận Hành") {
		t.Error("the page of who asked does not say who approved")
	}
}
