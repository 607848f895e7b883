// Command load measures dean06: taking returns in, making workbooks, the pages
// of the board under many users, the report, the start, memory and size, calls
// through two gateways beside those of other programs and with the gate beside without it, the register, and a birth
// that a robot registers. It prints the machine and one table; the README's section
// "Measured" is made from it. What measures is internal/bench.
//
//	go run ./test/load                 # everything, as `make bench` does
//	go run ./test/load -only board -period 60s -users 200
//	go run ./test/load -only gate -seconds 2 -pairs 30   # what a right that demands security costs a call
//	go run ./test/load -only birth     # pages, typed fields, seconds and weight of a birth on the web
//	go run ./test/load -soak           # 30 minutes at 100 calls a second, a node killed every minute
//	go run ./test/load -soak -minutes 3 -json
//
// It writes to a temporary folder only, runs the real program where a user
// would, and on PostgreSQL too when TEST_POSTGRES is set. It judges nothing:
// the targets stand beside the figures. Only the soak does: it ends with 1 when an
// accepted answer is not in both logs, a log is not in order, or memory or open files grow.
package main
