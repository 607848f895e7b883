package cleaning

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"dean06/internal/platform/private"
)

// Checkpoint keeps what a run has done in a folder, so that one which was killed goes on
// there: the weights that were learned, and decisions as they are made. What was left by a
// run on another file, other people, other options or of another program is removed. The
// result is the same to the byte, with it or without.
type Checkpoint struct {
	Dir    string
	Loaded int // steps that an earlier run had done

	key string
}

const (
	keyFile     = "key"
	weightsFile = "weights"
)

// begin says what the run is made of, and removes what another left.
func (c *Checkpoint) begin(m *matcher, o Options) {
	if c == nil {
		return
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s %s %s ", program(), m.rows.fingerprint(m.world.texts), m.people.fingerprint(m.world.texts))
	fmt.Fprintf(h, "%s %v %v", m.world.Today, m.kinds, o.Bound)
	if o.Weights != nil {
		fmt.Fprintf(h, " %s", o.Weights.ID())
	}
	for i, n := range m.rows.notes { // what was understood is in the hash already, and here by what rule
		_, _ = h.Write([]byte{byte(n), byte(n >> 8), bit(m.rows.bare[i])})
	}
	c.key = hex.EncodeToString(h.Sum(nil))
	if was, err := os.ReadFile(c.path(keyFile)); err == nil && string(was) == c.key {
		return
	}
	for _, pattern := range []string{weightsFile, "early-*", "late-*", keyFile} {
		names, _ := filepath.Glob(c.path(pattern)) // the pattern is ours
		for _, name := range names {
			_ = os.Remove(name) // what stays is of another key, and not read
		}
	}
	c.put(keyFile, []byte(c.key))
}

// program names the program: another one may decide otherwise.
func program() string {
	path, err := os.Executable()
	if err != nil {
		return ""
	}
	info, err := os.Stat(path)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%d-%d", info.Size(), info.ModTime().UnixNano())
}

func bit(b bool) byte {
	if b {
		return 1
	}
	return 0
}

func (c *Checkpoint) path(name string) string { return filepath.Join(c.Dir, name) }

// put writes a file whole or not at all. A run that cannot keep what it did goes on: only
// time is lost with it.
func (c *Checkpoint) put(name string, content []byte) {
	f, err := private.Create(c.path(name + ".new"))
	if err != nil {
		return
	}
	_, err = f.Write(content)
	if closed := f.Close(); err == nil && closed == nil {
		err = os.Rename(f.Name(), c.path(name))
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
}

// learned gives the weights that an earlier run learned.
func (c *Checkpoint) learned() *Weights {
	if c == nil {
		return nil
	}
	body, ok := c.sealed(weightsFile)
	if !ok {
		return nil
	}
	k, err := ReadWeights(bytes.NewReader(body))
	if err != nil {
		return nil
	}
	c.Loaded++
	return &k
}

func (c *Checkpoint) keepWeights(k Weights) {
	if c == nil {
		return
	}
	var b bytes.Buffer
	if k.Write(&b) == nil {
		c.seal(weightsFile, b.Bytes())
	}
}

// sealed reads a file that seal wrote under the same key; what is cut or changed is none.
func (c *Checkpoint) sealed(name string) ([]byte, bool) {
	raw, err := os.ReadFile(c.path(name))
	if err != nil || len(raw) < sha256.Size {
		return nil, false
	}
	body := raw[sha256.Size:]
	return body, bytes.Equal(raw[:sha256.Size], c.sum(name, body))
}

func (c *Checkpoint) seal(name string, body []byte) {
	c.put(name, append(c.sum(name, body), body...))
}

func (c *Checkpoint) sum(name string, body []byte) []byte {
	h := sha256.New()
	fmt.Fprintf(h, "%s %s ", c.key, name)
	h.Write(body)
	return h.Sum(nil)
}

// decisionSize is the bytes of a decision: see decide.
const decisionSize = 1 + 8 + 3*8 + 8 + 4 + 1

// decisions gives those of rows that an earlier run made; false when it made none.
func (c *Checkpoint) decisions(name string, rows []int, into []Decision) bool {
	if c == nil {
		return false
	}
	body, ok := c.sealed(name)
	if !ok || len(body) != len(rows)*decisionSize {
		return false
	}
	for k, i := range rows {
		b := body[k*decisionSize:]
		flags := b[0]
		into[i] = Decision{
			Outcome: Outcomes[flags&7], scored: flags&8 != 0, seconded: flags&16 != 0, doubt: doubt(b[decisionSize-1]), Of: -1,
			Person: int(int64(binary.LittleEndian.Uint64(b[1:]))), Score: float(b[9:]), Second: float(b[17:]), Error: float(b[25:]),
			pattern: pattern(binary.LittleEndian.Uint64(b[33:])), candidates: int(binary.LittleEndian.Uint32(b[41:])),
		}
	}
	c.Loaded++
	return true
}

func float(b []byte) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(b)) }

func (c *Checkpoint) keepDecisions(name string, rows []int, made []Decision) {
	if c == nil {
		return
	}
	body := make([]byte, 0, len(rows)*decisionSize)
	for _, i := range rows {
		d := &made[i]
		flags := byte(0)
		for k, o := range Outcomes {
			if o == d.Outcome {
				flags = byte(k)
			}
		}
		if d.scored {
			flags |= 8
		}
		if d.seconded {
			flags |= 16
		}
		body = append(body, flags)
		body = binary.LittleEndian.AppendUint64(body, uint64(int64(d.Person)))
		for _, v := range []float64{d.Score, d.Second, d.Error} {
			body = binary.LittleEndian.AppendUint64(body, math.Float64bits(v))
		}
		body = binary.LittleEndian.AppendUint64(body, uint64(d.pattern))
		body = binary.LittleEndian.AppendUint32(body, uint32(d.candidates))
		body = append(body, byte(d.doubt))
	}
	c.seal(name, body)
}
