package procedure

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/spelling"
)

// Draft is a package that somebody brought to a node. It does not change: another try is
// another draft. It governs nothing until a second administrator has signed it off, and then
// from its day on; the packages that the program brings are signed off as it is shipped.
type Draft struct {
	ID       string
	Code     string // as its manifest says; "" when that cannot be read
	Version  string
	From     clock.Date
	Hash     string // SHA-256 of the file
	Faults   int    // that the linter found when it was brought
	By       string // id of the account that brought it
	At       time.Time
	SignedBy string // id of the account that signed it off; "" before
	SignedAt time.Time
}

// Signed says that a second person signed it off.
func (d Draft) Signed() bool { return !d.SignedAt.IsZero() }

// PackageStore keeps packages that were brought.
type PackageStore interface {
	packageReader
	AddPackage(ctx context.Context, by actor.Actor, d Draft, file []byte) error
}

type packageReader interface {
	// Drafts are all, the youngest first.
	Drafts(ctx context.Context) ([]Draft, error)
	// PackageFile is what was brought; nil when there is no such draft.
	PackageFile(ctx context.Context, id string) ([]byte, error)
}

// SigningStore reads and signs within the transaction of the decision.
type SigningStore interface {
	packageReader
	// SignPackage fails with Conflict when this version of the procedure is signed off.
	SignPackage(ctx context.Context, by actor.Actor, d Draft) error
}

// SecondPerson is asked to sign a package off.
type SecondPerson interface {
	// Ask asks. It fails with Conflict when it was asked before and waits.
	Ask(ctx context.Context, by actor.Actor, d Draft, reason string) error
	// Asked is where the request about a draft is read; "" when none waits.
	Asked(ctx context.Context, id string) (href string, err error)
}

// Shelf is the packages of a node: those of the program, and those that were brought and
// signed off. Its methods ask Permissions, whoever calls.
type Shelf struct {
	store  PackageStore
	second SecondPerson
	clock  clock.Clock
	newID  func() string

	mu   sync.Mutex
	held map[string]*Package // of drafts, by id
}

// NewShelf makes it.
func NewShelf(store PackageStore, second SecondPerson, c clock.Clock, newID func() string) *Shelf {
	return &Shelf{store: store, second: second, clock: c, newID: newID, held: map[string]*Package{}}
}

// MaxPackage is how large a file with a package may be.
const MaxPackage = 4 << 20

// Bring reads a folder that comes as one file (zip), and keeps it as a draft with what the
// linter says. It fails with Invalid when it is no such file or has no manifest.
func (s *Shelf) Bring(ctx context.Context, by actor.Actor, file []byte) (Draft, error) {
	if err := Permissions.Can(by, KeepPackages); err != nil {
		return Draft{}, err
	}
	fsys, dir, err := unpack(file)
	if err != nil {
		return Draft{}, err
	}
	sum := sha256.Sum256(file)
	src := readSource(fsys, dir)
	d := Draft{
		ID: s.newID(), Code: src.pkg.Code, Version: src.pkg.Version, From: src.pkg.From, Hash: hex.EncodeToString(sum[:]),
		Faults: len(Lint(fsys, dir)), By: by.Account, At: s.clock.Now(),
	}
	if err := s.store.AddPackage(ctx, by, d, file); err != nil {
		return Draft{}, fmt.Errorf("bring package %s: %w", d.Code, err)
	}
	return d, nil
}

// unpack finds the folder of a package in a zip: its root, or the one folder in it.
func unpack(file []byte) (fsys fs.FS, dir string, err error) {
	wrong := func(key string) error {
		return fault.New(fault.Invalid, key, fault.Args{"most": MaxPackage >> 20}).At("file")
	}
	if len(file) > MaxPackage {
		return nil, "", wrong("procedure.package.large")
	}
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return nil, "", wrong("procedure.package.no_zip")
	}
	for _, f := range z.File {
		name := strings.TrimSuffix(f.Name, "/")
		if !fs.ValidPath(name) || strings.Contains(name, `\`) {
			return nil, "", wrong("procedure.package.names")
		}
		folder, rest, inside := strings.Cut(name, "/")
		switch {
		case name == Manifest:
			return z, ".", nil
		case inside && rest == Manifest && folder != "__MACOSX":
			if dir != "" && dir != folder {
				return nil, "", wrong("procedure.package.two")
			}
			dir = folder
		}
	}
	if dir == "" {
		return nil, "", wrong("procedure.package.no_manifest")
	}
	return z, dir, nil
}

// Drafts are what was brought, the youngest first.
func (s *Shelf) Drafts(ctx context.Context, who actor.Actor) ([]Draft, error) {
	if err := Permissions.Can(who, ReadPackages); err != nil {
		return nil, err
	}
	return s.store.Drafts(ctx)
}

// PackageLook is a draft as a page shows it.
type PackageLook struct {
	Draft
	Package *Package // nil when it cannot be read
	Wrong   []Fault
	Asked   string // where the request to sign it off is read; "" when none waits
}

// Look reads a draft. It fails with NotFound.
func (s *Shelf) Look(ctx context.Context, who actor.Actor, id string) (PackageLook, error) {
	if err := Permissions.Can(who, ReadPackages); err != nil {
		return PackageLook{}, err
	}
	d, fsys, dir, err := draftIn(ctx, s.store, id)
	if err != nil {
		return PackageLook{}, err
	}
	out := PackageLook{Draft: d, Wrong: Lint(fsys, dir)}
	if p, faults := ReadPackage(fsys, dir); len(faults) == 0 {
		out.Package = p
	}
	out.Asked, err = s.second.Asked(ctx, id)
	return out, err
}

func draftIn(ctx context.Context, from packageReader, id string) (Draft, fs.FS, string, error) {
	list, err := from.Drafts(ctx)
	if err != nil {
		return Draft{}, nil, "", fmt.Errorf("packages that were brought: %w", err)
	}
	for _, d := range list {
		if d.ID != id {
			continue
		}
		fsys, dir, err := openDraft(ctx, from, d)
		return d, fsys, dir, err
	}
	return Draft{}, nil, "", fault.New(fault.NotFound, "procedure.package.none", nil)
}

// openDraft reads the file of a draft, which must still be what was brought.
func openDraft(ctx context.Context, from packageReader, d Draft) (fs.FS, string, error) {
	file, err := from.PackageFile(ctx, d.ID)
	if err != nil {
		return nil, "", fmt.Errorf("file of package %s: %w", d.ID, err)
	}
	if sum := sha256.Sum256(file); hex.EncodeToString(sum[:]) != d.Hash {
		return nil, "", fmt.Errorf("package %s is not what was brought: its hash is not %s", d.ID, d.Hash)
	}
	return unpack(file)
}

const maxReason = 500

// Ask asks a second administrator to sign a draft off. It fails with Invalid when it has
// faults, says no reason, or would take effect before today: what ran since then would have
// been under other rules; with Conflict when it is signed off, asked for, or another package
// has this version.
func (s *Shelf) Ask(ctx context.Context, who actor.Actor, id, reason string) error {
	if err := Permissions.Can(who, KeepPackages); err != nil {
		return err
	}
	d, fsys, dir, err := draftIn(ctx, s.store, id)
	if err != nil {
		return err
	}
	reason = spelling.Clean(reason)
	if n := len([]rune(reason)); n < 10 || n > maxReason {
		return fault.New(fault.Invalid, "procedure.package.reason", fault.Args{"least": 10, "most": maxReason}).At("reason")
	}
	if err := s.mayBegin(ctx, s.store, d, fsys, dir); err != nil {
		return err
	}
	return s.second.Ask(ctx, who, d, reason)
}

// mayBegin is what must hold when it is asked and when it is signed off.
func (s *Shelf) mayBegin(ctx context.Context, from packageReader, d Draft, fsys fs.FS, dir string) error {
	switch {
	case d.Signed():
		return fault.New(fault.Conflict, "procedure.package.signed", nil)
	case len(Lint(fsys, dir)) > 0:
		return fault.New(fault.Invalid, "procedure.package.faults", nil)
	case d.From.Before(clock.DayOf(s.clock.Now())):
		return fault.New(fault.Invalid, "procedure.package.past", fault.Args{"from": d.From})
	}
	all, err := s.packages(ctx, from)
	if err != nil {
		return err
	}
	if VersionOf(all, d.Code, d.Version) != nil {
		return fault.New(fault.Conflict, "procedure.package.version", fault.Args{"code": d.Code, "version": d.Version})
	}
	return nil
}

// Fulfil signs a draft off, in the transaction of the decision of a second person.
func (s *Shelf) Fulfil(ctx context.Context, tx SigningStore, decider actor.Actor, id string) error {
	d, fsys, dir, err := draftIn(ctx, tx, id)
	if err != nil {
		return err
	}
	if err := s.mayBegin(ctx, tx, d, fsys, dir); err != nil {
		return err
	}
	d.SignedBy, d.SignedAt = decider.Account, s.clock.Now()
	return tx.SignPackage(ctx, decider, d)
}

// packages are those of the program and those that were signed off.
func (s *Shelf) packages(ctx context.Context, from packageReader) ([]*Package, error) {
	list, err := from.Drafts(ctx)
	if err != nil {
		return nil, fmt.Errorf("packages that were brought: %w", err)
	}
	all := Packages()
	for _, d := range list {
		if !d.Signed() {
			continue
		}
		p, err := s.read(ctx, from, d)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

func (s *Shelf) read(ctx context.Context, from packageReader, d Draft) (*Package, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.held[d.ID]; p != nil {
		return p, nil
	}
	fsys, dir, err := openDraft(ctx, from, d)
	if err != nil {
		return nil, err
	}
	p, faults := ReadPackage(fsys, dir)
	if len(faults) > 0 {
		return nil, fmt.Errorf("package %s %s, signed off, cannot be read: %s:%d %s", d.Code, d.Version, faults[0].File, faults[0].Line, faults[0].Rule)
	}
	s.held[d.ID] = p
	return p, nil
}

// Current is the package in force for a procedure on a day. It fails with NotFound. What
// there is, and what its rules are, is no secret.
func (s *Shelf) Current(ctx context.Context, code string, on clock.Date) (*Package, error) {
	all, err := s.packages(ctx, s.store)
	if err != nil {
		return nil, err
	}
	if p := InForce(all, code, on); p != nil {
		return p, nil
	}
	return nil, fault.New(fault.NotFound, "procedure.package.not_in_force", fault.Args{"code": code, "day": on})
}

// Version is a certain package, in force or not: dossiers name it. It fails with NotFound.
func (s *Shelf) Version(ctx context.Context, code, version string) (*Package, error) {
	all, err := s.packages(ctx, s.store)
	if err != nil {
		return nil, err
	}
	if p := VersionOf(all, code, version); p != nil {
		return p, nil
	}
	return nil, fault.New(fault.NotFound, "procedure.package.no_version", fault.Args{"code": code, "version": version})
}

// All are the packages in force on a day, one of each procedure, ordered by code.
func (s *Shelf) All(ctx context.Context, on clock.Date) ([]*Package, error) {
	all, err := s.packages(ctx, s.store)
	if err != nil {
		return nil, err
	}
	var out []*Package
	for _, p := range all {
		if InForce(all, p.Code, on) == p {
			out = append(out, p)
		}
	}
	return out, nil
}
