//go:build !race

package gateway_test

// pace is how many times slower the gateways of the tests look around.
const pace = 1
