package sqldb

import (
	"bytes"
	"errors"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// process is who claims a lease.
type process struct {
	machine, host, started string
	pid                    int64
}

// life is what is known of a holder's process.
type life int

const (
	unknown life = iota // of another machine, or stopped: only time tells
	alive
	gone
)

// thisProcess is asked once: its number does not change.
var thisProcess = sync.OnceValue(func() process {
	p := process{pid: int64(os.Getpid())}
	p.host, _ = os.Hostname()
	boot, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	// Containers share a boot and may share a name, but number their processes apart.
	space, _ := os.Readlink("/proc/self/ns/pid")
	if len(boot) > 0 && space != "" {
		p.machine = p.host + " " + strings.TrimSpace(string(boot)) + " " + space
	}
	_, p.started = procStat(p.pid)
	return p
})

// lifeOf says whether a holder's process runs.
func (p process) lifeOf(h Holder) life {
	if p.machine == "" || h.Machine != p.machine {
		return unknown
	}
	state, started := procStat(h.PID)
	switch {
	case started == "":
		if p, err := os.FindProcess(int(h.PID)); err == nil && !errors.Is(p.Signal(syscall.Signal(0)), os.ErrProcessDone) {
			return unknown // it is there, but we may not look at it
		}
		return gone
	case started != h.Started || state == 'Z' || state == 'X':
		return gone
	case state == 'T' || state == 't': // stopped by somebody, perhaps for ever
		return unknown
	}
	return alive
}

// procStat is the state of a process and when it was started, in ticks since the boot
// (proc(5)); nothing when there is none.
func procStat(pid int64) (state byte, started string) {
	raw, err := os.ReadFile("/proc/" + strconv.FormatInt(pid, 10) + "/stat")
	if err != nil {
		return 0, ""
	}
	end := bytes.LastIndexByte(raw, ')') // the name before it may hold anything
	fields := strings.Fields(string(raw[end+1:]))
	if end < 0 || len(fields) < 20 {
		return 0, ""
	}
	return fields[0][0], fields[19]
}
