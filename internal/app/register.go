package app

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/config"
	"dean06/internal/platform/i18n"
	"dean06/internal/population"
	"dean06/internal/population/people"
	"dean06/internal/population/populationnode"
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

// WriteLoadReport writes what became of a file of persons, for a person to read.
func WriteLoadReport(w io.Writer, lang i18n.Lang, r population.LoadReport) error {
	catalogue, err := Catalogue()
	if err != nil {
		return err
	}
	p := catalogue.In(lang)
	if _, err := fmt.Fprintln(w, p.T("cli.population.loaded", map[string]any{"loaded": r.Loaded, "rows": r.Rows})); err != nil {
		return err
	}
	for _, b := range r.Bad {
		if _, err := fmt.Fprintln(w, p.T("cli.population.bad", map[string]any{"line": b.Line, "column": b.Column, "reason": p.T(b.Key, b.Args)})); err != nil {
			return err
		}
	}
	return nil
}

// commandLine is who loads and exports from the command line: whoever may write to
// the database may do that.
var commandLine = population.Actor{Account: "system:dean06", Name: "dean06", Roles: []population.Role{population.Administrator}}

// GeneratePeople writes an invented country as the file that LoadPeople reads.
func GeneratePeople(w io.Writer, n int, seed int64) error {
	return people.WriteCSV(w, n, seed, people.Options{})
}

// LoadPeople loads a file of persons into the register of a database.
func LoadPeople(ctx context.Context, c config.Config, file io.Reader, name string, progress func(rows int)) (population.LoadReport, error) {
	a, err := openRegister(ctx, c)
	if err != nil {
		return population.LoadReport{}, err
	}
	defer a.base.Close()
	return a.register.Load(ctx, file, population.LoadOptions{Actor: commandLine, Name: name, Progress: progress})
}

// ExportPeople writes the persons of a register as a file that LoadPeople reads, and
// notes why.
func ExportPeople(ctx context.Context, c config.Config, purpose string, w io.Writer) (int, error) {
	if path, ok := sqlitePath(c.DB.URL.Reveal()); ok {
		if _, err := os.Stat(path); err != nil {
			return 0, fmt.Errorf("open the register's database: %w", err)
		}
	}
	a, err := openRegister(ctx, c)
	if err != nil {
		return 0, err
	}
	defer a.base.Close()
	return a.register.Export(ctx, w, population.ExportOptions{Actor: commandLine, Purpose: purpose})
}

func openRegister(ctx context.Context, c config.Config) (*authorityPart, error) {
	b, err := openBase(ctx, Settings{DB: c.DB.URL.Reveal()})
	if err != nil {
		return nil, err
	}
	a, err := openAuthority(ctx, b, *config.In[populationnode.Config](c), nil, slog.Default())
	if err != nil {
		_ = b.Close()
		return nil, err
	}
	return a, nil
}
