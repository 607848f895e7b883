package node

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strconv"

	"dean06/internal/platform/config"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/upload"
)

// Try tries what the settings of every node name: its database, folders, addresses, mail.
// Modules try their own. It makes nothing, and changes nothing.
func Try(modules []Module) func(ctx context.Context, cfg config.Config, c *config.Check) {
	return func(ctx context.Context, cfg config.Config, c *config.Check) {
		c.Running = c.IsOurs(cfg.HTTP.Addr, cfg.HTTP.TLSCert != "")
		c.Listen("http.addr", cfg.HTTP.Addr)
		c.LeadsHere("http.public_url", cfg.HTTP.PublicURL)
		tryDatabase(ctx, cfg.DB.URL.Reveal(), modules, c)
		if s3 := cfg.Blob.S3; s3.Endpoint != "" {
			c.Dial("blob.s3.endpoint", withPort(s3.Endpoint, "443"), false)
		}
		c.Folder("blob.dir", cfg.Blob.Dir)
		if takeUploads(modules) {
			c.Folder("upload.dir", cfg.Upload.Dir)
			tryScanner(ctx, cfg.Upload.Scanner, c)
		}
		if cfg.Mail.Host != "" {
			port := cfg.Mail.Port
			if port == 0 {
				port = map[bool]int{true: 465, false: 587}[cfg.Mail.TLS == "implicit"]
			}
			c.Dial("mail.host", net.JoinHostPort(cfg.Mail.Host, strconv.Itoa(port)), false)
		}
		c.Folder("mail.dir", cfg.Mail.Dir)
		c.Folder("session.dir", cfg.Session.Dir)
	}
}

func tryScanner(ctx context.Context, setting string, c *config.Check) {
	scanner, err := upload.ParseScanner(setting)
	if scanner == nil || err != nil { // what is no address was said before
		return
	}
	ctx, cancel := context.WithTimeout(ctx, dialFor)
	defer cancel()
	if err := scanner.Ping(ctx); err != nil {
		c.Problem("upload.scanner", "unreached", fault.Args{"addr": setting, "error": err.Error()})
	}
}

func withPort(addr, port string) string {
	if _, _, err := net.SplitHostPort(addr); err == nil {
		return addr
	}
	return net.JoinHostPort(addr, port)
}

func tryDatabase(ctx context.Context, url string, modules []Module, c *config.Check) {
	const key = "db.url"
	if path, ok := sqldb.SQLitePath(url); ok {
		if !c.Room(key, filepath.Dir(path)) {
			return
		}
		if info, err := os.Stat(path); err != nil || info.Size() == 0 {
			return // it is made at the first start
		}
		c.Private(key, sqldb.Files(path)...)
	}
	for _, err := range sqldb.Hosts(ctx, url) {
		c.Fault(key, err)
	}
	db, err := sqldb.Open(ctx, url, sqldb.Options{ReadOnly: true})
	if err != nil {
		c.Fault(key, err)
		return
	}
	defer db.Close()
	if err := (&Node{Base: &Base{}}).migrate(ctx, db.Examine(), modules); err != nil {
		c.Fault(key, err)
	}
	for _, err := range db.Unfit(ctx) {
		c.Fault(key, err)
	}
}
