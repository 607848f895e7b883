package populationnode

import "testing"

// TestKeyFolder: an address of a server is no folder; it may hold a password.
func TestKeyFolder(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ db, dir, want string }{
		{"sqlite:here/r.db", "", "here/authority/register"},
		{"sqlite:here/r.db", "there", "there"},
		{"postgres://me:secret@host/register", "", "var/population"},
		{"postgres://me:secret@host/register", "there", "there"},
	} {
		if got := (database{DB: c.db, Dir: c.dir}).keyFolder("var/population"); got != c.want {
			t.Errorf("the key of %s with --dir %q is in %s, want %s", c.db, c.dir, got, c.want)
		}
	}
}
