package app

import (
	"cmp"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	gocmp "github.com/google/go-cmp/cmp"

	"dean06/internal/platform/i18n"
	"dean06/internal/platform/node"
	"dean06/internal/platform/permit"
)

var update = flag.Bool("update", false, "write docs/permissions.md anew")

const document = "../../docs/permissions.md"

// within are the actions that no page or command asks for, and where they are asked.
var within = map[string]string{
	"approval.read":             "the pages of approvals, which show the others what concerns them",
	"approval.emergencies":      "the pages of emergencies, which show the others their own",
	"cleaning.settle":           "services of the exchange",
	"cleaning.fetch":            "services of the exchange",
	"dossier.registered":        "what is done to a dossier, whatever page it is sent from",
	"dossier.effect_failed":     "what is done to a dossier, whatever page it is sent from",
	"dossier.warned":            "what is done to a dossier, whatever page it is sent from",
	"dossier.answered":          "what is done to a dossier, whatever page it is sent from",
	"dossier.recounted":         "what is done to a dossier, whatever page it is sent from",
	"dossier.read_chain":        "the log of a dossier",
	"dossier.run":               "jobs",
	"identity.run":              "jobs",
	"org.appoint_personal":      "the page that gives a position",
	"population.answer":         "services of the exchange",
	"population.look_near":      "the rows of cleaned files, which the police of a commune see beside its people",
	"population.report":         "services of the exchange",
	"population.report_mistake": "services of the exchange",
	"readiness.read_draft":      "the page of a return, as long as it is being written",
}

// rows are the tables of all nodes, each row once; who a node lets read the log is joined.
func rows() []permit.Line {
	var out []permit.Line
	for _, role := range Roles {
		_, modules := Build(role)
		for _, l := range node.Permissions(modules) {
			i := slices.IndexFunc(out, func(o permit.Line) bool { return o.Name() == l.Name() })
			if i < 0 {
				l.Roles = slices.Clone(l.Roles)
				out = append(out, l)
				continue
			}
			for _, r := range l.Roles {
				if !slices.Contains(out[i].Roles, r) {
					out[i].Roles = append(out[i].Roles, r)
				}
			}
		}
	}
	return out
}

// TestPermissionsAreUsed: each row is asked by a page, a call or a command, or it is said
// where; each has its name in both languages.
func TestPermissionsAreUsed(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	for _, may := range Commands() {
		used[may] = true
	}
	for _, role := range Roles {
		for _, p := range pagesOf(openNode(t, role).node) {
			used[p.may] = true
		}
	}
	catalogue, err := Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, l := range rows() {
		names[l.Name()] = true
		if used[l.Name()] == (within[l.Name()] != "") {
			t.Errorf("%s: asked by a page or a command: %v; listed as asked within: %q", l.Name(), used[l.Name()], within[l.Name()])
		}
		if key := l.Module + ".may." + l.Action; !catalogue.Has(key) {
			t.Errorf("%s has no text", key)
		}
	}
	for name := range within {
		if !names[name] {
			t.Errorf("%s is listed and no row", name)
		}
	}
}

// TestPermissionsOfCommands: a command asks a row that the command line has.
func TestPermissionsOfCommands(t *testing.T) {
	t.Parallel()
	lines := rows()
	for command, may := range Commands() {
		i := slices.IndexFunc(lines, func(l permit.Line) bool { return l.Name() == may })
		switch {
		case may == "anyone":
		case i < 0:
			t.Errorf("dean06 %s asks %q, which is no row of a table", command, may)
		case !lines[i].Command:
			t.Errorf("dean06 %s asks %s, which the command line has not", command, may)
		}
	}
}

// TestPermissionsDocument holds docs/permissions.md against the tables; -update writes it.
func TestPermissionsDocument(t *testing.T) {
	t.Parallel()
	catalogue, err := Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	nodes := map[string]*node.Node{}
	for _, role := range Roles {
		nodes[role] = openNode(t, role).node
	}
	d := permissionsDocument{vi: catalogue.In(i18n.Vi), en: catalogue.In(i18n.En), nodes: nodes}
	want := d.write()
	if *update {
		if err := os.WriteFile(document, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(want, string(got)); diff != "" {
		t.Errorf(
			"docs/permissions.md is not what the tables say; go test ./internal/app -run Permissions -update writes it (-want +got):\n%s",
			diff,
		)
	}
}

type permissionsDocument struct {
	strings.Builder
	vi, en *i18n.Printer
	nodes  map[string]*node.Node
}

func (d *permissionsDocument) line(format string, args ...any) { fmt.Fprintf(d, format+"\n", args...) }

func (d *permissionsDocument) write() string {
	d.line("# Who may do what\n")
	d.line("Generated from the tables of the modules; `go test ./internal/app -run Permissions -update` writes it anew. The test asks every")
	d.line("node for every page as every role, and holds the answers against these tables.\n")
	d.line(
		"- **who**: the roles that may do it to everything; *own*: the roles that may do it to what is theirs (their agency's, their own data).",
	)
	d.line("- **line**: whoever can open the database may do it at the command line; they are logged as the user of the machine.")
	d.line("- **why**: a reason must be given, and is logged.")
	d.line("- **two**: it takes effect only when a second person has approved it.\n")
	d.roles()
	d.tables()
	d.pages()
	d.commands()
	return d.String()
}

// holders are what no account holds.
var holders = map[string]string{
	"exchange.right": "a system that asks through the exchange, by a right",
	"figures_reader": "a programme whose token carries the scope of figures",
	"program":        "the program itself", "gateway": "a gateway of the exchange, by its signature",
}

func (d *permissionsDocument) roles() {
	d.line("## Roles\n")
	d.line("| role | vai trò | nodes | |")
	d.line("|---|---|---|---|")
	on, all := map[string][]string{}, map[string]node.Role{}
	for _, role := range Roles {
		h, _ := Build(role)
		for _, r := range h.Roles() {
			on[r.Code], all[r.Code] = append(on[r.Code], role), r
		}
	}
	for _, code := range slices.SortedFunc(maps.Keys(all), func(a, b string) int { return cmp.Or(len(on[b])-len(on[a]), cmp.Compare(a, b)) }) {
		var more []string
		for what, is := range map[string]bool{
			"reads the log": all[code].ReadsLog, "opens personal data or gives rights": all[code].Personal,
			"bound to a person's number by proof": all[code].Bound, "decides for other nodes": all[code].Deputy,
		} {
			if is {
				more = append(more, what)
			}
		}
		if by := all[code].Emergency; len(by) > 0 {
			more = append(more, "may be taken in an emergency by "+strings.Join(by, ", "))
		}
		slices.Sort(more)
		where := strings.Join(on[code], ", ")
		if len(on[code]) == len(Roles) {
			where = "all"
		}
		d.line("| `%s` %s | %s | %s | %s |", code, d.en.T("role."+code), d.vi.T("role."+code), where, strings.Join(more, "; "))
	}
	d.line("\nNo account holds these:\n")
	for _, code := range slices.Sorted(maps.Keys(holders)) {
		d.line("- `%s`: %s.", code, holders[code])
	}
}

func (d *permissionsDocument) tables() {
	d.line("\n## Actions")
	module := ""
	for _, l := range rows() {
		if l.Module != module {
			module = l.Module
			d.line("\n### %s\n", module)
			d.line("| action | việc | who | line | why | two |")
			d.line("|---|---|---|---|---|---|")
		}
		key := l.Module + ".may." + l.Action
		d.line("| `%s` %s | %s | %s | %s | %s | %s |", l.Action, first(d.en.T(key), unicode.ToLower), first(d.vi.T(key), unicode.ToUpper), who(l),
			mark(l.Command), mark(l.Purpose), mark(l.Second))
	}
	d.line("\nNo page and no command asks for these:\n")
	for _, name := range slices.Sorted(maps.Keys(within)) {
		d.line("- %s: %s.", name, within[name])
	}
}

func who(l permit.Line) string {
	var out []string
	if l.Everybody {
		out = append(out, "everybody signed in")
	}
	out = append(out, l.Roles...)
	for _, r := range l.Own {
		out = append(out, r+" *own*")
	}
	if l.EverybodyOwn {
		out = append(out, "everybody signed in *own*")
	}
	return cmp.Or(strings.Join(out, ", "), "—")
}

func mark(b bool) string {
	if b {
		return "✓"
	}
	return ""
}

func first(s string, change func(rune) rune) string {
	r, size := utf8.DecodeRuneInString(s)
	return string(change(r)) + s[size:]
}

func (d *permissionsDocument) pages() {
	d.line("\n## Pages and calls")
	common := map[page]int{}
	for _, n := range d.nodes {
		for _, p := range pagesOf(n) {
			common[p]++
		}
	}
	list := func(title string, n *node.Node, is func(page) bool) {
		d.line("\n### %s\n", title)
		d.line("| page | asks |")
		d.line("|---|---|")
		for _, p := range pagesOf(n) {
			if is(p) {
				d.line("| `%s` | %s |", p.pattern, p.may)
			}
		}
	}
	list("On every node", d.nodes[Board], func(p page) bool { return common[p] == len(Roles) })
	for _, role := range Roles {
		title := fmt.Sprintf("%s · %s", d.en.T("node.name."+role), d.vi.T("node.name."+role))
		list(fmt.Sprintf("`%s`: %s", role, title), d.nodes[role], func(p page) bool { return common[p] < len(Roles) })
	}
}

func (d *permissionsDocument) commands() {
	d.line("\n## Commands\n")
	d.line("*anyone* is whoever has the program and may open the files that they name.\n")
	d.line("| command | asks |")
	d.line("|---|---|")
	all := Commands()
	for _, command := range slices.Sorted(maps.Keys(all)) {
		d.line("| `dean06 %s` | %s |", command, all[command])
	}
}
