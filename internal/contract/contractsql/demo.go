package contractsql

import (
	"context"
	"strings"
	"time"

	"dean06/internal/contract"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
)

// SeedDemo makes the system test-user with the secret test-secret and the officer
// canbo.test with every operation, for the demo country. A platform's token names the
// same system, and the officer's key is canbo.test:pass.
//
// What is there already stays as it is.
func (s *Store) SeedDemo(ctx context.Context, subsystem string, at time.Time) error {
	by := actor.OfSystem()
	_, err := s.System(ctx, "test-user")
	if err == nil || fault.Of(err) != fault.NotFound {
		return err
	}
	err = s.AddSystem(ctx, by, contract.System{
		User: "test-user", Secret: "test-secret", Name: "Hệ thống một cửa điện tử (mẫu)", Subsystem: subsystem,
		Procedures: demoProcedures,
	}, at)
	if err != nil {
		return err
	}
	return s.AddOfficer(ctx, by, subsystem, contract.Officer{
		Code: "canbo.test", Name: "Cán bộ mẫu", Office: demoOffice(subsystem), Operations: []string{"*"}, KeyPass: "pass",
	}, at)
}

// demoOffice is an office of the agency whose subsystem it is.
func demoOffice(subsystem string) string {
	if parts := strings.Split(subsystem, "/"); len(parts) == 4 {
		return parts[2] + ".16"
	}
	return ""
}

// demoProcedures are those of the essential services of Project 06 that had a code in
// July 2026: for these, and no others, the demo's older system may ask.
var demoProcedures = []string{
	"1.012566", "1.014061", "1.014062", "1.004222", "1.004194", "1.003677", "2.001159", "1.013066", "1.012575", "1.001456", "2.001410",
	"1.115231", "3.000347", "1.001193", "1.000656", "1.000894", "2.000986", "1.013831", "3.000001", "3.000099",
	"1.005142", "1.014748", "1.008498",
}
