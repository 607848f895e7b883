package demo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"slices"
	"strings"
	"sync"
	"time"

	"dean06/data"
	"dean06/internal/dossier"
	"dean06/internal/eform"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/session"
)

// The procedures of the demo's dossiers.
const (
	birthCode        = "1.001193"
	residenceCode    = "1.004222"
	confirmationCode = "1.010041"
)

// stage is how far a dossier of the demo is.
type stage int

// The stages, in the order of the portal's ten statuses.
const (
	sent       stage = iota // 1
	received                // 2
	turnedAway              // 3
	inReview                // 4
	toDecide                // 4
	asked                   // 5
	supplied                // 4 again
	feeDue                  // 6
	leaving                 // 7
	left                    // 8
	refused                 // 8
	done                    // 9
	handed                  // 10
)

// story is one dossier of the demo: who asks for what, when, and how far it is.
type story struct {
	procedure string
	number    string // of the applicant
	days      int    // before today
	until     stage
	given     map[string]string // beside what all have
	desk      bool              // filled in with an officer
}

// tale is the dossiers of the demo. They are of the families of data/demo/thai-nguyen.csv.
func tale() []story {
	birth := func(number, name, sex string, days int, until stage) story {
		return story{procedure: birthCode, number: number, days: days, until: until, given: map[string]string{"child.name": name, "child.sex": sex}}
	}
	atDesk := func(s story) story { s.desk = true; return s }
	copies := func(s story) story { s.given["copies.want"], s.given["copies.count"] = "yes", "3"; return s }
	move := func(number string, days int, until stage) story {
		return story{procedure: residenceCode, number: number, days: days, until: until}
	}
	confirm := func(number string, days int, until stage) story {
		return story{procedure: confirmationCode, number: number, days: days, until: until}
	}
	return []story{
		birth("019192000107", "Nguyễn Phạm Minh Đức", "1", 47, handed),
		confirm("019194000102", 45, handed),
		move("019096000152", 44, handed),
		atDesk(birth("019190000112", "Đỗ Vũ Hoài An", "2", 42, handed)),
		birth("019192000133", "Chu Ma Khánh Linh", "2", 41, handed),
		confirm("019091000148", 39, handed),
		move("019195000153", 38, handed),
		birth("019191000118", "Dương Lường Gia Huy", "1", 36, handed),
		birth("019195000138", "Nguyễn Lý Bảo Long", "1", 34, refused),
		move("019090000154", 33, left),
		atDesk(birth("019189000123", "Phùng Lý Nhật Minh", "1", 31, handed)),
		confirm("019089000106", 29, handed),
		move("019192000155", 28, refused),
		birth("019190000143", "Vi Nông Thảo Vy", "2", 26, handed),
		move("019092000115", 25, handed),
		confirm("019088000142", 22, left),
		birth("019193000128", "Tạ Đào Anh Thư", "2", 20, done),
		move("019093000109", 19, done),
		birth("019196000141", "Hoàng Nguyễn Tuệ Lâm", "2", 18, turnedAway),
		confirm("019095000125", 17, done),
		copies(birth("019194000149", "Quách Bế Đăng Khoa", "1", 15, handed)),
		move("019094000120", 14, asked),
		birth("019191000136", "Lưu Trần Phương Nhi", "2", 13, done),
		confirm("019092000130", 12, turnedAway),
		birth("019197000147", "Đặng Phan Quỳnh Chi", "2", 11, inReview), // late
		move("019094000140", 10, inReview),
		birth("019198000126", "Nguyễn Hà Trúc Mai", "2", 9, asked),
		move("019095000146", 8, toDecide),
		birth("019195000116", "Lê Trịnh Quốc Bảo", "1", 7, toDecide), // late
		copies(birth("019197000121", "Bùi Ngô Diệu Anh", "2", 6, feeDue)),
		atDesk(birth("019194000131", "Triệu Hoàng Hải Đăng", "1", 6, supplied)),
		confirm("019093000137", 5, inReview),
		move("019199000151", 5, leaving),
		birth("019193000105", "Ma Ngọc Ánh", "2", 5, asked), // goes on by hand: nguoime2
		move("019087000122", 4, received),
		birth("019196000110", "Hoàng Nông Hà My", "2", 3, received),
		confirm("019091000101", 3, done),
		move("019089000135", 2, sent),
		move("019091000127", 1, sent),
		confirm("019090000117", 1, sent),
	}
}

// pastClock says the time of the story that is being told.
type pastClock struct {
	mu  sync.Mutex
	now time.Time
}

// Now is the moment of the story.
func (c *pastClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *pastClock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = t
}

// quietStore keeps dossiers and queues nothing: what is told is long past.
type quietStore struct{ dossier.Store }

// InTx runs f in one transaction.
func (s quietStore) InTx(ctx context.Context, f func(tx dossier.Tx) error) error {
	return s.Store.InTx(ctx, func(tx dossier.Tx) error { return f(quietTx{tx}) })
}

type quietTx struct{ dossier.Tx }

// Queue queues nothing.
func (quietTx) Queue(context.Context, dossier.Work) error { return nil }

// teller tells the stories of a province.
type teller struct {
	*dossier.Service
	n      *Node
	clock  *pastClock
	today  clock.Date
	end    time.Time // of all stories: now
	actors map[string]actor.Actor
	page   []byte // of every paper
}

// dossiers tells the stories, once: they travel to the register as all questions do, after
// the country has started.
func (n *Node) dossiers(ctx context.Context) error {
	service := n.Modules.Dossier.Service()
	have, err := service.Store.List(ctx, dossier.ListQuery{Limit: 1})
	if err != nil || len(have) > 0 {
		return err
	}
	c := &pastClock{}
	t := &teller{n: n, clock: c, end: clock.System{}.Now(), actors: map[string]actor.Actor{}, page: paperImage()}
	t.today = clock.DayOf(t.end)
	parts := service.Parts
	parts.Clock, parts.Store, parts.Teller = c, quietStore{parts.Store}, nil
	parts.Province = func() string { return n.member }
	t.Service = dossier.NewService(parts)
	stories := tale()
	if err := t.accounts(ctx, stories); err != nil {
		return err
	}
	var failed []error
	for _, s := range stories {
		if err := t.tell(ctx, s); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			failed = append(failed, fmt.Errorf("the dossier of %s about %s: %w", s.number[8:], s.procedure, err))
		}
	}
	return errors.Join(failed...)
}

// accounts gives each who applies online an account that is bound to them, and finds all.
func (t *teller) accounts(ctx context.Context, stories []story) error {
	var seed []session.SeedAccount
	for _, s := range stories {
		known := slices.ContainsFunc(citizens, func(c bound) bool { return c.number == s.number })
		if !s.desk && !known {
			seed = append(seed, citizenAccount(bound{s.number, s.number, t.nameOf(s.number)}))
		}
	}
	if err := t.n.Node.Sessions.Seed(ctx, seed...); err != nil {
		return err
	}
	list, err := t.n.Node.Sessions.Accounts(actor.With(ctx, actor.OfSystem(session.Administrator)), session.AccountFilter{Limit: 1000})
	if err != nil {
		return err
	}
	for _, a := range list {
		roles, err := t.n.Modules.Org.RolesOf(ctx, a.ID, t.end)
		if err != nil {
			return err
		}
		t.actors[a.Login] = actor.Actor{
			Account: a.ID, Login: a.Login, Name: a.Name, Agency: a.Agency, Roles: append(slices.Clone(a.Roles.V), roles...), Via: actor.Password,
			Level: 2, // the people of the demo were all seen
		}
	}
	return nil
}

// families are the people of data/demo/thai-nguyen.csv by number, each by column.
var families = sync.OnceValue(func() map[string]map[string]string { return persons(data.DemoFamilies) })

func (t *teller) nameOf(number string) string { return families()[number]["name"] }

// cardOf is what the card of somebody says, as an officer at the desk sees it.
func cardOf(number string) dossier.Known {
	p := families()[number]
	return dossier.Known{Number: number, Values: map[string]eform.Value{"name": {Text: p["name"]}, "birth": {Text: p["birth"]}}}
}

// communeOf is today's commune of somebody's home: one of the demo's two.
func (t *teller) communeOf(number string) string {
	home := families()[number]["permanent"]
	if strings.HasSuffix(home, "/05830") || strings.Contains(home, "/171/") {
		return "05830"
	}
	return "05443"
}

// who is the account of a citizen.
func (t *teller) who(number string) actor.Actor {
	for _, c := range citizens {
		if c.number == number {
			return t.actors[c.login]
		}
	}
	return t.actors[number]
}

// at is a moment of a working day so many days before today, not after the end.
func (t *teller) at(days, hour, minute int) time.Time {
	day := t.today.AddDays(-days)
	for day.Start().Weekday() == time.Saturday || day.Start().Weekday() == time.Sunday {
		day = day.AddDays(-1)
	}
	at := day.Start().Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
	if at.After(t.end) {
		return t.end
	}
	return at
}

// pass lets working time go by.
func (t *teller) pass(d time.Duration) {
	at := t.clock.Now().Add(d).In(clock.Zone)
	if at.Hour() >= 17 {
		at = at.Add(15 * time.Hour)
	}
	for at.Weekday() == time.Saturday || at.Weekday() == time.Sunday {
		at = at.Add(24 * time.Hour)
	}
	if at.After(t.end) {
		at = t.end
	}
	t.clock.set(at)
}

// tell tells one story.
func (t *teller) tell(ctx context.Context, s story) error {
	t.clock.set(t.at(s.days, 8, 10+len(s.number)%7*5))
	d, err := t.file(ctx, s)
	if err != nil {
		return err
	}
	of := "2"
	if d.Area == "05443" {
		of = "1"
	}
	desk, reviewer, leader := t.actors["tiepnhan"+of], t.actors["hotich"+of], t.actors["lanhdao"+of]
	if s.procedure != birthCode {
		reviewer, leader = t.actors["congan"+of], t.actors["congantruong"+of]
	}
	citizen := t.who(s.number)
	if s.desk {
		citizen = desk
	}
	do := func(who actor.Actor, verb dossier.Verb, after time.Duration, said dossier.Said, answers map[string]eform.Value) {
		if err != nil {
			return
		}
		t.pass(after)
		for range 3 {
			var next dossier.Dossier
			next, err = t.Do(ctx, who, d.Code, dossier.Act{Verb: verb, Version: d.Version, Said: said, Answers: answers})
			if err == nil {
				d = next
				return
			}
			if fault.Of(err) != fault.Conflict {
				break
			}
			// The program's own work came between, such as a warning that it is late.
			now, err2 := t.Store.Dossier(ctx, d.ID)
			if err2 != nil || now.Version == d.Version {
				break
			}
			d = now
		}
		err = fmt.Errorf("%s: %w", verb, err)
	}
	missing := t.reasons(s)
	if s.until == sent {
		return nil
	}
	if s.until == turnedAway {
		do(desk, dossier.RefuseIntake, 40*time.Minute, dossier.Said{Asked: missing, Note: "Đã hướng dẫn người nộp chuẩn bị lại giấy tờ."}, nil)
		return err
	}
	do(desk, dossier.Receive, 25*time.Minute, dossier.Said{}, nil)
	if s.until == received {
		return err
	}
	do(reviewer, dossier.Take, 20*time.Minute, dossier.Said{}, nil)
	switch s.until {
	case inReview:
		return err
	case leaving, left:
		do(citizen, dossier.Withdraw, 30*time.Minute, dossier.Said{Note: "Gia đình xin rút để bổ sung sau."}, nil)
		if s.until == left {
			do(reviewer, dossier.AgreeBack, 50*time.Minute, dossier.Said{}, nil)
		}
		return err
	case asked, supplied:
		do(reviewer, dossier.AskMore, 35*time.Minute, dossier.Said{Asked: missing}, nil)
		if s.until == supplied && err == nil {
			err = t.supply(ctx, citizen, &d, missing)
		}
		return err
	case feeDue:
		do(reviewer, dossier.AskFee, 30*time.Minute, dossier.Said{}, nil)
		return err
	case refused:
		do(reviewer, dossier.Propose, 45*time.Minute, dossier.Said{Refuse: true, Asked: missing}, nil)
		do(leader, dossier.Refuse, 30*time.Minute, dossier.Said{}, nil)
		return err
	}
	do(reviewer, dossier.Propose, 45*time.Minute, dossier.Said{Note: "Hồ sơ hợp lệ, đủ điều kiện giải quyết."}, nil)
	if s.until == toDecide {
		return err
	}
	do(leader, dossier.Approve, 55*time.Minute, dossier.Said{}, t.entered(s))
	if err == nil && d.Effect != nil {
		d, err = t.register(ctx, d)
	}
	if s.until == done || err != nil {
		return err
	}
	for _, fee := range dossier.Unpaid(d) {
		do(desk, dossier.Pay, 5*time.Minute, dossier.Said{Fee: &dossier.FeeItem{ID: fee.ID, Amount: fee.Amount}}, nil)
	}
	do(desk, dossier.HandOver, 40*time.Minute, dossier.Said{Receiver: d.Applicant.Name, How: "desk"}, nil)
	return err
}

// register tells the register of the decision.
func (t *teller) register(ctx context.Context, d dossier.Dossier) (dossier.Dossier, error) {
	t.pass(2 * time.Minute)
	if err := t.Run(ctx, dossier.Work{Kind: dossier.TellEvent, Dossier: d.ID}); err != nil {
		return d, err
	}
	now, err := t.Store.Dossier(ctx, d.ID)
	if err == nil && now.Effect.State != dossier.EffectDone {
		err = fmt.Errorf("the register: %s %s", now.Effect.State, now.Effect.Error)
	}
	return now, err
}

// entered are the answers of whoever decides.
func (t *teller) entered(s story) map[string]eform.Value {
	switch s.procedure {
	case birthCode:
		return map[string]eform.Value{
			"request.entry": {Text: fmt.Sprintf("%d", 400-s.days)}, "request.book": {Text: "01/" + t.clock.Now().Format("2006")},
		}
	case residenceCode:
		return map[string]eform.Value{"request.registered": {Text: clock.DayOf(t.clock.Now()).String()}}
	}
	return nil
}

// supply sends what was missing.
func (t *teller) supply(ctx context.Context, who actor.Actor, d *dossier.Dossier, missing []dossier.Asked) error {
	t.pass(3 * time.Hour)
	draft, err := t.StartSupply(ctx, who, d.Code)
	if err != nil {
		return err
	}
	for _, m := range missing {
		if m.Paper == "" {
			continue
		}
		if draft, err = t.attach(ctx, who, draft, m.Paper); err != nil {
			return err
		}
	}
	if draft.Assisted {
		if draft, err = t.Confirm(ctx, who, draft.ID, draft.Version, "read"); err != nil {
			return err
		}
	}
	*d, err = t.Submit(ctx, who, draft.ID, dossier.Filing{Version: draft.Version, Key: draft.ID, Notice: true})
	return err
}

// file fills a form in and sends it.
func (t *teller) file(ctx context.Context, s story) (dossier.Dossier, error) {
	who, start := t.who(s.number), dossier.Starting{Procedure: s.procedure, Channel: dossier.Online}
	if s.desk {
		who = t.actors["tiepnhan1"]
		start.Channel, start.Desk = dossier.AtDesk, who.Agency
		start.Applicant = dossier.Party{Kind: "citizen", Number: s.number, Name: t.nameOf(s.number)}
	}
	d, err := t.Start(ctx, who, start)
	if err == nil && s.desk {
		var seen dossier.Seen
		seen, err = t.SeeCard(ctx, who, d.ID, d.Version, cardOf(s.number))
		d = seen.Draft
	}
	if err != nil {
		return dossier.Dossier{}, err
	}
	given := t.given(s)
	for range 3 { // what arrives brings questions of which more arrives
		if d, err = t.answer(ctx, who, d, given); err != nil {
			return dossier.Dossier{}, err
		}
		if d, _, err = t.Prefill(ctx, who, d.ID); err != nil {
			return dossier.Dossier{}, err
		}
	}
	if d, err = t.answer(ctx, who, d, given); err != nil {
		return dossier.Dossier{}, err
	}
	f, err := t.Draft(ctx, who, d.ID)
	if err != nil {
		return dossier.Dossier{}, err
	}
	for _, n := range f.Needs {
		if n.Asked {
			if d, err = t.attach(ctx, who, d, n.Paper.ID); err != nil {
				return dossier.Dossier{}, err
			}
		}
	}
	if len(f.Deciders) > 1 && d.Competent == "" {
		if d, err = t.Choose(ctx, who, d.ID, d.Version, dossier.Choice{Competent: &f.Deciders[0].Agency}); err != nil {
			return dossier.Dossier{}, err
		}
	}
	contact := dossier.Party{Phone: "09" + s.number[4:], Email: s.number + "@dean06.example.vn"}
	if d, err = t.Choose(ctx, who, d.ID, d.Version, dossier.Choice{Applicant: &contact}); err != nil {
		return dossier.Dossier{}, err
	}
	if d.Assisted {
		if d, err = t.Confirm(ctx, who, d.ID, d.Version, "read"); err != nil {
			return dossier.Dossier{}, err
		}
	}
	return t.Submit(ctx, who, d.ID, dossier.Filing{Version: d.Version, Key: d.ID, Notice: true})
}

// given are the answers that somebody types, by path.
func (t *teller) given(s story) map[string]eform.Value {
	text := map[string]string{}
	out := map[string]eform.Value{}
	switch s.procedure {
	case birthCode:
		text = map[string]string{
			"applicant.relation": "mother", "request.situation": "married", "request.foreign": "none", "notice.has": "hospital",
			"child.birth": t.today.AddDays(-s.days - 9).String(), "copies.want": "no",
		}
		out["child.birthplace"] = eform.Value{Place: &eform.Place{
			Country: "VN", Province: "19", Commune: "05443", Detail: "Bệnh viện A Thái Nguyên (mẫu)",
		}}
	case residenceCode:
		text = map[string]string{
			"request.whom": "self", "dwelling.kind": "own", "request.household": "new", "request.members": "no", "request.exempt": "none",
		}
		to := eform.Place{Country: "VN", Province: "19", Commune: "05443", Detail: "Số " + strings.TrimLeft(s.number[9:], "0") + ", tổ 12"}
		if t.communeOf(s.number) == "05443" {
			to.Commune, to.Detail = "05830", "Xóm Mới, nhà số "+strings.TrimLeft(s.number[9:], "0")
		}
		out["dwelling.address"] = eform.Value{Place: &to}
	case confirmationCode:
		text = map[string]string{"request.content": "present", "request.purpose": "Nộp hồ sơ nhập học cho con"}
	}
	for path, v := range s.given {
		text[path] = v
	}
	for path, v := range text {
		out[path] = eform.Value{Text: v}
	}
	return out
}

// answer answers what is asked now and was given, and what must be answered with what fits.
func (t *teller) answer(ctx context.Context, who actor.Actor, d dossier.Draft, given map[string]eform.Value) (dossier.Draft, error) {
	tried := map[string]bool{}
	for range 60 {
		f, err := t.Draft(ctx, who, d.ID)
		if err != nil {
			return d, err
		}
		facts := t.Facts(f.Draft)
		values := map[string]eform.Value{}
		for _, q := range f.Package.Form.Asked(f.Draft.Answers, facts) {
			if q.Given() || tried[q.Path] {
				continue
			}
			v, ok := given[q.Path]
			if !ok && len(q.Answer.Offered) > 0 {
				v, ok = q.Answer.Offered[0].Value, true // of what the parents agree on, the first
			}
			if ok {
				values[q.Path], tried[q.Path] = v, true
			}
		}
		if len(values) == 0 {
			return f.Draft, nil
		}
		if d, err = t.AnswerAll(ctx, who, d.ID, f.Draft.Version, values); err != nil {
			return d, err
		}
	}
	return d, nil
}

// attach shows a photograph of a paper.
func (t *teller) attach(ctx context.Context, who actor.Actor, d dossier.Draft, requirement string) (dossier.Draft, error) {
	hash, size, err := t.Files.Put(ctx, bytes.NewReader(t.page))
	if err != nil {
		return d, err
	}
	how := dossier.ByUpload
	if d.Assisted {
		how = dossier.ByScan
	}
	return t.AttachPaper(ctx, who, d.ID, d.Version, dossier.Attached{
		Requirement: requirement, How: how, File: hash, Name: "anh-chup.png", Size: size, Type: "image/png",
	})
}

// reasons is what is wrong with a dossier that is asked about, or refused.
func (t *teller) reasons(s story) []dossier.Asked {
	purpose := "supplement"
	if s.until == turnedAway || s.until == refused {
		purpose = "refusal"
	}
	p, err := t.Packages.Current(context.Background(), s.procedure, t.today)
	if err != nil {
		return nil
	}
	for _, r := range p.Reasons {
		if !slices.Contains(r.For, purpose) {
			continue
		}
		one := dossier.Asked{Reason: r.Code}
		for _, about := range r.About {
			if about == "birth_notice" || about == "dwelling_own" {
				one.Paper = about
				return []dossier.Asked{one}
			}
		}
	}
	for _, r := range p.Reasons {
		if slices.Contains(r.For, purpose) && len(r.About) == 0 {
			return []dossier.Asked{{Reason: r.Code, Note: "Đề nghị liên hệ công chức thụ lý để được hướng dẫn."}}
		}
	}
	return nil
}

// paperImage is a picture of a sheet with lines on it, large enough for a paper.
func paperImage() []byte {
	const width, height = 1240, 1754
	img := image.NewPaletted(image.Rect(0, 0, width, height), color.Palette{color.White, color.Gray{Y: 90}, color.Gray{Y: 200}})
	bar := func(x, y, w, h int, ink uint8) {
		for j := y; j < min(y+h, height); j++ {
			for i := x; i < min(x+w, width); i++ {
				img.SetColorIndex(i, j, ink)
			}
		}
	}
	bar(320, 120, 600, 26, 1)
	bar(420, 170, 400, 14, 1)
	for line := range 22 {
		y := 300 + 58*line
		for x, word := 120, 0; x < width-220; word++ {
			w := 40 + (word*53+line*31)%110
			bar(x, y, w, 16, 1)
			x += w + 18
		}
		bar(120, y+30, width-240, 2, 2)
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		return nil // in memory it does not fail
	}
	return out.Bytes()
}
