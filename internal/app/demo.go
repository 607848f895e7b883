package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime/debug"

	"dean06/internal/platform/mail"
	"dean06/internal/platform/node"
	"dean06/internal/platform/session"
	"dean06/internal/readiness"
)

// DemoPassword opens every account of the demo.
const DemoPassword = "trinh-dien-2026"

// DemoAccounts are the people of the demo's board. They are made up.
var DemoAccounts = []session.SeedAccount{
	demoAccount("dieuphoi", "Nguyễn Thị Điều Phối", "", readiness.Coordinator),
	demoAccount("thamtra", "Trần Văn Thẩm Tra", "", readiness.Reviewer),
	demoAccount("lanhdao", "Lê Thị Lãnh Đạo", "", readiness.Leader),
	demoAccount("kiemtoan", "Phạm Văn Kiểm Toán", "", readiness.Auditor),
	demoAccount("quantri", "Hoàng Thị Quản Trị", "", readiness.Administrator),
	demoAccount("thainguyen", "Nguyễn Văn Mẫu", "H55", readiness.FocalPoint),
	demoAccount("baclieu", "Lê Văn Mẫu", "H04", readiness.FocalPoint),
	demoAccount("giaoduc", "Trần Thị Mẫu", "G03", readiness.FocalPoint),
}

func demoAccount(login, name, agency, role string) session.SeedAccount {
	return session.SeedAccount{Password: DemoPassword, Draft: session.Draft{
		Login: login, Name: name, Agency: agency,
		Email: login + "@dean06.example.vn", Roles: []string{role},
	}}
}

// demoCitizen is a person of the register, bound to their number from the start.
func demoCitizen(number, name string) session.SeedAccount {
	a := demoAccount(number, name, "", roleCitizen)
	a.Bound = number
	return a
}

// Demo is the demo's board by itself; Country is the whole of it.
type Demo struct {
	Board *Node
	site  *Site
}

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
	n, err := Open(ctx, Settings{DB: "sqlite:" + filepath.Join(dir, "board.db"), Papers: relaxedPapersIn(filepath.Join(dir, "papers")), Relaxed: true})
	if err != nil {
		return nil, err
	}
	if err := n.part.Demo(ctx, node.Demo{Dir: dir, Rounds: true}); err != nil {
		return nil, errors.Join(err, n.Close())
	}
	debug.FreeOSMemory() // what loading took is not needed again
	return n, nil
}

// Serve answers until ctx ends.
func (d *Demo) Serve(ctx context.Context, ln net.Listener) error { return d.site.Serve(ctx, ln) }

// Close closes the databases.
func (d *Demo) Close() error { return d.Board.Close() }
