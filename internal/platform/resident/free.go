package resident

import (
	"bytes"
	"io/fs"
	"strconv"
)

// Free is how many bytes of memory a process may still take: what the machine has to give,
// or the control group that the process is in, whichever is less. 0: the system does not
// say. root is the root of its files.
func Free(root fs.FS) int64 {
	free := int64(0)
	least := func(n int64, ok bool) {
		if ok && (free == 0 || n < free) {
			free = max(n, 1)
		}
	}
	if b, err := fs.ReadFile(root, "proc/meminfo"); err == nil {
		for line := range bytes.Lines(b) {
			if f := bytes.Fields(line); len(f) == 3 && string(f[0]) == "MemAvailable:" {
				n, err := strconv.ParseInt(string(f[1]), 10, 64)
				least(n<<10, err == nil)
			}
		}
	}
	group := func(limit, used string) {
		most, ok := number(root, limit)
		now, known := number(root, used)
		least(most-now, ok && known)
	}
	group("sys/fs/cgroup/memory.max", "sys/fs/cgroup/memory.current")
	group("sys/fs/cgroup/memory/memory.limit_in_bytes", "sys/fs/cgroup/memory/memory.usage_in_bytes")
	return free
}

// number is what a file says; "max" is no number.
func number(root fs.FS, name string) (int64, bool) {
	b, err := fs.ReadFile(root, name)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseInt(string(bytes.TrimSpace(b)), 10, 64)
	return n, err == nil
}
