package cleaning

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// People on disk are the people in memory, whatever the size of the pieces in which they
// come; and of their files nothing is to be seen, while they are used or after.
func TestPeopleOnDisk(t *testing.T) {
	t.Parallel()
	rows, _ := dirty(t, 3000, "vaccination", 4)
	// One line that cannot be read, in the middle of the people.
	lines := strings.SplitAfter(country(), "\n")
	people := strings.Join(lines[:9000], "") + "\"nobody,,\n" + strings.Join(lines[9000:], "")
	dir := t.TempDir()
	for _, blocks := range []int{0, 1000, 1 << 16} {
		link := func(disk *Disk) ([]result, *Table) {
			w := world(t)
			file, register := source(t, rows), source(t, people)
			register.blocks = blocks
			layout, err := LayoutOf(file, nil, false)
			if err != nil {
				t.Fatal(err)
			}
			of, err := LayoutOf(register, nil, true)
			if err != nil {
				t.Fatal(err)
			}
			a, err := w.Read(file, layout)
			if err != nil {
				t.Fatal(err)
			}
			w.Disk = disk
			b, err := w.ReadPeople(register, of)
			if err != nil {
				t.Fatal(err)
			}
			return written(t, w.Link(a, b, nil, Options{}, nil), file, layout), b
		}
		disk := NewDisk(dir)
		inMemory, a := link(nil)
		onDisk, b := link(disk)
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("while they are used there are %d files: %v", len(left), err)
		}
		if !slices.Equal(inMemory, onDisk) {
			t.Errorf("blocks of %d: on disk, the result is another", blocks)
		}
		if a.n != b.n || a.n != 20001 || fmt.Sprint(a.bad) != fmt.Sprint(b.bad) || len(a.bad) != 1 || !slices.Equal(a.blocks, b.blocks) {
			t.Errorf("blocks of %d: %d and %d people, bad %v and %v", blocks, a.n, b.n, a.bad, b.bad)
		}
		if len(disk.maps) < len(columns(0)) {
			t.Errorf("%d files are mapped, want %d at least", len(disk.maps), len(columns(0)))
		}
		if err := disk.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestNobodyOnDisk(t *testing.T) {
	t.Parallel()
	w := world(t)
	w.Disk = NewDisk(t.TempDir())
	s := source(t, peopleHead)
	l, err := LayoutOf(s, nil, true)
	if err != nil {
		t.Fatal(err)
	}
	people, err := w.ReadPeople(s, l)
	if err != nil || people.Len() != 0 {
		t.Errorf("%v people, %v", people, err)
	}
	if err := w.Disk.Close(); err != nil {
		t.Error(err)
	}
}

func TestDiskThatIsNotThere(t *testing.T) {
	t.Parallel()
	w := world(t)
	w.Disk = NewDisk(filepath.Join(t.TempDir(), "none"))
	s := source(t, country())
	l, err := LayoutOf(s, nil, true)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.ReadPeople(s, l); err == nil {
		t.Error("people were kept where nothing can be kept")
	}
	if got := room(w.Disk, 3); len(got) != 3 {
		t.Errorf("room for %d, want 3: in memory", len(got))
	}
}

func TestCounterGrows(t *testing.T) {
	t.Parallel()
	var keys []uint64
	want := map[uint64]int{}
	for i := range 30000 {
		k := mix(7, uint64(i*i%9973)+1)
		keys = append(keys, k, 0)
		want[k]++
	}
	c := newCounter(keys)
	for k, n := range want {
		if c.of(k) != n {
			t.Fatalf("%d came %d times, counted %d", k, n, c.of(k))
		}
	}
	if c.of(0) != 0 || c.of(1) != 0 {
		t.Error("counted what was not there")
	}
}
