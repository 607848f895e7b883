package readiness_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/platform/fault"
	"dean06/internal/readiness"
)

// TestPermissions is the whole table: each role, each action, on the own
// agency's return and on another's. y: may, n: may not, -: is not told that it exists.
func TestPermissions(t *testing.T) {
	t.Parallel()
	table := `
                 coordinator reviewer focal_point leader auditor administrator
read_return      yy          yy       y-          yy     nn      nn
read_draft       --          --       y-          --     --      --
read_contact     yy          yy       y-          nn     nn      nn
edit_draft       nn          nn       y-          nn     nn      nn
submit_return    nn          nn       y-          nn     nn      nn
withdraw_return  nn          nn       y-          nn     nn      nn
import_return    yy          nn       n-          nn     nn      nn
resolve_reading  yy          yy       n-          nn     nn      nn
send_back        yy          yy       n-          nn     nn      nn
accept_return    yy          yy       n-          nn     nn      nn
reopen_return    yy          nn       n-          nn     nn      nn
read_board       yy          yy       nn          yy     nn      nn
read_report      yy          yy       nn          yy     nn      nn
manage_campaign  yy          nn       nn          nn     nn      nn
remind           yy          nn       nn          nn     nn      nn
read_audit       nn          nn       nn          nn     yy      nn
manage_accounts  nn          nn       nn          nn     nn      yy
manage_org       nn          nn       nn          nn     nn      yy
`
	lines := strings.Split(strings.TrimSpace(table), "\n")
	roles := strings.Fields(lines[0])
	if len(roles) != len(readiness.Roles) || len(lines)-1 != len(readiness.Actions) {
		t.Fatalf("the table has %d roles and %d actions, want %d and %d", len(roles), len(lines)-1, len(readiness.Roles), len(readiness.Actions))
	}
	verdict := func(err error) byte {
		switch {
		case err == nil:
			return 'y'
		case fault.Of(err) == fault.Denied:
			return 'n'
		case fault.Of(err) == fault.NotFound:
			return '-'
		}
		return '?'
	}
	for _, line := range lines[1:] {
		f := strings.Fields(line)
		action := readiness.Action(f[0])
		if !slices.Contains(readiness.Actions, action) {
			t.Fatalf("there is no action %s", action)
		}
		for i, role := range roles {
			actor := readiness.Actor{Account: "acc", Agency: "H55", Roles: []readiness.Role{readiness.Role(role)}}
			got := string([]byte{verdict(readiness.Can(actor, action, "H55")), verdict(readiness.Can(actor, action, "H01"))})
			if got != f[i+1] {
				t.Errorf("%s, %s: %s, want %s", role, action, got, f[i+1])
			}
		}
	}
}

func TestPermissionEdges(t *testing.T) {
	t.Parallel()
	const focal = readiness.FocalPoint
	for name, c := range map[string]struct {
		actor  readiness.Actor
		action readiness.Action
		agency string
		want   fault.Kind
	}{
		"nobody":                         {readiness.Actor{}, readiness.ReadBoard, "", fault.Unsigned},
		"nobody with a role":             {readiness.Actor{Roles: readiness.Roles}, readiness.ReadBoard, "", fault.Unsigned},
		"no role":                        {readiness.Actor{Account: "a", Agency: "H55"}, readiness.ReadReturn, "H55", fault.Denied},
		"a focal point of no agency":     {readiness.Actor{Account: "a", Roles: []readiness.Role{focal}}, readiness.ReadReturn, "", fault.Denied},
		"a focal point asks for all":     {readiness.Actor{Account: "a", Agency: "H55", Roles: []readiness.Role{focal}}, readiness.ReadReturn, "", fault.NotFound},
		"the agency without the role":    {readiness.Actor{Account: "a", Agency: "H55", Roles: []readiness.Role{readiness.Auditor}}, readiness.EditDraft, "H55", fault.Denied},
		"an unknown action":              {readiness.Actor{Account: "a", Agency: "H55", Roles: readiness.Roles}, "fly", "H55", fault.Denied},
		"two roles: reviewer and agency": {readiness.Actor{Account: "a", Agency: "H55", Roles: []readiness.Role{focal, readiness.Reviewer}}, readiness.ReadReturn, "H01", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := readiness.Can(c.actor, c.action, c.agency)
			if c.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || fault.Of(err) != c.want {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func TestMasked(t *testing.T) {
	t.Parallel()
	c := readiness.Contact{FullName: "Nguyễn Văn Mẫu", Phone: "0912 345 678", Email: "mau.nguyen@tinh.example.vn"}
	want := readiness.Contact{FullName: "Nguyễn Văn Mẫu", Phone: "•••• ••• 678", Email: "m•••@tinh.example.vn"}
	if d := cmp.Diff(want, c.Masked()); d != "" {
		t.Error(d)
	}
	odd := readiness.Contact{Phone: "12", Email: "không có"}
	if d := cmp.Diff(readiness.Contact{Phone: "12", Email: "•••"}, odd.Masked()); d != "" {
		t.Error(d)
	}
}
