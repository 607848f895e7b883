// Package identitytest keeps identities in memory and stands in for what they need: the
// register with invented people, whoever tells holders, and the sealer. World has it all
// together. Conformance holds every store to what identity.Store says.
package identitytest
