//go:build !unix

package main

// keepPrivate does nothing here: the folder's own rights decide.
func keepPrivate() {}
