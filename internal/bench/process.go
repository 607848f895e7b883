package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"dean06/internal/platform/measure"
)

// process is a program that runs beside this one.
type process struct {
	cmd   *exec.Cmd
	said  bytes.Buffer // what it wrote
	ended chan error
}

// runBeside starts a program in a folder. The settings of whoever measures are not its.
func runBeside(ctx context.Context, dir, program string, args ...string) (*process, error) {
	program, err := filepath.Abs(program) // it runs in another folder
	if err != nil {
		return nil, err
	}
	p := &process{ended: make(chan error, 1)}
	p.cmd = exec.CommandContext(ctx, program, args...) //nolint:gosec // this program itself, or one that was asked for
	p.cmd.Dir = dir
	p.cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "DEAN06_") })
	p.cmd.Stdout, p.cmd.Stderr = &p.said, &p.said
	p.cmd.Cancel = func() error { return p.cmd.Process.Signal(syscall.SIGTERM) }
	p.cmd.WaitDelay = 20 * time.Second
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { p.ended <- p.cmd.Wait() }()
	return p, nil
}

// await waits until the process is ready, asking again and again. It fails when the
// process ends before.
func (p *process) await(ctx context.Context, every time.Duration, ready func() bool) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	timeout := time.After(2 * time.Minute)
	for !ready() {
		select {
		case <-tick.C:
		case err := <-p.ended:
			p.ended <- err
			return fmt.Errorf("%s has ended: %w: %s", p.name(), errors.Join(err), p.said.String())
		case <-timeout:
			err := p.stop()
			return errors.Join(fmt.Errorf("%s does not answer: %s", p.name(), p.said.String()), err)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func (p *process) name() string { return strings.Join(p.cmd.Args, " ") }

// stop ends the process in good order.
func (p *process) stop() error {
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // it may have ended
	err := <-p.ended
	p.ended <- err
	if err != nil {
		return fmt.Errorf("%s: %w: %s", p.name(), err, p.said.String())
	}
	return nil
}

// cost is what it took so far, with the processes that it started.
func (p *process) cost() measure.Process { return measure.Tree(p.cmd.Process.Pid) }

// site is a node whose pages answer.
type site struct {
	*process
	url   string
	ready time.Duration // from the start to the first page
}

// serve runs the program and waits until its pages answer at an address.
func serve(ctx context.Context, dir, program, address string, args ...string) (*site, error) {
	s := &site{url: "http://" + address}
	took := measure.Stopwatch()
	var err error
	if s.process, err = runBeside(ctx, dir, program, args...); err != nil {
		return nil, err
	}
	err = s.await(ctx, 2*time.Millisecond, func() bool { return answers(ctx, s.url+"/sign-in") })
	s.ready = took()
	return s, err
}

// answers says whether a page is there.
func answers(ctx context.Context, url string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	resp, err := probe.Do(req)
	if err != nil {
		return false
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return errors.Join(err, resp.Body.Close()) == nil && resp.StatusCode == http.StatusOK
}

// probe asks whether a node answers.
var probe = &http.Client{Timeout: 5 * time.Second}

// The ports that freeAddress draws from are below those that systems hand out for
// port 0 and for connections (from 32768 on Linux, 49152 elsewhere): between its
// answer and the start of the program that is to listen there, nobody gets it by chance.
const (
	firstPort = 15000
	lastPort  = 31999
)

var handedOut sync.Map // ports that freeAddress gave

// freeAddress is one on this machine where nobody listens, and which it gave nobody before.
func freeAddress(ctx context.Context) (string, error) {
	var err error
	for range 1000 {
		port := firstPort + rand.N(lastPort-firstPort+1)
		if _, given := handedOut.LoadOrStore(port, true); given {
			continue
		}
		var ln net.Listener
		if ln, err = new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port))); err == nil {
			return ln.Addr().String(), ln.Close()
		}
	}
	return "", fmt.Errorf("no free port between %d and %d: %w", firstPort, lastPort, err)
}
