package archive

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sort"

	"github.com/klauspost/compress/zstd"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/ledger"
	"dean06/internal/platform/pki"
)

// Bounds of a file that is read: it may have been made by anybody.
const (
	maxFrame   = 64 << 20 // as it lies there, and as it is unpacked
	maxIndex   = 256 << 20
	maxPathLen = 64
)

// Line is one line of a file.
type Line struct {
	Kind string // LineRecord, LineHead, LineCert
	JSON []byte // valid until the next line is read
}

// Read reads the line strictly into v: what is unknown is refused.
func (l Line) Read(v any) error {
	d := json.NewDecoder(bytes.NewReader(l.JSON))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if d.More() {
		return errors.New("more than one value in a line")
	}
	return nil
}

// Reader reads a file. It is for one goroutine.
type Reader struct {
	Name   string // of the file
	Header Header
	End    End
	file   *os.File
	size   int64
	seal   *pki.Sealer
	zip    *zstd.Decoder
	frames []frame
	index  int64 // where it begins
	keys   []byte
}

// damaged says that a file is not as it was written.
func damaged(file, why string) *fault.Error {
	return fault.New(fault.Conflict, "archive.file.damaged", fault.Args{"file": file}).Because(errors.New(why))
}

// Open opens a file. It fails with NotFound when there is none, and with Conflict
// ("archive.file.damaged") when it is not as it was written, or was sealed and seal is nil.
func Open(path string, seal *pki.Sealer) (*Reader, error) {
	f, err := os.Open(filepath.Clean(path))
	if errors.Is(err, os.ErrNotExist) {
		return nil, fault.New(fault.NotFound, "archive.file.missing", fault.Args{"file": filepath.Base(path)}).Because(err)
	}
	if err != nil {
		return nil, fmt.Errorf("open an archive file: %w", err)
	}
	zip, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxFrame))
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	r := &Reader{Name: filepath.Base(path), file: f, seal: seal, zip: zip}
	if err := r.begin(); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// Close closes the file.
func (r *Reader) Close() error {
	r.zip.Close()
	return r.file.Close()
}

func (r *Reader) begin() error {
	info, err := r.file.Stat()
	if err != nil {
		return err
	}
	if r.size = info.Size(); !info.Mode().IsRegular() || r.size < skipHead+16 {
		return damaged(r.Name, "too short")
	}
	var tail [8]byte
	if _, err := r.file.ReadAt(tail[:], r.size-8); err != nil {
		return err
	}
	r.index = int64(binary.LittleEndian.Uint64(tail[:]))
	if r.index < 0 || r.index > r.size-skipHead-16 || r.size-r.index > maxIndex {
		return damaged(r.Name, "no index")
	}
	raw := make([]byte, r.size-r.index)
	if _, err := r.file.ReadAt(raw, r.index); err != nil {
		return err
	}
	if err := r.readIndex(raw); err != nil {
		return err
	}
	if err := r.only(0, lineHeader, &r.Header); err != nil {
		return err
	}
	if h := r.Header; h.Format != Format || h.From < 0 || len(h.Frontier) > maxPathLen {
		return damaged(r.Name, "header")
	}
	return r.only(len(r.frames)-1, lineEnd, &r.End)
}

func (r *Reader) readIndex(raw []byte) error {
	content := raw[skipHead:]
	if binary.LittleEndian.Uint32(raw) != indexMagic || int64(binary.LittleEndian.Uint32(raw[4:])) != int64(len(content)) {
		return damaged(r.Name, "index frame")
	}
	n := int(binary.LittleEndian.Uint32(content))
	content = content[4:]
	if n < 2 || n > 1<<16 || len(content) < 16*n+4+sha256.Size+8 {
		return damaged(r.Name, "frames")
	}
	for i := range n {
		f := frame{int64(binary.LittleEndian.Uint64(content[16*i:])), int64(binary.LittleEndian.Uint64(content[16*i+8:]))}
		if f.at < 0 || f.at >= r.index || i == 0 && f.at != 0 || i > 0 && (f.at <= r.frames[i-1].at || f.at-r.frames[i-1].at > maxFrame) {
			return damaged(r.Name, "order of frames")
		}
		r.frames = append(r.frames, f)
	}
	content = content[16*n:]
	keys := int(binary.LittleEndian.Uint32(content))
	if len(content) != 4+6*keys+sha256.Size+8 || r.index-r.frames[n-1].at > maxFrame {
		return damaged(r.Name, "keys")
	}
	r.keys = content[4 : 4+6*keys]
	return nil
}

// lines gives the lines of a frame.
func (r *Reader) lines(i int) ([]Line, error) {
	end := r.index
	if i+1 < len(r.frames) {
		end = r.frames[i+1].at
	}
	raw := make([]byte, end-r.frames[i].at)
	if _, err := r.file.ReadAt(raw, r.frames[i].at); err != nil {
		return nil, fmt.Errorf("read an archive file: %w", err)
	}
	if len(raw) > skipHead && binary.LittleEndian.Uint32(raw) == sealedMagic {
		if r.seal == nil {
			return nil, fault.New(fault.Denied, "archive.file.sealed", fault.Args{"file": r.Name})
		}
		if int64(binary.LittleEndian.Uint32(raw[4:])) != int64(len(raw)-skipHead) {
			return nil, damaged(r.Name, "sealed frame")
		}
		var err error
		if raw, err = r.seal.Open(raw[skipHead:], place(i)); err != nil {
			return nil, damaged(r.Name, "seal").Because(err)
		}
	}
	var head zstd.Header
	if err := head.Decode(raw); err != nil || head.Skippable || !head.HasCheckSum || head.FrameContentSize > maxFrame {
		return nil, damaged(r.Name, "frame").Because(err)
	}
	plain, err := r.zip.DecodeAll(raw, nil)
	if err != nil || len(plain) == 0 || plain[len(plain)-1] != '\n' {
		return nil, damaged(r.Name, "frame").Because(err)
	}
	var out []Line
	for text := range bytes.Lines(plain) {
		text = text[:len(text)-1]
		kind, value, ok := bytes.Cut(text, []byte(`":`))
		if !ok || !bytes.HasPrefix(kind, []byte(`{"`)) || !bytes.HasSuffix(value, []byte(`}`)) {
			return nil, damaged(r.Name, "line")
		}
		out = append(out, Line{string(kind[2:]), value[:len(value)-1]})
	}
	return out, nil
}

// only reads a frame that has one line.
func (r *Reader) only(i int, kind string, v any) error {
	list, err := r.lines(i)
	if err != nil {
		return err
	}
	if len(list) != 1 || list[0].Kind != kind {
		return damaged(r.Name, kind)
	}
	if err := list[0].Read(v); err != nil {
		return damaged(r.Name, kind).Because(err)
	}
	return nil
}

// Records gives all records in order with the words by which they are found, and fails
// with Conflict when the index of the file says something else. f gives the words, and
// the record's number.
func (r *Reader) Records(ctx context.Context, f func(l Line) (seq int64, words []string, err error)) error {
	var keys []keyAt
	var frames []frame
	for i, fr := range r.frames {
		frames = append(frames, frame{fr.at, noRecord})
		if fr.first == noRecord {
			continue
		}
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		list, err := r.lines(i)
		if err != nil {
			return err
		}
		seen := map[uint32]bool{}
		for _, l := range list {
			if l.Kind != LineRecord {
				return damaged(r.Name, "a "+l.Kind+" among records")
			}
			seq, words, err := f(l)
			if err != nil {
				return err
			}
			if frames[i].first == noRecord {
				frames[i].first = seq
			}
			for _, w := range words {
				if k := keyOf(w); w != "" && !seen[k] {
					seen[k] = true
					keys = append(keys, keyAt{k, uint16(i)})
				}
			}
		}
	}
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(r.file, 0, r.index)); err != nil {
		return fmt.Errorf("read an archive file: %w", err)
	}
	want := indexOf(frames, keys, ledger.Digest(h.Sum(nil)), r.index)
	got := make([]byte, r.size-r.index-skipHead)
	if _, err := r.file.ReadAt(got, r.index+skipHead); err != nil {
		return err
	}
	if !bytes.Equal(want, got) {
		return damaged(r.Name, "the index names other records")
	}
	return nil
}

// Proofs gives the heads and certificates.
func (r *Reader) Proofs(f func(l Line) error) error {
	for i, fr := range r.frames {
		if fr.first != noRecord || i == 0 || i == len(r.frames)-1 {
			continue
		}
		list, err := r.lines(i)
		if err != nil {
			return err
		}
		for _, l := range list {
			if l.Kind != LineHead && l.Kind != LineCert {
				return damaged(r.Name, "a "+l.Kind+" among proofs")
			}
			if err := f(l); err != nil {
				return err
			}
		}
	}
	return nil
}

// Block gives the records of the block that holds a record, and those of blocks that
// follow until f says that it has enough.
func (r *Reader) Block(seq int64, f func(l Line) (more bool, err error)) error {
	var blocks []int
	for i, fr := range r.frames {
		if fr.first != noRecord {
			blocks = append(blocks, i)
		}
	}
	at := sort.Search(len(blocks), func(i int) bool { return r.frames[blocks[i]].first > seq })
	for _, i := range blocks[max(0, at-1):] {
		list, err := r.lines(i)
		if err != nil {
			return err
		}
		for _, l := range list {
			if more, err := f(l); err != nil || !more {
				return err
			}
		}
	}
	return nil
}

// Find gives the records of the blocks in which a word may stand.
func (r *Reader) Find(word string, f func(l Line) error) error {
	k := keyOf(word)
	n := len(r.keys) / 6
	key := func(i int) uint32 { return binary.LittleEndian.Uint32(r.keys[6*i:]) }
	var blocks []int
	for i := sort.Search(n, func(i int) bool { return key(i) >= k }); i < n && key(i) == k; i++ {
		if b := int(binary.LittleEndian.Uint16(r.keys[6*i+4:])); b < len(r.frames) && !slices.Contains(blocks, b) {
			blocks = append(blocks, b)
		}
	}
	for _, i := range blocks {
		list, err := r.lines(i)
		if err != nil {
			return err
		}
		for _, l := range list {
			if err := f(l); err != nil {
				return err
			}
		}
	}
	return nil
}

// Sum is the SHA-256 of the whole file.
func (r *Reader) Sum() (ledger.Digest, error) {
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(r.file, 0, r.size)); err != nil {
		return ledger.Digest{}, fmt.Errorf("read an archive file: %w", err)
	}
	return ledger.Digest(h.Sum(nil)), nil
}

// Size is how many bytes the file has.
func (r *Reader) Size() int64 { return r.size }
