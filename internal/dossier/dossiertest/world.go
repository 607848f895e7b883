package dossiertest

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"

	"dean06/internal/calendar"
	"dean06/internal/citizen"
	"dean06/internal/dossier"
	"dean06/internal/eform"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/procedure"
)

// Agencies and communes of the world.
const (
	Province = "H55"
	Commune  = "H55.C05443" // Phan Đình Phùng
	Other    = "H55.C05455" // Quyết Thắng
	// PoliceAgency are the police of the first commune. They have no desk.
	PoliceAgency = "H55.P05443"
	Birth        = "1.001193"
	Purpose      = "thụ lý hồ sơ"
)

// Numbers of invented people: a married couple, and a single woman whom nothing ties to them.
var (
	MotherNumber   = citizen.NumberOf(19, 1996, citizen.Female, 4021).Reveal()
	FatherNumber   = citizen.NumberOf(19, 1994, citizen.Male, 3377).Reveal()
	StrangerNumber = citizen.NumberOf(19, 1991, citizen.Female, 8812).Reveal()
)

// The accounts of the world.
var (
	Mother        = citizenAccount("mother", "Nguyễn Thị Hồng Nhung")
	Father        = citizenAccount("father", "Trần Văn Hải")
	Stranger      = citizenAccount("stranger", "Lê Thu Trang") // bound, with nothing here
	Unbound       = citizenAccount("unbound", "Phạm Quốc Khánh")
	Desk          = official("desk", "Hoàng Thị Lan", Commune, dossier.Receiver)
	Reviewer      = official("reviewer", "Vũ Đức Minh", Commune, dossier.Processor)
	Reviewer2     = official("reviewer2", "Đỗ Thị Yến", Commune, dossier.Processor)
	Leader        = official("leader", "Bùi Quang Huy", Commune, dossier.Decider)
	OtherDesk     = official("otherdesk", "Ngô Thị Mai", Other, dossier.Receiver)
	OtherReviewer = official("otherreviewer", "Đặng Văn Sơn", Other, dossier.Processor)
	OtherLeader   = official("otherleader", "Phan Thị Thủy", Other, dossier.Decider)
	ProvinceDesk  = official("provincedesk", "Lý Thị Hoa", Province, dossier.Receiver)
	Idle          = official("idle", "Tô Văn Bình", Commune, dossier.Receiver, dossier.Processor, dossier.Decider) // without a position
	Police        = official("police", "Triệu Văn Long", PoliceAgency, dossier.Processor)
	PoliceLeader  = official("policeleader", "Hà Mạnh Cường", PoliceAgency, dossier.Decider)
	Auditor       = actor.Actor{Account: "auditor", Name: "Mai Thị Hạnh", Roles: []string{dossier.Auditor}}
	Administrator = actor.Actor{Account: "admin", Name: "Cao Văn Đạt", Roles: []string{dossier.Administrator}}
	Program       = actor.OfSystem(dossier.Program)
	Nobody        = actor.Actor{}
)

// Everybody are all of them.
var Everybody = []actor.Actor{
	Mother, Father, Stranger, Unbound, Desk, Reviewer, Reviewer2, Leader, OtherDesk, OtherReviewer, OtherLeader, ProvinceDesk, Idle, Police, PoliceLeader,
	Auditor,
	Administrator, Program, Nobody,
}

func citizenAccount(id, name string) actor.Actor {
	return actor.Actor{Account: id, Name: name, Roles: []string{dossier.Citizen}, Via: actor.Password, Level: 2}
}

func official(id, name, agency string, roles ...string) actor.Actor {
	return actor.Actor{Account: id, Name: name, Agency: agency, Roles: roles, Via: actor.Password}
}

// World is a service with all that it needs.
type World struct {
	*dossier.Service
	Store    *Store
	Register *Register
	Posts    *Posts
	Packages *Packages
	Files    *Files
	Papers   *Papers
	Teller   *Teller
	Bindings Bindings
	Accounts *Accounts
	Clock    *Clock
}

// New makes a world on the morning of Tuesday, 1 December 2026.
func New() *World { return NewOn(NewStore()) }

// NewOn makes one on another store.
func NewOn(store dossier.Store) *World {
	w := &World{
		Posts: &Posts{}, Packages: &Packages{List: procedure.Packages()}, Files: &Files{kept: map[string][]byte{}}, Papers: &Papers{},
		Teller: &Teller{}, Clock: &Clock{}, Accounts: &Accounts{Bound: map[string]string{}},
		Bindings: Bindings{"mother": MotherNumber, "father": FatherNumber, "stranger": StrangerNumber},
	}
	w.Clock.Set("2026-12-01 08:00")
	w.Store, _ = store.(*Store)
	w.Register = &Register{people: map[string]dossier.Known{}, clock: w.Clock, events: map[string]dossier.Reported{}}
	post := func(a actor.Actor, duty, title string) {
		w.Posts.List = append(w.Posts.List, dossier.Post{
			ID: "post-" + a.Account, Title: title, Duty: duty, Agency: a.Agency, Account: a.Account, Holder: a.Account, Name: a.Name,
		})
	}
	post(Desk, dossier.DutyDesk, "Công chức một cửa")
	post(Reviewer, dossier.DutyReviewer, "Công chức tư pháp - hộ tịch")
	post(Reviewer2, dossier.DutyReviewer, "Công chức tư pháp - hộ tịch")
	post(Leader, dossier.DutyLeader, "Phó Chủ tịch")
	post(OtherDesk, dossier.DutyDesk, "Công chức một cửa")
	post(OtherReviewer, dossier.DutyReviewer, "Công chức tư pháp - hộ tịch")
	post(OtherLeader, dossier.DutyLeader, "Chủ tịch")
	post(ProvinceDesk, dossier.DutyDesk, "Chuyên viên Trung tâm Phục vụ hành chính công")
	post(Police, dossier.DutyPolice, "Cảnh sát khu vực")
	post(PoliceLeader, dossier.DutyLeader, "Trưởng Công an phường")
	home := eform.Value{Place: &eform.Place{Country: "VN", Province: "19", Commune: "05443", Detail: "Tổ 12"}}
	person := func(number, name, birth, sex, spouse string) {
		kin := map[string]string{}
		if spouse != "" {
			kin["spouse"] = spouse
		}
		w.Register.Person(number, kin, map[string]eform.Value{
			"name": {Text: name}, "birth": {Text: birth}, "sex": {Text: sex}, "ethnicity": {Text: "01"}, "nationality": {Text: "VN"},
			"origin":    {Place: &eform.Place{Country: "VN", Province: "19", Commune: "05455", Detail: ""}},
			"permanent": home, "cards": {Card: &eform.CardPaper{Kind: "CC", Serial: number, Issued: "2023-05-10"}}, "marital": {Text: "2"},
		})
	}
	person(MotherNumber, Mother.Name, "1996-04-12", "2", FatherNumber)
	person(FatherNumber, Father.Name, "1994-09-03", "1", MotherNumber)
	person(StrangerNumber, Stranger.Name, "1991-01-30", "2", "")
	var ids atomic.Int64
	w.Service = dossier.NewService(dossier.Parts{
		Store: store, Register: w.Register, Posts: w.Posts, Packages: w.Packages, Files: w.Files, Papers: w.Papers, Teller: w.Teller,
		Bindings: w.Bindings, Accounts: w.Accounts, Deadline: dossier.ByCalendar(Calendar), Clock: w.Clock,
		NewID:    func() string { return fmt.Sprintf("id-%06d", ids.Add(1)) },
		Settings: dossier.Settings{Province: Province, Online: true},
	})
	return w
}

// Calendar is the one that the program brings.
func Calendar() *calendar.Calendar {
	c, err := calendar.BuiltIn()
	if err != nil {
		panic(err) // embedded
	}
	return c
}

// Upload keeps a file and gives what AttachPaper takes.
func (w *World) Upload(requirement string, how dossier.How) dossier.Attached {
	text := "giấy tờ " + requirement + fmt.Sprint(w.Clock.Now().UnixNano())
	hash, size, err := w.Files.Put(context.Background(), strings.NewReader(text))
	if err != nil {
		panic(err) // in memory
	}
	return dossier.Attached{Requirement: requirement, How: how, File: hash, Name: requirement + ".jpg", Size: size, Type: "image/jpeg"}
}

// BirthAnswers are what a mother types whose marriage and family the register knows.
func BirthAnswers() map[string]eform.Value {
	return map[string]eform.Value{
		"applicant.relation": {Text: "mother"}, "request.situation": {Text: "married"}, "request.foreign": {Text: "none"},
		"notice.has": {Text: "hospital"}, "child.name": {Text: "Trần Minh An"}, "child.sex": {Text: "2"}, "child.birth": {Text: "2026-11-20"},
		"child.birthplace": {Place: &eform.Place{Country: "VN", Province: "19", Commune: "05443", Detail: "Bệnh viện A"}},
		"copies.want":      {Text: "no"},
	}
}

// Fill answers what is asked: with what is given by path, else with the first that fits. It
// says which questions it typed.
func (w *World) Fill(ctx context.Context, who actor.Actor, id string, given map[string]eform.Value) (typed []string, err error) {
	refused := map[string]bool{}
	for range 300 {
		f, err := w.Draft(ctx, who, id)
		if err != nil {
			return typed, err
		}
		facts := w.Facts(f.Draft)
		path, v := "", eform.Value{}
		for _, q := range f.Package.Form.Asked(f.Draft.Answers, facts) {
			if q.Given() || refused[q.Path] {
				continue
			}
			value, ok := given[q.Path]
			if !ok && !q.Required {
				continue
			}
			if !ok {
				value = sample(q, f.Package.Form.View(f.Draft.Answers, facts))
			}
			path, v = q.Path, value
			break
		}
		if path == "" {
			return typed, nil
		}
		if _, err := w.Answer(ctx, who, id, f.Draft.Version, path, v); err != nil {
			if list, ok := err.(fault.List); !ok || len(list) == 0 { //nolint:errorlint // given bare
				return typed, err
			}
			return typed, fmt.Errorf("answer %s with %+v: %w", path, v, err)
		}
		refused[path] = true
		typed = append(typed, path)
	}
	return typed, nil
}

// sample is an answer that fits a question.
func sample(q eform.Asked, view eform.View) eform.Value {
	if len(q.Answer.Offered) > 0 {
		return q.Answer.Offered[0].Value
	}
	switch q.Question.Kind {
	case eform.KindChoice:
		for _, o := range q.Question.Options {
			if o.When == nil || o.When.Holds(view) {
				return eform.Value{Text: o.Value}
			}
		}
	case eform.KindCode:
		if l, ok := eform.ListOf(q.Question.List); ok {
			for _, item := range l.All() {
				if !item.Unsaid {
					return eform.Value{Text: item.Code}
				}
			}
		}
	case eform.KindYes:
		return eform.Value{Text: "no"}
	case eform.KindDate, eform.KindPartial:
		if strings.HasPrefix(q.Path, "child.") || strings.HasPrefix(q.Path, "found.") {
			return eform.Value{Text: "2026-11-20"}
		}
		return eform.Value{Text: "1990-05-05"}
	case eform.KindNumber:
		return eform.Value{Text: StrangerNumber}
	case eform.KindAddress:
		return eform.Value{Place: &eform.Place{Country: "VN", Province: "19", Commune: "05443", Detail: "Tổ 3"}}
	case eform.KindCard:
		return eform.Value{Card: &eform.CardPaper{Kind: "CC", Serial: StrangerNumber, Issued: "2023-05-10"}}
	case eform.KindCount, eform.KindAmount:
		return eform.Value{Text: "1"}
	case eform.KindPhone:
		return eform.Value{Text: "0912345678"}
	case eform.KindEmail:
		return eform.Value{Text: "nguoi.dan@example.vn"}
	}
	return eform.Value{Text: "Nguyễn Văn Thử"}
}
