package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"dean06/internal/bench"
)

// errSoak ends the program with 1; what is wrong has been printed.
var errSoak = errors.New("the soak found something wrong")

// soak runs a soak and prints what it found.
func (l *load) soak(ctx context.Context, minutes float64, rate int, every time.Duration, asJSON bool) error {
	if minutes <= 0 || minutes > 24*60 || rate < 1 || rate > 1000 || every < time.Second {
		return errors.New("-minutes goes from above 0 to 1440, -rate from 1 to 1000, -kill from 1s")
	}
	program, err := l.program(ctx)
	if err != nil {
		return err
	}
	found, err := bench.Soak{
		Program: program, Postgres: l.postgres, For: time.Duration(minutes * float64(time.Minute)), Rate: rate, Every: every,
		Step: func(what string) { fmt.Fprintln(os.Stderr, "soak:", what, "…") },
	}.Run(ctx)
	if err != nil {
		return err
	}
	return printSoak(l.out, found, asJSON)
}

// printSoak writes what a soak found, and fails when something is wrong.
func printSoak(out io.Writer, s bench.Soaked, asJSON bool) error {
	if asJSON {
		if err := json.NewEncoder(out).Encode(s); err != nil {
			return err
		}
	} else {
		m := s.Machine
		fmt.Fprintf(out, "%s, %d cores, %s; %s; load average %s\n", m.CPU, m.Cores, m.Memory, s.Engine, m.Load)
		fmt.Fprintf(out, "%.0f s: %d calls asked, %d accepted, %d not sent; %.1f ms the median, %.0f ms the 99th percentile\n",
			s.Seconds, s.Asked, s.Accepted, s.NotSent, s.P50, s.P99)
		for why, n := range s.Refused {
			fmt.Fprintf(out, "  refused: %d × %s\n", n, why)
		}
		for _, k := range s.Kills {
			fmt.Fprintf(out, "  killed: %s after %.0f s, back in %.1f s\n", k.Node, k.At, k.Back)
		}
		for _, n := range s.Nodes {
			flat := ""
			if !n.Judged {
				flat = " (too short to say whether that is flat)"
			}
			fmt.Fprintf(out, "  %s: %.0f then %.0f MB resident, %d then %d files open%s; %d records, %d accepted answers missing; ",
				n.Node, n.FirstMB, n.LastMB, n.FirstFiles, n.LastFiles, flat, n.Records, n.Missing)
			fmt.Fprintf(out, "%.0f bytes a call in the database, %.0f in an archive file; %s\n", n.LogBytes, n.ArchiveBytes, n.Verified)
		}
		for _, w := range s.Wrong {
			fmt.Fprintln(out, "WRONG:", w)
		}
	}
	if len(s.Wrong) > 0 {
		return errSoak
	}
	return nil
}
