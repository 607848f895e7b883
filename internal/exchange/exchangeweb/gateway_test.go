package exchangeweb_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/exchange/exchangesql"
	"dean06/internal/exchange/exchangeweb"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/health"
	"dean06/internal/platform/pki"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/xroad"
)

// messages is a log in memory; what the pages do not ask for is not there.
type messages struct {
	exchange.LogStore
	list      []exchange.Record
	leaves    []exchange.Digest
	head      exchange.Head // covers all but the last records
	authority []byte
	cert      []byte
}

func (m *messages) Search(_ context.Context, f exchange.Filter) ([]exchange.Record, error) {
	var out []exchange.Record
	f.Limit = min(f.Limit, 100) // a store may give fewer than asked for
	for _, r := range slices.Backward(m.list) {
		if f.Before > 0 && r.Seq >= f.Before || f.OnlyFaults && r.Fault == "" || f.Text != "" && f.Text != r.UserID && f.Text != r.Issue ||
			len(out) == f.Limit {
			continue
		}
		out = append(out, r)
	}
	return out, nil
}

func (m *messages) Message(_ context.Context, id string) ([]exchange.Record, error) {
	return slices.DeleteFunc(slices.Clone(m.list), func(r exchange.Record) bool { return r.Commitment.RequestID != id }), nil
}

func (m *messages) Range(_ context.Context, from, until int64) ([]exchange.Record, error) {
	size := int64(len(m.list))
	return m.list[min(from, size):min(until, size)], nil
}

func (*messages) Used(context.Context, string, time.Time) (int64, error) { return 7, nil }

func (m *messages) HeadOver(_ context.Context, seq int64) (exchange.Head, bool, error) {
	return m.head, seq < m.head.Size, nil
}

func (m *messages) Leaves(_ context.Context, from, until int64) ([]exchange.Digest, error) {
	return m.leaves[from:until], nil
}

func (*messages) Tiles(context.Context, int, int64, int64) ([]exchange.Digest, error) {
	return nil, nil
}

func (m *messages) Certificate(context.Context, string) ([]byte, bool, error) {
	return m.cert, true, nil
}

var (
	match  = xroad.MustID("VN/GOV/G01/DANCU/match")
	h55    = xroad.MustID("VN/GOV/H55/TTHC")
	someID = "0197c9a0-0000-7000-8000-000000000000"
)

// calls is a log of n calls, signed as gateways do.
func calls(t testing.TB, n int) *messages {
	t.Helper()
	root, key := newKey(t), newKey(t)
	m := &messages{}
	var err error
	m.authority, err = pki.NewAuthority(root, "VN", now.Now().AddDate(-1, 0, 0), 5)
	must(t, err)
	ca, err := x509.ParseCertificate(m.authority)
	must(t, err)
	m.cert, err = pki.Authority{Certificate: ca, Key: root}.Issue(pki.Leaf{
		Public: key.Public(), Name: "G01-1", From: now.Now().AddDate(0, -1, 0), Until: now.Now().AddDate(0, 1, 0), Use: pki.Gateway,
	})
	must(t, err)
	tree, err := exchange.NewTree(exchange.Frontier{})
	must(t, err)
	add := func(r exchange.Record) {
		r.Commitment.KeyID = exchange.Fingerprint(m.cert)
		must(t, r.Commitment.Sign(rand.Reader, key))
		r.Leaf = r.LogLeaf()
		m.list, m.leaves = append(m.list, r), append(m.leaves, r.Leaf)
		tree.Append(r.Leaf)
		if tree.Size() == 100 {
			m.head = exchange.Head{Size: 100, Root: tree.Root(), At: now.Now(), KeyID: exchange.Fingerprint(m.cert)}
			must(t, m.head.Sign(rand.Reader, key))
			m.head.Token = []byte("token")
		}
	}
	for i := range n {
		at := now.Now().Add(time.Duration(i-n) * 20 * time.Minute)
		r := exchange.Record{
			Seq: int64(2 * i), At: at, Side: exchange.Provider, Peer: "H55-1", UserID: "can-bo-12", Issue: "H55.22-260302-0001", Purpose: "1.004222",
			Size: 230,
			Commitment: exchange.Commitment{
				Kind: exchange.Request, Method: "POST", Client: h55, Service: match, MessageID: fmt.Sprintf("VN-%04d", i),
				RequestID: fmt.Sprintf("0197c9a0-%04d-7000-8000-000000000000", i), Created: at.Unix(), Nonce: "n",
			},
		}
		add(r)
		r.Seq++
		r.Commitment.Kind, r.Commitment.Status = exchange.Response, 200
		r.RequestIn, r.ResponseOut = at, at.Add(time.Duration(3+i%5)*time.Millisecond)
		if i%7 == 3 {
			r.Fault, r.FaultText, r.Commitment.Status = xroad.PurposeRefused, "the right is for 1.004222 only", 500
		}
		add(r)
	}
	return m
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	return key
}

// running is a gateway that takes part, and the centre that it asks.
type running struct {
	dir    *exchange.Directory
	status func(*exchange.Status)
	list   []exchange.Application // that the centre was asked
	away   bool                   // the centre
	cert   []byte
}

func (g *running) Status(context.Context) (exchange.Status, error) {
	s := exchange.Status{
		Gateway: "G01-1", Member: match.MemberID(), Address: "127.0.0.1:8018", Version: "1.0.0", At: now.Now(), Serial: 41,
		Certificate: g.cert, PortCertificate: g.cert, Limits: exchange.Limits{Body: 100 << 20, Spool: 4 << 30, Calls: 1024, Call: 2 * time.Minute},
		IssuedAt: now.Now().Add(-time.Hour), FetchedAt: now.Now(), ValidUntil: now.Now().Add(239 * time.Hour), Freshness: exchange.Fresh,
		CertificateUntil: now.Now().Add(80 * 24 * time.Hour), LogSize: 120, LastHead: now.Now(), LastStamp: now.Now(), QueueLimit: 4096,
		Peers: []exchange.Peer{{Gateway: "H55-1", Member: h55.MemberID(), Address: "127.0.0.1:8038", LastOK: now.Now(), LastTry: now.Now()}},
	}
	if g.status != nil {
		g.status(&s)
	}
	return s, nil
}

func (*running) Doctor(context.Context) []health.Finding {
	return []health.Finding{
		{Check: "timestamp", Level: health.Failing, Key: "exchange.proof.stamp"},
		{Check: "peer", Level: health.Fine, Key: "exchange.proof.answers"},
	}
}

func (g *running) RenewNow(context.Context) (bool, error) {
	if g.away {
		return false, fault.New(fault.Unavailable, "exchange.centre.away", nil)
	}
	return true, nil
}

func (*running) ReloadRights(context.Context) error { return nil }

func (g *running) Apply(_ context.Context, a exchange.Application) (exchange.Application, error) {
	if g.away {
		return a, fault.New(fault.Unavailable, "exchange.centre.none", nil)
	}
	g.list = append(g.list, a)
	a.State = exchange.Pending
	return a, nil
}

func (g *running) Directory() *exchange.Directory { return g.dir }

// second is the second person, who is asked and says nothing until the test does.
type second struct{ wishes []exchange.Wish }

func (s *second) Ask(_ context.Context, by actor.Actor, r exchange.Right, replaces string) (exchange.Wish, error) {
	w := exchange.Wish{
		ID: "w" + strconv.Itoa(len(s.wishes)), Right: r, Replaces: replaces, By: by, At: now.Now(), Until: now.Now().AddDate(0, 0, 14),
		Href: "/approvals/w",
	}
	s.wishes = append(s.wishes, w)
	return w, nil
}

func (s *second) Wishes(context.Context) ([]exchange.Wish, error) { return s.wishes, nil }

// approve makes rights of all that waits.
func (s *second) approve(t testing.TB, store exchange.GatewayStore) {
	t.Helper()
	for _, w := range s.wishes {
		w.Right.ApprovedBy = "9"
		if w.Replaces == "" {
			must(t, store.GiveRight(t.Context(), w.Right))
		} else {
			must(t, store.ReplaceRight(t.Context(), w.Replaces, w.Right))
		}
	}
	s.wishes = nil
}

// called names the people of the tests by their accounts.
type called map[string]string

func (c called) NameOf(_ context.Context, stored string, _ time.Time) string { return c[stored] }

// authority is the pages of the authority's gateway, and what is behind them.
type authority struct {
	*site
	store  *exchangesql.Store
	hub    *running
	second *second
}

func gateway(t testing.TB, status func(*exchange.Status)) *authority {
	t.Helper()
	db := sqldbtest.OpenSQLite(t)
	must(t, audit.Migrate(t.Context(), db), exchangesql.Migrate(t.Context(), db))
	store, log := exchangesql.New(db, now), calls(t, 60)
	must(t, store.SaveService(t.Context(), exchange.LocalService{
		ID: match, Name: "Đối khớp thông tin công dân", Type: "OPENAPI", OpenAPI: []byte(openapi), Timeout: 30 * time.Second, OwnFields: true,
	}))
	dir := exchange.Index(exchange.Configuration{
		Instance: "VN", Serial: 41, IssuedAt: now.Now().Add(-time.Hour), StaleAfter: now.Now().Add(23 * time.Hour),
		ValidUntil:  now.Now().Add(239 * time.Hour),
		Authorities: [][]byte{log.authority}, Timestamps: [][]byte{log.authority},
		Members: []exchange.Member{
			{ID: match.MemberID(), Name: "Bộ Công an", Subsystems: []exchange.Subsystem{{ID: match.SubsystemID(), Name: "CSDL quốc gia về dân cư"}}},
			{ID: h55.MemberID(), Name: "UBND tỉnh Thái Nguyên", Subsystems: []exchange.Subsystem{{ID: h55, Name: "Giải quyết thủ tục hành chính"}}},
		},
		Gateways: []exchange.Gateway{{
			ID: "G01-1", Member: match.MemberID(), Address: "127.0.0.1:8018", Subsystems: []xroad.ID{match.SubsystemID()},
			Certificates: [][]byte{log.cert},
		}},
		Services: []exchange.ServiceEntry{{ID: match, Name: "Đối khớp thông tin công dân", Type: "OPENAPI"}},
		Groups:   []exchange.Group{{Code: "tinh", Name: "Các tỉnh", Members: []xroad.ID{h55}}},
	})
	a := &authority{store: store, hub: &running{dir: dir, status: status, cert: log.cert}, second: &second{}}
	fields := func(s xroad.ID) []exchangeweb.Field {
		if s != match {
			return nil
		}
		return []exchangeweb.Field{{Code: "name", Key: "exchangeweb.entry.name"}, {Code: "birth"}}
	}
	desk := exchange.NewDesk(exchange.DeskParts{
		Store: store, Log: log, Local: store, Outside: func(context.Context) []xroad.ID { return []xroad.ID{xroad.MustID("VN/GOV/G01/HOSO")} },
		Clock: now, NewID: sqldb.NewID, Second: a.second, Running: func() exchange.Running { return a.hub },
		Stamp: func([]byte, []byte, [][]byte) (time.Time, error) { return now.Now(), nil },
		Fields: func(s xroad.ID) (out []string) {
			for _, f := range fields(s) {
				out = append(out, f.Code)
			}
			return out
		},
	})
	a.site = serve(t, "Bộ Công an", ui.Authority, func(frame web.FrameFunc, who func(*http.Request) actor.Actor) []web.Route {
		return exchangeweb.NewGateway(exchangeweb.GatewayShell{
			Desk: desk, Clock: now, NewID: sqldb.NewID, Frame: frame, Actor: who, Fields: fields,
			Names: called{"3": "Phạm Thị Quản", "9": "Lý Văn Hai"},
		}).Routes()
	})
	return a
}

var rightForm = []string{
	"service", "VN/GOV/G01/DANCU/match", "id", someID, "subject", "VN/GOV/H55/TTHC", "legal_basis", "Nghị định 107/2021/NĐ-CP, điều 1",
	"purposes", "1.004222\n1.000656",
	"from-day", "1", "from-month", "3", "from-year", "2026", "fields", "name", "fields", "birth", "quota", "1.000", "per", "day",
}

// with replaces or adds fields of a form.
func with(form []string, pairs ...string) []string {
	out := []string{}
	for i := 0; i+1 < len(form); i += 2 {
		if !slices.Contains(pairs, form[i]) {
			out = append(out, form[i], form[i+1])
		}
	}
	return append(out, pairs...)
}

func TestGatewayPages(t *testing.T) {
	t.Parallel()
	s := gateway(t, nil)
	s.post("owner", "/gateway/rights/new", rightForm...).want(303)
	s.get("owner", "/gateway/rights").want(200, "Quyền chờ duyệt", "Phạm Thị Quản")
	s.second.approve(t, s.store)
	for _, path := range append(
		gatewayPages, "/gateway/rights/"+someID, "/gateway/rights?ended=1", "/gateway/traffic?by=day",
		"/gateway/log?faults=1&side=provider&q=can-bo-12", "/gateway/log/119",
	) {
		for _, lang := range []string{"vi", "en"} {
			sep := "?"
			if strings.Contains(path, "?") {
				sep = "&"
			}
			s.get("owner", path+sep+"lang="+lang).want(200)
		}
		if got := s.get("nobody", path).code; got != 303 {
			t.Errorf("%s: nobody gets %d", path, got)
		}
	}
	s.get("owner", "/gateway").want(200, "Cổng G01-1 hoạt động tốt", "UBND tỉnh Thái Nguyên")
	s.post("auditor", "/gateway/doctor").want(200, "Dấu thời gian không đúng", "Hỏng")
	s.get("auditor", "/gateway/rights").want(200, "Người quản trị của cơ quan")
	s.get("auditor", "/gateway/rights/new").want(403)
	s.get("auditor", "/gateway/services/new").want(403)
	s.post("auditor", "/gateway/services/DANCU/match", "do", "disable", "notice", "x").want(403)
	s.post("auditor", "/gateway/rights/"+someID+"/end").want(403)
	s.get("owner", "/gateway/log/9999").want(404)
	s.get("owner", "/gateway/log/x").want(404)
	s.get("owner", "/gateway/rights/none").want(404)
	s.get("owner", "/gateway/services/DANCU/none").want(404)
}

var gatewayPages = []string{
	"/gateway", "/gateway/services", "/gateway/services/new", "/gateway/services/DANCU/match", "/gateway/rights", "/gateway/rights/new",
	"/gateway/rights/new?service=VN/GOV/G01/DANCU/match", "/gateway/groups", "/gateway/groups/new", "/gateway/limits",
	"/gateway/keys", "/gateway/traffic", "/gateway/log", "/gateway/log/7",
	"/gateway/systems",
}

func TestDebtsInWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		want   string
		status func(*exchange.Status)
	}{
		{"Cổng G01-1 đang bị tạm dừng", func(s *exchange.Status) { s.Suspended = true }},
		{"Không ghi được nhật ký", func(s *exchange.Status) { s.LogFault = "disk full" }},
		{"Chưa có cấu hình", func(s *exchange.Status) { s.Serial, s.Freshness = 0, "" }},
		{"Cấu hình đã hết hạn", func(s *exchange.Status) { s.Freshness = exchange.Expired }},
		{"Đã 3 ngày không lấy được", func(s *exchange.Status) {
			s.Freshness, s.FetchedAt = exchange.Stale, s.At.Add(-72*time.Hour)
		}},
		{"Chứng thư của cổng đã hết hạn", func(s *exchange.Status) { s.CertificateUntil = s.At.Add(-time.Hour) }},
		{"Chứng thư còn 3 ngày", func(s *exchange.Status) { s.CertificateUntil = s.At.Add(73 * time.Hour) }},
		{"Còn nợ 4 dấu thời gian", func(s *exchange.Status) {
			s.Unstamped, s.OldestDebt, s.StampFault = 4, s.At.Add(-time.Hour), "no route"
		}},
		{"Không gọi được 1 cổng khác", func(s *exchange.Status) { s.Peers[0].Fault = "refused" }},
	} {
		s := gateway(t, c.status)
		s.get("owner", "/gateway").want(200, c.want)
	}
}

func TestRights(t *testing.T) {
	t.Parallel()
	s := gateway(t, nil)
	const path = "/gateway/rights/new"
	s.post("owner", path, with(rightForm, "legal_basis", "")...).want(422, `href="#legal_basis"`, "1.004222")
	s.post("owner", path, with(rightForm, "subject", "")...).want(422, `href="#subject"`)
	s.post("owner", path, with(rightForm, "fields", "secret")...).want(422, `href="#fields"`)
	s.post("owner", path, with(rightForm, "path", "/a/../b")...).want(422, `href="#path"`)
	s.post("owner", path, with(rightForm, "quota", "x")...).want(422, `href="#quota"`)
	s.post("owner", path, with(rightForm, "until-day", "31", "until-month", "2", "until-year", "2026")...).want(422, `href="#until`)
	s.post("owner", path, with(rightForm, "service", "VN/GOV/G01/DANCU/other", "fields", "*")...).want(404)
	s.post("owner", path, rightForm...).want(303)
	s.post("owner", path, rightForm...).want(303) // the second click
	s.get("owner", "/gateway/rights/"+someID).want(200, "Chờ người thứ hai duyệt", "/approvals/w", "Yêu cầu cấp quyền", "Phạm Thị Quản")
	rights, err := s.store.Rights(context.Background(), true)
	must(t, err)
	if len(rights) != 0 || len(s.second.wishes) != 1 {
		t.Fatalf("%d rights and %d that wait, want the one wish", len(rights), len(s.second.wishes))
	}
	s.second.approve(t, s.store)
	s.post("owner", path, rightForm...).want(303) // the third click
	s.get("owner", "/gateway/rights/"+someID).want(
		200, "Duyệt", "Lý Văn Hai", "Đã dùng 7 trong 1.000 lần", "1.004222", "Nghị định 107", "Phạm Thị Quản", "birth",
	)

	s.get("owner", path+"?replace="+someID).want(200, "Sửa quyền", "1.004222")
	s.post("owner", path, with(rightForm, "id", "next", "replace", someID, "subject", "group:tinh", "fields", "*", "of", "persons",
		"must", "officer")...).want(303)
	s.second.approve(t, s.store)
	rights, err = s.store.Rights(context.Background(), true)
	must(t, err)
	if len(rights) != 2 {
		t.Fatalf("%d rights, want the old and the new", len(rights))
	}
	for _, x := range rights {
		switch x.ID {
		case someID:
			if x.EndedAt.IsZero() || x.EndedBy != "3" {
				t.Errorf("the old right has not ended: %+v", x)
			}
		case "next":
			if x.Group != "tinh" || !slices.Equal(x.Fields, []string{"*"}) ||
				x.Quota != (exchange.Quota{Calls: 1000, Per: exchange.Day, Of: exchange.OfPersons}) || len(x.Purposes) != 2 || !x.Officer || x.Dossier {
				t.Errorf("the new right: %+v", x)
			}
		}
	}
	s.get("owner", "/gateway/rights/next").want(200, "Cán bộ tra cứu (X-Road-UserId)", "1.000 người")
	s.get("owner", "/gateway/rights").want(200, "phải nêu cán bộ")
	s.get("owner", path+"?replace=next").want(200, "checked", `value="persons" selected`)
	s.post("owner", "/gateway/rights/next/end").want(303)
	s.post("owner", "/gateway/rights/next/end").want(303) // the second click
	s.get("owner", "/gateway/rights").want(200, "Chưa cấp quyền nào")
	s.get("owner", "/gateway/rights?ended=1").want(200, "Đã chấm dứt")
}

// TestLocalSystems: a certificate of a system is registered and removed on the page, by
// the owner, for the systems that are not the node itself.
func TestLocalSystems(t *testing.T) {
	t.Parallel()
	s := gateway(t, nil)
	const path = "/gateway/systems"
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := pki.NewAuthority(key, "Hồ sơ sức khỏe", time.Now(), 30)
	if err != nil {
		t.Fatal(err)
	}
	text := string(pki.WriteCertificates(der))
	s.get("owner", path).want(200, "Hệ thống nội bộ", "Chưa hệ thống nào có chứng thư", "dean06 gateway certificate")
	s.post("owner", path, "subsystem", "VN/GOV/G01/HOSO", "certificate", "nothing").want(422, `href="#certificate"`)
	s.post("owner", path, "subsystem", "VN/GOV/G01/DANCU", "certificate", text).want(422, `href="#subsystem"`)
	s.post("auditor", path, "subsystem", "VN/GOV/G01/HOSO", "certificate", text).want(403)
	if a := s.post("owner", path, "subsystem", "VN/GOV/G01/HOSO", "certificate", text); a.location != path {
		t.Fatalf("%d %s", a.code, a.body)
	}
	s.post("owner", path, "subsystem", "VN/GOV/G01/HOSO", "certificate", text).want(409)
	finger := exchange.Fingerprint(der)
	s.get("auditor", path).want(200, "VN/GOV/G01/HOSO", finger[:12], "Của hệ thống")
	s.post("auditor", path+"/"+finger+"/remove").want(403)
	if a := s.post("owner", path+"/"+finger+"/remove"); a.location != path {
		t.Fatalf("%d %s", a.code, a.body)
	}
	s.post("owner", path+"/"+finger+"/remove").want(404)
	s.get("owner", path).want(200, "Chưa hệ thống nào có chứng thư")
}

// TestServiceTLS: how a service is made sure of is asked for on its page.
func TestServiceTLS(t *testing.T) {
	t.Parallel()
	s := gateway(t, nil)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := pki.NewAuthority(key, "CSDL", time.Now(), 1)
	if err != nil {
		t.Fatal(err)
	}
	ca := strings.ReplaceAll(string(pki.WriteCertificates(der)), "\n", "\r\n") // as browsers send it
	form := []string{
		"subsystem", "VN/GOV/G01/DANCU", "key", "photo", "name", "Ảnh", "url", "https://10.0.0.5/api", "timeout", "20", "type", "REST",
		"request", "r1", "ca", ca, "server_name", "csdl.example.vn", "shows", "files", "certificate", "/etc/x.pem", "key_file", "",
	}
	const path = "/gateway/services/new"
	s.post("owner", path, form...).want(422, `href="#key_file"`)
	form = with(form, "key_file", "/etc/x.key")
	s.post("owner", path, with(form, "ca", "x")...).want(422, `href="#ca"`)
	s.post("owner", path, with(form, "server_name", "a/b")...).want(422, `href="#server_name"`)
	s.post("owner", path, with(form, "certificate", "x.pem")...).want(422, `href="#certificate"`)
	s.post("owner", path, with(form, "url", "http://10.0.0.5/api")...).want(422, `href="#url"`)
	if a := s.post("owner", path, form...); a.location != "/gateway/services/DANCU/photo" {
		t.Fatalf("%d %s", a.code, a.body)
	}
	s.get("owner", "/gateway/services/DANCU/photo").want(200, "chứng thư gốc riêng; tên csdl.example.vn; /etc/x.pem")
	s.post("owner", "/gateway/services/DANCU/photo", "do", "save", "name", "Ảnh mới", "url", "https://10.0.0.5/api", "timeout", "20", "type", "REST")
	s.get("owner", "/gateway/services/DANCU/photo").want(200, "Ảnh mới", "chứng thư gốc riêng") // a form without it changes nothing of it
}

func TestServices(t *testing.T) {
	t.Parallel()
	s := gateway(t, nil)
	const path = "/gateway/services/new"
	form := []string{
		"subsystem", "VN/GOV/G01/DANCU", "key", "photo", "name", "Ảnh", "url", "http://10.0.0.5:8080/api/", "timeout", "20", "type", "OPENAPI",
		"request", "r1",
	}
	s.post("owner", path, form...).want(422, `href="#openapi"`)
	s.send("owner", path, "nothing", form...).want(422, `href="#openapi"`)
	s.send("owner", path, openapi, with(form, "url", "ftp://x")...).want(422, `href="#url"`)
	s.send("owner", path, openapi, with(form, "timeout", "0")...).want(422, `href="#timeout"`)
	s.send("owner", path, openapi, with(form, "key", "a/b")...).want(422, `href="#key"`)
	s.send("owner", path, openapi, with(form, "subsystem", "VN/GOV/H55/TTHC")...).want(422, `href="#subsystem"`)
	s.send("owner", path, openapi, with(form, "key", "match")...).want(409, `href="#key"`)
	if a := s.send("owner", path, openapi, form...); a.location != "/gateway/services/DANCU/photo" {
		t.Fatalf("offer: got %d to %q: %s", a.code, a.location, a.body)
	}
	if len(s.hub.list) != 1 || s.hub.list[0].ID != "r1" || s.hub.list[0].Entry.Key != "VN/GOV/G01/DANCU/photo" {
		t.Errorf("applications: %+v", s.hub.list)
	}
	const own = "/gateway/services/DANCU/photo"
	s.get("owner", own).want(200, "/dossiers/*", "Chưa có", "http://10.0.0.5:8080/api")
	s.post("owner", own, "do", "disable", "notice", "").want(422, `href="#notice"`)
	s.post("owner", own, "do", "disable", "notice", "Bảo trì").want(303)
	s.get("owner", own).want(200, "Tạm ngừng", "Bảo trì")
	s.post("owner", own, "do", "enable").want(303)
	s.hub.away = true
	s.post("owner", own, "do", "list", "request", "r2").want(303)
	s.post("owner", own, "do", "save", "name", "Ảnh chân dung", "url", "http://10.0.0.6/", "timeout", "5", "type", "REST").want(303)
	s.post("owner", own, "do", "break").want(404)
	list, err := s.store.Services(context.Background())
	must(t, err)
	i := slices.IndexFunc(list, func(x exchange.LocalService) bool { return x.ID.Service == "photo" })
	if got := list[i]; got.Name != "Ảnh chân dung" || got.URL != "http://10.0.0.6" || got.Timeout != 5*time.Second || got.Type != "REST" ||
		got.OpenAPI != nil || got.Disabled {
		t.Errorf("saved: %+v", got)
	}
}

func TestApply(t *testing.T) {
	t.Parallel()
	s := gateway(t, nil)
	const path = "/gateway/apply"
	s.post("auditor", path, "do", "address", "address", "gw.example:5500").want(403)
	s.post("owner", path, "do", "address", "address", "nowhere").want(422, `href="#address"`)
	s.post("owner", path, "do", "subsystem", "key", "KHO", "name", "").want(422, `href="#name"`, `value="KHO"`)
	s.post("owner", path, "do", "address", "address", "gw.example:5500", "request", "r1").want(303)
	s.post("owner", path, "do", "subsystem", "key", "KHO", "name", "Kho dữ liệu", "request", "r2").want(303)
	if len(s.hub.list) != 2 || s.hub.list[0].Entry.Address != "gw.example:5500" || s.hub.list[1].Entry.Key != "VN/GOV/G01/KHO" {
		t.Errorf("applications: %+v", s.hub.list)
	}
	s.hub.away = true
	s.post("owner", path, "do", "subsystem", "key", "KHO2", "name", "Kho", "request", "r3").want(422, "Hãy thử lại", `value="KHO2"`)
}

func TestLogAndTraffic(t *testing.T) {
	t.Parallel()
	s := gateway(t, nil)
	first := s.get("owner", "/gateway/log").want(200, "Không đúng mục đích", "can-bo-12", "before=70")
	if strings.Count(first.body, "/gateway/log/") < 50 {
		t.Error("the first page has no 50 records")
	}
	s.get("owner", "/gateway/log?q=nobody").want(200, "Không có bản ghi nào khớp")
	s.get("owner", "/gateway/log?service=a//b").want(422, `href="#service"`)
	s.get("owner", "/gateway/log/7").want(
		200, "Yêu cầu nhận được", "Trả lời gửi đi", "the right is for 1.004222 only", "Dấu thời gian xác nhận", "/gateway/log/7/proof",
	)
	s.get("owner", "/gateway/log/119").want(200, "chưa được chốt")
	p := s.get("auditor", "/gateway/log/7/proof").want(200, `"format": "`+exchange.ProofFormat)
	if !strings.Contains(p.header.Get("Content-Disposition"), "proof-7.json") {
		t.Error("the proof is no file to keep")
	}
	s.get("nobody", "/gateway/log/7/proof").want(303)
	s.get("owner", "/gateway/traffic").want(
		200, "60 lời gọi trong 24 giờ qua, 9 bị từ chối", "Không đúng mục đích", "Đối khớp thông tin công dân", "<svg",
	)
}

// TestGroupsLimitsAndKeys: what an administrator does on these pages, and what an auditor reads.
func TestGroupsLimitsAndKeys(t *testing.T) {
	t.Parallel()
	s := gateway(t, nil)
	s.post("auditor", "/gateway/groups/new", "key", "xa", "name", "Các xã").want(403)
	s.post("owner", "/gateway/groups/new", "key", "tinh", "name", "Các tỉnh riêng").want(409, "Trục đã có nhóm")
	s.post("owner", "/gateway/groups/new", "key", "x a", "name", "").want(422, "Mã nhóm")
	s.post("owner", "/gateway/groups/new", "key", "xa", "name", "Các xã", "members", "VN/GOV/H55/TTHC").want(303)
	s.get("auditor", "/gateway/groups").want(200, "Các xã", "/gateway/groups/xa", "Các tỉnh")
	s.get("auditor", "/gateway/groups/xa").want(200, "Giải quyết thủ tục hành chính", "Người quản trị của cơ quan")
	s.post("owner", "/gateway/groups/xa", "name", "Các xã").want(303)
	s.get("owner", "/gateway/groups").want(200, "không ai")
	s.get("owner", "/gateway/groups/none").want(404)
	s.post("owner", "/gateway/rights/new", with(rightForm, "subject", "group:xa")...).want(303)
	s.second.approve(t, s.store)
	s.get("owner", "/gateway/groups/xa").want(200, "người thứ hai duyệt", "/gateway/rights/"+someID)
	s.post("owner", "/gateway/groups/xa", "name", "Các xã", "members", "VN/GOV/H55/TTHC").want(503) // there is no second person here
	s.get("auditor", "/gateway/limits").want(200, "1.000 lời gọi mỗi ngày", "993", "gateway.max_body", "100 MiB")
	s.get("auditor", "/gateway/keys").want(200, "đang dùng", "ECDSA P-256", "Nơi cấp dấu thời gian")
	s.post("auditor", "/gateway/keys/renew").want(403)
	s.post("owner", "/gateway/keys/renew").want(303)
}
