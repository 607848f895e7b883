// Package app builds nodes from their configuration: it opens the database,
// makes the modules, gives each what it needs of the others, and serves their
// pages. It is the only package that knows several modules; it decides nothing
// of their subjects.
package app
