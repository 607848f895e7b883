package config

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/private"
)

// tryFor is how long one thing may take to answer.
const tryFor = 5 * time.Second

// Warn adds what is worth mending and stops nothing, with the message "config.<what>".
func (c *Check) Warn(key, what string, args fault.Args) {
	c.l.problem(key, what, args)
	c.l.problems[len(c.l.problems)-1].Warning = true
}

// Fault adds a problem in the words of somebody else.
func (c *Check) Fault(key string, err error) {
	if f := fault.As(err); f != nil {
		c.l.problem(key, "", nil)
		c.l.problems[len(c.l.problems)-1].Fault = f
		return
	}
	c.l.problem(key, "error", fault.Args{"error": err.Error()})
}

// Folder tries a folder: that it can be written to, or made, and that what is in it is its
// owner's alone. It leaves nothing behind.
func (c *Check) Folder(key, path string) {
	if path == "" || !c.Room(key, path) {
		return
	}
	c.Private(key, path)
}

// Room says whether something can be put into a folder, or the folder be made, or adds a
// problem.
func (c *Check) Room(key, path string) bool {
	there := path
	for {
		info, err := os.Stat(there)
		if err == nil && !info.IsDir() {
			c.Problem(key, "folder.file", fault.Args{"path": there})
			return false
		}
		if err == nil {
			break
		}
		up := filepath.Dir(there)
		if !errors.Is(err, os.ErrNotExist) || up == there {
			c.Problem(key, "folder.closed", fault.Args{"path": there, "error": err.Error()})
			return false
		}
		there = up
	}
	f, err := os.CreateTemp(there, ".dean06-check-*")
	if err != nil {
		c.Problem(key, "folder.closed", fault.Args{"path": there, "error": err.Error()})
		return false
	}
	_ = f.Close()
	_ = os.Remove(f.Name())
	return true
}

// Private finds files that others may read: those are a problem; folders that others may
// look into are worth mending.
func (c *Check) Private(key string, paths ...string) {
	open, err := private.Look(paths...)
	if err != nil {
		c.Warn(key, "folder.unseen", fault.Args{"error": err.Error()})
	}
	if len(open.Files) > 0 {
		c.Problem(key, "exposed", fault.Args{"files": strings.Join(open.Files, " ")})
	}
	if len(open.Folders) > 0 {
		c.Warn(key, "exposed_folder", fault.Args{"folders": strings.Join(open.Folders, " ")})
	}
}

// Listen tries to listen on an address. One that the running node has itself is fine.
func (c *Check) Listen(key, addr string) {
	ln, err := new(net.ListenConfig).Listen(c.ctx, "tcp", addr)
	switch {
	case err == nil:
		_ = ln.Close()
	case c.Running && errors.Is(err, syscall.EADDRINUSE):
	default:
		c.Problem(key, "listen", fault.Args{"addr": addr, "error": err.Error()})
	}
}

// Dial tries whether something answers at HOST:PORT; what is only to answer while the node
// runs is looked up by name until it does.
func (c *Check) Dial(key, addr string, ours bool) {
	ctx, cancel := context.WithTimeout(c.ctx, tryFor)
	defer cancel()
	var err error
	if host, _, e := net.SplitHostPort(addr); ours && !c.Running && e == nil {
		_, err = net.DefaultResolver.LookupHost(ctx, host)
	} else {
		var conn net.Conn
		if conn, err = new(net.Dialer).DialContext(ctx, "tcp", addr); err == nil {
			_ = conn.Close()
		}
	}
	if err != nil {
		what := "unreached"
		if ours {
			what = "unreached_ours"
		}
		c.Problem(key, what, fault.Args{"addr": addr, "error": err.Error()})
	}
}

// Reach tries whether something answers under an http or https address, whatever it says.
func (c *Check) Reach(key, address string) {
	if address == "" {
		return
	}
	if _, err := c.get(address); err != nil {
		c.Problem(key, "unreached", fault.Args{"addr": address, "error": err.Error()})
	}
}

// LeadsHere tries whether an address leads to this node, once it runs; before, whether its
// name is known.
func (c *Check) LeadsHere(key, address string) {
	u, err := url.Parse(address)
	if err != nil || address == "" {
		return
	}
	if !c.Running {
		c.Dial(key, net.JoinHostPort(u.Hostname(), "0"), true)
		return
	}
	switch status, err := c.get(strings.TrimSuffix(address, "/") + "/healthz"); {
	case err != nil:
		c.Problem(key, "unreached_ours", fault.Args{"addr": address, "error": err.Error()})
	case status != http.StatusOK:
		c.Problem(key, "leads_away", fault.Args{"addr": address, "status": status})
	}
}

// IsOurs says whether a node answers at a listening address.
func (c *Check) IsOurs(addr string, secure bool) bool {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	scheme := "http"
	if secure {
		scheme = "https"
	}
	anybody := &tls.Config{InsecureSkipVerify: true} //nolint:gosec // whether it runs, nothing more
	status, err := c.ask(scheme+"://"+net.JoinHostPort(host, port)+"/healthz", anybody)
	return err == nil && status == http.StatusOK
}

func (c *Check) get(address string) (int, error) { return c.ask(address, nil) }

func (c *Check) ask(address string, t *tls.Config) (int, error) {
	ctx, cancel := context.WithTimeout(c.ctx, tryFor)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, err
	}
	client := http.Client{
		Transport:     &http.Transport{TLSClientConfig: t, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := client.Do(r)
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, resp.Body.Close()
}
