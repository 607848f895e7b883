//go:build race

package gateway_test

// pace is how many times slower the gateways of the tests look around: the race detector
// makes the embedded database some thirty times slower, and several gateways that each
// write twenty heads a second leave it no time for the tests.
const pace = 10
