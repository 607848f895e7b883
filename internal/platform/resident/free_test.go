package resident_test

import (
	"os"
	"runtime"
	"testing"
	"testing/fstest"

	"dean06/internal/platform/resident"
)

func TestFree(t *testing.T) {
	t.Parallel()
	file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	info := file("MemTotal:       24000 kB\nMemFree:         1000 kB\nMemAvailable:   20000 kB\n")
	for name, c := range map[string]struct {
		root fstest.MapFS
		want int64
	}{
		"machine": {fstest.MapFS{"proc/meminfo": info}, 20000 << 10},
		"group": {fstest.MapFS{
			"proc/meminfo": info, "sys/fs/cgroup/memory.max": file("3000000\n"), "sys/fs/cgroup/memory.current": file("1000000\n"),
		}, 2000000},
		"group without a limit": {fstest.MapFS{
			"proc/meminfo": info, "sys/fs/cgroup/memory.max": file("max\n"), "sys/fs/cgroup/memory.current": file("1000000\n"),
		}, 20000 << 10},
		"older group": {fstest.MapFS{
			"proc/meminfo": info, "sys/fs/cgroup/memory/memory.limit_in_bytes": file("9223372036854771712\n"),
			"sys/fs/cgroup/memory/memory.usage_in_bytes": file("5\n"),
		}, 20000 << 10},
		"group that is full": {fstest.MapFS{
			"proc/meminfo": info, "sys/fs/cgroup/memory.max": file("1000000\n"), "sys/fs/cgroup/memory.current": file("1000001\n"),
		}, 1},
		"not said": {fstest.MapFS{}, 0},
	} {
		if got := resident.Free(c.root); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
	if runtime.GOOS == "linux" && resident.Free(os.DirFS("/")) == 0 {
		t.Error("this machine does not say what is free")
	}
}
