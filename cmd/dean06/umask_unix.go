//go:build unix

package main

import "syscall"

// keepPrivate makes everything that the program writes its owner's alone, what libraries
// write too: most files of a node hold personal data or keys.
func keepPrivate() { syscall.Umask(0o077) }
