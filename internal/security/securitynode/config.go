package securitynode

import (
	"maps"
	"os"
	"strings"

	"dean06/data"
	"dean06/internal/platform/config"
	"dean06/internal/platform/fault"
	"dean06/internal/security"
)

// Config is the section "security": files that take the place of the rules and standards that
// the program brings, once what is not known of them is.
type Config struct {
	Rules     string `toml:"rules"`     // as data/security/rules.json; "": that one
	Standards string `toml:"standards"` // as data/security/standards.json; "": that one
}

// Section is the part of the configuration.
var Section = config.Section{
	Name: "security",
	New:  func() any { return &Config{} },
	Check: func(v any, c *config.Check) {
		s := v.(*Config)
		look(c, "security.rules", s.Rules, func(raw []byte) error { _, err := security.ReadBook(raw); return err })
		look(c, "security.standards", s.Standards, func(raw []byte) error { _, err := security.ReadStandards(raw); return err })
	},
}

// look says what is wrong with a file that somebody set.
func look(c *config.Check, key, path string, read func(raw []byte) error) {
	if path == "" || !c.Readable(key, path) {
		return
	}
	raw, err := os.ReadFile(path)
	if err == nil {
		err = read(raw)
	}
	if err == nil {
		return
	}
	f := fault.As(err)
	if f == nil {
		c.Problem(key, "file.cannot_open", fault.Args{"path": path, "error": err.Error()})
		return
	}
	args := fault.Args{}
	maps.Copy(args, f.Args)
	args["path"] = path
	c.Problem(key, strings.TrimPrefix(f.Key, "config."), args)
}

// brought is the file that was set, or the one that the program brings.
func brought(path, name string) ([]byte, error) {
	if path != "" {
		return os.ReadFile(path)
	}
	return data.Security.ReadFile("security/" + name)
}
