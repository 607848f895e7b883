//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"dean06/internal/app"
	settings "dean06/internal/platform/config"
)

// build builds the program as the README says, once.
func (b *bench) build(ctx context.Context) (string, error) {
	if b.program != "" {
		return b.program, nil
	}
	to := filepath.Join(b.dir, "dean06")
	if err := goBuild(ctx, to, "-trimpath", "-ldflags=-s -w"); err != nil {
		return "", err
	}
	b.program = to
	return to, nil
}

func goBuild(ctx context.Context, to string, flags ...string) error {
	args := append([]string{"build", "-o", to}, flags...)
	cmd := exec.CommandContext(ctx, "go", append(args, "dean06/cmd/dean06")...)
	cmd.Stderr = os.Stderr
	return cmd.Run()
}

// size says how large the program is.
func (b *bench) size(ctx context.Context) error {
	program, err := b.build(ctx)
	if err != nil {
		return err
	}
	whole := filepath.Join(b.dir, "whole")
	if err := goBuild(ctx, whole); err != nil {
		return err
	}
	for _, p := range []struct{ what, file, target string }{
		{"size of the program", program, "60 MB"}, {"size with debugging data (plain go build)", whole, ""},
	} {
		info, err := os.Stat(p.file)
		if err != nil {
			return err
		}
		b.add(row{what: p.what, target: p.target, value: megabytes(info.Size())})
	}
	return nil
}

// process is the program, running and serving.
type process struct {
	cmd *exec.Cmd
	url string
	log bytes.Buffer
}

// launch starts the program and waits until it answers at /sign-in. args holds
// ADDR where the address goes.
func (b *bench) launch(ctx context.Context, args ...string) (p *process, ready time.Duration, err error) {
	program, err := b.build(ctx)
	if err != nil {
		return nil, 0, err
	}
	addr, err := freeAddress()
	if err != nil {
		return nil, 0, err
	}
	for i, a := range args {
		args[i] = strings.ReplaceAll(a, "ADDR", addr)
	}
	p = &process{url: "http://" + addr, cmd: exec.CommandContext(ctx, program, args...)}
	p.cmd.Stderr = &p.log
	p.cmd.Dir = b.dir
	began := time.Now()
	if err := p.cmd.Start(); err != nil {
		return nil, 0, err
	}
	for time.Since(began) < time.Minute {
		res, err := http.Get(p.url + "/sign-in")
		if err == nil {
			_, err = io.Copy(io.Discard, res.Body)
			_ = res.Body.Close()
			if err == nil && res.StatusCode == http.StatusOK {
				return p, time.Since(began), nil
			}
		}
		time.Sleep(2 * time.Millisecond)
	}
	return nil, 0, errors.Join(fmt.Errorf("%s %v does not answer: %s", program, args, &p.log), p.stop())
}

// stop ends the program in good order.
func (p *process) stop() error {
	if p.cmd.Process.Pid == os.Getpid() {
		return nil
	}
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	if err := p.cmd.Wait(); err != nil {
		return fmt.Errorf("%v: %w: %s", p.cmd.Args, err, &p.log)
	}
	return nil
}

// cpu is the processor time that the program took so far; 0 where there is no /proc.
func (p *process) cpu() time.Duration {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(raw), ") ")
	f := strings.Fields(rest)
	ticks := 0
	for _, s := range f[11:13] { // utime, stime
		n, _ := strconv.Atoi(s)
		ticks += n
	}
	return time.Duration(ticks) * (time.Second / 100)
}

// memory is a size that the kernel tells of the program: VmRSS now, VmHWM at most.
func (p *process) memory(key string) int64 {
	kb, _, _ := strings.Cut(field(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid), key), " ")
	n, _ := strconv.ParseInt(kb, 10, 64)
	return n << 10
}

// inside serves the node in this process instead, so that a profile shows it.
func (b *bench) inside(ctx context.Context, config string) (*process, error) {
	cfg, problems := settings.Load(app.Shape, config, nil, nil)
	if len(problems) > 0 {
		return nil, fmt.Errorf("%v", problems)
	}
	n, err := app.Open(ctx, app.Settings{DB: cfg.DB.URL.Reveal(), Papers: app.PapersIn(cfg.Blob.Dir)})
	if err != nil {
		return nil, err
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	site := app.NewSite(n, app.SiteSettings{Log: slog.New(slog.DiscardHandler)})
	go func() { _ = site.Serve(ctx, ln) }() // until the whole ends
	return &process{url: "http://" + ln.Addr().String(), cmd: &exec.Cmd{Process: &os.Process{Pid: os.Getpid()}}}, nil
}

func freeAddress() (string, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return ln.Addr().String(), ln.Close()
}

// demo measures the demo: its first start, later ones, and its memory after
// somebody has gone through everything.
func (b *bench) demo(ctx context.Context) error {
	first := row{what: "demo ready, first start (both rounds read in)", target: "2 s"}
	later := row{what: "demo ready, later starts", target: "2 s"}
	dir := filepath.Join(b.dir, "demo")
	for i := range b.runs + b.runs {
		r := &later
		if i < b.runs {
			r = &first
			if err := os.RemoveAll(dir); err != nil {
				return err
			}
		}
		p, ready, err := b.launch(ctx, "demo", "--addr", "ADDR", "--data", dir)
		if err != nil {
			return err
		}
		r.runs, r.cpu, r.count = append(r.runs, ready), r.cpu+p.cpu(), r.count+1
		if err := p.stop(); err != nil {
			return err
		}
	}
	b.add(first)
	b.add(later)
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	p, _, err := b.launch(ctx, "demo", "--addr", "ADDR", "--data", dir)
	if err != nil {
		return err
	}
	b.add(row{
		what: "resident memory of the demo, just started for the first time", target: "100 MB", value: megabytes(p.memory("VmRSS")),
		note: fmt.Sprintf("at most %.1f MB meanwhile", float64(p.memory("VmHWM"))/1e6),
	})
	read, err := p.readEverything(ctx)
	if err != nil {
		return err
	}
	b.add(row{
		what: "resident memory of the demo, after that", target: "100 MB", value: megabytes(p.memory("VmRSS")),
		note: fmt.Sprintf("%s; at most %.1f MB meanwhile", read, float64(p.memory("VmHWM"))/1e6),
	})
	return p.stop()
}

// start measures how soon a node serves a page from a database that is full.
func (b *bench) start(ctx context.Context) error {
	for _, engine := range b.engines() {
		config, err := b.full(ctx, engine)
		if err != nil {
			return err
		}
		r := row{what: "start to first page, " + engine, target: "1 s", note: fmt.Sprintf("%d rounds in the database", b.rounds)}
		var rss int64
		for range b.runs {
			p, ready, err := b.launch(ctx, "serve", "--config", config, "--addr", "ADDR")
			if err != nil {
				return err
			}
			r.runs, r.cpu, r.count = append(r.runs, ready), r.cpu+p.cpu(), r.count+1
			rss = p.memory("VmRSS")
			if err := p.stop(); err != nil {
				return err
			}
		}
		r.note += fmt.Sprintf(", %.1f MB resident", float64(rss)/1e6)
		b.add(r)
	}
	return nil
}

// report measures the report to the Prime Minister from the command line, the
// start of the program included.
func (b *bench) report(ctx context.Context) error {
	dir := filepath.Join(b.dir, "demo")
	p, _, err := b.launch(ctx, "demo", "--addr", "ADDR", "--data", dir)
	if err != nil {
		return err
	}
	if err := p.stop(); err != nil {
		return err
	}
	for _, format := range []string{"docx", "pdf", "xlsx"} {
		r := row{what: "report as " + format + ", from the command line", target: "2 s"}
		out := filepath.Join(b.dir, "report."+format)
		for range b.runs {
			cmd := exec.CommandContext(ctx, b.program, "readiness", "report", "--campaign", "1877", "--format", format, "--out", out,
				"--db", "sqlite:"+filepath.Join(dir, "board.db"))
			began := time.Now()
			if said, err := cmd.CombinedOutput(); err != nil {
				return fmt.Errorf("report: %w: %s", err, said)
			}
			r.runs = append(r.runs, time.Since(began))
			r.cpu += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
			r.count++
		}
		info, err := os.Stat(out)
		if err != nil {
			return err
		}
		r.note = fmt.Sprintf("start of the program included; %d KB", info.Size()>>10)
		b.add(r)
	}
	return nil
}
