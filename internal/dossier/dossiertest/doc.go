// Package dossiertest keeps dossiers in memory and stands in for what they need: the
// register with invented people, positions, packages, files and papers. World has it all
// together, and drives a dossier to any state.
package dossiertest
