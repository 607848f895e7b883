package readinessnode

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"path"

	"dean06/data"
	"dean06/internal/platform/fault"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinessdocx"
	"dean06/internal/readiness/readinessxlsx"
)

// load reads a file that the program carries.
func load[T any](file string, read func([]byte) (T, error)) (T, error) {
	raw, err := data.Readiness.ReadFile("readiness/" + file)
	if err != nil {
		var none T
		return none, err
	}
	return read(raw)
}

// install puts in the forms and letters that the program carries.
func (n *Node) install(ctx context.Context) error {
	templates, err := fs.Glob(data.Readiness, "readiness/template-*.json")
	if err != nil {
		return err
	}
	for _, file := range templates {
		raw, err := data.Readiness.ReadFile(file)
		if err != nil {
			return err
		}
		if err := n.register.Install(ctx, System(), raw); err != nil {
			return fmt.Errorf("%s: %w", path.Base(file), err)
		}
	}
	campaigns, err := load("campaigns.json", readiness.LoadCampaigns)
	if err != nil {
		return err
	}
	for _, c := range campaigns {
		if _, err := n.store.Campaign(ctx, c.ID); err == nil {
			continue
		}
		if err := n.register.OpenCampaign(ctx, System(), c); err != nil && fault.Of(err) != fault.Conflict {
			return fmt.Errorf("campaign %s: %w", c.ID, err)
		}
	}
	return nil
}

// wordForms and excelForms give the register its readers.
type (
	wordForms  struct{}
	excelForms struct{}
)

// Read reads a Word file.
func (wordForms) Read(tpl *readiness.Template, name string, r io.ReaderAt, size int64) (readiness.Return, []readiness.Problem, error) {
	return readinessdocx.Read(tpl, name, r, size)
}

// Read reads an Excel file.
func (excelForms) Read(tpl *readiness.Template, name string, r io.ReaderAt, size int64) (readiness.Return, []readiness.Problem, error) {
	return readinessxlsx.Read(tpl, name, r, size)
}
