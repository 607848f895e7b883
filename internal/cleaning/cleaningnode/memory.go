package cleaningnode

import (
	"os"
	"path/filepath"

	"dean06/internal/cleaning"
	"dean06/internal/platform/resident"
)

// holding is where the people are held.
type holding struct {
	Memory int64 `placeholder:"MB" help:"People for whom this is too little are kept on disk, beside the result; half of what is free when left out."`
}

// disk is where the people of a file are kept, beside the result; nil: in memory.
func (h holding) disk(people int64, out string) *cleaning.Disk {
	bound := h.Memory << 20
	if bound == 0 {
		bound = resident.Free(os.DirFS("/")) / 2
	}
	dir := os.TempDir()
	if out != "" {
		dir = filepath.Dir(out)
	}
	return diskFor(people, bound, dir)
}

// diskFor is a disk in a folder when people who take so many bytes in their file may take
// more memory than a bound; 0 is no bound. A person takes a third of their line in a file of
// letters, and about as much as in Parquet.
func diskFor(people, bound int64, dir string) *cleaning.Disk {
	if bound == 0 || people <= bound {
		return nil
	}
	return cleaning.NewDisk(dir)
}
