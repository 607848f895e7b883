package cleaningnode

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"dean06/internal/cleaning"
	"dean06/internal/cleaning/cleaningsql"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/node"
	"dean06/internal/platform/private"
)

// result is where a command writes its result. One that has a name comes there whole or not
// at all: it is written in a folder beside it, which also keeps what a run has done so that
// one which was killed goes on, and which is gone when the run is done.
type result struct {
	name string // "" is standard output
	dir  string // "" of what has no folder: standard output, a pipe, a device
	lock *os.File
	say  func(key string, args fault.Args)
}

// workSuffix names the folder beside a result: ".result.csv.dean06".
const workSuffix = ".dean06"

// beginResult opens the folder of a result. It fails with Conflict while another process
// writes the same one.
func beginResult(p node.Program, texts *i18n.Printer, name string) (*result, error) {
	r := &result{name: name, say: func(key string, args fault.Args) { fmt.Fprintln(p.Err, texts.T("cli.clean."+key, args)) }}
	if name == "" {
		return r, nil
	}
	if to, err := filepath.EvalSymlinks(name); err == nil {
		r.name = to
	}
	info, err := os.Stat(r.name)
	if err == nil && !info.Mode().IsRegular() {
		if info.IsDir() {
			return nil, fault.New(fault.Invalid, "cli.clean.out", fault.Args{"file": name})
		}
		return r, nil
	}
	r.dir = filepath.Join(filepath.Dir(r.name), "."+filepath.Base(r.name)+workSuffix)
	refused := func(err error) error {
		return fault.New(fault.Invalid, "cli.clean.out", fault.Args{"file": name}).Because(err)
	}
	if err := os.Mkdir(r.dir, private.FolderMode); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, refused(err)
	}
	if r.lock, err = os.Open(r.dir); err != nil {
		return nil, refused(err)
	}
	if err := syscall.Flock(int(r.lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fault.New(fault.Conflict, "cli.clean.busy", fault.Args{"file": name}).Because(err), r.lock.Close())
	}
	return r, nil
}

// checkpoint is what the run keeps; nil where there is no place for it.
func (r *result) checkpoint() *cleaning.Checkpoint {
	if r.dir == "" {
		return nil
	}
	return &cleaning.Checkpoint{Dir: r.dir}
}

// resumed says that a run goes on.
func (r *result) resumed(c *cleaning.Checkpoint) {
	if c != nil && c.Loaded > 0 {
		r.say("resumed", fault.Args{"n": c.Loaded})
	}
}

// runFile holds the id under which a run logs whom it matched.
const runFile = "run"

// goesOn gives a run that was begun, on the same file and for the same purpose, its id.
func (r *result) goesOn(run *cleaningsql.Run) error {
	if r.dir == "" {
		return nil
	}
	name := filepath.Join(r.dir, runFile)
	var was cleaningsql.Run
	if raw, err := os.ReadFile(name); err == nil && json.Unmarshal(raw, &was) == nil && was.SHA256 == run.SHA256 && was.Purpose == run.Purpose {
		run.ID = was.ID
		return nil
	}
	raw, err := json.Marshal(run)
	if err != nil {
		return err
	}
	return node.WriteFile(name, raw)
}

// write writes the result to its folder, or to where it goes at once.
func (r *result) write(p node.Program, write func(io.Writer) error) (err error) {
	out := p.Out
	if r.name != "" {
		f, err := private.Create(r.path())
		if err != nil {
			return fault.New(fault.Invalid, "cli.clean.out", fault.Args{"file": r.name}).Because(err)
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		out = f
	}
	return asNamed(r.name, out, write)
}

func (r *result) path() string {
	if r.dir == "" {
		return r.name
	}
	return filepath.Join(r.dir, "result")
}

// done puts the result in its place. Of one that is there already and says the same, or
// something else, it tells.
func (r *result) done() error {
	if r.dir == "" {
		return nil
	}
	switch info, err := os.Stat(r.name); {
	case err != nil:
	case equalFiles(r.path(), r.name):
		r.say("same", fault.Args{"file": r.name, "at": said(info.ModTime())})
		return nil
	default:
		r.say("replaced", fault.Args{"file": r.name, "at": said(info.ModTime())})
	}
	if err := os.Rename(r.path(), r.name); err != nil {
		return fault.New(fault.Invalid, "cli.clean.out", fault.Args{"file": r.name}).Because(err)
	}
	return nil
}

func said(t time.Time) string { return t.In(clock.Zone).Format("15:04 02/01/2006") }

// end removes the folder: what a run that failed by itself would leave, a next one would
// only do again.
func (r *result) end() {
	if r.dir == "" {
		return
	}
	_ = os.RemoveAll(r.dir) // what stays is removed by the next run
	_ = r.lock.Close()
}

func equalFiles(a, b string) bool {
	var files [2]*os.File
	var sizes [2]int64
	for i, name := range []string{a, b} {
		f, err := os.Open(name)
		if err != nil {
			return false
		}
		defer f.Close()
		info, err := f.Stat()
		if err != nil {
			return false
		}
		files[i], sizes[i] = f, info.Size()
	}
	if sizes[0] != sizes[1] {
		return false
	}
	var bufs [2][]byte
	bufs[0], bufs[1] = make([]byte, 1<<18), make([]byte, 1<<18)
	for {
		n, err := io.ReadFull(files[0], bufs[0])
		m, _ := io.ReadFull(files[1], bufs[1])
		if n != m || !bytes.Equal(bufs[0][:n], bufs[1][:m]) {
			return false
		}
		if err != nil {
			return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		}
	}
}
