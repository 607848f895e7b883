// Command load measures dean06: taking returns in, making workbooks, the pages
// of the board under many users, the report, the start, memory and size, calls
// through two gateways beside those of other programs, and the register. It
// prints the machine and one table; the README's section "Measured" is made
// from it. What measures is internal/bench.
//
//	go run ./test/load                 # everything, as `make bench` does
//	go run ./test/load -only board -period 60s -users 200
//
// It writes to a temporary folder only, runs the real program where a user
// would, and on PostgreSQL too when TEST_POSTGRES is set. It judges nothing:
// the targets stand beside the figures.
package main
