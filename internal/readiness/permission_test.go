package readiness_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/readiness"
)

// TestPermissions is the whole table: each role, each action, on the own
// agency's return and on another's. y: may, n: may not, -: is not told that it exists.
// figures_reader is a programme's token with the scope; command is whoever may open the
// database, who holds no role.
func TestPermissions(t *testing.T) {
	t.Parallel()
	table := `
                 coordinator reviewer focal_point agency_leader leader auditor administrator figures_reader command
read_return      yy          yy       y-          y-            yy     yy      nn            nn             yy
read_draft       --          --       y-          y-            --     --      --            --             --
read_contact     yy          yy       y-          y-            nn     nn      nn            nn             yy
edit_draft       nn          nn       y-          n-            nn     nn      nn            nn             nn
submit_return    nn          nn       y-          n-            nn     nn      nn            nn             nn
withdraw_return  nn          nn       y-          n-            nn     nn      nn            nn             nn
approve_return   nn          nn       n-          y-            nn     nn      nn            nn             nn
set_approval     nn          nn       n-          y-            nn     nn      nn            nn             nn
import_return    yy          nn       n-          n-            nn     nn      nn            nn             yy
resolve_reading  yy          yy       n-          n-            nn     nn      nn            nn             nn
send_back        yy          yy       n-          n-            nn     nn      nn            nn             nn
accept_return    yy          yy       n-          n-            nn     nn      nn            nn             nn
reopen_return    yy          nn       n-          n-            nn     nn      nn            nn             nn
read_campaign    yy          yy       yy          yy            yy     yy      yy            yy             yy
read_intake      yy          yy       nn          nn            nn     yy      nn            nn             nn
enter_return     yy          nn       nn          nn            nn     nn      nn            nn             nn
read_figures     yy          yy       nn          nn            yy     yy      nn            yy             yy
read_board       yy          yy       nn          nn            yy     yy      nn            nn             yy
read_report      yy          yy       nn          nn            yy     yy      nn            nn             yy
manage_campaign  yy          nn       nn          nn            nn     nn      nn            nn             nn
remind           yy          nn       nn          nn            nn     nn      nn            nn             nn
`
	lines := strings.Split(strings.TrimSpace(table), "\n")
	roles, rows := strings.Fields(lines[0]), readiness.Permissions.Rows
	if len(roles) != len(readiness.Roles)+2 || len(lines)-1 != len(rows) {
		t.Fatalf("the table has %d roles and %d actions, want %d and %d", len(roles), len(lines)-1, len(readiness.Roles)+2, len(rows))
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
	for n, line := range lines[1:] {
		f := strings.Fields(line)
		action := rows[n].Action
		if string(action) != f[0] {
			t.Fatalf("action %d is %s, want %s", n, action, f[0])
		}
		for i, role := range roles {
			who := actor.Actor{Account: "acc", Agency: "H55", Roles: []string{role}}
			if role == "command" {
				who = actor.AtCommandLine()
			}
			got := string([]byte{verdict(readiness.Can(who, action, "H55")), verdict(readiness.Can(who, action, "H01"))})
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
		who    actor.Actor
		action readiness.Action
		agency string
		want   fault.Kind
	}{
		"nobody":                     {actor.Actor{}, readiness.ReadBoard, "", fault.Unsigned},
		"nobody with a role":         {actor.Actor{Roles: readiness.Roles}, readiness.ReadBoard, "", fault.Unsigned},
		"no role":                    {actor.Actor{Account: "a", Agency: "H55"}, readiness.ReadReturn, "H55", fault.Denied},
		"a focal point of no agency": {actor.Actor{Account: "a", Roles: []string{focal}}, readiness.ReadReturn, "", fault.Denied},
		"a focal point asks for all": {
			actor.Actor{Account: "a", Agency: "H55", Roles: []string{focal}}, readiness.ReadReturn, "", fault.NotFound,
		},
		"the agency without the role": {
			actor.Actor{Account: "a", Agency: "H55", Roles: []string{readiness.Auditor}}, readiness.EditDraft, "H55", fault.Denied,
		},
		"an unknown action": {actor.Actor{Account: "a", Agency: "H55", Roles: readiness.Roles}, "fly", "H55", fault.Denied},
		"two roles: reviewer and agency": {
			actor.Actor{Account: "a", Agency: "H55", Roles: []string{focal, readiness.Reviewer}}, readiness.ReadReturn, "H01", "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := readiness.Can(c.who, c.action, c.agency)
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
