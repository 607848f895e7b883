package bench

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"dean06/internal/platform/measure"
)

// Static measures a server that does nothing but hand out one packed page from memory,
// with the board's users: what no program can beat here. program, called with args, a
// file and an address, serves the file by ServeStatic.
func (o Board) Static(ctx context.Context, page []byte, program string, args ...string) (s Section, err error) {
	file := filepath.Join(o.Dir, "page.html.gz")
	if err := os.WriteFile(file, page, 0o600); err != nil {
		return s, err
	}
	address, err := freeAddress(ctx)
	if err != nil {
		return s, err
	}
	p, err := serve(ctx, o.Dir, program, address, append(args, file, address)...)
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	s = o.crowd(ctx, "static", p.url, measure.Load{Callers: o.Users}, p.cost, visitor(""), []string{"/page"})
	s.Values["bytes_a_page"] = float64(len(page))
	return s, nil
}

// ServeStatic hands out a packed file at an address until ctx ends.
func ServeStatic(ctx context.Context, file, address string) error {
	page, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	server := &http.Server{
		Addr: address, BaseContext: func(net.Listener) context.Context { return ctx }, ReadHeaderTimeout: time.Minute,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Header().Set("Content-Encoding", "gzip")
			w.Header().Set("Content-Length", strconv.Itoa(len(page)))
			_, _ = w.Write(page)
		}),
	}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
