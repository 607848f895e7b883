package passkey_test

import (
	"encoding/json"
	"errors"
	"testing"

	"dean06/internal/identity"
	"dean06/internal/identity/passkey"
)

// What a real key answers, identityweb tries in a browser.

func TestOptions(t *testing.T) {
	t.Parallel()
	k, err := passkey.New("https://dinhdanh.example.vn", "Định danh")
	if err != nil {
		t.Fatal(err)
	}
	who := identity.KeyHolder{Account: "a-1", Name: "Trần Thị Mẹ"}
	raw, _, err := k.New(who, nil)
	if err != nil {
		t.Fatal(err)
	}
	var made struct {
		RP struct {
			ID string `json:"id"`
		} `json:"rp"`
		Selection struct {
			Resident string `json:"residentKey"`
			Verify   string `json:"userVerification"`
		} `json:"authenticatorSelection"`
	}
	if err := json.Unmarshal(raw, &made); err != nil {
		t.Fatal(err)
	}
	if made.RP.ID != "dinhdanh.example.vn" || made.Selection.Resident != "required" || made.Selection.Verify != "required" {
		t.Errorf("a new key is asked for as %s", raw)
	}
	about := make([]byte, 32)
	one, _, err := k.Ask(identity.KeyHolder{}, nil, about)
	if err != nil {
		t.Fatal(err)
	}
	var asked struct {
		Challenge string `json:"challenge"`
		Verify    string `json:"userVerification"`
		Allow     []any  `json:"allowCredentials"`
	}
	if err := json.Unmarshal(one, &asked); err != nil {
		t.Fatal(err)
	}
	if asked.Challenge != "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" || asked.Verify != "required" || len(asked.Allow) != 0 {
		t.Errorf("asked %s", one)
	}
	a, _, err1 := k.Ask(identity.KeyHolder{}, nil, nil)
	b, _, err2 := k.Ask(identity.KeyHolder{}, nil, nil)
	if err := errors.Join(err1, err2); err != nil || string(a) == string(b) {
		t.Errorf("two questions are one: %s, %v", a, err)
	}
}

func TestAddressInNumbers(t *testing.T) {
	t.Parallel()
	k, err := passkey.New("http://127.0.0.1:8016", "Định danh")
	if err == nil {
		_, _, err = k.New(identity.KeyHolder{Account: "a-1", Name: "Trần Thị Mẹ"}, nil)
	}
	if err == nil {
		t.Error("an address in numbers has keys")
	}
}

func FuzzAnswers(f *testing.F) {
	k, err := passkey.New("https://dinhdanh.example.vn", "Định danh")
	if err != nil {
		f.Fatal(err)
	}
	who := identity.KeyHolder{Account: "a-1", Name: "Trần Thị Mẹ"}
	_, created, err1 := k.New(who, nil)
	_, asked, err2 := k.Ask(identity.KeyHolder{}, nil, nil)
	if err := errors.Join(err1, err2); err != nil {
		f.Fatal(err)
	}
	f.Add(`{}`)
	f.Add(`{"id":"AA","rawId":"AA","type":"public-key","response":{"clientDataJSON":"e30","authenticatorData":"AA","signature":"AA","userHandle":"YS0x"}}`)
	f.Add(`{"id":"AA","rawId":"AA","type":"public-key","response":{"clientDataJSON":"e30","attestationObject":"oA"}}`)
	f.Fuzz(func(t *testing.T, answer string) {
		if _, _, err := k.Made(who, created, []byte(answer)); err == nil {
			t.Errorf("%q makes a key", answer)
		}
		_, err := k.Shown(asked, []byte(answer), func([]byte) (identity.KeyHolder, []byte, error) { return who, []byte(`{"id":"AA=="}`), nil })
		if err == nil {
			t.Errorf("%q is a key", answer)
		}
	})
}
