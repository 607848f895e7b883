package securitynode

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/node"
	"dean06/internal/platform/paper"
	"dean06/internal/security"
)

// demoAccounts is before the names of those who acted in the demo before it began.
const demoAccounts = "demo:"

// demoSystem is a system of the demo, as its agency has told of it.
type demoSystem struct {
	agency, name, unit, number string
	kind                       string // of the declared system that it is; "" for one that no return declares
	facts                      security.Facts
	subsystems                 []string
	steps                      int // of its dossier: 0 to 4, from begun to approved
	findings                   []security.Finding
	met                        security.Level // the controls up to this one are met
}

// demoSystems: of Thái Nguyên the system for procedures and of Social Security its own are
// approved; that of the health department came after the last return, and its dossier is
// being appraised.
var demoSystems = []demoSystem{
	{
		agency: "H55", kind: "procedure_system", name: "Hệ thống thông tin giải quyết thủ tục hành chính của tỉnh",
		unit: "Sở Khoa học và Công nghệ", number: "2345/QĐ-UBND", steps: 4,
		facts:      security.Facts{Service: security.Full, Procedures: true, People: 1_300_000, Shared: security.Province},
		subsystems: []string{"VN/GOV/H55/TTHC", "VN/GOV/H55/MOTCUA"},
		met:        2,
		findings:   []security.Finding{{Severity: security.Medium, Title: "Chưa tập trung nhật ký thiết bị mạng"}},
	},
	{
		agency: "H55", name: "Hệ thống thông tin y tế", unit: "Sở Y tế", steps: 2,
		facts:      security.Facts{Service: security.Full, People: 1_300_000, Sensitive: 400_000, Shared: security.Province},
		subsystems: []string{"VN/GOV/H55/YTE"},
		findings:   []security.Finding{{Severity: security.Critical, Title: "Trang quản trị mở ra Internet, không xác thực nhiều yếu tố"}},
	},
	{
		agency: "G24", name: "Hệ thống bảo hiểm xã hội", unit: "Trung tâm Công nghệ thông tin", number: "812/QĐ-BHXH", steps: 4,
		facts:      security.Facts{Service: security.Full, People: 90_000_000, Sensitive: 90_000_000, Shared: security.Province},
		subsystems: []string{"VN/GOV/G24/BHXH", "VN/GOV/G24/MOTCUA"},
	},
}

// demo tells of the demo's systems as the people of their agencies would have.
func (n *Node) demo(ctx context.Context, _ node.Demo) error {
	records, err := n.desk.Store.Records(ctx, security.Of{})
	if err != nil || len(records) > 0 {
		return err
	}
	today := clock.DayOf(n.base.Clock.Now())
	past := *n.desk
	past.Changed = nil
	for _, s := range demoSystems {
		past.Clock = clock.Fixed(today.AddDays(-20).Start().Add(9 * time.Hour))
		if err := n.demoSystem(ctx, &past, s, today); err != nil {
			return err
		}
	}
	return nil
}

// declared finds the system of the demo among those that its agency's return declares, and
// announces one that is not there.
func (s demoSystem) declared(ctx context.Context, d *security.Desk, author actor.Actor) (id string, version int64, err error) {
	list, err := d.Systems.SystemsOf(ctx, s.agency)
	if err != nil {
		return "", 0, err
	}
	for _, x := range list {
		if s.kind != "" && x.Kind == s.kind {
			return x.ID, 0, nil
		}
	}
	made, err := d.Announce(ctx, author, s.agency, s.name, s.unit)
	return made.ID, 1, err
}

func (n *Node) demoSystem(ctx context.Context, d *security.Desk, s demoSystem, today clock.Date) error {
	as := func(account, role string) actor.Actor {
		name := n.base.Messages.In(i18n.Vi).T("security.demo." + account) // the log keeps one name, as the board's people read it
		return actor.Actor{Account: demoAccounts + account, Name: name, Agency: s.agency, Roles: []string{role}, Via: actor.System}
	}
	author, unit, head := as("officer", security.Officer), as("unit", security.UnitStaff), as("head", security.HeadRole)
	id, version, err := s.declared(ctx, d, author)
	if err != nil {
		return err
	}
	if err := d.Tell(ctx, author, s.agency, id, version, security.Told{
		Facts: s.facts, Subsystems: s.subsystems, Regulation: security.Paper{Number: "15/QĐ-UBND", Day: today.AddDays(-300)},
	}); err != nil {
		return err
	}
	made, err := d.Begin(ctx, author, s.agency, id)
	if err != nil {
		return err
	}
	texts := map[security.Part]string{
		security.Overview: s.name + " do " + s.unit + " quản lý.", security.Design: "Ba vùng mạng: công khai, ứng dụng, dữ liệu; kết nối qua cổng trao đổi.",
		security.Justification: "Theo các tiêu chí nêu ở phần câu hỏi.", security.Plan: "Theo các yêu cầu của tiêu chuẩn đang áp dụng.",
		security.Opinion: "Đã có ý kiến chuyên môn.",
	}
	file, err := n.demoDecision(ctx, s, made.Level, today.AddDays(-20))
	if err != nil {
		return err
	}
	steps := []func() error{
		func() error { return d.Write(ctx, author, made.ID, 1, made.Level, texts) },
		func() error { return d.Submit(ctx, author, made.ID, 2) },
		func() error { return d.Appraise(ctx, unit, made.ID, 3, "Hồ sơ đầy đủ, đúng cấp độ.") },
		func() error {
			return d.Approve(ctx, head, made.ID, 4, security.Decision{
				Paper: security.Paper{Number: s.number, Day: today.AddDays(-20)}, File: file,
			})
		},
	}
	for _, step := range steps[:s.steps] {
		if err := step(); err != nil {
			return err
		}
	}
	for _, c := range d.Standard().Controls {
		of := security.Requirement{Of: security.Of{Agency: s.agency, System: id}, Code: c.Code}
		if c.Level > s.met {
			continue
		}
		if err := d.SetControl(ctx, author, of, security.Met, s.unit, "Biên bản 12/BB-ATTT"); err != nil {
			return err
		}
	}
	return d.EnterCheck(ctx, unit, security.Check{Agency: s.agency, System: id, Day: today.AddDays(-25), Report: "Biên bản 12/BB-ATTT"}, s.findings)
}

// demoDecision keeps the file of the decision on a system of the demo.
func (n *Node) demoDecision(ctx context.Context, s demoSystem, level security.Level, day clock.Date) (security.File, error) {
	if s.number == "" {
		return security.File{}, nil
	}
	raw, err := paper.Word(n.base.Messages.In(i18n.Vi), paper.Document{
		Title: s.number, Agency: n.base.Agencies.NameOf(s.agency), Number: s.number, Date: day, Kind: "QUYẾT ĐỊNH",
		Abstract:  fmt.Sprintf("Phê duyệt cấp độ an toàn thông tin của %s", s.name),
		Body:      []paper.Block{paper.Text(fmt.Sprintf("Phê duyệt cấp độ %d đối với %s do %s quản lý (dữ liệu mẫu).", level, s.name, s.unit))},
		Signature: paper.Signature{Title: "THỦ TRƯỞNG"},
	})
	if err != nil {
		return security.File{}, err
	}
	ref, err := n.base.Files.Put(ctx, bytes.NewReader(raw), int64(len(raw)))
	return security.File{Name: "quyet-dinh.docx", SHA256: ref.SHA256, Size: ref.Size}, err
}
