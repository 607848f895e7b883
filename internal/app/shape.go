package app

import (
	"dean06/internal/exchange/exchangenode"
	"dean06/internal/platform/config"
	"dean06/internal/population/populationnode"
)

// Shape is what the program's configuration may hold.
var Shape = config.Shape{
	Roles:    []string{"board", "authority", "hub", "agency"},
	Sections: []config.Section{exchangenode.GatewaySection, exchangenode.HubSection, populationnode.Section},
}
