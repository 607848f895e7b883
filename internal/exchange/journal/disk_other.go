//go:build !linux

package journal

import (
	"fmt"
	"os"
)

// lockFile holds no lock here: only the table says when another process writes.
func lockFile(name string) (*os.File, error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the journal: %w", err)
	}
	return f, nil
}
