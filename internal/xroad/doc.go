// Package xroad is what X-Road (PR-REST) calls things: identifiers of members,
// subsystems and services, the headers that a call carries, and the codes of what
// went wrong, so that they stand once for the exchange and for those who are asked
// through it. It is a leaf: it decides nothing and imports the standard library only.
package xroad
