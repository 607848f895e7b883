// Package procedure is about administrative procedures: the national catalogue that says
// which there are, and how one finds the one that is meant from the words that people use.
// It does not carry one out: that is the dossier's.
package procedure
