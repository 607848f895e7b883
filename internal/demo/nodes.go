package demo

import (
	"cmp"
	"context"
	"net"
	"path/filepath"
	"slices"
	"strconv"
	"sync"

	"dean06/internal/app"
	"dean06/internal/cleaning/handover"
	"dean06/internal/exchange"
	"dean06/internal/exchange/exchangenode"
	"dean06/internal/exchange/gateway"
	"dean06/internal/identity"
	"dean06/internal/identity/identitynode"
	"dean06/internal/org/orgnode"
	"dean06/internal/platform/config"
	"dean06/internal/platform/node"
	"dean06/internal/platform/password"
	"dean06/internal/platform/session"
	"dean06/internal/population"
	"dean06/internal/population/populationnode"
	"dean06/internal/readiness"
	"dean06/internal/security"
	"dean06/internal/xroad"
)

// Password opens every account of the demo.
const Password = "trinh-dien-2026"

// hashed is its hash, which takes long to make: all nodes share it.
var hashed = sync.OnceValues(func() (string, error) { return password.NewGate(password.Usual).Hash(context.Background(), Password) })

// firstPort is the board's, unless the demo is started elsewhere; see its flag --addr.
const firstPort = 8006

// healthCode is the code of the health department's system, and healthName what it is called.
const (
	healthCode = "YTE"
	healthName = "Hệ thống thông tin y tế"
)

// ownName is what the exchange calls an agency's node itself.
const ownName = "Bộ phận một cửa (phần mềm dean06)"

// Members of the demo's exchange. The board and the hub are both run by the Ministry
// of Science and Technology, which took over the coordinating ministry in 2025.
const (
	instance = "VN"
	class    = "GOV"
)

// Node is one node of the demo country.
type Node struct {
	Key      string // "board", "authority", "hub", "thainguyen", "bhxh": part of the keys of its texts, and its folder
	Pages    string // URL
	Local    string // URL, for the agency's own systems
	Peer     string // host:port, for other gateways
	Accounts []session.SeedAccount
	Modules  *app.Modules
	Node     *node.Node

	role, member, subsystem string
	also                    []string // codes of further systems of the agency
	own                     string   // the subsystem that the node itself is, beside the agency's; "" for none
	name                    string   // of the subsystem
	config                  config.Config
	pages, local, peer      net.Listener
}

// nodes are the nodes with their people, who are made up. Each node has two
// administrators, so that one can ask and the other decide.
func nodes() []*Node {
	return []*Node{
		{Key: "board", role: app.Board, member: "G06", subsystem: "BANG", name: "Bảng theo dõi Đề án 06", Accounts: BoardAccounts()},
		{
			Key: "authority", role: app.Authority, member: "G01", subsystem: populationnode.Subsystem, name: "Cơ sở dữ liệu quốc gia về dân cư",
			Accounts: append([]session.SeedAccount{
				account("canbo", "Vũ Thị Hộ Tịch", "G01", population.Registrar),
				account("canbo2", "Đỗ Văn Cư Trú", "G01", population.Registrar),
				account("congan1", "Dương Văn Cư Trú", "H55.P05443", population.CommunePolice),
				citizenAccount(bound{"001090000001", "001090000001", "Nguyễn Văn Thử"}),
				account("kiemtoan", "Phạm Văn Kiểm Toán", "G01", population.Auditor),
				account("dinhdanh", "Lương Thị Định Danh", "G01", identity.Operator),
				account("dichvu", "Cao Văn Dịch Vụ", "H55", identity.ClientKeeper),
			}, administrators("G01")...),
		},
		{
			Key: "hub", role: app.Hub, member: "G06", subsystem: exchangenode.HubSubsystem, name: "Trục kết nối, chia sẻ dữ liệu",
			Accounts: append([]session.SeedAccount{
				account("vanhanh", "Đỗ Văn Vận Hành", "G06", exchange.Operator),
				account("kiemtoan", "Phạm Văn Kiểm Toán", "G06", exchange.Auditor),
			}, administrators("G06")...),
		},
		{
			Key: "thainguyen", role: app.Agency, member: "H55", subsystem: "TTHC", also: []string{healthCode}, own: exchangenode.OneStop,
			name: "Hệ thống giải quyết thủ tục hành chính",
			Accounts: slices.Concat(
				citizensOf(), officialsOf(), administrators("H55"), []session.SeedAccount{
					account("kiemtoan", "Phạm Văn Kiểm Toán", "H55", exchange.Auditor),
					account("dulieu", "Lộc Thị Số Liệu", "H55", handover.Officer),
				},
			),
		},
		{
			Key: "bhxh", role: app.Agency, member: "G24", subsystem: "BHXH", own: exchangenode.OneStop, name: "Hệ thống bảo hiểm xã hội",
			Accounts: append(
				administrators("G24"), account("kiemtoan", "Phạm Văn Kiểm Toán", "G24", exchange.Auditor),
				account("dulieu", "Phùng Văn Số Liệu", "G24", handover.Officer),
			),
		},
	}
}

// BoardAccounts are the people of the board.
func BoardAccounts() []session.SeedAccount {
	return append([]session.SeedAccount{
		account("dieuphoi", "Nguyễn Thị Điều Phối", "", readiness.Coordinator),
		account("thamtra", "Trần Văn Thẩm Tra", "", readiness.Reviewer),
		account("lanhdao", "Lê Thị Lãnh Đạo", "", readiness.Leader),
		account("kiemtoan", "Phạm Văn Kiểm Toán", "", readiness.Auditor),
		account("thainguyen", "Nguyễn Văn Mẫu", "H55", readiness.FocalPoint, security.Officer),
		account("thainguyen2", "Hoàng Thị Mẫu", "H55", readiness.FocalPoint),
		account("lanhdaotn", "Phạm Văn Lãnh Đạo Mẫu", "H55", readiness.AgencyLeader, security.HeadRole),
		account("antoan", "Ngô Thị An Toàn", "H55", security.Officer),
		account("chuyentrach", "Tạ Văn Chuyên Trách", "H55", security.UnitStaff),
		account("thanhtra", "Đặng Thị Thanh Tra", "", security.Examiner),
		account("giamsat", "Lưu Văn Giám Sát", "", security.Examiner),
		account("baclieu", "Lê Văn Mẫu", "H04", readiness.FocalPoint),
		account("giaoduc", "Trần Thị Mẫu", "G03", readiness.FocalPoint),
		account("phuong", "Lường Thị Phường Mẫu", "H55.C05443", readiness.FocalPoint),
	}, administrators("")...)
}

// secondAdministrator is who decides on what the other asks for.
const secondAdministrator = "quantri2"

func administrators(agency string) []session.SeedAccount {
	return []session.SeedAccount{
		account("quantri", "Hoàng Thị Quản Trị", agency, exchange.Administrator),
		account(secondAdministrator, "Bùi Văn Quản Trị", agency, exchange.Administrator),
	}
}

func account(login, name, agency string, roles ...string) session.SeedAccount {
	return session.SeedAccount{Password: Password, Hash: hashed, Bound: numbers()[name], Draft: session.Draft{
		Login: login, Name: name, Agency: agency,
		Email: login + "@dean06.example.vn", Roles: roles,
	}}
}

// Citizens of Thái Nguyên with an account, by login: a mother and her husband, a mother in
// the other commune, and somebody who moves. They are of the register's families.
var citizens = []bound{
	{"nguoime", "019194000102", "Nguyễn Thị Hoa"},
	{"nguoicha", "019091000101", "Trần Văn Bình"},
	{"nguoime2", "019193000105", "Ma Thị Thu"},
	{"nguoidan", "019098000150", "Lý Văn Nam"},
}

// bound is somebody with an account, bound to their number.
type bound struct{ login, number, name string }

func citizensOf() []session.SeedAccount {
	var out []session.SeedAccount
	for _, c := range citizens {
		out = append(out, citizenAccount(c))
	}
	return out
}

// officialsOf are the officials in the offices of the demo.
func officialsOf() []session.SeedAccount {
	out := orgnode.DemoOfficials()
	for i := range out {
		out[i].Password, out[i].Hash, out[i].Bound = Password, hashed, numbers()[out[i].Name]
	}
	return out
}

// citizenAccount is the account of a citizen, which nobody opens but who signs in as them.
func citizenAccount(c bound) session.SeedAccount {
	a := account(c.login, c.name, "", population.Citizen)
	a.Password, a.Bound = "", c.number
	return a
}

func (n *Node) memberID() xroad.ID {
	return xroad.ID{Instance: instance, Class: class, Member: n.member}
}

// SubsystemID is how the exchange calls the node's own system.
func (n *Node) SubsystemID() xroad.ID {
	id := n.memberID()
	id.Subsystem = n.subsystem
	return id
}

// OwnID is how the exchange calls the node itself: as its modules call.
func (n *Node) OwnID() xroad.ID {
	id := n.memberID()
	id.Subsystem = cmp.Or(n.own, n.subsystem)
	return id
}

// HealthID is the health department's system of the province, which came after its last
// return and whose dossier of level is not approved.
func (n *Node) HealthID() xroad.ID {
	id := n.memberID()
	id.Subsystem = healthCode
	return id
}

// subsystems are those for which the node's gateway speaks.
func (n *Node) subsystems() []xroad.ID {
	list := []xroad.ID{n.SubsystemID()}
	if n.own != "" {
		list = append(list, n.OwnID())
	}
	for _, code := range n.also {
		id := n.memberID()
		id.Subsystem = code
		list = append(list, id)
	}
	return list
}

// gatewayID is how the exchange calls the node's gateway.
func (n *Node) gatewayID() string { return n.member + "-" + n.subsystem }

// Config is the configuration of a node of the demo in a folder.
func Config(dir, key string) config.Config {
	c := config.Default(app.Shape().Sections...)
	c.DB.URL = config.Secret("sqlite:" + filepath.Join(dir, key+".db"))
	g := config.In[exchangenode.GatewayConfig](c)
	g.Dir = filepath.Join(dir, key, "gateway")
	g.Monitoring = []string{gateway.AnyLocal}
	for i, n := range nodes() {
		if n.Key == key {
			c.Node.Role = n.role
			g.LocalAddr = net.JoinHostPort("127.0.0.1", strconv.Itoa(firstPort+10*i+1))
			if n.own != "" {
				g.LocalPlain = append([]string{n.subsystem}, n.also...)
			}
		}
	}
	hub := config.In[exchangenode.HubConfig](c)
	hub.Dir, hub.Security = filepath.Join(dir, key, "centre"), instance+"/"+class+"/G06/BANG" // the board
	config.In[populationnode.Config](c).Dir = filepath.Join(dir, key, "register")
	config.In[identitynode.Config](c).Dir = filepath.Join(dir, key, "identity")
	c.Blob.Dir, c.Mail.Dir = filepath.Join(dir, key, "files"), filepath.Join(dir, "mail")
	c.Upload.Dir = filepath.Join(dir, key, "uploads")
	c.Session.Dir = filepath.Join(dir, key, "session")
	if key == "board" {
		c.Blob.Dir = filepath.Join(dir, "papers")
	}
	c.Jobs.Workers = 2
	return c
}
