package contract_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"dean06/internal/contract"
)

const address = "https://lgsp.example.vn/csdlqgdc/037"

// outcome is why a call was refused; "" when it was not, "!" when something broke.
func outcome(err error) string {
	var no *contract.Refusal
	switch {
	case err == nil:
		return ""
	case errors.As(err, &no):
		return no.Outcome
	}
	return "!"
}

func proof(user, secret, stamp string) contract.Proof {
	return contract.Proof{
		User: user, Password: contract.Password(address, user, stamp, secret), Stamp: stamp,
		Addresses: []string{"http://10.0.0.5:8007/csdlqgdc/037", address},
	}
}

func TestRecognise(t *testing.T) {
	t.Parallel()
	const stamp = "1700000000000"
	upper, elsewhere := proof("motcua", "s1", stamp), proof("motcua", "s1", stamp)
	upper.Password, elsewhere.Addresses = strings.ToUpper(upper.Password), elsewhere.Addresses[:1]
	for _, tt := range []struct {
		name  string
		proof contract.Proof
		want  string
	}{
		{"in milliseconds", proof("motcua", "s1", stamp), ""},
		{"in seconds", proof("motcua", "s1", "1700000300"), ""},
		{"in capitals", upper, ""},
		{"made for another address", elsewhere, contract.BadPassword},
		{"wrong secret", proof("motcua", "s2", stamp), contract.BadPassword},
		{"unknown", proof("nobody", "", stamp), contract.BadPassword},
		{"without a secret", proof("open", "", stamp), contract.BadPassword},
		{"off", proof("off", "s1", stamp), contract.BadPassword},
		{"no timestamp", proof("motcua", "s1", ""), contract.BadTimestamp},
		{"a timestamp in words", proof("motcua", "s1", "1700000000x"), contract.BadTimestamp},
		{"ten minutes ago", proof("motcua", "s1", "1699999400"), ""},
		{"more than ten minutes ago", proof("motcua", "s1", "1699999399"), contract.ClockOff},
		{"more than ten minutes ahead", proof("motcua", "s1", "1700000601"), contract.ClockOff},
	} {
		s, _ := newService()
		who, err := s.Recognise(t.Context(), tt.proof)
		if got := outcome(err); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
		if err == nil && who.Subsystem() != province {
			t.Errorf("%s: asks under %q", tt.name, who.Subsystem())
		}
	}
	s, m := newService()
	_, err := s.Recognise(t.Context(), proof("motcua", "s1", "1699999340"))
	var no *contract.Refusal
	if !errors.As(err, &no) || no.Off != 11*time.Minute {
		t.Errorf("%v, want eleven minutes off", err)
	}
	m.down = errors.New("disk")
	if _, err := s.Recognise(t.Context(), proof("motcua", "s1", stamp)); outcome(err) != "!" {
		t.Errorf("no store: %v", err)
	}
}

func TestRecogniseToken(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		token contract.Token
		want  string
	}{
		{"good", contract.Token{AccessKey: "ak", SecretKey: "sk", Key: "canbo.1", Pass: "k1"}, ""},
		{"wrong secret", contract.Token{AccessKey: "ak", SecretKey: "s", Key: "canbo.1", Pass: "k1"}, contract.BadToken},
		{"without a secret", contract.Token{AccessKey: "open", Key: "canbo.1", Pass: "k1"}, contract.BadToken},
		{"unknown", contract.Token{AccessKey: "nobody", Key: "canbo.1", Pass: "k1"}, contract.BadToken},
		{"off", contract.Token{AccessKey: "off", SecretKey: "s1", Key: "canbo.1", Pass: "k1"}, contract.BadToken},
		{"no officer", contract.Token{AccessKey: "ak", SecretKey: "sk"}, contract.BadAuthHash},
	} {
		s, _ := newService()
		if _, err := s.RecogniseToken(t.Context(), tt.token); outcome(err) != tt.want {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}

func TestAdmit(t *testing.T) {
	t.Parallel()
	good := contract.Question{Operation: "TraCuuThongTinCongDan", Code: "037", Officer: "canbo.1", Purpose: "1.001193", Request: "1"}
	with := func(change func(*contract.Question)) contract.Question {
		q := good
		change(&q)
		return q
	}
	password, token := proof("motcua", "s1", "1700000000000"), contract.Token{AccessKey: "ak", SecretKey: "sk", Key: "canbo.1", Pass: "k1"}
	wrong, other := token, token
	wrong.Pass, other.Key = "k2", "canbo.2"
	for _, tt := range []struct {
		name  string
		token *contract.Token // nil: by password
		q     contract.Question
		want  string
	}{
		{"good", nil, good, ""},
		{"a case of the procedure", nil, with(func(q *contract.Question) { q.Purpose = "1.001193.01" }), ""},
		{"a procedure that begins alike", nil, with(func(q *contract.Question) { q.Purpose = "1.0011930" }), contract.NoProcedure},
		{"another procedure", nil, with(func(q *contract.Question) { q.Purpose = "9.999999" }), contract.NoProcedure},
		{"another operation", nil, with(func(q *contract.Question) { q.Operation = "CungCapThongTinNhomMau" }), contract.NoRight},
		{"an officer who is off", nil, with(func(q *contract.Question) { q.Officer = "canbo.0" }), contract.NoRight},
		{"an officer of another agency", nil, with(func(q *contract.Question) { q.Officer = "canbo.9" }), contract.OtherAgency},
		{"an unknown officer", nil, with(func(q *contract.Question) { q.Officer = "ai.do" }), contract.NoRight},
		{"any code, as none was given", nil, with(func(q *contract.Question) { q.Code = "099" }), ""},
		{"by token", &token, good, ""},
		{"a code that was not given", &token, with(func(q *contract.Question) { q.Code = "001" }), contract.NoCode},
		{"wrong key", &wrong, good, contract.BadAuthHash},
		{"another's key", &other, good, contract.BadAuthHash},
	} {
		s, _ := newService()
		who, err := s.Recognise(t.Context(), password)
		if tt.token != nil {
			who, err = s.RecogniseToken(t.Context(), *tt.token)
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Admit(t.Context(), who, tt.q); outcome(err) != tt.want {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
	s, m := newService()
	who, err := s.Recognise(t.Context(), password)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"", contract.Repeated} {
		if err := s.Admit(t.Context(), who, good); outcome(err) != want {
			t.Errorf("%v, want %q", err, want)
		}
	}
	m.down = errors.New("disk")
	if err := s.Admit(t.Context(), who, good); outcome(err) != "!" {
		t.Errorf("no store: %v", err)
	}
	if err := s.Log(t.Context(), contract.Call{}); err == nil {
		t.Error("a call that was not logged passes")
	}
}

func TestOperations(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		element, code string
		want          bool
	}{
		{"TraCuuThongTinCongDan", "037", true},
		{"TraCuuThongTinCongDanRequest", "037", true},
		{"TraCuuThongTinCongDan", "099", false},
		{"CungCapThongTinNhomMau", "099", true},
		{"CungCapThongTinNhomMau", "037", false}, // another operation's
	} {
		op, ok := contract.OperationNamed(tt.element)
		if !ok || op.AnswersUnder(tt.code) != tt.want {
			t.Errorf("%s under %s: %v, %v", tt.element, tt.code, op, ok)
		}
	}
	if _, ok := contract.OperationNamed("TraCuuLuong"); ok {
		t.Error("an operation that nobody has")
	}
	if op, ok := contract.OperationOf("033"); !ok || op.Kind != contract.KindMatch || !op.AboutPerson() || op.AboutList() {
		t.Errorf("%+v, %v", op, ok)
	}
	if got := contract.Register("VN").String(); got != "VN/GOV/G01/DANCU" {
		t.Errorf("the register is %s", got)
	}
}
