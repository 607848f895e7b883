package journeys

import (
	"net/http"
	"testing"

	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui/uitest"
)

// approve has the second administrator of a node approve what waits there, by what it
// says.
func (l *land) approve(t *testing.T, node, says string) *person {
	t.Helper()
	second := l.at(t, node).person(t, i18n.Vi, uitest.Desktop).signIn("quantri2")
	second.click("nav.approvals")
	second.isAt("/approvals")
	second.click(says)
	second.click("approval.page.approve")
	second.sees("approval.page.approved")
	return second
}

// A right of the exchange begins with the second administrator.
func (l *land) secondForARight(t *testing.T, asks *person, question func() (*http.Response, string)) {
	t.Helper()
	asks.sees("exchangeweb.gw.right.asked")
	asks.sees("exchangeweb.gw.right.waits")
	asks.sees("Luật Bảo hiểm xã hội 2024, Điều 20")
	asks.picture("right-waits")
	if answer, _ := question(); answer.StatusCode == http.StatusOK {
		t.Fatal("a right that waits lets a question through")
	}
	right := asks.path()
	asks.click("exchangeweb.gw.wish.see")
	asks.sees("approval.denied.own_request")
	asks.seesNot("approval.page.decide.text")
	request := asks.path()

	second := l.at(t, "authority").person(t, i18n.Vi, uitest.Phone).signIn("quantri2")
	second.open("/approvals")
	second.open("/gateway/rights")
	second.open(right)
	second.sees("exchangeweb.gw.right.waits")
	second.open(request)
	second.picture("approval")
	second.click("approval.page.approve")
	second.sees("approval.page.approved")

	asks.open("/notices")
	asks.sees("Bùi Văn Quản Trị")
	asks.picture("notices")
	asks.open(right)
	asks.sees("exchangeweb.gw.right.holds")
}

// A role that opens personal data takes two to give, and two to hand over: each of
// them knows half of the first password.
func (l *land) roleByTwo(t *testing.T) {
	asks := l.at(t, "authority").person(t, i18n.Vi, uitest.Desktop).signIn("quantri")
	asks.click("nav.accounts")
	asks.click("session.page.account.new")
	asks.fill("name", "Lò Thị Mẫu")
	asks.fill("login", "canbo.moi")
	asks.fill("email", "canbo.moi@dean06.example.vn")
	asks.choose("agency", "G01")
	asks.choose("roles", "registrar")
	asks.fill("reason", "Tiếp nhận công tác từ 01/12/2026.")
	asks.click("session.page.save")
	asks.sees("session.page.account.half")
	first := asks.secret()
	asks.click("session.page.noted")

	second := l.approve(t, "authority", "Lò Thị Mẫu")
	second.click("nav.accounts")
	second.clickIn("Lò Thị Mẫu", "canbo.moi")
	second.click("session.page.half.take")
	whole := first + second.secret()

	officer := l.at(t, "authority").person(t, i18n.Vi, uitest.Phone)
	officer.open("/sign-in?lang=vi")
	officer.fill("login", "canbo.moi")
	officer.fill("password", whole)
	officer.click("session.page.sign_in")
	officer.fill("current_password", whole)
	officer.fill("new_password", "một câu của riêng tôi")
	officer.fill("repeat_password", "một câu của riêng tôi")
	officer.click("session.page.password.change")
	officer.open("/notices")
	officer.sees("Hoàng Thị Quản Trị")
	officer.sees("Bùi Văn Quản Trị")
	officer.open("/people")

	// Nobody gives themselves a role.
	asks.open("/accounts")
	asks.clickIn("Hoàng Thị Quản Trị", "quantri")
	asks.choose("roles", "registrar")
	asks.fill("reason", "Xem thử.")
	asks.denied("session.page.save", "session.account.own_roles")
	asks.refused("/people")

	auditor := l.at(t, "authority").person(t, i18n.En, uitest.Phone).signIn("kiemtoan")
	auditor.open("/notices")
	auditor.sees("Lò Thị Mẫu")
}

// secret is the word that a page shows once.
func (p *person) secret() string {
	p.t.Helper()
	p.sees("session.page.once")
	return eval[string](p, `document.querySelector("main code").innerText`)
}

// An administrator who can't wait takes a role alone: everybody concerned is told, and
// the auditor looks at it afterwards.
func (l *land) emergency(t *testing.T) {
	p := l.at(t, "authority").person(t, i18n.Vi, uitest.Phone).signIn("quantri2")
	p.refused("/people")
	p.open("/approvals")
	p.click("approval.page.take")
	p.choose("role", "registrar")
	p.fill("reason", "Cán bộ trực nghỉ ốm, có người cần giấy trong đêm.")
	p.fill("hours", "2")
	p.click("approval.page.take.now")
	p.sees("approval.page.taken")
	p.picture("emergency")
	p.open("/people/desk")

	auditor := l.at(t, "authority").person(t, i18n.Vi, uitest.Desktop).signIn("kiemtoan")
	auditor.open("/notices")
	auditor.sees("Cán bộ trực nghỉ ốm")
	auditor.open("/approvals/emergency")
	auditor.click("Bùi Văn Quản Trị")
	auditor.click("approval.page.tick")
	auditor.sees("approval.page.ticked")

	p.open("/approvals/emergency")
	p.click("Bùi Văn Quản Trị")
	p.click("approval.page.end")
	p.sees("approval.page.ended")
	p.refused("/people")
}

// The register leaves as a file only when the auditor has approved that it may.
func (l *land) exportByTwo(t *testing.T) {
	asks := l.at(t, "authority").person(t, i18n.Vi, uitest.Desktop).signIn("quantri")
	asks.click("nav.population.exports")
	asks.fill("purpose", "Bàn giao cho Tổng cục Thống kê theo Luật Thống kê")
	asks.click("people.exports.send")
	asks.sees("people.exports.asked")
	asks.picture("export-asked")
	auditor := l.at(t, "authority").person(t, i18n.Vi, uitest.Phone).signIn("kiemtoan")
	auditor.open("/approvals")
	auditor.clickIn("Hoàng Thị Quản Trị", "Xuất dữ liệu dân cư của cả nước")
	auditor.sees("Bàn giao cho Tổng cục Thống kê")
	auditor.click("approval.page.approve")
	auditor.sees("approval.page.approved")
	asks.open("/people/exports")
	asks.sees("people.exports.open")
	l.at(t, "authority").person(t, i18n.En, uitest.Phone).signIn("quantri").open("/people/exports")
}

// An account that two gave the role of a citizen, and a login that is a person's number,
// opens nobody's data; who signs in with the electronic identity sees their own.
func (l *land) bound(t *testing.T) {
	asks := l.at(t, "authority").person(t, i18n.Vi, uitest.Desktop).signIn("quantri")
	asks.open("/accounts/new")
	asks.fill("name", "Nguyễn Thị Chưa Rõ")
	asks.fill("login", "001090000002")
	asks.choose("roles", "citizen")
	asks.fill("reason", "Người dân đề nghị.")
	asks.click("session.page.save")
	first := asks.secret()
	second := l.approve(t, "authority", "Nguyễn Thị Chưa Rõ")
	second.open("/accounts")
	second.clickIn("Nguyễn Thị Chưa Rõ", "002")
	second.sees("session.page.binding.none")
	second.click("session.page.half.take")
	whole := first + second.secret()

	me := l.at(t, "authority").person(t, i18n.Vi, uitest.Phone)
	me.open("/sign-in?lang=vi")
	me.fill("login", "001090000002")
	me.fill("password", whole)
	me.click("session.page.sign_in")
	me.fill("current_password", whole)
	me.fill("new_password", "một câu của riêng tôi")
	me.fill("repeat_password", "một câu của riêng tôi")
	me.denied("session.page.password.change", "population.unbound") // home is one of the pages
	for _, path := range []string{"/my-data", "/my-data/lookups"} {
		me.openFor(path, http.StatusForbidden)
		me.sees("population.unbound")
	}
	me.picture("unbound")
	me.vouched("019098000150")
	me.isAt("/my-data/lookups")
	me.open("/my-data")
	me.sees("people.me.lead")
}

// Who holds which position, and what a node's background jobs do.
func (l *land) offices(t *testing.T) {
	for _, c := range []struct {
		lang  i18n.Lang
		width int64
	}{{i18n.Vi, uitest.Desktop}, {i18n.Vi, uitest.Phone}, {i18n.En, uitest.Phone}} {
		p := l.at(t, "thainguyen").person(t, c.lang, c.width).signIn("quantri")
		p.open("/org/positions")
		if c.width == uitest.Desktop {
			p.picture("positions")
		}
		p.click("Viên chức tiếp nhận hồ sơ, quầy 3")
		p.open(p.path() + "/appoint")
		p.open("/org/offices/new?agency=H55")
		for _, path := range []string{
			"/jobs", "/work", "/notices", "/approvals", "/approvals/emergency", "/accounts", "/gateway", "/gateway/rights",
			"/gateway/groups", "/gateway/groups/new", "/gateway/limits", "/gateway/keys", "/contract",
		} {
			p.open(path)
		}
	}
}
