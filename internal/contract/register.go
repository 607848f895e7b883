package contract

import "dean06/internal/xroad"

// Register is the subsystem of the population register, the Ministry of Public
// Security's, in an exchange.
func Register(instance string) xroad.ID {
	return xroad.ID{Instance: instance, Class: "GOV", Member: "G01", Subsystem: "DANCU"}
}
