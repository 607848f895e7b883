package node

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"dean06/internal/platform/config"
	"dean06/internal/platform/disk"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/health"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/private"
	"dean06/internal/platform/sqldb"
)

const (
	vitalFor   = 4 * time.Second  // a check that /readyz waits for
	deepFor    = 30 * time.Second // one that a person waits for
	soonEnds   = 14 * 24 * time.Hour
	littleFree = 2 << 30
	noFree     = 200 << 20
	dialFor    = 5 * time.Second
)

// examine really tries what the node needs: its database, its folders, its certificate, its
// background work, and what its modules know of. One check that fails, hangs or panics
// leaves the others alone.
func (n *Node) examine(ctx context.Context, depth health.Depth) []health.Finding {
	checks := []health.Check{
		{Name: "database", From: health.Vital, Ask: n.askDatabase},
		{Name: "disk", From: health.Vital, Ask: n.askFolders},
		{Name: "jobs", From: health.Vital, Ask: n.askJobs},
		{Name: "pages", From: health.Vital, Ask: func(context.Context, health.Depth) []health.Finding {
			return AskPages(n.Config.HTTP, n.Clock.Now())
		}},
		{Name: "way", From: health.Regular, Ask: n.askWay},
		{Name: "mail", From: health.Regular, Ask: func(ctx context.Context, _ health.Depth) []health.Finding {
			return AskMail(ctx, n.Config.Mail)
		}},
		{Name: "second_factor", From: health.Regular, Ask: n.askFactors},
		{Name: "private", From: health.Full, Ask: func(context.Context, health.Depth) []health.Finding {
			return AskPrivate(n.Config, n.partFolders())
		}},
	}
	if takeUploads(n.modules) {
		checks = append(checks, health.Check{Name: "upload", From: health.Regular, Ask: n.Uploads.Examine})
	}
	var keys []KeyFile
	for _, p := range n.parts {
		keys = append(keys, p.Keys...)
	}
	if len(keys) > 0 {
		checks = append(checks, health.Check{Name: "keys", From: health.Regular, Ask: func(context.Context, health.Depth) []health.Finding {
			return AskKeys(keys)
		}})
	}
	for i, p := range n.parts {
		name := n.modules[i].Name
		if p.Ready != nil {
			checks = append(checks, health.Check{Name: name, From: health.Vital, Ask: func(ctx context.Context, _ health.Depth) []health.Finding {
				return askReady(ctx, name, p.Ready)
			}})
		}
		if p.Doctor != nil {
			checks = append(checks, health.Check{Name: name, From: health.Vital, Ask: p.Doctor})
		}
	}
	within := vitalFor
	if depth > health.Vital {
		within = deepFor
	}
	return health.Gather(ctx, depth, within, checks...)
}

func failing(name, key string, args fault.Args) health.Finding {
	return health.Finding{Check: name, Level: health.Failing, Key: "node.doctor." + key, Args: args, Stops: true}
}

func fine(name, key string, args fault.Args) health.Finding {
	return health.Finding{Check: name, Level: health.Fine, Key: "node.doctor." + key, Args: args}
}

func warning(name, key string, args fault.Args) health.Finding {
	return health.Finding{Check: name, Level: health.Warning, Key: "node.doctor." + key, Args: args}
}

// askDatabase reads and, unless the node was opened for looking, writes.
func (n *Node) askDatabase(ctx context.Context, _ health.Depth) []health.Finding {
	const check = "database"
	args := fault.Args{"database": sqldb.Redact(n.Config.DB.URL.Reveal())}
	if err := n.DB.Ping(ctx); err != nil {
		return []health.Finding{DatabaseAway(n.Config, err)}
	}
	if n.ReadOnly {
		return []health.Finding{fine(check, "database.read", args)}
	}
	err := jobs.TryWrite(ctx, n.DB, n.Clock.Now())
	switch {
	case err == nil:
		return []health.Finding{fine(check, "database.fine", args)}
	case sqldb.IsFull(err):
		return []health.Finding{failing(check, "database.full", args)}
	}
	args["reason"] = err.Error()
	return []health.Finding{failing(check, "database.unwritable", args)}
}

// DatabaseAway is what is found when the database does not answer.
func DatabaseAway(c config.Config, err error) health.Finding {
	if f := fault.As(err); f != nil {
		return health.Finding{Check: "database", Level: health.Failing, Key: f.Key, Args: f.Args, Stops: true}
	}
	return failing("database", "database.away", fault.Args{"database": sqldb.Redact(c.DB.URL.Reveal()), "reason": err.Error()})
}

func (n *Node) askJobs(ctx context.Context, _ health.Depth) []health.Finding {
	now := n.Clock.Now()
	begun := n.served.Load()
	if begun == nil { // another process serves, or none
		if n.ReadOnly {
			return nil
		}
		begun = &now
	}
	return jobs.Examine(ctx, n.DB, now, *begun)
}

// folders are those that the node writes to, each once.
func (n *Node) folders() []string {
	return append(PlatformFolders(n.Config), n.partFolders()...)
}

func (n *Node) partFolders() []string {
	var out []string
	if takeUploads(n.modules) {
		out = append(out, n.Config.Upload.Dir)
	}
	for _, p := range n.parts {
		out = append(out, p.Folders...)
	}
	return out
}

// PlatformFolders are those that any node writes to.
func PlatformFolders(c config.Config) []string {
	var out []string
	if path, ok := SQLitePath(c.DB.URL.Reveal()); ok {
		path, _, _ = strings.Cut(path, "?")
		out = append(out, filepath.Dir(path))
	}
	if c.Blob.S3.Endpoint == "" {
		out = append(out, c.Blob.Dir)
	}
	if c.Mail.Host == "" && c.Mail.Dir != "" {
		out = append(out, c.Mail.Dir)
	}
	return append(out, c.Session.Dir)
}

func (n *Node) askFolders(context.Context, health.Depth) []health.Finding {
	return AskFolders(n.folders(), n.ReadOnly)
}

// AskFolders writes to each folder; a folder that is not there yet, to the one above it
// that is, as it will be made there. Who only looks tries what is theirs.
func AskFolders(folders []string, looking bool) []health.Finding {
	const check = "disk"
	var list []health.Finding
	asked := map[string]bool{}
	for _, dir := range folders {
		at := existing(dir)
		if asked[at] {
			continue
		}
		asked[at] = true
		args := fault.Args{"dir": dir}
		add := func(level health.Level, key string) {
			list = append(list, health.Finding{
				Check: check, Subject: dir, Level: level, Key: "node.doctor." + key, Args: args,
				Stops: level == health.Failing && key != "disk.none", // there it can be written still
			})
		}
		err := disk.Try(at)
		free, known := disk.Free(at)
		args["megabytes"] = free >> 20
		switch {
		case errors.Is(err, fs.ErrPermission) && looking && !private.Mine(at):
			add(health.Warning, "disk.not_mine")
		case disk.IsFull(err):
			add(health.Failing, "disk.full")
		case err != nil:
			args["reason"] = err.Error()
			add(health.Failing, "disk.unwritable")
		case known && free < noFree:
			add(health.Failing, "disk.none")
		case known && free < littleFree:
			add(health.Warning, "disk.little")
		case known:
			add(health.Fine, "disk.fine")
		default:
			add(health.Fine, "disk.written")
		}
	}
	return list
}

// existing is a folder, or the nearest above it that is there.
func existing(dir string) string {
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	for {
		if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) || filepath.Dir(dir) == dir {
			return dir
		}
		dir = filepath.Dir(dir)
	}
}

// AskKeys looks whether the files of keys are there and hold what they should. The node that
// runs has read them, and goes on; it is the next start that would not, or would make another.
func AskKeys(keys []KeyFile) []health.Finding {
	const check = "keys"
	var list []health.Finding
	for _, k := range keys {
		err := k.Read(k.Path)
		if err == nil {
			continue
		}
		args := fault.Args{"file": k.Path}
		key := "key.missing"
		if !errors.Is(err, fs.ErrNotExist) {
			key, args["reason"] = "key.unreadable", err.Error()
		}
		f := failing(check, key, args)
		f.Subject, f.Stops = k.Path, false
		list = append(list, f)
	}
	if len(list) == 0 {
		list = append(list, fine(check, "key.fine", fault.Args{"n": len(keys)}))
	}
	return list
}

// AskPages looks at the certificate of the pages as it lies in its files.
func AskPages(h config.HTTP, now time.Time) []health.Finding {
	const check = "pages"
	if h.TLSCert == "" {
		return nil
	}
	args := fault.Args{"file": h.TLSCert}
	cert, err := tls.LoadX509KeyPair(h.TLSCert, h.TLSKey)
	if err != nil {
		args["reason"] = err.Error()
		f := failing(check, "pages.unreadable", args)
		f.Stops = false // the one from before is in use
		return []health.Finding{f}
	}
	args["until"] = cert.Leaf.NotAfter
	switch {
	case now.After(cert.Leaf.NotAfter):
		return []health.Finding{failing(check, "pages.expired", args)}
	case now.Before(cert.Leaf.NotBefore):
		args["from"] = cert.Leaf.NotBefore
		return []health.Finding{failing(check, "pages.early", args)}
	case cert.Leaf.NotAfter.Sub(now) < soonEnds:
		return []health.Finding{warning(check, "pages.soon", args)}
	}
	return []health.Finding{fine(check, "pages.fine", args)}
}

// AskMail connects to the mail server and waits for its greeting; nothing is sent.
func AskMail(ctx context.Context, m config.Mail) []health.Finding {
	const check = "mail"
	if m.Host == "" {
		return nil
	}
	port := m.Port
	if port == 0 {
		port = 587
		if m.TLS == "implicit" {
			port = 465
		}
	}
	args := fault.Args{"server": net.JoinHostPort(m.Host, strconv.Itoa(port))}
	err := greeted(ctx, m, port)
	if err == nil {
		return []health.Finding{fine(check, "mail.fine", args)}
	}
	args["reason"] = err.Error()
	f := failing(check, "mail.away", args)
	f.Stops = false // letters wait in the outbox
	return []health.Finding{f}
}

// greeted says whether the server says 220.
func greeted(ctx context.Context, m config.Mail, port int) error {
	ctx, cancel := context.WithTimeout(ctx, dialFor)
	defer cancel()
	address := net.JoinHostPort(m.Host, strconv.Itoa(port))
	var conn net.Conn
	var err error
	if m.TLS == "implicit" {
		conn, err = (&tls.Dialer{Config: &tls.Config{ServerName: m.Host, MinVersion: tls.VersionTLS12}}).DialContext(ctx, "tcp", address)
	} else {
		conn, err = (&net.Dialer{}).DialContext(ctx, "tcp", address)
	}
	if err != nil {
		return err
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return err
		}
	}
	line := make([]byte, 3)
	if _, err := conn.Read(line); err != nil {
		return fmt.Errorf("wait for its greeting: %w", err)
	}
	if string(line) != "220" {
		return fmt.Errorf("it greets with %q", line)
	}
	_, err = conn.Write([]byte("QUIT\r\n"))
	return err
}

// AskPrivate looks for what others may read: the database's files, and all below the
// folders of the node.
func AskPrivate(c config.Config, folders []string) []health.Finding {
	const check = "private"
	all := append(folders, c.Session.Dir)
	if path, ok := SQLitePath(c.DB.URL.Reveal()); ok {
		path, _, _ = strings.Cut(path, "?")
		all = append(all, path, path+"-wal", path+"-shm") // others' files may lie beside it
	}
	if c.Blob.S3.Endpoint == "" {
		all = append(all, c.Blob.Dir)
	}
	if c.Mail.Host == "" {
		all = append(all, c.Mail.Dir)
	}
	var there []string
	for _, path := range all {
		if _, err := os.Stat(path); path != "" && err == nil {
			there = append(there, path)
		}
	}
	exposed, err := private.Look(there...)
	switch {
	case len(exposed.Files)+len(exposed.Folders) > 0:
		f := failing(check, "private.open", fault.Args{"files": strings.Join(append(exposed.Folders, exposed.Files...), " ")})
		f.Stops = false
		return []health.Finding{f}
	case err != nil:
		return []health.Finding{warning(check, "private.unknown", fault.Args{"reason": err.Error()})}
	}
	return []health.Finding{fine(check, "private.fine", nil)}
}

func askReady(ctx context.Context, module string, ready func(context.Context) error) []health.Finding {
	err := ready(ctx)
	if err == nil {
		return nil
	}
	if f := fault.As(err); f != nil {
		return []health.Finding{{Check: module, Level: health.Failing, Key: f.Key, Args: f.Args, Stops: true}}
	}
	return []health.Finding{failing(module, "module", fault.Args{"module": module, "reason": err.Error()})}
}
