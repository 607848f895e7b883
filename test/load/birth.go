package main

import (
	"context"
	"fmt"
	"strings"

	"dean06/internal/bench"
)

// birth walks the registration of a birth as a mother does, and weighs each page.
func (l *load) birth(ctx context.Context) error {
	program, err := l.program(ctx)
	if err != nil {
		return err
	}
	s, pages, err := bench.BirthWalk{Dir: l.dir, Program: program}.Run(ctx)
	if err != nil {
		return err
	}
	v := s.Values
	l.add(row{
		what: "a birth, from the search to sent", value: bold(fmt.Sprintf("%.0f pages, %.0f fields typed, %.2f s", v["pages"], v["typed"], v["seconds"])),
		note: fmt.Sprintf("a robot, without a pause; %.0f answers arrived filled; the heaviest page %.0f KB", v["arrived"], v["heaviest_bytes"]/1024),
	})
	for i, p := range pages {
		note := fmt.Sprintf("%d typed", p.Typed)
		if p.Assets > 0 {
			note += fmt.Sprintf("; with %.1f KB of style, scripts and typefaces", float64(p.Assets)/1024)
		}
		what := p.Path
		if _, rest, ok := strings.Cut(p.Path, "/q/"); ok {
			what = rest
		} else if at := strings.LastIndex(p.Path, "/"); at > 0 && strings.HasPrefix(p.Path, "/applications/") {
			what = p.Path[at+1:]
		}
		r := row{
			what: fmt.Sprintf("birth, page %d: %s", i+1, what), note: note,
			value: fmt.Sprintf("%.1f KB, %s", float64(p.Bytes+p.Assets)/1024, ms(1000*p.Took.Seconds())),
		}
		if i == 0 {
			r.target = "100 KB"
		}
		l.add(r)
	}
	return nil
}
