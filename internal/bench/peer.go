package bench

import (
	"bytes"
	"context"
	"crypto/x509"
	"embed"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"text/template"
	"time"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/measure"
	"dean06/internal/platform/pki"
)

//go:embed peers/*.conf
var peerFiles embed.FS

// Peer is another program that carries calls the same way: plain HTTP from the client,
// mutual TLS between two processes of it, plain HTTP to the service. It signs nothing
// and keeps no log.
type Peer struct {
	Name    string
	Program string // "" when it is not installed
	Install string // how to get it
	args    func(config string) []string
}

// Peers are those that calls are compared with.
func Peers() []Peer {
	return []Peer{
		{
			Name: "nginx", Program: find(os.Getenv("NGINX"), "nginx", "/usr/sbin/nginx"), Install: "apt install nginx-light",
			args: func(config string) []string { return []string{"-c", config} },
		},
		{
			Name: "caddy", Program: find(os.Getenv("CADDY"), "caddy"), Install: "see caddyserver.com/docs/install, or set CADDY to the program",
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

// Carried measures the calls of Exchange without its gateways.
type Carried struct {
	Dir     string // a folder for what is not kept
	Callers []int
	For     time.Duration // of each measurement
	Body    int           // bytes of a question and of an answer
}

// Floor asks the service itself.
func (o Carried) Floor(ctx context.Context) ([]Section, error) {
	address, stop, err := serveDocument(ctx, o.Body)
	if err != nil {
		return nil, err
	}
	defer stop()
	return o.drive(ctx, "floor", "http://"+address, nil), nil
}

// By asks it through two processes of a peer.
func (o Carried) By(ctx context.Context, p Peer) (out []Section, err error) {
	address, stop, err := serveDocument(ctx, o.Body)
	if err != nil {
		return nil, err
	}
	defer stop()
	sides, url, err := p.start(ctx, filepath.Join(o.Dir, p.Name), address)
	defer func() {
		for _, side := range sides {
			_ = side.stop() // how it ends is of no interest
		}
	}()
	if err != nil {
		return nil, err
	}
	both := func() measure.Process {
		var pids []int
		for _, side := range sides {
			pids = append(pids, side.cmd.Process.Pid)
		}
		return measure.Tree(pids...)
	}
	return o.drive(ctx, "carried", url, map[string]costs{"peer": both}), nil
}

func (o Carried) drive(ctx context.Context, name, url string, beside map[string]costs) (out []Section) {
	question := document(o.Body)
	for _, n := range o.Callers {
		l := measure.Load{Callers: n, Warm: o.For / 10, For: o.For}
		out = append(out, drive(ctx, name, l, beside, func(ctx context.Context, _, _ int) error {
			_, _, err := post(ctx, url, nil, question)
			return err
		}))
	}
	return out
}

// start runs both sides before a service at an address.
func (p Peer) start(ctx context.Context, dir, backend string) (sides []*process, url string, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, "", err
	}
	places := struct{ Dir, Consumer, Provider, ProviderPort, Backend string }{Dir: dir, Backend: backend}
	for _, to := range []*string{&places.Consumer, &places.Provider} {
		if *to, err = freeAddress(ctx); err != nil {
			return nil, "", err
		}
	}
	if _, places.ProviderPort, err = net.SplitHostPort(places.Provider); err != nil {
		return nil, "", err
	}
	if err := certificates(dir); err != nil {
		return nil, "", err
	}
	for _, side := range []string{"provider", "consumer"} {
		text, err := template.ParseFS(peerFiles, "peers/"+p.Name+"-"+side+".conf")
		if err != nil {
			return sides, "", err
		}
		var config bytes.Buffer
		if err := text.Execute(&config, places); err != nil {
			return sides, "", err
		}
		file := filepath.Join(dir, side+".conf")
		if err := os.WriteFile(file, config.Bytes(), 0o600); err != nil {
			return sides, "", err
		}
		run, err := runBeside(ctx, dir, p.Program, p.args(file)...)
		if err != nil {
			return sides, "", err
		}
		sides = append(sides, run)
	}
	url = "http://" + places.Consumer
	err = sides[1].await(ctx, 20*time.Millisecond, func() bool {
		_, _, err := post(ctx, url, nil, []byte("{}"))
		return err == nil
	})
	if err != nil {
		said, _ := os.ReadFile(filepath.Join(dir, "consumer.log")) // more of why, when there is one
		return sides, "", fmt.Errorf("%w: %s", err, said)
	}
	return sides, url, nil
}

// certificates makes an authority and a certificate for each side, P-256 as between
// gateways.
func certificates(dir string) error {
	authority, err := pki.FileKey(filepath.Join(dir, "ca.key"))
	if err != nil {
		return err
	}
	now := clock.System{}.Now()
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
	var all error
	for _, side := range []string{"consumer", "provider"} {
		key, err := pki.FileKey(filepath.Join(dir, side+".key"))
		if err != nil {
			return err
		}
		leaf, err := pki.Authority{Certificate: cert, Key: authority}.Issue(pki.Leaf{
			Public: key.Public(), Name: side, Hosts: []string{"127.0.0.1", "localhost"},
			From: now.Add(-time.Minute), Until: now.AddDate(0, 0, 1), Use: pki.Gateway,
		})
		if err != nil {
			return err
		}
		all = errors.Join(all, os.WriteFile(filepath.Join(dir, side+".crt"), pki.WriteCertificates(leaf), 0o600))
	}
	return all
}
