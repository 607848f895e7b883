package contract_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/contract"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
)

const province = "VN/GOV/H55/TTHC"

var (
	now     = time.UnixMilli(1700000000000).UTC()
	other   = actor.Actor{Account: "0193", Login: "quantri2", Name: "Bùi Văn Quản Trị", Roles: []string{contract.Administrator}}
	admin   = actor.Actor{Account: "0190", Login: "quantri", Name: "Hoàng Thị Quản Trị", Roles: []string{contract.Administrator}}
	auditor = actor.Actor{Account: "0191", Login: "kiemtoan", Name: "Phạm Văn Kiểm Toán", Roles: []string{contract.Auditor}}
)

// memory keeps all in memory.
type memory struct {
	systems  map[string]contract.System
	officers map[string]contract.Officer // by subsystem, a space and code
	seen     map[string]bool
	calls    []contract.Call
	by       []string // accounts that wrote, or asked
	asked    []contract.Wish
	down     error
}

// Ask and Waiting keep the wishes; nobody decides.
func (m *memory) Ask(_ context.Context, by actor.Actor, w contract.Wish) error {
	m.asked, m.by = append(m.asked, w), append(m.by, by.Account)
	return m.down
}

func (m *memory) Waiting(context.Context) ([]contract.Waiting, error) { return nil, m.down }

// last is the youngest wish.
func (m *memory) last(t *testing.T) contract.Wish {
	t.Helper()
	if len(m.asked) == 0 {
		t.Fatal("nobody was asked")
	}
	return m.asked[len(m.asked)-1]
}

func (m *memory) Systems(context.Context) ([]contract.System, error) { return nil, m.down }

func (m *memory) System(_ context.Context, user string) (contract.System, error) {
	s, ok := m.systems[user]
	if !ok && m.down == nil {
		return s, contract.ErrNoSystem
	}
	return s, m.down
}

func (m *memory) AddSystem(_ context.Context, by actor.Actor, s contract.System, _ time.Time) error {
	m.systems[s.User] = s
	m.by = append(m.by, by.Account)
	return m.down
}

func (m *memory) ChangeSystem(_ context.Context, by actor.Actor, user string, _ time.Time, change func(*contract.System)) error {
	s, ok := m.systems[user]
	if !ok {
		return contract.ErrNoSystem
	}
	change(&s)
	m.systems[user] = s
	m.by = append(m.by, by.Account)
	return nil
}

func (m *memory) Officers(context.Context, string) ([]contract.Officer, error) { return nil, m.down }

func (m *memory) Officer(_ context.Context, subsystem, code string) (contract.Officer, error) {
	o, ok := m.officers[subsystem+" "+code]
	if !ok && m.down == nil {
		return o, contract.ErrNoOfficer
	}
	return o, m.down
}

func (m *memory) AddOfficer(_ context.Context, by actor.Actor, subsystem string, o contract.Officer, _ time.Time) error {
	m.officers[subsystem+" "+o.Code] = o
	m.by = append(m.by, by.Account)
	return nil
}

func (m *memory) ChangeOfficer(
	_ context.Context, by actor.Actor, subsystem, code string, _ time.Time, change func(*contract.Officer),
) error {
	o, ok := m.officers[subsystem+" "+code]
	if !ok {
		return contract.ErrNoOfficer
	}
	change(&o)
	m.officers[subsystem+" "+code] = o
	m.by = append(m.by, by.Account)
	return nil
}

func (m *memory) Take(_ context.Context, user, stamp, request string, _ time.Time, _ time.Duration) (bool, error) {
	key := strings.Join([]string{user, stamp, request}, " ")
	fresh := !m.seen[key]
	m.seen[key] = true
	return fresh, m.down
}

func (m *memory) Log(_ context.Context, c contract.Call) error {
	m.calls = append(m.calls, c)
	return m.down
}

func (m *memory) Calls(context.Context, contract.Filter, string, int) ([]contract.Call, error) {
	return m.calls, m.down
}

func (m *memory) Counts(context.Context, contract.Filter, bool) ([]contract.Count, error) {
	return nil, m.down
}

// newService knows one system, "motcua" with the secret "s1", and one officer.
func newService() (*contract.Service, *memory) {
	m := &memory{
		systems: map[string]contract.System{
			"motcua": {User: "motcua", Secret: "s1", Name: "Một cửa", Subsystem: province, Procedures: []string{"1.001193"}},
			"ak":     {User: "ak", Secret: "sk", Name: "LGSP", Subsystem: province, Codes: []string{"037"}},
			"off":    {User: "off", Secret: "s1", Subsystem: province, Off: true},
			"open":   {User: "open", Subsystem: province},
		},
		officers: map[string]contract.Officer{
			province + " canbo.1": {
				Code: "canbo.1", Name: "Lê Thị Mẫu", Office: "H55.16", Operations: []string{"TraCuuThongTinCongDan"}, KeyPass: "k1",
			},
			province + " canbo.9": {Code: "canbo.9", Name: "Lê Văn Khác", Office: "H26.16", Operations: []string{"*"}},
			province + " canbo.0": {Code: "canbo.0", Name: "Lê Văn Mẫu", Office: "H55.16", Operations: []string{"*"}, Off: true},
		},
		seen: map[string]bool{},
	}
	secrets := 0
	return contract.New(contract.Parts{
		Store: m, Second: m, Clock: clock.Fixed(now), Subsystems: func() []string { return []string{province} },
		NewSecret: func() string { secrets++; return fmt.Sprint("new", secrets) },
	}), m
}

// TestEveryMethodAsksTheTable: whatever the caller, what the table does not give is
// refused and nothing is written.
func TestEveryMethodAsksTheTable(t *testing.T) {
	t.Parallel()
	methods := []struct {
		name   string
		action contract.Action
		call   func(context.Context, *contract.Service, actor.Actor) error
	}{
		{"Systems", contract.Look, func(ctx context.Context, s *contract.Service, by actor.Actor) error {
			_, err := s.Systems(ctx, by)
			return err
		}},
		{"Officers", contract.Look, func(ctx context.Context, s *contract.Service, by actor.Actor) error {
			_, err := s.Officers(ctx, by, province)
			return err
		}},
		{"Calls", contract.ReadLog, func(ctx context.Context, s *contract.Service, by actor.Actor) error {
			_, err := s.Calls(ctx, by, contract.Filter{}, "", 10)
			return err
		}},
		{"Counts", contract.ReadLog, func(ctx context.Context, s *contract.Service, by actor.Actor) error {
			_, err := s.Counts(ctx, by, contract.Filter{}, true)
			return err
		}},
		{"Waiting", contract.Look, func(ctx context.Context, s *contract.Service, by actor.Actor) error {
			_, err := s.Waiting(ctx, by)
			return err
		}},
		{"SystemToChange", contract.SaveSystem, func(ctx context.Context, s *contract.Service, by actor.Actor) error {
			_, err := s.SystemToChange(ctx, by, "motcua")
			return err
		}},
		{"a new SystemToChange", contract.SaveSystem, func(ctx context.Context, s *contract.Service, by actor.Actor) error {
			_, err := s.SystemToChange(ctx, by, "")
			return err
		}},
		{"AddSystem", contract.SaveSystem, func(ctx context.Context, s *contract.Service, by actor.Actor) error {
			_, err := s.AddSystem(ctx, by, contract.System{User: "x", Name: "X", Subsystem: province}, "mới")
			return err
		}},
		{"ChangeSystem", contract.SaveSystem, func(ctx context.Context, s *contract.Service, by actor.Actor) error {
			_, err := s.ChangeSystem(ctx, by, contract.System{User: "motcua", Name: "X", Subsystem: province}, "mới")
			return err
		}},
		{"StopSystem", contract.SaveSystem, func(ctx context.Context, s *contract.Service, by actor.Actor) error {
			return s.StopSystem(ctx, by, "motcua")
		}},
		{"OpenSystem", contract.SaveSystem, func(ctx context.Context, s *contract.Service, by actor.Actor) error {
			return s.OpenSystem(ctx, by, "off", "mới")
		}},
		{"RenewSecret", contract.SaveSystem, func(ctx context.Context, s *contract.Service, by actor.Actor) error {
			_, err := s.RenewSecret(ctx, by, "motcua", "mới")
			return err
		}},
		{"OfficerToChange", contract.SaveOfficer, func(ctx context.Context, s *contract.Service, by actor.Actor) error {
			_, err := s.OfficerToChange(ctx, by, province, "canbo.1")
			return err
		}},
		{"AddOfficer", contract.SaveOfficer, func(ctx context.Context, s *contract.Service, by actor.Actor) error {
			return s.AddOfficer(ctx, by, province, contract.Officer{Code: "y", Name: "Y", Office: "H55", Operations: []string{"*"}}, "mới")
		}},
		{"ChangeOfficer", contract.SaveOfficer, func(ctx context.Context, s *contract.Service, by actor.Actor) error {
			o := contract.Officer{Code: "canbo.1", Name: "Y", Office: "H55", Operations: []string{"*"}}
			_, err := s.ChangeOfficer(ctx, by, province, o, "mới")
			return err
		}},
		{"StopOfficer", contract.SaveOfficer, func(ctx context.Context, s *contract.Service, by actor.Actor) error {
			return s.StopOfficer(ctx, by, province, "canbo.1")
		}},
		{"OpenOfficer", contract.SaveOfficer, func(ctx context.Context, s *contract.Service, by actor.Actor) error {
			return s.OpenOfficer(ctx, by, province, "canbo.0", "mới")
		}},
		{"Fulfil", contract.SaveSystem, func(ctx context.Context, s *contract.Service, by actor.Actor) error {
			w := contract.Wish{Does: contract.Adds, System: contract.System{User: "x", Name: "X", Subsystem: province}}
			return s.Fulfil(ctx, s.Store, by, other, w)
		}},
		{"RenewKey", contract.SaveOfficer, func(ctx context.Context, s *contract.Service, by actor.Actor) error {
			_, err := s.RenewKey(ctx, by, province, "canbo.1", "mới")
			return err
		}},
	}
	actors := map[string]actor.Actor{
		"nobody": {}, "administrator": admin, "auditor": auditor, "registrar": {Account: "0192", Roles: []string{"registrar"}},
		"command line": {Account: "os:quantri", Via: actor.Command},
	}
	for _, m := range methods {
		for name, by := range actors {
			want := contract.Permissions.Can(by, m.action)
			s, store := newService()
			got := m.call(t.Context(), s, by)
			if fault.Of(got) != fault.Of(want) || (got == nil) != (want == nil) {
				t.Errorf("%s as %s: %v, want %v", m.name, name, got, want)
			}
			if want != nil && len(store.by) > 0 {
				t.Errorf("%s as %s wrote", m.name, name)
			}
			if got == nil && len(store.by) > 0 && store.by[0] != by.Account {
				t.Errorf("%s as %s is written as %s", m.name, name, store.by[0])
			}
		}
	}
	if contract.Permissions.Can(admin, contract.SaveSystem) != nil || contract.Permissions.Can(auditor, contract.SaveSystem) == nil {
		t.Error("an administrator changes systems, an auditor does not")
	}
}

// TestActionsAreNamed: each action and its refusal have their words.
func TestActionsAreNamed(t *testing.T) {
	t.Parallel()
	texts, err := i18n.Load(contract.Messages)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range contract.Permissions.Lines() {
		for _, key := range []string{"contract.may." + l.Action, "contract.denied." + l.Action} {
			if !texts.Has(key) {
				t.Errorf("%s has no text", key)
			}
		}
	}
	if !texts.Has("contract.denied.unsigned") {
		t.Error("who is not signed in is told nothing")
	}
}

// TestASecondPerson: what lets a system or an officer ask more waits for another
// administrator; alone, an administrator can only narrow.
func TestASecondPerson(t *testing.T) {
	t.Parallel()
	const reason = "công văn 1"
	motcua := contract.System{User: "motcua", Name: "Y", Subsystem: province, Procedures: []string{"1.001193.01"}}
	wider, elsewhere := motcua, contract.System{User: "ak", Name: "LGSP", Subsystem: province}
	wider.Procedures = []string{"1.001193", "1.000656"}
	officer := contract.Officer{Code: "canbo.1", Name: "Y", Office: "H55", Operations: []string{"TraCuuThongTinCongDan"}}
	all, fresh := officer, officer
	all.Operations, fresh.Code = []string{"GetRequests", "*"}, "canbo.2"
	newSystem := contract.System{User: "x", Name: "X", Subsystem: province, Secret: "chosen"}
	type call func(context.Context, *contract.Service, string) error
	for _, tt := range []struct {
		name string
		call call
		want contract.Does // "" takes effect at once
	}{
		{"a new system", func(ctx context.Context, s *contract.Service, reason string) error {
			_, err := s.AddSystem(ctx, admin, newSystem, reason)
			return err
		}, contract.Adds},
		{"a new secret", func(ctx context.Context, s *contract.Service, reason string) error {
			_, err := s.RenewSecret(ctx, admin, "motcua", reason)
			return err
		}, contract.Renews},
		{"a system is opened again", func(ctx context.Context, s *contract.Service, reason string) error {
			return s.OpenSystem(ctx, admin, "off", reason)
		}, contract.Opens},
		{"more procedures", func(ctx context.Context, s *contract.Service, reason string) error {
			_, err := s.ChangeSystem(ctx, admin, wider, reason)
			return err
		}, contract.Widens},
		{"any code, where there was one", func(ctx context.Context, s *contract.Service, reason string) error {
			_, err := s.ChangeSystem(ctx, admin, elsewhere, reason)
			return err
		}, contract.Widens},
		{"another name and fewer procedures", func(ctx context.Context, s *contract.Service, _ string) error {
			_, err := s.ChangeSystem(ctx, admin, motcua, "")
			return err
		}, ""},
		{"a system is closed", func(ctx context.Context, s *contract.Service, _ string) error {
			return s.StopSystem(ctx, admin, "motcua")
		}, ""},
		{"a new officer", func(ctx context.Context, s *contract.Service, reason string) error {
			return s.AddOfficer(ctx, admin, province, fresh, reason)
		}, contract.Adds},
		{"a new key", func(ctx context.Context, s *contract.Service, reason string) error {
			_, err := s.RenewKey(ctx, admin, province, "canbo.1", reason)
			return err
		}, contract.Renews},
		{"an officer is opened again", func(ctx context.Context, s *contract.Service, reason string) error {
			return s.OpenOfficer(ctx, admin, province, "canbo.0", reason)
		}, contract.Opens},
		{"every operation", func(ctx context.Context, s *contract.Service, reason string) error {
			_, err := s.ChangeOfficer(ctx, admin, province, all, reason)
			return err
		}, contract.Widens},
		{"another name and office", func(ctx context.Context, s *contract.Service, _ string) error {
			_, err := s.ChangeOfficer(ctx, admin, province, officer, "")
			return err
		}, ""},
		{"an officer is closed", func(ctx context.Context, s *contract.Service, _ string) error {
			return s.StopOfficer(ctx, admin, province, "canbo.1")
		}, ""},
	} {
		s, m := newService()
		_, m0 := newService()
		if tt.want != "" {
			if err := tt.call(t.Context(), s, " "); fault.Of(err) != fault.Invalid {
				t.Errorf("%s without a reason: %v", tt.name, err)
			}
		}
		if err := tt.call(t.Context(), s, reason); err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		same := cmp.Equal(m0.systems, m.systems) && cmp.Equal(m0.officers, m.officers)
		if tt.want == "" {
			if same || len(m.asked) > 0 {
				t.Errorf("%s: waits: %v", tt.name, m.asked)
			}
			continue
		}
		if !same {
			t.Errorf("%s took effect alone", tt.name)
		}
		w := m.last(t)
		if len(m.asked) != 1 || w.Does != tt.want || w.Reason != reason {
			t.Errorf("%s: asked for %+v", tt.name, m.asked)
		}
		for _, second := range []actor.Actor{{}, admin} {
			if err := s.Fulfil(t.Context(), m, admin, second, w); fault.Of(err) != fault.Denied {
				t.Errorf("%s approved by %q: %v", tt.name, second.Login, err)
			}
		}
		if err := s.Fulfil(t.Context(), m, admin, other, w); err != nil {
			t.Errorf("%s approved: %v", tt.name, err)
		}
		if cmp.Equal(m0.systems, m.systems) && cmp.Equal(m0.officers, m.officers) {
			t.Errorf("%s approved, and nothing changed", tt.name)
		}
	}
}

// TestSecrets: a secret is given to the one who asks for it, never after, and proves
// something once it is approved.
func TestSecrets(t *testing.T) {
	t.Parallel()
	s, m := newService()
	ctx := t.Context()
	approve := func() {
		t.Helper()
		if err := s.Fulfil(ctx, m, admin, other, m.last(t)); err != nil {
			t.Fatal(err)
		}
	}
	works := func(user, secret string) bool {
		_, err := s.Recognise(ctx, proof(user, secret, "1700000000000"))
		return err == nil
	}
	secret, err := s.AddSystem(ctx, admin, contract.System{User: "x", Name: "X", Subsystem: province, Secret: "chosen"}, "mới")
	if err != nil || secret != "new1" || works("x", secret) {
		t.Errorf("%q, %v; works before anybody approved: %v", secret, err, works("x", secret))
	}
	if approve(); !works("x", secret) {
		t.Error("approved, and does not work")
	}
	if _, err := s.AddSystem(ctx, admin, contract.System{User: "x", Name: "X", Subsystem: province}, "mới"); fault.Of(err) != fault.Conflict {
		t.Errorf("a second of this user: %v", err)
	}
	if got, err := s.SystemToChange(ctx, admin, "x"); err != nil || got.Secret != "" || got.Name != "X" {
		t.Errorf("%+v, %v, want it without its secret", got, err)
	}
	changed := contract.System{User: "x", Name: "Y", Subsystem: province, Secret: "chosen", Off: true}
	if asked, err := s.ChangeSystem(ctx, admin, changed, ""); asked || err != nil {
		t.Fatal(asked, err)
	}
	if got := m.systems["x"]; got.Secret != secret || got.Off || got.Name != "Y" {
		t.Errorf("%+v, want the name changed and nothing else", got)
	}
	renewed, err := s.RenewSecret(ctx, admin, "x", "lộ khóa")
	if err != nil || !works("x", secret) || works("x", renewed) {
		t.Errorf("%q, %v: it works, or the one before does not", renewed, err)
	}
	if approve(); works("x", secret) || !works("x", renewed) {
		t.Error("the one before works still")
	}
	if _, err := s.RenewSecret(ctx, admin, "nobody", "mới"); fault.Of(err) != fault.NotFound {
		t.Errorf("nobody's secret: %v", err)
	}
	key, err := s.RenewKey(ctx, admin, province, "canbo.1", "lộ khóa")
	if approve(); err != nil || m.officers[province+" canbo.1"].KeyPass != key {
		t.Errorf("%q, %v", key, err)
	}
	if got, err := s.OfficerToChange(ctx, admin, province, "canbo.1"); err != nil || got.KeyPass != "" || got.Name == "" {
		t.Errorf("%+v, %v, want them without their key", got, err)
	}
	if a, b := contract.New(contract.Parts{}).NewSecret(), contract.New(contract.Parts{}).NewSecret(); a == b || len(a) < 26 {
		t.Errorf("secrets %q and %q", a, b)
	}
}

func fields(err error) (out []string) {
	var list fault.List
	if errors.As(err, &list) {
		for _, e := range list {
			out = append(out, e.Field)
		}
	}
	return out
}

func TestWhatIsEntered(t *testing.T) {
	t.Parallel()
	good := contract.System{User: "x", Name: "X", Subsystem: province, Codes: []string{"037"}, Procedures: []string{"1.001193"}}
	for _, tt := range []struct {
		name   string
		change func(*contract.System)
		want   []string
	}{
		{"good", func(*contract.System) {}, nil},
		{"accents", func(s *contract.System) { s.User = "ngoài" }, []string{"user"}},
		{"the sign of a new one", func(s *contract.System) { s.User = "-" }, []string{"user"}},
		{"there already", func(s *contract.System) { s.User = "motcua" }, []string{"user"}},
		{"no name", func(s *contract.System) { s.Name = "" }, []string{"name"}},
		{"a long name", func(s *contract.System) { s.Name = strings.Repeat("ê", 201) }, []string{"name"}},
		{"another agency's subsystem", func(s *contract.System) { s.Subsystem = "VN/GOV/G01/DANCU" }, []string{"subsystem"}},
		{"lists", func(s *contract.System) { s.Codes, s.Procedures = []string{"<x>"}, make([]string, 501) }, []string{"codes", "procedures"}},
		{"nothing", func(s *contract.System) { *s = contract.System{} }, []string{"user", "name", "subsystem"}},
	} {
		s, _ := newService()
		entered := good
		tt.change(&entered)
		_, err := s.AddSystem(t.Context(), admin, entered, "mới")
		if diff := cmp.Diff(tt.want, fields(err)); diff != "" {
			t.Errorf("system: %s (-want +got):\n%s", tt.name, diff)
		}
	}
	for _, tt := range []struct {
		name    string
		officer contract.Officer
		want    []string
	}{
		{"good", contract.Officer{Code: "canbo.2", Name: "A", Office: "H55", Operations: []string{"GetRequests"}}, nil},
		{"in the older shape", contract.Officer{Code: "canbo.2", Name: "A", Office: "000.00.16.H55", Operations: []string{"GetRequests"}}, nil},
		{"of another agency", contract.Officer{Code: "canbo.2", Name: "A", Office: "H26.16", Operations: []string{"GetRequests"}}, []string{"office"}},
		{"of another, in the older shape", contract.Officer{Code: "canbo.2", Name: "A", Office: "000.00.55.H26", Operations: []string{"*"}}, []string{"office"}},
		{"of one that begins alike", contract.Officer{Code: "canbo.2", Name: "A", Office: "H551", Operations: []string{"*"}}, []string{"office"}},
		{"there already", contract.Officer{Code: "canbo.1", Name: "A", Office: "H55", Operations: []string{"*"}}, []string{"code"}},
		{
			"no such operation",
			contract.Officer{Code: "canbo.2", Name: "A", Office: "H55", Operations: []string{"XoaTatCa"}},
			[]string{"operations"},
		},
		{"nothing", contract.Officer{}, []string{"code", "name", "office", "operations"}},
	} {
		s, _ := newService()
		if diff := cmp.Diff(tt.want, fields(s.AddOfficer(t.Context(), admin, province, tt.officer, "mới"))); diff != "" {
			t.Errorf("officer: %s (-want +got):\n%s", tt.name, diff)
		}
	}
	s, m := newService()
	one := contract.Officer{Code: "canbo.1", Name: "B", Office: "H55", Operations: []string{"GetRequests", "*"}, KeyPass: "chosen"}
	if asked, err := s.ChangeOfficer(t.Context(), admin, province, one, "mới"); !asked || err != nil {
		t.Fatal(asked, err)
	}
	if err := s.Fulfil(t.Context(), m, admin, other, m.last(t)); err != nil {
		t.Fatal(err)
	}
	if got := m.officers[province+" canbo.1"]; !slices.Equal(got.Operations, []string{"*"}) || got.KeyPass != "k1" || got.Name != "B" {
		t.Errorf("%+v, want every operation, and the key kept", got)
	}
	if _, err := s.ChangeOfficer(t.Context(), admin, "VN/GOV/H56/TTHC", one, "mới"); fault.Of(err) != fault.NotFound {
		t.Errorf("another agency's officer: %v", err)
	}
	if _, err := s.ChangeOfficer(t.Context(), admin, province, contract.Officer{Code: "canbo.1"}, "mới"); fields(err) == nil {
		t.Errorf("an officer without anything: %v", err)
	}
	if _, err := s.ChangeSystem(t.Context(), admin, contract.System{User: "motcua"}, "mới"); fields(err) == nil {
		t.Errorf("a system without anything: %v", err)
	}
}
