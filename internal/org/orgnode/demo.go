package orgnode

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"

	"dean06/internal/org"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/node"
	"dean06/internal/platform/session"
)

// demoOffice is an office of the demo with its positions.
type demoOffice struct {
	agency, name string
	basis        string
	positions    []demoPosition
}

type demoPosition struct {
	title           string
	duty            org.Duty
	area            string
	roles           []string // those that the node has are given
	holder, standIn string   // logins
	away            [2]string
}

// demoFrom is the first day of the offices: provinces and communes began anew.
var demoFrom = clock.MustDate("2025-07-01")

// The people of the demo are invented. Those of DemoOfficials are signed in as by whoever
// tries the demo; the passwords of the others are nowhere.
var (
	demoPeople = []struct{ login, name, agency string }{
		{"thuly.h55", "Ma Văn Thụ Lý", "H55"},
		{"diaban.h55", "Dương Văn Địa Bàn", "H55"},
		{"tiepnhan", "Nông Thị Tiếp Nhận", "H55"},
		{"tiepnhan1", "Lường Thị Một Cửa", "H55.C05443"},
		{"hotich1", "Ma Thị Hộ Tịch", "H55.C05443"},
		{"lanhdao1", "Trần Thị Đứng Đầu", "H55.C05443"},
		{"congan1", "Dương Văn Cư Trú", "H55.P05443"},
		{"congantruong1", "Hoàng Văn Trưởng Phường", "H55.P05443"},
		{"tiepnhan2", "Chu Thị Quầy Một", "H55.C05830"},
		{"hotich2", "Lý Văn Tư Pháp", "H55.C05830"},
		{"lanhdao2", "Vi Văn Chủ Tịch", "H55.C05830"},
		{"congan2", "Triệu Văn Địa Bàn", "H55.P05830"},
		{"congantruong2", "Nông Văn Trưởng Xã", "H55.P05830"},
	}
	demoOffices = []demoOffice{
		{agency: "H55", name: "Trung tâm Phục vụ hành chính công tỉnh", basis: "QĐ 21/QĐ-UBND (dữ liệu mẫu)", positions: []demoPosition{
			{title: "Viên chức tiếp nhận hồ sơ, quầy 3", duty: org.DutyDesk, roles: []string{receiver}, holder: "tiepnhan"},
			{
				title: "Chuyên viên thụ lý, lĩnh vực tư pháp", duty: org.DutyReviewer, holder: "thuly.h55",
				standIn: "tiepnhan", away: [2]string{"2026-11-16", "2026-12-15"},
			},
			{title: "Chuyên viên thụ lý, lĩnh vực đất đai", duty: org.DutyReviewer},
		}},
		{agency: "H55", name: "Công an tỉnh", basis: "QĐ 22/QĐ-CAT (dữ liệu mẫu)", positions: []demoPosition{
			{title: "Cán bộ hướng dẫn, phường Phan Đình Phùng", duty: org.DutyPolice, area: "05443", holder: "diaban.h55"},
		}},
		commune("H55.C05443", "05443", "Trung tâm Phục vụ hành chính công phường", "phường", "1"),
		police("H55.P05443", "05443", "Công an phường", "phường", "1"),
		commune("H55.C05830", "05830", "Trung tâm Phục vụ hành chính công xã", "xã", "2"),
		police("H55.P05830", "05830", "Công an xã", "xã", "2"),
	}
)

// The roles of positions, as the module of dossiers names them.
const (
	receiver  = "receiver"
	processor = "processor"
	decider   = "decider"
)

// commune is the one-stop office of a commune: who receives, who reviews, who decides.
func commune(agency, area, name, kind, no string) demoOffice {
	return demoOffice{agency: agency, name: name, basis: "QĐ 03/QĐ-UBND (dữ liệu mẫu)", positions: []demoPosition{
		{title: "Chủ tịch UBND " + kind + ", giám đốc trung tâm", duty: org.DutyLeader, area: area, roles: []string{decider}, holder: "lanhdao" + no},
		{title: "Công chức tiếp nhận và trả kết quả", duty: org.DutyDesk, area: area, roles: []string{receiver}, holder: "tiepnhan" + no},
		{title: "Công chức tư pháp - hộ tịch", duty: org.DutyReviewer, area: area, roles: []string{processor}, holder: "hotich" + no},
	}}
}

// police is the police of a commune, who decide on residence.
func police(agency, area, name, kind, no string) demoOffice {
	return demoOffice{agency: agency, name: name, basis: "QĐ 22/QĐ-CAT (dữ liệu mẫu)", positions: []demoPosition{
		{title: "Trưởng Công an " + kind, duty: org.DutyLeader, area: area, roles: []string{decider}, holder: "congantruong" + no},
		{title: "Cảnh sát khu vực, đăng ký cư trú", duty: org.DutyPolice, area: area, roles: []string{processor}, holder: "congan" + no},
	}}
}

// DemoOfficials are the officials of the demo as which one signs in, without a password,
// each with the title of the position.
func DemoOfficials() []session.SeedAccount {
	titles := map[string]string{}
	for _, o := range demoOffices {
		for _, p := range o.positions {
			titles[p.holder] = p.title
		}
	}
	var out []session.SeedAccount
	for _, p := range demoPeople {
		if !strings.HasSuffix(p.login, ".h55") {
			out = append(out, session.SeedAccount{Label: titles[p.login], Draft: session.Draft{
				Login: p.login, Name: p.name, Agency: p.agency, Email: p.login + "@dean06.example.vn", Roles: []string{org.Official},
			}})
		}
	}
	return out
}

// demo fills the node of Thái Nguyên with a handful of offices and positions, once.
func (n *Node) demo(ctx context.Context, d node.Demo) error {
	if !strings.Contains(d.Subsystem, "/H55/") {
		return nil
	}
	who := actor.OfSystem(org.Administrator)
	ctx = session.With(ctx, session.Identity{Actor: who})
	there, err := n.positions.Keeping(ctx, who)
	if err != nil || len(there) > 0 {
		return err
	}
	password := rand.Text()
	var seed []session.SeedAccount
	for _, p := range demoPeople {
		seed = append(seed, session.SeedAccount{
			Password: password, Draft: session.Draft{Login: p.login, Name: p.name, Agency: p.agency, Roles: []string{org.Official}},
		})
	}
	if err := n.base.Sessions.Seed(ctx, seed...); err != nil {
		return err
	}
	parts := n.positions.PositionParts
	parts.Second = agreed{n}
	offices := org.NewPositions(parts)
	for _, o := range demoOffices {
		if err := n.demoOffice(ctx, offices, who, o); err != nil {
			return fmt.Errorf("demo: %s: %w", o.name, err)
		}
	}
	return nil
}

// agreed is the second administrator of the demo, who has agreed already.
type agreed struct{ node *Node }

// Ask records what is asked for at once.
func (a agreed) Ask(ctx context.Context, _ actor.Actor, p org.Proposal) (string, error) {
	const request = "demo"
	return request, a.node.positions.Confirm(ctx, a.node.store, p, request, actor.Actor{
		Account: secondAdministrator, Login: secondAdministrator, Name: secondAdministrator, Roles: []string{org.Administrator}, Via: actor.System,
	})
}

// secondAdministrator is the login of the demo's second administrator.
const secondAdministrator = "quantri2"

// known are those of the roles that accounts of the node may hold.
func (n *Node) known(roles []string) []string {
	var out []string
	for _, r := range n.roles() {
		if slices.Contains(roles, r.Code) {
			out = append(out, r.Code)
		}
	}
	return out
}

func (n *Node) demoOffice(ctx context.Context, offices *org.Positions, who actor.Actor, o demoOffice) error {
	first := org.Fact{From: demoFrom, Basis: o.basis}
	office, err := offices.OpenOffice(ctx, who, o.agency, org.Office{Fact: first, Name: o.name})
	if err != nil {
		return err
	}
	for _, p := range o.positions {
		id, err := offices.CreatePosition(ctx, who, org.Position{Fact: first, Office: office, Title: p.title, Duty: p.duty, Area: p.area, Roles: n.known(p.roles)})
		if err != nil {
			return err
		}
		if p.holder == "" {
			continue
		}
		a := org.Appointing{Position: id, Login: p.holder, From: first.From, Basis: o.basis}
		if _, err := offices.Appoint(ctx, who, a); err != nil {
			return err
		}
		if p.standIn == "" {
			continue
		}
		a.StandIn, a.Login, a.From, a.To = true, p.standIn, clock.MustDate(p.away[0]), clock.MustDate(p.away[1])
		if _, err := offices.Appoint(ctx, who, a); err != nil {
			return err
		}
	}
	return nil
}
