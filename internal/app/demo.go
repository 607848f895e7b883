package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"time"

	"dean06/data"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/mail"
	"dean06/internal/platform/session"
	"dean06/internal/population"
	"dean06/internal/readiness"
)

// DemoPassword opens every account of the demo.
const DemoPassword = "trinh-dien-2026"

// DemoAccounts are the people of the demo's board. They are made up.
var DemoAccounts = []session.SeedAccount{
	demoAccount("dieuphoi", "Nguyễn Thị Điều Phối", "", string(readiness.Coordinator)),
	demoAccount("thamtra", "Trần Văn Thẩm Tra", "", string(readiness.Reviewer)),
	demoAccount("lanhdao", "Lê Thị Lãnh Đạo", "", string(readiness.Leader)),
	demoAccount("kiemtoan", "Phạm Văn Kiểm Toán", "", string(readiness.Auditor)),
	demoAccount("quantri", "Hoàng Thị Quản Trị", "", string(readiness.Administrator)),
	demoAccount("thainguyen", "Nguyễn Văn Mẫu", "H55", string(readiness.FocalPoint)),
	demoAccount("baclieu", "Lê Văn Mẫu", "H04", string(readiness.FocalPoint)),
	demoAccount("giaoduc", "Trần Thị Mẫu", "G03", string(readiness.FocalPoint)),
}

func demoAccount(login, name, agency, role string) session.SeedAccount {
	return session.SeedAccount{Password: DemoPassword, Draft: session.Draft{
		Login: login, Name: name, Agency: agency,
		Email: login + "@dean06.example.vn", Roles: []string{role},
	}}
}

// demoCitizen is a person of the register, bound to their number from the start.
func demoCitizen(number, name string) session.SeedAccount {
	a := demoAccount(number, name, "", population.Citizen)
	a.Bound = number
	return a
}

// Demo is the demo's board by itself; Country is the whole of it.
type Demo struct {
	Board *Node
	site  *Site
}

// sample is files that came in for a campaign at a time.
type sample struct {
	campaign, folder string
	from             time.Time
}

// rounds are the sample returns of both letters.
var rounds = []sample{
	{"488", "demo/appendix-488/round-2022", time.Date(2023, 2, 22, 8, 0, 0, 0, clock.Zone)},
	{"1877", "demo/appendix-488/round-2023", time.Date(2023, 6, 14, 8, 0, 0, 0, clock.Zone)},
}

// secondPapers are of agencies that had answered letter 488 before.
var secondPapers = sample{"488", "demo/appendix-488/second", time.Date(2023, 2, 28, 14, 0, 0, 0, clock.Zone)}

// demoMemory is how much the demo's own data may take before collecting harder.
const demoMemory = 48 << 20

// limitMemory makes the program collect more often rather than grow: a demo
// shares its reader's own machine.
func limitMemory(bytes int64) {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(bytes)
	}
}

// OpenDemo opens the demo's board in a folder and loads it the first time. fresh
// removes what the demo left there, and nothing else.
func OpenDemo(ctx context.Context, dir string, fresh bool) (*Demo, error) {
	if fresh {
		if err := forget(filepath.Join(dir, "board.db"), filepath.Join(dir, "papers"), filepath.Join(dir, "mail")); err != nil {
			return nil, err
		}
	}
	limitMemory(demoMemory)
	n, err := openDemoBoard(ctx, dir)
	if err != nil {
		return nil, err
	}
	site := NewSite(n, SiteSettings{Demo: true, accounts: DemoAccounts, Mail: demoMail(dir), Log: slog.New(slog.DiscardHandler)})
	if err := site.Sessions.Seed(ctx, DemoAccounts...); err != nil {
		return nil, errors.Join(err, n.Close())
	}
	return &Demo{Board: n, site: site}, nil
}

// forget removes databases and folders of the demo.
func forget(names ...string) error {
	for _, name := range names {
		for _, suffix := range []string{"", "-wal", "-shm"} {
			if err := os.RemoveAll(name + suffix); err != nil {
				return fmt.Errorf("begin the demo again: %w", err)
			}
		}
	}
	return nil
}

func demoMail(dir string) mail.Sender {
	return mail.Folder{Dir: filepath.Join(dir, "mail"), From: mail.Address{Name: "dean06", Addr: "dean06@dean06.example.vn"}}
}

// openDemoBoard opens the board and takes in what is missing of the two rounds, as
// if the files had come in at their time.
func openDemoBoard(ctx context.Context, dir string) (*Node, error) {
	watch := &demoClock{}
	watch.set(rounds[0].from.AddDate(0, 0, -7))
	n, err := Open(ctx, Settings{DB: "sqlite:" + filepath.Join(dir, "board.db"), Papers: relaxedPapersIn(filepath.Join(dir, "papers")), Clock: watch, Relaxed: true})
	if err != nil {
		return nil, err
	}
	if err := n.loadDemo(ctx, watch); err != nil {
		return nil, errors.Join(err, n.Close())
	}
	watch.set(time.Time{})
	debug.FreeOSMemory() // what loading took is not needed again
	return n, nil
}

// Serve answers until ctx ends.
func (d *Demo) Serve(ctx context.Context, ln net.Listener) error { return d.site.Serve(ctx, ln) }

// Close closes the databases.
func (d *Demo) Close() error { return d.Board.Close() }

// loadDemo takes in the two rounds, as if the files had come in at their time,
// and then the second papers, which wait for a person. What an interrupted start
// left out is taken in by the next.
func (n *Node) loadDemo(ctx context.Context, watch *demoClock) error {
	for _, round := range rounds {
		heads, err := n.Store.Heads(ctx, round.campaign)
		if err != nil {
			return err
		}
		names, err := fs.Glob(data.Demo, round.folder+"/*.docx")
		if err != nil {
			return err
		}
		if len(heads) >= len(names) {
			continue
		}
		watch.set(round.from)
		accepted, err := n.takeInDemo(ctx, round.campaign, names)
		if err != nil {
			return err
		}
		if accepted != len(names) {
			return fmt.Errorf("load the demo: %d of %d returns of letter %s went in", accepted, len(names), round.campaign)
		}
	}
	batches, err := n.Store.Batches(ctx, secondPapers.campaign)
	if err != nil || len(batches) > 1 {
		return err
	}
	names, err := fs.Glob(data.Demo, secondPapers.folder+"/*.docx")
	if err != nil {
		return err
	}
	watch.set(secondPapers.from)
	_, err = n.takeInDemo(ctx, secondPapers.campaign, names)
	return err
}

// takeInDemo imports sample files and says how many were accepted.
func (n *Node) takeInDemo(ctx context.Context, campaign string, names []string) (accepted int, err error) {
	files := func(yield func(readiness.File) bool) {
		for _, name := range names {
			content, err := data.Demo.ReadFile(name)
			if err != nil || !yield(readiness.File{Name: filepath.Base(name), Size: int64(len(content)), Content: content}) {
				return
			}
		}
	}
	_, err = n.Register.Import(ctx, System, readiness.Batch{Campaign: campaign, Total: len(names)}, files, func(i readiness.BatchItem) {
		if i.Status == readiness.ItemAccepted {
			accepted++
		}
	})
	return accepted, err
}

// demoClock is the machine's clock, or one that is set to a past moment and
// goes on by a quarter of an hour each time it is read.
type demoClock struct {
	mu   sync.Mutex
	past time.Time
}

func (c *demoClock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.past = t
}

// Now is the present moment, or the next past one.
func (c *demoClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.past.IsZero() {
		return clock.System{}.Now()
	}
	c.past = c.past.Add(15 * time.Minute)
	return c.past.UTC()
}
