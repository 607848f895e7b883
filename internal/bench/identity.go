package bench

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"dean06/internal/app"
	"dean06/internal/identity"
	"dean06/internal/identity/identitysql"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/ledger/ledgersql"
	"dean06/internal/platform/measure"
	"dean06/internal/platform/opaque"
	gate "dean06/internal/platform/password"
	"dean06/internal/platform/sqldb"
	"dean06/internal/population"
	"dean06/internal/population/people"
)

// Identity measures sign-ins at the authority's node, a process of its own, flushed to disk as
// in production: of services whose holder is signed in already, of a service itself, and of
// holders with their passwords.
type Identity struct {
	Program string        // dean06 itself
	DB      string        // an empty database; "" is a temporary one of SQLite
	Callers []int         // 1, 32 and 256 when empty
	For     time.Duration // of each measurement
	Step    func(section string)
}

// identityRun is one run.
type identityRun struct {
	Identity
	out     Result
	dir     string
	node    *site
	service *relying
	holders []holding
	asked   atomic.Int64 // sign-ins that were answered
}

// holding is an account of a person, with their sign-in.
type holding struct {
	number string
	*surfer
}

// passwordCallers bounds how many bring passwords at once: beyond this the node asks them to
// come again, as it should.
const passwordCallers = 32

// Run measures. It fails with Conflict when the database is not empty.
func (o Identity) Run(ctx context.Context) (b Result, err error) {
	if len(o.Callers) == 0 {
		o.Callers = []int{1, 32, 256}
	}
	r := &identityRun{Identity: o, out: Result{Machine: measure.ThisMachine(), N: slices.Max(o.Callers)}}
	if r.dir, err = os.MkdirTemp("", "dean06-bench-"); err != nil {
		return b, err
	}
	defer func() {
		if r.node != nil {
			err = errors.Join(err, r.node.stop())
		}
		err = errors.Join(err, os.RemoveAll(r.dir))
	}()
	err = inSteps(ctx, o.Step, []step{
		{"start", r.start},
		{"sign_in", r.signIns},
		{"client_credentials", r.ownTokens},
		{"password", r.passwords},
		{"sign_ins_logged", r.logged},
	})
	if err != nil {
		return b, err
	}
	r.out.LoadAfter = measure.LoadAverage()
	return r.out, nil
}

// start fills a database and starts the authority's node on it.
func (r *identityRun) start(ctx context.Context) error {
	if r.DB == "" {
		r.DB = "sqlite:" + filepath.Join(r.dir, "authority.db")
	}
	if err := r.fill(ctx); err != nil {
		return err
	}
	address, err := freeAddress(ctx)
	if err != nil {
		return err
	}
	issuer := strings.Replace("http://"+address, "127.0.0.1", "localhost", 1)
	n := &member{role: app.Authority, dir: r.dir, db: r.DB, pages: address, code: "G01"}
	for _, to := range []*string{&n.local, &n.peer} {
		if *to, err = freeAddress(ctx); err != nil {
			return err
		}
	}
	text := n.config() + fmt.Sprintf("issuer = %q\n[log]\nlevel = \"warn\"\n", issuer)
	if err := os.WriteFile(n.in("dean06.toml"), []byte(text), 0o600); err != nil {
		return err
	}
	if r.node, err = serve(ctx, r.dir, r.Program, address, "serve", "--config", n.in("dean06.toml")); err != nil {
		return err
	}
	visitors := make([]*surfer, len(r.holders))
	for i, h := range r.holders {
		visitors[i] = h.surfer
	}
	r.service, err = newRelying(address, doors{
		par: issuer + "/oauth/par", authorize: issuer + "/oauth/authorize", token: issuer + "/oauth/token", pages: issuer,
	}, visitors)
	return err
}

// identityPassword is that of every holder.
const identityPassword = "mat-khau-cua-ban-do-06"

// fill makes the accounts, a sign-in of each, and the client, as the node would.
func (r *identityRun) fill(ctx context.Context) (err error) {
	db, err := opened(ctx, r.DB, "", audit.Migrate, jobs.Migrate, ledgersql.Migrate, identitysql.Migrate)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	r.out.Engine = string(db.Engine())
	hash, err := gate.NewGate(gate.Usual).Hash(ctx, identityPassword)
	if err != nil {
		return err
	}
	now := clock.System{}.Now()
	return identitysql.New(db).InTx(ctx, func(tx identity.Tx) error {
		r.holders = nil
		err := tx.SaveClient(ctx, identity.Client{
			ID: clientID, Owner: "H55", State: identity.ClientApproved, Contract: identity.Standard, Name: identity.Text{Vi: "Dịch vụ đo tải", En: "Load service"},
			RedirectURIs: []string{clientBack}, Grants: []string{identity.GrantCode, identity.GrantClient}, Auth: identity.AuthBasic,
			Secret: opaque.Hash(clientSecret), PushedOnly: true, DPoPOnly: true, CreatedAt: now,
			Purposes: []identity.Purpose{{
				Code: "do-tai", Text: identity.Text{Vi: "Đo tải", En: "Load"}, Basis: "Luật Căn cước 2023, Điều 33", Claims: []string{identity.ClaimName}, Law: true,
			}},
		})
		if err != nil {
			return err
		}
		return people.Generate(2*r.out.N, seed, func(p population.Person) error {
			if p.Life != population.Alive || len(r.holders) == r.out.N {
				return nil
			}
			return r.enrol(ctx, tx, p, hash, now)
		}, people.Options{})
	})
}

func (r *identityRun) enrol(ctx context.Context, tx identity.Tx, p population.Person, hash string, now time.Time) error {
	a := identity.Account{
		ID: sqldb.NewID(), Holder: identity.OfCitizen(p.Number), Level: identity.Two, LevelAt: now, State: identity.Active, CreatedAt: now, UpdatedAt: now,
		Attributes: []identity.Attribute{
			{Field: identity.FieldName, Value: p.Name, Basis: identity.FromRegister, Since: now},
			{Field: identity.FieldBirth, Value: p.Birth.String(), Basis: identity.FromRegister, Since: now},
		},
	}
	token := opaque.New()
	s := identity.Session{
		ID: sqldb.NewID(), Token: opaque.Hash(token), Account: a.ID, Methods: []identity.Method{identity.ByKey}, Level: identity.Two,
		Address: "127.0.0.1", Agent: "bench", CreatedAt: now, AuthAt: now, SeenAt: now, ExpiresAt: now.Add(12 * time.Hour),
	}
	r.holders = append(r.holders, holding{p.Number.Reveal(), &surfer{cookies: map[string]string{"dean06-identity": token}}})
	return errors.Join(
		tx.SaveAccount(ctx, a),
		tx.AddEntry(ctx, identity.Entry{Account: a.ID, At: now, What: "opened", By: actor.OfSystem(identity.Program)}),
		tx.SaveSecrets(ctx, identity.Secrets{Account: a.ID, Password: hash, PasswordAt: now}),
		tx.SaveSession(ctx, s),
	)
}

// drive adds a section for so many callers.
func (r *identityRun) drive(ctx context.Context, name string, callers int, do func(ctx context.Context, v *surfer, caller int) error) *Section {
	r.out.Sections = append(r.out.Sections, r.service.drive(ctx, name, callers, r.For, r.node.cost, do))
	return &r.out.Sections[len(r.out.Sections)-1]
}

// signIns are by sessions that exist.
func (r *identityRun) signIns(ctx context.Context) error {
	signIn := func(ctx context.Context, v *surfer, _ int) error {
		err := r.service.signIn(ctx, v)
		if err == nil {
			r.asked.Add(1)
		}
		return err
	}
	for _, n := range r.Callers {
		r.drive(ctx, "sign_in", n, signIn)
	}
	return nil
}

// ownTokens are of the service itself.
func (r *identityRun) ownTokens(ctx context.Context) error {
	for _, n := range r.Callers {
		r.drive(ctx, "client_credentials", n, func(ctx context.Context, v *surfer, _ int) error { return r.service.ownToken(ctx, v) })
	}
	return nil
}

// passwords are of holders who begin a session: on the page, with the number.
func (r *identityRun) passwords(ctx context.Context) error {
	var done []int
	for _, n := range r.Callers {
		if n = min(n, passwordCallers); slices.Contains(done, n) {
			continue
		}
		done = append(done, n)
		s := r.drive(ctx, "password", n, func(ctx context.Context, v *surfer, caller int) error {
			delete(v.cookies, "dean06-identity") // it begins anew, in a browser that is known
			got, err := r.service.submit(ctx, v, r.service.pages+"/identity/sign-in", url.Values{
				"kind": {string(identity.Citizen)}, "number": {r.holders[caller].number}, "password": {identityPassword},
			})
			if err == nil && (got.status != http.StatusSeeOther || v.cookies["dean06-identity"] == "") {
				err = got.wrong("password")
			}
			return err
		})
		if cost := s.Values["cpu_ms_server"]; cost > 0 {
			s.Values["per_second_and_core"] = math.Round(10*1000/cost) / 10
		}
	}
	return nil
}

// logged ends the node and holds the holders' log against the sign-ins that were answered.
func (r *identityRun) logged(ctx context.Context) (err error) {
	r.service.close()
	if err := r.node.stop(); err != nil {
		return err
	}
	db, err := sqldb.Open(ctx, r.DB, sqldb.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	rows, err := sqldb.One[int64](ctx, db, `SELECT COUNT(*) FROM identity_entry WHERE what = $1`, "client.signed_in")
	if err != nil {
		return err
	}
	asked := r.asked.Load()
	r.out.Sections = append(r.out.Sections, Section{Name: "sign_ins_logged", Values: map[string]float64{"asked": float64(asked), "logged": float64(rows)}})
	if rows < asked {
		return fmt.Errorf("%d sign-ins are in the holders' log, and %d were answered", rows, asked)
	}
	return nil
}
