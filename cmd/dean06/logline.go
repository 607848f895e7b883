package main

import (
	"fmt"
	"io"
	"log/slog"
	"strings"

	"dean06/internal/platform/config"
)

// maxLogValue bounds what stands in a line of the log for one key, in bytes: what others
// send us, or a database says, may be as long as they like.
const maxLogValue = 2 << 10

// logHandler writes lines of the level and in the format that are set. A value is one
// piece of a line, however many it has itself, and no longer than maxLogValue.
func logHandler(c config.Log, w io.Writer) slog.Handler {
	o := &slog.HandlerOptions{Level: c.SlogLevel(), ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr { return bounded(a) }}
	if c.Format == "json" {
		return slog.NewJSONHandler(w, o)
	}
	return slog.NewTextHandler(w, o)
}

// bounded cuts a value that is too long, and says how long it was.
func bounded(a slog.Attr) slog.Attr {
	var text string
	switch v := a.Value.Resolve(); v.Kind() {
	case slog.KindString:
		text = v.String()
	case slog.KindAny:
		text = fmt.Sprintf("%+v", v.Any())
	default:
		return a
	}
	if len(text) <= maxLogValue {
		return a
	}
	a.Value = slog.StringValue(fmt.Sprintf("%s… (%d bytes)", strings.ToValidUTF8(text[:maxLogValue], ""), len(text)))
	return a
}
