package xroad_test

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"dean06/internal/xroad"
)

func TestParseID(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, in  string
		low, high int
		want      xroad.ID
		bad       bool
	}{
		{name: "a member", in: "VN/GOV/H55", low: 3, high: 3, want: xroad.ID{Instance: "VN", Class: "GOV", Member: "H55"}},
		{
			name: "a service, encoded", in: "VN/GOV/H55/TTHC/a%2Fb", low: 5, high: 5,
			want: xroad.ID{Instance: "VN", Class: "GOV", Member: "H55", Subsystem: "TTHC", Service: "a/b"},
		},
		{name: "too few parts", in: "VN/GOV", low: 3, high: 4, bad: true},
		{name: "too many parts", in: "VN/GOV/H55/TTHC/x", low: 3, high: 4, bad: true},
		{name: "six parts", in: "a/b/c/d/e/f", low: 1, high: 9, bad: true},
		{name: "an empty part", in: "VN//H55", low: 3, high: 3, bad: true},
		{name: "a part that climbs", in: "VN/GOV/..", low: 3, high: 3, bad: true},
		{name: "a part that climbs, encoded", in: "VN/GOV/%2e%2e", low: 3, high: 3, bad: true},
		{name: "a control character", in: "VN/GOV/H%0055", low: 3, high: 3, bad: true},
		{name: "a character that is not seen", in: "VN/GOV/H%E2%80%8B55", low: 3, high: 3, bad: true},
		{name: "half an escape", in: "VN/GOV/H5%5", low: 3, high: 3, bad: true},
		{name: "a part that is too long", in: "VN/GOV/" + strings.Repeat("x", xroad.MaxPart+1), low: 3, high: 3, bad: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := xroad.ParseID(tt.in, tt.low, tt.high)
			if (err != nil) != tt.bad || got != tt.want {
				t.Errorf("ParseID(%q) = %v, %v, want %v, bad %v", tt.in, got, err, tt.want, tt.bad)
			}
			if err != nil && len(err.Error()) > 200 {
				t.Errorf("the error repeats %d bytes of what somebody wrote", len(err.Error()))
			}
		})
	}
}

// TestIDRoundTrip: what is written is read as the same, as text and in JSON.
func TestIDRoundTrip(t *testing.T) {
	t.Parallel()
	part := rapid.StringMatching(`[A-Za-zĐđễ0-9 /%._-]{1,20}`).Filter(func(s string) bool { return s != "." && s != ".." })
	rapid.Check(t, func(t *rapid.T) {
		id := xroad.ID{Instance: part.Draw(t, "instance"), Class: part.Draw(t, "class"), Member: part.Draw(t, "member")}
		if rapid.Bool().Draw(t, "a service") {
			id.Subsystem = part.Draw(t, "subsystem")
			id = id.Of(part.Draw(t, "service"))
		}
		if got, err := xroad.ParseID(id.String(), 1, 5); err != nil || got != id {
			t.Fatalf("ParseID(%q) = %v, %v, want %v", id, got, err, id)
		}
		b, err := json.Marshal(id)
		if err != nil {
			t.Fatal(err)
		}
		var back xroad.ID
		if err := json.Unmarshal(b, &back); err != nil || back != id {
			t.Fatalf("from JSON %s: %v, %v, want %v", b, back, err, id)
		}
	})
}

func TestPartsOfAnID(t *testing.T) {
	t.Parallel()
	service := xroad.MustID("VN/GOV/H55/TTHC/match")
	if got, want := service.MemberID().String(), "VN/GOV/H55"; got != want {
		t.Errorf("member = %s, want %s", got, want)
	}
	if got, want := service.SubsystemID().String(), "VN/GOV/H55/TTHC"; got != want {
		t.Errorf("subsystem = %s, want %s", got, want)
	}
	if service.IsZero() || !(xroad.ID{}).IsZero() {
		t.Error("only an ID that names nothing is zero")
	}
	var none xroad.ID
	if err := none.UnmarshalText(nil); err != nil || !none.IsZero() {
		t.Errorf("empty text = %v, %v, want nothing", none, err)
	}
}

func TestCodes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		code   xroad.Code
		wrote  string // since 7.8
		status int
	}{
		{xroad.AccessDenied, "server.serverproxy.access_denied", 500},
		{xroad.ServiceUnreachable, "server.serverproxy.service_failed.network_error", 500},
		{xroad.InvalidClient, "client.clientproxy.invalid_client_identifier", 400},
	}
	for _, tt := range tests {
		if got := tt.code.In(xroad.StyleNew); got != tt.wrote {
			t.Errorf("%s in the new style = %s, want %s", tt.code, got, tt.wrote)
		}
		if got := tt.code.In(xroad.StyleOld); got != string(tt.code) {
			t.Errorf("%s in the old style = %s", tt.code, got)
		}
		for _, s := range []xroad.Style{xroad.StyleOld, xroad.StyleNew} {
			if got := xroad.ParseCode(tt.code.In(s)); got != tt.code {
				t.Errorf("ParseCode(%s) = %s, want %s", tt.code.In(s), got, tt.code)
			}
		}
		if got := tt.code.Status(); got != tt.status {
			t.Errorf("status of %s = %d, want %d", tt.code, got, tt.status)
		}
	}
	if got := xroad.ParseCode("Server.Other"); got != "Server.Other" {
		t.Errorf("a code that is not ours became %s", got)
	}
}
