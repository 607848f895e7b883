package demo

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
	"dean06/internal/security"
	"dean06/internal/xroad"
)

// TestTheGate: the province's health system finds the register closed to it, with the reason
// and the way, and finds it open once its agency has gone that way. Nobody else is touched.
func TestTheGate(t *testing.T) {
	t.Parallel()
	c := startCountry(t, t.TempDir())
	province, insurance := c.Node("thainguyen"), c.Node("bhxh")
	ask := func(n *Node, client string) (code, body string) {
		answer, body := post(t, n.Local+"/r1/VN/GOV/G01/DANCU/facts", `{"number":"001090000001","fields":["name"]}`, map[string]string{
			xroad.HeaderClient: client, xroad.HeaderUserID: "canbo.test", xroad.HeaderPurpose: "2.000986",
		})
		if answer.StatusCode == http.StatusOK {
			return "", body
		}
		return answer.Header.Get(xroad.HeaderError), body
	}
	const yte = "VN/GOV/H55/YTE"
	becomes := func(want xroad.Code, says string) {
		t.Helper()
		var code, body string
		eventually(t, yte+" is closed by "+string(want), func() bool {
			code, body = ask(province, yte)
			return code == string(want)
		})
		if !strings.Contains(body, says) {
			t.Errorf("%s: %s lacks %q", code, body, says)
		}
	}
	becomes(xroad.SecurityNoDossier, "Hệ thống thông tin y tế")
	for _, x := range []struct {
		n      *Node
		client string
	}{{province, "VN/GOV/H55/TTHC"}, {insurance, "VN/GOV/G24/BHXH"}} {
		if code, body := ask(x.n, x.client); code != "" {
			t.Errorf("%s: %s %s", x.client, code, body)
		}
	}

	desk := c.Node("board").Modules.Security.Desk()
	as := func(login, role string) actor.Actor {
		return actor.Actor{Account: login, Agency: "H55", Roles: []string{role}, Via: actor.OIDC}
	}
	unit, head := as("chuyentrach", security.UnitStaff), as("lanhdaotn", security.HeadRole)
	health := func() security.View {
		t.Helper()
		list, err := desk.Look(t.Context(), unit, "H55")
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(list, func(v security.View) bool { return slices.Contains(v.Record.Subsystems, yte) })
		if i < 0 {
			t.Fatalf("no system behind %s", yte)
		}
		return list[i]
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	today := clock.DayOf(clock.System{}.Now())
	d := health().Open
	must(desk.Appraise(t.Context(), unit, d.ID, d.Version, "Đạt"))
	must(desk.Approve(t.Context(), head, d.ID, d.Version+1, security.Decision{
		Paper: security.Paper{Number: "99/QĐ-UBND", Day: today}, Until: today.AddDays(6), File: security.File{Name: "qd.pdf", SHA256: "aa"},
	}))
	becomes(xroad.SecurityFinding, "PH-H55-002") // it has a critical finding, too, which is overdue
	f := health().Findings[0]
	must(desk.Mend(t.Context(), as("antoan", security.Officer), f.ID, f.Version, "Đã đóng"))
	must(desk.Retest(t.Context(), unit, f.ID, f.Version+1, true, "Đã thử từ ngoài"))
	var body string
	eventually(t, "it opens", func() bool {
		var code string
		code, body = ask(province, yte)
		return code == ""
	})
	if !strings.Contains(body, "Nguyễn Văn Thử") {
		t.Errorf("it answers %s", body)
	}

	// The approval ends in a week: whoever works on the system hears of it.
	board := c.Node("board")
	for _, p := range board.Node.Parts() {
		if warn := p.Jobs["security.warn"]; warn != nil {
			must(warn(t.Context(), nil))
		}
	}
	for login, want := range map[string]int{"antoan": 1, "thanhtra": 1, "giaoduc": 0} {
		got, err := board.Node.Approvals.Notices(t.Context(), board.signIn(t, login).actor.Account, "", 10)
		must(err)
		n := 0
		for _, x := range got {
			if x.Key == "security.told.closing" && strings.Contains(x.Text(board.Node.Messages.In(i18n.Vi)), "99/QĐ-UBND") {
				n++
			}
		}
		if n != want {
			t.Errorf("%s was warned %d times, want %d: %+v", login, n, want, got)
		}
	}
}
