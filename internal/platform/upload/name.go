package upload

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"dean06/internal/platform/spelling"
)

// Type is what a file is. "upload.type.…" is its name for people.
type Type string

// The types that a policy may allow.
const (
	PDF  Type = "pdf"
	JPEG Type = "jpeg"
	PNG  Type = "png"
	HEIC Type = "heic"
	TIFF Type = "tiff"
	WebP Type = "webp"
	DOCX Type = "docx"
	XLSX Type = "xlsx"

	Parquet Type = "parquet" // a table of columns
)

// The types that are only told apart, so that a refusal can say what a file is.
const (
	GIF     Type = "gif"
	BMP     Type = "bmp"
	Office  Type = "office" // Word and Excel of 97–2003
	Zip     Type = "zip"    // and other archives
	HTML    Type = "html"   // and SVG
	Program Type = "program"
	Script  Type = "script"
	Film    Type = "film"
	Sound   Type = "sound"
	Text    Type = "text"
	Unknown Type = "unknown"
)

// endings of names by type; the first is the one that a clean name gets.
var endings = map[Type][]string{
	PDF:  {"pdf"},
	JPEG: {"jpg", "jpeg", "jpe", "jfif"},
	PNG:  {"png"},
	HEIC: {"heic", "heif"},
	TIFF: {"tif", "tiff"},
	WebP: {"webp"},
	DOCX: {"docx"},
	XLSX: {"xlsx"},

	Parquet: {"parquet"},

	GIF:     {"gif"},
	BMP:     {"bmp"},
	Office:  {"doc", "xls", "ppt", "dot", "docm", "xlsm", "pptx", "pptm", "dotm", "xlsb", "rtf", "odt", "ods"},
	Zip:     {"zip", "rar", "7z", "gz", "tgz", "tar", "bz2", "xz", "iso", "cab"},
	HTML:    {"html", "htm", "xhtml", "svg", "xml", "mht"},
	Program: {"exe", "com", "scr", "msi", "dll", "apk", "jar", "cpl", "elf", "app", "dmg", "lnk", "pif"},
	Script:  {"js", "vbs", "bat", "cmd", "ps1", "sh", "php", "hta", "wsf", "py", "jse", "vbe"},
	Film:    {"mp4", "mov", "avi", "mkv", "3gp", "webm", "wmv"},
	Sound:   {"mp3", "wav", "m4a", "ogg", "amr", "aac"},
	Text:    {"txt", "csv", "tsv", "tab", "json", "md", "log", "eml"},
}

var typeOfEnding = func() map[string]Type {
	out := map[string]Type{}
	for t, list := range endings {
		for _, e := range list {
			out[e] = t
		}
	}
	return out
}()

// TypeOfName is what a name says that its file is. false: it has no ending that says
// something, such as "Giấy khai sinh 12.5.2020".
func TypeOfName(name string) (Type, bool) {
	t, ok := typeOfEnding[ending(name)]
	return t, ok
}

func ending(name string) string {
	return strings.ToLower(strings.TrimPrefix(path.Ext(lastPart(name)), "."))
}

// lastPart is a name without folders, signs that nobody sees, and what file systems or
// headers take for their own.
func lastPart(name string) string {
	name = strings.ToValidUTF8(name, "")
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = spelling.Clean(strings.Map(func(r rune) rune { // what may part a letter from its marks goes first
		if unicode.IsControl(r) && !unicode.IsSpace(r) {
			return -1
		}
		return r
	}, name))
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`<>:"|?*%;`, r) {
			return '_'
		}
		return r
	}, name)
	return strings.Trim(name, " .")
}

// longestName is in characters, as databases, zips and people bear it.
const longestName = 120

// CleanName is a name that can be shown, stored and given back: its last part, at most
// 120 characters, with the ending of the type ("" leaves the ending as it is).
func CleanName(name string, t Type) string {
	name = lastPart(name)
	end := path.Ext(name)
	if _, known := typeOfEnding[strings.ToLower(strings.TrimPrefix(end, "."))]; !known {
		end = ""
	}
	stem := strings.TrimRight(strings.TrimSuffix(name, end), " .")
	if list := endings[t]; len(list) > 0 && typeOfEnding[strings.ToLower(strings.TrimPrefix(end, "."))] != t {
		end = "." + list[0]
	}
	if stem == "" {
		stem = "tep"
	}
	room := longestName - utf8.RuneCountInString(end)
	for utf8.RuneCountInString(stem) > room {
		_, n := utf8.DecodeLastRuneInString(stem)
		stem = stem[:len(stem)-n]
	}
	return strings.TrimRight(stem, " .") + end
}

// media are the media types with which files are sent to browsers.
var media = map[Type]string{
	PDF: "application/pdf", JPEG: "image/jpeg", PNG: "image/png", HEIC: "image/heic", TIFF: "image/tiff", WebP: "image/webp",
	DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

// Media is the media type of what is stored; that of unknown bytes for what is not.
func (t Type) Media() string {
	if m, ok := media[t]; ok {
		return m
	}
	return "application/octet-stream"
}
