//go:build unix

package main

import (
	"bytes"
	"context"
	"crypto/x509"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"text/template"
	"time"

	"dean06/internal/platform/measure"
	"dean06/internal/platform/pki"
)

//go:embed peers/*.conf
var peerFiles embed.FS

// peer is another program that carries calls the same way: plain HTTP from the client,
// mutual TLS between two processes of it, plain HTTP to the service. It signs nothing
// and keeps no log.
type peer struct {
	name    string
	program string // "" when it is not installed
	install string // how to get it
	args    func(config string) []string
}

func peers() []peer {
	return []peer{
		{
			name: "nginx", program: find(os.Getenv("NGINX"), "nginx", "/usr/sbin/nginx"), install: "apt install nginx-light",
			args: func(config string) []string { return []string{"-c", config} },
		},
		{
			name: "caddy", program: find(os.Getenv("CADDY"), "caddy"), install: "see caddyserver.com/docs/install, or set CADDY to the program",
			args: func(config string) []string {
				return []string{"run", "--adapter", "caddyfile", "--config", config}
			},
		},
	}
}

// find gives the first of these programs that there is.
func find(names ...string) string {
	for _, name := range names {
		if name == "" {
			continue
		}
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// hops are the two processes of a peer, running.
type hops struct {
	url  string
	cmds []*exec.Cmd
	log  bytes.Buffer
}

// start runs both sides before a service at an address.
func (p peer) start(ctx context.Context, dir, backend string) (h *hops, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	places := struct{ Dir, Consumer, Provider, ProviderPort, Backend string }{Dir: dir, Backend: backend}
	for _, to := range []*string{&places.Consumer, &places.Provider} {
		if *to, err = freeAddress(); err != nil {
			return nil, err
		}
	}
	if _, places.ProviderPort, err = net.SplitHostPort(places.Provider); err != nil {
		return nil, err
	}
	if err := certificates(dir); err != nil {
		return nil, err
	}
	h = &hops{url: "http://" + places.Consumer}
	for _, side := range []string{"provider", "consumer"} {
		text, err := template.ParseFS(peerFiles, "peers/"+p.name+"-"+side+".conf")
		if err != nil {
			return nil, errors.Join(err, h.stop())
		}
		var config bytes.Buffer
		if err := text.Execute(&config, places); err != nil {
			return nil, errors.Join(err, h.stop())
		}
		file := filepath.Join(dir, side+".conf")
		if err := os.WriteFile(file, config.Bytes(), 0o600); err != nil {
			return nil, errors.Join(err, h.stop())
		}
		cmd := exec.CommandContext(ctx, p.program, p.args(file)...)
		cmd.Stdout, cmd.Stderr, cmd.Dir = &h.log, &h.log, dir
		if err := cmd.Start(); err != nil {
			return nil, errors.Join(err, h.stop())
		}
		h.cmds = append(h.cmds, cmd)
	}
	for began := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		err := post(ctx, h.url, []byte("{}"))
		if err == nil {
			return h, nil
		}
		if time.Since(began) > 20*time.Second {
			said, _ := os.ReadFile(filepath.Join(dir, "consumer.log"))
			return nil, errors.Join(h.stop(), fmt.Errorf("%s does not answer: %w: %s%s", p.name, err, h.log.String(), said))
		}
	}
}

// stop ends both. How they end is of no interest.
func (h *hops) stop() error {
	for _, c := range h.cmds {
		_ = c.Process.Signal(syscall.SIGTERM)
	}
	for _, c := range h.cmds {
		_ = c.Wait()
	}
	return nil
}

// cost is what both took so far, with the processes that they started.
func (h *hops) cost() measure.Process {
	var pids []int
	for _, c := range h.cmds {
		pids = append(pids, family(c.Process.Pid)...)
	}
	return measure.Tree(pids...)
}

// family is a process and its children, as Linux tells them.
func family(pid int) []int {
	all := []int{pid}
	raw, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	for _, s := range strings.Fields(string(raw)) {
		if child, err := strconv.Atoi(s); err == nil {
			all = append(all, family(child)...)
		}
	}
	return all
}

// certificates makes an authority and a certificate for each side, P-256 as between
// gateways.
func certificates(dir string) error {
	authority, err := pki.FileKey(filepath.Join(dir, "ca.key"))
	if err != nil {
		return err
	}
	now := time.Now()
	der, err := pki.NewAuthority(authority, "load", now, 1)
	if err != nil {
		return err
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "ca.crt"), pki.WriteCertificates(der), 0o600); err != nil {
		return err
	}
	for _, side := range []string{"consumer", "provider"} {
		key, err := pki.FileKey(filepath.Join(dir, side+".key"))
		if err != nil {
			return err
		}
		leaf, err := pki.Authority{Certificate: cert, Key: authority}.Issue(pki.Leaf{
			Public: key.Public(), Name: side, Hosts: []string{"127.0.0.1", "localhost"}, From: now.Add(-time.Minute), Until: now.AddDate(0, 0, 1), Use: pki.Gateway,
		})
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, side+".crt"), pki.WriteCertificates(leaf), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// client is as that of `dean06 bench exchange`.
var client = &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 1024, DisableCompression: true}}

func post(ctx context.Context, url string, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return errors.New(resp.Status)
	}
	return nil
}

// document is JSON of so many bytes.
func document(size int) []byte {
	raw, _ := json.Marshal(map[string]string{"data": strings.Repeat("a", max(0, size-len(`{"data":""}`)))})
	return raw
}

// service answers every question with a document of so many bytes, in this process.
func service(ctx context.Context, size int) (address string, stop func(), err error) {
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	answer := document(size)
	s := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(answer)
	})}
	go func() { _ = s.Serve(ln) }() // until stop
	return ln.Addr().String(), func() { _ = s.Close() }, nil
}
