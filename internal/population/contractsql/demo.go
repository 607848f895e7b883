package contractsql

import (
	"context"
	"time"

	"dean06/internal/population"
)

// SeedDemo makes the system test-user with the secret test-secret and the officer
// canbo.test with every operation, for the demo country. A platform's token names the
// same system, and the officer's key is canbo.test:pass.
func (s *Store) SeedDemo(ctx context.Context, subsystem string, at time.Time) error {
	err := s.PutSystem(ctx, population.ContractSystem{
		User: "test-user", Secret: "test-secret", Name: "Hệ thống một cửa điện tử (mẫu)", Subsystem: subsystem,
	}, at)
	if err != nil {
		return err
	}
	return s.PutOfficer(ctx, subsystem, population.ContractOfficer{
		Code: "canbo.test", Name: "Cán bộ mẫu", Office: "H55.16", Operations: []string{"*"}, KeyPass: "pass",
	}, at)
}
