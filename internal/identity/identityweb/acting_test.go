package identityweb_test

import (
	"strings"
	"testing"
	"time"

	"dean06/internal/identity"
	"dean06/internal/identity/identitytest"
)

// surely signs somebody in whose pages need no more.
func (h *house) surely(a identity.Account) identity.SignedIn {
	h.t.Helper()
	now := h.Clock.Now()
	s := identity.Session{
		ID: h.NewID(), Token: h.NewID(), Account: a.ID, Level: identity.Two, Methods: []identity.Method{identity.ByKey}, CreatedAt: now, AuthAt: now,
		SeenAt: now, ExpiresAt: now.Add(time.Hour), Agent: "Mozilla/5.0 Firefox/140.0",
	}
	h.must(h.Store.InTx(h.t.Context(), func(tx identity.Tx) error { return tx.SaveSession(h.t.Context(), s) }))
	return identity.SignedIn{Session: s, Account: a}
}

// delegations lets the mother act for an old woman, be asked by a company that somebody else
// heads, and let her husband act for her.
func (h *house) delegations() {
	h.t.Helper()
	ctx, b := h.t.Context(), identity.Browser{Address: "203.0.113.7"}
	father, _, err := h.Store.ByHolder(ctx, identity.OfCitizen(identitytest.Father.Number))
	h.must(err)
	granny := h.Give(h.t, identitytest.Granny, identity.Two)
	offer := func(in identity.SignedIn, o identity.Offer, by identity.Facts) identity.Delegation {
		o.By, o.Name, o.Until = identity.OfCitizen(by.Number), by.Name, h.Clock.Now().AddDate(1, 0, 0)
		d, err := h.Offer(ctx, in, o, b)
		h.must(err)
		return d
	}
	d := offer(h.surely(granny), identity.Offer{Scope: []string{"1.001193", "1.010041"}}, identitytest.Mother)
	h.must(h.Accept(ctx, h.surely(h.mother), d.ID, b))
	org, err := h.IdentifyOrganisation(ctx, identitytest.Officer, identity.Registration{
		Code: "0100100079", Name: "Công ty Thử Nghiệm", Head: father.Holder, Paper: "GCN 0100100079 ngày 01/02/2020", Purpose: "Cấp tài khoản",
	})
	h.must(err)
	offer(h.surely(father), identity.Offer{For: org.ID, Scope: []string{"*"}}, identitytest.Mother)
	offer(h.surely(h.mother), identity.Offer{Scope: []string{"*"}}, identitytest.Father)
	ended := offer(h.surely(h.mother), identity.Offer{Scope: []string{"1.004222"}}, identitytest.Father)
	h.must(h.EndDelegation(ctx, h.surely(h.mother), ended.ID, b))
}

// enter signs the mother in by password and code, going on to a page.
func (b *browser) enter(h *house, next string) {
	b.t.Helper()
	b.signIn("next", next)
	b.get("/identity/again?next=" + next)
	b.post("/identity/sign-in", "again", "1", "next", next, "password", good)
	b.post("/identity/code", "answers", b.find(`name="answers" value="([^"]+)"`), "again", "1", "next", next, "code", h.sent(h.mother))
	b.isAt(next)
}

func TestActingPages(t *testing.T) {
	t.Parallel()
	h := build(t)
	h.withPassword(h.mother, good)
	h.Give(t, identitytest.Father, identity.Two)
	h.delegations()
	b := h.open()
	b.enter(h, "/identity/acting")
	for _, words := range []string{"Công ty Thử Nghiệm", "Đăng ký khai sinh \\(1.001193\\); Khai báo tạm vắng", "Nguyễn Văn Cha", "Chờ nhận", "Đã chấm dứt"} {
		b.find(words)
	}
	b.post("/identity/acting/accept", "offer", b.find(`name="offer" value="([^"]+)"`))
	b.find("Bạn đã nhận làm thay")
	if strings.Contains(b.main(), "Đề nghị đang chờ bạn") {
		t.Error("it still waits")
	}

	b.get("/identity/acting/offer")
	b.do(422, "POST", "/identity/acting/offer", "by", "12", "scope", "some", "codes", "9.999999", "until-day", "31", "until-month", "2", "until-year", "2027")
	for _, field := range []string{"by", "name", "codes", "until"} {
		b.find(`id="` + field + `-error"`)
	}
	fields := []string{"scope", "some", "code", "1.001193", "codes", "1.010041", "until-day", "24", "until-month", "11", "until-year", "2027"}
	b.post("/identity/acting/offer", append(fields, "by", identitytest.Orphan.Number.Reveal(), "name", "Người Nào Đó")...)
	b.isAt("/identity/acting")
	b.find("Đã gửi đề nghị")
	b.find("Người Nào Đó")
	list, err := h.Store.ActedFor(t.Context(), h.mother.ID)
	h.must(err)
	until := time.Date(2027, 11, 24, 16, 59, 0, 0, time.UTC) // a minute before midnight in Vietnam
	if d := list[0]; d.By != "" || strings.Join(d.Scope, " ") != "1.001193 1.010041" || !d.Until.Equal(until) {
		t.Errorf("%+v", d)
	}
	b.post("/identity/acting/end", "offer", list[0].ID)
	b.do(404, "POST", "/identity/acting/end", "offer", "another")

	b.get("/identity/acting/child")
	b.do(403, "POST", "/identity/acting/child", "number", identitytest.Granny.Number.Reveal())
	b.find(`id="number-error"`)
	b.post("/identity/acting/child", "number", identitytest.Pupil.Number.Reveal())
	b.isAt("/identity/acting")
	b.find(identitytest.Pupil.Name)
	b.get("/identity/log")
	b.find("Đề nghị Người Nào Đó làm thay " + identitytest.Mother.Name)
	if strings.Contains(b.main(), "{") {
		t.Error("the log shows what was to be filled in")
	}

	// Of level 1 one reads why not.
	low := h.Give(t, identitytest.Teen, identity.One)
	h.withPassword(low, good)
	other := h.open()
	other.post("/identity/sign-in", "number", identitytest.Teen.Number.Reveal(), "password", good, "next", "/identity/acting")
	other.find("Cần tài khoản mức độ 2")
	other.do(403, "GET", "/identity/acting/offer")
}

func TestAddressPages(t *testing.T) {
	t.Parallel()
	h := build(t)
	h.withPassword(h.mother, good)
	b := h.open()
	b.signIn("next", "/identity/security")
	b.get("/identity/security/address/email")
	b.isAt("/identity/again?next=%2Fidentity%2Fsecurity%2Faddress%2Femail")
	b.enter(h, "/identity/security/address/email")
	b.do(404, "GET", "/identity/security/address/name")
	b.do(422, "POST", "/identity/security/address/email", "address", "0912345678")
	b.find(`id="address-error"`)
	b.post("/identity/security/address/email", "address", "moi@example.vn")
	state := b.find(`name="state" value="([^"]+)"`)
	b.do(422, "POST", "/identity/security/address/email/code", "state", state, "to", "moi@example.vn", "code", "12")
	b.find(`id="code-error"`)
	letters := h.Teller.Letters("moi@example.vn")
	b.post("/identity/security/address/email/code", "state", state, "to", "moi@example.vn", "code", letters[0].Args["code"])
	b.isAt("/identity/security")
	b.find("moi@example.vn")
	b.find("Đã xác nhận bằng mã, từ")
	b.do(409, "POST", "/identity/security/address/email/remove")
	b.find("địa chỉ duy nhất")
}
