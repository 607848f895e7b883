package procedure

import (
	"cmp"
	"fmt"
	"io/fs"
	"slices"
	"sync"

	"dean06/data"
	"dean06/internal/platform/clock"
)

// builtIn are the packages that the program brings, by code and then by version.
var builtIn = sync.OnceValue(func() []*Package {
	folders, err := fs.ReadDir(data.Packages, "procedures")
	if err != nil {
		panic(err) // embedded: a build without it is broken
	}
	var all []*Package
	for _, f := range folders {
		p, faults := ReadPackage(data.Packages, "procedures/"+f.Name())
		if len(faults) > 0 {
			panic(fmt.Sprintf("procedure: package %s, %s:%d: %s", f.Name(), faults[0].File, faults[0].Line, faults[0].Rule))
		}
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b *Package) int {
		return cmp.Or(cmp.Compare(a.Code, b.Code), a.From.Compare(b.From), cmp.Compare(a.Version, b.Version))
	})
	return all
})

// Packages are those that the program brings, signed off as it is shipped, ordered by code
// and day. They are shared and must not be changed.
func Packages() []*Package { return slices.Clone(builtIn()) }

// InForce is the package of a procedure that is in force on a day: of several the one that
// began last, and of those the latest version. nil when there is none.
func InForce(of []*Package, code string, on clock.Date) *Package {
	var best *Package
	for _, p := range of {
		if p.Code != code || p.From.After(on) || !p.To.IsZero() && !on.Before(p.To) {
			continue
		}
		if best == nil || cmp.Or(p.From.Compare(best.From), cmp.Compare(p.Version, best.Version)) >= 0 {
			best = p
		}
	}
	return best
}

// VersionOf is a certain version of a package; nil when there is none.
func VersionOf(of []*Package, code, version string) *Package {
	for _, p := range of {
		if p.Code == code && p.Version == version {
			return p
		}
	}
	return nil
}

// Latest is the package of a procedure that began, or begins, last; nil when there is none.
func Latest(of []*Package, code string) *Package {
	var best *Package
	for _, p := range of {
		if p.Code == code && (best == nil || cmp.Or(p.From.Compare(best.From), cmp.Compare(p.Version, best.Version)) >= 0) {
			best = p
		}
	}
	return best
}
