package populationnode

import (
	"time"

	"dean06/internal/platform/config"
	"dean06/internal/platform/fault"
)

// Config is the section "population": how this node of the register gives numbers.
type Config struct {
	Dir   string `toml:"dir"`   // its key, from which the order of new numbers follows; the same on all nodes of one register
	Slot  int    `toml:"slot"`  // which of the nodes this is, from 0
	Slots int    `toml:"slots"` // how many nodes give numbers
	// KeepLookups is how long look-ups stay in the database, where citizens and auditors see
	// them; then they go to archive files. ArchiveKeep is how long those are kept; 0: for ever.
	KeepLookups time.Duration `toml:"keep_lookups"`
	ArchiveKeep time.Duration `toml:"archive_keep"`
}

// Citizens are to see who looked at their data; the log is kept at least a year.
const (
	keepLookups  = 5 * 365 * 24 * time.Hour
	leastLookups = 365 * 24 * time.Hour
)

// Section is the part of the configuration.
var Section = config.Section{
	Name: "population",
	New:  func() any { return &Config{Dir: "var/population", Slots: 1, KeepLookups: keepLookups} },
	Check: func(v any, c *config.Check) {
		p := v.(*Config)
		c.Between("population.slots", p.Slots, 1, 1000)
		c.Between("population.slot", p.Slot, 0, p.Slots-1)
		if p.KeepLookups < leastLookups {
			c.Problem("population.keep_lookups", "too_short", fault.Args{"min": leastLookups.String()})
		}
		if p.ArchiveKeep != 0 && p.ArchiveKeep < p.KeepLookups {
			c.Problem("population.archive_keep", "less_than", fault.Args{"other": "population.keep_lookups"})
		}
	},
	Try: func(v any, c *config.Check) {
		if c.Role() == roleAuthority {
			c.Folder("population.dir", v.(*Config).Dir)
		}
	},
}
