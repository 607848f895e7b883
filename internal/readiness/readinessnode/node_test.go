package readinessnode_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"path/filepath"
	"testing"

	"dean06/data"
	"dean06/internal/org"
	"dean06/internal/org/orgsql"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/blob"
	"dean06/internal/platform/chart"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/node"
	"dean06/internal/platform/paper"
	"dean06/internal/platform/session"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinessnode"
	"dean06/internal/readiness/readinesssql"
)

var (
	coordinator = actor.Actor{
		Account: "0197-dieuphoi", Login: "dieuphoi", Name: "Nguyễn Thị Điều Phối", Roles: []string{readiness.Coordinator},
	}
	leader = actor.Actor{Account: "0197-lanhdao", Roles: []string{readiness.Leader}}
	focal  = actor.Actor{Account: "0197-daumoi", Agency: "H55", Roles: []string{readiness.FocalPoint}}
	shell  = actor.Actor{Account: "os:lan", Name: "lan", Via: actor.Command}
)

// opened is the module on a node.
type opened struct {
	*readinessnode.Node
	part     *node.Part
	base     *node.Base
	module   node.Module
	store    *readinesssql.Store
	agencies *org.Agencies
}

// openOn opens the module on a test's database.
func openOn(t *testing.T, db *sqldb.DB, c clock.Clock) *opened {
	t.Helper()
	files, err := blob.NewDir(filepath.Join(t.TempDir(), "papers"))
	if err != nil {
		t.Fatal(err)
	}
	return openWith(t, db, c, files.Relaxed())
}

// openWith opens it with the files that another left.
func openWith(t *testing.T, db *sqldb.DB, c clock.Clock, files blob.Store) *opened {
	t.Helper()
	ctx := context.Background()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	o := &opened{store: readinesssql.New(db)}
	country := orgsql.New(db, c)
	for _, migrate := range []func(context.Context, *sqldb.DB) error{audit.Migrate, session.Migrate, jobs.Migrate} {
		must(migrate(ctx, db))
	}
	must(country.Migrate(ctx))
	must(country.Seed(ctx, data.FS))
	var err error
	o.agencies, err = org.NewAgencies(ctx, country, c)
	must(err)
	o.Node = readinessnode.New(readinessnode.Needs{Org: func() readiness.Org { return o.agencies }})
	o.module = o.Node.Module()
	must(o.module.Migrate(ctx, db))
	words, err := i18n.Load(append(
		o.module.Messages, ui.Messages, web.Messages, chart.Messages, paper.Messages, session.Messages, jobs.Messages,
	)...)
	must(err)
	o.base = &node.Base{
		Role: "board", DB: db, Clock: c, Messages: words, Files: files, Log: slog.New(slog.DiscardHandler),
		Sessions: session.New(db, c, session.Options{}), URL: "https://board.example.vn",
		Frame: func(r *http.Request) ui.Frame { return ui.Frame{Here: r.URL.RequestURI()} },
	}
	o.part, err = o.module.Open(ctx, o.base)
	must(err)
	return o
}

// demoOn is openOn with both rounds of the demo.
func demoOn(t *testing.T, db *sqldb.DB) *opened {
	t.Helper()
	o := openOn(t, db, clock.System{})
	if err := o.part.Demo(context.Background(), node.Demo{Rounds: true}); err != nil {
		t.Fatal(err)
	}
	return o
}

// run does the one job of a kind that is queued, and gives what became of it.
func (o *opened) run(t *testing.T, kind string) error {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	did, ended := make(chan error, 1), make(chan error, 1)
	r := &jobs.Runner{DB: o.base.DB, Log: o.base.Log, Clock: clock.System{}, Handlers: map[string]jobs.Handler{
		kind: func(ctx context.Context, task *jobs.Task) error {
			err := o.part.Jobs[kind](ctx, task)
			did <- err
			return err
		},
	}}
	go func() { ended <- r.Run(ctx) }()
	err := <-did
	stop()
	if stopped := <-ended; !errors.Is(stopped, context.Canceled) {
		err = errors.Join(err, stopped)
	}
	return err
}
