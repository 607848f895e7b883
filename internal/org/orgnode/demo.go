package orgnode

import (
	"context"
	"crypto/rand"
	"fmt"
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
	holder, standIn string // logins
	away            [2]string
}

// demoFrom is the first day of the offices: provinces and communes began anew.
var demoFrom = clock.MustDate("2025-07-01")

// The people of the demo are invented. Nobody signs in as them: their passwords are
// nowhere.
var (
	demoPeople = []struct{ login, name string }{
		{"chutich.phandinhphung", "Trần Thị Đứng Đầu"},
		{"tiepnhan.h55", "Nông Thị Tiếp Nhận"},
		{"thuly.h55", "Ma Văn Thụ Lý"},
		{"diaban.h55", "Dương Văn Địa Bàn"},
		{"tiepnhan.phandinhphung", "Lường Thị Một Cửa"},
	}
	demoOffices = []demoOffice{
		{agency: "H55", name: "Trung tâm Phục vụ hành chính công tỉnh", basis: "QĐ 21/QĐ-UBND (dữ liệu mẫu)", positions: []demoPosition{
			{title: "Viên chức tiếp nhận hồ sơ, quầy 3", duty: org.DutyDesk, holder: "tiepnhan.h55"},
			{
				title: "Chuyên viên thụ lý, lĩnh vực tư pháp", duty: org.DutyReviewer, holder: "thuly.h55",
				standIn: "tiepnhan.h55", away: [2]string{"2026-11-16", "2026-12-15"},
			},
			{title: "Chuyên viên thụ lý, lĩnh vực đất đai", duty: org.DutyReviewer},
		}},
		{agency: "H55", name: "Công an tỉnh", basis: "QĐ 22/QĐ-CAT (dữ liệu mẫu)", positions: []demoPosition{
			{title: "Cảnh sát khu vực, phường Phan Đình Phùng", duty: org.DutyPolice, area: "05443", holder: "diaban.h55"},
		}},
		{agency: "H55.C05443", name: "Trung tâm Phục vụ hành chính công phường", basis: "QĐ 03/QĐ-UBND (dữ liệu mẫu)", positions: []demoPosition{
			{title: "Chủ tịch UBND phường, giám đốc trung tâm", duty: org.DutyLeader, area: "05443", holder: "chutich.phandinhphung"},
			{title: "Công chức tiếp nhận và trả kết quả", duty: org.DutyDesk, area: "05443", holder: "tiepnhan.phandinhphung"},
		}},
	}
)

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
		agency := "H55"
		if strings.HasSuffix(p.login, "phandinhphung") {
			agency = "H55.C05443"
		}
		seed = append(seed, session.SeedAccount{
			Password: password, Draft: session.Draft{Login: p.login, Name: p.name, Agency: agency, Roles: []string{org.Official}},
		})
	}
	if err := n.base.Sessions.Seed(ctx, seed...); err != nil {
		return err
	}
	for _, o := range demoOffices {
		if err := n.demoOffice(ctx, who, o); err != nil {
			return fmt.Errorf("demo: %s: %w", o.name, err)
		}
	}
	return nil
}

func (n *Node) demoOffice(ctx context.Context, who actor.Actor, o demoOffice) error {
	first := org.Fact{From: demoFrom, Basis: o.basis}
	office, err := n.positions.OpenOffice(ctx, who, o.agency, org.Office{Fact: first, Name: o.name})
	if err != nil {
		return err
	}
	for _, p := range o.positions {
		id, err := n.positions.CreatePosition(ctx, who, org.Position{Fact: first, Office: office, Title: p.title, Duty: p.duty, Area: p.area})
		if err != nil {
			return err
		}
		if p.holder == "" {
			continue
		}
		a := org.Appointing{Position: id, Login: p.holder, From: first.From, Basis: o.basis}
		if _, err := n.positions.Appoint(ctx, who, a); err != nil {
			return err
		}
		if p.standIn == "" {
			continue
		}
		a.StandIn, a.Login, a.From, a.To = true, p.standIn, clock.MustDate(p.away[0]), clock.MustDate(p.away[1])
		if _, err := n.positions.Appoint(ctx, who, a); err != nil {
			return err
		}
	}
	return nil
}
