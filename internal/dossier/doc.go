// Package dossier is what happens to a request between a citizen and the agency that
// decides on it: draft, filing, reception, supplement, decision, result.
//
// A dossier is governed by one version of one procedure's package, which it names and
// never changes. What happened to it is a list of actions that only grows and is chained
// by hash; its state follows from them and is written in the same transaction. Outside it
// has one of the ten statuses of the national portal; inside it is at a step of its
// package. What may be done next is computed once (Dossier.Allowed), for buttons and for
// the act itself.
//
// The package knows no pages and no tables. What it needs of others it states as
// interfaces: Store, Register (the population register, through the exchange), Posts (who
// holds which position), Packages, Files.
package dossier
