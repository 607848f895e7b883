package dossiersql

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/dossier"
	"dean06/internal/platform/ledger"
)

// dossierRow is a row of dossier: what lists need of a dossier, and all of it.
type dossierRow struct {
	headRow
	CodeBack string     `db:"code_back"`
	NameKey  string     `db:"name_key"`
	Number   string     `db:"number"`
	Theirs   string     `db:"principal_number"` // of the one for whom it was filed
	AskedAt  *time.Time `db:"asked_at"`
	Doc      string     `db:"doc"`
	// How often the register was told in vain: no action says it, and no digest holds it.
	Tries    int64      `db:"tries"`
	TriedAt  *time.Time `db:"tried_at"`
	EffectAt *time.Time `db:"effect_at"`
}

// docRow is a dossier as it is read.
type docRow struct {
	Doc     string     `db:"doc"`
	Tries   int64      `db:"tries"`
	TriedAt *time.Time `db:"tried_at"`
}

const docColumns = `doc, tries, tried_at`

// headRow is the columns of a line of a list.
type headRow struct {
	ID          string     `db:"id"`
	Code        string     `db:"code"`
	Procedure   string     `db:"procedure"`
	Package     string     `db:"package"`
	Case        string     `db:"kase"`
	Channel     string     `db:"channel"`
	Applicant   string     `db:"applicant"`
	Principal   string     `db:"principal"`
	Account     string     `db:"account"`
	Status      int64      `db:"status"`
	Step        string     `db:"step"`
	Receiving   string     `db:"receiving"`
	Competent   string     `db:"competent"`
	Agency      string     `db:"agency"`
	Duty        string     `db:"duty"`
	Area        string     `db:"area"`
	Holder      string     `db:"holder"`
	Post        string     `db:"post"`
	SubmittedAt time.Time  `db:"submitted_at"`
	ReceivedAt  *time.Time `db:"received_at"`
	Due         *time.Time `db:"due"`
	StepDue     *time.Time `db:"step_due"`
	Promised    *time.Time `db:"promised"`
	Provisional bool       `db:"provisional"`
	DoneAt      *time.Time `db:"done_at"`
	HandedAt    *time.Time `db:"handed_at"`
	Supplements int64      `db:"supplements"`
	Effect      string     `db:"effect"`
	Warned      int64      `db:"warned"`
	Place       string     `db:"place"`
	Version     int64      `db:"version"`
	ChangedAt   time.Time  `db:"changed_at"`
}

const headColumns = `id, code, procedure, package, kase, channel, applicant, principal, account, status, step, receiving, competent, agency, duty, area,
	holder, post, submitted_at, received_at, due, step_due, promised, provisional, done_at, handed_at, supplements, effect, warned, place,
	version, changed_at`

const dossierColumns = headColumns + `, code_back, name_key, number, principal_number, asked_at, doc, tries, tried_at, effect_at`

func rowOf(d *dossier.Dossier) (dossierRow, error) {
	kept := *d
	if d.Effect != nil {
		e := *d.Effect
		e.Tries, e.TriedAt = 0, time.Time{}
		kept.Effect = &e
	}
	doc, err := json.Marshal(&kept)
	if err != nil {
		return dossierRow{}, fmt.Errorf("write dossier %s: %w", d.ID, err)
	}
	h := d.Head()
	r := dossierRow{
		headRow: headRow{
			ID: h.ID, Code: h.Code, Procedure: h.Procedure, Package: h.Package, Case: h.Case, Channel: string(h.Channel), Applicant: h.Applicant,
			Principal: h.For, Account: h.Account, Status: int64(h.Status), Step: h.Step, Receiving: h.Receiving, Competent: h.Competent, Agency: h.Agency,
			Duty: h.Duty, Area: h.Area, Holder: h.Holder, Post: h.Post, SubmittedAt: micro(h.SubmittedAt), ReceivedAt: moment(h.ReceivedAt),
			Due: moment(h.Due), StepDue: moment(h.StepDue), Promised: moment(h.Promised), Provisional: h.Provisional, DoneAt: moment(h.DoneAt),
			HandedAt: moment(h.HandedAt), Supplements: int64(h.Supplements), Effect: h.Effect, Warned: int64(h.Warned), Place: h.Order(),
			Version: int64(h.Version), ChangedAt: micro(h.ChangedAt),
		},
		CodeBack: backwards(d.Code), NameKey: citizen.Fold(d.Applicant.Called() + " " + d.For.Called()), Number: d.Applicant.Number,
		AskedAt: moment(d.Asked()), Doc: string(doc),
	}
	if d.For != nil {
		r.Theirs = d.For.Number
	}
	if e := d.Effect; e != nil {
		r.Tries, r.TriedAt, r.EffectAt = int64(e.Tries), moment(e.TriedAt), moment(e.TriedAt)
		if r.EffectAt == nil {
			r.EffectAt = moment(d.ChangedAt)
		}
	}
	return r, nil
}

func backwards(s string) string {
	b := []byte(s)
	slices.Reverse(b)
	return string(b)
}

// rowColumns are the columns of a row, in the order of values.
var rowColumns = strings.Fields(strings.ReplaceAll(dossierColumns, ",", " "))

func (r *dossierRow) values() []any {
	return []any{
		r.ID, r.Code, r.Procedure, r.Package, r.Case, r.Channel, r.Applicant, r.Principal, r.Account, r.Status, r.Step, r.Receiving,
		r.Competent, r.Agency, r.Duty, r.Area, r.Holder, r.Post, r.SubmittedAt, r.ReceivedAt, r.Due, r.StepDue, r.Promised, r.Provisional, r.DoneAt,
		r.HandedAt, r.Supplements, r.Effect, r.Warned, r.Place, r.Version, r.ChangedAt, r.CodeBack, r.NameKey, r.Number, r.Theirs,
		r.AskedAt, r.Doc, r.Tries, r.TriedAt, r.EffectAt,
	}
}

// state is the digest of everything that is stored of a dossier.
func (r *dossierRow) state() string {
	var d ledger.Row
	d.Text("dean06 dossier 1", r.ID, r.Code, r.CodeBack, r.Procedure, r.Package, r.Case, r.Channel, r.Applicant, r.NameKey, r.Number, r.Account,
		r.Step, r.Receiving, r.Competent, r.Agency, r.Duty, r.Area, r.Holder, r.Post, r.Effect, r.Place, r.Doc)
	if r.Principal != "" || r.Theirs != "" { // the columns are younger than the digest
		d.Text("principal", r.Principal, r.Theirs)
	}
	d.Num(r.Status, r.Supplements, r.Warned, r.Version)
	d.Yes(r.Provisional)
	d.At(&r.SubmittedAt, r.ReceivedAt, r.Due, r.StepDue, r.Promised, r.DoneAt, r.HandedAt, r.AskedAt, &r.ChangedAt)
	return hex.EncodeToString(d.Sum(nil))
}

func (r *headRow) head() dossier.Head {
	return dossier.Head{
		ID: r.ID, Code: r.Code, Procedure: r.Procedure, Package: r.Package, Case: r.Case, Channel: dossier.Channel(r.Channel),
		Applicant: r.Applicant, For: r.Principal, Account: r.Account, Status: dossier.Status(r.Status), Step: r.Step, Receiving: r.Receiving, Competent: r.Competent,
		Agency: r.Agency, Duty: r.Duty, Area: r.Area, Holder: r.Holder, Post: r.Post, SubmittedAt: r.SubmittedAt, ReceivedAt: when(r.ReceivedAt),
		Due: when(r.Due), StepDue: when(r.StepDue), Promised: when(r.Promised), Provisional: r.Provisional, DoneAt: when(r.DoneAt),
		HandedAt: when(r.HandedAt), Supplements: int(r.Supplements), Effect: r.Effect, Warned: int(r.Warned), Version: int(r.Version),
		ChangedAt: r.ChangedAt,
	}
}

func dossierOf(r docRow) (d dossier.Dossier, err error) {
	if err := json.Unmarshal([]byte(r.Doc), &d); err != nil {
		return d, fmt.Errorf("read dossier: %w", err)
	}
	if d.Effect != nil {
		d.Effect.Tries, d.Effect.TriedAt = int(r.Tries), when(r.TriedAt)
	}
	return d, nil
}

// words are those of the names, each once.
func (r *dossierRow) words() []string {
	list := strings.Fields(r.NameKey)
	slices.Sort(list)
	return slices.Compact(list)
}

// wordRow is a row of dossier_word.
type wordRow struct {
	Agency  string `db:"agency"`
	Word    string `db:"word"`
	Dossier string `db:"dossier"`
}

func (r *dossierRow) wordRows() []wordRow {
	var rows []wordRow
	for _, agency := range r.offices() {
		for _, word := range r.words() {
			rows = append(rows, wordRow{agency, word, r.ID})
		}
	}
	return rows
}

// proofRow is a row of dossier_proof.
type proofRow struct {
	Proof   string `db:"proof"`
	Dossier string `db:"dossier"`
	Paper   string `db:"paper"`
}

func proofRows(d *dossier.Dossier) []proofRow {
	var rows []proofRow
	for _, p := range d.Results {
		if p.Proof != "" {
			rows = append(rows, proofRow{p.Proof, d.ID, p.ID})
		}
	}
	return rows
}

// offices are the agencies that have to do with it.
func (r *dossierRow) offices() []string {
	list := []string{r.Receiving, r.Competent}
	slices.Sort(list)
	return slices.DeleteFunc(slices.Compact(list), func(a string) bool { return a == "" })
}

// actionRow is a row of dossier_action.
type actionRow struct {
	Seq     int64      `db:"seq"`
	Dossier string     `db:"dossier"`
	N       int64      `db:"n"`
	Verb    string     `db:"verb"`
	At      time.Time  `db:"at"`
	By      string     `db:"by_account"`
	Name    string     `db:"by_name"`
	Agency  string     `db:"agency"`
	Post    string     `db:"post"`
	From    int64      `db:"from_status"`
	To      int64      `db:"to_status"`
	Step    string     `db:"step"`
	Due     *time.Time `db:"due"`
	Data    string     `db:"data"`
	Before  string     `db:"before"`
	Hash    string     `db:"hash"`
	State   string     `db:"state"`
	Sum     []byte     `db:"sum"`
}

const actionColumns = `seq, dossier, n, verb, at, by_account, by_name, agency, post, from_status, to_status, step, due, data, before, hash, state, sum`

func actionRowOf(a *dossier.Action, state string) actionRow {
	return actionRow{
		Dossier: a.Dossier, N: int64(a.Seq), Verb: string(a.Verb), At: micro(a.At), By: a.By, Name: a.Name, Agency: a.Agency, Post: a.Post,
		From: int64(a.From), To: int64(a.To), Step: a.Step, Due: moment(a.Due), Data: string(a.Data), Before: a.Before, Hash: a.Hash, State: state,
	}
}

func (r *actionRow) action() dossier.Action {
	a := dossier.Action{
		Dossier: r.Dossier, Seq: int(r.N), Verb: dossier.Verb(r.Verb), At: r.At, By: r.By, Name: r.Name, Agency: r.Agency, Post: r.Post,
		From: dossier.Status(r.From), To: dossier.Status(r.To), Step: r.Step, Due: when(r.Due), Before: r.Before, Hash: r.Hash,
	}
	if r.Data != "" {
		a.Data = []byte(r.Data)
	}
	return a
}

func (r actionRow) Number() int64  { return r.Seq }
func (r actionRow) Stored() []byte { return r.Sum }

func (r actionRow) Fits() bool {
	a := r.action()
	return a.Hash == a.Sum()
}

func (r actionRow) Digest(before []byte) []byte {
	var d ledger.Row
	d.Text("dean06 dossier action 1", r.Dossier, r.Verb, r.By, r.Name, r.Agency, r.Post, r.Step, r.Data, r.Before, r.Hash, r.State)
	d.Num(r.Seq, r.N, r.From, r.To)
	d.At(&r.At, r.Due)
	return d.Sum(before)
}

// lookRow is a row of dossier_look.
type lookRow struct {
	Seq     int64     `db:"seq"`
	Dossier string    `db:"dossier"`
	At      time.Time `db:"at"`
	By      string    `db:"by_account"`
	Name    string    `db:"by_name"`
	Agency  string    `db:"agency"`
	Purpose string    `db:"purpose"`
	What    string    `db:"what"`
	Sum     []byte    `db:"sum"`
}

const lookColumns = `seq, dossier, at, by_account, by_name, agency, purpose, what, sum`

func (r *lookRow) look() dossier.Look {
	return dossier.Look{Dossier: r.Dossier, By: r.By, Name: r.Name, Agency: r.Agency, Purpose: r.Purpose, At: r.At, What: r.What}
}

func (r lookRow) Number() int64  { return r.Seq }
func (r lookRow) Stored() []byte { return r.Sum }
func (r lookRow) Fits() bool     { return true }

func (r lookRow) Digest(before []byte) []byte {
	var d ledger.Row
	d.Text("dean06 dossier look 1", r.Dossier, r.By, r.Name, r.Agency, r.Purpose, r.What)
	d.Num(r.Seq)
	d.At(&r.At)
	return d.Sum(before)
}

// draftRow is a row of dossier_draft.
type draftRow struct {
	ID        string    `db:"id"`
	Account   string    `db:"account"`
	Procedure string    `db:"procedure"`
	Sent      string    `db:"sent"`
	Supplies  string    `db:"supplies"`
	Version   int64     `db:"version"`
	CreatedAt time.Time `db:"created_at"`
	ChangedAt time.Time `db:"changed_at"`
	Doc       string    `db:"doc"`
}

func draftRowOf(d *dossier.Draft) (draftRow, error) {
	doc, err := json.Marshal(d)
	if err != nil {
		return draftRow{}, fmt.Errorf("write draft %s: %w", d.ID, err)
	}
	return draftRow{
		ID: d.ID, Account: d.Account, Procedure: d.Procedure, Sent: d.Sent, Supplies: d.Supplies, Version: int64(d.Version),
		CreatedAt: micro(d.CreatedAt), ChangedAt: micro(d.ChangedAt), Doc: string(doc),
	}, nil
}

func draftOf(doc string) (d dossier.Draft, err error) {
	if err := json.Unmarshal([]byte(doc), &d); err != nil {
		return d, fmt.Errorf("read draft: %w", err)
	}
	return d, nil
}

// micro is a moment as both engines keep it.
func micro(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// moment is a moment that may not have come; zero is NULL.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = micro(t)
	return &t
}

func when(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}
