// Package dossiertest is for tests of whatever has to do with dossiers: the suite that every
// store passes, a store in memory, and stand-ins for what a service needs.
package dossiertest
