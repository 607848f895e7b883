// Package resident keeps what a process holds of its own file in memory small.
package resident
