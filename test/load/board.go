package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"dean06/internal/bench"
)

// each runs f on each database.
func (l *load) each(f func(g bench.Ground, engine string) error) error {
	for _, g := range l.grounds() {
		if err := f(g, g.Engine()); err != nil {
			return err
		}
	}
	return nil
}

func (l *load) intake(g bench.Ground) bench.Intake {
	return bench.Intake{Ground: g, Runs: l.runs, Units: l.units}
}

func (l *load) files(ctx context.Context) error {
	all, err := l.intake(bench.Ground{Dir: l.dir}).Files(ctx)
	if err != nil {
		return err
	}
	names := map[string]string{
		"word_read": "Word return read", "word_written": "Word form written",
		"workbook_written": "workbook written", "workbook_read": "workbook read",
	}
	for _, s := range all {
		l.add(of(s, names[s.Name], "", fmt.Sprintf("the %.0f samples, %.0f times, in memory", s.Values["files"], s.Values["times"])))
	}
	return nil
}

func (l *load) word(ctx context.Context) error {
	return l.each(func(g bench.Ground, engine string) error {
		all, err := l.intake(g).Word(ctx)
		if err != nil {
			return err
		}
		whole := fmt.Sprintf("import of the %.0f Word returns, %s", all[0].Values["files"], engine)
		l.add(of(all[0], whole, "", "read, checked, file and rows on disk, audited"))
		l.add(of(all[1], "one Word return alone, "+engine, "", ""))
		return nil
	})
}

func (l *load) workbooks(ctx context.Context) error {
	return l.each(func(g bench.Ground, engine string) error {
		all, err := l.intake(g).Workbooks(ctx)
		if err != nil {
			return err
		}
		made, taken := all[0].Values, all[1].Values
		if g.Postgres == "" {
			note := fmt.Sprintf("on one core, %.0f KB each", made["bytes_a_file"]/1024)
			l.add(of(all[0], fmt.Sprintf("%.0f workbooks made", made["files"]), "", note))
		}
		note := fmt.Sprintf("one batch; %.0f a second", taken["files_per_second"])
		l.add(of(all[1], fmt.Sprintf("import of %.0f workbooks, %s", taken["files"], engine), "2 min", note))
		return nil
	})
}

func (l *load) demo(ctx context.Context) error {
	program, err := l.program(ctx)
	if err != nil {
		return err
	}
	all, err := bench.Demo{Dir: l.dir, Program: program, Runs: l.runs}.Run(ctx)
	if err != nil {
		return err
	}
	for _, s := range all {
		v := s.Values
		peak := fmt.Sprintf("at most %s meanwhile", megabytes(v["peak_mb"]))
		var r row
		switch s.Name {
		case "demo_first":
			r = of(s, "demo ready, first start (both rounds read in)", "2 s", "")
		case "demo_later":
			r = of(s, "demo ready, later starts", "2 s", "")
		case "demo_memory":
			r = of(s, "resident memory of the demo, just started for the first time", "100 MB", peak)
		case "demo_memory_used":
			r = of(s, "resident memory of the demo, after that", "100 MB", fmt.Sprintf(
				"%.0f pages and files read as %.0f accounts, %.0f Word files uploaded at once; %s", v["pages"], v["accounts"], v["files"], peak))
		}
		if rss, ok := v["rss_mb"]; ok {
			r.value = bold(megabytes(rss))
		}
		l.add(r)
	}
	return nil
}

func (l *load) report(ctx context.Context) error {
	program, err := l.program(ctx)
	if err != nil {
		return err
	}
	all, err := bench.Demo{Dir: l.dir, Program: program, Runs: l.runs}.Report(ctx)
	for i, format := range []string{"docx", "pdf", "xlsx"} {
		if i < len(all) {
			note := fmt.Sprintf("start of the program included; %.0f KB", all[i].Values["bytes"]/1024)
			l.add(of(all[i], "report as "+format+", from the command line", "2 s", note))
		}
	}
	return err
}

func (l *load) boardOn(ctx context.Context, g bench.Ground) (bench.Board, error) {
	program, err := l.program(ctx)
	return bench.Board{
		Ground: g, Program: program, Rounds: l.rounds, Users: l.users, For: l.period, Runs: l.runs, Inside: l.profiled,
	}, err
}

func (l *load) start(ctx context.Context) error {
	return l.each(func(g bench.Ground, engine string) error {
		b, err := l.boardOn(ctx, g)
		if err != nil {
			return err
		}
		all, err := b.Start(ctx)
		if err != nil {
			return err
		}
		note := fmt.Sprintf("%.0f rounds in the database, %s resident", all[0].Values["rounds"], megabytes(all[0].Values["rss_mb"]))
		l.add(of(all[0], "start to first page, "+engine, "1 s", note))
		return nil
	})
}

// staticPage is the argument with which this program serves one page.
const staticPage = "floor"

func (l *load) board(ctx context.Context) error {
	var b bench.Board
	var page []byte
	err := l.each(func(g bench.Ground, engine string) (err error) {
		if b, err = l.boardOn(ctx, g); err != nil {
			return err
		}
		var all []bench.Section
		if all, page, err = b.Run(ctx); err != nil {
			return err
		}
		for _, s := range all {
			if s.Name == "board_first" {
				note := fmt.Sprintf("one reader, %.0f pages, %.0f KB each on the wire", s.Values["pages"], s.Values["bytes_a_page"]/1024)
				l.add(of(s, "board, each page for the first time, "+engine, "", note))
				continue
			}
			r := crowded(s, fmt.Sprintf("board, %d users, %s, %s", s.Calls.Callers, pauseOf(s), engine))
			if s.Calls.Callers == l.users {
				r.target = "p95 100 ms"
			}
			l.add(r)
			if s.Calls.Errors > 0 {
				return fmt.Errorf("%d pages failed: %s", s.Calls.Errors, s.Calls.FirstErr)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	s, err := b.Static(ctx, page, self, staticPage)
	if err != nil {
		return err
	}
	l.add(crowded(s, fmt.Sprintf("for comparison: one static page of %d KB from memory, %d users, no pause", len(page)>>10, l.users)))
	return nil
}

// crowded is a row of many users.
func crowded(s bench.Section, what string) row {
	r := of(s, what, "", fmt.Sprintf("%d pages, %.0f a second; the users themselves took %s of processor a page; %.0f MB resident",
		s.Calls.Calls, s.Calls.PerSecond, ms(s.Values["cpu_ms_client"]), s.Values["rss_mb_node"]))
	r.cpu = s.Values["cpu_ms_node"]
	return r
}

func pauseOf(s bench.Section) string {
	d := time.Duration(s.Values["pause_seconds"] * float64(time.Second))
	if d == 0 {
		return "no pause"
	}
	return fmt.Sprintf("a page every %v or so", d)
}
