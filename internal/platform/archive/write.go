package archive

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"os"
	"path/filepath"
	"slices"

	"github.com/klauspost/compress/zstd"

	"dean06/internal/platform/ledger"
	"dean06/internal/platform/pki"
)

// Format names the form of a file. A file is a row of frames of Zstandard (RFC 8878),
// so that `zstd -dc FILE` shows its lines of JSON: a header; blocks of records; what
// proves them (heads, certificates); the end; and in a frame that other programs skip, an
// index of the frames and of the words by which records are found. In a sealed file all
// frames are such, each with sealed Zstandard in it.
const Format = "dean06-log-archive-1"

const (
	blockRecords = 1024
	blockBytes   = 1 << 20 // of lines
	indexMagic   = 0x184D2A5D
	sealedMagic  = 0x184D2A5E
	skipHead     = 8 // magic and length of a frame that others skip
)

// The kinds of lines.
const (
	lineHeader = "header"
	LineRecord = "record"
	LineHead   = "head"
	LineCert   = "certificate" // a Certificate
	lineEnd    = "end"
)

// Header is the first line of a file.
type Header struct {
	Format string `json:"format"`
	Chain  string `json:"chain"`
	Owner  string `json:"owner"` // the gateway whose heads cover the records
	From   int64  `json:"from"`
	// Frontier is the complete subtrees of the log before From, from large to small.
	Frontier []ledger.Digest `json:"frontier"`
	// Previous is the file that ends where this one begins; nil in the first.
	Previous *Previous `json:"previous,omitempty"`
}

// Previous names a file and its hash.
type Previous struct {
	File   string        `json:"file"`
	SHA256 ledger.Digest `json:"sha256"`
}

const forGateway = "gateway"

// Certificate is one that a signature in the file is by, or that vouches for it.
type Certificate struct {
	For string `json:"for"` // "gateway", "authority" or "timestamp"
	DER []byte `json:"der"`
}

// End is the last line of a file.
type End struct {
	Until int64         `json:"until"`
	Root  ledger.Digest `json:"root"`
}

type frame struct {
	at    int64 // in the file
	first int64 // record; noRecord in the others
}

const noRecord = -1

type keyAt struct {
	key   uint32
	frame uint16
}

// keyOf is what a word is found by.
func keyOf(word string) uint32 {
	sum := sha256.Sum256([]byte(word))
	return binary.BigEndian.Uint32(sum[:])
}

// Writer writes a file. It is for one goroutine.
type Writer struct {
	file   *os.File
	sum    hash.Hash
	zip    *zstd.Encoder
	seal   *pki.Sealer
	at     int64
	block  bytes.Buffer
	count  int
	first  int64
	frames []frame
	keys   []keyAt
	inKeys map[uint32]bool // of this block
	err    error
}

// NewWriter begins a file in a folder under a name of its own, which only its owner may
// read.
func NewWriter(dir string, h Header, seal *pki.Sealer) (*Writer, error) {
	f, err := os.CreateTemp(dir, "."+h.Chain+"-*"+unfinished) // 0600
	if err != nil {
		return nil, fmt.Errorf("begin an archive file: %w", err)
	}
	zip, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(1<<20), zstd.WithEncoderCRC(true))
	if err != nil {
		return nil, errors.Join(err, f.Close(), os.Remove(f.Name()))
	}
	w := &Writer{file: f, sum: sha256.New(), zip: zip, seal: seal, first: noRecord, inKeys: map[uint32]bool{}}
	w.line(lineHeader, h)
	w.flush()
	return w, w.err
}

// Record adds a record, and the words by which it can be found.
func (w *Writer) Record(seq int64, v any, words ...string) error {
	if w.first == noRecord {
		w.flush() // what is no record has a frame of its own
		w.first = seq
	}
	w.line(LineRecord, v)
	for _, word := range words {
		if k := keyOf(word); word != "" && !w.inKeys[k] {
			w.inKeys[k] = true
			w.keys = append(w.keys, keyAt{k, uint16(len(w.frames))})
		}
	}
	if w.count >= blockRecords || w.block.Len() >= blockBytes {
		w.flush()
	}
	return w.err
}

// Proof adds a line of what proves the records: a LineHead or a LineCert. It comes
// after all of them.
func (w *Writer) Proof(kind string, v any) error {
	if w.first != noRecord || w.block.Len() >= blockBytes {
		w.flush()
	}
	w.line(kind, v)
	return w.err
}

func (w *Writer) line(kind string, v any) {
	if w.err != nil {
		return
	}
	w.count++
	w.block.WriteString(`{"` + kind + `":`)
	e := json.NewEncoder(&w.block)
	e.SetEscapeHTML(false)
	if w.err = e.Encode(v); w.err != nil {
		return
	}
	w.block.Truncate(w.block.Len() - 1) // the encoder's line break
	w.block.WriteString("}\n")
}

// flush writes the block as a frame.
func (w *Writer) flush() {
	if w.err != nil || w.block.Len() == 0 {
		return
	}
	if len(w.frames) > 1<<16-4 {
		w.err = errors.New("an archive file has too many blocks")
		return
	}
	raw := w.zip.EncodeAll(w.block.Bytes(), nil)
	if w.seal != nil {
		sealed, err := w.seal.Seal(raw, place(len(w.frames)))
		if err != nil {
			w.err = err
			return
		}
		raw = skipped(sealedMagic, sealed)
	}
	w.frames = append(w.frames, frame{w.at, w.first})
	w.write(raw)
	w.block.Reset()
	w.count, w.first = 0, noRecord
	clear(w.inKeys)
}

// place ties a sealed frame to where it stands in its file.
func place(frame int) []byte { return fmt.Appendf(nil, "%s %d", Format, frame) }

func skipped(magic uint32, content []byte) []byte {
	b := make([]byte, skipHead, skipHead+len(content))
	binary.LittleEndian.PutUint32(b, magic)
	binary.LittleEndian.PutUint32(b[4:], uint32(len(content)))
	return append(b, content...)
}

func (w *Writer) write(b []byte) {
	if w.err != nil {
		return
	}
	n, err := w.file.Write(b)
	w.at += int64(n)
	w.sum.Write(b[:n])
	w.err = err
}

// Name is the path of the file as long as it is unfinished.
func (w *Writer) Name() string { return w.file.Name() }

// Close writes the end and the index, and has the file on the disk.
func (w *Writer) Close(e End) error {
	w.flush()
	w.line(lineEnd, e)
	w.flush()
	w.write(skipped(indexMagic, indexOf(w.frames, w.keys, ledger.Digest(w.sum.Sum(nil)), w.at)))
	return errors.Join(w.err, w.file.Sync(), w.file.Close())
}

// abandon removes what was written.
func (w *Writer) abandon() {
	_ = w.file.Close()
	_ = os.Remove(w.file.Name())
}

// indexOf is the content of the index: how many frames, the place of each and its first
// record; how many keys, and each with its frame, sorted; the SHA-256 of all frames, as
// Zstandard has bits that change without changing what is unpacked (the size of a window);
// and where the index begins.
func indexOf(frames []frame, keys []keyAt, sum ledger.Digest, at int64) []byte {
	keys = slices.Clone(keys)
	slices.SortFunc(keys, func(a, b keyAt) int { return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.frame, b.frame)) })
	b := make([]byte, 0, 16+16*len(frames)+6*len(keys)+len(sum))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(frames)))
	for _, f := range frames {
		b = binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(b, uint64(f.at)), uint64(f.first))
	}
	b = binary.LittleEndian.AppendUint32(b, uint32(len(keys)))
	for _, k := range keys {
		b = binary.LittleEndian.AppendUint16(binary.LittleEndian.AppendUint32(b, k.key), k.frame)
	}
	return binary.LittleEndian.AppendUint64(append(b, sum[:]...), uint64(at))
}

// FileName is the name of the file of a segment.
func FileName(chain string, from, until int64, sealed bool) string {
	name := fmt.Sprintf("%s-%012d-%012d", chain, from, until)
	if sealed {
		return name + ".sealed"
	}
	return name + ".zst"
}

const unfinished = ".unfinished"

// syncDir has the names in a folder on the disk.
func syncDir(dir string) error {
	d, err := os.Open(filepath.Clean(dir))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
