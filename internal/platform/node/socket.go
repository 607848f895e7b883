package node

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"dean06/internal/platform/config"
	"dean06/internal/platform/health"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/private"
)

// The socket is how commands speak to the node that runs: a file beside those that it keeps,
// for its own user alone and root.

// ErrNotRunning says that no node of a configuration runs here.
var ErrNotRunning = errors.New("no node of this configuration runs on this machine")

// socketFile is the socket of a node: beside the folder of its files.
func socketFile(c config.Config) string {
	return filepath.Join(filepath.Dir(filepath.Clean(c.Blob.Dir)), "node.sock")
}

// nameOf tells the node of one database from that of another, without telling which.
func nameOf(c config.Config) string {
	url := c.DB.URL.Reveal()
	if path, ok := SQLitePath(url); ok {
		if abs, err := filepath.Abs(path); err == nil {
			url = abs // whoever asks may stand in another folder
		}
	}
	sum := sha256.Sum256([]byte(url))
	return hex.EncodeToString(sum[:16])
}

const (
	nodeHeader = "Dean06-Node"
	doctorPath = "/doctor"
	// mostFindings bounds what a command reads of a node.
	mostFindings = 8 << 20
)

// Found is a finding in words, as one prints it.
type Found struct {
	Check   string       `json:"check"`
	Subject string       `json:"subject,omitempty"`
	Level   health.Level `json:"level"`
	Text    string       `json:"text"`
}

// InWords writes findings in the language of a reader.
func InWords(p *i18n.Printer, list []health.Finding) []Found {
	out := make([]Found, len(list))
	for i, f := range list {
		out[i] = Found{Check: f.Check, Subject: f.Subject, Level: f.Level, Text: p.T(f.Key, f.Args)}
	}
	return out
}

// serveSocket answers commands of the node's own user until ctx ends. A node that cannot
// have the socket runs without, and says so.
func (n *Node) serveSocket(ctx context.Context) error {
	path := socketFile(n.Config)
	ln, err := listenSocket(ctx, path)
	if err != nil {
		n.Log.Warn("commands cannot speak to this node", "socket", path, "error", err)
		return nil
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+doctorPath, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		found := n.Examine(r.Context(), health.Full)
		_ = json.NewEncoder(w).Encode(InWords(n.Messages.In(i18n.Lang(r.URL.Query().Get("lang"))), found))
	})
	s := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(nodeHeader, nameOf(n.Config))
		mux.ServeHTTP(w, r)
	})}
	go func() {
		<-ctx.Done()
		_ = s.Close()
	}()
	if err := s.Serve(ln); !errors.Is(err, http.ErrServerClosed) && ctx.Err() == nil {
		n.Log.Error("the socket for commands ended", "socket", path, "error", err)
	}
	return nil
}

// listenSocket makes the socket. One that a node left behind is taken away; one that
// another node answers on is not.
func listenSocket(ctx context.Context, path string) (net.Listener, error) {
	if err := private.Folder(filepath.Dir(path)); err != nil {
		return nil, err
	}
	near, done, err := near(path)
	if err != nil {
		return nil, err
	}
	defer done()
	if conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "unix", near); err == nil {
		_ = conn.Close()
		return nil, errors.New("another node answers on it")
	}
	_ = os.Remove(path)
	ln, err := new(net.ListenConfig).Listen(ctx, "unix", near)
	if err != nil {
		return nil, err
	}
	// Taken away by its real name below, not by the one that leads through this process.
	ln.(*net.UnixListener).SetUnlinkOnClose(false)
	if err := os.Chmod(path, private.FileMode); err != nil {
		_ = ln.Close()
		return nil, err
	}
	return unlinking{ln, path}, nil
}

type unlinking struct {
	net.Listener
	path string
}

// Close closes the socket and takes its file away.
func (u unlinking) Close() error {
	_ = os.Remove(u.path)
	return u.Listener.Close()
}

// longest is how long the address of a socket may be (sun_path of unix(7), less its end).
const longest = 100

// near gives a name of a socket that is short enough. done lets go of what it leads through.
func near(path string) (name string, done func(), err error) {
	if len(path) <= longest {
		return path, func() {}, nil
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return "", nil, err
	}
	return fmt.Sprintf("/proc/self/fd/%d/%s", dir.Fd(), filepath.Base(path)), func() { _ = dir.Close() }, nil
}

// AskRunning asks the node of a configuration that runs on this machine for a full
// examination. It fails with ErrNotRunning when none does.
func AskRunning(ctx context.Context, c config.Config, lang i18n.Lang) ([]Found, error) {
	path := socketFile(c)
	near, done, err := near(path)
	if err != nil {
		return nil, ErrNotRunning
	}
	defer done()
	client := http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{Timeout: dialFor}).DialContext(ctx, "unix", near)
		},
	}}
	ctx, cancel := context.WithTimeout(ctx, 2*deepFor)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://node"+doctorPath+"?lang="+string(lang), nil)
	if err != nil {
		return nil, err
	}
	answer, err := client.Do(r)
	switch {
	case errors.Is(err, os.ErrPermission):
		return nil, fmt.Errorf("the node runs, and %s is for its own user: run this command as that user: %w", path, err)
	case err != nil && ctx.Err() != nil:
		return nil, fmt.Errorf("the node runs and does not answer: %w", err)
	case err != nil:
		return nil, ErrNotRunning
	}
	defer answer.Body.Close()
	if answer.Header.Get(nodeHeader) != nameOf(c) {
		return nil, ErrNotRunning // it is another node that answers there
	}
	raw, err := io.ReadAll(io.LimitReader(answer.Body, mostFindings))
	if err != nil {
		return nil, fmt.Errorf("the node runs and its answer broke off: %w", err)
	}
	var list []Found
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, fmt.Errorf("read what the node found: %w", err)
	}
	return list, nil
}
