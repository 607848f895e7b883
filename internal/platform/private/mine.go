package private

import (
	"os"
	"syscall"
)

// Mine says that a file or folder belongs to the user who runs this process.
func Mine(path string) bool {
	info, err := os.Stat(path)
	if err != nil {
		return false
	}
	s, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(s.Uid) == os.Geteuid()
}
