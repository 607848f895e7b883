package config

import (
	"context"
	"fmt"
	"net/netip"
	"strings"

	"dean06/internal/platform/fault"
)

// Section is a part of the configuration that a module brings: one table of the
// file, whose settings are read, overridden and checked as the node's own are.
type Section struct {
	Name string // of the table: "gateway"
	// New gives a pointer to a struct (fields with toml tags) that holds the defaults.
	New func() any
	// Check holds the settings against each other and against the machine; v is what
	// New gave, filled in. nil checks nothing.
	Check func(v any, c *Check)
	// Try holds them against what they name: folders, addresses, services. nil tries nothing.
	Try func(v any, c *Check)
}

// Shape is what a program's configuration may hold beside the node's own.
type Shape struct {
	Roles    []string // that a node may have
	Sections []Section
	// AccountRoles are those that accounts may hold on any node.
	AccountRoles []string
}

// In finds the section of type T. It panics when no module brings one, which is a
// mistake in the program.
func In[T any](c Config) *T {
	for _, s := range c.Sections {
		if t, ok := s.(*T); ok {
			return t
		}
	}
	var none T
	panic(fmt.Sprintf("config: no module brings a section of type %T", none))
}

// Check is what the check of a section says its findings with. Keys are whole:
// "gateway.dir".
type Check struct {
	l   *loader
	ctx context.Context //nolint:containedctx // of Try, for as long as it runs
	// Running says that the node itself answers: its ports are taken by itself.
	Running bool
}

// Role is the role of the node.
func (c *Check) Role() string { return c.l.cfg.Node.Role }

// Problem adds a problem with the message "config.<what>".
func (c *Check) Problem(key, what string, args fault.Args) { c.l.problem(key, what, args) }

// OneOf wants one of the values.
func (c *Check) OneOf(key, value string, list []string) { c.l.oneOf(key, value, list) }

// Between wants low <= value <= high.
func (c *Check) Between(key string, value, low, high int) { c.l.between(key, value, low, high) }

// URL wants an address of http or https, or none.
func (c *Check) URL(key, value string) { c.l.httpURL(key, value) }

// Address wants HOST:PORT.
func (c *Check) Address(key, value string) { c.l.address(key, value) }

// Loopback wants HOST:PORT on this machine: what passes there is not encrypted.
func (c *Check) Loopback(key, value string) {
	if host, ok := c.l.address(key, value); ok && !isLoopback(host) {
		c.l.problem(key, "loopback", fault.Args{"value": value})
	}
}

// Host wants the name of a machine, or an address, without a port.
func (c *Check) Host(key, value string) {
	if _, err := netip.ParseAddr(value); err != nil && (value == "" || strings.ContainsAny(value, " /:@*")) {
		c.l.problem(key, "host", fault.Args{"value": value})
	}
}

// Subsystem adds the problem that a value is no subsystem of an exchange.
func (c *Check) Subsystem(key, value string) {
	c.l.problem(key, "subsystem", fault.Args{"value": value})
}

// SubsystemCode adds the problem that a value is no code of a subsystem.
func (c *Check) SubsystemCode(key, value string) {
	c.l.problem(key, "subsystem_code", fault.Args{"value": value})
}

// Secret reads a secret from its file, whose key is key with "_file".
func (c *Check) Secret(key string, value *Secret, file string) { c.l.secret(key, value, file) }

// Readable says that a file can be opened, or adds a problem.
func (c *Check) Readable(key, path string) bool { return c.l.readable(key, path) }
