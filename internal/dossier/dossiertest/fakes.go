package dossiertest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"dean06/internal/dossier"
	"dean06/internal/eform"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/clock/clocktest"
	"dean06/internal/platform/fault"
	"dean06/internal/procedure"
)

// Clock is a clock that a test sets.
type Clock = clocktest.Clock

// Register stands in for the population register.
type Register struct {
	mu     sync.Mutex
	people map[string]dossier.Known
	clock  clock.Clock
	events map[string]dossier.Reported
	serial int

	// Away makes every call fail with Unavailable, Denies with Denied.
	Away, Denies bool
	// Asks are questions that an event meets until they are answered; Refuses why it never
	// will be recorded.
	Asks    []dossier.EffectQuestion
	Refuses string

	Asked       []dossier.Inquiry
	Corrections []dossier.Correction
	Claims      map[string]dossier.Claim // by field: what came of one
	NoClaims    error                    // none is taken
	Events      []dossier.Event
}

func (r *Register) up(in dossier.Inquiry) error {
	r.Asked = append(r.Asked, in)
	switch {
	case r.Away:
		return fault.New(fault.Unavailable, "dossier.effect.away", nil)
	case r.Denies:
		return fault.New(fault.Denied, "dossier.effect.denied", nil)
	}
	return nil
}

// Facts are those of somebody who was put in.
func (r *Register) Facts(_ context.Context, in dossier.Inquiry, number string, fields []string) (dossier.Known, bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.up(in); err != nil {
		return dossier.Known{}, false, err
	}
	p, ok := r.people[number]
	if !ok {
		return dossier.Known{}, false, nil
	}
	out := dossier.Known{Number: number, AsOf: r.clock.Now(), Values: map[string]eform.Value{}, Kin: map[string]string{}}
	for _, f := range fields {
		if v, has := p.Values[f]; has {
			out.Values[f] = v
		} else if f != "number" {
			out.Values[f] = eform.Value{}
		}
		if kin := p.Kin[f]; kin != "" {
			out.Kin[f] = kin
		}
		if f == "household" && p.Kin["head"] != "" {
			out.Kin["head"] = p.Kin["head"]
		}
	}
	return out, true, nil
}

// Match says whether number, name and birth fit.
func (r *Register) Match(_ context.Context, in dossier.Inquiry, number, name, birth string) (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.up(in); err != nil {
		return false, err
	}
	p, ok := r.people[number]
	return ok && strings.EqualFold(p.Values["name"].Text, name) && (birth == "" || p.Values["birth"].Text == birth), nil
}

// Report records an event, once for each dossier and item.
func (r *Register) Report(_ context.Context, in dossier.Inquiry, e dossier.Event) (dossier.Reported, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.up(in); err != nil {
		return dossier.Reported{}, err
	}
	key := fmt.Sprintf("%s/%d", in.Dossier, e.Item)
	if had, ok := r.events[key]; ok {
		had.Again = true
		return had, nil
	}
	if r.Refuses != "" {
		return dossier.Reported{Refused: r.Refuses}, nil
	}
	var open []dossier.EffectQuestion
	for _, q := range r.Asks {
		if e.Answers[q.Code] == "" {
			open = append(open, q)
		}
	}
	if len(open) > 0 {
		return dossier.Reported{Questions: open}, nil
	}
	r.serial++
	out := dossier.Reported{Event: fmt.Sprintf("event-%d", r.serial), Number: fmt.Sprintf("0193260%05d", r.serial)}
	r.events[key] = out
	r.Events = append(r.Events, e)
	return out, nil
}

// RequestCorrection keeps a request.
func (r *Register) RequestCorrection(_ context.Context, in dossier.Inquiry, c dossier.Correction) (dossier.Claim, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.up(in); err != nil {
		return dossier.Claim{}, err
	}
	if r.NoClaims != nil {
		return dossier.Claim{}, r.NoClaims
	}
	if !slices.Contains(r.Corrections, c) {
		r.Corrections = append(r.Corrections, c)
	}
	return r.Claims[c.Field], nil
}

// Posts stands in for the positions of org. Agencies are the province "H55" and its communes
// "H55.C05443".
type Posts struct {
	mu   sync.Mutex
	List []dossier.Post
}

// Of are the positions of an account.
func (p *Posts) Of(_ context.Context, account string, _ clock.Date) ([]dossier.Post, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []dossier.Post
	for _, x := range p.List {
		if x.Account == account {
			out = append(out, x)
		}
	}
	return out, nil
}

// For are the positions with a duty at an agency.
func (p *Posts) For(_ context.Context, agency, duty, commune string, _ clock.Date) ([]dossier.Post, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []dossier.Post
	for _, x := range p.List {
		if x.Agency == agency && x.Duty == duty && (x.Area == "" || commune == "" || x.Area == commune) {
			out = append(out, x)
		}
	}
	return out, nil
}

// Competent is the committee of a commune of Thái Nguyên or of another province, or its
// police, which has no desk.
func (p *Posts) Competent(_ context.Context, kind, level, province, commune string, _ clock.Date) (code, name string, err error) {
	top := map[string]string{"19": "H55", "01": "H26"}[province]
	switch {
	case top == "":
		return "", "", fault.New(fault.NotFound, "dossier.competence.unknown", nil)
	case level == "province":
		return top, p.Name(top), nil
	case commune == "":
		return "", "", fault.New(fault.NotFound, "dossier.competence.unknown", nil)
	}
	code = top + ".C" + commune
	if kind == "police" {
		code = top + ".P" + commune
	}
	return code, p.Name(code), nil
}

// Name is what an agency is called.
func (p *Posts) Name(agency string) string {
	if name, ok := map[string]string{
		"H55": "Ủy ban nhân dân tỉnh Thái Nguyên", "H26": "Ủy ban nhân dân thành phố Hà Nội",
		"H55.P05443": "Công an phường Phan Đình Phùng", "H55.C05443": "Ủy ban nhân dân phường Phan Đình Phùng",
		"H55.C05455": "Ủy ban nhân dân phường Quyết Thắng",
	}[agency]; ok {
		return name
	}
	return "Ủy ban nhân dân " + agency
}

// Within says that an agency is of the province of another.
func (p *Posts) Within(agency, of string) bool {
	top, _, _ := strings.Cut(of, ".")
	return agency == top || strings.HasPrefix(agency, top+".")
}

// Packages stands in for the packages of the node.
type Packages struct{ List []*procedure.Package }

// Current is the one in force.
func (p *Packages) Current(_ context.Context, code string, on clock.Date) (*procedure.Package, error) {
	if found := procedure.InForce(p.List, code, on); found != nil {
		return found, nil
	}
	return nil, fault.New(fault.NotFound, "dossier.package.none", nil)
}

// Version is a certain one.
func (p *Packages) Version(_ context.Context, code, version string) (*procedure.Package, error) {
	if found := procedure.VersionOf(p.List, code, version); found != nil {
		return found, nil
	}
	return nil, fault.New(fault.NotFound, "dossier.package.none", nil)
}

// All are those in force.
func (p *Packages) All(_ context.Context, on clock.Date) ([]*procedure.Package, error) {
	var out []*procedure.Package
	for _, one := range p.List {
		if procedure.InForce(p.List, one.Code, on) == one {
			out = append(out, one)
		}
	}
	return out, nil
}

// Files keeps files in memory.
type Files struct {
	mu   sync.Mutex
	kept map[string][]byte
}

// Open reads a file.
func (f *Files) Open(_ context.Context, hash string) (io.ReadCloser, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	raw, ok := f.kept[hash]
	if !ok {
		return nil, fault.New(fault.NotFound, "dossier.paper.no_file", nil)
	}
	return io.NopCloser(bytes.NewReader(raw)), nil
}

// Put keeps one.
func (f *Files) Put(_ context.Context, r io.Reader) (string, int64, error) {
	raw, err := io.ReadAll(r)
	if err != nil {
		return "", 0, err
	}
	h := sha256.Sum256(raw)
	name := hex.EncodeToString(h[:])
	f.mu.Lock()
	defer f.mu.Unlock()
	f.kept[name] = raw
	return name, int64(len(raw)), nil
}

// Papers makes papers of one line.
type Papers struct{ Fails error }

// Make makes one.
func (p *Papers) Make(_ context.Context, kind string, d dossier.Dossier, _ *procedure.Package, r dossier.ResultPaper) ([]byte, error) {
	return fmt.Appendf(nil, "%%PDF-1.4 %s %s %s %s", kind, d.Code, r.ID, r.Number), p.Fails
}

// Teller keeps what people were told.
type Teller struct {
	mu   sync.Mutex
	Told []dossier.Action
}

// Tell keeps an action.
func (t *Teller) Tell(_ context.Context, _ dossier.Dossier, a dossier.Action) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.Told = append(t.Told, a)
	return nil
}

// Bindings are the numbers of accounts.
type Bindings map[string]string

// Bound is the number of an account.
func (b Bindings) Bound(_ context.Context, account string) (string, bool, error) {
	n, ok := b[account]
	return n, ok, nil
}

// Accounts stands in for the accounts of the node: by login, the number to which each is bound.
type Accounts struct {
	mu    sync.Mutex
	Bound map[string]string
}

// Open makes an account.
func (a *Accounts) Open(_ context.Context, _ actor.Actor, in dossier.NewAccount) (dossier.OpenedAccount, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, taken := a.Bound[in.Login]; taken {
		return dossier.OpenedAccount{}, fault.New(fault.Conflict, "dossier.account.has", nil).At("login")
	}
	a.Bound[in.Login] = in.Number
	return dossier.OpenedAccount{Account: "account-" + in.Login, Login: in.Login, Password: "abcd-efgh-jkmn-pqrs"}, nil
}

// Bind binds one that there is.
func (a *Accounts) Bind(_ context.Context, _ actor.Actor, login, number, _ string) (dossier.OpenedAccount, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if was, known := a.Bound[login]; !known || was != "" {
		return dossier.OpenedAccount{}, fault.New(fault.Conflict, "dossier.account.has", nil).At("login")
	}
	a.Bound[login] = number
	return dossier.OpenedAccount{Account: "account-" + login, Login: login}, nil
}

// Person puts somebody into the register.
func (r *Register) Person(number string, kin map[string]string, values map[string]eform.Value) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.people[number] = dossier.Known{Number: number, Values: values, Kin: kin}
}

// Recorded are the dossiers of which an event was recorded.
func (r *Register) Recorded() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []string
	for key := range r.events {
		code, _, _ := strings.Cut(key, "/")
		out = append(out, code)
	}
	slices.Sort(out)
	return out
}
