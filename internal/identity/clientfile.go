package identity

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"slices"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/strictjson"
)

// clientFile is a registration as a file has it: the names of RFC 7591, and those that it
// leaves to us (owner, contract, purposes, level, without_pkce).
type clientFile struct {
	Client
	Name            string   `json:"client_name"`
	NameVi          string   `json:"client_name#vi"`
	NameEn          string   `json:"client_name#en"`
	ResponseTypes   []string `json:"response_types"`
	ApplicationType string   `json:"application_type"`
	notUsed
	// Not for a file to say, though a client as it is kept says it.
	Kept         notInFile `json:"name"`
	State        notInFile `json:"state"`
	Change       notInFile `json:"change"`
	RegisteredBy notInFile `json:"registered_by"`
	Reason       notInFile `json:"reason"`
}

// notUsed are members of RFC 7591 and OpenID Connect Registration that change nothing here: what
// a client may ask for follows from its purposes, its keys say with what they sign, the session
// is always named at logout, and pages show the name alone.
type notUsed struct {
	Scope       json.RawMessage `json:"scope"`
	Contacts    json.RawMessage `json:"contacts"`
	ClientURI   json.RawMessage `json:"client_uri"`
	LogoURI     json.RawMessage `json:"logo_uri"`
	TermsURI    json.RawMessage `json:"tos_uri"`
	PolicyURI   json.RawMessage `json:"policy_uri"`
	Software    json.RawMessage `json:"software_id"`
	Version     json.RawMessage `json:"software_version"`
	AuthAlg     json.RawMessage `json:"token_endpoint_auth_signing_alg"`
	AuthTime    json.RawMessage `json:"require_auth_time"`
	LogoutNamed json.RawMessage `json:"backchannel_logout_session_required"`
}

// names are those that the file has.
func (n notUsed) names() []string {
	var out []string
	v := reflect.ValueOf(n)
	for i := range v.NumField() {
		if v.Field(i).Len() > 0 {
			out = append(out, v.Type().Field(i).Tag.Get("json"))
		}
	}
	return out
}

type notInFile struct{}

// UnmarshalJSON fails.
func (*notInFile) UnmarshalJSON([]byte) error { return strictjson.ErrUnknown }

// Own is the owner of the authority's own clients.
const Own = "authority"

// ReadClient reads a registration; owner is whose it is when the file does not say. A member that is unknown or stands twice, and what the
// rules refuse, is Invalid with the line on which it stands; all faults are told at once.
func ReadClient(raw []byte, owner string) (Client, error) {
	var doc clientFile
	err := strictjson.Read(raw, &doc)
	var wrong *strictjson.Error
	if errors.As(err, &wrong) {
		args := fault.Args{"line": wrong.Line, "at": wrong.At, "detail": wrong.Err.Error()}
		key := "identity.client.file.broken"
		switch {
		case errors.Is(wrong.Err, strictjson.ErrUnknown):
			key = "identity.client.file.unknown"
		case errors.Is(wrong.Err, strictjson.ErrTwice):
			key = "identity.client.file.twice"
		case wrong.At != "":
			key = "identity.client.file.kind"
		}
		return Client{}, fault.New(fault.Invalid, key, args).Because(err)
	}
	if err != nil {
		return Client{}, err
	}
	c := doc.Client
	c.NotUsed = doc.names()
	if c.Owner == "" {
		c.Owner = owner
	}
	c.Name = Text{Vi: doc.NameVi, En: doc.NameEn}
	if c.Name.Vi == "" {
		c.Name.Vi = doc.Name
	}
	if c.ID == "" { // Register makes one
		c.ID = "new"
	}
	c.Tidy()
	var faults fault.List
	for _, t := range doc.ResponseTypes {
		if t != "code" {
			faults = append(faults, choice("response_types", t, "code"))
		}
	}
	if t := doc.ApplicationType; t != "" && t != "web" && t != "native" {
		faults = append(faults, choice("application_type", t, "web, native"))
	}
	var rules fault.List
	if err := c.Check(); errors.As(err, &rules) {
		faults = append(faults, rules...)
	} else if err != nil {
		return Client{}, err
	}
	if c.ID == "new" {
		c.ID = ""
	}
	if len(faults) == 0 {
		return c, nil
	}
	for i, f := range faults {
		args := fault.Args{"line": lineOf(raw, f.Field)}
		for k, v := range f.Args {
			args[k] = v
		}
		at := *f
		at.Args = args
		faults[i] = &at
	}
	return Client{}, faults
}

func choice(field, value, among string) *fault.Error {
	return fault.New(fault.Invalid, "identity.client.bad.choice", fault.Args{"field": field, "value": clip(value), "among": among}).At(field)
}

// lineOf is the line on which a member of the document stands; 1 for one that is missing.
func lineOf(raw []byte, member string) int {
	for _, name := range []string{member, member + "#vi"} {
		quoted, err := json.Marshal(name)
		if err != nil {
			continue
		}
		if i := bytes.Index(raw, quoted); i >= 0 {
			return strictjson.Line(raw, int64(i))
		}
	}
	return 1
}

// Registered is a registration as it is answered (RFC 7591, section 3.2.1): the names of the
// file, and what was decided here.
type Registered struct {
	Client

	Name          string   `json:"client_name"`
	NameEn        string   `json:"client_name#en,omitempty"`
	ResponseTypes []string `json:"response_types,omitempty"`
	IssuedAt      int64    `json:"client_id_issued_at"`
	Secret        string   `json:"client_secret,omitempty"` // told once
	SecretEnds    *int64   `json:"client_secret_expires_at,omitempty"`
	NotUsed       []string `json:"not_used,omitempty"` // members of the file that change nothing here
	// What a client is kept with and an answer has in other words, or not at all.
	Kept         *notInFile `json:"name,omitempty"`
	RegisteredBy *notInFile `json:"registered_by,omitempty"`
}

// Answer is what whoever registered a client is told; secret is "" when it has none, or was told
// it before.
func (c Client) Answer(secret string) Registered {
	out := Registered{Client: c, Name: c.Name.Vi, NameEn: c.Name.En, IssuedAt: c.CreatedAt.Unix(), Secret: secret, NotUsed: c.NotUsed}
	if slices.Contains(c.Grants, GrantCode) {
		out.ResponseTypes = []string{"code"}
	}
	if secret != "" {
		out.SecretEnds = new(int64) // 0: it does not end
	}
	return out
}
