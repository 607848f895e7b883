package main

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"dean06/internal/platform/config"
)

func TestLogLinesAreBounded(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ệ\n", 1<<20)
	for _, format := range []string{"text", "json"} {
		var out bytes.Buffer
		log := slog.New(logHandler(config.Log{Level: "info", Format: format}, &out))
		log.Info("call failed", "error", errors.New(long), slog.Group("peer", "text", long), "list", []string{long}, "n", 7, "short", "a\nb")
		line := out.String()
		if len(line) > 20_000 || strings.Count(line, "\n") != 1 || !strings.Contains(line, "… (4194304 bytes)") {
			t.Errorf("%s: %d bytes, %d lines", format, len(line), strings.Count(line, "\n"))
		}
		if !strings.Contains(line, `a\nb`) || !strings.Contains(line, "7") {
			t.Errorf("%s: what is short is not as it was: %s", format, line)
		}
	}
}
