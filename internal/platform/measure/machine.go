package measure

import (
	"os"
	"runtime"
	"strings"
)

// Machine is on what something was measured. What the system does not tell is empty.
type Machine struct {
	At     string `json:"at"`
	CPU    string `json:"cpu"`
	Cores  int    `json:"cores"`
	Memory string `json:"memory"`
	System string `json:"system"`
	Go     string `json:"go"`
	// Load is the load average when the measurement began: of a machine that does
	// other work too, figures are too low.
	Load string `json:"load_average"`
}

// ThisMachine reads /proc.
func ThisMachine() Machine {
	kernel, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	return Machine{
		At: now().UTC().Format("2006-01-02 15:04 MST"), CPU: line("/proc/cpuinfo", "model name"), Cores: runtime.NumCPU(),
		Memory: line("/proc/meminfo", "MemTotal"),
		System: strings.TrimSpace(runtime.GOOS + "/" + runtime.GOARCH + " " + strings.TrimSpace(string(kernel))), Go: runtime.Version(),
		Load: LoadAverage(),
	}
}

// LoadAverage is that of the last 1, 5 and 15 minutes; empty where the system has none.
func LoadAverage() string {
	raw, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return ""
	}
	return strings.Join(strings.Fields(string(raw))[:3], " ")
}

// line is the value of the first "key: value" of a file.
func line(file, key string) string {
	raw, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	for l := range strings.Lines(string(raw)) {
		if k, v, ok := strings.Cut(l, ":"); ok && strings.TrimSpace(k) == key {
			return strings.TrimSpace(v)
		}
	}
	return ""
}
