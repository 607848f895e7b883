package populationnode

import "dean06/internal/platform/config"

// Config is the section "population": how this node of the register gives numbers.
type Config struct {
	Dir   string `toml:"dir"`   // its key, from which the order of new numbers follows; the same on all nodes of one register
	Slot  int    `toml:"slot"`  // which of the nodes this is, from 0
	Slots int    `toml:"slots"` // how many nodes give numbers
}

// Section is the part of the configuration.
var Section = config.Section{
	Name: "population",
	New:  func() any { return &Config{Dir: "var/population", Slots: 1} },
	Check: func(v any, c *config.Check) {
		p := v.(*Config)
		c.Between("population.slots", p.Slots, 1, 1000)
		c.Between("population.slot", p.Slot, 0, p.Slots-1)
	},
}
