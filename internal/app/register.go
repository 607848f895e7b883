package app

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/config"
	"dean06/internal/population"
)

var systemClock = clock.System{}

// sqlitePath is the file of a database URL of SQLite.
func sqlitePath(url string) (string, bool) { return strings.CutPrefix(url, "sqlite:") }

// SQLitePath is the file of a database URL; "" when it is no SQLite database.
func SQLitePath(url string) string {
	path, ok := sqlitePath(url)
	if !ok {
		return ""
	}
	return path
}

// OpenRegister opens the register of a database for a command.
func OpenRegister(ctx context.Context, c config.Config) (*population.Register, io.Closer, error) {
	b, err := openBase(ctx, Settings{DB: c.DB.URL.Reveal()})
	if err != nil {
		return nil, nil, err
	}
	c.Node.Role = string(roleAuthority)
	a, err := openAuthority(ctx, b, c, nil, slog.Default())
	if err != nil {
		return nil, nil, errors.Join(err, b.Close())
	}
	return a.register, b, nil
}
