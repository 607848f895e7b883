package main

import (
	"context"
	"embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"

	"dean06/internal/bench"
)

//go:embed oidc-provider
var peerProvider embed.FS

// published is how many password sign-ins a second one core carries at Keycloak, by its own
// guide to sizing (Argon2, tested to 300 a second).
const published = 15

// identity measures sign-ins, beside npm oidc-provider that does the same in memory. They take
// turns, so that what else the machine does falls on both: figures are the medians of all turns.
func (l *load) identity(ctx context.Context) error {
	program, err := l.program(ctx)
	if err != nil {
		return err
	}
	peer, missing := l.peerOfSignIns(ctx)
	return l.each(func(g bench.Ground, engine string) error {
		var ours, theirs []bench.Section
		for range l.turns {
			got, err := l.signIns(ctx, g, program)
			if err != nil {
				return err
			}
			ours = append(ours, got...)
			if missing != "" {
				continue
			}
			other, err := peer.Run(ctx)
			if err != nil {
				return err
			}
			theirs = append(theirs, other...)
		}
		l.compareSignIns(engine, ours, theirs, missing)
		return nil
	})
}

func (l *load) signIns(ctx context.Context, g bench.Ground, program string) (out []bench.Section, err error) {
	db, drop, err := g.Database(ctx)
	if err != nil {
		return nil, err
	}
	r, err := bench.Identity{Program: program, DB: db, Callers: callers, For: l.length()}.Run(ctx)
	if err != nil {
		return nil, err
	}
	return r.Sections, drop(ctx)
}

// peerOfSignIns installs the peer; missing says why there is none.
func (l *load) peerOfSignIns(ctx context.Context) (p bench.SignInPeer, missing string) {
	p = bench.SignInPeer{Dir: filepath.Join(l.dir, "oidc-provider"), Callers: callers, For: l.length()}
	node, err := exec.LookPath("node")
	if err != nil {
		return p, "node and npm are not installed"
	}
	p.Node = node
	if err := os.CopyFS(l.dir, peerProvider); err != nil {
		return p, err.Error()
	}
	npm := exec.CommandContext(ctx, "npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")
	npm.Dir = p.Dir
	if said, err := npm.CombinedOutput(); err != nil {
		return p, fmt.Sprintf("npm install: %v: %.200s", err, said)
	}
	return p, ""
}

// turn are the sections of a name for so many callers, of all turns.
func turn(all []bench.Section, name string, callers int) []bench.Section {
	return slices.DeleteFunc(slices.Clone(all), func(s bench.Section) bool {
		return s.Name != name || s.Calls == nil || s.Calls.Callers != callers
	})
}

// cost is what a call takes of the server's processor, in milliseconds: the least, the median
// and the most of all turns.
func cost(turns []bench.Section) (least, median, most float64) {
	var all []float64
	for _, s := range turns {
		all = append(all, s.Values["cpu_ms_server"])
	}
	if len(all) == 0 {
		return 0, 0, 0
	}
	slices.Sort(all)
	return all[0], all[len(all)/2], all[len(all)-1]
}

// ofServer is what a sign-in takes of the server's processor, in milliseconds.
func ofServer(s bench.Section) float64 { return s.Values["cpu_ms_server"] }

// words of the rows.
var measuredAs = []struct{ name, what, target, note string }{
	{"sign_in", "sign-ins by a session that exists (code, PKCE, PAR, DPoP)", "ahead of the peer by half", "durable, in the holder's log"},
	{"client_credentials", "tokens of a service's own (client credentials, DPoP)", "", "each proof noted as used, durable"},
}

func (l *load) compareSignIns(engine string, ours, theirs []bench.Section, missing string) {
	if missing != "" {
		l.add(row{what: "the same at npm oidc-provider", value: "not installed", note: missing})
	}
	for _, m := range measuredAs {
		for _, n := range callers {
			mine, other := turn(ours, m.name, n), turn(theirs, m.name, n)
			if len(mine) == 0 {
				continue
			}
			s := middle(mine, ofServer)
			least, median, most := cost(mine)
			note := fmt.Sprintf("%s; processor %.2f (%.2f–%.2f, %d) ms; %.0f MB resident", m.note, median, least, most, len(mine), s.Values["rss_mb_server"])
			if engine == "PostgreSQL" {
				note += "; without the server of PostgreSQL"
			}
			if r := paired(mine, other, ofServer); len(r) > 0 {
				note += fmt.Sprintf("; the peer takes %.2f (%.2f–%.2f) times as much", r[len(r)/2], r[0], r[len(r)-1])
			}
			row := of(s, fmt.Sprintf("%s, %d at once, %s", m.what, n, engine), "", note+failed(s.Calls))
			row.value, row.cpu, row.target = rate(s.Calls), median, m.target
			l.add(row)
			if len(other) == 0 {
				continue
			}
			s = middle(other, ofServer)
			least, median, most = cost(other)
			row = of(s, fmt.Sprintf("the same at npm oidc-provider, %d at once", n), "", fmt.Sprintf(
				"in memory, access tokens that are no JWT; processor %.2f (%.2f–%.2f, %d) ms; %.0f MB resident%s",
				median, least, most, len(other), s.Values["rss_mb_server"], failed(s.Calls)))
			row.value, row.cpu = rate(s.Calls), median
			l.add(row)
		}
	}
	for _, n := range callers {
		mine := turn(ours, "password", n)
		if len(mine) == 0 {
			continue
		}
		s := middle(mine, ofServer)
		row := of(s, fmt.Sprintf("sign-ins with a password on the page, %d at once, %s", n, engine), fmt.Sprintf("%d per second and core", published),
			fmt.Sprintf("argon2id, 19 MiB, two passes; Keycloak publishes %d per second and core; %.0f MB resident%s",
				published, s.Values["rss_mb_server"], failed(s.Calls)))
		row.value, row.cpu = bold(fmt.Sprintf("%.0f per second and core", s.Values["per_second_and_core"])), s.Values["cpu_ms_server"]
		l.add(row)
	}
}
