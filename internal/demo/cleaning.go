package demo

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"dean06/data"
	"dean06/internal/cleaning"
	"dean06/internal/cleaning/handover"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/private"
)

// cleanAfter is when the files are handed in: whoever starts the demo looks at its first page
// before.
const cleanAfter = 5 * time.Second

// dirty are the files of the demo, of the register's own people as they were written down in a
// hurry: doses of vaccine of the province's health department, and cards of Social Security.
var dirty = []struct {
	node, name, profile string
	rows                int
	seed                uint64
	basis, purpose      string
}{
	{
		"thainguyen", "mui-tiem-2021.csv", "heavy", 300, 6, "Công văn 1254/SYT-NVY ngày 10/11/2026 của Sở Y tế (dữ liệu mẫu)",
		"Bổ sung số định danh cho mũi tiêm đã ghi nhận",
	},
	{
		"bhxh", "the-bhyt-2026.csv", "vaccination", 200, 9, "Công văn 3310/BHXH-CNTT ngày 12/11/2026 (dữ liệu mẫu)",
		"Bổ sung số định danh cho thẻ bảo hiểm y tế",
	},
}

// cleaning has both agencies hand a dirty file in through the exchange, as their officers
// would, and confirm its columns; the rest is for whoever tries the demo.
func (c *Country) cleaning(ctx context.Context) error {
	officers := map[string]actor.Actor{}
	for _, f := range dirty {
		n := c.Node(f.node)
		list, err := n.Node.Sessions.Holding(ctx, n.Node.DB, handover.Officer)
		if err != nil || len(list) == 0 {
			return err
		}
		a := actor.Actor{Account: list[0].ID, Login: list[0].Login, Name: list[0].Name, Agency: n.member, Roles: []string{handover.Officer}}
		had, err := n.Modules.Handover.Desk().Handovers(ctx, a, "", 1)
		if err != nil {
			return err
		}
		if len(had) == 0 {
			officers[f.node] = a
		}
	}
	if len(officers) == 0 {
		return nil
	}
	if err := wait(ctx, cleanAfter); err != nil {
		return err
	}
	files, err := c.dirtyFiles(ctx)
	if err != nil {
		return err
	}
	for i, f := range dirty {
		if a, ok := officers[f.node]; ok {
			if err := c.Node(f.node).handIn(ctx, a, cleaning.Offer{
				Name: f.name, Basis: f.basis, Purpose: f.purpose, Until: clock.DayOf(clock.System{}.Now()).AddDays(90),
			}, files[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// dirtyFiles makes the files from the people of the register.
func (c *Country) dirtyFiles(ctx context.Context) ([][]byte, error) {
	path := filepath.Join(c.options.Dir, "people.csv")
	people, err := private.Create(path)
	if err != nil {
		return nil, err
	}
	defer os.Remove(path)
	if err := errors.Join(c.people(ctx, people), people.Close()); err != nil {
		return nil, err
	}
	source, err := cleaning.OpenSource(path)
	if err != nil {
		return nil, err
	}
	today := clock.DayOf(clock.System{}.Now())
	places, err := cleaning.ReadGazetteer(data.FS, today)
	if err != nil {
		return nil, err
	}
	var out [][]byte
	for _, f := range dirty {
		var file bytes.Buffer
		d := cleaning.Dirty{World: cleaning.NewWorld(places, today), Profile: cleaning.Profiles[f.profile], Rows: f.rows, Seed: f.seed}
		if err := d.Write(source, &file, io.Discard); err != nil {
			return nil, fmt.Errorf("make %s: %w", f.name, err)
		}
		out = append(out, file.Bytes())
	}
	return out, nil
}

// Of the ward whose police look at their rows there are so many more.
const (
	ward     = "/05443,"
	wardMore = 120
)

// people writes the register's people, those of the ward many times.
func (c *Country) people(ctx context.Context, w io.Writer) error {
	r, out := io.Pipe()
	go func() {
		_, err := c.Node("authority").Modules.Cleaning.Desk().Register.People(ctx, out)
		out.CloseWithError(err)
	}()
	defer r.Close()
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		times := 1
		if strings.Contains(lines.Text(), ward) {
			times = wardMore
		}
		for range times {
			if _, err := io.WriteString(w, lines.Text()+"\n"); err != nil {
				return err
			}
		}
	}
	return lines.Err()
}

// handIn hands a file in and confirms what its columns were understood as, once it is there.
func (n *Node) handIn(ctx context.Context, a actor.Actor, o cleaning.Offer, file []byte) error {
	desk := n.Modules.Handover.Desk()
	h, err := desk.HandIn(ctx, a, o, bytes.NewReader(file))
	if err != nil {
		return err
	}
	for try := 0; try < 120; try++ { // a minute; later the officer sees that it waits for them
		if err := wait(ctx, 500*time.Millisecond); err != nil {
			return err
		}
		if h, err = desk.Handover(ctx, a, h.ID); err != nil {
			return err
		}
		if h.Told == nil || h.Told.State != cleaning.Columns {
			continue
		}
		kinds := make([]cleaning.Kind, len(h.Told.Columns))
		for i := range kinds {
			kinds[i] = h.Told.Columns[i].Kind
		}
		return desk.Confirm(ctx, a, h.ID, kinds, h.Told.MonthFirst, "vi")
	}
	return nil
}
