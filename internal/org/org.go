// Package org knows the agencies and the administrative units of the country
// through time: which there were on a day, under which code and name, what
// became of them, and how people write their names.
//
// Every fact has two times: the days on which it was true (valid) and the
// moment from which it was recorded (known). A change is an event with its day
// and its legal basis; nothing recorded is rewritten. A unit has an id of its
// own, because codes are used again: commune 00004 of 2025 is not commune 00004
// of 2022. Within one day a code names one unit.
//
// The package decides; it stores nothing (orgsql does) and shows nothing.
package org

import (
	"embed"
	"io/fs"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"dean06/internal/platform/clock"
)

//go:embed messages
var messages embed.FS

// Messages are the texts of this module, in both languages.
var Messages = func() fs.FS {
	sub, err := fs.Sub(messages, "messages")
	if err != nil {
		panic(err) // the folder is embedded: it cannot be missing
	}
	return sub
}()

// Level is the rank of a unit: three of territory, four of agencies.
type Level string

// The levels. Districts ended on 1 July 2025.
const (
	Province Level = "province" // tỉnh, thành phố trực thuộc trung ương
	District Level = "district" // quận, huyện, thị xã, thành phố thuộc tỉnh
	Commune  Level = "commune"  // xã, phường, thị trấn, đặc khu

	Ministry    Level = "ministry"    // bộ
	Ministerial Level = "ministerial" // cơ quan ngang bộ
	Government  Level = "government"  // cơ quan thuộc Chính phủ
	Committee   Level = "committee"   // UBND cấp tỉnh
)

// Levels lists the levels, territory first.
var Levels = []Level{Province, District, Commune, Ministry, Ministerial, Government, Committee}

// IsAgency says that units of the level are agencies, not territory.
func (l Level) IsAgency() bool {
	return l == Ministry || l == Ministerial || l == Government || l == Committee
}

// parentLevels says which levels the unit above one of level l may have.
func (l Level) parentLevels() []Level {
	switch l {
	case District, Committee:
		return []Level{Province}
	case Commune:
		return []Level{District, Province}
	}
	return nil
}

// Version is a unit as it was over a span of days, From included, To not. The
// zero To is "until further notice". A unit has one version on a day.
type Version struct {
	ID     string     `db:"id" json:"id"`
	Level  Level      `db:"level" json:"level"`
	Code   string     `db:"code" json:"code"`
	Name   string     `db:"name" json:"name"`               // in full: "Tỉnh Thái Nguyên", "Bộ Công an"
	Parent string     `db:"parent" json:"parent,omitempty"` // the id of the unit above; of a committee, its province
	From   clock.Date `db:"valid_from" json:"from"`
	To     clock.Date `db:"valid_to" json:"to"`
	Event  string     `db:"event" json:"event"`           // what began this version
	Ended  string     `db:"ended" json:"ended,omitempty"` // what ended the unit; "" when it goes on as another version
}

// On says that the version was valid on the day.
func (v Version) On(day clock.Date) bool {
	return !v.From.After(day) && (v.To.IsZero() || v.To.After(day))
}

// Type is the word before the name of a territory: "Tỉnh", "Phường", "Đặc khu".
func (v Version) Type() string {
	for _, t := range types {
		if strings.HasPrefix(v.Name, t+" ") {
			return t
		}
	}
	return ""
}

// Short is the name without its type: "Thái Nguyên".
func (v Version) Short() string {
	name := strings.TrimPrefix(v.Name, "UBND ")
	for _, t := range types {
		for _, p := range []string{t, lowerFirst(t)} {
			if s, ok := strings.CutPrefix(name, p+" "); ok {
				return s
			}
		}
	}
	return name
}

// types are the words that precede the names of units, the longer first.
var types = []string{"Thành phố", "Thị trấn", "Thị xã", "Đặc khu", "Phường", "Huyện", "Quận", "Tỉnh", "Xã"}

// committeeOf is the name of the People's Committee of a unit.
func committeeOf(unit string) string { return "UBND " + lowerFirst(unit) }

// policeName is what the police of a commune are called, by what its committee is.
func policeName(committee string) string { return "Công an " + strings.TrimPrefix(committee, "UBND ") }

// policeOf is the police of a commune, who are found by its committee and are not it.
func policeOf(committee Agency) Agency {
	top, commune, ok := ParseLocalCode(committee.Code)
	if !ok {
		return Agency{}
	}
	out := committee
	out.ID, out.Code, out.Name = "", PoliceCode(top, commune), policeName(committee.Name)
	return out
}

func lowerFirst(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToLower(r)) + s[n:]
}

// EventKind says what happened.
type EventKind string

// The kinds of event.
const (
	Registered  EventKind = "registered"  // the register's first state
	Created     EventKind = "created"     // a new unit
	Renamed     EventKind = "renamed"     // another name, type or level
	Moved       EventKind = "moved"       // another parent
	Merged      EventKind = "merged"      // became part of one other
	Split       EventKind = "split"       // became parts of several
	Reorganised EventKind = "reorganised" // many merged and split at once
	Abolished   EventKind = "abolished"   // ended without successor
)

// EventKinds lists the kinds.
var EventKinds = []EventKind{Registered, Created, Renamed, Moved, Merged, Split, Reorganised, Abolished}

// Event is a change with its day and its legal basis.
type Event struct {
	ID    string     `db:"id" json:"id"`
	Kind  EventKind  `db:"kind" json:"kind"`
	On    clock.Date `db:"valid_date" json:"date"`
	Sure  bool       `db:"date_sure" json:"date_sure"` // false: the source does not tell the day, or not what happened
	Basis string     `db:"basis" json:"basis"`         // number of the resolution or decision
	// Note is as an administrator wrote it; in reference data it may be the key of a
	// message, "org.note.…".
	Note       string    `db:"note" json:"note,omitempty"`
	RecordedAt time.Time `db:"recorded_at" json:"recorded_at"`
	RecordedBy string    `db:"recorded_by" json:"recorded_by,omitempty"`
}

// Link says that a unit, or a part of it, became another or a part of it.
type Link struct {
	Event string `db:"event" json:"event"`
	From  string `db:"from_id" json:"from"`
	To    string `db:"to_id" json:"to"`
	Whole bool   `db:"whole" json:"whole"` // all of From went to To
	Main  bool   `db:"main" json:"main"`   // of the parts, the one that stands for From when one must
}

// Alias is another way in which an agency is written.
type Alias struct {
	ID   string `db:"id"`
	Text string `db:"text"`
	Abbr bool   `db:"abbr"` // its usual abbreviation
}

// Moment is the two times of a question: the day that it is about, and when it
// was known. The zero Known is now.
type Moment struct {
	On    clock.Date
	Known time.Time
}

// Recorded is a version with the span in which it was what is known.
type Recorded struct {
	Version
	KnownFrom time.Time `db:"known_from"`
	KnownTo   time.Time `db:"known_to"` // zero while it is known
}

// Counts is how many units of territory there were on a day.
type Counts struct {
	Date      clock.Date `json:"date"`
	Provinces int        `json:"provinces"`
	Districts int        `json:"districts"`
	Communes  int        `json:"communes"`
}
