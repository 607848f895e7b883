package bigsort_test

import (
	"bytes"
	"cmp"
	"errors"
	"os"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"dean06/internal/platform/bigsort"
)

type item struct {
	key, order int64
	bytes      []byte
}

// TestSorted: whatever the memory, all come back once each, sorted, as they were.
func TestSorted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(0, 200).Draw(rt, "n")
		s := bigsort.Sorter{Most: rapid.SampledFrom([]int{1, 100, 1000, 1 << 20}).Draw(rt, "most"), Dir: dir}
		var want []item
		for i := range n {
			it := item{rapid.Int64Range(-3, 3).Draw(rt, "key"), int64(i), rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(rt, "bytes")}
			want = append(want, it)
			given := bytes.Clone(it.bytes)
			if err := s.Add(it.key, it.order, given); err != nil {
				rt.Fatal(err)
			}
			clear(given) // it is ours again
		}
		slices.SortFunc(want, func(a, b item) int { return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.order, b.order)) })
		at := 0
		err := s.Each(func(key, order int64, record []byte) error {
			if w := want[at]; w.key != key || w.order != order || !bytes.Equal(w.bytes, record) {
				rt.Fatalf("record %d is %d/%d %x, want %d/%d %x", at, key, order, record, w.key, w.order, w.bytes)
			}
			at++
			return nil
		})
		if err != nil || at != n {
			rt.Fatalf("%d of %d came back: %v", at, n, err)
		}
		if err := s.Close(); err != nil {
			rt.Fatal(err)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			rt.Fatalf("left behind: %v, %v", left, err)
		}
	})
}

// TestNoRoom: a folder that is not there fails with the first record that has no room.
func TestNoRoom(t *testing.T) {
	t.Parallel()
	s := bigsort.Sorter{Most: 10, Dir: "/nowhere/at/all"}
	if err := s.Add(1, 1, []byte("abc")); err != nil {
		t.Fatal(err)
	}
	if err := s.Add(2, 2, []byte("abc")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want that the folder is not there", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// TestStops: what the reader says ends it.
func TestStops(t *testing.T) {
	t.Parallel()
	enough := errors.New("enough")
	for _, most := range []int{1, 1 << 20} {
		s := bigsort.Sorter{Most: most, Dir: t.TempDir()}
		for i := range int64(10) {
			if err := s.Add(i, 0, nil); err != nil {
				t.Fatal(err)
			}
		}
		n := 0
		err := s.Each(func(int64, int64, []byte) error {
			if n++; n == 3 {
				return enough
			}
			return nil
		})
		if !errors.Is(err, enough) || n != 3 {
			t.Errorf("got %v after %d", err, n)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}
