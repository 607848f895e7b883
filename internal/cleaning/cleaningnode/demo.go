package cleaningnode

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"dean06/internal/cleaning"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/node"
)

// demoJob makes the file of the demo in the background: its people are the register's.
const demoJob = "cleaning.demo"

// The demo's file is Social Security's, of doses as they were written down in a hurry.
const (
	demoRows   = 300
	demoSeed   = 6
	demoAgency = "G24"
	demoOffice = "G01"
	demoAfter  = 5 * time.Second // whoever starts the demo looks at its first page before

	// Of the ward whose police look at their rows there are so many more.
	demoWard = "/05443,"
	demoMore = 120
)

func (n *Node) demo(ctx context.Context, _ node.Demo) error {
	list, err := n.store.Batches(ctx, "", "", 1)
	if err != nil || len(list) > 0 {
		return err
	}
	_, err = jobs.Enqueue(ctx, n.base.DB, demoJob, nil, jobs.Options{ID: demoJob, RunAt: n.base.Clock.Now().Add(demoAfter)})
	return err
}

// demoFile hands a small dirty file in and has it linked.
func (n *Node) demoFile(ctx context.Context, _ *jobs.Task) error {
	clerks, err := n.base.Sessions.Holding(ctx, n.base.DB, cleaning.Registrar)
	if err != nil || len(clerks) == 0 {
		return err
	}
	clerk := actor.Actor{Account: clerks[0].ID, Name: clerks[0].Name, Agency: demoOffice, Roles: []string{cleaning.Registrar}}
	w, err := n.world()
	if err != nil {
		return err
	}
	path, done, err := n.desk.Files.Scratch(ctx, func(w io.Writer) error { return n.demoPeople(ctx, w) })
	if err != nil {
		return err
	}
	defer done()
	people, err := cleaning.OpenSource(path)
	if err != nil {
		return err
	}
	profile, err := cleaning.ReadProfile("heavy")
	if err != nil {
		return err
	}
	var file bytes.Buffer
	if err := (cleaning.Dirty{World: w, Profile: profile, Rows: demoRows, Seed: demoSeed}).Write(people, &file, io.Discard); err != nil {
		return fmt.Errorf("make the demo's file: %w", err)
	}
	b, err := n.desk.HandIn(ctx, clerk, cleaning.Draft{
		Name: "mui-tiem-2021.csv", Agency: demoAgency, Basis: "Công văn 1254/BHXH-CNTT ngày 10/11/2026 (dữ liệu mẫu)",
		Purpose: "Bổ sung số định danh cho mũi tiêm đã ghi nhận", Until: clock.DayOf(n.base.Clock.Now()).AddDays(90),
	}, &file)
	if err != nil {
		return err
	}
	return n.desk.Map(ctx, clerk, b.ID, b.Layout.Kinds, b.Layout.MonthFirst)
}

// demoPeople writes the register's people, those of one ward many times.
func (n *Node) demoPeople(ctx context.Context, w io.Writer) error {
	r, out := io.Pipe()
	go func() {
		_, err := n.needs.Register.People(ctx, out)
		out.CloseWithError(err)
	}()
	defer r.Close()
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		times := 1
		if strings.Contains(lines.Text(), demoWard) {
			times = demoMore
		}
		for range times {
			if _, err := io.WriteString(w, lines.Text()+"\n"); err != nil {
				return err
			}
		}
	}
	return lines.Err()
}
