package resident

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"syscall"
	"unsafe"
)

// Trim gives back the pages of the program's file that are mapped, and has those that are
// needed again mapped one small window at a time. A kernel that keeps a freshly written
// file in pages of 2 MB maps each of them whole at the first touch: of a program of 70 MB
// nearly all then counts as this process's, though a gateway runs in half of it.
// Nothing is lost: the pages are read only, as they are in the file, and come back from
// there. It does what it can; where the system does not know this, all stays as it is.
func Trim() {
	program, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return
	}
	text, err := os.Open("/proc/self/smaps")
	if err != nil {
		return
	}
	defer text.Close()
	var from, until uintptr // of the mapping that is being read; nothing when it is not the program's
	clean := false
	for lines := bufio.NewScanner(text); lines.Scan(); {
		f := strings.Fields(lines.Text())
		switch {
		case len(f) >= 5 && strings.Contains(f[0], "-"):
			from, until, clean = 0, 0, true
			if len(f) == 6 && f[5] == program && !strings.Contains(f[1], "w") {
				_, _ = fmt.Sscanf(f[0], "%x-%x", &from, &until) // nothing when it is no range
			}
		case len(f) == 3 && f[0] == "Anonymous:":
			clean = clean && f[1] == "0" // what the linker wrote into is not in the file
		case len(f) > 0 && f[0] == "VmFlags:" && clean && until > from: // the last line of a mapping
			release(from, until)
		}
	}
}

func release(from, until uintptr) {
	pages := unsafe.Slice((*byte)(*(*unsafe.Pointer)(unsafe.Pointer(&from))), until-from) //nolint:gosec // the program's own mapping
	// Either may be refused: then the pages stay where they are.
	_ = syscall.Madvise(pages, syscall.MADV_NOHUGEPAGE)
	_ = syscall.Madvise(pages, syscall.MADV_DONTNEED)
}
