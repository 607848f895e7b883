package dossiernode

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"dean06/internal/dossier"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/node"
)

// command is "dean06 dossier …".
func command() node.Command {
	return node.Command{
		Name: name, Help: "Dossiers of an agency.", Value: &commands{},
		May: map[string]string{"list": "dossier.list", "show": "dossier.read"},
	}
}

type commands struct {
	List listCommand `cmd:"" help:"List dossiers, what is due first above; each is logged as a look, with why."`
	Show showCommand `cmd:"" help:"Show a dossier and what happened to it; logged as a look, with why."`
}

// database is the flags of both.
type database struct {
	DB string `name:"db" placeholder:"URL" default:"sqlite:${demo_dir}/thainguyen.db" help:"The agency's database: sqlite:PATH or postgres://user@host/name."`
	// Purpose stands on the page of each dossier that is shown.
	Purpose string `required:"" placeholder:"TEXT" help:"Why; it stands with each dossier that is shown, where its applicant reads it."`
	JSON    bool   `name:"json" help:"Print the answer for programs."`
	node.Lang
}

var errPurpose = errors.New("--purpose says nothing")

func (d database) open(ctx context.Context, p node.Program) (*Node, *node.Node, error) {
	if strings.TrimSpace(d.Purpose) == "" {
		return nil, nil, node.UsageError{Err: errPurpose}
	}
	n, err := p.Open(ctx, roleAgency, node.Database{DB: d.DB, Lang: d.Lang}.Settings(p), name, "procedure", "calendar")
	if err != nil {
		return nil, nil, err
	}
	self, _ := node.Find[*Node](n)
	return self, n, nil
}

type listCommand struct {
	database
	Status    int    `placeholder:"N" help:"Only those with this status of the national portal, 1 to 10."`
	Procedure string `placeholder:"CODE" help:"Only those of a procedure: 1.001193."`
	Agency    string `placeholder:"CODE" help:"Only those that an agency received or decides: H55.C05443."`
}

// line is a dossier in a list.
type line struct {
	Code        string  `json:"code"`
	Procedure   string  `json:"procedure"`
	Case        string  `json:"case"`
	Channel     string  `json:"channel"`
	Status      int     `json:"status"`
	Step        string  `json:"step"`
	Receiving   string  `json:"receiving"`
	Competent   string  `json:"competent"`
	Agency      string  `json:"agency"` // that has it now
	Applicant   string  `json:"applicant"`
	For         *string `json:"for"` // name of the one for whom they applied by authorisation; null: nobody
	Submitted   moment  `json:"submitted"`
	Received    moment  `json:"received"`
	Due         moment  `json:"due"`      // null while the clock stands
	Promised    moment  `json:"promised"` // the last day that was promised
	Provisional bool    `json:"provisional"`
	Done        moment  `json:"done"`
	HandedOver  moment  `json:"handed_over"`
	Supplements int     `json:"supplements"`
	Effect      *string `json:"effect"` // what the register was told: waiting, asked, refused, done; null: nothing
}

// moment is a moment in Vietnam; zero is null.
type moment time.Time

// MarshalJSON writes RFC 3339.
func (m moment) MarshalJSON() ([]byte, error) {
	if time.Time(m).IsZero() {
		return []byte("null"), nil
	}
	return json.Marshal(time.Time(m).In(clock.Zone).Format(time.RFC3339))
}

func lineOf(h dossier.Head) line {
	l := line{
		Code: h.Code, Procedure: h.Procedure, Case: h.Case, Channel: string(h.Channel), Status: int(h.Status), Step: h.Step,
		Receiving: h.Receiving, Competent: h.Competent, Agency: h.Agency, Applicant: h.Applicant, Submitted: moment(h.SubmittedAt),
		Received: moment(h.ReceivedAt), Due: moment(h.Due), Promised: moment(h.Promised), Provisional: h.Provisional, Done: moment(h.DoneAt),
		HandedOver: moment(h.HandedAt), Supplements: h.Supplements,
	}
	if h.Effect != "" {
		l.Effect = &h.Effect
	}
	if h.For != "" {
		l.For = &h.For
	}
	return l
}

// listed is the answer for programs.
type listed struct {
	Dossiers []line `json:"dossiers"`
}

// Run lists.
func (c listCommand) Run(ctx context.Context, p node.Program) error {
	q := dossier.ListQuery{Procedure: c.Procedure}
	if c.Status != 0 {
		if c.Status < 1 || c.Status > int(dossier.HandedOver) {
			return node.UsageError{Err: fmt.Errorf("--status is %d, want 1 to %d", c.Status, dossier.HandedOver)}
		}
		q.Statuses = []dossier.Status{dossier.Status(c.Status)}
	}
	if c.Agency != "" {
		q.Agencies = []string{c.Agency}
	}
	self, n, err := c.open(ctx, p)
	if err != nil {
		return err
	}
	defer n.Close()
	texts := c.Printer(p)
	out := listed{Dossiers: []line{}}
	for {
		page, err := self.service.All(ctx, actor.AtCommandLine(), q, c.Purpose)
		if err != nil {
			return err
		}
		for _, h := range page.Heads {
			if c.JSON {
				out.Dossiers = append(out.Dossiers, lineOf(h))
				continue
			}
			fmt.Fprintf(p.Out, "%s\t%s\t%s\t%s\t%s\n", h.Code, h.Procedure, texts.T(h.Status.Key()), day(texts, h.Promised), h.Applicant)
		}
		if q.After = page.Next; q.After == "" {
			break
		}
	}
	if c.JSON {
		return p.PrintJSON(out)
	}
	return nil
}

// day writes a day, or a dash for none.
func day(texts *i18n.Printer, t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return texts.Date(clock.DayOf(t))
}

type showCommand struct {
	database
	Code string `arg:"" help:"Code of the dossier."`
}

// shown is a dossier for programs. Answers stay in the database: here is how many there are,
// and where they came from.
type shown struct {
	line
	// Kind is that of the applicant, or of the one for whom they applied.
	Kind      string        `json:"kind"`
	Proved    *bool         `json:"for_proved"` // whether the register said that name and number of the other are one person's; null: there is nobody
	Available int           `json:"available"`  // facts of its form that the register has
	Filled    int           `json:"filled"`     // that arrived from it
	Asked     int           `json:"asked"`      // that a person typed
	Papers    []shownPaper  `json:"papers"`
	Results   []shownResult `json:"results"`
	Actions   []shownAction `json:"actions"`
}

type shownPaper struct {
	Requirement string `json:"requirement"`
	How         string `json:"how"`
	Name        string `json:"name,omitempty"`
	SHA256      string `json:"sha256,omitempty"`
	Size        int64  `json:"size"`
	Type        string `json:"type,omitempty"`
	Source      string `json:"source"`
	At          moment `json:"at"`
	Digitised   bool   `json:"digitised"`
	Reused      bool   `json:"reused"`
	Repository  bool   `json:"from_repository"`
	Removed     bool   `json:"removed"`
	Check       string `json:"check"`
}

type shownResult struct {
	Kind     string `json:"kind"`
	Number   string `json:"number"`
	SHA256   string `json:"sha256"`
	At       moment `json:"at"`
	Unsigned bool   `json:"unsigned"`
	Replaced bool   `json:"replaced"`
	Revoked  moment `json:"revoked"`
}

type shownAction struct {
	Seq    int    `json:"seq"`
	Verb   string `json:"verb"`
	At     moment `json:"at"`
	By     string `json:"by"` // name
	Agency string `json:"agency"`
	From   int    `json:"from"`
	To     int    `json:"to"`
	Step   string `json:"step"`
	Due    moment `json:"due"`
	Hash   string `json:"hash"`
}

func shownOf(v *dossier.View) shown {
	d := &v.Dossier
	out := shown{line: lineOf(d.Head()), Kind: d.Applicant.Kind, Papers: []shownPaper{}, Results: []shownResult{}, Actions: []shownAction{}}
	if d.For != nil {
		proved := d.For.Number != ""
		out.Kind, out.Proved = d.For.Kind, &proved
	}
	out.Available, out.Filled, out.Asked = v.Counts()
	for _, q := range d.Papers {
		out.Papers = append(out.Papers, shownPaper{
			Requirement: q.Requirement, How: string(q.How), Name: q.Name, SHA256: q.File, Size: q.Size, Type: q.Type, Source: q.Source,
			At: moment(q.At), Digitised: q.Digitised, Reused: q.Reused, Repository: q.Repository, Removed: q.Removed, Check: q.Check,
		})
	}
	for _, r := range d.Results {
		out.Results = append(out.Results, shownResult{
			Kind: r.Kind, Number: r.Number, SHA256: r.File, At: moment(r.At), Unsigned: r.Unsigned, Replaced: r.Replaced != "", Revoked: moment(r.Revoked),
		})
	}
	for _, a := range v.Actions {
		out.Actions = append(out.Actions, shownAction{
			Seq: a.Seq, Verb: string(a.Verb), At: moment(a.At), By: a.Name, Agency: a.Agency, From: int(a.From), To: int(a.To), Step: a.Step,
			Due: moment(a.Due), Hash: a.Hash,
		})
	}
	return out
}

// Run shows.
func (c showCommand) Run(ctx context.Context, p node.Program) error {
	self, n, err := c.open(ctx, p)
	if err != nil {
		return err
	}
	defer n.Close()
	v, err := self.service.Look(ctx, actor.AtCommandLine(), c.Code, c.Purpose)
	if err != nil {
		return err
	}
	s := shownOf(&v)
	if c.JSON {
		return p.PrintJSON(s)
	}
	texts := c.Printer(p)
	d := &v.Dossier
	fmt.Fprintln(p.Out, texts.T("cli.dossier.head", map[string]any{
		"code": d.Code, "procedure": v.Package.Name.In(c.Lang.Lang), "status": texts.T(d.Status.Key()), "promised": day(texts, d.Promised),
	}))
	fmt.Fprintln(p.Out, texts.T("cli.dossier.counts", map[string]any{"available": s.Available, "filled": s.Filled, "asked": s.Asked}))
	for _, q := range d.Papers {
		if !q.Removed {
			fmt.Fprintln(p.Out, texts.T("cli.dossier.paper", map[string]any{"name": v.PaperName(q.Requirement, c.Lang.Lang), "how": texts.T(q.How.Key())}))
		}
	}
	for _, a := range v.Actions {
		fmt.Fprintf(p.Out, "%s  %s  %s  %s\n", texts.Time(a.At), texts.T(a.Verb.Key()), a.Name, v.Names[a.Agency])
	}
	return nil
}
